import { describe, expect, it } from '@jest/globals';
import { sampleSteps, type Script } from '../simulator/scripted-import.ts';
import type { GateOptions } from '../src/gate.ts';
import type { Result } from '../src/outcome.ts';
import { hang, lostAnswer, replies, reset, unavailable, type Fault } from './support/faults.ts';
import { GateUnderTest, MINUTE, SECOND } from './support/gate-under-test.ts';
import type { Call, Faults } from './support/scripted-ops-manager.ts';

const PENDING: Script = { steps: [['PENDING', 0]] };
const TIMEOUT = { timeoutMs: MINUTE };

/** The answers to the calls of one kind, one after the other; `undefined` is a good one. */
function answers(kind: Call['kind'], ...faults: readonly (Fault | undefined)[]): Faults {
  return (call) => (call.kind === kind ? faults[call.nth - 1] : undefined);
}

function kindsOf({ outcome, cancellation, cleanup }: Result): readonly string[] {
  return [outcome.kind, cancellation.kind, cleanup.kind];
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
    const result = await gate.watch({ steps: sampleSteps(end) });
    expect(kindsOf(result)).toEqual(want);
    expect(result.request?.state).toBe(end);
    expect(gate.opsManager.calls.every(({ kind }) => kind === 'read')).toBe(true);
  });

  it('opens the gate at a goal on the way, in it or past it', async () => {
    const gate = new GateUnderTest();
    const goal = { goal: 'AWAIT_HOSTS_DISCOVERED' } as const;
    const result = await gate.watch({ steps: sampleSteps('FAILED') }, goal);
    expect(kindsOf(result)).toEqual(['reached', 'not-needed', 'not-needed']);
    const past = await new GateUnderTest().watch({ steps: [['AWAIT_GOAL_STATE', 0]] }, goal);
    expect(past.outcome.kind).toBe('reached');
  });

  it('does not open the gate at a goal that it passed before it failed', async () => {
    const gate = new GateUnderTest();
    const steps = [
      ['PENDING', 0],
      ['AWAIT_GOAL_STATE', 1200],
      ['FAILED', 1300]
    ] as const;
    const result = await gate.watch({ steps }, { goal: 'AWAIT_GOAL_STATE' });
    expect(result.outcome.kind).toBe('failed');
  });
});

