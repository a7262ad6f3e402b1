import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import {
  candidatesOf,
  creationAfter,
  hasAccepted,
  hasNews,
  isUndecided,
  mayHaveCreated,
  othersOf,
  withCall,
  withCallsEnded,
  withEnd,
  withList,
  withRead,
  withTime,
  type CreateCall,
  type Creation,
  withMostTelling
} from '../../src/case/creation.ts';
import type { Import } from '../../src/case/import.ts';
import { pruned } from '../../src/case/saved-case.ts';
import { idOf, importAt, importIn, listAt, START } from '../support/imports.ts';

const at = (second: number): number => START + second * 1000;

function call(
  end: CreateCall['end'],
  sent?: number,
  endedAt?: number,
  limitMs = 30_000
): CreateCall {
  return {
    end,
    sentAt: sent === undefined ? undefined : at(sent),
    endedAt: endedAt === undefined ? undefined : at(endedAt),
    limitMs
  };
}

/** A creation that listed nothing at second 100 and called from 101 to 103; its clock says the same. */
function creation(given: Partial<Creation> = {}): Creation {
  const began = creationAfter(listAt(100), 100_000);
  return { ...began, calls: [call('accepted', 101, 103)], closesAt: 133_000, ...given };
}

function idsOf(requests: readonly { readonly id: string }[]): string[] {
  return requests.map(({ id }) => id);
}

/** With a list that was asked for at a second. */
function listed(given: Creation, second: number, ...imports: Import[]): Creation {
  return withList(given, listAt(second, ...imports), second * 1000);
}

/** Whether a new import that began at a second is a candidate. */
function isCandidate(given: Creation, each: Import): boolean {
  const next = listed({ ...given, closesAt: undefined, isClosed: false }, 500, each);
  expect([...candidatesOf(next), ...othersOf(next)]).toHaveLength(1);
  return candidatesOf(next).length === 1;
}

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
    const silent = { ...creationAfter(listAt(undefined)), calls: [call('accepted')] };
    expect(isCandidate(silent, importAt(idOf(1), 0))).toBe(true);
    expect(isCandidate(silent, importAt(idOf(1), 90_000))).toBe(true);
  });

  it('is a new one whose history cannot be read', () => {
    expect(isCandidate(creation(), { ...importIn('PENDING'), id: idOf(1) })).toBe(true);
  });

  it('is not what was listed before', () => {
    const old = importAt(idOf(1), 99);
    const before = creation(creationAfter(listAt(100, old), 100_000));
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
    expect(idsOf(withMostTelling(c, 20).newcomers)).toEqual([own.id, ...idsOf(runs).slice(0, 19)]);
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

  it.each([
    { end: 'accepted', want: 132_000 },
    { end: 'lost', want: 192_000 },
    { end: 'refused', want: undefined }
  ] as const)('is due when a call that was $end ended: at $want', ({ end, want }) => {
    const open = withCall(creationAfter(listAt(100), 100_000), 30_000, 101_000);
    expect(withEnd(open, end, 102_000).closesAt).toBe(want);
  });

  it('of several calls is due at the latest time', () => {
    const lost = withEnd(withCall(creationAfter(listAt(100)), 5_000, 101_000), 'lost', 102_000);
    const both = withEnd(withCall(lost, 5_000, 140_000), 'accepted', 141_000);
    expect(both.closesAt).toBe(192_000);
  });
});

