import { wasAsked, type Case } from '../case/case.ts';
import { ApiError, isNotFound, type CallOptions, type ImportApi } from '../case/import-api.ts';
import type { Import } from '../case/import.ts';
import {
  callFailed,
  cancelAccepted,
  cancelAnnounced,
  cancelNotFound,
  cancelNotSent,
  cancelRefused,
  cancelUnanswered,
  wasListed,
  wasNotFound,
  wasRead
} from '../case/transitions.ts';
import type { CaseCell } from './case-cell.ts';
import { retried, type CallKind, type Timing } from './retry.ts';

/** After a timeout, a stall, an outage, an error, a dead log; in the post step. */
const UNHURRIED = {
  /** A call that is cut sooner tells nothing, and would count as one that met no answer. */
  shortestCallMs: 1_000,
  /** Between two lists. */
  listPauseMs: 2_000,
  // When looking, asking and all of it ends, from the start.
  lookMs: 45_000,
  askMs: 75_000,
  allMs: 120_000
};
/** After a signal: the runner’s last one comes 7.5 s later, and outputs and summary after this. */
const HURRIED: typeof UNHURRIED = {
  shortestCallMs: 250,
  listPauseMs: 400,
  lookMs: 1_500,
  askMs: 3_500,
  allMs: 5_000
};
/** What takes longer by as much than it may was suspended in between. */
const SUSPENDED_MS = 5_000;
/** Before one call is tried again that met an answer. */
const PAUSE_MS = 1_000;

/** When a part of the settling ends, by the clock; it may begin anew. */
export type Until = () => number;

/** A call was not sent, not once. */
class NoTimeLeft extends Error {}

/** Why a cancel call was not sent. Each part of a budget has its time: only a suspended process has none. */
const NO_TIME_TO_ASK = {
  title: 'No time was left to cancel it',
  happened:
    'This process was suspended for so long that no time was left to ask for its cancellation.',
  advice: ''
};

/** What settling works with; the signal of `timing` is a real one, after which seconds are left. */
export interface Settling {
  readonly api: ImportApi;
  readonly cell: CaseCell;
  readonly timing: Timing;
  /** Told of each failed attempt; must not throw. */
  readonly onRetry: (error: ApiError) => void;
}

/**
 * The calls of a settlement, each within the time that it has, and recorded. A call that cannot be
 * given the shortest time is not sent: it would tell nothing. All throw the signal's reason.
 */
export class BudgetedCalls {
  readonly #settling: Settling;
  readonly #timing: Timing;
  readonly #budget: typeof UNHURRIED;
  #startedAt: number;
  /** A post step whose process was suspended begins its budget anew, once. */
  #mayBeginAnew: boolean;
  /** The wait ended by a refusal: until something is granted, each call is made once. */
  #isOnce: boolean;

  /** `isHurried`: a signal has come, and no other one cuts what follows it. */
  constructor(settling: Settling, isHurried: boolean) {
    const { signal } = isHurried ? new AbortController() : settling.timing;
    const { ending, resumed } = settling.cell.case;
    this.#settling = settling;
    this.#timing = { ...settling.timing, signal };
    this.#budget = isHurried ? HURRIED : UNHURRIED;
    this.#startedAt = this.#now;
    this.#mayBeginAnew = resumed !== undefined;
    this.#isOnce = ending?.kind === 'unreachable' && ending.wasRefused;
  }

  // The ends of looking, of asking and of all of it.
  readonly look: Until = () => this.#startedAt + this.#budget.lookMs;
  readonly ask: Until = () => this.#startedAt + this.#budget.askMs;
  readonly all: Until = () => this.#startedAt + this.#budget.allMs;

