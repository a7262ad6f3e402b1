import { randomBytes } from 'node:crypto';
import { parseAuthenticationInfo, parseChallenges, type Challenge } from './challenge.ts';
import { canHash, digestResponse, hashOf } from './digest.ts';
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
 * What a session made of a 401: `unanswerable` challenges ask for something else than a digest,
 * `hash-refused` ones for a hash that this Node does not compute.
 */
export type Verdict = 'answerable' | 'stale' | 'unanswerable' | 'hash-refused' | 'no-challenge';

/** What a session may be told, for a post step and for tests. */
export interface SessionOptions {
  /** Whether the step before this one has been authenticated with the same key. */
  readonly wasAuthenticated?: boolean | undefined;
  readonly makeCnonce?: () => string;
  /** 0 to 1, to guess which node will answer. */
  readonly random?: () => number;
  readonly canHash?: (hash: string) => boolean;
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
  readonly #nonces: Nonces;
  #isAuthenticated: boolean;

  constructor(credentials: Credentials, options: SessionOptions = {}) {
    this.#credentials = credentials;
    this.#makeCnonce = options.makeCnonce ?? (() => randomBytes(16).toString('hex'));
    this.#canHash = options.canHash ?? canHash;
    this.#nonces = new Nonces(options.random ?? Math.random);
    this.#isAuthenticated = options.wasAuthenticated ?? false;
  }

  /** Whether a digest of this key was ever accepted: then a 401 does not mean a wrong key. */
  get isAuthenticated(): boolean {
    return this.#isAuthenticated;
  }

  /**
   * Takes the strongest challenge of a 401 that it can answer; its nonce counts from 1.
   * `refused` is the digest that met the 401.
   */
  accept(header: string | readonly string[] | undefined, refused?: Authorization): Verdict {
    const challenges = parseChallenges(header);
    const forms = challenges.filter((challenge) => isDigest(challenge)).sort(byStrength);
    const best = forms.find(({ params }) => this.#canHash(hashOf(algorithmOf(params))));
    if (!best) {
      this.#nonces.dropAll();
      if (challenges.length === 0) return 'no-challenge';
      return forms.length > 0 ? 'hash-refused' : 'unanswerable';
    }
    const isStale = best.params.get('stale')?.toLowerCase() === 'true';
    const nonce = this.#nonces.known(best.params) ?? this.#nonceOf(best.params);
    if (refused && isStale) this.#nonces.noteStale(refused.nonce);
    else if (refused) this.#nonces.drop(refused.nonce);
    this.#nonces.add(nonce);
    return isStale ? 'stale' : 'answerable';
  }

  /** Notes that the server let a request pass. */
  noteAccepted({ nonce }: Authorization): void {
    this.#isAuthenticated = true;
    this.#nonces.noteAccepted(nonce);
  }

  /** Takes the nonce that a server with one-time nonces announces. RFC 7616, section 3.5. */
  acceptNextNonce({ nonce }: Authorization, header: string): void {
    const next = parseAuthenticationInfo(header).get('nextnonce');
    if (next === undefined || next === nonce.params.get('nonce')) return;
    this.#nonces.drop(nonce);
    this.#nonces.add(this.#nonceOf(new Map(nonce.params).set('nonce', next)));
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
    return { params, cnonce: this.#makeCnonce(), count: 0, wasAccepted: false, staleCount: 0 };
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
