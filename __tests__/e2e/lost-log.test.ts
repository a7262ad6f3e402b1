import { existsSync } from 'node:fs';
import { describe, expect, it } from '@jest/globals';
import { fault } from '../../simulator/faults.ts';
import type { Script } from '../../simulator/scripted-import.ts';
import { PIPELINE } from '../../src/case/states.ts';
import { eventually } from '../support/eventually.ts';
import { hasRead, killed, RUNNING, Stage } from '../support/stage.ts';

const HAS_DEV_FULL = existsSync('/dev/full');
/** Each transition is a line that meets the dead log. */
const MOVING: Script = {
  ...RUNNING,
  steps: PIPELINE.slice(0, -1).map((state, index) => [state, index * 2_000])
};

describe('a log that nobody reads any more', () => {
  it.concurrent('interrupts the wait, and the import is cancelled', async () => {
    await using stage = await Stage.set({ imports: [MOVING] });
    const step = stage.start();
    await eventually('a first read', () => hasRead(step));
    step.closeLog();
    const { outputs, code } = await step.result;
    expect(code).toBe(1);
    expect(stage.simulator.state()).toBe('CANCELLED');
    expect(outputs).toMatchObject({ outcome: 'interrupted', cancellation: 'confirmed' });
    expect(outputs['message']).toContain('log');
  });

  (HAS_DEV_FULL ? it.concurrent : it.skip)('because the disk is full does the same', async () => {
    await using stage = await Stage.set({ stdout: '/dev/full' });
    const { outputs, code } = await stage.run();
    expect(code).toBe(1);
    expect(outputs).toMatchObject({ outcome: 'interrupted', cancellation: 'confirmed' });
    expect(stage.simulator.state()).toBe('CANCELLED');
  });

  it.concurrent('does not count as a signal: one that follows still settles', async () => {
    await using stage = await Stage.set({
      imports: [{ ...MOVING, cancelTakesMs: 1_000 }],
      fault: fault('503', firstTwo('cancel'))
    });
    const step = stage.start();
    await eventually('a first read', () => hasRead(step));
    step.closeLog();
    await eventually('a first attempt to cancel', () => stage.count('cancel') > 0);
    step.process.kill('SIGINT');
    const { outputs, signal } = await step.result;
    expect(signal).toBeNull();
    expect(outputs).toMatchObject({ outcome: 'interrupted', cancellation: 'confirmed' });
  });

  it.concurrent('does not disturb a step that a signal is settling', async () => {
    await using stage = await Stage.set({ imports: [{ ...MOVING, cancelTakesMs: 1_000 }] });
    const step = stage.start();
    await eventually('a first read', () => hasRead(step));
    step.process.kill('SIGINT');
    await eventually('the signal', () => step.outputs()['message']?.includes('SIGINT') === true);
    step.closeLog();
    const { outputs } = await step.result;
    expect(outputs).toMatchObject({ outcome: 'interrupted', cancellation: 'confirmed' });
    expect(outputs['message']).toContain('SIGINT');
  });
});

it.concurrent('a post step settles also when nobody reads its log', async () => {
  await using stage = await Stage.set();
  const step = stage.start();
  const main = await killed(step, 'a first read', () => hasRead(step));
  const post = stage.startPost(main);
  post.closeLog();
  const { signal, summary } = await post.result;
  expect(signal).toBeNull();
  expect(stage.simulator.state()).toBe('CANCELLED');
  expect(summary).toContain('cancelled');
});

function firstTwo(kind: 'cancel'): Parameters<typeof fault>[1] {
  let seen = 0;
  return (call) => {
    if (!call.isAuthenticated || call.kind !== kind) return false;
    seen += 1;
    return seen <= 2;
  };
}
