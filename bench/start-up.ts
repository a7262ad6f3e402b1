import { execFileSync, spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

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
 * Starts each program in turn, many times: an empty one, the bundle as a post step that has nothing
 * to do, the same minified, and the bundle as a step that refuses its inputs.
 */
export function measureStartUp(): StartUp[] {
  const folder = mkdtempSync(join(tmpdir(), 'bench-'));
  try {
    const empty = join(folder, 'empty.mjs');
    writeFileSync(empty, '');
    const minified = minify(folder);
    const bundle = join(ROOT, 'dist/index.js');
    const settled = { STATE_step: 'post', 'STATE_is-settled': 'true' };
    const programs = [
      { program: 'empty Node program', path: empty, env: {} },
      { program: 'the bundle', path: bundle, env: settled },
      { program: 'the bundle, minified', path: minified, env: settled },
      { program: 'the bundle, refusing its inputs', path: bundle, env: {} }
    ];
    const runs = programs.map(() => [] as Start[]);
    for (let run = 0; run < RUNS; run += 1) {
      programs.forEach(({ path, env }, index) => runs[index]?.push(start(path, env)));
    }
    return programs.map(({ program, path }, index) => {
      const starts = runs[index] ?? [];
      return {
        program,
        bytes: statSync(path).size,
        elapsedMs: median(starts.map(({ elapsedMs }) => elapsedMs)),
        fastestMs: Math.min(...starts.map(({ elapsedMs }) => elapsedMs)),
        memoryMb: median(starts.map(({ memoryMb }) => memoryMb))
      };
    });
  } finally {
    rmSync(folder, { recursive: true });
  }
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

function minify(folder: string): string {
  const ncc = join(ROOT, 'node_modules/@vercel/ncc/dist/ncc/cli.js');
  const source = join(ROOT, 'src/index.ts');
  execFileSync(process.execPath, [ncc, 'build', source, '--minify', '--out', folder], {
    cwd: ROOT,
    stdio: ['ignore', 'ignore', 'inherit']
  });
  const path = join(folder, 'index.js');
  if (readFileSync(path, 'utf8') === '') throw new Error('ncc wrote an empty bundle.');
  return path;
}

function median(values: readonly number[]): number {
  return values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)] ?? Number.NaN;
}
