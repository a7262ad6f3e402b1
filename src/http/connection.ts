import { Client, interceptors, type Dispatcher } from 'undici';
import type { Cookies } from './cookies.ts';
import type { Authorization, DigestSession, Verdict } from './digest.ts';
import { Dialer, loginOf, PLAIN, proxyRefusal } from './dialer.ts';
import { failureOf, HttpFailure } from './failure.ts';
import { proxyFor, type Proxy, type ProxySettings } from './proxy.ts';
import type { TlsMaterial } from './tls.ts';

/** How the runner reaches Ops Manager. */
export interface ConnectionSettings extends TlsMaterial {
  readonly proxies: ProxySettings;
}

/** What a connection is made for. */
interface ConnectionPurpose {
  readonly baseUrl: URL;
  readonly userAgent: string;
  /** From connect to the last byte, in milliseconds. */
  readonly requestTimeoutMs: number;
  /** The longest pause between two requests: so long a connection is kept alive, in milliseconds. */
  readonly longestPauseMs: number;
  /** The login; without one a 401 is a reply like any other. */
  readonly session?: DigestSession | undefined;
  readonly cookies?: Cookies | undefined;
  /** Told of each HTTP request, challenges included. */
  readonly onRequest?: (() => void) | undefined;
}

/** One request. */
export interface HttpRequest {
  readonly method: 'GET' | 'POST' | 'DELETE';
  /** From the root of the host, with its query. */
  readonly path: string;
  /** Beside and before those that each request has. */
  readonly headers?: Readonly<Record<string, string>> | undefined;
  /** JSON. */
  readonly body?: string | undefined;
  /** How much of a reply is read at most, when it is unpacked. */
  readonly maxBytes: number;
}

/** A reply as it came, unpacked. */
export interface HttpReply {
  readonly status: number;
  readonly text: string;
  /** A header, its first value if it came several times. */
  readonly header: (name: string) => string | undefined;
  /** `WWW-Authenticate`, every one of them. */
  readonly challenge: string | readonly string[] | undefined;
  /** Whether the request that met this reply carried a digest of the key. */
  readonly wasKeySent: boolean;
  /** Of a 401: whether nothing was said against the digests of this call but that they were stale. */
  readonly isStale: boolean;
}

// Ops Manager may close an idle connection earlier; a little more than the pause is enough for us.
const KEEP_ALIVE_MARGIN_MS = 5_000;
// A nonce can age, or be another node’s, between challenge and answer; more is trouble.
const MAX_ANSWERS = 3;
// Nearly 25 days; a timer that is set to more fires at once.
const LONGEST_TIMER_MS = 2 ** 31 - 1;

/** One kept-alive, authenticated connection to a server; a call that was cut leaves a new one. */
export class Connection {
  readonly #settings: TlsMaterial;
  readonly #purpose: ConnectionPurpose;
  readonly #proxy: Proxy | undefined;
  #line: Line;

  /** Opens nothing yet: the first request connects. @throws what `checkProxy` tells */
  constructor({ proxies, ...settings }: ConnectionSettings, purpose: ConnectionPurpose) {
    this.#settings = settings;
    this.#purpose = purpose;
    this.#proxy = proxyFor(purpose.baseUrl, proxies);
    this.#line = this.#newLine();
  }

  /** `host:port` of the proxy in between, if there is one. */
  get proxy(): string | undefined {
    return this.#proxy?.host;
  }

