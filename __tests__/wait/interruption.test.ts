import { describe, expect, it } from '@jest/globals';
import { hang, replies, reset, unavailable } from '../support/faults.ts';
import {
  CREATE,
  GateUnderTest,
  HOUR,
  isSettledText,
  kindsOf,
  MINUTE,
  SECOND
} from '../support/gate-under-test.ts';
import type { Faults } from '../support/scripted-ops-manager.ts';

const PENDING = { steps: [['PENDING', 0]] } as const;

/** Each phase of a wait in which a signal can come, and when. */
const MOMENTS: readonly {
  readonly name: string;
  readonly atMs: number;
  readonly faults?: Faults;
}[] = [
  { name: 'before the first request', atMs: 0 },
  {
    name: 'in the first request',
    atMs: 2 * SECOND,
    faults: hangOn('read', 1)
  },
  { name: 'in a pause', atMs: 500 },
  {
    name: 'in a request',
    atMs: 2 * SECOND,
    faults: hangOn('read', 2)
  },
  {
    name: 'in a retry delay',
    atMs: 45 * SECOND,
    faults: ({ kind, atMs }) => (kind === 'read' && atMs < 45 * SECOND ? reset() : undefined)
  },
  {
    name: 'in a Retry-After',
    atMs: 45 * SECOND,
    faults: ({ kind, atMs }) =>
      kind === 'read' && atMs < 45 * SECOND ? unavailable(300) : undefined
  }
];

