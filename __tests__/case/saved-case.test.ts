import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import {
  type Case,
  type Cause,
  creationOf,
  type Ending,
  forgotten,
  opened
} from '../../src/case/case.ts';
import { createAnnounced, createAnswered, creationBegan } from '../../src/case/create-calls.ts';
import {
  cancelAnnounced,
  cancelRefused,
  cancelUnanswered,
  deletionChanged,
  stepFinished,
  waitEnded,
  wasListed,
  wasNotFound,
  wasRead
} from '../../src/case/transitions.ts';
import { othersOf } from '../../src/case/creation.ts';
import type { ImportList, Trouble } from '../../src/case/import-api.ts';
import type { Import } from '../../src/case/import.ts';
import { restored, saved, savedWithoutCase } from '../../src/case/saved-case.ts';
import { isOurs, isSettled, mustAsk, type Terms, verdict } from '../../src/case/verdict.ts';
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
  FOUND_OURS,
  OUTSIDER,
  readIn,
  REFUSED,
  SEVERAL,
  SILENCE,
  TROUBLE,
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

const FOUND_BRIEFS = { imports: [{ id: IMPORT, state: 'FAILED', since: after(1) }], count: 1 };

const TERMS: Terms = {
  goal: 'SUCCESS',
  cancelOnTimeout: true,
  cancelOnInterrupt: true,
  deleteFailed: true
};

function again(c: Case, terms = TERMS): Case {
  const text = saved(c, terms);
  const back = restored(text, 5_000)?.case;
  if (!back) throw new Error(`Not a saved case: ${text}`);
  return back;
}

/** What the post step needs beside the verdict. */
function essentials(c: Case): unknown {
  const { origin, id, hadGoodAnswer, firstState, ending } = c;
  // Before the closing list a created one is put in doubt again.
  const isSure = creationOf(c)?.isClosed === false || isOurs(c);
  return { origin, id, hadGoodAnswer, firstState, isSure, ending };
}

