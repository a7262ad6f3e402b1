import { createHash, createHmac, randomBytes } from 'node:crypto';
import type { IncomingMessage } from 'node:http';

const REALM = 'MMS Public API';

/** What a guard says: `admitted`, or the `WWW-Authenticate` header of its 401. */
type Decision = { readonly admitted: true } | { readonly challenge: string };

interface GuardOptions {
  readonly publicKey: string;
  readonly privateKey: string;
  readonly nonceLifetimeMs: number;
  /** A nonce is stale from this count on; Jetty's default is 1024. */
  readonly maxNonceCount: number;
  readonly now: () => number;
  readonly manner?: Manner | undefined;
}

/**
 * Which of Jetty's authenticators it is like. The old one calls an unknown nonce stale, even with a
 * wrong password. Since 12.0.36 and 12.1.10 (June 2026) only its own nonces can be stale, and each
 * comes with an `opaque` that must fit.
 */
export type Manner = 'old' | 'since-12.0.36';

interface Nonce {
  readonly createdAt: number;
  readonly seenCounts: Set<number>;
}

/**
 * HTTP Digest as Jetty's DigestAuthenticator does it, in either manner: nonces age and wear out, and
 * a count that was seen before is `stale=false`, as a wrong key is.
 */
export class DigestGuard {
  readonly #options: GuardOptions;
  readonly #isNew: boolean;
  readonly #secret = randomBytes(32);
  readonly #nonces = new Map<string, Nonce>();

  constructor(options: GuardOptions) {
    this.#options = options;
    this.#isNew = options.manner === 'since-12.0.36';
  }

  /** Makes every nonce unknown, as a failover to another host does. */
  forgetNonces(): void {
    this.#nonces.clear();
  }

  decide({ headers, method = '', url = '' }: IncomingMessage): Decision {
    const answer = parseAnswer(headers.authorization ?? '');
    if (!answer || !this.#isWellFormed(answer)) return this.#challenge(false);
    const freshness = this.#use(answer);
    if (freshness === 'stale') return this.#challenge(true);
    const isRight = answer['response'] === this.#expected(answer, method, url);
    return isRight && freshness === 'fresh' ? { admitted: true } : this.#challenge(false);
  }

  /** The new one reads an answer more strictly. */
  #isWellFormed({ nonce = '', nc = '', algorithm = '', opaque }: Answer): boolean {
    if (!this.#isNew) return true;
    const fits = opaque === undefined || opaque === this.#opaqueOf(nonce);
    return fits && nc.length === 8 && algorithm.toUpperCase() === 'SHA-256';
  }

  #use({ nonce = '', nc = '' }: Answer): 'fresh' | 'stale' | 'refused' {
    const { now, nonceLifetimeMs, maxNonceCount } = this.#options;
    const known = this.#nonces.get(nonce);
    const count = Number.parseInt(nc, 16);
    if (!known) return this.#isNew ? 'refused' : 'stale';
    if (now() - known.createdAt > nonceLifetimeMs) return 'stale';
    if (!/^[0-9a-f]{8}$/i.test(nc) || count >= maxNonceCount) return 'stale';
    if (known.seenCounts.has(count)) return 'refused';
    known.seenCounts.add(count);
    return 'fresh';
  }

  #expected(
    { nonce = '', nc = '', cnonce = '', uri = '' }: Answer,
    method: string,
    url: string
  ): string {
    const { publicKey, privateKey } = this.#options;
    if (uri !== url) return 'another request';
    const hash = (text: string): string =>
      createHash(this.#isNew ? 'sha256' : 'md5')
        .update(text)
        .digest('hex');
    const ha1 = hash(`${publicKey}:${REALM}:${privateKey}`);
    return hash(`${ha1}:${nonce}:${nc}:${cnonce}:auth:${hash(`${method}:${uri}`)}`);
  }

  #challenge(stale: boolean): Decision {
    this.#dropOld();
    const nonce = randomBytes(this.#isNew ? 48 : 24).toString('base64');
    this.#nonces.set(nonce, { createdAt: this.#options.now(), seenCounts: new Set() });
    const given = `Digest realm="${REALM}", domain="", nonce="${nonce}"`;
    return {
      challenge: this.#isNew
        ? `${given}, opaque="${this.#opaqueOf(nonce)}", stale=${stale}, algorithm=SHA-256, qop="auth", charset=UTF-8, userhash=false`
        : `${given}, algorithm=MD5, qop="auth", stale=${stale}`
    };
  }

  /** Long after they have aged: until then the new one tells its own from strange ones. */
  #dropOld(): void {
    const { now, nonceLifetimeMs } = this.#options;
    for (const [value, { createdAt }] of this.#nonces) {
      if (now() - createdAt > 10 * nonceLifetimeMs) this.#nonces.delete(value);
    }
  }

  #opaqueOf(nonce: string): string {
    return createHmac('sha256', this.#secret).update(nonce).digest('base64');
  }
}

type Answer = Readonly<Partial<Record<string, string>>>;

function parseAnswer(header: string): Answer | undefined {
  if (!/^Digest /i.test(header)) return undefined;
  const pairs = header.slice('Digest '.length).matchAll(/(\w+)=(?:"([^"]*)"|([^\s,]*))/g);
  return Object.fromEntries(
    Array.from(pairs, ([, name = '', quoted, token]): [string, string | undefined] => [
      name,
      quoted ?? token
    ])
  );
}
