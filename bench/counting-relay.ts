import { connect, createServer, type AddressInfo, type Server, type Socket } from 'node:net';

/** A TCP relay on 127.0.0.1 that counts what goes through it: payload, so TLS but no TCP headers. */
export class CountingRelay {
  connections = 0;
  bytesUp = 0;
  bytesDown = 0;
  readonly #server: Server;
  readonly #sockets = new Set<Socket>();

  private constructor(targetPort: number) {
    this.#server = createServer((client) => {
      this.connections += 1;
      const target = connect(targetPort, '127.0.0.1');
      client.on('data', (chunk) => (this.bytesUp += chunk.length));
      target.on('data', (chunk) => (this.bytesDown += chunk.length));
      client.pipe(target).pipe(client);
      for (const socket of [client, target]) {
        this.#sockets.add(socket);
        // One side is gone: so is the other.
        socket.on('error', () => socket.destroy());
        socket.on('close', () => {
          this.#sockets.delete(socket);
          (socket === client ? target : client).destroy();
        });
      }
    });
  }

  static async to(targetPort: number): Promise<CountingRelay> {
    const relay = new CountingRelay(targetPort);
    await new Promise<void>((resolve) => relay.#server.listen(0, '127.0.0.1', resolve));
    return relay;
  }

  get port(): number {
    return (this.#server.address() as AddressInfo).port;
  }

  async close(): Promise<void> {
    for (const socket of this.#sockets) socket.destroy();
    await new Promise((resolve) => this.#server.close(resolve));
  }
}