/** Every value in a JSON text, replaced by one of another type, one at a time. */
function* spoiled(value: unknown): Generator {
  yield typeof value === 'string' ? 7 : 'text';
  if (typeof value !== 'object' || value === null) return;
  for (const [key, inner] of Object.entries(value))
    for (const other of spoiled(inner))
      yield Array.isArray(value)
        ? value.map((each: unknown, index) => (String(index) === key ? other : each))
        : { ...value, [key]: other };
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
    ['failed and deleted', followed(GIVEN, readIn('FAILED'), deletionChanged({ kind: 'deleted' }))],
    ['cancelled', followed(GIVEN, readIn('CANCELLED'))],
    ['to be found', DISCOVERING],
    ['found', FOUND],
    ['found, this step’s', FOUND_OURS],
    ['found, reached', followed(FOUND_OURS, readIn('SUCCESS'))],
    ['found, ended too early', followed(FOUND, readIn('SUCCESS'))],
    ['one of several', SEVERAL],
    ['adopted', ADOPTED],
    ['being created', CALLED],
    ['created without an answer', LOST],
    ['accepted', ACCEPTED],
    ['created', CREATED],
    ['created, reached, not confirmed', followed(CREATED, readIn('SUCCESS'))],
    ['ambiguous', AMBIGUOUS],
    ['somebody else’s beside it', OUTSIDER],
    ['accepted cancellation', followed(GIVEN, readIn('PENDING'), ...ASKED)],
    ['refused cancellation', followed(GIVEN, readIn('PENDING'), ...REFUSED)],
    ['unanswered cancellation', followed(GIVEN, readIn('PENDING'), ...UNANSWERED)],
    ['gone', followed(GIVEN, readIn('PENDING'), ...missingFor(60_000, true))],
    ['missing', followed(GIVEN, readIn('PENDING'), ...missingFor(60_000, false))]
  ];
  const endings: readonly (readonly [string, Transition])[] = [
    ['killed', (c) => c],
    ...Object.entries(ENDINGS).map(([name, ending]) => [name, waitEnded(ending)] as const)
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

  it('of a step that was killed before it created says so no more: it may have done it since', () => {
    const nothing = again(CREATING);
    expect(verdict(nothing, TERMS).cancellation.kind).toBe('failed');
    const listed = (...imports: Import[]): string =>
      JSON.stringify(
        verdict(
          followed(
            nothing,
            wasListed(listAt(60, ...imports), 6_000),
            wasListed(listAt(90, ...imports), 36_000)
          ),
          TERMS
        ).cancellation
      );
    expect(listed()).toBe('{"kind":"not-needed","why":"none-in-progress"}');
    expect(listed(importAt(IMPORT, 3))).toBe('{"kind":"failed"}');
    const finished = again(
      followed(CREATING, waitEnded(ENDINGS.timedOut), stepFinished(statusOf('error')))
    );
    expect(verdict(finished, TERMS).cancellation).toEqual({
      kind: 'not-needed',
      why: 'nothing-created'
    });
  });

  it('has to be quiet anew: what passed between two processes was not looked at', () => {
    const c = followed(LOST, ...SILENCE);
    expect(verdict(c, TERMS).cancellation.kind).toBe('not-needed');
    expect(again(c).quiet).toEqual({ ms: 0, lastAt: undefined });
    expect(verdict(again(c), TERMS).cancellation.kind).toBe('failed');
  });

  it('takes a cancel call that was under way at the kill for one that was not answered', () => {
    const c = again(followed(GIVEN, readIn('PENDING'), cancelAnnounced));
    expect(c.cancel).toMatchObject({ isOpen: false, isUnanswered: true });
  });

  it('keeps the minute that an import has been missing, by the clock of the new process', () => {
    const inARow = [7, 20, 33, 46, 59, 72].map((at) => wasNotFound(at * 1000));
    const later = again(followed(GIVEN, readIn('PENDING'), ...inARow));
    expect(later.missing).toMatchObject({ since: 5_000 - 65_000, until: 5_000 });
    const whole = again(followed(GIVEN, readIn('PENDING'), ...missingFor(61_000, true)));
    expect(whole.missing).toMatchObject({ since: 5_000 - 61_000, until: 5_000, wasAsked: true });
    // One that is not over is counted anew.
    const part = again(followed(GIVEN, readIn('PENDING'), ...missingFor(42_000, true)));
    expect(part.missing).toBeUndefined();
  });

  it('counts what was not over in the main step anew from its first good answer', () => {
    const c = again(CREATED);
    expect(c.resumed).toEqual({
      at: 5_000,
      answeredAt: undefined,
      isForgotten: false,
      inProgress: undefined
    });
    const listed = wasListed(listAt(100, importAt(IMPORT, 1)), 9_000, 8_000)(c);
    expect(creationOf(listed)).toMatchObject({ closesAt: 39_000, isClosed: false });
  });

  it('has no reply, and of a long history the first and the newest', () => {
    const states = Array.from({ length: 90 }, (_, index) => [`STATE_${index}`, index] as const);
    const request = { ...importIn('STATE_89', history(...states)), reply: 'secret?'.repeat(9000) };
    const c = wasRead(request, 0)(GIVEN);
    const text = saved(c, TERMS);
    expect(text).not.toContain('secret?');
    const { transitions = [] } = restored(text, 0)?.case?.read ?? {};
    expect(transitions[0]).toEqual(request.transitions[0]);
    expect(transitions.at(-1)).toEqual(request.transitions.at(-1));
    expect(transitions).toHaveLength(20);
  });

  it('does not change with what says nothing new', () => {
    const first = followed(
      GIVEN,
      wasRead(importIn('PENDING', history(['PENDING', 0]), after(1)), 0)
    );
    const next = followed(
      first,
      wasRead(importIn('PENDING', history(['PENDING', 0]), after(9)), 8000)
    );
    expect(saved(next, TERMS)).toBe(saved(first, TERMS));
  });

  it('is one line', () => {
    const trouble = { title: 'a\nb', happened: 'c\r\nd', advice: '\u2028' };
    expect(saved(followed(GIVEN, cancelRefused(trouble)), TERMS)).not.toMatch(/[\r\n]/);
  });

  it('says for the door whether it is settled', () => {
    for (const c of [
      GIVEN,
      stepFinished(undefined)(followed(GIVEN, readIn('SUCCESS'))),
      stepFinished(statusOf('error'))(GIVEN)
    ])
      expect(isSettledText(saved(c, TERMS))).toBe(isSettled(c, TERMS));
    expect(isSettledText(savedWithoutCase())).toBe(true);
  });

  it.each([
    { name: 'nothing', text: '' },
    { name: 'what was cut', text: saved(CREATED, TERMS).slice(0, 300) },
    { name: 'another version', text: saved(CREATED, TERMS).replace('"version":2', '"version":99') },
    { name: 'other JSON', text: 'null' },
    { name: 'an empty case', text: '{"version":2,"isSettled":false,"case":{}}' },
    { name: 'no case', text: '{"version":2,"isSettled":false,"case":null}' },
    { name: 'a case without its calls', text: withoutCalls(saved(CREATED, TERMS)) }
  ])('is not read from $name', ({ text }) => {
    expect(restored(text, 0)).toBeUndefined();
  });
});

