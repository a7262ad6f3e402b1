import { describe, expect, it } from '@jest/globals';
import { ApiError, type CallOptions } from '../../src/case/import-api.ts';
import { Diagnosis } from '../../src/diagnosis/diagnosis.ts';
import type { AutomationStatus } from '../../src/diagnosis/facts.ts';
import { agentsOn, required, ScriptedDiagnosis, statusOf } from '../support/diagnosis.ts';
import { reset } from '../support/faults.ts';
import {
  CREATE,
  GateUnderTest,
  HOUR,
  MINUTE,
  SECOND,
  type Options
} from '../support/gate-under-test.ts';
import type { Faults } from '../support/scripted-ops-manager.ts';
import type { Script } from '../../simulator/scripted-import.ts';

const STALL_MS = 8 * MINUTE;

/** A gate and what is asked beside it, over one clock. */
function scene(requested?: readonly string[]) {
  const gate = new GateUnderTest();
  const api = new ScriptedDiagnosis();
  gate.diagnosis = new Diagnosis(api, {
    clock: gate.clock,
    stallTimeoutMs: STALL_MS,
    requested: { processes: requested },
    onNews: () => undefined
  });
  return { gate, api };
}

/** Processes of which those are at the goal version that `hasArrived`, by their number. */
function processes(
  numbers: readonly number[],
  hasArrived: (number: number) => boolean,
  goalVersion = 5
): AutomationStatus {
  return statusOf(
    numbers.map((number) => ({
      name: `rs0_${number}`,
      hostname: `mongodb${number}.example.com`,
      achievedVersion: hasArrived(number) ? goalVersion : 4,
      plan: [],
      error: undefined
    })),
    { goalVersion }
  );
}

const TEN = Array.from({ length: 10 }, (_, index) => index + 1);
const GOES_ON: Script = {
  steps: [
    ['AWAIT_GOAL_STATE', 0],
    ['SUCCESS', 40 * MINUTE]
  ]
};
const OPTIONS = { stallTimeoutMs: STALL_MS, timeoutMs: 2 * HOUR };

describe('a rollout under a stall-timeout', () => {
  /** How it ends, and after how long, when ten processes are as `status` says. */
  async function ends(
    status: (elapsedMs: number) => AutomationStatus,
    requested?: readonly string[]
  ): Promise<{ readonly kind: string; readonly afterMs: number }> {
    const { gate, api } = scene(requested);
    api.status = () => Promise.resolve(status(gate.clock.elapsedMs));
    const report = await gate.watch(GOES_ON, OPTIONS);
    return { kind: report.verdict.outcome.kind, afterMs: gate.clock.elapsedMs };
  }
  const arriving =
    (everyMs: number, numbers = TEN) =>
    (elapsedMs: number): AutomationStatus =>
      processes(numbers, (number) => number * everyMs <= elapsedMs);

  it('is no stall while a process arrives in every half of it', async () => {
    expect(await ends(arriving(STALL_MS / 2))).toMatchObject({ kind: 'reached' });
  });

  it('is a stall when none arrives', async () => {
    const { kind, afterMs } = await ends(arriving(Infinity));
    expect(kind).toBe('stalled');
    expect(afterMs).toBeLessThan(STALL_MS + MINUTE);
  });

  it('is a stall once no more arrive', async () => {
    // The last of ten comes after twenty minutes.
    const { kind, afterMs } = await ends(arriving(2 * MINUTE));
    expect(kind).toBe('stalled');
    expect(afterMs).toBeGreaterThan(27 * MINUTE);
    expect(afterMs).toBeLessThan(31 * MINUTE);
  });

  it('is a stall when only processes on hosts arrive that the import does not require', async () => {
    const status = arriving(STALL_MS / 2);
    expect(await ends(status, required(1, 2))).toMatchObject({ kind: 'stalled' });
    expect(await ends(status, required(...TEN))).toMatchObject({ kind: 'reached' });
  });

  it('is a stall when one comes back that had left, and when another one replaces it', async () => {
    const inTurn = (elapsedMs: number): AutomationStatus =>
      processes(TEN, (number) => number % 2 === Math.floor(elapsedMs / (2 * MINUTE)) % 2);
    expect(await ends(inTurn)).toMatchObject({ kind: 'stalled' });
  });

  it('is a stall when the goal version rises again and again: each is a base line', async () => {
    const rising = (elapsedMs: number): AutomationStatus => {
      const version = 5 + Math.floor(elapsedMs / (3 * MINUTE));
      return processes(TEN, (number) => number <= version - 4, version);
    };
    const { kind, afterMs } = await ends(rising);
    expect(kind).toBe('stalled');
    expect(afterMs).toBeLessThan(STALL_MS + MINUTE);
  });

  it.each([
    ['refuses them', new ApiError('refused', words(), { status: 403 }), 0],
    ['hangs', new ApiError('transient', words()), Infinity]
  ])('is judged by its state alone where Ops Manager %s', async (_, error, takesMs) => {
    const { gate, api } = scene();
    api.status = async ({ signal, limitMs = 0 }: CallOptions) => {
      await gate.clock.sleep(Math.min(takesMs, limitMs), signal);
      throw error;
    };
    const report = await gate.watch(GOES_ON, OPTIONS);
    expect(report.verdict.outcome.kind).toBe('stalled');
    expect(gate.clock.elapsedMs).toBeLessThan(STALL_MS + MINUTE + 10 * SECOND);
    expect(api.calls.length).toBeGreaterThan(0);
  });
});

