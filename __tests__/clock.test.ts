import { describe, expect, it } from '@jest/globals';
import { systemClock } from '../src/clock.ts';
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
