import * as core from '@actions/core';
import type { Interrupts } from './door.ts';
import { opened } from './case/case.ts';
import { statusDelivered, stepFinished, waitEnded } from './case/transitions.ts';
import { savedWithoutCase } from './case/saved-case.ts';
import { verdict } from './case/verdict.ts';
import { decide, type Decided, isMarked, type OpenStatus, placeOf } from './handover.ts';
import { type Inputs, readInputs } from './inputs.ts';
import { InputError } from './inputs/form.ts';
import { connect, type OpsManagerClient } from './ops-manager/client.ts';
import { diagnosisApi } from './ops-manager/diagnosis.ts';
import { Diagnosis } from './diagnosis/diagnosis.ts';
import {
  type CommitStatus,
  commitStatusAt,
  finalStatus,
  isSettled
} from './report/commit-status.ts';
import { headCommit } from './report/github-api.ts';
import { announce, debugging, logError, noteDefect, WaitLog } from './report/log.ts';
import { conclude, refuseInputs, stepPublisher, succeeds } from './report/publication.ts';
import type { Report } from './report/report.ts';
import { wordsOf } from './report/words.ts';
import { CaseCell, type Publication } from './wait/case-cell.ts';
import { passGate } from './wait/gate.ts';
import { newStep, type Step } from './wait/step.ts';
import { settle } from './wait/settle.ts';
import { systemClock } from './time.ts';
import { outputsWithoutCase, writeOutputs, writeState } from './report/outputs.ts';
import type { Trouble } from './case/import-api.ts';

const LAST_STATUS_MS = 5_000;
// The runner’s second signal comes 7.5 s after the first, and settling may have taken five of them.
const LAST_STATUS_AFTER_SIGNAL_MS = 1_000;

/** The main step: reads the inputs, waits for the import, and reports on every way out. */
export async function main(interrupts: Interrupts): Promise<void> {
  // Whoever ends this process before it has its answer ends a step that fails.
  process.exitCode = core.ExitCode.Failure;
  const source = { get: core.getInput, mask: core.setSecret, env: process.env };
  let step: MainStep;
  try {
    step = new MainStep(readInputs(source), interrupts);
  } catch (error) {
    if (error instanceof InputError) await refuse(error);
    else failWithoutCase(error);
    return;
  }
  await step.run();
}

/** Wrong inputs: a required check must not stay green from an earlier run. */
async function refuse({ problems, reporting }: InputError): Promise<void> {
  const { commitStatus, jobSummary, gitHub } = reporting;
  const title = refuseInputs(problems, jobSummary);
  if (!commitStatus) {
    saveWithoutCase();
    return;
  }
  const commit = headCommit(process.env);
  const { context } = commitStatus;
  if (typeof commit !== 'string')
    saveWithoutCase({ status: { context, commit }, description: title });
  const status = commitStatusAt({ ...gitHub, ...commitStatus, commit });
  const limit = AbortSignal.timeout(LAST_STATUS_MS);
  const delivery = await status.finish(finalStatus('error', title), limit);
  if (isSettled(delivery)) saveWithoutCase();
}

/** A defect of this action before it has a case: nothing was asked of Ops Manager. */
function failWithoutCase(error: unknown): void {
  noteDefect(error);
  const { title, happened, advice } = defect(error);
  succeeds(() => writeOutputs(outputsWithoutCase(title, [happened, advice], '')));
  logError(title, happened, advice);
  saveWithoutCase();
}

function saveWithoutCase(open?: OpenStatus): void {
  succeeds(() => {
    writeState(savedWithoutCase(open && { ...open }));
  });
}

function defect(error: unknown): Trouble {
  return {
    title: 'Defect of this action',
    happened: `This action failed in a way it should not: ${String(error)}.`,
    advice: 'Please report it with the log of a run with debug logging.'
  };
}

class MainStep {
  readonly #inputs: Inputs;
  readonly #interrupts: Interrupts;
  readonly #decided: Decided;
  readonly #client: OpsManagerClient;
  /** Over a connection of its own, so that a look that hangs holds up no read. */
  readonly #besides: OpsManagerClient;
  readonly #status: CommitStatus | undefined;
  readonly #log = new WaitLog();
  readonly #step: Step;

