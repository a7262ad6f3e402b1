import { describe, expect, it } from '@jest/globals';
import { parseHttpDate, parseIsoDate } from '../src/dates.ts';

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

  it('is tried in a zone that is not UTC', () => {
    expect(new Date(AT).getTimezoneOffset()).not.toBe(0);
  });
});
