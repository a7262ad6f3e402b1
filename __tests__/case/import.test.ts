import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import {
  arrivals,
  enteredAt,
  importDurationMs,
  isInProgress,
  lastPhase,
  timeInStateMs,
  timeline
} from '../../src/case/import.ts';
import { PIPELINE } from '../../src/case/states.ts';
import { after, history, importIn } from '../support/imports.ts';

const PHASES = PIPELINE.slice(0, -1);
const PENDING = ['PENDING', 0] as const;
const CONNECTED = ['AWAIT_SEED_HOST_CONNECTED', 120] as const;
const DISCOVERED = ['AWAIT_HOSTS_DISCOVERED', 300] as const;
const FAILED = ['FAILED', 480] as const;

/** The first states of a pipeline with rising times, as a history. */
const histories = fc
  .tuple(
    fc.integer({ min: 1, max: PHASES.length }),
    fc.array(fc.integer({ min: 0, max: 100_000 }), {
      minLength: PIPELINE.length,
      maxLength: PIPELINE.length
    }),
    fc.constantFrom(undefined, 'SUCCESS', 'FAILED', 'CANCELLED')
  )
  .map(([phases, seconds, end]) => {
    const states = [...PHASES.slice(0, phases), ...(end === undefined ? [] : [end])];
    const times = seconds.toSorted((a, b) => a - b);
    return history(...states.map((state, index) => [state, times[index] ?? 0] as const));
  });

describe('an import', () => {
  it.each([
    { state: 'PENDING', transitions: history(PENDING), want: 'PENDING' },
    { state: 'AWAIT_COFFEE', transitions: history(PENDING), want: 'AWAIT_COFFEE' },
    { state: 'FAILED', transitions: history(PENDING, CONNECTED, FAILED), want: CONNECTED[0] },
    { state: 'FAILED', transitions: history(PENDING, CONNECTED), want: CONNECTED[0] },
    { state: 'CANCELLED', transitions: history(PENDING, ['CANCELLED', 3]), want: 'PENDING' },
    { state: 'FAILED', transitions: history(FAILED), want: undefined },
    { state: 'SUCCESS', transitions: [], want: undefined }
  ])('in $state stood last in $want', ({ state, transitions, want }) => {
    expect(lastPhase(importIn(state, transitions))).toBe(want);
  });

  it('is in progress until it has ended, also in a state that nobody knows', () => {
    const ended = [...PHASES, 'AWAIT_COFFEE', 'SUCCESS', 'FAILED', 'CANCELLED'].filter(
      (state) => !isInProgress(importIn(state))
    );
    expect(ended).toEqual(['SUCCESS', 'FAILED', 'CANCELLED']);
  });

  it.each([
    {
      name: 'has been in its state since its last transition',
      request: importIn(CONNECTED[0], history(PENDING, CONNECTED), after(150)),
      want: { enteredAt: after(120), inStateMs: 30_000, durationMs: 120_000 }
    },
    {
      name: 'says nothing of its state when the history lags behind',
      request: importIn(DISCOVERED[0], history(PENDING, CONNECTED), after(400)),
      want: { enteredAt: undefined, inStateMs: undefined, durationMs: 120_000 }
    },
    {
      name: 'says nothing of the time in its state when the reply was not dated',
      request: importIn('PENDING', history(PENDING)),
      want: { enteredAt: after(0), inStateMs: undefined, durationMs: 0 }
    },
    {
      name: 'is never in its state for less than no time, whatever the clocks say',
      request: importIn('PENDING', history(['PENDING', 1]), after(0)),
      want: { enteredAt: after(1), inStateMs: 0, durationMs: 0 }
    },
    {
      name: 'without a history has no times',
      request: importIn('PENDING', [], after(3)),
      want: { enteredAt: undefined, inStateMs: undefined, durationMs: undefined }
    }
  ])('$name', ({ request, want }) => {
    expect({
      enteredAt: enteredAt(request),
      inStateMs: timeInStateMs(request),
      durationMs: importDurationMs(request)
    }).toEqual(want);
  });
});

