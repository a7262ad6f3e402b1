import { describe, expect, it } from '@jest/globals';
import { creationOf } from '../../src/case/case.ts';
import { messageOf, wordsOf } from '../../src/report/words.ts';
import { foreignPage, hang, lostAnswer, replies, reset, unavailable } from '../support/faults.ts';
import {
  CREATE,
  GateUnderTest,
  HOUR,
  kindsOf,
  MINUTE,
  SECOND
} from '../support/gate-under-test.ts';

const OLD = { steps: [['SUCCESS', 0]] } as const;
const RUNNING = {
  steps: [
    ['PENDING', 0],
    ['SUCCESS', 5 * MINUTE]
  ]
} as const;
const target = CREATE;

describe('creation', () => {
  it('waits for the request that was not listed before', async () => {
    const gate = new GateUnderTest();
    gate.opsManager.add(OLD);
    const other = gate.opsManager.add(RUNNING);
    gate.opsManager.onCreate = RUNNING;
    const report = await gate.run({ target });
    expect(report.verdict.outcome.kind).toBe('reached');
    expect(report.case.id).toBe(gate.opsManager.imports[2]?.id);
    expect(gate.observer.othersInProgress).toMatchObject([{ imports: [{ id: other }], count: 1 }]);
    expect(gate.observer.hostsWithoutAgent).toHaveLength(0);
    expect(gate.opsManager.calls.slice(0, 3).map(({ kind }) => kind)).toEqual([
      'list',
      'create',
      'list'
    ]);
  });

  it('tells of no others where none is in progress', async () => {
    const gate = new GateUnderTest();
    gate.opsManager.add(OLD);
    gate.opsManager.onCreate = RUNNING;
    await gate.run({ target });
    expect(gate.observer.othersInProgress).toEqual([]);
  });

  it('is no stall where the list that came at its end is first to show progress', async () => {
    const gate = new GateUnderTest();
    gate.opsManager.latencyMs = 100;
    gate.opsManager.onCreate = {
      steps: [
        ['PENDING', 0],
        ['AWAIT_SEED_HOST_CONNECTED', 30_150],
        ['SUCCESS', 50 * SECOND]
      ]
    };
    const report = await gate.run({ target, stallTimeoutMs: 29_900 });
    expect(report.verdict.outcome.kind).toBe('reached');
  });

  it('does not take a state for none that the second list was first to show', async () => {
    const shownFirstBy = new Set<string>();
    for (let changeAt = 29 * SECOND; changeAt < 42 * SECOND; changeAt += 50) {
      const gate = new GateUnderTest();
      gate.opsManager.latencyMs = 100;
      gate.opsManager.onCreate = {
        steps: [
          ['PENDING', 0],
          ['AWAIT_SEED_HOST_CONNECTED', changeAt],
          ['SUCCESS', changeAt + 40 * SECOND]
        ]
      };
      const report = await gate.run({ target, stallTimeoutMs: 45 * SECOND });
      const next = gate.opsManager.calls.find(({ atMs }) => atMs + 100 > changeAt);
      shownFirstBy.add(next?.kind ?? '');
      expect([changeAt, report.verdict.outcome.kind]).toEqual([changeAt, 'reached']);
    }
    expect(shownFirstBy).toEqual(new Set(['read', 'list']));
  });

  it('waits for it to be listed', async () => {
    const gate = new GateUnderTest();
    gate.opsManager.onCreate = { ...RUNNING, listedAfterMs: 25 * SECOND };
    const report = await gate.run({ target });
    expect(report.verdict.outcome.kind).toBe('reached');
    expect(gate.opsManager.callsOf('create')).toHaveLength(1);
  });

  it.each([
    { name: 'arrived, its answer lost', fault: lostAnswer(), creates: 1 },
    { name: 'arrived, its answer a 503', fault: { ...unavailable(), arrives: true }, creates: 1 },
    { name: 'arrived, its answer never came', fault: { ...hang(), arrives: true }, creates: 1 },
    { name: 'did not arrive', fault: reset(), creates: 2 },
    { name: 'met a 503', fault: unavailable(), creates: 2 },
    { name: 'was never answered', fault: hang(), creates: 2 }
  ])('leads to exactly one import when the call $name', async ({ fault, creates }) => {
    const gate = new GateUnderTest();
    gate.opsManager.onCreate = RUNNING;
    gate.opsManager.faults = ({ kind, nth }) =>
      kind === 'create' && nth === 1 ? fault : undefined;
    const report = await gate.run({ target });
    expect(report.verdict.outcome.kind).toBe('reached');
    expect(gate.opsManager.imports).toHaveLength(1);
    expect(gate.opsManager.callsOf('create')).toHaveLength(creates);
  });

  it('leads to exactly one import also when it is listed late and its answer was lost', async () => {
    const gate = new GateUnderTest();
    gate.opsManager.onCreate = { ...RUNNING, listedAfterMs: 29 * SECOND };
    gate.opsManager.faults = ({ kind }) => (kind === 'create' ? lostAnswer() : undefined);
    await gate.run({ target });
    expect(gate.opsManager.imports).toHaveLength(1);
  });

  it('asks again only as late as Ops Manager wants', async () => {
    const gate = new GateUnderTest();
    gate.opsManager.onCreate = RUNNING;
    gate.opsManager.faults = ({ kind, nth }) =>
      kind === 'create' && nth === 1 ? unavailable(120) : undefined;
    await gate.run({ target });
    expect(gate.opsManager.callsOf('create').map(({ atMs }) => atMs)).toEqual([0, 2 * MINUTE]);
  });

  it.each([400, 403, 409])('ends at once when Ops Manager refuses (%i)', async (status) => {
    const gate = new GateUnderTest();
    gate.opsManager.faults = ({ kind }) =>
      kind === 'create' ? replies(status, 'seedHostport is not reachable') : undefined;
    const report = await gate.run({ target });
    expect(kindsOf(report)).toEqual(['error', 'not-needed', 'not-needed']);
    expect(messageOf(report)).toContain('seedHostport is not reachable');
    expect(messageOf(report)).toContain('Nothing was created.');
    expect(gate.opsManager.callsOf('create')).toHaveLength(1);
    expect(gate.clock.elapsedMs).toBe(0);
  });

  it.each([
    { name: 'once', refusals: 1, want: 'reached' },
    { name: 'twice, then for good', refusals: 5, want: 'error' }
  ])(
    'is called again a second later when the key was refused $name',
    async ({ refusals, want }) => {
      const gate = new GateUnderTest();
      gate.opsManager.onCreate = RUNNING;
      gate.opsManager.faults = ({ kind, nth }) =>
        kind === 'create' && nth <= refusals ? replies(401) : undefined;
      const report = await gate.run({ target });
      expect(report.verdict.outcome.kind).toBe(want);
      expect(gate.opsManager.callsOf('create').map(({ atMs }) => atMs)).toEqual([0, SECOND]);
      if (want === 'error') expect(messageOf(report)).toContain('Nothing was created.');
    }
  );

  it('of which a defect keeps the call from being sent is thrown', async () => {
    const gate = new GateUnderTest();
    gate.opsManager.createImport = () => Promise.reject(new TypeError('a defect'));
    await expect(gate.run({ target })).rejects.toThrow('a defect');
  });

  it('does not begin after a signal that comes between the list before and the call', async () => {
    const gate = new GateUnderTest();
    gate.opsManager.add(RUNNING);
    const { observer } = gate;
    observer.onOthersInProgress = () => {
      gate.interruptNow();
    };
    const report = await gate.run({ target });
    expect(kindsOf(report)).toEqual(['interrupted', 'not-needed', 'not-needed']);
    expect(gate.published.map(({ case: c }) => creationOf(c)?.calls.length ?? 0)).not.toContain(1);
  });

  it('does not create when the project cannot be listed first', async () => {
    const gate = new GateUnderTest();
    gate.opsManager.faults = ({ kind }) => (kind === 'list' ? replies(403) : undefined);
    const report = await gate.run({ target });
    expect(report.verdict.outcome.kind).toBe('error');
    expect(gate.opsManager.callsOf('create')).toHaveLength(0);
  });

  it('does not choose between two new ones, names both, and cancels none', async () => {
    const gate = new GateUnderTest();
    gate.opsManager.onCreate = { ...RUNNING, listedAfterMs: 2 * SECOND };
    gate.opsManager.faults = ({ kind }) => {
      if (kind === 'create') gate.opsManager.add({ ...RUNNING, listedAfterMs: 2 * SECOND });
      return undefined;
    };
    const report = await gate.run({ target });
    expect(kindsOf(report)).toEqual(['error', 'failed', 'not-needed']);
    expect(report.case.id).toBeUndefined();
    expect(report.verdict.outcome).toEqual({ kind: 'error', cause: { kind: 'ambiguous' } });
    for (const { id } of gate.opsManager.imports) expect(messageOf(report)).toContain(id);
    expect(messageOf(report)).toContain('may still be running');
    expect(gate.opsManager.running).toHaveLength(2);
    expect(gate.opsManager.callsOf('cancel')).toEqual([]);
  });

  it('does not forget a call whose answer was lost when a later one is refused', async () => {
    const gate = new GateUnderTest();
    gate.opsManager.onCreate = { ...RUNNING, listedAfterMs: 40 * SECOND };
    gate.opsManager.faults = ({ kind, nth }) =>
      kind === 'create' ? [lostAnswer(), replies(409, 'It is being imported')][nth - 1] : undefined;
    const report = await gate.run({ target });
    expect(messageOf(report)).toContain('It is being imported');
    expect(kindsOf(report)).toEqual(['error', 'confirmed', 'not-needed']);
    expect(gate.opsManager.running).toEqual([]);
  });

  it('has nothing to cancel when the import had ended as it was listed', async () => {
    const gate = new GateUnderTest();
    gate.opsManager.onCreate = { steps: [['FAILED', 0]] };
    gate.opsManager.faults = ({ kind }) => (kind === 'read' ? replies(403) : undefined);
    const report = await gate.run({ target });
    expect(kindsOf(report)).toEqual(['failed', 'not-needed', 'skipped']);
    expect(report.case.read?.state).toBe('FAILED');
    expect(gate.opsManager.callsOf('cancel')).toHaveLength(0);
  });

  it('gives up an import that is never listed, and says that it may be running', async () => {
    const gate = new GateUnderTest();
    gate.opsManager.onCreate = { ...RUNNING, listedAfterMs: Infinity };
    const report = await gate.run({ target });
    expect(kindsOf(report)).toEqual(['timed-out', 'failed', 'not-needed']);
    expect(messageOf(report)).toContain('An import of this step may be running');
    expect(gate.opsManager.callsOf('create')).toHaveLength(1);
    // After half a minute it is looked for each poll interval.
    const lists = gate.opsManager.callsOf('list').map(({ atMs }) => atMs);
    const pauses = lists.slice(2).map((atMs, index) => atMs - (lists[index + 1] ?? 0));
    const until = pauses.indexOf(10 * SECOND);
    expect(new Set(pauses.slice(0, until))).toEqual(new Set([2 * SECOND]));
    expect(lists[until + 1]).toBe(30 * SECOND);
  });

  it('that was accepted, and never listed, is not told with what a call before it met', async () => {
    const gate = new GateUnderTest();
    gate.opsManager.onCreate = { ...RUNNING, listedAfterMs: Infinity };
    gate.opsManager.faults = ({ kind, nth }) =>
      kind === 'create' && nth === 1 ? reset() : undefined;
    const report = await gate.run({ target, timeoutMs: 2 * MINUTE });
    expect(gate.opsManager.callsOf('create')).toHaveLength(2);
    expect(report.verdict.outcome).toEqual({ kind: 'timed-out', timeoutMs: 2 * MINUTE });
  });

  it('cancels what it finds after the deadline', async () => {
    const gate = new GateUnderTest();
    gate.opsManager.onCreate = { ...RUNNING, listedAfterMs: 12 * SECOND };
    gate.opsManager.faults = ({ kind }) => (kind === 'create' ? lostAnswer() : undefined);
    const report = await gate.run({ target, timeoutMs: 6 * SECOND });
    expect(kindsOf(report)).toEqual(['timed-out', 'confirmed', 'not-needed']);
    expect(gate.opsManager.running).toEqual([]);
  });

  it('cancels what it created when Ops Manager can then no longer be read', async () => {
    const gate = new GateUnderTest();
    gate.opsManager.onCreate = RUNNING;
    gate.opsManager.faults = ({ kind, nth, atMs }) =>
      kind === 'list' && nth > 1 && atMs <= 3 * MINUTE ? reset() : undefined;
    const report = await gate.run({ target, maxOutageMs: 3 * MINUTE });
    expect(kindsOf(report)).toEqual(['unreachable', 'confirmed', 'not-needed']);
  });
});

