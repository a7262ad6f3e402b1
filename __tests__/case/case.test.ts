import { describe, expect, it } from '@jest/globals';
import { creationOf, forgotten, opened, type Case, type Created } from '../../src/case/case.ts';
import { othersOf, type Creation } from '../../src/case/creation.ts';
import { lastPhase } from '../../src/case/import.ts';
import { restored, saved } from '../../src/case/saved-case.ts';
import {
  createAnnounced,
  createAnswered,
  createWithdrawn,
  creationBegan
} from '../../src/case/create-calls.ts';
import {
  becameAmbiguous,
  callFailed,
  cancelAccepted,
  cancelAnnounced,
  cancelNotFound,
  cancelNotSent,
  cancelRefused,
  cancelUnanswered,
  candidateWasRead,
  deletionChanged,
  listDoubted,
  statusDelivered,
  stepFinished,
  waitEnded,
  wasFound,
  wasListed,
  wasNotFound,
  wasRead
} from '../../src/case/transitions.ts';
import { isAmbiguous, isGone, isKnownWhich, isOurs, type Terms } from '../../src/case/verdict.ts';
import { ENDINGS, followed, FOUND_OURS, LOST } from '../support/cases.ts';
import { statusOf } from '../support/gate-under-test.ts';
import {
  after,
  history,
  idOf,
  IMPORT,
  importAt,
  importIn,
  listAt,
  START
} from '../support/imports.ts';

const TROUBLE = { title: 'No', happened: 'Ops Manager said no.', advice: 'Ask it.' };
const PENDING = importIn('PENDING', history(['PENDING', 0]), after(1));
const NEXT = importIn(
  'AWAIT_SEED_HOST_CONNECTED',
  history(['PENDING', 0], ['AWAIT_SEED_HOST_CONNECTED', 60]),
  after(61)
);

/** What a transition changes. */
function changes(before: Case, transition: (c: Case) => Case): Partial<Case> {
  const next = transition(before);
  const names = Object.keys(next) as (keyof Case)[];
  return Object.fromEntries(
    names.filter((name) => next[name] !== before[name]).map((name) => [name, next[name]])
  );
}

const GIVEN = opened({ kind: 'given', id: IMPORT });
const READ = wasRead(PENDING, 1000)(GIVEN);
const TERMS: Terms = {
  goal: 'SUCCESS',
  cancelOnTimeout: true,
  cancelOnInterrupt: true,
  deleteFailed: false
};

describe('a case that is opened', () => {
  it('is this step’s only where the import was given', () => {
    const ours = (
      [{ kind: 'given', id: IMPORT }, { kind: 'discover' }, { kind: 'create' }] as const
    )
      .map((sought) => opened(sought))
      .filter(isOurs);
    expect(ours.map(({ origin }) => origin)).toEqual(['given']);
  });

  it('knows nothing else', () => {
    expect(GIVEN).toMatchObject({
      id: IMPORT,
      read: undefined,
      hadGoodAnswer: false,
      ending: undefined,
      isFinished: false
    });
  });

  it('of a post step to which nothing came names what runs', () => {
    const given = forgotten({ kind: 'given', id: IMPORT }, 5);
    expect(given).toMatchObject({ hadGoodAnswer: true, resumed: { at: 5, isForgotten: true } });
    for (const kind of ['create', 'discover'] as const) {
      const nothing = forgotten({ kind }, 5);
      const list = listAt(60, importAt(IMPORT, 30), importAt(idOf(2), 3, 'FAILED'));
      const seen = wasListed(list, 60_000)(nothing);
      expect(seen.id).toBeUndefined();
      expect(seen.resumed?.inProgress).toMatchObject({ imports: [{ id: IMPORT }], count: 1 });
    }
  });

  it('of such a post step forgets none of many that run, though the last list shows but one', () => {
    const many = Array.from({ length: 12 }, (_, nth) => importAt(idOf(nth), nth));
    const seen = followed(
      forgotten({ kind: 'create' }, 5),
      wasListed(listAt(60, ...many), 60_000),
      wasListed(listAt(62, importAt(idOf(11), 61, 'FAILED')), 62_000)
    );
    expect(seen.resumed?.inProgress?.count).toBe(11);
    expect(seen.resumed?.inProgress?.imports).toHaveLength(11);
  });
});