describe('a signal', () => {
  it.each(MOMENTS)('$name stops the wait at once and cancels the import', async (moment) => {
    const gate = new GateUnderTest();
    if (moment.faults) gate.opsManager.faults = moment.faults;
    if (moment.atMs === 0) gate.interruptNow();
    else gate.interruptAt(moment.atMs);
    const report = await gate.watch(PENDING);
    expect(report.verdict.outcome).toEqual({ kind: 'interrupted', by: 'The signal SIGINT' });
    expect(report.verdict.cancellation.kind).toBe('confirmed');
    const [cancel] = gate.opsManager.callsOf('cancel');
    expect(cancel?.atMs).toBe(moment.atMs);
    expect(gate.clock.elapsedMs).toBe(moment.atMs);
    expect(gate.published.find(({ atMs }) => atMs === moment.atMs)?.outputs['outcome']).toBe(
      'interrupted'
    );
  });

  it.each(MOMENTS)('$name cancels nothing when the user chose so', async (moment) => {
    const gate = new GateUnderTest();
    if (moment.faults) gate.opsManager.faults = moment.faults;
    if (moment.atMs === 0) gate.interruptNow();
    else gate.interruptAt(moment.atMs);
    const report = await gate.watch(PENDING, { cancelOnInterrupt: false });
    expect(kindsOf(report)).toEqual(['interrupted', 'skipped', 'not-needed']);
    expect(gate.clock.elapsedMs).toBe(moment.atMs);
  });

  it('leaves five seconds to settle, whatever Ops Manager does', async () => {
    const gate = new GateUnderTest();
    gate.opsManager.faults = ({ atMs }) => (atMs >= 500 ? hang() : undefined);
    gate.interruptAt(500);
    const report = await gate.watch(PENDING);
    expect(kindsOf(report)).toEqual(['interrupted', 'failed', 'not-needed']);
    // A look until 1.5 s, asking until 3.5 s, reading back until 5 s.
    const since = gate.opsManager.calls.filter(({ atMs }) => atMs >= 500);
    expect(since.map(({ kind, atMs, limitMs }) => [kind, atMs, limitMs])).toEqual([
      ['read', 500, 1500],
      ['cancel', 2000, 2000],
      ['read', 4000, 1500]
    ]);
    expect(gate.clock.elapsedMs).toBe(5500);
  });

  it('does not stop at a Retry-After that is longer than those five seconds', async () => {
    const gate = new GateUnderTest();
    gate.opsManager.faults = ({ kind }) => (kind === 'cancel' ? unavailable(60) : undefined);
    gate.interruptAt(500);
    await gate.watch(PENDING);
    // The last attempt begins with a second left.
    expect(gate.opsManager.callsOf('cancel').map(({ atMs }) => atMs)).toEqual([500, 3000]);
    expect(gate.clock.elapsedMs).toBeLessThanOrEqual(5500);
  });

  it.each([
    {
      name: 'while an unhurried cancellation is asked for',
      faults: hangOn('cancel', 1),
      cancelTakesMs: 0
    },
    {
      name: 'while an unhurried cancellation is read back',
      faults: hangOn('read', 12),
      cancelTakesMs: 0
    },
    { name: 'between two reads back', faults: () => undefined, cancelTakesMs: 20 * SECOND }
  ])('$name leaves five seconds from then on', async ({ faults, cancelTakesMs }) => {
    const gate = new GateUnderTest();
    gate.opsManager.faults = faults;
    gate.interruptAt(MINUTE + 18.5 * SECOND);
    const report = await gate.watch({ ...PENDING, cancelTakesMs }, { timeoutMs: MINUTE });
    expect(report.verdict.outcome.kind).toBe('timed-out');
    expect(report.verdict.cancellation.kind).toBe('confirmed');
    expect(gate.clock.elapsedMs).toBeGreaterThanOrEqual(MINUTE + 18.5 * SECOND);
    expect(gate.clock.elapsedMs).toBeLessThanOrEqual(MINUTE + 23.5 * SECOND);
  });

  it('counts also while an import that is not there is looked for in the list', async () => {
    const gate = new GateUnderTest();
    gate.opsManager.faults = ({ kind, nth }) =>
      kind === 'list' ? hang() : kind === 'read' && nth === 2 ? replies(404) : undefined;
    gate.interruptAt(2 * SECOND);
    const report = await gate.watch(PENDING, { cancelOnInterrupt: false });
    expect(kindsOf(report)).toEqual(['interrupted', 'skipped', 'not-needed']);
  });

  it('does not ask again for what was accepted before it', async () => {
    const gate = new GateUnderTest();
    gate.interruptAt(MINUTE + 500);
    const report = await gate.watch(
      { ...PENDING, cancelTakesMs: 3 * SECOND },
      { timeoutMs: MINUTE }
    );
    expect(gate.opsManager.callsOf('cancel')).toHaveLength(1);
    expect(kindsOf(report)).toEqual(['timed-out', 'confirmed', 'not-needed']);
  });

  it('stops the wait wherever it comes, and leaves nothing running unsaid', async () => {
    for (let atMs = 0; atMs <= 3 * MINUTE; atMs += 777) {
      const gate = new GateUnderTest();
      gate.opsManager.latencyMs = 200;
      gate.opsManager.faults = ({ atMs: at }) =>
        at % 40_000 > 25_000 ? unavailable(5) : undefined;
      gate.interruptAt(atMs);
      const report = await gate.watch(
        { ...PENDING, cancelTakesMs: 1500 },
        { timeoutMs: 2 * MINUTE }
      );
      expect(gate.clock.elapsedMs).toBeLessThanOrEqual(Math.max(atMs + 5 * SECOND, 4 * MINUTE));
      if (atMs < 2 * MINUTE - 200) expect(report.verdict.outcome.kind).toBe('interrupted');
      if (atMs < 2 * MINUTE - 200)
        expect(gate.clock.elapsedMs).toBeLessThanOrEqual(atMs + 5 * SECOND);
      expect(report.verdict.cancellation.kind).toMatch(/^(confirmed|requested|failed)$/);
      if (report.verdict.cancellation.kind === 'confirmed')
        expect(gate.opsManager.running).toEqual([]);
    }
  });
});

