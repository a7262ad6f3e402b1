import { describe, expect, it } from '@jest/globals';
import type { AutomationStatus } from '../../src/diagnosis/facts.ts';
import { Looks, nextLookAt, type Look } from '../../src/diagnosis/looks.ts';
import { apiError, processOf, ScriptedDiagnosis, statusOf } from '../support/diagnosis.ts';
import { NEVER_ABORTED, VirtualClock } from '../support/virtual-clock.ts';

const MINUTE_MS = 60_000;

function scene(stallTimeoutMs?: number) {
  const clock = new VirtualClock();
  const api = new ScriptedDiagnosis();
  const seen: Look[] = [];
  const looks = new Looks(api, {
    clock,
    stallTimeoutMs,
    required: undefined,
    onLook: (look) => seen.push(look)
  });
  const pass = (ms: number): Promise<void> => clock.pass(ms, NEVER_ABORTED);
  return { clock, api, looks, seen, pass };
}

describe('the next look', () => {
  it.each([
    { name: 'is after a minute', lastAt: undefined, stall: undefined, want: 1_000 + MINUTE_MS },
    { name: 'is at once with a stall timeout', lastAt: undefined, stall: 600_000, want: 1_000 },
    { name: 'is a minute after the last', lastAt: 90_000, stall: undefined, want: 150_000 },
    { name: 'is a quarter of a short stall timeout later', lastAt: 90_000, stall: 60_000, want: 105_000 }, // prettier-ignore
    { name: 'is a minute later with a long one', lastAt: 90_000, stall: 3_600_000, want: 150_000 }
  ])('$name', ({ lastAt, stall, want }) => {
    expect(nextLookAt({ enteredAt: 1_000, lastAt }, stall)).toBe(want);
  });
});

describe('looks', () => {
  it('are due in AWAIT_GOAL_STATE only, and asked once each', async () => {
    const { looks, api, clock, pass } = scene();
    looks.see('AWAIT_AUTOMATION_IMPORTED');
    expect(looks.dueAt).toBeUndefined();
    await looks.start(NEVER_ABORTED);
    looks.see('AWAIT_GOAL_STATE');
    expect(looks.dueAt).toBe(clock.startedAt + MINUTE_MS);
    await looks.start(NEVER_ABORTED);
    expect(api.calls).toEqual([]);
    await pass(MINUTE_MS);
    looks.see('AWAIT_GOAL_STATE');
    await looks.start(NEVER_ABORTED);
    await looks.start(NEVER_ABORTED);
    expect(api.calls).toEqual([{ call: 'status', limitMs: 10_000 }]);
    looks.see('SUCCESS');
    expect(looks.dueAt).toBeUndefined();
  });

  it('tell what changed, and progress', async () => {
    const { looks, api, seen, pass } = scene(4 * MINUTE_MS);
    looks.see('AWAIT_GOAL_STATE');
    for (const version of [4, 4, 5]) {
      api.status = () => Promise.resolve(statusOf([processOf(1, { achievedVersion: version })]));
      await looks.start(NEVER_ABORTED);
      await pass(MINUTE_MS);
    }
    expect(seen.map(({ hasProgressed }) => hasProgressed)).toEqual([false, false, true]);
    expect(seen.at(-1)?.news).toMatchObject([{ kind: 'arrived', names: ['rs0_1'] }]);
    expect(looks.memory).toBe(seen.at(-1)?.memory);
  });

  it('keep their memory for the diagnosis of an import that has failed', async () => {
    const { looks, api } = scene(4 * MINUTE_MS);
    api.status = () => Promise.resolve(statusOf([processOf(1)]));
    looks.see('AWAIT_GOAL_STATE');
    await looks.start(NEVER_ABORTED);
    looks.see('FAILED');
    expect(looks.memory.count?.total).toBe(1);
  });

  it('end where Ops Manager refuses them, and go on after other trouble', async () => {
    const { looks, api, seen, pass } = scene(4 * MINUTE_MS);
    looks.see('AWAIT_GOAL_STATE');
    api.status = () => Promise.reject(apiError('transient', { status: 503 }));
    await looks.start(NEVER_ABORTED);
    expect(looks.dueAt).toBeDefined();
    await pass(MINUTE_MS);
    api.status = () => Promise.reject(apiError('refused', { status: 403 }));
    await looks.start(NEVER_ABORTED);
    expect(looks.dueAt).toBeUndefined();
    expect([...looks.refusals]).toEqual([['status', 'HTTP 403']]);
    expect(seen).toEqual([]);
  });

  it('that come too late are not heard', async () => {
    const { looks, api, seen } = scene(4 * MINUTE_MS);
    const answer = Promise.withResolvers<AutomationStatus>();
    api.status = () => answer.promise;
    looks.see('AWAIT_GOAL_STATE');
    const look = looks.start(NEVER_ABORTED);
    expect(looks.dueAt).toBeUndefined();
    looks.see('FAILED');
    answer.resolve(statusOf([processOf(1)]));
    await look;
    expect(seen).toEqual([]);
    expect(looks.memory.count).toBeUndefined();
  });

  it('end with the signal', async () => {
    const { looks, api, seen } = scene(4 * MINUTE_MS);
    const interrupt = new AbortController();
    api.status = () => {
      interrupt.abort(new Error('SIGTERM'));
      return Promise.reject(new Error('SIGTERM'));
    };
    looks.see('AWAIT_GOAL_STATE');
    await looks.start(interrupt.signal);
    await looks.start(interrupt.signal);
    expect(api.calls).toHaveLength(1);
    expect(seen).toEqual([]);
  });
});
