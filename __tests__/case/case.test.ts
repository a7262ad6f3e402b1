import { describe, expect, it } from '@jest/globals';
import { forgotten, opened, type Case } from '../../src/case/case.ts';
import {
  accepted,
  adopted,
  asking,
  createEnded,
  creating,
  deletion,
  discovered,
  ended,
  faltered,
  finished,
  listed,
  notCreating,
  notFound,
  read,
  refused,
  statusDelivered,
  unanswered,
  worked
} from '../../src/case/transitions.ts';
import { find } from '../../src/case/creation.ts';
import { followed, LOST } from '../support/cases.ts';
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
const FOREIGN_CLOCK = 7_000_000;

/** What a transition changes. */
function changes(before: Case, transition: (c: Case) => Case): Partial<Case> {
  const next = transition(before);
  const names = Object.keys(next) as (keyof Case)[];
  return Object.fromEntries(
    names.filter((name) => next[name] !== before[name]).map((name) => [name, next[name]])
  );
}

const GIVEN = opened('given', IMPORT);
const READ = read(PENDING, 1000)(GIVEN);

describe('a case that is opened', () => {
  it('is confirmed only where the import was given', () => {
    const confirmed = (['given', 'discovered', 'created'] as const).filter(
      (origin) => opened(origin).isConfirmed
    );
    expect(confirmed).toEqual(['given']);
  });

  it('knows nothing else', () => {
    expect(opened('given', IMPORT)).toMatchObject({
      id: IMPORT,
      read: undefined,
      hasWorked: false,
      ending: undefined,
      isFinished: false
    });
  });

  it('after a saved one was cut takes whatever is listed for ambiguous, and foreign pages for passing', () => {
    const cut = forgotten('created');
    expect(cut.hasWorked).toBe(true);
    const seen = listed(listAt(60, importAt(IMPORT, 30)), 60_000)(cut);
    expect(seen.creation?.isAmbiguous).toBe(true);
    expect(seen.id).toBeUndefined();
  });
});

describe('a read', () => {
  it('is what is known from then on, and means that the configuration works', () => {
    expect(READ).toMatchObject({ read: PENDING, firstState: 'PENDING', hasWorked: true });
    const next = read(NEXT, 61_000)(READ);
    expect(next).toMatchObject({ read: NEXT, firstState: 'PENDING' });
  });

  it('from a node that lags ends what is missing, and changes nothing else', () => {
    const missing = followed(GIVEN, read(NEXT, 61_000), notFound('read', 62_000));
    const behind = { ...PENDING, readAt: NEXT.readAt };
    expect(changes(missing, read(behind, 61_000))).toEqual({ missing: undefined });
  });

  it('of a created import in a new state wants a list to confirm it again', () => {
    const created = createdAndListed();
    expect(created.isConfirmed).toBe(true);
    expect(read({ ...PENDING, id: idOf(1) }, 3000)(created).isConfirmed).toBe(true);
    expect(read({ ...NEXT, id: idOf(1) }, 61_000)(created).isConfirmed).toBe(false);
  });

  it('of a given import needs no list', () => {
    expect(followed(READ, read(NEXT, 61_000)).isConfirmed).toBe(true);
  });

  it('tells how far Ops Manager’s clock is off, and one that was long on its way does not undo it', () => {
    const quick = read(PENDING, FOREIGN_CLOCK)(GIVEN);
    expect(quick.clockOffsetMs).toBe(START + 1000 - FOREIGN_CLOCK);
    const slow = read(PENDING, FOREIGN_CLOCK + 20_000)(quick);
    expect(slow.clockOffsetMs).toBe(quick.clockOffsetMs);
    expect(read({ ...PENDING, readAt: undefined }, 5)(quick).clockOffsetMs).toBe(
      quick.clockOffsetMs
    );
  });
});