describe('a read', () => {
  it('is what is known from then on, and means that the configuration works', () => {
    expect(READ).toMatchObject({ read: PENDING, firstState: 'PENDING', hadGoodAnswer: true });
    const next = wasRead(NEXT, 61_000)(READ);
    expect(next).toMatchObject({ read: NEXT, firstState: 'PENDING' });
  });

  it('from a node that lags ends what is missing, and changes nothing else', () => {
    const missing = followed(GIVEN, wasRead(NEXT, 61_000), wasNotFound(62_000));
    const behind = { ...PENDING, readAt: NEXT.readAt };
    expect(changes(missing, wasRead(behind, 61_000))).toEqual({ missing: undefined });
  });

  it('from a node that lags dates a created import all the same, which may be nobody’s then', () => {
    const undated = { ...importAt(idOf(1), 0, 'AWAIT_GOAL_STATE'), transitions: [] };
    const shown = followed(LOST, wasListed(listAt(20, undated), 20_000));
    expect(shown.id).toBe(idOf(1));
    const lagging = wasRead(importAt(idOf(1), 15), 21_000)(shown);
    expect(lagging).toMatchObject({ id: idOf(1), read: { state: 'AWAIT_GOAL_STATE' } });
    expect(wasRead(importAt(idOf(1), -90), 21_000)(shown).id).toBeUndefined();
  });

  it('that dates the watched import out of the question has the one candidate that is left watched', () => {
    const undated = (nth: number) => ({ ...importAt(idOf(nth), 0), transitions: [] });
    const shown = followed(
      LOST,
      wasListed(listAt(20, undated(1)), 20_000),
      wasListed(listAt(21, undated(2)), 21_000)
    );
    expect(shown).toMatchObject({ id: idOf(1) });
    const next = wasRead(importAt(idOf(1), -90), 22_000)(shown);
    expect(next).toMatchObject({ id: idOf(2), read: { id: idOf(2) }, isOurs: false });
    expect(next.read?.transitions).toEqual([]);
  });

  it('of a created import in a new state wants a list to confirm it again', () => {
    const created = createdAndListed();
    expect(isOurs(created)).toBe(true);
    expect(isOurs(wasRead({ ...PENDING, id: idOf(1) }, 3000)(created))).toBe(true);
    expect(isOurs(wasRead({ ...NEXT, id: idOf(1) }, 61_000)(created))).toBe(false);
  });

  it('with a shorter history than the known one keeps the longer, and its own state', () => {
    const success = importIn('SUCCESS', [], after(90));
    const c = followed(READ, wasRead(NEXT, 61_000), wasRead(success, 90_000));
    expect(c.read).toEqual({
      ...success,
      transitions: NEXT.transitions,
      stoodIn: NEXT.state
    });
  });
});

describe('where an import stood when it ended', () => {
  const GOAL = wasRead(importIn('AWAIT_GOAL_STATE', history(['PENDING', 0])), 1000)(GIVEN);

  it.each([
    { name: 'the last read tells where the history is gone', told: history() },
    { name: 'the last read tells where the history has less', told: history(['PENDING', 0]) },
    {
      name: 'the last read tells where the history has the beginning and the end',
      told: history(['PENDING', 0], ['AWAIT_HOSTS_DISCOVERED', 60], ['FAILED', 90])
    }
  ])('$name, also in the post step', ({ told }) => {
    const ended = wasRead(importIn('FAILED', told), 2000)(GOAL);
    const twice = wasRead(importIn('FAILED', told), 3000)(ended);
    const resumed = restored(saved(twice, TERMS), 0)?.case;
    for (const { read } of [ended, twice, resumed ?? GIVEN]) {
      expect(read && lastPhase(read)).toBe('AWAIT_GOAL_STATE');
    }
  });

  it('the history tells of what came after the last read', () => {
    const waiting = wasRead(importIn('PENDING', history(['PENDING', 0])), 1000)(GIVEN);
    const told = history(['AWAIT_GOAL_STATE', 60], ['FAILED', 90]);
    const { read } = wasRead(importIn('FAILED', told), 2000)(waiting);
    expect(read && lastPhase(read)).toBe('AWAIT_GOAL_STATE');
  });
});

