import { describe, expect, it } from '@jest/globals';
import type { Result } from '../../src/outcome.ts';
import { hang, lostAnswer, replies, reset, unavailable } from '../support/faults.ts';
import { GateUnderTest, MINUTE, SECOND } from '../support/gate-under-test.ts';

const OLD = { steps: [['SUCCESS', 0]] } as const;
const RUNNING = {
  steps: [
    ['PENDING', 0],
    ['SUCCESS', 5 * MINUTE]
  ]
} as const;
const target = { kind: 'create', body: '{"seedHostport":"a:1"}' } as const;

function messageOfError({ outcome }: Result): string {
  return outcome.kind === 'error' ? outcome.error.message : '';
}

describe('creation', () => {
  it('waits for the request that was not listed before', async () => {
    const gate = new GateUnderTest();
    gate.opsManager.add(OLD);
    const other = gate.opsManager.add(RUNNING);
    gate.opsManager.onCreate = RUNNING;
    const result = await gate.run({ target });
    expect(result.outcome.kind).toBe('reached');
    expect(result.requestId).toBe(gate.opsManager.imports[2]?.id);
    expect(gate.observer.runningBefore).toEqual([[other]]);
    expect(gate.opsManager.calls.slice(0, 3).map(({ kind }) => kind)).toEqual([
      'list',
      'create',
      'list'
    ]);
  });

  it('waits for it to be listed', async () => {
    const gate = new GateUnderTest();
    gate.opsManager.onCreate = { ...RUNNING, listedAfterMs: 25 * SECOND };
    const result = await gate.run({ target });
    expect(result.outcome.kind).toBe('reached');
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
    const result = await gate.run({ target });
    expect(result.outcome.kind).toBe('reached');
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
      kind === 'create' && nth === 1 ? unavailable('120') : undefined;
    await gate.run({ target });
    expect(gate.opsManager.callsOf('create').map(({ atMs }) => atMs)).toEqual([0, 2 * MINUTE]);
  });

  it.each([400, 401, 403, 409])('ends at once when Ops Manager refuses (%i)', async (status) => {
    const gate = new GateUnderTest();
    gate.opsManager.faults = ({ kind }) =>
      kind === 'create' ? replies(status, 'seedHostport is not reachable') : undefined;
    const result = await gate.run({ target });
    expect(result).toMatchObject({
      outcome: { kind: 'error' },
      cancellation: { kind: 'not-needed' }
    });
    expect(messageOfError(result)).toContain('seedHostport is not reachable');
    expect(gate.opsManager.callsOf('create')).toHaveLength(1);
    expect(gate.clock.elapsedMs).toBe(0);
  });

  it('does not create when the project cannot be listed first', async () => {
    const gate = new GateUnderTest();
    gate.opsManager.faults = ({ kind }) => (kind === 'list' ? replies(403) : undefined);
    const result = await gate.run({ target });
    expect(result.outcome.kind).toBe('error');
    expect(gate.opsManager.callsOf('create')).toHaveLength(0);
  });

  it('does not choose between two new ones, names both, and cancels none', async () => {
    const gate = new GateUnderTest();
    gate.opsManager.onCreate = { ...RUNNING, listedAfterMs: 2 * SECOND };
    gate.opsManager.faults = ({ kind }) => {
      if (kind === 'create') gate.opsManager.add({ ...RUNNING, listedAfterMs: 2 * SECOND });
      return undefined;
    };
    const result = await gate.run({ target });
    expect(result).toMatchObject({
      outcome: { kind: 'error' },
      cancellation: { kind: 'not-needed' },
      requestId: undefined
    });
    for (const { id } of gate.opsManager.imports) expect(messageOfError(result)).toContain(id);
    expect(gate.opsManager.running).toHaveLength(2);
  });

  it('does not forget a call whose answer was lost when a later one is refused', async () => {
    const gate = new GateUnderTest();
    gate.opsManager.onCreate = { ...RUNNING, listedAfterMs: 40 * SECOND };
    gate.opsManager.faults = ({ kind, nth }) =>
      kind === 'create'
        ? [lostAnswer(), replies(409, 'It is being imported.')][nth - 1]
        : undefined;
    const result = await gate.run({ target });
    expect(messageOfError(result)).toContain('It is being imported.');
    expect(result.cancellation.kind).toBe('confirmed');
    expect(gate.opsManager.running).toEqual([]);
  });

  it('has nothing to cancel when the import had ended as it was listed', async () => {
    const gate = new GateUnderTest();
    gate.opsManager.onCreate = { steps: [['FAILED', 0]] };
    gate.opsManager.faults = ({ kind }) => (kind === 'read' ? replies(403) : undefined);
    const result = await gate.run({ target });
    expect(result).toMatchObject({
      outcome: { kind: 'error' },
      cancellation: { kind: 'not-needed' },
      request: { state: 'FAILED' }
    });
    expect(gate.opsManager.callsOf('cancel')).toHaveLength(0);
  });

  it('gives up an import that is never listed, and says that it may be running', async () => {
    const gate = new GateUnderTest();
    gate.opsManager.onCreate = { ...RUNNING, listedAfterMs: Infinity };
    const result = await gate.run({ target });
    expect(result).toMatchObject({ outcome: { kind: 'error' }, cancellation: { kind: 'failed' } });
    expect(gate.opsManager.callsOf('create')).toHaveLength(1);
  });

  it('cancels what it finds after the deadline', async () => {
    const gate = new GateUnderTest();
    gate.opsManager.onCreate = { ...RUNNING, listedAfterMs: 12 * SECOND };
    gate.opsManager.faults = ({ kind }) => (kind === 'create' ? lostAnswer() : undefined);
    const result = await gate.run({ target, timeoutMs: 5 * SECOND });
    expect(result).toMatchObject({
      outcome: { kind: 'timed-out' },
      cancellation: { kind: 'confirmed' }
    });
    expect(gate.opsManager.running).toEqual([]);
  });

  it('cancels what it created when Ops Manager can then no longer be read', async () => {
    const gate = new GateUnderTest();
    gate.opsManager.onCreate = RUNNING;
    gate.opsManager.faults = ({ kind, nth, atMs }) =>
      kind === 'list' && nth > 1 && atMs <= 3 * MINUTE ? reset() : undefined;
    const result = await gate.run({ target, maxOutageMs: 3 * MINUTE });
    expect(result).toMatchObject({
      outcome: { kind: 'unreachable' },
      cancellation: { kind: 'confirmed' }
    });
  });
});
