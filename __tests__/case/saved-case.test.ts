import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { forgotten, opened, type Case } from '../../src/case/case.ts';
import {
  asking,
  createEnded,
  creating,
  deletion,
  ended,
  finished,
  listed,
  read,
  refused,
  unanswered
} from '../../src/case/transitions.ts';
import { find } from '../../src/case/creation.ts';
import type { Cause, Ending, Trouble } from '../../src/case/ending.ts';
import type { ImportList } from '../../src/case/import-api.ts';
import {
  restored,
  resumed,
  saved,
  savedWithoutCase,
  SAVED_CASE_BYTES
} from '../../src/case/saved-case.ts';
import { isSettled, verdict, type Terms } from '../../src/case/verdict.ts';
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
  followed,
  FOUND,
  GIVEN,
  LOST,
  missingFor,
  LATE_ARRIVAL,
  OUTSIDER,
  readIn,
  REFUSED,
  SEVERAL,
  SILENCE,
  UNANSWERED,
  type Transition
} from '../support/cases.ts';
import { isSettledText, statusOf } from '../support/gate-under-test.ts';
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

const TERMS: Terms = {
  goal: 'SUCCESS',
  cancelOnTimeout: true,
  cancelOnInterrupt: true,
  deleteFailed: true
};

function again(c: Case, terms = TERMS): Case {
  const text = saved(c, terms);
  const back = restored(text, 5_000);
  if (!back) throw new Error(`Not a saved case: ${text}`);
  return back;
}

/** What the post step needs beside the verdict. */
function essentials({ origin, id, hasWorked, firstState, isConfirmed, ending }: Case): unknown {
  return { origin, id, hasWorked, firstState, isConfirmed, ending };
}

function withoutCalls(text: string): string {
  return text.replace('"calls":[', '"calling":[');
}

