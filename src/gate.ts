import { isInProgress, type Arrival, type ImportRequest } from './import/import-request.ts';
import type { Inputs } from './inputs.ts';
import type { ImportApi } from './ops-manager/client.ts';
import { OpsManagerError } from './ops-manager/errors.ts';
import type { Cancellation, Cleanup, Outcome, Result } from './outcome.ts';
import { deleteFailedImport } from './wait/clean-up.ts';
import { Creation, findCreated } from './wait/create.ts';
import { discoverImport, listed, LISTING_DELAY_MS } from './wait/discover.ts';
import { cancelImport, HURRIED, UNHURRIED, type CancelBudget } from './wait/give-up.ts';
import { Patience, type OutageObserver } from './wait/patience.ts';
import type { Waiting } from './wait/retry.ts';
import { waitForGoal, type Progress, type WaitObserver } from './wait/wait.ts';

/** Told of everything on the way to a result; must not throw. */
export interface GateObserver extends WaitObserver, OutageObserver {
  /** The import to wait for is known. */
  onIdentified(id: string): void;
  /** An import is about to be created; `running` were in progress before. */
  onCreating(running: readonly string[]): void;
  /** The import is about to be cancelled; `result` says why. */
  onGivingUp(result: Result): void;
  /** The result if the step were killed now. */
  onProvisional(result: Result): void;
}

/** What the gate needs to know of the inputs. */
export type GateOptions = Pick<
  Inputs,
  | 'target'
  | 'goal'
  | 'timeoutMs'
  | 'stallTimeoutMs'
  | 'pollIntervalMs'
  | 'maxOutageMs'
  | 'cancelOnTimeout'
  | 'cancelOnInterrupt'
  | 'deleteFailed'
>;

/**
 * Waits for one import: finds or creates it, reads until it ends or patience does, and leaves
 * nothing behind that the user did not choose. What it throws is a defect.
 */
export async function runGate(
  options: GateOptions,
  api: ImportApi,
  waiting: Waiting,
  observer: GateObserver
): Promise<Result> {
  return new Gate(options, api, waiting, observer).run();
}

class Gate implements WaitObserver {
  readonly #options: GateOptions;
  readonly #api: ImportApi;
  readonly #waiting: Waiting;
  readonly #observer: GateObserver;
  readonly #patience: Patience;
  #requestId: string | undefined;
  #request: ImportRequest | undefined;
  #creation: Creation | undefined;
  /** The import was deleted while this step waited for it. */
  #isGone = false;
  #wasAskedToCancel = false;
  #runningBefore: readonly string[] = [];

  constructor(options: GateOptions, api: ImportApi, waiting: Waiting, observer: GateObserver) {
    this.#options = options;
    this.#api = api;
    this.#waiting = waiting;
    this.#observer = observer;
    this.#patience = new Patience(options, waiting, observer);
    if (options.target.kind === 'given') this.#requestId = options.target.id;
  }

  async run(): Promise<Result> {
    this.#observer.onProvisional(this.#ifKilled());
    const waited = await this.#wait();
    const { outcome, cancellation } = await this.#giveUp(waited);
    const cleanup = await this.#cleanUp(outcome);
    return this.#result(outcome, cancellation, cleanup);
  }

  onArrivals(request: ImportRequest, arrivals: readonly Arrival[]): void {
    this.#request = request;
    this.#observer.onArrivals(request, arrivals);
    this.#observer.onProvisional(this.#ifKilled());
  }

  onRead(request: ImportRequest, progress: Progress): void {
    this.#request = request;
    this.#observer.onRead(request, progress);
  }

  async #wait(): Promise<Outcome> {
    try {
      const id = await this.#identify();
      this.#requestId = id;
      this.#observer.onIdentified(id);
      return await waitForGoal(id, this.#api, this.#options, this.#patience, this);
    } catch (error) {
      const outcome = this.#patience.outcomeOf(error);
      return outcome.kind === 'error' ? this.#explain(outcome) : outcome;
    }
  }

