import { type Case, creationOf } from '../case/case.ts';
import { mayHaveCreated } from '../case/creation.ts';
import { isNotFound } from '../case/import-api.ts';
import {
  isAmbiguous,
  isAnswered,
  isKnownWhich,
  isMissing,
  isOurs,
  isQuiet,
  lacksList,
  mayBeRunning,
  mayHaveRivals,
  mustAsk
} from '../case/verdict.ts';
import { BudgetedCalls, type Settling, type Until } from './budget.ts';
import type { CaseCell } from './case-cell.ts';
import { decideAmong } from './identify.ts';
import type { Clock } from '../time.ts';

const UNANSWERED_MS = 10_000;
/** What is left of a look for a read, after lists. */
const READING_MS = 10_000;

/**
 * Settles a case: looks, asks Ops Manager to cancel if the policy says so, and reads back. It begins
 * from any case and skips what that holds already, so a signal in the middle of it only means:
 * again, with the smaller budget.
 */
export async function settle(settling: Settling): Promise<void> {
  try {
    await new Settlement(settling, false).run();
  } catch (error) {
    // A signal that came before cuts the first call, which is not sent.
    if (!settling.timing.signal.aborted) throw error;
    await new Settlement(settling, true).run();
  }
}

class Settlement {
  readonly #calls: BudgetedCalls;
  readonly #cell: CaseCell;
  readonly #clock: Clock;
  readonly #isHurried: boolean;

  constructor(settling: Settling, isHurried: boolean) {
    this.#isHurried = isHurried;
    this.#calls = new BudgetedCalls(settling, isHurried);
    this.#cell = settling.cell;
    this.#clock = settling.timing.clock;
  }

