import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { createServer as createTlsServer, type ServerOptions } from 'node:https';
import type { AddressInfo, Socket } from 'node:net';
import {
  DiagnosisEndpoints,
  diagnosisRouteOf,
  type DiagnosisKind,
  type DiagnosisRoute,
  type DiagnosisScript
} from './diagnosis-api.ts';
import { DigestGuard, type Manner } from './digest-guard.ts';
import {
  errorAnswer,
  ImportEndpoints,
  routeOf,
  type Answer,
  type CallKind,
  type ListScript,
  type Playwright
} from './import-api.ts';
import type { ScriptedImport, Script } from './scripted-import.ts';

export const PROJECT_ID = '507f1f77bcf86cd799439012';
export const IMPORT_ID = '507f1f77bcf86cd799439011';
export const PUBLIC_KEY = 'public-key-of-the-simulator';
export const PRIVATE_KEY = 'd0c5e1f0-private-key-of-the-simulator';

/** One HTTP request that the simulator has received. */
export interface Call {
  readonly method: string;
  readonly path: string;
  readonly headers: IncomingMessage['headers'];
  /** What the call asks for; undefined for any other path. */
  readonly kind: CallKind | DiagnosisKind | undefined;
  readonly isAuthenticated: boolean;
  /** Numbers the TCP connections, from 1. */
  readonly connection: number;
}

/**
 * Takes a call into its own hands instead of the simulator; `forward` does what was asked and
 * answers, which nobody hears once `response` is destroyed. Gives whether it did.
 */
export type Fault = (
  call: Call,
  response: ServerResponse,
  forward: () => void,
  simulator: Simulator
) => boolean;

export interface SimulatorOptions {
  readonly imports?: readonly Script[];
  /** The script of an import that is created; by default a success within seconds. */
  readonly create?: Playwright;
  /** What is said of automation, agents and hosts; by default that all is well. */
  readonly diagnosis?: DiagnosisScript;
  /** How lists are written; by default whole, as documented. */
  readonly lists?: ListScript;
  /** Whether each reply comes in an envelope, as where someone in between asks for it. */
  readonly isEnveloped?: boolean;
  readonly fault?: Fault;
  /** Off for a server behind a proxy that authenticates by itself. */
  readonly authentication?: boolean;
  readonly nonceLifetimeMs?: number;
  readonly maxNonceCount?: number;
  /** Milliseconds since 1970. */
  readonly now?: () => number;
  /** Which Jetty it is built on; the old one when left out. */
  readonly manner?: Manner | undefined;
  /** Makes this one another node of the same Ops Manager: the same imports, nonces of its own. */
  readonly nodeOf?: Simulator;
  readonly tls?: ServerOptions;
}

/**
 * An Ops Manager over real HTTP with real digest challenges: the endpoints of imports and of a
 * diagnosis, both by a script. It stands in for Ops Manager 8.0.13 in the demo and in the tests.
 */
export class Simulator {
  readonly calls: Call[] = [];
  readonly guard: DigestGuard;
  readonly #options: SimulatorOptions;
  readonly #now: () => number;
  readonly #api: ImportEndpoints;
  readonly #diagnosis: DiagnosisEndpoints;
  readonly #server: ReturnType<typeof createServer>;
  readonly #connections = new Map<Socket, number>();
  #opened = 0;
  #port = 0;
  #isClosed = false;

  private constructor(options: SimulatorOptions) {
    this.#options = options;
    this.#now = options.now ?? Date.now;
    const { nodeOf, imports = [], create, lists } = options;
    this.#api = nodeOf
      ? nodeOf.#api
      : new ImportEndpoints(PROJECT_ID, imports, this.#now(), create, lists);
    this.#diagnosis = new DiagnosisEndpoints(PROJECT_ID, options.diagnosis, this.#now());
    this.guard = new DigestGuard({
      publicKey: PUBLIC_KEY,
      privateKey: PRIVATE_KEY,
      nonceLifetimeMs: options.nonceLifetimeMs ?? 60_000,
      maxNonceCount: options.maxNonceCount ?? 1024,
      now: this.#now,
      manner: options.manner
    });
    const listener = (request: IncomingMessage, response: ServerResponse): void =>
      void this.#receive(request, response);
    this.#server = options.tls ? createTlsServer(options.tls, listener) : createServer(listener);
    this.#server.on(options.tls ? 'secureConnection' : 'connection', (socket: Socket) => {
      this.#opened += 1;
      this.#connections.set(socket, this.#opened);
      socket.on('close', () => this.#connections.delete(socket));
    });
  }

