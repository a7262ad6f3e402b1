import { spawn, type ChildProcess } from 'node:child_process';
import { closeSync, openSync, readFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parse } from 'yaml';
import { COMPILE_CACHE } from './compile-cache.ts';
import { LogReader, type Annotation, type Command } from './log-reader.ts';
import type { SecretMasker } from './secret-masker.ts';
import { StepFiles, type StepPaths } from './step-files.ts';

const PROJECT = join(import.meta.dirname, '..');

// As GitHub’s runner.
const HELD_STREAMS_MS = 5000;

type Values = Readonly<Record<string, string>>;

/** How a step is started. */
export interface StepOptions {
  /** The inputs by their names in `action.yml`. */
  readonly inputs: Values;
  /** Which of the two entry points of `action.yml` is run; by default `main`. */
  readonly entry?: 'main' | 'post';
  /** What the main step saved, for a post step. */
  readonly state?: Values;
  readonly env?: Readonly<Record<string, string | undefined>>;
  /** The workspace; by default this process's own folder. */
  readonly cwd?: string;
  /** Shown each line of the log as it comes, as GitHub's log does. */
  readonly onLine?: (line: string) => void;
  /** The Node that runs it; by default the one that runs this. */
  readonly node?: string;
  /** What that Node is told on its command line. */
  readonly nodeFlags?: readonly string[];
  /** The folder of the action; by default this project's own. */
  readonly action?: string;
  /** A file that takes stdout, such as `/dev/full`, so that it is not in the log. */
  readonly stdout?: string;
  /** Paths that the step is told instead of the runner's own, such as one that cannot be written. */
  readonly files?: Partial<StepPaths>;
  /** What earlier steps of the job hide. */
  readonly masker?: SecretMasker;
  /** How long streams are waited for that a child of the ended step holds open. */
  readonly heldStreamsMs?: number;
}

/** What a step left behind when its process was gone. */
export interface StepResult {
  /** The exit code; null after a signal. */
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
  /** What the runner makes of it: a step also fails by a file that it left half written. */
  readonly conclusion: 'success' | 'failure';
  /** Empty for a post step, whose outputs nobody gets. */
  readonly outputs: Values;
  /** What the main step and its post step have saved. */
  readonly state: Values;
  readonly summary: string;
  /** stdout and stderr as the process wrote them. */
  readonly raw: string;
  /** The log as GitHub shows it: secrets masked, commands carried out. */
  readonly log: string;
  readonly annotations: readonly Annotation[];
  /** Every workflow command that the runner obeyed. */
  readonly commands: readonly Command[];
  /** What the job hides from now on. */
  readonly masker: SecretMasker;
}

/** A step whose process is running. */
export interface Step {
  readonly process: ChildProcess;
  readonly result: Promise<StepResult>;
  /** What it has written so far. */
  raw(): string;
  /** The outputs that it has written so far. */
  outputs(): Values;
  /** What it has saved for its post step so far. */
  state(): Values;
  /** Reads no more of what it writes, as when whoever read the log is gone. */
  closeLog(): void;
}

/** Starts an action as GitHub's runner does: inputs in the environment, results in files. */
export function startStep(options: StepOptions): Step {
  const files = new StepFiles(options.files);
  const child = spawnStep(options, files);
  let raw = '';
  const log = new LogReader(options.onLine);
  if (options.masker) log.masker.addAll(options.masker);
  for (const name of ['stdout', 'stderr'] as const) {
    child[name]?.setEncoding('utf8').on('data', (text: string) => {
      raw += text;
      log.write(text, name);
    });
  }
  const closeLog = (): void => {
    child.stdout?.destroy();
    child.stderr?.destroy();
  };
  const { heldStreamsMs = HELD_STREAMS_MS } = options;
  const result = ended(child, closeLog, heldStreamsMs).then((end) => {
    log.end();
    const { outputs, state, summary, problems } = files.collect();
    for (const problem of problems) log.error(problem);
    const isGood = end.code === 0 && problems.length === 0;
    return {
      ...end,
      conclusion: isGood ? ('success' as const) : ('failure' as const),
      outputs: options.entry === 'post' ? {} : outputs,
      state: { ...options.state, ...state },
      summary,
      raw,
      ...shown(log)
    };
  });
  return {
    process: child,
    result,
    raw: () => raw,
    outputs: () => files.outputs(),
    state: () => files.state(),
    closeLog
  };
}

