import { creationOf, wasAsked, type Case } from '../case/case.ts';
import { hasAccepted, hasNews, LISTING_DELAY_MS, mayHaveCreated } from '../case/creation.ts';
import { ApiError, isNotFound, type CallOptions, type ImportApi } from '../case/import-api.ts';
import type { Import } from '../case/import.ts';
import {
  callFailed,
  cancelAccepted,
  cancelAnnounced,
  cancelNotSent,
  cancelRefused,
  cancelUnanswered,
  wasListed,
  wasNotFound,
  wasRead
} from '../case/transitions.ts';
import {
  isAmbiguous,
  isAnswered,
  isKnownWhich,
  isMissing,
  isOurs,
  lacksList,
  mayBeRunning,
  mustAsk
} from '../case/verdict.ts';
import {
  Allotment,
  failureOf,
  HURRIED,
  NO_TIME_TO_ASK,
  NoTimeLeft,
  UNHURRIED,
  type Budget,
  type Until
} from './budget.ts';
import type { CaseCell } from './case-cell.ts';
import { decideAmong } from './identify.ts';
import { troubleOf } from './patience.ts';
import type { Timing } from './retry.ts';
import type { Clock } from '../clock.ts';

const PAUSE_MS = 1_000;
const UNANSWERED_MS = 10_000;

/** What settling works with; the signal of `timing` is a real one, after which seconds are left. */
export interface Settling {
  readonly api: ImportApi;
  readonly cell: CaseCell;
  readonly timing: Timing;
  /** Told of each failed attempt; must not throw. */
  readonly onRetry: (error: ApiError) => void;
}

/**
 * Settles a case: looks, asks Ops Manager to cancel if the policy says so, and reads back. It begins
 * from any case and skips what that holds already, so a signal in the middle of it only means:
 * again, with the smaller budget.
 */