  /** Listens on 127.0.0.1, on a port that the system picks unless one is given. */
  static async start(options: SimulatorOptions = {}, port = 0): Promise<Simulator> {
    const simulator = new Simulator(options);
    await simulator.#listen(port);
    return simulator;
  }

  get port(): number {
    return this.#port;
  }

  get url(): string {
    return `${this.#options.tls ? 'https' : 'http'}://127.0.0.1:${this.#port}`;
  }

  /** How many TCP connections were opened. */
  get opened(): number {
    return this.#opened;
  }

  get imports(): readonly ScriptedImport[] {
    return this.#api.imports;
  }

  /** The state of the import with this id, or of the only one. */
  state(id?: string): string | undefined {
    const found = id === undefined ? this.imports[0] : this.imports.find((item) => item.id === id);
    return found?.state(this.#now());
  }

  runningImports(): ScriptedImport[] {
    return this.imports.filter((item) => item.isInProgress(this.#now()));
  }

  /** Creates an import as someone else might. */
  add(script: Script): void {
    this.#api.add(script, this.#now());
  }

  /** Deletes an import as someone else might. */
  remove(id: string): void {
    this.#api.remove(id);
  }

  /** Ends every connection and refuses new ones, as a host that restarts does. */
  async goDown(): Promise<void> {
    const closed = new Promise((resolve) => this.#server.close(resolve));
    for (const socket of this.#connections.keys()) socket.destroy();
    await closed;
  }

  /** Listens again on the port that it had, unless it was closed meanwhile. */
  async comeBack(): Promise<void> {
    if (!this.#isClosed) await this.#listen(this.#port);
  }

  async close(): Promise<void> {
    this.#isClosed = true;
    await this.goDown();
  }

  async #listen(port: number): Promise<void> {
    await new Promise<void>((resolve) => this.#server.listen(port, '127.0.0.1', resolve));
    this.#port = (this.#server.address() as AddressInfo).port;
  }

  async #receive(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const body = await readAll(request);
    const { method = '', headers } = request;
    const url = new URL(request.url ?? '/', 'http://simulator');
    if (this.#options.isEnveloped) url.searchParams.set('envelope', 'true');
    const route = routeOf(method, url.pathname);
    const diagnosis = diagnosisRouteOf(method, url.pathname);
    const decision =
      this.#options.authentication === false
        ? ({ admitted: true } as const)
        : this.guard.decide(request);
    const call: Call = {
      method,
      path: request.url ?? '',
      headers,
      kind: diagnosis?.kind ?? route.kind,
      isAuthenticated: 'admitted' in decision,
      connection: this.#connections.get(request.socket) ?? 0
    };
    this.calls.push(call);

    // Dates of imports, and an agent’s silence, are counted by this clock.
    response.setHeader('Date', new Date(this.#now()).toUTCString());
    const forward = (): void => {
      if ('admitted' in decision) {
        response.setHeader(
          'X-MongoDB-Service-Version',
          'gitHash=0123456789abcdef; versionString=8.0.13.500.20250909T1801Z'
        );
        const answer = diagnosis
          ? this.#answerAbout(diagnosis, url)
          : this.#api.answer(route, body, this.#now(), url.searchParams);
        send(response, answer, url);
      } else {
        response.setHeader('WWW-Authenticate', decision.challenge);
        const detail = 'You are not authorized for this resource.';
        // The login stands before the API, and knows no envelope.
        url.searchParams.delete('envelope');
        send(response, errorAnswer(401, 'USER_UNAUTHORIZED', detail), url);
      }
    };
    if (this.#options.fault?.(call, response, forward, this) !== true) forward();
  }

  #answerAbout(route: DiagnosisRoute, { searchParams }: URL): Answer {
    const answer = this.#diagnosis.answer(route, searchParams, this.#now());
    return 'body' in answer ? answer : errorAnswer(answer.status, answer.errorCode, answer.detail);
  }
}

/** Source: Ops Manager's API, query parameters `envelope` and `pretty`. */
function send(response: ServerResponse, { status, body }: Answer, url: URL): void {
  const isEnveloped = url.searchParams.get('envelope') === 'true';
  const indent = url.searchParams.get('pretty') === 'true' ? 2 : undefined;
  const text = JSON.stringify(isEnveloped ? { status, content: body } : body, undefined, indent);
  response.writeHead(isEnveloped ? 200 : status, {
    'Content-Type': 'application/json',
    'Content-Length': Buffer.byteLength(text)
  });
  response.end(text);
}

async function readAll(request: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of request as AsyncIterable<Buffer>) chunks.push(chunk);
  return Buffer.concat(chunks).toString();
}