describe('a saved case', () => {
  const shapes: readonly (readonly [string, Case])[] = [
    ['given', GIVEN],
    ['read', followed(GIVEN, readIn('PENDING'))],
    ['reached', followed(GIVEN, readIn('SUCCESS'))],
    ['failed', followed(GIVEN, readIn('FAILED'))],
    ['failed and deleted', followed(GIVEN, readIn('FAILED'), deletion({ kind: 'deleted' }))],
    ['cancelled', followed(GIVEN, readIn('CANCELLED'))],
    ['to be found', DISCOVERING],
    ['found', FOUND],
    ['found, reached, not confirmed', followed(FOUND, readIn('SUCCESS'))],
    ['one of several', SEVERAL],
    ['adopted', ADOPTED],
    ['to be created', CREATING],
    ['being created', CALLED],
    ['created without an answer', LOST],
    ['accepted', ACCEPTED],
    ['created', CREATED],
    ['created, reached, not confirmed', followed(CREATED, readIn('SUCCESS'))],
    ['ambiguous', AMBIGUOUS],
    ['somebody else’s beside it', OUTSIDER],
    ['one that came late beside it', LATE_ARRIVAL],
    ['accepted cancellation', followed(GIVEN, readIn('PENDING'), ...ASKED)],
    ['refused cancellation', followed(GIVEN, readIn('PENDING'), ...REFUSED)],
    ['unanswered cancellation', followed(GIVEN, readIn('PENDING'), ...UNANSWERED)],
    ['gone', followed(GIVEN, readIn('PENDING'), ...missingFor(60_000, true))],
    ['missing', followed(GIVEN, readIn('PENDING'), ...missingFor(60_000, false))]
  ];
  const endings: readonly (readonly [string, Transition])[] = [
    ['killed', (c) => c],
    ...Object.entries(ENDINGS).map(([name, ending]) => [name, ended(ending)] as const)
  ];
  it.each(shapes)('says after the hand-over what it said before: %s', (_name, shape) => {
    for (const [, ending] of endings)
      for (const policy of [true, false]) {
        const c = followed(shape, ending);
        const terms = { ...TERMS, cancelOnTimeout: policy, cancelOnInterrupt: policy };
        expect(verdict(again(c, terms), terms)).toEqual(verdict(c, terms));
        expect(essentials(again(c, terms))).toEqual(essentials(c));
      }
  });

  it('has to be quiet anew: what passed between two processes was not looked at', () => {
    const c = followed(LOST, ...SILENCE);
    expect(verdict(c, TERMS).cancellation.kind).toBe('not-needed');
    expect(again(c).quiet).toEqual({ ms: 0, lastAt: undefined });
    expect(verdict(again(c), TERMS).cancellation.kind).toBe('failed');
  });

  it('takes a cancel call that was under way at the kill for one that was not answered', () => {
    const c = again(followed(GIVEN, readIn('PENDING'), asking));
    expect(c.cancel).toMatchObject({ isOpen: false, isUnanswered: true });
  });

  it('keeps how long an import has been missing, by the clock of the new process', () => {
    const c = again(followed(GIVEN, readIn('PENDING'), ...missingFor(42_000, true)));
    expect(c.missing).toEqual({ since: 5_000 - 42_000, until: 5_000, wasAsked: true });
  });

  it('keeps no clock of the old process', () => {
    const { clockOffsetMs, resumedAt } = again(CREATED);
    expect({ clockOffsetMs, resumedAt }).toEqual({ clockOffsetMs: undefined, resumedAt: 5_000 });
  });

  it('has no reply, and of a long history the first and the newest', () => {
    const states = Array.from({ length: 90 }, (_, index) => [`STATE_${index}`, index] as const);
    const request = { ...importIn('STATE_89', history(...states)), reply: 'secret?'.repeat(9000) };
    const c = read(request, 0)(GIVEN);
    const text = saved(c, TERMS);
    expect(text).not.toContain('secret?');
    const { transitions = [] } = restored(text, 0)?.read ?? {};
    expect(transitions[0]).toEqual(request.transitions[0]);
    expect(transitions.at(-1)).toEqual(request.transitions.at(-1));
    expect(transitions).toHaveLength(20);
  });

  it('does not change with what says nothing new', () => {
    const first = followed(GIVEN, read(importIn('PENDING', history(['PENDING', 0]), after(1)), 0));
    const next = followed(
      first,
      read(importIn('PENDING', history(['PENDING', 0]), after(9)), 8000)
    );
    expect(saved(next, TERMS)).toBe(saved(first, TERMS));
  });

  it('is one line', () => {
    const trouble = { title: 'a\nb', happened: 'c\r\nd', advice: '\u2028' };
    expect(saved(followed(GIVEN, refused(trouble)), TERMS)).not.toMatch(/[\r\n]/);
  });

  it('says for the door whether it is settled', () => {
    for (const c of [
      GIVEN,
      finished(undefined)(followed(GIVEN, readIn('SUCCESS'))),
      finished(statusOf('error'))(GIVEN)
    ])
      expect(isSettledText(saved(c, TERMS))).toBe(isSettled(c, TERMS));
    expect(isSettledText(savedWithoutCase())).toBe(true);
  });

  it.each([
    { name: 'nothing', text: '' },
    { name: 'what was cut', text: saved(CREATED, TERMS).slice(0, 300) },
    { name: 'another version', text: saved(CREATED, TERMS).replace('"version":1', '"version":99') },
    { name: 'other JSON', text: 'null' },
    { name: 'an empty case', text: '{"version":1,"isSettled":false,"case":{}}' },
    { name: 'no case', text: '{"version":1,"isSettled":false,"case":null}' },
    { name: 'a case without its calls', text: withoutCalls(saved(CREATED, TERMS)) },
    { name: 'a step without a case', text: savedWithoutCase() }
  ])('is not read from $name', ({ text }) => {
    expect(restored(text, 0)).toBeUndefined();
  });
});

/** Text as a server can send it: words, long ones, of several bytes, with what JSON escapes. */
const text = fc.oneof(
  fc.string({ maxLength: 40 }),
  fc
    .constantFrom('"\\\t\u0001', '漢字', '😀', 'a')
    .map((piece) => piece.repeat(3000).slice(0, 2000))
);
const trouble: fc.Arbitrary<Trouble> = fc.record({ title: text, happened: text, advice: text });
const state = fc.constantFrom('PENDING', 'S'.repeat(64), 'AWAIT_GOAL_STATE');
const request = fc
  .tuple(fc.nat(9999), fc.integer({ min: -40, max: 40 }), state)
  .map(([id, second, name]) => importAt(idOf(id), second, name));

