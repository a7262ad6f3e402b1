import {
  createServer,
  type IncomingMessage,
  type RequestListener,
  type ServerResponse
} from 'node:http';
import { createServer as createTlsServer, type ServerOptions } from 'node:https';
import type { AddressInfo, Socket } from 'node:net';
import { DigestGuard } from './digest-guard.ts';
import { sampleSteps, ScriptedImport, type Script } from './scripted-import.ts';

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
  readonly kind: CallKind | undefined;
  readonly isAuthenticated: boolean;
  /** Numbers the TCP connections, from 1. */
  readonly connection: number;
}

export type CallKind = 'read' | 'list' | 'create' | 'cancel' | 'delete';

/** Takes a call into its own hands instead of the simulator; `forward` does what was asked. */
export type Fault = (call: Call, response: ServerResponse, forward: () => void) => boolean;

export interface SimulatorOptions {
  readonly imports?: readonly Script[];
  /** The script of an import that is created; by default a success within seconds. */
  readonly create?: (body: { seedHostport: string }) => Script;
  readonly fault?: Fault;
  /** Off for a server behind a proxy that authenticates by itself. */
  readonly authentication?: boolean;
  readonly nonceLifetimeMs?: number;
  readonly maxNonceCount?: number;
  /** Milliseconds since 1970. */
  readonly now?: () => number;
  readonly tls?: ServerOptions;
}

interface Answer {
  readonly status: number;
  readonly body: unknown;
}

const ROUTE =
  /^\/api\/public\/v1\.0\/automation\/importDeployment\/([0-9a-f]{24})(?:\/([0-9a-f]{24})(\/cancel)?)?$/;

/**
 * An Ops Manager over real HTTP with real digest challenges: the import endpoints, and imports that
 * follow a script. It stands in for Ops Manager 8.0.13 in the demo and in the tests.
 */
export class Simulator {
  readonly calls: Call[] = [];
  readonly imports: ScriptedImport[];
  readonly guard: DigestGuard;
  readonly #options: SimulatorOptions;
  readonly #now: () => number;
  readonly #server: ReturnType<typeof createServer>;
  readonly #connections = new Map<Socket, number>();
  #opened = 0;

