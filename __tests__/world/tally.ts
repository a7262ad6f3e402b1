import { planOf } from './draw.ts';
import { live } from './world.ts';

/** What many worlds came to. */
export interface Tally {
  readonly worlds: number;
  readonly seconds: number;
  readonly counts: Readonly<Record<string, number>>;
  /** Seeds by what was found in them. */
  readonly found: Readonly<Record<string, readonly number[]>>;
}

export interface RoamOptions {
  readonly from: number;
  readonly worlds: number;
  readonly seconds: number;
  /** When to stop. */
  readonly findings: number;
  /** What a finding has in its words that counts. */
  readonly only: string;
}

const CHECKED_EVERY = 500;

/** One world after the other, from a first seed on. */
export async function roam({ from, worlds, seconds, findings, only }: RoamOptions): Promise<Tally> {
  // Nobody reads where the errors of a world come from, and that is a sixth of the time; a replay tells.
  Error.stackTraceLimit = 0;
  // Seconds of one core: other work on the machine does not make a world slower.
  const startedAt = process.cpuUsage().user;
  const elapsed = (): number => (process.cpuUsage().user - startedAt) / 1_000_000;
  const counts: Record<string, number> = {};
  const found: Record<string, number[]> = {};
  let lived = 0;
  let foundInAll = 0;
  while (lived < worlds && foundInAll < findings && (seconds === Infinity || elapsed() < seconds)) {
    const seed = from + lived;
    const result = await live(planOf(seed), {
      isChecked: lived % CHECKED_EVERY === 0
    });
    lived += 1;
    for (const [what, count] of result.counts) counts[what] = (counts[what] ?? 0) + count;
    if (!result.finding) continue;
    const { rule, what } = result.finding;
    if (!`${rule}: ${what}`.includes(only)) continue;
    foundInAll += 1;
    const key = `${rule}: ${what.replaceAll(/[0-9a-f]{24}|\d+/g, 'N')}`;
    (found[key] ??= []).push(seed);
  }
  return { worlds: lived, seconds: elapsed(), counts, found };
}

/** Several tallies as one; `seconds` is that of the longest. */
export function sum(tallies: readonly Tally[]): Tally {
  const counts: Record<string, number> = {};
  const found: Record<string, number[]> = {};
  for (const tally of tallies) {
    for (const [what, count] of Object.entries(tally.counts))
      counts[what] = (counts[what] ?? 0) + count;
    for (const [what, seeds] of Object.entries(tally.found)) (found[what] ??= []).push(...seeds);
  }
  return {
    worlds: tallies.reduce((all, { worlds }) => all + worlds, 0),
    seconds: Math.max(...tallies.map(({ seconds }) => seconds)),
    counts,
    found
  };
}

/** How often each thing happened, and what was found. */
export function inWords({ worlds, seconds, counts, found }: Tally, from: number): string {
  const rows = Object.entries(counts)
    .toSorted(([a], [b]) => a.localeCompare(b))
    .map(([what, count]) => `${String(count).padStart(11)}  ${what}`);
  const pace = `${worlds} worlds from seed ${from} in ${seconds.toFixed(0)} s (${(worlds / seconds).toFixed(0)} a second).`;
  const findings = Object.entries(found).map(
    ([what, seeds]) =>
      `Found in ${seeds.length}: ${what}\n  npm run world -- --seed ${seeds.slice(0, 3).join(' | ')}`
  );
  return [...rows, pace, ...(findings.length > 0 ? findings : ['Nothing was found.'])].join('\n');
}
