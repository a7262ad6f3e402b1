import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import {
  beganBefore,
  candidatesOf,
  hasNews,
  isUndecided,
  othersOf,
  pruned,
  withList,
  withRead
} from '../../src/case/creation.ts';
import type { Import } from '../../src/case/import.ts';
import {
  at,
  call,
  creation,
  creationBefore,
  idsOf,
  isCandidate,
  listed
} from '../support/creations.ts';
import { after, idOf, IMPORT, importAt, importIn, listAt } from '../support/imports.ts';

/** What is saved of a creation at first. */
const LIMITS = { importsBefore: 60, newcomers: 20, calls: 12 };

describe('a candidate', () => {
  it.each([
    { began: 39.9, want: false },
    { began: 40, want: true },
    { began: 103, want: true },
    { began: 163, want: true },
    { began: 163.1, want: false },
    { began: 3600, want: false }
  ])(
    'begins no more than a minute before the list before, or after the last call: $began s is $want',
    ({ began, want }) => {
      expect(isCandidate(creation(), importAt(idOf(1), began))).toBe(want);
    }
  );

  it('may be dated by a clock that is 59 s behind that of the replies, or ahead of it', () => {
    for (const skew of [-59, 59])
      expect(isCandidate(creation(), importAt(idOf(1), 102 + skew))).toBe(true);
  });

  it('can be later by as much as the last of several calls ended later', () => {
    const calls = [call('lost', 101, 131), call('lost', 170, 200)];
    expect(isCandidate(creation({ calls }), importAt(idOf(1), 259))).toBe(true);
    expect(isCandidate(creation({ calls }), importAt(idOf(1), 261))).toBe(false);
  });

  it('is not made later by a call that was refused', () => {
    const calls = [call('lost', 101, 131), call('refused', 270, 300)];
    expect(isCandidate(creation({ calls }), importAt(idOf(1), 250))).toBe(false);
  });

  it('of a call whose end nobody saw has the time that the call could take', () => {
    const calls = [call('open', 101, undefined, 600_000)];
    expect(isCandidate(creation({ calls }), importAt(idOf(1), 760))).toBe(true);
    expect(isCandidate(creation({ calls }), importAt(idOf(1), 762))).toBe(false);
  });

  it('is every new one without a clock of Ops Manager’s', () => {
    const silent = { ...creationBefore(listAt(undefined), 0), calls: [call('accepted')] };
    expect(isCandidate(silent, importAt(idOf(1), 0))).toBe(true);
    expect(isCandidate(silent, importAt(idOf(1), 90_000))).toBe(true);
  });

  it('is a new one whose history cannot be read', () => {
    expect(isCandidate(creation(), { ...importIn('PENDING'), id: idOf(1) })).toBe(true);
  });

  it('is not what was listed before', () => {
    const old = importAt(idOf(1), 99);
    const before = creation(creationBefore(listAt(100, old), 100_000));
    expect(listed(before, 110, old).newcomers).toEqual([]);
  });

  it('is counted over all lists together', () => {
    const one = listed(creation(), 110, importAt(idOf(1), 102));
    const both = listed(one, 120, importAt(idOf(2), 103));
    expect(idsOf(candidatesOf(both))).toEqual([idOf(1), idOf(2)]);
    expect([isUndecided(one), isUndecided(both)]).toEqual([false, true]);
  });

  it('beside one that dates exclude is the one', () => {
    const c = listed(creation(), 120, importAt(idOf(1), 102), importAt(idOf(2), 500));
    expect(idsOf(candidatesOf(c))).toEqual([idOf(1)]);
    expect(idsOf(othersOf(c))).toEqual([idOf(2)]);
    expect(isUndecided(c)).toBe(false);
  });

  it('has the state of the last list, and the earliest date that any list has shown', () => {
    const first = listed(creation(), 110, importAt(idOf(1), 102));
    const next = listed(first, 120, importAt(idOf(1), 115, 'AWAIT_GOAL_STATE'));
    expect(next.newcomers).toMatchObject([{ state: 'AWAIT_GOAL_STATE', beganAt: at(102) }]);
  });

  it('that had no date at first is none once a list or a read dates it before the window', () => {
    const undated = listed(creation(), 110, { ...importIn('PENDING'), id: idOf(1) });
    expect(candidatesOf(undated)).toHaveLength(1);
    const old = importAt(idOf(1), -3600);
    expect(candidatesOf(withRead(undated, old))).toEqual([]);
    expect(candidatesOf(listed(undated, 112, old))).toEqual([]);
  });

  it('was listed when the list was answered, also where a suspended process heard of it later', () => {
    const undated = { ...importIn('PENDING'), id: idOf(1) };
    const list = { imports: [undated], readAt: after(110) };
    const c = withList(creation(), list, 230_000, 105_000);
    expect(candidatesOf(withRead(c, importAt(undated.id, 220)))).toHaveLength(1);
  });

  it('stays one whose history hides its beginning, if a list had shown it in time', () => {
    const undated = listed(creation(), 110, { ...importIn('PENDING'), id: idOf(1) });
    const cancelled = importAt(idOf(1), 500, 'CANCELLED');
    expect(idsOf(candidatesOf(withRead(undated, cancelled)))).toEqual([idOf(1)]);
    expect(candidatesOf(listed(creation(), 510, cancelled))).toEqual([]);
  });

  it('is kept before those that run, and these before those that ended, where not all can be', () => {
    const ended = Array.from({ length: 30 }, (_, nth) => importAt(idOf(nth), -3600, 'FAILED'));
    const runs = Array.from({ length: 30 }, (_, nth) => importAt(idOf(100 + nth), -3600));
    const own = importAt(idOf(500), 102);
    const c = listed(creation(), 110, ...ended, ...runs, own);
    expect(c.newcomers).toHaveLength(61);
    expect(idsOf(pruned(c, LIMITS).newcomers)).toEqual([own.id, ...idsOf(runs).slice(0, 19)]);
  });
});

