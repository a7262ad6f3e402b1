import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import type { TimelineEntry } from '../../src/case/import.ts';
import { type Stop, timelineChart, timelineTable } from '../../src/report/timeline.ts';

const TIMED_OUT: Stop = { phase: 'AWAIT_GOAL_STATE', sign: '⏱️' };

function entry(
  state: string,
  transitionedAt: string,
  durationMs?: number,
  progress: TimelineEntry['progress'] = 'passed'
): TimelineEntry {
  return { state, transitionedAt, durationMs, progress };
}

const PENDING = entry('PENDING', '2025-10-20T10:00:00.000Z', 120_000);
const WAITING = entry('AWAIT_GOAL_STATE', '2025-10-20T10:02:00.000Z', 2_580_000, 'running');
const CANCELLED = entry('CANCELLED', '2025-10-20T10:45:00.000Z', undefined, 'ended');

/** The table's rows, without how a state may be broken. */
function rowsOf(entries: readonly TimelineEntry[], stop?: Stop): string[] {
  return timelineTable(entries, stop)
    .split('\n')
    .filter((line) => line.startsWith('|'))
    .map((line) => line.replace(/<\/?code>/g, '`').replaceAll('\\_<wbr>', '_'));
}

describe('the table of the timeline', () => {
  it('says of each state how long it lasted and when it was entered, and the date once', () => {
    expect(rowsOf([PENDING, { ...WAITING, progress: 'passed' }, CANCELLED], TIMED_OUT)).toEqual([
      '| State | Time in it | Entered (UTC) |',
      '| :-- | --: | --: |',
      '| ✅ `PENDING` | 2m | 2025-10-20 10:00:00 |',
      '| ⏱️ `AWAIT_GOAL_STATE` | 43m | 10:02:00 |',
      '| 🚫 `CANCELLED` |  | 10:45:00 |'
    ]);
  });

  it('names the date again where a day begins', () => {
    const late = entry('AWAIT_GOAL_STATE', '2025-10-21T00:00:00.000Z', 1, 'running');
    expect(
      rowsOf([PENDING, late, { ...CANCELLED, transitionedAt: '2025-10-21T00:00:01Z' }])
    ).toEqual(
      expect.arrayContaining([
        '| ⏳ `AWAIT_GOAL_STATE` | under 1s so far | 2025-10-21 00:00:00 |',
        '| 🚫 `CANCELLED` |  | 00:00:01 |'
      ])
    );
  });

  it('tells a moment from no time at all', () => {
    const rows = rowsOf([0, 1, 999, 1000].map((durationMs) => ({ ...PENDING, durationMs })));
    expect(rows.slice(2).map((line) => line.split(' | ')[1])).toEqual([
      '0s',
      'under 1s',
      'under 1s',
      '1s'
    ]);
  });

  it('marks the state that lasts', () => {
    expect(rowsOf([PENDING, WAITING])).toContain(
      '| ⏳ `AWAIT_GOAL_STATE` | 43m so far | 10:02:00 |'
    );
  });

  it('says where the transitions are that it leaves out', () => {
    const many = Array.from({ length: 250 }, (_, index) => ({ ...PENDING, state: `S${index}` }));
    expect(rowsOf(many)).toHaveLength(102);
    expect(rowsOf(many).at(-1)).toContain('`S249`');
    expect(timelineTable(many, undefined)).toContain(
      '150 earlier transitions are in the output `history`.'
    );
  });

  it('is empty without transitions', () => {
    expect(timelineTable([], undefined)).toBe('');
    expect(timelineChart([], undefined)).toBe('');
  });
});

const START = Date.parse('2025-10-20T10:00:00.123Z');

function entryAt(state: string, atMs: number, durationMs?: number): TimelineEntry {
  const transitionedAt = new Date(START + atMs).toISOString();
  const progress = durationMs === undefined ? 'ended' : 'passed';
  return { state, transitionedAt, durationMs, progress };
}

const FAILED = [
  entryAt('PENDING', 0, 120_000),
  entryAt('AWAIT_SEED_HOST_CONNECTED', 120_000, 600_000),
  entryAt('FAILED', 720_000)
];

/** The lines of a chart, but for the fence and the first, which has its looks. */
function linesOf(chart: string): string[] {
  return chart.split('\n').slice(2, -1);
}

