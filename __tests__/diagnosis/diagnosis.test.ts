import { describe, expect, it } from '@jest/globals';
import type { Import, Requested } from '../../src/case/import.ts';
import { Diagnosis } from '../../src/diagnosis/diagnosis.ts';
import type { AutomationStatus } from '../../src/diagnosis/facts.ts';
import {
  agentsOn,
  apiError,
  at,
  hostOf,
  processOf,
  required,
  ScriptedDiagnosis,
  statusOf
} from '../support/diagnosis.ts';
import { history, importIn } from '../support/imports.ts';
import { NEVER_ABORTED, VirtualClock } from '../support/virtual-clock.ts';

const MINUTE_MS = 60_000;
const STALL_MS = 4 * MINUTE_MS;

/** A diagnosis over a clock, with what it told. */
function scene(stallTimeoutMs?: number, requested: Requested = {}) {
  const clock = new VirtualClock();
  const api = new ScriptedDiagnosis();
  const told: string[] = [];
  const diagnosis = new Diagnosis(api, {
    clock,
    stallTimeoutMs,
    requested,
    onNews: (news) => told.push(...news)
  });
  /** A read of the import, and what is asked for beside it. */
  const read = async (state: string, signal: AbortSignal = NEVER_ABORTED): Promise<void> => {
    diagnosis.follow(importIn(state), signal);
    await settled();
  };
  const pass = (ms: number): Promise<void> => clock.pass(ms, NEVER_ABORTED);
  return { clock, api, diagnosis, told, read, pass };
}

/** What waits for nothing but promises is over then. */
function settled(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}

const failed: Import = importIn('FAILED', history(['AWAIT_GOAL_STATE', 0], ['FAILED', 600]));