  async run(): Promise<void> {
    if (isAnswered(this.#case, this.#cell.terms) && isOurs(this.#case)) return;
    await this.#look();
    const id = this.#toCancel;
    if (id === undefined) return;
    await this.#ask(id);
    await this.#readBack();
    // It may have come to its goal after all.
    if (this.#lacksList) await this.#confirm(this.#calls.all);
    else if (this.#isClosingListDue) await this.#listAndDecide(this.#calls.all);
    // What was asked to be cancelled may be none of this step's, or one of several.
    if (isAmbiguous(this.#case)) await this.#lookInLists(this.#calls.all);
  }

  get #case(): Case {
    return this.#cell.case;
  }

  /** The import that runs on, and is to be cancelled. */
  get #toCancel(): string | undefined {
    return mustAsk(this.#case, this.#cell.terms) ? this.#case.id : undefined;
  }

  /** Who is new until then may be this step's as well. */
  get #isClosingListDue(): boolean {
    const { isClosed, closesAt = Infinity } = creationOf(this.#case) ?? {};
    return !isClosed && this.#clock.now() >= closesAt;
  }

  /** The closing list comes first, if the look has time for it: a hurried one has not. */
  get #awaitsClosingList(): boolean {
    const hasTime = this.#clock.now() < this.#calls.look() - READING_MS;
    return hasTime && mayHaveRivals(this.#case);
  }

  get #lacksList(): boolean {
    return lacksList(this.#case, this.#cell.terms);
  }

  /** One good read before anything is cancelled; a created import is looked for in the lists. */
  async #look(): Promise<void> {
    const { case: c } = this.#cell;
    switch (c.origin) {
      case 'given':
        if (mayBeRunning(c)) await this.#readOnce(c.id);
        return;
      case 'found':
        if (c.id === undefined) {
          if (c.resumed?.isForgotten) await this.#nameThoseInProgress();
        } else if (mayBeRunning(c)) await this.#readOnce(c.id);
        // What is not this step's when the wait ends never becomes so.
        return;
      case 'created':
        await this.#lookForCreated();
    }
  }

  async #lookForCreated(): Promise<void> {
    const { look } = this.#calls;
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
      const half = (this.#clock.now() + look()) / 2;
      const isShort = (): boolean => id !== undefined && !this.#awaitsClosingList;
      await this.#lookInLists(() => (isShort() ? half : look()));
      if (!isKnownWhich(this.#case) || !mayBeRunning(this.#case)) return;
      if (this.#case.id !== undefined) await this.#readOnce(this.#case.id);
      // A read may say that it is none of this step's: then the look goes on.
    } while (this.#case.id === undefined && this.#calls.hasTimeForMore(look));
    if (this.#lacksList) await this.#confirm(look);
  }

  /** What is in progress may be this step's, as far as its post step can know: lists are late. */
  async #nameThoseInProgress(): Promise<void> {
    const { look } = this.#calls;
    while (await this.#calls.list(look)) {
      if (isQuiet(this.#case)) return;
      await this.#calls.pauseBetweenLists(look);
    }
  }

  /** Lists until it is known what the step has created, or that nothing was; several are listed on. */
  async #lookInLists(until: Until): Promise<void> {
    let end = until;
    do {
      if (!(await this.#listAndDecide(end))) return;
      const creation = creationOf(this.#case);
      if (creation?.isAmbiguous) {
        if (creation.isClosed) return;
        end = this.#calls.all;
      } else {
        const isFound = this.#case.id !== undefined && isKnownWhich(this.#case);
        const isEnough = isFound || !mayBeRunning(this.#case);
        if (isEnough && !this.#awaitsClosingList) return;
      }
      await this.#calls.pauseBetweenLists(end);
    } while (this.#calls.hasTime(end));
  }

  /** A goal that was reached wants a list that leaves no doubt whose import it is. */
  async #confirm(until: Until): Promise<void> {
    do {
      if (!(await this.#listAndDecide(until))) return;
      if (!this.#lacksList || !isKnownWhich(this.#case)) return;
      await this.#calls.pauseBetweenLists(until);
    } while (this.#calls.hasTime(until));
  }

  /** A good list within the time, and reads of the candidates where there are several. */
  async #listAndDecide(until: Until): Promise<boolean> {
    if (!(await this.#calls.list(until))) return false;
    await decideAmong(this.#cell, this.#clock, (id) => this.#calls.readCandidate(id, until));
    return true;
  }

  /** One good read within the time of the look, or 404s for a minute and a list at its end. */
  async #readOnce(id: string): Promise<void> {
    const { look, ask } = this.#calls;
    const silentAt = this.#clock.now() + UNANSWERED_MS;
    // A process that was suspended has none of its look left.
    const isOver = !this.#isHurried && !this.#calls.hasTime(look);
    const until = isOver ? () => Math.min(ask(), silentAt) : look;
    do {
      const read = await this.#calls.read(id, until);
      if (!isNotFound(read)) return;
      if (isMissing(this.#case)) {
        await this.#calls.list(until);
        return;
      }
    } while (await this.#calls.pause(until));
  }

  /** Asks until Ops Manager accepts or refuses; one that was accepted is not asked again. */
  async #ask(id: string): Promise<void> {
    const { ask } = this.#calls;
    if (this.#case.cancel.isAccepted) return;
    do {
      const answer = await this.#calls.cancel(id, ask);
      // One node may lag behind the others.
      if (!isNotFound(answer)) return;
      if (isMissing(this.#case)) {
        await this.#calls.list(ask);
        return;
      }
    } while (await this.#calls.pause(ask));
  }

  /** Reads until nothing is left to cancel, or ten seconds have passed without an answer. */
  async #readBack(): Promise<void> {
    const { all } = this.#calls;
    do {
      const id = this.#toCancel;
      if (id === undefined) return;
      const silentAt = this.#clock.now() + UNANSWERED_MS;
      const read = await this.#calls.read(id, () => Math.min(all(), silentAt));
      if (isNotFound(read)) await this.#makeSure(id);
      else if (read instanceof Error) return;
    } while (this.#toCancel !== undefined && (await this.#calls.pause(all)));
  }

  /** What was said to the asking before does not tell whether the import is there now. */
  async #makeSure(id: string): Promise<void> {
    const { missing, cancel } = this.#case;
    if (!missing || !isMissing(this.#case)) return;
    const { all } = this.#calls;
    if (!missing.wasAsked && !cancel.isAccepted) await this.#calls.cancel(id, all);
    if (this.#case.missing?.isUnlisted === false) await this.#calls.list(all);
  }
}