describe('the closing list', () => {
  const own = importAt(idOf(1), 102);
  const late = importAt(idOf(2), 103);

  it('is the last one that shows a candidate, whatever the dates of what comes later', () => {
    const closed = listed(creation(), 133, own);
    expect(closed.isClosed).toBe(true);
    expect(idsOf(listed(closed, 135, own, late).newcomers)).toEqual([own.id]);
  });

  it('is not one that was asked for before its time', () => {
    const open = listed(creation(), 132.9, own);
    expect(open.isClosed).toBe(false);
    expect(idsOf(listed(open, 133, own, late).newcomers)).toEqual([own.id, late.id]);
  });

  it('is the first in which a candidate is known, if it comes as late as it may', () => {
    const nothing = listed(creation(), 300);
    expect(nothing.isClosed).toBe(false);
    const closed = listed(nothing, 310, own);
    expect([closed.isClosed, idsOf(closed.newcomers)]).toEqual([true, [own.id]]);
  });

  it('is none when its only candidate turns out to be none', () => {
    const closed = listed(creation(), 133, { ...importIn('PENDING'), id: own.id });
    const open = withRead(closed, importAt(own.id, -3600));
    expect(open.isClosed).toBe(false);
    expect(idsOf(listed(open, 140, late).newcomers)).toContain(late.id);
  });

  it('is a later one, whose newcomers count, when a date undoes it', () => {
    const closed = listed(creation(), 133, { ...importIn('PENDING'), id: own.id });
    const latest = importAt(idOf(3), 104);
    const both = listed(listed(closed, 140, own, late), 150, late, latest);
    expect(idsOf(candidatesOf(both))).toEqual([own.id]);
    const dated = withRead(both, importAt(own.id, -3600));
    expect([dated.isClosed, idsOf(candidatesOf(dated))]).toEqual([true, [late.id]]);
  });

  it('is none when the next list dates its only candidate', () => {
    const closed = listed(creation(), 133, { ...importIn('PENDING'), id: own.id });
    const open = listed(closed, 135, importAt(own.id, -3600), late);
    expect(idsOf(open.newcomers)).toEqual([own.id, late.id]);
    expect(idsOf(candidatesOf(open))).toEqual([late.id]);
  });
});

describe('a clock that stood still', () => {
  const lost = creation({ isClockLost: true });
  const late = importAt(idOf(1), 600);

  it('excludes nothing that came later than the calls seem to have ended', () => {
    expect(isCandidate(lost, late)).toBe(true);
    expect(isCandidate(lost, importAt(idOf(1), 39))).toBe(false);
  });

  it('leaves what is new to anybody, whatever a read says', () => {
    const c = listed(lost, 610, late);
    expect([isUndecided(c), isUndecided(withRead(c, late))]).toEqual([true, true]);
  });
});

describe('something new', () => {
  it.each([
    { name: 'a candidate', each: importAt(idOf(1), 102), want: true },
    { name: 'a candidate that has ended', each: importAt(idOf(1), 102, 'FAILED'), want: true },
    { name: 'what dates exclude, and runs', each: importAt(idOf(1), 0), want: true },
    { name: 'what dates exclude, and has ended', each: importAt(idOf(1), 0, 'FAILED'), want: false }
  ])('is $name: $want', ({ each, want }) => {
    expect(hasNews(listed(creation(), 110, each))).toBe(want);
  });
});

