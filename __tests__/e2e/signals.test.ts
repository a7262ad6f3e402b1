import { setTimeout as sleep } from 'node:timers/promises';
import { describe, expect, it } from '@jest/globals';
import { fault } from '../../simulator/faults.ts';
import { IMPORT_ID, type Call } from '../../simulator/ops-manager.ts';
import type { Step, StepResult } from '../../simulator/runner.ts';
import { eventually } from '../support/eventually.ts';
import { CREATE, hasRead, OUTPUT_NAMES, RUNNING, Stage, type Scene } from '../support/stage.ts';

/** One Ctrl-C can arrive twice, within half a second. */
const SAME_SIGNAL_MS = 600;

const SIGNALS = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;

/** Sends a signal and gives what the step left behind. */
async function interrupt(step: Step, signal: NodeJS.Signals): Promise<StepResult> {
  step.process.kill(signal);
  return step.result;
}

/** Strikes the first `times` calls that are of the kind and authenticated. */
function first(times: number, kind: Call['kind']): (call: Call) => boolean {
  let seen = 0;
  return (call) => {
    if (!call.isAuthenticated || call.kind !== kind) return false;
    seen += 1;
    return seen <= times;
  };
}

interface Phase {
  readonly name: string;
  readonly scene: () => Scene;
  /** Whether the step is in the phase. */
  readonly isThere: (stage: Stage, step: Step) => boolean;
  readonly outcome?: string;
  readonly cancellation?: string;
}

const PHASES: readonly Phase[] = [
  {
    name: 'the first request, which hangs',
    scene: () => ({ fault: fault('hang', first(1, 'read')) }),
    isThere: (stage) => stage.count('read') > 0
  },
  {
    name: 'a reply that drips',
    scene: () => ({ fault: fault('slow drip', first(1, 'read')) }),
    isThere: (stage) => stage.count('read') > 0
  },
  {
    name: 'a pause',
    scene: () => ({}),
    isThere: (_stage, step) => hasRead(step)
  },
  {
    name: 'the cancel call, which hangs',
    scene: () => ({ inputs: { timeout: '1s' }, fault: fault('hang', first(1, 'cancel')) }),
    isThere: (stage) => stage.count('cancel') > 0,
    outcome: 'timed-out'
  },
  {
    name: 'a create call that arrived and whose answer does not come',
    scene: () => ({
      imports: [],
      inputs: CREATE,
      create: () => ({ steps: [['PENDING', 0]] }),
      fault: ({ kind, isAuthenticated }, response, forward) => {
        if (kind !== 'create' || !isAuthenticated) return false;
        response.end = () => response;
        forward();
        return true;
      }
    }),
    isThere: (stage) => stage.simulator.imports.length > 0
  }
];

describe('a signal', () => {
  // The door treats all signals alike, so each phase meets one of them; what else can be under way then,
  // the tests of the wait say.
  it.concurrent.each(
    PHASES.map((phase, index) => ({
      ...phase,
      signal: SIGNALS[index % SIGNALS.length] ?? 'SIGINT'
    }))
  )(
    '($signal) in $name ends the step, and the import',
    async ({ scene, isThere, outcome = 'interrupted', cancellation = 'confirmed', signal }) => {
      await using stage = await Stage.set(scene());
      const step = stage.start();
      await eventually('the phase', () => isThere(stage, step));
      const result = await interrupt(step, signal);
      expect(result.signal).toBeNull();
      expect(result.code).toBe(1);
      expect(result.outputs).toMatchObject({ outcome, cancellation, 'goal-reached': 'false' });
      expect(Object.keys(result.outputs).sort()).toEqual(OUTPUT_NAMES);
      expect(result.summary).toContain(outcome === 'interrupted' ? '✋' : '⏱️');
      if (outcome === 'interrupted') expect(result.outputs['message']).toContain(signal);
      expect(stage.simulator.runningImports()).toEqual([]);
    }
  );
});

