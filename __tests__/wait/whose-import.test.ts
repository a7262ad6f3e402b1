import { describe, expect, it } from '@jest/globals';
import type { Script } from '../../simulator/scripted-import.ts';
import { creationOf } from '../../src/case/case.ts';
import type { Import } from '../../src/case/import.ts';
import { messageOf } from '../../src/report/words.ts';
import { hang, lostAnswer, replies, reset, type Fault } from '../support/faults.ts';
import {
  CREATE,
  GateUnderTest,
  HOUR,
  kindsOf,
  MINUTE,
  SECOND
} from '../support/gate-under-test.ts';
import { importIn } from '../support/imports.ts';
import type { Call } from '../support/scripted-ops-manager.ts';

const PENDING: Script = { steps: [['PENDING', 0]] };
const RUNNING: Script = {
  steps: [
    ['PENDING', 0],
    ['SUCCESS', 5 * MINUTE]
  ]
};
const ENDED: Script = {
  startedMsAgo: 10 * MINUTE,
  steps: [
    ['PENDING', 0],
    ['SUCCESS', 10 * MINUTE - SECOND]
  ]
};
/** Lists of the first twenty seconds are as late. */
const late = ({ kind, atMs }: Call): number => (kind === 'list' && atMs < 20_000 ? 20_000 : 0);
/** An import that is in SUCCESS after a time. */
const endsIn = (ms: number): Script => ({
  steps: [
    ['PENDING', 0],
    ['SUCCESS', ms]
  ]
});
const ADOPT = { ...CREATE, ifInProgress: 'adopt' } as const;
const DISCOVER = { kind: 'discover' } as const;

describe('an import that had ended before the step began, but that a late list shows in progress,', () => {
  it('opens no gate where one in progress is looked for', async () => {
    const gate = new GateUnderTest();
    gate.opsManager.add(ENDED);
    gate.opsManager.lagMs = late;
    const report = await gate.run({ target: DISCOVER });
    expect(kindsOf(report)).toEqual(['error', 'not-needed', 'not-needed']);
    expect(messageOf(report)).toContain('no import in progress');
    expect(gate.published.map(({ outputs }) => outputs['goal-reached'])).not.toContain('true');
  });

  it('is not adopted: the step creates its own', async () => {
    const gate = new GateUnderTest();
    gate.opsManager.add(ENDED);
    gate.opsManager.onCreate = RUNNING;
    gate.opsManager.lagMs = (call) => (call.nth === 1 ? late(call) : 0);
    const report = await gate.run({ target: ADOPT });
    expect(gate.opsManager.created).toEqual([report.case.id]);
    expect(report.verdict.outcome.kind).toBe('reached');
  });

  it('is none for if-in-progress: fail', async () => {
    const gate = new GateUnderTest();
    gate.opsManager.add(ENDED);
    gate.opsManager.onCreate = RUNNING;
    gate.opsManager.lagMs = (call) => (call.nth === 1 ? late(call) : 0);
    await gate.run({ target: { ...CREATE, ifInProgress: 'fail' } });
    expect(gate.opsManager.created).toHaveLength(1);
  });
});

describe('what any list before the create call has shown', () => {
  it('is not new, though the last of them did not show it', async () => {
    const gate = new GateUnderTest();
    const running = gate.opsManager.add(ENDED);
    const old = { ...importIn('FAILED'), id: 'a'.repeat(24) };
    gate.opsManager.onCreate = endsIn(40 * SECOND);
    gate.opsManager.lagMs = (call) => (call.nth === 1 ? late(call) : 0);
    gate.opsManager.faults = ({ kind, nth }) =>
      kind === 'read' && nth === 1 ? replies(404) : undefined;
    const list = gate.opsManager.listImports.bind(gate.opsManager);
    let lists = 0;
    gate.opsManager.listImports = async (options) => {
      lists += 1;
      const { imports, readAt } = await list(options);
      return { imports: lists === 2 ? imports : [...imports, old], readAt };
    };
    const report = await gate.run({ target: ADOPT });
    expect(report.verdict.outcome.kind).toBe('reached');
    expect([old.id, running]).not.toContain(report.case.id);
  });
});

describe('an import in progress that the next list does not show', () => {
  it.each(['adopt', 'fail'] as const)(
    'is not forgotten where a read had not found it yet (%s)',
    async (ifInProgress) => {
      const gate = new GateUnderTest();
      const theirs = gate.opsManager.add({ ...PENDING, startedMsAgo: MINUTE });
      gate.opsManager.onCreate = RUNNING;
      gate.opsManager.lagMs = ({ kind, nth }) => (kind === 'list' && nth === 2 ? HOUR : 0);
      gate.opsManager.faults = ({ kind, nth }) =>
        kind === 'read' && nth === 1 ? replies(404) : undefined;
      const report = await gate.run({ target: { ...CREATE, ifInProgress }, timeoutMs: MINUTE });
      expect(gate.opsManager.created).toEqual([]);
      expect(messageOf(report)).toContain(theirs);
    }
  );

  it.each(['adopt', 'fail'] as const)(
    'is none to wait for or to create beside where lists go on to show it, and no read finds it (%s)',
    async (ifInProgress) => {
      const gate = new GateUnderTest();
      const theirs = gate.opsManager.add({ ...PENDING, startedMsAgo: MINUTE });
      gate.opsManager.faults = ({ kind }) => (kind === 'read' ? replies(404) : undefined);
      const report = await gate.run({ target: { ...CREATE, ifInProgress }, timeoutMs: MINUTE });
      expect(gate.opsManager.created).toEqual([]);
      expect(gate.opsManager.callsOf('cancel')).toEqual([]);
      expect(messageOf(report)).toContain(theirs);
    }
  );

  it('is nothing where no read finds it for half a minute: it was deleted', async () => {
    const gate = new GateUnderTest();
    const theirs = gate.opsManager.add({ ...PENDING, startedMsAgo: MINUTE });
    const [listed] = gate.opsManager.imports;
    const list = gate.opsManager.listImports.bind(gate.opsManager);
    gate.opsManager.remove(theirs);
    gate.opsManager.onCreate = RUNNING;
    gate.opsManager.listImports = async (options) => {
      const isLate = gate.clock.elapsedMs < 20 * SECOND;
      if (isLate && listed) gate.opsManager.imports.push(listed);
      const answer = await list(options);
      gate.opsManager.remove(theirs);
      return answer;
    };
    await gate.run({ target: { ...CREATE, ifInProgress: 'fail' } });
    expect(gate.opsManager.created).toHaveLength(1);
  });
});