export async function settle(settling: Settling): Promise<void> {
  const { signal } = settling.timing;
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
  readonly #clock: Clock;
  readonly #allotment: Allotment;

  constructor(settling: Settling, budget: Budget, signal: AbortSignal) {
    const { api, cell, timing } = settling;
    this.#api = api;
    this.#cell = cell;
    this.#clock = timing.clock;
    this.#allotment = new Allotment({ ...settling, timing: { ...timing, signal } }, budget);
  }

  async run(): Promise<void> {
    if (isAnswered(this.#case, this.#cell.terms) && isOurs(this.#case)) return;
    await this.#look();
    if (!this.#mustAsk()) return;
    await this.#ask();
    await this.#readBack();
    // It may have come to its goal after all.
    if (lacksList(this.#case, this.#cell.terms)) await this.#confirm(this.#allotment.all);
    // A read may say that what was asked to be cancelled is none of this step's.
    if (isAmbiguous(this.#case)) await this.#lookInLists(this.#allotment.all);
  }

  get #case(): Case {
    return this.#cell.case;
  }

  /** Whether the import runs on, and is to be cancelled. */
  #mustAsk(): boolean {
    return mustAsk(this.#case, this.#cell.terms);
  }

  get #now(): number {
    return this.#clock.now();
  }

  /** One good read before anything is cancelled; a created import is looked for in the lists. */
  async #look(): Promise<void> {
    const { case: c } = this.#cell;
    switch (c.origin) {
      case 'given':
        if (mayBeRunning(c)) await this.#readOnce(this.#allotment.look);
        return;
      case 'found':
        if (c.id === undefined && c.resumed?.isForgotten) await this.#nameThoseInProgress();
        // What is not this step's when the wait ends never becomes so.
        else if (mayBeRunning(c)) await this.#readOnce(this.#allotment.look);
        return;
      case 'created':
        await this.#lookForCreated();
    }
  }

  async #lookForCreated(): Promise<void> {
    do {
      const { id } = this.#case;
      const creation = creationOf(this.#case);
      if (id === undefined && !mayBeRunning(this.#case)) return;
      if (!creation || !mayHaveCreated(creation)) {
        await this.#nameThoseInProgress();
        return;
      }
      if (creation.isAmbiguous && creation.isClosed) return;
      // Whose import it is was known before: half of the time is then for reading it.
      const half = (this.#now + this.#allotment.look()) / 2;
      await this.#lookInLists(id === undefined ? this.#allotment.look : () => half);
      if (!isKnownWhich(this.#case) || !mayBeRunning(this.#case)) return;
      await this.#readOnce(this.#allotment.look);
      // A read may say that it is none of this step's: then the look goes on.
    } while (
      this.#case.id === undefined &&
      this.#allotment.hasRoom(this.#allotment.look, PAUSE_MS)
    );
    if (lacksList(this.#case, this.#cell.terms)) await this.#confirm(this.#allotment.look);
  }

  /** What is in progress may be this step's, as far as its post step can know: lists are late. */
  async #nameThoseInProgress(): Promise<void> {
    const { look, listPauseMs } = this.#allotment;
    while (await this.#list(look)) {
      if (this.#case.quiet.ms >= LISTING_DELAY_MS) return;
      await this.#allotment.pause(listPauseMs, look);
    }
  }

  /** Lists until it is known what the step has created, or that nothing was; several are listed on. */
  async #lookInLists(until: Until): Promise<void> {
    let end = until;
    do {
      if (!(await this.#list(end))) return;
      await this.#readCandidates(end);
      const { id, quiet } = this.#case;
      const creation = creationOf(this.#case);
      if (!creation) return;
      if (creation.isAmbiguous) {
        if (creation.isClosed) return;
        end = this.#allotment.all;
      } else {
        if (id !== undefined && isKnownWhich(this.#case)) return;
        const isQuiet = quiet.ms >= LISTING_DELAY_MS && !hasNews(creation);
        if (isQuiet && !hasAccepted(creation)) return;
      }
      await this.#allotment.pause(this.#allotment.listPauseMs, end);
    } while (this.#allotment.hasTime(end));
  }

  async #readCandidates(until: Until): Promise<void> {
    await decideAmong(this.#cell, this.#clock, (id) =>
      this.#allotment.within('read', until, (options) => this.#api.readImport(id, options))
    );
  }

  /** A goal that was reached wants a list that leaves no doubt whose import it is. */
  async #confirm(until: Until): Promise<void> {
    do {
      if (!(await this.#list(until))) return;
      await this.#readCandidates(until);
      if (!lacksList(this.#case, this.#cell.terms) || !isKnownWhich(this.#case)) return;
      await this.#allotment.pause(this.#allotment.listPauseMs, until);
    } while (this.#allotment.hasTime(until));
  }

  /** A good list within the time, recorded; false when there was none. */
  async #list(until: Until): Promise<boolean> {
    let askedAt = this.#now;
    const list = await this.#allotment.within('list', until, (options) => {
      askedAt = this.#now;
      return this.#api.listImports(options);
    });
    if (list instanceof Error) return false;
    this.#cell.record(wasListed(list, this.#now, askedAt));
    return true;
  }

  /** One good read within the time, or 404s for a minute and a list at its end. */
  async #readOnce(until: Until): Promise<void> {
    for (;;) {
      const read = await this.#readNow(until);
      if (!isNotFound(read)) return;
      if (isMissing(this.#case)) {
        await this.#list(until);
        return;
      }
      if (!this.#allotment.hasRoom(until, PAUSE_MS)) return;
      await this.#allotment.pause(PAUSE_MS, until);
    }
  }

  /** A read within the time, or what it came to, recorded. */
  async #readNow(until: Until): Promise<Import | Error> {
    const { id } = this.#case;
    if (id === undefined) return new NoTimeLeft();
    let askedAt = this.#now;
    const read = await this.#allotment.within('read', until, (options) => {
      askedAt = this.#now;
      return this.#api.readImport(id, options);
    });
    if (!(read instanceof Error)) this.#cell.record(wasRead(read, this.#now, askedAt));
    else if (isNotFound(read)) this.#cell.record(wasNotFound('read', this.#now));
    else if (read instanceof ApiError) this.#cell.record(callFailed);
    return read;
  }

  /** Asks until Ops Manager accepts or refuses; one that was accepted is not asked again. */
  async #ask(): Promise<void> {
    while (!this.#case.cancel.isAccepted) {
      const answer = await this.#askWithin(this.#allotment.ask);
      // One node may lag behind the others.
      if (!isNotFound(answer)) return;
      if (isMissing(this.#case)) {
        await this.#list(this.#allotment.ask);
        return;
      }
      if (!this.#allotment.hasRoom(this.#allotment.ask, PAUSE_MS)) return;
      await this.#allotment.pause(PAUSE_MS, this.#allotment.ask);
    }
  }

  async #askWithin(until: Until): Promise<undefined | Error> {
    const { id } = this.#case;
    if (id === undefined) return undefined;
    const answer = await this.#allotment.within('cancel', until, (options) =>
      this.#askOnce(id, options)
    );
    const wasSent = wasAsked(this.#case) || this.#case.missing?.wasAsked === true;
    if (answer instanceof NoTimeLeft && !wasSent) this.#cell.record(cancelNotSent(NO_TIME_TO_ASK));
    return answer;
  }

  async #askOnce(id: string, options: CallOptions): Promise<undefined> {
    this.#cell.record(cancelAnnounced);
    try {
      await this.#api.cancelImport(id, options);
    } catch (error) {
      if (this.#allotment.isOver) throw error;
      const failure = failureOf(error);
      if (failure.kind !== 'refused') this.#cell.record(cancelUnanswered(troubleOf(failure)));
      else if (isNotFound(failure)) this.#cell.record(wasNotFound('cancel', this.#now));
      else this.#cell.record(cancelRefused(troubleOf(failure)));
      throw failure;
    }
    this.#cell.record(cancelAccepted(this.#now));
    return undefined;
  }

  /** Reads until nothing is left to cancel, or ten seconds have passed without an answer. */
  async #readBack(): Promise<void> {
    while (this.#mustAsk()) {
      const silentAt = this.#now + UNANSWERED_MS;
      const read = await this.#readNow(() => Math.min(this.#allotment.all(), silentAt));
      if (isNotFound(read)) await this.#makeSure();
      else if (read instanceof Error) return;
      if (!this.#mustAsk() || !this.#allotment.hasRoom(this.#allotment.all, PAUSE_MS)) return;
      await this.#allotment.pause(PAUSE_MS, this.#allotment.all);
    }
  }

  /** What was said to the asking before does not tell whether the import is there now. */
  async #makeSure(): Promise<void> {
    const { missing, cancel } = this.#case;
    if (!missing || !isMissing(this.#case)) return;
    if (!missing.wasAsked && !cancel.isAccepted) await this.#askWithin(this.#allotment.all);
    if (this.#case.missing?.isUnlisted === false) await this.#list(this.#allotment.all);
  }
}