describe('what is asked', () => {
  const sequences: readonly {
    readonly name: string;
    readonly transitions: readonly ((c: Case) => Case)[];
    readonly want: Partial<Case['cancel']>;
  }[] = [
    { name: 'is under way', transitions: [asking], want: { isOpen: true, isAccepted: false } },
    {
      name: 'is accepted',
      transitions: [asking, accepted],
      want: { isOpen: false, isAccepted: true }
    },
    {
      name: 'is refused',
      transitions: [asking, refused(TROUBLE)],
      want: { isOpen: false, isAccepted: false, refusal: TROUBLE, failure: undefined }
    },
    {
      name: 'is not answered',
      transitions: [asking, unanswered(TROUBLE)],
      want: { isOpen: false, isUnanswered: true, failure: TROUBLE, refusal: undefined }
    },
    {
      name: 'stays accepted when a later attempt is refused',
      transitions: [asking, accepted, asking, refused(TROUBLE)],
      want: { isAccepted: true, isOpen: false }
    },
    {
      name: 'was cut by a signal, and is made again',
      transitions: [asking, asking, refused(TROUBLE)],
      want: { isUnanswered: true, isOpen: false, refusal: TROUBLE }
    },
    {
      name: 'stays unanswered when a later attempt is refused',
      transitions: [asking, unanswered(TROUBLE), asking, refused(TROUBLE)],
      want: { isUnanswered: true, refusal: TROUBLE, failure: undefined }
    },
    {
      name: 'was refused and then not answered',
      transitions: [asking, refused(TROUBLE), asking, unanswered(TROUBLE)],
      want: { isUnanswered: true, refusal: undefined, failure: TROUBLE }
    },
    {
      name: 'met a 404, which is neither',
      transitions: [asking, notFound('cancel', 5)],
      want: { isOpen: false, isAccepted: false, isUnanswered: false, refusal: undefined }
    }
  ];
  it.each(sequences)('$name', ({ transitions, want }) => {
    expect(followed(READ, ...transitions).cancel).toMatchObject(want);
  });
});

describe('an answer of Ops Manager’s own, if only a no,', () => {
  it.each([
    { name: 'to a read', transitions: [notFound('read', 5)] },
    { name: 'to a cancel call', transitions: [asking, refused(TROUBLE)] }
  ])('means that the configuration works: $name', ({ transitions }) => {
    expect(followed(GIVEN, ...transitions).hasWorked).toBe(true);
  });
});

describe('a list that was long on its way', () => {
  it('dates the calls after it too early, until a quick answer tells better', () => {
    const sentMs = 20_000;
    const slow = followed(opened('created'), listed(listAt(0), sentMs));
    const call = followed(slow, creating(listAt(0), 30_000, sentMs), createEnded('lost', 50_000));
    expect(call.creation?.calls[0]?.endedAt).toBe(Date.parse(after(30)));
    // More than an answer can take is a machine that was suspended.
    const awake = listed(listAt(200), 51_000)(call);
    expect(awake.creation?.calls[0]?.endedAt).toBe(Date.parse(after(30)));
    const doubtful = listed(listAt(201, importAt(IMPORT, 60)), 52_000)(awake);
    expect([doubtful.id, doubtful.creation?.isAmbiguous]).toEqual([undefined, true]);
    const better = listed(listAt(51), 51_000)(call);
    expect(better.creation?.calls[0]).toMatchObject({
      sentAt: Date.parse(after(20)),
      endedAt: Date.parse(after(50))
    });
  });

  it('tells of the time at which it was asked for: nothing new then is not nothing new now', () => {
    const quick = followed(LOST, listed(listAt(1), 1000), listed(listAt(31), 31_000));
    const slow = followed(LOST, listed(listAt(1), 1000), listed(listAt(2), 31_000, 2000));
    expect([quick.quiet.ms, slow.quiet.ms]).toEqual([30_000, 1000]);
  });
});

describe('an import that is not found', () => {
  it('is missing since the first 404 in a row until the last', () => {
    const missing = followed(
      READ,
      notFound('read', 5),
      notFound('cancel', 30),
      notFound('read', 61)
    );
    expect(missing.missing).toEqual({ since: 5, until: 61, wasAsked: true });
    // A machine that was suspended has met no 404s in between.
    const suspended = notFound('read', 3_600_061)(missing).missing;
    expect((suspended?.until ?? 0) - (suspended?.since ?? 0)).toBe(56 + 20_000);
    expect(followed(READ, notFound('read', 5)).missing?.wasAsked).toBe(false);
  });

  const ends: readonly { readonly name: string; readonly by: (c: Case) => Case }[] = [
    { name: 'a read', by: read(PENDING, 9) },
    { name: 'an accepted cancellation', by: accepted },
    { name: 'a refused cancellation', by: refused(TROUBLE) },
    { name: 'a cancellation that is not answered', by: unanswered(TROUBLE) },
    { name: 'a call that met no answer', by: faltered }
  ];
  it.each(ends)('is in a row no longer after $name', ({ by }) => {
    expect(followed(READ, notFound('read', 5), by).missing).toBeUndefined();
  });
});