describe('an import that was found', () => {
  it('is this step’s only after 30 s, a list and a read, whatever poll-interval is', async () => {
    const gate = new GateUnderTest();
    gate.opsManager.add(RUNNING);
    await gate.run({ target: DISCOVER, pollIntervalMs: 4 * MINUTE });
    const ours = gate.published.find(({ case: c }) => c.origin === 'found' && c.isOurs);
    expect(ours?.atMs).toBe(30 * SECOND);
  });

  it('among many that have ended is alone without a read of those', async () => {
    const gate = new GateUnderTest();
    for (let nth = 0; nth < 12; nth += 1) gate.opsManager.add({ ...ENDED, listedAfterMs: 0 });
    gate.opsManager.add(endsIn(MINUTE));
    const report = await gate.run({ target: DISCOVER });
    expect(report.verdict.outcome.kind).toBe('reached');
  });

  it('in a list, and that no read can reach, ends the wait as unreachable', async () => {
    const gate = new GateUnderTest();
    gate.opsManager.add(PENDING);
    gate.opsManager.faults = ({ kind }) => (kind === 'read' ? replies(403) : undefined);
    const report = await gate.run({ target: DISCOVER, maxOutageMs: MINUTE });
    expect(report.verdict.outcome.kind).toBe('unreachable');
  });

  it('is tried for again after a list that failed', async () => {
    const gate = new GateUnderTest();
    gate.opsManager.add(RUNNING);
    gate.opsManager.faults = ({ kind, nth }) =>
      kind === 'list' && nth === 2 ? reset() : undefined;
    const report = await gate.run({ target: DISCOVER });
    const [, failed = 0, again, ...more] = gate.opsManager.callsOf('list').map(({ atMs }) => atMs);
    expect([again, more]).toEqual([failed + 10 * SECOND, []]);
    expect(gate.observer.retries).toHaveLength(1);
    expect(report.verdict.outcome.kind).toBe('reached');
  });

  it('does not hide a defect that the list which is due meets', async () => {
    const gate = new GateUnderTest();
    gate.opsManager.add(RUNNING);
    const list = gate.opsManager.listImports.bind(gate.opsManager);
    gate.opsManager.listImports = (options) =>
      gate.clock.elapsedMs > 0 ? Promise.reject(new TypeError('a defect')) : list(options);
    await expect(gate.run({ target: DISCOVER })).rejects.toThrow('a defect');
  });

  it('stalls, is missing, or fails only once it is this step’s', async () => {
    const gate = new GateUnderTest();
    const id = gate.opsManager.add(PENDING);
    gate.opsManager.faults = ({ kind, nth }) => (kind === 'list' && nth > 1 ? reset() : undefined);
    const report = await gate.run({
      target: DISCOVER,
      stallTimeoutMs: 10 * SECOND,
      timeoutMs: 3 * MINUTE
    });
    expect(kindsOf(report)).toEqual(['timed-out', 'not-needed', 'not-needed']);
    expect(gate.opsManager.running).toEqual([id]);
  });

  it('and is this step’s already is not put in doubt by a 404 and a colleague’s newer one', async () => {
    const gate = new GateUnderTest();
    const id = gate.opsManager.add(RUNNING);
    gate.clock.at(40 * SECOND, () => gate.opsManager.add(PENDING));
    gate.opsManager.faults = ({ kind, atMs }) =>
      kind === 'read' && atMs > 60 * SECOND && atMs < 80 * SECOND ? replies(404) : undefined;
    const report = await gate.run({ target: DISCOVER });
    expect(report).toMatchObject({ case: { id }, verdict: { outcome: { kind: 'reached' } } });
  });

  it('is left alone by the post step of a step that was killed before it was this step’s', async () => {
    const gate = new GateUnderTest();
    const id = gate.opsManager.add(PENDING);
    gate.killAt(10 * SECOND);
    await gate.runUntilKilled({ target: DISCOVER });
    const calls = gate.opsManager.calls.length;
    const after = await gate.postStep();
    expect(after && kindsOf(after.report)).toEqual(['interrupted', 'not-needed', 'not-needed']);
    expect(gate.opsManager.calls).toHaveLength(calls);
    expect(gate.opsManager.running).toEqual([id]);
  });

  it('is not one of several for one that a late list still shows, and that no read finds', async () => {
    for (const target of [DISCOVER, ADOPT]) {
      const gate = new GateUnderTest();
      const id = gate.opsManager.add(RUNNING);
      const list = gate.opsManager.listImports.bind(gate.opsManager);
      gate.opsManager.listImports = async (options) => {
        const { imports, readAt } = await list(options);
        const isLate = gate.clock.elapsedMs > 25 * SECOND && gate.clock.elapsedMs < 50 * SECOND;
        return { imports: isLate ? [...imports, importIn('PENDING')] : imports, readAt };
      };
      const report = await gate.run({ target });
      expect(report).toMatchObject({ case: { id }, verdict: { outcome: { kind: 'reached' } } });
      const ours = gate.published.find(({ case: c }) => c.origin === 'found' && c.isOurs);
      expect(ours?.atMs).toBe(50 * SECOND);
      const lists = gate.opsManager.callsOf('list').map(({ atMs }) => atMs / SECOND);
      expect(lists).toEqual([0, 30, 32, 34, 36, 38, 40, 42, 44, 46, 48, 50]);
    }
  });

  it('is the only one where another one that a list has shown before has ended when that is due', async () => {
    const gate = new GateUnderTest();
    const id = gate.opsManager.add(RUNNING);
    gate.opsManager.add({ ...endsIn(20 * SECOND), listedAfterMs: 3 * SECOND });
    let isLost = false;
    gate.opsManager.faults = ({ kind, atMs }) => {
      if (kind !== 'read' || atMs < 4 * SECOND || isLost) return undefined;
      isLost = true;
      return replies(404);
    };
    const report = await gate.run({ target: DISCOVER });
    expect(gate.opsManager.callsOf('list').some(({ atMs }) => atMs > 0 && atMs < 20_000)).toBe(
      true
    );
    expect(report).toMatchObject({ case: { id }, verdict: { outcome: { kind: 'reached' } } });
  });

  it('is one of several where any list has shown another one that runs, though not the one that is due', async () => {
    const gate = new GateUnderTest();
    gate.opsManager.add(RUNNING);
    const other = gate.opsManager.add(PENDING);
    gate.opsManager.faults = ({ kind, atMs }) =>
      kind === 'read' && atMs > 4 * SECOND && atMs < 12 * SECOND ? replies(404) : undefined;
    const list = gate.opsManager.listImports.bind(gate.opsManager);
    gate.opsManager.listImports = async (options) => {
      const { imports, readAt } = await list(options);
      const isShown = gate.clock.elapsedMs > 4 * SECOND && gate.clock.elapsedMs < 20 * SECOND;
      return { imports: imports.filter(({ id }) => isShown || id !== other), readAt };
    };
    const report = await gate.run({ target: DISCOVER });
    expect(kindsOf(report)).toEqual(['error', 'not-needed', 'not-needed']);
    expect(messageOf(report)).toContain(other);
  });

  it('is one of several where lists go on to show one for half a minute that no read finds', async () => {
    const gate = new GateUnderTest();
    gate.opsManager.add(RUNNING);
    const list = gate.opsManager.listImports.bind(gate.opsManager);
    gate.opsManager.listImports = async (options) => {
      const { imports, readAt } = await list(options);
      const isListed = gate.clock.elapsedMs > 25 * SECOND;
      return { imports: isListed ? [...imports, importIn('PENDING')] : imports, readAt };
    };
    const report = await gate.run({ target: DISCOVER });
    expect(kindsOf(report)).toEqual(['error', 'not-needed', 'not-needed']);
    expect(messageOf(report)).toContain('2 imports in progress');
    expect(report.waitedMs).toBe(60 * SECOND);
  });

  it('among many is one of several only by reads, ten at most', async () => {
    const gate = new GateUnderTest();
    for (let nth = 0; nth < 12; nth += 1) gate.opsManager.add(PENDING);
    const report = await gate.run({ target: DISCOVER });
    expect(messageOf(report)).toContain('12 imports in progress');
    expect(gate.opsManager.callsOf('read')).toHaveLength(10);
  });
});

