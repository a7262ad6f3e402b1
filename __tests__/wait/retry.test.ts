import { describe, expect, it } from '@jest/globals';
import type { ApiError } from '../../src/case/import-api.ts';
import { retried } from '../../src/wait/retry.ts';
import { foreignPage, replies, reset, unavailable } from '../support/faults.ts';
import { NO_JITTER, VirtualClock } from '../support/virtual-clock.ts';

interface Attempt {
  readonly atMs: number;
  readonly limitMs: number | undefined;
}

/** Retries a call that fails as `errors` says, then succeeds, or fails on with the last of them. */
async function retrying(
  errors: readonly Error[],
  options: Partial<Omit<Parameters<typeof retried>[1], 'giveUpAt'>> & {
    readonly giveUpAtMs?: number;
    readonly forever?: boolean;
    readonly clock?: VirtualClock;
  } = {}
) {
  const clock = options.clock ?? new VirtualClock();
  const attempts: Attempt[] = [];
  const failures: ApiError[] = [];
  const outcome = await retried(
    ({ limitMs }) => {
      attempts.push({ atMs: clock.elapsedMs, limitMs });
      const error = errors[attempts.length - 1] ?? (options.forever ? errors.at(-1) : undefined);
      return error ? Promise.reject(error) : Promise.resolve('answer');
    },
    {
      random: NO_JITTER,
      signal: new AbortController().signal,
      lastAttempt: false,
      call: 'delete',
      hadGoodAnswer: () => false,
      onFailure: (error) => failures.push(error),
      ...options,
      clock,
      giveUpAt: () => clock.startedAt + (options.giveUpAtMs ?? 86_400_000)
    }
  ).catch((error: unknown) => error);
  return { outcome, attempts, failures, at: attempts.map(({ atMs }) => atMs / 1000) };
}

const RESET = reset().error;
const times = (count: number): ApiError[] => Array.from({ length: count }, () => RESET);

