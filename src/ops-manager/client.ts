import type { CallOptions, ImportApi, ImportList } from '../case/import-api.ts';
import type { Import } from '../case/import.ts';
import { Redaction } from '../redaction.ts';
import { Connection, Cookies, type HttpReply } from '../http/connection.ts';
import { type Credentials, DigestSession } from '../http/digest.ts';
import { HttpFailure } from '../http/failure.ts';
import type { HttpRequest } from '../http/line.ts';
import { parseImport, readImportList, type Reading } from './imports.ts';
import { errorOfFailure } from './network-errors.ts';
import { errorOfReply, malformedReply, type Purpose } from './reply-errors.ts';
import { type Answer, parseCommandAnswer, readReply, type Reply, sharing } from './reply.ts';
import { ServerText } from '../untrusted.ts';
import type { ConnectionSettings } from '../http/settings.ts';

const MAX_IMPORT_BYTES = 1024 * 1024;
const MAX_LIST_BYTES = 8 * MAX_IMPORT_BYTES;

/** What a client is made from. */
export interface ClientSettings {
  /** With the API's path, without a trailing slash. */
  readonly apiUrl: URL;
  readonly projectId: string;
  readonly credentials: Credentials;
  /** Whether the step before this one has been authenticated with the same key. */
  readonly wasAuthenticated?: boolean | undefined;
  readonly requestTimeoutMs: number;
  /** The longest pause between two calls. */
  readonly pollIntervalMs: number;
  readonly userAgent: string;
  /** What a reply may repeat and nothing may show. */
  readonly secrets: readonly string[];
  readonly connection: ConnectionSettings;
}

/** Takes a line for those who look for a fault; absent when nobody does. */
type Debug = ((line: string) => void) | undefined;

interface Call extends HttpRequest {
  readonly purpose: Purpose;
}

/** What the clients of one step share: the login, what must not be shown, and what they count. */
interface Shared {
  readonly settings: ClientSettings;
  readonly debug: Debug;
  readonly session: DigestSession;
  readonly cookies: Cookies;
  readonly text: ServerText;
  requests: number;
  version: string | undefined;
  /** Whether a call had a good answer, also in the step before this one. */
  hasWorked: boolean;
}

/**
 * Ops Manager's import API over one kept-alive, authenticated connection, and `get` for what the
 * other port reads (diagnosis.ts). Of what was answered it remembers nothing but the login and Ops
 * Manager's version. Every call throws ApiError, or the signal's reason when aborted.
 * Source: Ops Manager 8.0, "Automation: Import Deployment".
 */
export class OpsManagerClient implements ImportApi {
  readonly #shared: Shared;
  readonly #connection: Connection;

