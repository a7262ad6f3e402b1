import { fork, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import type { Answer, Coverage, Order } from './mutants.ts';

/** A mutant that runs for ever is killed by time: so much more than all tests take without one. */
const TIMES_LONGER = 3;
const AT_LEAST_MS = 20_000;
/** So much more often than without it a mutant may be reached. */
const TIMES_MORE_HITS = 100;

/** Runs all tests without a mutant. */
export async function coverageOf(folder: string, files: readonly string[]): Promise<Reach> {
  const child = started(folder);
  const startedAt = performance.now();
  const answer = await asked(child, { kind: 'load', files, limitsMs: undefined });
  const limitMs = AT_LEAST_MS + TIMES_LONGER * (performance.now() - startedAt);
  child.kill();
  if (answer?.kind !== 'measured') throw new Error('The tests cannot be loaded.');
  if (answer.failures.length > 0) throw new Error(`Tests fail:\n${answer.failures.join('\n')}`);
  return { ...answer.coverage, files, limitMs };
}

/** What is to be run for a mutant, and for how long at most. */
interface Reach extends Coverage {
  readonly files: readonly string[];
  readonly limitMs: number;
}

/** Tries mutants, one after the other, in a process that it starts anew where one has broken it. */
export class MutantRunner {
  #child: ChildProcess | undefined;
  readonly #folder: string;
  readonly #reach: Reach;

  constructor(folder: string, reach: Reach) {
    this.#folder = folder;
    this.#reach = reach;
  }

  /** Whether a test fails because of it. */
  async kills(mutant: string): Promise<boolean> {
    const { fixed, tests: reached, files, limitsMs, limitMs } = this.#reach;
    // What is read while files are loaded takes a process of its own.
    if (fixed.includes(mutant)) return this.#killsFixed(mutant);
    const tests = reached[mutant];
    if (!tests) return false;
    // What a mutant left behind may have ended it since.
    while (!this.#child?.connected) {
      this.#child = started(this.#folder);
      await asked(this.#child, { kind: 'load', files, limitsMs });
    }
    const answer = await asked(
      this.#child,
      { kind: 'try', mutant, tests, hitLimit: this.#hitLimit(mutant) },
      limitMs
    );
    if (answer?.kind !== 'tried' || answer.isLeftBehind) this.end();
    return answer?.kind !== 'tried' || answer.isKilled;
  }

  async #killsFixed(mutant: string): Promise<boolean> {
    const child = started(this.#folder, { __STRYKER_ACTIVE_MUTANT__: mutant });
    const { files, limitsMs, limitMs } = this.#reach;
    const hitLimit = this.#hitLimit(mutant);
    const answer = await asked(child, { kind: 'load', files, limitsMs, hitLimit }, limitMs);
    child.kill('SIGKILL');
    return answer?.kind !== 'tried' || answer.isKilled;
  }

  #hitLimit(mutant: string): number {
    return TIMES_MORE_HITS * (this.#reach.hits[mutant] ?? 1);
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
async function asked(
  child: ChildProcess,
  order: Order,
  limitMs?: number
): Promise<Answer | undefined> {
  const timer =
    limitMs === undefined ? undefined : setTimeout(() => child.kill('SIGKILL'), limitMs);
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
