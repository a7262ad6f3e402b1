import { describe, expect, it } from '@jest/globals';
import type { Script } from '../../simulator/scripted-import.ts';
import { messageOf } from '../../src/report/words.ts';
import { hang, lostAnswer, replies, reset, unavailable } from '../support/faults.ts';
import {
  CREATE,
  GateUnderTest,
  HOUR,
  kindsOf,
  MINUTE,
  SECOND
} from '../support/gate-under-test.ts';

const PENDING: Script = { steps: [['PENDING', 0]] };
const TIMEOUT = { timeoutMs: MINUTE };

describe('the look before anything is cancelled', () => {
  it('is a good read, also where the last one failed', async () => {
    const gate = new GateUnderTest();
    gate.opsManager.faults = ({ kind, atMs }) =>
      kind === 'read' && atMs >= 50 * SECOND && atMs < 80 * SECOND ? reset() : undefined;
    const steps = [
      ['PENDING', 0],
      ['SUCCESS', 70 * SECOND]
    ] as const;
    const report = await gate.watch({ steps }, TIMEOUT);
    expect(report.verdict.outcome).toEqual({ kind: 'reached', late: true });
    expect(gate.opsManager.callsOf('cancel')).toEqual([]);
  });

  it.each([
    { name: 'a failed last read', options: TIMEOUT, interruptAtMs: undefined },
    { name: 'a signal', options: {}, interruptAtMs: MINUTE }
  ])('never cancels what passed an intermediate goal: after $name', async (row) => {
    const gate = new GateUnderTest();
    gate.opsManager.faults = ({ kind, atMs }) =>
      kind === 'read' && atMs >= 20 * SECOND && atMs < MINUTE ? reset() : undefined;
    if (row.interruptAtMs !== undefined) gate.interruptAt(row.interruptAtMs);
    const steps = [
      ['PENDING', 0],
      ['AWAIT_GOAL_STATE', 40 * SECOND]
    ] as const;
    const report = await gate.watch({ steps }, { goal: 'AWAIT_HOSTS_DISCOVERED', ...row.options });
    expect(report.verdict.outcome.kind).toBe('reached');
    expect(gate.opsManager.callsOf('cancel')).toEqual([]);
  });

  it('is followed by the asking at once when it is refused before any good answer', async () => {
    const gate = new GateUnderTest();
    gate.opsManager.faults = ({ kind }) => (kind === 'read' ? replies(403) : undefined);
    gate.interruptAt(0);
    const report = await gate.watch(PENDING);
    expect(gate.opsManager.callsOf('cancel').map(({ atMs }) => atMs)).toEqual([0]);
    expect(report.verdict.outcome.kind).toBe('interrupted');
    expect(gate.opsManager.running).toEqual([]);
  });

  it('of an import that was found and is not this step’s yet is none: it is named as one that runs', async () => {
    const gate = new GateUnderTest();
    const id = gate.opsManager.add(PENDING);
    gate.interruptAt(10 * SECOND);
    const report = await gate.run({ target: { kind: 'discover' } });
    expect(kindsOf(report)).toEqual(['interrupted', 'not-needed', 'not-needed']);
    expect(messageOf(report)).toContain(id);
    expect(gate.opsManager.running).toEqual([id]);
    expect(gate.opsManager.calls.filter(({ atMs }) => atMs > 10 * SECOND)).toEqual([]);
  });

  it('of one that a second list has shown alone is no third list', async () => {
    const gate = new GateUnderTest();
    gate.opsManager.add(PENDING);
    gate.interruptAt(40 * SECOND);
    const report = await gate.run({ target: { kind: 'discover' } });
    expect(kindsOf(report)).toEqual(['interrupted', 'confirmed', 'not-needed']);
    expect(gate.opsManager.callsOf('list')).toHaveLength(2);
  });

  it('without an answer ends after 45 s, and the asking follows', async () => {
    const gate = new GateUnderTest();
    gate.opsManager.faults = ({ kind, atMs }) =>
      kind === 'read' && atMs >= 50 * SECOND ? unavailable() : undefined;
    const report = await gate.watch(PENDING, TIMEOUT);
    const [cancel] = gate.opsManager.callsOf('cancel');
    expect(cancel?.atMs).toBeGreaterThan(MINUTE + 40 * SECOND);
    expect(cancel?.atMs).toBeLessThanOrEqual(MINUTE + 45 * SECOND);
    expect(kindsOf(report)).toEqual(['timed-out', 'requested', 'not-needed']);
  });

  it('of an import that was found comes before it is cancelled, too', async () => {
    const gate = new GateUnderTest();
    const steps = [
      ['PENDING', 0],
      ['SUCCESS', MINUTE - 100]
    ] as const;
    gate.opsManager.add({ steps });
    gate.interruptAt(MINUTE);
    const report = await gate.run({ target: { kind: 'discover' } });
    expect(report.verdict.outcome).toEqual({ kind: 'reached', late: true });
    expect(gate.opsManager.callsOf('cancel')).toEqual([]);
  });

  it('of a goal that was reached is none: nothing that is said then comes from a later read', async () => {
    const gate = new GateUnderTest();
    const report = await gate.watch(
      { steps: [['AWAIT_GOAL_STATE', 0]] },
      { goal: 'AWAIT_HOSTS_DISCOVERED' }
    );
    expect(report.verdict.outcome).toEqual({ kind: 'reached', late: false });
    expect(gate.opsManager.calls.map(({ kind }) => kind)).toEqual(['read']);
  });

  it('is all there is where the policy forbids asking', async () => {
    const gate = new GateUnderTest();
    gate.opsManager.faults = ({ kind, atMs }) =>
      kind === 'read' && atMs >= 50 * SECOND && atMs < 80 * SECOND ? reset() : undefined;
    const report = await gate.watch(PENDING, { ...TIMEOUT, cancelOnTimeout: false });
    expect(kindsOf(report)).toEqual(['timed-out', 'skipped', 'not-needed']);
    expect(gate.opsManager.callsOf('cancel')).toEqual([]);
    expect(gate.opsManager.calls.at(-1)).toMatchObject({ kind: 'read' });
    expect(gate.opsManager.calls.at(-1)?.atMs).toBeGreaterThanOrEqual(80 * SECOND);
  });
});

