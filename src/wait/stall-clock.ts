import type { Clock } from '../clock.ts';

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
