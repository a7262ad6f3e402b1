import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { describe, expect, it } from '@jest/globals';
import { arrivals } from '../../src/case/import.ts';
import { PIPELINE } from '../../src/case/states.ts';
import { messageOf } from '../../src/report/words.ts';
import { sampleSteps } from '../../simulator/scripted-import.ts';
import { foreignPage, hang, replies, reset, unavailable } from '../support/faults.ts';
import { GateUnderTest, HOUR, MINUTE, SECOND } from '../support/gate-under-test.ts';

function readsOf({ opsManager }: GateUnderTest): number[] {
  return opsManager.callsOf('read').map(({ atMs }) => atMs / SECOND);
}

/** What the log tells of, from the changes of the case. */
function arrivalsOf({ published }: GateUnderTest): ReturnType<typeof arrivals> {
  return published.flatMap(({ case: { read } }, index) => {
    const before = published[index - 1]?.case.read;
    return read && read !== before ? arrivals(before, read) : [];
  });
}

function collectGarbage(): void {
  setFlagsFromString('--expose-gc');
  (runInNewContext('gc') as () => void)();
}

describe('a report', () => {
  it('tells that the goal was reached in time, and how long the wait took', async () => {
    const gate = new GateUnderTest();
    const report = await gate.watch({
      steps: [
        ['PENDING', 0],
        ['SUCCESS', 20 * SECOND]
      ]
    });
    expect(report.verdict.outcome).toEqual({ kind: 'reached', late: false });
    expect(report.waitedMs).toBe(gate.clock.elapsedMs);
    expect(report.waitedMs).toBe(20.78125 * SECOND);
  });
});

describe('reads', () => {
  it('come at once, then 1 s later and with pauses that grow, and anew after each transition', async () => {
    const gate = new GateUnderTest();
    await gate.watch({
      steps: [
        ['PENDING', 0],
        ['AWAIT_SEED_HOST_CONNECTED', 20 * SECOND],
        ['SUCCESS', 35 * SECOND]
      ]
    });
    expect(readsOf(gate)).toEqual([
      ...[0, 1, 2.5, 4.75, 8.125, 13.1875, 20.78125],
      ...[21.78125, 23.28125, 25.53125, 28.90625, 33.96875, 41.5625]
    ]);
  });

  it.each([5, 60])('come no further apart than the poll interval: %i s', async (seconds) => {
    const gate = new GateUnderTest();
    await gate.watch({ steps: sampleSteps('SUCCESS') }, { pollIntervalMs: seconds * SECOND });
    const reads = readsOf(gate);
    const gaps = reads.slice(1).map((at, index) => at - (reads[index] ?? 0));
    expect(Math.max(...gaps)).toBe(seconds);
    expect(new Set(gate.observer.rollouts)).toEqual(new Set([undefined]));
  });

  it('begin with a short pause also for a state that nobody knows', async () => {
    const gate = new GateUnderTest();
    await gate.watch({
      steps: [
        ['PENDING', 0],
        ['AWAIT_COFFEE', 8 * SECOND],
        ['SUCCESS', MINUTE]
      ]
    });
    expect(readsOf(gate).slice(4, 7)).toEqual([8.125, 9.125, 10.625]);
    expect(arrivalsOf(gate).map(({ state }) => state)).toEqual([
      'PENDING',
      'AWAIT_COFFEE',
      'SUCCESS'
    ]);
  });

  it('tell of every state, also of those that passed between two of them', async () => {
    const gate = new GateUnderTest();
    await gate.watch({
      steps: PIPELINE.map((state, index) => [state, index * 100] as const)
    });
    expect(arrivalsOf(gate).map(({ state }) => state)).toEqual(PIPELINE);
  });

  it('tell how long the import has been in its state, also before the step began', async () => {
    const gate = new GateUnderTest();
    const steps = [
      ['PENDING', 0],
      ['SUCCESS', 10 * MINUTE + 2 * SECOND]
    ] as const;
    await gate.watch({ startedMsAgo: 10 * MINUTE, steps });
    const untilStallMs = Infinity;
    expect(gate.observer.standings).toEqual([
      { inStateMs: 10 * MINUTE, untilTimeoutMs: HOUR, untilStallMs },
      { inStateMs: 10 * MINUTE + SECOND, untilTimeoutMs: HOUR - SECOND, untilStallMs },
      // Ops Manager's `Date` has whole seconds.
      { inStateMs: 0, untilTimeoutMs: HOUR - 2500, untilStallMs }
    ]);
  });
});

