import { type Case, type Cause, type Ending, opened } from '../../src/case/case.ts';
import { createAnnounced, createAnswered, creationBegan } from '../../src/case/create-calls.ts';
import {
  becameAmbiguous,
  cancelAccepted,
  cancelAnnounced,
  cancelNotFound,
  cancelRefused,
  cancelUnanswered,
  waitEnded,
  wasFound,
  wasListed,
  wasNotFound,
  wasRead
} from '../../src/case/transitions.ts';
import { briefly } from '../../src/case/import.ts';
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
  return wasRead({ ...importIn(state, transitions, after(70)), id }, 70_000);
}

export const ENDINGS = {
  timedOut: { kind: 'timed-out', timeoutMs: 3_600_000 },
  stalled: { kind: 'stalled', stalledMs: 600_000 },
  unreachable: { kind: 'unreachable', outageMs: 600_000, trouble: TROUBLE, wasRefused: false },
  signal: { kind: 'interrupted', by: 'The signal SIGINT' },
  error: { kind: 'error', cause: { kind: 'api', trouble: TROUBLE } }
} as const satisfies Readonly<Record<string, Ending>>;

export function endedBy(cause: Cause): Transition {
  return waitEnded({ kind: 'error', cause });
}

export const GIVEN = opened({ kind: 'given', id: IMPORT });
export const DISCOVERING = opened({ kind: 'discover' });
export const CREATING = opened({ kind: 'create' });

const EMPTY = listAt(0);
/** The list before the first call, and a call. */
function called(at: number): readonly Transition[] {
  return [wasListed(EMPTY, at), creationBegan(EMPTY, at), createAnnounced(30_000, at)];
}

/** A call that is under way. */
export const CALLED = followed(CREATING, ...called(0));
export const LOST = followed(CALLED, createAnswered('lost', 200));
export const ACCEPTED = followed(CALLED, createAnswered('accepted', 200));
/** Half a minute of good lists with nothing new. */
export const SILENCE: readonly Transition[] = [
  wasListed(listAt(1), 1000),
  wasListed(listAt(31), 31_000)
];
export const CREATED = followed(ACCEPTED, wasListed(listAt(2, importAt(IMPORT, 1)), 2000));
export const AMBIGUOUS = followed(
  CREATED,
  wasListed(listAt(5, importAt(IMPORT, 1), importAt(idOf(2), 2)), 5000),
  becameAmbiguous
);
/** An import that began when the step was not creating. */
export const OUTSIDER = followed(LOST, wasListed(listAt(900, importAt(idOf(3), 800)), 900_000));
/** A first call that was lost comes late, beside the import of the second one. */
export const LATE_ARRIVAL = followed(
  LOST,
  ...SILENCE,
  createAnnounced(30_000, 31_500),
  createAnswered('accepted', 31_700),
  wasListed(listAt(33, importAt(IMPORT, 32)), 33_000),
  wasListed(listAt(123, importAt(IMPORT, 32), importAt(idOf(3), 110)), 123_000)
);
const SHOWN = importAt(IMPORT, 0);
/** Found at second 10, 10 s after the first list. */
export const FOUND = followed(DISCOVERING, wasListed(listAt(0), 0), wasFound(SHOWN, 10_000));
export const ADOPTED = followed(CREATING, wasListed(listAt(0), 0), wasFound(SHOWN, 10_000));
/** The list that counts, and the read after it. */
export const SHOWN_ALONE: readonly Transition[] = [
  wasListed(listAt(40, SHOWN), 40_000),
  wasRead(SHOWN, 41_000)
];
export const FOUND_OURS = followed(FOUND, ...SHOWN_ALONE);
export const SEVERAL = followed(
  FOUND,
  endedBy({ kind: 'several', found: briefly([SHOWN, importAt(idOf(2), 3)]) })
);

export const ASKED: readonly Transition[] = [cancelAnnounced, cancelAccepted(75_000)];
export const REFUSED: readonly Transition[] = [cancelAnnounced, cancelRefused(TROUBLE)];
/** What was asked to be cancelled, and is dated an hour before the create call only then. */
export const ASKED_OF_ANOTHER = followed(
  LOST,
  wasListed(listAt(2, importIn('PENDING')), 2000),
  ...REFUSED,
  wasRead(importAt(IMPORT, -3600, 'AWAIT_GOAL_STATE'), 3000)
);
export const UNANSWERED: readonly Transition[] = [cancelAnnounced, cancelUnanswered(TROUBLE)];

/** Nothing but 404s for a while, the asking among them or not, and a list at the end without it. */
export function missingFor(ms: number, wasAsked: boolean): readonly Transition[] {
  // Answers in a row are not further apart than this.
  const reads = Array.from({ length: Math.ceil(ms / 10_000) }, (_, nth) => nth * 10_000);
  return [
    ...reads.map((at) => wasNotFound(at)),
    (wasAsked ? cancelNotFound : wasNotFound)(ms),
    wasListed(listAt(ms / 1000), ms)
  ];
}
