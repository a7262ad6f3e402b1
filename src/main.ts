import * as core from '@actions/core';
import type { Interrupts } from './door.ts';
import { opened } from './case/case.ts';
import { ended, finished, statusDelivered } from './case/transitions.ts';
import { savedWithoutCase } from './case/saved-case.ts';
import { verdict, type Terms } from './case/verdict.ts';
import { readInputs, type Inputs } from './inputs.ts';
import { InputError, lineOf } from './inputs/problem.ts';
import { connect, type OpsManagerClient } from './ops-manager/client.ts';
import { diagnosisApi } from './ops-manager/diagnosis.ts';
import { announce } from './report/announcement.ts';
import { CommitStatus, finalStatus } from './report/commit-status.ts';
import { conclude } from './report/conclusion.ts';
import { debugging, logDebug, WaitLog } from './report/log.ts';
import { STATE_KEY, StepPublisher, succeeds } from './report/publication.ts';
import type { Report } from './report/report.ts';
import { writeState } from './report/runner-files.ts';
import { refuseInputs } from './report/wrong-inputs.ts';
import { statusOf } from './report/words.ts';
import { CaseCell } from './wait/case-cell.ts';
import { systemClock } from './clock.ts';
import { Diagnosis } from './diagnosis/diagnosis.ts';
import { passGate, patienceOf, type Gate } from './wait/gate.ts';
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
    refuseInputs(error.problems.map(lineOf), error.reporting.jobSummary);
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
  readonly #gate: Gate;
  readonly #patience: ReturnType<typeof patienceOf>;

  constructor(inputs: Inputs, interrupts: Interrupts) {
    const { commitStatus, target } = inputs;
    this.#inputs = inputs;
    this.#interrupts = interrupts;
    this.#client = connect(inputs, debugging());
    this.#besides = this.#client.sibling();
    this.#status = commitStatus && new CommitStatus(commitStatus, inputs.runUrl);
    const publisher = new StepPublisher((c) => this.#reportOn(c), this.#log, this.#status);
    const first =
      target.kind === 'given'
        ? opened('given', target.id)
        : opened(target.kind === 'create' ? 'created' : 'discovered');
    this.#gate = {
      api: this.#client,
      cell: new CaseCell(first, termsOf(inputs), publisher),
      options: inputs,
      waiting: { clock: systemClock, random: Math.random, signal: interrupts.any },
      signalled: interrupts.signalled,
      observer: this.#log,
      diagnosis: inputs.diagnose ? this.#diagnosis(inputs) : undefined
    };
    this.#patience = patienceOf(this.#gate);
  }

  async run(): Promise<void> {
    const { cell } = this.#gate;
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
    const { api, cell, waiting, signalled, observer } = this.#gate;
    try {
      await passGate(this.#gate, this.#patience);
    } catch (error) {
      logDebug(error instanceof Error ? (error.stack ?? '') : String(error));
      const trouble = {
        title: 'Defect of this action',
        happened: `This action failed in a way it should not: ${String(error)}.`,
        advice: 'Please report it with the log of a run with debug logging.'
      };
      cell.record(ended({ kind: 'error', cause: { kind: 'defect', trouble } }));
      const onRetry = observer.onRetry.bind(observer);
      await settle({ api, cell, waiting: { ...waiting, signal: signalled }, onRetry });
    }
  }

  /** Outputs and state first: they count if the rest does not get through. */
  async #finish(): Promise<void> {
    const { cell } = this.#gate;
    const { outcome } = verdict(cell.case, cell.terms);
    const description = statusOf(this.#reportOn(cell.case));
    const publication = cell.record(
      finished(this.#status && finalStatus(outcome.kind, description))
    );
    const report = this.#reportOn(cell.case);
    const { version, requests } = this.#client;
    const retries = this.#log.retries;
    conclude(report, publication, { version, requests, retries }, this.#inputs.jobSummary);
    const { status } = cell.case;
    if (this.#status && status && (await this.#status.finish(status, this.#statusLimit())))
      cell.record(statusDelivered);
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
      case: c,
      terms,
      verdict: meaning,
      waitedMs: this.#patience.waitedMs,
      outages: this.#patience.outages,
      findings: isOver ? [] : (this.#gate.diagnosis?.findings ?? []),
      place: placeOf(this.#inputs),
      // What an adopted import was asked to do, nobody knows.
      request: target.kind === 'create' && c.origin !== 'adopted' ? target.requested : undefined
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
  return { host: apiUrl.host, projectId, projectUrl };
}
