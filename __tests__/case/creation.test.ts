import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import {
  creationAfter,
  find,
  hasAccepted,
  mayHaveCreated,
  pruned,
  withCallsClosed,
  withList,
  type CreateCall,
  type Creation
} from '../../src/case/creation.ts';
import type { Import } from '../../src/case/import.ts';
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

/** A creation that listed nothing at second 100 and called from 101 to 103. */
function creation(given: Partial<Creation> = {}): Creation {
  return { ...creationAfter(listAt(100)), calls: [call('accepted', 101, 103)], ...given };
}

function idsOf(requests: readonly { readonly id: string }[]): string[] {
  return requests.map(({ id }) => id);
}

/** Whether a new request that began at a second is a candidate. */
function isCandidate(given: Creation, request: Import): boolean {
  const { candidates, outsiders } = find(withList(given, listAt(500, request)));
  expect([...candidates, ...outsiders]).toHaveLength(1);
  return candidates.length === 1;
}

describe('a candidate', () => {
  it.each([
    { began: 94.9, want: false },
    { began: 95, want: true },
    { began: 100, want: true },
    { began: 103, want: true },
    { began: 163, want: true },
    { began: 168, want: true },
    { began: 168.1, want: false },
    { began: 3600, want: false }
  ])(
    'begins between the list before and a minute after the last call: $began s is $want',
    ({ began, want }) => {
      expect(isCandidate(creation(), importAt(idOf(1), began))).toBe(want);
    }
  );

  it('can be later by as much as the last of several calls ended later', () => {
    const calls = [call('lost', 101, 131), call('lost', 170, 200)];
    expect(isCandidate(creation({ calls }), importAt(idOf(1), 264))).toBe(true);
    expect(isCandidate(creation({ calls }), importAt(idOf(1), 266))).toBe(false);
  });

  it('is not made later by a call that was refused', () => {
    const calls = [call('lost', 101, 131), call('refused', 270, 300)];
    expect(isCandidate(creation({ calls }), importAt(idOf(1), 250))).toBe(false);
  });

  it('of a call whose end nobody saw has the time that the call could take', () => {
    const calls = [call('open', 101, undefined, 600_000)];
    expect(isCandidate(creation({ calls }), importAt(idOf(1), 765))).toBe(true);
    expect(isCandidate(creation({ calls }), importAt(idOf(1), 767))).toBe(false);
  });

  it('is every new request without a clock of Ops Manager’s', () => {
    const silent = { ...creationAfter(listAt(undefined)), calls: [call('accepted')] };
    expect(isCandidate(silent, importAt(idOf(1), 0))).toBe(true);
    expect(isCandidate(silent, importAt(idOf(1), 90_000))).toBe(true);
  });

  it('is a new request whose history cannot be read', () => {
    expect(isCandidate(creation(), { ...importIn('PENDING'), id: idOf(1) })).toBe(true);
  });

  it('is not what was listed before', () => {
    const before = creation({ ...creationAfter(listAt(100, importAt(idOf(1), 99))) });
    const { newcomers } = withList(before, listAt(110, importAt(idOf(1), 99)));
    expect(newcomers).toEqual([]);
  });

  it('is counted over all lists together', () => {
    const one = withList(creation(), listAt(110, importAt(idOf(1), 102)));
    const both = withList(one, listAt(120, importAt(idOf(2), 103)));
    expect(idsOf(find(both).candidates)).toEqual([idOf(1), idOf(2)]);
    expect([one.isAmbiguous, both.isAmbiguous]).toEqual([false, true]);
    expect(withList(both, listAt(130, importAt(idOf(1), 102))).isAmbiguous).toBe(true);
  });

  it('that was one of several stays so when its call turns out to have ended sooner', () => {
    const open = creation({ calls: [call('open', 101, undefined, 600_000)] });
    const list = listAt(500, importAt(idOf(1), 102), importAt(idOf(2), 400));
    const ambiguous = withList(open, list);
    expect(ambiguous.isAmbiguous).toBe(true);
    const closed = withList(withCallsClosed(ambiguous, at(110)), list);
    expect(idsOf(find(closed).candidates)).toEqual([idOf(1)]);
    expect(closed.isAmbiguous).toBe(true);
  });

  it('beside one that is somebody else’s is the one', () => {
    const c = withList(creation(), listAt(600, importAt(idOf(1), 102), importAt(idOf(2), 500)));
    expect(idsOf(find(c).candidates)).toEqual([idOf(1)]);
    expect(idsOf(find(c).outsiders)).toEqual([idOf(2)]);
    expect(c.isAmbiguous).toBe(false);
  });

  it('has the state of the last list', () => {
    const first = withList(creation(), listAt(110, importAt(idOf(1), 102)));
    const next = withList(first, listAt(120, importAt(idOf(1), 102, 'AWAIT_GOAL_STATE')));
    expect(next.newcomers).toMatchObject([{ state: 'AWAIT_GOAL_STATE' }]);
  });

  it('is among twenty newcomers at most, and those stay', () => {
    const crowd = Array.from({ length: 500 }, (_, index) => importAt(idOf(index), 102));
    const c = withList(creation(), listAt(110, ...crowd));
    expect(idsOf(c.newcomers)).toEqual(crowd.slice(0, 20).map(({ id }) => id));
    expect(c.isAmbiguous).toBe(true);
  });
});