  /**
   * Sends a request within `limitMs` and the connection's own limit.
   * @throws HttpFailure when there is no whole reply, or the signal's reason.
   */
  async send(
    request: HttpRequest,
    { signal, limitMs = Infinity }: { readonly signal: AbortSignal; readonly limitMs?: number }
  ): Promise<HttpReply> {
    signal.throwIfAborted();
    const line = this.#line;
    const ms = Math.max(1, Math.min(this.#purpose.requestTimeoutMs, limitMs, LONGEST_TIMER_MS));
    const timer = setTimeout(() => {
      this.#cut(line, new Cut(`no complete reply within ${inSeconds(ms)} s`, 'ETIMEDOUT'));
    }, ms);
    const stop = (): void => {
      this.#cut(line, new Cut('stopped'));
    };
    signal.addEventListener('abort', stop, { once: true });
    try {
      return await this.#authenticated(line, request);
    } catch (error) {
      signal.throwIfAborted();
      throw failureOf(error, line.dialer.progress, this.proxy);
    } finally {
      clearTimeout(timer);
      signal.removeEventListener('abort', stop);
    }
  }

  /** Ends every call under way with `reason`; the next one connects anew. */
  cut(cause: Error): void {
    const { message } = cause;
    this.#cut(this.#line, new HttpFailure('connection', 'server', { message, cause }));
  }

  /** Ends the connection, also one with a request under way. */
  async close(): Promise<void> {
    await this.#line.close(new Cut('closed'));
  }

  /** A call that was cut leaves a line that may hang, and would hold up the next call. */
  #cut(line: Line, reason: Error): void {
    void line.close(reason);
    if (this.#line === line) this.#line = this.#newLine();
  }

  #newLine(): Line {
    const { baseUrl, longestPauseMs, requestTimeoutMs } = this.#purpose;
    const timeoutMs = Math.min(requestTimeoutMs, LONGEST_TIMER_MS);
    return new Line(baseUrl, { ...this.#settings, proxy: this.#proxy, timeoutMs }, longestPauseMs);
  }

  /** Answers challenges: at most three times, each with a digest of its own. */
  async #authenticated(line: Line, request: HttpRequest): Promise<HttpReply> {
    const { session } = this.#purpose;
    let isStale = true;
    let isBare = false;
    for (let answers = 0; ; answers += 1) {
      const { method, path } = request;
      const authorization = isBare ? undefined : session?.authorize(method, path);
      const reply = await this.#exchange(line, request, authorization);
      if (!session) return reply;
      if (reply.status !== 401) {
        if (authorization && reply.status < 500)
          session.accept(authorization, reply.header('authentication-info'));
        return reply;
      }
      const verdict = session.challenge(reply.challenge, authorization);
      if (verdict === 'unanswerable' || verdict === 'hash-refused') throw unmet(verdict, reply);
      // Without a challenge there is nothing to answer; without a digest there may be one.
      isBare = verdict === 'no-challenge';
      if (authorization) isStale &&= verdict === 'stale';
      if (answers >= MAX_ANSWERS || (isBare && !authorization)) {
        return { ...reply, isStale: isStale && verdict === 'stale' };
      }
    }
  }

  /** One request and its reply. */
  async #exchange(
    line: Line,
    request: HttpRequest,
    authorization: Authorization | undefined
  ): Promise<HttpReply> {
    const { userAgent, cookies, onRequest } = this.#purpose;
    const cookie = cookies?.headerFor(request.path);
    onRequest?.();
    const { statusCode, headers, body } = await line.request(request, {
      accept: 'application/json',
      'accept-encoding': 'identity',
      'user-agent': userAgent,
      ...(request.body !== undefined && { 'content-type': 'application/json' }),
      ...request.headers,
      ...(cookie !== undefined && { cookie }),
      ...(authorization && { authorization: authorization.header })
    });
    const text = await readText(body, request.maxBytes);
    cookies?.take(headers['set-cookie']);
    return {
      status: statusCode,
      text,
      header: (name) => [headers[name]].flat()[0],
      challenge: headers['www-authenticate'],
      wasKeySent: authorization !== undefined,
      isStale: false
    };
  }
}

/** What is open, or is being opened: thrown away as a whole. */
class Line {
  readonly dialer: Dialer;
  readonly #client: Client;
  readonly #baseUrl: URL;
  /** A proxy that is sent whole requests, as it is for http://. */
  readonly #forwarder: Proxy | undefined;

  constructor(
    baseUrl: URL,
    settings: TlsMaterial & { readonly proxy: Proxy | undefined; readonly timeoutMs: number },
    longestPauseMs: number
  ) {
    const hasTunnel = baseUrl.protocol === 'https:';
    const keepAliveMs = longestPauseMs + KEEP_ALIVE_MARGIN_MS;
    this.#baseUrl = baseUrl;
    this.#forwarder = hasTunnel ? undefined : settings.proxy;
    this.dialer = new Dialer({ ...settings, hasTunnel });
    this.#client = new Client(this.#forwarder?.origin ?? baseUrl.origin, {
      ...PLAIN,
      connect: this.dialer.connect,
      keepAliveTimeout: keepAliveMs,
      keepAliveMaxTimeout: keepAliveMs,
      headersTimeout: 0, // There is one limit for the whole call.
      bodyTimeout: 0
    });
  }

  /** Sends one request. @throws HttpFailure when it is the proxy that does not let it pass */
  async request(
    { method, path, body, maxBytes }: HttpRequest,
    headers: Readonly<Record<string, string>>
  ): Promise<Dispatcher.ResponseData> {
    const { host, origin } = this.#baseUrl;
    this.dialer.noteRequest();
    const reply = await this.#client
      .compose(interceptors.decompress({ maxSize: maxBytes, skipErrorResponses: false }))
      .request({
        method,
        path: this.#forwarder ? `${origin}${path}` : path,
        headers: { ...headers, host, ...loginOf(this.#forwarder) },
        body: body ?? null
      });
    if (reply.statusCode !== 407 || !this.#forwarder) return reply;
    await reply.body.dump();
    throw proxyRefusal(407, this.#forwarder);
  }

  /** Ends it at once, also in the middle of connecting. */
  async close(reason: Error): Promise<void> {
    const ended = this.#client.destroy(reason);
    await this.dialer.close(reason);
    await ended;
  }
}

/** This side has ended it. */
class Cut extends Error {
  readonly code: string;

  constructor(message: string, code = 'ABORT_ERR') {
    super(message);
    this.code = code;
  }
}

function inSeconds(ms: number): number {
  return Math.max(0.01, Math.round(ms / 10) / 100);
}

function unmet(why: Extract<Verdict, 'unanswerable' | 'hash-refused'>, reply: HttpReply) {
  const login = { why, header: reply.challenge };
  return new HttpFailure('login', 'server', { message: `a challenge that is ${why}` }, { login });
}

async function readText(body: Dispatcher.ResponseData['body'], maxBytes: number): Promise<string> {
  const chunks: Uint8Array[] = [];
  let bytes = 0;
  try {
    for await (const chunk of body as AsyncIterable<Uint8Array>) {
      bytes += chunk.length;
      // Leaving the loop destroys the stream, and with it the connection.
      if (bytes > maxBytes) throw tooLarge(maxBytes);
      chunks.push(chunk);
    }
  } catch (error) {
    const { code } = error as { readonly code?: unknown };
    throw code === 'UND_ERR_RES_EXCEEDED_MAX_SIZE' ? tooLarge(maxBytes) : error;
  }
  return new TextDecoder().decode(Buffer.concat(chunks));
}

function tooLarge(maxBytes: number): HttpFailure {
  return new HttpFailure('size', 'server', { message: `it has more than ${maxBytes} bytes` });
}
