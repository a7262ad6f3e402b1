import { describe, expect, it } from '@jest/globals';
import { sampleSteps, type Script } from '../../simulator/scripted-import.ts';
import type { Outcome } from '../../src/case/verdict.ts';
import { messageOf } from '../../src/report/words.ts';
import { hang, replies, reset, unavailable, type Fault } from '../support/faults.ts';
import {
  GateUnderTest,
  kindsOf,
  MINUTE,
  SECOND,
  type Options
} from '../support/gate-under-test.ts';
import { idOf } from '../support/imports.ts';
import type { Call, Faults } from '../support/scripted-ops-manager.ts';

const PENDING: Script = { steps: [['PENDING', 0]] };
const TIMEOUT = { timeoutMs: MINUTE };

/** The answers to the calls of one kind, one after the other; `undefined` is a good one. */
function answers(kind: Call['kind'], ...faults: readonly (Fault | undefined)[]): Faults {
  return (call) => (call.kind === kind ? faults[call.nth - 1] : undefined);
}

describe('an import that ends by itself', () => {
  it.each([
    { name: 'succeeds', end: 'SUCCESS', want: ['reached', 'not-needed', 'not-needed'] },
    { name: 'fails', end: 'FAILED', want: ['failed', 'not-needed', 'skipped'] },
    {
      name: 'is cancelled by someone',
      end: 'CANCELLED',
      want: ['cancelled', 'not-needed', 'not-needed']
    }
  ])('$name', async ({ end, want }) => {
    const gate = new GateUnderTest();
    const report = await gate.watch({ steps: sampleSteps(end) });
    expect(kindsOf(report)).toEqual(want);
    expect(report.case.read?.state).toBe(end);
    expect(gate.opsManager.calls.every(({ kind }) => kind === 'read')).toBe(true);
  });

  it('opens the gate at a goal on the way, in it or past it', async () => {
    const gate = new GateUnderTest();
    const goal = { goal: 'AWAIT_HOSTS_DISCOVERED' } as const;
    const report = await gate.watch({ steps: sampleSteps('FAILED') }, goal);
    expect(kindsOf(report)).toEqual(['reached', 'not-needed', 'not-needed']);
    const past = await new GateUnderTest().watch({ steps: [['AWAIT_GOAL_STATE', 0]] }, goal);
    expect(past.verdict.outcome.kind).toBe('reached');
  });

  it('does not open the gate at a goal that it passed before it failed', async () => {
    const gate = new GateUnderTest();
    const steps = [
      ['PENDING', 0],
      ['AWAIT_GOAL_STATE', 1200],
      ['FAILED', 1300]
    ] as const;
    const report = await gate.watch({ steps }, { goal: 'AWAIT_GOAL_STATE' });
    expect(report.verdict.outcome.kind).toBe('failed');
  });
});

/** Each way to give up, with the input that decides whether it cancels. */
const WAYS_OUT: readonly {
  readonly outcome: Outcome['kind'];
  readonly input: 'cancelOnTimeout' | 'cancelOnInterrupt';
  readonly options: Partial<Options>;
  readonly prepare: (gate: GateUnderTest) => void;
}[] = [
  { outcome: 'timed-out', input: 'cancelOnTimeout', options: TIMEOUT, prepare: () => undefined },
  {
    outcome: 'stalled',
    input: 'cancelOnTimeout',
    options: { stallTimeoutMs: MINUTE },
    prepare: () => undefined
  },
  {
    outcome: 'unreachable',
    input: 'cancelOnTimeout',
    options: { maxOutageMs: 5 * MINUTE },
    prepare: ({ opsManager }) => {
      opsManager.faults = ({ kind, atMs }) =>
        kind === 'read' && atMs >= MINUTE && atMs <= 6.5 * MINUTE ? reset() : undefined;
    }
  },
  {
    outcome: 'error',
    input: 'cancelOnTimeout',
    options: {},
    prepare: (gate) => {
      const hasEnded = (): boolean => gate.published.some(({ case: c }) => c.ending);
      gate.opsManager.faults = ({ kind, atMs }) =>
        kind === 'read' && atMs >= MINUTE && !hasEnded() ? replies(404) : undefined;
    }
  },
  {
    outcome: 'interrupted',
    input: 'cancelOnInterrupt',
    options: {},
    prepare: (gate) => {
      gate.interruptAt(MINUTE);
    }
  }
];

/** The end of asking and of all, in milliseconds after the wait. */
function budgetMs(outcome: Outcome['kind']): { ask: number; all: number } {
  return outcome === 'interrupted'
    ? { ask: 3.5 * SECOND, all: 5 * SECOND }
    : { ask: 75 * SECOND, all: 120 * SECOND };
}

