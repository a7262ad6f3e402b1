import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { type Case, creationOf, type Ending, forgotten } from '../../src/case/case.ts';
import {
  becameAmbiguous,
  cancelAnnounced,
  deletionChanged,
  statusDelivered,
  stepFinished,
  waitEnded,
  wasListed
} from '../../src/case/transitions.ts';
import { PIPELINE } from '../../src/case/states.ts';
import {
  isGone,
  isKnownWhich,
  isOurs,
  isSettled,
  lacksList,
  mayBeRunning,
  mustAsk,
  type Terms,
  verdict
} from '../../src/case/verdict.ts';
import {
  ACCEPTED,
  ADOPTED,
  AMBIGUOUS,
  ASKED,
  CALLED,
  CREATED,
  CREATING,
  DISCOVERING,
  ENDINGS,
  endedBy,
  followed,
  FOUND,
  FOUND_OURS,
  GIVEN,
  LOST,
  missingFor,
  OUTSIDER,
  readIn,
  REFUSED,
  SEVERAL,
  SHOWN_ALONE,
  SILENCE,
  TROUBLE,
  UNANSWERED
} from '../support/cases.ts';
import { statusOf } from '../support/gate-under-test.ts';
import { idOf, IMPORT, importAt, listAt } from '../support/imports.ts';

const TERMS: Terms = {
  goal: 'SUCCESS',
  cancelOnTimeout: true,
  cancelOnInterrupt: true,
  deleteFailed: false
};
const READ = readIn('PENDING')(GIVEN);

/** Ambiguous, and everything that may be this step's was listed. */
const CLOSED = wasListed(listAt(40, importAt(IMPORT, 1), importAt(idOf(2), 2)), 40_000)(AMBIGUOUS);

const CONFIRMED_CREATED = (state: string): Case =>
  followed(CREATED, readIn(state), wasListed(listAt(80, importAt(IMPORT, 1)), 80_000));

function kindsOf(c: Case, terms: Partial<Terms> = {}): string {
  const { outcome, cancellation, cleanup } = verdict(c, { ...TERMS, ...terms });
  return `${outcome.kind} ${cancellation.kind} ${cleanup.kind}`;
}

/** What a case means while the step runs, and if it were killed now. */
const RUNNING: readonly {
  readonly name: string;
  readonly c: Case;
  readonly want: string;
  readonly forbidden: string;
}[] = [
  { name: 'a given import that was never read', c: GIVEN, want: 'failed', forbidden: 'skipped' },
  { name: 'a given import in progress', c: READ, want: 'failed', forbidden: 'skipped' },
  {
    name: 'an import that is still to be found',
    c: DISCOVERING,
    want: 'not-needed',
    forbidden: 'not-needed'
  },
  { name: 'a found import', c: FOUND_OURS, want: 'failed', forbidden: 'skipped' },
  {
    name: 'a found import that is not this step’s yet',
    c: FOUND,
    want: 'not-needed',
    forbidden: 'not-needed'
  },
  {
    name: 'one of several that were discovered',
    c: SEVERAL,
    want: 'not-needed',
    forbidden: 'not-needed'
  },
  {
    name: 'an adopted import',
    c: followed(ADOPTED, ...SHOWN_ALONE),
    want: 'failed',
    forbidden: 'skipped'
  },
  {
    name: 'an import that is still to be created',
    c: CREATING,
    want: 'not-needed',
    forbidden: 'not-needed'
  },
  { name: 'a create call under way', c: CALLED, want: 'failed', forbidden: 'skipped' },
  { name: 'a create call that was lost', c: LOST, want: 'failed', forbidden: 'skipped' },
  {
    name: 'a lost call and half a minute of silence',
    c: followed(LOST, ...SILENCE),
    want: 'not-needed',
    forbidden: 'not-needed'
  },
  {
    name: 'a lost call and half a minute of silence, and an old import that has ended',
    c: followed(
      LOST,
      ...SILENCE,
      wasListed(listAt(32, importAt(idOf(3), -3600, 'FAILED')), 32_000)
    ),
    want: 'not-needed',
    forbidden: 'not-needed'
  },
  {
    name: 'an accepted call and half a minute of silence',
    c: followed(ACCEPTED, ...SILENCE),
    want: 'failed',
    forbidden: 'skipped'
  },
  {
    name: 'a lost call and somebody else’s import',
    c: OUTSIDER,
    want: 'failed',
    forbidden: 'skipped'
  },
  { name: 'a created import', c: CREATED, want: 'failed', forbidden: 'skipped' },
  { name: 'an ambiguous creation', c: AMBIGUOUS, want: 'failed', forbidden: 'skipped' },
  {
    name: 'a cancel call under way',
    c: followed(READ, cancelAnnounced),
    want: 'failed',
    forbidden: 'skipped'
  },
  {
    name: 'an accepted cancellation',
    c: followed(READ, ...ASKED),
    want: 'requested',
    forbidden: 'skipped'
  },
  {
    name: 'a refused cancellation',
    c: followed(READ, ...REFUSED),
    want: 'refused',
    forbidden: 'skipped'
  },
  {
    name: 'an unanswered cancellation',
    c: followed(READ, ...UNANSWERED),
    want: 'failed',
    forbidden: 'skipped'
  },
  {
    name: 'an accepted one that was refused later',
    c: followed(READ, ...ASKED, ...REFUSED),
    want: 'requested',
    forbidden: 'skipped'
  },
  {
    name: 'a refused one that was not answered later',
    c: followed(READ, ...REFUSED, ...UNANSWERED),
    want: 'failed',
    forbidden: 'skipped'
  },
  {
    name: '404s for a minute',
    c: followed(READ, ...missingFor(60_000, false)),
    want: 'failed',
    forbidden: 'skipped'
  },
  {
    name: '404s for less than a minute',
    c: followed(READ, ...missingFor(59_000, true)),
    want: 'failed',
    forbidden: 'skipped'
  },
  {
    name: '404s for a minute after an accepted cancellation',
    c: followed(READ, ...ASKED, ...missingFor(60_000, false)),
    want: 'not-needed',
    forbidden: 'not-needed'
  },
  {
    name: '404s for a minute, the asking among them',
    c: followed(READ, ...missingFor(60_000, true)),
    want: 'not-needed',
    forbidden: 'not-needed'
  }
];

