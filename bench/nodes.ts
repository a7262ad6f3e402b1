import { createServer, request, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import {
  IMPORT_ID,
  PRIVATE_KEY,
  PROJECT_ID,
  PUBLIC_KEY,
  Simulator
} from '../simulator/ops-manager.ts';
import { connect } from '../src/ops-manager/client.ts';

const READS = 1_000;
const POLL_INTERVAL_MS = 10_000;

/** What reads cost in front of nodes that share no nonces. */
export interface NodeCost {
  readonly nodes: string;
  readonly requestsPerRead: number;
  /** Attempts, in percent of the reads, that met four strange nonces and had to be repeated. */
  readonly repeatedPercent: number;
}

/** 1,000 reads each, 10 s apart by the simulators' clock, whose nonces live 60 s. */
export async function measureNodes(): Promise<NodeCost[]> {
  let turn = 0;
  return [
    await measure('one', 1, () => 0),
    await measure('two, in turn', 2, () => turn++ % 2),
    await measure('two, at random', 2, () => Math.floor(Math.random() * 2))
  ];
}

async function measure(nodes: string, count: number, pick: () => number): Promise<NodeCost> {
  let now = Date.now();
  const options = { now: () => now };
  const script = { id: IMPORT_ID, steps: [['PENDING', 0]] } as const;
  const first = await Simulator.start({ ...options, imports: [script] });
  const others = await Promise.all(
    Array.from({ length: count - 1 }, async () => Simulator.start({ ...options, nodeOf: first }))
  );
  const all = [first, ...others];
  const balancer = await balance(() => all[pick()]?.port ?? 0);
  const { port } = balancer.address() as AddressInfo;
  const client = connectTo(`http://127.0.0.1:${port}`);
  const { signal } = new AbortController();
  let repeated = 0;
  for (let reads = 0; reads < READS; now += POLL_INTERVAL_MS) {
    try {
      await client.readImport(IMPORT_ID, { signal });
      reads += 1;
    } catch {
      repeated += 1;
      if (repeated > READS) throw new Error(`Reads in front of ${nodes} never pass.`);
    }
  }
  const requestsPerRead = client.requests / READS;
  await client.close();
  balancer.closeAllConnections();
  await new Promise((resolve) => balancer.close(resolve));
  for (const node of all) await node.close();
  return { nodes, requestsPerRead, repeatedPercent: (repeated / READS) * 100 };
}

function connectTo(url: string) {
  return connect({
    apiUrl: new URL(`${url}/api/public/v1.0`),
    projectId: PROJECT_ID,
    credentials: { publicKey: PUBLIC_KEY, privateKey: PRIVATE_KEY },
    requestTimeoutMs: 30_000,
    secrets: [],
    userAgent: 'bench',
    pollIntervalMs: POLL_INTERVAL_MS,
    connection: { proxies: { http: '', https: '', noProxy: '' } }
  });
}

/** A balancer that picks a port for each request. */
async function balance(pick: () => number): Promise<Server> {
  const server = createServer((incoming, outgoing) => {
    const { method, url, headers } = incoming;
    const target = { host: '127.0.0.1', port: pick(), method, path: url, headers };
    const passed = request(target, (reply) => {
      outgoing.writeHead(reply.statusCode ?? 502, reply.headers);
      reply.pipe(outgoing);
    });
    passed.on('error', () => outgoing.destroy());
    incoming.pipe(passed);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return server;
}
