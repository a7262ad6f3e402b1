import * as core from '@actions/core';
import type { FinalStatus } from './case/case.ts';
import { restored } from './case/saved-case.ts';
import { verdict } from './case/verdict.ts';
import type { Interrupts } from './door.ts';
import {
  type Decided,
  fingerprintOf,
  isDecided,
  isOpenStatus,
  makeMark,
  needsTelling,
  placeOf,
  type Task,
  taskWithout
} from './handover.ts';
import { readPostSecrets, readUnsavedInputs } from './inputs.ts';
import { type GitHub, InputError, type InputSource, lineOf } from './inputs/form.ts';
import { type ClientSettings, connect } from './ops-manager/client.ts';
import { aftermathStatus, NOT_ARRIVED } from './report/aftermath.ts';
import { commitStatusAt, finalStatus } from './report/commit-status.ts';
import { headCommit } from './report/github-api.ts';
import { debugging, logDebug, logWarning, noteDefect } from './report/log.ts';
import { tellAftermath } from './report/publication.ts';
import type { Report } from './report/report.ts';
import { CaseCell } from './wait/case-cell.ts';
import { settle } from './wait/settle.ts';
import { systemClock } from './time.ts';

const LAST_STATUS_MS = 20_000;
/** The longest pause between two calls of a post step is its retry delay. */
const LONGEST_PAUSE_MS = 30_000;

const UNSEEN = 'Import may still be running';

/**
 * The post step, when the main step was killed or could not settle its case: settles it from where
 * it was saved, by what main decided, brings the commit status to its end, and says what it did.
 */
export async function post(interrupts: Interrupts, savedText: string): Promise<void> {
  const source = { get: core.getInput, mask: core.setSecret, env: process.env };
  const { case: c, context } = restored(savedText, systemClock.now()) ?? {};
  try {
    if (c && isDecided(context)) {
      makeMark(context.mark);
      await goOn({ case: c, terms: context.terms }, context, { source, interrupts });
    } else if (!c && isOpenStatus(context)) {
      const { token, gitHub } = readPostSecrets(source);
      await sendLast(finalStatus('error', context.description), context.status, token, gitHub);
    } else {
      await beginAnew({ source, interrupts });
    }
  } catch (error) {
    tellUnseen(error, c?.id ?? source.get('request-id'));
    if (!(error instanceof InputError)) return;
    // Nothing was saved: a required check must not stay green, or pending, for it.
    const { commitStatus, gitHub } = error.reporting;
    const status = finalStatus('error', `${NOT_ARRIVED} ${UNSEEN}`);
    await sendLast(status, placeOfStatus(source, commitStatus), commitStatus?.token, gitHub);
  }
}

/** What a post step works with. */
interface Surroundings {
  readonly source: InputSource;
  readonly interrupts: Interrupts;
}

/** Goes on with what main has saved; of the inputs it takes only what must not be saved. */
async function goOn(task: Task, decided: Decided, around: Surroundings): Promise<void> {
  const apiUrl = new URL(decided.apiUrl);
  const { projectId, requestTimeoutMs, keyFingerprint } = decided;
  const { credentials, connection, token, gitHub } = readPostSecrets(around.source, apiUrl);
  const fits = credentials && fingerprintOf(credentials.publicKey) === keyFingerprint;
  const { userAgent, secrets } = gitHub;
  const place = { apiUrl, projectId, requestTimeoutMs, userAgent, secrets };
  const settled = fits
    ? await settledTask(task, { ...place, credentials, connection }, around)
    : task;
  const report = reportOn(settled, placeOf(apiUrl, projectId, connection), !fits);
  // What main had settled may be open again, by what a later list has shown.
  if (needsTelling(task, settled.case)) tellAftermath(report, decided.jobSummary);
  await sendLast(statusOf(report), decided.status, token, gitHub);
}

/** Nothing came of main: what may be done is told by the inputs, if they are beyond doubt. */
async function beginAnew(around: Surroundings): Promise<void> {
  const inputs = readUnsavedInputs(around.source);
  const { apiUrl, projectId, commitStatus, jobSummary, gitHub } = inputs;
  const settled = await settledTask(taskWithout(inputs, systemClock.now()), inputs, around);
  const report = reportOn(settled, placeOf(apiUrl, projectId, inputs.connection), false);
  tellAftermath(report, jobSummary);
  const place = placeOfStatus(around.source, commitStatus);
  await sendLast(statusOf(report), place, commitStatus?.token, gitHub);
}

type Settings = Omit<ClientSettings, 'pollIntervalMs' | 'wasAuthenticated'>;

async function settledTask(
  { case: first, terms }: Task,
  settings: Settings,
  { interrupts: { signalled, onDefect } }: Surroundings
): Promise<Task> {
  const publisher = { publish: () => ({ isSaved: true, areOutputsWritten: true }) };
  const cell = new CaseCell(first, terms, publisher);
  const wasAuthenticated = first.hadGoodAnswer;
  const client = connect(
    { ...settings, pollIntervalMs: LONGEST_PAUSE_MS, wasAuthenticated },
    debugging()
  );
  onDefect((error) => client.cutCalls(noteDefect(error)));
  const timing = { clock: systemClock, random: Math.random, signal: signalled };
  const onRetry = (error: Error): void => {
    logDebug(`Failed attempt: ${error.message}`);
  };
  try {
    await settle({ api: client, cell, timing, onRetry });
  } catch (error) {
    // A defect of this action: what the case says until then is still told.
    noteDefect(error);
  } finally {
    await client.close();
  }
  return { case: cell.case, terms };
}

function reportOn({ case: c, terms }: Task, place: Report['place'], isForeign: boolean): Report {
  return {
    case: c,
    terms,
    verdict: verdict(c, terms),
    waitedMs: 0,
    outages: [],
    findings: [],
    // What main tells of its own.
    traffic: { version: undefined, requests: 0, retries: 0 },
    place,
    requested: c.origin === 'created' ? {} : undefined,
    isPostStepThere: false,
    hasForeignInputs: isForeign
  };
}

/** What stopped the post step before it could look at the import. */
function tellUnseen(error: unknown, id: string): void {
  noteDefect(error);
  const which = /^[\da-f]{24}$/i.test(id) ? `Import ${id}` : 'The import of this step';
  const why =
    error instanceof InputError
      ? error.problems.map(lineOf)
      : [`The post step failed in a way it should not: ${String(error)}.`];
  logWarning(UNSEEN, `${which} may still be running: the post step could not look at it.`, ...why);
}

/** The main step's own last status, or, when it was killed, that it was. */
function statusOf(report: Report): FinalStatus {
  const { status, isFinished } = report.case;
  return isFinished && status ? status : finalStatus('error', aftermathStatus(report));
}

/** Where the inputs want a status, where nothing was saved of it. */
function placeOfStatus(
  { env }: InputSource,
  wanted: { readonly context: string } | undefined
): Decided['status'] {
  const commit = headCommit(env);
  return wanted && typeof commit !== 'string' ? { context: wanted.context, commit } : undefined;
}

/** Sends the last status, where there is a place for it and a token, and it was not delivered. */
async function sendLast(
  last: FinalStatus,
  place: Decided['status'],
  token: string | undefined,
  gitHub: GitHub
): Promise<void> {
  if (!place || token === undefined || last.isDelivered) return;
  const status = commitStatusAt({ ...gitHub, ...place, token });
  await status.finish(last, AbortSignal.timeout(LAST_STATUS_MS));
}
