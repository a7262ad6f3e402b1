import { fork, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import type { Answer, Coverage, Order } from './mutants.ts';

/** A mutant that runs for ever is killed by time, in milliseconds. */
const FOR_EVER_MS = 300_000;

/** Runs all tests without a mutant. */
export async function coverageOf(folder: string, files: readonly string[]): Promise<Coverage> {
  const child = started(folder);
  const answer = await asked(child, { kind: 'load', files });
  child.kill();
  if (answer?.kind !== 'loaded') throw new Error('The tests cannot be loaded.');
  if (answer.failures.length > 0) throw new Error(`Tests fail:\n${answer.failures.join('\n')}`);
  return answer.coverage;
}

/** Tries mutants, one after the other, in a process that it starts anew where one has broken it. */
export class MutantRunner {
  #child: ChildProcess | undefined;
  readonly #folder: string;
  readonly #files: readonly string[];
  readonly #coverage: Coverage;

  constructor(folder: string, files: readonly string[], coverage: Coverage) {
    this.#folder = folder;
    this.#files = files;
    this.#coverage = coverage;
  }

  /** Whether a test fails because of it. */
  async kills(mutant: string): Promise<boolean> {
    // What is read while files are loaded takes a process of its own.
    if (this.#coverage.fixed.includes(mutant)) return this.#killsFixed(mutant);
    const tests = this.#coverage.tests[mutant];
    if (!tests) return false;
    if (!this.#child) {
      this.#child = started(this.#folder);
      await asked(this.#child, { kind: 'load', files: this.#files });
    }
    const answer = await asked(this.#child, { kind: 'try', mutant, tests });
    if (answer?.kind !== 'tried' || answer.isLeftBehind) this.end();
    return answer?.kind !== 'tried' || answer.isKilled;
  }

  async #killsFixed(mutant: string): Promise<boolean> {
    const child = started(this.#folder, { __STRYKER_ACTIVE_MUTANT__: mutant });
    const answer = await asked(child, { kind: 'load', files: this.#files });
    child.kill('SIGKILL');
    return answer?.kind !== 'tried' || answer.isKilled;
  }

  end(): void {
    this.#child?.kill('SIGKILL');
    this.#child = undefined;
  }
}

function started(folder: string, env: Readonly<Record<string, string>> = {}): ChildProcess {
  return fork(join(import.meta.dirname, 'mutants.ts'), {
    cwd: folder,
    env: { ...process.env, TZ: 'America/St_Johns', ...env },
    execArgv: ['--no-warnings'],
    stdio: ['ignore', 'ignore', 'inherit', 'ipc']
  });
}

/** Undefined where the process ended, or had to be ended, without an answer. */
async function asked(child: ChildProcess, order: Order): Promise<Answer | undefined> {
  const timer = setTimeout(() => child.kill('SIGKILL'), FOR_EVER_MS);
  const ended = new AbortController();
  child.send(order);
  const answer = await Promise.race([
    once(child, 'message', ended).then(([told]) => told as Answer),
    once(child, 'exit', ended).then(() => undefined)
  ]);
  clearTimeout(timer);
  ended.abort();
  return answer;
}