describe('clocks that differ by less than a minute', () => {
  it.each([-55, 7, 55])('hide no import of the step’s own: `Date` is %i s off', async (seconds) => {
    const gate = new GateUnderTest();
    gate.opsManager.dateIsAheadMs = seconds * SECOND;
    gate.opsManager.onCreate = { ...RUNNING, listedAfterMs: 8 * SECOND };
    gate.opsManager.latencyMs = 100;
    const report = await gate.run({ target: CREATE });
    expect(report.verdict.outcome.kind).toBe('reached');
    expect(gate.opsManager.created).toEqual([report.case.id]);
  });

  it('are known also where a read failed between the list before and the create call', async () => {
    const gate = new GateUnderTest();
    gate.opsManager.add(ENDED);
    gate.opsManager.lagMs = ({ kind, nth }) => (kind === 'list' && nth === 1 ? 20 * SECOND : 0);
    gate.opsManager.faults = ({ kind, nth }) =>
      kind === 'create' || (kind === 'read' && nth === 1) ? reset() : undefined;
    // By the clock of replies a colleague's begins 75 s after the call has ended.
    gate.opsManager.dateIsAheadMs = -55 * SECOND;
    gate.clock.at(21 * SECOND, () => gate.opsManager.add(PENDING));
    const report = await gate.run({ target: ADOPT, timeoutMs: 25 * SECOND });
    expect(report.case.id).toBeUndefined();
    expect(gate.opsManager.callsOf('cancel')).toEqual([]);
  });

  it('make nobody else’s import the step’s own: both are named, and none is touched', async () => {
    const gate = new GateUnderTest();
    gate.opsManager.dateIsAheadMs = 7 * SECOND;
    gate.opsManager.onCreate = { ...PENDING, listedAfterMs: 2 * SECOND };
    gate.clock.at(3 * SECOND, () => gate.opsManager.add(PENDING));
    const report = await gate.run({ target: CREATE });
    expect(kindsOf(report)).toEqual(['error', 'failed', 'not-needed']);
    expect(gate.opsManager.callsOf('cancel')).toEqual([]);
    for (const { id } of gate.opsManager.imports) expect(messageOf(report)).toContain(id);
  });
});

/** Whether the wait is over, and the case is settled. */
function hasEnded({ published }: GateUnderTest): boolean {
  return published.some(({ case: c }) => c.ending);
}

describe('the look for a created import', () => {
  it('goes on where a read says that what was found is another one’s', async () => {
    const gate = new GateUnderTest();
    const theirs = gate.opsManager.add({
      ...PENDING,
      startedMsAgo: HOUR,
      listedAfterMs: HOUR + 7 * SECOND
    });
    gate.opsManager.onCreate = { ...PENDING, listedAfterMs: 15 * SECOND };
    const list = gate.opsManager.listImports.bind(gate.opsManager);
    gate.opsManager.listImports = async (options) => {
      const { imports, readAt } = await list(options);
      return { imports: imports.map((each) => ({ ...each, transitions: [] })), readAt };
    };
    const report = await gate.run({ target: CREATE, timeoutMs: 6 * SECOND });
    expect(kindsOf(report)).toEqual(['timed-out', 'confirmed', 'not-needed']);
    expect(gate.opsManager.running).toEqual([theirs]);
  });

  it('is not ended by an old one that shows first: the own one, listed 8 s late, is found in settling', async () => {
    const gate = new GateUnderTest();
    gate.opsManager.add({ ...PENDING, startedMsAgo: HOUR, listedAfterMs: HOUR + SECOND });
    gate.opsManager.onCreate = { ...PENDING, listedAfterMs: 8 * SECOND };
    gate.opsManager.faults = ({ kind }) => (kind === 'create' ? lostAnswer() : undefined);
    gate.opsManager.latencyMs = 50;
    const report = await gate.run({ target: CREATE, timeoutMs: 6 * SECOND });
    expect(report.case.id).toBe(gate.opsManager.created[0]);
    expect(kindsOf(report)).toEqual(['timed-out', 'confirmed', 'not-needed']);
  });

  it.each([
    { what: 'finds the own one', script: PENDING, fault: undefined, creates: 1 },
    { what: 'creates again where the call was lost, and nothing else appeared', script: ENDED, fault: reset(), creates: 2 } // prettier-ignore
  ])('lets go of an undated one that a read dates an hour before, and $what', async (row) => {
    const gate = new GateUnderTest();
    gate.opsManager.faults = ({ kind, nth }) =>
      kind === 'create' && nth === 1 ? row.fault : undefined;
    const theirs = gate.opsManager.add({
      ...row.script,
      startedMsAgo: HOUR,
      listedAfterMs: HOUR + SECOND
    });
    gate.opsManager.onCreate = { ...RUNNING, listedAfterMs: 15 * SECOND };
    const list = gate.opsManager.listImports.bind(gate.opsManager);
    gate.opsManager.listImports = async (options) => {
      const { imports, readAt } = await list(options);
      const undated = imports.map((each) => ({ ...each, transitions: [] }));
      return { imports: undated, readAt };
    };
    const report = await gate.run({ target: CREATE });
    expect(report.case.id).toBe(gate.opsManager.created[0]);
    expect(report.verdict.outcome.kind).toBe('reached');
    expect(gate.opsManager.callsOf('create')).toHaveLength(row.creates);
    expect(gate.opsManager.running.includes(theirs)).toBe(row.script === PENDING);
  });

  it('takes nobody’s import whose first list came after the closing one', async () => {
    const gate = new GateUnderTest();
    gate.opsManager.onCreate = RUNNING;
    gate.clock.at(50 * SECOND, () => gate.opsManager.add(PENDING));
    const report = await gate.run({ target: CREATE });
    expect(report.verdict.outcome.kind).toBe('reached');
    expect(report.case.id).toBe(gate.opsManager.created[0]);
  });

  it('of an ambiguous case goes on to the closing list, and names what is new in it', async () => {
    const gate = new GateUnderTest();
    gate.opsManager.onCreate = PENDING;
    gate.opsManager.latencyMs = 100;
    gate.clock.at(150, () => gate.opsManager.add(PENDING));
    gate.clock.at(200, () => gate.opsManager.add({ ...PENDING, listedAfterMs: 25 * SECOND }));
    const report = await gate.run({ target: CREATE });
    expect(kindsOf(report)).toEqual(['error', 'failed', 'not-needed']);
    for (const { id } of gate.opsManager.imports) expect(messageOf(report)).toContain(id);
    expect(await gate.postStep()).toBeUndefined();
  });
});

describe('an ambiguous case', () => {
  it('is shown by the closing list, whatever state no list has shown before, and not listed again', async () => {
    const gate = new GateUnderTest();
    gate.opsManager.onCreate = {
      steps: [
        ['PENDING', 0],
        ['AWAIT_SEED_HOST_CONNECTED', 5 * SECOND]
      ]
    };
    gate.clock.at(SECOND, () => gate.opsManager.add({ ...PENDING, listedAfterMs: 8 * SECOND }));
    const report = await gate.run({ target: CREATE });
    expect(report.verdict.outcome).toEqual({ kind: 'error', cause: { kind: 'ambiguous' } });
    const lists = gate.opsManager.callsOf('list').map(({ atMs }) => atMs);
    expect(lists.filter((atMs) => atMs >= 30 * SECOND)).toEqual([30 * SECOND]);
  });

  it('after a lost call is listed to the end of the whole budget, and what is new is named', async () => {
    const gate = new GateUnderTest();
    gate.opsManager.faults = ({ kind }) => (kind === 'create' ? lostAnswer() : undefined);
    gate.opsManager.onCreate = { ...PENDING, listedAfterMs: 10 * SECOND };
    gate.clock.at(150, () => gate.opsManager.add({ ...PENDING, listedAfterMs: 10 * SECOND }));
    // 70 s after the wait, and before the closing list is due.
    gate.clock.at(MINUTE, () => gate.opsManager.add({ ...PENDING, listedAfterMs: 20 * SECOND }));
    const report = await gate.run({ target: CREATE });
    expect(report.verdict.outcome).toEqual({ kind: 'error', cause: { kind: 'ambiguous' } });
    expect(gate.opsManager.imports).toHaveLength(3);
    // The closing list is the last one.
    expect(gate.clock.elapsedMs).toBeLessThan(95 * SECOND);
    for (const { id } of gate.opsManager.imports) expect(messageOf(report)).toContain(id);
  });
});

