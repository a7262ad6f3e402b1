import { readFileSync } from 'node:fs';
import { Connection, type HttpReply } from '../http/connection.ts';
import { HttpFailure } from '../http/failure.ts';
import type { ProxySettings } from '../http/proxy.ts';
import { Redaction } from '../redaction.ts';
import { ServerText } from '../untrusted.ts';

/** A commit status, of at most 140 characters. */
export interface Status {
  readonly state: 'pending' | 'success' | 'failure' | 'error';
  readonly description: string;
}

/** Sends a status. @throws NotTaken, also when `signal` is aborted */
export type SendStatus = (status: Status, signal: AbortSignal) => Promise<void>;

/** A status that GitHub does not have, or may not have. */
export class NotTaken extends Error {
  /** `refused`: asking again gives the same. `unanswered`: GitHub may carry it out yet. */
  readonly kind: 'refused' | 'failed' | 'unanswered';
  readonly hint: string;

  constructor(kind: NotTaken['kind'], message: string, hint: string) {
    super(message);
    this.name = 'NotTaken';
    this.kind = kind;
    this.hint = hint;
  }
}

/** The commit that statuses go on. */
export interface HeadCommit {
  /** `owner/name`. */
  readonly repository: string;
  readonly sha: string;
}

/** What statuses are sent with. */
export interface GitHubSettings {
  readonly context: string;
  readonly token: string;
  /** A text says why there is none. */
  readonly commit: HeadCommit | string;
  readonly apiUrl: URL;
  /** The page of the workflow run. */
  readonly runUrl: string | undefined;
  readonly proxies: ProxySettings;
  readonly userAgent: string;
  /** Makes what GitHub answers fit to be shown. */
  readonly text: ServerText;
}

const REQUEST_TIMEOUT_MS = 10_000;
// A status is two thousand bytes; of a page of somebody else’s nothing is needed.
const MAX_REPLY_BYTES = 1024 * 1024;

type Environment = Readonly<Record<string, string | undefined>>;

/** The head commit of a pull request, else the commit of the run; a text says why there is none. */
export function headCommit(env: Environment): HeadCommit | string {
  const { GITHUB_REPOSITORY: repository = '', GITHUB_EVENT_PATH: path = '' } = env;
  if (!/^[^/\s]+\/[^/\s]+$/.test(repository)) return 'GITHUB_REPOSITORY is not set to owner/name';
  try {
    const event = path === '' ? {} : (JSON.parse(readFileSync(path, 'utf8')) as Event);
    const sha = event.pull_request?.head?.sha ?? env['GITHUB_SHA'] ?? '';
    return sha === '' ? 'GITHUB_SHA is not set' : { repository, sha };
  } catch {
    return 'the file GITHUB_EVENT_PATH cannot be read';
  }
}

interface Event {
  readonly pull_request?: { readonly head?: { readonly sha?: string } };
}

/** The same, with what must not be shown of what GitHub answers. */
export function statusesOf({
  secrets,
  ...settings
}: Omit<GitHubSettings, 'text'> & { readonly secrets: readonly string[] }): SendStatus {
  return gitHubStatuses({ ...settings, text: new ServerText(new Redaction(secrets)) });
}

/**
 * Sends statuses to GitHub’s API, over TLS that no environment weakens. Only 201 means taken.
 * Source: GitHub’s REST API, "Create a commit status".
 */
export function gitHubStatuses(settings: GitHubSettings): SendStatus {
  return async (status, signal) => {
    const { commit } = settings;
    if (typeof commit === 'string') {
      throw new NotTaken('refused', `${commit}.`, 'Check the environment of the runner.');
    }
    const reply = await exchange(settings, commit, status, signal);
    if (reply.status !== 201) throw notTaken(reply, settings);
  };
}

