import { describe, expect, it } from '@jest/globals';
import { hang, replies, reset, unavailable } from './support/faults.ts';
import { GateUnderTest, HOUR, MINUTE, SECOND } from './support/gate-under-test.ts';
import type { Faults } from './support/scripted-ops-manager.ts';
import type { GateOptions } from '../src/gate.ts';

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
      kind === 'read' && atMs < 45 * SECOND ? unavailable('300') : undefined
  }
];

describe('a signal', () => {
  it.each(MOMENTS)('$name stops the wait at once and cancels the import', async (moment) => {
    const gate = new GateUnderTest();
    if (moment.faults) gate.opsManager.faults = moment.faults;
    if (moment.atMs === 0) gate.interruptNow();
    else gate.interruptAt(moment.atMs);
    const result = await gate.watch(PENDING);
    expect(result.outcome).toEqual({ kind: 'interrupted', by: 'SIGINT' });
    expect(result.cancellation.kind).toBe('confirmed');
    const [cancel] = gate.opsManager.callsOf('cancel');
    expect(cancel?.atMs).toBe(moment.atMs);
    expect(gate.clock.elapsedMs).toBe(moment.atMs);
    expect(gate.observer.provisional.at(-1)?.outcome.kind).toBe('interrupted');
  });

  it.each(MOMENTS)('$name cancels nothing when the user chose so', async (moment) => {
    const gate = new GateUnderTest();
    if (moment.faults) gate.opsManager.faults = moment.faults;
    if (moment.atMs === 0) gate.interruptNow();
    else gate.interruptAt(moment.atMs);
    const result = await gate.watch(PENDING, { cancelOnInterrupt: false });
    expect(result).toMatchObject({
      outcome: { kind: 'interrupted' },
      cancellation: { kind: 'skipped' }
    });
    expect(gate.clock.elapsedMs).toBe(moment.atMs);
  });

  it('leaves five seconds for the cancellation, whatever Ops Manager does', async () => {
    const gate = new GateUnderTest();
    gate.opsManager.faults = ({ kind }) => (kind === 'cancel' ? hang() : undefined);
    gate.interruptAt(500);
    const result = await gate.watch(PENDING);
    expect(result.cancellation.kind).toBe('failed');
    expect(gate.opsManager.callsOf('cancel').map(({ limitMs }) => limitMs)).toEqual([5 * SECOND]);
    expect(gate.clock.elapsedMs).toBe(5500);
  });

  it('does not stop at a Retry-After that is longer than those five seconds', async () => {
    const gate = new GateUnderTest();
    gate.opsManager.faults = ({ kind }) => (kind === 'cancel' ? unavailable('60') : undefined);
    gate.interruptAt(500);
    await gate.watch(PENDING);
    // Half a second, and four until the last attempt, which begins with a second left.
    expect(gate.opsManager.callsOf('cancel')).toHaveLength(2);
    expect(gate.clock.elapsedMs).toBe(4500);
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
    const result = await gate.watch({ ...PENDING, cancelTakesMs }, { timeoutMs: MINUTE });
    expect(result.outcome.kind).toBe('timed-out');
    expect(result.cancellation.kind).toBe('confirmed');
    expect(gate.clock.elapsedMs).toBeGreaterThanOrEqual(MINUTE + 18.5 * SECOND);
    expect(gate.clock.elapsedMs).toBeLessThanOrEqual(MINUTE + 23.5 * SECOND);
    expect(gate.observer.provisional.at(-1)?.outcome.kind).toBe('timed-out');
  });

  it('counts also while an import that is not there is looked for in the list', async () => {
    const gate = new GateUnderTest();
    gate.opsManager.faults = ({ kind, nth }) =>
      kind === 'list' ? hang() : kind === 'read' && nth === 2 ? replies(404) : undefined;
    gate.interruptAt(2 * SECOND);
    const result = await gate.watch(PENDING, { cancelOnInterrupt: false });
    expect(result).toMatchObject({
      outcome: { kind: 'interrupted' },
      cancellation: { kind: 'skipped' }
    });
  });

  it('reads on when its own call is refused because an earlier one is being carried out', async () => {
    const gate = new GateUnderTest();
    gate.opsManager.faults = ({ kind, nth }) =>
      kind === 'cancel' && nth === 2 ? replies(409, 'It is being cancelled.') : undefined;
    gate.interruptAt(MINUTE + 500);
    const result = await gate.watch(
      { ...PENDING, cancelTakesMs: 3 * SECOND },
      { timeoutMs: MINUTE }
    );
    expect(gate.opsManager.callsOf('cancel')).toHaveLength(2);
    expect(result).toMatchObject({
      outcome: { kind: 'timed-out' },
      cancellation: { kind: 'confirmed' }
    });
  });

  it('stops the wait wherever it comes, and leaves nothing running unsaid', async () => {
    for (let atMs = 0; atMs <= 3 * MINUTE; atMs += 777) {
      const gate = new GateUnderTest();
      gate.opsManager.latencyMs = 200;
      gate.opsManager.faults = ({ atMs: at }) =>
        at % 40_000 > 25_000 ? unavailable('5') : undefined;
      gate.interruptAt(atMs);
      const result = await gate.watch(
        { ...PENDING, cancelTakesMs: 1500 },
        { timeoutMs: 2 * MINUTE }
      );
      expect(gate.clock.elapsedMs).toBeLessThanOrEqual(Math.max(atMs + 5 * SECOND, 4 * MINUTE));
      if (atMs < 2 * MINUTE - 200) expect(result.outcome.kind).toBe('interrupted');
      if (atMs < 2 * MINUTE - 200)
        expect(gate.clock.elapsedMs).toBeLessThanOrEqual(atMs + 5 * SECOND);
      expect(result.cancellation.kind).toMatch(/^(confirmed|requested|failed)$/);
      if (result.cancellation.kind === 'confirmed') expect(gate.opsManager.running).toEqual([]);
    }
  });
});

