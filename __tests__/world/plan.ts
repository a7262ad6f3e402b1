import type { Terms } from '../../src/case/verdict.ts';
import { PIPELINE, type GoalState } from '../../src/case/states.ts';
import type { Target } from '../../src/wait/gate.ts';
import { mixed, Random } from './random.ts';

/**
 * What a world is like, drawn from its seed: first which kinds of trouble and people exist in it at
 * all, then when. Times are milliseconds from the start of the first step.
 */
export interface Plan {
  readonly seed: number;
  readonly manager: ManagerPlan;
  readonly steps: readonly StepPlan[];
  /** How the imports of this world live, in the order of their creation. */
  readonly lives: readonly Life[];
  /** Imports that were there before, with their age. */
  readonly earlier: readonly EarlierImport[];
  readonly people: readonly Deed[];
  readonly faults: readonly Fault[];
  /** From then on Ops Manager and the network are well: the phase of liveness. */
  readonly faultsEndAt: number;
}

export interface ManagerPlan {
  readonly nodes: readonly NodePlan[];
  readonly routing: 'first' | 'in turn' | 'random';
  /** Its clock minus the world's. */
  readonly clockMs: number;
  readonly hasDate: boolean;
  /** Its lists give the state of an import without its history. */
  readonly areListsBrief: boolean;
  /** For so long a new state is not in the history yet. */
  readonly historyLagMs: number;
  readonly latencyMs: number;
  readonly cancel: {
    readonly takesMs: number;
    readonly refusal: 'none' | 'forbidden' | 'conflict';
    /** A second call while the first is being carried out. */
    readonly again: 'accepted' | 'conflict';
  };
}

export interface NodePlan {
  readonly lagMs: number;
  /** What lists lag beyond that. */
  readonly listLagMs: number;
  readonly clockMs: number;
  /** It learns nothing new for a while. */
  readonly stuck: { readonly from: number; readonly to: number } | undefined;
}

export interface StepPlan {
  readonly name: string;
  readonly startAt: number;
  readonly target: Target;
  readonly timeoutMs: number;
  readonly stallTimeoutMs: number | undefined;
  readonly pollIntervalMs: number;
  readonly requestTimeoutMs: number;
  readonly maxOutageMs: number;
  readonly terms: Terms;
  readonly runner: readonly RunnerDeed[];
  /** From the end of the main step to its post step; undefined where the runner is gone. */
  readonly postAfterMs: number | undefined;
  /** The saved text is cut there, as a fraction of its length. */
  readonly cutSavedAt: number | undefined;
  readonly postRunner: readonly RunnerDeed[];
}

export type RunnerDeed =
  | { readonly kind: 'signal'; readonly at: number; readonly secondAfterMs: number | undefined }
  | { readonly kind: 'kill' | 'dead log'; readonly at: number }
  /** At its nth publication or call, in the middle of it. */
  | { readonly kind: 'kill at'; readonly count: number }
  | { readonly kind: 'never started' }
  | {
      readonly kind: 'suspend';
      readonly at: number;
      readonly ms: number;
      readonly clockStands: boolean;
    }
  | {
      readonly kind: 'unwritable';
      readonly what: 'outputs' | 'state' | 'both';
      readonly from: number;
      readonly to: number;
    };

export interface Life {
  readonly phases: readonly { readonly state: string; readonly ms: number }[];
  readonly end: string | undefined;
}

export interface EarlierImport {
  readonly ageMs: number;
  readonly life: Life;
}

export type Deed = { readonly at: number } & (
  | { readonly kind: 'create'; readonly life: Life }
  | { readonly kind: 'cancel' | 'delete'; readonly whose: 'step' | 'other' }
);

export const OPERATIONS = ['read', 'list', 'create', 'cancel', 'delete'] as const;
export type Operation = (typeof OPERATIONS)[number];

export const FAULTS = [
  'reset',
  'unavailable',
  'silence',
  'lost answer',
  'silent answer',
  'garbled',
  'late',
  'foreign',
  'refused',
  'not found',
  'slow'
] as const;
export type FaultKind = (typeof FAULTS)[number];

