import { describe, expect, it } from '@jest/globals';
import { parseHttpDate } from '../../src/ops-manager/http-date.ts';

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
