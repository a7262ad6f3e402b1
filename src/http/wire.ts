import type { Dispatcher } from 'undici';
import { ApiError, type CallOptions } from '../case/import-api.ts';
import type { Connection } from './connection.ts';
import { digestInterceptor } from './digest-interceptor.ts';
import type { DigestSession } from './digest-session.ts';
import { errorOfNetwork } from './network-errors.ts';
import { malformedReply } from '../ops-manager/reply-errors.ts';
import type { ServerText } from '../untrusted.ts';

/** One request. */
export interface HttpRequest {
  readonly method: 'GET' | 'POST' | 'DELETE';
  /** From the root of the host, with its query. */
  readonly path: string;
  /** JSON. */
  readonly body?: string | undefined;
  /** How much of a reply is read at most. */
  readonly maxBytes: number;
}

/** A reply as it came. */
export interface HttpReply {
  readonly status: number;
  readonly text: string;
  /** A header, its first value if it came several times. */
  readonly header: (name: string) => string | undefined;
  /** `WWW-Authenticate`, every one of them. */
  readonly challenge: string | readonly string[] | undefined;
}

export interface WireSettings {
  readonly baseUrl: URL;
  readonly userAgent: string;
  /** From connect to the last byte, in milliseconds. */
  readonly requestTimeoutMs: number;
  readonly session: DigestSession;
  readonly text: ServerText;
  /** Told of each HTTP request, challenges included. */
  readonly onRequest: () => void;
}

/** One kept-alive, authenticated connection to Ops Manager; a call that was cut leaves a new one. */
export class Wire {
  readonly #settings: WireSettings;
  readonly #open: () => Connection;
  readonly #authenticate: Dispatcher.DispatcherComposeInterceptor;
  #connection: Connection;
  #dispatcher: Dispatcher;

  constructor(settings: WireSettings, open: () => Connection) {
    this.#settings = settings;
    this.#open = open;
    this.#authenticate = digestInterceptor(settings.session);
    this.#connection = open();
    this.#dispatcher = this.#through(this.#connection);
  }

  /** `host:port` of the proxy in between, once it is known to be used. */
  get proxy(): string | undefined {
    return this.#connection.proxy()?.host;
  }

  /** Sends a request. @throws ApiError when there is no reply, or the signal's reason. */
  async send(request: HttpRequest, options: CallOptions): Promise<HttpReply> {
    options.signal.throwIfAborted();
    const { requestTimeoutMs } = this.#settings;
    const limitMs = Math.max(1, Math.min(requestTimeoutMs, options.limitMs ?? requestTimeoutMs));
    const limit = new AbortController();
    const connection = this.#connection;
    const cut = (reason: unknown): void => {
      limit.abort(reason);
      // At once: whoever cut this call may send the next one before it has ended.
      this.#replace(connection);
    };
    const stop = (): void => {
      cut(options.signal.reason);
    };
    const timer = setTimeout(() => {
      cut(new RequestTimedOut(limitMs));
    }, limitMs);
    options.signal.addEventListener('abort', stop, { once: true });
    try {
      return await this.#exchange(request, limit.signal);
    } catch (error) {
      options.signal.throwIfAborted();
      throw error instanceof ApiError ? error : this.#networkError(error, connection);
    } finally {
      clearTimeout(timer);
      options.signal.removeEventListener('abort', stop);
    }
  }

  /** Ends the connection, also one with a request under way. */
  async close(): Promise<void> {
    await this.#connection.close();
  }

  /** A call that was cut leaves a connection that may hang, and would hold up the next call. */
  #replace(connection: Connection): void {
    void connection.close();
    if (this.#connection !== connection) return;
    this.#connection = this.#open();
    this.#dispatcher = this.#through(this.#connection);
  }

  async #exchange(request: HttpRequest, signal: AbortSignal): Promise<HttpReply> {
    const { baseUrl, userAgent } = this.#settings;
    const { method, path, body, maxBytes } = request;
    const { statusCode, headers, ...response } = await orAborted(
      this.#dispatcher.request({
        origin: baseUrl.origin,
        path,
        method,
        headers: {
          accept: 'application/json',
          'user-agent': userAgent,
          ...(body === undefined ? {} : { 'content-type': 'application/json' })
        },
        body: body ?? null,
        signal
      }),
      signal
    );
    return {
      status: statusCode,
      text: await readText(response.body, maxBytes),
      header: (name) => [headers[name]].flat()[0],
      challenge: headers['www-authenticate']
    };
  }

  /** Authenticates, and tells of what is really sent. */
  #through({ dispatcher }: Connection): Dispatcher {
    return dispatcher.compose(
      (dispatch) => (options, handler) => {
        this.#settings.onRequest();
        return dispatch(options, handler);
      },
      this.#authenticate
    );
  }

  #networkError(error: unknown, connection: Connection): ApiError {
    const { baseUrl, text } = this.#settings;
    const { issuer, error: alert } = connection.handshake();
    const found = rootOf(error);
    // undici says only that the other side closed, also where TLS has said why.
    const { code, message } = found.code === 'UND_ERR_SOCKET' && alert ? rootOf(alert) : found;
    return errorOfNetwork(
      {
        code,
        message: text.line(message),
        host: baseUrl.host,
        scheme: baseUrl.protocol,
        issuer: issuer === undefined ? undefined : text.line(issuer),
        proxy: connection.proxy()
      },
      error
    );
  }
}

class RequestTimedOut extends Error {
  readonly code = 'ETIMEDOUT';

  constructor(limitMs: number) {
    super(`no complete reply within ${Math.max(0.01, Math.round(limitMs / 10) / 100)} s`);
  }
}

/** undici aborts a request only once it has a connection; this does not wait for that. */
async function orAborted<T>(promise: Promise<T>, signal: AbortSignal): Promise<T> {
  const aborted = Promise.withResolvers<never>();
  const onAbort = (): void => {
    aborted.reject(signal.reason as Error);
  };
  signal.addEventListener('abort', onAbort, { once: true });
  try {
    return await Promise.race([promise, aborted.promise]);
  } finally {
    signal.removeEventListener('abort', onAbort);
  }
}

async function readText(body: Dispatcher.ResponseData['body'], maxBytes: number): Promise<string> {
  const chunks: Uint8Array[] = [];
  let bytes = 0;
  for await (const chunk of body as AsyncIterable<Uint8Array>) {
    bytes += chunk.length;
    // Leaving the loop destroys the stream, and with it the connection.
    if (bytes > maxBytes) throw malformedReply(`it has more than ${maxBytes} bytes`);
    chunks.push(chunk);
  }
  return new TextDecoder().decode(Buffer.concat(chunks));
}

/** The innermost error: it has the code that says what happened. Several addresses fail as one. */
function rootOf(error: unknown): { readonly code: string; readonly message: string } {
  let current = error as { code?: unknown; message?: unknown; cause?: unknown; errors?: unknown };
  for (let depth = 0; depth < 5; depth += 1) {
    const inner: unknown = Array.isArray(current.errors) ? current.errors[0] : current.cause;
    if (typeof inner !== 'object' || inner === null) break;
    current = inner;
  }
  const code = typeof current.code === 'string' ? current.code : '';
  const message = typeof current.message === 'string' ? current.message : '';
  return { code, message: message || code || 'unknown error' };
}