export interface Fault {
  readonly kind: FaultKind;
  readonly operations: readonly Operation[];
  readonly from: number;
  readonly to: number;
  readonly rate: number;
}

/** What exists in a world at all. */
interface Kind {
  readonly faults: readonly FaultKind[];
  readonly haveNodesLag: boolean;
  readonly people: readonly Deed['kind'][];
  readonly runner: readonly RunnerDeed['kind'][];
  readonly hasSecondStep: boolean;
}

const SECOND = 1_000;
const MINUTE = 60_000;
const RUNNER_DEEDS = [
  'signal',
  'kill',
  'dead log',
  'kill at',
  'never started',
  'suspend',
  'unwritable'
] as const;

export function planOf(seed: number): Plan {
  const random = new Random(mixed(seed, 1));
  const kind = kindOf(random);
  const timeoutMs = random.acrossScales(6 * SECOND, random.chance(0.1) ? 30 * MINUTE : 5 * MINUTE);
  const when = moments(random, timeoutMs);
  const first = stepPlan('step', 0, timeoutMs, random, kind, when);
  const second = kind.hasSecondStep ? [secondStep(first, random, kind, when)] : [];
  return {
    seed,
    manager: managerPlan(random, kind, when),
    steps: [first, ...second],
    lives: [1, 2, 3, 4, 5, 6].map(() => life(random, timeoutMs)),
    earlier: earlierImports(first.target, random, timeoutMs),
    people: people(random, kind, timeoutMs, when),
    faults: faults(random, kind, first.target, when),
    faultsEndAt: random.chance(0.5)
      ? random.between(0, timeoutMs)
      : timeoutMs + random.acrossScales(SECOND, 2 * 60 * MINUTE)
  };
}

function kindOf(random: Random): Kind {
  const appetite = random.pick([0, 0.1, 0.1, 0.3, 0.6]);
  return {
    faults: random.some(FAULTS, random.pick([0, 0.1, 0.1, 0.25, 0.6])),
    haveNodesLag: random.chance(0.5),
    people: random.some(['create', 'cancel', 'delete'] as const, random.pick([0, 0, 0.3, 0.6])),
    runner: random.some(RUNNER_DEEDS, appetite),
    hasSecondStep: random.chance(0.2)
  };
}

/** Draws a moment: likely one where much depends on what happens. */
function moments(random: Random, timeoutMs: number): () => number {
  return () => {
    const near = random.pick([0, 0, 30 * SECOND, timeoutMs, timeoutMs, undefined, undefined]);
    if (near === undefined) return random.between(0, timeoutMs);
    const distance = random.acrossScales(10, 40 * SECOND);
    return Math.max(0, near === 0 || random.chance(0.5) ? near + distance : near - distance);
  };
}

function stepPlan(
  name: string,
  startAt: number,
  timeoutMs: number,
  random: Random,
  kind: Kind,
  when: () => number
): StepPlan {
  return {
    name,
    startAt,
    target: target(random),
    timeoutMs,
    stallTimeoutMs: random.chance(0.15) ? random.acrossScales(5 * SECOND, 2 * MINUTE) : undefined,
    pollIntervalMs: random.pick([1, 5, 10, 10, 30]) * SECOND,
    requestTimeoutMs: random.pick([2, 5, 10, 30]) * SECOND,
    maxOutageMs: random.acrossScales(5 * SECOND, 5 * MINUTE),
    terms: {
      goal: random.chance(0.65) ? 'SUCCESS' : random.pick<GoalState>(PIPELINE),
      cancelOnTimeout: random.chance(0.8),
      cancelOnInterrupt: random.chance(0.8),
      deleteFailed: random.chance(0.4)
    },
    runner: kind.runner.map((deed) => runnerDeed(deed, random, when)),
    postAfterMs: random.chance(0.05)
      ? undefined
      : random.chance(0.6)
        ? random.between(50, 3 * SECOND)
        : random.acrossScales(SECOND, 90 * MINUTE),
    cutSavedAt: kind.runner.length > 0 && random.chance(0.08) ? random.next() : undefined,
    postRunner:
      kind.runner.length > 0 && random.chance(0.15)
        ? [
            runnerDeed(random.pick(['signal', 'kill', 'kill at'] as const), random, () =>
              random.acrossScales(10, 2 * MINUTE)
            )
          ]
        : []
  };
}

