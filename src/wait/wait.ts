import { creationOf, type Ending } from '../case/case.ts';
import { LISTING_DELAY_MS } from '../case/creation.ts';
import { ApiError, type ImportList, isNotFound } from '../case/import-api.ts';
import { briefly, type Import, isInProgress, isLagging, timeInStateMs } from '../case/import.ts';
import { listDoubted, waitEnded, wasNotFound, wasRead } from '../case/transitions.ts';
import {
  isAmbiguous,
  isAnswered,
  isMissing,
  isOurs,
  isQuiet,
  lacksList,
  standsAtGoal
} from '../case/verdict.ts';
import { readCandidates, readRunning } from './identify.ts';
import { LIST_PAUSE_MS, noteList, readList, type Standing, type Step } from './step.ts';
import { Cadence } from './retry.ts';
import { StallClock } from './patience.ts';

/** While the import is not found, whatever `poll-interval` is: a minute is to be made of answers. */
const MISSING_PAUSE_MS = 10_000;
const RELIST_AFTER_FAILURE_MS = 10_000;
/** Between a list that fell due and the next one, where it did not show what it has to. */
const SHORTEST_PAUSE_MS = 1_000;

/**
 * Reads the import until Ops Manager has given an answer; gives the ending when there is none, or
 * says that the import was let go because it cannot be this step's.
 * @throws what `Patience.endingOf` understands.
 */
export async function waitForGoal(step: Step): Promise<Ending | 'let go' | undefined> {
  return new Waiter(step).run();
}

class Waiter {
  readonly #step: Step;
  readonly #cadence: Cadence;
  readonly #stall: StallClock;
  /** No list before, after one that was due and failed. */
  #relistFrom = 0;
  /** When a list last held a 404 to be the import's alone. */
  #listedAt = -Infinity;
  /** The state that was noticed last. */
  #state: string | undefined;
  #inStateBeforeMs = 0;
  #stateSince: number;
  /** What lists have shown in progress beside an import that is not this step's yet. */
  readonly #others = new Map<string, Import>();

  constructor(step: Step) {
    const { clock, random } = step.timing;
    this.#step = step;
    this.#cadence = new Cadence(step.options.pollIntervalMs, random);
    this.#stall = new StallClock(step.options.stallTimeoutMs, clock, () => step.patience.outageMs);
    this.#stateSince = clock.now();
  }

  async run(): Promise<Ending | 'let go' | undefined> {
    const { cell, patience } = this.#step;
    const { id } = cell.case;
    for (;;) {
      const read = await this.#read();
      const isListed = await this.#relistIfDue();
      // What a list has shown counts after a read that was asked for after it.
      const last = (isListed ? await this.#read() : undefined) ?? read;
      const { case: c } = cell;
      if (c.id !== id) return 'let go';
      if (c.read) this.#notice(c.read);
      const ending = this.#endingNow(last);
      if (ending) return ending;
      if (isAnswered(c, cell.terms)) return undefined;
      await patience.pause(lacksList(c, cell.terms) ? LIST_PAUSE_MS : this.#pauseMs());
    }
  }

  #pauseMs(): number {
    const { cell, diagnosis, timing } = this.#step;
    const { case: c } = cell;
    const now = timing.clock.now();
    const untilDue = (dueAt: number): number => Math.max(SHORTEST_PAUSE_MS, dueAt - now);
    const isNowhere = c.missing !== undefined || c.read === undefined;
    return Math.min(
      this.#cadence.next(),
      isNowhere ? MISSING_PAUSE_MS : Infinity,
      // At its end the stall waits for a good read, and no read comes sooner for it.
      isOurs(c) && this.#stall.leftMs > 0 ? this.#stall.leftMs : Infinity,
      untilDue(diagnosis?.dueAt ?? Infinity),
      untilDue(this.#relistAt)
    );
  }

  /** A good read, or undefined when Ops Manager knows no such import, or its node lags. */
  async #read(): Promise<Import | undefined> {
    const { api, cell, patience, timing } = this.#step;
    const id = cell.case.id ?? '';
    try {
      const { read, askedAt } = await patience.call('read', async (options) => ({
        askedAt: timing.clock.now(),
        read: await api.readImport(id, options)
      }));
      return this.#take(read, askedAt) ? read : undefined;
    } catch (error) {
      if (!isNotFound(error)) throw error;
      await this.#onNotFound(error);
      return undefined;
    }
  }

  /** Records a read; gives whether it is not behind what was known. */
  #take(read: Import, askedAt: number): boolean {
    const { cell, diagnosis, observer, timing } = this.#step;
    const known = cell.case.read;
    cell.record(wasRead(read, timing.clock.now(), askedAt));
    if (isLagging(known, read)) return false;
    this.#notice(read);
    diagnosis?.follow(read, timing.signal);
    observer.onRead(read, this.#standing(), () => diagnosis?.rollout);
    return true;
  }

  /** A state that is new, whether a read or a list was the first to tell of it. */
  #notice(read: Import): void {
    if (this.#state === read.state) return;
    this.#state = read.state;
    this.#cadence.restart();
    this.#stall.restart();
    this.#stateSince = this.#step.timing.clock.now();
    this.#inStateBeforeMs = timeInStateMs(read) ?? 0;
  }

  #standing(): Standing {
    const { clock } = this.#step.timing;
    return {
      inStateMs: this.#inStateBeforeMs + clock.now() - this.#stateSince,
      untilTimeoutMs: this.#step.patience.leftMs,
      untilStallMs: this.#stall.leftMs
    };
  }

