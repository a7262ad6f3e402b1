import { parseCookie, type Dispatcher } from 'undici';
import type { Authorization, DigestSession, Login } from './digest.ts';
import { failureOf, HttpFailure } from './failure.ts';
import { Line, type HttpRequest } from './line.ts';
import { parseHttpDate } from '../time.ts';
import type { ConnectionSettings } from './settings.ts';

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
  /** Of a 401: what became of the login. `stale`: all that was said against this call’s digests. */
  readonly login?: Login | undefined;
}

// Ops Manager may close an idle connection earlier; a little more than the pause is enough for us.
const KEEP_ALIVE_MARGIN_MS = 5_000;
// A nonce can age, or be another node’s, between challenge and answer; more is trouble.
const MAX_ANSWERS = 3;
// Nearly 25 days; a timer that is set to more fires at once.
const LONGEST_TIMER_MS = 2 ** 31 - 1;

/** One kept-alive, authenticated connection to a server; a call that was cut leaves a new one. */
export class Connection {
  readonly #settings: ConnectionSettings;
  readonly #purpose: ConnectionPurpose;
  #line: Line;

  /** Opens nothing yet: the first request connects. */
  constructor(settings: ConnectionSettings, purpose: ConnectionPurpose) {
    this.#settings = settings;
    this.#purpose = purpose;
    this.#line = this.#newLine();
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
    const seconds = Math.max(0.01, Math.round(ms / 10) / 100);
    const timer = setTimeout(() => {
      this.#cut(line, new Cut(`no complete reply within ${seconds} s`, 'ETIMEDOUT'));
    }, ms);
    const stop = (): void => this.#cut(line, new Cut('stopped'));
    signal.addEventListener('abort', stop, { once: true });
    try {
      return await this.#authenticated(line, request);
    } catch (error) {
      signal.throwIfAborted();
      throw failureOf(error, line.progress, this.#settings.proxy?.host);
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
    return new Line({
      ...this.#settings,
      baseUrl,
      timeoutMs: Math.min(requestTimeoutMs, LONGEST_TIMER_MS),
      keepAliveMs: longestPauseMs + KEEP_ALIVE_MARGIN_MS
    });
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
      const login = session.challenge(reply.challenge, authorization);
      if (authorization) isStale &&= login === 'stale';
      isBare = login === 'no-challenge';
      // Without a challenge there is nothing to answer, but without a digest there may be one.
      const isEnd = isBare ? !authorization : login !== 'answerable' && login !== 'stale';
      if (isEnd || answers >= MAX_ANSWERS) {
        return { ...reply, login: login === 'stale' && !isStale ? 'answerable' : login };
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
    const { statusCode, headers, body } = await line.request({
      ...request,
      headers: {
        accept: 'application/json',
        'accept-encoding': 'identity',
        'user-agent': userAgent,
        ...(request.body !== undefined && { 'content-type': 'application/json' }),
        ...request.headers,
        ...(cookie !== undefined && { cookie }),
        ...(authorization && { authorization: authorization.header })
      }
    });
    const text = await readText(body, request.maxBytes);
    cookies?.take(headers['set-cookie']);
    return {
      status: statusCode,
      text,
      header: (name) => [headers[name]].flat()[0],
      challenge: headers['www-authenticate'],
      wasKeySent: authorization !== undefined
    };
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

const MOST_COOKIE_CHARACTERS = 4 * 1024;

interface Kept {
  readonly name: string;
  readonly path: string;
  readonly value: string;
  readonly isSecure: boolean;
  /** Milliseconds since 1970. */
  readonly endsAt: number;
}

/**
 * The cookies of one host, the newest 4 KiB of them: that is how many load balancers keep a client
 * at one node. They are returned to that host alone. RFC 6265, section 5.
 */
export class Cookies {
  readonly #url: URL;
  readonly #now: () => number;
  /** Newest first. */
  #kept: readonly Kept[] = [];

  /** `now` gives milliseconds since 1970. */
  constructor(url: URL, now: () => number = Date.now) {
    this.#url = url;
    this.#now = now;
  }

  /** Takes the `Set-Cookie` headers of a reply. */
  take(headers: string | readonly string[] | undefined): void {
    for (const header of [headers ?? []].flat()) this.#takeOne(header);
  }

  /** The `Cookie` header for a path; undefined without one. */
  headerFor(path: string): string | undefined {
    const isSecure = this.#url.protocol === 'https:';
    this.#kept = this.#kept.filter(({ endsAt }) => endsAt > this.#now());
    const sent = this.#kept.filter(
      (each) => isBelow(path, each.path) && (isSecure || !each.isSecure)
    );
    return sent.map(pairOf).join('; ') || undefined;
  }

  #takeOne(header: string): void {
    const cookie = parseCookie(header);
    if (!cookie || !this.#isOfHost(cookie.domain)) return;
    const { name, value, maxAge, secure: isSecure = false } = cookie;
    const path = cookie.path?.startsWith('/') ? cookie.path : '/';
    const endsAt = maxAge === undefined ? expiryIn(header) : this.#now() + maxAge * 1000;
    const others = this.#kept.filter((each) => each.name !== name || each.path !== path);
    const kept = endsAt > this.#now() ? [{ name, path, value, isSecure, endsAt }] : [];
    let characters = 0;
    this.#kept = [...kept, ...others].filter((each) => {
      characters += pairOf(each).length + '; '.length;
      return characters <= MOST_COOKIE_CHARACTERS;
    });
  }

  #isOfHost(domain: string | undefined): boolean {
    const name = (domain ?? '').replace(/^\./, '').toLowerCase();
    const { hostname } = this.#url;
    // A part of an IP address is no domain above it.
    const isName = !/^\[|^[\d.]+$/.test(hostname);
    return name === '' || hostname === name || (isName && hostname.endsWith(`.${name}`));
  }
}

/** What is no date is no end, though undici takes `0` and `-1` for one. RFC 6265, section 5.2.1. */
function expiryIn(header: string): number {
  const [, text = ''] = /;\s*expires=([^;]*)/i.exec(header) ?? [];
  const endsAt = parseHttpDate(text.trim());
  return Number.isNaN(endsAt) ? Infinity : endsAt;
}

function pairOf({ name, value }: Pick<Kept, 'name' | 'value'>): string {
  return name === '' ? value : `${name}=${value}`;
}

function isBelow(path: string, above: string): boolean {
  const [plain = ''] = path.split('?');
  return plain === above || plain.startsWith(above.endsWith('/') ? above : `${above}/`);
}
