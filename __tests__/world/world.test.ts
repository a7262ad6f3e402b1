import { expect, test } from '@jest/globals';
import { planOf } from './draw.ts';
import { shrunk } from './shrink.ts';
import { live } from './world.ts';

const WORLDS = 2_000;
// The same worlds each time: a change is judged by what it does. `npm run world` draws new ones.
const FIRST_SEED = 1;
const CHECKED_EVERY = 500;
/** On the busiest machine; some seconds of one core are enough. */
const WITHIN_MS = 300_000;
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

test(
  'in a world of faults and other people, no step lies and no import is lost',
  async () => {
    const happened = new Set<string>();
    for (let seed = FIRST_SEED; seed < FIRST_SEED + WORLDS; seed += 1) {
      const plan = planOf(seed);
      const { finding, counts } = await live(plan, {
        isChecked: seed % CHECKED_EVERY === 0
      });
      for (const what of counts.keys()) happened.add(what);
      if (!finding) continue;
      const { story } = await live(await shrunk(plan, finding), {
        tells: true
      });
      throw new Error(
        `npm run world -- --seed ${seed}\n${finding.rule}: ${finding.what}\n${story.join('\n')}`
      );
    }
    expect(MUST_HAPPEN.filter((what) => !happened.has(what))).toEqual([]);
  },
  WITHIN_MS
);

test('a seed replays its world to the letter', async () => {
  const story = async (): Promise<readonly string[]> =>
    (await live(planOf(4711), { tells: true })).story;
  expect(await story()).toEqual(await story());
});