/** When the wait ended, in milliseconds from the start. */
function endedAt({ published }: GateUnderTest): number {
  return published.find(({ case: c }) => c.ending)?.atMs ?? NaN;
}

describe.each(WAYS_OUT)('a step that ends as $outcome', ({ outcome, input, options, prepare }) => {
  /** Gives up an import; `onCancel` is what goes wrong with the calls to cancel it. */
  async function giveUp(script: Script, onCancel?: Fault, policy: Partial<Options> = {}) {
    const gate = new GateUnderTest();
    prepare(gate);
    const { faults } = gate.opsManager;
    gate.opsManager.faults = (call) => (call.kind === 'cancel' ? onCancel : faults(call));
    const report = await gate.watch(script, { ...options, ...policy });
    return { gate, report };
  }

  it('leaves the import running when the user chose so, and only then', async () => {
    const other = input === 'cancelOnTimeout' ? 'cancelOnInterrupt' : 'cancelOnTimeout';
    const skipped = await giveUp(PENDING, undefined, { [input]: false });
    expect(kindsOf(skipped.report)).toEqual([outcome, 'skipped', 'not-needed']);
    expect(skipped.gate.opsManager.callsOf('cancel')).toHaveLength(0);
    expect(skipped.gate.opsManager.running).toHaveLength(1);
    const cancelled = await giveUp(PENDING, undefined, { [other]: false });
    expect(kindsOf(cancelled.report)).toEqual([outcome, 'confirmed', 'not-needed']);
  });

  it('reads back that the import was cancelled', async () => {
    const { gate, report } = await giveUp({ ...PENDING, cancelTakesMs: 3 * SECOND });
    expect(kindsOf(report)).toEqual([outcome, 'confirmed', 'not-needed']);
    expect(report.case.read?.state).toBe('CANCELLED');
    expect(gate.opsManager.callsOf('cancel')).toHaveLength(1);
    expect(gate.opsManager.running).toHaveLength(0);
  });

  it('says so when the cancellation was accepted, but not read back in time', async () => {
    const { gate, report } = await giveUp({ ...PENDING, cancelTakesMs: Infinity });
    expect(kindsOf(report)).toEqual([outcome, 'requested', 'not-needed']);
    expect(gate.opsManager.callsOf('cancel')).toHaveLength(1);
    const spentMs = gate.clock.elapsedMs - endedAt(gate);
    // No read begins that the end would cut at once, and nothing is waited for after the last one.
    expect(spentMs).toBe(budgetMs(outcome).all - SECOND);
  });

  it('says in the words of Ops Manager that it refused to cancel', async () => {
    const { gate, report } = await giveUp(PENDING, replies(409, 'No, for a good reason.'));
    expect(kindsOf(report)).toEqual([outcome, 'refused', 'not-needed']);
    expect(report.verdict.cancellation).toMatchObject({
      trouble: { happened: expect.stringContaining('No, for a good reason.') as unknown }
    });
    expect(gate.opsManager.callsOf('cancel')).toHaveLength(1);
  });

  it.each([
    { name: 'is down', fault: unavailable() },
    { name: 'hangs', fault: hang() },
    { name: 'cannot be reached', fault: reset() }
  ])('says so when Ops Manager $name and could not be asked to cancel', async ({ name, fault }) => {
    const { gate, report } = await giveUp(PENDING, fault);
    expect(kindsOf(report)).toEqual([outcome, 'failed', 'not-needed']);
    expect(report.verdict.cancellation).toMatchObject({
      trouble: { happened: fault.error.happened }
    });
    const last = gate.opsManager.callsOf('cancel').at(-1);
    // The last attempt begins with a second left.
    const lastAtMs = budgetMs(outcome).ask - SECOND;
    if (name !== 'hangs') expect((last?.atMs ?? 0) - endedAt(gate)).toBe(lastAtMs);
    expect(gate.clock.elapsedMs - endedAt(gate)).toBeLessThanOrEqual(budgetMs(outcome).all);
    expect(gate.opsManager.calls.at(-1)?.kind).toBe('read');
  });

  it('writes and saves that it is about to ask before it asks', async () => {
    const { gate } = await giveUp(PENDING);
    const [cancel] = gate.opsManager.callsOf('cancel');
    const before = gate.published.findLast(({ case: c }) => c.cancel.isOpen);
    expect(before?.atMs).toBe(cancel?.atMs);
    expect(before?.outputs).toMatchObject({ outcome, state: 'PENDING', cancellation: 'failed' });
    expect(JSON.parse(before?.savedCase ?? '')).toMatchObject({
      case: { cancel: { isOpen: true } }
    });
  });

  it.each([
    { end: 'SUCCESS', want: ['reached', 'not-needed', 'not-needed'] },
    { end: 'FAILED', want: ['failed', 'not-needed', 'skipped'] },
    { end: 'CANCELLED', want: [outcome, 'confirmed', 'not-needed'] }
  ])('that cannot cancel as the import is $end just now tells that', async ({ end, want }) => {
    const gate = new GateUnderTest();
    prepare(gate);
    const steps: [string, number][] = [['PENDING', 0]];
    const id = gate.opsManager.add({ steps });
    const { faults } = gate.opsManager;
    gate.opsManager.faults = (call) => {
      // The very moment in which the step asks.
      if (call.kind === 'cancel') steps.push([end, call.atMs]);
      return faults(call);
    };
    const report = await gate.run({ target: { kind: 'given', id }, ...options });
    expect(kindsOf(report)).toEqual(want);
    expect(report.case.read?.state).toBe(end);
    if (end === 'SUCCESS') expect(report.verdict.outcome).toEqual({ kind: 'reached', late: true });
  });

  it.each([
    { end: 'SUCCESS', want: ['reached', 'not-needed', 'not-needed'] },
    { end: 'FAILED', want: ['failed', 'not-needed', 'skipped'] }
  ])('tells of $end after a cancellation that came too late', async ({ end, want }) => {
    const gate = new GateUnderTest();
    prepare(gate);
    const steps: [string, number][] = [['PENDING', 0]];
    const id = gate.opsManager.add({ steps, cancelTakesMs: MINUTE });
    const { faults } = gate.opsManager;
    gate.opsManager.faults = (call) => {
      if (call.kind === 'cancel') steps.push([end, call.atMs + 2 * SECOND]);
      return faults(call);
    };
    const report = await gate.run({ target: { kind: 'given', id }, ...options });
    expect(kindsOf(report)).toEqual(want);
  });
});

