import { createServer, request, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';

/** A load balancer without stickiness: asks for each request which port gets it. */
export class Balancer {
  readonly #server: Server;

  private constructor(pick: () => number) {
    this.#server = createServer((incoming, outgoing) => {
      const { method, url, headers } = incoming;
      const target = { host: '127.0.0.1', port: pick(), method, path: url, headers };
      const passed = request(target, (reply) => {
        outgoing.writeHead(reply.statusCode ?? 502, reply.headers);
        reply.pipe(outgoing);
      });
      passed.on('error', () => outgoing.destroy());
      incoming.pipe(passed);
    });
  }

  static async start(pick: () => number): Promise<Balancer> {
    const balancer = new Balancer(pick);
    await new Promise<void>((resolve) => balancer.#server.listen(0, '127.0.0.1', resolve));
    return balancer;
  }

  get url(): string {
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#server.closeAllConnections();
    await new Promise((resolve) => this.#server.close(resolve));
  }
}