describe('quiet', () => {
  const empty = listAt(0);
  const called = followed(opened('created'), listed(empty, 0), creating(empty, 30_000, 0));

  it('is counted in good lists with nothing new', () => {
    const quiet = followed(called, listed(listAt(2), 2000), listed(listAt(12), 12_000)).quiet;
    expect(quiet).toEqual({ ms: 10_000, lastAt: 12_000 });
  });

  it('is not counted in an outage', () => {
    const c = followed(called, listed(empty, 2000), faltered, listed(empty, 60_000));
    expect(c.quiet.ms).toBe(0);
    expect(listed(empty, 65_000)(c).quiet.ms).toBe(5000);
  });

  it('is no more than what is waited for, so that a long look publishes nothing', () => {
    const c = followed(called, listed(empty, 0), listed(empty, 500_000));
    expect(c.quiet.ms).toBe(30_000);
  });

  it('begins anew with each create call', () => {
    const c = followed(
      called,
      listed(empty, 0),
      listed(empty, 30_000),
      creating(empty, 30_000, 30_000)
    );
    expect(c.quiet).toEqual({ ms: 0, lastAt: undefined });
  });

  it('is over when something new is listed', () => {
    const c = followed(
      called,
      listed(empty, 0),
      listed(empty, 20_000),
      listed(listAt(22, importAt(IMPORT, 900)), 22_000)
    );
    expect(c.quiet.ms).toBe(0);
  });
});

/** A case whose create call was accepted, and whose import a list has shown. */
function createdAndListed(): Case {
  return followed(
    opened('created'),
    listed(listAt(0), 0),
    creating(listAt(0), 30_000, 0),
    createEnded('accepted', 200),
    listed(listAt(2, importAt(idOf(1), 1)), 2000)
  );
}

describe('a creation', () => {
  it('is recorded with the list before it and the time by Ops Manager’s clock', () => {
    const before = listAt(10, importAt(idOf(9), 3));
    const c = followed(opened('created'), listed(before, 500), creating(before, 7000, 1500));
    expect(c.creation).toMatchObject({
      before: { requests: [{ id: idOf(9) }], count: 1, at: START + 10_000 },
      calls: [{ end: 'open', sentAt: START + 11_000, endedAt: undefined, limitMs: 7000 }]
    });
    const done = createEnded('lost', 8500)(c);
    expect(done.creation?.calls).toEqual([
      { end: 'lost', sentAt: START + 11_000, endedAt: START + 18_000, limitMs: 7000 }
    ]);
  });

  it('keeps the list before its first call', () => {
    const c = followed(
      opened('created'),
      listed(listAt(0), 0),
      creating(listAt(0), 30_000, 0),
      createEnded('lost', 100),
      creating(listAt(40, importAt(IMPORT, 39)), 30_000, 40_000)
    );
    expect(c.creation?.before.count).toBe(0);
    expect(c.creation?.calls).toHaveLength(2);
  });

  it('has no time where Ops Manager’s clock is unknown', () => {
    const c = creating(listAt(undefined), 30_000, 0)(opened('created'));
    expect(c.creation?.calls).toMatchObject([{ sentAt: undefined }]);
  });

  it('is none when its only call was not sent after all, and keeps those before', () => {
    const one = creating(listAt(0), 30_000, 0)(opened('created'));
    expect(notCreating(one).creation).toBeUndefined();
    const two = followed(one, createEnded('lost', 1), creating(listAt(0), 30_000, 40_000));
    expect(notCreating(two).creation?.calls).toMatchObject([{ end: 'lost' }]);
  });

  it('whose one candidate is listed is confirmed and has its first read', () => {
    const c = createdAndListed();
    expect(c).toMatchObject({ id: idOf(1), isConfirmed: true, firstState: 'PENDING' });
  });

  it('is no longer confirmed by a list that does not show its import', () => {
    const c = listed(listAt(40), 40_000)(createdAndListed());
    expect(c).toMatchObject({ id: idOf(1), isConfirmed: false });
  });

  it('takes from a list what is older than the last read for nothing new', () => {
    const c = followed(createdAndListed(), read({ ...NEXT, id: idOf(1) }, 61_000));
    expect(listed(listAt(62, importAt(idOf(1), 1)), 62_000)(c).read?.state).toBe(NEXT.state);
  });

  it('hears of the end from a list', () => {
    const c = followed(createdAndListed(), read({ ...NEXT, id: idOf(1) }, 61_000));
    const shown = { ...importAt(idOf(1), 1), state: 'CANCELLED' };
    expect(listed(listAt(62, shown), 62_000)(c).read?.state).toBe('CANCELLED');
  });

  it('with two candidates is ambiguous, and stays so', () => {
    const two = listed(listAt(5, importAt(idOf(1), 1), importAt(idOf(2), 2)), 5000);
    const c = followed(createdAndListed(), two, listed(listAt(9, importAt(idOf(1), 1)), 9000));
    expect(c.creation?.isAmbiguous).toBe(true);
    expect(c.isConfirmed).toBe(false);
  });

  it('takes a call that a kill cut to have ended when the post step began', () => {
    const open = followed(opened('created'), listed(listAt(0), 0), creating(listAt(0), 600_000, 0));
    const resumed: Case = { ...open, clockOffsetMs: undefined, resumedAt: 5000 };
    // The post step's clock: it began at its 5 s, which is second 100 of Ops Manager's.
    const c = listed(listAt(102, importAt(idOf(1), 170)), 7000)(resumed);
    expect(c.creation?.calls).toMatchObject([{ end: 'lost', endedAt: START + 100_000 }]);
    expect(c.creation && find(c.creation).outsiders.map(({ id }) => id)).toEqual([idOf(1)]);
  });
});

