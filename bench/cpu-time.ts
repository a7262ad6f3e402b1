import { spawn } from 'node:child_process';

/** How a program and all that it started went. */
export interface Run {
  readonly code: number | null;
  /** User and system time of the process tree, in milliseconds. */
  readonly cpuMs: number;
  readonly elapsedMs: number;
  /** What it printed. */
  readonly output: string;
}

/** Runs a program to its end under bash's `time`, which counts children and their children. */
export async function timeTree(
  command: readonly string[],
  env: Readonly<Record<string, string | undefined>>
): Promise<Run> {
  const startedAt = performance.now();
  const script = 'TIMEFORMAT="cpu %U %S"; time "$@" 2>/dev/null';
  const child = spawn('bash', ['-c', script, 'bash', ...command], {
    env: { PATH: process.env['PATH'], ...env },
    stdio: ['ignore', 'pipe', 'pipe']
  });
  let [text, output] = ['', ''];
  child.stdout.setEncoding('utf8').on('data', (chunk: string) => (output += chunk));
  child.stderr.setEncoding('utf8').on('data', (chunk: string) => (text += chunk));
  const code = await new Promise<number | null>((resolve, reject) => {
    child.on('error', reject).on('close', resolve);
  });
  const [, user, system] = /cpu ([\d.]+) ([\d.]+)/.exec(text) ?? [];
  const cpuMs = (Number(user) + Number(system)) * 1000;
  return { code, cpuMs, elapsedMs: performance.now() - startedAt, output };
}
