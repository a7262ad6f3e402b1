import type { Case } from '../case/case.ts';
import {
  accepted,
  asking,
  faltered,
  listed,
  notFound,
  read,
  refused,
  unanswered,
  worked
} from '../case/transitions.ts';
import { find, hasAccepted, LISTING_DELAY_MS } from '../case/creation.ts';
import {
  ApiError,
  isAnswer,
  isNotFound,
  type CallOptions,
  type ImportApi
} from '../case/import-api.ts';
import { isInProgress } from '../case/import.ts';
import {
  isAmbiguous,
  isAnswered,
  isGone,
  isMissing,
  mayBeRunning,
  mustAsk,
  needsConfirmation
} from '../case/verdict.ts';
import { HURRIED, UNHURRIED, type Budget } from './budget.ts';
import type { CaseCell } from './case-cell.ts';
import { troubleOf } from './patience.ts';
import { retried, type Waiting } from './retry.ts';
import type { Settling } from './settling.ts';

const PAUSE_MS = 1_000;
const UNANSWERED_MS = 10_000;

/**
 * Settles a case: looks, asks Ops Manager to cancel if the policy says so, and reads back. It begins
 * from any case and skips what that holds already, so a signal in the middle of it only means:
 * again, with the smaller budget. What it throws is a defect.
 */
export async function settle(settling: Settling): Promise<void> {
  const { signal } = settling.waiting;
  const isHurried = (): boolean => signal.aborted;
  if (!isHurried()) {
    try {
      await new Settlement(settling, UNHURRIED, signal).run();
      return;
    } catch (error) {
      if (!isHurried()) throw error;
    }
  }
  await new Settlement(settling, HURRIED, new AbortController().signal).run();
}

class Settlement {
  readonly #api: ImportApi;
  readonly #cell: CaseCell;
  readonly #waiting: Waiting;
  readonly #onRetry: Settling['onRetry'];
  readonly #budget: Budget;
  /** When looking, asking and all of it ends. */
  readonly #lookUntil: number;
  readonly #askUntil: number;
  readonly #until: number;

  constructor({ api, cell, waiting, onRetry }: Settling, budget: Budget, signal: AbortSignal) {
    const now = waiting.clock.now();
    this.#api = api;
    this.#cell = cell;
    this.#waiting = { ...waiting, signal };
    this.#onRetry = onRetry;
    this.#budget = budget;
    this.#lookUntil = now + budget.lookMs;
    this.#askUntil = now + budget.askMs;
    this.#until = now + budget.allMs;
  }

