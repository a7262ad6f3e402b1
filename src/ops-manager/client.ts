import type { Dispatcher } from 'undici';
import type { ImportRequest } from '../import/import-request.ts';
import { createConnection, type Connection, type ConnectionSettings } from './connection.ts';
import { type Credentials, DigestSession } from './digest.ts';
import { digestInterceptor } from './digest-interceptor.ts';
import { errorOfNetwork, errorOfReply, malformedReply, OpsManagerError } from './errors.ts';
import {
  readDate,
  readErrorBody,
  readImport,
  readImports,
  readReply,
  readVersion
} from './reply.ts';

const MAX_IMPORT_BYTES = 1024 * 1024;
const MAX_LIST_BYTES = 8 * MAX_IMPORT_BYTES;
// Nearly 25 days; a timer that is set to more fires at once.
const LONGEST_TIMER_MS = 2 ** 31 - 1;

/** What every call takes. */
export interface CallOptions {
  readonly signal: AbortSignal;
  /** A limit for this call below the client's own, in milliseconds from connect to last byte. */
  readonly limitMs?: number;
}

/** The calls of Ops Manager's import API; each is one attempt. */
export interface ImportApi {
  readImport(id: string, options: CallOptions): Promise<ImportRequest>;
  listImports(options: CallOptions): Promise<ImportRequest[]>;
  createImport(body: string, options: CallOptions): Promise<void>;
  cancelImport(id: string, options: CallOptions): Promise<void>;
  deleteImport(id: string, options: CallOptions): Promise<void>;
}

export interface ClientSettings {
  /** With the API's path, without a trailing slash. */
  readonly apiUrl: URL;
  readonly projectId: string;
  readonly credentials: Credentials;
  readonly requestTimeoutMs: number;
  readonly userAgent: string;
  /** What a reply may repeat and nothing may show. */
  readonly secrets: readonly string[];
  readonly debug: (line: string) => void;
}

interface Call {
  readonly method: 'GET' | 'POST' | 'DELETE';
  /** Below the project's import requests; empty or with a leading slash. */
  readonly path: string;
  readonly body?: string;
  readonly maxBytes: number;
}

interface Answer {
  readonly json: unknown;
  readonly readAt: string | undefined;
}

/**
 * Ops Manager's import API over one kept-alive, authenticated connection.
 * Every method throws OpsManagerError, final or transient, or the signal's reason when aborted.
 * Source: Ops Manager 8.0, "Automation: Import Deployment".
 */
export class OpsManagerClient implements ImportApi {
  readonly #settings: ClientSettings;
  readonly #open: () => Connection;
  readonly #authenticate: Dispatcher.DispatcherComposeInterceptor;
  #connection: Connection;
  #dispatcher: Dispatcher;
  #hasAnswered = false;
  #requests = 0;
  #version: string | undefined;

  constructor(settings: ClientSettings, open: () => Connection) {
    this.#settings = settings;
    this.#open = open;
    this.#authenticate = digestInterceptor(new DigestSession(settings.credentials));
    this.#connection = open();
    this.#dispatcher = this.#through(this.#connection);
  }

  /** HTTP requests sent so far, challenges included. */
  get requests(): number {
    return this.#requests;
  }

  /** Ops Manager's version, once a reply named it. */
  get version(): string | undefined {
    return this.#version;
  }

