import { setTimeout as sleep } from 'node:timers/promises';
import { describe, expect, it } from '@jest/globals';
import { fault } from '../../simulator/faults.ts';
import { IMPORT_ID } from '../../simulator/ops-manager.ts';
import type { StepResult } from '../../simulator/runner.ts';
import { eventually } from '../support/eventually.ts';
import { CREATE, killed, RUNNING, Stage, warningsOf } from '../support/stage.ts';

const DISCOVER = { 'request-id': 'in-progress' };
/** Node is still starting then, or the door is just listening. */
const MOMENTS_MS = [0, 25, 50] as const;

describe('a main step that meets a signal while it starts', () => {
  it.concurrent.each([
    ...MOMENTS_MS.map((afterMs) => ({ signal: 'SIGKILL', afterMs }) as const),
    ...MOMENTS_MS.map((afterMs) => ({ signal: 'SIGTERM', afterMs }) as const),
    { signal: 'SIGHUP', afterMs: 25 } as const
  ])(
    '($signal) after $afterMs ms creates nothing in its post step either',
    async ({ signal, afterMs }) => {
      await using stage = await Stage.set({ imports: [], inputs: CREATE });
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

describe('a post step of which nothing was saved', () => {
  /** A main step that was gone before its first word. */
  async function postStepAfterNothing(stage: Stage): Promise<StepResult> {
    const step = stage.start();
    step.process.kill('SIGKILL');
    const main = await step.result;
    expect(main.state).toEqual({});
    return stage.runPost(main);
  }

  it.concurrent('cancels the import that was given', async () => {
    const inputs = { 'cancel-on-timeout': 'true', 'cancel-on-interrupt': 'true' };
    await using stage = await Stage.set({ inputs });
    const post = await postStepAfterNothing(stage);
    expect(stage.simulator.state()).toBe('CANCELLED');
    expect(warningsOf(post)).toEqual([
      expect.stringMatching(/After the step: Import cancelled.*was cancelled by this action/s)
    ]);
  });

  it.concurrent('leaves it running when cancel-on-interrupt is false', async () => {
    await using stage = await Stage.set({
      inputs: { 'cancel-on-interrupt': 'false', 'cancel-on-timeout': 'true' }
    });
    const post = await postStepAfterNothing(stage);
    expect(stage.count('cancel')).toBe(0);
    expect(stage.simulator.state()).toBe('PENDING');
    expect(warningsOf(post)).toEqual([expect.stringContaining('left running')]);
  });

  it.concurrent('leaves it running when only cancel-on-timeout is false', async () => {
    const inputs = { 'cancel-on-timeout': 'false', 'cancel-on-interrupt': 'true' };
    await using stage = await Stage.set({ inputs });
    await postStepAfterNothing(stage);
    expect(stage.simulator.state()).toBe('PENDING');
  });

  it.concurrent('touches no import that was still to be discovered', async () => {
    await using stage = await Stage.set({ inputs: DISCOVER });
    const post = await postStepAfterNothing(stage);
    expect(stage.count('cancel')).toBe(0);
    expect(stage.simulator.state()).toBe('PENDING');
    expect(warningsOf(post)).toEqual([
      expect.stringMatching(/may still be running.*in progress in the project/s)
    ]);
  });

  it.concurrent(
    'touches none that runs where one was to be created, nor waits for it',
    async () => {
      await using stage = await Stage.set({ inputs: CREATE });
      const post = await postStepAfterNothing(stage);
      expect(stage.count('create') + stage.count('cancel') + stage.count('read')).toBe(0);
      expect(stage.simulator.state()).toBe('PENDING');
      expect(warningsOf(post)).toHaveLength(1);
    }
  );
});

describe('the outputs of a step that is killed', () => {
  const hangs = fault('hang', () => true);

  it.concurrent.each([
    { name: 'an import that was given', inputs: {}, cancellation: 'failed' },
    {
      name: 'an import that the user wants left running',
      inputs: { 'cancel-on-interrupt': 'false' },
      cancellation: 'skipped'
    },
    { name: 'an import to be discovered', inputs: DISCOVER, cancellation: 'not-needed' },
    { name: 'an import to be created', inputs: CREATE, cancellation: 'not-needed' }
  ])('in its first request are there already: $name', async ({ inputs, cancellation }) => {
    await using stage = await Stage.set({ inputs, fault: hangs });
    const main = await killed(stage.start(), 'a call', () => stage.simulator.calls.length > 0);
    expect(main.outputs).toMatchObject({
      outcome: 'interrupted',
      'goal-reached': 'false',
      state: '',
      history: '[]',
      'request-id': inputs === DISCOVER || inputs === CREATE ? '' : IMPORT_ID,
      cancellation,
      cleanup: 'not-needed'
    });
  });

  it.concurrent('after its create call was sent say that an import may be running', async () => {
    await using stage = await Stage.set({
      imports: [],
      inputs: CREATE,
      fault: fault('hang', ({ kind, isAuthenticated }) => kind === 'create' && isAuthenticated)
    });
    const main = await killed(stage.start(), 'a creation', () => stage.count('create') > 0);
    expect(main.outputs).toMatchObject({ outcome: 'interrupted', cancellation: 'failed' });
  });

  it.concurrent('in a read that has not said anything new are those of the last one', async () => {
    await using stage = await Stage.set({
      imports: [RUNNING],
      inputs: { 'cancel-on-interrupt': 'false' },
      fault: fault('hang', () => stage.count('read') > 1)
    });
    const step = stage.start();
    await eventually('a second read', () => stage.count('read') > 1);
    const main = await killed(step, 'a second read', () => true);
    expect(main.outputs).toMatchObject({
      outcome: 'interrupted',
      state: 'PENDING',
      cancellation: 'skipped'
    });
  });
});