describe('the deadline', () => {
  it('is crossed by no pause and has a last read', async () => {
    const gate = new GateUnderTest();
    const report = await gate.watch({ steps: [['PENDING', 0]] }, { timeoutMs: 30 * SECOND });
    expect(readsOf(gate).slice(0, 8)).toEqual([0, 1, 2.5, 4.75, 8.125, 13.1875, 20.78125, 30]);
    expect(report.verdict.outcome).toEqual({ kind: 'timed-out', timeoutMs: 30 * SECOND });
  });

  it.each([
    { name: 'just before it', endsAt: 30 * SECOND - 1, want: 'reached' },
    { name: 'at it', endsAt: 30 * SECOND, want: 'reached' },
    { name: 'just after it', endsAt: 30 * SECOND + 1, want: 'timed-out' }
  ])('finds an import that ended $name: $want', async ({ endsAt, want }) => {
    const gate = new GateUnderTest();
    const steps = [
      ['PENDING', 0],
      ['SUCCESS', endsAt]
    ] as const;
    const report = await gate.watch({ steps }, { timeoutMs: 30 * SECOND });
    expect(report.verdict.outcome.kind).toBe(want);
    if (want === 'reached')
      expect(report.verdict.outcome).toEqual({ kind: 'reached', late: false });
    expect(gate.opsManager.callsOf('cancel')).toHaveLength(want === 'reached' ? 0 : 1);
    expect(report.verdict.cancellation.kind).toBe(want === 'reached' ? 'not-needed' : 'confirmed');
  });

  it('cuts a read short, and gives the last one the time that any read has', async () => {
    const gate = new GateUnderTest();
    gate.opsManager.faults = ({ kind, nth }) => (kind === 'read' && nth === 2 ? hang() : undefined);
    const steps = [
      ['PENDING', 0],
      ['SUCCESS', 4 * SECOND]
    ] as const;
    const report = await gate.watch({ steps }, { timeoutMs: 5 * SECOND });
    expect(gate.opsManager.callsOf('read').map(({ atMs, limitMs }) => [atMs, limitMs])).toEqual([
      [0, 5 * SECOND],
      [SECOND, 4 * SECOND],
      [5 * SECOND, undefined]
    ]);
    expect(report.verdict.outcome.kind).toBe('reached');
  });

  it('passes in an outage as a timeout when the outage was still bearable', async () => {
    const gate = new GateUnderTest();
    gate.opsManager.faults = ({ kind, atMs }) =>
      kind === 'read' && atMs > 20 * SECOND && atMs <= MINUTE ? reset() : undefined;
    const report = await gate.watch({ steps: [['PENDING', 0]] }, { timeoutMs: MINUTE });
    expect(report.verdict.outcome).toEqual({
      kind: 'timed-out',
      timeoutMs: MINUTE,
      trouble: reset().error.trouble
    });
    expect(messageOf(report)).toContain(
      'The last read had no good answer: no answer from om.example.com:8443: read ECONNRESET.'
    );
    expect(gate.opsManager.callsOf('read').some(({ atMs }) => atMs === MINUTE)).toBe(true);
  });
});

describe('a deadline without one good read', () => {
  it('tells why Ops Manager never answered', async () => {
    const gate = new GateUnderTest();
    gate.opsManager.faults = () => reset();
    const report = await gate.watch({ steps: [['PENDING', 0]] }, { timeoutMs: MINUTE });
    expect(messageOf(report)).toContain('within 1m. No answer from om.example.com:8443');
    expect(messageOf(report)).toContain(reset().error.advice);
    expect(messageOf(report)).not.toMatch(/last read/i);
  });
});