describe('a discovery', () => {
  const shown = { ...PENDING, id: idOf(1) };
  const found = discovered(shown, listAt(10, shown), 10_000)(opened('discovered'));

  it('has the import that was in progress, not confirmed yet', () => {
    expect(found).toMatchObject({ id: idOf(1), read: shown, isConfirmed: false });
    expect(adopted(shown, listAt(10, shown), 10_000)(opened('created')).origin).toBe('adopted');
  });

  const others: readonly (readonly [string, ReturnType<typeof importAt>, boolean])[] = [
    ['runs since before', importAt(idOf(2), 5), true],
    ['began within the second of the list', importAt(idOf(2), 10.5), true],
    ['began later', importAt(idOf(2), 12), false],
    ['had ended before', { ...importAt(idOf(2), 5), state: 'SUCCESS' }, false],
    [
      'ended since then',
      {
        ...importIn('SUCCESS', history(['PENDING', 5], ['SUCCESS', 20])),
        id: idOf(2)
      },
      true
    ]
  ];
  it.each(others)('is put in doubt by another one that %s: %s', (_name, other, isDoubt) => {
    const c = listed(listAt(40, shown, other), 40_000)(found);
    expect(c.discovery?.others !== undefined).toBe(isDoubt);
    expect(c.isConfirmed).toBe(!isDoubt);
  });

  it('once in doubt stays so', () => {
    const c = followed(
      found,
      listed(listAt(40, shown, importAt(idOf(2), 5)), 40_000),
      listed(listAt(50, shown), 50_000)
    );
    expect(c.discovery?.others?.imports).toMatchObject([{ id: idOf(2) }, { id: idOf(1) }]);
  });
});

describe('the end of a case', () => {
  const stalled = { kind: 'stalled', stalledMs: 5 } as const;

  it('is the first one', () => {
    const c = followed(READ, ended(stalled), ended({ kind: 'interrupted', by: 'A signal' }));
    expect(c.ending).toBe(stalled);
  });

  it('has the deletion as it stands', () => {
    expect(deletion({ kind: 'asked' })(READ).deletion).toEqual({ kind: 'asked' });
  });

  it('has the last status, and whether it was delivered', () => {
    const c = finished(statusOf('failure'))(READ);
    expect(c).toMatchObject({ isFinished: true, status: { isDelivered: false } });
    expect(statusDelivered(c).status?.isDelivered).toBe(true);
    expect(statusDelivered(READ).status).toBeUndefined();
  });
});

describe('a transition that says nothing new', () => {
  it('gives the very same case', () => {
    expect(worked(READ)).toBe(READ);
    expect(faltered(READ)).toBe(READ);
    expect(createEnded('lost', 1)(READ)).toBe(READ);
    expect(notCreating(READ)).toBe(READ);
    expect(statusDelivered(READ)).toBe(READ);
  });
});