describe('a retry', () => {
  it('is not needed after an answer', async () => {
    const { outcome, at, failures } = await retrying([]);
    expect({ outcome, at, failures }).toEqual({ outcome: 'answer', at: [0], failures: [] });
  });

  it('does not come where the process was suspended until there is no time for it', async () => {
    const clock = new VirtualClock();
    clock.lateMs = 113_000;
    const { outcome, at } = await retrying(times(1), { clock, giveUpAtMs: 60_000 });
    expect({ outcome, at }).toEqual({ outcome: RESET, at: [0] });
  });

  it('comes after 1 s, then after twice as long each time up to 30 s', async () => {
    const { outcome, at, failures } = await retrying(times(8));
    expect(at).toEqual([0, 1, 3, 7, 15, 31, 61, 91, 121]);
    expect(outcome).toBe('answer');
    expect(failures).toHaveLength(8);
  });

  it.each([
    { random: () => 0, want: 1 },
    { random: () => 1, want: 0.9 }
  ])('has a delay with jitter: $want s', async ({ random, want }) => {
    const { at } = await retrying(times(1), { random });
    expect(at[1]).toBeCloseTo(want, 9);
  });

  it('does not come after a final error', async () => {
    const refused = replies(403).error;
    const { outcome, at, failures } = await retrying([RESET, refused]);
    expect(outcome).toBe(refused);
    expect(at).toEqual([0, 1]);
    expect(failures).toEqual([RESET]);
  });

  it('comes after a foreign page only where the configuration has worked before', async () => {
    const { error } = foreignPage();
    expect((await retrying([error])).at).toEqual([0]);
    expect((await retrying([error], { hadGoodAnswer: () => true })).at).toEqual([0, 1]);
  });

  it.each([
    ['read', 404, 'final'],
    ['read', 403, 'tried again'],
    ['list', 404, 'tried again'],
    ['list', 400, 'tried again'],
    ['cancel', 401, 'tried again'],
    ['cancel', 403, 'tried again'],
    ['cancel', 409, 'final'],
    ['delete', 403, 'final']
  ] as const)(
    'after a good answer: a %s that is refused with %i is %s',
    async (call, status, is) => {
      const { error } = replies(status);
      const { at } = await retrying([error], { call, hadGoodAnswer: () => true });
      expect(at).toEqual(is === 'final' ? [0] : [0, 1]);
    }
  );

  it('does not come after a defect', async () => {
    const defect = new SyntaxError('a defect of this action');
    const { outcome, at } = await retrying([defect], { hadGoodAnswer: () => true });
    expect(outcome).toBe(defect);
    expect(at).toEqual([0]);
  });

  it.each([
    { name: 'waits as long as the server asks', retryAfter: 17, want: [0, 17] },
    { name: 'never waits less than its own delay', retryAfter: 0, want: [0, 1] },
    { name: 'waits no longer than time is left', retryAfter: 999_999_999, want: [0, 600] }
  ])('$name', async ({ retryAfter, want }) => {
    const errors = [unavailable(retryAfter).error];
    const { at } = await retrying(errors, { giveUpAtMs: 600_000, lastAttempt: true });
    expect(at).toEqual(want);
  });

  it('ends when the time is over, with the last failure', async () => {
    const { outcome, at } = await retrying(times(1), { forever: true, giveUpAtMs: 10_000 });
    expect(outcome).toBe(RESET);
    // At 15 s it would be over, and an attempt needs a second.
    expect(at).toEqual([0, 1, 3, 7, 9]);
  });

  it('may take no longer than the time that is left', async () => {
    const { attempts } = await retrying(times(1), { forever: true, giveUpAtMs: 10_000 });
    expect(attempts.map(({ limitMs }) => limitMs)).toEqual([10_000, 9000, 7000, 3000, 1000]);
  });

  it('comes a last time when the time is over, where that was asked for, and has no limit', async () => {
    const { outcome, attempts, failures } = await retrying(times(1), {
      forever: true,
      giveUpAtMs: 10_000,
      lastAttempt: true
    });
    expect(outcome).toBe(RESET);
    expect(attempts.at(-1)).toEqual({ atMs: 10_000, limitMs: undefined });
    expect(attempts).toHaveLength(5);
    expect(failures).toHaveLength(5);
  });

  it('in its last second has no limit, and with a whole second left is cut at the end', async () => {
    const second = async (retryAfter: number) => {
      const errors = [unavailable(retryAfter).error];
      return (await retrying(errors, { giveUpAtMs: 10_000, lastAttempt: true })).attempts[1];
    };
    expect(await second(9)).toEqual({ atMs: 9000, limitMs: 1000 });
    expect(await second(9.001)).toEqual({ atMs: 9001, limitMs: undefined });
  });

  it.each([
    { seconds: 60, minutes: 0 },
    { seconds: 61, minutes: 1 },
    { seconds: 180, minutes: 2 }
  ])('that is $seconds s away is told of each minute before', async ({ seconds, minutes }) => {
    let told = 0;
    const { at } = await retrying([unavailable(seconds).error], { onMinute: () => (told += 1) });
    expect({ at, told }).toEqual({ at: [0, seconds], told: minutes });
  });

  it('comes a last time also after the time was over from the start', async () => {
    const { outcome, at } = await retrying([], { giveUpAtMs: -5000, lastAttempt: true });
    expect({ outcome, at }).toEqual({ outcome: 'answer', at: [0] });
  });

  it.each([
    { name: 'in its delay', retryAfter: undefined, atMs: 500 },
    { name: 'in what the server asked to wait', retryAfter: 60, atMs: 30_000 }
  ])('is not made when it is aborted $name', async ({ retryAfter, atMs }) => {
    const clock = new VirtualClock();
    const interrupt = new AbortController();
    const reason = new Error('SIGINT');
    clock.at(atMs, () => {
      interrupt.abort(reason);
    });
    const { outcome, attempts } = await retrying([unavailable(retryAfter).error], {
      clock,
      signal: interrupt.signal
    });
    expect(outcome).toBe(reason);
    expect(attempts).toHaveLength(1);
    expect(clock.elapsedMs).toBe(atMs);
  });
});
