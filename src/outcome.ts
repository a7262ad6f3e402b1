import { formatDate } from './date.ts';
import { formatDuration } from './duration.ts';
import { lastPhase, timeline, type ImportRequest } from './import/import-request.ts';
import { guideTo } from './import/phases.ts';
import type { GoalState } from './import/states.ts';

/** How the step ended. */
export type Outcome =
  /** `late`: Ops Manager said so only after the step had given up. */
  | { readonly kind: 'reached'; readonly late: boolean }
  | { readonly kind: 'failed' }
  | { readonly kind: 'cancelled' }
  /** `error`: why there was no answer at the deadline, if there was none. */
  | { readonly kind: 'timed-out'; readonly timeoutMs: number; readonly error?: Error | undefined }
  | { readonly kind: 'stalled'; readonly stalledMs: number }
  | { readonly kind: 'interrupted'; readonly by: string }
  | { readonly kind: 'unreachable'; readonly outageMs: number; readonly error: Error }
  | { readonly kind: 'error'; readonly error: Error };

/** What became of the import when the step gave up; `why` in Ops Manager's words or the network's. */
export type Cancellation =
  | { readonly kind: 'not-needed' | 'skipped' | 'confirmed' | 'requested' }
  | { readonly kind: 'refused' | 'failed'; readonly why: string };

/** What became of a failed import's record. */
export type Cleanup =
  | { readonly kind: 'not-needed' | 'skipped' | 'deleted' }
  | { readonly kind: 'failed'; readonly why: string };

/** A time in which Ops Manager could not be reached, in milliseconds from the start of the wait. */
export interface Outage {
  readonly startedMs: number;
  readonly lengthMs: number;
  readonly reason: string;
}

/** Everything that a step has to say at its end. */
export interface Result {
  readonly outcome: Outcome;
  readonly goal: GoalState;
  /** Undefined as long as no import was given, found or created. */
  readonly requestId: string | undefined;
  /** The last good read. */
  readonly request: ImportRequest | undefined;
  readonly cancellation: Cancellation;
  readonly cleanup: Cleanup;
  readonly waitedMs: number;
  readonly outages: readonly Outage[];
}

/** A result in words; every report takes its words from here. */
export interface Words {
  /** A few words: the outcome, and the phase where it matters. */
  readonly title: string;
  /** One sentence or two: what happened, and what became of the import. */
  readonly happened: string;
  /** What went wrong beside the outcome, and is a warning; empty when nothing did. */
  readonly caveat: string;
  /** One sentence: what to do; empty when nothing is. */
  readonly advice: string;
}

/** The result of a step that ended before it could look for an import. */
export function withoutImport(error: Error): Result {
  return {
    outcome: { kind: 'error', error },
    goal: 'SUCCESS',
    requestId: undefined,
    request: undefined,
    cancellation: { kind: 'not-needed' },
    cleanup: { kind: 'not-needed' },
    waitedMs: 0,
    outages: []
  };
}

/** Whether the step passes: only if Ops Manager said that the goal was reached. */
export function isReached(result: Result): boolean {
  return result.outcome.kind === 'reached';
}

/** Whether nothing is left to do for the post step: the import's fate is known. */
export function isSettled({ cancellation }: Result): boolean {
  return ['not-needed', 'skipped', 'confirmed'].includes(cancellation.kind);
}

/** The result as one line for people. */
export function messageOf(result: Result): string {
  const { happened, caveat, advice } = describe(result);
  return inARow(happened, caveat, advice);
}

/** The words for a result. */
export function describe(result: Result): Words {
  const words = wordsFor(result);
  const happened = inARow(words.happened, fateOf(result), cleanupOf(result));
  return { ...words, happened, caveat: caveatOf(result) };
}

/** Sentences as one text, without those that are empty. */
function inARow(...sentences: readonly string[]): string {
  return sentences.filter((text) => text !== '').join(' ');
}