describe('the look for what a lost create call may have made', () => {
  it('is over when half a minute of lists had nothing new: what comes then is somebody else’s', async () => {
    const gate = new GateUnderTest();
    gate.opsManager.faults = ({ kind }) => (kind === 'create' ? reset() : undefined);
    const report = await gate.run({ target: CREATE, timeoutMs: 34 * SECOND });
    expect(kindsOf(report)).toEqual(['timed-out', 'not-needed', 'not-needed']);
    const times = gate.opsManager.callsOf('list').map(({ atMs }) => atMs);
    // The list before the call and the first one after it come at the same time.
    expect(new Set(times.slice(1)).size).toBe(times.length - 1);
  });
});

it('whatever is thrown while a case is settled counts as a call that failed', async () => {
  const gate = new GateUnderTest();
  gate.interruptAt(MINUTE);
  const read = gate.opsManager.readImport.bind(gate.opsManager);
  gate.opsManager.readImport = (id, options) =>
    gate.clock.elapsedMs < MINUTE ? read(id, options) : Promise.reject(new TypeError('a defect'));
  gate.opsManager.cancelImport = () => Promise.reject(new TypeError('another one'));
  const report = await gate.watch(PENDING);
  expect(kindsOf(report)).toEqual(['interrupted', 'failed', 'not-needed']);
  expect(messageOf(report)).toContain('another one');
  expect(report.verdict.cancellation).toMatchObject({
    trouble: { title: 'Defect of this action' }
  });
});

it('what was thrown once while a case is settled is tried again, and told with its cause', async () => {
  const gate = new GateUnderTest();
  const defect = new TypeError('a defect');
  const cancel = gate.opsManager.cancelImport.bind(gate.opsManager);
  gate.opsManager.cancelImport = async (id, options) => {
    if (gate.clock.elapsedMs === MINUTE) throw defect;
    await cancel(id, options);
  };
  const report = await gate.watch(PENDING, TIMEOUT);
  expect(kindsOf(report)).toEqual(['timed-out', 'confirmed', 'not-needed']);
  expect(gate.observer.retries.map(({ kind, cause }) => [kind, cause])).toEqual([
    ['transient', defect]
  ]);
});

