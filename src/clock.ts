import { setTimeout as sleep } from 'node:timers/promises';

/** Time as the wait sees it; injected, so that a wait of hours is tested in milliseconds. */
export interface Clock {
  /** Monotonic, in milliseconds from an arbitrary start. */
  now(): number;
  /** Resolves after `ms` milliseconds; rejects with the signal's reason when aborted. */
  sleep(ms: number, signal: AbortSignal): Promise<void>;
}

/** The process's monotonic clock: no change of the date or of summer time moves it. */
export const systemClock: Clock = {
  now: () => performance.now(),
  async sleep(ms, signal) {
    try {
      // A timer counts whole milliseconds and must not ring before its time.
      await sleep(Math.ceil(ms), undefined, { signal });
    } catch (error) {
      signal.throwIfAborted();
      throw error;
    }
  }
};
