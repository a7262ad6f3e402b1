import * as core from '@actions/core';
import { formatDate } from '../date.ts';
import { formatDuration } from '../duration.ts';
import type { Arrival, ImportRequest } from '../import/import-request.ts';
import { isKnown, PIPELINE } from '../import/states.ts';
import type { OpsManagerError } from '../ops-manager/errors.ts';
import { describe, isReached, type Result } from '../outcome.ts';
import { defuse } from '../untrusted.ts';
import type { Progress } from '../wait/wait.ts';

const MINUTE_MS = 60_000;
const UNDATED = ' '.repeat('2025-10-20 10:00:00 UTC'.length);
const LONGEST_PHASE = Math.max(...PIPELINE.map(({ length }) => length));

/** One line of the log, safe whatever a server wrote into it. */
export function logLine(text: string): void {
  core.info(defuse(text));
}

/** A line that is shown only when the workflow runs with debug logging. */
export function logDebug(text: string): void {
  core.debug(defuse(text));
}

/** A warning, also shown as an annotation. */
export function logWarning(text: string): void {
  core.warning(defuse(text));
}

/** The end of the step: one line, as an error annotation when it fails. */
export function logResult(result: Result): void {
  const { title, happened, caveat, advice } = describe(result);
  if (caveat !== '') logWarning(caveat);
  const text = defuse(`${happened} ${advice}`.trim());
  if (!isReached(result)) {
    core.error(text, { title: defuse(title) });
  } else if (result.outcome.kind === 'reached' && result.outcome.late) {
    core.warning(text, { title: defuse(title) });
  } else {
    core.info(text);
  }
}

/** The wait in the log: one line per transition, a heartbeat, and one line per outage. */
export class WaitLog {
  #state: string | undefined;
  #nextBeatMs = 0;
  #retries = 0;
  readonly #unknownStates = new Set<string>();

  /** How many attempts have failed and were, as a rule, repeated. */
  get retries(): number {
    return this.#retries;
  }

  onArrivals(_request: ImportRequest, arrivals: readonly Arrival[]): void {
    for (const { state, at, left } of arrivals) {
      const before =
        left?.durationMs === undefined
          ? ''
          : `${left.state} took ${formatDuration(left.durationMs)}`;
      logEvent(at, inColumns(state, before));
      this.#warnOfUnknown(state);
    }
  }

  onRead({ state, readAt }: ImportRequest, { inStateMs, leftMs }: Progress): void {
    if (state !== this.#state) {
      this.#state = state;
    } else if (inStateMs >= this.#nextBeatMs) {
      const beat = `for ${formatDuration(inStateMs)}, ${formatDuration(leftMs)} left`;
      logEvent(readAt, inColumns(state, beat));
    } else {
      return;
    }
    this.#nextBeatMs = nextBeatMs(inStateMs);
  }

  onOutage(error: OpsManagerError): void {
    logEvent(undefined, `${error.message} Trying again.`);
  }

  onRecovery(outageMs: number): void {
    logEvent(undefined, `Ops Manager answers again after ${formatDuration(outageMs)}.`);
  }

  onGivingUp(result: Result): void {
    logEvent(undefined, `${describe(result).title}: cancelling the import.`);
  }

  onRetry(error: OpsManagerError): void {
    this.#retries += 1;
    logDebug(`Failed attempt: ${error.message}`);
  }

  #warnOfUnknown(state: string): void {
    if (isKnown(state) || this.#unknownStates.has(state)) return;
    this.#unknownStates.add(state);
    logWarning(
      `Ops Manager reports the state ${state}, which this version of the action does not know; it counts as in progress. Look for a newer version.`
    );
  }
}

/** One line under the others: dated by Ops Manager's clock, or indented as if it were. */
function logEvent(at: string | undefined, text: string): void {
  logLine(`${at === undefined ? UNDATED : formatDate(at)}  ${text}`);
}

function inColumns(state: string, detail: string): string {
  return `${state.padEnd(LONGEST_PHASE)}  ${detail}`.trimEnd();
}

/** When to say next that a state lasts: each minute up to ten, then every ten; in milliseconds. */
export function nextBeatMs(inStateMs: number): number {
  const everyMs = inStateMs < 10 * MINUTE_MS ? MINUTE_MS : 10 * MINUTE_MS;
  return (Math.floor(inStateMs / everyMs) + 1) * everyMs;
}
