import type { Ending, Trouble } from '../case/ending.ts';
import { ApiError, isAnswer, type CallOptions } from '../case/import-api.ts';
import { isFinal, retried, type Waiting } from './retry.ts';

/** A time in which Ops Manager could not be reached, in milliseconds from the start of the wait. */
export interface Outage {
  readonly startedMs: number;
  readonly lengthMs: number;
  readonly reason: string;
}

/** What ends the step unless the outage is over before, and in how many milliseconds. */
export interface Limit {
  readonly input: 'timeout' | 'max-outage';
  readonly leftMs: number;
}

/** Told of outages; must not throw. */
export interface OutageObserver {
  onOutage(error: ApiError): void;
  /** While it lasts. */
  onOutageLasts(lengthMs: number, limit: Limit): void;
  onRecovery(outageMs: number): void;
  /** After each failed attempt. */
  onRetry(error: ApiError): void;
}

/** How long a wait lasts at most, in milliseconds. */
export interface Limits {
  readonly timeoutMs: number;
  readonly maxOutageMs: number;
}

/** What a wait is given to call with. */
export interface PatienceOptions {
  readonly limits: Limits;
  readonly waiting: Waiting;
  readonly observer: OutageObserver;
  readonly hasWorked: () => boolean;
  /** Told of each failed attempt, before the observer is. */
  readonly onFailure: () => void;
  /** After each answer of Ops Manager's that is a no. */
  readonly onRefusal: () => void;
}

/**
 * How long the step bears with Ops Manager: until the deadline, and through outages up to a length.
 * An outage is continuous: one answer of Ops Manager's own ends it.
 */
export class Patience {
  readonly waiting: Waiting;
  readonly #options: PatienceOptions;
  readonly #startedAt: number;
  readonly #outages: Outage[] = [];
  #current: { readonly since: number; readonly reason: string } | undefined;

  constructor(options: PatienceOptions) {
    this.waiting = options.waiting;
    this.#options = options;
    this.#startedAt = options.waiting.clock.now();
  }

  /** Milliseconds until the deadline; never negative. */
  get leftMs(): number {
    return Math.max(0, this.#deadline - this.waiting.clock.now());
  }

  /** Milliseconds since the start. */
  get waitedMs(): number {
    return this.waiting.clock.now() - this.#startedAt;
  }

  /** The outages so far, one that still lasts included. */
  get outages(): readonly Outage[] {
    return [...this.#outages, ...(this.#current ? [this.#outageUntilNow(this.#current)] : [])];
  }

  /** How long Ops Manager has been unreachable in all, in milliseconds. */
  get outageMs(): number {
    return this.outages.reduce((sum, { lengthMs }) => sum + lengthMs, 0);
  }

  /** Pauses, if `ms` is positive, but not beyond the deadline. @throws the signal's reason. */
  async pause(ms: number): Promise<void> {
    await this.waiting.clock.sleep(Math.max(0, Math.min(ms, this.leftMs)), this.waiting.signal);
  }

  /**
   * A good answer to `call`, however often it takes; at the deadline and at the end of the longest
   * outage there is one last attempt. @throws what `endingOf` understands.
   */
  async call<T>(call: (options: CallOptions) => Promise<T>): Promise<T> {
    try {
      const answer = await retried(call, {
        ...this.waiting,
        giveUpAt: () => Math.min(this.#deadline, this.#outageEnd),
        lastAttempt: true,
        hasWorked: this.#options.hasWorked,
        onFailure: (error) => {
          this.noteFailure(error);
        },
        onMinute: () => {
          if (this.#current) this.#tellOutage(this.#current.since);
        }
      });
      this.noteAnswer();
      return answer;
    } catch (error) {
      // That Ops Manager says no is an answer, too.
      if (error instanceof ApiError && error.kind === 'refused') this.noteAnswer();
      if (isAnswer(error)) this.#options.onRefusal();
      throw error;
    }
  }

  /** Counts a failed attempt. */
  noteFailure(error: ApiError): void {
    this.#options.onFailure();
    const { observer } = this.#options;
    if (!this.#current) {
      this.#current = { since: this.waiting.clock.now(), reason: error.happened };
      observer.onOutage(error);
    } else {
      this.#tellOutage(this.#current.since);
    }
    observer.onRetry(error);
  }

  /** Ops Manager has answered: an outage is over. */
  noteAnswer(): void {
    if (!this.#current) return;
    const outage = this.#outageUntilNow(this.#current);
    this.#outages.push(outage);
    this.#current = undefined;
    this.#options.observer.onRecovery(outage.lengthMs);
  }

  /** The ending that an error of `call` or `pause` means. @throws what is a defect. */
  endingOf(error: unknown): Ending {
    const { signal, clock } = this.waiting;
    if (signal.aborted) return { kind: 'interrupted', by: (signal.reason as Error).message };
    if (!(error instanceof ApiError)) throw error;
    const trouble = troubleOf(error);
    if (isFinal(error, this.#options.hasWorked()))
      return { kind: 'error', cause: { kind: 'api', trouble } };
    if (clock.now() < this.#outageEnd) return { ...this.timedOut(), trouble };
    return { kind: 'unreachable', outageMs: this.outages.at(-1)?.lengthMs ?? 0, trouble };
  }

  timedOut(): Ending & { kind: 'timed-out' } {
    return { kind: 'timed-out', timeoutMs: this.#options.limits.timeoutMs };
  }

  #tellOutage(since: number): void {
    const { observer, limits } = this.#options;
    const lengthMs = this.waiting.clock.now() - since;
    const leftMs = Math.max(0, limits.maxOutageMs - lengthMs);
    const isTimeoutFirst = this.leftMs < leftMs;
    observer.onOutageLasts(
      lengthMs,
      isTimeoutFirst ? { input: 'timeout', leftMs: this.leftMs } : { input: 'max-outage', leftMs }
    );
  }

  #outageUntilNow({ since, reason }: { since: number; reason: string }): Outage {
    return {
      startedMs: since - this.#startedAt,
      lengthMs: this.waiting.clock.now() - since,
      reason
    };
  }

  get #deadline(): number {
    return this.#startedAt + this.#options.limits.timeoutMs;
  }

  get #outageEnd(): number {
    return (this.#current?.since ?? Infinity) + this.#options.limits.maxOutageMs;
  }
}

/** An error of the port as data that a case can keep. */
export function troubleOf({ title, happened, advice }: ApiError): Trouble {
  return { title, happened, advice };
}