describe('a chart', () => {
  it('has a row for each state, to the millisecond, and its day as a title, on a day without a change of clocks', () => {
    const stop = { phase: 'AWAIT_SEED_HOST_CONNECTED', sign: '❌' };
    expect(linesOf(timelineChart(FAILED, stop))).toEqual([
      'gantt',
      '    title 2025-10-20, UTC',
      '    dateFormat YYYY-MM-DD HH:mm:ss.SSS',
      '    axisFormat %H:%M',
      '    tickInterval 5minute',
      '    todayMarker off',
      '    section PENDING<br>✅ 2m',
      '    \u200b :2024-12-10 10:00:00.123, 2024-12-10 10:02:00.123',
      '    section AWAIT_SEED_HOST_CONNECTED<br>❌ 10m',
      '    \u200b :crit, 2024-12-10 10:02:00.123, 2024-12-10 10:12:00.123',
      '    section FAILED<br>❌',
      '    \u200b :crit, milestone, 2024-12-10 10:12:00.123, 2024-12-10 10:12:00.123'
    ]);
  });

  it('has no red in it when the step passed', () => {
    const reached = [entryAt('PENDING', 0, 1000), entryAt('SUCCESS', 1000)];
    expect(linesOf(timelineChart(reached, undefined)).join('\n')).not.toContain('crit');
  });

  it('shows as a milestone what is too short for a bar', () => {
    const entries = [
      entryAt('PENDING', 0, 3),
      entryAt('AWAIT_GOAL_STATE', 3, 3_600_000),
      entryAt('SUCCESS', 3_600_003)
    ];
    expect(
      linesOf(timelineChart(entries, undefined)).filter((line) => line.includes(' :'))
    ).toEqual([
      expect.stringContaining(':milestone, 2024-12-10 10:00:00.123, 2024-12-10 10:00:00.126'),
      expect.not.stringContaining('milestone'),
      expect.stringContaining('milestone')
    ]);
  });

  it('counts a state that comes again, so that its rows stay apart', () => {
    const long = 'A'.repeat(64);
    const entries = [
      entryAt(long, 0, 1000),
      entryAt('PENDING', 1000, 1000),
      entryAt(long, 2000, 1000),
      entryAt('PENDING', 3000, 1000)
    ];
    const sections = linesOf(timelineChart(entries, undefined)).filter((line) =>
      line.includes('section')
    );
    expect(sections.map((line) => line.trim())).toEqual([
      `section ${'A'.repeat(24)}…<br>✅ 1s`,
      'section PENDING<br>✅ 1s',
      `section ${'A'.repeat(20)}… (2)<br>✅ 1s`,
      'section PENDING (2)<br>✅ 1s'
    ]);
  });

  it('has the last thirty of very many states', () => {
    const many = Array.from({ length: 40 }, (_, index) =>
      entryAt(`STEP_${index}`, index * 1000, 1000)
    );
    const sections = linesOf(timelineChart(many, undefined)).filter((line) =>
      line.includes('section')
    );
    expect(sections).toHaveLength(30);
    expect(sections[0]).toContain('STEP_10<');
  });

  it('names both days, and the day of its weekly times', () => {
    const month = [entryAt('PENDING', 0, 30 * 86_400_000), entryAt('SUCCESS', 30 * 86_400_000)];
    expect(linesOf(timelineChart(month, undefined))).toEqual(
      expect.arrayContaining([
        '    title 2025-10-20 to 2025-11-19, UTC',
        '    tickInterval 1week',
        '    weekday tuesday'
      ])
    );
  });

  it('has its own days where it shows them', () => {
    const days = [entryAt('PENDING', 0, 3 * 86_400_000), entryAt('SUCCESS', 3 * 86_400_000)];
    expect(timelineChart(days, undefined)).toContain(
      ':2025-10-20 10:00:00.123, 2025-10-23 10:00:00.123'
    );
  });

  it('goes on into the next day, before 1970, too', () => {
    const night = [
      { ...entryAt('PENDING', 0, 7_200_000), transitionedAt: '1969-07-20T23:30:00.000Z' },
      { ...entryAt('SUCCESS', 0), transitionedAt: '1969-07-21T01:30:00.000Z' }
    ];
    expect(timelineChart(night, undefined)).toContain(
      ':2024-12-10 23:30:00.000, 2024-12-11 01:30:00.000'
    );
  });

  const nothing: Readonly<Record<string, readonly TimelineEntry[]>> = {
    'no state': [],
    'a single state': [entryAt('PENDING', 0, 1000)],
    'no time at all': [entryAt('PENDING', 0, 0), entryAt('SUCCESS', 0)],
    'a year that Mermaid takes for another one': [
      { ...entryAt('PENDING', 0, 1000), transitionedAt: '0099-10-20T10:00:00.000Z' },
      { ...entryAt('SUCCESS', 0), transitionedAt: '0099-10-20T10:00:01.000Z' }
    ],
    'a year of five digits': [entryAt('PENDING', 0, 1000), entryAt('SUCCESS', 260_000_000_000_000)]
  };
  it.each(Object.keys(nothing))('is left out for %s', (name) => {
    expect(timelineChart(nothing[name] ?? FAILED, undefined)).toBe('');
  });
});

interface TimeAxis {
  readonly tickInterval: string | undefined;
  readonly axisFormat: string | undefined;
  readonly weekday: string | undefined;
}

const SECOND = 1000;
const MINUTE = 60 * SECOND;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;
// What the longest name of a phase leaves of a phone.
const WIDTH_PX = 105;
const LONGEST_NAME = 'AWAIT_SEED_HOST_CONNECTED';

