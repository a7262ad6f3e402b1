import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { ApiError, isNotFound } from '../../src/case/import-api.ts';
import {
  arrivals,
  beganAtMs,
  briefly,
  enteredAt,
  importDurationMs,
  isInProgress,
  isLagging,
  isNews,
  lastPhase,
  LIMIT_NAMES,
  merged,
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
const NEW = ['AWAIT_COFFEE', 60] as const;

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

describe('where an import that ended stood', () => {
  it.each([
    { it: 'was read, where its history is empty', told: [], stoodIn: CONNECTED, want: CONNECTED },
    { it: 'is the later of the two', told: [PENDING], stoodIn: CONNECTED, want: CONNECTED },
    {
      it: 'is what its history tells',
      told: [PENDING, CONNECTED],
      stoodIn: PENDING,
      want: CONNECTED
    },
    { it: 'is told without its beginning', told: [DISCOVERED], stoodIn: PENDING, want: DISCOVERED },
    {
      it: 'is the later one, where both were told',
      told: [PENDING, NEW],
      stoodIn: PENDING,
      want: NEW
    },
    { it: 'may be what nobody knows', told: [PENDING], stoodIn: NEW, want: NEW },
    { it: 'may be after what nobody knows', told: [NEW], stoodIn: CONNECTED, want: CONNECTED }
  ])('$it', ({ told, stoodIn, want }) => {
    const failed = importIn('FAILED', history(...told, FAILED));
    expect(lastPhase({ ...failed, stoodIn: stoodIn[0] })).toBe(want[0]);
  });
});

describe('the limit of a phase', () => {
  it('is named as the create call names it', () => {
    expect(LIMIT_NAMES).toEqual({
      PENDING: undefined,
      AWAIT_SEED_HOST_CONNECTED: 'seedHostConnectionSec',
      AWAIT_HOSTS_DISCOVERED: 'processesDiscoverySec',
      AWAIT_AUTOMATION_IMPORTED: 'automationImported',
      AWAIT_GOAL_STATE: 'goalStateSec'
    });
  });
});

describe('when an import began', () => {
  it('is its first transition', () => {
    expect(beganAtMs(importIn(CONNECTED[0], history(PENDING, CONNECTED)))).toBe(
      Date.parse(after(0))
    );
  });

  it('is unknown without a whole history', () => {
    expect(beganAtMs(importIn(PENDING[0], []))).toBeUndefined();
    const read = importIn(CONNECTED[0], history(CONNECTED));
    expect(beganAtMs({ ...read, hasGaps: true })).toBeUndefined();
  });
});

describe('a read from a node that lags', () => {
  const [pending, connected] = [PENDING[0], CONNECTED[0]];
  it.each([
    { known: undefined, read: pending, want: false },
    { known: importIn(pending), read: pending, want: false },
    { known: importIn(pending), read: connected, want: false },
    { known: importIn(connected), read: pending, want: true },
    { known: importIn(connected), read: 'FAILED', want: false },
    { known: importIn('FAILED'), read: 'AWAIT_GOAL_STATE', want: true },
    { known: importIn('FAILED'), read: 'SUCCESS', want: true },
    { known: importIn('FAILED'), read: 'AWAIT_COFFEE', want: true },
    // Outside the pipeline the known history tells which was first.
    { known: importIn(NEW[0], history(PENDING, NEW)), read: pending, want: true },
    { known: importIn(NEW[0], history(PENDING)), read: pending, want: true },
    { known: importIn(NEW[0], history(NEW)), read: pending, want: false },
    { known: importIn(NEW[0], history(NEW, CONNECTED)), read: connected, want: false },
    { known: importIn(NEW[0], history(PENDING, NEW, PENDING)), read: pending, want: false },
    { known: importIn(connected, history(NEW, CONNECTED)), read: NEW[0], want: true },
    { known: importIn(connected, history(CONNECTED)), read: NEW[0], want: false },
    { known: importIn(connected, history(CONNECTED, NEW)), read: NEW[0], want: false },
    { known: importIn(connected, history(NEW, CONNECTED, NEW)), read: NEW[0], want: false }
  ])('of $read after $known.state: $want', ({ known, read, want }) => {
    expect(isLagging(known, importIn(read))).toBe(want);
    expect(isNews(known, importIn(read))).toBe(!want && known?.state !== read);
  });
});

describe('what is known after a read', () => {
  const known = importIn(CONNECTED[0], history(PENDING, CONNECTED));

  it('has the longer one of two histories', () => {
    const short = importIn(DISCOVERED[0], history(DISCOVERED));
    expect(merged(known, short)).toMatchObject({
      state: DISCOVERED[0],
      transitions: known.transitions
    });
    const other = history(PENDING, DISCOVERED);
    expect(merged(known, importIn(DISCOVERED[0], other)).transitions).toEqual(other);
    expect(merged(undefined, short)).toBe(short);
  });

  it('has where it stood before it ended', () => {
    const failed = merged(known, importIn('FAILED', history(PENDING)));
    expect(failed.stoodIn).toBe(CONNECTED[0]);
    expect(merged(failed, importIn('FAILED', history(FAILED))).stoodIn).toBe(CONNECTED[0]);
    expect(merged(importIn(PENDING[0]), known)).not.toHaveProperty('stoodIn');
  });
});

describe('imports in a few words', () => {
  it('are ten at most, those that changed last first', () => {
    const many = Array.from({ length: 12 }, (_, index) => ({
      ...importIn(PENDING[0], history(['PENDING', (index * 7) % 12])),
      id: String((index * 7) % 12)
    }));
    const { imports, count } = briefly([...many, { ...importIn(PENDING[0], []), id: 'old' }]);
    expect(count).toBe(13);
    expect(imports.map(({ id }) => id)).toEqual([
      '11',
      '10',
      '9',
      '8',
      '7',
      '6',
      '5',
      '4',
      '3',
      '2'
    ]);
    expect(imports[0]).toEqual({ id: '11', state: 'PENDING', since: after(11) });
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

describe('an error of the API', () => {
  it.each([
    { kind: 'refused', status: 404, want: true },
    { kind: 'refused', status: 403, want: false },
    { kind: 'misconfigured', status: 404, want: false },
    { kind: 'transient', status: 404, want: false }
  ] as const)('means no such import only in Ops Manager’s own words: $kind $status', (row) => {
    const words = { title: 'No', happened: 'It is not there.' };
    expect(isNotFound(new ApiError(row.kind, words, { status: row.status }))).toBe(row.want);
    expect(isNotFound(Object.assign(new Error('No'), row))).toBe(false);
  });

  it('says what happened and what to do, and is no word on a nonce unless it says so', () => {
    const words = { title: 'Refused', happened: 'It was refused.' };
    const error = new ApiError('refused', { ...words, advice: 'Ask why.' });
    expect(error).toMatchObject({ message: 'It was refused. Ask why.', isStale: false });
    expect(new ApiError('refused', words, { isStale: true })).toMatchObject({
      message: 'It was refused.',
      isStale: true
    });
  });
});
