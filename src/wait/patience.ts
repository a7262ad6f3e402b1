import type { Ending } from '../case/case.ts';
import { ApiError, type CallOptions, isNotFound } from '../case/import-api.ts';
import { callFailed } from '../case/transitions.ts';
import type { CaseCell } from './case-cell.ts';
import { type CallKind, isFinal, retried, type Timing } from './retry.ts';
import type { Clock } from '../time.ts';

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

/** Told of outages that their first retry does not end; must not throw. */
export interface OutageObserver {
  onOutage(error: ApiError, lengthMs: number): void;
  /** While it lasts, with its present cause. */
  onOutageLasts(lengthMs: number, limit: Limit, cause: ApiError): void;
  onRecovery(outageMs: number): void;
  /** After each failed attempt. */
  onRetry(error: ApiError): void;
}

/** What a wait is given to call with. */
interface PatienceParts {
  readonly cell: CaseCell;
  /** How long it lasts at most, and an outage, in milliseconds. */
  readonly options: { readonly timeoutMs: number; readonly maxOutageMs: number };
  readonly timing: Timing;
  readonly observer: OutageObserver;
}

/** What a server can repeat does not add up. */
const OUTAGES_AT_MOST = 20;

/** An outage that lasts. */
interface Current {
  readonly since: number;
  readonly failures: number;
  /** What was answered last. */
  readonly cause: ApiError;
}

/**
 * How long the step bears with Ops Manager: until the deadline, and through outages up to a length.
 * There is one outage at a time and one clock for it, whatever causes it in turn; a good answer, or
 * Ops Manager's word that there is no such import, ends it.
 */
export class Patience {
  readonly #cell: CaseCell;
  readonly #limits: PatienceParts['options'];
  readonly #timing: Timing;
  readonly #observer: OutageObserver;
  readonly #startedAt: number;
  #outages: readonly Outage[] = [];
  #outageCount = 0;
  #endedOutagesMs = 0;
  #current: Current | undefined;

  constructor({ cell, options, timing, observer }: PatienceParts) {
    this.#cell = cell;
    this.#limits = options;
    this.#timing = timing;
    this.#observer = observer;
    this.#startedAt = this.#now;
  }