describe('an Ops Manager that hangs', () => {
  it.concurrent('does not keep an interrupted step longer than the runner waits', async () => {
    let atCancel: string | undefined;
    await using stage = await Stage.set({
      fault: fault('hang', ({ kind }) => {
        if (kind === 'cancel') atCancel ??= step.outputs()['outcome'];
        return stage.count('read') > 1 || kind === 'cancel';
      })
    });
    const step = stage.start();
    await eventually('a second read', () => stage.count('read') > 1);
    const result = await interrupt(step, 'SIGINT');
    expect(result.outputs).toMatchObject({ outcome: 'interrupted', cancellation: 'failed' });
    expect(result.outputs['message']).toContain('may still be running');
    expect(result.summary).toContain('may still be running');
    // The outputs were there before the cancellation was asked for, let alone answered.
    expect(atCancel).toBe('interrupted');
  });

  it.concurrent.each(['SIGINT', 'SIGTERM'] as const)(
    'ends at once at a second signal (%s), its outputs written',
    async (signal) => {
      await using stage = await Stage.set({ fault: fault('hang', first(Infinity, 'cancel')) });
      const step = stage.start();
      await eventually('a first read', () => hasRead(step));
      step.process.kill('SIGINT');
      await eventually('a cancellation', () => stage.count('cancel') > 0);
      await sleep(SAME_SIGNAL_MS);
      const result = await interrupt(step, signal);
      // Its last word, the summary, it had no time for.
      expect(result.summary).toBe('');
      expect(result.code).toBe(1);
      expect(result.outputs).toMatchObject({ outcome: 'interrupted', cancellation: 'failed' });
      expect(stage.count('cancel')).toBe(1);
    }
  );
});

it.concurrent('a signal that arrives twice at once counts once', async () => {
  await using stage = await Stage.set();
  const step = stage.start();
  await eventually('a first read', () => hasRead(step));
  step.process.kill('SIGINT');
  const { code, outputs } = await interrupt(step, 'SIGTERM');
  expect(code).toBe(1);
  expect(outputs).toMatchObject({ outcome: 'interrupted', cancellation: 'confirmed' });
});

it.concurrent(
  'an import that has just succeeded turns an interrupted step green, with a warning',
  async () => {
    let isInterrupted = false;
    await using stage = await Stage.set({
      imports: [{ ...RUNNING, id: IMPORT_ID, refusesCancel: true }],
      fault: ({ kind, isAuthenticated }, response) => {
        isInterrupted ||= kind === 'cancel';
        if (!isInterrupted || kind !== 'read' || !isAuthenticated) return false;
        const entry = { state: 'SUCCESS', transitionedAt: new Date().toISOString() };
        const groupId = stage.options.inputs['project-id'];
        response.setHeader('Content-Type', 'application/json');
        response.end(
          JSON.stringify({ id: IMPORT_ID, groupId, state: 'SUCCESS', transitionsHistory: [entry] })
        );
        return true;
      }
    });
    const step = stage.start();
    await eventually('a first read', () => hasRead(step));
    const result = await interrupt(step, 'SIGINT');
    expect(result.code).toBe(0);
    expect(result.outputs).toMatchObject({ outcome: 'reached', cancellation: 'not-needed' });
    expect(result.annotations.map(({ level }) => level)).toEqual(['warning', 'warning']);
  }
);

// No Linux has SIGBREAK, so the process is made to receive it as Node on Windows would tell it.
const BREAK_ON_SIGUSR2 =
  '--import=data:text/javascript,process.on(%22SIGUSR2%22,()=>process.emit(%22SIGBREAK%22,%22SIGBREAK%22))';

it.concurrent('SIGBREAK, the runner’s second word on Windows, interrupts a step', async () => {
  await using stage = await Stage.set({ env: { NODE_OPTIONS: BREAK_ON_SIGUSR2 } });
  const step = stage.start();
  await eventually('a first read', () => hasRead(step));
  step.process.kill('SIGUSR2');
  const { code, outputs } = await step.result;
  expect(code).toBe(1);
  expect(outputs).toMatchObject({ outcome: 'interrupted', cancellation: 'confirmed' });
  expect(outputs['message']).toContain('SIGBREAK');
});