describe('several candidates', () => {
  /** Its own call, and others that are created by the same list, whose dates only reads show. */
  function among(...others: readonly Script[]): GateUnderTest {
    const gate = new GateUnderTest();
    gate.opsManager.onCreate = { ...RUNNING, listedAfterMs: 2 * SECOND };
    for (const other of others) gate.opsManager.add(other);
    const list = gate.opsManager.listImports.bind(gate.opsManager);
    gate.opsManager.listImports = async (options) => {
      const { imports, readAt } = await list(options);
      return { imports: imports.map((each) => ({ ...each, transitions: [] })), readAt };
    };
    return gate;
  }
  const OLD: Script = { ...PENDING, startedMsAgo: HOUR, listedAfterMs: HOUR + 2 * SECOND };

  it('are read before they are called so: one that began an hour before is none', async () => {
    const gate = among(OLD, OLD);
    const report = await gate.run({ target: CREATE });
    expect(report.case.id).toBe(gate.opsManager.created[0]);
    expect(report.verdict.outcome.kind).toBe('reached');
  });

  it('are read, ten at most', async () => {
    const others = Array.from({ length: 12 }, () => ({
      ...OLD,
      startedMsAgo: 0,
      listedAfterMs: 0
    }));
    const gate = among();
    gate.clock.at(SECOND, () => {
      for (const other of others) gate.opsManager.add(other);
    });
    const report = await gate.run({ target: CREATE });
    expect(report.verdict.outcome).toEqual({ kind: 'error', cause: { kind: 'ambiguous' } });
    expect(gate.opsManager.callsOf('read')).toHaveLength(10);
  });

  it.each([undefined, 1500])(
    'of which a node does not know one are several all the same (a signal at %s ms)',
    async (interruptAtMs) => {
      const gate = among({ ...OLD, startedMsAgo: 0, listedAfterMs: 2 * SECOND });
      gate.opsManager.faults = ({ kind, nth }) =>
        kind === 'read' && nth === 2 ? replies(404) : undefined;
      if (interruptAtMs !== undefined) gate.interruptAt(interruptAtMs);
      const report = await gate.run({ target: CREATE });
      expect(creationOf(report.case)?.isAmbiguous).toBe(true);
      expect(report.verdict.cancellation.kind).toBe('failed');
      expect(gate.opsManager.callsOf('read')).toHaveLength(2);
    }
  );

  it('that no read reaches after a signal are read by the post step, which cancels the own one', async () => {
    const gate = among(OLD);
    gate.opsManager.faults = ({ kind }) => (kind === 'read' ? hang() : undefined);
    gate.interruptAt(2500);
    const report = await gate.run({ target: CREATE });
    expect(report.verdict.cancellation.kind).toBe('failed');
    gate.opsManager.faults = () => undefined;
    const after = await gate.postStep();
    expect(after?.report.verdict.cancellation.kind).toBe('confirmed');
    expect(gate.opsManager.stateOf(gate.opsManager.created[0] ?? '')).toBe('CANCELLED');
    expect(gate.opsManager.running).toHaveLength(1);
  });

  it('that cannot be read end the wait as unreachable, and not as several', async () => {
    const gate = among({ ...OLD, startedMsAgo: 0, listedAfterMs: 2 * SECOND });
    gate.opsManager.faults = ({ kind }) => (kind === 'read' ? replies(403) : undefined);
    const report = await gate.run({ target: CREATE, maxOutageMs: MINUTE });
    expect(report.verdict.outcome.kind).toBe('unreachable');
  });
});

describe('an import that was cancelled before the closing list', () => {
  it('of a lost call is held against that list once it is due', async () => {
    const gate = new GateUnderTest();
    gate.opsManager.latencyMs = 100;
    gate.opsManager.faults = ({ kind }) =>
      kind === 'create' ? { ...hang(), arrivesAfterMs: 29 * SECOND } : undefined;
    gate.opsManager.onCreate = { ...PENDING, listedAfterMs: 80 * SECOND };
    gate.clock.at(150, () => gate.opsManager.add({ ...PENDING, cancelTakesMs: 70 * SECOND }));
    const report = await gate.run({ target: CREATE, timeoutMs: 35 * SECOND });
    expect(kindsOf(report)).toEqual(['timed-out', 'failed', 'not-needed']);
    expect(messageOf(report)).toContain(gate.opsManager.created[0]);
    // The last ten seconds of the look are for a read.
    const [asked] = gate.opsManager.callsOf('cancel');
    expect(asked?.atMs).toBeLessThan(35 * SECOND + 38 * SECOND);
  });

  it('is one of several where that is due at the end, and shows the step’s own only then', async () => {
    const gate = new GateUnderTest();
    gate.opsManager.latencyMs = 100;
    gate.opsManager.onCreate = { ...PENDING, listedAfterMs: 25 * SECOND };
    gate.clock.at(150, () => gate.opsManager.add({ ...PENDING, cancelTakesMs: 20 * SECOND }));
    const report = await gate.run({ target: CREATE, timeoutMs: 15 * SECOND });
    expect(kindsOf(report)).toEqual(['timed-out', 'failed', 'not-needed']);
    expect(messageOf(report)).toContain(gate.opsManager.created[0]);
  });

  it('is listed once more first, when that list is due within the look', async () => {
    const gate = new GateUnderTest();
    gate.opsManager.onCreate = PENDING;
    const report = await gate.run({ target: CREATE, timeoutMs: 15 * SECOND });
    expect(kindsOf(report)).toEqual(['timed-out', 'confirmed', 'not-needed']);
    const [cancelledAt, listedAt] = (['cancel', 'list'] as const).map(
      (kind) => gate.opsManager.callsOf(kind).at(-1)?.atMs ?? 0
    );
    expect(listedAt).toBeGreaterThanOrEqual(30 * SECOND);
    expect(cancelledAt).toBeGreaterThanOrEqual(listedAt ?? Infinity);
  });

  it('after a signal is judged by the list that is read then', async () => {
    const gate = new GateUnderTest();
    gate.opsManager.onCreate = PENDING;
    gate.interruptAt(15 * SECOND);
    const report = await gate.run({ target: CREATE });
    expect(kindsOf(report)).toEqual(['interrupted', 'confirmed', 'not-needed']);
    expect(gate.opsManager.callsOf('list').at(-1)?.atMs).toBeLessThan(17 * SECOND);
  });
});

