import { expect, it } from '@jest/globals';
import { sampleSteps } from '../../simulator/scripted-import.ts';
import { PIPELINE } from '../../src/case/states.ts';

it('the sample import passes through every state that the action knows, in their order', () => {
  expect(sampleSteps('SUCCESS').map(([state]) => state)).toEqual(PIPELINE);
});
