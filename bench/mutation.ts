import { Stryker } from '@stryker-mutator/core';
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { replaceSection, table } from './report.ts';

/**
 * Mutation testing of the pure core: every mutant is put to the tests of its own folder alone.
 * Stryker has no runner for Jest with types stripped by Node, so each mutant is a run of Jest.
 * `npm run mutation -- wait digest` takes only these groups.
 */
const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: { concurrency: { type: 'string', default: '1' } }
});

interface Group {
  readonly name: string;
  readonly mutate: readonly string[];
  /** Run one after the other until one fails: the quickest first. */
  readonly tests: readonly string[];
}

const GROUPS: readonly Group[] = [
  { name: 'case', mutate: ['src/case/*.ts'], tests: ['__tests__/case'] },
  { name: 'wait', mutate: ['src/wait/*.ts'], tests: ['__tests__/wait'] },
  {
    name: 'errors',
    mutate: ['src/*/*-errors.ts', 'src/ops-manager/refusals.ts'],
    tests: ['__tests__/ops-manager/reply-errors', '__tests__/ops-manager/network-errors']
  },
  {
    name: 'digest',
    mutate: ['src/http/digest*.ts', 'src/http/nonces.ts', 'src/http/challenge.ts'],
    tests: ['__tests__/http/digest', '__tests__/http/nonces', '__tests__/http/challenges']
  }
];

interface Score {
  readonly name: string;
  readonly killed: number;
  readonly total: number;
  readonly survivors: readonly {
    readonly at: string;
    readonly mutator: string;
    readonly replacement: string;
  }[];
}

const root = join(import.meta.dirname, '..');
const reports = join(root, 'reports/mutation');
mkdirSync(reports, { recursive: true });
const chosen = GROUPS.filter(({ name }) => positionals.length === 0 || positionals.includes(name));
for (const group of chosen) await mutate(group);
// Groups that were not run now keep the numbers of their last run here.
replaceSection('mutation', scores(GROUPS.flatMap(({ name }) => scoreOf(name) ?? [])));

function scoreOf(name: string): Score | undefined {
  const path = join(reports, `${name}.json`);
  return existsSync(path) ? (JSON.parse(readFileSync(path, 'utf8')) as Score) : undefined;
}

function scores(groups: readonly Score[]): string {
  const sum = (of: (group: Score) => number): number =>
    groups.reduce((total, group) => total + of(group), 0);
  const all = {
    name: 'all',
    killed: sum(({ killed }) => killed),
    total: sum(({ total }) => total)
  };
  const rows = [...groups, all].map(({ name, killed, total }) => [
    name,
    String(total),
    String(killed),
    `${((100 * killed) / total).toFixed(1)} %`
  ]);
  return table(['part', 'mutants', 'killed', 'share'], rows);
}

async function mutate({ name, mutate, tests }: Group): Promise<void> {
  const jest = `${process.execPath} --experimental-vm-modules --no-warnings node_modules/jest/bin/jest.js`;
  const stryker = new Stryker({
    mutate: [...mutate],
    testRunner: 'command',
    commandRunner: { command: tests.map((path) => `${jest} --bail --silent ${path}`).join(' && ') },
    concurrency: Number(values.concurrency),
    timeoutMS: 10_000,
    reporters: ['progress-append-only'],
    ignorePatterns: ['dist', 'bench', 'reports', '.github', 'coverage'],
    plugins: [],
    checkers: []
  });
  const mutants = await stryker.runMutationTest();
  const of = (...states: string[]) => mutants.filter(({ status }) => states.includes(status));
  const killed = of('Killed', 'Timeout');
  const alive = of('Survived', 'NoCoverage');
  const survivors = alive.map(({ fileName, location, mutatorName, replacement }) => ({
    at: `${fileName.slice(root.length + 1)}:${location.start.line}:${location.start.column}`,
    mutator: mutatorName,
    replacement
  }));
  const total = killed.length + alive.length;
  const score: Score = { name, killed: killed.length, total, survivors };
  writeFileSync(join(reports, `${name}.json`), JSON.stringify(score, undefined, 2));
  console.log(`${name}: ${killed.length} of ${total} mutants killed. Survivors:`);
  for (const { at, mutator, replacement } of survivors)
    console.log(`  ${at} ${mutator}: ${replacement.replace(/\s+/g, ' ').slice(0, 100)}`);
}
