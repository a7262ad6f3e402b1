import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { savedWithoutCase } from '../src/case/saved-case.ts';

const ROOT = join(import.meta.dirname, '..');
const RUNS = 31;
// Resident memory at its highest, told by the process itself at its end.
const TELL_MEMORY = `data:text/javascript,import{writeSync}from'node:fs';process.on('exit',()=>writeSync(2,'rss '+process.resourceUsage().maxRSS))`;

/** Starting one program and letting it end at once. */
export interface StartUp {
  readonly program: string;
  readonly bytes: number;
  /** Medians over all runs. */
  readonly elapsedMs: number;
  readonly fastestMs: number;
  readonly memoryMb: number;
}

/**
 * Starts each program in turn, many times: an empty one, the post step of a settled main step, and
 * the main step when it refuses its inputs.
 */
export function measureStartUp(): StartUp[] {
  const folder = mkdtempSync(join(tmpdir(), 'bench-'));
  try {
    const empty = join(folder, 'empty.mjs');
    writeFileSync(empty, '');
    const programs = [
      { program: 'empty Node program', path: empty, loads: [empty], env: {} },
      {
        program: 'post step, settled',
        path: dist('post.js'),
        loads: [dist('post.js'), dist('door.js')],
        env: { STATE_case: savedWithoutCase() }
      },
      {
        program: 'main step, refusing its inputs',
        path: dist('index.js'),
        loads: [dist('index.js'), dist('door.js'), dist('action/index.js')],
        env: {}
      }
    ];
    const runs = programs.map(() => [] as Start[]);
    for (let run = 0; run < RUNS; run += 1) {
      programs.forEach(({ path, env }, index) => runs[index]?.push(start(path, env)));
    }
    return programs.map(({ program, loads }, index) => {
      const starts = runs[index] ?? [];
      return {
        program,
        bytes: loads.reduce((sum, path) => sum + statSync(path).size, 0),
        elapsedMs: median(starts.map(({ elapsedMs }) => elapsedMs)),
        fastestMs: Math.min(...starts.map(({ elapsedMs }) => elapsedMs)),
        memoryMb: median(starts.map(({ memoryMb }) => memoryMb))
      };
    });
  } finally {
    rmSync(folder, { recursive: true });
  }
}

function dist(path: string): string {
  return join(ROOT, 'dist', path);
}

interface Start {
  readonly elapsedMs: number;
  readonly memoryMb: number;
}

function start(path: string, env: Readonly<Record<string, string>>): Start {
  const environment = { PATH: process.env['PATH'], ...env };
  const startedAt = performance.now();
  spawnSync(process.execPath, [path], { env: environment, stdio: 'ignore' });
  const elapsedMs = performance.now() - startedAt;
  const told = spawnSync(process.execPath, ['--import', TELL_MEMORY, path], {
    env: environment,
    encoding: 'utf8'
  });
  const kilobytes = Number(/rss (\d+)/.exec(told.stderr)?.[1]);
  return { elapsedMs, memoryMb: kilobytes / 1024 };
}

function median(values: readonly number[]): number {
  return values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)] ?? Number.NaN;
}