describe('an outage', () => {
  const limits = { maxOutageMs: MINUTE, timeoutMs: 2 * HOUR };

  it('ends the wait when it lasts, with one last attempt at its end', async () => {
    const gate = new GateUnderTest();
    gate.opsManager.faults = ({ atMs }) => (atMs >= 10 * SECOND ? reset() : undefined);
    const report = await gate.watch({ steps: [['PENDING', 0]] }, limits);
    const [begin] = readsOf(gate).filter((at) => at >= 10);
    expect(readsOf(gate)).toContain((begin ?? 0) + 60);
    expect(report.verdict.outcome).toMatchObject({ kind: 'unreachable', outageMs: MINUTE });
    expect(report.outages).toHaveLength(1);
    expect(report.verdict.cancellation.kind).toBe('failed');
  });

  it('is continuous: one good answer ends it', async () => {
    const gate = new GateUnderTest();
    // Half of each minute, for a quarter of an hour.
    gate.opsManager.faults = ({ atMs }) => (atMs % MINUTE >= 30 * SECOND ? reset() : undefined);
    const steps = [
      ['PENDING', 0],
      ['SUCCESS', 15 * MINUTE]
    ] as const;
    const report = await gate.watch({ steps }, limits);
    expect(report.verdict.outcome.kind).toBe('reached');
    expect(report.outages.length).toBeGreaterThan(8);
    expect(gate.observer.outages).toHaveLength(report.outages.length);
    expect(gate.observer.recoveries).toEqual(report.outages.map(({ lengthMs }) => lengthMs));
    expect(gate.observer.retries.length).toBeGreaterThan(gate.observer.outages.length);
  });

  it.each([
    { failures: 1, lengthMs: 0, lasts: [] },
    { failures: 2, lengthMs: 3 * SECOND, lasts: [] },
    { failures: 3, lengthMs: 7 * SECOND, lasts: [3] },
    { failures: 4, lengthMs: 15 * SECOND, lasts: [3, 7] }
  ])('of $failures failures is told of once, with beginning, length and reason', async (row) => {
    const gate = new GateUnderTest();
    gate.opsManager.faults = ({ nth }) =>
      nth > 1 && nth < 2 + row.failures ? unavailable() : undefined;
    const steps = [
      ['PENDING', 0],
      ['SUCCESS', 5 * SECOND]
    ] as const;
    const report = await gate.watch({ steps }, limits);
    const reason = unavailable().error.happened;
    const { lengthMs, lasts } = row;
    const told = lengthMs === 0 ? [] : [{ startedMs: SECOND, lengthMs, reason }];
    expect(report).toMatchObject({ outages: told, outageCount: told.length });
    const { outages, recoveries, retries } = gate.observer;
    expect([outages.length, recoveries]).toEqual([
      told.length,
      told.map((outage) => outage.lengthMs)
    ]);
    expect(retries).toHaveLength(row.failures);
    expect(gate.observer.limits.map((limit) => limit.lengthMs / SECOND)).toEqual(lasts);
  });

  it.each([
    { input: 'max-outage', maxOutageMs: 5 * MINUTE, timeoutMs: 10 * MINUTE, leftMs: [4, 3, 2, 1] },
    { input: 'timeout', maxOutageMs: 10 * MINUTE, timeoutMs: 4 * MINUTE, leftMs: [3, 2, 1] }
  ])('is told of each minute with what ends the step: $input', async (row) => {
    const gate = new GateUnderTest();
    gate.opsManager.faults = () => unavailable(HOUR / SECOND);
    await gate.watch({ steps: [['PENDING', 0]] }, row);
    expect(gate.observer.limits).toEqual(
      row.leftMs.map((minutes, index) => ({
        input: row.input,
        leftMs: minutes * MINUTE,
        lengthMs: (index + 1) * MINUTE
      }))
    );
  });

  it('of reads ends with Ops Manager’s word that there is no such import', async () => {
    const gate = new GateUnderTest();
    gate.opsManager.faults = ({ kind, atMs }) => {
      if (atMs < 20 * SECOND || atMs >= 110 * SECOND) return undefined;
      return kind === 'read' && atMs >= 60 * SECOND ? replies(404) : reset();
    };
    const steps = [
      ['PENDING', 0],
      ['SUCCESS', 2 * MINUTE]
    ] as const;
    const report = await gate.watch({ steps }, limits);
    expect(report.verdict.outcome.kind).toBe('reached');
    expect(report.outages).toHaveLength(2);
  });

  it.each([
    { name: 'HTTP 400', fault: replies(400), asks: 'once' },
    { name: 'HTTP 403', fault: replies(403), asks: 'once' },
    { name: 'HTTP 429', fault: replies(429), asks: 'again and again' },
    { name: 'a redirect', fault: foreignPage(), asks: 'again and again' },
    { name: 'a reset', fault: reset(), asks: 'again and again' }
  ])('that ended the wait by $name has it asked $asks', async ({ fault, asks }) => {
    const gate = new GateUnderTest();
    gate.opsManager.faults = ({ kind, atMs }) =>
      atMs >= 10 * SECOND ? (kind === 'cancel' ? unavailable() : fault) : undefined;
    const report = await gate.watch({ steps: [['PENDING', 0]] }, limits);
    expect(report.verdict.outcome.kind).toBe('unreachable');
    expect(gate.opsManager.callsOf('cancel').length === 1).toBe(asks === 'once');
  });

  it('may be there from the start', async () => {
    const gate = new GateUnderTest();
    gate.opsManager.faults = () => reset();
    const report = await gate.watch({ steps: [['PENDING', 0]] }, limits);
    expect(report.verdict.outcome).toMatchObject({ kind: 'unreachable', outageMs: MINUTE });
    expect(report.case.read).toBeUndefined();
  });

  it('waits as long as Ops Manager asks, but no longer than the outage may last', async () => {
    const gate = new GateUnderTest();
    gate.opsManager.faults = ({ kind, nth }) =>
      kind === 'read' && nth === 1
        ? unavailable(45)
        : kind === 'read'
          ? unavailable(900)
          : undefined;
    const report = await gate.watch({ steps: [['PENDING', 0]] }, limits);
    expect(readsOf(gate).slice(0, 3)).toEqual([0, 45, 60]);
    expect(report.verdict.outcome.kind).toBe('unreachable');
  });
});

