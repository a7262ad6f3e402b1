import { setTimeout as sleep } from 'node:timers/promises';
import { formatDate } from '../date.ts';
import type { FinalStatus } from '../case/case.ts';
import { enteredAt, isInProgress, type Import } from '../case/import.ts';
import type { Outcome } from '../case/verdict.ts';
import { cut, defuse } from '../untrusted.ts';
import { logDebug, logWarning } from './log.ts';

const MAX_DESCRIPTION = 140;
const REQUEST_TIMEOUT_MS = 10_000;
/** An older status that arrived after the last one would stand for ever. */
const PENDING_GRACE_MS = 1_000;
const FIRST_RETRY_PAUSE_MS = 500;

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

interface Status {
  readonly state: 'pending' | FinalStatus['state'];
  readonly description: string;
}

/** What publishing a status needs. */
export interface CommitStatusSettings {
  readonly context: string;
  readonly token: string;
}

/** The last status of a step, not delivered yet. */
export function finalStatus(outcome: Outcome['kind'], description: string): FinalStatus {
  return { state: FINAL_STATES[outcome], description, isDelivered: false };
}

/**
 * The import's progress as a commit status, on the head commit of pull requests. It is published
 * beside the wait, the newest last; trouble with it is one warning and never changes the outcome.
 * Source: GitHub's REST API, "Create a commit status".
 */
export class CommitStatus {
  readonly #settings: CommitStatusSettings;
  readonly #runUrl: string | undefined;
  readonly #pending = new AbortController();
  #next: Status | undefined;
  #publishing: Promise<void> | undefined;
  #published: string | undefined;
  #hasWarned = false;

  constructor(settings: CommitStatusSettings, runUrl: string | undefined) {
    this.#settings = settings;
    this.#runUrl = runUrl;
  }

  /** Publishes the state that the import has entered. */
  onState(request: Import): void {
    // How it ended is said by `finish`, once it is known what that means for the goal.
    if (request.state === this.#published || !isInProgress(request)) return;
    this.#published = request.state;
    const since = enteredAt(request);
    const when = since === undefined ? '' : ` since ${formatDate(since)}`;
    this.#next = { state: 'pending', description: `Import is in ${request.state}${when}` };
    this.#publishing ??= this.#sendPending().finally(() => {
      this.#publishing = undefined;
    });
  }

  /**
   * Sends the last status, whatever became of those before it, until `signal` is aborted; gives
   * whether GitHub has it or has refused it. Never throws.
   */
  async finish({ state, description }: FinalStatus, signal: AbortSignal): Promise<boolean> {
    this.#next = undefined;
    const grace = AbortSignal.any([AbortSignal.timeout(PENDING_GRACE_MS), signal]);
    await Promise.race([this.#publishing, sleepUntil(grace)]);
    this.#pending.abort(new Error('a newer status came'));
    for (let pauseMs = FIRST_RETRY_PAUSE_MS; ; pauseMs *= 2) {
      try {
        await this.#send({ state, description }, signal);
        return true;
      } catch (error) {
        if (!signal.aborted && isRefusal(error)) {
          this.#warn(error);
          return true;
        }
        if (signal.aborted || !(await paused(pauseMs, signal))) {
          this.#warn(signal.aborted ? new Error('no answer in time') : error);
          return false;
        }
      }
    }
  }

  /** A status that was not sent before a newer one came is not sent at all. */
  async #sendPending(): Promise<void> {
    const { signal } = this.#pending;
    const isOver = (): boolean => signal.aborted;
    while (this.#next && !isOver()) {
      const status = this.#next;
      this.#next = undefined;
      try {
        await this.#send(status, signal);
      } catch (error) {
        if (!isOver()) this.#warn(error);
      }
    }
  }

  async #send({ state, description }: Status, signal: AbortSignal): Promise<void> {
    // Loaded here alone: most steps publish no status, and it takes its time.
    const { context, getOctokit } = await import('@actions/github');
    const pullRequest = context.payload.pull_request as { head?: { sha?: string } } | undefined;
    await getOctokit(this.#settings.token).rest.repos.createCommitStatus({
      ...context.repo,
      sha: pullRequest?.head?.sha ?? context.sha,
      state,
      context: this.#settings.context,
      description: cut(defuse(description), MAX_DESCRIPTION),
      ...(this.#runUrl === undefined ? {} : { target_url: this.#runUrl }),
      request: { signal: AbortSignal.any([signal, AbortSignal.timeout(REQUEST_TIMEOUT_MS)]) }
    });
  }

  #warn(error: unknown): void {
    const { message } = error as { message?: unknown };
    const what = `The commit status could not be published: ${String(message)}.`;
    if (this.#hasWarned) {
      logDebug(what);
      return;
    }
    this.#hasWarned = true;
    logWarning('Commit status not published', what, hintFor(error), 'The import is not affected.');
  }
}

/** Whether GitHub said no, or could not be asked at all: asking again gives the same. */
function isRefusal(error: unknown): boolean {
  const { status } = error as { status?: unknown };
  // A failed connection has a status of its own; without one, the runner's environment is broken.
  if (typeof status !== 'number') return true;
  if (status < 400 || status >= 500) return false;
  return status !== 408 && !isRateLimit(error);
}

/** Source: GitHub's REST API, "Rate limits": a 403 as often as a 429. */
function isRateLimit(error: unknown): boolean {
  const { status, message, response } = error as {
    status?: unknown;
    message?: unknown;
    response?: { headers?: Readonly<Record<string, unknown>> };
  };
  if (status !== 403) return status === 429;
  const headers = response?.headers ?? {};
  return (
    headers['retry-after'] !== undefined ||
    headers['x-ratelimit-remaining'] === '0' ||
    /rate limit/i.test(String(message))
  );
}

async function paused(ms: number, signal: AbortSignal): Promise<boolean> {
  try {
    await sleep(ms, undefined, { signal });
    return true;
  } catch {
    return false;
  }
}

async function sleepUntil(signal: AbortSignal): Promise<void> {
  if (signal.aborted) return;
  await new Promise<void>((resolve) => {
    signal.addEventListener('abort', () => {
      resolve();
    });
  });
}

function hintFor(error: unknown): string {
  if (isRateLimit(error)) return 'GitHub takes no more requests of this token for a while.';
  const { status } = error as { status?: unknown };
  switch (status) {
    case undefined:
      return 'Check GITHUB_REPOSITORY and the file GITHUB_EVENT_PATH in the environment of the runner.';
    case 401:
      return 'Check github-token.';
    case 403:
      return 'Give the job the permission “statuses: write”.';
    case 404:
      return 'Give the job the permission “statuses: write”, and check that github-token may see this repository.';
    case 422:
      return 'Check the name in commit-status; GitHub takes 1000 statuses for a commit and context.';
    default:
      return 'Look at GitHub’s status if this goes on.';
  }
}
