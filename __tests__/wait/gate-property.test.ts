import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import type { GateOptions } from '../src/gate.ts';
import { PIPELINE } from '../src/import/states.ts';
import type { ImportRequest } from '../src/import/import-request.ts';
import { isSettled, type Result } from '../src/outcome.ts';
import { outputsOf } from '../src/report/outputs.ts';
import * as faults from './support/faults.ts';
import { GateUnderTest, HOUR, MINUTE, SECOND } from './support/gate-under-test.ts';
import type { CallKind } from './support/scripted-ops-manager.ts';

/** What can go wrong with a call; `undefined` stands for a good answer. */
const FAULTS: Readonly<Record<string, () => faults.Fault | undefined>> = {
  none: () => undefined,
  reset: faults.reset,
  lostAnswer: faults.lostAnswer,
  hang: faults.hang,
  hangAndArrive: () => ({ ...faults.hang(), arrives: true }),
  malformed: faults.malformed,
  unavailable: () => faults.unavailable(),
  retryAfter: () => faults.unavailable('90'),
  wrongKey: () => faults.replies(401),
  forbidden: () => faults.replies(403),
  notFound: () => faults.replies(404),
  conflict: () => faults.replies(409)
};
const fault = fc.oneof(
  { weight: 4, arbitrary: fc.constant('none') },
  { weight: 3, arbitrary: fc.constantFrom('reset', 'lostAnswer', 'hang', 'unavailable') },
  { weight: 1, arbitrary: fc.constantFrom(...Object.keys(FAULTS)) }
);

/** A pipeline that stops somewhere, or ends there, or takes a turn that nobody knows. */
const steps = fc
  .record({
    phases: fc.integer({ min: 1, max: 5 }),
    end: fc.constantFrom(undefined, 'SUCCESS', 'FAILED', 'CANCELLED', 'AWAIT_COFFEE'),
    gaps: fc.array(fc.integer({ min: 0, max: 10 * MINUTE }), { minLength: 6, maxLength: 6 })
  })
  .map(({ phases, end, gaps }) => {
    const states = [...PIPELINE.slice(0, phases), ...(end === undefined ? [] : [end])];
    let at = 0;
    return states.map((state, index) => {
      at += index === 0 ? 0 : (gaps[index] ?? 0);
      return [state, at] as [string, number];
    });
  });

const script = fc.record({
  steps,
  cancelTakesMs: fc.constantFrom(0, 2 * SECOND, 30 * SECOND, Infinity),
  refusesCancel: fc.boolean(),
  refusesDelete: fc.boolean(),
  // Within the 30 s after which a list without a new request permits another create call.
  listedAfterMs: fc.constantFrom(0, 5 * SECOND, 25 * SECOND)
});

const scenario = fc.record({
  target: fc.constantFrom('given', 'discover', 'create'),
  script,
  /** For each kind of call: what goes wrong with the first ones; then all is well, or nothing. */
  faults: fc.record({
    read: fc.array(fault, { maxLength: 25 }),
    list: fc.array(fault, { maxLength: 8 }),
    create: fc.array(fault, { maxLength: 3 }),
    cancel: fc.array(fault, { maxLength: 6 }),
    delete: fc.array(fault, { maxLength: 4 })
  }),
  goesDownAtMs: fc.option(fc.integer({ min: 0, max: HOUR })),
  interruptAtMs: fc.option(fc.integer({ min: 0, max: 30 * MINUTE })),
  latencyMs: fc.constantFrom(0, 50, 3000),
  options: fc.record({
    goal: fc.constantFrom(...PIPELINE),
    timeoutMs: fc.constantFrom(5 * SECOND, 5 * MINUTE, HOUR),
    stallTimeoutMs: fc.constantFrom(undefined, 4 * MINUTE),
    maxOutageMs: fc.constantFrom(5 * SECOND, 2 * MINUTE, 10 * MINUTE),
    cancelOnTimeout: fc.boolean(),
    cancelOnInterrupt: fc.boolean(),
    deleteFailed: fc.boolean()
  })
});

type Scenario = typeof scenario extends fc.Arbitrary<infer T> ? T : never;

/** Plays a scenario; remembers which states Ops Manager served in good answers to reads. */
async function play(
  given: Scenario
): Promise<{ gate: GateUnderTest; result: Result; served: string[] }> {
  const gate = new GateUnderTest();
  const { opsManager } = gate;
  const served: string[] = [];
  const readImport = opsManager.readImport.bind(opsManager);
  opsManager.readImport = async (...call): Promise<ImportRequest> => {
    const request = await readImport(...call);
    served.push(request.state);
    return request;
  };
  opsManager.latencyMs = given.latencyMs;
  opsManager.onCreate = given.script;
  opsManager.faults = ({ kind, nth, atMs }) =>
    atMs >= (given.goesDownAtMs ?? Infinity) ? faults.reset() : faultOf(given, kind, nth);
  if (given.interruptAtMs !== null) gate.interruptAt(given.interruptAtMs);
  const result = await gate.run({ ...given.options, target: targetOf(given, gate) });
  return { gate, result, served };
}

