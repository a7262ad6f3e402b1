import * as core from '@actions/core';
import { type Case, creationOf } from '../case/case.ts';
import type { Creation } from '../case/creation.ts';
import type { ApiError } from '../case/import-api.ts';
import { arrivals, type BriefList, type Import } from '../case/import.ts';
import { isKnown, PIPELINE } from '../case/states.ts';
import type { Inputs } from '../inputs.ts';
import { defuse } from '../untrusted.ts';
import type { Limit } from '../wait/patience.ts';
import type { Standing, StepObserver, Target } from '../wait/step.ts';
import { listInWords } from './report.ts';
import { formatDate, formatDuration, lengthInWords } from '../time.ts';

/** One line of the log, safe whatever a server wrote into it. */
export function logLine(text: string): void {
  core.info(defuse(text));
}

/** A line that is shown only when the workflow runs with debug logging. */
export function logDebug(text: string): void {
  core.debug(defuse(text));
}

/** Notes an exception that nobody planned for, for those who look for a fault; gives it as an error. */
export function noteDefect(thrown: unknown): Error {
  const error = thrown instanceof Error ? thrown : new Error(String(thrown));
  logDebug(error.stack ?? String(error));
  return error;
}

/** Takes lines for debug logging; undefined when nobody has turned it on. */
export function debugging(): ((text: string) => void) | undefined {
  return core.isDebug() ? logDebug : undefined;
}

/** A warning, also shown as an annotation. */
export function logWarning(title: string, ...sentences: readonly string[]): void {
  core.warning(inLines(sentences), { title: defuse(title) });
}

/** The error annotation of a step that fails. */
export function logError(title: string, ...sentences: readonly string[]): void {
  core.error(inLines(sentences), { title: defuse(title) });
}

const UNDATED = ' '.repeat('2025-10-20 10:00:00 UTC'.length);

/** One line under the others, with its date (ISO 8601), or indented as if it had one. */
function logEvent(at: string | undefined, text: string): void {
  logLine(`${at === undefined ? UNDATED : formatDate(at)}  ${text}`);
}

/** The toolkit keeps line breaks in annotations; a server’s text has none. */
function inLines(sentences: readonly string[]): string {
  return sentences
    .map(defuse)
    .filter((text) => text !== '')
    .join('\n');
}

const MINUTE_MS = 60_000;
const LONGEST_PHASE = Math.max(...PIPELINE.map(({ length }) => length));
/** An import has about eight transitions; more in one read is somebody's odd server. */
const ARRIVALS_AT_MOST = 20;

/** What the first line of the log tells, and warnings. */
type Announced = Pick<
  Inputs,
  'apiUrl' | 'projectUrl' | 'goal' | 'timeoutMs' | 'cancelOnTimeout' | 'warnings'
> & { readonly target: Target };

/** The first line of the log: what it waits for and what becomes of that; and warnings. */
export function announce(announced: Announced): void {
  const { apiUrl, projectUrl, target, goal, timeoutMs, cancelOnTimeout, warnings } = announced;
  const which = {
    given: `import ${target.kind === 'given' ? target.id : ''}`,
    discover: 'the import in progress',
    create: 'a new import'
  }[target.kind];
  const limit = formatDuration(timeoutMs);
  const then = cancelOnTimeout
    ? `after ${limit} it is cancelled: cancel-on-timeout`
    : `after ${limit} it is left running: cancel-on-timeout is false`;
  logLine(
    `Waiting up to ${limit} for ${which} on ${apiUrl.host} to reach ${goal} (${then}). Project: ${projectUrl}`
  );
  // What it is about stands before its colon.
  for (const warning of warnings) logWarning(warning.replace(/:.*/, ''), warning);
}

/**
 * The wait in the log: one line per transition, a heartbeat, and outages with their date. What the
 * case tells is told from its changes.
 */
export class WaitLog implements StepObserver {
  readonly #now: () => Date;
  #state: string | undefined;
  #nextBeatMs = 0;
  #nextOutageBeatMs = 0;
  /** What the last answer of an outage was, in a few words. */
  #reason = '';
  #retries = 0;
  #arrivals = 0;
  readonly #unknownStates = new Set<string>();

  constructor(now: () => Date = () => new Date()) {
    this.#now = now;
  }

  /** How many attempts have failed and were, as a rule, repeated. */
  get retries(): number {
    return this.#retries;
  }

