import { replaceSection, table } from '../../bench/report.ts';
import type { Tally } from './tally.ts';

const OPERATIONS = ['read', 'list', 'create', 'cancel', 'delete'];

/** Writes into BENCHMARKS.md what happened in many worlds, and what was excluded by name. */
export function record({ counts, worlds, seconds, found }: Tally, from: number): void {
  const rows = [
    ['worlds', `${inWords(worlds)} from seed ${inWords(from)}, in ${inWords(seconds)} s`],
    ['findings', inWords(Object.values(found).flat().length)],
    ['calls', most(sums(counts, (name) => OPERATIONS.find((each) => name.startsWith(`${each} `))))],
    ['faults they met', most(named(counts, 'fault: '))],
    ['other people', most(named(counts, 'people: '))],
    ['runner', most(named(counts, 'runner: '))],
    ['main steps ended as', most(sums(counts, (name) => /^main: (.*),/.exec(name)?.[1]))],
    ['and with cancellation', most(sums(counts, (name) => /^main: .*, (.*)/.exec(name)?.[1]))],
    ['post steps ended as', most(sums(counts, (name) => /^post: (.*),/.exec(name)?.[1]))],
    ['and with cancellation', most(sums(counts, (name) => /^post: .*, (.*)/.exec(name)?.[1]))],
    ['rules that were near', most(named(counts, 'near: '))],
    ['said, and held against the truth', most(named(counts, 'said: '))],
    ['excluded by name', most(named(counts, 'limit: '))]
  ];
  replaceSection('worlds', table(['what happened', 'how often'], rows, 'left left'));
}

function named(counts: Tally['counts'], prefix: string): ReadonlyMap<string, number> {
  return sums(counts, (name) => (name.startsWith(prefix) ? name.slice(prefix.length) : undefined));
}

function sums(
  counts: Tally['counts'],
  groupOf: (name: string) => string | undefined
): ReadonlyMap<string, number> {
  const all = new Map<string, number>();
  for (const [name, count] of Object.entries(counts)) {
    const group = groupOf(name);
    if (group !== undefined) all.set(group, (all.get(group) ?? 0) + count);
  }
  return all;
}

/** The most frequent first. */
function most(counts: ReadonlyMap<string, number>): string {
  return [...counts]
    .toSorted(([, a], [, b]) => b - a)
    .map(([name, count]) => `${name} ${inWords(count)}`)
    .join(', ');
}

function inWords(count: number): string {
  return Math.round(count).toLocaleString('en');
}
