import type { Case } from '../case/case.ts';
import { deletion } from '../case/transitions.ts';
import { ApiError, isNotFound } from '../case/import-api.ts';
import { verdict } from '../case/verdict.ts';
import { troubleOf } from './patience.ts';
import { retried } from './retry.ts';
import type { Settling } from './settling.ts';

const CLEAN_UP_MS = 60_000;

/**
 * Deletes a failed import's request, if the user chose so, that Ops Manager cleans up what was
 * partly imported; retried for a minute, or until a signal.
 */
export async function cleanUp({ api, cell, waiting, onRetry }: Settling): Promise<void> {
  const { id } = cell.case;
  const { outcome, cleanup } = verdict(cell.case, cell.terms);
  if (outcome.kind !== 'failed' || cleanup.kind === 'skipped' || id === undefined) return;
  const giveUpAt = waiting.clock.now() + CLEAN_UP_MS;
  let failures = 0;
  cell.record(deletion({ kind: 'asked' }));
  try {
    await retried((options) => api.deleteImport(id, options), {
      ...waiting,
      giveUpAt: () => giveUpAt,
      lastAttempt: false,
      hasWorked: () => cell.case.hasWorked,
      onFailure: (error) => {
        failures += 1;
        onRetry(error);
      }
    });
    cell.record(deletion({ kind: 'deleted' }));
  } catch (error) {
    if (waiting.signal.aborted) return;
    if (!(error instanceof ApiError)) throw error;
    // The answer to an earlier attempt was lost, and it did what it should.
    const isDone = failures > 0 && isNotFound(error);
    cell.record(deletion(isDone ? { kind: 'deleted' } : failed(error)));
  }
}

function failed(error: ApiError): NonNullable<Case['deletion']> {
  return { kind: 'failed', trouble: troubleOf(error) };
}
