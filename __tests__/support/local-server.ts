import { createServer, type RequestListener, type Server } from 'node:http';
import { createServer as createTlsServer, type ServerOptions } from 'node:https';
import {
  createServer as createTcpServer,
  type AddressInfo,
  type Server as TcpServer
} from 'node:net';
import type { Socket } from 'node:net';

/** A server of a test's own on a port that the system picks; ended with its sockets by its scope. */
export class LocalServer {
  readonly #server: Server | TcpServer;
  readonly #scheme: string;
  readonly #sockets = new Set<Socket>();
  /** TCP connections so far. */
  opened = 0;
  /** The heads of the requests so far: method and target. */
  readonly requests: string[] = [];

  private constructor(server: Server | TcpServer, scheme: string) {
    this.#server = server;
    this.#scheme = scheme;
    server.on('connection', (socket: Socket) => {
      this.opened += 1;
      this.#sockets.add(socket);
      socket.on('error', () => undefined).on('close', () => this.#sockets.delete(socket));
    });
    server.on('request', ({ method, url }: { method: string; url: string }) => {
      this.requests.push(`${method} ${url}`);
    });
  }

  /** Speaks HTTP, or HTTPS when it is given a certificate. */
  static async http(listener: RequestListener, tls?: ServerOptions): Promise<LocalServer> {
    const server = tls ? createTlsServer(tls, listener) : createServer(listener);
    // No limit and no hint of one: only the client decides when a connection ends.
    server.keepAliveTimeout = 0;
    return new LocalServer(server, tls ? 'https' : 'http').#listen();
  }

  /** Speaks whatever the test writes to the socket. */
  static async tcp(onConnection: (socket: Socket) => void, scheme = 'http'): Promise<LocalServer> {
    const server = createTcpServer((socket) => {
      // Only a socket that is read notices its end.
      socket.resume();
      onConnection(socket);
    });
    return new LocalServer(server, scheme).#listen();
  }

  get port(): number {
    return (this.#server.address() as AddressInfo).port;
  }

  get url(): string {
    return `${this.#scheme}://127.0.0.1:${this.port}`;
  }

  /** How many sockets are open now. */
  get open(): number {
    return this.#sockets.size;
  }

  async #listen(): Promise<this> {
    await new Promise<void>((resolve) => this.#server.listen(0, '127.0.0.1', resolve));
    return this;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const socket of this.#sockets) socket.destroy();
    await new Promise((resolve) => this.#server.close(resolve));
  }
}
