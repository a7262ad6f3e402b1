import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { formatDuration, parseDuration } from '../src/duration.ts';

const UNITS_MS = { d: 86_400_000, h: 3_600_000, m: 60_000, s: 1000 } as const;

describe('a duration', () => {
  it.each([
    { text: '90s', want: 90_000 },
    { text: '45m', want: 45 * 60_000 },
    { text: '1h30m', want: 90 * 60_000 },
    { text: '2d', want: 2 * 86_400_000 },
    { text: '1h 30m', want: 90 * 60_000 },
    { text: '1d 2h 3m 4s', want: 93_784_000 },
    { text: '0.5s', want: 500 },
    { text: '1.5h', want: 90 * 60_000 },
    { text: '1H30M', want: 90 * 60_000 },
    { text: '007s', want: 7000 },
    { text: '0s', want: 0 }
  ])('$text is $want ms', ({ text, want }) => {
    expect(parseDuration(text)).toBe(want);
  });

  it.each([
    ...[
      '',
      ' ',
      '1hour',
      '90 s',
      '1h  30m',
      '1h ',
      '90',
      '0.5',
      '-5',
      '-5s',
      '+5',
      '1e3',
      '0x10',
      'Infinity',
      'NaN'
    ],
    ...['5ms', '1w', '1y', 'm', '1h30', '.5h', '1.h', '1,5h', '1_000', '٣s', '5m\n', '1h\n30m']
  ])('%j is none', (text) => {
    expect(parseDuration(text)).toBeUndefined();
  });

  it('is the sum of its parts, in any order', () => {
    const parts = fc.array(
      fc.tuple(fc.nat({ max: 1000 }), fc.constantFrom(...(['d', 'h', 'm', 's'] as const))),
      { minLength: 1, maxLength: 4 }
    );
    fc.assert(
      fc.property(parts, fc.constantFrom('', ' '), (list, blank) => {
        const text = list.map(([count, unit]) => `${count}${unit}`).join(blank);
        const want = list.reduce((sum, [count, unit]) => sum + count * UNITS_MS[unit], 0);
        expect(parseDuration(text)).toBe(want);
      })
    );
  });

  it('is read from whatever text without a throw, and is never negative or not a number', () => {
    fc.assert(
      fc.property(fc.oneof(fc.string(), fc.stringMatching(/^[0-9.dhmse+-]{0,20}$/)), (text) => {
        const ms = parseDuration(text);
        expect(ms === undefined || ms >= 0).toBe(true);
      })
    );
  });
});

describe('a duration in words', () => {
  it.each([
    { ms: 0, want: '0s' },
    { ms: 400, want: '0s' },
    { ms: 500, want: '1s' },
    { ms: 1499, want: '1s' },
    { ms: 59_900, want: '1m' },
    { ms: 125_000, want: '2m 5s' },
    { ms: 5_400_000, want: '1h 30m' },
    { ms: 86_400_000, want: '1d' }
  ])('$ms ms is $want', ({ ms, want }) => {
    expect(formatDuration(ms)).toBe(want);
  });

  it('reads back to the same second', () => {
    fc.assert(
      fc.property(fc.nat({ max: 364 * 86_400 }), (seconds) => {
        expect(parseDuration(formatDuration(seconds * 1000))).toBe(seconds * 1000);
      })
    );
  });
});
