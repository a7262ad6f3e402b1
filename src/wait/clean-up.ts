import type { Case } from '../case/case.ts';
import { deletionChanged } from '../case/transitions.ts';
import { ApiError, isNotFound } from '../case/import-api.ts';
import { verdict } from '../case/verdict.ts';
import { troubleOf } from './patience.ts';
import { retried } from './retry.ts';
import type { Settling } from './settle.ts';

const CLEAN_UP_MS = 60_000;

/**
 * Deletes a failed import's request, if the user chose so, that Ops Manager cleans up what was
 * partly imported; retried for a minute, or until a signal.
 */
export async function cleanUp({ api, cell, timing, onRetry }: Settling): Promise<void> {
  const { id } = cell.case;
  const { outcome, cleanup } = verdict(cell.case, cell.terms);
  if (outcome.kind !== 'failed' || cleanup.kind === 'skipped' || id === undefined) return;
  const giveUpAt = timing.clock.now() + CLEAN_UP_MS;
  let failures = 0;
  cell.record(deletionChanged({ kind: 'asked' }));
  try {
    await retried((options) => api.deleteImport(id, options), {
      ...timing,
      giveUpAt: () => giveUpAt,
      lastAttempt: false,
      call: 'delete',
      hadGoodAnswer: () => cell.case.hadGoodAnswer,
      onFailure: (error) => {
        failures += 1;
        onRetry(error);
      }
    });
    cell.record(deletionChanged({ kind: 'deleted' }));
  } catch (error) {
    if (timing.signal.aborted) return;
    if (!(error instanceof ApiError)) throw error;
    // The answer to an earlier attempt was lost, and it did what it should.
    const isDone = failures > 0 && isNotFound(error);
    cell.record(deletionChanged(isDone ? { kind: 'deleted' } : failed(error)));
  }
}

function failed(error: ApiError): NonNullable<Case['deletion']> {
  return { kind: 'failed', trouble: troubleOf(error) };
}
