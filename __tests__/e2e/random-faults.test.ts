import { expect, it } from '@jest/globals';
import fc from 'fast-check';
import { fault, FAULTS, type FaultName } from '../../simulator/faults.ts';
import { IMPORT_ID, type Fault } from '../../simulator/ops-manager.ts';
import type { Step } from '../../simulator/scripted-import.ts';
import { OUTPUT_NAMES, Stage } from '../support/stage.ts';

// A server that asks for ten minutes makes the step use all of the minute that a cancel may take.
const NAMES = (Object.keys(FAULTS) as FaultName[]).filter(
  (name) => name !== '503 with a long Retry-After'
);

/** How the import ends, and what happens to the calls of the step in their order. */
const SEQUENCES = fc.record({
  end: fc.constantFrom('SUCCESS', 'FAILED', undefined),
  faults: fc.array(fc.oneof(fc.constant(undefined), fc.constantFrom(...NAMES)), {
    minLength: 1,
    maxLength: 6
  })
});

// The same sequences in every run, unless SEED asks for others.
const SAMPLES = fc.sample(SEQUENCES, { numRuns: 6, seed: Number(process.env['SEED'] ?? 4711) });

it.concurrent.each(
  SAMPLES.map(({ end, faults }) => [end, faults.map((name) => name ?? '–'), faults] as const)
)(
  'an import that ends in %s, through %j',
  async (end, _names, faults) => {
    const steps: Step[] = [['PENDING', 0], ...(end === undefined ? [] : [[end, 1500] as const])];
    let calls = 0;
    let hasServedGoal = false;
    const inTurn: Fault = (call, response, forward, simulator) => {
      if (!call.isAuthenticated) return false;
      const name = faults[calls++];
      if (name !== undefined) return fault(name, () => true)(call, response, forward, simulator);
      // Answered first: no clock decides whether this answer shows the end already.
      forward();
      const shows = call.kind === 'read' || call.kind === 'list';
      hasServedGoal ||= shows && simulator.state() === 'SUCCESS';
      return true;
    };
    await using stage = await Stage.set({
      imports: [{ id: IMPORT_ID, steps }],
      fault: inTurn,
      inputs: { timeout: '3s', 'poll-interval': '1s', 'request-timeout': '1s' }
    });
    const main = await stage.run();
    const { outputs, code, annotations } = main;
    const { outcome = '', cancellation = '' } = outputs;

    // Never a false green.
    expect(code).toBe(outcome === 'reached' ? 0 : 1);
    expect(outputs['goal-reached']).toBe(String(outcome === 'reached'));
    if (outcome === 'reached') expect(hasServedGoal).toBe(true);
    expect(Object.keys(outputs).sort()).toEqual(OUTPUT_NAMES);
    expect(annotations.filter(({ level }) => level === 'error')).toHaveLength(
      1 - Number(code === 0)
    );

    // Never a lost import.
    const post = await stage.runPost(main);
    const isStillRunning = stage.simulator.runningImports().length > 0;
    const wasNeverRead = outcome === 'error' && outputs['state'] === '';
    if (isStillRunning && !wasNeverRead) {
      expect(['requested', 'refused', 'failed']).toContain(cancellation);
      expect(post.annotations.map(({ level }) => level)).toContain('warning');
    }
    if (cancellation === 'confirmed') expect(stage.simulator.state()).toBe('CANCELLED');
  },
  120_000
);
