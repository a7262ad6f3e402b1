import { context, getOctokit } from '@actions/github';
import { formatDate } from '../date.ts';
import { enteredAt, isInProgress, type ImportRequest } from '../import/import-request.ts';
import { describe, type Outcome, type Result } from '../outcome.ts';
import { cut } from '../untrusted.ts';
import { logDebug, logWarning } from './log.ts';

const MAX_DESCRIPTION = 140;
const REQUEST_TIMEOUT_MS = 10_000;
// The runner kills 7.5 s after a signal, and the cancellation may have taken five of them.
const LAST_STATUS_MS = 5_000;
const LAST_STATUS_AFTER_SIGNAL_MS = 1_000;

type State = 'pending' | 'success' | 'failure' | 'error';

const FINAL_STATES: Readonly<Record<Outcome['kind'], State>> = {
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
  readonly state: State;
  readonly description: string;
}

/**
 * The import's progress as a commit status, on the head commit of pull requests. It is published
 * behind the wait, the newest last; trouble with it is one warning and never changes the outcome.
 * Source: GitHub's REST API, "Create a commit status".
 */
export class CommitStatus {
  readonly #settings: { readonly context: string; readonly token: string };
  readonly #runUrl: string | undefined;
  readonly #abort = new AbortController();
  #next: Status | undefined;
  #publishing: Promise<void> | undefined;
  #published: string | undefined;
  #hasWarned = false;

  constructor(
    settings: { readonly context: string; readonly token: string },
    runUrl: string | undefined
  ) {
    this.#settings = settings;
    this.#runUrl = runUrl;
  }

  /** Publishes the state that the import has entered. */
  onState(request: ImportRequest): void {
    // How it ended is said by `finish`, once it is known what that means for the goal.
    if (request.state === this.#published || !isInProgress(request)) return;
    this.#published = request.state;
    const since = enteredAt(request);
    const when = since === undefined ? '' : ` since ${formatDate(since)}`;
    this.#publish({ state: 'pending', description: `Import is in ${request.state}${when}` });
  }

  /** Publishes how it ended; gives up after 5 s, or 1 s after `signal`. Never throws. */
  async finish(result: Result, signal: AbortSignal): Promise<void> {
    const { title } = describe(result);
    this.#publish({ state: FINAL_STATES[result.outcome.kind], description: title });
    const limits: NodeJS.Timeout[] = [];
    const stopAfter = (ms: number): void => {
      const stop = (): void => {
        this.#abort.abort(new Error('no answer in time'));
      };
      limits.push(setTimeout(stop, ms));
    };
    const hurry = (): void => {
      stopAfter(LAST_STATUS_AFTER_SIGNAL_MS);
    };
    stopAfter(LAST_STATUS_MS);
    if (signal.aborted) hurry();
    else signal.addEventListener('abort', hurry);
    await this.#publishing;
    signal.removeEventListener('abort', hurry);
    limits.forEach(clearTimeout);
  }

  /** A status that was not sent before a newer one came is not sent at all. */
  #publish(status: Status): void {
    this.#next = status;
    this.#publishing ??= this.#sendAll().finally(() => {
      this.#publishing = undefined;
    });
  }

  async #sendAll(): Promise<void> {
    while (this.#next) {
      const status = this.#next;
      this.#next = undefined;
      await this.#send(status);
    }
  }

  async #send({ state, description }: Status): Promise<void> {
    try {
      const signal = AbortSignal.any([this.#abort.signal, AbortSignal.timeout(REQUEST_TIMEOUT_MS)]);
      const pullRequest = context.payload.pull_request as { head?: { sha?: string } } | undefined;
      await getOctokit(this.#settings.token).rest.repos.createCommitStatus({
        ...context.repo,
        sha: pullRequest?.head?.sha ?? context.sha,
        state,
        context: this.#settings.context,
        description: cut(description, MAX_DESCRIPTION),
        ...(this.#runUrl === undefined ? {} : { target_url: this.#runUrl }),
        request: { signal }
      });
    } catch (error) {
      this.#warn(error);
    }
  }

  #warn(error: unknown): void {
    const { status, message } = error as { status?: unknown; message?: unknown };
    const what = `The commit status could not be published: ${String(message)}.`;
    if (this.#hasWarned) {
      logDebug(what);
      return;
    }
    this.#hasWarned = true;
    logWarning(`${what} ${hintFor(status)} The import is not affected.`);
  }
}

function hintFor(status: unknown): string {
  switch (status) {
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