it('a defect of this action between two calls is thrown', async () => {
  const gate = new GateUnderTest();
  gate.onChange = (_, { read, isFinished }) => {
    if (read?.state === 'CANCELLED' && !isFinished) throw new SyntaxError('a defect');
  };
  await expect(gate.watch(PENDING, TIMEOUT)).rejects.toThrow('a defect');
});

describe('asking', () => {
  it('is repeated through transient errors until 75 s after the wait', async () => {
    const gate = new GateUnderTest();
    gate.opsManager.faults = ({ kind, atMs }) =>
      kind === 'cancel' && atMs < MINUTE + 60 * SECOND ? unavailable() : undefined;
    const report = await gate.watch({ ...PENDING, cancelTakesMs: 40 * SECOND }, TIMEOUT);
    // At 0, 1, 3, 7, 15, 31, 61 s.
    expect(gate.opsManager.callsOf('cancel')).toHaveLength(7);
    expect(kindsOf(report)).toEqual(['timed-out', 'confirmed', 'not-needed']);
    expect(gate.clock.elapsedMs).toBe(MINUTE + 61 * SECOND + 40 * SECOND);
  });

  it.each([
    { name: 'HTTP 503', fault: unavailable, said: 'HTTP 503' },
    { name: 'a refusal', fault: () => replies(403), said: 'HTTP 403' },
    { name: 'a reset', fault: reset, said: 'ECONNRESET' }
  ])('that meets $name to its end says so, also where a pause ends late', async (row) => {
    const gate = new GateUnderTest();
    gate.clock.lateMs = 3;
    gate.opsManager.faults = ({ kind }) => (kind === 'cancel' ? row.fault() : undefined);
    const report = await gate.watch(PENDING, TIMEOUT);
    expect(gate.opsManager.callsOf('cancel').length).toBeGreaterThan(3);
    expect(messageOf(report)).toContain(row.said);
    expect(messageOf(report)).not.toContain('suspended');
  });

  it('ends with what was accepted: a later refusal is none', async () => {
    const gate = new GateUnderTest();
    let hasSignal = false;
    gate.opsManager.faults = ({ kind, nth, atMs }) => {
      if (kind === 'cancel' && nth > 1) return replies(409, 'It is being cancelled');
      // The step is interrupted while it reads back.
      if (kind === 'read' && atMs > MINUTE && !hasSignal) {
        hasSignal = true;
        gate.interruptNow();
      }
      return undefined;
    };
    const report = await gate.watch({ ...PENDING, cancelTakesMs: MINUTE }, TIMEOUT);
    expect(kindsOf(report)).toEqual(['timed-out', 'requested', 'not-needed']);
    expect(messageOf(report)).not.toMatch(/refused/);
  });

  it('that was lost and then refused because it is being carried out is confirmed by a read', async () => {
    const gate = new GateUnderTest();
    gate.opsManager.faults = ({ kind, nth }) =>
      kind === 'cancel'
        ? [lostAnswer(), replies(409, 'It is being cancelled')][nth - 1]
        : undefined;
    const report = await gate.watch({ ...PENDING, cancelTakesMs: 20 * SECOND }, TIMEOUT);
    expect(kindsOf(report)).toEqual(['timed-out', 'confirmed', 'not-needed']);
  });

  it('makes a goal on the way worthless once it may have been accepted', async () => {
    for (const onCancel of [undefined, lostAnswer()]) {
      const gate = new GateUnderTest();
      gate.opsManager.faults = ({ kind, nth }) =>
        kind === 'cancel' ? (nth === 1 ? onCancel : replies(409)) : undefined;
      const script: Script = {
        steps: [
          ['PENDING', 0],
          ['AWAIT_GOAL_STATE', MINUTE + SECOND]
        ],
        cancelTakesMs: Infinity
      };
      const report = await gate.watch(script, { ...TIMEOUT, goal: 'AWAIT_HOSTS_DISCOVERED' });
      expect(report.case.read?.state).toBe('AWAIT_GOAL_STATE');
      expect(report.verdict.outcome.kind).toBe('timed-out');
      expect(gate.published.map(({ outputs }) => outputs['goal-reached'])).not.toContain('true');
    }
  });
});