describe('what is asked', () => {
  const sequences: readonly {
    readonly name: string;
    readonly transitions: readonly ((c: Case) => Case)[];
    readonly want: Partial<Case['cancel']>;
  }[] = [
    {
      name: 'is under way',
      transitions: [cancelAnnounced],
      want: { isOpen: true, isAccepted: false }
    },
    {
      name: 'is accepted',
      transitions: [cancelAnnounced, cancelAccepted(5)],
      want: { isOpen: false, isAccepted: true }
    },
    {
      name: 'is refused',
      transitions: [cancelAnnounced, cancelRefused(TROUBLE)],
      want: { isOpen: false, isAccepted: false, refusal: TROUBLE, failure: undefined }
    },
    {
      name: 'is not answered',
      transitions: [cancelAnnounced, cancelUnanswered(TROUBLE)],
      want: { isOpen: false, isUnanswered: true, failure: TROUBLE, refusal: undefined }
    },
    {
      name: 'stays accepted when a later attempt is refused',
      transitions: [cancelAnnounced, cancelAccepted(5), cancelAnnounced, cancelRefused(TROUBLE)],
      want: { isAccepted: true, isOpen: false }
    },
    {
      name: 'was cut by a signal, and is made again',
      transitions: [cancelAnnounced, cancelAnnounced, cancelRefused(TROUBLE)],
      want: { isUnanswered: true, isOpen: false, refusal: TROUBLE }
    },
    {
      name: 'stays unanswered when a later attempt is refused',
      transitions: [
        cancelAnnounced,
        cancelUnanswered(TROUBLE),
        cancelAnnounced,
        cancelRefused(TROUBLE)
      ],
      want: { isUnanswered: true, refusal: TROUBLE, failure: undefined }
    },
    {
      name: 'was refused and then not answered',
      transitions: [
        cancelAnnounced,
        cancelRefused(TROUBLE),
        cancelAnnounced,
        cancelUnanswered(TROUBLE)
      ],
      want: { isUnanswered: true, refusal: undefined, failure: TROUBLE }
    },
    {
      name: 'was not sent',
      transitions: [cancelNotSent(TROUBLE)],
      want: { isOpen: false, isAccepted: false, isUnanswered: false, failure: TROUBLE }
    },
    {
      name: 'met a 404, which is neither',
      transitions: [cancelAnnounced, cancelNotFound(5)],
      want: { isOpen: false, isAccepted: false, isUnanswered: false, refusal: undefined }
    }
  ];
  it.each(sequences)('$name', ({ transitions, want }) => {
    expect(followed(READ, ...transitions).cancel).toMatchObject(want);
  });
});

describe('the first good answer', () => {
  const answers: readonly (readonly [string, (c: Case) => Case, boolean])[] = [
    ['a read', wasRead(PENDING, 5), true],
    ['a list', wasListed(listAt(5), 5000), true],
    ['an accepted cancellation', cancelAccepted(5), true],
    ['a 404', wasNotFound(5), false],
    ['a refused cancellation', cancelRefused(TROUBLE), false]
  ];
  it.each(answers)('is %s: it held what was asked for (%#)', (_name, by, want) => {
    expect(by(GIVEN).hadGoodAnswer).toBe(want);
  });
});

describe('a list that was long on its way', () => {
  it('tells of the time at which it was asked for: nothing new then is not nothing new now', () => {
    const quick = followed(LOST, wasListed(listAt(1), 1000), wasListed(listAt(31), 31_000));
    const slow = followed(LOST, wasListed(listAt(1), 1000), wasListed(listAt(2), 31_000, 2000));
    expect([quick.quiet.ms, slow.quiet.ms]).toEqual([30_000, 1000]);
  });
});

describe('a list for an import that was found', () => {
  const shown = importAt(IMPORT, 0);
  const other = importAt(idOf(2), 3);

  it.each([
    { name: 'shows it', second: 40, imports: [other, shown], want: 40_000 },
    { name: 'shows it too early', second: 39, imports: [shown], want: undefined },
    { name: 'shows another one', second: 40, imports: [other], want: undefined },
    { name: 'shows it ended', second: 40, imports: [importAt(IMPORT, 0, 'FAILED'), other], want: undefined } // prettier-ignore
  ])('counts where it is due and shows it: it $name', ({ second, imports, want }) => {
    // The first list came at second 10.
    const found = followed(opened({ kind: 'create' }), wasListed(listAt(10), 10_000));
    const adopted = wasFound(shown, 12_000)(found);
    expect(adopted).toMatchObject({ dueAt: 40_000, isAdopted: true });
    const c = wasListed(listAt(second, ...imports), second * 1000)(adopted);
    expect(c).toMatchObject({ listedAt: want });
    // One that shows another one, which no read has found, does not count.
    expect(listDoubted(c)).toMatchObject({ listedAt: undefined });
    expect(listDoubted(READ)).toBe(READ);
  });

  it('and that is this step’s stays so when the wait ends', () => {
    expect(isOurs(waitEnded(ENDINGS.timedOut)(FOUND_OURS))).toBe(true);
  });
});