/** The last ending, and the input that decides for it. */
const BY_POLICY: readonly (readonly [
  string,
  Ending | undefined,
  'cancelOnTimeout' | 'cancelOnInterrupt'
])[] = [
  ['a kill', undefined, 'cancelOnInterrupt'],
  ['a signal', ENDINGS.signal, 'cancelOnInterrupt'],
  ['a timeout', ENDINGS.timedOut, 'cancelOnTimeout'],
  ['a stall', ENDINGS.stalled, 'cancelOnTimeout'],
  ['an outage', ENDINGS.unreachable, 'cancelOnTimeout']
];

describe.each(BY_POLICY)('the cancellation after %s', (_name, ending, input) => {
  it.each(RUNNING)(
    'of $name is $want, and $forbidden where the user chose so',
    ({ c, want, forbidden }) => {
      const last = ending ? waitEnded(ending)(c) : c;
      expect(verdict(last, TERMS).cancellation.kind).toBe(want);
      expect(verdict(last, { ...TERMS, [input]: false }).cancellation.kind).toBe(forbidden);
      const other = input === 'cancelOnTimeout' ? 'cancelOnInterrupt' : 'cancelOnTimeout';
      expect(verdict(last, { ...TERMS, [other]: false }).cancellation.kind).toBe(want);
    }
  );
});

