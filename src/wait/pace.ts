import { jittered } from './retry.ts';
import type { Clock } from '../time.ts';

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

/**
 * How long the import has made no progress, in milliseconds. It stands while Ops Manager does not
 * answer.
 */
export class StallClock {
  readonly #limitMs: number;
  readonly #clock: Clock;
  /** How long Ops Manager has been unreachable in all. */
  readonly #outageMs: () => number;
  #since: { readonly at: number; readonly outageMs: number } | undefined;

  constructor(limitMs: number | undefined, clock: Clock, outageMs: () => number) {
    this.#limitMs = limitMs ?? Infinity;
    this.#clock = clock;
    this.#outageMs = outageMs;
  }

  get unchangedMs(): number {
    if (!this.#since) return 0;
    return this.#clock.now() - this.#since.at - (this.#outageMs() - this.#since.outageMs);
  }

  /** Until it declares a stall; Infinity without a limit. */
  get leftMs(): number {
    return Math.max(0, this.#limitMs - this.unchangedMs);
  }

  /** The import has made progress. */
  restart(): void {
    this.#since = { at: this.#clock.now(), outageMs: this.#outageMs() };
  }
}
