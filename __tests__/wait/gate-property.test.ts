import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { PIPELINE } from '../../src/case/states.ts';
import { verdict } from '../../src/case/verdict.ts';
import type { Report } from '../../src/report/report.ts';
import type { Target } from '../../src/wait/step.ts';
import * as faults from '../support/faults.ts';
import {
  CREATE,
  GateUnderTest,
  HOUR,
  isSettledText,
  MINUTE,
  SECOND,
  type TestOptions
} from '../support/gate-under-test.ts';
import type { CallKind } from '../support/scripted-ops-manager.ts';

/** What can go wrong with a call; `undefined` stands for a good answer. */
const FAULTS: Readonly<Record<string, () => faults.Fault | undefined>> = {
  none: () => undefined,
  reset: faults.reset,
  lostAnswer: faults.lostAnswer,
  hang: faults.hang,
  hangAndArrive: () => ({ ...faults.hang(), arrives: true }),
  malformed: faults.malformed,
  unavailable: () => faults.unavailable(),
  retryAfter: () => faults.unavailable(90),
  foreignPage: faults.foreignPage,
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
    phases: fc.integer({ min: 1, max: PIPELINE.length - 1 }),
    end: fc.constantFrom(undefined, 'SUCCESS', 'FAILED', 'CANCELLED', 'AWAIT_COFFEE'),
    gaps: fc.array(fc.integer({ min: 0, max: 10 * MINUTE }), {
      minLength: PIPELINE.length,
      maxLength: PIPELINE.length
    })
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

interface Played {
  readonly gate: GateUnderTest;
  readonly report: Report;
  readonly options: TestOptions;
}

function prepare(given: Scenario): { gate: GateUnderTest; options: TestOptions } {
  const gate = new GateUnderTest();
  const { opsManager } = gate;
  opsManager.latencyMs = given.latencyMs;
  opsManager.onCreate = given.script;
  opsManager.faults = ({ kind, nth, atMs }) =>
    atMs >= (given.goesDownAtMs ?? Infinity) ? faults.reset() : faultOf(given, kind, nth);
  return { gate, options: { ...given.options, target: targetOf(given, gate) } };
}

async function play(given: Scenario): Promise<Played> {
  const { gate, options } = prepare(given);
  if (given.interruptAtMs !== null) gate.interruptAt(given.interruptAtMs);
  return { gate, options, report: await gate.run(options) };
}

function faultOf(given: Scenario, kind: CallKind, nth: number): faults.Fault | undefined {
  return FAULTS[given.faults[kind][nth - 1] ?? 'none']?.();
}

function targetOf(given: Scenario, gate: GateUnderTest): Target {
  if (given.target === 'create') return CREATE;
  const id = gate.opsManager.add(given.script);
  return given.target === 'given' ? { kind: 'given', id } : { kind: 'discover' };
}

const RUNS = { numRuns: 70 };

describe('whatever goes wrong', () => {
  it('no step passes unless Ops Manager served the goal', async () => {
    let passed = 0;
    await fc.assert(
      fc.asyncProperty(scenario, async (given) => {
        const { gate, report } = await play(given);
        if (report.verdict.outcome.kind !== 'reached') return;
        passed += 1;
        const served = gate.opsManager.served.get(report.case.id ?? '') ?? '';
        expect(PIPELINE.slice(PIPELINE.indexOf(given.options.goal))).toContain(served);
        expect(report.case.read?.state).toBe(served);
      }),
      RUNS
    );
    expect(passed).toBeGreaterThan(0);
  });

  it('no step says failed, cancelled or confirmed unless Ops Manager said so', async () => {
    await fc.assert(
      fc.asyncProperty(scenario, async (given) => {
        const { gate, report } = await play(given);
        const { outcome, cancellation } = report.verdict;
        const served = gate.opsManager.served.get(report.case.id ?? '');
        if (outcome.kind === 'failed' || outcome.kind === 'cancelled')
          expect(served).toBe(outcome.kind.toUpperCase());
        if (cancellation.kind === 'confirmed') expect(served).toBe('CANCELLED');
      }),
      RUNS
    );
  });

  it('no import is left running unsaid', async () => {
    await fc.assert(
      fc.asyncProperty(scenario, async (given) => {
        const { gate, report, options } = await play(given);
        expectNothingUnsaid(gate, report, options);
      }),
      RUNS
    );
  });

  it('a step creates once and once only', async () => {
    await fc.assert(
      fc.asyncProperty(scenario, fc.nat({ max: 28_000 }), async (given, listedAfterMs) => {
        const script = { ...given.script, listedAfterMs };
        const { gate } = await play({ ...given, target: 'create', script });
        expect(gate.opsManager.created.length).toBeLessThanOrEqual(1);
      }),
      RUNS
    );
  });

  it('every step ends in time, with a complete report', async () => {
    await fc.assert(
      fc.asyncProperty(scenario, async (given) => {
        const { gate, report } = await play(given);
        // Two calls that hang at the deadline, settling, clean-up.
        const latestMs = given.options.timeoutMs + 2 * 30 * SECOND + 2 * MINUTE + MINUTE;
        expect(gate.clock.elapsedMs).toBeLessThanOrEqual(latestMs);
        if (given.interruptAtMs !== null && given.interruptAtMs <= gate.clock.elapsedMs)
          expect(gate.clock.elapsedMs - given.interruptAtMs).toBeLessThanOrEqual(5 * SECOND);
        if (['SUCCESS', 'FAILED', 'CANCELLED'].includes(report.case.read?.state ?? ''))
          expect(['not-needed', 'confirmed']).toContain(report.verdict.cancellation.kind);
      }),
      RUNS
    );
  });

  it('each publication is what the verdict on its case says, in outputs of one safe line each', async () => {
    const names =
      'outcome goal-reached state last-phase history request-id cancellation cleanup waited-seconds import-seconds message title diagnosis project-url';
    await fc.assert(
      fc.asyncProperty(scenario, async (given) => {
        const { gate, options } = await play(given);
        const terms = gate.published[0]?.report.terms;
        if (!terms) throw new Error('Nothing was published');
        expect(options.target).toBeDefined();
        for (const { case: c, outputs, savedCase } of gate.published) {
          const { outcome, cancellation, cleanup } = verdict(c, terms);
          expect(outputs).toMatchObject({
            outcome: outcome.kind,
            cancellation: cancellation.kind,
            cleanup: cleanup.kind,
            'goal-reached': String(outcome.kind === 'reached'),
            state: c.read?.state ?? '',
            'request-id': c.id ?? ''
          });
          expect(Object.keys(outputs).join(' ')).toBe(names);
          for (const value of Object.values(outputs))
            expect(value).not.toMatch(/[\p{Cc}\u2028\u2029]|##\[|^\s*::/u);
          expect(outputs['waited-seconds']).toMatch(/^\d+$/);
          expect(outputs['message']).not.toBe('');
          expect(outputs['title']?.length).toBeLessThanOrEqual(140);
          expect(Buffer.byteLength(savedCase)).toBeLessThanOrEqual(16 * 1024);
        }
      }),
      { numRuns: 100 }
    );
  });
});

describe('wherever a step is killed', () => {
  it('its post step leaves nothing of it running unsaid, and creates nothing', async () => {
    let killed = 0;
    await fc.assert(
      fc.asyncProperty(scenario, fc.nat({ max: 5 * MINUTE }), async (given, killAtMs) => {
        const { gate, options } = prepare(given);
        gate.killAt(killAtMs);
        await gate.runUntilKilled(options);
        const creates = gate.opsManager.callsOf('create').length;
        const deletes = gate.opsManager.callsOf('delete').length;
        const startedAtMs = gate.clock.elapsedMs;
        const after = await gate.postStep(options);
        if (!after) return;
        killed += 1;
        expect(gate.opsManager.callsOf('create')).toHaveLength(creates);
        expect(gate.opsManager.callsOf('delete')).toHaveLength(deletes);
        expect(gate.clock.elapsedMs - startedAtMs).toBeLessThanOrEqual(2 * MINUTE);
        expectNothingUnsaid(gate, after.report, options);
      }),
      RUNS
    );
    expect(killed).toBeGreaterThan(RUNS.numRuns / 4);
  });

  it('its last outputs say no more than was so', async () => {
    await fc.assert(
      fc.asyncProperty(scenario, fc.nat({ max: 5 * MINUTE }), async (given, killAtMs) => {
        const { gate, options } = prepare(given);
        gate.killAt(killAtMs);
        await gate.runUntilKilled(options);
        const outputs = gate.published.at(-1)?.outputs ?? {};
        const isMine = given.target === 'given' || outputs['request-id'] !== '';
        const mayRun = gate.opsManager.running.length > 0 && (isMine || given.target === 'create');
        if (outputs['goal-reached'] === 'true')
          expect(PIPELINE.indexOf(given.options.goal)).toBeLessThanOrEqual(
            PIPELINE.findIndex((state) => state === outputs['state'])
          );
        else if (mayRun && outputs['cancellation'] === 'not-needed')
          expect(gate.opsManager.callsOf('create').length === 0 || wasRefused(gate, given)).toBe(
            true
          );
      }),
      RUNS
    );
  });
});

/** An error before anything was seen of a given import, or a refusal to create, leaves nothing. */
function wasRefused(gate: GateUnderTest, given: Scenario): boolean {
  return given.target !== 'create' || gate.opsManager.created.length === 0;
}

function expectNothingUnsaid(gate: GateUnderTest, report: Report, options: TestOptions): void {
  const { running } = gate.opsManager;
  const { outcome, cancellation } = report.verdict;
  // The goal was one on the way.
  if (running.length === 0 || outcome.kind === 'reached') return;
  if (cancellation.kind === 'skipped') {
    const policy = outcome.kind === 'interrupted' ? 'cancelOnInterrupt' : 'cancelOnTimeout';
    expect(options[policy]).toBe(false);
    return;
  }
  if (cancellation.kind !== 'not-needed') {
    if (report.case.isFinished) expect(isSettledText(gate.savedCase ?? '')).toBe(false);
    return;
  }
  const { kind } = options.target;
  const isNobodys = kind === 'discover' && report.case.id === undefined;
  // Ops Manager refused the first call for it: it may not be this step's at all.
  const wasNeverSeen =
    kind === 'given' && report.case.read === undefined && outcome.kind === 'error';
  const isUnconfirmed = report.case.read?.state === 'SUCCESS';
  const isGone = report.case.missing?.wasAsked === true;
  expect({ isNobodys, wasNeverSeen, isUnconfirmed, isGone }).not.toEqual({
    isNobodys: false,
    wasNeverSeen: false,
    isUnconfirmed: false,
    isGone: false
  });
}