describe('the outcome', () => {
  const cases: readonly (readonly [string, Case, string, Partial<Terms>?])[] = [
    ['of a kill', READ, 'interrupted failed not-needed'],
    ['of SUCCESS', followed(GIVEN, readIn('SUCCESS')), 'reached not-needed not-needed'],
    ['of FAILED', followed(GIVEN, readIn('FAILED')), 'failed not-needed skipped'],
    [
      'of CANCELLED by somebody',
      followed(GIVEN, readIn('CANCELLED')),
      'cancelled not-needed not-needed'
    ],
    [
      'of a state past the goal',
      followed(GIVEN, readIn('AWAIT_GOAL_STATE')),
      'reached not-needed not-needed',
      { goal: 'AWAIT_HOSTS_DISCOVERED' }
    ],
    [
      'of a created one at a goal on the way, before the closing list',
      followed(
        CREATED,
        readIn('AWAIT_GOAL_STATE'),
        wasListed(listAt(9, importAt(IMPORT, 1, 'AWAIT_GOAL_STATE')), 9000)
      ),
      'interrupted failed not-needed',
      { goal: 'AWAIT_GOAL_STATE' }
    ],
    [
      'of a created one at a goal on the way, after the closing list',
      followed(
        CREATED,
        readIn('AWAIT_GOAL_STATE'),
        wasListed(listAt(80, importAt(IMPORT, 1, 'AWAIT_GOAL_STATE')), 80_000)
      ),
      'reached not-needed not-needed',
      { goal: 'AWAIT_GOAL_STATE' }
    ],
    [
      'of a state before the goal',
      followed(GIVEN, readIn('AWAIT_HOSTS_DISCOVERED')),
      'interrupted failed not-needed',
      { goal: 'AWAIT_GOAL_STATE' }
    ],
    [
      'of FAILED after the goal was passed',
      followed(GIVEN, readIn('AWAIT_GOAL_STATE'), readIn('FAILED')),
      'failed not-needed skipped',
      { goal: 'AWAIT_HOSTS_DISCOVERED' }
    ],
    [
      'of a state that nobody knows',
      followed(GIVEN, readIn('AWAIT_COFFEE')),
      'interrupted failed not-needed',
      { goal: 'PENDING' }
    ],
    [
      'of CANCELLED after it was accepted',
      followed(READ, waitEnded(ENDINGS.timedOut), ...ASKED, readIn('CANCELLED')),
      'timed-out confirmed not-needed'
    ],
    [
      'of CANCELLED after the answer was lost',
      followed(READ, waitEnded(ENDINGS.signal), ...UNANSWERED, readIn('CANCELLED')),
      'interrupted confirmed not-needed'
    ],
    [
      'of CANCELLED after it was refused',
      followed(READ, waitEnded(ENDINGS.timedOut), ...REFUSED, readIn('CANCELLED')),
      'timed-out confirmed not-needed'
    ],
    [
      'of CANCELLED while a call was under way',
      followed(READ, cancelAnnounced, readIn('CANCELLED')),
      'interrupted confirmed not-needed'
    ],
    [
      'of CANCELLED before anything was asked',
      followed(READ, waitEnded(ENDINGS.timedOut), readIn('CANCELLED')),
      'cancelled not-needed not-needed'
    ],
    [
      'of SUCCESS after a timeout',
      followed(READ, waitEnded(ENDINGS.timedOut), readIn('SUCCESS')),
      'reached not-needed not-needed'
    ],
    [
      'of SUCCESS after an accepted cancellation',
      followed(READ, waitEnded(ENDINGS.timedOut), ...ASKED, readIn('SUCCESS')),
      'reached not-needed not-needed'
    ],
    [
      'of a goal passed after an accepted cancellation',
      followed(READ, waitEnded(ENDINGS.timedOut), ...ASKED, readIn('AWAIT_GOAL_STATE')),
      'timed-out requested not-needed',
      { goal: 'AWAIT_HOSTS_DISCOVERED' }
    ],
    [
      'of a goal passed after an unanswered cancellation',
      followed(READ, waitEnded(ENDINGS.timedOut), ...UNANSWERED, readIn('AWAIT_GOAL_STATE')),
      'timed-out failed not-needed',
      { goal: 'AWAIT_HOSTS_DISCOVERED' }
    ],
    [
      'of a goal passed after a refused cancellation',
      followed(READ, waitEnded(ENDINGS.timedOut), ...REFUSED, readIn('AWAIT_GOAL_STATE')),
      'reached not-needed not-needed',
      { goal: 'AWAIT_HOSTS_DISCOVERED' }
    ],
    [
      'of FAILED after an accepted cancellation',
      followed(READ, waitEnded(ENDINGS.timedOut), ...ASKED, readIn('FAILED')),
      'failed not-needed skipped'
    ],
    [
      'of a created import that no list has confirmed',
      followed(CREATED, readIn('SUCCESS')),
      'interrupted not-needed not-needed'
    ],
    [
      'of a created import that a list has confirmed',
      CONFIRMED_CREATED('SUCCESS'),
      'reached not-needed not-needed'
    ],
    [
      'of a found import that has ended before it was this step’s',
      followed(FOUND, readIn('SUCCESS')),
      'interrupted not-needed not-needed'
    ],
    [
      'of a found import that has failed before it was this step’s',
      followed(FOUND, readIn('FAILED')),
      'interrupted not-needed not-needed'
    ],
    ['of a found import', followed(FOUND_OURS, readIn('SUCCESS')), 'reached not-needed not-needed'],
    ['of an ambiguous creation', AMBIGUOUS, 'error failed not-needed'],
    [
      'of an ambiguous creation in SUCCESS',
      followed(AMBIGUOUS, readIn('SUCCESS')),
      'error failed not-needed'
    ],
    ['of several that were in progress', SEVERAL, 'error not-needed not-needed'],
    [
      'of several, one in SUCCESS',
      followed(SEVERAL, readIn('SUCCESS')),
      'error not-needed not-needed'
    ],
    [
      'of an error before any read of a given import',
      followed(GIVEN, waitEnded(ENDINGS.error)),
      'error not-needed not-needed'
    ],
    [
      'of an error after a read',
      followed(READ, waitEnded(ENDINGS.error)),
      'error failed not-needed'
    ],
    [
      'of an error after a list showed it',
      followed(GIVEN, wasListed(listAt(9, importAt(IMPORT, 0)), 9_000), waitEnded(ENDINGS.error)),
      'error failed not-needed'
    ],
    [
      'of an import that was deleted',
      followed(READ, ...missingFor(60_000, true)),
      'error not-needed not-needed'
    ],
    [
      'of one deleted after a timeout',
      followed(READ, waitEnded(ENDINGS.timedOut), ...missingFor(60_000, true)),
      'timed-out not-needed not-needed'
    ],
    [
      'of one missing for a minute',
      followed(READ, endedBy({ kind: 'missing' }), ...missingFor(60_000, false)),
      'error failed not-needed'
    ],
    [
      'of a refused creation',
      followed(CREATING, endedBy({ kind: 'not-created', trouble: TROUBLE })),
      'error not-needed not-needed'
    ]
  ];
  it.each(cases)('%s', (_name, c, want, terms = {}) => {
    expect(kindsOf(c, terms)).toBe(want);
  });

  it('is late once the step had given up', () => {
    expect(verdict(followed(READ, readIn('SUCCESS')), TERMS).outcome).toEqual({
      kind: 'reached',
      late: false
    });
    const late = followed(READ, waitEnded(ENDINGS.stalled), readIn('SUCCESS'));
    expect(verdict(late, TERMS).outcome).toEqual({ kind: 'reached', late: true });
  });

  it('of a kill says what ended the step', () => {
    expect(verdict(READ, TERMS).outcome).toEqual({
      kind: 'interrupted',
      by: 'the end of its process'
    });
  });

  it('has the words of the last refusal and of the last failure', () => {
    expect(verdict(followed(READ, ...REFUSED), TERMS).cancellation).toEqual({
      kind: 'refused',
      trouble: TROUBLE
    });
    expect(verdict(followed(READ, ...UNANSWERED), TERMS).cancellation).toEqual({
      kind: 'failed',
      trouble: TROUBLE
    });
    expect(verdict(READ, TERMS).cancellation).toEqual({
      kind: 'failed',
      trouble: undefined
    });
  });
});