/** Each way to give up, with the input that decides whether it cancels. */
const WAYS_OUT: readonly {
  readonly outcome: Result['outcome']['kind'];
  readonly input: 'cancelOnTimeout' | 'cancelOnInterrupt';
  readonly options: Partial<GateOptions>;
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
    prepare: ({ opsManager }) => {
      opsManager.faults = answers('read', undefined, undefined, replies(403));
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

describe.each(WAYS_OUT)('a step that ends as $outcome', ({ outcome, input, options, prepare }) => {
  /** Gives up an import; `onCancel` is what goes wrong with the calls to cancel it. */
  async function giveUp(script: Script, onCancel?: Fault, policy: Partial<GateOptions> = {}) {
    const gate = new GateUnderTest();
    prepare(gate);
    const { faults } = gate.opsManager;
    gate.opsManager.faults = (call) => (call.kind === 'cancel' ? onCancel : faults(call));
    const result = await gate.watch(script, { ...options, ...policy });
    return { gate, result };
  }

  it('leaves the import running when the user chose so, and only then', async () => {
    const other = input === 'cancelOnTimeout' ? 'cancelOnInterrupt' : 'cancelOnTimeout';
    const skipped = await giveUp(PENDING, undefined, { [input]: false });
    expect(kindsOf(skipped.result)).toEqual([outcome, 'skipped', 'not-needed']);
    expect(skipped.gate.opsManager.callsOf('cancel')).toHaveLength(0);
    expect(skipped.gate.opsManager.running).toHaveLength(1);
    const cancelled = await giveUp(PENDING, undefined, { [other]: false });
    expect(kindsOf(cancelled.result)).toEqual([outcome, 'confirmed', 'not-needed']);
  });

  it('reads back that the import was cancelled', async () => {
    const { gate, result } = await giveUp({ ...PENDING, cancelTakesMs: 3 * SECOND });
    expect(kindsOf(result)).toEqual([outcome, 'confirmed', 'not-needed']);
    expect(result.request?.state).toBe('CANCELLED');
    expect(gate.opsManager.callsOf('cancel')).toHaveLength(1);
    expect(gate.opsManager.running).toHaveLength(0);
  });

  it('says so when the cancellation was accepted, but not read back in time', async () => {
    const { gate, result } = await giveUp({ ...PENDING, cancelTakesMs: Infinity });
    expect(kindsOf(result)).toEqual([outcome, 'requested', 'not-needed']);
    expect(gate.opsManager.callsOf('cancel')).toHaveLength(1);
    const spentMs = gate.clock.elapsedMs - (gate.opsManager.callsOf('cancel')[0]?.atMs ?? 0);
    expect(spentMs).toBe(outcome === 'interrupted' ? 5 * SECOND : MINUTE);
  });

  it('says in the words of Ops Manager that it refused to cancel', async () => {
    const { gate, result } = await giveUp(PENDING, replies(409, 'No, for a good reason.'));
    expect(kindsOf(result)).toEqual([outcome, 'refused', 'not-needed']);
    expect(result.cancellation).toMatchObject({
      why: expect.stringContaining('No, for a good reason.') as unknown
    });
    expect(gate.opsManager.callsOf('cancel')).toHaveLength(1);
  });

  it.each([
    { name: 'is down', fault: unavailable() },
    { name: 'hangs', fault: hang() },
    { name: 'cannot be reached', fault: reset() }
  ])('says so when Ops Manager $name and could not be asked to cancel', async ({ name, fault }) => {
    const { gate, result } = await giveUp(PENDING, fault);
    expect(kindsOf(result)).toEqual([outcome, 'failed', 'not-needed']);
    expect(result.cancellation).toMatchObject({ why: fault.error.message });
    const spentMs = gate.clock.elapsedMs - (gate.opsManager.callsOf('cancel')[0]?.atMs ?? 0);
    // The last attempt begins with a second left.
    const lastTakesMs = name === 'hangs' ? SECOND : 0;
    const patienceMs = outcome === 'interrupted' ? 5 * SECOND : MINUTE;
    expect(spentMs).toBe(patienceMs - SECOND + lastTakesMs);
  });

  it('writes what it knows before it asks for the cancellation', async () => {
    const { gate } = await giveUp(PENDING);
    expect(gate.observer.provisional.at(-1)).toMatchObject({
      outcome: { kind: outcome },
      request: { state: 'PENDING' },
      cancellation: { kind: 'failed' }
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
    const result = await gate.run({ target: { kind: 'given', id }, ...options });
    expect(kindsOf(result)).toEqual(want);
    expect(result.request?.state).toBe(end);
    if (end === 'SUCCESS') expect(result.outcome).toEqual({ kind: 'reached', late: true });
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
    const result = await gate.run({ target: { kind: 'given', id }, ...options });
    expect(kindsOf(result)).toEqual(want);
  });
});

describe('giving up', () => {
  it('tries again for a minute in all, and confirms for another', async () => {
    const gate = new GateUnderTest();
    gate.opsManager.faults = ({ kind, atMs }) =>
      kind === 'cancel' && atMs < MINUTE + 50 * SECOND ? unavailable() : undefined;
    const result = await gate.watch({ ...PENDING, cancelTakesMs: 50 * SECOND }, TIMEOUT);
    // At 0, 1, 3, 7, 15, 31 s, and at 59 s, for at 61 s it would have been too late.
    expect(gate.opsManager.callsOf('cancel')).toHaveLength(7);
    expect(kindsOf(result)).toEqual(['timed-out', 'confirmed', 'not-needed']);
    expect(gate.clock.elapsedMs).toBe(MINUTE + 59 * SECOND + 50 * SECOND);
  });

  it('has a minute to confirm also when asking took most of one', async () => {
    const gate = new GateUnderTest();
    gate.opsManager.faults = answers('cancel', ...Array.from({ length: 5 }, () => unavailable()));
    const result = await gate.watch({ ...PENDING, cancelTakesMs: 50 * SECOND }, TIMEOUT);
    expect(kindsOf(result)).toEqual(['timed-out', 'confirmed', 'not-needed']);
  });

  it('reads back through a short outage', async () => {
    const gate = new GateUnderTest();
    gate.opsManager.faults = ({ kind, atMs }) =>
      kind === 'read' && atMs >= MINUTE + 1 && atMs < MINUTE + 20 * SECOND ? reset() : undefined;
    const result = await gate.watch({ ...PENDING, cancelTakesMs: 2 * SECOND }, TIMEOUT);
    expect(kindsOf(result)).toEqual(['timed-out', 'confirmed', 'not-needed']);
  });

  it('believes in a cancellation whose answer was lost once it reads CANCELLED', async () => {
    const gate = new GateUnderTest();
    gate.opsManager.faults = answers('cancel', lostAnswer());
    const result = await gate.watch(PENDING, TIMEOUT);
    expect(gate.opsManager.callsOf('cancel')).toHaveLength(2);
    expect(kindsOf(result)).toEqual(['timed-out', 'confirmed', 'not-needed']);
  });

  it('reads on when it was refused only because an earlier call is being carried out', async () => {
    const gate = new GateUnderTest();
    gate.opsManager.faults = answers(
      'cancel',
      lostAnswer(),
      replies(409, 'It is being cancelled.')
    );
    const result = await gate.watch({ ...PENDING, cancelTakesMs: 20 * SECOND }, TIMEOUT);
    expect(gate.opsManager.callsOf('cancel')).toHaveLength(2);
    expect(kindsOf(result)).toEqual(['timed-out', 'confirmed', 'not-needed']);
  });

  it('has refused and no more to say when the read after a refusal fails as well', async () => {
    const gate = new GateUnderTest();
    gate.opsManager.faults = ({ kind, atMs }) =>
      kind === 'cancel' || (kind === 'read' && atMs > MINUTE) ? replies(401) : undefined;
    const result = await gate.watch(PENDING, TIMEOUT);
    expect(kindsOf(result)).toEqual(['timed-out', 'refused', 'not-needed']);
    expect(result.request?.state).toBe('PENDING');
  });
});

describe('an error', () => {
  it.each([401, 403, 404, 400])('before any good read (%i) cancels nothing', async (status) => {
    const gate = new GateUnderTest();
    gate.opsManager.faults = () => replies(status);
    const result = await gate.watch(PENDING);
    expect(kindsOf(result)).toEqual(['error', 'not-needed', 'not-needed']);
    expect(gate.opsManager.callsOf('cancel')).toHaveLength(0);
    expect(gate.opsManager.callsOf('read')).toHaveLength(1);
    expect(gate.clock.elapsedMs).toBe(0);
  });

  it('lists the imports of the project when the one to wait for is not there', async () => {
    const gate = new GateUnderTest();
    const other = gate.opsManager.add(PENDING);
    const id = '68f5f0a0c2b3a41d2f6e7aff';
    const result = await gate.run({ target: { kind: 'given', id } });
    expect(kindsOf(result)).toEqual(['error', 'not-needed', 'not-needed']);
    expect(messageOfError(result)).toContain(`${other} PENDING since 2025-10-20 10:00:00 UTC`);
    expect(result.requestId).toBe(id);
  });

  it.each([
    { name: 'may not be read', fault: replies(403) },
    { name: 'cannot be read', fault: reset() }
  ])('says what it knows when the project $name', async ({ fault }) => {
    const gate = new GateUnderTest();
    gate.opsManager.faults = answers('list', fault);
    const result = await gate.run({ target: { kind: 'given', id: '68f5f0a0c2b3a41d2f6e7aff' } });
    expect(messageOfError(result)).toContain('No such import.');
    expect(gate.opsManager.callsOf('list')).toHaveLength(1);
  });

  it('says that the import was deleted in mid-wait, and cancels nothing', async () => {
    const gate = new GateUnderTest();
    const id = gate.opsManager.add(PENDING);
    gate.clock.at(30 * SECOND, () => {
      gate.opsManager.remove(id);
    });
    const result = await gate.run({ target: { kind: 'given', id } });
    expect(kindsOf(result)).toEqual(['error', 'not-needed', 'not-needed']);
    expect(messageOfError(result)).toMatch(/deleted .*PENDING/);
    expect(result.request?.state).toBe('PENDING');
    expect(gate.opsManager.callsOf('cancel')).toHaveLength(0);
  });

  it('that is a defect is thrown', async () => {
    const gate = new GateUnderTest();
    gate.opsManager.readImport = () => Promise.reject(new TypeError('a defect'));
    await expect(gate.watch(PENDING)).rejects.toThrow('a defect');
  });
});

describe('a failed import', () => {
  const FAILED: Script = {
    steps: [
      ['AWAIT_GOAL_STATE', 0],
      ['FAILED', 5 * SECOND]
    ]
  };

  it.each([
    { name: 'is deleted', faults: [], want: 'deleted', deletes: 1 },
    { name: 'is deleted after a 503', faults: [unavailable()], want: 'deleted', deletes: 2 },
    {
      name: 'is deleted although the answer was lost',
      faults: [lostAnswer()],
      want: 'deleted',
      deletes: 2
    },
    {
      name: 'is kept when Ops Manager refuses',
      faults: [replies(409)],
      want: 'failed',
      deletes: 1
    },
    { name: 'is not there any more', faults: [replies(404)], want: 'failed', deletes: 1 }
  ])('$name', async ({ faults, want, deletes }) => {
    const gate = new GateUnderTest();
    gate.opsManager.faults = answers('delete', ...faults);
    const result = await gate.watch(FAILED, { deleteFailed: true });
    expect(kindsOf(result)).toEqual(['failed', 'not-needed', want]);
    expect(gate.opsManager.callsOf('delete')).toHaveLength(deletes);
    expect(gate.opsManager.imports).toHaveLength(want === 'deleted' ? 0 : 1);
    expect(result.request?.transitions).toHaveLength(2);
  });

  it('is tried to be deleted for one minute', async () => {
    const gate = new GateUnderTest();
    gate.opsManager.faults = ({ kind }) => (kind === 'delete' ? unavailable() : undefined);
    const result = await gate.watch(FAILED, { deleteFailed: true });
    expect(result.cleanup.kind).toBe('failed');
    const [first] = gate.opsManager.callsOf('delete');
    expect(gate.clock.elapsedMs - (first?.atMs ?? 0)).toBe(MINUTE - SECOND);
  });

  it('is left alone by a signal in the middle of its deletion', async () => {
    const gate = new GateUnderTest();
    gate.opsManager.faults = ({ kind }) => (kind === 'delete' ? hang() : undefined);
    gate.interruptAt(10 * SECOND);
    const result = await gate.watch(FAILED, { deleteFailed: true });
    expect(kindsOf(result)).toEqual(['failed', 'not-needed', 'failed']);
    expect(gate.clock.elapsedMs).toBe(10 * SECOND);
  });

  it.each(['SUCCESS', 'CANCELLED'])('is not what an import that is %s is', async (end) => {
    const gate = new GateUnderTest();
    const steps = [
      ['PENDING', 0],
      [end, 5 * SECOND]
    ] as const;
    const result = await gate.watch({ steps }, { deleteFailed: true });
    expect(result.cleanup.kind).toBe('not-needed');
    expect(gate.opsManager.callsOf('delete')).toHaveLength(0);
  });
});

function messageOfError({ outcome }: Result): string {
  return outcome.kind === 'error' ? outcome.error.message : '';
}
