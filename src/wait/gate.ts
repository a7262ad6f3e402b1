import { waitEnded } from '../case/transitions.ts';
import type { Ending } from '../case/ending.ts';
import type { ApiError } from '../case/import-api.ts';
import { verdict } from '../case/verdict.ts';
import { cleanUp } from './clean-up.ts';
import { findAgain } from './create.ts';
import { identify } from './identify.ts';
import { settle } from './settle.ts';
import type { Step } from './step.ts';
import { waitForGoal } from './wait.ts';

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
    onRetry: (error: ApiError) => {
      observer.onRetry(error);
    }
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

async function waitForAnswer(step: Step): Promise<Ending | undefined> {
  try {
    return (await identify(step)) ?? (await watch(step));
  } catch (error) {
    return step.patience.endingOf(error);
  }
}

/** Waits for the import, and for another one if it turns out to be none of this step's. */
async function watch(step: Step): Promise<Ending | undefined> {
  const { target } = step.options;
  for (;;) {
    const ended = await waitForGoal(step);
    if (ended !== 'let go') return ended;
    const ending = target.kind === 'create' ? await findAgain(step, target.body) : undefined;
    if (ending) return ending;
  }
}