  constructor(shared: Shared) {
    this.#shared = shared;
    const { settings, session, cookies } = shared;
    const { apiUrl: baseUrl, userAgent, requestTimeoutMs, pollIntervalMs } = settings;
    this.#connection = new Connection(settings.connection, {
      ...{ baseUrl, userAgent, requestTimeoutMs, session, cookies },
      longestPauseMs: pollIntervalMs,
      onRequest: () => {
        shared.requests += 1;
      }
    });
  }

  /** HTTP requests sent so far, challenges and those of siblings included. */
  get requests(): number {
    return this.#shared.requests;
  }

  /** Ops Manager's version, once a reply named it. */
  get version(): string | undefined {
    return this.#shared.version;
  }

  /**
   * A client over a connection of its own, for calls that must not hold up those of this one; it
   * has the same login and counts with it. To be closed by itself.
   */
  sibling(): OpsManagerClient {
    return new OpsManagerClient(this.#shared);
  }

  async readImport(id: string, options: CallOptions): Promise<Import> {
    const path = this.#importPath(`/${id}`);
    const call: Call = { method: 'GET', path, maxBytes: MAX_IMPORT_BYTES, purpose: 'read' };
    return this.#answer(call, options, (answer) => parseImport(answer, id, this.#reading));
  }

  async listImports(options: CallOptions): Promise<ImportList> {
    const within = sharing(options, () => performance.now());
    const call = { method: 'GET', maxBytes: MAX_LIST_BYTES, purpose: 'list' } as const;
    return readImportList(
      this.#importPath(''),
      async (path, read) => this.#answer({ ...call, path }, within(), read),
      this.#reading
    );
  }

  async createImport(body: string, options: CallOptions): Promise<void> {
    await this.#command('POST', '', 'create', options, body);
  }

  async cancelImport(id: string, options: CallOptions): Promise<void> {
    await this.#command('POST', `/${id}/cancel`, 'cancel', options);
  }

  async deleteImport(id: string, options: CallOptions): Promise<void> {
    await this.#command('DELETE', `/${id}`, 'delete', options);
  }

  /**
   * Reads another resource: `path` stands below `/api/public/v1.0` and may have a query. What
   * `read` throws is passed on; `malformedReply` says that a reply cannot be what it should be.
   */
  async get<T>(
    path: string,
    maxBytes: number,
    options: CallOptions,
    read: (answer: Answer, text: ServerText) => T
  ): Promise<T> {
    const call: Call = { method: 'GET', path: this.#apiPath(path), maxBytes, purpose: 'other' };
    return this.#answer(call, options, (answer) => read(answer, this.#shared.text));
  }

  /** Ends every call under way as a transient failure with this cause; the next one connects anew. */
  cutCalls(cause: Error): void {
    this.#connection.cut(cause);
  }

  /** Ends the connection, also one with a request under way. */
  async close(): Promise<void> {
    await this.#connection.close();
  }

  get #reading(): Reading {
    const { settings, text } = this.#shared;
    return { projectId: settings.projectId.toLowerCase(), text };
  }

  #importPath(rest: string): string {
    const { projectId } = this.#shared.settings;
    return this.#apiPath(`/automation/importDeployment/${projectId}${rest}`);
  }

  #apiPath(path: string): string {
    return `${this.#shared.settings.apiUrl.pathname}${path}`;
  }

  async #command(
    method: Call['method'],
    rest: string,
    purpose: Purpose,
    options: CallOptions,
    body?: string
  ): Promise<void> {
    const path = this.#importPath(rest);
    const call: Call = { method, path, body, maxBytes: MAX_IMPORT_BYTES, purpose };
    await this.#answer(call, options, parseCommandAnswer);
  }

  /** Sends a call; what `read` makes of a 2xx that is what it should be. */
  async #answer<T>(call: Call, options: CallOptions, read: (answer: Answer) => T): Promise<T> {
    const startedAt = performance.now();
    const reply = await this.#send(call, options);
    const said = readReply(reply, this.#shared.text);
    this.#note(call, reply, said, performance.now() - startedAt);
    if (!said.isGood) throw this.#errorOf(call, reply, said);
    if (said.json === undefined) throw malformedReply('it is not JSON');
    const answer = read(said);
    this.#shared.hasWorked = true;
    return answer;
  }

  async #send(call: Call, options: CallOptions): Promise<HttpReply> {
    try {
      return await this.#connection.send(call, options);
    } catch (error) {
      if (!(error instanceof HttpFailure)) throw error;
      const { settings, text, hasWorked } = this.#shared;
      const { host, protocol: scheme } = settings.apiUrl;
      const hasClientCertificate = settings.connection.clientCertificate !== undefined;
      throw errorOfFailure(error, { host, scheme, hasClientCertificate, hasWorked }, text);
    }
  }

  #note(call: Call, reply: HttpReply, { json, version }: Reply, ms: number): void {
    const { debug, text } = this.#shared;
    const challenge = reply.status === 401 ? [reply.challenge ?? []].flat() : [];
    debug?.(
      [
        `${call.method} ${call.path}: HTTP ${reply.status}, ${reply.text.length} characters, ${Math.round(ms)} ms`,
        ...challenge.map((each) => `WWW-Authenticate: ${text.line(each)}`),
        text.body(reply.text, json)
      ].join(': ')
    );
    this.#shared.version = version ?? this.#shared.version;
  }

  #errorOf({ purpose }: Call, { challenge, login, wasKeySent }: HttpReply, said: Reply) {
    const { settings, hasWorked, version } = this.#shared;
    const { host } = settings.apiUrl;
    const proxy = settings.connection.proxy?.host;
    const met = { challenge, login, wasKeySent, purpose, host, proxy };
    return errorOfReply({ ...said, ...met, hasWorked, version });
  }
}

/** The client for checked inputs; its first call connects. */
export function connect(settings: ClientSettings, debug?: Debug): OpsManagerClient {
  const { credentials, wasAuthenticated, secrets } = settings;
  return new OpsManagerClient({
    settings,
    debug,
    session: new DigestSession(credentials),
    cookies: new Cookies(settings.apiUrl),
    text: new ServerText(new Redaction(secrets)),
    requests: 0,
    version: undefined,
    hasWorked: wasAuthenticated ?? false
  });
}
