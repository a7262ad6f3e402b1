import { describe, expect, it } from '@jest/globals';
import { type Case } from '../../src/case/case.ts';
import { createAnnounced, createAnswered } from '../../src/case/create-calls.ts';
import { candidatesOf, hasAccepted, mayHaveCreated, othersOf } from '../../src/case/creation.ts';
import { wasListed } from '../../src/case/transitions.ts';
import {
  at,
  call,
  creation,
  creationAfter,
  creationBefore,
  idsOf,
  isCandidate,
  listed
} from '../support/creations.ts';
import { CREATING, FOUND, GIVEN } from '../support/cases.ts';
import { idOf, importAt, listAt } from '../support/imports.ts';

/** A case that a post step goes on with, whose first good answer was at `answeredAt`. */
function goesOn(answeredAt: number): (c: Case) => Case {
  const resumed = { at: 4_000, answeredAt, isForgotten: false, inProgress: undefined };
  return (c) => ({ ...c, resumed });
}

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

  it('says nothing of a case that creates nothing, or has read no list yet', () => {
    for (const c of [GIVEN, FOUND, CREATING]) {
      expect(createAnnounced(30_000, 9_000)(c)).toBe(c);
      expect(createAnswered('accepted', 9_000)(c)).toBe(c);
    }
  });

  it('is dated by the clock of the list before, as that was asked for', () => {
    const open = creationAfter(creationBefore(listAt(100), 7_000), createAnnounced(30_000, 9_000));
    expect(open.calls).toEqual([call('open', 102)]);
    const lost = creationAfter(open, createAnswered('lost', 12_000));
    expect(lost.calls).toEqual([call('lost', 102, 105)]);
  });

  it('makes nobody’s a candidate again that dates had excluded before it', () => {
    const lost = creationAfter(
      creation({ calls: [] }),
      createAnnounced(2_000, 101_000),
      createAnswered('lost', 103_000)
    );
    const [theirs, maybeOurs] = [importAt(idOf(1), 170), importAt(idOf(2), 150)];
    const before = listed(lost, 175, theirs, maybeOurs);
    expect(idsOf(othersOf(before))).toEqual([idOf(1)]);
    const again = creationAfter(
      before,
      createAnnounced(2_000, 200_000),
      createAnswered('accepted', 201_000)
    );
    // Nor does the end of one call change that of another.
    expect(again.calls.map(({ end }) => end)).toEqual(['lost', 'accepted']);
    expect(again.calls[0]).toEqual(before.calls[0]);
    const after = listed(again, 202, theirs, maybeOurs, importAt(idOf(3), 201));
    expect(idsOf(candidatesOf(after))).toEqual([idOf(2), idOf(3)]);
  });

  it('ended when its time was over, not when a process that was suspended noticed', () => {
    const lost = creationAfter(
      creationBefore(listAt(100), 0),
      createAnnounced(30_000, 1_000),
      createAnswered('lost', 91_000)
    );
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
    const ended = creationAfter(open, goesOn(5_000), wasListed(listAt(now), 6_000, 4_000));
    expect(ended.calls[0]).toEqual(open.calls[0]);
    const endedAt = want === undefined ? undefined : at(want);
    expect(ended.calls[1]).toMatchObject({ end: 'lost', endedAt });
    expect(ended.closesAt).toBe(95_000);
  });

  it.each([
    { second: 95, endedAt: 103, isLost: false },
    { second: 155, endedAt: 153, isLost: false },
    { second: 165, endedAt: 163, isLost: false },
    { second: 170, endedAt: 168, isLost: true }
  ])(
    'may have ended later where the clock stood still: at $endedAt s, which nobody knows: $isLost',
    ({ second, endedAt, isLost }) => {
      // By its own clock it is second 105.
      const later = creationAfter(creation(), wasListed(listAt(second), 105_000));
      expect(later).toMatchObject({
        calls: [{ endedAt: at(endedAt) }],
        isClockLost: isLost
      });
      // The same time again tells nothing new.
      expect(creationAfter(later, wasListed(listAt(second), 105_000))).toMatchObject({
        calls: later.calls
      });
      expect(creationAfter(creation(), wasListed(listAt(undefined), 105_000))).toEqual(creation());
    }
  );

  it('cannot have made what began a minute after it, by a clock that did not stand still', () => {
    const later = creationAfter(creation(), wasListed(listAt(150), 105_000));
    expect(isCandidate(later, importAt(idOf(1), 208))).toBe(true);
    expect(isCandidate(later, importAt(idOf(1), 209))).toBe(false);
  });
});

describe('the closing list', () => {
  it.each([
    { end: 'accepted', want: 132_000 },
    { end: 'lost', want: 192_000 },
    { end: 'refused', want: undefined }
  ] as const)('is due when a call that was $end ended: at $want', ({ end, want }) => {
    const open = creationAfter(
      creationBefore(listAt(100), 100_000),
      createAnnounced(30_000, 101_000)
    );
    expect(creationAfter(open, createAnswered(end, 102_000)).closesAt).toBe(want);
  });

  it('of several calls is due at the latest time', () => {
    const both = creationAfter(
      creationBefore(listAt(100), 100_000),
      createAnnounced(5_000, 101_000),
      createAnswered('lost', 102_000),
      createAnnounced(5_000, 140_000),
      createAnswered('accepted', 141_000)
    );
    expect(both.closesAt).toBe(192_000);
  });
});
