import type { FinalStatus } from '../case/case.ts';
import { isInProgress, type Import } from '../case/import.ts';
import type { Outcome } from '../case/verdict.ts';
import { cut, defuse } from '../untrusted.ts';
import { logDebug, logWarning } from './log.ts';
import { sinceOf } from './report.ts';
import {
  gitHubStatuses,
  NotTaken,
  type GitHubSettings,
  type SendStatus,
  type Status
} from './github-api.ts';
import { systemClock, type Clock } from '../time.ts';

const MAX_DESCRIPTION = 140;
/** An older status that arrived after the last one would stand for ever. */
const PENDING_GRACE_MS = 1_000;
const FIRST_RETRY_PAUSE_MS = 500;
const LONGEST_RETRY_PAUSE_MS = 8_000;

const FINAL_STATES: Readonly<Record<Outcome['kind'], FinalStatus['state']>> = {
  reached: 'success',
  failed: 'failure',
  cancelled: 'failure',
  'timed-out': 'failure',
  stalled: 'failure',
  interrupted: 'error',
  unreachable: 'error',
  error: 'error'
};

/** The last status of a step, not delivered yet. */
export function finalStatus(outcome: Outcome['kind'], description: string): FinalStatus {
  return { state: FINAL_STATES[outcome], description, isDelivered: false };
}

/**
 * What became of the last status. `undelivered` is also one that GitHub has, but where an earlier
 * one went unanswered, which GitHub may carry out after it.
 */
type Delivery = 'delivered' | 'refused' | 'undelivered' | 'left to post step';

/** Whether nothing is left to do for the post step. */
export function isSettled(delivery: Delivery): boolean {
  return delivery === 'delivered' || delivery === 'refused';
}

/** What publishing needs. */
interface CommitStatusSettings {
  readonly send: SendStatus;
  readonly clock: Clock;
  /** Whether this step's post step has begun: then that one has the last word. */
  readonly isPostStepThere: () => boolean;
}

/**
 * The import's progress as a commit status. It is published beside the wait, the newest last;
 * trouble with it is one warning and never changes the outcome.
 */
export class CommitStatus {
  readonly #settings: CommitStatusSettings;
  readonly #pending = new AbortController();
  #next: Status | undefined;
  #publishing: Promise<void> | undefined;
  #published: string | undefined;
  /** Whether a pending one may be carried out after the last one. */
  #mayComeLate = false;
  #hasWarned = false;

  constructor(settings: CommitStatusSettings) {
    this.#settings = settings;
  }

  /** Publishes the state that the import has entered. */
  onState(request: Import): void {
    // How it ended is said by `finish`, once it is known what that means for the goal.
    if (request.state === this.#published || !isInProgress(request)) return;
    this.#published = request.state;
    const description = `Import is in ${request.state}${sinceOf(request)}`;
    this.#next = { state: 'pending', description };
    this.#publishing ??= this.#sendPending().finally(() => {
      this.#publishing = undefined;
    });
  }

  /**
   * Sends the last status, whatever became of those before it, until `signal` is aborted. Never
   * throws.
   */
  async finish({ state, description }: FinalStatus, signal: AbortSignal): Promise<Delivery> {
    this.#next = undefined;
    await this.#endPending(signal);
    let trouble: unknown;
    for (let pauseMs = FIRST_RETRY_PAUSE_MS; ; pauseMs *= 2) {
      if (this.#settings.isPostStepThere()) return 'left to post step';
      try {
        await this.#send({ state, description }, signal);
        return this.#mayComeLate ? 'undelivered' : 'delivered';
      } catch (error) {
        // What an attempt came to says more than that there was no time for the next one.
        if (!signal.aborted) trouble = error;
        trouble ??= error;
      }
      if (trouble instanceof NotTaken && trouble.kind === 'refused') {
        this.#warn(trouble);
        return 'refused';
      }
      if (!(await this.#paused(Math.min(pauseMs, LONGEST_RETRY_PAUSE_MS), signal))) {
        this.#warn(trouble);
        return 'undelivered';
      }
    }
  }

  /** One that is under way is given a second; cut then, it may be carried out after the last one. */
  async #endPending(signal: AbortSignal): Promise<void> {
    if (this.#publishing) {
      await Promise.race([this.#publishing, this.#paused(PENDING_GRACE_MS, signal)]);
    }
    this.#mayComeLate ||= this.#publishing !== undefined;
    this.#pending.abort(new Error('a newer status came'));
  }

  /** A status that was not sent before a newer one came is not sent at all. */
  async #sendPending(): Promise<void> {
    const { signal } = this.#pending;
    while (this.#next && !signal.aborted && !this.#settings.isPostStepThere()) {
      const status = this.#next;
      this.#next = undefined;
      try {
        await this.#send(status, signal);
      } catch (error) {
        this.#mayComeLate ||= error instanceof NotTaken && error.kind === 'unanswered';
        if (!this.#pending.signal.aborted) this.#warn(error);
      }
    }
  }

  async #send({ state, description }: Status, signal: AbortSignal): Promise<void> {
    await this.#settings.send(
      { state, description: cut(defuse(description), MAX_DESCRIPTION) },
      signal
    );
  }

  /** Whether there was time for it. */
  async #paused(ms: number, signal: AbortSignal): Promise<boolean> {
    try {
      await this.#settings.clock.sleep(ms, signal);
      return true;
    } catch {
      return false;
    }
  }

  #warn(error: unknown): void {
    const [message, hint] =
      error instanceof NotTaken ? [error.message, error.hint] : [`${String(error)}.`, ''];
    const what = `The commit status could not be published: ${message}`;
    if (this.#hasWarned) {
      logDebug(what);
      return;
    }
    this.#hasWarned = true;
    logWarning('Commit status not published', what, hint, 'The import is not affected.');
  }
}

/** A commit status at GitHub’s API; `isPostStepThere` where a post step may begin beside its holder. */
export function commitStatusAt(
  about: GitHubSettings,
  isPostStepThere = (): boolean => false
): CommitStatus {
  return new CommitStatus({ send: gitHubStatuses(about), clock: systemClock, isPostStepThere });
}
