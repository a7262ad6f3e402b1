import type { Draw } from './draw.ts';
import {
  FAULTS,
  OPERATIONS,
  type Fault,
  type FaultKind,
  type ManagerPlan,
  type NodePlan,
  type Operation
} from './plan.ts';

const SECOND = 1_000;
const MINUTE = 60_000;
/** In all a list is half a minute late at most, a little of which is the way of the answer. */
const LATEST_MS = 29 * SECOND;
/** Two clocks differ by less than a minute, the ways of answers included. */
const CLOCK_MS = 25 * SECOND;
const LONG_MS = 10 * MINUTE;

export function drawManager(draw: Draw): ManagerPlan {
  const { random, has } = draw;
  const isStuck = has('a node that is stuck');
  const count = has('several nodes') || isStuck ? random.whole(2, 3) : 1;
  const areNodesEqual = random.chance(0.5);
  const clock = (): number => {
    if (!has('clocks that differ')) return 0;
    return random.pick([0, -CLOCK_MS, CLOCK_MS, random.between(-CLOCK_MS, CLOCK_MS)]);
  };
  const replyClockMs = clock();
  return {
    nodes: Array.from({ length: count }, (_, index) =>
      node(draw, isStuck && index === 0, areNodesEqual ? replyClockMs : clock())
    ),
    routing: random.pick(['first', 'in turn', 'in turn', 'random'] as const),
    clocksMs: Array.from({ length: random.pick([1, 1, 3]) }, clock),
    hasDate: !has('no dates of replies'),
    lists: {
      undatedMs: has('lists without histories')
        ? Infinity
        : has('lists undated at first')
          ? random.acrossScales(SECOND, 5 * MINUTE)
          : 0,
      areOrdered: !has('lists without order'),
      cut: {
        rate: has('lists that are cut') ? random.pick([0.3, 0.7]) : 0,
        atMost: random.whole(1, 2)
      }
    },
    history: {
      lagMs: has('histories that are late') ? random.acrossScales(100, 10 * SECOND) : 0,
      raggedRate: has('ragged histories') ? random.pick([0.2, 0.6, 1]) : 0
    },
    latencyMs: random.acrossScales(5, 400),
    cancel: {
      takesMs: random.chance(0.3) ? 0 : random.acrossScales(100, MINUTE),
      refusal: has('cancelling refused') ? random.pick(['forbidden', 'conflict'] as const) : 'none',
      again: random.pick(['accepted', 'conflict'] as const)
    }
  };
}

function node({ random, has, when }: Draw, isStuck: boolean, clockMs: number): NodePlan {
  const lagMs =
    has('nodes that lag') && random.chance(0.6) ? random.acrossScales(10, 20 * SECOND) : 0;
  const room = LATEST_MS - lagMs;
  const from = when();
  // Where lists are cut, what is new may be old, while the step's own import is still to come.
  const mayBeLate = has('lists that are late') || has('lists that are cut');
  const isLate = mayBeLate && !isStuck && random.chance(0.7);
  return {
    lagMs,
    listLagMs: isLate ? random.acrossScales(50, room) : 0,
    clockMs,
    stuck: isStuck ? { from, to: from + random.acrossScales(SECOND, room) } : undefined
  };
}

export function drawFaults(draw: Draw, goal: string, nodes: number): Fault[] {
  const { random, has, when } = draw;
  return FAULTS.filter(has).flatMap((kind): Fault[] => {
    const isMissing = kind === 'not found' || kind === 'nothing found';
    return Array.from({ length: isMissing ? 1 : random.whole(1, 3) }, (): Fault => {
      const from = random.chance(0.4) ? 0 : when();
      // Where lists are cut, too, nobody could tell that it is there.
      const longestMissing = has('lists that are cut') ? 50 * SECOND : 3 * MINUTE;
      const longest = isMissing ? longestMissing : LONG_MS;
      return {
        kind,
        operations: operationsOf(kind, goal, draw),
        node: has('faults of one node') ? random.whole(0, nodes - 1) : undefined,
        from,
        to: from + random.acrossScales(isMissing ? 20 * SECOND : SECOND, longest),
        rate: random.pick([0.1, 0.5, 1, 1])
      };
    });
  });
}

function operationsOf(kind: FaultKind, goal: string, { random }: Draw): readonly Operation[] {
  if (kind === 'not found') return ['read', 'cancel'];
  if (kind === 'nothing found') return OPERATIONS;
  if (goal === 'create' && random.chance(0.35)) return ['create'];
  return random.chance(0.5) ? OPERATIONS : random.some(OPERATIONS, 0.4);
}