  /**
   * Lists tell whether the import is missing, or the API: one node may lag behind the others, and
   * where the list's own path answers 404 too, nothing is. One that was given but is nowhere, for
   * 30 s of good answers, is an error.
   */
  async #onNotFound(error: ApiError): Promise<void> {
    const { cell, timing } = this.#step;
    // An outage reaches back to the last usable answer, which a good list was.
    const since = Math.max(cell.case.missing?.since ?? timing.clock.now(), this.#listedAt);
    if (cell.case.read) cell.record(wasNotFound(timing.clock.now()));
    const list = await readList(this.#step, since);
    this.#listedAt = timing.clock.now();
    await this.#isAlone(list);
    if (cell.case.read || !isQuiet(cell.case)) return;
    const cause = {
      kind: 'unknown',
      found: briefly(list.imports),
      trouble: error.trouble
    } as const;
    cell.record(waitEnded({ kind: 'error', cause }));
  }

  /** When a list is due that has to say whose the import is. */
  get #relistAt(): number {
    const { case: c } = this.#step.cell;
    const creation = creationOf(c);
    const closesAt = creation && !creation.isClosed ? creation.closesAt : undefined;
    const dueAt = c.origin === 'found' && !c.isOurs ? c.dueAt : closesAt;
    return Math.max(dueAt ?? Infinity, this.#relistFrom);
  }

  /** Reads a list that is due; gives whether it needs a read after it. */
  async #relistIfDue(): Promise<boolean> {
    const { cell, patience, timing } = this.#step;
    const { case: c } = cell;
    const isDue = timing.clock.now() >= this.#relistAt && patience.leftMs > 0;
    const list = lacksList(c, cell.terms)
      ? await readList(this.#step)
      : isDue && (await this.#relist());
    if (!list) return false;
    await readCandidates(this.#step);
    return this.#isAlone(list);
  }

  /** A list that fails forbids only what it has to confirm, so the reads go on, and a later one tries again. */
  async #relist(): Promise<ImportList | undefined> {
    const { api, observer, patience, timing } = this.#step;
    const { clock, signal } = timing;
    const askedAt = clock.now();
    try {
      const list = await api.listImports({ signal, limitMs: patience.leftMs });
      noteList(this.#step, list, askedAt);
      this.#relistFrom = clock.now() + LIST_PAUSE_MS;
      return list;
    } catch (error) {
      if (!(error instanceof ApiError)) throw error;
      this.#relistFrom = clock.now() + RELIST_AFTER_FAILURE_MS;
      observer.onRetry(error);
      return undefined;
    }
  }

  /** Whether a list that counts shows what was found as the only one that runs. */
  async #isAlone(list: ImportList): Promise<boolean> {
    const { cell, timing } = this.#step;
    const { case: c } = cell;
    if (c.origin !== 'found' || c.isOurs) return false;
    for (const each of list.imports.filter(isInProgress))
      if (each.id !== c.id) this.#others.set(each.id, each);
    if (c.listedAt === undefined || !c.read) return false;
    const isListed = new Set(list.imports.map(({ id }) => id));
    const { imports, unread } = await readRunning(this.#step, [...this.#others.values()]);
    const others = [...imports, ...unread.filter(({ id }) => isListed.has(id))];
    if (others.length === 0) return true;
    // Lists are late: one that no read finds may be gone.
    const mayBeGone = timing.clock.now() < (c.dueAt ?? 0) + LISTING_DELAY_MS;
    if (imports.length === 0 && mayBeGone) {
      cell.record(listDoubted);
      return false;
    }
    const found = briefly([c.read, ...others]);
    cell.record(waitEnded({ kind: 'error', cause: { kind: 'several', found } }));
    return false;
  }

  #endingNow(read: Import | undefined): Ending | undefined {
    const { cell, diagnosis, patience } = this.#step;
    const { case: c } = cell;
    if (diagnosis?.takeProgress()) this.#stall.restart();
    if (c.ending) return c.ending;
    if (isAmbiguous(c)) return { kind: 'error', cause: { kind: 'ambiguous' } };
    const isFound = c.origin === 'found' && !c.isOurs;
    if (isFound && c.read && !isInProgress(c.read))
      return { kind: 'error', cause: { kind: 'ended-early' } };
    if (isMissing(c) && !isFound) return { kind: 'error', cause: { kind: 'missing' } };
    if (isAnswered(c, cell.terms)) return undefined;
    // A read at the deadline or after it was the last one.
    if (patience.leftMs <= 0) return patience.timedOut();
    // Whose it is comes first: until then only the time ends the step.
    const canStall = !isFound && !standsAtGoal(c, cell.terms);
    const isStalled = read !== undefined && this.#stall.leftMs <= 0 && canStall;
    return isStalled ? { kind: 'stalled', stalledMs: this.#stall.unchangedMs } : undefined;
  }
}
