import { describe, expect, it } from '@jest/globals';
import { StallClock } from '../../src/wait/stall-clock.ts';
import { VirtualClock } from '../support/virtual-clock.ts';

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