describe('reading back', () => {
  const SUCCEEDS: Script = {
    steps: [
      ['PENDING', 0],
      ['SUCCESS', MINUTE + 10 * SECOND]
    ]
  };

  it('tells of SUCCESS while the cancel call meets only 503s', async () => {
    const gate = new GateUnderTest();
    gate.opsManager.faults = ({ kind }) => (kind === 'cancel' ? unavailable() : undefined);
    const report = await gate.watch(SUCCEEDS, TIMEOUT);
    expect(report.verdict.outcome).toEqual({ kind: 'reached', late: true });
    expect(messageOf(report)).not.toContain('may still be running');
  });

  it.each([
    { name: 'was refused', fault: replies(409, 'No') },
    { name: 'was not answered', fault: hang() }
  ])('comes at least once when the asking $name', async ({ fault }) => {
    const gate = new GateUnderTest();
    gate.opsManager.faults = ({ kind }) => (kind === 'cancel' ? fault : undefined);
    await gate.watch(PENDING, TIMEOUT);
    const last = gate.opsManager.callsOf('cancel').at(-1)?.atMs ?? Infinity;
    expect(gate.opsManager.callsOf('read').some(({ atMs }) => atMs >= last)).toBe(true);
  });

  it('goes on until the import has ended', async () => {
    const gate = new GateUnderTest();
    gate.opsManager.faults = ({ kind }) => (kind === 'cancel' ? replies(409, 'No') : undefined);
    const steps = [
      ['PENDING', 0],
      ['FAILED', MINUTE + 100 * SECOND]
    ] as const;
    const report = await gate.watch({ steps }, TIMEOUT);
    expect(kindsOf(report)).toEqual(['failed', 'not-needed', 'skipped']);
  });

  it('ends after ten seconds without an answer', async () => {
    const gate = new GateUnderTest();
    gate.opsManager.faults = ({ kind, atMs }) =>
      kind === 'read' && atMs > MINUTE + 5 * SECOND ? reset() : undefined;
    const report = await gate.watch({ ...PENDING, cancelTakesMs: 20 * SECOND }, TIMEOUT);
    expect(kindsOf(report)).toEqual(['timed-out', 'requested', 'not-needed']);
    const spentMs = gate.clock.elapsedMs - MINUTE;
    expect(spentMs).toBeGreaterThanOrEqual(14 * SECOND);
    expect(spentMs).toBeLessThanOrEqual(17 * SECOND);
  });

  it('takes Ops Manager’s own 404 for an answer', async () => {
    const gate = new GateUnderTest();
    gate.opsManager.faults = ({ kind, atMs }) =>
      kind === 'read' && atMs > MINUTE + 5 * SECOND && atMs < MINUTE + 30 * SECOND
        ? replies(404)
        : undefined;
    const report = await gate.watch({ ...PENDING, cancelTakesMs: 40 * SECOND }, TIMEOUT);
    expect(kindsOf(report)).toEqual(['timed-out', 'confirmed', 'not-needed']);
  });

  it('says refused in the words of Ops Manager when it is refused as well', async () => {
    const gate = new GateUnderTest();
    gate.opsManager.faults = ({ kind, atMs }) =>
      kind === 'cancel' || (kind === 'read' && atMs > MINUTE) ? replies(401) : undefined;
    const report = await gate.watch(PENDING, TIMEOUT);
    expect(kindsOf(report)).toEqual(['timed-out', 'refused', 'not-needed']);
    expect(report.case.read?.state).toBe('PENDING');
  });
});

