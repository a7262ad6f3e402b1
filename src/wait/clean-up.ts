import type { CallOptions, ImportApi } from '../ops-manager/client.ts';
import { OpsManagerError } from '../ops-manager/errors.ts';
import type { Cleanup } from '../outcome.ts';
import { retryUntil, type Waiting } from './retry.ts';

const CLEAN_UP_MS = 60_000;

/**
 * Deletes a failed import's request, so that Ops Manager cleans up what was partly imported;
 * retried for a minute. Never throws what can be planned for.
 */
export async function deleteFailedImport(
  id: string,
  api: Pick<ImportApi, 'deleteImport'>,
  waiting: Waiting
): Promise<Cleanup> {
  const giveUpAt = waiting.clock.now() + CLEAN_UP_MS;
  let failures = 0;
  try {
    const call = (options: CallOptions): Promise<void> => api.deleteImport(id, options);
    await retryUntil(giveUpAt, call, waiting, () => {
      failures += 1;
    });
    return { kind: 'deleted' };
  } catch (error) {
    if (waiting.signal.aborted) return { kind: 'failed', why: 'The step was interrupted.' };
    if (!(error instanceof OpsManagerError)) throw error;
    // The answer to an earlier attempt was lost, and it did what it should.
    if (failures > 0 && error.status === 404) return { kind: 'deleted' };
    return { kind: 'failed', why: error.message };
  }
}
