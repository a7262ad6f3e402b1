import { isRecord } from '../case/json.ts';
import { looksLikePath, readEvent } from './files.ts';
import type { InputSource, MaskingSource } from './form.ts';

/** An Ops Manager's private key has this form, and a public one never. */
export const PRIVATE_KEY = /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;
/** What is a secret by its form: Ops Manager's private keys, PEM's, and GitHub's tokens. */
const SECRET_FORMS =
  /(?<![0-9a-z-])[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}(?![0-9a-z-])|-----BEGIN [A-Z ]{0,20}PRIVATE KEY-----[^-]+|(?<!\w)(?:gh[a-z]|github_pat)_\w{16,}/gi;

/**
 * Masks what is a secret by its name, before anything else, and what is one by its form in any
 * input that is read: it may stand in the wrong one, and what is reported may quote an input.
 */
export function withMaskedSecrets(source: InputSource): MaskingSource {
  const secrets: string[] = [];
  const known = new Set(['']);
  const mask = (secret: string): void => {
    if (known.has(secret)) return;
    known.add(secret);
    secrets.push(secret);
    source.mask(secret);
  };
  const { env } = source;
  const get = (name: string): string => {
    const text = source.get(name);
    // A file's name, or JSON, whose secrets have names.
    if (name !== 'import-request') (text.match(SECRET_FORMS) ?? []).forEach(mask);
    return text;
  };
  mask(get('private-key'));
  mask(get('client-key-passphrase'));
  mask(get('github-token'));
  const clientKey = get('client-key');
  // The path of a key is shown where there is no such file.
  if (!looksLikePath(clientKey)) mask(clientKey);
  secretsOfAddress(get('base-url')).forEach(mask);
  for (const name of ['HTTP_PROXY', 'HTTPS_PROXY', 'http_proxy', 'https_proxy'])
    secretsOfAddress(env[name] ?? '').forEach(mask);
  return { ...source, get, mask, secrets, hintOnMissing: () => hintOnMissingSecrets(env) };
}

/**
 * The user info of each URI in a text, whole and its password, as it is written and as it is meant;
 * at the beginning of the text the scheme may be left out.
 */
export function secretsOfUris(text: string): readonly string[] {
  const [before = ''] = /^[^\s/?#@:]*:[^\s/?#]*@/.exec(text) ?? [];
  return [
    ...(before === '' ? [] : secretsOfUserInfo(before.slice(0, -1))),
    ...Array.from(text.matchAll(/:\/\/([^\s/?#]*)@/g), ([, userInfo = '']) =>
      secretsOfUserInfo(userInfo)
    ).flat()
  ];
}

/** The scheme may be left out there, and a password may have a “/”, “?” or “#” that it should not. */
function secretsOfAddress(text: string): readonly string[] {
  const userInfo = text.trim().replace(/^\w+:\/\//, '');
  const end = userInfo.lastIndexOf('@');
  // A user name alone is no secret.
  return end < 0 || !userInfo.slice(0, end).includes(':')
    ? []
    : secretsOfUserInfo(userInfo.slice(0, end));
}

function secretsOfUserInfo(userInfo: string): readonly string[] {
  // A name with an @ in it is one, as in user@example.com:password.
  const [, password = ''] = /^[^:]*:(.*)$/s.exec(userInfo) ?? [];
  return [userInfo, password]
    .flatMap((text) => [text, decoded(text)])
    .filter((text) => text !== '');
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}

// A run for `pull_request_target` has secrets, whoever asks for the pull.
const EVENTS_WITHOUT_SECRETS_FOR_FORKS = [
  'pull_request',
  'pull_request_review',
  'pull_request_review_comment'
];
const DEPENDABOT = 'dependabot[bot]';

/** Source: GitHub, "Events that trigger workflows" and "Dependabot on GitHub Actions". */
function hintOnMissingSecrets(env: InputSource['env']): string {
  const event = eventOf(env);
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

function eventOf(env: InputSource['env']): unknown {
  const path = env['GITHUB_EVENT_PATH'] ?? '';
  return path === '' ? undefined : readEvent(path);
}

function textAt(json: unknown, ...names: readonly string[]): string | undefined {
  const value = names.reduce((at, name) => (isRecord(at) ? at[name] : undefined), json);
  return typeof value === 'string' ? value : undefined;
}