describe('what is not created', () => {
  it('is never one of several', () => {
    for (const c of [READ, opened({ kind: 'create' }), FOUND_OURS])
      expect([becameAmbiguous(c), candidateWasRead(PENDING, 5)(c)]).toEqual([c, c]);
  });
});

describe('a post step that cannot know what main did', () => {
  it('remembers who was shown in progress once, and has not been shown ended', () => {
    const [one, two] = [importAt(idOf(1), 0), importAt(idOf(2), 1)];
    const named = (
      ...lists: readonly (readonly ReturnType<typeof importAt>[])[]
    ): readonly unknown[] => {
      const c = followed(
        forgotten({ kind: 'discover' }, 0),
        ...lists.map((imports, nth) => wasListed(listAt(nth, ...imports), nth * 1000))
      );
      expect(c.resumed?.inProgress?.count).toBe(c.resumed?.inProgress?.imports.length);
      return c.resumed?.inProgress?.imports.map(({ id }) => id) ?? [];
    };
    expect(named([one], [two])).toEqual([two.id, one.id]);
    expect(named([one, two], [importAt(idOf(1), 0, 'SUCCESS')])).toEqual([two.id]);
  });
});

describe('an import that is not found', () => {
  it('is missing since the first 404 in a row until the last', () => {
    const missing = followed(READ, wasNotFound(5), cancelNotFound(30), wasNotFound(61));
    expect(missing.missing).toEqual({ since: 5, until: 61, wasAsked: true, isUnlisted: false });
    // A machine that was suspended has met no 404s in between.
    const suspended = wasNotFound(3_600_061)(missing).missing;
    expect((suspended?.until ?? 0) - (suspended?.since ?? 0)).toBe(56 + 20_000);
    expect(followed(READ, wasNotFound(5)).missing?.wasAsked).toBe(false);
  });

  const ends: readonly { readonly name: string; readonly by: (c: Case) => Case }[] = [
    { name: 'a read', by: wasRead(PENDING, 9) },
    { name: 'an accepted cancellation', by: cancelAccepted(9) },
    { name: 'a refused cancellation', by: cancelRefused(TROUBLE) },
    { name: 'a cancellation that is not answered', by: cancelUnanswered(TROUBLE) },
    { name: 'a call that met no answer', by: callFailed }
  ];
  it.each(ends)('is in a row no longer after $name', ({ by }) => {
    expect(followed(READ, wasNotFound(5), by).missing).toBeUndefined();
  });
});

describe('quiet', () => {
  const empty = listAt(0);
  const called = followed(
    opened({ kind: 'create' }),
    wasListed(empty, 0),
    creationBegan(empty, 0),
    createAnnounced(30_000, 0)
  );

  it('is counted in good lists with nothing new', () => {
    const quiet = followed(called, wasListed(listAt(2), 2000), wasListed(listAt(12), 12_000)).quiet;
    expect(quiet).toEqual({ ms: 10_000, lastAt: 12_000 });
  });

  it('is not counted in an outage', () => {
    const c = followed(called, wasListed(empty, 2000), callFailed, wasListed(empty, 60_000));
    expect(c.quiet.ms).toBe(0);
    expect(wasListed(empty, 65_000)(c).quiet.ms).toBe(5000);
  });

  it('is no more than what is waited for, so that a long look publishes nothing', () => {
    const c = followed(called, wasListed(empty, 0), wasListed(empty, 500_000));
    expect(c.quiet.ms).toBe(30_000);
  });

  it('begins anew with each create call', () => {
    const c = followed(
      called,
      wasListed(empty, 0),
      wasListed(empty, 30_000),
      createAnnounced(30_000, 30_000)
    );
    expect(c.quiet).toEqual({ ms: 0, lastAt: undefined });
  });

  it('is over when something new is listed', () => {
    const c = followed(
      called,
      wasListed(empty, 0),
      wasListed(empty, 20_000),
      wasListed(listAt(22, importAt(IMPORT, 20)), 22_000)
    );
    expect(c.quiet.ms).toBe(0);
  });
});

