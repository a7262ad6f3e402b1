import sequencer from '@jest/test-sequencer';

// Its types are those of a CommonJS module, and it is none.
const Sequencer = sequencer as unknown as typeof sequencer.default;

type Tests = Parameters<InstanceType<typeof Sequencer>['sort']>[0];

/** What holds a core for longest, or waits for longest, on any machine: begun last, it would go on alone. */
const FIRST = /\/world\/|\/e2e\/|\/ci\/|\/redaction\.test|\/(?:commit-status|github-api)\.test/;

/** Long test files first, also where Jest has not measured any yet. */
export default class LongFirst extends Sequencer {
  override async sort(tests: Tests): Promise<Tests> {
    const place = ({ path }: Tests[number]): number => Number(!FIRST.test(path));
    return (await super.sort(tests)).sort((one, other) => place(one) - place(other));
  }
}
