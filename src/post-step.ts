import * as core from '@actions/core';
import type { FinalStatus } from './case/case.ts';
import { restored } from './case/saved-case.ts';
import { verdict } from './case/verdict.ts';
import { systemClock } from './clock.ts';
import type { Interrupts } from './door.ts';
import {
  type Decided,
  fingerprintOf,
  isDecided,
  isOpenStatus,
  needsTelling,
  type OpenStatus,
  placeOf,
  type StatusPlace,
  type Task,
  taskOf,
  taskWithout
} from './handover.ts';
import { arePoliciesGiven, readInputs, readPostInputs, readPostSecrets } from './inputs.ts';
import { InputError, lineOf } from './inputs/problem.ts';
import { type InputSource, runUrlOf, userAgentOf } from './inputs/source.ts';
import { makeMark } from './mark.ts';
import { type ClientSettings, connect } from './ops-manager/client.ts';
import { aftermathStatus, tellAftermath } from './report/aftermath.ts';
import { commitStatusAt, finalStatus } from './report/commit-status.ts';
import { gitHubApiUrl, headCommit, type statusesOf } from './report/github-api.ts';
import { debugging, logDebug, logWarning, noteDefect } from './report/log.ts';
import type { Report } from './report/report.ts';
import { CaseCell } from './wait/case-cell.ts';
import { settle } from './wait/settle.ts';

const LAST_STATUS_MS = 20_000;
/** The longest pause between two calls of a post step is its retry delay. */
const LONGEST_PAUSE_MS = 30_000;

/**
 * The post step, when the main step was killed or could not settle its case: settles it from where
 * it was saved, by what main decided, brings the commit status to its end, and says what it did.
 */
export async function post(interrupts: Interrupts, savedText: string): Promise<void> {
  const source = { get: core.getInput, mask: core.setSecret, env: process.env };
  const handover = restored(savedText, systemClock.now());
  const { case: c, context } = handover ?? {};
  try {
    if (c && isDecided(context)) {
      makeMark(context.mark);
      await new PostStep(source, interrupts).goOn(taskOf(c, context), context);
    } else if (handover && !c && isOpenStatus(context)) {
      await sendOpen(source, context);
    } else {
      await new PostStep(source, interrupts).beginAnew();
    }
  } catch (error) {
    noteDefect(error);
    const id = c?.id ?? source.get('request-id');
    const which = /^[\da-f]{24}$/i.test(id) ? `Import ${id}` : 'The import of this step';
    const why =
      error instanceof InputError
        ? error.problems.map(lineOf)
        : [`The post step failed in a way it should not: ${String(error)}.`];
    logWarning(
      'Import may still be running',
      `${which} may still be running: the post step could not look at it.`,
      ...why
    );
  }
}

class PostStep {
  readonly #source: InputSource;
  readonly #interrupts: Interrupts;
  readonly #runUrl: string | undefined;

  constructor(source: InputSource, interrupts: Interrupts) {
    this.#source = source;
    this.#interrupts = interrupts;
    this.#runUrl = runUrlOf(source.env);
  }

