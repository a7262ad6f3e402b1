import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { promisify } from 'node:util';

/** What a process with one client holds after so many reads. */
export interface Held {
  readonly reads: number;
  readonly requests: number;
  readonly heapMb: number;
  readonly rssMb: number;
  /** On the signal of the wait. */
  readonly listeners: number;
  /** Sockets, timers and the like that keep the process alive. */
  readonly resources: number;
}

/** Reads over real HTTP from a simulator in a process of its own. */
export async function measureMemory(): Promise<Held[]> {
  const serve = join(import.meta.dirname, '../simulator/serve.ts');
  const server = spawn(process.execPath, [serve, '--script', '{"steps": [["PENDING", 0]]}'], {
    stdio: ['ignore', 'pipe', 'inherit']
  });
  try {
    const [line] = (await once(createInterface(server.stdout), 'line')) as [string];
    const { url } = JSON.parse(line) as { url: string };
    const client = join(import.meta.dirname, 'reading-client.ts');
    const { stdout } = await promisify(execFile)(process.execPath, ['--expose-gc', client, url]);
    return JSON.parse(stdout) as Held[];
  } finally {
    server.kill();
  }
}
