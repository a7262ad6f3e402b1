import * as core from '@actions/core';
import { formatDuration } from './duration.ts';
import { runGate, type GateObserver } from './gate.ts';
import { readInputs, type Inputs } from './inputs.ts';
import { InputError } from './inputs/problem.ts';
import { connect, type OpsManagerClient } from './ops-manager/client.ts';
import { isReached, withoutImport, type Result } from './outcome.ts';
import { CommitStatus } from './report/commit-status.ts';
import { logDebug, logLine, logResult, logWarning, WaitLog } from './report/log.ts';
import { writeOutputs } from './report/outputs.ts';
import { saveRequestId, saveResult, saveRunningBefore } from './report/saved-state.ts';
import { summaryOf, writeSummary } from './report/summary.ts';
import { systemClock } from './wait/clock.ts';

/** The main step: reads the inputs, waits for the import, and reports on every way out. */
export async function main(signal: AbortSignal): Promise<void> {
  let inputs: Inputs;
  try {
    inputs = readInputs({ get: core.getInput, mask: core.setSecret, env: process.env });
  } catch (error) {
    if (!(error instanceof InputError)) throw error;
    await report(withoutImport(error));
    return;
  }
  announce(inputs);
  const client = connect(inputs, logDebug);
  const status = inputs.commitStatus && new CommitStatus(inputs.commitStatus, inputs.runUrl);
  const watch = new Watch(inputs, status);
  const waiting = { clock: systemClock, random: Math.random, signal };
  const conclude = async (result: Result): Promise<void> => {
    await report(result, { inputs, client, watch });
    await status?.finish(result, signal);
  };
  try {
    await conclude(await runGate(inputs, client, waiting, watch));
  } catch (error) {
    await conclude(afterDefect(error, watch.provisional));
  } finally {
    await client.close();
  }
}

function announce(inputs: Inputs): void {
  inputs.warnings.forEach(logWarning);
  const { target } = inputs;
  const which = {
    given: `import ${target.kind === 'given' ? target.id : ''}`,
    discover: 'the import in progress',
    create: 'a new import'
  }[target.kind];
  logLine(
    `Waiting up to ${formatDuration(inputs.timeoutMs)} for ${which} of project ${inputs.projectId} to reach ${inputs.goal}.`
  );
}

/** Passes on what happens: to the log, to the outputs, to the post step and to the commit status. */
class Watch extends WaitLog implements GateObserver {
  readonly #status: CommitStatus | undefined;
  /** The log's first line has named the import already. */
  readonly #isGiven: boolean;
  provisional: Result | undefined;

  constructor(inputs: Inputs, status: CommitStatus | undefined) {
    super();
    this.#status = status;
    this.#isGiven = inputs.target.kind === 'given';
  }

  onIdentified(id: string): void {
    saveRequestId(id);
    if (!this.#isGiven) logLine(`Watching import ${id}.`);
  }

  onCreating(running: readonly string[]): void {
    saveRunningBefore(running);
    logLine('Creating the import.');
  }

  onProvisional(result: Result): void {
    this.provisional = result;
    saveResult(result, false);
    writeOutputs(result);
    if (result.request) this.#status?.onState(result.request);
  }
}

/** What a step works with once its inputs are good. */
interface Step {
  readonly inputs: Inputs;
  readonly client: OpsManagerClient;
  readonly watch: Watch;
}

/** Outputs and state first: they are written at once, and count if the rest does not get through. */
async function report(
  result: Result,
  { inputs, client, watch }: Partial<Step> = {}
): Promise<void> {
  if (!isReached(result)) process.exitCode = core.ExitCode.Failure;
  writeOutputs(result);
  saveResult(result, true);
  logResult(result);
  if (inputs?.jobSummary === false) return;
  await writeSummary(
    summaryOf(result, {
      projectId: inputs?.projectId,
      projectUrl: inputs?.projectUrl,
      version: client?.version,
      requests: client?.requests ?? 0,
      retries: watch?.retries ?? 0
    })
  );
}

/** A defect of this action still ends with an answer, and the post step looks after the import. */
function afterDefect(cause: unknown, provisional: Result | undefined): Result {
  const error = new Error(
    `This action failed in a way it should not: ${String(cause)}. Please report it with the log of a run with debug logging.`,
    { cause }
  );
  return { ...(provisional ?? withoutImport(error)), outcome: { kind: 'error', error } };
}
