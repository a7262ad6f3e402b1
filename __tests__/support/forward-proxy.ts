import {
  createServer,
  request,
  type IncomingMessage,
  type Server,
  type ServerResponse
} from 'node:http';
import { createServer as createTlsServer, type ServerOptions } from 'node:https';
import { connect, type AddressInfo, type Socket } from 'node:net';

interface ProxyOptions {
  /** `user:password` that it asks for. */
  readonly credentials?: string;
  /** A status with which it answers everything. */
  readonly refusesWith?: number;
  /** Takes requests and never answers. */
  readonly hangs?: boolean;
  /** It speaks TLS itself. */
  readonly tls?: ServerOptions;
}

/** A forward proxy that tunnels and forwards, and remembers what it was asked for. */
export class ForwardProxy {
  /** `CONNECT host:port` and `GET http://…`, in order. */
  readonly requests: string[] = [];
  readonly #server: Server;
  readonly #options: ProxyOptions;
  readonly #sockets = new Set<Socket>();
  /** TCP connections so far. */
  opened = 0;

  private constructor(options: ProxyOptions) {
    this.#options = options;
    this.#server = options.tls ? createTlsServer(options.tls) : createServer();
    this.#server.keepAliveTimeout = 0;
    this.#server.on('connection', (socket: Socket) => {
      this.opened += 1;
      this.#keep(socket);
    });
    this.#server.on('request', (request, response) => {
      this.#forward(request, response);
    });
    this.#server.on('connect', (request: IncomingMessage, socket: Socket) => {
      this.#tunnel(request, socket);
    });
  }

  static async start(options: ProxyOptions = {}): Promise<ForwardProxy> {
    const proxy = new ForwardProxy(options);
    await new Promise<void>((resolve) => proxy.#server.listen(0, '127.0.0.1', resolve));
    return proxy;
  }

  /** With the credentials, if there are any. */
  get url(): string {
    const { credentials } = this.#options;
    const login = credentials === undefined ? '' : `${credentials}@`;
    return `${this.#options.tls ? 'https' : 'http'}://${login}127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
  }

  get urlWithoutCredentials(): string {
    return `http://${new URL(this.url).host}`;
  }

  /** How many sockets are open now, on both sides. */
  get open(): number {
    return this.#sockets.size;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const socket of this.#sockets) socket.destroy();
    await new Promise((resolve) => this.#server.close(resolve));
  }

  #keep(socket: Socket): void {
    this.#sockets.add(socket);
    socket.on('error', () => undefined).on('close', () => this.#sockets.delete(socket));
  }

  /** The status of a refusal; undefined for what it lets pass. */
  #refusal({ headers }: IncomingMessage): number | undefined {
    const { credentials, refusesWith } = this.#options;
    if (credentials === undefined) return refusesWith;
    const login = `Basic ${Buffer.from(decodeURIComponent(credentials)).toString('base64')}`;
    return headers['proxy-authorization'] === login ? refusesWith : 407;
  }

  #forward(incoming: IncomingMessage, response: ServerResponse): void {
    const { method = '', url = '' } = incoming;
    this.requests.push(`${method} ${url}`);
    if (this.#options.hangs) return;
    const refusal = this.#refusal(incoming);
    if (refusal !== undefined) {
      response.writeHead(refusal, { 'content-type': 'text/html' }).end('<h1>the proxy</h1>');
      return;
    }
    const headers = { ...incoming.headers };
    delete headers['proxy-authorization'];
    const outgoing = request(url, { method, headers }, (answer) => {
      response.writeHead(answer.statusCode ?? 502, answer.headers);
      answer.pipe(response);
    });
    outgoing.on('error', () => response.writeHead(502).end());
    incoming.pipe(outgoing);
  }

  #tunnel(incoming: IncomingMessage, socket: Socket): void {
    const target = incoming.url ?? '';
    this.requests.push(`CONNECT ${target}`);
    if (this.#options.hangs) return;
    const refusal = this.#refusal(incoming);
    if (refusal !== undefined) {
      socket.end(`HTTP/1.1 ${refusal} Refused\r\nContent-Length: 0\r\n\r\n`);
      return;
    }
    const { hostname, port } = new URL(`http://${target}`);
    const upstream = connect(Number(port || '80'), hostname, () => {
      socket.write('HTTP/1.1 200 Connection established\r\n\r\n');
      upstream.pipe(socket);
      socket.pipe(upstream);
    });
    this.#keep(upstream);
    upstream.on('error', () => socket.end('HTTP/1.1 502 Bad Gateway\r\nContent-Length: 0\r\n\r\n'));
    upstream.on('close', () => socket.destroy());
    socket.on('close', () => upstream.destroy());
  }
}