describe('a step whose time is over before the closing list', () => {
  const OTHERS = {
    ...PENDING,
    steps: [
      ['PENDING', 0],
      ['AWAIT_GOAL_STATE', 3 * SECOND]
    ]
  } as const;

  it.each([
    { what: 'no goal', goal: 'AWAIT_GOAL_STATE', end: { timeoutMs: 15 * SECOND } },
    { what: 'nobody’s import to cancel', goal: 'SUCCESS', end: { timeoutMs: 15 * SECOND } },
    { what: 'nobody’s import to cancel', goal: 'SUCCESS', end: { stallTimeoutMs: 5 * SECOND } }
  ] as const)('takes a colleague’s, listed first, for $what ($end)', async ({ goal, end }) => {
    const gate = new GateUnderTest();
    gate.opsManager.latencyMs = 100;
    gate.opsManager.onCreate = { ...PENDING, listedAfterMs: 25 * SECOND };
    gate.clock.at(150, () => gate.opsManager.add(OTHERS));
    const report = await gate.run({ target: CREATE, goal, ...end });
    expect(report.verdict.cancellation.kind).toBe('failed');
    expect(report.verdict.outcome.kind).not.toBe('reached');
    expect(gate.opsManager.callsOf('cancel')).toEqual([]);
    for (const { id } of gate.opsManager.imports) expect(messageOf(report)).toContain(id);
    expect(gate.published.map(({ outputs }) => outputs['goal-reached'])).not.toContain('true');
  });

  it('waits for the closing list in its post step, too, if it is killed then', async () => {
    const gate = new GateUnderTest();
    gate.opsManager.latencyMs = 100;
    gate.opsManager.onCreate = { ...PENDING, listedAfterMs: 40 * SECOND };
    gate.clock.at(150, () => gate.opsManager.add(OTHERS));
    gate.killAt(20 * SECOND);
    await gate.runUntilKilled({ target: CREATE, timeoutMs: 15 * SECOND });
    const { report } = (await gate.postStep()) ?? {};
    expect(report && kindsOf(report)).toEqual(['timed-out', 'failed', 'not-needed']);
    expect(gate.opsManager.callsOf('cancel')).toEqual([]);
    for (const { id } of gate.opsManager.imports) expect(report && messageOf(report)).toContain(id);
  });

  it('lists through the look also where it came to its import only then', async () => {
    const gate = new GateUnderTest();
    const { opsManager } = gate;
    opsManager.latencyMs = 50;
    opsManager.add({
      startedMsAgo: HOUR,
      listedAfterMs: HOUR + SECOND,
      steps: [
        ['PENDING', 0],
        ['SUCCESS', HOUR + 3 * SECOND]
      ]
    });
    opsManager.onCreate = { ...PENDING, listedAfterMs: 9 * SECOND };
    // No date, and no list that confirms it, before the time is over.
    opsManager.faults = ({ kind, atMs }) => {
      if (kind === 'create') return lostAnswer();
      return kind === 'list' && atMs > 3 * SECOND && atMs <= 10 * SECOND ? reset() : undefined;
    };
    const list = opsManager.listImports.bind(opsManager);
    const read = opsManager.readImport.bind(opsManager);
    const undated = (each: Import): Import => ({ ...each, transitions: [] });
    opsManager.listImports = async (options) => {
      const { imports, readAt } = await list(options);
      return { imports: imports.map(undated), readAt };
    };
    opsManager.readImport = async (id, options) => {
      const told = await read(id, options);
      return gate.clock.elapsedMs > 10 * SECOND ? told : undated(told);
    };
    const report = await gate.run({ target: CREATE, timeoutMs: 10 * SECOND });
    expect(report.case.id).toBe(opsManager.created[0]);
    expect(opsManager.callsOf('cancel')[0]?.atMs).toBeGreaterThan(40 * SECOND);
  });

  it('lists through the look where a call was lost, and its closing list is due later', async () => {
    const gate = new GateUnderTest();
    gate.opsManager.onCreate = { ...PENDING, listedAfterMs: 28 * SECOND };
    gate.opsManager.faults = ({ kind }) => (kind === 'create' ? lostAnswer() : undefined);
    gate.clock.at(150, () => gate.opsManager.add(OTHERS));
    const report = await gate.run({ target: CREATE, timeoutMs: 15 * SECOND });
    expect(kindsOf(report)).toEqual(['timed-out', 'failed', 'not-needed']);
    expect(gate.opsManager.callsOf('cancel')).toEqual([]);
    expect(messageOf(report)).toContain(gate.opsManager.created[0]);
  });

  it('says of a goal that no list has confirmed in time that it was not reached, and cancels nothing', async () => {
    const gate = new GateUnderTest();
    gate.opsManager.onCreate = OTHERS;
    gate.opsManager.faults = ({ kind, atMs }) =>
      kind === 'list' && atMs > 25 * SECOND ? reset() : undefined;
    const report = await gate.run({
      target: CREATE,
      goal: 'AWAIT_GOAL_STATE',
      timeoutMs: 15 * SECOND
    });
    expect(kindsOf(report)).toEqual(['timed-out', 'failed', 'not-needed']);
    expect(messageOf(report)).toMatch(/no list confirmed/);
    expect(gate.opsManager.callsOf('cancel')).toEqual([]);
  });
});

describe('a goal that is seen only in the look', () => {
  it('is listed for until a list shows the import, and no longer', async () => {
    const gate = new GateUnderTest();
    gate.opsManager.latencyMs = 300;
    gate.opsManager.onCreate = endsIn(40_200);
    gate.opsManager.lagMs = ({ kind, atMs }) =>
      kind === 'list' && atMs >= 40 * SECOND && atMs < 46 * SECOND ? HOUR : 0;
    const report = await gate.run({ target: CREATE, timeoutMs: 40 * SECOND });
    expect(report.verdict.outcome).toEqual({ kind: 'reached', late: true });
    expect(gate.clock.elapsedMs).toBeLessThan(50 * SECOND);
  });
});

describe('an import that had ended, and that began before the step asked for its own,', () => {
  const earlier = (end: string): Script => ({
    startedMsAgo: 8 * SECOND,
    listedAfterMs: 18 * SECOND,
    steps: [
      ['PENDING', 0],
      [end, 4 * SECOND]
    ]
  });

  it.each(['FAILED', 'CANCELLED', 'SUCCESS'])(
    'is not taken for it before the closing list, which shows the own one (%s)',
    async (end) => {
      const gate = new GateUnderTest();
      gate.opsManager.onCreate = { ...PENDING, listedAfterMs: 25 * SECOND };
      gate.opsManager.add(earlier(end));
      const report = await gate.run({ target: CREATE, deleteFailed: true });
      expect(kindsOf(report)).toEqual(['error', 'failed', 'not-needed']);
      expect(messageOf(report)).toContain(gate.opsManager.created[0]);
      expect(gate.opsManager.callsOf('delete')).toEqual([]);
    }
  );

  it('is looked at once more by the post step of a step that was killed before that list', async () => {
    const gate = new GateUnderTest();
    gate.opsManager.onCreate = { ...PENDING, listedAfterMs: 25 * SECOND };
    gate.opsManager.add(earlier('SUCCESS'));
    gate.killAt(26 * SECOND);
    await gate.runUntilKilled({ target: CREATE });
    const told = await gate.postStep();
    expect(told?.report.verdict.outcome.kind).not.toBe('reached');
    expect(told && messageOf(told.report)).toContain(gate.opsManager.created[0]);
  });

  it('is taken for it where that list shows no other one', async () => {
    const gate = new GateUnderTest();
    gate.opsManager.onCreate = {
      steps: [
        ['PENDING', 0],
        ['FAILED', SECOND]
      ],
      listedAfterMs: 2 * SECOND
    };
    gate.opsManager.dateIsAheadMs = 20 * SECOND;
    const report = await gate.run({ target: CREATE });
    expect(kindsOf(report)).toEqual(['failed', 'not-needed', 'skipped']);
    expect(report.waitedMs).toBeGreaterThanOrEqual(30 * SECOND);
  });
});

