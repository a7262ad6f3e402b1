import { ended, faltered, listed, notFound, read } from '../case/transitions.ts';
import type { Ending } from '../case/ending.ts';
import { ApiError, isNotFound } from '../case/import-api.ts';
import { briefly, isLagging, timeInStateMs, type Import } from '../case/import.ts';
import { isAmbiguous, isAnswered, isMissing, needsConfirmation } from '../case/verdict.ts';
import { Cadence } from './cadence.ts';
import type { Gate } from './gate.ts';
import { readList } from './identify.ts';
import { troubleOf, type Patience } from './patience.ts';
import { StallClock } from './stall-clock.ts';

const RELIST_PAUSE_MS = 2_000;
/** While the import is not found, whatever `poll-interval` is: a minute is to be made of answers. */
const MISSING_PAUSE_MS = 10_000;
const RELIST_AFTER_FAILURE_MS = 10_000;

/** Where a wait stands, in milliseconds. */
export interface Standing {
  /** How long the import has been in its state, also before this step first saw it there. */
  readonly inStateMs: number;
  readonly untilTimeoutMs: number;
  /** Infinity without a stall timeout. */
  readonly untilStallMs: number;
}

/**
 * Reads the import until Ops Manager has given an answer; gives the ending when there is none.
 * `relistAt`: when a list shall confirm whose import it is.
 * @throws what `Patience.endingOf` understands.
 */
export async function waitForGoal(
  gate: Gate,
  patience: Patience,
  relistAt: number | undefined
): Promise<Ending | undefined> {
  return new Waiter(gate, patience, relistAt).run();
}

class Waiter {
  readonly #gate: Gate;
  readonly #patience: Patience;
  readonly #cadence: Cadence;
  readonly #stall: StallClock;
  #relistAt: number;
  /** The state that was noticed last. */
  #state: string | undefined;
  #inStateBeforeMs = 0;
  #stateSince: number;

  constructor(gate: Gate, patience: Patience, relistAt: number | undefined) {
    const { clock, random } = gate.waiting;
    this.#gate = gate;
    this.#patience = patience;
    this.#cadence = new Cadence(gate.options.pollIntervalMs, random);
    this.#stall = new StallClock(gate.options.stallTimeoutMs, clock, () => patience.outageMs);
    this.#relistAt = relistAt ?? Infinity;
    this.#stateSince = clock.now();
  }

  async run(): Promise<Ending | undefined> {
    const { cell } = this.#gate;
    for (;;) {
      const request = await this.#read();
      await this.#relistIfDue();
      if (cell.case.read) this.#notice(cell.case.read);
      const ending = this.#endingNow(request);
      if (ending) return ending;
      if (isAnswered(cell.case, cell.terms)) return undefined;
      if (needsConfirmation(cell.case, cell.terms)) {
        await this.#patience.pause(RELIST_PAUSE_MS);
      } else {
        await this.#patience.pause(this.#pauseMs());
      }
    }
  }

  #pauseMs(): number {
    const { diagnosis, waiting } = this.#gate;
    const lookInMs = Math.max(0, (diagnosis?.dueAt ?? Infinity) - waiting.clock.now());
    const longestMs = this.#gate.cell.case.missing ? MISSING_PAUSE_MS : Infinity;
    const pauses = [this.#cadence.next(), longestMs, this.#stall.leftMs, Math.max(1_000, lookInMs)];
    return Math.min(...pauses);
  }

  /** A good read, or undefined when Ops Manager knows no such import, or its node lags. */
  async #read(): Promise<Import | undefined> {
    const { api, cell, waiting } = this.#gate;
    const id = cell.case.id ?? '';
    try {
      const request = await this.#patience.call((options) => api.readImport(id, options));
      return this.#take(request) ? request : undefined;
    } catch (error) {
      if (!isNotFound(error)) cell.record(faltered);
      if (waiting.signal.aborted || !isNotFound(error)) throw error;
      await this.#onNotFound(error);
      return undefined;
    }
  }

  /** Records a read; gives whether it is newer than what was known. */
  #take(request: Import): boolean {
    const { cell, diagnosis, waiting, observer } = this.#gate;
    const known = cell.case.read;
    cell.record(read(request, waiting.clock.now()));
    if (isLagging(known, request)) return false;
    this.#notice(request);
    diagnosis?.follow(request, waiting.signal);
    observer.onRead(request, this.#standing(), () => diagnosis?.rollout);
    return true;
  }

  /** A state that is new, whether a read or a list was the first to tell of it. */
  #notice(request: Import): void {
    if (this.#state === request.state) return;
    this.#state = request.state;
    this.#cadence.restart();
    this.#stall.restart();
    this.#stateSince = this.#gate.waiting.clock.now();
    this.#inStateBeforeMs = timeInStateMs(request) ?? 0;
  }

  #standing(): Standing {
    const { clock } = this.#gate.waiting;
    return {
      inStateMs: this.#inStateBeforeMs + clock.now() - this.#stateSince,
      untilTimeoutMs: this.#patience.leftMs,
      untilStallMs: this.#stall.leftMs
    };
  }

  /** An import that was given but is nowhere is an error; one that was seen may be on other nodes. */
  async #onNotFound(error: ApiError): Promise<void> {
    const { cell, waiting } = this.#gate;
    if (!cell.case.read) {
      const { imports } = await readList(this.#gate, this.#patience);
      const shown = imports.find(({ id }) => id === cell.case.id);
      if (!shown) {
        const found = briefly(imports);
        const cause = { kind: 'unknown', found, trouble: troubleOf(error) } as const;
        cell.record(ended({ kind: 'error', cause }));
        return;
      }
      this.#take(shown);
    }
    cell.record(notFound('read', waiting.clock.now()));
  }

  /** Reads the list once when it is due, and until it can be read when the goal depends on it. */
  async #relistIfDue(): Promise<void> {
    const { api, cell, waiting } = this.#gate;
    const { clock, signal } = waiting;
    if (cell.case.ending) return;
    if (needsConfirmation(cell.case, cell.terms)) {
      await readList(this.#gate, this.#patience);
    } else if (clock.now() >= this.#relistAt && this.#patience.leftMs > 0) {
      try {
        const askedAt = clock.now();
        const list = await api.listImports({ signal, limitMs: this.#patience.leftMs });
        cell.record(listed(list, clock.now(), askedAt));
        this.#relistAt = Infinity;
      } catch (error) {
        // It forbids nothing but a reached goal, so the reads go on, and a later one tries again.
        if (signal.aborted || !(error instanceof ApiError)) throw error;
        this.#relistAt = clock.now() + RELIST_AFTER_FAILURE_MS;
        this.#gate.observer.onRetry(error);
      }
    }
  }

  #endingNow(request: Import | undefined): Ending | undefined {
    const { cell, diagnosis } = this.#gate;
    const { ending, discovery } = cell.case;
    if (diagnosis?.takeProgress()) this.#stall.restart();
    if (ending) return ending;
    if (isAmbiguous(cell.case)) return { kind: 'error', cause: { kind: 'ambiguous' } };
    if (discovery?.others) {
      return { kind: 'error', cause: { kind: 'several', found: discovery.others } };
    }
    if (isMissing(cell.case)) return { kind: 'error', cause: { kind: 'missing' } };
    if (isAnswered(cell.case, cell.terms)) return undefined;
    // A read at the deadline or after it was the last one.
    if (this.#patience.leftMs <= 0) return this.#patience.timedOut();
    const isStalled = request !== undefined && this.#stall.leftMs <= 0;
    return isStalled ? { kind: 'stalled', stalledMs: this.#stall.unchangedMs } : undefined;
  }
}
