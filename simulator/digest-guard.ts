import { createHash, randomBytes } from 'node:crypto';
import type { IncomingMessage } from 'node:http';

const REALM = 'MMS Public API';

/** What a guard says: `admitted`, or the `WWW-Authenticate` header of its 401. */
export type Decision = { readonly admitted: true } | { readonly challenge: string };

export interface GuardOptions {
  readonly publicKey: string;
  readonly privateKey: string;
  readonly nonceLifetimeMs: number;
  /** A nonce is stale from this count on; Jetty's default is 1024. */
  readonly maxNonceCount: number;
  readonly now: () => number;
}

interface Nonce {
  readonly createdAt: number;
  readonly seenCounts: Set<number>;
}

/**
 * HTTP Digest as Jetty's DigestAuthenticator does it: nonces age, an unknown or aged one is
 * `stale=true` even with a wrong password, and a count that was seen before is `stale=false`.
 */
export class DigestGuard {
  readonly #options: GuardOptions;
  readonly #nonces = new Map<string, Nonce>();

  constructor(options: GuardOptions) {
    this.#options = options;
  }

  /** Makes every nonce unknown, as a failover to another host does. */
  forgetNonces(): void {
    this.#nonces.clear();
  }

  decide({ headers, method = '', url = '' }: IncomingMessage): Decision {
    const answer = parseAnswer(headers.authorization ?? '');
    if (!answer) return this.#challenge(false);
    const freshness = this.#use(answer);
    if (freshness === 'stale') return this.#challenge(true);
    const isRight = answer['response'] === this.#expected(answer, method, url);
    return isRight && freshness === 'fresh' ? { admitted: true } : this.#challenge(false);
  }

  #use({ nonce = '', nc = '' }: Answer): 'fresh' | 'stale' | 'replayed' {
    const { now, nonceLifetimeMs, maxNonceCount } = this.#options;
    const known = this.#nonces.get(nonce);
    const count = Number.parseInt(nc, 16);
    if (!known || now() - known.createdAt > nonceLifetimeMs) return 'stale';
    if (!/^[0-9a-f]{8}$/i.test(nc) || count >= maxNonceCount) return 'stale';
    if (known.seenCounts.has(count)) return 'replayed';
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
    const ha1 = md5(`${publicKey}:${REALM}:${privateKey}`);
    return md5(`${ha1}:${nonce}:${nc}:${cnonce}:auth:${md5(`${method}:${uri}`)}`);
  }

  #challenge(stale: boolean): Decision {
    const { now, nonceLifetimeMs } = this.#options;
    for (const [value, { createdAt }] of this.#nonces) {
      if (now() - createdAt > nonceLifetimeMs) this.#nonces.delete(value);
    }
    const nonce = randomBytes(24).toString('base64');
    this.#nonces.set(nonce, { createdAt: now(), seenCounts: new Set() });
    return {
      challenge: `Digest realm="${REALM}", domain="", nonce="${nonce}", algorithm=MD5, qop="auth", stale=${stale}`
    };
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

function md5(text: string): string {
  return createHash('md5').update(text).digest('hex');
}