function secondStep(first: StepPlan, random: Random, kind: Kind, when: () => number): StepPlan {
  const startAt = random.chance(0.6)
    ? random.between(0, 5 * SECOND)
    : random.acrossScales(SECOND, 5 * MINUTE);
  const second = stepPlan('second step', startAt, first.timeoutMs, random, kind, when);
  // Two jobs of a matrix do the same.
  return random.chance(0.7) ? { ...second, target: first.target } : second;
}

function target(random: Random): Target {
  const kind = random.pick(['given', 'given', 'discover', 'create', 'create', 'create'] as const);
  if (kind === 'given') return { kind, id: idOf(0) };
  if (kind === 'discover') return { kind };
  const ifInProgress = random.pick(['create', 'create', 'create', 'adopt', 'fail'] as const);
  return { kind, body: '{}', ifInProgress };
}

/** The id of the nth import of a world. */
export function idOf(index: number): string {
  return (0xabc000 + index).toString(16).padStart(24, '68f5f0a0c2b3a41d2f');
}

function runnerDeed(kind: RunnerDeed['kind'], random: Random, when: () => number): RunnerDeed {
  switch (kind) {
    case 'signal':
      return {
        kind,
        at: when(),
        secondAfterMs: random.chance(0.2) ? random.acrossScales(50, 6 * SECOND) : undefined
      };
    case 'kill':
    case 'dead log':
      return { kind, at: when() };
    case 'kill at':
      return { kind, count: random.whole(0, 40) };
    case 'never started':
      return { kind };
    case 'suspend':
      return {
        kind,
        at: when(),
        ms: random.acrossScales(SECOND, 60 * MINUTE),
        clockStands: random.chance(0.5)
      };
    case 'unwritable': {
      const from = random.chance(0.3) ? 0 : when();
      const to = random.chance(0.3) ? Infinity : from + random.acrossScales(SECOND, 2 * MINUTE);
      return { kind, what: random.pick(['outputs', 'state', 'both'] as const), from, to };
    }
  }
}

function managerPlan(random: Random, kind: Kind, when: () => number): ManagerPlan {
  const { haveNodesLag } = kind;
  const isStuck = haveNodesLag && !kind.faults.includes('not found') && random.chance(0.4);
  const nodes = Array.from(
    { length: haveNodesLag ? random.whole(1, 3) : 1 },
    (_, index): NodePlan => {
      const lagMs = haveNodesLag && random.chance(0.5) ? random.acrossScales(10, 5 * SECOND) : 0;
      const from = when();
      // In all a list is half a minute late at most.
      const room = 29 * SECOND - lagMs;
      const isThisStuck = isStuck && index === 0;
      return {
        lagMs,
        listLagMs: !isThisStuck && random.chance(0.6) ? random.acrossScales(50, room) : 0,
        clockMs: random.chance(0.3) ? random.between(-1500, 1500) : 0,
        stuck: isThisStuck ? { from, to: from + random.acrossScales(SECOND, room) } : undefined
      };
    }
  );
  return {
    nodes,
    routing: random.pick(['first', 'in turn', 'random'] as const),
    clockMs: random.chance(0.5) ? 0 : random.between(-20 * SECOND, 20 * SECOND),
    hasDate: random.chance(0.85),
    areListsBrief: random.chance(0.06),
    historyLagMs: random.chance(0.08) ? random.acrossScales(100, 10 * SECOND) : 0,
    latencyMs: random.acrossScales(5, 400),
    cancel: {
      takesMs: random.chance(0.3) ? 0 : random.acrossScales(100, MINUTE),
      refusal: random.chance(0.85) ? 'none' : random.pick(['forbidden', 'conflict'] as const),
      again: random.pick(['accepted', 'conflict'] as const)
    }
  };
}

