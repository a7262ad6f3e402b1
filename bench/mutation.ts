import { Instrumenter } from '@stryker-mutator/instrumenter';
import { execFileSync } from 'node:child_process';
import * as fs from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { Random } from '../__tests__/world/random.ts';
import { coverageOf, MutantRunner } from './mutant-runner.ts';
import { replaceSection, table } from './report.ts';

/**
 * Mutation testing of the pure core. Stryker's instrumenter writes all mutants into a copy of the
 * sources, and each is put to the tests of its own folder that reach it, in processes that load
 * them once (`mutants.ts`). `npm run mutation -- wait digest` takes only these groups;
 * `--sample 150` takes so many mutants of each, drawn by `--seed`; `--workers 2` has two run at once.
 */
const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    sample: { type: 'string', default: 'Infinity' },
    seed: { type: 'string', default: '1' },
    workers: { type: 'string', default: '1' }
  }
});

interface Group {
  readonly name: string;
  readonly mutate: readonly string[];
  /** Run in this order, until one fails: the quickest first. */
  readonly tests: readonly string[];
}

const WORLD = 'bench/mutants-in-the-world.ts';
const GROUPS: readonly Group[] = [
  {
    name: 'case',
    mutate: ['src/case/*.ts'],
    tests: ['__tests__/case/*.test.ts', '__tests__/report/timeline.test.ts', WORLD]
  },
  { name: 'wait', mutate: ['src/wait/*.ts'], tests: ['__tests__/wait/*.test.ts', WORLD] },
  {
    name: 'errors',
    mutate: ['src/*/*-errors.ts'],
    tests: ['__tests__/ops-manager/{reply,network}-errors.test.ts']
  },
  {
    name: 'digest',
    mutate: ['src/http/digest.ts'],
    tests: ['__tests__/http/digest.test.ts']
  }
];

interface Score {
  readonly name: string;
  readonly mutants: number;
  readonly tried: number;
  readonly killed: number;
  readonly survivors: readonly string[];
}

const root = join(import.meta.dirname, '..');
const reports = join(root, 'reports/mutation');
fs.mkdirSync(reports, { recursive: true });
const chosen = GROUPS.filter(({ name }) => positionals.length === 0 || positionals.includes(name));
for (const group of chosen) await score(group);
// Groups that were not run now keep the numbers of their last run here.
replaceSection('mutation', scores(GROUPS.flatMap(({ name }) => scoreOf(name) ?? [])));

function scoreOf(name: string): Score | undefined {
  const path = join(reports, `${name}.json`);
  return fs.existsSync(path) ? (JSON.parse(fs.readFileSync(path, 'utf8')) as Score) : undefined;
}

function scores(groups: readonly Score[]): string {
  const rows = groups.map(({ name, mutants, tried, killed }) => [
    ...[name, String(mutants), String(tried), String(killed)],
    `${((100 * killed) / tried).toFixed(1)} %`
  ]);
  return table(['part', 'mutants', 'tried', 'killed', 'share'], rows);
}

async function score({ name, mutate, tests }: Group): Promise<void> {
  const folder = copyOfSources();
  try {
    const mutants = await instrument(folder, mutate);
    const files = tests
      .flatMap((pattern) => fs.globSync(pattern, { cwd: folder }))
      .map((file) => join(folder, file));
    const reach = await coverageOf(folder, files);
    stopCounting(folder, mutate);
    const drawn = draw(mutants);
    const left = [...drawn];
    const survivors: string[] = [];
    const work = async (): Promise<void> => {
      const runner = new MutantRunner(folder, reach);
      for (let next = left.pop(); next; next = left.pop()) {
        if (await runner.kills(next.id)) continue;
        survivors.push(next.told);
        console.log(`${name}: ${next.told}`);
      }
      runner.end();
    };
    await Promise.all(Array.from({ length: Number(values.workers) }, work));
    const counts = { mutants: mutants.length, tried: drawn.length };
    const result: Score = {
      ...{ name, ...counts, killed: drawn.length - survivors.length },
      survivors
    };
    fs.writeFileSync(join(reports, `${name}.json`), JSON.stringify(result, undefined, 2));
    console.log(`${name}: ${result.killed} of ${result.tried} mutants killed.`);
  } finally {
    fs.rmSync(folder, { recursive: true });
  }
}

/** What the repository holds, in a folder of its own. */
function copyOfSources(): string {
  const folder = fs.mkdtempSync(join(tmpdir(), 'mutation-'));
  const files = execFileSync('git', ['ls-files', '-z'], { cwd: root, encoding: 'utf8' });
  for (const file of files.split('\0').filter((each) => fs.existsSync(join(root, each)))) {
    if (file !== '') fs.cpSync(join(root, file), join(folder, file));
  }
  fs.symlinkSync(join(root, 'node_modules'), join(folder, 'node_modules'));
  return folder;
}

interface Mutant {
  readonly id: string;
  readonly told: string;
}

/** Puts all mutants into the copy. */
async function instrument(folder: string, mutate: readonly string[]): Promise<readonly Mutant[]> {
  const quiet = () => undefined;
  const not = () => false;
  const instrumenter = new Instrumenter({
    ...{ trace: quiet, debug: quiet, info: quiet, warn: quiet, error: quiet, fatal: quiet },
    ...{ isTraceEnabled: not, isDebugEnabled: not, isInfoEnabled: not },
    ...{ isWarnEnabled: not, isErrorEnabled: not, isFatalEnabled: not }
  });
  const sources = fs.globSync([...mutate], { cwd: folder }).map((file) => ({
    name: join(folder, file),
    mutate: true,
    content: fs.readFileSync(join(folder, file), 'utf8')
  }));
  const options = { ignorers: [], plugins: [], excludedMutations: [] };
  const { files, mutants } = await instrumenter.instrument(sources, options);
  for (const { name, content } of files) fs.writeFileSync(name, content);
  return mutants.map(({ id, fileName, location: { start }, mutatorName, replacement }) => {
    const at = `${fileName.slice(folder.length + 1)}:${start.line + 1}:${start.column + 1}`;
    const shown = replacement.replace(/\s+/g, ' ').slice(0, 100);
    return { id, told: `${at} ${mutatorName}: ${shown}` };
  });
}

/** What reaches which mutant is known now: to count on takes most of the time. */
function stopCounting(folder: string, mutate: readonly string[]): void {
  for (const file of fs.globSync([...mutate], { cwd: folder })) {
    const path = join(folder, file);
    const counted = fs.readFileSync(path, 'utf8');
    const uncounted = counted.replace(/function stryCov_\w+\(\) \{/, '$& return;');
    if (uncounted === counted && counted.includes('stryCov'))
      throw new Error(`${file} counts in another way.`);
    fs.writeFileSync(path, uncounted);
  }
}

/** All mutants, or a sample, in an order that the seed draws. */
function draw(mutants: readonly Mutant[]): readonly Mutant[] {
  const random = new Random(Number(values.seed));
  return mutants
    .map((mutant) => ({ mutant, place: random.next() }))
    .toSorted((a, b) => a.place - b.place)
    .slice(0, Number(values.sample))
    .map(({ mutant }) => mutant);
}
