import { PIPELINE, type GoalState } from '../../src/case/states.ts';
import type { Terms } from '../../src/case/verdict.ts';
import type { Target } from '../../src/wait/step.ts';
import type { Draw } from './draw.ts';
import {
  idOf,
  type Beside,
  type PostInputs,
  type PostPlan,
  type RunnerDeed,
  type StepPlan,
  type Suspension
} from './plan.ts';
import type { Random } from './random.ts';

const SECOND = 1_000;
const MINUTE = 60_000;
const SAME_INPUTS = {
  areTheSame: true,
  haveKeys: true,
  areElsewhere: false,
  areOfComposite: false
} as const;
const RUNNER_DEEDS = [
  'signal',
  'kill',
  'dead log',
  'exception',
  'kill at',
  'never started',
  'suspend',
  'suspend at',
  'unwritable'
] as const;

export function drawSteps(draw: Draw): StepPlan[] {
  const first = drawStep('step', 0, draw);
  return [first, ...another(first, draw)];
}

/** Another step: of a job of a matrix, or later in the same job. */
function another(first: StepPlan, draw: Draw): StepPlan[] {
  const { random, has } = draw;
  if (!has('another job') && !has('another step')) return [];
  const startAt = random.chance(0.6)
    ? random.between(0, 5 * SECOND)
    : random.acrossScales(SECOND, 5 * MINUTE);
  const second = drawStep('second step', startAt, draw);
  const isAlike = random.chance(has('another step') ? 0.3 : 0.7);
  return [isAlike ? { ...second, target: first.target } : second];
}

function drawStep(name: string, startAt: number, draw: Draw): StepPlan {
  const { random, has, timeoutMs } = draw;
  const deeds = RUNNER_DEEDS.filter(has);
  const terms = drawTerms(random);
  const target = drawTarget(random);
  return {
    name,
    startAt,
    target,
    timeoutMs,
    stallTimeoutMs: random.chance(0.15) ? random.acrossScales(5 * SECOND, 2 * MINUTE) : undefined,
    pollIntervalMs: random.pick([1, 5, 10, 10, 30]) * SECOND,
    requestTimeoutMs: random.pick([2, 5, 10, 30]) * SECOND,
    maxOutageMs: random.acrossScales(5 * SECOND, 5 * MINUTE),
    terms,
    runner: deeds.map((deed) => runnerDeed(deed, random, draw.when)),
    post: drawPost(draw, terms, target)
  };
}

function drawPost(draw: Draw, terms: Terms, target: Target): PostPlan {
  const { random, has } = draw;
  const soon = (): number => random.acrossScales(10, 2 * MINUTE);
  const deed = random.pick(['signal', 'kill', 'kill at', 'suspend', 'suspend at'] as const);
  return {
    afterMs: random.chance(0.04)
      ? undefined
      : random.chance(0.6)
        ? random.between(50, 3 * SECOND)
        : random.acrossScales(SECOND, 90 * MINUTE),
    arrives: has('state lost') ? 0 : has('state cut') ? random.next() : 1,
    runner: has('post step killed') ? [runnerDeed(deed, random, soon)] : [],
    inputs: has('other inputs') ? otherInputs(random) : { ...SAME_INPUTS, terms, target },
    beside: has('post step beside') ? beside(draw) : undefined
  };
}

function otherInputs(random: Random): PostInputs {
  return {
    areTheSame: false,
    haveKeys: random.chance(0.7),
    areElsewhere: random.chance(0.4),
    areOfComposite: random.chance(0.5),
    terms: drawTerms(random),
    target: drawTarget(random, 1)
  };
}

function beside({ random, when }: Draw): Beside {
  return {
    at: when(),
    isSignalled: random.chance(0.5),
    mainLivesMs: random.acrossScales(SECOND, 10 * MINUTE),
    isMarkPossible: random.chance(0.9)
  };
}

function drawTerms(random: Random): Terms {
  return {
    goal: random.chance(0.65) ? 'SUCCESS' : random.pick<GoalState>(PIPELINE),
    cancelOnTimeout: random.chance(0.8),
    cancelOnInterrupt: random.chance(0.8),
    deleteFailed: random.chance(0.4)
  };
}

function drawTarget(random: Random, given = 0): Target {
  const kind = random.pick(['given', 'given', 'discover', 'create', 'create', 'create'] as const);
  if (kind === 'given') return { kind, id: idOf(given) };
  if (kind === 'discover') return { kind };
  const ifInProgress = random.pick(['create', 'create', 'create', 'adopt', 'fail'] as const);
  return { kind, body: '{}', ifInProgress };
}

function runnerDeed(kind: RunnerDeed['kind'], random: Random, when: () => number): RunnerDeed {
  const suspension = (): Suspension => ({
    ms: random.acrossScales(SECOND, random.chance(0.5) ? 3 * MINUTE : 60 * MINUTE),
    clockStands: random.chance(0.5)
  });
  switch (kind) {
    case 'signal':
      return {
        kind,
        at: when(),
        secondAfterMs: random.chance(0.2) ? random.acrossScales(50, 6 * SECOND) : undefined
      };
    case 'kill':
    case 'dead log':
    case 'exception':
      return { kind, at: when() };
    case 'kill at':
      return { kind, count: random.whole(0, random.pick([8, 40])) };
    case 'never started':
      return { kind };
    case 'suspend':
      return { kind, at: when(), ...suspension() };
    case 'suspend at':
      return { kind, count: random.whole(0, random.pick([8, 40])), ...suspension() };
    case 'unwritable': {
      const from = random.chance(0.3) ? 0 : when();
      const to = random.chance(0.3) ? Infinity : from + random.acrossScales(SECOND, 2 * MINUTE);
      return {
        kind,
        what: random.pick(['outputs', 'state', 'both'] as const),
        from,
        to
      };
    }
  }
}
