import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import type { AutomationStatus, ProcessError, ProcessStatus } from '../../src/diagnosis/facts.ts';
import {
  freshMemory,
  isSameError,
  remember,
  trackOf,
  type ProcessMemory
} from '../../src/diagnosis/memory.ts';
import { at, processOf, required, statusOf } from '../support/diagnosis.ts';

const ERROR: ProcessError = { code: 100, text: 'Permission denied' };

/** The answers of one state, a minute apart: the version of each process, by its number. */
function versions(minute: number, all: readonly number[], goalVersion = 5): AutomationStatus {
  const processes = all.map((achievedVersion, index) => processOf(index + 1, { achievedVersion }));
  return statusOf(processes, { goalVersion, readAt: at(`10:${10 + minute}`) });
}

function fold(
  memory: ProcessMemory,
  statuses: readonly AutomationStatus[]
): ReturnType<typeof remember> {
  return statuses.reduce<ReturnType<typeof remember>>(
    (last, status) => remember(last.memory, status),
    {
      memory,
      news: [],
      hasProgressed: false
    }
  );
}

describe('progress', () => {
  it.each([
    { name: 'is none in the first answer', all: [[5, 5, 4]], want: false },
    { name: 'is one more process', all: [[4, 4], [5, 4]], want: true }, // prettier-ignore
    { name: 'is none when as many stand there', all: [[5, 4], [5, 4]], want: false }, // prettier-ignore
    { name: 'is none when fewer do', all: [[5, 5], [5, 4]], want: false }, // prettier-ignore
    { name: 'is none when one comes back', all: [[5, 5], [5, 4], [5, 5]], want: false }, // prettier-ignore
    { name: 'is none when another one replaces it', all: [[5, 4], [4, 5]], want: false } // prettier-ignore
  ])('$name', ({ all, want }) => {
    const statuses = all.map((one, minute) => versions(minute, one));
    expect(fold(freshMemory(), statuses).hasProgressed).toBe(want);
  });

  it('has a new base line at each new goal version', () => {
    const baseLine = fold(freshMemory(), [versions(0, [5, 5, 4]), versions(1, [6, 5, 5], 6)]);
    expect(baseLine.hasProgressed).toBe(false);
    expect(baseLine.news).toEqual(['The goal version is now 6: 1 of 3 in the project']);
    expect(remember(baseLine.memory, versions(2, [6, 6, 5], 6)).hasProgressed).toBe(true);
  });

  it('is not made by processes of other deployments', () => {
    const { hasProgressed, news } = fold(freshMemory(required(1, 2)), [
      versions(0, [5, 4, 4]),
      versions(1, [5, 4, 5])
    ]);
    expect({ hasProgressed, news }).toEqual({ hasProgressed: false, news: [] });
  });

  it('is made by any process while a required host is not found under its name', () => {
    const { hasProgressed, memory } = fold(freshMemory(required(1, 9)), [
      versions(0, [5, 4, 4]),
      versions(1, [5, 4, 5])
    ]);
    expect(hasProgressed).toBe(true);
    expect(memory.count).toEqual({ goalVersion: 5, atGoal: 2, total: 3, of: 'project' });
  });

  it('is not made by a node that lags', () => {
    const before = fold(freshMemory(), [versions(0, [5, 4]), versions(1, [6, 6], 6)]).memory;
    expect(remember(before, versions(2, [5, 5], 5))).toEqual({
      memory: before,
      news: [],
      hasProgressed: false
    });
  });

  it('is not made by an answer without processes', () => {
    const { memory } = remember(freshMemory(), versions(0, [4]));
    const none = statusOf([], { goalVersion: undefined });
    expect(remember(memory, none).memory).toBe(memory);
  });
});

describe('news', () => {
  it('is a process that arrives, once', () => {
    const first = fold(freshMemory(required(1, 2, 3)), [
      versions(0, [5, 4, 4]),
      versions(1, [5, 5, 4])
    ]);
    expect(first.news).toEqual(['rs0_2 reached version 5: 2 of 3']);
    const again = fold(first.memory, [versions(2, [5, 4, 4]), versions(3, [5, 5, 4])]);
    expect(again.news).toEqual([]);
  });

  it('is none in the first answer, an error aside', () => {
    const ill = processOf(1, { achievedVersion: 4, error: ERROR });
    expect(remember(freshMemory(), statusOf([ill, processOf(2)])).news).toEqual([
      'rs0_1 reports an error: Permission denied.'
    ]);
  });

  it('is an error that several share, once, and its end', () => {
    const ill = [1, 2].map((n) => processOf(n, { achievedVersion: 4, error: ERROR }));
    const well = [1, 2].map((n) => processOf(n, { achievedVersion: 4 }));
    const first = remember(freshMemory(), statusOf(ill));
    expect(first.news).toEqual(['rs0_1 and rs0_2 report an error: Permission denied.']);
    expect(remember(first.memory, statusOf(ill)).news).toEqual([]);
    expect(remember(first.memory, statusOf(well)).news).toEqual([
      'rs0_1 and rs0_2 no longer report an error'
    ]);
  });

  it('names three processes, and counts the others', () => {
    const { news } = fold(freshMemory(), [
      versions(0, [4, 4, 4, 4, 4, 4]),
      versions(1, [5, 5, 5, 5, 5, 4])
    ]);
    expect(news).toEqual([
      'rs0_1, rs0_2, rs0_3 and 2 more reached version 5: 5 of 6 in the project'
    ]);
  });

  it.each([
    { errors: 5, last: 'rs0_5 reports an error: E5.' },
    { errors: 9, last: '5 more changes' }
  ])('is one of five lines at most, of $errors', ({ errors, last }) => {
    const ill = Array.from({ length: errors }, (_, n) =>
      processOf(n + 1, { achievedVersion: 4, error: { code: 1, text: `E${n + 1}` } })
    );
    const { news } = remember(freshMemory(), statusOf(ill));
    expect(news).toHaveLength(5);
    expect(news.at(-1)).toBe(last);
  });

  it('is not an error at the goal version, nor one of another deployment', () => {
    const own = processOf(1, { error: ERROR });
    const other = processOf(7, { achievedVersion: 4, error: ERROR });
    expect(remember(freshMemory(required(1)), statusOf([own, other])).news).toEqual([]);
  });
});

