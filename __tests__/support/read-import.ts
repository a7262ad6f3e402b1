import { readFileSync } from 'node:fs';
import { IMPORT_ID, PRIVATE_KEY, PROJECT_ID, PUBLIC_KEY } from '../../simulator/ops-manager.ts';
import { connect } from '../../src/ops-manager/client.ts';

/**
 * A process that reads the import of each given URL once, for settings that Node reads only at its
 * start; prints the states, or why there is none. The first argument is a file of authorities.
 */
const [authorities = '', ...urls] = process.argv.slice(2);
for (const url of urls) {
  const client = connect({
    apiUrl: new URL(`${url}/api/public/v1.0`),
    projectId: PROJECT_ID,
    credentials: { publicKey: PUBLIC_KEY, privateKey: PRIVATE_KEY },
    requestTimeoutMs: 10_000,
    pollIntervalMs: 1_000,
    secrets: [],
    userAgent: 'test',
    connection: {
      caCertificate: authorities === '' ? undefined : readFileSync(authorities, 'utf8')
    }
  });
  try {
    const { state } = await client.readImport(IMPORT_ID, { signal: new AbortController().signal });
    console.log(state);
  } catch (error) {
    console.log(String(error));
  }
  await client.close();
}