describe('Ops Manager’s clock', () => {
  const STRANGERS = { steps: [['PENDING', 0]], listedAfterMs: 90 * SECOND } as const;

  it.each([
    { name: 'is an hour ahead', clockIsAheadMs: 60 * MINUTE, hasDate: true },
    { name: 'is an hour behind', clockIsAheadMs: -60 * MINUTE, hasDate: true },
    { name: 'is half a second off', clockIsAheadMs: 500, hasDate: true },
    { name: 'is not told', clockIsAheadMs: 0, hasDate: false }
  ])('that $name hides no import of the step’s own', async ({ clockIsAheadMs, hasDate }) => {
    const gate = new GateUnderTest();
    Object.assign(gate.opsManager, { clockIsAheadMs, hasDate, latencyMs: 300 });
    gate.opsManager.add(OLD);
    gate.opsManager.onCreate = { ...RUNNING, listedAfterMs: 15 * SECOND };
    const report = await gate.run({ target });
    expect(kindsOf(report)).toEqual(['reached', 'not-needed', 'not-needed']);
    expect(gate.opsManager.created).toEqual([report.case.id]);
  });

  it.each([-60 * MINUTE, 0, 60 * MINUTE])(
    'that is %i ms off makes nobody else’s import the step’s own',
    async (clockIsAheadMs) => {
      const gate = new GateUnderTest();
      gate.opsManager.clockIsAheadMs = clockIsAheadMs;
      // Begun long before the step, and listed only now; the step's own call never arrives.
      const theirs = gate.opsManager.add({ ...STRANGERS, startedMsAgo: 70 * SECOND });
      gate.opsManager.faults = ({ kind }) => (kind === 'create' ? reset() : undefined);
      const report = await gate.run({ target, timeoutMs: 2 * MINUTE });
      expect(gate.opsManager.running).toEqual([theirs]);
      expect(report.case.id).toBeUndefined();
      expect(kindsOf(report)).toEqual(['timed-out', 'failed', 'not-needed']);
      expect(messageOf(report)).toContain(theirs);
      expect(gate.opsManager.callsOf('create')).toHaveLength(1);
    }
  );
});