  async run(): Promise<void> {
    if (isAnswered(this.#case, this.#cell.terms) && this.#case.isConfirmed) return;
    await this.#look();
    if (!mustAsk(this.#case, this.#cell.terms)) return;
    await this.#ask();
    await this.#readBack();
  }

  get #case(): Case {
    return this.#cell.case;
  }

  get #now(): number {
    return this.#waiting.clock.now();
  }

  /** One good read before anything is cancelled; a created import is looked for in the lists. */
  async #look(): Promise<void> {
    const { creation, id, discovery, isConfirmed } = this.#case;
    if (isAmbiguous(this.#case) || discovery?.others) return;
    if (creation || (discovery && !isConfirmed)) {
      if (id === undefined && !mayBeRunning(this.#case)) return;
      // Whose import it is was known before: half of the time is then for reading it.
      const lookMs = this.#lookUntil - this.#now;
      await this.#lookInLists(id === undefined ? this.#lookUntil : this.#now + lookMs / 2);
    }
    if (this.#case.id === undefined || isAmbiguous(this.#case) || !mayBeRunning(this.#case)) return;
    await this.#readOnce(this.#lookUntil);
    if (needsConfirmation(this.#case, this.#cell.terms)) await this.#confirm();
  }

  /** Lists until it is known what the step has created, or that nothing was. */
  async #lookInLists(until: number): Promise<void> {
    do {
      if (!(await this.#list(until))) return;
      const { creation, id, quiet } = this.#case;
      if (!creation || id !== undefined || isAmbiguous(this.#case)) return;
      if (find(creation).outsiders.length > 0) return;
      if (!hasAccepted(creation) && quiet.ms >= LISTING_DELAY_MS) return;
      await this.#pause(this.#budget.listPauseMs, until);
    } while (this.#now < until);
  }

  /** A goal that was reached wants a list that leaves no doubt whose import it is. */
  async #confirm(): Promise<void> {
    do {
      if (!(await this.#list(this.#lookUntil))) return;
      if (!needsConfirmation(this.#case, this.#cell.terms) || isAmbiguous(this.#case)) return;
      await this.#pause(this.#budget.listPauseMs, this.#lookUntil);
    } while (this.#now < this.#lookUntil);
  }

  /** A good list within the time, recorded; false when there was none. */
  async #list(until: number): Promise<boolean> {
    let askedAt = this.#now;
    const list = await this.#within(until, (options) => {
      askedAt = this.#now;
      return this.#api.listImports(options);
    });
    if (list instanceof ApiError) return false;
    this.#cell.record(listed(list, this.#now, askedAt));
    return true;
  }

  /** One good read within the time, or 404s until the import counts as gone. */
  async #readOnce(until: number): Promise<void> {
    const id = this.#case.id;
    if (id === undefined) return;
    for (;;) {
      const request = await this.#within(until, (options) => this.#api.readImport(id, options));
      if (!(request instanceof ApiError)) {
        this.#cell.record(read(request, this.#now));
        return;
      }
      this.#cell.record(isNotFound(request) ? notFound('read', this.#now) : faltered);
      if (!isNotFound(request)) return;
      if (isMissing(this.#case) || !this.#hasRoom(until)) return;
      await this.#pause(PAUSE_MS, until);
    }
  }

  /** Asks until Ops Manager accepts or refuses; one that was accepted is not asked again. */
  async #ask(): Promise<void> {
    const id = this.#case.id;
    if (id === undefined) return;
    while (!this.#case.cancel.isAccepted) {
      const answer = await this.#within(this.#askUntil, (options) => this.#askOnce(id, options));
      if (!(answer instanceof ApiError)) {
        this.#cell.record(accepted);
        return;
      }
      if (!isNotFound(answer)) return;
      // One node may lag behind the others.
      if (isMissing(this.#case) || !this.#hasRoom(this.#askUntil)) return;
      await this.#pause(PAUSE_MS, this.#askUntil);
    }
  }

  async #askOnce(id: string, options: CallOptions): Promise<void> {
    this.#cell.record(asking);
    try {
      await this.#api.cancelImport(id, options);
    } catch (error) {
      if (!(error instanceof ApiError)) throw error;
      if (error.kind !== 'refused') this.#cell.record(unanswered(troubleOf(error)));
      else if (isNotFound(error)) this.#cell.record(notFound('cancel', this.#now));
      else this.#cell.record(refused(troubleOf(error)));
      throw error;
    }
  }

  /** Reads until the import has ended, is gone, or ten seconds have passed without an answer. */
  async #readBack(): Promise<void> {
    const id = this.#case.id;
    if (id === undefined) return;
    while (!isGone(this.#case)) {
      const until = Math.min(this.#until, this.#now + UNANSWERED_MS);
      const request = await this.#within(until, (options) => this.#api.readImport(id, options));
      if (!(request instanceof ApiError)) {
        this.#cell.record(read(request, this.#now));
        if (!isInProgress(request)) return;
      } else if (isNotFound(request)) {
        this.#cell.record(notFound('read', this.#now));
        // What was said when it was asked before does not tell whether it is there now.
        if (isMissing(this.#case) && mustAsk(this.#case, this.#cell.terms))
          await this.#within(until, (options) => this.#askOnce(id, options));
        if (isGone(this.#case)) return;
      } else {
        return;
      }
      if (!this.#hasRoom(this.#until)) return;
      await this.#pause(PAUSE_MS, this.#until);
    }
  }

  /** The answer to a call within the time, or the error that stays. @throws the signal's reason. */
  async #within<T>(
    until: number,
    call: (options: CallOptions) => Promise<T>
  ): Promise<T | ApiError> {
    const { signal } = this.#waiting;
    try {
      return await retried(call, {
        ...this.#waiting,
        giveUpAt: () => until,
        lastAttempt: false,
        hasWorked: () => this.#case.hasWorked,
        onFailure: (error) => {
          this.#cell.record(faltered);
          this.#onRetry(error);
        }
      });
    } catch (error) {
      if (signal.aborted || !(error instanceof ApiError)) throw error;
      if (isAnswer(error)) this.#cell.record(worked);
      return error;
    }
  }

  /** Whether there is time for another call after a pause. */
  #hasRoom(until: number): boolean {
    return this.#now + PAUSE_MS + this.#budget.shortestCallMs <= until;
  }

  async #pause(ms: number, until: number): Promise<void> {
    const { clock, signal } = this.#waiting;
    await clock.sleep(Math.max(0, Math.min(ms, until - clock.now())), signal);
  }
}