describe('a created import that stands at a goal on the way', () => {
  const onItsWay = (ms: number): Script => ({
    steps: [
      ['PENDING', 0],
      ['AWAIT_GOAL_STATE', ms]
    ]
  });
  const toGoal = { target: CREATE, goal: 'AWAIT_GOAL_STATE' } as const;

  it('opens no gate while the list may not show this step’s own yet', async () => {
    const gate = new GateUnderTest();
    gate.opsManager.latencyMs = 100;
    gate.opsManager.onCreate = { ...PENDING, listedAfterMs: 25 * SECOND };
    gate.clock.at(150, () => gate.opsManager.add(onItsWay(2 * SECOND)));
    const report = await gate.run(toGoal);
    expect(kindsOf(report)).toEqual(['error', 'failed', 'not-needed']);
    expect(gate.published.map(({ outputs }) => outputs['goal-reached'])).not.toContain('true');
  });

  it('opens it with the closing list, whatever poll-interval is', async () => {
    const gate = new GateUnderTest();
    gate.opsManager.onCreate = onItsWay(2 * SECOND);
    const report = await gate.run({
      ...toGoal,
      pollIntervalMs: 4 * MINUTE,
      stallTimeoutMs: 10 * SECOND
    });
    expect(report.verdict.outcome).toEqual({ kind: 'reached', late: false });
    expect(report.waitedMs).toBe(30 * SECOND);
    // That list is all that it takes: no second read comes with it.
    const reads = gate.opsManager.callsOf('read').map(({ atMs }) => atMs);
    expect(new Set(reads).size).toBe(reads.length);
  });

  it('opens it at once where it has ended, or where the step saw the closing list before', async () => {
    for (const ms of [5 * SECOND, 40 * SECOND]) {
      const gate = new GateUnderTest();
      gate.opsManager.onCreate = ms < MINUTE / 2 ? endsIn(ms) : onItsWay(ms);
      const report = await gate.run(toGoal);
      expect(report.verdict.outcome.kind).toBe('reached');
      expect(report.waitedMs).toBeLessThan(ms + 15 * SECOND);
    }
  });

  it('is judged by one more list by the post step of a step that was killed before that', async () => {
    const gate = new GateUnderTest();
    gate.opsManager.onCreate = onItsWay(2 * SECOND);
    gate.killAt(10 * SECOND);
    await gate.runUntilKilled(toGoal);
    const before = gate.opsManager.callsOf('list').length;
    const after = await gate.postStep();
    expect(after?.report.verdict.outcome.kind).toBe('reached');
    expect(gate.opsManager.callsOf('list').length).toBeGreaterThan(before);
    expect(gate.opsManager.callsOf('cancel')).toEqual([]);
  });

  it('is judged by the closing list where the time ends before that, and not cancelled', async () => {
    const gate = new GateUnderTest();
    gate.opsManager.onCreate = onItsWay(2 * SECOND);
    const report = await gate.run({ ...toGoal, timeoutMs: 20 * SECOND });
    expect(report.verdict.outcome).toEqual({ kind: 'reached', late: true });
    expect(gate.opsManager.callsOf('list').at(-1)?.atMs).toBeGreaterThanOrEqual(30 * SECOND);
    expect(gate.opsManager.callsOf('cancel')).toEqual([]);
  });
});

describe('a create call', () => {
  it('is not sent once the post step has begun: the step ends as interrupted', async () => {
    const gate = new GateUnderTest();
    gate.isPostStepThere = true;
    const report = await gate.run({ target: CREATE });
    expect(gate.opsManager.callsOf('create')).toEqual([]);
    expect(kindsOf(report)).toEqual(['interrupted', 'not-needed', 'not-needed']);
    expect(messageOf(report)).toContain('The post step, which has begun already,');
  });

  it('is not sent again once the post step has begun, and what was lost is settled', async () => {
    const gate = new GateUnderTest();
    gate.opsManager.faults = ({ kind }) => (kind === 'create' ? reset() : undefined);
    gate.clock.at(10 * SECOND, () => {
      gate.isPostStepThere = true;
    });
    const report = await gate.run({ target: CREATE });
    expect(gate.opsManager.callsOf('create')).toHaveLength(1);
    expect(report.verdict.outcome.kind).toBe('interrupted');
  });
});

/** What goes wrong with all calls, reads and lists alone, from one time until another. */
function between(from: number, to: number, fault: () => Fault) {
  return ({ kind, atMs }: Call): Fault | undefined =>
    (kind === 'read' || kind === 'list') && atMs >= from && atMs < to ? fault() : undefined;
}

describe('what is refused after the first good answer', () => {
  it.each([401, 403, 400, 409])('is an outage that passes (%i)', async (status) => {
    const gate = new GateUnderTest();
    gate.opsManager.faults = between(MINUTE, 4 * MINUTE, () => replies(status));
    const report = await gate.watch(RUNNING);
    expect(report.verdict.outcome.kind).toBe('reached');
    expect(report.outages).toHaveLength(1);
    expect(gate.opsManager.callsOf('cancel')).toEqual([]);
  });

  it('ends the wait only after max-outage, with its cause; then it is looked and asked once', async () => {
    const gate = new GateUnderTest();
    gate.opsManager.faults = ({ atMs }) => (atMs >= MINUTE ? replies(401, 'no more') : undefined);
    const report = await gate.watch(PENDING, { maxOutageMs: 5 * MINUTE });
    expect(report.verdict.outcome).toMatchObject({ kind: 'unreachable', wasRefused: true });
    expect(messageOf(report)).toContain('HTTP 401: no more');
    const endedAt = gate.published.find(({ case: c }) => c.ending)?.atMs ?? 0;
    const after = gate.opsManager.calls
      .filter(({ atMs }) => atMs > endedAt)
      .map(({ kind }) => kind);
    expect(gate.opsManager.callsOf('cancel')).toHaveLength(1);
    expect(after.filter((kind) => kind === 'read').length).toBeLessThanOrEqual(2);
    expect(report.verdict.cancellation.kind).toBe('refused');
  });

  it('to a cancel call is asked again within the budget', async () => {
    const gate = new GateUnderTest();
    gate.opsManager.faults = ({ kind, nth }) =>
      kind === 'cancel' && nth < 4 ? replies(nth % 2 === 0 ? 401 : 403) : undefined;
    const report = await gate.watch(PENDING, { timeoutMs: MINUTE });
    expect(kindsOf(report)).toEqual(['timed-out', 'confirmed', 'not-needed']);
    expect(gate.opsManager.callsOf('cancel')).toHaveLength(4);
  });

  it('to a cancel call at last is refused, and one that was not answered at last is not', async () => {
    const gate = new GateUnderTest();
    gate.opsManager.faults = ({ kind, nth }) =>
      kind === 'cancel' ? (nth === 1 ? replies(403) : hang()) : undefined;
    const report = await gate.watch(PENDING, { timeoutMs: MINUTE });
    expect(report.verdict.cancellation.kind).toBe('failed');
  });

  it('has the cause of the last answer, but never a nonce of another node', async () => {
    const gate = new GateUnderTest();
    const stale: Fault = replies(401, 'stale');
    Object.assign(stale.error, { kind: 'transient', isStale: true });
    gate.opsManager.faults = ({ kind, atMs, nth }) =>
      kind === 'read' && atMs >= MINUTE
        ? nth % 2 === 0
          ? replies(403, 'not you')
          : stale
        : undefined;
    const report = await gate.watch(PENDING, { maxOutageMs: MINUTE, cancelOnTimeout: false });
    expect(messageOf(report)).toContain('not you');
    expect(messageOf(report)).not.toContain('stale');
  });
});

