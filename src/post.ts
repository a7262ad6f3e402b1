import * as core from '@actions/core';
import { isInProgress, type ImportRequest } from './import/import-request.ts';
import { hasReached } from './import/states.ts';
import { readInputs, type Inputs } from './inputs.ts';
import { InputError } from './inputs/problem.ts';
import { connect, type CallOptions, type ImportApi } from './ops-manager/client.ts';
import { OpsManagerError } from './ops-manager/errors.ts';
import { logDebug, logLine, logWarning } from './report/log.ts';
import { code, escapeMarkdown } from './report/markdown.ts';
import { readSavedState, type SavedState } from './report/saved-state.ts';
import { writeSummary } from './report/summary.ts';
import { systemClock } from './wait/clock.ts';
import { findCreated } from './wait/create.ts';
import { cancelImport, UNHURRIED } from './wait/give-up.ts';
import { retryUntil, type Waiting } from './wait/retry.ts';

// The runner leaves all post steps of a cancelled job a little under five minutes.
const POST_MS = 60_000;

/**
 * The second layer of cancellation: when the main step was killed, or could not settle its
 * cancellation, this looks at the import once more and cancels it if the user's policy says so.
 */
export async function post(signal: AbortSignal): Promise<void> {
  const saved = readSavedState();
  if (saved.isSettled) return;
  const inputs = readValidInputs();
  if (!inputs) return;
  const client = connect(inputs, logDebug);
  try {
    const waiting = { clock: systemClock, random: Math.random, signal };
    const finding = await lookAfter(inputs, saved, client, waiting);
    const text = `After the step had ended without a settled answer: ${finding.what}`;
    if (finding.isWarning) logWarning(text);
    else logLine(text);
    if (inputs.jobSummary) await writeSummary(summaryOf(text, finding));
  } finally {
    await client.close();
  }
}

/** What the post step found, and did. */
interface Finding {
  readonly what: string;
  readonly isWarning: boolean;
  readonly request?: ImportRequest | undefined;
}

/** The main step has already said what is wrong with its inputs. */
function readValidInputs(): Inputs | undefined {
  try {
    return readInputs({ get: core.getInput, mask: core.setSecret, env: process.env });
  } catch (error) {
    if (error instanceof InputError) return undefined;
    throw error;
  }
}

async function lookAfter(
  inputs: Inputs,
  saved: SavedState,
  api: ImportApi,
  waiting: Waiting
): Promise<Finding> {
  const giveUpAt = waiting.clock.now() + POST_MS;
  let subject = 'the import';
  try {
    const id =
      saved.requestId ?? givenId(inputs) ?? (await createdId(saved, api, giveUpAt, waiting));
    if (id === undefined)
      return warning('it had not found its import yet, so nothing was cancelled.');
    subject = `import ${id}`;
    const read = (options: CallOptions): Promise<ImportRequest> => api.readImport(id, options);
    const request = await retryUntil(giveUpAt, read, waiting);
    if (!isInProgress(request)) {
      return {
        what: `${subject} has ended: it is ${request.state}.`,
        isWarning: request.state !== 'SUCCESS',
        request
      };
    }
    if (hasReached(inputs.goal, request.state)) {
      return warning(
        `${subject} has reached ${inputs.goal} meanwhile (it is in ${request.state}), so it was not cancelled.`,
        request
      );
    }
    if (!mayCancel(inputs, saved)) {
      return warning(
        `${subject} is in ${request.state} and was left running, as the inputs say.`,
        request
      );
    }
    return await cancel(id, api, giveUpAt, waiting);
  } catch (error) {
    if (waiting.signal.aborted)
      return warning(`${subject} may still be running: the post step was interrupted.`);
    if (!(error instanceof OpsManagerError)) throw error;
    return warning(`${subject} may still be running. ${error.message}`);
  }
}

function givenId({ target }: Inputs): string | undefined {
  return target.kind === 'given' ? target.id : undefined;
}

async function createdId(
  { runningBefore }: SavedState,
  api: ImportApi,
  giveUpAt: number,
  waiting: Waiting
): Promise<string | undefined> {
  if (!runningBefore) return undefined;
  const list = api.listImports.bind(api);
  return (await findCreated(runningBefore, list, giveUpAt - POST_MS / 2, waiting)).id;
}

function mayCancel(inputs: Inputs, { outcome }: SavedState): boolean {
  return outcome === undefined || outcome === 'interrupted'
    ? inputs.cancelOnInterrupt
    : inputs.cancelOnTimeout;
}

async function cancel(
  id: string,
  api: ImportApi,
  giveUpAt: number,
  waiting: Waiting
): Promise<Finding> {
  const totalMs = giveUpAt - waiting.clock.now();
  const { cancellation, request } = await cancelImport(id, api, { ...UNHURRIED, totalMs }, waiting);
  switch (cancellation.kind) {
    case 'confirmed':
      return warning(
        `import ${id} was still running and was cancelled; Ops Manager confirmed it.`,
        request
      );
    case 'requested':
      return warning(
        `import ${id} was still running; Ops Manager accepted its cancellation, but had not yet confirmed it: look at the import there.`,
        request
      );
    case 'not-needed':
    case 'skipped':
      return warning(
        `import ${id} had ended by itself: it is ${request?.state ?? 'gone'}.`,
        request
      );
    case 'refused':
      return warning(
        `import ${id} may still be running: Ops Manager refused to cancel it. ${cancellation.why}`,
        request
      );
    case 'failed':
      return warning(
        `import ${id} may still be running: it could not be cancelled. ${cancellation.why}`,
        request
      );
  }
}

function warning(what: string, request?: ImportRequest): Finding {
  return { what, isWarning: true, request };
}

function summaryOf(text: string, { request }: Finding): string {
  const state = request ? `\n\nLast state: ${code(request.state)}` : '';
  return `## ✋ After the step\n\n${escapeMarkdown(text)}${state}\n`;
}
