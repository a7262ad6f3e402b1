import { test } from '@jest/globals';
import { planOf } from '../__tests__/world/draw.ts';
import { live } from '../__tests__/world/world.ts';

const WORLDS = 300;

/** As in `npm test`, but what is found is neither shrunk nor told. */
test('no world finds the mutant', async () => {
  for (let seed = 1; seed <= WORLDS; seed += 1) {
    const { finding } = await live(planOf(seed));
    if (finding) throw new Error(finding.what);
  }
});
