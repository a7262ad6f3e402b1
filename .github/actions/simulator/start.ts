import { spawn } from 'node:child_process';
import { appendFileSync, closeSync, mkdtempSync, openSync, readFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { IMPORT_ID, PRIVATE_KEY, PROJECT_ID, PUBLIC_KEY } from '../../../simulator/ops-manager.ts';

const LIMIT_MS = 30_000;

// The process outlives this step, and a runner waits for a step's open streams: it has files.
const folder = mkdtempSync(join(process.env['RUNNER_TEMP'] ?? tmpdir(), 'simulator-'));
const [stdout, stderr] = [join(folder, 'stdout'), join(folder, 'stderr')];
const streams = [openSync(stdout, 'w'), openSync(stderr, 'w')] as const;
const server = spawn(
  process.execPath,
  [
    join(import.meta.dirname, '../../../simulator/serve.ts'),
    '--script',
    process.env['INPUT_SCRIPT'] ?? ''
  ],
  { detached: true, stdio: ['ignore', ...streams], windowsHide: true }
);
for (const stream of streams) closeSync(stream);
server.unref();

const { url, control } = JSON.parse(await firstLine()) as { url: string; control: string };
appendFileSync(process.env['GITHUB_STATE'] ?? '', `control=${control}\nfolder=${folder}\n`);
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

/** What the server says once it listens. @throws with its last words if it never does. */
async function firstLine(): Promise<string> {
  const giveUpAt = performance.now() + LIMIT_MS;
  while (server.exitCode === null && performance.now() < giveUpAt) {
    const [line, ...rest] = readFileSync(stdout, 'utf8').split('\n');
    if (line !== undefined && rest.length > 0) return line;
    await sleep(20);
  }
  throw new Error(`The simulator did not start: ${readFileSync(stderr, 'utf8')}`);
}