  constructor(inputs: Inputs, interrupts: Interrupts) {
    const { target, commitStatus, gitHub } = inputs;
    this.#inputs = inputs;
    this.#interrupts = interrupts;
    // Read only where a status is asked for: it stands in a file of the runner’s.
    const commit = commitStatus ? headCommit(process.env) : 'no status is wanted';
    this.#decided = decide(inputs, typeof commit === 'string' ? undefined : commit, process.env);
    this.#client = connect(inputs, debugging());
    this.#besides = this.#client.sibling();
    const { terms, mark } = this.#decided;
    const isPostStepThere = (): boolean => isMarked(mark);
    this.#status =
      commitStatus && commitStatusAt({ ...gitHub, ...commitStatus, commit }, isPostStepThere);
    const publisher = stepPublisher((c) => this.#reportOn(c), this.#log, this.#status);
    this.#step = newStep({
      api: this.#client,
      cell: new CaseCell(opened(target), terms, publisher, { ...this.#decided }),
      options: inputs,
      timing: { clock: systemClock, random: Math.random, signal: interrupts.any },
      signalled: interrupts.signalled,
      observer: this.#log,
      diagnosis: inputs.diagnose ? this.#diagnosis(inputs) : undefined,
      isPostStepThere
    });
  }

  async run(): Promise<void> {
    const { cell } = this.#step;
    // What a library throws beside its callers is a call that failed, wherever the step stands.
    this.#interrupts.onDefect((error) => {
      const cause = noteDefect(error);
      for (const client of [this.#client, this.#besides]) client.cutCalls(cause);
    });
    try {
      succeeds(() => announce(this.#inputs));
      cell.record((c) => c);
      await this.#passGate();
      await this.#finish();
    } catch (error) {
      // Outputs and state stand as they were published last, and the post step goes on from there.
      noteDefect(error);
      const { title, happened, advice } = defect(error);
      logError(title, happened, advice);
    } finally {
      await Promise.all([this.#client.close(), this.#besides.close()]);
    }
  }

  #diagnosis({ projectId, stallTimeoutMs, target }: Inputs): Diagnosis {
    const api = diagnosisApi(this.#besides.get.bind(this.#besides), projectId);
    return new Diagnosis(api, {
      clock: systemClock,
      stallTimeoutMs,
      requested: target.kind === 'create' ? target.requested : {},
      onNews: (news) => this.#log.onNews(news)
    });
  }

  /** A defect of this action still ends with an answer, and the import is settled. */
  async #passGate(): Promise<void> {
    const { api, cell, timing, signalled, observer } = this.#step;
    try {
      await passGate(this.#step);
    } catch (error) {
      noteDefect(error);
      cell.record(waitEnded({ kind: 'error', cause: { kind: 'defect', trouble: defect(error) } }));
      const onRetry = observer.onRetry.bind(observer);
      await settle({ api, cell, timing: { ...timing, signal: signalled }, onRetry });
    }
  }

  /** Outputs and state first: they count if the rest does not get through. */
  async #finish(): Promise<void> {
    const { cell } = this.#step;
    const { outcome } = verdict(cell.case, cell.terms);
    const { title } = wordsOf(this.#reportOn(cell.case));
    const finish = (kind: typeof outcome.kind, description: string): Publication =>
      cell.record(stepFinished(this.#status && finalStatus(kind, description)));
    const publication = finish(outcome.kind, title);
    // Jobs gate on outputs, and what gates on the status must not be greener than the step.
    if (!publication.areOutputsWritten && outcome.kind === 'reached')
      finish('error', `Outputs not written: ${title}`);
    const report = this.#reportOn(cell.case);
    conclude(report, publication, this.#inputs.jobSummary);
    const { status } = cell.case;
    if (!this.#status || !status) return;
    const delivery = await this.#status.finish(status, this.#statusLimit());
    if (isSettled(delivery)) cell.record(statusDelivered);
  }

  #statusLimit(): AbortSignal {
    const limit = new AbortController();
    const stopAfter = (ms: number): void => {
      setTimeout(() => limit.abort(), ms).unref();
    };
    stopAfter(LAST_STATUS_MS);
    const hurry = (): void => stopAfter(LAST_STATUS_AFTER_SIGNAL_MS);
    const { signalled } = this.#interrupts;
    if (signalled.aborted) hurry();
    else signalled.addEventListener('abort', hurry, { once: true });
    return limit.signal;
  }

  #reportOn(c: Report['case']): Report {
    const { target } = this.#inputs;
    const { terms, mark } = this.#decided;
    const { apiUrl, projectId, connection } = this.#inputs;
    const { version, requests } = this.#client;
    const meaning = verdict(c, terms);
    // What was found is no longer true of an import that has reached its goal.
    const isOver = meaning.outcome.kind === 'reached';
    return {
      case: c,
      terms,
      verdict: meaning,
      waitedMs: this.#step.patience.waitedMs,
      outages: this.#step.patience.outages,
      outageCount: this.#step.patience.outageCount,
      findings: isOver ? [] : (this.#step.diagnosis?.findings ?? []),
      traffic: { version, requests, retries: this.#log.retries },
      place: placeOf(apiUrl, projectId, connection),
      // What an adopted import was asked to do, nobody knows.
      requested: target.kind === 'create' && c.origin === 'created' ? target.requested : undefined,
      isPostStepThere: isMarked(mark),
      hasForeignInputs: false
    };
  }
}