describe('the clean-up of a failed import', () => {
  const failed = followed(READ, readIn('FAILED'));
  const cases: readonly (readonly [string, Case, boolean, string])[] = [
    ['that the user did not want', failed, false, 'skipped'],
    ['that is still to be asked for', failed, true, 'failed'],
    ['that is unanswered', followed(failed, deletionChanged({ kind: 'asked' })), true, 'failed'],
    ['that was done', followed(failed, deletionChanged({ kind: 'deleted' })), true, 'deleted'],
    [
      'that failed',
      followed(failed, deletionChanged({ kind: 'failed', isSure: true, trouble: TROUBLE })),
      true,
      'failed'
    ]
  ];
  it.each(cases)('%s', (_name, c, deleteFailed, want) => {
    expect(verdict(c, { ...TERMS, deleteFailed }).cleanup.kind).toBe(want);
  });

  it('is not needed for any other', () => {
    for (const state of ['PENDING', 'SUCCESS', 'CANCELLED'])
      expect(
        verdict(followed(GIVEN, readIn(state)), { ...TERMS, deleteFailed: true }).cleanup.kind
      ).toBe('not-needed');
  });
});

describe('a settled case', () => {
  const cases: readonly {
    readonly name: string;
    readonly c: Case;
    readonly want: boolean;
    readonly terms?: Partial<Terms>;
  }[] = [
    { name: 'reached', c: followed(GIVEN, readIn('SUCCESS')), want: true },
    { name: 'failed', c: followed(GIVEN, readIn('FAILED')), want: true },
    {
      name: 'confirmed',
      c: followed(READ, waitEnded(ENDINGS.signal), ...ASKED, readIn('CANCELLED')),
      want: true
    },
    {
      name: 'left running',
      c: followed(READ, waitEnded(ENDINGS.signal)),
      want: true,
      terms: { cancelOnInterrupt: false }
    },
    { name: 'requested', c: followed(READ, waitEnded(ENDINGS.signal), ...ASKED), want: false },
    { name: 'refused', c: followed(READ, waitEnded(ENDINGS.signal), ...REFUSED), want: false },
    {
      name: 'not answered',
      c: followed(READ, waitEnded(ENDINGS.signal), ...UNANSWERED),
      want: false
    },
    { name: 'ambiguous, before the closing list', c: AMBIGUOUS, want: false },
    { name: 'ambiguous, after the closing list', c: CLOSED, want: true },
    { name: 'never identified', c: followed(DISCOVERING, waitEnded(ENDINGS.timedOut)), want: true },
    {
      name: 'accepted and never listed',
      c: followed(ACCEPTED, waitEnded(ENDINGS.timedOut)),
      want: false
    }
  ];
  it.each(cases)('is one that is $name: $want', ({ c, want, terms = {} }) => {
    const all = { ...TERMS, ...terms };
    expect(isSettled(c, all)).toBe(false);
    expect(isSettled(stepFinished(undefined)(c), all)).toBe(want);
    const pending = stepFinished(statusOf('failure'))(c);
    expect(isSettled(pending, all)).toBe(false);
    expect(isSettled(statusDelivered(pending), all)).toBe(want);
  });
});