  /** Milliseconds until the deadline; never negative. */
  get leftMs(): number {
    return Math.max(0, this.#deadline - this.#now);
  }

  /** Milliseconds since the start. */
  get waitedMs(): number {
    return this.#now - this.#startedAt;
  }

  /** The newest outages, one that still lasts included; not those that their first retry ended. */
  get outages(): readonly Outage[] {
    const current = this.#toldOutage(this.#current);
    return current ? this.#outagesWith(current) : this.#outages;
  }

  /** How many there were in all. */
  get outageCount(): number {
    return this.#outageCount + (this.#toldOutage(this.#current) ? 1 : 0);
  }

  /** How long Ops Manager has been unreachable in all, in milliseconds; one that lasts not included. */
  get outageMs(): number {
    return this.#endedOutagesMs;
  }

  /** Pauses, if `ms` is positive, but not beyond the deadline. @throws the signal's reason. */
  async pause(ms: number): Promise<void> {
    await this.#timing.clock.sleep(Math.max(0, Math.min(ms, this.leftMs)), this.#timing.signal);
  }

  /**
   * A good answer to a call, however often it takes; at the deadline and at the end of the longest
   * outage there is one last attempt. An outage that begins with Ops Manager's own 404 has lasted
   * from `missingSince` on. @throws what `endingOf` understands.
   */
  async call<T>(
    kind: CallKind,
    attempt: (options: CallOptions) => Promise<T>,
    missingSince?: number
  ): Promise<T> {
    try {
      const answer = await retried(attempt, {
        ...this.#timing,
        call: kind,
        giveUpAt: () => Math.min(this.#deadline, this.#outageEnd),
        lastAttempt: true,
        hadGoodAnswer: () => this.#cell.case.hadGoodAnswer,
        onFailure: (error) => {
          this.noteFailure(error, isNotFound(error) ? missingSince : undefined);
        },
        onMinute: () => {
          if (this.#current) this.#tellOutage(this.#current);
        }
      });
      this.#noteAnswer();
      return answer;
    } catch (error) {
      if (isNotFound(error) && kind === 'read') this.#noteAnswer();
      throw error;
    }
  }

  /** Counts a failed attempt, with which an outage begins (at `since`) or goes on. */
  noteFailure(error: ApiError, since = this.#now): void {
    this.#cell.record(callFailed);
    const before = this.#current;
    const cause = before && error.isStale ? before.cause : error;
    const failures = (before?.failures ?? 0) + 1;
    this.#current = { since: before?.since ?? since, failures, cause };
    if (failures > 2) this.#tellOutage(this.#current);
    else if (failures === 2) this.#observer.onOutage(cause, this.#lengthOf(this.#current));
    this.#observer.onRetry(error);
  }

  /** Ops Manager has answered: an outage is over. */
  #noteAnswer(): void {
    if (!this.#current) return;
    const told = this.#toldOutage(this.#current);
    this.#endedOutagesMs += this.#lengthOf(this.#current);
    this.#current = undefined;
    if (!told) return;
    this.#outages = this.#outagesWith(told);
    this.#outageCount += 1;
    this.#observer.onRecovery(told.lengthMs);
  }

  /** The ending that an error of `call` or `pause` means. @throws what is a defect. */
  endingOf(error: unknown): Ending {
    const { signal } = this.#timing;
    if (signal.aborted) return interruptedBy(signal.reason);
    if (!(error instanceof ApiError)) throw error;
    if (isFinal('list', error, this.#cell.case.hadGoodAnswer))
      return { kind: 'error', cause: { kind: 'api', trouble: error.trouble } };
    const current = this.#current;
    if (!current || this.#now < this.#outageEnd)
      return { ...this.timedOut(), trouble: (current?.cause ?? error).trouble };
    return {
      kind: 'unreachable',
      outageMs: this.#lengthOf(current),
      trouble: current.cause.trouble,
      wasRefused: isRefusal(current.cause)
    };
  }

  timedOut(): Ending & { kind: 'timed-out' } {
    return { kind: 'timed-out', timeoutMs: this.#limits.timeoutMs };
  }

  #tellOutage(current: Current): void {
    const lengthMs = this.#lengthOf(current);
    const leftMs = Math.max(0, this.#limits.maxOutageMs - lengthMs);
    const isTimeoutFirst = this.leftMs < leftMs;
    const limit: Limit = isTimeoutFirst
      ? { input: 'timeout', leftMs: this.leftMs }
      : { input: 'max-outage', leftMs };
    this.#observer.onOutageLasts(lengthMs, limit, current.cause);
  }

  /** One that its first retry ended is not told. */
  #toldOutage(current: Current | undefined): Outage | undefined {
    if (!current || current.failures < 2) return undefined;
    const startedMs = current.since - this.#startedAt;
    return { startedMs, lengthMs: this.#lengthOf(current), reason: current.cause.happened };
  }

  #outagesWith(newest: Outage): readonly Outage[] {
    return [...this.#outages, newest].slice(-OUTAGES_AT_MOST);
  }

  #lengthOf({ since }: Current): number {
    return this.#now - since;
  }

  get #now(): number {
    return this.#timing.clock.now();
  }

  get #deadline(): number {
    return this.#startedAt + this.#limits.timeoutMs;
  }

  get #outageEnd(): number {
    return (this.#current?.since ?? Infinity) + this.#limits.maxOutageMs;
  }
}

/** @throws what stops the work and is no interrupt: a defect. */
function interruptedBy(reason: unknown): Ending {
  const { name, message } = reason as Error;
  if (name !== 'Interrupt') throw reason;
  return { kind: 'interrupted', by: message };
}

/** Whether an answer was a no, so that asking much more often is no use; a redirect is none. */
function isRefusal({ kind, status = 0 }: ApiError): boolean {
  return kind !== 'transient' && status >= 400;
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
