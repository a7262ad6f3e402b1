import { ApiError, isNotFound } from '../case/import-api.ts';
import { deletionChanged, waitEnded } from '../case/transitions.ts';
import { verdict } from '../case/verdict.ts';
import { identify } from './identify.ts';
import { retried } from './retry.ts';
import type { Settling } from './budget.ts';
import { settle } from './settle.ts';
import type { Step } from './step.ts';
import { waitForGoal } from './wait.ts';
import type { Ending } from '../case/case.ts';

const CLEAN_UP_MS = 60_000;

/**
 * The whole way of a step: waits for one import until it has ended or patience has, and leaves
 * nothing running that the user did not choose. Its result is the case. What it throws is a defect.
 */
export async function passGate(step: Step): Promise<void> {
  const { api, cell, diagnosis, observer, signalled, timing } = step;
  const ending = await waitForAnswer(step);
  if (ending) cell.record(waitEnded(ending));
  diagnosis?.stop();
  await diagnoseEnding(step);
  const settling = {
    api,
    cell,
    timing: { ...timing, signal: signalled },
    onRetry: (error: ApiError) => observer.onRetry(error)
  };
  await settle(settling);
  await cleanUp(settling);
}

/** Before anything is cancelled or deleted: afterwards the evidence may be gone. */
async function diagnoseEnding({ cell, diagnosis, signalled }: Step): Promise<void> {
  const { read } = cell.case;
  const { outcome } = verdict(cell.case, cell.terms);
  const isSilent = outcome.kind === 'timed-out' && outcome.trouble !== undefined;
  const isAboutImport =
    outcome.kind === 'failed' || outcome.kind === 'timed-out' || outcome.kind === 'stalled';
  if (!diagnosis || !read || !isAboutImport || isSilent) return;
  await diagnosis.ask(read, signalled);
}

/** Waits for the import, and for another one if it turns out to be none of this step's. */
async function waitForAnswer(step: Step): Promise<Ending | undefined> {
  try {
    for (;;) {
      const ended = (await identify(step)) ?? (await waitForGoal(step));
      if (ended !== 'let go') return ended;
    }
  } catch (error) {
    return step.patience.endingOf(error);
  }
}

/**
 * Deletes a failed import's request, if the user chose so, that Ops Manager cleans up what was
 * partly imported; retried for a minute, or until a signal.
 */
async function cleanUp({ api, cell, timing, onRetry }: Settling): Promise<void> {
  const { id } = cell.case;
  // As long as it has not been deleted, the clean-up that the user chose has failed.
  if (verdict(cell.case, cell.terms).cleanup.kind !== 'failed' || id === undefined) return;
  const isStopped = (): boolean => timing.signal.aborted;
  if (isStopped()) return;
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
    if (isStopped()) return;
    if (!(error instanceof ApiError)) throw error;
    // The answer to an earlier attempt was lost, and it did what it should.
    const isDone = failures > 0 && isNotFound(error);
    // What is not retried was refused.
    const failed = { kind: 'failed', isSure: failures === 0, trouble: error.trouble } as const;
    cell.record(deletionChanged(isDone ? { kind: 'deleted' } : failed));
  }
}