describe('an error', () => {
  it.each([401, 403, 404, 400])('before any good read (%i) cancels nothing', async (status) => {
    const gate = new GateUnderTest();
    gate.opsManager.faults = () => replies(status);
    const report = await gate.watch(PENDING);
    expect(kindsOf(report)).toEqual(['error', 'not-needed', 'not-needed']);
    expect(gate.opsManager.callsOf('cancel')).toHaveLength(0);
    expect(gate.opsManager.callsOf('read')).toHaveLength(1);
    expect(gate.clock.elapsedMs).toBe(0);
  });

  it('names the imports of the project when the one to wait for is not there', async () => {
    const gate = new GateUnderTest();
    const other = gate.opsManager.add(PENDING);
    const id = idOf(1);
    const report = await gate.run({ target: { kind: 'given', id } });
    expect(kindsOf(report)).toEqual(['error', 'not-needed', 'not-needed']);
    expect(messageOf(report)).toContain(`${other} PENDING since 2025-10-20 10:00:00 UTC`);
    expect(report.case.id).toBe(id);
    // Nodes may be 30 s behind.
    expect(gate.clock.elapsedMs).toBeGreaterThanOrEqual(30 * SECOND);
    expect(gate.opsManager.running).toEqual([other]);
    // What was never seen is not missing.
    expect(gate.published.filter(({ case: c }) => c.missing)).toHaveLength(0);
  });

  it('says what it knows when the project may not be listed', async () => {
    const gate = new GateUnderTest();
    gate.opsManager.faults = answers('list', replies(403));
    const report = await gate.run({ target: { kind: 'given', id: idOf(1) } });
    expect(kindsOf(report)).toEqual(['error', 'not-needed', 'not-needed']);
    expect(messageOf(report)).toContain('Ops Manager answered HTTP 403');
    expect(gate.opsManager.callsOf('list')).toHaveLength(1);
  });

  it('that is a defect is thrown', async () => {
    const gate = new GateUnderTest();
    gate.opsManager.readImport = () => Promise.reject(new TypeError('a defect'));
    await expect(gate.watch(PENDING)).rejects.toThrow('a defect');
  });

  it('that stops the wait and is no interrupt is thrown', async () => {
    const gate = new GateUnderTest();
    gate.clock.at(MINUTE, () => {
      gate.interrupt.abort(new TypeError('a defect'));
    });
    await expect(gate.watch(PENDING)).rejects.toThrow('a defect');
  });
});
