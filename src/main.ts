import * as core from '@actions/core';
import type { Interrupts } from './door.ts';
import { opened } from './case/case.ts';
import { statusDelivered, stepFinished, waitEnded } from './case/transitions.ts';
import { savedWithoutCase } from './case/saved-case.ts';
import { verdict, type Terms } from './case/verdict.ts';
import { readInputs, type Inputs } from './inputs.ts';
import { InputError } from './inputs/problem.ts';
import { connect, type OpsManagerClient } from './ops-manager/client.ts';
import { diagnosisApi } from './ops-manager/diagnosis.ts';
import { Redaction } from './redaction.ts';
import { CommitStatus, finalStatus } from './report/commit-status.ts';
import { conclude, refuseInputs } from './report/conclusion.ts';
import { debugging, logDebug } from './report/log.ts';
import { gitHubApiUrl, gitHubStatuses, headCommit } from './report/github-api.ts';
import { ServerText } from './untrusted.ts';
import { STATE_KEY, StepPublisher, succeeds } from './report/publication.ts';
import type { Report } from './report/report.ts';
import { writeState } from './report/runner-files.ts';
import { announce, WaitLog } from './report/wait-log.ts';
import { statusOf } from './report/words.ts';
import { CaseCell } from './wait/case-cell.ts';
import { systemClock } from './clock.ts';
import { Diagnosis } from './diagnosis/diagnosis.ts';
import { passGate } from './wait/gate.ts';
import { newStep, type Step } from './wait/step.ts';
import { settle } from './wait/settle.ts';

const LAST_STATUS_MS = 5_000;
// The runner’s second signal comes 7.5 s after the first, and settling may have taken five of them.
const LAST_STATUS_AFTER_SIGNAL_MS = 1_000;

/** The main step: reads the inputs, waits for the import, and reports on every way out. */
export async function main(interrupts: Interrupts): Promise<void> {
  try {
    const inputs = readInputs({ get: core.getInput, mask: core.setSecret, env: process.env });
    await new MainStep(inputs, interrupts).run();
  } catch (error) {
    if (!(error instanceof InputError)) throw error;
    refuseInputs(error.problems, error.reporting.jobSummary);
    succeeds(() => {
      writeState(STATE_KEY, savedWithoutCase());
    });
  }
}

class MainStep {
  readonly #inputs: Inputs;
  readonly #interrupts: Interrupts;
  readonly #client: OpsManagerClient;
  /** Over a connection of its own, so that a look that hangs holds up no read. */
  readonly #besides: OpsManagerClient;
  readonly #status: CommitStatus | undefined;
  readonly #log = new WaitLog();
  readonly #step: Step;