function wordsFor(result: Result): Omit<Words, 'caveat'> {
  const { outcome, goal } = result;
  const phase = phaseOf(result);
  const where = phase === undefined ? '' : ` in ${phase}`;
  const subject = result.requestId === undefined ? 'The import' : `Import ${result.requestId}`;
  const look = guideTo(phase)?.advice ?? 'Look at the import in Ops Manager.';
  switch (outcome.kind) {
    case 'reached':
      return wordsForReached(result, subject, outcome.late);
    case 'failed':
      return {
        title: `Import failed${where}`,
        happened: `${subject} failed${standingOf(result)}.`,
        advice: look
      };
    case 'cancelled':
      return {
        title: `Import was cancelled${where}`,
        happened: `${subject} was cancelled by someone else${standingOf(result)}.`,
        advice: 'Ask who cancelled it in Ops Manager, and import again if it was not meant.'
      };
    case 'timed-out': {
      const limit = formatDuration(outcome.timeoutMs);
      const title = `Import timed out${where}`;
      const happened = `${subject} did not reach ${goal} within ${limit}${standingOf(result)}`;
      if (!outcome.error) {
        return { title, happened: `${happened}.`, advice: `${look} Or raise timeout.` };
      }
      const unreachable = phase === undefined ? ': Ops Manager never answered' : WHEN_READ;
      return { title, happened: `${happened}${unreachable}.`, advice: outcome.error.message };
    }
    case 'stalled': {
      const length = formatDuration(outcome.stalledMs);
      const happened = `${subject} stood still for ${length}${standingOf(result)}.`;
      return { title: `Import stalled${where}`, happened, advice: look };
    }
    case 'interrupted':
      return {
        title: `Wait interrupted${where}`,
        happened: `The wait for ${inSentence(subject)} was interrupted by ${outcome.by} before it reached ${goal}${standingOf(result)}.`,
        advice:
          'Run the workflow again when it should go on; if nobody cancelled it, raise timeout-minutes of its job or step.'
      };
    case 'unreachable': {
      const length = formatDuration(outcome.outageMs);
      const happened = `Ops Manager could not be reached for ${length}, and ${inSentence(subject)} had not reached ${goal}${standingOf(result)}${WHEN_READ}.`;
      return { title: 'Ops Manager unreachable', happened, advice: outcome.error.message };
    }
    case 'error': {
      const { message } = outcome.error;
      if (phase === undefined)
        return { title: 'Cannot wait for the import', happened: message, advice: '' };
      const happened = `The wait for ${inSentence(subject)} ended before it reached ${goal}${standingOf(result)}${WHEN_READ}.`;
      return { title: `Wait ended by an error${where}`, happened, advice: message };
    }
  }
}

const WHEN_READ = ', when it was last read';

function wordsForReached(result: Result, subject: string, late: boolean): Omit<Words, 'caveat'> {
  const { goal, request, waitedMs } = result;
  const state = request?.state ?? goal;
  const happened = `${subject} reached ${goal}${state === goal ? '' : ` (it is in ${state})`}`;
  return late
    ? {
        title: `Import reached ${goal} late`,
        happened: `${happened}, but only after this step had given up waiting.`,
        advice:
          'If this happens again, give it more time with timeout, stall-timeout or max-outage.'
      }
    : {
        title: `Import reached ${goal}`,
        happened: `${happened} after ${formatDuration(waitedMs)} of waiting.`,
        advice: ''
      };
}

/** Where the import stands or stood when it ended. */
export function phaseOf({ request }: Result): string | undefined {
  return request && lastPhase(request);
}

/** In which phase the import is or was, for how long and since when, as the end of a sentence. */
function standingOf({ request }: Result): string {
  const phase = request && lastPhase(request);
  if (request === undefined || phase === undefined) return '';
  const activity = guideTo(phase)?.activity;
  const entry = timeline(request).findLast(({ state }) => state === phase);
  const length = entry?.durationMs === undefined ? '' : ` for ${formatDuration(entry.durationMs)}`;
  const since = entry === undefined ? '' : `, since ${formatDate(entry.transitionedAt)}`;
  return `; it was in ${phase}${activity === undefined ? '' : ` (${activity})`}${length}${since}`;
}

function inSentence(subject: string): string {
  return `${subject.charAt(0).toLowerCase()}${subject.slice(1)}`;
}

const POST_STEP = 'The post step looks after it once more.';

/** What became of an import that was still running when the step gave up. */
function fateOf({ outcome, cancellation }: Result): string {
  switch (cancellation.kind) {
    case 'not-needed':
      return '';
    case 'skipped': {
      const input = outcome.kind === 'interrupted' ? 'cancel-on-interrupt' : 'cancel-on-timeout';
      return `The import was left running, as ${input} is false.`;
    }
    case 'confirmed':
      return 'The import was cancelled, and Ops Manager confirmed it.';
    case 'requested':
      return `Ops Manager accepted the cancellation of the import, but had not yet confirmed it. ${POST_STEP}`;
    case 'refused':
    case 'failed': {
      const what =
        cancellation.kind === 'refused'
          ? 'Ops Manager refused to cancel it.'
          : 'it could not be cancelled.';
      // What ended the wait often spoils the cancellation too; once is enough.
      const isKnown = 'error' in outcome && outcome.error?.message === cancellation.why;
      const why = isKnown ? '' : ` ${cancellation.why}`;
      return `The import may still be running: ${what}${why} ${POST_STEP}`;
    }
  }
}

function cleanupOf({ cleanup }: Result): string {
  return cleanup.kind === 'deleted'
    ? 'Its request was deleted, so that Ops Manager cleans up what was partly imported.'
    : '';
}

function caveatOf({ cleanup, requestId }: Result): string {
  return cleanup.kind === 'failed'
    ? `The request of import ${requestId ?? ''} could not be deleted. ${cleanup.why}`
    : '';
}