async function exchange(
  { context, token, apiUrl, runUrl, proxies, userAgent, text }: GitHubSettings,
  { repository, sha }: HeadCommit,
  status: Status,
  signal: AbortSignal
): Promise<HttpReply> {
  const connection = new Connection(
    { proxies },
    { baseUrl: apiUrl, userAgent, requestTimeoutMs: REQUEST_TIMEOUT_MS, longestPauseMs: 0 }
  );
  const [owner = '', name = ''] = repository.split('/').map(encodeURIComponent);
  const base = apiUrl.pathname.replace(/(?<!\/)\/+$/, '');
  const target = runUrl === undefined ? {} : { target_url: runUrl };
  try {
    return await connection.send(
      {
        method: 'POST',
        path: `${base}/repos/${owner}/${name}/statuses/${encodeURIComponent(sha)}`,
        headers: { accept: 'application/vnd.github+json', authorization: `token ${token}` },
        body: JSON.stringify({ ...status, context, ...target }),
        maxBytes: MAX_REPLY_BYTES
      },
      { signal }
    );
  } catch (error) {
    throw notReached(error, apiUrl.host, text);
  } finally {
    void connection.close();
  }
}

/** An answer that is not 201: GitHub’s, or of something in front of it. */
function notTaken(reply: HttpReply, { apiUrl, text }: GitHubSettings): NotTaken {
  const { status } = reply;
  const said = text.line(messageIn(reply.text));
  const location = reply.header('location');
  const to = location === undefined ? '' : `, a redirect to ${text.line(location)}`;
  const message = `${apiUrl.host} answered HTTP ${status}${to}${said === '' ? '' : `: “${said}”`}.`;
  if (isRateLimit(reply)) return new NotTaken('failed', message, RATE_LIMIT);
  // A 4xx is GitHub’s no, but that it had no time for the request.
  const kind = status >= 400 && status < 500 && status !== 408 ? 'refused' : 'failed';
  return new NotTaken(kind, message, hintFor(status));
}

/** GitHub says why in JSON; a page of somebody else’s is shown as it begins. */
function messageIn(text: string): string {
  try {
    const { message } = JSON.parse(text) as { readonly message?: unknown };
    return typeof message === 'string' ? message : text;
  } catch {
    return text;
  }
}

const RATE_LIMIT =
  'GitHub takes no more requests of this token for a while: its rate limit is used up.';

/** Source: GitHub’s REST API, "Rate limits": a 403 as often as a 429. */
function isRateLimit({ status, text, header }: HttpReply): boolean {
  if (status !== 403) return status === 429;
  return (
    header('retry-after') !== undefined ||
    header('x-ratelimit-remaining') === '0' ||
    /rate limit/i.test(messageIn(text))
  );
}

function hintFor(status: number): string {
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
      return status < 400
        ? 'That is no answer of GitHub’s API to a new status: look at what stands between (a proxy, a login page), and at GITHUB_API_URL.'
        : 'Look at GitHub’s status if this goes on.';
  }
}

/** No answer, or none that can be read. */
function notReached(error: unknown, host: string, text: ServerText): NotTaken {
  // Whoever stopped it may have stopped it on its way.
  if (!(error instanceof HttpFailure) || error.code === 'ETIMEDOUT') {
    return new NotTaken('unanswered', `No answer from ${host} in time.`, hintFor(500));
  }
  const why = text.line(error.message);
  if (error.at === 'certificate') {
    const hint = 'For an authority of your own set NODE_EXTRA_CA_CERTS on the runner.';
    return new NotTaken('failed', `The certificate of ${host} was not accepted (${why}).`, hint);
  }
  const mayArrive = error.at === 'answer' || (error.at === 'connection' && !isUnsent(error));
  return new NotTaken(
    mayArrive ? 'unanswered' : 'failed',
    error.at === 'size'
      ? `${host} answered with more than can be read.`
      : `${host} could not be reached (${why}).`,
    'Look at the runner’s network, its proxy variables and GITHUB_API_URL.'
  );
}

function isUnsent({ code }: HttpFailure): boolean {
  return /^(?:ECONNREFUSED|EHOSTUNREACH|ENETUNREACH|UND_ERR_CONNECT_TIMEOUT)$/.test(code);
}
