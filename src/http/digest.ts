import { createHash, randomBytes } from 'node:crypto';

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
export type Login = 'answerable' | 'stale' | 'unanswerable' | 'hash-refused' | 'no-challenge';

/** What a session may be told by tests. */
interface SessionOptions {
  readonly makeCnonce?: () => string;
  readonly createHash?: typeof createHash;
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
  readonly #createHash: typeof createHash;
  readonly #now: () => number;
  readonly #nonces = new Nonces();

  constructor(credentials: Credentials, options: SessionOptions = {}) {
    this.#credentials = credentials;
    this.#makeCnonce = options.makeCnonce ?? (() => randomBytes(16).toString('hex'));
    this.#createHash = options.createHash ?? createHash;
    this.#now = options.now ?? (() => performance.now());
  }

  /**
   * Takes the strongest challenge of a 401 that it can answer; its nonce counts from 1.
   * `refused` is the digest that met the 401.
   */
  challenge(header: string | readonly string[] | undefined, refused?: Authorization): Login {
    const challenges = [header ?? []].flat().flatMap(challengesIn);
    const forms = challenges.filter(isDigest).sort((a, b) => strength(a) - strength(b));
    const best = forms.find(({ params }) => this.#canHash(algorithmOf(params)));
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
    // It has parameters like a challenge, but no scheme. RFC 7616, section 3.5.
    const next = challengesIn(`info ${info ?? ''}`)[0]?.params.get('nextnonce');
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

  #headerFor(nonce: Nonce, method: string, uri: string): string {
    const { params, cnonce, count } = nonce;
    const nc = count.toString(16).padStart(8, '0');
    const qop = params.has('qop') ? ['qop=auth', `nc=${nc}`] : [];
    const algorithm = params.get('algorithm');
    const opaque = params.get('opaque');
    return [
      `Digest username=${quote(this.#credentials.publicKey)}`,
      `realm=${quote(params.get('realm') ?? '')}`,
      `nonce=${quote(params.get('nonce') ?? '')}`,
      `uri=${quote(uri)}`,
      `response="${this.#responseTo(nonce, nc, `${method}:${uri}`)}"`,
      ...(algorithm === undefined ? [] : [`algorithm=${algorithm}`]),
      ...(opaque === undefined ? [] : [`opaque=${quote(opaque)}`]),
      ...qop,
      ...(qop.length > 0 || isOfSession(params) ? [`cnonce="${cnonce}"`] : [])
    ].join(', ');
  }

  /** RFC 7616, section 3.4.1; RFC 2617, section 3.2.2.1 without a `qop`, which RFC 2069 does not know. */
  #responseTo({ params, cnonce }: Nonce, nc: string, request: string): string {
    const { publicKey, privateKey } = this.#credentials;
    const hash = (...parts: readonly (string | Buffer)[]): string =>
      parts
        .reduce((sum, part) => sum.update(part), this.#createHash(hashOf(algorithmOf(params))))
        .digest('hex');
    // A header is read byte for byte, whatever its encoding, and so it is hashed.
    const bytes = (name: string): Buffer => Buffer.from(params.get(name) ?? '', 'latin1');
    const nonce = bytes('nonce');
    const key = hash(`${publicKey}:`, bytes('realm'), `:${privateKey}`);
    const ha1 = isOfSession(params) ? hash(`${key}:`, nonce, `:${cnonce}`) : key;
    const use = params.has('qop') ? `${nc}:${cnonce}:auth:` : '';
    return hash(`${ha1}:`, nonce, `:${use}${hash(request)}`);
  }

  /** In FIPS mode Node refuses MD5. */
  #canHash(algorithm: string): boolean {
    try {
      this.#createHash(hashOf(algorithm));
      return true;
    } catch {
      return false;
    }
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

function isOfSession(params: ReadonlyMap<string, string>): boolean {
  return algorithmOf(params).endsWith('-sess');
}

function strength({ params }: Challenge): number {
  return ALGORITHMS.indexOf(algorithmOf(params));
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

/** The hash behind an algorithm of RFC 7616, as Node names it. */
function hashOf(algorithm: string): 'sha256' | 'md5' {
  return algorithm.startsWith('sha-256') ? 'sha256' : 'md5';
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
 * Reads the challenges in one `WWW-Authenticate` header. Never throws: what is not a challenge is
 * passed over. RFC 9110, section 11.6.1.
 */
function challengesIn(text: string): Challenge[] {
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

/** A server's nonce with the challenge that it came in; used again and again with a rising count. */
interface Nonce {
  readonly params: ReadonlyMap<string, string>;
  readonly cnonce: string;
  /** On a monotonic clock, in milliseconds. */
  readonly madeAtMs: number;
  /** How often it has been used. */
  count: number;
  /** `doubted`: refused after it was good, and before its time was over. */
  standing: 'new' | 'good' | 'doubted';
}

// Three answers to challenges are all that a call has: with more nodes it misses its own.
const MOST_NODES = 4;
// Jetty's nonces live 60 s; a younger one that is refused has met a node that did not make it.
const AGED_MS = 55_000;

/**
 * The newest nonces of a server that may be several nodes, each of which knows only its own. Who
 * answers next cannot be known, but nodes that are used in turn come again after as many replies
 * as there are nodes: the nonce to use is that of the reply so many replies ago. One node, or a
 * balancer that keeps a client at one, is the same with one. Each number of nodes is a guess that
 * is judged by what it would have foretold; where all are wrong each has its turn. At random any
 * guess is as good. With two nodes a read costs one request in turn, two at random.
 */
class Nonces {
  /** Of the newest replies, newest first: the nonce that each accepted, or gave. */
  #replies: readonly Nonce[] = [];
  /** How often one node, two nodes and so on have foretold a nonce that was not the right one. */
  #misses: readonly number[] = Array<number>(MOST_NODES).fill(0);

  /** The nonce for the next request. */
  get next(): Nonce | undefined {
    const guesses = this.#replies.map((nonce, index) => ({
      nonce,
      misses: (this.#misses[index] ?? 0) + Number(nonce.standing === 'doubted')
    }));
    return guesses.sort((a, b) => a.misses - b.misses)[0]?.nonce;
  }

  /** The one with the same text: a server may give it again, and its count must go on. */
  known(params: Nonce['params']): Nonce | undefined {
    const names = ['nonce', 'realm', 'algorithm'];
    return this.#replies.find((nonce) =>
      names.every((name) => nonce.params.get(name) === params.get(name))
    );
  }

  noteAccepted(nonce: Nonce): void {
    this.#misses = this.#misses.map((misses, index) => {
      const foretold = this.#replies[index];
      return foretold ? Number(foretold !== nonce) : misses;
    });
    nonce.standing = 'good';
    this.#add(nonce);
  }

  /** A reply has refused one nonce, if any was sent, and given another. The first is kept. */
  noteRefused(refused: Nonce | undefined, given: Nonce): void {
    const hasAged = refused && given.madeAtMs - refused.madeAtMs > AGED_MS;
    if (refused && !hasAged) {
      if (refused.standing === 'good') refused.standing = 'doubted';
      this.#misses = this.#misses.map(
        (misses, index) => misses + Number(this.#replies[index] === refused)
      );
    }
    this.#add(given);
  }

  /** The server has announced that it takes another instead. RFC 7616, section 3.5. */
  replace(nonce: Nonce, next: Nonce): void {
    this.#replies = this.#replies.map((each) => (each === nonce ? next : each));
  }

  #add(nonce: Nonce): void {
    this.#replies = [nonce, ...this.#replies].slice(0, MOST_NODES);
  }
}
