import { isGoalState, PIPELINE, type GoalState } from '../case/states.ts';
import { parseDuration } from '../duration.ts';
import type { ProxySettings } from '../http/proxy.ts';
import { clean } from '../untrusted.ts';
import { InputProblem } from './problem.ts';

/** What happens with `import-request` when the project has an import in progress already. */
export type IfInProgress = 'create' | 'adopt' | 'fail';

/** What comes after Ops Manager's own URL in every call of its API. */
export const API_PATH = '/api/public/v1.0';
// A timer of Node's cannot count further than 2^31 ms, about 24.8 days.
const LONGEST_DURATION_MS = 24 * 24 * 60 * 60 * 1000;

/** Ops Manager's URL with the API's path and no trailing slash. @throws InputProblem */
export function parseBaseUrl(text: string): URL {
  const expected = 'Expected Ops Manager’s URL, such as https://ops-manager.example.com:8443.';
  // A URL may hold a password, so it is not repeated.
  if (!URL.canParse(text)) throw new InputProblem(`this is not a URL. ${expected}`);
  const url = new URL(text);
  if (url.protocol !== 'https:' && url.protocol !== 'http:') {
    throw new InputProblem(`it must start with https:// or http://. ${expected}`);
  }
  if (url.username !== '' || url.password !== '') {
    throw new InputProblem(
      'it must not hold a user name or a password. Give the key as public-key and private-key.'
    );
  }
  if (/[?#]/.test(text)) {
    throw new InputProblem(`it must not have a query or a fragment (“?” or “#”). ${expected}`);
  }
  const path = url.pathname.replace(/\/+$/, '');
  url.pathname = path.endsWith(API_PATH) ? path : path + API_PATH;
  return url;
}

/** An identifier of Ops Manager's, in lower case. @throws InputProblem */
export function parseObjectId(text: string): string {
  if (!/^[0-9a-f]{24}$/i.test(text)) {
    throw new InputProblem(
      `${given(text)} is not 24 hexadecimal characters. Copy it from Ops Manager.`
    );
  }
  return text.toLowerCase();
}

/** A positive duration in milliseconds. @throws InputProblem */
export function parsePositiveDuration(text: string, shortestMs = 1): number {
  const ms = parseDuration(text);
  if (ms === undefined) {
    throw new InputProblem(
      `${given(text)} is not a duration. Write it as 90s, 45m, 1h30m, 2d or a number of seconds.`
    );
  }
  if (ms < shortestMs) {
    const least = shortestMs === 1 ? 'must be positive' : `must be at least ${shortestMs / 1000}s`;
    throw new InputProblem(`${given(text)} ${least}.`);
  }
  if (ms > LONGEST_DURATION_MS) throw new InputProblem(`${given(text)} must be at most 24d.`);
  return ms;
}

/** @throws InputProblem */
export function parseGoalState(text: string): GoalState {
  const state = text.toUpperCase();
  if (isGoalState(state)) return state;
  const why = state === 'FAILED' || state === 'CANCELLED' ? 'is not a goal' : 'is not a state';
  throw new InputProblem(`${given(text)} ${why}. Expected one of ${PIPELINE.join(', ')}.`);
}

/** The booleans of YAML 1.2's core schema, as the toolkit takes them. @throws InputProblem */
export function parseBoolean(text: string): boolean {
  if (/^(true|True|TRUE)$/.test(text)) return true;
  if (/^(false|False|FALSE)$/.test(text)) return false;
  throw new InputProblem(`${given(text)} is not true or false.`);
}

/** The name of a commit status. @throws InputProblem */
export function parseStatusContext(text: string): string {
  if (text.length > 200 || clean(text) !== text) {
    throw new InputProblem(
      'it must be a plain name of at most 200 characters, such as ops-manager/import.'
    );
  }
  return text;
}

/** @throws InputProblem */
export function parseIfInProgress(text: string): IfInProgress {
  const choice = ['create', 'adopt', 'fail'].find((each) => each === text.toLowerCase());
  if (choice === undefined) {
    throw new InputProblem(`${given(text)} is not one of create, adopt and fail.`);
  }
  return choice as IfInProgress;
}

/** The public key goes into a header of each request. @throws InputProblem */
export function parsePublicKey(text: string): string {
  rejectInvisible(text);
  if (!/^[\x20-\x7e]+$/.test(text)) {
    throw new InputProblem('it has a character that no public key has. Copy it from Ops Manager.');
  }
  return text;
}

/** @throws InputProblem, without the key. */
export function parsePrivateKey(text: string): string {
  rejectInvisible(text);
  return text;
}

/** GitHub's token goes into a header, too. @throws InputProblem, without the token. */
export function parseToken(text: string): string {
  if (!/^[\x21-\x7e]+$/.test(text)) {
    throw new InputProblem('it is no token. Leave it out to use the job’s own token.');
  }
  return text;
}

/** A line break or an invisible character comes from copying, and no key has one. */
function rejectInvisible(text: string): void {
  if (/[\r\n]/.test(text)) {
    throw new InputProblem('it has a line break. Set the secret or variable behind it anew.');
  }
  if (/[\p{C}\p{Zl}\p{Zp}]/u.test(text)) {
    throw new InputProblem(
      'it has an invisible character. Set the secret or variable behind it anew.'
    );
  }
}

/** The proxies in the environment; curl's lower case goes first. @throws InputProblem */
export function parseProxies(env: Readonly<Record<string, string | undefined>>): ProxySettings {
  const variable = (name: string): string => env[name.toLowerCase()] ?? env[name] ?? '';
  return {
    http: parseProxy('HTTP_PROXY', variable('HTTP_PROXY')),
    https: parseProxy('HTTPS_PROXY', variable('HTTPS_PROXY')),
    noProxy: variable('NO_PROXY')
  };
}

function parseProxy(name: string, text: string): string {
  if (text === '') return '';
  // As curl does: a proxy without a scheme is an HTTP proxy.
  const url = text.includes('://') ? text : `http://${text}`;
  if (!URL.canParse(url) || !/^https?:\/\//i.test(url)) {
    throw new InputProblem(
      `${name} in the environment is not the URL of an HTTP proxy. Write it as http://proxy.example.com:3128.`
    );
  }
  const { username, password } = new URL(url);
  if (!isPercentEncoded(username) || !isPercentEncoded(password)) {
    throw new InputProblem(
      `${name} in the environment has a user name or a password with a “%” that encodes nothing. Write “%” as %25 there.`
    );
  }
  return url;
}

function isPercentEncoded(text: string): boolean {
  try {
    decodeURIComponent(text);
    return true;
  } catch {
    return false;
  }
}

/** What was given, as a problem quotes it. */
export function given(text: string): string {
  return text === '' ? 'nothing' : `“${clean(text).slice(0, 80)}”`;
}
