import type { CadenceCost } from './cadences.ts';
import type { Held } from './memory.ts';
import { table } from './report.ts';
import type { StartUp } from './start-up.ts';
import { NONCE_LIFETIME_MS, type Traffic } from './traffic.ts';

export interface Measurements {
  readonly startUp: readonly StartUp[];
  readonly traffic: readonly Traffic[];
  readonly memory: readonly Held[];
  readonly cadences: readonly CadenceCost[];
}

/** The goals that this project has set itself, what was measured, and whether it is enough. */
export function goals(measured: Measurements): string {
  const rows = [...trafficGoals(measured), ...cadenceGoals(measured), ...programGoals(measured)];
  return table(
    ['goal', 'measured', 'met'],
    rows.map(({ goal, measured, isMet }) => [goal, measured, isMet ? 'yes' : '**no**']),
    'left left left'
  );
}

interface Goal {
  readonly goal: string;
  readonly measured: string;
  readonly isMet: boolean;
}

function trafficGoals({ traffic }: Measurements): Goal[] {
  const http = find(traffic, ({ waiter, scheme }) => waiter === 'action' && scheme === 'http');
  const tls = find(traffic, ({ waiter, scheme }) => waiter === 'action' && scheme === 'https');
  const loop = find(traffic, ({ waiter, scheme }) => waiter === 'curl loop' && scheme === 'https');
  const challenges = http.requests - http.reads;
  const lifetimes = Math.ceil(http.elapsedMs / NONCE_LIFETIME_MS);
  const share = bytesPerRead(tls) / bytesPerRead(loop);
  return [
    {
      goal: 'one request per read, and one more per nonce lifetime',
      measured: `${http.reads} reads, ${challenges} more in ${lifetimes} lifetimes`,
      isMet: challenges <= lifetimes
    },
    {
      goal: 'one connection for the whole wait',
      measured: `${http.connections} over HTTP, ${tls.connections} over TLS`,
      isMet: http.connections === 1 && tls.connections === 1
    },
    {
      goal: 'at most a quarter of the curl loop’s bytes over TLS',
      measured: `${(share * 100).toFixed(0)} %`,
      isMet: share <= 0.25
    }
  ];
}

function cadenceGoals({ cadences }: Measurements): Goal[] {
  const of = (trace: string, cadence: string): CadenceCost =>
    find(cadences, (cost) => cost.trace.startsWith(trace) && cost.cadence === cadence);
  const [sample, fixed] = [of('sample', 'the action'), of('sample', 'fixed 10 s')];
  const [short, fixedShort] = [of('short', 'the action'), of('short', 'fixed 10 s')];
  const more = sample.reads / fixed.reads - 1;
  return [
    {
      goal: "on the sample import fixed 10 s' mean delay, within 2 %",
      measured: `${seconds(sample.delayMs)} against ${seconds(fixed.delayMs)}`,
      isMet: sample.delayMs <= 1.02 * fixed.delayMs
    },
    {
      goal: 'with at most a third more reads',
      measured: `${(more * 100).toFixed(0)} % more`,
      isMet: more <= 1 / 3
    },
    {
      goal: 'on an import of 20 s at most a quarter of that delay',
      measured: `${seconds(short.delayMs)} against ${seconds(fixedShort.delayMs)}`,
      isMet: short.delayMs <= fixedShort.delayMs / 4
    }
  ];
}

function programGoals({ startUp, memory }: Measurements): Goal[] {
  const empty = find(startUp, ({ program }) => program.startsWith('empty'));
  const post = find(startUp, ({ program }) => program.startsWith('post step'));
  const bundle = find(startUp, ({ program }) => program.startsWith('main step'));
  const [first, last] = [find(memory, () => true), find(memory.toReversed(), () => true)];
  // The fastest runs are those that nothing else on the machine held up.
  const aboveMs = bundle.fastestMs - empty.fastestMs;
  const medianAboveMs = bundle.elapsedMs - empty.elapsedMs;
  const grownMb = last.heapMb - first.heapMb;
  const postAboveMs = post.fastestMs - empty.fastestMs;
  const postMedianAboveMs = post.elapsedMs - empty.elapsedMs;
  return [
    {
      goal: 'a settled post step at most 15 ms above an empty Node program’s start',
      measured: `${postAboveMs.toFixed(0)} ms above (fastest of 31 runs), ${postMedianAboveMs.toFixed(0)} ms (medians)`,
      isMet: postAboveMs <= 15
    },
    {
      goal: 'start-up at most 80 ms above an empty Node program’s',
      measured: `${aboveMs.toFixed(0)} ms above (fastest of 31 runs), ${medianAboveMs.toFixed(0)} ms (medians)`,
      isMet: aboveMs <= 80
    },
    {
      goal: 'the bundle, readable, under 2 MB',
      measured: `${(bundle.bytes / 1e6).toFixed(3)} MB, which is ${(bundle.bytes / 2 ** 20).toFixed(2)} MiB`,
      isMet: bundle.bytes < 2e6
    },
    {
      goal: 'heap flat: less than 1 MiB more after 10,000 reads than after 10, no listener left',
      measured: `${grownMb.toFixed(2)} MiB, ${last.listeners} listeners`,
      isMet: grownMb < 1 && last.listeners === 0
    }
  ];
}

function bytesPerRead({ bytesUp, bytesDown, reads }: Traffic): number {
  return (bytesUp + bytesDown) / reads;
}

function seconds(ms: number): string {
  return `${(ms / 1000).toFixed(2)} s`;
}

function find<T>(items: readonly T[], is: (item: T) => boolean): T {
  const found = items.find(is);
  if (found === undefined) throw new Error('A measurement is missing.');
  return found;
}