/** A case whose create call was accepted, and whose import a list has shown. */
function createdAndListed(): Case {
  return followed(
    opened({ kind: 'create' }),
    wasListed(listAt(0), 0),
    creationBegan(listAt(0), 0),
    createAnnounced(30_000, 0),
    createAnswered('accepted', 200),
    wasListed(listAt(2, importAt(idOf(1), 1)), 2000)
  );
}

/** A created case, as a test looks at it. */
function createdOf(c: Case): Created & { readonly creation: Creation } {
  if (c.origin !== 'created' || !c.creation) throw new Error('Nothing was to be created');
  return { ...c, creation: c.creation };
}

describe('a creation', () => {
  const began = followed(
    opened({ kind: 'create' }),
    wasListed(listAt(10, importAt(idOf(9), 3)), 500)
  );

  it('is recorded with the list before it and the time by Ops Manager’s clock', () => {
    const before = listAt(10, importAt(idOf(9), 3));
    const c = followed(began, creationBegan(before, 500), createAnnounced(7000, 1500));
    expect(createdOf(c).creation).toMatchObject({
      before: { imports: [{ id: idOf(9) }], count: 1, at: START + 10_000, askedAt: 500 },
      calls: [{ end: 'open', sentAt: START + 11_000, endedAt: undefined, limitMs: 7000 }]
    });
    const done = createAnswered('lost', 8400)(c);
    expect(createdOf(done).creation.calls).toEqual([
      { end: 'lost', sentAt: START + 11_000, endedAt: START + 17_900, limitMs: 7000 }
    ]);
  });

  it('keeps the list before its first call', () => {
    const c = followed(
      began,
      creationBegan(listAt(0), 500),
      createAnnounced(30_000, 600),
      createAnswered('lost', 700)
    );
    const again = followed(c, createAnnounced(30_000, 40_000));
    expect(createdOf(again).creation.before.count).toBe(0);
    expect(createdOf(again).creation.calls).toHaveLength(2);
  });

  it('has no time where Ops Manager’s clock is unknown', () => {
    const c = followed(began, creationBegan(listAt(undefined), 500), createAnnounced(30_000, 600));
    expect(createdOf(c).creation.calls).toMatchObject([{ sentAt: undefined }]);
  });

  it('has no call that was not sent after all, and keeps those before', () => {
    const one = followed(began, creationBegan(listAt(0), 500), createAnnounced(30_000, 0));
    expect(createdOf(createWithdrawn(one)).creation.calls).toEqual([]);
    const two = followed(one, createAnswered('lost', 1), createAnnounced(30_000, 40_000));
    expect(createdOf(createWithdrawn(two)).creation.calls).toMatchObject([{ end: 'lost' }]);
  });

  it('whose one candidate is listed is this step’s and has its first read', () => {
    expect(createdAndListed()).toMatchObject({ id: idOf(1), isOurs: true, firstState: 'PENDING' });
  });

  it('is not certain any more by a list that does not show its import', () => {
    const c = wasListed(listAt(20), 20_000)(createdAndListed());
    expect(c).toMatchObject({ id: idOf(1), isOurs: false });
  });

  it('takes from a list what is older than the last read for nothing new', () => {
    const c = followed(createdAndListed(), wasRead({ ...NEXT, id: idOf(1) }, 61_000));
    expect(wasListed(listAt(62, importAt(idOf(1), 1)), 62_000)(c).read?.state).toBe(NEXT.state);
  });

  it('hears of the end from a list', () => {
    const c = followed(createdAndListed(), wasRead({ ...NEXT, id: idOf(1) }, 61_000));
    const shown = { ...importAt(idOf(1), 1), state: 'CANCELLED' };
    expect(wasListed(listAt(62, shown), 62_000)(c).read?.state).toBe('CANCELLED');
  });

  it('with two candidates is ambiguous once they were read, and stays so', () => {
    const [one, two] = [importAt(idOf(1), 1), importAt(idOf(2), 2)];
    const both = followed(createdAndListed(), wasListed(listAt(5, one, two), 5000));
    expect([isAmbiguous(both), isKnownWhich(both), isOurs(both)]).toEqual([false, false, false]);
    const read = followed(
      both,
      candidateWasRead(one, 6000),
      candidateWasRead(two, 6000),
      becameAmbiguous
    );
    const later = followed(read, wasListed(listAt(9, one), 9000));
    expect([isAmbiguous(later), isOurs(later)]).toEqual([true, false]);
  });

  it('goes on with the one candidate that is left when a read dates the other before the window', () => {
    const [one, undated] = [importAt(idOf(1), 1), { ...importIn('PENDING'), id: idOf(2) }];
    const both = followed(createdAndListed(), wasListed(listAt(5, one, undated), 5000));
    expect(isKnownWhich(both)).toBe(false);
    const c = candidateWasRead(importAt(idOf(2), -3600), 6000)(both);
    expect([c.id, isKnownWhich(c)]).toEqual([idOf(1), true]);
  });

  it('that is the only one, and may be an old one until it is read, is then watched as it was read', () => {
    const known = creationOf(LOST);
    if (!known || LOST.origin !== 'created') throw new Error('Nothing was created');
    // In a post step: of what was listed before only the number is left.
    const resumed = { ...LOST, creation: { ...known, before: { ...known.before, count: 7 } } };
    const shown = wasListed(listAt(2, { ...importIn('PENDING'), id: IMPORT }), 2000)(resumed);
    expect([shown.id, isKnownWhich(shown)]).toEqual([undefined, false]);
    const read = importAt(IMPORT, 1);
    const c = candidateWasRead(read, 3000)(shown);
    expect([c.id, c.read, isOurs(c)]).toEqual([IMPORT, read, true]);
  });

  it('that is watched is put in no doubt by a clock that stands still after it was found', () => {
    const [own, theirs] = [importAt(idOf(1), 1), importAt(idOf(2), 100)];
    const c = wasListed(listAt(100, own, theirs), 5000)(createdAndListed());
    expect([c.id, isKnownWhich(c), isOurs(c)]).toEqual([idOf(1), true, true]);
  });

  it('knows of the one that is left what was told while it was one of several', () => {
    const [undated, own] = [
      { ...importIn('PENDING'), id: idOf(2) },
      importAt(idOf(1), 1, 'AWAIT_GOAL_STATE')
    ];
    const both = followed(createdAndListed(), wasListed(listAt(5, own, undated), 5000));
    const c = followed(
      both,
      candidateWasRead(importAt(idOf(1), 9, 'SUCCESS'), 6000),
      candidateWasRead(importAt(idOf(2), -3600), 6500)
    );
    expect([c.id, c.read?.state, isOurs(c)]).toEqual([idOf(1), 'SUCCESS', false]);
  });

  describe('of which a read dates the watched one before the window', () => {
    const watched = followed(
      LOST,
      wasListed(listAt(2, { ...importIn('PENDING'), id: IMPORT }), 2000)
    );
    const old = { ...importAt(IMPORT, -3600), state: 'AWAIT_GOAL_STATE' };

    it('lets it go, and looks on', () => {
      expect(watched.id).toBe(IMPORT);
      const c = wasRead(old, 3000)(watched);
      expect(c).toMatchObject({ id: undefined, read: undefined, isOurs: false });
      const own = importAt(idOf(7), 1);
      expect(wasListed(listAt(5, own, old), 5000)(c).id).toBe(own.id);
    });

    it.each([
      { name: 'accepted', by: [cancelAnnounced, cancelAccepted(3)] },
      { name: 'refused', by: [cancelAnnounced, cancelRefused(TROUBLE)] },
      { name: 'not answered', by: [cancelAnnounced, cancelUnanswered(TROUBLE)] }
    ])('is ambiguous if its cancellation was asked for and $name', ({ by }) => {
      const c = followed(watched, ...by, wasRead(old, 4000));
      expect([isAmbiguous(c), c.id]).toEqual([true, IMPORT]);
    });
  });

  it('takes a call that a kill cut to have ended when the post step began', () => {
    const c = followed(began, creationBegan(listAt(0), 500), createAnnounced(600_000, 600));
    const open = createdOf(c);
    const resumed = { at: 5000, answeredAt: undefined, isForgotten: false, inProgress: undefined };
    const before = { ...open.creation.before, askedAt: undefined };
    const handed = { ...open, creation: { ...open.creation, before }, resumed };
    // The post step's clock: it began at its 5 s, which is second 100 of Ops Manager's.
    const next = wasListed(listAt(102, importAt(idOf(1), 170)), 7000)(handed);
    expect(createdOf(next).creation.calls).toMatchObject([
      { end: 'lost', endedAt: START + 100_000 }
    ]);
    expect(othersOf(createdOf(next).creation).map(({ id }) => id)).toEqual([idOf(1)]);
  });
});