/** Old imports, one an hour before the other. */
function oldImports(count: number): Import[] {
  return Array.from({ length: count }, (_, index) =>
    importAt(idOf(1_000_000 + index), 30 - 3600 * (count - index), 'SUCCESS')
  );
}

describe('what began before the list before', () => {
  it('is told by dates alone, of the one that is meant', () => {
    const c = listed(creation(), 110, importAt(idOf(1), 99), importAt(idOf(2), 101));
    expect([1, 2, 3].map((nth) => beganBefore(c, idOf(nth)))).toEqual([true, false, false]);
    expect(beganBefore(listed(creation(), 110, importIn('PENDING')), IMPORT)).toBe(false);
    const undated = creationBefore(listAt(undefined), 100_000);
    expect(beganBefore(listed(undated, 110, importAt(idOf(1), 99)), idOf(1))).toBe(false);
  });
});

describe('a closed creation', () => {
  it('stays so with a read of a candidate, and opens again with one that dates exclude', () => {
    const undated = { ...importIn('PENDING'), id: idOf(1) };
    const closed = listed(creation(), 140, undated);
    expect(closed.isClosed).toBe(true);
    expect(withRead(closed, importAt(idOf(1), 102)).isClosed).toBe(true);
    expect(withRead(closed, importAt(idOf(1), 0)).isClosed).toBe(false);
  });

  it('keeps nothing of later lists that show nobody new', () => {
    const own = importAt(idOf(1), 102);
    const closed = listed(creation(), 140, own);
    expect(listed(listed(closed, 150, own), 160)).toStrictEqual(closed);
    expect(listed(closed, 150, own, importAt(idOf(2), 120)).late).toHaveLength(1);
  });
});

describe('without a clock of Ops Manager’s', () => {
  it('what began a minute before the newest that was listed before is an old one', () => {
    const before = creationBefore(
      listAt(undefined, importAt(idOf(1), 100), importAt(idOf(2), 500), importAt(idOf(3), 300)),
      100_000
    );
    // Of what was listed before, only the number is left for one.
    const c = { ...before, before: { ...before.before, count: 4 }, calls: [call('accepted')] };
    const shown = listed(c, 510, importAt(idOf(4), 439));
    expect(shown.newcomers).toEqual([]);
    expect(idsOf(listed(c, 510, importAt(idOf(4), 440)).newcomers)).toEqual([idOf(4)]);
  });

  it('dates exclude nobody', () => {
    const c = { ...creationBefore(listAt(undefined), 100_000), calls: [call('accepted')] };
    for (const second of [-3600, 3600])
      expect(isCandidate(c, importAt(idOf(1), second))).toBe(true);
  });
});