function manyImports(count: number, second: (index: number) => number, name: string): ImportList {
  const imports = Array.from({ length: count }, (_, index) =>
    importAt(idOf(100_000 + index), second(index), name)
  );
  return listAt(0, ...imports);
}

const lists = fc.oneof(
  fc.constant(listAt(0)),
  fc.constantFrom(
    manyImports(5000, (index) => -60 - index * 60, 'SUCCESS'),
    manyImports(5000, (index) => -60 - index, 'PENDING'),
    manyImports(5000, () => 0, 'S'.repeat(64))
  )
);
const briefs = fc
  .uniqueArray(request, { maxLength: 10, minLength: 10, selector: ({ id }) => id })
  .map((imports) => ({
    imports: imports.map(({ id, state: name }) => ({ id, state: name, since: after(1) })),
    count: 5000
  }));
const cause: fc.Arbitrary<Cause> = fc.oneof(
  trouble.map((words) => ({ kind: 'api', trouble: words }) as const),
  fc
    .tuple(briefs, trouble)
    .map(([found, words]) => ({ kind: 'unknown', found, trouble: words }) as const),
  briefs.map((found) => ({ kind: 'several', found }) as const),
  trouble.map((words) => ({ kind: 'defect', trouble: words }) as const)
);
const ending: fc.Arbitrary<Ending> = fc.oneof(
  cause.map((each) => ({ kind: 'error', cause: each }) as const),
  trouble.map((words) => ({ kind: 'timed-out', timeoutMs: 1, trouble: words }) as const),
  trouble.map((words) => ({ kind: 'unreachable', outageMs: 1, trouble: words }) as const)
);
const longRead = fc.integer({ min: 0, max: 300 }).map((length) => {
  const entered = Array.from({ length }, (_, index) => ['S'.repeat(64), index] as const);
  return { ...importIn('S'.repeat(64), history(...entered)), reply: 'x'.repeat(65_536) };
});

const anyCase = fc
  .record({
    before: lists,
    calls: fc.array(fc.constantFrom('accepted', 'lost', 'refused'), { maxLength: 200 }),
    later: fc.uniqueArray(request, { maxLength: 25, selector: ({ id }) => id }),
    request: longRead,
    refusal: trouble,
    failure: trouble,
    ending,
    last: fc.option(trouble),
    description: text
  })
  .map((given) => {
    const calls = given.calls.flatMap((end): Transition[] => [
      creating(given.before, 30_000, 0),
      createEnded(end, 100)
    ]);
    const list = { imports: [...given.before.imports, ...given.later], readAt: after(20) };
    return followed(
      opened('created', IMPORT),
      listed(given.before, 0),
      ...calls,
      listed(list, 20_000),
      read(given.request, 20_000),
      refused(given.refusal),
      ended(given.ending),
      ...(given.last ? [unanswered(given.failure)] : []),
      deletion({ kind: 'failed', trouble: given.refusal }),
      finished(statusOf('error', given.description.slice(0, 140)))
    );
  });

describe('the case that a post step goes on with', () => {
  const text = saved(FOUND, TERMS);
  it.each([
    { name: 'the saved one', saved: text, target: { kind: 'discover' }, want: restored(text, 5) },
    {
      name: 'a given import of which nothing was saved',
      saved: '',
      target: { kind: 'given', id: IMPORT },
      want: opened('given', IMPORT)
    },
    {
      name: 'a given import whose cancellation may have been asked for',
      saved: text.slice(0, 90),
      target: { kind: 'given', id: IMPORT },
      want: forgotten('given', IMPORT)
    },
    { name: 'nothing created', saved: '', target: { kind: 'create' }, want: opened('created') },
    {
      name: 'whatever may have been created',
      saved: text.slice(0, 90),
      target: { kind: 'create' },
      want: forgotten('created')
    },
    { name: 'nothing found', saved: '', target: { kind: 'discover' }, want: opened('discovered') }
  ] as const)('is $name', ({ saved: kept, target, want }) => {
    expect(resumed(kept, target, 5)).toEqual(want);
  });
});