describe('nodes that lag', () => {
  it.each([5 * SECOND, 29 * SECOND])('by %i ms lead to one import all the same', async (lagMs) => {
    const gate = new GateUnderTest();
    // Every second call meets the node that is behind.
    let calls = 0;
    gate.opsManager.lagMs = () => (++calls % 2 === 0 ? lagMs : 0);
    gate.opsManager.onCreate = RUNNING;
    const report = await gate.run({ target });
    expect(kindsOf(report)).toEqual(['reached', 'not-needed', 'not-needed']);
    expect(gate.opsManager.created).toEqual([report.case.id]);
  });
});

describe('a create call', () => {
  it.each([
    {
      name: 'is not repeated after one that was accepted, whatever the lists say',
      fault: undefined
    },
    {
      name: 'is not repeated while an outage lasts',
      fault: lostAnswer()
    }
  ])('$name', async ({ fault }) => {
    const gate = new GateUnderTest();
    gate.opsManager.onCreate = { ...RUNNING, listedAfterMs: fault ? 0 : 3 * MINUTE };
    gate.opsManager.faults = ({ kind, atMs, nth }) => {
      if (kind === 'create' && nth === 1) return fault;
      const isDown = fault && atMs < 2 * MINUTE;
      return isDown && !(kind === 'list' && nth === 1) ? reset() : undefined;
    };
    const report = await gate.run({ target });
    expect(report.verdict.outcome.kind).toBe('reached');
    expect(gate.opsManager.callsOf('create')).toHaveLength(1);
    expect(gate.opsManager.created).toEqual([report.case.id]);
  });

  it('is repeated only after 30 s of good answers with nothing new, whatever lies between', async () => {
    const gate = new GateUnderTest();
    gate.opsManager.onCreate = RUNNING;
    // Ten good seconds, a minute's outage, then good ones again.
    gate.opsManager.faults = ({ kind, nth, atMs }) =>
      (kind === 'create' && nth === 1) || (atMs > 10 * SECOND && atMs < 70 * SECOND)
        ? reset()
        : undefined;
    await gate.run({ target });
    const [, again] = gate.opsManager.callsOf('create');
    const good = gate.opsManager
      .callsOf('list')
      .filter(({ atMs }) => atMs <= (again?.atMs ?? 0) && (atMs <= 10_000 || atMs >= 70_000));
    expect(again?.atMs).toBeGreaterThanOrEqual(90 * SECOND);
    expect(good.at(-1)?.atMs).toBe(again?.atMs);
  });

  it.each([
    { name: 'once the time is over', listTakesMs: 2 * MINUTE, timeoutMs: MINUTE },
    { name: 'with less than five seconds left', listTakesMs: 26 * SECOND, timeoutMs: 30 * SECOND }
  ])('is not sent $name', async ({ listTakesMs, timeoutMs }) => {
    const gate = new GateUnderTest();
    gate.opsManager.faults = ({ kind, nth, atMs }) =>
      kind === 'list' && atMs < listTakesMs && nth < 20 ? unavailable() : undefined;
    const report = await gate.run({ target, timeoutMs });
    expect(gate.opsManager.callsOf('create')).toEqual([]);
    expect(kindsOf(report)).toEqual(['timed-out', 'not-needed', 'not-needed']);
    expect(messageOf(report)).toMatch(/nothing was created/i);
    expect(gate.savedCase).toContain('"isSettled":true');
  });

  it('is sent with five seconds left', async () => {
    const gate = new GateUnderTest();
    gate.opsManager.onCreate = RUNNING;
    await gate.run({ target, timeoutMs: 5 * SECOND });
    expect(gate.opsManager.callsOf('create')).toHaveLength(1);
  });

  it('has no longer to answer than the time that is left', async () => {
    const gate = new GateUnderTest();
    gate.opsManager.faults = ({ kind }) => (kind === 'create' ? hang() : undefined);
    await gate.run({ target, timeoutMs: 12 * SECOND });
    expect(gate.opsManager.callsOf('create').map(({ limitMs }) => limitMs)).toEqual([12 * SECOND]);
  });

  it.each([
    { name: 'the state for the post step', canSave: false, canWriteOutputs: true },
    { name: 'the outputs', canSave: true, canWriteOutputs: false }
  ])('is not sent when $name cannot be written', async ({ canSave, canWriteOutputs }) => {
    const gate = new GateUnderTest();
    Object.assign(gate, { canSave, canWriteOutputs });
    const report = await gate.run({ target });
    expect(gate.opsManager.callsOf('create')).toEqual([]);
    expect(kindsOf(report)).toEqual(['error', 'not-needed', 'not-needed']);
    expect(messageOf(report)).toMatch(/cannot be written.*[Nn]othing was created/);
  });

  it('is saved, with what was listed before it, before it is sent', async () => {
    const gate = new GateUnderTest();
    const old = gate.opsManager.add(RUNNING);
    let savedBefore: string | undefined;
    gate.opsManager.faults = ({ kind }) => {
      if (kind === 'create') savedBefore = gate.savedCase;
      return undefined;
    };
    await gate.run({ target });
    expect(JSON.parse(savedBefore ?? '')).toMatchObject({
      isSettled: false,
      case: {
        creation: { before: { imports: [{ id: old }], count: 1 }, calls: [{ end: 'open' }] }
      }
    });
  });
});