describe('a creation that was pruned for saving', () => {
  it('keeps the newest calls', () => {
    const calls = Array.from({ length: 20 }, (_, nth) => call('lost', nth, nth + 1));
    expect(pruned(creation({ calls }), LIMITS).calls).toEqual(calls.slice(-12));
  });

  it('keeps the newest of what was listed before, in whatever order', () => {
    const ended = [7, 3, 9, 1, 5].map((nth) => importAt(idOf(nth), nth, 'SUCCESS'));
    const kept = pruned(creation(creationBefore(listAt(100, ...ended), 100_000)), {
      ...LIMITS,
      importsBefore: 3
    });
    expect(idsOf(kept.before.imports)).toEqual([9, 7, 5].map(idOf));
  });

  it('counts what it left out of all that may be the step’s own', () => {
    const many = Array.from({ length: 30 }, (_, nth) => importAt(idOf(nth), 102));
    const twice = pruned(pruned(listed(creation(), 110, ...many), LIMITS), {
      ...LIMITS,
      newcomers: 15
    });
    expect(twice).toMatchObject({ leftOut: 15 });
    expect(twice.newcomers).toHaveLength(15);
  });

  it('has one read first that is shown again without a date, and may have been left out', () => {
    const before = creation({
      ...creationBefore(listAt(100), 100_000),
      calls: [call('accepted', 101, 102)]
    });
    const others = Array.from({ length: 24 }, (_, nth) => importAt(idOf(nth), 10, 'SUCCESS'));
    const kept = pruned(listed(before, 110, ...others), LIMITS);
    expect(kept.newcomers).toHaveLength(20);
    const left = others.filter(({ id }) => kept.newcomers.every((each) => each.id !== id));
    const again = listed(
      kept,
      111,
      ...left.slice(0, 1).map((each) => ({ ...each, transitions: [] }))
    );
    expect(candidatesOf(again)).toHaveLength(1);
    expect(isUndecided(again)).toBe(true);
  });

  it('knows as old what began a minute before the list, though it kept only what began later', () => {
    const ended = [0, 10, 20].map((second, nth) => importAt(idOf(nth), second, 'FAILED'));
    const kept = pruned(creation(creationBefore(listAt(100, ...ended), 100_000)), {
      ...LIMITS,
      importsBefore: 2
    });
    expect(listed(kept, 110, ...ended).newcomers).toEqual([]);
  });

  const old = oldImports(5000);
  const whole = creation({
    ...creationBefore(listAt(100, ...old), 100_000),
    calls: [call('lost', 101, 103)]
  });

  it('keeps of 5,000 old imports their number and the newest', () => {
    expect(idsOf(pruned(whole, { ...LIMITS, importsBefore: 2 }).before.imports)).toEqual([
      idOf(1_004_999),
      idOf(1_004_998)
    ]);
    expect(pruned(whole, LIMITS).before).toMatchObject({
      count: 5000,
      at: at(100),
      isIncomplete: false
    });
  });

  it('finds the same candidates and others as the whole one', () => {
    const second = fc.integer({ min: -200, max: 400 });
    const requests = fc.uniqueArray(fc.tuple(fc.nat({ max: 99 }), second), {
      maxLength: 8,
      selector: ([id]) => id
    });
    fc.assert(
      fc.property(requests, requests, fc.nat({ max: 60 }), (before, later, gone) => {
        const known = before
          .filter(([, began]) => began <= 100)
          .map(([id, began]) => importAt(idOf(id), began, id % 2 === 0 ? 'PENDING' : 'SUCCESS'));
        // What begins after the list before, as imports do.
        const fresh = later.map(([id, began]) => importAt(idOf(id + 100), Math.max(began, 41)));
        const some = old.slice(-500 + gone);
        const all = creation(creationBefore(listAt(100, ...some, ...known), 100_000));
        const list = listAt(400, ...some, ...known, ...fresh);
        const want = withList(all, list, 400_000, 400_000);
        const got = withList(pruned(all, LIMITS), list, 400_000, 400_000);
        expect(idsOf(candidatesOf(got)).sort()).toEqual(idsOf(candidatesOf(want)).sort());
        expect(idsOf(othersOf(got)).sort()).toEqual(idsOf(othersOf(want)).sort());
      }),
      { numRuns: 40 }
    );
  });

  it('keeps what is in progress, and what began when the list was read', () => {
    const running = importAt(idOf(1), -1_000_000, 'AWAIT_GOAL_STATE');
    const ending = importAt(idOf(2), 97, 'FAILED');
    const { before } = pruned(
      creation(creationBefore(listAt(100, ...old, running, ending), 100_000)),
      LIMITS
    );
    expect(idsOf(before.imports).slice(0, 2)).toEqual([ending.id, running.id]);
    expect(before.count).toBe(5002);
    expect(before.isIncomplete).toBe(false);
    const all = creation(creationBefore(listAt(100, running, ending), 100_000));
    expect(pruned(all, LIMITS).before.isIncomplete).toBe(false);
  });

  it('is undecided as soon as something is new, if what may be mistaken had to be left out', () => {
    const crowd = Array.from({ length: 70 }, (_, index) => importAt(idOf(index), 99));
    const calls = [call('lost', 101, 103)];
    const c = pruned(
      creation({ ...creationBefore(listAt(100, ...crowd), 100_000), calls }),
      LIMITS
    );
    expect(c.before).toMatchObject({ count: 70, isIncomplete: true });
    expect(c.before.imports).toHaveLength(60);
    expect(isUndecided(listed(c, 110, ...crowd, importAt(idOf(500), 102)))).toBe(true);
  });

  it('has one that is new to the list read before anything is said of it: it may be an old one without its date', () => {
    const undated = { ...importIn('SUCCESS'), id: idOf(1_000_007) };
    const c = listed(pruned(whole, LIMITS), 200, undated);
    expect(isUndecided(c)).toBe(true);
    expect(candidatesOf(withRead(c, importAt(undated.id, -7200, 'SUCCESS')))).toEqual([]);
    // One that a read has dated is sure.
    expect(isUndecided(withRead(c, importAt(undated.id, 102)))).toBe(false);
  });

  it('counts an old import that was not listed before as new: the rest is not', () => {
    const late = importAt(idOf(7), 20, 'PENDING');
    expect(idsOf(listed(pruned(whole, LIMITS), 200, ...old, late).newcomers)).toEqual([late.id]);
  });
});