  async readImport(id: string, options: CallOptions): Promise<ImportRequest> {
    const call: Call = { method: 'GET', path: `/${id}`, maxBytes: MAX_IMPORT_BYTES };
    return this.#call(call, options, ({ json, readAt }) => {
      const request = readImport(json, readAt);
      if (request.id !== id.toLowerCase()) throw malformedReply('it is about another import');
      return this.#ofThisProject(request);
    });
  }

  async listImports(options: CallOptions): Promise<ImportRequest[]> {
    const call: Call = { method: 'GET', path: '', maxBytes: MAX_LIST_BYTES };
    return this.#call(call, options, ({ json, readAt }) =>
      readImports(json, readAt).map((request) => this.#ofThisProject(request))
    );
  }

  async createImport(body: string, options: CallOptions): Promise<void> {
    await this.#command({ method: 'POST', path: '', body, maxBytes: MAX_IMPORT_BYTES }, options);
  }

  async cancelImport(id: string, options: CallOptions): Promise<void> {
    const path = `/${id}/cancel`;
    await this.#command({ method: 'POST', path, maxBytes: MAX_IMPORT_BYTES }, options);
  }

  async deleteImport(id: string, options: CallOptions): Promise<void> {
    await this.#command({ method: 'DELETE', path: `/${id}`, maxBytes: MAX_IMPORT_BYTES }, options);
  }

  /** Ends the connection, also one with a request under way. */
  async close(): Promise<void> {
    await this.#connection.close();
  }

  #ofThisProject(request: ImportRequest): ImportRequest {
    if (request.projectId !== this.#settings.projectId.toLowerCase()) {
      throw malformedReply('it is about another project');
    }
    return request;
  }

  /** A call that answers with an empty object. */
  async #command(call: Call, options: CallOptions): Promise<void> {
    await this.#call(call, options, ({ json }) => {
      if (typeof json !== 'object' || json === null) throw malformedReply('it is not JSON');
    });
  }

  async #call<T>(call: Call, options: CallOptions, read: (answer: Answer) => T): Promise<T> {
    options.signal.throwIfAborted();
    const { requestTimeoutMs } = this.#settings;
    const limitMs = Math.max(1, Math.min(requestTimeoutMs, options.limitMs ?? requestTimeoutMs));
    const limit = new AbortController();
    const stop = (): void => {
      limit.abort(options.signal.reason);
    };
    const timer = setTimeout(() => {
      limit.abort(new RequestTimedOut(limitMs));
    }, limitMs);
    options.signal.addEventListener('abort', stop, { once: true });
    try {
      const result = read(await this.#exchange(call, limit.signal));
      this.#hasAnswered = true;
      return result;
    } catch (error) {
      options.signal.throwIfAborted();
      throw error instanceof OpsManagerError ? error : this.#networkError(error);
    } finally {
      clearTimeout(timer);
      options.signal.removeEventListener('abort', stop);
      if (limit.signal.aborted) this.#reconnect();
    }
  }

  /** A call that was cut leaves a connection that may hang, and would hold up the next call. */
  #reconnect(): void {
    void this.#connection.close();
    this.#connection = this.#open();
    this.#dispatcher = this.#through(this.#connection);
  }

  async #exchange(call: Call, signal: AbortSignal): Promise<Answer> {
    const { apiUrl, projectId, userAgent, debug } = this.#settings;
    const path = `${apiUrl.pathname}/automation/importDeployment/${projectId}${call.path}`;
    const startedAt = performance.now();
    const response = await orAborted(
      this.#dispatcher.request({
        origin: apiUrl.origin,
        path,
        method: call.method,
        headers: {
          accept: 'application/json',
          'user-agent': userAgent,
          ...(call.body === undefined ? {} : { 'content-type': 'application/json' })
        },
        body: call.body ?? null,
        signal
      }),
      signal
    );
    const text = await readText(response.body, call.maxBytes);
    debug(
      `${call.method} ${path}: HTTP ${response.statusCode}, ${text.length} characters, ${Math.round(performance.now() - startedAt)} ms`
    );
    const header = (name: string): string | undefined => [response.headers[name]].flat()[0];
    this.#version = readVersion(header('x-mongodb-service-version')) ?? this.#version;
    // The documentation calls it "an empty success response": nothing is as good as `{}`.
    const { status, json } = readReply(response.statusCode, text === '' ? '{}' : text);
    if (status >= 200 && status < 300) {
      if (json === undefined) throw malformedReply('it is not JSON');
      return { json, readAt: readDate(header('date')) };
    }
    const reply = {
      status,
      body: readErrorBody(json, this.#settings.secrets),
      retryAfter: header('retry-after'),
      location: header('location'),
      date: header('date')
    };
    throw errorOfReply(reply, { hasAnswered: this.#hasAnswered });
  }

  /** Authenticates, and counts what is really sent. */
  #through({ dispatcher }: Connection): Dispatcher {
    return dispatcher.compose(
      (dispatch) => (options, handler) => {
        this.#requests += 1;
        return dispatch(options, handler);
      },
      this.#authenticate
    );
  }

  #networkError(error: unknown): OpsManagerError {
    const { apiUrl } = this.#settings;
    const { issuer, error: alert } = this.#connection.handshake();
    const found = rootOf(error);
    // undici says only that the other side closed, also where TLS has said why.
    const { code, message } = found.code === 'UND_ERR_SOCKET' && alert ? rootOf(alert) : found;
    const failure = { code, message, host: apiUrl.host, scheme: apiUrl.protocol, issuer };
    return errorOfNetwork(failure, { hasAnswered: this.#hasAnswered }, error);
  }
}

class RequestTimedOut extends Error {
  readonly code = 'ETIMEDOUT';

  constructor(limitMs: number) {
    super(`no complete reply within ${limitMs / 1000} s`);
  }
}

/** The client for checked inputs; its first call connects. */
export function connect(
  settings: Omit<ClientSettings, 'debug'> & {
    readonly connection: ConnectionSettings;
    readonly pollIntervalMs: number;
  },
  debug: (line: string) => void
): OpsManagerClient {
  const requestTimeoutMs = Math.min(settings.requestTimeoutMs, LONGEST_TIMER_MS);
  const open = (): Connection =>
    createConnection(settings.connection, {
      protocol: settings.apiUrl.protocol,
      longestPauseMs: settings.pollIntervalMs,
      connectTimeoutMs: requestTimeoutMs
    });
  return new OpsManagerClient({ ...settings, requestTimeoutMs, debug }, open);
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