  /** Goes on with what main has saved; of the inputs it takes only what must not be saved. */
  async goOn(task: Task, decided: Decided): Promise<void> {
    const apiUrl = new URL(decided.apiUrl);
    const { projectId } = decided;
    const { credentials, connection, token, secrets } = readPostSecrets(this.#source, apiUrl);
    const fits = credentials && fingerprintOf(credentials.publicKey) === decided.keyFingerprint;
    const settled = fits
      ? await this.#settle(task, {
          apiUrl,
          projectId,
          credentials,
          connection,
          secrets,
          requestTimeoutMs: decided.requestTimeoutMs
        })
      : task;
    const report = reportOn(settled, placeOf(apiUrl, projectId, connection), !fits);
    if (needsTelling(task)) tellAftermath(report, decided.jobSummary);
    const about = { proxies: connection.proxies, secrets };
    await this.#sendStatus(report, decided.status, { token, ...about });
  }

  /** Nothing came of main: what may be done is told by the inputs, if they are beyond doubt. */
  async beginAnew(): Promise<void> {
    const inputs = readPostInputs(this.#source);
    const { apiUrl, projectId, commitStatus, jobSummary, target, goal } = inputs;
    const areSure = this.#areInputsSure();
    const task = taskWithout({ target, goal, areSure }, systemClock.now());
    const settled = await this.#settle(task, inputs);
    const report = reportOn(settled, placeOf(apiUrl, projectId, inputs.connection), false);
    tellAftermath(report, jobSummary);
    const commit = headCommit(this.#source.env);
    if (!commitStatus || typeof commit === 'string') return;
    const { context, token } = commitStatus;
    const about = { proxies: inputs.connection.proxies, secrets: inputs.secrets };
    await this.#sendStatus(report, { context, commit }, { token, ...about });
  }

  /** Whether they can only be those of main: all right, and the user's own word that it may cancel. */
  #areInputsSure(): boolean {
    if (!arePoliciesGiven(this.#source) || this.#source.env['GITHUB_ACTION_PATH']) return false;
    try {
      readInputs(this.#source);
      return true;
    } catch (error) {
      if (error instanceof InputError) return false;
      throw error;
    }
  }

  async #settle(task: Task, settings: Settings): Promise<Task> {
    const { case: first, terms } = task;
    const { signalled, onDefect } = this.#interrupts;
    const publisher = { publish: () => ({ isSaved: true, areOutputsWritten: true }) };
    const cell = new CaseCell(first, terms, publisher);
    const client = connect(
      {
        ...settings,
        pollIntervalMs: LONGEST_PAUSE_MS,
        userAgent: userAgentOf(this.#runUrl),
        wasAuthenticated: first.hadGoodAnswer
      },
      debugging()
    );
    onDefect((error) => {
      client.cutCalls(noteDefect(error));
    });
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

  /** The main step's own last status, or, when it was killed, that it was. */
  async #sendStatus(
    report: Report,
    place: StatusPlace | undefined,
    { token, ...about }: Sending & { readonly token: string | undefined }
  ): Promise<void> {
    const { status, isFinished } = report.case;
    if (!place || token === undefined || status?.isDelivered === true) return;
    const killed = finalStatus('error', aftermathStatus(report));
    const last = isFinished && status ? status : killed;
    await sendLast(last, place, { token, ...about }, this.#source);
  }
}

type Settings = Omit<ClientSettings, 'pollIntervalMs' | 'userAgent' | 'wasAuthenticated'>;
type Sending = Pick<Parameters<typeof statusesOf>[0], 'proxies' | 'secrets'>;

function reportOn({ case: c, terms }: Task, place: Report['place'], isForeign: boolean): Report {
  return {
    by: 'post',
    case: c,
    terms,
    verdict: verdict(c, terms),
    waitedMs: 0,
    outages: [],
    findings: [],
    place,
    requested: c.origin === 'created' ? {} : undefined,
    isPostStepThere: false,
    hasForeignInputs: isForeign
  };
}

/** The status of a main step that refused its inputs, and could not deliver it. */
async function sendOpen(source: InputSource, { status, description }: OpenStatus): Promise<void> {
  const { token, connection, secrets } = readPostSecrets(source, gitHubApiUrl(source.env));
  if (token === undefined) return;
  const about = { token, proxies: connection.proxies, secrets };
  await sendLast(finalStatus('error', description), status, about, source);
}

async function sendLast(
  last: FinalStatus,
  place: StatusPlace,
  about: Sending & { readonly token: string },
  { env }: InputSource
): Promise<void> {
  const runUrl = runUrlOf(env);
  const sender = commitStatusAt({
    ...place,
    ...about,
    env,
    runUrl,
    userAgent: userAgentOf(runUrl)
  });
  await sender.finish(last, AbortSignal.timeout(LAST_STATUS_MS));
}
