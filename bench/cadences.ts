import { opened } from '../src/case/case.ts';
import { CaseCell } from '../src/wait/case-cell.ts';
import { passGate } from '../src/wait/gate.ts';
import { newStep, type StepObserver } from '../src/wait/step.ts';
import { sampleSteps, ScriptedImport } from '../simulator/scripted-import.ts';
import { Random } from '../__tests__/world/random.ts';

/** How late a cadence notices the end of an import, and how often it reads, on average. */
export interface CadenceCost {
  readonly trace: string;
  readonly cadence: string;
  readonly delayMs: number;
  readonly worstDelayMs: number;
  readonly reads: number;
}

interface Trace {
  readonly name: string;
  readonly lengthMs: number;
  readonly runs: number;
  /** The step starts up to this long after its import, so that reads fall anywhere. */
  readonly longestOffsetMs: number;
}

const SAMPLE_MS = 15 * 60_000;
const TRACES: readonly Trace[] = [
  { name: 'short: 20 s', lengthMs: 20_000, runs: 2_000, longestOffsetMs: 10_000 },
  { name: 'sample: 15 min', lengthMs: SAMPLE_MS, runs: 2_000, longestOffsetMs: 30_000 },
  { name: 'long: 5 h', lengthMs: 5 * 3_600_000, runs: 200, longestOffsetMs: 30_000 }
];
const TERMS = {
  goal: 'SUCCESS',
  cancelOnTimeout: true,
  cancelOnInterrupt: true,
  deleteFailed: false
} as const;
const PUBLISHED = { isSaved: true, areOutputsWritten: true };
const UNUSED = {
  listImports: unused,
  createImport: unused,
  cancelImport: unused,
  deleteImport: unused
};
const OBSERVER: StepObserver = {
  onRead: ignore,
  onOthersInProgress: ignore,
  onHostsWithoutAgent: ignore,
  onOutage: ignore,
  onOutageLasts: ignore,
  onRecovery: ignore,
  onRetry: ignore
};
const FIXED_MS = [5_000, 10_000, 30_000];

/** Simulates the waits for the documentation's import, stretched; each run at another offset. */
export async function compareCadences(): Promise<CadenceCost[]> {
  const costs: CadenceCost[] = [];
  for (const trace of TRACES) {
    costs.push(await cost(trace, 'the action', watch));
    for (const pauseMs of FIXED_MS) {
      costs.push(
        await cost(trace, `fixed ${pauseMs / 1000} s`, (lengthMs, offsetMs) =>
          poll(lengthMs, offsetMs, pauseMs)
        )
      );
    }
  }
  return costs;
}

interface Wait {
  readonly endedAt: number;
  readonly reads: number;
}

async function cost(
  trace: Trace,
  cadence: string,
  wait: (lengthMs: number, offsetMs: number, random: () => number) => Wait | Promise<Wait>
): Promise<CadenceCost> {
  let [delay, worst, reads] = [0, 0, 0];
  for (let run = 0; run < trace.runs; run += 1) {
    // The same numbers in each run of the benchmark.
    const drawn = new Random(run + 1);
    const random = (): number => drawn.next();
    const ended = await wait(trace.lengthMs, random() * trace.longestOffsetMs, random);
    delay += ended.endedAt - trace.lengthMs;
    worst = Math.max(worst, ended.endedAt - trace.lengthMs);
    reads += ended.reads;
  }
  return {
    trace: trace.name,
    cadence,
    delayMs: delay / trace.runs,
    worstDelayMs: worst,
    reads: reads / trace.runs
  };
}

/** The action's own wait, on a virtual clock that starts `offsetMs` after the import. */
async function watch(lengthMs: number, offsetMs: number, random: () => number): Promise<Wait> {
  let now = offsetMs;
  let reads = 0;
  const clock = {
    now: () => now,
    sleep: (ms: number) => {
      now += ms;
      return Promise.resolve();
    }
  };
  const item = new ScriptedImport({ steps: sampleSteps('SUCCESS', lengthMs / SAMPLE_MS) }, 0);
  const api = {
    readImport: (id: string) => {
      reads += 1;
      const transitions = item.transitions(now);
      return Promise.resolve({ id, projectId: '', state: item.state(now), transitions, reply: '' });
    }
  };
  const step = newStep({
    api: { ...UNUSED, ...api },
    cell: new CaseCell(opened({ kind: 'given', id: '' }), TERMS, { publish: () => PUBLISHED }),
    options: {
      target: { kind: 'given', id: '' },
      timeoutMs: Infinity,
      stallTimeoutMs: undefined,
      pollIntervalMs: 10_000,
      requestTimeoutMs: 30_000,
      maxOutageMs: 0
    },
    timing: { clock, random, signal: new AbortController().signal },
    signalled: new AbortController().signal,
    observer: OBSERVER,
    isPostStepThere: () => false
  });
  await passGate(step);
  return { endedAt: now, reads };
}

function poll(lengthMs: number, offsetMs: number, pauseMs: number): Wait {
  const pauses = Math.ceil((lengthMs - offsetMs) / pauseMs);
  return { endedAt: offsetMs + pauses * pauseMs, reads: pauses + 1 };
}

function ignore(): void {
  // Nobody is watching.
}

function unused(): Promise<never> {
  return Promise.reject(new Error('This wait only reads.'));
}
