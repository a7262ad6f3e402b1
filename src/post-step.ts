import * as core from '@actions/core';
import type { Interrupts } from './door.ts';
import type { Case, FinalStatus } from './case/case.ts';
import { restored, resumed } from './case/saved-case.ts';
import { verdict } from './case/verdict.ts';
import { readPostInputs, type PostInputs } from './inputs.ts';
import { InputError, lineOf } from './inputs/problem.ts';
import { placeOf, statusOver, termsOf } from './main.ts';
import { connect } from './ops-manager/client.ts';
import { aftermathStatus, tellAftermath } from './report/aftermath.ts';
import { debugging, logDebug, logWarning } from './report/log.ts';
import type { Report } from './report/report.ts';
import { CaseCell } from './wait/case-cell.ts';
import { systemClock } from './clock.ts';
import { settle } from './wait/settle.ts';

const LAST_STATUS_MS = 20_000;

/**
 * The post step, when the main step was killed or could not settle its case: settles it from where
 * it was saved, brings the commit status to its end, and says what it did.
 */
export async function post({ signalled }: Interrupts, savedCase: string): Promise<void> {
  const inputs = readInputsOrWarn(savedCase);
  if (!inputs) return;
  const { target } = inputs;
  const first = resumed(savedCase, target, systemClock.now());
  // The post step never deletes.
  const terms = termsOf({ ...inputs, deleteFailed: false });
  const publisher = { publish: () => ({ isSaved: true, areOutputsWritten: true }) };
  const cell = new CaseCell(first, terms, publisher);
  const settings = { ...inputs, wasAuthenticated: first.hadGoodAnswer };
  const client = connect(settings, debugging());
  const timing = { clock: systemClock, random: Math.random, signal: signalled };
  const onRetry = (error: Error): void => {
    logDebug(`Failed attempt: ${error.message}`);
  };
  try {
    await settle({ api: client, cell, timing, onRetry });
  } catch (error) {
    // A defect of this action: what the case says until then is still told.
    logDebug(error instanceof Error ? (error.stack ?? '') : String(error));
  } finally {
    await client.close();
  }
  const report: Report = {
    by: 'post',
    case: cell.case,
    terms,
    verdict: verdict(cell.case, terms),
    waitedMs: 0,
    outages: [],
    findings: [],
    place: placeOf(inputs),
    requested: target.kind === 'create' ? {} : undefined,
    isPostStepThere: false,
    hasForeignInputs: false
  };
  if (needsTelling(first, terms)) tellAftermath(report, inputs.jobSummary);
  await sendStatus(report, inputs);
}

/** What stops the post step is a warning that names the import. */
function readInputsOrWarn(savedCase: string): PostInputs | undefined {
  try {
    return readPostInputs({ get: core.getInput, mask: core.setSecret, env: process.env });
  } catch (error) {
    if (!(error instanceof InputError)) throw error;
    const id = restored(savedCase, 0)?.case?.id ?? core.getInput('request-id');
    const which = id === '' ? 'The import of this step' : `Import ${id}`;
    logWarning(
      'Import may still be running',
      `${which} may still be running: the post step could not look at it.`,
      ...error.problems.map(lineOf)
    );
    return undefined;
  }
}

/** Whether there is more to say than the main step has said. */
function needsTelling(c: Case, terms: Report['terms']): boolean {
  if (!c.isFinished) return true;
  const { kind } = verdict(c, terms).cancellation;
  return kind === 'requested' || kind === 'refused' || kind === 'failed';
}

/** The main step's own last status, or, when it was killed, that it was. */
async function sendStatus(report: Report, inputs: PostInputs): Promise<void> {
  const { status, isFinished } = report.case;
  const publisher = statusOver(inputs);
  if (!publisher || status?.isDelivered === true) return;
  const killed: FinalStatus = {
    state: 'error',
    description: aftermathStatus(report),
    isDelivered: false
  };
  const last = isFinished && status ? status : killed;
  await publisher.finish(last, AbortSignal.timeout(LAST_STATUS_MS));
}
