import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { Cadence } from '../../src/wait/retry.ts';
import { StallClock } from '../../src/wait/patience.ts';
import { NO_JITTER, VirtualClock } from '../support/virtual-clock.ts';

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
    expect(new Cadence(1000, () => 0).next()).toBe(1000);
    expect(new Cadence(1000, () => 1).next()).toBe(900);
    const fractions = fc.array(fc.double({ min: 0, max: 1, noNaN: true }), { minLength: 30 });
    fc.assert(
      fc.property(fc.integer({ min: 1000, max: 600_000 }), fractions, (longestMs, random) => {
        const draw = random.values();
        const cadence = new Cadence(longestMs, () => draw.next().value ?? 0);
        const steady = new Cadence(longestMs, NO_JITTER);
        return pauses(cadence, 30).every((pauseMs) => {
          const longest = steady.next();
          return pauseMs <= longest && pauseMs >= longest * 0.9 - 1e-6;
        });
      })
    );
  });
});

describe('the stall clock', () => {
  it('begins with the first progress, and anew with each', async () => {
    const clock = new VirtualClock();
    const stall = new StallClock(60_000, clock, () => 0);
    await clock.passTo(10_000);
    expect([stall.unchangedMs, stall.leftMs]).toEqual([0, 60_000]);
    stall.restart();
    await clock.passTo(35_000);
    expect([stall.unchangedMs, stall.leftMs]).toEqual([25_000, 35_000]);
    stall.restart();
    expect(stall.leftMs).toBe(60_000);
    await clock.passTo(200_000);
    expect(stall.leftMs).toBe(0);
  });

  it('stands while Ops Manager does not answer', async () => {
    const clock = new VirtualClock();
    let outageMs = 7_000;
    const stall = new StallClock(60_000, clock, () => outageMs);
    stall.restart();
    await clock.passTo(50_000);
    outageMs += 20_000;
    expect([stall.unchangedMs, stall.leftMs]).toEqual([30_000, 30_000]);
  });

  it('never rings without a limit', async () => {
    const clock = new VirtualClock();
    const stall = new StallClock(undefined, clock, () => 0);
    stall.restart();
    await clock.passTo(10_000_000);
    expect(stall.leftMs).toBe(Infinity);
  });
});
