import { createHash, randomBytes } from 'node:crypto';

/** A challenge of `WWW-Authenticate`, its scheme and parameter names in lower case. */
export interface Challenge {
  readonly scheme: string;
  readonly params: ReadonlyMap<string, string>;
}

/** The programmatic API key: the public key is the user name. */
export interface Credentials {
  readonly publicKey: string;
  readonly privateKey: string;
}

// Strongest first; RFC 7616, section 3.7, lets the client choose.
const ALGORITHMS = ['sha-256', 'sha-256-sess', 'md5', 'md5-sess'];

const LIST_GAP = /[\s,]*/y;
const TOKEN = /[!#$%&'*+\-.^_`|~\w]+/y;
const EQUALS = /[ \t]*=[ \t]*/y;
const QUOTED = /"((?:[^"\\]|\\.)*)"/sy;
const TOKEN68 = /[ \t]+[\w\-.~+/]+=*[ \t]*(?=,|$)/y;
const TO_NEXT_COMMA = /[^,]*/y;

/**
 * Reads challenges from one or many `WWW-Authenticate` headers. Never throws: what is not a
 * challenge is passed over. RFC 9110, section 11.6.1.
 */
export function parseChallenges(header: string | readonly string[] | undefined): Challenge[] {
  const headers = typeof header === 'string' ? [header] : (header ?? []);
  return headers.flatMap(parseHeader);
}

function parseHeader(text: string): Challenge[] {
  const challenges: { scheme: string; params: Map<string, string> }[] = [];
  let position = 0;
  const take = (pattern: RegExp): RegExpExecArray | undefined => {
    pattern.lastIndex = position;
    const match = pattern.exec(text);
    if (match) position = pattern.lastIndex;
    return match ?? undefined;
  };
  while (position < text.length) {
    take(LIST_GAP);
    const name = take(TOKEN)?.[0].toLowerCase();
    if (name === undefined) {
      take(TO_NEXT_COMMA);
    } else if (challenges.length > 0 && take(EQUALS)) {
      const quoted = take(QUOTED)?.[1]?.replace(/\\(.)/gs, '$1');
      const value = quoted ?? take(TOKEN)?.[0];
      const params = challenges.at(-1)?.params;
      if (value !== undefined && params && !params.has(name)) params.set(name, value);
      if (value === undefined) take(TO_NEXT_COMMA);
    } else {
      challenges.push({ scheme: name, params: new Map() });
      take(TOKEN68);
    }
  }
  return challenges;
}

/** The parameters of `Authentication-Info`, which has no scheme. RFC 7616, section 3.5. */
export function parseAuthenticationInfo(header: string): ReadonlyMap<string, string> {
  return parseHeader(`info ${header}`)[0]?.params ?? new Map<string, string>();
}

/** The parameters that go into a digest, after quotes and lists have been undone. */
export interface DigestInput {
  readonly algorithm: string;
  readonly username: string;
  readonly password: string;
  readonly realm: string;
  readonly nonce: string;
  readonly method: string;
  readonly uri: string;
  /** Absent in the form of RFC 2069, which knows no `qop`. */
  readonly qop?: { readonly nc: string; readonly cnonce: string } | undefined;
  readonly cnonce: string;
}

/** The `response` parameter. RFC 7616, section 3.4.1; RFC 2617, section 3.2.2.1 without a qop. */
export function digestResponse(input: DigestInput): string {
  const algorithm = input.algorithm.toLowerCase();
  const hash = (text: string): string =>
    createHash(algorithm.startsWith('sha-256') ? 'sha256' : 'md5')
      .update(text)
      .digest('hex');
  const key = hash(`${input.username}:${input.realm}:${input.password}`);
  const ha1 = algorithm.endsWith('-sess') ? hash(`${key}:${input.nonce}:${input.cnonce}`) : key;
  const ha2 = hash(`${input.method}:${input.uri}`);
  return input.qop
    ? hash(`${ha1}:${input.nonce}:${input.qop.nc}:${input.qop.cnonce}:auth:${ha2}`)
    : hash(`${ha1}:${input.nonce}:${ha2}`);
}

