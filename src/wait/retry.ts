import pRetry from 'p-retry';
import { ApiError, type CallOptions, isNotFound } from '../case/import-api.ts';
import type { Clock } from '../time.ts';

const FIRST_DELAY_MS = 1_000;
const LONGEST_DELAY_MS = 30_000;
// An attempt that is cut sooner tells nothing, and hides the failure before it.
const SHORTEST_ATTEMPT_MS = 1_000;
const MINUTE_MS = 60_000;
const JITTER = 0.1;

/** What passes time needs from outside. */
export interface Timing {
  readonly clock: Clock;
  /** 0 to 1, for jitter. */
  readonly random: () => number;
  readonly signal: AbortSignal;
}

/** Up to 10 % less, so that a matrix of jobs does not knock in step. `random` gives 0 to 1. */
function jittered(ms: number, random: () => number): number {
  return ms * (1 - JITTER * random());
}

/** What a call is for; a create call is never repeated here. */
export type CallKind = 'read' | 'list' | 'cancel' | 'delete';

/**
 * Whether no waiting mends a failure. After the first good answer only a no to a deed is one: what
 * was granted a moment ago and is refused now is mostly another node's nonce, another address of a
 * pool, a user directory that is away. That there is no such import, the caller has to weigh.
 */
export function isFinal(call: CallKind, error: ApiError, hadGoodAnswer: boolean): boolean {
  if (!hadGoodAnswer) return error.kind !== 'transient';
  return error.kind === 'refused' && FINAL_REFUSALS[call](error);
}

const FINAL_REFUSALS: Readonly<Record<CallKind, (refusal: ApiError) => boolean>> = {
  list: () => false,
  read: isNotFound,
  cancel: ({ status }) => status !== 401 && status !== 403,
  delete: () => true
};

interface RetryOptions extends Timing {
  readonly call: CallKind;
  /** When patience ends, by the clock; asked again after each failure. */
  readonly giveUpAt: () => number;
  /**
   * Whether one attempt is made once the time is over, with no limit but the client's own, as one
   * has that begins in the last second before. Without it every attempt is cut when the time is
   * over, and the last one begins a second before.
   */
  readonly lastAttempt: boolean;
  readonly hadGoodAnswer: () => boolean;
  /** Told of each failure that is not final. */
  readonly onFailure: (error: ApiError) => void;
  /** Called each minute of a long delay. */
  readonly onMinute?: () => void;
}

/**
 * Repeats `attempt` after failures that are not final, with exponential delay from 1 s to 30 s and
 * jitter, or what the server asked to wait, until `giveUpAt`. `attempt` is told how long it may
 * take. @throws the last failure, a final one at once, or the signal's reason.
 */
export async function retried<T>(
  attempt: (options: CallOptions) => Promise<T>,
  options: RetryOptions
): Promise<T> {
  const { clock, random, signal, giveUpAt, lastAttempt, onFailure } = options;
  const leftMs = (): number => giveUpAt() - clock.now();
  let isLast = false;
  return pRetry(
    () => {
      const left = leftMs();
      isLast = left <= 0;
      // One that begins in the last moment is not cut at its end.
      const isUncut = lastAttempt && left < SHORTEST_ATTEMPT_MS;
      return attempt(isUncut ? { signal } : { signal, limitMs: left });
    },
    {
      retries: Infinity,
      // The delay is ours, below: it keeps to the injected clock and to what the server asked.
      minTimeout: 0,
      signal,
      shouldRetry: async ({ error, attemptNumber }) => {
        if (!(error instanceof ApiError)) return false;
        if (isFinal(options.call, error, options.hadGoodAnswer())) return false;
        onFailure(error);
        const room = leftMs() - (lastAttempt ? 0 : SHORTEST_ATTEMPT_MS);
        if (isLast || (room <= 0 && !lastAttempt)) return false;
        const backoff = Math.min(LONGEST_DELAY_MS, FIRST_DELAY_MS * 2 ** (attemptNumber - 1));
        const delay = Math.max(jittered(backoff, random), error.retryAfterMs ?? 0);
        await sleepFor(Math.max(0, Math.min(delay, room)), options);
        // A process that was suspended wakes when there is no time for an answer any more.
        return lastAttempt || leftMs() >= SHORTEST_ATTEMPT_MS;
      }
    }
  );
}

async function sleepFor(ms: number, { clock, signal, onMinute }: RetryOptions): Promise<void> {
  for (let leftMs = ms; ; leftMs -= MINUTE_MS) {
    await clock.sleep(Math.min(leftMs, MINUTE_MS), signal);
    if (leftMs <= MINUTE_MS) return;
    onMinute?.();
  }
}

// A state that has just changed often changes again soon, so a pause starts short.
const FIRST_PAUSE_MS = 1_000;
const GROWTH = 1.5;

/** The pauses between reads: from 1 s, growing by half each time up to `longestMs`. */
export class Cadence {
  readonly #longestMs: number;
  readonly #random: () => number;
  #pauseMs = FIRST_PAUSE_MS;

  constructor(longestMs: number, random: () => number) {
    this.#longestMs = longestMs;
    this.#random = random;
  }

  /** Begins again with a short pause. */
  restart(): void {
    this.#pauseMs = FIRST_PAUSE_MS;
  }

  /** The next pause in milliseconds. */
  next(): number {
    const pauseMs = Math.min(this.#pauseMs, this.#longestMs);
    this.#pauseMs = pauseMs * GROWTH;
    return jittered(pauseMs, this.#random);
  }
}
