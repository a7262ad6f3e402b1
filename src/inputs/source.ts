import { looksLikePath } from './files.ts';

/** Where inputs come from. */
export interface InputSource {
  /** An input's trimmed text, empty when left out. */
  readonly get: (name: string) => string;
  /** Masks a secret in the log. */
  readonly mask: (secret: string) => void;
  readonly env: Readonly<Record<string, string | undefined>>;
}

/** A source that remembers what it masked. */
export interface MaskingSource extends InputSource {
  readonly secrets: readonly string[];
}

/** An Ops Manager's private key has this form, and a public one never. */
export const PRIVATE_KEY = /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;

/** Masks what is a secret by its name, before anything else: what is reported may quote an input. */
export function withMaskedSecrets(source: InputSource): MaskingSource {
  const secrets: string[] = [];
  const known = new Set(['']);
  const mask = (secret: string): void => {
    if (known.has(secret)) return;
    known.add(secret);
    secrets.push(secret);
    source.mask(secret);
  };
  const { get, env } = source;
  mask(get('private-key'));
  mask(get('client-key-passphrase'));
  mask(get('github-token'));
  const [clientKey, publicKey] = [get('client-key'), get('public-key')];
  // The path of a key is shown where there is no such file.
  if (!looksLikePath(clientKey)) mask(clientKey);
  // The two keys may be swapped.
  if (PRIVATE_KEY.test(publicKey)) mask(publicKey);
  secretsOfUris(get('base-url')).forEach(mask);
  for (const name of ['HTTP_PROXY', 'HTTPS_PROXY', 'http_proxy', 'https_proxy'])
    secretsOfProxy(env[name] ?? '').forEach(mask);
  return { ...source, mask, secrets };
}

/** The user info of each URI in a text, whole and its password, as it is written and as it is meant. */
export function secretsOfUris(text: string): readonly string[] {
  return Array.from(text.matchAll(/:\/\/([^\s/?#]*)@/g), ([, userInfo = '']) =>
    secretsOfUserInfo(userInfo)
  ).flat();
}

/** The scheme may be left out there, and a password may have a “/”, “?” or “#” that it should not. */
function secretsOfProxy(text: string): readonly string[] {
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
