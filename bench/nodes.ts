import { Balancer } from '../simulator/balancer.ts';
import type { Manner } from '../simulator/digest-guard.ts';
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
  readonly manner: Manner;
  readonly requestsPerRead: number;
  /** Attempts, in percent of the reads, that met four challenges and had to be repeated. */
  readonly repeatedPercent: number;
}

/** 1,000 reads each, 10 s apart by the simulators' clock, whose nonces live 60 s. */
export async function measureNodes(): Promise<NodeCost[]> {
  const costs: NodeCost[] = [];
  for (const manner of ['old', 'since-12.0.36'] as const) {
    let turn = 0;
    costs.push(
      await measure('one', manner, 1, () => 0),
      await measure('two, in turn', manner, 2, () => turn++ % 2),
      await measure('three, in turn', manner, 3, () => turn++ % 3),
      await measure('two, at random', manner, 2, () => Math.floor(Math.random() * 2))
    );
  }
  return costs;
}

async function measure(
  nodes: string,
  manner: Manner,
  count: number,
  pick: () => number
): Promise<NodeCost> {
  let now = Date.now();
  const options = { now: () => now, manner };
  const script = { id: IMPORT_ID, steps: [['PENDING', 0]] } as const;
  const first = await Simulator.start({ ...options, imports: [script] });
  const others = await Promise.all(
    Array.from({ length: count - 1 }, async () => Simulator.start({ ...options, nodeOf: first }))
  );
  const all = [first, ...others];
  await using balancer = await Balancer.start(() => all[pick()]?.port ?? 0);
  const client = connectTo(balancer.url);
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
  for (const node of all) await node.close();
  return { nodes, manner, requestsPerRead, repeatedPercent: (repeated / READS) * 100 };
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
    connection: {}
  });
}