describe('calls', () => {
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

  it.each([
    { name: 'its limit after it was sent', sent: 101, now: 500, want: 131 },
    { name: 'now, if that is earlier', sent: 101, now: 110, want: 110 },
    { name: 'its limit where nobody knows the time', sent: 101, now: undefined, want: 131 },
    { name: 'now where nobody knows when it was sent', sent: undefined, now: 110, want: 110 },
    {
      name: 'at no known time where nothing is known',
      sent: undefined,
      now: undefined,
      want: undefined
    }
  ])('that are still open have ended $name', ({ sent, now, want }) => {
    const open = creation({ calls: [call('accepted', 1, 2), call('open', sent)] });
    const closed = withCallsClosed(open, now === undefined ? undefined : at(now));
    expect(closed.calls[0]).toEqual(open.calls[0]);
    expect(closed.calls[1]).toMatchObject({
      end: 'lost',
      endedAt: want === undefined ? undefined : at(want)
    });
  });
});

/** Old imports, one an hour before the other. */
function oldImports(count: number): Import[] {
  return Array.from({ length: count }, (_, index) =>
    importAt(idOf(1_000_000 + index), 90 - 3600 * (count - index), 'SUCCESS')
  );
}

describe('a creation that was pruned for saving', () => {
  const old = oldImports(5000);
  const whole = creation({
    ...creationAfter(listAt(100, ...old)),
    calls: [call('lost', 101, 103)]
  });

  it('keeps of 5,000 old imports only their number', () => {
    const { before } = pruned(whole, 60);
    expect(before).toEqual({ requests: [], count: 5000, at: at(100), isIncomplete: false });
  });

  it('finds the same candidates and outsiders as the whole one', () => {
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
        const isKnown = new Set(known.map(({ id }) => id));
        // What begins after the list before, as imports do.
        const fresh = later
          .map(([id, began]) => importAt(idOf(id + 100), Math.max(began, 96)))
          .filter(({ id }) => !isKnown.has(id));
        const all = creation({ ...creationAfter(listAt(100, ...old.slice(gone), ...known)) });
        const list = listAt(400, ...old.slice(gone), ...known, ...fresh);
        const want = find(withList(all, list));
        const got = find(withList(pruned(all, 60), list));
        expect(idsOf(got.candidates).sort()).toEqual(idsOf(want.candidates).sort());
        expect(idsOf(got.outsiders).sort()).toEqual(idsOf(want.outsiders).sort());
      }),
      { numRuns: 40 }
    );
  });

  it('keeps what is in progress, and what began when the list was read', () => {
    const running = importAt(idOf(1), 3, 'AWAIT_GOAL_STATE');
    const ending = importAt(idOf(2), 97, 'FAILED');
    const { before } = pruned(creation(creationAfter(listAt(100, ...old, running, ending))), 60);
    expect(idsOf(before.requests)).toEqual([running.id, ending.id]);
    expect(before.count).toBe(5002);
    expect(before.isIncomplete).toBe(false);
  });

  it('says so when it had to leave out what may be mistaken for the step’s own', () => {
    const crowd = Array.from({ length: 70 }, (_, index) => importAt(idOf(index), 99));
    const c = pruned(creation(creationAfter(listAt(100, ...crowd))), 60);
    expect(c.before).toMatchObject({ count: 70, isIncomplete: true });
    expect(c.before.requests).toHaveLength(60);
  });

  it('is ambiguous as soon as something is new, if something had to be left out', () => {
    const crowd = Array.from({ length: 70 }, (_, index) => importAt(idOf(index), 99));
    const c = pruned(creation(creationAfter(listAt(100, ...crowd))), 60);
    const fresh = importAt(idOf(500), 102);
    expect(withList(c, listAt(110, ...crowd, fresh)).isAmbiguous).toBe(true);
  });

  it('counts an old request that was not listed before as new: the rest is not', () => {
    const late = importAt(idOf(7), 50, 'PENDING');
    const c = withList(pruned(whole, 60), listAt(200, ...old, late));
    expect(idsOf(c.newcomers)).toEqual([late.id]);
  });
});
