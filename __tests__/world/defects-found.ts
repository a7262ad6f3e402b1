import { execFileSync } from 'node:child_process';
import { cpSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { replaceSection, table } from '../../bench/report.ts';
import { DEFECTS, type Defect, type Edit } from './defects.ts';
import type { Tally } from './tally.ts';

const ROOT = join(import.meta.dirname, '../..');
const MINUTES_AT_MOST = 1;

/**
 * Puts each defect with some text in its name into a copy of the code, lets the world look for it,
 * tells what it found, and of all of them writes how soon into BENCHMARKS.md.
 */
export function putBackDefects(only: string): void {
  const rows: string[][] = [];
  for (const defect of DEFECTS.filter(({ name }) => name.includes(only))) {
    const { tally, story } = found(defect);
    const [what] = Object.keys(tally.found);
    const worlds = what === undefined ? 'not found' : String(tally.worlds);
    rows.push([defect.name, worlds, `${tally.seconds.toFixed(1)} s`, what?.split(':')[0] ?? '']);
    console.log(`\n## ${defect.name}\n\n${story}`);
    if (what === undefined) process.exitCode = 1;
  }
  const head = [
    'defect, put back',
    'worlds until found',
    'seconds of one core',
    'by the rule that a step'
  ];
  const result = table(head, rows, 'left right right left');
  console.log(`\n${result}`);
  if (only === '') replaceSection('defects', result);
}

function found(defect: Defect): { tally: Tally; story: string } {
  const copy = mkdtempSync(join(tmpdir(), 'world-'));
  try {
    for (const name of ['src', '__tests__/world', 'bench/report.ts', 'package.json'])
      cpSync(join(ROOT, name), join(copy, name), { recursive: true });
    symlinkSync(join(ROOT, 'node_modules'), join(copy, 'node_modules'));
    for (const edit of defect.edits) apply(edit, copy);
    const minutes = String(MINUTES_AT_MOST);
    const tally = JSON.parse(world(copy, '--json', '--from', '1', '--minutes', minutes)) as Tally;
    const [seeds] = Object.values(tally.found);
    const seed = seeds?.[0];
    const story = seed === undefined ? 'Not found.' : world(copy, '--seed', String(seed));
    return { tally, story: withoutPlan(story) };
  } finally {
    rmSync(copy, { recursive: true, force: true });
  }
}

function world(copy: string, ...args: readonly string[]): string {
  const options = { encoding: 'utf8', cwd: copy, maxBuffer: 2 ** 28 } as const;
  return execFileSync(process.execPath, ['__tests__/world/run.ts', ...args], options);
}

function apply({ file, from, to }: Edit, copy: string): void {
  const path = join(copy, file);
  const text = readFileSync(path, 'utf8');
  if (text.split(from).length !== 2) throw new Error(`${file} has not exactly one “${from}”.`);
  writeFileSync(
    path,
    text.replace(from, () => to)
  );
}

function withoutPlan(story: string): string {
  const begins = story.search(/^ +\d+\.\d{3} s /m);
  return begins === -1 ? story : story.slice(begins);
}