  /** Whether there was a good list within the time. */
  async list(until: Until): Promise<boolean> {
    const answer = await this.#within('list', until, async (options) => ({
      askedAt: this.#now,
      list: await this.#settling.api.listImports(options)
    }));
    if (answer instanceof Error) return false;
    this.#record(wasListed(answer.list, this.#now, answer.askedAt));
    return true;
  }

  /** A read of the import within the time, or what it met last. */
  async read(id: string, until: Until): Promise<Import | Error> {
    const answer = await this.#within('read', until, async (options) => ({
      askedAt: this.#now,
      read: await this.#settling.api.readImport(id, options)
    }));
    if (answer instanceof Error) {
      this.#record(isNotFound(answer) ? wasNotFound(this.#now) : callFailed);
      return answer;
    }
    this.#record(wasRead(answer.read, this.#now, answer.askedAt));
    return answer.read;
  }

  /** A read of one of several candidates, which the caller records. */
  async readCandidate(id: string, until: Until): Promise<Import | Error> {
    return this.#within('read', until, (options) => this.#settling.api.readImport(id, options));
  }

  /** Asks Ops Manager to cancel the import within the time; gives what that met last, if not a yes. */
  async cancel(id: string, until: Until): Promise<Error | undefined> {
    const met = await this.#within('cancel', until, (options) => this.#cancelOnce(id, options));
    const wasSent = wasAsked(this.#case) || this.#case.missing?.wasAsked === true;
    if (met instanceof NoTimeLeft && !wasSent) this.#record(cancelNotSent(NO_TIME_TO_ASK));
    return met;
  }

  async #cancelOnce(id: string, options: CallOptions): Promise<undefined> {
    this.#record(cancelAnnounced);
    try {
      await this.#settling.api.cancelImport(id, options);
    } catch (error) {
      if (this.#isCut) throw error;
      const failure = failureOf(error);
      const { kind, trouble } = failure;
      if (kind !== 'refused') this.#record(cancelUnanswered(trouble));
      else if (isNotFound(failure)) this.#record(cancelNotFound(this.#now));
      else this.#record(cancelRefused(trouble));
      throw failure;
    }
    this.#record(cancelAccepted(this.#now));
    return undefined;
  }

  /** Whether there is time for a call. */
  hasTime(until: Until): boolean {
    return until() - this.#now >= this.#budget.shortestCallMs;
  }

  /** Whether there is time for another call after a pause. */
  hasTimeForMore(until: Until): boolean {
    return until() - this.#now >= PAUSE_MS + this.#budget.shortestCallMs;
  }

  /** Pauses before another call; false where there would be no time for it. */
  async pause(until: Until): Promise<boolean> {
    if (!this.hasTimeForMore(until)) return false;
    await this.#sleep(PAUSE_MS, until);
    return true;
  }

  /** Pauses before another list. */
  async pauseBetweenLists(until: Until): Promise<void> {
    await this.#sleep(this.#budget.listPauseMs, until);
  }

  async #sleep(ms: number, until: Until): Promise<void> {
    const { clock, signal } = this.#timing;
    await clock.sleep(Math.max(0, Math.min(ms, until() - clock.now())), signal);
  }

  /** The answer to a call within the time, or what it met last. */
  async #within<T>(
    kind: CallKind,
    until: Until,
    call: (options: CallOptions) => Promise<T>
  ): Promise<T | ApiError | NoTimeLeft> {
    try {
      return await retried(() => this.#attempt(until, call), {
        ...this.#timing,
        call: kind,
        giveUpAt: () => (this.#isOnce ? -Infinity : until()),
        lastAttempt: false,
        hadGoodAnswer: () => this.#case.hadGoodAnswer,
        onFailure: (error) => {
          this.#record(callFailed);
          this.#settling.onRetry(error);
        }
      });
    } catch (error) {
      if (this.#isCut) throw error;
      return error instanceof NoTimeLeft ? error : failureOf(error);
    }
  }

  async #attempt<T>(until: Until, call: (options: CallOptions) => Promise<T>): Promise<T> {
    if (!this.hasTime(until) && !this.#beginsAnew(until)) throw new NoTimeLeft();
    try {
      const answer = await call({ signal: this.#timing.signal, limitMs: until() - this.#now });
      this.#isOnce = false;
      return answer;
    } catch (error) {
      throw this.#isCut ? error : failureOf(error);
    }
  }

  /** The process of a post step that was suspended has its whole time again, once. */
  #beginsAnew(until: Until): boolean {
    if (!this.#mayBeginAnew || this.#now - until() < SUSPENDED_MS) return false;
    this.#mayBeginAnew = false;
    this.#startedAt = this.#now;
    return this.hasTime(until);
  }

  /** Whether a signal has cut it. */
  get #isCut(): boolean {
    return this.#timing.signal.aborted;
  }

  get #case(): Case {
    return this.#settling.cell.case;
  }

  #record(transition: (c: Case) => Case): void {
    this.#settling.cell.record(transition);
  }

  get #now(): number {
    return this.#timing.clock.now();
  }
}

/** Whatever is thrown while a case is settled counts as a call that failed. */
function failureOf(error: unknown): ApiError {
  if (error instanceof ApiError) return error;
  const happened = `This action failed in a way it should not: ${String(error)}.`;
  return new ApiError('transient', { title: 'Defect of this action', happened }, { cause: error });
}