describe('an outage', () => {
  it('that its first retry ends is not told, but the stall clock stands', async () => {
    const gate = new GateUnderTest();
    gate.opsManager.faults = ({ kind, nth }) =>
      kind === 'read' && nth === 3 ? reset() : undefined;
    const report = await gate.watch(RUNNING);
    expect([report.outages, gate.observer.outages, gate.observer.recoveries]).toEqual([[], [], []]);
    expect(gate.observer.retries).toHaveLength(1);
  });

  it('is kept with twenty others at most, and counted', async () => {
    const gate = new GateUnderTest();
    gate.opsManager.faults = ({ kind, atMs }) =>
      kind === 'read' && atMs % MINUTE >= 30 * SECOND ? reset() : undefined;
    const steps = [
      ['PENDING', 0],
      ['SUCCESS', HOUR]
    ] as const;
    const report = await gate.watch({ steps }, { timeoutMs: 2 * HOUR });
    expect(report.outages).toHaveLength(20);
    expect(gate.observer.recoveries.length).toBeGreaterThan(40);
    expect(report.outageCount).toBe(gate.observer.recoveries.length);
  });

  it('that ends the wait is the newest of twenty that are kept, and counted', async () => {
    const gate = new GateUnderTest();
    gate.opsManager.faults = ({ kind, atMs }) =>
      kind === 'read' && (atMs % MINUTE >= 30 * SECOND || atMs >= 30 * MINUTE)
        ? reset()
        : undefined;
    const report = await gate.watch(PENDING, { maxOutageMs: 2 * MINUTE });
    expect(report.outages).toHaveLength(20);
    expect(report.outages.at(-1)?.lengthMs).toBeGreaterThanOrEqual(2 * MINUTE);
    expect(report.outageCount).toBe(gate.observer.recoveries.length + 1);
  });
});

describe('404 from every path', () => {
  it('is an outage from the first on, and no deletion', async () => {
    const gate = new GateUnderTest();
    gate.opsManager.faults = ({ atMs }) =>
      atMs >= MINUTE && atMs < 3 * MINUTE ? replies(404) : undefined;
    const report = await gate.watch(RUNNING);
    expect(report.verdict.outcome.kind).toBe('reached');
    expect(report.outages).toHaveLength(1);
    expect(gate.opsManager.callsOf('cancel')).toEqual([]);
  });

  it('that lasts is unreachable, and nothing is called deleted', async () => {
    const gate = new GateUnderTest();
    gate.opsManager.faults = ({ atMs }) => (atMs >= MINUTE ? replies(404) : undefined);
    const report = await gate.watch(PENDING, { maxOutageMs: 2 * MINUTE });
    expect(report.verdict.outcome.kind).toBe('unreachable');
    expect(report.verdict.cancellation.kind).toBe('failed');
    expect(messageOf(report)).not.toMatch(/deleted/);
  });

  it('after good lists between is no longer than since the last of them', async () => {
    const gate = new GateUnderTest();
    gate.opsManager.faults = ({ kind, atMs }) => {
      if (kind === 'read' && atMs >= MINUTE && atMs < 2 * MINUTE) return replies(404);
      return kind === 'list' && atMs >= 100 * SECOND && atMs < 105 * SECOND
        ? replies(404)
        : undefined;
    };
    const report = await gate.watch(RUNNING, { maxOutageMs: 30 * SECOND });
    expect(report.verdict.outcome.kind).not.toBe('unreachable');
  });
});

describe('a given import behind a node that is 15 s late', () => {
  it('is looked for through 30 s of good answers', async () => {
    const gate = new GateUnderTest();
    gate.opsManager.lagMs = () => 15 * SECOND;
    const report = await gate.watch({ ...RUNNING, listedAfterMs: 0 });
    expect(report.verdict.outcome.kind).toBe('reached');
  });

  it('is looked for with short pauses also where it is not there at all', async () => {
    const gate = new GateUnderTest();
    const target = { kind: 'given', id: 'a'.repeat(24) } as const;
    const report = await gate.run({ target, pollIntervalMs: 4 * MINUTE });
    expect(report.verdict.outcome.kind).toBe('error');
    expect(gate.clock.elapsedMs).toBeLessThanOrEqual(40 * SECOND);
  });

  it('is looked for with short pauses, whatever poll-interval is', async () => {
    const gate = new GateUnderTest();
    const id = gate.opsManager.add(RUNNING);
    gate.opsManager.faults = ({ kind, atMs }) =>
      kind === 'read' && atMs > 100 * SECOND && atMs < 140 * SECOND ? replies(404) : undefined;
    const pollIntervalMs = 2 * MINUTE;
    await gate.run({ target: { kind: 'given', id }, pollIntervalMs });
    const reads = gate.opsManager.callsOf('read').map(({ atMs }) => atMs);
    const found = reads.findIndex((atMs) => atMs >= 140 * SECOND);
    expect((reads[found] ?? 0) - (reads[found - 1] ?? 0)).toBeLessThanOrEqual(10 * SECOND);
  });
});

describe('a SUCCESS with a short or empty history', () => {
  it.each([0, 1])('is believed at once (%i entries)', async (entries) => {
    const gate = new GateUnderTest();
    const read = gate.opsManager.readImport.bind(gate.opsManager);
    gate.opsManager.readImport = async (id, options) => {
      const found = await read(id, options);
      return found.state === 'SUCCESS'
        ? { ...found, transitions: found.transitions.slice(0, entries) }
        : found;
    };
    const report = await gate.watch(RUNNING, { timeoutMs: 6 * MINUTE });
    expect(report.verdict.outcome).toEqual({ kind: 'reached', late: false });
    expect(report.case.read?.transitions.length).toBeGreaterThan(0);
  });
});

