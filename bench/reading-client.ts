import { getEventListeners } from 'node:events';
import { connect } from '../src/ops-manager/client.ts';
import { IMPORT_ID, PRIVATE_KEY, PROJECT_ID, PUBLIC_KEY } from '../simulator/ops-manager.ts';

/**
 * A process that reads an import 10,000 times with one client, as a wait of more than a day does,
 * and prints what it holds after 10, 1,000 and 10,000 reads. Start it with --expose-gc.
 */
const [url = ''] = process.argv.slice(2);
const { signal } = new AbortController();
const client = connect(
  {
    apiUrl: new URL(`${url}/api/public/v1.0`),
    projectId: PROJECT_ID,
    credentials: { publicKey: PUBLIC_KEY, privateKey: PRIVATE_KEY },
    requestTimeoutMs: 30_000,
    secrets: [],
    userAgent: 'bench',
    pollIntervalMs: 10_000,
    connection: {}
  },
  () => undefined
);
const held = [];
for (let reads = 1; reads <= 10_000; reads += 1) {
  await client.readImport(IMPORT_ID, { signal });
  if ([10, 1_000, 10_000].includes(reads)) {
    // What the last read leaves to a timer or a microtask must be gone, too.
    await new Promise((resolve) => setTimeout(resolve, 50));
    globalThis.gc?.();
    globalThis.gc?.();
    const { heapUsed, rss } = process.memoryUsage();
    held.push({
      reads,
      requests: client.requests,
      heapMb: heapUsed / 2 ** 20,
      rssMb: rss / 2 ** 20,
      listeners: getEventListeners(signal, 'abort').length,
      resources: process.getActiveResourcesInfo().length
    });
  }
}
await client.close();
console.log(JSON.stringify(held));