describe('a signal while the import is not known yet', () => {
  it('cancels nothing when the import was to be found', async () => {
    const gate = new GateUnderTest();
    gate.interruptAt(7 * SECOND);
    const report = await gate.run({ target: { kind: 'discover' } });
    expect(kindsOf(report)).toEqual(['interrupted', 'not-needed', 'not-needed']);
    expect(report.case.id).toBeUndefined();
    expect(gate.clock.elapsedMs).toBe(7 * SECOND);
  });

  it('cancels nothing before the create call', async () => {
    const gate = new GateUnderTest();
    gate.opsManager.faults = () => hang();
    gate.interruptAt(SECOND);
    const report = await gate.run({ target: CREATE });
    expect(report.verdict.cancellation.kind).toBe('not-needed');
    expect(gate.opsManager.callsOf('create')).toHaveLength(0);
  });

  it.each([
    {
      name: 'in the create call',
      atMs: 100,
      faults: { ...hang(), arrives: true },
      listedAfterMs: 0
    },
    {
      name: 'between create and list',
      atMs: 3 * SECOND,
      faults: undefined,
      listedAfterMs: 2.5 * SECOND
    },
    {
      name: 'after a create call whose answer was lost',
      atMs: 3 * SECOND,
      faults: { ...reset(), arrives: true },
      listedAfterMs: 2.5 * SECOND
    }
  ])('$name finds what was created and cancels it', async ({ atMs, faults, listedAfterMs }) => {
    const gate = new GateUnderTest();
    const other = gate.opsManager.add(PENDING);
    gate.opsManager.onCreate = { ...PENDING, listedAfterMs };
    gate.opsManager.faults = ({ kind }) => (kind === 'create' ? faults : undefined);
    gate.interruptAt(atMs);
    const report = await gate.run({ target: CREATE, timeoutMs: HOUR });
    expect(kindsOf(report)).toEqual(['interrupted', 'confirmed', 'not-needed']);
    expect(gate.opsManager.running).toEqual([other]);
    expect(gate.opsManager.created).toEqual([report.case.id]);
    expect(gate.opsManager.callsOf('create')).toHaveLength(1);
    expect(gate.clock.elapsedMs).toBeLessThanOrEqual(atMs + 5 * SECOND);
  });

  // A pause of two seconds between two lists leaves one list in a look of 1.5 s.
  it('looks a second time for what was created within the look', async () => {
    const gate = new GateUnderTest();
    gate.opsManager.onCreate = { ...PENDING, listedAfterMs: 4 * SECOND };
    gate.interruptAt(3 * SECOND);
    const report = await gate.run({ target: CREATE });
    expect(kindsOf(report)).toEqual(['interrupted', 'confirmed', 'not-needed']);
  });

  it('says that the import may be running when it is not listed within five seconds', async () => {
    const gate = new GateUnderTest();
    gate.opsManager.onCreate = { ...PENDING, listedAfterMs: 20 * SECOND };
    gate.interruptAt(SECOND);
    const report = await gate.run({ target: CREATE });
    expect(report.verdict.cancellation.kind).toBe('failed');
    expect(gate.clock.elapsedMs).toBeLessThanOrEqual(6 * SECOND);
    expect(isSettledText(gate.savedCase ?? '')).toBe(false);
  });

  it('does not cancel what someone else created at the same time', async () => {
    const gate = new GateUnderTest();
    gate.opsManager.onCreate = { ...PENDING, listedAfterMs: 3 * SECOND };
    gate.clock.at(SECOND, () => gate.opsManager.add({ ...PENDING, listedAfterMs: 2 * SECOND }));
    gate.interruptAt(2 * SECOND);
    const report = await gate.run({ target: CREATE });
    expect(report.verdict.cancellation.kind).toBe('failed');
    expect(gate.opsManager.running).toHaveLength(2);
  });
});

function hangOn(kind: string, nth: number): Faults {
  return (call) => (call.kind === kind && call.nth === nth ? hang() : undefined);
}
