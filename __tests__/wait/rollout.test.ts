import { describe, expect, it } from '@jest/globals';
import type { AutomationStatus, DiagnosisApi } from '../../src/diagnosis/facts.ts';
import { ApiError, type CallOptions } from '../../src/case/import-api.ts';
import { Diagnosis } from '../../src/diagnosis/diagnosis.ts';
import { GateUnderTest, HOUR, MINUTE, SECOND } from '../support/gate-under-test.ts';

const PROCESSES = 10;
const STALL_MS = 8 * MINUTE;

/** A gate before a deployment of ten processes, one of which arrives each `everyMs`. */
function rollout(everyMs: number, answer?: (options: CallOptions) => Promise<never>) {
  const gate = new GateUnderTest();
  let asked = 0;
  const status = (): AutomationStatus => {
    const arrived = Math.floor(gate.clock.elapsedMs / everyMs);
    return {
      goalVersion: 5,
      readAt: new Date(gate.clock.now()).toISOString(),
      isComplete: true,
      processes: Array.from({ length: PROCESSES }, (_, index) => ({
        name: `rs0_${index}`,
        hostname: `mongodb${index}.example.com`,
        achievedVersion: index < arrived ? 5 : 4,
        plan: [],
        error: undefined
      }))
    };
  };
  const nothing = { isComplete: true, readAt: undefined };
  const api: DiagnosisApi = {
    readAutomationStatus: async (options) => {
      asked += 1;
      return answer ? answer(options) : status();
    },
    listAgents: () => Promise.resolve({ ...nothing, agents: [] }),
    listHosts: () => Promise.resolve({ ...nothing, hosts: [] })
  };
  gate.diagnosis = new Diagnosis(api, {
    clock: gate.clock,
    stallTimeoutMs: STALL_MS,
    requested: {},
    onNews: () => undefined
  });
  return { gate, asked: () => asked };
}

const GOES_ON = {
  steps: [
    ['AWAIT_GOAL_STATE', 0],
    ['SUCCESS', 40 * MINUTE]
  ] as const
};
const OPTIONS = { stallTimeoutMs: STALL_MS, timeoutMs: 2 * HOUR };

describe('a rollout under a stall-timeout', () => {
  it('is no stall while a process arrives in every half of it', async () => {
    const { gate } = rollout(STALL_MS / 2);
    const report = await gate.watch(GOES_ON, OPTIONS);
    expect(report.verdict.outcome).toEqual({ kind: 'reached', late: false });
  });

  it('is a stall when none arrives', async () => {
    const { gate } = rollout(Infinity);
    const report = await gate.watch(GOES_ON, OPTIONS);
    expect(report.verdict.outcome).toMatchObject({ kind: 'stalled' });
    expect(gate.clock.elapsedMs).toBeLessThan(STALL_MS + MINUTE);
  });

  it('is a stall once no more arrive', async () => {
    // The last of ten comes after twenty minutes.
    const { gate } = rollout(2 * MINUTE);
    const report = await gate.watch(GOES_ON, OPTIONS);
    expect(report.verdict.outcome).toMatchObject({ kind: 'stalled' });
    expect(gate.clock.elapsedMs).toBeGreaterThan(27 * MINUTE);
    expect(gate.clock.elapsedMs).toBeLessThan(31 * MINUTE);
  });

  it.each([
    ['refuses a look', new ApiError('refused', words(), { status: 403 }), 0],
    ['hangs at a look', new ApiError('transient', words()), Infinity]
  ])('is judged by its state alone where Ops Manager %s', async (_, error, takesMs) => {
    const { gate, asked } = rollout(STALL_MS / 2, async ({ signal, limitMs = 0 }) => {
      await gate.clock.sleep(Math.min(takesMs, limitMs), signal);
      throw error;
    });
    const report = await gate.watch(GOES_ON, OPTIONS);
    expect(report.verdict.outcome).toMatchObject({ kind: 'stalled' });
    expect(gate.clock.elapsedMs).toBeLessThan(STALL_MS + MINUTE + 10 * SECOND);
    expect(asked()).toBeGreaterThan(0);
  });
});

function words() {
  return { title: 'Refused', happened: 'Ops Manager refused.' };
}
