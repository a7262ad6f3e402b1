import { PIPELINE } from '../../src/case/states.ts';
import type { Draw } from './draw.ts';
import type { Deed, EarlierImport, Life } from './plan.ts';

const SECOND = 1_000;
const MINUTE = 60_000;
/** More than are kept of those that are new in a list. */
const CROWD = 25;

export function drawLife({ random, timeoutMs }: Draw): Life {
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
  return {
    phases: phases.slice(0, random.whole(1, phases.length)),
    end: 'FAILED'
  };
}

/** The imports that are there when the first step begins, the one that it is to find first. */
export function drawEarlier(draw: Draw, goal: string): EarlierImport[] {
  const { random, has } = draw;
  const long = (): EarlierImport => ended(draw, random.acrossScales(5 * MINUTE, 120 * MINUTE));
  const old = Array.from(
    {
      length: has('a long history')
        ? CROWD
        : random.pick(has('lists that are cut') ? [3] : [0, 0, 1, 3])
    },
    long
  );
  const just = has('imports that have just ended') ? [ended(draw, 30 * SECOND)] : [];
  const ageMs = random.acrossScales(100, 10 * MINUTE);
  if (goal === 'given') {
    const isOver = random.chance(0.1);
    if (isOver) return just.length > 0 ? [...just, ...old] : [long(), ...old];
    return random.chance(0.95) ? [running(draw, ageMs), ...just, ...old] : old;
  }
  const isThere = random.chance(goal === 'create' ? 0.25 : just.length > 0 ? 0.5 : 0.95);
  const also = random.chance(0.06) ? [running(draw, random.acrossScales(100, 120 * MINUTE))] : [];
  return [...(isThere ? [running(draw, ageMs)] : []), ...also, ...just, ...old];
}

/** Lasts until the step begins. */
function running(draw: Draw, ageMs: number): EarlierImport {
  const { phases, end } = drawLife(draw);
  const [first, ...later] = phases;
  return first
    ? {
        ageMs,
        life: { phases: [{ ...first, ms: first.ms + ageMs }, ...later], end }
      }
    : { ageMs, life: { phases, end } };
}

/** Ended within so many milliseconds before the step began. */
function ended(draw: Draw, withinMs: number): EarlierImport {
  const { random } = draw;
  const { phases } = drawLife(draw);
  const tookMs = phases.reduce((sum, { ms }) => sum + ms, 0);
  const end = random.pick(['SUCCESS', 'SUCCESS', 'FAILED', 'CANCELLED']);
  return { ageMs: tookMs + random.between(0, withinMs), life: { phases, end } };
}

/** What other people do. */
export function drawPeople(draw: Draw): Deed[] {
  const { random, has, when, timeoutMs } = draw;
  const moment = (): number =>
    random.chance(0.15)
      ? timeoutMs + random.acrossScales(SECOND, 60 * MINUTE)
      : when() - (random.chance(0.2) ? 5 * SECOND : 0);
  const creation = (at: number): Deed => ({
    kind: 'create',
    at,
    life: drawLife(draw)
  });
  const several = (act: () => Deed): Deed[] => Array.from({ length: random.pick([1, 1, 2]) }, act);
  const some = (kind: 'cancel' | 'delete'): Deed[] =>
    several(() => ({
      kind,
      at: moment(),
      whose: random.chance(0.8) ? 'step' : 'other'
    }));
  const crowdAt = when();
  return [
    ...(has('people create') ? several(() => creation(moment())) : []),
    ...(has('people cancel') ? some('cancel') : []),
    ...(has('people delete') ? some('delete') : []),
    ...(has('a crowd')
      ? Array.from({ length: CROWD }, () => creation(crowdAt + random.between(-2_000, 2_000)))
      : [])
  ];
}
