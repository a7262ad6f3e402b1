import type { Clock } from '../../src/time.ts';

interface Event {
  readonly at: number;
  readonly happen: () => void;
}

/**
 * A clock whose time passes only while someone sleeps, and then at once: when nobody has anything
 * left to do, it goes on to what happens next. Any number may sleep at the same time.
 */
export class VirtualClock implements Clock {
  /** As a date, so that the simulator's imports can be dated by this clock. */
  readonly startedAt = Date.parse('2025-10-20T10:00:00Z');
  #now = this.startedAt;
  /** What happens to others; it does not keep time going. */
  readonly #appointments: Event[] = [];
  readonly #sleepers: Event[] = [];
  #isTicking = false;
  /** The length of each sleep asked for, in milliseconds. */
  readonly sleeps: number[] = [];
  /** How late each of them ends, as on a real machine. */
  lateMs = 0;

  now(): number {
    return this.#now;
  }

  /** Milliseconds since the start. */
  get elapsedMs(): number {
    return this.#now - this.startedAt;
  }

  /** Does `action` when `elapsedMs` is first `ms`, also in the middle of a sleep. */
  at(ms: number, action: () => void): void {
    insert(this.#appointments, { at: this.startedAt + ms, happen: action });
  }

  async sleep(ms: number, signal: AbortSignal): Promise<void> {
    // Node warns of a negative or endless timer on the log of the user.
    if (!(ms >= 0 && ms < 2 ** 31)) throw new RangeError(`${ms} ms is not a time to sleep`);
    this.sleeps.push(ms);
    await this.pass(ms + this.lateMs, signal);
  }

  /** Lets time pass as `sleep` does, without counting as a sleep of the code under test. */
  pass(ms: number, signal: AbortSignal): Promise<void> {
    return new Promise((resolve, reject) => {
      signal.throwIfAborted();
      const event = {
        at: this.#now + ms,
        happen: () => {
          signal.removeEventListener('abort', onAbort);
          resolve();
        }
      };
      const onAbort = (): void => {
        this.#sleepers.splice(this.#sleepers.indexOf(event), 1);
        // Exactly the reason, as Node's own timers do it.
        // eslint-disable-next-line @typescript-eslint/prefer-promise-reject-errors
        reject(signal.reason);
      };
      insert(this.#sleepers, event);
      signal.addEventListener('abort', onAbort, { once: true });
      this.#tick();
    });
  }

  /** Lets time go on until `elapsedMs` is `ms`, if it is not later already. */
  async passTo(ms: number): Promise<void> {
    await this.pass(Math.max(0, ms - this.elapsedMs), NEVER_ABORTED);
  }

  /** Goes on to the next event once everybody has done what can be done now. */
  #tick(): void {
    if (this.#isTicking || this.#sleepers.length === 0) return;
    this.#isTicking = true;
    setImmediate(() => {
      this.#isTicking = false;
      const [sleeper] = this.#sleepers;
      const [appointment] = this.#appointments;
      if (!sleeper) return;
      const isFirst = appointment !== undefined && appointment.at <= sleeper.at;
      const next = isFirst ? appointment : sleeper;
      (isFirst ? this.#appointments : this.#sleepers).shift();
      this.#now = Math.max(this.#now, next.at);
      next.happen();
      this.#tick();
    });
  }
}

function insert(events: Event[], event: Event): void {
  const index = events.findIndex(({ at }) => at > event.at);
  events.splice(index < 0 ? events.length : index, 0, event);
}

/** A clock that can be slept on without a signal. */
export const NEVER_ABORTED = new AbortController().signal;

/** A random source that takes nothing off any pause. */
export const NO_JITTER = (): number => 0;
