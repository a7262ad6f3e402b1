import manifest from '../../package.json' with { type: 'json' };
import { isGoalState, PIPELINE, type GoalState } from '../case/states.ts';
import type { Credentials } from '../http/digest.ts';
import { clean } from '../untrusted.ts';
import { readProxy } from './connection.ts';
import { isRecord } from '../case/json.ts';
import { readEvent } from './files.ts';
import {
  Form,
  InputProblem,
  PRIVATE_KEY,
  type GitHub,
  type InputSource,
  type Reporting
} from './form.ts';

const INVISIBLE = /[\p{C}\p{Zl}\p{Zp}]/u;

/**
 * An identifier of Ops Manager's, in lower case; `where` it is found, and which of several in a path
 * it is: a project's stands first, an import's last. @throws InputProblem
 */
export function parseObjectId(text: string, where: string, place: 0 | -1): string {
  if (/^[0-9a-f]{24}$/i.test(text)) return text.toLowerCase();
  if (PRIVATE_KEY.test(text)) {
    throw new InputProblem(`it has the form of a private key. Are two inputs swapped? ${where}`);
  }
  const parts = text.slice(0, 1000).match(/(?<![0-9a-f])[0-9a-f]{24}(?![0-9a-f])/gi) ?? [];
  const part = parts.at(place);
  throw new InputProblem((given) => {
    // What is hidden in what was given may be a secret that the part is a piece of.
    const isShown = part !== undefined && given.includes(part);
    const advice = isShown ? `Give this part of it alone: ${part}` : where;
    // What is shown of it looks right then.
    const what = INVISIBLE.test(text)
      ? 'has an invisible character'
      : 'is not 24 hexadecimal characters';
    return `${given} ${what}. ${advice}`;
  });
}

/** @throws InputProblem */
export function parseGoalState(text: string): GoalState {
  const state = text.toUpperCase();
  if (isGoalState(state)) return state;
  const why =
    state === 'FAILED' || state === 'CANCELLED' ? 'is not a goal' : 'is not a state of an import';
  throw new InputProblem((given) => `${given} ${why}. Expected one of ${PIPELINE.join(', ')}.`);
}

/** The API key; undefined where one of its parts is wrong, or missing. */
export function readCredentials(form: Form): Credentials | undefined {
  const publicKey = form.required('public-key', parsePublicKey);
  const privateKey = form.required('private-key', parsePrivateKey);
  if (publicKey === undefined || privateKey === undefined) return undefined;
  if (publicKey !== privateKey) return { publicKey, privateKey };
  form.problem(
    'public-key',
    'it is the same as private-key, and would be sent in the clear. Give the public key, which is one short word.'
  );
  return undefined;
}

/** The public key goes into a header of each request, in the clear. */
function parsePublicKey(text: string): string {
  if (PRIVATE_KEY.test(text)) {
    throw new InputProblem(
      'it has the form of a private key, and would be sent in the clear. Are the two keys swapped? A public key is one short word.'
    );
  }
  rejectInvisible(text);
  if (!/^[\x20-\x7e]+$/.test(text)) {
    throw new InputProblem('it has a character that no public key has. Copy it from Ops Manager.');
  }
  return text;
}

function parsePrivateKey(text: string): string {
  rejectInvisible(text);
  return text;
}

/** GitHub's token goes into a header, too. @throws InputProblem, without the token. */
export function parseToken(text: string): string {
  if (!/^[\x21-\x7e]+$/.test(text)) {
    throw new InputProblem(
      'it has a blank or another character that no token has. Leave it out to use the job’s own token.'
    );
  }
  return text;
}

/** A line break or an invisible character comes from copying, and no key has one. */
function rejectInvisible(text: string): void {
  if (/[\r\n]/.test(text)) {
    throw new InputProblem('it has a line break. Set the secret or variable behind it anew.');
  }
  if (INVISIBLE.test(text)) {
    throw new InputProblem(
      'it has an invisible character. Set the secret or variable behind it anew.'
    );
  }
}

/** What comes after Ops Manager's own URL in every call of its API. */
const API_PATH = '/api/public/v1.0';

