import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from '@jest/globals';
import { DEFECTS } from './defects.ts';
import { planOf } from './draw.ts';
import type { Tally } from './tally.ts';
import { live } from './world.ts';

const WORLDS = 2_000;
// The same worlds each time: a change is judged by what it does. `npm run world` draws new ones.
const FIRST_SEED = 1;
/** What a run of this length meets often; a rule that is never near to being tested is idle. */
const MUST_HAPPEN = [
  'main: reached, not-needed',
  'main: failed, not-needed',
  'main: cancelled, not-needed',
  'main: timed-out, confirmed',
  'main: interrupted, confirmed',
  'main: interrupted, skipped',
  'main: unreachable, confirmed',
  'main: error, failed',
  'main: error, not-needed',
  'post: interrupted, confirmed',
  'post: interrupted, not-needed',
  'near: asking for the first time',
  'near: creating',
  'near: creating again',
  'near: two imports of one step',
  'near: must pass',
  'near: outputs of a killed step',
  'near: settling after a signal',
  'near: settling while all is well',
  'near: something runs on',
  'near: green by a stranger’s import',
  'near: touching an import',
  'near: creating where another may run',
  'runner: post step beside',
  'runner: exception',
  'runner: suspend at',
  'said: several may be this step’s',
  'said: several are in progress',
  'said: none is in progress',
  'said: there is no such import',
  'said: the import was deleted',
  'said: none appeared within half a minute',
  'limit: one creator at a time'
];

/** What `npm run world -- …` says; a program, because in Jest a world takes twice as long. */
function world(...args: readonly string[]): string {
  const program = join(import.meta.dirname, 'run.ts');
  return spawnSync(process.execPath, [program, ...args], {
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'inherit'],
    maxBuffer: Infinity
  }).stdout;
}

test('in a world of faults and other people, no step lies and no import is lost', () => {
  const { worlds, counts, found } = JSON.parse(
    world('--worlds', String(WORLDS), '--from', String(FIRST_SEED), '--json')
  ) as Tally;
  for (const [seed] of Object.values(found)) {
    throw new Error(`npm run world -- --seed ${seed}\n${world('--seed', String(seed))}`);
  }
  expect(worlds).toBe(WORLDS);
  expect(MUST_HAPPEN.filter((what) => !(what in counts))).toEqual([]);
});

test('a seed replays its world to the letter', async () => {
  const story = async (): Promise<readonly string[]> =>
    (await live(planOf(4711), { tells: true })).story;
  expect(await story()).toEqual(await story());
});

test('each old defect can be put back where its rule stands now', () => {
  const lost = DEFECTS.flatMap(({ name, edits }) =>
    edits
      .filter(({ file, from }) => {
        const source = readFileSync(join(import.meta.dirname, '../..', file), 'utf8');
        return source.split(from).length !== 2;
      })
      .map(({ from }) => `${name}: ${from}`)
  );
  expect(lost).toEqual([]);
});