  constructor(inputs: Inputs, interrupts: Interrupts) {
    const { target } = inputs;
    this.#inputs = inputs;
    this.#interrupts = interrupts;
    this.#client = connect(inputs, debugging());
    this.#besides = this.#client.sibling();
    this.#status = statusOver(inputs);
    const publisher = new StepPublisher((c) => this.#reportOn(c), this.#log, this.#status);
    this.#step = newStep({
      api: this.#client,
      cell: new CaseCell(opened(target), termsOf(inputs), publisher),
      options: inputs,
      timing: { clock: systemClock, random: Math.random, signal: interrupts.any },
      signalled: interrupts.signalled,
      observer: this.#log,
      diagnosis: inputs.diagnose ? this.#diagnosis(inputs) : undefined,
      isPostStepThere: () => false
    });
  }

  async run(): Promise<void> {
    const { cell } = this.#step;
    try {
      announce(this.#inputs);
      cell.record((c) => c);
      await this.#passGate();
      await this.#finish();
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
      onNews: (news) => {
        this.#log.onNews(news);
      }
    });
  }

  /** A defect of this action still ends with an answer, and the import is settled. */
  async #passGate(): Promise<void> {
    const { api, cell, timing, signalled, observer } = this.#step;
    try {
      await passGate(this.#step);
    } catch (error) {
      logDebug(error instanceof Error ? (error.stack ?? '') : String(error));
      const trouble = {
        title: 'Defect of this action',
        happened: `This action failed in a way it should not: ${String(error)}.`,
        advice: 'Please report it with the log of a run with debug logging.'
      };
      cell.record(waitEnded({ kind: 'error', cause: { kind: 'defect', trouble } }));
      const onRetry = observer.onRetry.bind(observer);
      await settle({ api, cell, timing: { ...timing, signal: signalled }, onRetry });
    }
  }

  /** Outputs and state first: they count if the rest does not get through. */
  async #finish(): Promise<void> {
    const { cell } = this.#step;
    const { outcome } = verdict(cell.case, cell.terms);
    const description = statusOf(this.#reportOn(cell.case));
    const publication = cell.record(
      stepFinished(this.#status && finalStatus(outcome.kind, description))
    );
    const report = this.#reportOn(cell.case);
    const { version, requests } = this.#client;
    const retries = this.#log.retries;
    conclude(report, publication, { version, requests, retries }, this.#inputs.jobSummary);
    const { status } = cell.case;
    if (!this.#status || !status) return;
    const delivery = await this.#status.finish(status, this.#statusLimit());
    if (delivery === 'delivered' || delivery === 'refused') cell.record(statusDelivered);
  }

  #statusLimit(): AbortSignal {
    const limit = new AbortController();
    const stopAfter = (ms: number): void => {
      setTimeout(() => {
        limit.abort();
      }, ms).unref();
    };
    stopAfter(LAST_STATUS_MS);
    const hurry = (): void => {
      stopAfter(LAST_STATUS_AFTER_SIGNAL_MS);
    };
    const { signalled } = this.#interrupts;
    if (signalled.aborted) hurry();
    else signalled.addEventListener('abort', hurry, { once: true });
    return limit.signal;
  }

  #reportOn(c: Report['case']): Report {
    const { target } = this.#inputs;
    const terms = termsOf(this.#inputs);
    const meaning = verdict(c, terms);
    // What was found is no longer true of an import that has reached its goal.
    const isOver = meaning.outcome.kind === 'reached';
    return {
      by: 'main',
      case: c,
      terms,
      verdict: meaning,
      waitedMs: this.#step.patience.waitedMs,
      outages: this.#step.patience.outages,
      findings: isOver ? [] : (this.#step.diagnosis?.findings ?? []),
      place: placeOf(this.#inputs),
      // What an adopted import was asked to do, nobody knows.
      requested: target.kind === 'create' && c.origin === 'created' ? target.requested : undefined,
      isPostStepThere: false,
      hasForeignInputs: false
    };
  }
}

/** What the inputs say of a case's meaning. */
export function termsOf(inputs: Terms): Terms {
  const { goal, cancelOnTimeout, cancelOnInterrupt, deleteFailed } = inputs;
  return { goal, cancelOnTimeout, cancelOnInterrupt, deleteFailed };
}

/** Where the inputs say that the import lives. */
export function placeOf(inputs: Pick<Inputs, 'apiUrl' | 'projectId' | 'projectUrl'>) {
  const { apiUrl, projectId, projectUrl } = inputs;
  return { host: apiUrl.host, apiUrl: apiUrl.href, projectId, projectUrl };
}

/** The commit status that the inputs ask for. */
export function statusOver(
  inputs: Pick<Inputs, 'commitStatus' | 'runUrl' | 'connection' | 'userAgent' | 'secrets'>
): CommitStatus | undefined {
  const { commitStatus, runUrl, connection, userAgent, secrets } = inputs;
  if (!commitStatus) return undefined;
  const { proxies } = connection;
  const text = new ServerText(new Redaction(secrets));
  const [commit, apiUrl] = [headCommit(process.env), gitHubApiUrl(process.env)];
  const send = gitHubStatuses({
    ...commitStatus,
    commit,
    apiUrl,
    runUrl,
    proxies,
    userAgent,
    text
  });
  return new CommitStatus({ send, clock: systemClock, isPostStepThere: () => false });
}
