import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import {
  formatDuration,
  parseDuration,
  parseHttpDate,
  parseIsoDate,
  systemClock
} from '../src/time.ts';
import { NEVER_ABORTED } from './support/virtual-clock.ts';

describe('the system clock', () => {
  it('sleeps as long as it is told', async () => {
    const before = systemClock.now();
    await systemClock.sleep(30, NEVER_ABORTED);
    expect(systemClock.now() - before).toBeGreaterThanOrEqual(29);
  });

  it('wakes up with the reason when it is aborted in its sleep', async () => {
    const interrupt = new AbortController();
    const sleeping = systemClock.sleep(600_000, interrupt.signal);
    const reason = new Error('SIGINT');
    interrupt.abort(reason);
    await expect(sleeping).rejects.toBe(reason);
  });

  it('does not fall asleep when it was aborted before', async () => {
    const reason = new Error('SIGTERM');
    await expect(systemClock.sleep(600_000, AbortSignal.abort(reason))).rejects.toBe(reason);
  });
});

const AT = Date.parse('1994-11-06T08:49:37Z');

describe('an HTTP date', () => {
  it.each([
    'Sun, 06 Nov 1994 08:49:37 GMT',
    'Sunday, 06-Nov-94 08:49:37 GMT',
    'Sun Nov  6 08:49:37 1994',
    'Sun, 06 Nov 1994 08:49:37 UTC',
    'Sun, 06 Nov 1994 09:49:37 +0100'
  ])('is read in each form, and never in the runner’s own time: %s', (text) => {
    expect(parseHttpDate(text)).toBe(AT);
  });

  it.each(['', '0', '1', '-1', '2025', 'x 5', 'soon', 'Sun, 06 Nov 1994 08:49:37', 'Sun, GMT'])(
    'is not what Date.parse takes for one: “%s”',
    (text) => {
      expect(parseHttpDate(text)).toBeNaN();
    }
  );
});

describe('a date of Ops Manager’s', () => {
  it.each([
    '1994-11-06T08:49:37Z',
    '1994-11-06T08:49:37.000Z',
    '1994-11-06T09:49:37+01:00',
    '1994-11-06T08:49:37+0000',
    '1994-11-06T08:49:37'
  ])('is read in each form, and never in the runner’s own time: %s', (text) => {
    expect(parseIsoDate(text)).toBe(AT);
  });

  it.each(['', '0', '2025', '1994-11-06', 'soon', '1994-11-06Tsoon', '1994-13-06T08:49:37Z'])(
    'is not what Date.parse takes for one: “%s”',
    (text) => {
      expect(parseIsoDate(text)).toBeNaN();
    }
  );

  it.each(['9999-12-31T23:59:59-12:00', '0000-01-01T00:00:00+14:00', '+010000-01-01T00:00:00Z'])(
    'is none in a year that has not four digits: “%s”',
    (text) => {
      expect(parseIsoDate(text)).toBeNaN();
    }
  );

  it.each(['9999-12-31T23:59:59.999Z', '0000-01-01T00:00:00.000Z'])(
    'is one in the last and first of these years: “%s”',
    (text) => {
      expect(new Date(parseIsoDate(text)).toISOString()).toBe(text);
    }
  );

  it('is tried in a zone that is not UTC', () => {
    expect(new Date(AT).getTimezoneOffset()).not.toBe(0);
  });
});

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
