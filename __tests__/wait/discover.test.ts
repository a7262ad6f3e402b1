import { describe, expect, it } from '@jest/globals';
import type { Result } from '../../src/outcome.ts';
import { listed } from '../../src/wait/discover.ts';
import { replies, reset } from '../support/faults.ts';
import { GateUnderTest, MINUTE, SECOND } from '../support/gate-under-test.ts';
import { history, importIn } from '../support/import-requests.ts';

const RUNNING = {
  steps: [
    ['PENDING', 0],
    ['SUCCESS', MINUTE]
  ]
} as const;

function messageOfError({ outcome }: Result): string {
  return outcome.kind === 'error' ? outcome.error.message : '';
}

describe('discovery', () => {
  const target = { kind: 'discover' } as const;

  it('takes the one import in progress', async () => {
    const gate = new GateUnderTest();
    const id = gate.opsManager.add(RUNNING);
    const result = await gate.run({ target });
    expect(result).toMatchObject({ outcome: { kind: 'reached' }, requestId: id });
    expect(gate.observer.identified).toEqual([id]);
    expect(gate.opsManager.callsOf('list')).toHaveLength(1);
  });

  it('takes the one that is running among fifty that ended', async () => {
    const gate = new GateUnderTest();
    for (let count = 0; count < 50; count += 1) {
      const end = ['SUCCESS', 'FAILED', 'CANCELLED'][count % 3] ?? '';
      gate.opsManager.add({ steps: [[end, 0]] });
    }
    const id = gate.opsManager.add(RUNNING);
    expect((await gate.run({ target })).requestId).toBe(id);
  });

  it('waits for one that is listed after 10 s', async () => {
    const gate = new GateUnderTest();
    const id = gate.opsManager.add({ ...RUNNING, listedAfterMs: 10 * SECOND });
    const result = await gate.run({ target });
    expect(result).toMatchObject({ outcome: { kind: 'reached' }, requestId: id });
    expect(gate.opsManager.callsOf('list').at(-1)?.atMs).toBe(10 * SECOND);
  });

  it('looks for 30 s, and never takes one that ended', async () => {
    const gate = new GateUnderTest();
    const old = gate.opsManager.add({ steps: [['SUCCESS', 0]] });
    const result = await gate.run({ target });
    expect(result).toMatchObject({
      outcome: { kind: 'error' },
      cancellation: { kind: 'not-needed' },
      requestId: undefined,
      request: undefined
    });
    expect(messageOfError(result)).toContain(`${old} SUCCESS since 2025-10-20 10:00:00 UTC`);
    expect(gate.clock.elapsedMs).toBe(30 * SECOND);
    expect(gate.opsManager.callsOf('read')).toHaveLength(0);
  });

  it('says so when there are no imports at all', async () => {
    const gate = new GateUnderTest();
    expect(messageOfError(await gate.run({ target }))).toContain('no imports at all');
  });

  it('names the newest of those that ended, newest first, and counts the rest', async () => {
    const gate = new GateUnderTest();
    const ids = Array.from({ length: 15 }, (_, index) =>
      gate.opsManager.add({ steps: [['FAILED', 0]], startedMsAgo: index * MINUTE })
    );
    const message = messageOfError(await gate.run({ target }));
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
    const result = await gate.run({ target });
    expect(result).toMatchObject({
      outcome: { kind: 'error' },
      cancellation: { kind: 'not-needed' }
    });
    const message = messageOfError(result);
    expect(message).toContain(`${newer} PENDING since 2025-10-20 10:00:00 UTC, ${older} PENDING`);
    expect(message).toContain('Set request-id');
    expect(gate.clock.elapsedMs).toBe(0);
  });

  it('bears with an outage as the wait does', async () => {
    const gate = new GateUnderTest();
    gate.opsManager.faults = ({ nth, kind }) => (kind === 'list' && nth < 4 ? reset() : undefined);
    gate.opsManager.add(RUNNING);
    expect((await gate.run({ target })).outcome.kind).toBe('reached');
  });

  it('ends at once when the key may not read the project', async () => {
    const gate = new GateUnderTest();
    gate.opsManager.faults = () => replies(401, 'no', 'NOT_IN_GROUP');
    expect((await gate.run({ target })).outcome.kind).toBe('error');
    expect(gate.opsManager.calls).toHaveLength(1);
  });

  it('keeps to a deadline that comes before its 30 s', async () => {
    const gate = new GateUnderTest();
    const result = await gate.run({ target, timeoutMs: 5 * SECOND });
    expect(gate.clock.elapsedMs).toBe(5 * SECOND);
    expect(result.outcome.kind).toBe('error');
  });

  it('counts as a read: an error after it gives the import up', async () => {
    const gate = new GateUnderTest();
    gate.opsManager.add(RUNNING);
    gate.opsManager.faults = ({ kind }) => (kind === 'read' ? replies(403) : undefined);
    const result = await gate.run({ target });
    expect(result.outcome.kind).toBe('error');
    expect(gate.opsManager.running).toEqual([]);
  });
});

describe('a list of imports', () => {
  const ended = (second: number) => ({
    ...importIn('FAILED', history(['PENDING', 0], ['FAILED', second])),
    id: `id-${second}`
  });
  const line = (second: number) => `id-${second} FAILED since 2025-10-20 10:00:${second} UTC`;

  it('has the newest first', () => {
    expect(listed([ended(10), ended(30), ended(20)])).toBe([30, 20, 10].map(line).join(', '));
  });

  it('has ten at most, and counts the rest', () => {
    const seconds = [59, 58, 57, 56, 55, 54, 53, 52, 51, 50];
    expect(listed(seconds.map(ended))).toBe(seconds.map(line).join(', '));
    expect(listed([...seconds, 49, 48].map(ended))).toBe(`${seconds.map(line).join(', ')}, 2 more`);
  });

  it('has last what tells no time, and says nothing of it', () => {
    const silent = { ...importIn('FAILED'), id: 'silent' };
    expect(listed([silent, ended(10)])).toBe(`${line(10)}, silent FAILED`);
  });
});
