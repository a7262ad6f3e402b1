// A state that has just changed often changes again soon, so a pause starts short.
const FIRST_PAUSE_MS = 1_000;
const GROWTH = 1.5;
const JITTER = 0.1;

/** Up to 10 % less, so that a matrix of jobs does not knock in step. `random` gives 0 to 1. */
export function jittered(ms: number, random: () => number): number {
  return ms * (1 - JITTER * random());
}

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
