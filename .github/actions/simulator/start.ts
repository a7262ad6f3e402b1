import { spawn } from 'node:child_process';
import { appendFileSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { IMPORT_ID, PRIVATE_KEY, PROJECT_ID, PUBLIC_KEY } from '../../../simulator/ops-manager.ts';

// The process outlives this step, so it is detached and none of its streams stays open here.
const server = spawn(
  process.execPath,
  [
    join(import.meta.dirname, '../../../simulator/serve.ts'),
    '--script',
    process.env['INPUT_SCRIPT'] ?? ''
  ],
  { detached: true, stdio: ['ignore', 'pipe', 'inherit'], windowsHide: true }
);
const lines = createInterface(server.stdout);
const { value: line } = await lines[Symbol.asyncIterator]().next();
const { url, control } = JSON.parse(String(line)) as { url: string; control: string };
lines.close();
server.stdout.destroy();
server.unref();

appendFileSync(process.env['GITHUB_STATE'] ?? '', `control=${control}\n`);
const outputs = {
  'base-url': url,
  'project-id': PROJECT_ID,
  'request-id': IMPORT_ID,
  'public-key': PUBLIC_KEY,
  'private-key': PRIVATE_KEY
};
for (const [name, value] of Object.entries(outputs)) {
  appendFileSync(process.env['GITHUB_OUTPUT'] ?? '', `${name}=${value}\n`);
}
console.log(`Ops Manager is simulated at ${url}.`);