describe('a foreign page', () => {
  it('before the first good answer ends the wait at once', async () => {
    const gate = new GateUnderTest();
    gate.opsManager.faults = () => foreignPage();
    const report = await gate.watch({ steps: [['PENDING', 0]] });
    expect(report.verdict.outcome.kind).toBe('error');
    expect(report.verdict.cancellation.kind).toBe('not-needed');
    expect(gate.opsManager.calls).toHaveLength(1);
  });

  it('after one is an outage that passes', async () => {
    const gate = new GateUnderTest();
    gate.opsManager.faults = ({ atMs }) =>
      atMs >= 5 * SECOND && atMs < 90 * SECOND ? foreignPage() : undefined;
    const steps = [
      ['PENDING', 0],
      ['SUCCESS', 2 * MINUTE]
    ] as const;
    const report = await gate.watch({ steps });
    expect(report.verdict.outcome.kind).toBe('reached');
    expect(report.outages).toHaveLength(1);
  });
});

describe('a stall', () => {
  const PHASES = PIPELINE.slice(0, -1);

  it.each(PHASES)('ends the wait in %s', async (phase) => {
    const gate = new GateUnderTest();
    const steps = PHASES.slice(0, PHASES.indexOf(phase) + 1).map(
      (state, index) => [state, index * MINUTE] as const
    );
    const report = await gate.watch({ steps }, { stallTimeoutMs: 2 * MINUTE });
    expect(report.verdict.outcome).toEqual({ kind: 'stalled', stalledMs: 2 * MINUTE });
    expect(report.verdict.cancellation.kind).toBe('confirmed');
    const [seenAt] = readsOf(gate).filter((at) => at >= (steps.length - 1) * 60);
    expect(readsOf(gate)).toContain((seenAt ?? 0) + 120);
  });

  it('is not one as long as the state changes in time', async () => {
    const gate = new GateUnderTest();
    const report = await gate.watch(
      { steps: sampleSteps('SUCCESS') },
      { stallTimeoutMs: 4 * MINUTE + 15 * SECOND }
    );
    expect(report.verdict.outcome.kind).toBe('reached');
  });

  it('is not one when the goal was reached at its end', async () => {
    const gate = new GateUnderTest();
    const steps = [
      ['PENDING', 0],
      ['SUCCESS', MINUTE]
    ] as const;
    const report = await gate.watch({ steps }, { stallTimeoutMs: MINUTE });
    expect(report.verdict.outcome.kind).toBe('reached');
  });

  it('stands still while Ops Manager does not answer', async () => {
    const gate = new GateUnderTest();
    gate.opsManager.faults = ({ kind, atMs }) =>
      kind === 'read' && atMs >= 30 * SECOND && atMs < 5 * MINUTE ? reset() : undefined;
    const report = await gate.watch({ steps: [['PENDING', 0]] }, { stallTimeoutMs: 2 * MINUTE });
    expect(report.verdict.outcome).toMatchObject({ kind: 'stalled', stalledMs: 2 * MINUTE });
    expect(report.waitedMs).toBeGreaterThanOrEqual(6 * MINUTE);
  });

  it('is not judged by a read from a node that lags', async () => {
    const gate = new GateUnderTest();
    gate.opsManager.lagMs = ({ atMs }) => (atMs === 70 * SECOND ? 66 * SECOND : 0);
    const steps = [
      ['PENDING', 0],
      ['AWAIT_SEED_HOST_CONNECTED', 5 * SECOND],
      ['SUCCESS', 70 * SECOND + 100]
    ] as const;
    const report = await gate.watch(
      { steps },
      { stallTimeoutMs: 61_875, pollIntervalMs: 10 * SECOND }
    );
    expect(readsOf(gate)).toContain(70);
    expect(report.verdict.outcome.kind).toBe('reached');
  });

  it('is not put off by a read from a node that lags', async () => {
    const gate = new GateUnderTest();
    // Every second read meets a node that stopped five seconds before the step began.
    gate.opsManager.lagMs = ({ nth, atMs }) => (nth % 2 === 0 ? atMs + 5 * SECOND : 0);
    const steps = [
      ['PENDING', 0],
      ['AWAIT_SEED_HOST_CONNECTED', 8 * SECOND]
    ] as const;
    const options = { stallTimeoutMs: MINUTE, pollIntervalMs: SECOND };
    const report = await gate.watch({ startedMsAgo: 10 * SECOND, steps }, options);
    expect(report.verdict.outcome).toMatchObject({ kind: 'stalled', stalledMs: MINUTE });
    expect(report.case.read?.state).toBe('CANCELLED');
    expect(gate.published.filter(({ outputs }) => outputs['state'] === 'PENDING')).toEqual([]);
  });
});

