import { addEventHandler, getState, run } from 'jest-circus';
import { registerHooks } from 'node:module';
import { pathToFileURL } from 'node:url';

/**
 * One process that loads instrumented sources and their tests once, by Jest's own runner of tests
 * without the rest of Jest, and then makes one mutant after the other live. The parent
 * (`mutation.ts`) sends what to do, and ends this process where a mutant runs for ever.
 */

/**
 * What the parent sends: the tests to load, and how long each may take, in milliseconds; where that
 * is not known yet, they are run with no mutant. Or a mutant and its tests.
 */
export type Order =
  | {
      readonly kind: 'load';
      readonly files: readonly string[];
      readonly limitsMs: readonly number[] | undefined;
      readonly hitLimit?: number;
    }
  | {
      readonly kind: 'try';
      readonly mutant: string;
      readonly tests: readonly number[];
      readonly hitLimit: number;
    };

/** What comes back. */
export type Answer =
  | { readonly kind: 'loaded' }
  | { readonly kind: 'measured'; readonly failures: readonly string[]; readonly coverage: Coverage }
  /** Where a test ran out of time, what it left behind may disturb the next one. */
  | { readonly kind: 'tried'; readonly isKilled: boolean; readonly isLeftBehind: boolean };

/** Which tests reach a mutant, by their numbers; what is reached while files are loaded is fixed. */
export interface Coverage {
  readonly tests: Readonly<Record<string, readonly number[]>>;
  readonly fixed: readonly string[];
  /** How often each mutant was reached in all. */
  readonly hits: Readonly<Record<string, number>>;
  /** How long each test may take, in milliseconds. */
  readonly limitsMs: readonly number[];
}

/** What the instrumented sources look at. */
interface Switch {
  activeMutant?: string | undefined;
  currentTestId?: string | undefined;
  /** More often reached than this, a mutant throws: it runs for ever. */
  hitCount?: number;
  hitLimit?: number;
  mutantCoverage?: {
    readonly static: Readonly<Record<string, number>>;
    readonly perTest: Readonly<Record<string, Readonly<Record<string, number>>>>;
  };
}

type Block = ReturnType<typeof getState>['rootDescribeBlock'];
type Test = Extract<Block['children'][number], { readonly type: 'test' }>;

/** A mutant may make a test wait for ever: so much longer than without one, in milliseconds. */
const LIMIT_MS = 2000;
const TIMES_LONGER = 10;

const global = globalThis as typeof globalThis & { __stryker__?: Switch };
const active: Switch = (global.__stryker__ ??= {});

registerHooks({
  resolve: (specifier, context, next) =>
    specifier === '@jest/globals'
      ? { url: new URL('jest-globals.ts', import.meta.url).href, shortCircuit: true }
      : next(specifier, context)
});

/** All tests that were loaded, and whether they are to be run; their place is their number. */
let tests: readonly { readonly test: Test; readonly mode: Test['mode'] }[] = [];
let failed: Test[] = [];
addEventHandler((event) => {
  if (event.name === 'test_started')
    active.currentTestId = String(tests.findIndex(({ test }) => test === event.test));
  if (event.name !== 'test_done') return;
  active.currentTestId = undefined;
  if (event.test.errors.length > 0) failed.push(event.test);
  // One that fails is enough.
  if (failed.length > 0 && active.activeMutant !== undefined) only([]);
});

process.on('message', (order: Order) => {
  if (order.hitLimit !== undefined)
    Object.assign(active, { hitCount: 0, hitLimit: order.hitLimit });
  void (
    order.kind === 'load' ? load(order.files, order.limitsMs) : tryOut(order.mutant, order.tests)
  ).then((answer) => process.send?.(answer));
});

async function load(
  files: readonly string[],
  limitsMs: readonly number[] | undefined
): Promise<Answer> {
  const mutant = active.activeMutant ?? process.env['__STRYKER_ACTIVE_MUTANT__'];
  for (const file of files) {
    try {
      await import(pathToFileURL(file).href);
    } catch (error) {
      if (mutant === undefined) throw error;
      return { kind: 'tried', isKilled: true, isLeftBehind: true };
    }
  }
  tests = testsIn(getState().rootDescribeBlock).map((test) => ({ test, mode: test.mode }));
  if (!limitsMs) return measured();
  for (const [number, { test }] of tests.entries()) test.timeout = limitsMs[number] ?? LIMIT_MS;
  return mutant === undefined ? { kind: 'loaded' } : tryOut(mutant, [...tests.keys()]);
}

async function measured(): Promise<Answer> {
  await runAfresh();
  const { static: fixed = {}, perTest = {} } = active.mutantCoverage ?? {};
  const reached: Record<string, number[]> = {};
  for (const [test, mutants] of Object.entries(perTest))
    for (const each of Object.keys(mutants)) (reached[each] ??= []).push(Number(test));
  const hits: Record<string, number> = {};
  for (const counts of [fixed, ...Object.values(perTest)])
    for (const [each, count] of Object.entries(counts)) hits[each] = (hits[each] ?? 0) + count;
  const limitsMs = tests.map(({ test }) => LIMIT_MS + TIMES_LONGER * (test.duration ?? 0));
  return {
    kind: 'measured',
    failures: failed.map(({ name, errors }) => `${name}: ${String(errors[0])}`),
    coverage: { tests: reached, fixed: Object.keys(fixed), hits, limitsMs }
  };
}

async function tryOut(mutant: string, numbers: readonly number[]): Promise<Answer> {
  active.activeMutant = mutant;
  only(numbers);
  await runAfresh();
  const isLeftBehind = failed.some(({ errors }) => String(errors[0]).includes('Exceeded timeout'));
  return { kind: 'tried', isKilled: failed.length > 0, isLeftBehind };
}

async function runAfresh(): Promise<void> {
  failed = [];
  for (const { test } of tests) test.errors = [];
  await run();
}

/** Has the others skipped. */
function only(numbers: readonly number[]): void {
  const wanted = new Set(numbers);
  for (const [number, { test, mode }] of tests.entries())
    test.mode = wanted.has(number) ? mode : 'skip';
}

function testsIn(block: Block): readonly Test[] {
  return block.children.flatMap((child) => (child.type === 'test' ? [child] : testsIn(child)));
}