function life(random: Random, timeoutMs: number): Life {
  const passable = PIPELINE.length - 1;
  const stays = random.chance(0.2) ? random.whole(0, passable - 1) : undefined;
  const passed = PIPELINE.slice(0, stays === undefined ? passable : stays + 1);
  // Much depends on an import that ends just when the step does.
  const wholeMs = random.chance(0.3)
    ? Math.max(100, timeoutMs + random.between(-20 * SECOND, 20 * SECOND))
    : random.acrossScales(SECOND, 10 * MINUTE);
  const shares = passed.map(() => random.next() + 0.01);
  const sum = shares.reduce((a, b) => a + b, 0);
  const phases: { state: string; ms: number }[] = passed.map((state, index) => ({
    state: state,
    ms: Math.ceil((wholeMs * (shares[index] ?? 0)) / sum)
  }));
  if (random.chance(0.05)) phases.splice(1, 0, { state: 'AWAIT_SOMETHING_NEW', ms: wholeMs / 5 });
  if (stays !== undefined) return { phases, end: undefined };
  if (random.chance(0.7)) return { phases, end: 'SUCCESS' };
  return { phases: phases.slice(0, random.whole(1, phases.length)), end: 'FAILED' };
}

function earlierImports(target: Target, random: Random, timeoutMs: number): EarlierImport[] {
  const running = (ageMs: number): EarlierImport => {
    const { phases, end } = life(random, timeoutMs);
    // What lasts until the step begins.
    const [first, ...later] = phases;
    return first
      ? { ageMs, life: { phases: [{ ...first, ms: first.ms + ageMs }, ...later], end } }
      : { ageMs, life: { phases, end } };
  };
  const ended = (): EarlierImport => {
    const short = { ...life(random, MINUTE), end: random.pick(['SUCCESS', 'FAILED', 'CANCELLED']) };
    return { ageMs: 2 * 60 * MINUTE, life: short };
  };
  const old = Array.from({ length: random.pick([0, 0, 1, 3]) }, ended);
  const isWanted = target.kind !== 'create';
  const isThere = isWanted ? random.chance(0.95) : random.chance(0.25);
  // A given import is known from a list.
  const youngest = target.kind === 'given' ? 40 * SECOND : 100;
  const ageMs = random.acrossScales(youngest, 10 * MINUTE);
  if (target.kind === 'given' && random.chance(0.1)) return [ended(), ...old];
  return [...(isThere ? [running(ageMs)] : []), ...old];
}

function people(random: Random, kind: Kind, timeoutMs: number, when: () => number): Deed[] {
  return kind.people.flatMap((deed): Deed[] => {
    const count = random.pick([1, 1, 2]);
    return Array.from({ length: count }, (): Deed => {
      const at = random.chance(0.15)
        ? timeoutMs + random.acrossScales(SECOND, 60 * MINUTE)
        : when() - (random.chance(0.2) ? 5 * SECOND : 0);
      return deed === 'create'
        ? { kind: deed, at, life: life(random, timeoutMs) }
        : { kind: deed, at, whose: random.chance(0.8) ? 'step' : 'other' };
    });
  });
}

function faults(random: Random, kind: Kind, { kind: goal }: Target, when: () => number): Fault[] {
  return kind.faults.flatMap((fault): Fault[] =>
    Array.from({ length: fault === 'not found' ? 1 : random.whole(1, 3) }, (): Fault => {
      const from = random.chance(0.4) ? 0 : when();
      const longest = fault === 'not found' ? 50 * SECOND : 10 * MINUTE;
      const operations: readonly Operation[] =
        fault === 'not found'
          ? ['read', 'cancel']
          : goal === 'create' && random.chance(0.35)
            ? ['create']
            : random.chance(0.5)
              ? OPERATIONS
              : random.some(OPERATIONS, 0.4);
      return {
        kind: fault,
        operations,
        from,
        to: from + random.acrossScales(SECOND, longest),
        rate: random.pick([0.1, 0.5, 1, 1])
      };
    })
  );
}