it('a goal on the way counts no more where the saved case was cut: the cancellation may come yet', () => {
  const terms: Terms = { ...TERMS, goal: 'PENDING' };
  const outcomeIn = (state: string): string =>
    verdict(readIn(state)(forgotten('given', IMPORT)), terms).outcome.kind;
  expect([outcomeIn('PENDING'), outcomeIn('SUCCESS')]).toEqual(['interrupted', 'reached']);
});

describe('whatever a case holds', () => {
  it('it is saved in 16 KiB, and read again', () => {
    fc.assert(
      fc.property(anyCase, (c) => {
        const line = saved(c, TERMS);
        expect(Buffer.byteLength(line)).toBeLessThanOrEqual(SAVED_CASE_BYTES);
        const back = restored(line, 0);
        expect(back?.creation?.calls.length ?? 0).toBeLessThanOrEqual(12);
        const { outcome, cancellation } = verdict(c, TERMS);
        const kept = back && verdict(back, TERMS);
        expect([kept?.outcome.kind, kept?.cancellation.kind]).toEqual([
          outcome.kind,
          cancellation.kind
        ]);
      }),
      { numRuns: 80 }
    );
  });

  it.each(['\u0001', '"', '漢', '😀'])('it fits at its very worst, in words of %j', (letter) => {
    const long = letter.repeat(2000).slice(0, 2000);
    const words = { title: long, happened: long, advice: long };
    const before = manyImports(5000, () => 0, 'S'.repeat(64));
    const newcomers = Array.from({ length: 30 }, (_, index) =>
      importAt(idOf(index), 2, 'N'.repeat(64))
    );
    const found = {
      imports: newcomers
        .slice(0, 10)
        .map(({ id, state: name }) => ({ id, state: name, since: after(2) })),
      count: 5000
    };
    const calls = Array.from({ length: 50 }, (): Transition[] => [
      creating(before, 30_000, 0.123456789),
      createEnded('accepted', 100.123456789)
    ]);
    const states = Array.from({ length: 300 }, (_, index) => ['T'.repeat(64), index] as const);
    const c = followed(
      opened('created', IMPORT),
      listed(before, 0.123456789),
      ...calls.flat(),
      listed({ imports: [...before.imports, ...newcomers], readAt: after(20) }, 20_000),
      read(importIn('T'.repeat(64), history(...states)), 20_000),
      unanswered(words),
      ended({ kind: 'error', cause: { kind: 'unknown', found, trouble: words } }),
      deletion({ kind: 'failed', trouble: words }),
      finished(statusOf('error', long.slice(0, 140)))
    );
    const line = saved(c, TERMS);
    expect(Buffer.byteLength(line)).toBeLessThanOrEqual(SAVED_CASE_BYTES);
    expect(restored(line, 0)).toBeDefined();
  });

  it('it still tells what it created from 5,000 old ones', () => {
    const before = manyImports(5000, (index) => -60 - index * 60, 'SUCCESS');
    const c = again(
      followed(
        opened('created'),
        listed(before, 0),
        creating(before, 30_000, 500),
        createEnded('lost', 900)
      )
    );
    const mine = importAt(idOf(1), 1);
    const list = { imports: [...before.imports, mine], readAt: after(60) };
    const found = listed(list, 65_000)(c);
    expect(found.id).toBe(mine.id);
    expect(found.creation && find(found.creation).outsiders).toEqual([]);
  });

  it('it does not take what began an hour after its lost call for its own', () => {
    const c = again(CALLED);
    const hourLater = importAt(idOf(1), 3600);
    const found = listed(listAt(3700, hourLater), 5000)(c);
    expect(found.id).toBeUndefined();
    expect(verdict(found, TERMS).cancellation.kind).toBe('failed');
    expect(START).toBeLessThan(Date.parse(hourLater.transitions[0]?.transitionedAt ?? ''));
  });
});