  async #identify(): Promise<string> {
    const { target } = this.#options;
    switch (target.kind) {
      case 'given':
        return target.id;
      case 'discover':
        this.#request = await discoverImport(this.#api, this.#patience);
        return this.#request.id;
      case 'create': {
        this.#creation = new Creation(target.body, this.#api);
        this.#request = await this.#creation.run(this.#patience, (running) => {
          this.#runningBefore = running;
          this.#observer.onCreating(running);
        });
        return this.#request.id;
      }
    }
  }

  /** Says of an import that is not there which ones are, if the project may be read. */
  async #explain(outcome: Outcome & { kind: 'error' }): Promise<Outcome> {
    const { error } = outcome;
    const id = this.#requestId;
    if (id === undefined || !(error instanceof OpsManagerError) || error.status !== 404) {
      return outcome;
    }
    try {
      const requests = await this.#api.listImports({ signal: this.#waiting.signal });
      if (requests.some((request) => request.id === id)) return outcome;
      if (this.#request) {
        const message = `Import ${id} was deleted by someone while this step waited for it; it was last in ${this.#request.state}. Ask who deleted it in Ops Manager, and import again if it was not meant.`;
        this.#isGone = true;
        return { kind: 'error', error: new Error(message, { cause: error }) };
      }
      const imports =
        requests.length === 0
          ? 'The project has no imports.'
          : `The project's imports: ${listed(requests)}.`;
      return { kind: 'error', error: new Error(`${error.message} ${imports}`, { cause: error }) };
    } catch (failure) {
      return this.#waiting.signal.aborted ? this.#patience.outcomeOf(failure) : outcome;
    }
  }

  async #giveUp(outcome: Outcome): Promise<{ outcome: Outcome; cancellation: Cancellation }> {
    if (!this.#mayBeRunning(outcome)) return { outcome, cancellation: { kind: 'not-needed' } };
    const { cancelOnInterrupt, cancelOnTimeout } = this.#options;
    const mayCancel = outcome.kind === 'interrupted' ? cancelOnInterrupt : cancelOnTimeout;
    if (!mayCancel) return { outcome, cancellation: { kind: 'skipped' } };
    // Outputs first: a signal leaves seconds, and a killed step should have said something.
    const unanswered = this.#result(outcome, UNANSWERED);
    this.#observer.onProvisional(unanswered);
    this.#observer.onGivingUp(unanswered);
    return this.#settle(outcome, await this.#cancel(outcome));
  }

  #mayBeRunning(outcome: Outcome): boolean {
    if (this.#request && !isInProgress(this.#request)) return false;
    switch (outcome.kind) {
      case 'reached':
      case 'failed':
      case 'cancelled':
        return false;
      case 'error':
        // Without one good read it may not be this step's import at all.
        if (this.#isGone) return false;
        return this.#request !== undefined || this.#creation?.mayBeUnknown === true;
      case 'timed-out':
      case 'stalled':
      case 'unreachable':
      case 'interrupted':
        return this.#requestId !== undefined || this.#creation?.mayBeUnknown === true;
    }
  }

  /** Cancels with time to spare, or within seconds once a signal has come. */
  async #cancel(outcome: Outcome): Promise<Cancellation> {
    const isInterrupted = (): boolean => this.#waiting.signal.aborted;
    if (!isInterrupted()) {
      try {
        return await this.#cancelWithin(UNHURRIED, this.#waiting.signal);
      } catch (error) {
        if (!isInterrupted()) throw error;
        this.#observer.onProvisional(this.#result(outcome, UNANSWERED));
      }
    }
    return this.#cancelWithin(HURRIED, new AbortController().signal);
  }

  async #cancelWithin(budget: CancelBudget, signal: AbortSignal): Promise<Cancellation> {
    const waiting = { ...this.#waiting, signal };
    const endsAt = waiting.clock.now() + budget.totalMs;
    let id = this.#requestId;
    try {
      id ??= await this.#findCreated(
        Math.min(endsAt, waiting.clock.now() + LISTING_DELAY_MS),
        waiting
      );
    } catch (error) {
      if (signal.aborted || !(error instanceof OpsManagerError)) throw error;
      return { kind: 'failed', why: error.message };
    }
    const totalMs = endsAt - waiting.clock.now();
    const wasAsked = this.#wasAskedToCancel;
    this.#wasAskedToCancel = true;
    const { cancellation, request } = await cancelImport(
      id,
      this.#api,
      { ...budget, totalMs },
      waiting,
      wasAsked
    );
    this.#request = request ?? this.#request;
    return cancellation;
  }

  /** Finds what an interrupted creation left behind. @throws OpsManagerError when it cannot. */
  async #findCreated(giveUpAt: number, waiting: Waiting): Promise<string> {
    const list = this.#api.listImports.bind(this.#api);
    this.#request = await findCreated(this.#runningBefore, list, giveUpAt, waiting);
    this.#requestId = this.#request.id;
    this.#observer.onIdentified(this.#requestId);
    return this.#requestId;
  }

  /** An import that ended by itself before it could be cancelled is reported as it ended. */
  #settle(
    outcome: Outcome,
    cancellation: Cancellation
  ): { outcome: Outcome; cancellation: Cancellation } {
    if (cancellation.kind !== 'not-needed') return { outcome, cancellation };
    const ended: Outcome =
      this.#request?.state === 'SUCCESS' ? { kind: 'reached', late: true } : { kind: 'failed' };
    return { outcome: ended, cancellation };
  }

  async #cleanUp(outcome: Outcome): Promise<Cleanup> {
    if (outcome.kind !== 'failed' || this.#requestId === undefined) return { kind: 'not-needed' };
    if (!this.#options.deleteFailed) return { kind: 'skipped' };
    this.#observer.onProvisional(this.#result(outcome, { kind: 'not-needed' }, UNANSWERED));
    return deleteFailedImport(this.#requestId, this.#api, this.#waiting);
  }

  #ifKilled(): Result {
    const outcome: Outcome = { kind: 'interrupted', by: 'the end of its process' };
    if (this.#request && !isInProgress(this.#request))
      return this.#result(outcome, { kind: 'not-needed' });
    return this.#result(outcome, UNANSWERED);
  }

  #result(
    outcome: Outcome,
    cancellation: Cancellation,
    cleanup: Cleanup = { kind: 'not-needed' }
  ): Result {
    return {
      outcome,
      goal: this.#options.goal,
      requestId: this.#requestId,
      request: this.#request,
      cancellation,
      cleanup,
      waitedMs: this.#patience.waitedMs,
      outages: this.#patience.outages
    };
  }
}

const UNANSWERED = {
  kind: 'failed',
  why: 'The step ended before Ops Manager had answered.'
} as const;
