import {
  arrivals,
  timeInStateMs,
  type Arrival,
  type ImportRequest
} from '../import/import-request.ts';
import { hasReached, type GoalState } from '../import/states.ts';
import type { ImportApi } from '../ops-manager/client.ts';
import type { Outcome } from '../outcome.ts';
import { Cadence } from './cadence.ts';
import type { Patience } from './patience.ts';

/** What to wait for; durations in milliseconds. */
export interface WaitOptions {
  readonly goal: GoalState;
  readonly stallTimeoutMs: number | undefined;
  readonly pollIntervalMs: number;
}

/** Told what the reads say; must not throw. */
export interface WaitObserver {
  /** After a read that met new states. */
  onArrivals(request: ImportRequest, arrivals: readonly Arrival[]): void;
  /** After each good read. */
  onRead(request: ImportRequest, progress: Progress): void;
}

/** Where a wait stands, in milliseconds. */
export interface Progress {
  /** How long the import has been in its state, also before this step first saw it there. */
  readonly inStateMs: number;
  readonly leftMs: number;
}

/**
 * Reads an import until it reaches the goal, ends, or time runs out.
 * @throws what `Patience.outcomeOf` understands.
 */
export async function waitForGoal(
  id: string,
  api: Pick<ImportApi, 'readImport'>,
  options: WaitOptions,
  patience: Patience,
  observer: WaitObserver
): Promise<Outcome> {
  const { clock, random } = patience.waiting;
  const cadence = new Cadence(options.pollIntervalMs, random);
  let previous: ImportRequest | undefined;
  let changedAt = clock.now();
  let inStateBeforeMs = 0;
  for (;;) {
    const request = await patience.call((call) => api.readImport(id, call));
    if (previous?.state !== request.state) {
      cadence.restart();
      changedAt = clock.now();
      inStateBeforeMs = timeInStateMs(request) ?? 0;
    }
    const news = arrivals(previous, request);
    if (news.length > 0) observer.onArrivals(request, news);
    const unchangedMs = clock.now() - changedAt;
    const stallLeftMs = (options.stallTimeoutMs ?? Infinity) - unchangedMs;
    const { leftMs } = patience;
    observer.onRead(request, { inStateMs: inStateBeforeMs + unchangedMs, leftMs });
    previous = request;

    if (hasReached(options.goal, request.state)) return { kind: 'reached', late: false };
    if (request.state === 'FAILED') return { kind: 'failed' };
    if (request.state === 'CANCELLED') return { kind: 'cancelled' };
    // A read at the deadline or after it was the last one.
    if (leftMs <= 0) return patience.timedOut();
    if (stallLeftMs <= 0) return { kind: 'stalled', stalledMs: unchangedMs };
    await patience.pause(Math.min(cadence.next(), stallLeftMs));
  }
}
