import { formatDuration } from './duration.ts';
import { lastPhase, type ImportRequest } from './import/import-request.ts';
import { guideTo } from './import/phases.ts';
import type { GoalState } from './import/states.ts';

/** How the step ended. */
export type Outcome =
  /** `late`: Ops Manager said so only after the step had given up. */
  | { readonly kind: 'reached'; readonly late: boolean }
  | { readonly kind: 'failed' }
  | { readonly kind: 'cancelled' }
  | { readonly kind: 'timed-out'; readonly timeoutMs: number }
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
  /** One sentence: what to do; empty when nothing is. */
  readonly advice: string;
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
  const { happened, advice } = describe(result);
  return advice === '' ? happened : `${happened} ${advice}`;
}

/** The words for a result. */
export function describe(result: Result): Words {
  const { outcome } = result;
  const words = wordsFor(result, outcome);
  const fate = [fateOf(result), cleanupOf(result)].filter((text) => text !== '').join(' ');
  return { ...words, happened: fate === '' ? words.happened : `${words.happened} ${fate}` };
}

function wordsFor(result: Result, outcome: Outcome): Words {
  const phase = phaseOf(result);
  const where = phase === undefined ? '' : ` in ${phase}`;
  const subject = result.requestId === undefined ? 'The import' : `Import ${result.requestId}`;
  const standing = standingOf(phase);
  const { goal } = result;
  const look = guideTo(phase)?.advice ?? 'Look at the import in Ops Manager.';
  switch (outcome.kind) {
    case 'reached': {
      const state = result.request?.state ?? goal;
      const reached = `${subject} reached ${goal}${state === goal ? '' : ` (it is in ${state})`}`;
      const title = `Import reached ${goal}`;
      const happened = outcome.late
        ? `${reached}, but only after this step had given up waiting.`
        : `${reached} after ${formatDuration(result.waitedMs)} of waiting.`;
      const advice = outcome.late ? 'Raise timeout if this happens again.' : '';
      return { title, happened, advice };
    }
    case 'failed':
      return {
        title: `Import failed${where}`,
        happened: `${subject} failed${where}.`,
        advice: look
      };
    case 'cancelled':
      return {
        title: `Import was cancelled${where}`,
        happened: `${subject} was cancelled${where} by someone else.`,
        advice: 'Ask who cancelled it in Ops Manager, and import again if it was not meant.'
      };
    case 'timed-out': {
      const happened = `${subject} did not reach ${goal} within ${formatDuration(outcome.timeoutMs)}${standing}.`;
      return { title: `Import timed out${where}`, happened, advice: `${look} Or raise timeout.` };
    }
    case 'stalled': {
      const happened = `${subject} stood still${where} for ${formatDuration(outcome.stalledMs)}.`;
      return { title: `Import stalled${where}`, happened, advice: look };
    }
    case 'interrupted':
      return {
        title: 'Wait interrupted',
        happened: `The wait for ${subject.replace(/^(The|Import)/, (word) => word.toLowerCase())} was interrupted by ${outcome.by} before it reached ${goal}${standing}.`,
        advice: 'Run the workflow again when it should go on.'
      };
    case 'unreachable': {
      const happened = `Ops Manager could not be reached for ${formatDuration(outcome.outageMs)}. ${outcome.error.message}`;
      return { title: 'Ops Manager unreachable', happened, advice: '' };
    }
    case 'error':
      return { title: 'Error', happened: outcome.error.message, advice: '' };
  }
}

/** Where the import stands or stood when it ended. */
export function phaseOf({ request }: Result): string | undefined {
  return request && lastPhase(request);
}

function standingOf(phase: string | undefined): string {
  if (phase === undefined) return '';
  const activity = guideTo(phase)?.activity;
  return `; it was in ${phase}${activity === undefined ? '' : `, ${activity}`}`;
}

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
      return 'Ops Manager accepted the cancellation of the import, but had not yet confirmed it: look at the import there.';
    case 'refused':
      return `The import may still be running: Ops Manager refused to cancel it. ${cancellation.why}`;
    case 'failed':
      return `The import may still be running: it could not be cancelled. ${cancellation.why}`;
  }
}

function cleanupOf({ cleanup }: Result): string {
  switch (cleanup.kind) {
    case 'not-needed':
    case 'skipped':
      return '';
    case 'deleted':
      return 'Its request was deleted, so that Ops Manager cleans up what was partly imported.';
    case 'failed':
      return `Its request could not be deleted. ${cleanup.why}`;
  }
}
