import {
  PRIVATE_KEY,
  PROJECT_ID,
  PUBLIC_KEY,
  Simulator,
  IMPORT_ID
} from '../simulator/ops-manager.ts';
import { callsFor } from '../src/diagnosis/findings.ts';
import { connect } from '../src/ops-manager/client.ts';
import { diagnosisApi } from '../src/ops-manager/diagnosis.ts';
import { ask } from '../src/diagnosis/facts.ts';
import { CountingRelay } from './counting-relay.ts';

const SIZES = [3, 50, 500];
const PHASES = ['AWAIT_HOSTS_DISCOVERED', 'AWAIT_GOAL_STATE'] as const;

/** What one diagnosis costs, over a connection that has read the import before. */
export interface DiagnosisCost {
  readonly processes: number;
  readonly phase: string;
  readonly requests: number;
  readonly bytesUp: number;
  readonly bytesDown: number;
}

/** Diagnoses of deployments of three sizes, one process a host, each behind and with an error. */
export async function measureDiagnoses(): Promise<DiagnosisCost[]> {
  const costs: DiagnosisCost[] = [];
  for (const processes of SIZES) {
    for (const phase of PHASES) costs.push(await measure(processes, phase));
  }
  return costs;
}

async function measure(processes: number, phase: string): Promise<DiagnosisCost> {
  const simulator = await Simulator.start({
    imports: [{ id: IMPORT_ID, steps: [['PENDING', 0]] }],
    diagnosis: deployment(processes)
  });
  const relay = await CountingRelay.to(simulator.port);
  const client = connect(
    {
      apiUrl: new URL(`http://127.0.0.1:${relay.port}/api/public/v1.0`),
      projectId: PROJECT_ID,
      credentials: { publicKey: PUBLIC_KEY, privateKey: PRIVATE_KEY },
      requestTimeoutMs: 30_000,
      secrets: [],
      userAgent: 'bench',
      pollIntervalMs: 10_000,
      connection: {}
    },
    undefined
  );
  const { signal } = new AbortController();
  await client.readImport(IMPORT_ID, { signal });
  const before = { requests: client.requests, up: relay.bytesUp, down: relay.bytesDown };
  const api = diagnosisApi(client.get.bind(client), PROJECT_ID);
  const { notAsked } = await ask(api, callsFor(phase), { clock: performance, signal });
  if (notAsked.length > 0) throw new Error('A call of the diagnosis was not answered.');
  const cost = {
    processes,
    phase,
    requests: client.requests - before.requests,
    bytesUp: relay.bytesUp - before.up,
    bytesDown: relay.bytesDown - before.down
  };
  await client.close();
  await relay.close();
  await simulator.close();
  return cost;
}

function deployment(count: number) {
  const names = Array.from({ length: count }, (_, index) => `mongodb${index + 1}.example.com`);
  const error = {
    errorCode: 100,
    errorCodeHumanReadable: 'File Permissions Error',
    errorCodeDescription: 'There is an issue with file permissions for this process',
    errorString: 'open /data/0/mongod.lock: permission denied'
  };
  return {
    automation: {
      goalVersion: 5,
      processes: names.map((hostname, index) => ({
        name: `rs0_${index + 1}`,
        hostname,
        version: 4,
        plan: ['Start'],
        error
      }))
    },
    agents: names.map((hostname) => ({ hostname })),
    hosts: names.map((hostname) => ({ hostname, port: 27017 }))
  };
}