describe('the timeline', () => {
  it.each([
    {
      name: 'says how long each state took, and that the last one lasts',
      request: importIn(CONNECTED[0], history(PENDING, CONNECTED), after(150)),
      want: [
        ['PENDING', 120_000, 'passed'],
        [CONNECTED[0], 30_000, 'running']
      ]
    },
    {
      name: 'ends without a duration',
      request: importIn('FAILED', history(PENDING, FAILED), after(900)),
      want: [
        ['PENDING', 480_000, 'passed'],
        ['FAILED', undefined, 'ended']
      ]
    },
    {
      name: 'does not call a state running that the import has left already',
      request: importIn('FAILED', history(PENDING, CONNECTED), after(150)),
      want: [
        ['PENDING', 120_000, 'passed'],
        [CONNECTED[0], 30_000, 'passed']
      ]
    },
    { name: 'is empty without a history', request: importIn('PENDING'), want: [] }
  ])('$name', ({ request, want }) => {
    const rows = timeline(request).map(({ state, durationMs, progress }) => [
      state,
      durationMs,
      progress
    ]);
    expect(rows).toEqual(want);
  });

  it('adds up to the duration of the import, for any history', () => {
    fc.assert(
      fc.property(histories, (transitions) => {
        const request = importIn(transitions.at(-1)?.state ?? '', transitions);
        const passed = timeline(request).filter(({ progress }) => progress === 'passed');
        const sum = passed.reduce((total, { durationMs }) => total + (durationMs ?? NaN), 0);
        expect(sum).toBe(importDurationMs(request));
        expect(passed).toHaveLength(transitions.length - 1);
      })
    );
  });
});

describe('arrivals', () => {
  const pending = importIn('PENDING', history(PENDING), after(100));
  const discovered = importIn(
    'AWAIT_HOSTS_DISCOVERED',
    history(PENDING, CONNECTED, DISCOVERED),
    after(310)
  );
  const lagging = importIn('AWAIT_SEED_HOST_CONNECTED', history(PENDING), after(130));
  const caughtUp = importIn('AWAIT_SEED_HOST_CONNECTED', history(PENDING, CONNECTED), after(140));

  it.each([
    { name: 'all states at the first read', from: undefined, to: pending, want: ['PENDING'] },
    {
      name: 'a state that no read met',
      from: pending,
      to: discovered,
      want: ['AWAIT_SEED_HOST_CONNECTED', 'AWAIT_HOSTS_DISCOVERED']
    },
    { name: 'nothing when nothing changed', from: discovered, to: discovered, want: [] },
    {
      name: 'a state that the history does not have yet',
      from: pending,
      to: lagging,
      want: ['AWAIT_SEED_HOST_CONNECTED']
    },
    { name: 'such a state only once', from: lagging, to: lagging, want: [] },
    {
      name: 'such a state not again once the history has it',
      from: lagging,
      to: caughtUp,
      want: []
    },
    {
      name: 'what came after such a state',
      from: lagging,
      to: discovered,
      want: ['AWAIT_HOSTS_DISCOVERED']
    },
    {
      name: 'a state without any history',
      from: undefined,
      to: importIn('PENDING'),
      want: ['PENDING']
    },
    {
      name: 'each state once when the history is ahead of the state',
      from: undefined,
      to: importIn('PENDING', history(PENDING, CONNECTED)),
      want: ['PENDING', 'AWAIT_SEED_HOST_CONNECTED']
    }
  ])('are $name', ({ from, to, want }) => {
    expect(arrivals(from, to).map(({ state }) => state)).toEqual(want);
  });

  it('say when they were and what was left, with the time spent there', () => {
    expect(arrivals(pending, discovered)).toMatchObject([
      { at: after(120), left: { state: 'PENDING', durationMs: 120_000 } },
      { at: after(300), left: { state: 'AWAIT_SEED_HOST_CONNECTED', durationMs: 180_000 } }
    ]);
    expect(arrivals(pending, lagging)).toMatchObject([
      { at: undefined, left: { state: 'PENDING', durationMs: 130_000, progress: 'passed' } }
    ]);
    expect(arrivals(undefined, pending)).toMatchObject([{ left: undefined }]);
  });

  it('name each state of a history exactly once, in order, wherever the reads fell', () => {
    const cut = fc.array(fc.nat({ max: 6 }), { maxLength: 8 });
    fc.assert(
      fc.property(histories, cut, fc.boolean(), (transitions, cuts, lags) => {
        const lengths = [...cuts, transitions.length]
          .map((length) => Math.min(Math.max(1, length), transitions.length))
          .sort((a, b) => a - b);
        const reads = lengths.map((length, index) => {
          // A lagging history misses the present state on every second read, but not on the last.
          const missing = lags && index % 2 === 0 && index < lengths.length - 1 ? 1 : 0;
          const state = transitions[length - 1]?.state ?? '';
          return importIn(state, transitions.slice(0, length - missing));
        });
        const met = reads.flatMap((read, index) => arrivals(reads[index - 1], read));
        expect(met.map(({ state }) => state)).toEqual(transitions.map(({ state }) => state));
      })
    );
  });
});