describe('a process that was suspended', () => {
  it('in the post step begins its time anew, once, and cancels', async () => {
    const gate = new GateUnderTest();
    const id = gate.opsManager.add(PENDING);
    gate.killAt(MINUTE);
    await gate.runUntilKilled({ target: { kind: 'given', id } });
    let wasSuspended = false;
    const read = gate.opsManager.readImport.bind(gate.opsManager);
    gate.opsManager.readImport = async (which, options) => {
      if (!wasSuspended) {
        wasSuspended = true;
        await gate.clock.passTo(gate.clock.elapsedMs + 10 * MINUTE);
        throw reset().error;
      }
      return read(which, options);
    };
    const after = await gate.postStep();
    expect(after?.report.verdict.cancellation.kind).toBe('confirmed');
    expect(gate.opsManager.running).toEqual([]);
  });

  it('in the look reads once more before it asks: the import may have ended since', async () => {
    const gate = new GateUnderTest();
    gate.opsManager.onCreate = endsIn(40 * SECOND);
    const list = gate.opsManager.listImports.bind(gate.opsManager);
    gate.opsManager.listImports = async (options) => {
      const before = await list(options);
      const isLooking = gate.clock.elapsedMs > 12 * SECOND && gate.clock.elapsedMs < MINUTE;
      if (isLooking) await gate.clock.passTo(80 * SECOND);
      return before;
    };
    await gate.run({ target: CREATE, timeoutMs: 10 * SECOND });
    expect(gate.opsManager.callsOf('cancel')).toEqual([]);
  });

  it('in the main step sends no call that cannot be given a second, and says so', async () => {
    const gate = new GateUnderTest();
    const read = gate.opsManager.readImport.bind(gate.opsManager);
    gate.opsManager.readImport = async (which, options) => {
      if (!hasEnded(gate)) return read(which, options);
      await gate.clock.passTo(10 * MINUTE);
      throw reset().error;
    };
    const report = await gate.watch(PENDING, { timeoutMs: MINUTE });
    gate.opsManager.readImport = read;
    expect(gate.opsManager.calls.filter(({ atMs }) => atMs > MINUTE)).toEqual([]);
    expect(report.verdict.cancellation).toEqual({
      kind: 'failed',
      trouble: {
        title: 'No time was left to cancel it',
        happened:
          'This process was suspended for so long that no time was left to ask for its cancellation.',
        advice: ''
      }
    });
    const after = await gate.postStep();
    expect(after?.report.verdict.cancellation.kind).toBe('confirmed');
    expect(gate.opsManager.running).toEqual([]);
  });

  it.each([
    { name: 'its call met a 404', fault: replies(404), interruptAtMs: undefined },
    { name: 'a signal cut its call', fault: hang(), interruptAtMs: MINUTE + SECOND }
  ])('is not said to have had no time to ask where $name before', async (row) => {
    const gate = new GateUnderTest();
    if (row.interruptAtMs !== undefined) gate.interruptAt(row.interruptAtMs);
    const read = gate.opsManager.readImport.bind(gate.opsManager);
    gate.opsManager.readImport = async (which, options) => {
      const answer = await read(which, options);
      if (gate.clock.elapsedMs === row.interruptAtMs) await gate.clock.passTo(10 * MINUTE);
      return answer;
    };
    gate.opsManager.faults = ({ kind }) => {
      if (kind !== 'cancel') return undefined;
      if (row.interruptAtMs === undefined) gate.clock.lateMs = 10 * MINUTE;
      return row.fault;
    };
    const report = await gate.watch(PENDING, { timeoutMs: MINUTE });
    expect(gate.opsManager.callsOf('cancel')).toHaveLength(1);
    expect(report.verdict.cancellation.kind).toBe('failed');
    expect(messageOf(report)).not.toMatch(/suspended|in a way it should not/);
  });

  it('in the look gives a read ten seconds at most, and then asks', async () => {
    const gate = new GateUnderTest();
    gate.opsManager.onCreate = PENDING;
    const list = gate.opsManager.listImports.bind(gate.opsManager);
    gate.opsManager.listImports = async (options) => {
      const before = await list(options);
      if (hasEnded(gate)) await gate.clock.passTo(MINUTE);
      return before;
    };
    gate.opsManager.faults = ({ kind, atMs }) =>
      kind === 'read' && atMs === MINUTE ? hang() : undefined;
    const report = await gate.run({ target: CREATE, timeoutMs: 10 * SECOND });
    expect(gate.opsManager.callsOf('cancel').map(({ atMs }) => atMs)).toEqual([70 * SECOND]);
    expect(report.verdict.cancellation.kind).toBe('confirmed');
  });
});

describe('a created import that comes to the goal after its cancellation was refused', () => {
  const REFUSED = ({ kind }: Call): Fault | undefined =>
    kind === 'cancel' ? replies(409) : undefined;
  const settling = {
    target: CREATE,
    goal: 'AWAIT_GOAL_STATE',
    timeoutMs: MINUTE
  } as const;
  const AT_GOAL: Script = {
    steps: [
      ['PENDING', 0],
      ['AWAIT_GOAL_STATE', 70 * SECOND]
    ]
  };

  it('has reached it, late, once a list shows it', async () => {
    const gate = new GateUnderTest();
    gate.opsManager.onCreate = AT_GOAL;
    gate.opsManager.faults = REFUSED;
    const report = await gate.run(settling);
    expect(report.verdict.outcome).toEqual({ kind: 'reached', late: true });
    expect(gate.opsManager.callsOf('cancel')).toHaveLength(1);
  });

  it('is not asked for again, whether reads and lists find it or not', async () => {
    const gate = new GateUnderTest();
    gate.opsManager.onCreate = AT_GOAL;
    gate.opsManager.faults = (call) => {
      if (call.kind === 'read' && call.atMs > 72 * SECOND) return replies(404);
      return call.kind === 'list' && call.atMs > 65 * SECOND ? reset() : REFUSED(call);
    };
    const report = await gate.run(settling);
    expect(report.verdict.outcome.kind).toBe('timed-out');
    expect(gate.opsManager.callsOf('cancel')).toHaveLength(1);
  });
});

describe('the look in settling', () => {
  it('of an import that is known leaves half of its time for reading it', async () => {
    const gate = new GateUnderTest();
    gate.opsManager.onCreate = {
      steps: [
        ['PENDING', 0],
        ['SUCCESS', MINUTE + 15 * SECOND]
      ]
    };
    gate.opsManager.faults = ({ kind, atMs }) => {
      if (kind === 'list' && atMs >= MINUTE) return { ...reset(), takesMs: 5 * SECOND };
      return kind === 'read' && atMs >= 55 * SECOND && atMs <= MINUTE ? reset() : undefined;
    };
    await gate.run({ target: CREATE, timeoutMs: MINUTE });
    const reads = gate.opsManager.callsOf('read').map(({ atMs }) => atMs / SECOND - 60);
    expect(reads.some((at) => at > 15 && at <= 30)).toBe(true);
  });
});

describe('a stall', () => {
  it('is said only after a good read', async () => {
    const gate = new GateUnderTest();
    gate.opsManager.faults = ({ kind, atMs }) =>
      kind === 'read' && atMs >= 20 * SECOND && atMs < 50 * SECOND ? replies(404) : undefined;
    const report = await gate.watch(PENDING, { stallTimeoutMs: 30 * SECOND });
    expect(report.verdict.outcome.kind).toBe('stalled');
    const endedAt = gate.published.find(({ case: c }) => c.ending)?.atMs ?? 0;
    expect(endedAt).toBeGreaterThanOrEqual(50 * SECOND);
    // And no read comes sooner for it.
    expect(gate.opsManager.callsOf('read').length).toBeLessThan(20);
  });
});

describe('a history that changes with each read', () => {
  it('is published 200 times, and then only with what matters', async () => {
    const gate = new GateUnderTest();
    const read = gate.opsManager.readImport.bind(gate.opsManager);
    let nth = 0;
    gate.opsManager.readImport = async (id, options) => {
      const found = await read(id, options);
      nth += 1;
      const transitionedAt = new Date(gate.clock.startedAt - HOUR + nth).toISOString();
      return {
        ...found,
        transitions: [{ state: 'PENDING', transitionedAt }, ...found.transitions]
      };
    };
    const steps = [
      ['PENDING', 0],
      ['AWAIT_GOAL_STATE', 50 * MINUTE],
      ['SUCCESS', 55 * MINUTE]
    ] as const;
    const report = await gate.watch({ steps }, { pollIntervalMs: 5 * SECOND });
    expect(gate.opsManager.callsOf('read').length).toBeGreaterThan(500);
    expect(gate.published.length).toBeLessThan(210);
    const states = new Set(gate.published.map(({ outputs }) => outputs['state']));
    expect([...states]).toEqual(['', 'PENDING', 'AWAIT_GOAL_STATE', 'SUCCESS']);
    expect(report.verdict.outcome.kind).toBe('reached');
  });
});