interface ActiveNonce {
  readonly params: ReadonlyMap<string, string>;
  readonly algorithm: string;
  readonly hasQop: boolean;
  readonly cnonce: string;
  /** How often the nonce has been used. */
  count: number;
}

/** What a session made of a 401: `unanswerable` challenges ask for something else than a digest. */
export type Verdict = 'answerable' | 'stale' | 'unanswerable' | 'no-challenge';

/**
 * One client's digest session: it keeps the newest nonce and counts its uses, so that a challenge
 * is paid for only when the server's nonce expires.
 */
export class DigestSession {
  readonly #credentials: Credentials;
  readonly #makeCnonce: () => string;
  #active: ActiveNonce | undefined;

  constructor(
    credentials: Credentials,
    makeCnonce: () => string = () => randomBytes(16).toString('hex')
  ) {
    this.#credentials = credentials;
    this.#makeCnonce = makeCnonce;
  }

  /** Takes the strongest challenge of a 401 that it can answer; its nonce counts from 1. */
  accept(header: string | readonly string[] | undefined): Verdict {
    this.#active = undefined;
    const challenges = parseChallenges(header);
    if (challenges.length === 0) return 'no-challenge';
    const [best] = challenges
      .filter((challenge) => isAnswerable(challenge))
      .sort((a, b) => strength(a) - strength(b));
    if (!best) return 'unanswerable';
    this.#activate(best.params);
    return best.params.get('stale')?.toLowerCase() === 'true' ? 'stale' : 'answerable';
  }

  /** Takes the nonce that a server with one-time nonces announces. RFC 7616, section 3.5. */
  acceptNextNonce(header: string): void {
    const nonce = parseAuthenticationInfo(header).get('nextnonce');
    if (!this.#active || nonce === undefined) return;
    this.#activate(new Map(this.#active.params).set('nonce', nonce));
  }

  /**
   * The `Authorization` header for one transmission, undefined while there is no nonce. Each call
   * counts as a use of the nonce: a server takes the same count twice for a replay.
   */
  authorize(method: string, uri: string): string | undefined {
    const active = this.#active;
    if (!active) return undefined;
    active.count += 1;
    const nc = active.count.toString(16).padStart(8, '0');
    const { publicKey: username, privateKey: password } = this.#credentials;
    const { params, algorithm, cnonce } = active;
    const realm = params.get('realm') ?? '';
    const nonce = params.get('nonce') ?? '';
    const qop = active.hasQop ? { nc, cnonce } : undefined;
    const request = { username, realm, nonce, uri };
    const response = digestResponse({ ...request, algorithm, password, method, cnonce, qop });
    const opaque = params.get('opaque');
    const named = params.get('algorithm');
    return [
      `Digest ${Object.entries(request)
        .map(([name, value]) => `${name}=${quote(value)}`)
        .join(', ')}`,
      `response="${response}"`,
      ...(named === undefined ? [] : [`algorithm=${named}`]),
      ...(opaque === undefined ? [] : [`opaque=${quote(opaque)}`]),
      ...(qop ? [`qop=auth, nc=${nc}`] : []),
      ...(qop || algorithm.endsWith('-sess') ? [`cnonce="${cnonce}"`] : [])
    ].join(', ');
  }

  #activate(params: ReadonlyMap<string, string>): void {
    this.#active = {
      params,
      algorithm: algorithmOf(params),
      hasQop: params.has('qop'),
      cnonce: this.#makeCnonce(),
      count: 0
    };
  }
}

function algorithmOf(params: ReadonlyMap<string, string>): string {
  return (params.get('algorithm') ?? 'MD5').toLowerCase();
}

function strength({ params }: Challenge): number {
  return ALGORITHMS.indexOf(algorithmOf(params));
}

function isAnswerable(challenge: Challenge): boolean {
  const { scheme, params } = challenge;
  const qop = params
    .get('qop')
    ?.toLowerCase()
    .split(/[\s,]+/);
  return (
    scheme === 'digest' &&
    params.has('nonce') &&
    strength(challenge) >= 0 &&
    (qop === undefined || qop.includes('auth'))
  );
}

function quote(value: string): string {
  return `"${value.replace(/["\\]/g, '\\$&')}"`;
}