describe('the processes', () => {
  it.each([
    { name: 'a minute after it entered, and each minute', stall: undefined, at: [60, 120] },
    { name: 'at once, and each minute, with a long stall-timeout', stall: 3_600_000, at: [0, 60] },
    { name: 'at once, and four times in a short stall-timeout', stall: 60_000, at: [0, 15] }
  ])('are asked for $name', async ({ stall, at }) => {
    const { diagnosis, read, clock, pass } = scene(stall);
    await read('AWAIT_AUTOMATION_IMPORTED');
    expect(diagnosis.dueAt).toBe(Infinity);
    await pass(5_000);
    await read('AWAIT_GOAL_STATE');
    const enteredAt = clock.now();
    if (stall === undefined) {
      expect(diagnosis.dueAt).toBe(enteredAt + MINUTE_MS);
      await pass(MINUTE_MS);
      await read('AWAIT_GOAL_STATE');
    }
    expect(diagnosis.dueAt).toBe(enteredAt + 1000 * (at[1] ?? 0));
  });

  it('are asked for in AWAIT_GOAL_STATE only, once when it is time', async () => {
    const { diagnosis, read, api, pass } = scene();
    await read('AWAIT_AUTOMATION_IMPORTED');
    await pass(2 * MINUTE_MS);
    await read('AWAIT_GOAL_STATE');
    expect(api.calls).toEqual([]);
    await pass(MINUTE_MS);
    await read('AWAIT_GOAL_STATE');
    await read('AWAIT_GOAL_STATE');
    expect(api.calls).toEqual([{ call: 'status', limitMs: 10_000 }]);
    await read('SUCCESS');
    expect(diagnosis.dueAt).toBe(Infinity);
  });

  it('tell what changed, and progress once', async () => {
    const { diagnosis, read, api, told, pass } = scene(STALL_MS);
    const progressed: boolean[] = [];
    for (const achievedVersion of [4, 4, 5]) {
      api.status = () => Promise.resolve(statusOf([processOf(1, { achievedVersion })]));
      await read('AWAIT_GOAL_STATE');
      progressed.push(diagnosis.takeProgress());
      await pass(MINUTE_MS);
    }
    expect(progressed).toEqual([false, false, true]);
    expect(diagnosis.takeProgress()).toBe(false);
    expect(told).toEqual(['rs0_1 reached version 5: 1 of 1 in the project']);
  });

  it('are remembered for the diagnosis of an import that has failed', async () => {
    const { diagnosis, read, api, pass } = scene(STALL_MS);
    const behind = processOf(1, { achievedVersion: 4, plan: ['Start'] });
    api.status = () => Promise.resolve(statusOf([behind], { readAt: '2025-10-20T10:14:00.000Z' }));
    await read('AWAIT_GOAL_STATE');
    await pass(22 * MINUTE_MS);
    await read('FAILED');
    api.status = () => Promise.resolve(statusOf([behind]));
    api.agents = () => Promise.resolve(agentsOn([1]));
    await diagnosis.ask(failed, NEVER_ABORTED);
    expect(diagnosis.findings).toMatchObject([
      { kind: 'behind', processes: [{ since: '2025-10-20T10:14:00.000Z' }], isAfterFailure: true }
    ]);
  });

  it('are no more asked for after two refusals, but after other trouble', async () => {
    const { diagnosis, read, api, told, pass } = scene(STALL_MS);
    const errors = [
      apiError('transient', { status: 503 }),
      apiError('refused', { status: 403 }),
      apiError('transient', { status: 503 }),
      apiError('refused', { status: 403 })
    ];
    for (const error of errors) {
      api.status = () => Promise.reject(error);
      await read('AWAIT_GOAL_STATE');
      await pass(MINUTE_MS);
    }
    expect(diagnosis.dueAt).toBe(Infinity);
    await diagnosis.ask(importIn('AWAIT_GOAL_STATE'), NEVER_ABORTED);
    expect(api.calls.filter(({ call }) => call === 'status')).toHaveLength(4);
    expect(diagnosis.findings).toEqual([
      { kind: 'not-asked', troubles: [{ calls: ['status'], reason: 'HTTP 403' }] }
    ]);
    expect(told).toEqual([]);
  });

  it('that come too late are not heard, and a new question does not wait for them', async () => {
    const { diagnosis, read, api, told } = scene(STALL_MS);
    const answer = Promise.withResolvers<AutomationStatus>();
    api.status = () => answer.promise;
    await read('AWAIT_GOAL_STATE');
    expect(diagnosis.dueAt).toBe(Infinity);
    await read('FAILED');
    answer.resolve(statusOf([processOf(1, { achievedVersion: 4, error: { code: 1, text: 'x' } })]));
    await settled();
    expect(told).toEqual([]);
    expect(diagnosis.rollout).toBeUndefined();
  });

  it('are not asked for after a signal', async () => {
    const { read, api, told, pass } = scene(STALL_MS);
    const interrupt = new AbortController();
    api.status = () => {
      interrupt.abort(new Error('SIGTERM'));
      return Promise.reject(new Error('SIGTERM'));
    };
    await read('AWAIT_GOAL_STATE', interrupt.signal);
    await pass(MINUTE_MS);
    await read('AWAIT_GOAL_STATE', interrupt.signal);
    expect(api.calls).toHaveLength(1);
    expect(told).toEqual([]);
  });
});

describe('the diagnosis at the end', () => {
  it('keeps nothing, and asks nothing, after a signal', async () => {
    const { diagnosis, api } = scene();
    await diagnosis.ask(failed, AbortSignal.abort());
    expect(api.calls).toEqual([]);
    expect(diagnosis.findings).toEqual([]);
  });

  it('tells of other imports as of the list that was read', async () => {
    const { diagnosis } = scene();
    const other = { ...importIn('PENDING'), id: 'b'.repeat(24) };
    diagnosis.noteList({ imports: [other], readAt: '2025-10-20T10:00:00.000Z' });
    await diagnosis.ask(importIn('PENDING'), NEVER_ABORTED);
    expect(diagnosis.findings).toMatchObject([
      { kind: 'other-import', id: other.id, asOf: '2025-10-20T10:00:00.000Z' }
    ]);
  });

  it('does not hold an adopted import against the body of another one', async () => {
    const { diagnosis, api } = scene(undefined, { processes: required(9) });
    api.status = () => Promise.resolve(statusOf([processOf(1, { achievedVersion: 4 })]));
    diagnosis.noteAdopted();
    api.agents = () => Promise.resolve(agentsOn([1]));
    await diagnosis.ask(importIn('AWAIT_GOAL_STATE'), NEVER_ABORTED);
    expect(diagnosis.findings).toMatchObject([
      { kind: 'behind', processes: [{ name: 'rs0_1', host: hostOf(1) }] }
    ]);
  });
});