describe('a signal while the import is not known yet', () => {
  it('cancels nothing when the import was to be found', async () => {
    const gate = new GateUnderTest();
    gate.interruptAt(7 * SECOND);
    const result = await gate.run({ target: { kind: 'discover' } });
    expect(result).toMatchObject({
      outcome: { kind: 'interrupted' },
      cancellation: { kind: 'not-needed' },
      requestId: undefined
    });
    expect(gate.clock.elapsedMs).toBe(7 * SECOND);
  });

  const creating: GateOptions['target'] = { kind: 'create', body: '{}' };

  it('cancels nothing before the create call', async () => {
    const gate = new GateUnderTest();
    gate.opsManager.faults = () => hang();
    gate.interruptAt(SECOND);
    const result = await gate.run({ target: creating });
    expect(result.cancellation.kind).toBe('not-needed');
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
      listedAfterMs: 5 * SECOND
    },
    {
      name: 'after a create call whose answer was lost',
      atMs: 3 * SECOND,
      faults: { ...reset(), arrives: true },
      listedAfterMs: 5 * SECOND
    }
  ])('$name finds what was created and cancels it', async ({ atMs, faults, listedAfterMs }) => {
    const gate = new GateUnderTest();
    const other = gate.opsManager.add(PENDING);
    gate.opsManager.onCreate = { ...PENDING, listedAfterMs };
    gate.opsManager.faults = ({ kind }) => (kind === 'create' ? faults : undefined);
    gate.interruptAt(atMs);
    const result = await gate.run({ target: creating, timeoutMs: HOUR });
    expect(result).toMatchObject({
      outcome: { kind: 'interrupted' },
      cancellation: { kind: 'confirmed' }
    });
    expect(gate.opsManager.running).toEqual([other]);
    expect(result.requestId).toBe(gate.opsManager.imports[1]?.id);
    expect(gate.opsManager.callsOf('create')).toHaveLength(1);
    expect(gate.observer.identified).toEqual([result.requestId]);
    expect(gate.clock.elapsedMs).toBeLessThanOrEqual(atMs + 5 * SECOND);
  });

  it('says that the import may be running when it is not listed within five seconds', async () => {
    const gate = new GateUnderTest();
    gate.opsManager.onCreate = { ...PENDING, listedAfterMs: 20 * SECOND };
    gate.interruptAt(SECOND);
    const result = await gate.run({ target: creating });
    expect(result.cancellation.kind).toBe('failed');
    expect(gate.clock.elapsedMs).toBeLessThanOrEqual(6 * SECOND);
    expect(gate.observer.runningBefore).toEqual([[]]);
  });

  it('does not cancel what someone else created at the same time', async () => {
    const gate = new GateUnderTest();
    gate.opsManager.onCreate = { ...PENDING, listedAfterMs: 3 * SECOND };
    gate.clock.at(SECOND, () => gate.opsManager.add({ ...PENDING, listedAfterMs: 2 * SECOND }));
    gate.interruptAt(2 * SECOND);
    const result = await gate.run({ target: creating });
    expect(result.cancellation.kind).toBe('failed');
    expect(gate.opsManager.running).toHaveLength(2);
  });
});

function hangOn(kind: string, nth: number): Faults {
  return (call) => (call.kind === kind && call.nth === nth ? hang() : undefined);
}