describe('an import that is in progress already', () => {
  const policy = (ifInProgress: 'adopt' | 'fail') => ({ ...CREATE, ifInProgress });

  it('is adopted if the user chose so, and none is created', async () => {
    const gate = new GateUnderTest();
    const id = gate.opsManager.add(RUNNING);
    const report = await gate.run({ target: policy('adopt') });
    expect(report).toMatchObject({
      verdict: { outcome: { kind: 'reached' } },
      case: { id, origin: 'found', isAdopted: true }
    });
    expect(gate.opsManager.callsOf('create')).toEqual([]);
  });

  it('is an error if the user chose so, and nothing is created', async () => {
    const gate = new GateUnderTest();
    const id = gate.opsManager.add(RUNNING);
    const report = await gate.run({ target: policy('fail') });
    expect(kindsOf(report)).toEqual(['error', 'not-needed', 'not-needed']);
    expect(messageOf(report)).toContain(id);
    expect(gate.opsManager.callsOf('create')).toEqual([]);
    expect(gate.opsManager.running).toEqual([id]);
  });

  it('is not chosen among several', async () => {
    const gate = new GateUnderTest();
    const ids = [gate.opsManager.add(RUNNING), gate.opsManager.add(RUNNING)];
    const report = await gate.run({ target: policy('adopt') });
    expect(kindsOf(report)).toEqual(['error', 'not-needed', 'not-needed']);
    for (const id of ids) expect(messageOf(report)).toContain(id);
    expect(gate.opsManager.callsOf('create')).toEqual([]);
  });

  it.each(['adopt', 'fail'] as const)(
    'and that no read has found when the time is over is timed out, and nothing is created (%s)',
    async (ifInProgress) => {
      const gate = new GateUnderTest();
      gate.opsManager.add(RUNNING);
      gate.opsManager.faults = ({ kind }) => (kind === 'read' ? replies(404) : undefined);
      const report = await gate.run({ target: policy(ifInProgress), timeoutMs: 10 * SECOND });
      expect(kindsOf(report)).toEqual(['timed-out', 'not-needed', 'not-needed']);
      expect(gate.opsManager.callsOf('create')).toEqual([]);
      expect(gate.clock.elapsedMs).toBe(10 * SECOND);
    }
  );

  it.each(['adopt', 'fail'] as const)(
    'is created where there is none (%s)',
    async (ifInProgress) => {
      const gate = new GateUnderTest();
      gate.opsManager.add(OLD);
      gate.opsManager.onCreate = RUNNING;
      const report = await gate.run({ target: policy(ifInProgress) });
      expect(report.verdict.outcome.kind).toBe('reached');
      expect(gate.opsManager.created).toEqual([report.case.id]);
    }
  );

  it('is cancelled when the step that adopted it gives up', async () => {
    const gate = new GateUnderTest();
    const id = gate.opsManager.add({ steps: [['PENDING', 0]] });
    const report = await gate.run({ target: policy('adopt'), timeoutMs: MINUTE });
    expect(kindsOf(report)).toEqual(['timed-out', 'confirmed', 'not-needed']);
    expect(gate.opsManager.stateOf(id)).toBe('CANCELLED');
  });
});