it('the processes of an adopted import are counted as the project’s', async () => {
  const { diagnosis, read, api } = scene(STALL_MS, { processes: required(1) });
  api.status = () => Promise.resolve(statusOf([processOf(1), processOf(2)]));
  diagnosis.noteAdopted();
  await read('AWAIT_GOAL_STATE');
  expect(diagnosis.rollout).toBe('2 of 2 processes are at version 5 in the project.');
});

describe('a heartbeat', () => {
  it.each([
    {
      name: 'is the count and the worst',
      processes: [processOf(1), processOf(2, { achievedVersion: 4, plan: ['WaitRsInit'] })],
      want: '1 of 2 processes are at version 5. rs0_2 on mongodb2.example.com is at version 4 of 5; its plan: WaitRsInit (wait for the replica set to be initialized by another member).'
    },
    {
      name: 'counts one process as one',
      processes: [processOf(1, { achievedVersion: 4, error: { code: 1, text: 'Out of disk' } })],
      want: '0 of 1 process is at version 5. rs0_1 on mongodb1.example.com is at version 4 of 5 and reports an error: Out of disk. Look at the agent’s log there.'
    },
    {
      name: 'does not say twice that nobody is behind',
      processes: [processOf(1), processOf(2)],
      want: '2 of 2 processes are at version 5.'
    }
  ])('$name', async ({ processes, want }) => {
    const requested = { processes: required(...processes.map((_, index) => index + 1)) };
    const { diagnosis, read, api } = scene(STALL_MS, requested);
    api.status = () => Promise.resolve(statusOf(processes));
    await read('AWAIT_GOAL_STATE');
    expect(diagnosis.rollout).toBe(want);
  });
});

describe('before a creation', () => {
  const requested = { processes: required(1, 2) };

  it('the agents are asked for, for ten seconds or an eighth of the time that is left', async () => {
    const { diagnosis, api } = scene(undefined, requested);
    await diagnosis.checkAgents(NEVER_ABORTED, 3_600_000);
    await diagnosis.checkAgents(NEVER_ABORTED, 8_000);
    expect(api.calls).toEqual([
      { call: 'agents', limitMs: 10_000 },
      { call: 'agents', limitMs: 1_000 }
    ]);
  });

  it('the hosts without a live one are told', async () => {
    const processes = [...required(1, 2, 3, 4), `${hostOf(4)}:27018`];
    const { diagnosis, api } = scene(undefined, { processes });
    const others = [
      { hostname: hostOf(2).toUpperCase(), lastConf: at('10:22') },
      { hostname: hostOf(3), lastConf: undefined }
    ];
    api.agents = () => Promise.resolve(agentsOn([1], others));
    expect(await diagnosis.checkAgents(NEVER_ABORTED, 3_600_000)).toEqual([
      'The agent on mongodb2.example.com last called in 14m ago; look at that host.',
      'No agent calls in under the host name mongodb4.example.com; look at that host.',
      'The import needs a MongoDB Agent on each required host that runs and reaches Ops Manager.',
      'Where a host has another name there, ignore this.'
    ]);
  });

  it.each([
    { name: 'all are alive', agents: agentsOn([1, 2]) },
    { name: 'a host has two agents of which one lives', agents: agentsOn([1, 2], [{ hostname: hostOf(2), lastConf: at('10:00') }]) }, // prettier-ignore
    { name: 'the list has a hole', agents: agentsOn([1], [], { isComplete: false }) },
    { name: 'Ops Manager’s clock is not known', agents: agentsOn([], [{ hostname: hostOf(1), lastConf: at('01:00') }, { hostname: hostOf(2) }], { readAt: undefined }) } // prettier-ignore
  ])('nothing is told when $name', async ({ agents }) => {
    const { diagnosis, api } = scene(undefined, requested);
    api.agents = () => Promise.resolve(agents);
    expect(await diagnosis.checkAgents(NEVER_ABORTED, 3_600_000)).toEqual([]);
  });

  it('nothing is asked where no processes are required, and nothing told where it is refused', async () => {
    const without = scene();
    expect(await without.diagnosis.checkAgents(NEVER_ABORTED, 3_600_000)).toEqual([]);
    expect(without.api.calls).toEqual([]);
    const { diagnosis, api } = scene(undefined, requested);
    api.agents = () => Promise.reject(apiError('refused', { status: 403 }));
    expect(await diagnosis.checkAgents(NEVER_ABORTED, 3_600_000)).toEqual([]);
  });
});
