import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { Cadence, jittered } from '../../src/wait/cadence.ts';
import { NO_JITTER } from '../support/virtual-clock.ts';

function pauses(cadence: Cadence, count: number): number[] {
  return Array.from({ length: count }, () => cadence.next());
}

describe('the cadence', () => {
  it('starts at 1 s and grows by half up to the longest pause', () => {
    const cadence = new Cadence(10_000, NO_JITTER);
    const want = [1000, 1500, 2250, 3375, 5062.5, 7593.75, 10_000, 10_000, 10_000];
    expect(pauses(cadence, 9)).toEqual(want);
  });

  it('starts again when it is restarted', () => {
    const cadence = new Cadence(10_000, NO_JITTER);
    pauses(cadence, 20);
    cadence.restart();
    expect(pauses(cadence, 2)).toEqual([1000, 1500]);
  });

  it('never pauses longer than the poll interval, even if that is the first pause', () => {
    expect(pauses(new Cadence(1000, NO_JITTER), 3)).toEqual([1000, 1000, 1000]);
  });

  it('has up to 10 % taken off each pause, and nothing added', () => {
    expect(jittered(1000, () => 0)).toBe(1000);
    expect(jittered(1000, () => 1)).toBe(900);
    const fractions = fc.array(fc.double({ min: 0, max: 1, noNaN: true }), { minLength: 30 });
    fc.assert(
      fc.property(fc.integer({ min: 1000, max: 600_000 }), fractions, (longestMs, random) => {
        const draw = random.values();
        const cadence = new Cadence(longestMs, () => draw.next().value ?? 0);
        const steady = new Cadence(longestMs, NO_JITTER);
        for (const pauseMs of pauses(cadence, 30)) {
          const longest = steady.next();
          expect(pauseMs).toBeLessThanOrEqual(longest);
          expect(pauseMs).toBeGreaterThanOrEqual(longest * 0.9 - 1e-6);
        }
      })
    );
  });
});
