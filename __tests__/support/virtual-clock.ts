import type { Clock } from '../../src/wait/clock.ts';

interface Appointment {
  readonly at: number;
  readonly action: () => void;
}

/** A clock whose time passes only when someone sleeps, and then at once. */
export class VirtualClock implements Clock {
  /** As a date, so that the simulator's imports can be dated by this clock. */
  readonly startedAt = Date.parse('2025-10-20T10:00:00Z');
  #now = this.startedAt;
  #appointments: Appointment[] = [];
  /** The length of each sleep asked for, in milliseconds. */
  readonly sleeps: number[] = [];

  now(): number {
    return this.#now;
  }

  /** Milliseconds since the start. */
  get elapsedMs(): number {
    return this.#now - this.startedAt;
  }

  /** Does `action` when `elapsedMs` is first `ms`, also in the middle of a sleep. */
  at(ms: number, action: () => void): void {
    this.#appointments.push({ at: this.startedAt + ms, action });
    this.#appointments.sort((a, b) => a.at - b.at);
  }

  async sleep(ms: number, signal: AbortSignal): Promise<void> {
    // Node warns of a negative or endless timer on the log of the user.
    if (!(ms >= 0 && ms < 2 ** 31)) throw new RangeError(`${ms} ms is not a time to sleep`);
    this.sleeps.push(ms);
    await this.pass(ms, signal);
  }

  /** Lets time pass as `sleep` does, without counting as a sleep of the code under test. */
  async pass(ms: number, signal: AbortSignal): Promise<void> {
    signal.throwIfAborted();
    const end = this.#now + ms;
    for (;;) {
      const [next, ...later] = this.#appointments;
      if (!next || next.at > end) break;
      this.#appointments = later;
      this.#now = Math.max(this.#now, next.at);
      next.action();
      signal.throwIfAborted();
    }
    this.#now = end;
    await Promise.resolve();
  }
}

/** A clock that can be slept on without a signal. */
export const NEVER_ABORTED = new AbortController().signal;

/** A random source in the middle: no jitter. */
export const NO_JITTER = (): number => 0.5;