const LENGTHS: Readonly<Record<string, number>> = {
  millisecond: 1,
  second: SECOND,
  minute: MINUTE,
  hour: HOUR,
  day: DAY
};
// In Verdana, which is wide, at ten pixels.
const LABELS_PX: Readonly<Record<string, number>> = {
  '%S.%L': 36.3,
  '%H:%M:%S': 47.2,
  '%H:%M': 30,
  '%m-%d': 30,
  '%Y-%m': 42.7
};

/** How the times below a chart of `lengthMs` are divided; undefined where there is none. */
function axisOf(startMs: number, lengthMs: number): TimeAxis | undefined {
  const [start = '', end = ''] = [startMs, startMs + lengthMs].map((ms) =>
    new Date(ms).toISOString()
  );
  const chart = timelineChart(
    [entry(LONGEST_NAME, start, lengthMs), entry('SUCCESS', end, undefined, 'ended')],
    undefined
  );
  if (chart === '') return undefined;
  const [tickInterval, axisFormat, weekday] = ['tickInterval', 'axisFormat', 'weekday'].map(
    (name) => new RegExp(`^ +${name} (.+)$`, 'm').exec(chart)?.[1]
  );
  return { tickInterval, axisFormat, weekday };
}

/** Where d3, and so Mermaid, puts the ticks, in milliseconds. */
function ticksOf({ tickInterval, weekday }: TimeAxis, start: number, end: number): number[] {
  const [, count = '', unit = ''] = /^(\d+)([a-z]+)$/.exec(tickInterval ?? '') ?? [];
  const days = (keep: (day: Date) => boolean): number[] => {
    const first = Math.ceil(start / DAY) * DAY;
    const length = Math.max(0, Math.floor((end - first) / DAY) + 1);
    return Array.from({ length }, (_, index) => first + index * DAY).filter((day) =>
      keep(new Date(day))
    );
  };
  if (unit === 'day') return days((day) => (day.getUTCDate() - 1) % Number(count) === 0);
  if (unit === 'week') {
    const weekly = days(
      (day) =>
        day.toLocaleDateString('en', { weekday: 'long', timeZone: 'UTC' }).toLowerCase() === weekday
    );
    // Every second week of all that there have been, whichever that is.
    return weekly.filter((_, index) => index % Number(count) === 0);
  }
  if (unit === 'month')
    return days((day) => day.getUTCDate() === 1 && day.getUTCMonth() % Number(count) === 0);
  const lengthMs = Number(count) * (LENGTHS[unit] ?? NaN);
  const first = Math.ceil(start / lengthMs) * lengthMs;
  const length = Math.max(0, Math.floor((end - first) / lengthMs) + 1);
  return Array.from({ length }, (_, index) => first + index * lengthMs);
}

describe('the times below a chart', () => {
  const cases: readonly (readonly [string, number, string, string])[] = [
    ['800 ms', 800, '400millisecond', '%S.%L'],
    ['5 s', 5 * SECOND, '4second', '%H:%M:%S'],
    ['40 s', 40 * SECOND, '20second', '%H:%M:%S'],
    ['3 minutes', 3 * MINUTE, '1minute', '%H:%M'],
    ['15 minutes', 15 * MINUTE, '5minute', '%H:%M'],
    ['2 hours', 2 * HOUR, '1hour', '%H:%M'],
    ['20 hours', 20 * HOUR, '12hour', '%H:%M'],
    ['30 hours', 30 * HOUR, '1day', '%m-%d'],
    ['3 days', 3 * DAY, '1day', '%m-%d'],
    ['6 days', 6 * DAY, '2day', '%m-%d'],
    ['20 days', 20 * DAY, '1week', '%m-%d'],
    ['10 weeks', 70 * DAY, '4week', '%m-%d'],
    ['18 months', 540 * DAY, '12month', '%Y-%m']
  ];
  it.each(cases)('of %s on a phone fit', (_name, lengthMs, tickInterval, axisFormat) => {
    expect(axisOf(START, lengthMs)).toMatchObject({ tickInterval, axisFormat });
  });

  it('never touch, and up to ten weeks there is one at least', () => {
    const lengths = fc
      .integer({ min: 0, max: 15 })
      .chain((power) => fc.integer({ min: 1, max: Math.min(600 * DAY, 6 ** power + 1) }));
    const starts = fc.integer({ min: Date.parse('2024-01-01'), max: Date.parse('2030-01-01') });
    fc.assert(
      fc.property(starts, lengths, (start, lengthMs) => {
        const axis = axisOf(start, lengthMs);
        if (axis === undefined) throw new Error('There are ticks');
        const ticks = ticksOf(axis, start, start + lengthMs);
        const labelPx = LABELS_PX[axis.axisFormat ?? ''] ?? Infinity;
        const apartPx = ticks
          .slice(1)
          .map((tick, index) => ((tick - (ticks[index] ?? 0)) / lengthMs) * WIDTH_PX);
        const isShown = lengthMs > 70 * DAY || ticks.length > 0;
        return isShown && apartPx.every((px) => px > labelPx + 2);
      }),
      { numRuns: 1000 }
    );
  });

  it('are none for an import of decades', () => {
    const first = Date.parse('1970-01-01');
    expect(axisOf(first, START - first)).toBeUndefined();
  });
});