// As it is sent, each byte of another script as %XX: it is saved for the post step, in 16 KiB with all else.
const LONGEST_URL = 2_000;
const EXPECTED_URL = 'Expected Ops Manager’s URL, such as https://ops-manager.example.com:8443.';
const NO_USER =
  'must not hold a user name or a password. Give the key as public-key and private-key.';
/** What ends a link in Markdown, or begins markup. */
const MARKUP = /[()[\]<>|*!`\\]/;

/**
 * Ops Manager's URL with the API's path once and no trailing slash.
 * @throws InputProblem, without what may be a password.
 */
export function parseBaseUrl(text: string): URL {
  // The URL parser takes tabs and line breaks out without a word.
  if (/[\s\p{C}]/u.test(text)) {
    throw new InputProblem(`it has a blank or an invisible character in it. ${EXPECTED_URL}`);
  }
  if (!/^https?:\/\//i.test(text)) throw new InputProblem(withoutScheme(text));
  if (!URL.canParse(text))
    throw new InputProblem(`it is not a URL: check its host and port. ${EXPECTED_URL}`);
  const url = new URL(text);
  const { length } = url.href;
  if (length > LONGEST_URL) throw new InputProblem(`it has ${length} characters. ${EXPECTED_URL}`);
  if (url.username !== '' || url.password !== '') {
    throw new InputProblem(`it ${NO_USER}`);
  }
  rejectPage(url);
  if (/[?#]/.test(text)) {
    throw new InputProblem(
      (given) => `${given} has a query or a fragment (“?” or “#”). Leave it out. ${EXPECTED_URL}`
    );
  }
  if (MARKUP.test(pathOf(text))) {
    throw new InputProblem(
      (given) => `${given} has one of ( ) [ ] < > | * ! \` \\ in its path. ${EXPECTED_URL}`
    );
  }
  url.pathname = contextOf(url) + API_PATH;
  return url;
}

/** The project's page in Ops Manager. */
export function projectUrlOf(apiUrl: URL, projectId: string): string {
  return `${apiUrl.origin}${apiUrl.pathname.slice(0, -API_PATH.length)}/v2/${projectId}`;
}

function withoutScheme(text: string): (given: string) => string {
  const url = `https://${text}`;
  if (text.includes('@')) return () => `it must start with https:// or http://, and ${NO_USER}`;
  // What has neither a dot nor a port may be a key in the wrong place.
  if (!/^(?!https?:)[^@/]*[.:]/i.test(text) || text.includes('://') || !URL.canParse(url)) {
    return () => `it must start with https:// or http://. ${EXPECTED_URL}`;
  }
  return (given) => `${given} must start with https:// or http://. Write https:// before it.`;
}

