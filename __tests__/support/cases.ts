import { opened, type Case } from '../../src/case/case.ts';
import {
  accepted,
  adopted,
  asking,
  createEnded,
  creating,
  discovered,
  ended,
  listed,
  notFound,
  read,
  refused,
  unanswered
} from '../../src/case/transitions.ts';
import type { Cause, Ending } from '../../src/case/ending.ts';
import { after, history, idOf, IMPORT, importAt, importIn, listAt } from './imports.ts';

/** Cases as transitions make them: the shapes that a step can be in. */

export type Transition = (c: Case) => Case;

export const TROUBLE = {
  title: 'Ops Manager answered 409',
  happened: 'Ops Manager answered HTTP 409: not now.',
  advice: 'Ask it later.'
};

/** A case after transitions, one after the other. */
export function followed(first: Case, ...transitions: readonly Transition[]): Case {
  return transitions.reduce((c, transition) => transition(c), first);
}

/** A good read of the import in `state`. */
export function readIn(state: string, id = IMPORT): Transition {
  const transitions =
    state === 'PENDING' ? history(['PENDING', 0]) : history(['PENDING', 0], [state, 60]);
  return read({ ...importIn(state, transitions, after(70)), id }, 70_000);
}

export const ENDINGS = {
  timedOut: { kind: 'timed-out', timeoutMs: 3_600_000 },
  stalled: { kind: 'stalled', stalledMs: 600_000 },
  unreachable: { kind: 'unreachable', outageMs: 600_000, trouble: TROUBLE },
  signal: { kind: 'interrupted', by: 'The signal SIGINT' },
  error: { kind: 'error', cause: { kind: 'api', trouble: TROUBLE } }
} as const satisfies Readonly<Record<string, Ending>>;

export function endedBy(cause: Cause): Transition {
  return ended({ kind: 'error', cause });
}

export const GIVEN = opened('given', IMPORT);
export const DISCOVERING = opened('discovered');
export const CREATING = opened('created');

const EMPTY = listAt(0);
/** The list before, and a call that is under way. */
export const CALLED = followed(CREATING, listed(EMPTY, 0), creating(EMPTY, 30_000, 0));
export const LOST = followed(CALLED, createEnded('lost', 200));
export const ACCEPTED = followed(CALLED, createEnded('accepted', 200));
/** Half a minute of good lists with nothing new. */
export const SILENCE: readonly Transition[] = [listed(listAt(1), 1000), listed(listAt(31), 31_000)];
export const CREATED = followed(ACCEPTED, listed(listAt(2, importAt(IMPORT, 1)), 2000));
export const AMBIGUOUS = followed(
  CREATED,
  listed(listAt(5, importAt(IMPORT, 1), importAt(idOf(2), 2)), 5000)
);
/** An import that began when the step was not creating. */
export const OUTSIDER = followed(LOST, listed(listAt(900, importAt(idOf(3), 800)), 900_000));

const BOTH = [importAt(IMPORT, 33), importAt(idOf(4), 300)];
/** Two calls, the first one lost: its import shows long after that of the second one. */
export const LATE_ARRIVAL = followed(
  LOST,
  ...SILENCE,
  creating(EMPTY, 30_000, 32_000),
  createEnded('accepted', 32_200),
  listed(listAt(34, importAt(IMPORT, 33)), 34_000),
  listed(listAt(310, ...BOTH), 310_000)
);
/** A list that shows both, the watched one in a state. */
export function bothListed(state: string): Transition {
  const [, other] = BOTH;
  return listed(listAt(400, importAt(IMPORT, 33, state), ...(other ? [other] : [])), 400_000);
}

const SHOWN = importAt(IMPORT, 0);
export const FOUND = discovered(SHOWN, listAt(10, SHOWN), 10_000)(DISCOVERING);
export const ADOPTED = adopted(SHOWN, listAt(10, SHOWN), 10_000)(CREATING);
export const SEVERAL = followed(FOUND, listed(listAt(40, SHOWN, importAt(idOf(2), 3)), 40_000));

export const ASKED: readonly Transition[] = [asking, accepted];
export const REFUSED: readonly Transition[] = [asking, refused(TROUBLE)];
export const UNANSWERED: readonly Transition[] = [asking, unanswered(TROUBLE)];

/** Nothing but 404s for a minute, the asking among them or not. */
export function missingFor(ms: number, wasAsked: boolean): readonly Transition[] {
  // Answers in a row are not further apart than this.
  const reads = Array.from({ length: Math.ceil(ms / 10_000) }, (_, nth) => nth * 10_000);
  return [...reads.map((at) => notFound('read', at)), notFound(wasAsked ? 'cancel' : 'read', ms)];
}