describe('an import that is missing', () => {
  const RUNNING: Script = {
    steps: [
      ['PENDING', 0],
      ['SUCCESS', 10 * MINUTE]
    ]
  };

  it('is waited for when one read and a list meet a node that lags', async () => {
    const gate = new GateUnderTest();
    gate.opsManager.faults = ({ kind, nth }) =>
      kind === 'read' && nth > 2 && nth < 8 ? replies(404) : undefined;
    const report = await gate.watch(RUNNING);
    expect(report.verdict.outcome.kind).toBe('reached');
    // Each 404 is held against a list.
    expect(gate.opsManager.callsOf('list')).toHaveLength(5);
  });

  it('is waited for when it was just listed, and the node that is read does not have it yet', async () => {
    const gate = new GateUnderTest();
    gate.opsManager.lagMs = ({ kind }) => (kind === 'read' ? 25 * SECOND : 0);
    gate.opsManager.onCreate = RUNNING;
    const report = await gate.run({ target: CREATE });
    expect(report.verdict.outcome.kind).toBe('reached');
  });

  it.each([0, 300])(
    'meets no call that the budget would cut at once, which would begin the minute anew (%i ms)',
    async (takesMs) => {
      const gate = new GateUnderTest();
      gate.opsManager.faults = ({ atMs }) =>
        atMs >= MINUTE ? { ...replies(404), takesMs } : undefined;
      await gate.watch(PENDING, TIMEOUT);
      const settling = gate.opsManager.calls.filter(({ atMs }) => atMs >= MINUTE);
      expect(settling.length).toBeGreaterThan(40);
      expect(Math.min(...settling.map(({ limitMs = Infinity }) => limitMs))).toBe(SECOND);
      // A look of 45 s has a read in its last second, where that can begin then.
      const reads = gate.opsManager.callsOf('read').map(({ atMs }) => atMs - MINUTE);
      if (takesMs === 0) expect(reads).toContain(44 * SECOND);
    }
  );

  it('is asked for again where one node that is asked does not know it', async () => {
    const gate = new GateUnderTest();
    gate.opsManager.faults = ({ kind, nth }) =>
      kind === 'cancel' && nth < 3 ? replies(404) : undefined;
    const report = await gate.watch(PENDING, TIMEOUT);
    expect(kindsOf(report)).toEqual(['timed-out', 'confirmed', 'not-needed']);
    expect(gate.opsManager.callsOf('cancel').map(({ atMs }) => atMs / SECOND)).toEqual([
      60, 61, 62
    ]);
  });

  it('that was refused to be cancelled, and that reads do not find, is asked for again only after a minute', async () => {
    const gate = new GateUnderTest();
    gate.opsManager.faults = ({ kind, atMs, nth }) => {
      if (kind === 'cancel') return replies(409, nth === 1 ? 'No' : 'Still no');
      return kind === 'read' && atMs > MINUTE ? replies(404) : undefined;
    };
    const report = await gate.watch(PENDING, TIMEOUT);
    expect(kindsOf(report)).toEqual(['timed-out', 'refused', 'not-needed']);
    expect(messageOf(report)).toContain('Still no');
    const asked = gate.opsManager.callsOf('cancel').map(({ atMs }) => atMs);
    expect(asked).toHaveLength(2);
    expect(asked[1]).toBeGreaterThanOrEqual(2 * MINUTE);
    // What was found again by the asking is not looked for in a list.
    expect(gate.opsManager.callsOf('list')).toEqual([]);
  });

  it('was deleted only when the minute is over that begins after an answer of another kind', async () => {
    const gate = new GateUnderTest();
    const id = gate.opsManager.add(PENDING);
    gate.killAt(MINUTE);
    await gate.runUntilKilled({ target: { kind: 'given', id } });
    gate.opsManager.remove(id);
    gate.opsManager.faults = ({ kind, atMs }) =>
      kind === 'read' && atMs >= 90 * SECOND && atMs < 91 * SECOND ? reset() : undefined;
    const after = await gate.postStep();
    expect(after?.report.verdict.cancellation.kind).toBe('not-needed');
    expect(gate.clock.elapsedMs).toBeGreaterThanOrEqual(150 * SECOND);
  });

  it('is asked for once more after a minute, when it was there and refused before', async () => {
    const gate = new GateUnderTest();
    const id = gate.opsManager.add(PENDING);
    gate.opsManager.faults = ({ kind, nth }) =>
      kind === 'cancel' && nth === 1 ? replies(409) : undefined;
    gate.clock.at(MINUTE + SECOND, () => {
      gate.opsManager.remove(id);
    });
    const report = await gate.run({ target: { kind: 'given', id }, ...TIMEOUT });
    expect(gate.opsManager.callsOf('cancel')).toHaveLength(2);
    expect(kindsOf(report)).toEqual(['timed-out', 'not-needed', 'not-needed']);
  });

  it('was deleted when reads and asking met nothing but 404s for a minute', async () => {
    const gate = new GateUnderTest();
    const id = gate.opsManager.add(RUNNING);
    gate.clock.at(30 * SECOND, () => {
      gate.opsManager.remove(id);
    });
    const report = await gate.run({ target: { kind: 'given', id } });
    expect(kindsOf(report)).toEqual(['error', 'not-needed', 'not-needed']);
    expect(messageOf(report)).toMatch(/was deleted/);
    expect(report.case.read?.state).toBe('PENDING');
    expect(gate.clock.elapsedMs).toBeGreaterThanOrEqual(90 * SECOND);
    // Its minute is over: one read, one cancel call and one list more are enough.
    expect(gate.clock.elapsedMs).toBeLessThan(100 * SECOND);
    expect(gate.opsManager.calls.slice(-4).map(({ kind }) => kind)).toEqual([
      'read',
      'list',
      'cancel',
      'list'
    ]);
  });

  it('was not deleted when one of the answers was something else', async () => {
    const gate = new GateUnderTest();
    // Never found, and once in between not answered.
    gate.opsManager.faults = ({ kind, nth }) =>
      kind === 'read' && nth > 1 ? (nth % 4 === 0 ? reset() : replies(404)) : undefined;
    const report = await gate.watch(
      { ...PENDING, cancelTakesMs: Infinity },
      { timeoutMs: 5 * MINUTE }
    );
    expect(messageOf(report)).not.toMatch(/deleted/);
    expect(kindsOf(report)).toEqual(['timed-out', 'requested', 'not-needed']);
  });

  it('is settled as usual when it shows again after its minute', async () => {
    const gate = new GateUnderTest();
    gate.opsManager.faults = ({ kind, atMs }) =>
      kind === 'read' && atMs > 20 * SECOND && atMs < 95 * SECOND ? replies(404) : undefined;
    const report = await gate.watch(PENDING);
    expect(kindsOf(report)).toEqual(['error', 'confirmed', 'not-needed']);
    expect(gate.opsManager.running).toEqual([]);
  });

  it('is not found, and left, where the policy forbids asking', async () => {
    const gate = new GateUnderTest();
    const id = gate.opsManager.add(RUNNING);
    gate.clock.at(30 * SECOND, () => {
      gate.opsManager.remove(id);
    });
    const report = await gate.run({ target: { kind: 'given', id }, cancelOnTimeout: false });
    expect(kindsOf(report)).toEqual(['error', 'skipped', 'not-needed']);
    expect(messageOf(report)).toMatch(/not found .*for a minute/);
    expect(messageOf(report)).not.toMatch(/was deleted/);
  });

  it('has no such minute after a signal, and the post step decides', async () => {
    const gate = new GateUnderTest();
    const id = gate.opsManager.add(RUNNING);
    gate.clock.at(30 * SECOND, () => {
      gate.opsManager.remove(id);
    });
    gate.interruptAt(40 * SECOND);
    const report = await gate.run({ target: { kind: 'given', id } });
    expect(kindsOf(report)).toEqual(['interrupted', 'failed', 'not-needed']);
    expect(gate.clock.elapsedMs).toBeLessThanOrEqual(45 * SECOND);
    const after = await gate.postStep();
    expect(after?.report.verdict.cancellation.kind).toBe('not-needed');
    expect(after?.aftermath.title).toBe('Import was deleted');
  });

  it('is looked for in the list when it was given and never seen: shown there, it is waited for', async () => {
    const gate = new GateUnderTest();
    gate.opsManager.faults = ({ kind, nth }) =>
      kind === 'read' && nth < 4 ? replies(404) : undefined;
    const report = await gate.watch(RUNNING);
    expect(report.verdict.outcome.kind).toBe('reached');
    expect(gate.opsManager.callsOf('list')).toHaveLength(3);
  });

  it('counts as seen once a list has shown it', async () => {
    const gate = new GateUnderTest();
    gate.opsManager.faults = ({ kind }) => (kind === 'read' ? replies(404) : undefined);
    const report = await gate.watch(PENDING);
    expect(report.verdict.outcome.kind).toBe('error');
    expect(gate.opsManager.callsOf('cancel')).toHaveLength(1);
    expect(gate.opsManager.running).toEqual([]);
  });
});

describe('the time of settling', () => {
  it('is kept where lists show nothing, to the millisecond', async () => {
    const gate = new GateUnderTest();
    gate.opsManager.onCreate = { steps: [['PENDING', 0]], listedAfterMs: HOUR };
    await gate.run({ target: CREATE, timeoutMs: 10 * SECOND });
    expect(gate.clock.elapsedMs).toBe(10 * SECOND + 45 * SECOND);
  });
});
