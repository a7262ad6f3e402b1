import { drawEarlier, drawLife, drawPeople } from './draw-imports.ts';
import { drawFaults, drawManager } from './draw-manager.ts';
import { drawSteps } from './draw-steps.ts';
import { drawGitHub } from './git-hub.ts';
import { KINDS, type Kind, type Plan } from './plan.ts';
import { mixed, Random } from './random.ts';

/** What everything in a world is drawn with. */
export interface Draw {
  readonly random: Random;
  readonly has: (kind: Kind) => boolean;
  /** A moment: likely one where much depends on what happens. */
  readonly when: () => number;
  readonly timeoutMs: number;
}

const SECOND = 1_000;
const MINUTE = 60_000;

/** The world of a seed. */
export function planOf(seed: number): Plan {
  const random = new Random(mixed(seed, 1));
  const kinds = new Set(random.some(KINDS, random.pick([0, 0.03, 0.06, 0.06, 0.12, 0.12, 0.3])));
  const timeoutMs = random.acrossScales(6 * SECOND, random.chance(0.1) ? 30 * MINUTE : 5 * MINUTE);
  const draw: Draw = {
    random,
    has: (kind) => kinds.has(kind),
    when: () => moment(random, timeoutMs),
    timeoutMs
  };
  const steps = drawSteps(draw);
  const { kind: goal } = steps[0]?.target ?? { kind: 'given' };
  const manager = drawManager(draw);
  return {
    seed,
    kinds: [...kinds],
    manager,
    steps,
    isOneJob: draw.has('another step'),
    lives: [1, 2, 3, 4, 5, 6].map(() => drawLife(draw)),
    earlier: drawEarlier(draw, goal),
    people: drawPeople(draw),
    gitHub: drawGitHub(seed, timeoutMs),
    faults: drawFaults(draw, goal, manager.nodes.length),
    faultsEndAt: random.chance(0.5)
      ? random.between(0, timeoutMs)
      : timeoutMs + random.acrossScales(SECOND, 2 * 60 * MINUTE)
  };
}

function moment(random: Random, timeoutMs: number): number {
  const near = random.pick([0, 0, 30 * SECOND, timeoutMs, timeoutMs, undefined, undefined]);
  if (near === undefined) return random.between(0, timeoutMs);
  const distance = random.acrossScales(10, 40 * SECOND);
  return Math.max(0, near === 0 || random.chance(0.5) ? near + distance : near - distance);
}
