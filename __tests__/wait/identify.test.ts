import { describe, expect, it } from '@jest/globals';
import { messageOf } from '../../src/report/words.ts';
import { replies, reset } from '../support/faults.ts';
import { GateUnderTest, kindsOf, MINUTE, SECOND } from '../support/gate-under-test.ts';

const RUNNING = {
  steps: [
    ['PENDING', 0],
    ['SUCCESS', MINUTE]
  ]
} as const;

describe('discovery', () => {
  const target = { kind: 'discover' } as const;

  it('takes the one import in progress', async () => {
    const gate = new GateUnderTest();
    const id = gate.opsManager.add(RUNNING);
    const report = await gate.run({ target });
    expect(report).toMatchObject({ verdict: { outcome: { kind: 'reached' } }, case: { id } });
    expect(gate.opsManager.callsOf('list').map(({ atMs }) => atMs)).toEqual([
      0,
      expect.any(Number)
    ]);
  });

  it('takes the one that is running among fifty that ended', async () => {
    const gate = new GateUnderTest();
    for (let count = 0; count < 50; count += 1) {
      const end = ['SUCCESS', 'FAILED', 'CANCELLED'][count % 3] ?? '';
      gate.opsManager.add({ steps: [[end, 0]] });
    }
    const id = gate.opsManager.add(RUNNING);
    expect((await gate.run({ target })).case.id).toBe(id);
    expect(gate.published.at(-1)?.outputs['outcome']).toBe('reached');
  });

  it('takes one that a node does not know yet that is read first', async () => {
    const gate = new GateUnderTest();
    const id = gate.opsManager.add(RUNNING);
    gate.opsManager.faults = ({ kind, nth }) =>
      kind === 'read' && nth === 1 ? replies(404) : undefined;
    const report = await gate.run({ target });
    expect(report).toMatchObject({ verdict: { outcome: { kind: 'reached' } }, case: { id } });
  });

  it('waits for one that is listed after 10 s', async () => {
    const gate = new GateUnderTest();
    const id = gate.opsManager.add({ ...RUNNING, listedAfterMs: 10 * SECOND });
    const report = await gate.run({ target });
    expect(report).toMatchObject({ verdict: { outcome: { kind: 'reached' } }, case: { id } });
    expect(gate.opsManager.callsOf('read')[0]?.atMs).toBe(10 * SECOND);
  });

  it('looks for 30 s, and never takes one that ended', async () => {
    const gate = new GateUnderTest();
    const old = gate.opsManager.add({ steps: [['SUCCESS', 0]] });
    const report = await gate.run({ target });
    expect(kindsOf(report)).toEqual(['error', 'not-needed', 'not-needed']);
    expect(report.case).toMatchObject({ id: undefined, read: undefined });
    expect(messageOf(report)).toContain(`${old} SUCCESS, ended 2025-10-20 10:00:00 UTC`);
    expect(gate.clock.elapsedMs).toBe(30 * SECOND);
    expect(gate.opsManager.callsOf('read')).toHaveLength(0);
  });

  it('says so when there are no imports at all', async () => {
    const gate = new GateUnderTest();
    expect(messageOf(await gate.run({ target }))).toContain('no imports at all');
  });

  it('names the newest of those that ended, newest first, and counts the rest', async () => {
    const gate = new GateUnderTest();
    const ids = Array.from({ length: 15 }, (_, index) =>
      gate.opsManager.add({ steps: [['FAILED', 0]], startedMsAgo: index * MINUTE })
    );
    const message = messageOf(await gate.run({ target }));
    const positions = ids.slice(0, 10).map((id) => message.indexOf(id));
    expect(positions).toEqual(positions.toSorted((a, b) => a - b));
    expect(positions[0]).toBeGreaterThan(0);
    expect(ids.slice(10).filter((id) => message.includes(id))).toEqual([]);
    expect(message).toContain('5 more');
  });

  it('does not choose among several, names them, and cancels none', async () => {
    const gate = new GateUnderTest();
    const older = gate.opsManager.add({ ...RUNNING, startedMsAgo: SECOND });
    const newer = gate.opsManager.add(RUNNING);
    const report = await gate.run({ target });
    expect(kindsOf(report)).toEqual(['error', 'not-needed', 'not-needed']);
    const message = messageOf(report);
    expect(message).toContain(`${newer} PENDING since 2025-10-20 10:00:00 UTC, ${older} PENDING`);
    expect(message).toContain('Set request-id');
    expect(gate.clock.elapsedMs).toBe(0);
  });

  it('bears with an outage as the wait does', async () => {
    const gate = new GateUnderTest();
    gate.opsManager.faults = ({ nth, kind }) => (kind === 'list' && nth < 4 ? reset() : undefined);
    gate.opsManager.add(RUNNING);
    expect((await gate.run({ target })).verdict.outcome.kind).toBe('reached');
  });

  it('ends at once when the key may not read the project', async () => {
    const gate = new GateUnderTest();
    gate.opsManager.faults = () => replies(401, 'no', 'NOT_IN_GROUP');
    expect((await gate.run({ target })).verdict.outcome.kind).toBe('error');
    expect(gate.opsManager.calls).toHaveLength(1);
  });

  it('is timed out, and leaves nothing to cancel, at a deadline before its 30 s', async () => {
    const gate = new GateUnderTest();
    const report = await gate.run({ target, timeoutMs: 5 * SECOND });
    expect(gate.clock.elapsedMs).toBe(5 * SECOND);
    expect(kindsOf(report)).toEqual(['timed-out', 'not-needed', 'not-needed']);
  });

  it('looks for 30 s of good answers: an outage does not use them up', async () => {
    const gate = new GateUnderTest();
    gate.opsManager.faults = ({ kind, atMs }) =>
      kind === 'list' && atMs >= 4 * SECOND && atMs < 2 * MINUTE ? reset() : undefined;
    const id = gate.opsManager.add({
      steps: [
        ['PENDING', 0],
        ['SUCCESS', 5 * MINUTE]
      ],
      listedAfterMs: 2 * MINUTE + 10 * SECOND
    });
    const report = await gate.run({ target });
    expect(report).toMatchObject({ verdict: { outcome: { kind: 'reached' } }, case: { id } });
  });

  it('reads the list again 30 s later', async () => {
    const gate = new GateUnderTest();
    gate.opsManager.add({
      steps: [
        ['PENDING', 0],
        ['SUCCESS', 10 * MINUTE]
      ]
    });
    await gate.run({ target });
    const [, again, ...more] = gate.opsManager.callsOf('list');
    expect(again?.atMs).toBe(30 * SECOND);
    expect(more).toEqual([]);
  });

  const late = { listedAfterMs: 20 * SECOND } as const;
  it.each([
    { name: 'in the list 30 s later', mine: 10 * MINUTE, goal: 'SUCCESS' },
    { name: 'before a goal on the way counts', mine: 10 * MINUTE, goal: 'PENDING' }
  ] as const)(
    'is the case of several when a second one from the start shows $name',
    async (row) => {
      const gate = new GateUnderTest();
      const steps = (endMs: number) => [['PENDING', 0] as const, ['SUCCESS', endMs] as const];
      const mine = gate.opsManager.add({ steps: steps(row.mine) });
      const other = gate.opsManager.add({ ...late, steps: steps(20 * MINUTE) });
      const report = await gate.run({ target, goal: row.goal });
      expect(kindsOf(report)).toEqual(['error', 'not-needed', 'not-needed']);
      expect(messageOf(report)).toContain(other);
      expect(gate.opsManager.callsOf('cancel')).toEqual([]);
      expect(gate.opsManager.running).toContain(other);
      expect(report.case.id).toBe(mine);
      expect(report.waitedMs).toBe(30 * SECOND);
    }
  );

  it('is not put in doubt by an import that began once it was this step’s', async () => {
    const gate = new GateUnderTest();
    gate.opsManager.add(RUNNING);
    gate.clock.at(40 * SECOND, () => gate.opsManager.add(RUNNING));
    expect((await gate.run({ target })).verdict.outcome.kind).toBe('reached');
  });

  it('is not reached, and not cancelled, while no list can confirm that it is alone', async () => {
    const gate = new GateUnderTest();
    gate.opsManager.add({
      steps: [
        ['PENDING', 0],
        ['AWAIT_GOAL_STATE', 20 * SECOND]
      ]
    });
    gate.opsManager.faults = ({ kind, nth }) => (kind === 'list' && nth > 1 ? reset() : undefined);
    const report = await gate.run({ target, goal: 'AWAIT_GOAL_STATE', timeoutMs: 5 * MINUTE });
    expect(kindsOf(report)).toEqual(['timed-out', 'not-needed', 'not-needed']);
    expect(report.case.read?.state).toBe('AWAIT_GOAL_STATE');
    expect(gate.published.map(({ outputs }) => outputs['goal-reached'])).not.toContain('true');
    expect(gate.opsManager.callsOf('cancel')).toEqual([]);
  });

  it('that ended before it was this step’s is an error, and opens no gate', async () => {
    const gate = new GateUnderTest();
    const id = gate.opsManager.add({
      steps: [
        ['PENDING', 0],
        ['SUCCESS', 20 * SECOND]
      ]
    });
    const report = await gate.run({ target });
    expect(kindsOf(report)).toEqual(['error', 'not-needed', 'not-needed']);
    expect(messageOf(report)).toContain(
      `Import ${id} ended (SUCCESS) at 2025-10-20 10:00:20 UTC while it was being looked for`
    );
    expect(gate.published.map(({ outputs }) => outputs['goal-reached'])).not.toContain('true');
  });
});