describe('a wait of hours', () => {
  it('makes a read each ten seconds, and hoards nothing of what it read', async () => {
    const gate = new GateUnderTest();
    // Each of these has 10 kB of its own: those of six hours would have 20 MB.
    const reply = Buffer.alloc(10_000, 'x');
    gate.opsManager.reply = () => reply.toString('latin1');
    const heap: number[] = [];
    for (const hours of [1, 4, 7]) {
      gate.clock.at(hours * HOUR, () => {
        collectGarbage();
        heap.push(process.memoryUsage().heapUsed);
      });
    }
    const steps = [
      ['PENDING', 0],
      ['SUCCESS', 8 * HOUR]
    ] as const;
    const report = await gate.watch({ steps }, { timeoutMs: 9 * HOUR });
    expect(report.verdict.outcome.kind).toBe('reached');
    expect(gate.opsManager.calls.length).toBeGreaterThan(2880);
    expect(gate.opsManager.calls.length).toBeLessThan(2900);
    const [early = 0, , late = Infinity] = heap;
    expect(late - early).toBeLessThan(8 * 1024 * 1024);
  });
});

describe('a read that says nothing new', () => {
  it('is published nowhere', async () => {
    const gate = new GateUnderTest();
    await gate.watch({
      steps: [
        ['PENDING', 0],
        ['SUCCESS', 10 * MINUTE]
      ]
    });
    expect(gate.opsManager.callsOf('read').length).toBeGreaterThan(50);
    // The opening, two states and the end.
    expect(gate.published.map(({ outputs }) => outputs['state'])).toEqual([
      '',
      'PENDING',
      'SUCCESS',
      'SUCCESS'
    ]);
  });
});
