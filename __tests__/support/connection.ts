import { createHash } from 'node:crypto';
import { PRIVATE_KEY, PUBLIC_KEY } from '../../simulator/ops-manager.ts';
import { Connection, Cookies, type HttpReply } from '../../src/http/connection.ts';
import { DigestSession } from '../../src/http/digest.ts';
import { HttpFailure } from '../../src/http/failure.ts';
import { type ConnectionSettings, proxyAt } from '../../src/http/settings.ts';

/** Of a Node in FIPS mode. */
export const IN_FIPS_MODE: typeof createHash = (hash, options) => {
  if (hash === 'md5') throw new Error('digital envelope routines::unsupported');
  return createHash(hash, options);
};

export interface LineOptions extends Omit<ConnectionSettings, 'proxy'> {
  /** The URL of one in between. */
  readonly proxy?: string;
  readonly requestTimeoutMs?: number;
  readonly session?: ConstructorParameters<typeof DigestSession>[1];
  readonly maxBytes?: number;
}

/** A connection to a server, without anything of Ops Manager; closed at the scope's end. */
export class LineTo {
  readonly connection: Connection;
  readonly #maxBytes: number;
  requests = 0;

  constructor(url: string, options: LineOptions = {}) {
    const { proxy, requestTimeoutMs = 20_000, session, maxBytes = 1_000_000, ...tls } = options;
    const baseUrl = new URL(url);
    this.#maxBytes = maxBytes;
    this.connection = new Connection(
      { ...tls, proxy: proxy === undefined ? undefined : proxyAt(proxy) },
      {
        baseUrl,
        requestTimeoutMs,
        userAgent: 'test',
        longestPauseMs: 10_000,
        session: new DigestSession({ publicKey: PUBLIC_KEY, privateKey: PRIVATE_KEY }, session),
        cookies: new Cookies(baseUrl),
        onRequest: () => {
          this.requests += 1;
        }
      }
    );
  }

  async get(path = '/', signal = new AbortController().signal): Promise<HttpReply> {
    return this.connection.send({ method: 'GET', path, maxBytes: this.#maxBytes }, { signal });
  }

  /** What a request ends with that gets no whole reply. @throws when it gets one */
  async failure(): Promise<HttpFailure> {
    try {
      const { status, text } = await this.get();
      throw new Error(`HTTP ${status}: ${text}`);
    } catch (error) {
      if (error instanceof HttpFailure) return error;
      throw error;
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.connection.close();
  }
}