describe('a second look at the list', () => {
  it.each([
    { name: '30 s after the call', endsAtMs: 10 * MINUTE },
    { name: 'before it is reached', endsAtMs: 10 * SECOND },
    { name: 'before it has failed', endsAtMs: 10 * SECOND, end: 'FAILED' }
  ])(
    'finds what someone else created at the same time: $name',
    async ({ endsAtMs, end = 'SUCCESS' }) => {
      const gate = new GateUnderTest();
      gate.opsManager.onCreate = {
        steps: [
          ['PENDING', 0],
          [end, endsAtMs]
        ]
      };
      gate.clock.at(SECOND, () => gate.opsManager.add({ ...RUNNING, listedAfterMs: 8 * SECOND }));
      gate.opsManager.latencyMs = 100;
      const report = await gate.run({ target });
      expect(kindsOf(report)).toEqual(['error', 'failed', 'not-needed']);
      for (const { id } of gate.opsManager.imports) expect(messageOf(report)).toContain(id);
      expect(gate.opsManager.callsOf('cancel')).toEqual([]);
      expect(gate.published.map(({ outputs }) => outputs['goal-reached'])).not.toContain('true');
    }
  );

  it('lets no two steps that create at the same time go green on one import', async () => {
    const one = new GateUnderTest();
    const two = new GateUnderTest(one);
    one.opsManager.onCreate = { ...RUNNING, listedAfterMs: 10 * SECOND };
    one.opsManager.latencyMs = 100;
    const reports = await Promise.all([one.run({ target }), two.run({ target })]);
    expect(reports.map((report) => kindsOf(report)[0])).toEqual(['error', 'error']);
    expect(one.opsManager.callsOf('cancel')).toEqual([]);
    for (const report of reports)
      for (const id of one.opsManager.created) expect(messageOf(report)).toContain(id);
  });

  it('forbids only reached while the list cannot be read', async () => {
    const gate = new GateUnderTest();
    gate.opsManager.onCreate = {
      steps: [
        ['PENDING', 0],
        ['SUCCESS', MINUTE]
      ]
    };
    gate.opsManager.faults = ({ kind, nth, atMs }) =>
      kind === 'list' && nth > 2 && atMs < 4 * MINUTE ? reset() : undefined;
    const report = await gate.run({ target });
    expect(kindsOf(report)).toEqual(['reached', 'not-needed', 'not-needed']);
    const reachedAt = gate.published.find(
      ({ outputs }) => outputs['goal-reached'] === 'true'
    )?.atMs;
    expect(reachedAt).toBeGreaterThanOrEqual(4 * MINUTE);
  });

  it('that no longer shows the watched import forbids reached until one does', async () => {
    const gate = new GateUnderTest();
    gate.opsManager.onCreate = {
      steps: [
        ['PENDING', 0],
        ['SUCCESS', MINUTE]
      ]
    };
    // Lists from a node that stopped before the import was created.
    gate.opsManager.lagMs = ({ kind, nth, atMs }) =>
      kind === 'list' && nth > 2 && atMs < 3 * MINUTE ? HOUR : 0;
    const report = await gate.run({ target });
    expect(report.verdict.outcome.kind).toBe('reached');
    const reached = gate.published.find(({ outputs }) => outputs['goal-reached'] === 'true');
    expect(reached?.atMs).toBeGreaterThanOrEqual(3 * MINUTE);
  });

  it.each([
    { name: 'timed out', want: 'timed-out', maxOutageMs: 10 * MINUTE },
    { name: 'unreachable', want: 'unreachable', maxOutageMs: 2 * MINUTE }
  ])('that never comes leaves a reached goal $name', async ({ want, maxOutageMs }) => {
    const gate = new GateUnderTest();
    gate.opsManager.onCreate = {
      steps: [
        ['PENDING', 0],
        ['SUCCESS', MINUTE]
      ]
    };
    gate.opsManager.faults = ({ kind, nth }) => (kind === 'list' && nth > 2 ? reset() : undefined);
    const report = await gate.run({ target, maxOutageMs, timeoutMs: 6 * MINUTE });
    expect(kindsOf(report)).toEqual([want, 'not-needed', 'not-needed']);
    expect(gate.published.map(({ outputs }) => outputs['goal-reached'])).not.toContain('true');
  });

  // The list that confirms is newer than the read, and a terminal failure beats a goal on the way.
  it.each(['FAILED', 'CANCELLED'])('that shows the import %s is not overheard', async (end) => {
    const gate = new GateUnderTest();
    gate.opsManager.onCreate = {
      steps: [
        ['PENDING', 0],
        ['AWAIT_GOAL_STATE', 20 * SECOND],
        [end, 30 * SECOND]
      ]
    };
    // The second look takes a while, and the import fails meanwhile.
    gate.opsManager.faults = ({ kind, nth }) =>
      kind === 'list' && nth > 2 && nth < 5 ? { ...reset(), takesMs: 8 * SECOND } : undefined;
    const report = await gate.run({ target, goal: 'AWAIT_HOSTS_DISCOVERED' });
    expect(report.verdict.outcome.kind).toBe(end.toLowerCase());
  });
});

