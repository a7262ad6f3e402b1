import { spawn, type ChildProcess } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { LogReader, type Annotation, type Command } from './log-reader.ts';

const BUNDLE = join(import.meta.dirname, '..', 'dist', 'index.js');

type Values = Readonly<Record<string, string>>;

/** How a step is started. */
export interface StepOptions {
  /** The inputs by their names in `action.yml`. */
  readonly inputs: Values;
  /** What the main step saved, for a post step. */
  readonly state?: Values;
  readonly env?: Readonly<Record<string, string | undefined>>;
  /** The workspace; by default this process's own folder. */
  readonly cwd?: string;
  /** Shown each line of the log as it comes, as GitHub's log does. */
  readonly onLine?: (line: string) => void;
}

/** What a step left behind when its process was gone. */
export interface StepResult {
  /** The exit code; null after a signal. */
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
  readonly outputs: Values;
  readonly state: Values;
  readonly summary: string;
  /** stdout and stderr as the process wrote them. */
  readonly raw: string;
  /** The log as GitHub shows it: secrets masked, commands carried out. */
  readonly log: string;
  readonly annotations: readonly Annotation[];
  /** Every workflow command that the runner obeyed. */
  readonly commands: readonly Command[];
  readonly elapsedMs: number;
}

/** A step whose process is running. */
export interface Step {
  readonly process: ChildProcess;
  readonly result: Promise<StepResult>;
  /** What it has written so far. */
  raw(): string;
  /** The outputs that it has written so far. */
  outputs(): Values;
}

/** Starts the bundle as GitHub's runner does: inputs in the environment, results in files. */
export function startStep({ inputs, state = {}, env = {}, cwd, onLine }: StepOptions): Step {
  const folder = mkdtempSync(join(tmpdir(), 'step-'));
  const files = { GITHUB_OUTPUT: 'output', GITHUB_STATE: 'state', GITHUB_STEP_SUMMARY: 'summary' };
  const paths = Object.fromEntries(
    Object.entries(files).map(([name, file]) => [name, join(folder, file)])
  );
  for (const path of Object.values(paths)) writeFileSync(path, '');
  const startedAt = performance.now();
  const child = spawn(process.execPath, [BUNDLE], {
    stdio: ['ignore', 'pipe', 'pipe'],
    cwd,
    env: {
      PATH: process.env['PATH'],
      // Windows needs these two for anything that opens a socket or a temporary file.
      ...(process.platform === 'win32' && {
        SystemRoot: process.env['SystemRoot'],
        TEMP: tmpdir()
      }),
      GITHUB_ACTIONS: 'true',
      GITHUB_SERVER_URL: 'https://github.com',
      GITHUB_REPOSITORY: 'example/deployments',
      GITHUB_RUN_ID: '4711',
      ...paths,
      ...prefixed('INPUT_', inputs, (name) => name.replaceAll(' ', '_').toUpperCase()),
      ...prefixed('STATE_', state, (name) => name),
      ...env
    }
  });
  let raw = '';
  const log = new LogReader(onLine);
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding('utf8').on('data', (text: string) => {
      raw += text;
      log.write(text);
    });
  }
  const read = (name: keyof typeof files): string => readFileSync(paths[name] ?? '', 'utf8');
  const result = new Promise<StepResult>((resolve, reject) => {
    child.on('error', reject);
    child.on('close', (code, signal) => {
      log.end();
      resolve({
        code,
        signal,
        outputs: parseFileCommands(read('GITHUB_OUTPUT')),
        state: parseFileCommands(read('GITHUB_STATE')),
        summary: read('GITHUB_STEP_SUMMARY'),
        raw,
        log: log.lines.join('\n'),
        annotations: log.annotations,
        commands: log.commands,
        elapsedMs: performance.now() - startedAt
      });
      rmSync(folder, { recursive: true });
    });
  });
  const outputs = (): Values => parseFileCommands(read('GITHUB_OUTPUT'));
  return { process: child, result, raw: () => raw, outputs };
}

/** Runs a step to its end. */
export async function runStep(options: StepOptions): Promise<StepResult> {
  return startStep(options).result;
}

/** Runs the post step that belongs to a main step. */
export async function runPostStep(options: StepOptions, main: StepResult): Promise<StepResult> {
  return runStep({ ...options, state: main.state });
}

function prefixed(prefix: string, values: Values, rename: (name: string) => string): Values {
  return Object.fromEntries(
    Object.entries(values).map(([name, value]) => [prefix + rename(name), value])
  );
}

/**
 * `name=value`, or `name<<delimiter`, lines, `delimiter`; of several values with one name the last
 * counts.
 */
function parseFileCommands(text: string): Values {
  const values: Record<string, string> = {};
  const lines = text.split(/\r?\n/);
  while (lines.length > 0) {
    const [, name, sign, rest] = /^(.+?)(=|<<)(.*)$/.exec(lines.shift() ?? '') ?? [];
    if (name === undefined || rest === undefined) continue;
    if (sign === '=') {
      values[name] = rest;
      continue;
    }
    const end = lines.indexOf(rest);
    // The runner refuses a value whose end is missing, as a killed process may leave one.
    if (end < 0) break;
    values[name] = lines.splice(0, end).join('\n');
    lines.shift();
  }
  return values;
}