const CAUSES: readonly Cause[] = [
  { kind: 'api', trouble: TROUBLE },
  { kind: 'not-created', trouble: TROUBLE },
  { kind: 'several', found: FOUND_BRIEFS },
  { kind: 'none', found: FOUND_BRIEFS },
  { kind: 'busy', found: FOUND_BRIEFS },
  { kind: 'defect', trouble: TROUBLE }
];
const DELETIONS = [
  { kind: 'asked' },
  { kind: 'deleted' },
  { kind: 'failed', isSure: false, trouble: TROUBLE }
] as const;

/** The given import, read with more than most reads tell. */
function withRead(more: Partial<Import>): Case {
  return wasRead({ ...importIn('PENDING', history(['PENDING', 0])), ...more }, 1000)(GIVEN);
}

describe('a saved case with a value of another type anywhere', () => {
  const ended = {
    kind: 'error',
    cause: { kind: 'unknown', found: FOUND_BRIEFS, trouble: TROUBLE }
  } as const;
  const cases: readonly (readonly [string, Case])[] = [
    [
      'given',
      followed(
        GIVEN,
        readIn('AWAIT_GOAL_STATE'),
        ...REFUSED,
        waitEnded(ended),
        stepFinished(statusOf('error'))
      )
    ],
    [
      'found',
      followed(
        FOUND_OURS,
        waitEnded(ENDINGS.unreachable),
        deletionChanged({ kind: 'failed', isSure: true, trouble: TROUBLE })
      )
    ],
    [
      'created',
      followed(CREATED, ...missingFor(60_000, true), ...UNANSWERED, waitEnded(ENDINGS.timedOut))
    ],
    ['read with gaps', withRead({ hasGaps: true, stoodIn: 'PENDING', readAt: after(3) })],
    ...[
      ...Object.values(ENDINGS),
      ...CAUSES.map((cause) => ({ kind: 'error', cause }) as const)
    ].map((ending): readonly [string, Case] => [
      `ended by ${ending.kind === 'error' ? ending.cause.kind : ending.kind}`,
      followed(GIVEN, waitEnded(ending))
    ]),
    ...DELETIONS.map((deletion): readonly [string, Case] => [
      `deletion ${deletion.kind}`,
      followed(GIVEN, readIn('FAILED'), deletionChanged(deletion))
    ])
  ];
  it.each(cases)('counts as nothing saved: %s', (_name, c) => {
    const text = saved(c, TERMS);
    expect(restored(text, 0)).toBeDefined();
    const { case: whole, ...rest } = JSON.parse(text) as { readonly case: unknown };
    let count = 0;
    for (const other of spoiled(whole)) {
      count += 1;
      expect(restored(JSON.stringify({ ...rest, case: other }), 0)).toBeUndefined();
    }
    expect(count).toBeGreaterThan(10);
  });
});