describe('whatever a case holds', () => {
  const states = fc.constantFrom(...PIPELINE, 'FAILED', 'CANCELLED', 'AWAIT_COFFEE');
  const step = fc.oneof(
    states.map((state) => [readIn(state)]),
    fc.constantFrom(
      ASKED,
      REFUSED,
      UNANSWERED,
      [cancelAnnounced],
      missingFor(60_000, true),
      missingFor(60_000, false),
      SILENCE
    ),
    fc.constantFrom(...Object.values(ENDINGS)).map((ending) => [waitEnded(ending)]),
    fc.constant([wasListed(listAt(90, importAt(IMPORT, 1)), 90_000)]),
    fc.constant([wasListed(listAt(91, importAt(IMPORT, 1), importAt(idOf(2), 2)), 91_000)])
  );
  const cases = fc
    .tuple(
      fc.constantFrom(
        GIVEN,
        DISCOVERING,
        FOUND,
        FOUND_OURS,
        ADOPTED,
        CREATING,
        CALLED,
        LOST,
        ACCEPTED,
        CREATED,
        OUTSIDER
      ),
      fc.array(step, { maxLength: 8 })
    )
    .map(([first, steps]) => followed(first, ...steps.flat()));
  const terms = fc.record({
    goal: fc.constantFrom(...PIPELINE),
    cancelOnTimeout: fc.boolean(),
    cancelOnInterrupt: fc.boolean(),
    deleteFailed: fc.boolean()
  });

  it('only Ops Manager’s word for the goal, with no doubt whose it is, makes it reached', () => {
    fc.assert(
      fc.property(cases, terms, (c, t) => {
        fc.pre(verdict(c, t).outcome.kind === 'reached');
        const at = PIPELINE.findIndex((state) => state === c.read?.state);
        expect(at).toBeGreaterThanOrEqual(PIPELINE.indexOf(t.goal));
        expect(isOurs(c)).toBe(true);
        expect(isKnownWhich(c)).toBe(true);
        const mayEndCancelled = c.cancel.isAccepted || c.cancel.isUnanswered || c.cancel.isOpen;
        if (mayEndCancelled) expect(c.read?.state).toBe('SUCCESS');
      }),
      { numRuns: 500 }
    );
  });

  it('an import in progress that is this step’s is never not needed, unless it reached its goal or is gone', () => {
    fc.assert(
      fc.property(cases, terms, (c, t) => {
        const { outcome, cancellation } = verdict(c, t);
        fc.pre(cancellation.kind === 'not-needed' && outcome.kind !== 'reached');
        const isEnded = ['SUCCESS', 'FAILED', 'CANCELLED'].includes(c.read?.state ?? '');
        const isNobodys = c.origin === 'found' && !c.isOurs;
        const isNothing =
          c.id === undefined && (creationOf(c) === undefined || c.quiet.ms >= 30_000);
        const wasNeverSeen = c.read === undefined && c.ending?.kind === 'error';
        expect(isEnded || isGone(c) || isNobodys || isNothing || wasNeverSeen).toBe(true);
      }),
      { numRuns: 1000 }
    );
  });

  it('confirmed is said only of CANCELLED, and of what this step had asked for', () => {
    fc.assert(
      fc.property(cases, terms, (c, t) => {
        const { outcome, cancellation } = verdict(c, t);
        if (cancellation.kind === 'confirmed') {
          expect(c.read?.state).toBe('CANCELLED');
          expect(outcome.kind).not.toBe('cancelled');
        }
        if (outcome.kind === 'cancelled') expect(cancellation.kind).toBe('not-needed');
      }),
      { numRuns: 1000 }
    );
  });
});