describe('an error', () => {
  it.each([
    { a: 'at 13:11:33.348 pid 42', b: 'at 13:12:01.001 pid 7', same: true },
    { a: 'open /data/a', b: 'open /data/b', same: false }
  ])('$a and $b', ({ a, b, same }) => {
    expect(isSameError({ code: 1, text: a }, { code: 1, text: b })).toBe(same);
  });

  it('with another code is another one', () => {
    expect(isSameError({ code: 1, text: 'a' }, { code: 2, text: 'a' })).toBe(false);
  });
});

const NAMES = ['rs0_1', 'rs0_2', 'rs0_3'] as const;

const processes = fc.record({
  name: fc.constantFrom(...NAMES),
  hostname: fc.constantFrom('a.example.com', 'A.EXAMPLE.COM', 'b.example.com'),
  achievedVersion: fc.integer({ min: -1, max: 7 }),
  plan: fc.subarray(['Start', 'WaitAllRsMembersUp']),
  error: fc.option(fc.constantFrom(ERROR, { code: 0, text: 'Out of disk' }), { nil: undefined })
});

/** The answers of a state: goal versions rise, dates pass, and processes come and go. */
const answers = fc
  .array(
    fc.record({
      step: fc.constantFrom(0, 0, 0, 1),
      list: fc.uniqueArray(processes, {
        selector: ({ name, hostname }) => `${name}${hostname.toLowerCase()}`,
        minLength: 1,
        maxLength: 5
      })
    }),
    { minLength: 1, maxLength: 12 }
  )
  .map((steps) => {
    let goalVersion = 5;
    return steps.map(({ step, list }, minute) => {
      goalVersion += step;
      return statusOf(list, { goalVersion, readAt: at(`10:${10 + minute}`) });
    });
  });

const same = (a: ProcessStatus, b: ProcessStatus): boolean =>
  a.name === b.name && a.hostname.toLowerCase() === b.hostname.toLowerCase();

/** Since when `holds` has been true of a process without a gap, looking back from the end. */
function sinceWhen(
  statuses: readonly AutomationStatus[],
  process: ProcessStatus,
  holds: (found: ProcessStatus) => boolean
): string | undefined {
  let since: string | undefined;
  for (const status of statuses.toReversed()) {
    const found = status.processes.find((other) => same(other, process));
    if (!found || !holds(found)) break;
    since = status.readAt;
  }
  return since;
}

describe('the memory', () => {
  it('is what a look back at all answers gives', () => {
    fc.assert(
      fc.property(answers, (statuses) => {
        const { memory } = fold(freshMemory(), statuses);
        const last = statuses.at(-1);
        for (const process of last?.processes ?? []) {
          const track = trackOf(memory, process);
          const { achievedVersion, error } = process;
          expect(track?.version.since).toBe(
            sinceWhen(statuses, process, (found) => found.achievedVersion === achievedVersion)
          );
          expect(track?.error?.since).toBe(
            error && sinceWhen(statuses, process, (found) => found.error?.text === error.text)
          );
        }
        expect(memory.processes.size).toBe(last?.processes.length);
      })
    );
  });

  it('counts progress as a look back at all answers does', () => {
    fc.assert(
      fc.property(answers, (statuses) => {
        const count = ({ goalVersion = 0, processes: all }: AutomationStatus): number =>
          all.filter(({ achievedVersion }) => achievedVersion >= goalVersion).length;
        const last = statuses.at(-1) ?? statusOf([]);
        const earlier = statuses
          .slice(0, -1)
          .filter(({ goalVersion }) => goalVersion === last.goalVersion);
        const want = earlier.length > 0 && earlier.every((status) => count(status) < count(last));
        expect(fold(freshMemory(), statuses).hasProgressed).toBe(want);
      })
    );
  });

  it('is no larger than the newest answer, and does not mind it twice', () => {
    const many = Array.from({ length: 600 }, (_, n) => processOf(n, { achievedVersion: 4 }));
    const { memory } = fold(freshMemory(), [statusOf(many), statusOf(many.slice(0, 500))]);
    expect(memory.processes.size).toBe(500);
    expect(remember(memory, statusOf(many.slice(0, 500)))).toMatchObject({
      memory: { processes: memory.processes, most: 0 },
      news: [],
      hasProgressed: false
    });
  });
});