function spawnStep(options: StepOptions, files: StepFiles): ChildProcess {
  const { inputs, entry = 'main', state = {}, env = {}, cwd, action = PROJECT } = options;
  const { node = process.execPath, nodeFlags = [] } = options;
  const path = entryPoint(action, entry, Object.keys(inputs));
  const stdout = options.stdout === undefined ? 'pipe' : openSync(options.stdout, 'w');
  const child = spawn(node, [...nodeFlags, path], {
    stdio: ['ignore', stdout, 'pipe'],
    cwd,
    env: {
      PATH: process.env['PATH'],
      // Windows needs these two for anything that opens a socket or a temporary file.
      ...(process.platform === 'win32' && {
        SystemRoot: process.env['SystemRoot'],
        TEMP: tmpdir()
      }),
      NODE_COMPILE_CACHE: COMPILE_CACHE,
      GITHUB_ACTIONS: 'true',
      GITHUB_SERVER_URL: 'https://github.com',
      GITHUB_REPOSITORY: 'example/deployments',
      GITHUB_RUN_ID: '4711',
      ...files.env,
      ...prefixed('INPUT_', inputs, (name) => name.replaceAll(' ', '_').toUpperCase()),
      ...prefixed('STATE_', state, (name) => name),
      ...env
    }
  });
  if (typeof stdout === 'number') closeSync(stdout);
  return child;
}

/**
 * The path of what `action.yml` starts as its main or its post step. GitHub only warns of an input
 * that it does not declare; here it is a slip of whoever gives it, and would test nothing.
 */
function entryPoint(action: string, entry: 'main' | 'post', given: readonly string[]): string {
  const { runs, inputs = {} } = metadataIn(readFileSync(join(action, 'action.yml'), 'utf8'));
  const unknown = given.filter((name) => !Object.hasOwn(inputs, name));
  if (unknown.length > 0) throw new Error(`${action}/action.yml has no input ${unknown.join()}`);
  const path = runs[entry];
  if (path === undefined) throw new Error(`${action}/action.yml has no ${entry}`);
  return join(action, path);
}

interface Metadata {
  readonly runs: Values;
  readonly inputs?: object;
}
let lastMetadata: { readonly text: string; readonly metadata: Metadata } | undefined;

/** What an `action.yml` says; the same one is started hundreds of times, and read only once. */
function metadataIn(text: string): Metadata {
  if (lastMetadata?.text !== text) lastMetadata = { text, metadata: parse(text) as Metadata };
  return lastMetadata.metadata;
}

/** Waits for the exit of the process and for the end of its streams, which a child may hold. */
async function ended(
  child: ChildProcess,
  closeStreams: () => void,
  heldStreamsMs: number
): Promise<Pick<StepResult, 'code' | 'signal'>> {
  return new Promise((resolve, reject) => {
    let timer: NodeJS.Timeout | undefined;
    child.on('error', reject);
    child.on('exit', () => {
      timer = setTimeout(closeStreams, heldStreamsMs);
    });
    child.on('close', (code, signal) => {
      clearTimeout(timer);
      resolve({ code, signal });
    });
  });
}

function shown(log: LogReader): Pick<StepResult, 'log' | 'annotations' | 'commands' | 'masker'> {
  const { lines, annotations, commands, masker } = log;
  return { log: lines.join('\n'), annotations, commands, masker };
}

/** Runs a step to its end. */
export async function runStep(options: StepOptions): Promise<StepResult> {
  return startStep(options).result;
}

/** Starts the post step that belongs to a main step. */
export function startPostStep(
  options: StepOptions,
  main: Pick<StepResult, 'state' | 'masker'>
): Step {
  return startStep({ ...options, entry: 'post', state: main.state, masker: main.masker });
}

/** Runs the post step that belongs to a main step. */
export async function runPostStep(options: StepOptions, main: StepResult): Promise<StepResult> {
  return startPostStep(options, main).result;
}

/**
 * The outputs of a job that hands on the outputs of its step: GitHub drops those that hold a
 * secret, with a warning for each.
 */
export function jobOutputs({ outputs, masker }: StepResult): {
  readonly outputs: Values;
  readonly warnings: readonly string[];
} {
  const holdsSecret = ([, value]: readonly [string, string]): boolean =>
    masker.mask(value) !== value;
  const entries = Object.entries(outputs);
  return {
    outputs: Object.fromEntries(entries.filter((entry) => !holdsSecret(entry))),
    warnings: entries
      .filter(holdsSecret)
      .map(([name]) => `Skip output '${name}' since it may contain secret.`)
  };
}

function prefixed(prefix: string, values: Values, rename: (name: string) => string): Values {
  return Object.fromEntries(
    Object.entries(values).map(([name, value]) => [prefix + rename(name), value])
  );
}