describe('the cancellation of a created import', () => {
  it('is not-needed as it has ended, where that is the answer', () => {
    for (const state of ['FAILED', 'CANCELLED'])
      expect(verdict(followed(CREATED, readIn(state)), TERMS).cancellation).toEqual({
        kind: 'not-needed',
        why: 'ended'
      });
  });

  it('of several is failed, whatever became of the one that was asked for', () => {
    const both = listAt(5, importAt(IMPORT, 1), importAt(idOf(2), 2));
    const asked = followed(CREATED, ...ASKED, wasListed(both, 5000), becameAmbiguous);
    const failed = { kind: 'failed', trouble: undefined };
    expect(verdict(asked, TERMS).cancellation).toEqual(failed);
    expect(verdict(readIn('CANCELLED')(asked), TERMS).cancellation).toEqual(failed);
    const refused = followed(CREATED, ...REFUSED, wasListed(both, 5000), becameAmbiguous);
    expect(verdict(refused, TERMS).cancellation).toEqual(failed);
  });
});

describe('a created import at a goal on the way', () => {
  const terms: Terms = { ...TERMS, goal: 'PENDING' };
  const ours = followed(
    CREATED,
    readIn('PENDING'),
    wasListed(listAt(3, importAt(IMPORT, 1)), 3000)
  );

  it('is in doubt until its closing list, which a step that waits on reads when it is due', () => {
    expect(isOurs(ours)).toBe(true);
    expect(lacksList(ours, terms)).toBe(false);
    expect(verdict(ours, terms).outcome.kind).not.toBe('reached');
    const closed = wasListed(listAt(40, importAt(IMPORT, 1)), 40_000)(ours);
    expect(verdict(closed, terms).outcome.kind).toBe('reached');
  });

  it('wants that list before a step that gives up says anything of it, and none after an interrupt', () => {
    const again = wasListed(listAt(4, importAt(IMPORT, 1)), 4000);
    const [late, killed] = [ENDINGS.timedOut, ENDINGS.signal].map((ending) =>
      followed(ours, waitEnded(ending))
    ) as [Case, Case];
    expect([late, killed].map(isOurs)).toEqual([false, false]);
    expect(lacksList(again(late), terms)).toBe(true);
    expect(lacksList(again(killed), terms)).toBe(false);
    expect(verdict(again(late), terms).outcome.kind).toBe('timed-out');
    expect(verdict(again(killed), terms).outcome).toEqual({ kind: 'reached', late: true });
  });
});

