import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { timeAxis } from '../../src/report/timeline.ts';

type TimeAxis = NonNullable<ReturnType<typeof timeAxis>>;

const SECOND = 1000;
const MINUTE = 60 * SECOND;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;
const START = Date.parse('2025-10-20T10:00:00.123Z');
const WIDTH_PX = 105;

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

/** Where d3, and so Mermaid, puts the ticks, in milliseconds. */
function ticksOf({ tickInterval, weekday }: TimeAxis, start: number, end: number): number[] {
  const [, count = '', unit = ''] = /^(\d+)([a-z]+)$/.exec(tickInterval) ?? [];
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
    expect(timeAxis(START, START + lengthMs, WIDTH_PX)).toMatchObject({ tickInterval, axisFormat });
  });

  it('never touch, and up to ten weeks there is one at least', () => {
    const lengths = fc
      .integer({ min: 0, max: 15 })
      .chain((power) => fc.integer({ min: 1, max: Math.min(600 * DAY, 6 ** power + 1) }));
    const starts = fc.integer({ min: Date.parse('2024-01-01'), max: Date.parse('2030-01-01') });
    fc.assert(
      fc.property(starts, lengths, (start, lengthMs) => {
        const axis = timeAxis(start, start + lengthMs, WIDTH_PX);
        if (axis === undefined) throw new Error('There are ticks');
        const ticks = ticksOf(axis, start, start + lengthMs);
        const labelPx = LABELS_PX[axis.axisFormat] ?? Infinity;
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
    expect(timeAxis(Date.parse('1970-01-01'), START, WIDTH_PX)).toBeUndefined();
  });
});