  /** Tells what a change of the case means. */
  onChange(before: Case, after: Case): void {
    if (after.id !== before.id && after.id !== undefined) this.#tellWhich(after);
    this.#tellCreating(creationOf(before), creationOf(after));
    if (after.read && after.read !== before.read) this.#tellArrivals(before.read, after.read);
    if (after.missing && !before.missing)
      this.#event(
        'Ops Manager does not find the import; one of its nodes may be behind. Trying again.'
      );
    if (after.cancel.isOpen && !before.cancel.isOpen)
      this.#event('Asking Ops Manager to cancel the import.');
    if (after.cancel.isAccepted && !before.cancel.isAccepted)
      this.#event('Ops Manager accepted the cancellation.');
    if (after.deletion?.kind === 'asked' && !before.deletion)
      this.#event('Deleting the record of the failed import.');
  }

  /** The heartbeat: what has changed is told by `onChange`. */
  onRead({ state, readAt }: Import, standing: Standing, rollout: () => string | undefined): void {
    const { inStateMs } = standing;
    if (state !== this.#state) {
      this.#state = state;
    } else if (inStateMs >= this.#nextBeatMs) {
      const beat = `for ${formatDuration(inStateMs)}, ${untilGivingUp(standing)}`;
      const how = rollout();
      const detail = how === undefined ? beat : `${beat}. ${how}`;
      logEvent(readAt, inColumns(state, detail));
    } else {
      return;
    }
    this.#nextBeatMs = nextBeatMs(inStateMs);
  }

  onOthersInProgress(found: BriefList): void {
    const { count } = found;
    logWarning(
      count === 1 ? 'Another import is in progress' : `${count} other imports are in progress`,
      `In progress in the project: ${listInWords(found)}.`,
      'Another import is created beside it, as if-in-progress is create.'
    );
  }

  onHostsWithoutAgent(warning: readonly string[]): void {
    logWarning('Hosts without a live agent', ...warning);
  }

  /** What changed between two looks at the processes. */
  onNews(news: readonly string[]): void {
    for (const line of news) this.#event(line);
  }

  onOutage(error: ApiError): void {
    this.#nextOutageBeatMs = MINUTE_MS;
    this.#reason = error.title;
    this.#event(`${error.message} Trying again.`);
  }

  onOutageLasts(lengthMs: number, { input, leftMs }: Limit): void {
    if (lengthMs < this.#nextOutageBeatMs) return;
    this.#nextOutageBeatMs = nextBeatMs(lengthMs);
    const since = formatDate(new Date(this.#now().getTime() - lengthMs).toISOString());
    this.#event(
      `${lastingly(this.#reason)} since ${since} (${formatDuration(lengthMs)}), ${input} in ${formatDuration(leftMs)}.`
    );
  }

  onRecovery(outageMs: number): void {
    this.#event(`Ops Manager answers again after ${formatDuration(outageMs)}.`);
  }

  onRetry(error: ApiError): void {
    this.#retries += 1;
    this.#reason = error.title;
    logDebug(`Failed attempt: ${error.message}`);
  }

  #tellWhich(c: Case): void {
    const id = c.id ?? '';
    if (c.origin === 'found' && c.isAdopted)
      this.#event(`Import ${id} is in progress already: waiting for it.`);
    else this.#event(`Watching import ${id}.`);
  }

  #tellCreating(before: Creation | undefined, after: Creation | undefined): void {
    if (!after || after.calls.length <= (before?.calls.length ?? 0)) return;
    const last = after.calls.at(-2);
    if (!last) this.#event('Creating the import.');
    else if (last.end !== 'lost') this.#event('Creating the import again.');
    else
      this.#event(
        `Creating the import again: the last call had no good answer, and no list has shown what it made. ${after.lost?.happened ?? ''}`
      );
  }

  #tellArrivals(before: Import | undefined, after: Import): void {
    for (const { state, at, left } of arrivals(before, after).slice(-ARRIVALS_AT_MOST)) {
      this.#arrivals += 1;
      // A history that changes at each read would fill the log.
      if (this.#arrivals > 10 * ARRIVALS_AT_MOST) return;
      const took =
        left?.durationMs === undefined
          ? ''
          : `${left.state} took ${lengthInWords(left.durationMs)}`;
      logEvent(at, inColumns(state, took));
      this.#warnOfUnknown(state);
    }
  }

  #warnOfUnknown(state: string): void {
    if (isKnown(state) || this.#unknownStates.has(state)) return;
    this.#unknownStates.add(state);
    // GitHub shows ten warnings of a step.
    if (this.#unknownStates.size > 3) return;
    logWarning(
      'Unknown state',
      `Ops Manager reports the state ${state}, which this version of the action does not know; it counts as in progress.`,
      'Look for a newer version of the action.'
    );
  }

  /** Dated by the runner: Ops Manager has not said when. */
  #event(text: string): void {
    logEvent(this.#now().toISOString(), text);
  }
}

function inColumns(state: string, detail: string): string {
  return `${state.padEnd(LONGEST_PHASE)}  ${detail}`.trimEnd();
}

function untilGivingUp({ untilTimeoutMs, untilStallMs }: Standing): string {
  return untilStallMs < untilTimeoutMs
    ? `stall-timeout in ${formatDuration(untilStallMs)}`
    : `timeout in ${formatDuration(untilTimeoutMs)}`;
}

/** When to say next that something lasts: each minute up to ten, then every ten; in milliseconds. */
function nextBeatMs(lastsMs: number): number {
  const everyMs = lastsMs < 10 * MINUTE_MS ? MINUTE_MS : 10 * MINUTE_MS;
  return (Math.floor(lastsMs / everyMs) + 1) * everyMs;
}

/** What happened once, as what goes on. */
function lastingly(title: string): string {
  return title.startsWith('Ops Manager refused')
    ? title.replace('refused', 'refuses')
    : `No usable answer (${title})`;
}
