import { expect, it } from '@jest/globals';
import { IMPORT_ID } from '../../simulator/ops-manager.ts';
import { sampleSteps, type Looseness } from '../../simulator/scripted-import.ts';
import { CREATE, RUNNING, Stage } from '../support/stage.ts';

const ENDED = { startedMsAgo: 86_400_000, steps: sampleSteps('SUCCESS') };

it.concurrent.each<{ loosely: readonly Looseness[] }>([
  { loosely: ['null history', 'no project'] },
  { loosely: ['null dates'] },
  { loosely: ['one date', 'odd entries'] }
])('no loose field hides SUCCESS: $loosely', async ({ loosely }) => {
  await using stage = await Stage.set({ imports: [{ ...ENDED, id: IMPORT_ID, loosely }] });
  const { code, outputs } = await stage.run();
  expect(outputs).toMatchObject({ outcome: 'reached', state: 'SUCCESS' });
  expect({ code, cancels: stage.count('cancel') }).toEqual({ code: 0, cancels: 0 });
});

it.concurrent(
  'an import on the last page is in progress, and no second one is created',
  async () => {
    await using stage = await Stage.set({
      imports: [...Array.from({ length: 5 }, () => ENDED), RUNNING],
      lists: { pageItems: 2 },
      inputs: { ...CREATE, 'if-in-progress': 'fail' }
    });
    const { outputs } = await stage.run();
    expect(outputs).toMatchObject({ outcome: 'error', cancellation: 'not-needed' });
    expect(outputs['message']).toContain(IMPORT_ID);
    expect(stage.count('create')).toBe(0);
  }
);

it.concurrent('an envelope around each reply changes nothing', async () => {
  await using stage = await Stage.set({
    isEnveloped: true,
    imports: [{ ...ENDED, id: IMPORT_ID }]
  });
  expect((await stage.run()).outputs).toMatchObject({ outcome: 'reached', state: 'SUCCESS' });
});