function faultOf(given: Scenario, kind: CallKind, nth: number): faults.Fault | undefined {
  return FAULTS[given.faults[kind][nth - 1] ?? 'none']?.();
}

function targetOf(given: Scenario, gate: GateUnderTest): GateOptions['target'] {
  if (given.target === 'create') return { kind: 'create', body: '{}' };
  const id = gate.opsManager.add(given.script);
  return given.target === 'given' ? { kind: 'given', id } : { kind: 'discover' };
}

const RUNS = { numRuns: 1000 };

describe('whatever goes wrong', () => {
  it('no step passes unless Ops Manager served the goal', async () => {
    let passed = 0;
    await fc.assert(
      fc.asyncProperty(scenario, async (given) => {
        const { result, served } = await play(given);
        if (result.outcome.kind !== 'reached') return;
        passed += 1;
        const last = served.at(-1) ?? '';
        expect(PIPELINE.slice(PIPELINE.indexOf(given.options.goal))).toContain(last);
        expect(result.request?.state).toBe(last);
      }),
      RUNS
    );
    expect(passed).toBeGreaterThan(0);
  });

  it('no step says failed or cancelled unless Ops Manager said so', async () => {
    await fc.assert(
      fc.asyncProperty(scenario, async (given) => {
        const { result, served } = await play(given);
        const { kind } = result.outcome;
        if (kind === 'failed' || kind === 'cancelled') {
          expect(served.at(-1)).toBe(kind.toUpperCase());
        }
        if (result.cancellation.kind === 'confirmed') expect(served.at(-1)).toBe('CANCELLED');
      }),
      RUNS
    );
  });

  it('no import is left running unsaid', async () => {
    await fc.assert(
      fc.asyncProperty(scenario, async (given) => {
        const { gate, result } = await play(given);
        const { running } = gate.opsManager;
        if (running.length === 0) return;
        const isMine = given.target === 'create' || result.request !== undefined;
        const { outcome, cancellation } = result;
        // The goal was one on the way, or it is not known to be this step's, or the user chose so.
        if (outcome.kind === 'reached' || !isMine) return;
        if (cancellation.kind === 'skipped') {
          const { cancelOnInterrupt, cancelOnTimeout } = given.options;
          expect(outcome.kind === 'interrupted' ? cancelOnInterrupt : cancelOnTimeout).toBe(false);
          return;
        }
        if (cancellation.kind === 'not-needed') {
          // Ops Manager itself said, by a 404 and by its list, that it was not there any more.
          expect([outcome.kind, given.target]).toEqual(['error', 'given']);
          expect(given.faults.read).toContain('notFound');
          return;
        }
        expect(isSettled(result)).toBe(false);
      }),
      RUNS
    );
  });

  it('a step creates once and once only', async () => {
    await fc.assert(
      fc.asyncProperty(scenario, fc.nat({ max: 28_000 }), async (given, listedAfterMs) => {
        const script = { ...given.script, listedAfterMs };
        const { gate } = await play({ ...given, target: 'create', script });
        expect(gate.opsManager.imports.length).toBeLessThanOrEqual(1);
      }),
      RUNS
    );
  });

  it('every step ends in time, with a complete result', async () => {
    await fc.assert(
      fc.asyncProperty(scenario, async (given) => {
        const { gate, result } = await play(given);
        const { timeoutMs } = given.options;
        // Two calls that hang at the deadline, giving up (with a look for what was created), clean-up.
        const latestMs = timeoutMs + 2 * 30 * SECOND + 2 * MINUTE + MINUTE;
        expect(gate.clock.elapsedMs).toBeLessThanOrEqual(latestMs);
        if (given.interruptAtMs !== null && given.interruptAtMs <= gate.clock.elapsedMs) {
          expect(gate.clock.elapsedMs - given.interruptAtMs).toBeLessThanOrEqual(5 * SECOND);
        }
        if (['SUCCESS', 'FAILED', 'CANCELLED'].includes(result.request?.state ?? '')) {
          expect(['not-needed', 'confirmed']).toContain(result.cancellation.kind);
        }
      }),
      RUNS
    );
  });

  it('there are eleven outputs, each one safe line', async () => {
    const names =
      'outcome goal-reached state last-phase history request-id cancellation cleanup waited-seconds import-seconds message';
    await fc.assert(
      fc.asyncProperty(scenario, async (given) => {
        const { gate, result } = await play(given);
        for (const each of [result, ...gate.observer.provisional]) {
          const outputs = outputsOf(each);
          expect(Object.keys(outputs).join(' ')).toBe(names);
          for (const value of Object.values(outputs)) {
            expect(value).not.toMatch(/[\p{Cc}\u2028\u2029]|##\[|^\s*::/u);
          }
          expect(outputs['waited-seconds']).toMatch(/^\d+$/);
          expect(outputs['message']).not.toBe('');
        }
      }),
      { numRuns: 500 }
    );
  });
});