describe('create calls that come to nothing', () => {
  const said = [
    { name: 'Ops Manager’s own 429', fault: replies(429, 'too many', 'RATE_LIMITED'), says: 'HTTP 429' }, // prettier-ignore
    { name: 'Ops Manager’s own 500', fault: replies(500), says: 'HTTP 500' },
    { name: 'a page of somebody else’s', fault: foreignPage(), says: 'HTTP 302' },
    { name: 'a reset', fault: reset(), says: 'ECONNRESET' }
  ];

  it.each(said)('by $name are told with what they met: at the deadline', async (row) => {
    const gate = new GateUnderTest();
    gate.opsManager.faults = ({ kind }) => (kind === 'create' ? row.fault : undefined);
    const report = await gate.run({ target, timeoutMs: 40 * SECOND });
    expect(kindsOf(report)).toEqual(['timed-out', 'not-needed', 'not-needed']);
    expect(messageOf(report).split(row.says)).toHaveLength(2);
    expect(wordsOf(report).cause).toContain(row.says);
  });

  it.each(said)('by $name are told with what they met: after a signal', async (row) => {
    const gate = new GateUnderTest();
    gate.opsManager.faults = ({ kind }) => (kind === 'create' ? row.fault : undefined);
    gate.interruptAt(20 * SECOND);
    const report = await gate.run({ target });
    expect(report.verdict.outcome.kind).toBe('interrupted');
    expect(messageOf(report).split(row.says)).toHaveLength(2);
  });
});