describe('a call', () => {
  it.each([
    { calls: [], created: false, accepted: false },
    { calls: [call('refused')], created: false, accepted: false },
    { calls: [call('lost')], created: true, accepted: false },
    { calls: [call('open')], created: true, accepted: false },
    { calls: [call('lost'), call('refused')], created: true, accepted: false },
    { calls: [call('lost'), call('accepted')], created: true, accepted: true }
  ])('may have created something: $created, did: $accepted', ({ calls, created, accepted }) => {
    expect(mayHaveCreated(creation({ calls }))).toBe(created);
    expect(hasAccepted(creation({ calls }))).toBe(accepted);
  });

  it('is dated by the clock of the list before, as that was asked for', () => {
    const open = withCall(creationAfter(listAt(100), 7_000), 30_000, 9_000);
    expect(open.calls).toEqual([call('open', 102)]);
    expect(withEnd(open, 'lost', 12_000).calls).toEqual([call('lost', 102, 105)]);
  });

  it('makes nobody’s a candidate again that dates had excluded before it', () => {
    const lost = withEnd(withCall(creation({ calls: [] }), 2_000, 101_000), 'lost', 103_000);
    const [theirs, maybeOurs] = [importAt(idOf(1), 170), importAt(idOf(2), 150)];
    const before = listed(lost, 175, theirs, maybeOurs);
    expect(idsOf(othersOf(before))).toEqual([idOf(1)]);
    const again = withEnd(withCall(before, 2_000, 200_000), 'accepted', 201_000);
    // Nor does the end of one call change that of another.
    expect(again.calls.map(({ end }) => end)).toEqual(['lost', 'accepted']);
    expect(again.calls[0]).toEqual(before.calls[0]);
    const after = listed(again, 202, theirs, maybeOurs, importAt(idOf(3), 201));
    expect(idsOf(candidatesOf(after))).toEqual([idOf(2), idOf(3)]);
  });

  it('ended when its time was over, not when a process that was suspended noticed', () => {
    const open = withCall(creationAfter(listAt(100), 0), 30_000, 1_000);
    const lost = withEnd(open, 'lost', 91_000);
    expect(lost.calls).toEqual([call('lost', 101, 131)]);
    expect(lost.closesAt).toBe(31_000 + 90_000);
    expect(isCandidate(lost, importAt(idOf(1), 192))).toBe(false);
  });

  it.each([
    { name: 'its limit after it was sent', sent: 101, now: 500, want: 131 },
    { name: 'when the post step began, if that is earlier', sent: 101, now: 110, want: 110 },
    { name: 'its limit where nobody knows the time', sent: 101, now: undefined, want: 131 },
    {
      name: 'when the post step began where nothing else is known',
      sent: undefined,
      now: 110,
      want: 110
    },
    {
      name: 'at no known time where nothing is known',
      sent: undefined,
      now: undefined,
      want: undefined
    }
  ])('whose end nobody saw has ended $name', ({ sent, now, want }) => {
    const calls = [call('accepted', 1, 2), call('open', sent)];
    const open = creation({ calls, closesAt: undefined });
    const ended = withCallsEnded(open, now === undefined ? undefined : at(now), 5_000);
    expect(ended.calls[0]).toEqual(open.calls[0]);
    const endedAt = want === undefined ? undefined : at(want);
    expect(ended.calls[1]).toMatchObject({ end: 'lost', endedAt });
    expect(ended.closesAt).toBe(95_000);
  });

  it.each([
    { second: 95, endedAt: 103, isLost: false },
    { second: 155, endedAt: 153, isLost: false },
    { second: 170, endedAt: 168, isLost: true }
  ])(
    'may have ended later where the clock stood still: at $endedAt s, which nobody knows: $isLost',
    ({ second, endedAt, isLost }) => {
      // By its own clock it is second 105.
      const later = withTime(creation(), listAt(second).readAt, 105_000);
      expect(later).toMatchObject({
        calls: [{ endedAt: at(endedAt) }],
        isClockLost: isLost
      });
      // The same time again tells nothing new.
      expect(withTime(later, listAt(second).readAt, 105_000)).toMatchObject({ calls: later.calls });
      expect(withTime(creation(), undefined, 105_000)).toEqual(creation());
    }
  );

  it('cannot have made what began a minute after it, by a clock that did not stand still', () => {
    const later = withTime(creation(), listAt(150).readAt, 105_000);
    expect(isCandidate(later, importAt(idOf(1), 208))).toBe(true);
    expect(isCandidate(later, importAt(idOf(1), 209))).toBe(false);
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

describe('a creation that was pruned for saving', () => {
  const old = oldImports(5000);
  const whole = creation({
    ...creationAfter(listAt(100, ...old), 100_000),
    calls: [call('lost', 101, 103)]
  });

  it('keeps of 5,000 old imports their number and the newest', () => {
    expect(idsOf(pruned(whole, 2).before.imports)).toEqual([idOf(1_004_999), idOf(1_004_998)]);
    expect(pruned(whole, 60).before).toMatchObject({
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
        const all = creation(creationAfter(listAt(100, ...old.slice(gone), ...known), 100_000));
        const list = listAt(400, ...old.slice(gone), ...known, ...fresh);
        const want = withList(all, list, 400_000);
        const got = withList(pruned(all, 60), list, 400_000);
        expect(idsOf(candidatesOf(got)).sort()).toEqual(idsOf(candidatesOf(want)).sort());
        expect(idsOf(othersOf(got)).sort()).toEqual(idsOf(othersOf(want)).sort());
      }),
      { numRuns: 40 }
    );
  });

  it('keeps what is in progress, and what began when the list was read', () => {
    const running = importAt(idOf(1), 3, 'AWAIT_GOAL_STATE');
    const ending = importAt(idOf(2), 97, 'FAILED');
    const { before } = pruned(creation(creationAfter(listAt(100, ...old, running, ending))), 60);
    expect(idsOf(before.imports).slice(0, 2)).toEqual([ending.id, running.id]);
    expect(before.count).toBe(5002);
    expect(before.isIncomplete).toBe(false);
  });

  it('is undecided as soon as something is new, if what may be mistaken had to be left out', () => {
    const crowd = Array.from({ length: 70 }, (_, index) => importAt(idOf(index), 99));
    const calls = [call('lost', 101, 103)];
    const c = pruned(creation({ ...creationAfter(listAt(100, ...crowd)), calls }), 60);
    expect(c.before).toMatchObject({ count: 70, isIncomplete: true });
    expect(c.before.imports).toHaveLength(60);
    expect(isUndecided(listed(c, 110, ...crowd, importAt(idOf(500), 102)))).toBe(true);
  });

  it('has one that is new to the list read before anything is said of it: it may be an old one without its date', () => {
    const undated = { ...importIn('SUCCESS'), id: idOf(1_000_007) };
    const c = listed(pruned(whole, 60), 200, undated);
    expect(isUndecided(c)).toBe(true);
    expect(candidatesOf(withRead(c, importAt(undated.id, -7200, 'SUCCESS')))).toEqual([]);
    // One that a read has dated is sure.
    expect(isUndecided(withRead(c, importAt(undated.id, 102)))).toBe(false);
  });

  it('counts an old import that was not listed before as new: the rest is not', () => {
    const late = importAt(idOf(7), 20, 'PENDING');
    expect(idsOf(listed(pruned(whole, 60), 200, ...old, late).newcomers)).toEqual([late.id]);
  });
});