describe('what the doors hand over beside the case', () => {
  const context = {
    apiUrl: 'https://om.example.com/api',
    startedAt: 5,
    status: { sha: 'a'.repeat(40) }
  };

  it('comes back as it was, with a case or without one', () => {
    expect(restored(saved(CREATED, TERMS, context), 0)?.context).toEqual(context);
    expect(restored(savedWithoutCase(context), 0)).toEqual({ case: undefined, context });
    expect(restored(savedWithoutCase(), 0)).toEqual({ case: undefined, context: undefined });
  });

  it('leaves something to do where there is no case', () => {
    expect([isSettledText(savedWithoutCase()), isSettledText(savedWithoutCase(context))]).toEqual([
      true,
      false
    ]);
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
  trouble.map(
    (words) => ({ kind: 'unreachable', outageMs: 1, trouble: words, wasRefused: true }) as const
  )
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
      createAnnounced(30_000, 0),
      createAnswered(end, 100)
    ]);
    const list = { imports: [...given.before.imports, ...given.later], readAt: after(20) };
    return followed(
      opened({ kind: 'create' }),
      wasListed(given.before, 0),
      creationBegan(given.before, 0),
      ...calls,
      wasListed(list, 20_000),
      wasRead(given.request, 20_000),
      cancelRefused(given.refusal),
      waitEnded(given.ending),
      ...(given.last ? [cancelUnanswered(given.failure)] : []),
      deletionChanged({ kind: 'failed', isSure: true, trouble: given.refusal }),
      stepFinished(statusOf('error', given.description.slice(0, 140)))
    );
  });

it('an import at its goal is not cancelled where nothing was saved', () => {
  const terms: Terms = { ...TERMS, goal: 'PENDING' };
  const c = readIn('PENDING')(forgotten({ kind: 'given', id: IMPORT }, 0));
  expect(mustAsk(c, terms)).toBe(false);
});

describe('whatever a case holds', () => {
  it('it is saved in 16 KiB, and read again', () => {
    fc.assert(
      fc.property(anyCase, (c) => {
        const line = saved(c, TERMS);
        expect(Buffer.byteLength(line)).toBeLessThanOrEqual(16 * 1024);
        const back = restored(line, 0)?.case;
        expect((back && creationOf(back))?.calls.length ?? 0).toBeLessThanOrEqual(12);
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
      createAnnounced(30_000, 0.123456789),
      createAnswered('accepted', 100.123456789)
    ]);
    const states = Array.from({ length: 300 }, (_, index) => ['T'.repeat(64), index] as const);
    const c = followed(
      opened({ kind: 'create' }),
      wasListed(before, 0.123456789),
      creationBegan(before, 0.123456789),
      ...calls.flat(),
      wasListed({ imports: [...before.imports, ...newcomers], readAt: after(20) }, 20_000),
      wasRead(importIn('T'.repeat(64), history(...states)), 20_000),
      cancelUnanswered(words),
      waitEnded({ kind: 'error', cause: { kind: 'unknown', found, trouble: words } }),
      deletionChanged({ kind: 'failed', isSure: true, trouble: words }),
      stepFinished(statusOf('error', long.slice(0, 140)))
    );
    const line = saved(c, TERMS);
    expect(Buffer.byteLength(line)).toBeLessThanOrEqual(16 * 1024);
    expect(restored(line, 0)).toBeDefined();
  });

  it('it still tells what it created from 5,000 old ones', () => {
    const before = manyImports(5000, (index) => -60 - index * 60, 'SUCCESS');
    const c = again(
      followed(
        opened({ kind: 'create' }),
        wasListed(before, 0),
        creationBegan(before, 0),
        createAnnounced(30_000, 500),
        createAnswered('lost', 900)
      )
    );
    const mine = importAt(idOf(1), 1);
    const list = { imports: [...before.imports, mine], readAt: after(60) };
    const found = wasListed(list, 65_000)(c);
    expect(found.id).toBe(mine.id);
    const creation = creationOf(found);
    expect(creation && othersOf(creation)).toEqual([]);
  });

  it('it does not take what began an hour after its lost call for its own', () => {
    const c = again(CALLED);
    const hourLater = importAt(idOf(1), 3600);
    const found = wasListed(listAt(3700, hourLater), 5000)(c);
    expect(found.id).toBeUndefined();
    expect(verdict(found, TERMS).cancellation.kind).toBe('failed');
    expect(START).toBeLessThan(Date.parse(hourLater.transitions[0]?.transitionedAt ?? ''));
  });
});
