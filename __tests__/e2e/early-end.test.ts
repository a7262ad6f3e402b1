import { setTimeout as sleep } from 'node:timers/promises';
import { describe, expect, it } from '@jest/globals';
import { fault } from '../../simulator/faults.ts';
import { IMPORT_ID } from '../../simulator/ops-manager.ts';
import { CREATE, killed, QUICK, Stage } from '../support/stage.ts';

describe('a main step that meets a signal while it starts', () => {
  // Node is still starting then, or the door is just listening.
  it.concurrent.each([
    { signal: 'SIGKILL', afterMs: 0 },
    { signal: 'SIGTERM', afterMs: 25 },
    { signal: 'SIGKILL', afterMs: 50 }
  ] as const)(
    '($signal) after $afterMs ms creates nothing in its post step either',
    async ({ signal, afterMs }) => {
      const { speed } = QUICK;
      const inputs = { ...CREATE, ...QUICK.inputs };
      await using stage = await Stage.set({ imports: [], inputs, speed });
      const step = stage.start();
      await sleep(afterMs);
      step.process.kill(signal);
      const main = await step.result;
      const created = stage.count('create');
      const post = await stage.runPost(main);
      expect(post.code).toBe(0);
      expect(stage.count('create')).toBe(created);
      expect(stage.simulator.runningImports()).toEqual([]);
      expect(post.annotations.filter(({ level }) => level === 'error')).toEqual([]);
    }
  );
});

describe('the outputs of a step that is killed', () => {
  const hangs = fault('hang', () => true);

  // What they say of each case, the tests of the verdict hold.
  it.concurrent.each([
    { name: 'an import that was given', inputs: {}, cancellation: 'failed' },
    { name: 'an import to be created', inputs: CREATE, cancellation: 'not-needed' }
  ])('in its first request are there already: $name', async ({ inputs, cancellation }) => {
    await using stage = await Stage.set({ inputs, fault: hangs });
    const main = await killed(stage.start(), 'a call', () => stage.simulator.calls.length > 0);
    expect(main.outputs).toMatchObject({
      outcome: 'interrupted',
      'goal-reached': 'false',
      state: '',
      history: '[]',
      'request-id': inputs === CREATE ? '' : IMPORT_ID,
      cancellation,
      cleanup: 'not-needed'
    });
  });
});