/** As it was written: the URL parser escapes some of what is looked for. */
function pathOf(text: string): string {
  return /^https?:\/\/[^/\\?#]*([^?#]*)/i.exec(text)?.[1] ?? '';
}

/** The address of a page, as a browser shows it, is what most people have at hand. */
function rejectPage({ origin, pathname, hash }: URL): void {
  if (!hash.startsWith('#/') && !/\/v2\/[0-9a-f]{24}/i.test(pathname)) return;
  const before = /^(.*?)\/v2(?:\/|$)/i.exec(pathname)?.[1];
  throw new InputProblem(
    before === undefined
      ? `it is the address of a page in the browser. Give Ops Manager’s own: ${origin}`
      : `it is the address of a page in the browser. Give what stands before /v2: ${origin}${before}`
  );
}

/** The path before the API's, which may stand there already, and twice. @throws InputProblem */
function contextOf({ origin, pathname }: URL): string {
  let path = withoutSlash(pathname);
  while (path.endsWith(API_PATH)) path = withoutSlash(path.slice(0, -API_PATH.length));
  const at = /\/api\/(?:public|atlas)(?:\/|$)/.exec(path)?.index;
  if (at === undefined) return path;
  throw new InputProblem(
    (given) =>
      `${given} is the address of a call. Give what stands before /api: ${origin}${path.slice(0, at)}`
  );
}

function withoutSlash(path: string): string {
  let end = path.length;
  while (path[end - 1] === '/') end -= 1;
  return path.slice(0, end);
}

/** Reads where and how this step reports. */
export function readReporting(form: Form): Reporting {
  const context = form.optional('commit-status', parseStatusContext);
  const isWanted = form.source.get('commit-status') !== '';
  const token = isWanted ? form.optional('github-token', parseToken) : undefined;
  if (isWanted && form.source.get('github-token') === '') {
    form.problem(
      'github-token',
      'it is needed for commit-status. Leave it out to use the job’s own token.'
    );
  }
  return {
    jobSummary: form.flag('job-summary', true) ?? true,
    commitStatus: context === undefined || token === undefined ? undefined : { context, token },
    gitHub: gitHubOf(form)
  };
}

/** The name of a commit status. @throws InputProblem */
function parseStatusContext(text: string): string {
  if (/^(?:true|false|on|off|yes|no|none|null)$/i.test(text)) {
    throw new InputProblem(
      (given) =>
        `${given} would be the name of the status. Write one such as ops-manager/import, or leave it out for none.`
    );
  }
  if (text.length > 200 || clean(text) !== text) {
    throw new InputProblem(
      'it must be a plain name of at most 200 characters, such as ops-manager/import.'
    );
  }
  return text;
}

/** The GitHub of the environment. */
export function gitHubOf({ source }: Form): GitHub {
  const apiUrl = apiUrlOf(source.env);
  // A proxy that is wrong stops no step for the sake of a status.
  const proxy = readProxy(new Form(source), apiUrl);
  const runUrl = runUrlOf(source.env);
  return { apiUrl, proxy, runUrl, userAgent: userAgentOf(runUrl), secrets: source.secrets };
}

function runUrlOf(env: InputSource['env']): string | undefined {
  const { GITHUB_SERVER_URL: server, GITHUB_REPOSITORY: repository, GITHUB_RUN_ID: run } = env;
  const url = `${server ?? ''}/${repository ?? ''}/actions/runs/${run ?? ''}`;
  return server && repository && run && /^[\x21-\x7e]+$/.test(url) ? url : undefined;
}

function apiUrlOf(env: InputSource['env']): URL {
  const given = env['GITHUB_API_URL'] ?? '';
  const isUrl = /^https?:/i.test(given) && URL.canParse(given);
  return new URL(isUrl ? given : 'https://api.github.com');
}

/** The name in Ops Manager's access log, which leads back to the run. */
function userAgentOf(runUrl: string | undefined): string {
  const name = `await-ops-manager-import/${manifest.version}`;
  return runUrl === undefined ? name : `${name} (+${runUrl})`;
}

// A run for `pull_request_target` has secrets, whoever asks for the pull.
const EVENTS_WITHOUT_SECRETS_FOR_FORKS = [
  'pull_request',
  'pull_request_review',
  'pull_request_review_comment'
];
const DEPENDABOT = 'dependabot[bot]';

/**
 * Why GitHub gives this run no secrets, as a sentence after a blank; empty where it gives them.
 * Source: GitHub, "Events that trigger workflows" and "Dependabot on GitHub Actions".
 */
export function hintOnMissingSecrets(env: InputSource['env']): string {
  const event = readEvent(env['GITHUB_EVENT_PATH'] ?? '');
  if (env['GITHUB_ACTOR'] === DEPENDABOT || textAt(event, 'sender', 'login') === DEPENDABOT) {
    return " This run is Dependabot’s, which gets no secrets but those under Settings, Secrets and variables, Dependabot: add it there, or skip this step with if: github.actor != 'dependabot[bot]'.";
  }
  const asked = isRecord(event) ? event['pull_request'] : undefined;
  const isFork =
    EVENTS_WITHOUT_SECRETS_FOR_FORKS.includes(env['GITHUB_EVENT_NAME'] ?? '') &&
    isRecord(asked) &&
    textAt(asked, 'head', 'repo', 'full_name') !== env['GITHUB_REPOSITORY'];
  return isFork
    ? ' This run is for a pull request from a fork, which gets no secrets: skip this step with if: github.event.pull_request.head.repo.full_name == github.repository, and run it after the merge.'
    : '';
}

function textAt(json: unknown, ...names: readonly string[]): string | undefined {
  const value = names.reduce((at, name) => (isRecord(at) ? at[name] : undefined), json);
  return typeof value === 'string' ? value : undefined;
}
