import { ApiError, type CallOptions } from '../case/import-api.ts';
import { callFailed } from '../case/transitions.ts';
import { retried, type CallKind, type Timing } from './retry.ts';
import type { Settling } from './settle.ts';

/** When looking, asking and all of it ends, in milliseconds from the start. */
export interface Budget {
  /** A call that is cut sooner tells nothing, and would count as one that met no answer. */
  readonly shortestCallMs: number;
  /** Between two lists. */
  readonly listPauseMs: number;
  readonly lookMs: number;
  readonly askMs: number;
  readonly allMs: number;
}

/** After a timeout, a stall, an outage, an error, a dead log; in the post step. */
export const UNHURRIED: Budget = {
  shortestCallMs: 1_000,
  listPauseMs: 2_000,
  lookMs: 45_000,
  askMs: 75_000,
  allMs: 120_000
};
/** After a signal: the runner’s last one comes 7.5 s later, and outputs and summary after this. */
export const HURRIED: Budget = {
  shortestCallMs: 250,
  listPauseMs: 400,
  lookMs: 1_500,
  askMs: 3_500,
  allMs: 5_000
};
/** What takes longer by as much than it may was suspended in between. */
const SUSPENDED_MS = 5_000;

/** When a part of the settling ends, by the clock; it may begin anew. */
export type Until = () => number;

/** A call was not sent, not once. */
export class NoTimeLeft extends Error {}

/** Why a cancel call was not sent. Each part of a budget has its time: only a suspended process has none. */
export const NO_TIME_TO_ASK = {
  title: 'No time was left to cancel it',
  happened:
    'This process was suspended for so long that no time was left to ask for its cancellation.',
  advice: ''
};

/** The time that a settlement has, and the calls that it makes within it. */
export class Allotment {
  readonly #settling: Settling;
  readonly #timing: Timing;
  readonly #budget: Budget;
  #startedAt: number;
  /** A post step whose process was suspended begins its budget anew, once. */
  #mayBeginAnew: boolean;
  /** The wait ended by a refusal: until something is granted, each call is made once. */
  #isOnce: boolean;

  constructor(settling: Settling, budget: Budget) {
    const { ending, resumed } = settling.cell.case;
    this.#settling = settling;
    this.#timing = settling.timing;
    this.#budget = budget;
    this.#startedAt = this.#now;
    this.#mayBeginAnew = resumed !== undefined;
    this.#isOnce = ending?.kind === 'unreachable' && ending.wasRefused;
  }

  // The ends of looking, of asking and of all of it.
  readonly look: Until = () => this.#startedAt + this.#budget.lookMs;
  readonly ask: Until = () => this.#startedAt + this.#budget.askMs;
  readonly all: Until = () => this.#startedAt + this.#budget.allMs;

  /** Between two lists. */
  get listPauseMs(): number {
    return this.#budget.listPauseMs;
  }

  /** Whether a signal has cut it. */
  get isOver(): boolean {
    return this.#timing.signal.aborted;
  }

  /**
   * The answer to a call within the time, or what it met last. A call that cannot be given the
   * shortest time is not sent: it would tell nothing. @throws the signal's reason.
   */
  async within<T>(
    kind: CallKind,
    until: Until,
    call: (options: CallOptions) => Promise<T>
  ): Promise<T | ApiError | NoTimeLeft> {
    const { cell, onRetry } = this.#settling;
    let last: ApiError | undefined;
    try {
      return await retried(() => this.#attempt(until, call), {
        ...this.#timing,
        call: kind,
        giveUpAt: () => (this.#isOnce ? -Infinity : until()),
        lastAttempt: false,
        hadGoodAnswer: () => cell.case.hadGoodAnswer,
        onFailure: (error) => {
          last = error;
          cell.record(callFailed);
          onRetry(error);
        }
      });
    } catch (error) {
      if (this.isOver) throw error;
      return error instanceof NoTimeLeft ? (last ?? error) : failureOf(error);
    }
  }

  hasTime(until: Until): boolean {
    return until() - this.#now >= this.#budget.shortestCallMs;
  }

  /** Whether there is time for another call after a pause. */
  hasRoom(until: Until, pauseMs: number): boolean {
    return until() - this.#now >= pauseMs + this.#budget.shortestCallMs;
  }

  async pause(ms: number, until: Until): Promise<void> {
    const { clock, signal } = this.#timing;
    await clock.sleep(Math.max(0, Math.min(ms, until() - clock.now())), signal);
  }

  async #attempt<T>(until: Until, call: (options: CallOptions) => Promise<T>): Promise<T> {
    if (!this.hasTime(until) && !this.#beginsAnew(until)) throw new NoTimeLeft();
    try {
      const answer = await call({ signal: this.#timing.signal, limitMs: until() - this.#now });
      this.#isOnce = false;
      return answer;
    } catch (error) {
      throw this.isOver ? error : failureOf(error);
    }
  }

  /** The process of a post step that was suspended has its whole time again, once. */
  #beginsAnew(until: Until): boolean {
    if (!this.#mayBeginAnew || this.#now - until() < SUSPENDED_MS) return false;
    this.#mayBeginAnew = false;
    this.#startedAt = this.#now;
    return this.hasTime(until);
  }

  get #now(): number {
    return this.#timing.clock.now();
  }
}

/** Whatever is thrown while a case is settled counts as a call that failed. */
export function failureOf(error: unknown): ApiError {
  if (error instanceof ApiError) return error;
  const happened = `This action failed in a way it should not: ${String(error)}.`;
  return new ApiError('transient', { title: 'Defect of this action', happened }, { cause: error });
}
