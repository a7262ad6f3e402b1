import pRetry from 'p-retry';
import type { CallOptions } from '../ops-manager/client.ts';
import { isTransient, type OpsManagerError } from '../ops-manager/errors.ts';
import { jittered } from './cadence.ts';
import type { Clock } from './clock.ts';

const FIRST_DELAY_MS = 1_000;
const LONGEST_DELAY_MS = 30_000;
// An attempt that is cut sooner tells nothing, and hides the failure before it.
const SHORTEST_ATTEMPT_MS = 1_000;

/** What every wait needs from outside. */
export interface Waiting {
  readonly clock: Clock;
  /** 0 to 1, for jitter. */
  readonly random: () => number;
  readonly signal: AbortSignal;
}

export interface RetryOptions extends Waiting {
  /** When patience ends, by the clock; asked again after each failure. */
  readonly giveUpAt: () => number;
  /**
   * Whether one attempt is made once the time is over, with no limit but the client's own. Without
   * it every attempt is cut when the time is over, and the last one begins a second before.
   */
  readonly lastAttempt: boolean;
  /** Told of each transient failure. */
  readonly onFailure?: (error: OpsManagerError) => void;
}

/**
 * Repeats `attempt` after transient failures, with exponential delay from 1 s to 30 s and jitter,
 * or what the server asked to wait, until `giveUpAt`. `attempt` is told how long it may take.
 * @throws the last failure, a final one at once, or the signal's reason.
 */
export async function retryTransient<T>(
  attempt: (options: CallOptions) => Promise<T>,
  { clock, random, signal, giveUpAt, lastAttempt, onFailure }: RetryOptions
): Promise<T> {
  const leftMs = (): number => giveUpAt() - clock.now();
  let isLast = false;
  return pRetry(
    () => {
      const left = leftMs();
      isLast = left <= 0;
      return attempt(isLast && lastAttempt ? { signal } : { signal, limitMs: left });
    },
    {
      retries: Infinity,
      // The delay is ours, below: it keeps to the injected clock and to what the server asked.
      minTimeout: 0,
      signal,
      shouldRetry: async ({ error, attemptNumber }) => {
        if (!isTransient(error)) return false;
        onFailure?.(error);
        const room = leftMs() - (lastAttempt ? 0 : SHORTEST_ATTEMPT_MS);
        if (isLast || (room <= 0 && !lastAttempt)) return false;
        const backoff = Math.min(LONGEST_DELAY_MS, FIRST_DELAY_MS * 2 ** (attemptNumber - 1));
        const delay = Math.max(jittered(backoff, random), error.retryAfterMs ?? 0);
        await clock.sleep(Math.max(0, Math.min(delay, room)), signal);
        return true;
      }
    }
  );
}

/** `retryTransient` within a fixed time, beyond which no attempt goes. */
export async function retryUntil<T>(
  giveUpAt: number,
  attempt: (options: CallOptions) => Promise<T>,
  waiting: Waiting,
  onFailure?: (error: OpsManagerError) => void
): Promise<T> {
  return retryTransient(attempt, {
    ...waiting,
    giveUpAt: () => giveUpAt,
    lastAttempt: false,
    ...(onFailure && { onFailure })
  });
}