describe('what was found', () => {
  const shown = { ...PENDING, id: idOf(1) };
  const found = followed(
    opened({ kind: 'discover' }),
    wasListed(listAt(0, shown), 0),
    wasFound(shown, 500)
  );

  it('is the import that is in progress, and not this step’s yet', () => {
    expect(found).toMatchObject({ id: idOf(1), read: shown, isAdopted: false });
    expect(isOurs(found)).toBe(false);
    const adopted = followed(
      opened({ kind: 'create' }),
      wasListed(listAt(0, shown), 0),
      wasFound(shown, 500)
    );
    expect(adopted).toMatchObject({ origin: 'found', isAdopted: true, dueAt: 30_000 });
  });

  const ways: readonly (readonly [string, readonly ((c: Case) => Case)[], boolean])[] = [
    [
      'a list and a read after it',
      [wasListed(listAt(30, shown), 30_100, 30_000), wasRead(shown, 31_000, 30_100)],
      true
    ],
    [
      'a list that was asked for too early',
      [wasListed(listAt(30, shown), 30_100, 29_900), wasRead(shown, 31_000)],
      false
    ],
    [
      'a list that does not show it',
      [wasListed(listAt(30), 30_100), wasRead(shown, 31_000)],
      false
    ],
    [
      'a list that shows it ended',
      [wasListed(listAt(30, { ...shown, state: 'FAILED' }), 30_100), wasRead(shown, 31_000)],
      false
    ],
    ['no list', [wasRead(shown, 31_000)], false],
    [
      'a read that was asked for before the list came',
      [wasListed(listAt(30, shown), 30_100, 30_000), wasRead(shown, 31_000, 30_050)],
      false
    ],
    ['no read', [wasListed(listAt(30, shown), 30_100, 30_000)], false],
    [
      'a read that shows it ended',
      [
        wasListed(listAt(30, shown), 30_100, 30_000),
        wasRead({ ...shown, state: 'SUCCESS' }, 31_000)
      ],
      false
    ]
  ];
  it.each(ways)('is this step’s by %s: %#', (_name, transitions, want) => {
    expect(isOurs(followed(found, ...transitions))).toBe(want);
  });

  it('once this step’s stays so', () => {
    const [, transitions] = ways[0] ?? [];
    const c = followed(found, ...(transitions ?? []), wasListed(listAt(50), 50_000));
    expect(isOurs(wasRead({ ...shown, state: 'SUCCESS' }, 51_000)(c))).toBe(true);
  });
});