describe('an import that is gone', () => {
  const GONE = missingFor(60_000, true);
  const gone = { kind: 'error', cause: { kind: 'gone' } };

  it.each([
    { name: 'before anything has ended the wait', endings: [], want: gone },
    { name: 'and that ended the wait', endings: [endedBy({ kind: 'missing' })], want: gone },
    { name: 'in settling', endings: [waitEnded(ENDINGS.timedOut)], want: ENDINGS.timedOut }
  ])('was deleted, which is the outcome unless another one was first: $name', (row) => {
    const c = followed(GIVEN, readIn('PENDING'), ...row.endings, ...GONE);
    expect(verdict(c, TERMS)).toMatchObject({
      outcome: row.want,
      cancellation: { kind: 'not-needed', why: 'gone' }
    });
  });

  it('is not called deleted where it was never read', () => {
    const c = followed(GIVEN, ...GONE, waitEnded(ENDINGS.error));
    expect(verdict(c, TERMS).outcome).toEqual(ENDINGS.error);
  });
});

describe('why nothing has to be cancelled', () => {
  const nothing = { imports: [], count: 0 };
  const unsure = followed(CREATED, readIn('SUCCESS'), waitEnded(ENDINGS.timedOut));
  const looked = followed(
    forgotten({ kind: 'discover' }, 0),
    wasListed(listAt(0), 0),
    wasListed(listAt(30), 30_000)
  );

  it.each([
    { why: 'never-read', c: waitEnded(ENDINGS.error)(GIVEN) },
    { why: 'several', c: SEVERAL },
    { why: 'not-found', c: endedBy({ kind: 'none', found: nothing })(DISCOVERING) },
    { why: 'not-ours-yet', c: waitEnded(ENDINGS.signal)(FOUND) },
    { why: 'nothing-created', c: waitEnded(ENDINGS.signal)(CREATING) },
    { why: 'none-appeared', c: followed(LOST, ...SILENCE) },
    { why: 'not-confirmed', c: unsure },
    { why: 'none-in-progress', c: looked }
  ])('is said: $why', ({ why, c }) => {
    expect(verdict(c, TERMS).cancellation).toEqual({ kind: 'not-needed', why });
  });
});

describe('what may be running', () => {
  it.each([
    { name: 'a given import', c: GIVEN },
    { name: 'a found one', c: FOUND_OURS },
    { name: 'a created one', c: CREATED }
  ])('is $name until a read has shown it ended', ({ c }) => {
    expect(mayBeRunning(c)).toBe(true);
    expect(mayBeRunning(readIn('AWAIT_GOAL_STATE')(c))).toBe(true);
    expect(mayBeRunning(readIn('SUCCESS')(c))).toBe(false);
  });
});

describe('what is to be cancelled', () => {
  const late = waitEnded(ENDINGS.timedOut);
  const onItsWay = { goal: 'PENDING' } as const;

  it.each<{ name: string; c: Case; terms?: Partial<Terms>; want: boolean }>([
    { name: 'what runs', c: READ, want: true },
    { name: 'what was never read', c: GIVEN, want: true },
    { name: 'what the policy leaves at an interrupt', c: READ, terms: { cancelOnInterrupt: false }, want: false }, // prettier-ignore
    { name: 'what the policy leaves at a timeout', c: late(READ), terms: { cancelOnTimeout: false }, want: false }, // prettier-ignore
    { name: 'what runs at a timeout', c: late(READ), terms: { cancelOnInterrupt: false }, want: true }, // prettier-ignore
    { name: 'what has ended', c: readIn('SUCCESS')(GIVEN), want: false },
    { name: 'what has reached its goal', c: READ, terms: onItsWay, want: false },
    { name: 'what was refused to be cancelled', c: followed(READ, ...REFUSED), want: true },
    { name: 'what is being cancelled', c: followed(READ, ...ASKED), want: true },
    { name: 'what was cancelled', c: followed(READ, ...ASKED, readIn('CANCELLED')), want: false },
    { name: 'what is gone', c: followed(READ, ...missingFor(60_000, true)), want: false },
    { name: 'what was created', c: late(CREATED), want: true },
    { name: 'what was created, and stands at its goal', c: late(CREATED), terms: onItsWay, want: false }, // prettier-ignore
    { name: 'one of several', c: AMBIGUOUS, want: false },
    { name: 'nothing', c: LOST, want: false },
    { name: 'what is not this step’s yet', c: FOUND, want: false },
    { name: 'what is found', c: FOUND_OURS, want: true }
  ])('is $name: $want', ({ c, terms, want }) => {
    expect(mustAsk(c, { ...TERMS, ...terms })).toBe(want);
  });
});