  private constructor(options: SimulatorOptions) {
    this.#options = options;
    this.#now = options.now ?? Date.now;
    this.imports = (options.imports ?? []).map((script) => new ScriptedImport(script, this.#now()));
    this.guard = new DigestGuard({
      publicKey: PUBLIC_KEY,
      privateKey: PRIVATE_KEY,
      nonceLifetimeMs: options.nonceLifetimeMs ?? 60_000,
      maxNonceCount: options.maxNonceCount ?? 1024,
      now: this.#now
    });
    const listener: RequestListener = (request, response) => void this.#receive(request, response);
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
    await new Promise<void>((resolve) => simulator.#server.listen(port, '127.0.0.1', resolve));
    return simulator;
  }

  get port(): number {
    return (this.#server.address() as AddressInfo).port;
  }

  get url(): string {
    return `${this.#options.tls ? 'https' : 'http'}://127.0.0.1:${this.port}`;
  }

  /** How many TCP connections were opened. */
  get opened(): number {
    return this.#opened;
  }

  /** The state of the import with this id, or of the only one. */
  state(id?: string): string | undefined {
    const found = id === undefined ? this.imports[0] : this.imports.find((item) => item.id === id);
    return found?.state(this.#now());
  }

  runningImports(): ScriptedImport[] {
    return this.imports.filter((item) => item.isInProgress(this.#now()));
  }

  remove(id: string): void {
    this.imports.splice(
      this.imports.findIndex((item) => item.id === id),
      1
    );
  }

  async close(): Promise<void> {
    for (const socket of this.#connections.keys()) socket.destroy();
    await new Promise((resolve) => this.#server.close(resolve));
  }

  async #receive(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const body = await readAll(request);
    const url = new URL(request.url ?? '/', 'http://simulator');
    const [route, projectId, id, cancel] = ROUTE.exec(url.pathname) ?? [];
    const kind = route === undefined ? undefined : kindOf(request.method, id, cancel);
    const decision = this.#options.authentication === false ? ADMITTED : this.guard.decide(request);
    const isAuthenticated = 'admitted' in decision;
    const { method = '', headers } = request;
    const connection = this.#connections.get(request.socket) ?? 0;
    const call: Call = {
      method,
      path: request.url ?? '',
      headers,
      kind,
      isAuthenticated,
      connection
    };
    this.calls.push(call);

    const forward = (): void => {
      if (!isAuthenticated) {
        response.setHeader('WWW-Authenticate', decision.challenge);
        send(
          response,
          errorAnswer(401, 'USER_UNAUTHORIZED', 'You are not authorized for this resource.'),
          url
        );
        return;
      }
      response.setHeader(
        'X-MongoDB-Service-Version',
        'gitHash=0123456789abcdef; versionString=8.0.13.500.20250909T1801Z'
      );
      send(response, this.#answer(kind, projectId, id, body), url);
    };
    if (this.#options.fault?.(call, response, forward) !== true) forward();
  }

  #answer(
    kind: CallKind | undefined,
    projectId: string | undefined,
    id: string | undefined,
    body: string
  ): Answer {
    const now = this.#now();
    if (kind === undefined) return errorAnswer(404, 'RESOURCE_NOT_FOUND', 'Cannot find resource.');
    if (projectId !== PROJECT_ID) {
      return errorAnswer(
        401,
        'NOT_IN_GROUP',
        'The current user is not in the group, or the group does not exist.'
      );
    }
    if (kind === 'list') {
      const listed = this.imports.filter((item) => item.isListed(now));
      return { status: 200, body: { results: listed.map((item) => reply(item, now)) } };
    }
    if (kind === 'create') return this.#create(body, now);
    const found = this.imports.find((item) => item.id === id);
    if (!found)
      return errorAnswer(
        404,
        'RESOURCE_NOT_FOUND',
        `No import deployment request with ID ${id ?? ''} exists.`
      );
    if (kind === 'read') return { status: 200, body: reply(found, now) };
    if (kind === 'cancel') {
      return found.cancel(now)
        ? EMPTY
        : errorAnswer(
            400,
            'INVALID_STATE',
            `Cannot cancel an import in state ${found.state(now)}.`
          );
    }
    if (found.state(now) !== 'FAILED' || found.script.refusesDelete) {
      return errorAnswer(
        400,
        'INVALID_STATE',
        `Cannot delete an import in state ${found.state(now)}.`
      );
    }
    this.remove(found.id);
    return EMPTY;
  }

  #create(text: string, now: number): Answer {
    const body = JSON.parse(text) as { seedHostport?: string };
    if (body.seedHostport === undefined || body.seedHostport.startsWith('refused.')) {
      return errorAnswer(400, 'INVALID_ATTRIBUTE', 'Invalid attribute seedHostport specified.');
    }
    const script = this.#options.create?.({ seedHostport: body.seedHostport }) ?? {
      steps: sampleSteps('SUCCESS', 1 / 300)
    };
    this.imports.push(new ScriptedImport(script, now));
    return EMPTY;
  }
}

const ADMITTED = { admitted: true } as const;
const EMPTY: Answer = { status: 200, body: {} };

function kindOf(
  method: string | undefined,
  id: string | undefined,
  cancel: string | undefined
): CallKind | undefined {
  if (method === 'GET' && cancel === undefined) return id === undefined ? 'list' : 'read';
  if (method === 'POST' && id === undefined) return 'create';
  if (method === 'POST' && cancel !== undefined) return 'cancel';
  return method === 'DELETE' && id !== undefined && cancel === undefined ? 'delete' : undefined;
}

function reply(item: ScriptedImport, now: number): unknown {
  return {
    id: item.id,
    groupId: PROJECT_ID,
    userId: '507f1f77bcf86cd799439013',
    state: item.state(now),
    transitionsHistory: item.transitions(now)
  };
}

function errorAnswer(status: number, errorCode: string, detail: string): Answer {
  const reason = { 400: 'Bad Request', 401: 'Unauthorized', 404: 'Not Found' }[status] ?? 'Error';
  return { status, body: { detail, error: status, errorCode, parameters: [], reason } };
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
