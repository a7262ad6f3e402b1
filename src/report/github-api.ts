import { readFileSync } from 'node:fs';
import { isRecord } from '../case/json.ts';
import { Connection } from '../http/connection.ts';
import { HttpFailure } from '../http/failure.ts';
import { Redaction } from '../redaction.ts';
import { ServerText } from '../untrusted.ts';
import type { GitHub } from '../inputs/form.ts';

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
export interface GitHubSettings extends GitHub {
  readonly context: string;
  readonly token: string;
  /** A text says why there is none. */
  readonly commit: HeadCommit | string;
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

/**
 * Sends statuses to GitHub’s API, over TLS that no environment weakens. Only 201 means taken.
 * Source: GitHub’s REST API, "Create a commit status".
 */
export function gitHubStatuses(settings: GitHubSettings): SendStatus {
  const { commit, secrets, apiUrl, proxy, userAgent } = settings;
  const text = new ServerText(new Redaction(secrets));
  return async (status, signal) => {
    if (typeof commit === 'string') {
      throw new NotTaken('refused', `${commit}.`, 'Check the environment of the runner.');
    }
    const connection = new Connection(
      { proxy },
      { baseUrl: apiUrl, userAgent, requestTimeoutMs: REQUEST_TIMEOUT_MS, longestPauseMs: 0 }
    );
    try {
      const fetch = fetchOver(connection, signal);
      const answer = await create(status, commit, { ...settings, fetch });
      if (answer.status !== 201) throw notTaken(answer, apiUrl.host, text);
    } catch (error) {
      throw error instanceof NotTaken ? error : notReached(error, apiUrl.host, text);
    } finally {
      void connection.close();
    }
  };
}

/** What GitHub’s API, or something in front of it, has answered. */
interface Answer {
  readonly status: number;
  readonly headers: Readonly<Record<string, unknown>>;
  readonly data: unknown;
}

async function create(
  status: Status,
  { repository, sha }: HeadCommit,
  about: GitHubSettings & { readonly fetch: ReturnType<typeof fetchOver> }
): Promise<Answer> {
  const { apiUrl, context, token, runUrl, userAgent, fetch } = about;
  const { getOctokit } = await gitHubLibrary();
  const baseUrl = apiUrl.href.replace(/(?<!\/)\/+$/, '');
  const octokit = getOctokit(token, { baseUrl, userAgent, request: { fetch } });
  const [owner = '', repo = ''] = repository.split('/');
  const target = runUrl === undefined ? {} : { target_url: runUrl };
  try {
    const place = { owner, repo, sha, context };
    return await octokit.rest.repos.createCommitStatus({ ...place, ...status, ...target });
  } catch (error) {
    const { response, cause } = error as { readonly response?: Answer; readonly cause?: unknown };
    if (response) return response;
    throw cause ?? error;
  }
}

/**
 * As it is loaded it makes a context and an agent of these variables, and throws for what it cannot
 * use. Nothing of it is used here, so it does not see them.
 */
async function gitHubLibrary(): Promise<typeof import('@actions/github')> {
  const unseen = Object.entries(process.env).filter(([name]) =>
    /^(?:GITHUB_EVENT_PATH|GITHUB_API_URL|https?_proxy)$/i.test(name)
  );
  for (const [name] of unseen) Reflect.deleteProperty(process.env, name);
  try {
    return await import('@actions/github');
  } finally {
    Object.assign(process.env, Object.fromEntries(unseen));
  }
}

/** For the library: a `fetch` that follows no redirect, checks certificates and is bounded. */
function fetchOver(connection: Connection, signal: AbortSignal) {
  return async (
    url: string,
    { headers, body }: { headers: Readonly<Record<string, string>>; body: string }
  ) => {
    const path = new URL(url).pathname;
    const request = { method: 'POST', path, headers, body, maxBytes: MAX_REPLY_BYTES } as const;
    const reply = await connection.send(request, { signal });
    const kept = ['location', 'retry-after', 'x-ratelimit-remaining'].flatMap((name) => {
      const value = reply.header(name);
      return value === undefined ? [] : [[name, value] as const];
    });
    return {
      ...{ url, status: reply.status, text: async () => Promise.resolve(reply.text) },
      // What is no JSON is taken for a text.
      headers: new Map([['content-type', 'application/json'], ...kept])
    };
  };
}

/** An answer that is not 201: GitHub’s, or of something in front of it. */
function notTaken(answer: Answer, host: string, text: ServerText): NotTaken {
  const { status, headers } = answer;
  const said = text.line(messageIn(answer));
  const location = headers['location'];
  const to = typeof location === 'string' ? `, a redirect to ${text.line(location)}` : '';
  const message = `${host} answered HTTP ${status}${to}${said === '' ? '' : `: “${said}”`}.`;
  if (isRateLimit(answer)) return new NotTaken('failed', message, RATE_LIMIT);
  // A 4xx is GitHub’s no, but that it had no time for the request.
  const kind = status >= 400 && status < 500 && status !== 408 ? 'refused' : 'failed';
  return new NotTaken(kind, message, isRecord(answer.data) ? hintFor(status) : NOT_GITHUB);
}

/** GitHub says why in JSON, and more of it in a list; a page of somebody else’s is shown as it begins. */
function messageIn({ data }: Answer): string {
  if (!isRecord(data)) return textIn(data);
  const [first] = Array.isArray(data['errors']) ? (data['errors'] as readonly unknown[]) : [];
  const more = textIn(isRecord(first) ? first['message'] : first);
  return [textIn(data['message']), more].filter(Boolean).join(': ');
}

function textIn(value: unknown): string {
  return typeof value === 'string' ? value : '';
}

const NOT_GITHUB =
  'That is no answer of GitHub’s API to a new status: look at what stands between (a proxy, a login page), and at GITHUB_API_URL.';

const RATE_LIMIT =
  'GitHub takes no more requests of this token for a while: its rate limit is used up.';

/** Source: GitHub’s REST API, "Rate limits": a 403 as often as a 429. */
function isRateLimit(answer: Answer): boolean {
  const { status, headers } = answer;
  if (status !== 403) return status === 429;
  return (
    headers['retry-after'] !== undefined ||
    headers['x-ratelimit-remaining'] === '0' ||
    /rate limit/i.test(messageIn(answer))
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
      return status < 400 ? NOT_GITHUB : 'Look at GitHub’s status if this goes on.';
  }
}

/** No answer, or none that can be read. */
function notReached(error: unknown, host: string, text: ServerText): NotTaken {
  // Whoever stopped it may have stopped it on its way.
  if (!(error instanceof HttpFailure) || error.code === 'ETIMEDOUT') {
    return new NotTaken('unanswered', `No whole answer from ${host} in time.`, hintFor(500));
  }
  const mayArrive = error.at === 'answer' || error.facts.wasOpen === true;
  const [what, hint] = whatWasMet(error, host);
  const why = error.at === 'size' ? '' : ` (${text.line(error.message)})`;
  return new NotTaken(mayArrive ? 'unanswered' : 'failed', `${what}${why}.`, hint);
}

const CHECK_THE_WAY = 'Look at the runner’s network, its proxy variables and GITHUB_API_URL.';
const LOOK_THERE =
  'Look at GitHub’s status, and at what stands between (a proxy, a firewall), if this goes on.';

/** What a call met, without its reason, and what to do. */
function whatWasMet({ at, hop, code, facts }: HttpFailure, host: string): [string, string] {
  const proxy = `the proxy ${facts.proxy ?? ''}`;
  const whom = hop === 'proxy' && at !== 'proxy' ? proxy : host;
  const Whom = whom.replace(/^the/, 'The');
  switch (at) {
    case 'name':
      return [`The address of ${whom} could not be looked up`, CHECK_THE_WAY];
    case 'connection':
      return /^(?:ECONNRESET|EPIPE|UND_ERR_SOCKET)$/.test(code)
        ? [`${Whom} ended the connection without an answer`, LOOK_THERE]
        : [`${Whom} could not be reached`, CHECK_THE_WAY];
    case 'certificate': {
      const hint = 'For an authority of your own set NODE_EXTRA_CA_CERTS on the runner.';
      return [`The certificate of ${whom} was not accepted`, hint];
    }
    case 'tls':
      return [`The TLS handshake with ${whom} failed`, CHECK_THE_WAY];
    case 'proxy':
      return [`${host} could not be reached`, CHECK_THE_WAY];
    case 'answer':
      if (facts.isPacked)
        return [`${Whom} answered with a body that cannot be unpacked`, CHECK_THE_WAY];
      return facts.isCut
        ? [`The answer of ${whom} ended before it was whole`, LOOK_THERE]
        : [`${Whom} answered, but not with HTTP that can be read`, CHECK_THE_WAY];
    case 'size':
      return [`${Whom} answered with more than can be read`, CHECK_THE_WAY];
  }
}
