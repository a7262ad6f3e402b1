import { describe, expect, it } from '@jest/globals';
import type { Script } from '../../simulator/scripted-import.ts';
import {
  foreignPage,
  hang,
  lostAnswer,
  replies,
  unavailable,
  type Fault
} from '../support/faults.ts';
import { messageOf } from '../../src/report/words.ts';
import { CREATE, GateUnderTest, kindsOf, MINUTE, SECOND } from '../support/gate-under-test.ts';
import type { Call, Faults } from '../support/scripted-ops-manager.ts';

/** The answers to the calls of one kind, one after the other; `undefined` is a good one. */
function answers(kind: Call['kind'], ...faults: readonly (Fault | undefined)[]): Faults {
  return (call) => (call.kind === kind ? faults[call.nth - 1] : undefined);
}

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
      name: 'is deleted after an answer that is not Ops Manager’s',
      faults: [foreignPage()],
      want: 'deleted',
      deletes: 2
    },
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
    const report = await gate.watch(FAILED, { deleteFailed: true });
    expect(kindsOf(report)).toEqual(['failed', 'not-needed', want]);
    expect(gate.opsManager.callsOf('delete')).toHaveLength(deletes);
    expect(gate.observer.retries).toHaveLength(deletes - 1);
    expect(gate.opsManager.imports).toHaveLength(want === 'deleted' ? 0 : 1);
    expect(report.case.read?.transitions).toHaveLength(2);
  });

  it('is tried to be deleted for one minute', async () => {
    const gate = new GateUnderTest();
    gate.opsManager.faults = ({ kind }) => (kind === 'delete' ? unavailable() : undefined);
    const report = await gate.watch(FAILED, { deleteFailed: true });
    expect(report.verdict.cleanup.kind).toBe('failed');
    const [first] = gate.opsManager.callsOf('delete');
    expect(gate.clock.elapsedMs - (first?.atMs ?? 0)).toBe(MINUTE - SECOND);
  });

  it('is kept by a defect of this action, which is thrown', async () => {
    const gate = new GateUnderTest();
    gate.opsManager.deleteImport = () => Promise.reject(new TypeError('a defect'));
    await expect(gate.watch(FAILED, { deleteFailed: true })).rejects.toThrow('a defect');
  });

  it('is left alone by a signal in the middle of its deletion', async () => {
    const gate = new GateUnderTest();
    gate.opsManager.faults = ({ kind }) => (kind === 'delete' ? hang() : undefined);
    gate.interruptAt(10 * SECOND);
    const report = await gate.watch(FAILED, { deleteFailed: true });
    expect(kindsOf(report)).toEqual(['failed', 'not-needed', 'failed']);
    expect(gate.clock.elapsedMs).toBe(10 * SECOND);
  });

  it.each([
    { name: 'is being carried out', faults: [hang()], interruptAtMs: 10 * SECOND, says: /may not have been deleted: the call had no good answer/ }, // prettier-ignore
    { name: 'was answered with errors until a signal', faults: [replies(503), replies(503), replies(503), replies(503)], interruptAtMs: 10 * SECOND, says: /may not have been deleted: the call had no good answer/ }, // prettier-ignore
    { name: 'was carried out, and its answer lost', faults: [lostAnswer(), replies(409)], says: /may not have been deleted/ }, // prettier-ignore
    { name: 'was refused', faults: [replies(409)], says: /record of import \S+ was not deleted\. Ops/ } // prettier-ignore
  ])('whose deletion $name is told so', async ({ faults, interruptAtMs, says }) => {
    const gate = new GateUnderTest();
    gate.opsManager.faults = answers('delete', ...faults);
    if (interruptAtMs !== undefined) gate.interruptAt(interruptAtMs);
    expect(messageOf(await gate.watch(FAILED, { deleteFailed: true }))).toMatch(says);
  });

  it.each(['SUCCESS', 'CANCELLED'])('is not what an import that is %s is', async (end) => {
    const gate = new GateUnderTest();
    const steps = [
      ['PENDING', 0],
      [end, 5 * SECOND]
    ] as const;
    const report = await gate.watch({ steps }, { deleteFailed: true });
    expect(report.verdict.cleanup.kind).toBe('not-needed');
    expect(gate.opsManager.callsOf('delete')).toHaveLength(0);
  });

  it('is said to be about to be deleted before it is', async () => {
    const gate = new GateUnderTest();
    let published: unknown;
    gate.opsManager.faults = ({ kind }) => {
      if (kind === 'delete') published = gate.published.at(-1);
      return undefined;
    };
    await gate.watch(FAILED, { deleteFailed: true });
    expect(published).toMatchObject({
      outputs: { outcome: 'failed', cleanup: 'failed' },
      case: { deletion: { kind: 'asked' } }
    });
  });

  it('that was created is deleted only after a list has left no doubt whose it is', async () => {
    const gate = new GateUnderTest();
    gate.opsManager.onCreate = FAILED;
    gate.opsManager.latencyMs = 100;
    gate.clock.at(SECOND, () =>
      gate.opsManager.add({ steps: [['PENDING', 0]], listedAfterMs: 3 * SECOND })
    );
    const report = await gate.run({ target: CREATE, deleteFailed: true });
    expect(kindsOf(report)).toEqual(['error', 'failed', 'not-needed']);
    expect(gate.opsManager.callsOf('delete')).toEqual([]);
  });
});