describe('a minute of 404s', () => {
  const missing = followed(
    READ,
    ...[0, 15, 30, 45, 60].map((second) => wasNotFound(second * 1000)),
    cancelNotFound(61_000)
  );
  it.each([
    { name: 'a list at its end without the import', by: wasListed(listAt(61), 61_500), want: true },
    { name: 'a list that shows it', by: wasListed(listAt(61, PENDING), 61_500), want: false },
    { name: 'a list before its end', by: wasListed(listAt(61), 61_500, 59_000), want: false },
    { name: 'no list', by: (c: Case): Case => c, want: false }
  ])('means that it is gone by $name: $want', ({ by, want }) => {
    expect(isGone(by(missing))).toBe(want);
  });
});

describe('the end of a case', () => {
  const stalled = { kind: 'stalled', stalledMs: 5 } as const;

  it('is the first one', () => {
    const c = followed(
      READ,
      waitEnded(stalled),
      waitEnded({ kind: 'interrupted', by: 'A signal' })
    );
    expect(c.ending).toBe(stalled);
  });

  it('has the deletion as it stands', () => {
    expect(deletionChanged({ kind: 'asked' })(READ).deletion).toEqual({ kind: 'asked' });
  });

  it('has the last status, and whether it was delivered', () => {
    const c = stepFinished(statusOf('failure'))(READ);
    expect(c).toMatchObject({ isFinished: true, status: { isDelivered: false } });
    expect(statusDelivered(c).status?.isDelivered).toBe(true);
    expect(statusDelivered(READ).status).toBeUndefined();
  });
});

describe('a transition that says nothing new', () => {
  it('gives the very same case', () => {
    expect(callFailed(READ)).toBe(READ);
    expect(createAnswered('lost', 1)(READ)).toBe(READ);
    expect(createWithdrawn(READ)).toBe(READ);
    expect(statusDelivered(READ)).toBe(READ);
  });
});