describe('before an import is created', () => {
  it.each([
    { agents: [1], told: [expect.stringContaining('mongodb2.example.com')] as unknown[] },
    { agents: [1, 2], told: [] }
  ])('the required hosts without an agent are told, where there are: $agents', async (row) => {
    const { gate, api } = scene(required(1, 2));
    api.agents = () => Promise.resolve(agentsOn(row.agents));
    gate.opsManager.onCreate = { steps: [['SUCCESS', 0]] };
    await gate.run({ target: CREATE });
    expect(gate.observer.hostsWithoutAgent.map(([first]) => first)).toStrictEqual(row.told);
  });

  it('what has been adopted has other hosts than those that were asked for', async () => {
    const { gate, api } = scene(required(1));
    api.status = () => Promise.resolve(processes(TEN, (number) => number <= 1));
    gate.opsManager.add({ steps: [['AWAIT_GOAL_STATE', 0]] });
    const target = { ...CREATE, ifInProgress: 'adopt' } as const;
    await gate.run({ target, timeoutMs: 5 * MINUTE });
    expect(gate.diagnosis?.findings.length).toBeGreaterThan(0);
    expect(gate.observer.rollouts.at(-1)).toContain('10');
  });
});

describe('what is asked beside the wait', () => {
  it('delays no read, though it hangs each time', async () => {
    const read = async (hangs: boolean): Promise<readonly number[]> => {
      const { gate, api } = scene();
      api.status = async ({ signal, limitMs = 0 }) => {
        await gate.clock.sleep(hangs ? limitMs : 0, signal);
        throw new ApiError('transient', words());
      };
      await gate.watch(GOES_ON, { timeoutMs: 2 * HOUR });
      return gate.opsManager.callsOf('read').map(({ atMs }) => atMs);
    };
    const reads = await read(true);
    const pauses = reads.slice(1).map((atMs, index) => atMs - (reads[index] ?? 0));
    expect(Math.max(...pauses)).toBeLessThanOrEqual(10 * SECOND);
    expect(reads.at(-1)).toBeLessThanOrEqual(40 * MINUTE + 10 * SECOND);
  });
});

/** What ends a wait, and whether a diagnosis is made then. */
const ENDINGS: readonly {
  readonly name: string;
  readonly script?: Script;
  readonly options?: Partial<Options>;
  readonly faults?: Faults;
  readonly signalAtMs?: number;
  readonly outcome: string;
  readonly isAsked: boolean;
}[] = [
  {
    name: 'FAILED',
    script: {
      steps: [
        ['AWAIT_GOAL_STATE', 0],
        ['FAILED', MINUTE]
      ]
    },
    options: { deleteFailed: true },
    outcome: 'failed',
    isAsked: true
  },
  { name: 'a timeout', options: { timeoutMs: MINUTE }, outcome: 'timed-out', isAsked: true },
  {
    name: 'a timeout whose last read was not answered',
    options: { timeoutMs: 5 * MINUTE },
    faults: ({ kind, atMs }) =>
      kind === 'read' && atMs >= 5 * MINUTE - 30 * SECOND && atMs <= 5 * MINUTE
        ? reset()
        : undefined,
    outcome: 'timed-out',
    isAsked: false
  },
  { name: 'a stall', options: { stallTimeoutMs: MINUTE }, outcome: 'stalled', isAsked: true },
  {
    name: 'an outage',
    faults: ({ kind, atMs }) => (kind === 'read' && atMs > MINUTE ? reset() : undefined),
    outcome: 'unreachable',
    isAsked: false
  },
  { name: 'a signal', signalAtMs: 30 * SECOND, outcome: 'interrupted', isAsked: false },
  {
    name: 'somebody’s cancellation',
    script: {
      steps: [
        ['AWAIT_GOAL_STATE', 0],
        ['CANCELLED', MINUTE]
      ]
    },
    outcome: 'cancelled',
    isAsked: false
  },
  {
    name: 'SUCCESS',
    script: { steps: [['SUCCESS', 0]] },
    outcome: 'reached',
    isAsked: false
  }
];

describe('a wait that is ended by', () => {
  it.each(ENDINGS)('$name is diagnosed: $isAsked, before anything is undone', async (ending) => {
    const { gate, api } = scene();
    const order: string[] = [];
    api.agents = () => {
      order.push('agents');
      return Promise.resolve(agentsOn([1]));
    };
    gate.opsManager.faults = (call) => {
      if (call.kind === 'cancel' || call.kind === 'delete') order.push(call.kind);
      return ending.faults?.(call);
    };
    if (ending.signalAtMs !== undefined) gate.interruptAt(ending.signalAtMs);
    const script = ending.script ?? { steps: [['AWAIT_GOAL_STATE', 0]] };
    const report = await gate.watch(script, ending.options);
    expect(report.verdict.outcome.kind).toBe(ending.outcome);
    expect(order.filter((what) => what === 'agents')).toHaveLength(ending.isAsked ? 1 : 0);
    if (ending.isAsked) expect(order[0]).toBe('agents');
  });

  it('a signal while it is diagnosed goes on at once', async () => {
    const { gate, api } = scene();
    api.agents = async ({ signal, limitMs = 0 }) => {
      await gate.clock.sleep(limitMs, signal);
      return agentsOn([]);
    };
    gate.interruptAt(MINUTE + 2 * SECOND);
    const report = await gate.watch(GOES_ON, { timeoutMs: MINUTE });
    expect(report.verdict).toMatchObject({
      outcome: { kind: 'timed-out' },
      cancellation: { kind: 'confirmed' }
    });
    expect(gate.clock.elapsedMs).toBeLessThan(MINUTE + 7 * SECOND);
    expect(gate.diagnosis?.findings).toEqual([]);
  });
});

function words() {
  return { title: 'Refused', happened: 'Ops Manager refused.' };
}
