import { createHash, randomBytes } from 'node:crypto';
import { Nonces, type Nonce } from './nonces.ts';

/** The programmatic API key: the public key is the user name. */
export interface Credentials {
  readonly publicKey: string;
  readonly privateKey: string;
}

/** One transmission's digest. */
export interface Authorization {
  /** The `Authorization` header. */
  readonly header: string;
  readonly nonce: Nonce;
}

/**
 * What a session made of a 401: `stale` ones say that only the nonce was too old or unknown (RFC
 * 7616, section 3.3), `unanswerable` ones ask for something else than a digest, `hash-refused` ones
 * for a hash that this Node does not compute.
 */
export type Verdict = 'answerable' | 'stale' | 'unanswerable' | 'hash-refused' | 'no-challenge';

/** What a session may be told by tests. */
interface SessionOptions {
  readonly makeCnonce?: () => string;
  readonly canHash?: (hash: string) => boolean;
  /** A monotonic clock, in milliseconds. */
  readonly now?: () => number;
}

// Strongest first; RFC 7616, section 3.7, lets the client choose.
const ALGORITHMS = ['sha-256', 'sha-256-sess', 'md5', 'md5-sess'];

/**
 * One client's digest session: it keeps the newest nonces and counts their uses, so that a
 * challenge is paid for only when a server's nonce expires or is another node's.
 */
export class DigestSession {
  readonly #credentials: Credentials;
  readonly #makeCnonce: () => string;
  readonly #canHash: (hash: string) => boolean;
  readonly #now: () => number;
  readonly #nonces = new Nonces();

  constructor(credentials: Credentials, options: SessionOptions = {}) {
    this.#credentials = credentials;
    this.#makeCnonce = options.makeCnonce ?? (() => randomBytes(16).toString('hex'));
    this.#canHash = options.canHash ?? canHash;
    this.#now = options.now ?? (() => performance.now());
  }

  /**
   * Takes the strongest challenge of a 401 that it can answer; its nonce counts from 1.
   * `refused` is the digest that met the 401.
   */
  challenge(header: string | readonly string[] | undefined, refused?: Authorization): Verdict {
    const challenges = parseChallenges(header);
    const forms = challenges.filter((challenge) => isDigest(challenge)).sort(byStrength);
    const best = forms.find(({ params }) => this.#canHash(hashOf(algorithmOf(params))));
    if (!best) {
      if (challenges.length === 0) return 'no-challenge';
      return forms.length > 0 ? 'hash-refused' : 'unanswerable';
    }
    const given = this.#nonces.known(best.params) ?? this.#nonceOf(best.params);
    this.#nonces.noteRefused(refused?.nonce, given);
    return best.params.get('stale')?.toLowerCase() === 'true' ? 'stale' : 'answerable';
  }

  /** Notes that the server let a request pass, and the nonce that it announces in its place. */
  accept({ nonce }: Authorization, info: string | undefined): void {
    this.#nonces.noteAccepted(nonce);
    const next = parseAuthenticationInfo(info ?? '').get('nextnonce');
    if (next === undefined || next === nonce.params.get('nonce')) return;
    this.#nonces.replace(nonce, this.#nonceOf(new Map(nonce.params).set('nonce', next)));
  }

  /**
   * The digest for one transmission, undefined while there is no nonce. Each call counts as a use
   * of the nonce: a server takes the same count twice for a replay.
   */
  authorize(method: string, uri: string): Authorization | undefined {
    const nonce = this.#nonces.next;
    if (!nonce) return undefined;
    nonce.count += 1;
    return { header: this.#headerFor(nonce, method, uri), nonce };
  }

  #headerFor({ params, cnonce, count }: Nonce, method: string, uri: string): string {
    const nc = count.toString(16).padStart(8, '0');
    const { publicKey: username, privateKey: password } = this.#credentials;
    const algorithm = algorithmOf(params);
    const realm = params.get('realm') ?? '';
    const nonce = params.get('nonce') ?? '';
    const qop = params.has('qop') ? { nc, cnonce } : undefined;
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

  #nonceOf(params: ReadonlyMap<string, string>): Nonce {
    return {
      params,
      cnonce: this.#makeCnonce(),
      madeAtMs: this.#now(),
      count: 0,
      standing: 'new'
    };
  }
}

function algorithmOf(params: ReadonlyMap<string, string>): string {
  return (params.get('algorithm') ?? 'MD5').toLowerCase();
}

function strength({ params }: Challenge): number {
  return ALGORITHMS.indexOf(algorithmOf(params));
}

function byStrength(a: Challenge, b: Challenge): number {
  return strength(a) - strength(b);
}

function isDigest(challenge: Challenge): boolean {
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

/**
 * The parameters that go into a digest, after quotes and lists have been undone. Those of the
 * challenge have one character a byte, as headers are read.
 */
interface DigestInput {
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
  const hash = (...parts: readonly (string | Buffer)[]): string =>
    parts.reduce((sum, part) => sum.update(part), createHash(hashOf(algorithm))).digest('hex');
  // A header is read byte for byte, whatever its encoding, and so it is hashed.
  const realm = Buffer.from(input.realm, 'latin1');
  const nonce = Buffer.from(input.nonce, 'latin1');
  const key = hash(`${input.username}:`, realm, `:${input.password}`);
  const ha1 = algorithm.endsWith('-sess') ? hash(`${key}:`, nonce, `:${input.cnonce}`) : key;
  const ha2 = hash(`${input.method}:${input.uri}`);
  return input.qop
    ? hash(`${ha1}:`, nonce, `:${input.qop.nc}:${input.qop.cnonce}:auth:${ha2}`)
    : hash(`${ha1}:`, nonce, `:${ha2}`);
}

/** The hash behind an algorithm of RFC 7616, as Node names it. */
function hashOf(algorithm: string): 'sha256' | 'md5' {
  return algorithm.toLowerCase().startsWith('sha-256') ? 'sha256' : 'md5';
}

/** Whether this Node computes the hash: in FIPS mode it refuses MD5. */
export function canHash(hash: string): boolean {
  try {
    createHash(hash);
    return true;
  } catch {
    return false;
  }
}

/** A challenge of `WWW-Authenticate`, its scheme and parameter names in lower case. */
interface Challenge {
  readonly scheme: string;
  readonly params: ReadonlyMap<string, string>;
}

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
    } else {
      challenges.push({ scheme: name, params: new Map() });
      take(TOKEN68);
    }
  }
  return challenges;
}

/** The parameters of `Authentication-Info`, which has no scheme. RFC 7616, section 3.5. */
function parseAuthenticationInfo(header: string): ReadonlyMap<string, string> {
  return parseHeader(`info ${header}`)[0]?.params ?? new Map<string, string>();
}
