import type { Case } from './case.ts';
import {
  find,
  hasAccepted,
  lateArrivals,
  LISTING_DELAY_MS,
  mayHaveCreated,
  type Listed
} from './creation.ts';
import type { Ending, Trouble } from './ending.ts';
import { isInProgress } from './import.ts';
import { hasReached, type GoalState } from './states.ts';

/** What the user asked for, as far as it decides what a case means. */
export interface Terms {
  readonly goal: GoalState;
  readonly cancelOnTimeout: boolean;
  readonly cancelOnInterrupt: boolean;
  readonly deleteFailed: boolean;
}

/** How the step ends. */
export type Outcome =
  /** `late`: Ops Manager said so only after the step had given up. */
  | { readonly kind: 'reached'; readonly late: boolean }
  | { readonly kind: 'failed' | 'cancelled' }
  | { readonly kind: 'error'; readonly cause: { readonly kind: 'gone' } }
  | Ending;

/** What became of the import when the step gave up. */
export type Cancellation =
  | { readonly kind: 'not-needed' | 'skipped' | 'confirmed' | 'requested' }
  | { readonly kind: 'refused'; readonly trouble: Trouble }
  /** `trouble` is undefined where nothing was asked. */
  | { readonly kind: 'failed'; readonly trouble: Trouble | undefined };

/** What became of a failed import's record. */
export type Cleanup =
  | { readonly kind: 'not-needed' | 'skipped' | 'deleted' }
  | { readonly kind: 'failed'; readonly trouble: Trouble | undefined };

/** What a case means: for outputs, saved state and reports, while the step runs and at its end. */
export interface Verdict {
  readonly outcome: Outcome;
  readonly cancellation: Cancellation;
  readonly cleanup: Cleanup;
}

/** One node can lag behind the others for so long. */
export const MISSING_MS = 60_000;

/** What ended a step that had no answer and no ending: its process was killed. */
export const KILLED: Ending = { kind: 'interrupted', by: 'the end of its process' };

/** The one place that says how a step ends and what became of its import. */
export function verdict(c: Case, terms: Terms): Verdict {
  const outcome = outcomeOf(c, terms);
  const cancellation = cancellationOf(c, terms, outcome);
  return { outcome, cancellation, cleanup: cleanupOf(c, terms, outcome) };
}

/** Whether the import may have been cancelled by this step without Ops Manager having said so. */
export function mayBeCancelled({ cancel }: Case): boolean {
  return cancel.isAccepted || cancel.isUnanswered || cancel.isOpen;
}

/** Whether several imports may be this step's own, or were where one was looked for. */
export function isAmbiguous(c: Case): boolean {
  return c.creation?.isAmbiguous === true;
}

/** What else runs and may be this step’s, beside the import that is watched. */
export function straysOf(c: Case): readonly Listed[] {
  return c.creation && c.id !== undefined && !isAmbiguous(c) ? lateArrivals(c.creation) : [];
}

/** Whether reads and asking, which is not repeated once it was accepted, met nothing but 404s for a minute. */
export function isGone({ missing, cancel }: Case): boolean {
  if (!missing || missing.until - missing.since < MISSING_MS) return false;
  return missing.wasAsked || cancel.isAccepted;
}

/** Whether the import has not been found for a minute. */
export function isMissing({ missing }: Case): boolean {
  return missing !== undefined && missing.until - missing.since >= MISSING_MS;
}

/** Whether Ops Manager has given the answer that the step waits for. */
export function isAnswered(c: Case, terms: Terms): boolean {
  const { kind } = outcomeOf(c, terms);
  return kind === 'reached' || kind === 'failed' || kind === 'cancelled';
}

/** Whether the goal was reached, but a list has still to confirm whose import it is. */
export function needsConfirmation(c: Case, { goal }: Terms): boolean {
  return c.read !== undefined && !c.isConfirmed && isAtGoal(c, c.read.state, goal);
}

/** Whether the user's policy lets the step cancel its import. */
export function mayAsk(c: Case, terms: Terms): boolean {
  return isInterrupted(c) ? terms.cancelOnInterrupt : terms.cancelOnTimeout;
}

/** Whether an interrupt ended the step, or a kill, which leaves no ending. */
export function isInterrupted({ ending }: Case): boolean {
  return ending === undefined || ending.kind === 'interrupted';
}

/** Whether an import of this step's may be running, as far as the case tells. */
export function mayBeRunning(c: Case): boolean {
  if (c.discovery?.others) return false;
  if (c.read && !isInProgress(c.read)) return false;
  if (c.creation) return mayCreationRun(c, c.creation);
  if (c.id === undefined) return false;
  // An error before any good read: it may not be this step's import at all.
  return c.read !== undefined || c.ending?.kind !== 'error';
}

/** Whether the import runs on without an answer and the policy lets the step cancel it. */
export function mustAsk(c: Case, terms: Terms): boolean {
  if (c.id === undefined || isAmbiguous(c) || isGone(c)) return false;
  if (isAnswered(c, terms) || !mayBeRunning(c)) return false;
  // What has reached its goal and waits only for a list to say whose it is, is never cancelled.
  return !needsConfirmation(c, terms) && mayAsk(c, terms);
}

/** Whether nothing is left to do for the post step. */
export function isSettled(c: Case, terms: Terms): boolean {
  if (!c.isFinished || c.status?.isDelivered === false) return false;
  const { outcome, cancellation } = verdict(c, terms);
  if (isAmbiguous(c) || outcome.kind === 'reached') return true;
  return ['not-needed', 'skipped', 'confirmed'].includes(cancellation.kind);
}

function mayCreationRun(c: Case, creation: NonNullable<Case['creation']>): boolean {
  if (!mayHaveCreated(creation)) return false;
  if (c.id !== undefined || find(creation).outsiders.length > 0) return true;
  // After lost answers only, half a minute of lists with nothing new means that none arrived.
  return hasAccepted(creation) || c.quiet.ms < LISTING_DELAY_MS || hasOpenCall(creation);
}

function hasOpenCall({ calls }: NonNullable<Case['creation']>): boolean {
  return calls.some(({ end }) => end === 'open');
}

function outcomeOf(c: Case, { goal }: Terms): Outcome {
  const answer = answerOf(c, goal);
  if (answer) return answer;
  const { ending } = c;
  if (isGone(c) && c.read && (ending === undefined || ending.kind === 'error'))
    return { kind: 'error', cause: { kind: 'gone' } };
  // Nothing was settled then, and only this outcome names them.
  const found = c.discovery?.others;
  if (found) return { kind: 'error', cause: { kind: 'several', found } };
  if (ending) return ending;
  return isAmbiguous(c) ? { kind: 'error', cause: { kind: 'ambiguous' } } : KILLED;
}

/** What Ops Manager said of the import, if that ends the wait. */
function answerOf(c: Case, goal: GoalState): Outcome | undefined {
  if (!c.read || isAmbiguous(c) || c.discovery?.others) return undefined;
  const { state } = c.read;
  if (isAtGoal(c, state, goal) && c.isConfirmed)
    return { kind: 'reached', late: c.ending !== undefined };
  if (state === 'FAILED') return { kind: 'failed' };
  if (state === 'CANCELLED' && !wasAsked(c)) return { kind: 'cancelled' };
  return undefined;
}

/** Once it may be cancelled, only the end of the pipeline is a word that holds. */
function isAtGoal(c: Case, state: string, goal: GoalState): boolean {
  return hasReached(goal, state) && (state === 'SUCCESS' || !mayBeCancelled(c));
}

function wasAsked(c: Case): boolean {
  return mayBeCancelled(c) || c.cancel.refusal !== undefined;
}

function cancellationOf(c: Case, terms: Terms, outcome: Outcome): Cancellation {
  const own = ownCancellation(c, terms, outcome);
  const isOver = own.kind === 'not-needed' || own.kind === 'confirmed';
  return isOver && straysOf(c).length > 0 ? notAsked(c, terms) : own;
}

/** Which are this step's is not known, so none was asked for. */
function notAsked(c: Case, terms: Terms): Cancellation {
  return mayAsk(c, terms) ? { kind: 'failed', trouble: undefined } : { kind: 'skipped' };
}

/** What became of the import that is watched, whatever else may be this step’s. */
export function ownCancellation(c: Case, terms: Terms, { kind }: Outcome): Cancellation {
  if (isAmbiguous(c)) return notAsked(c, terms);
  if (kind === 'reached' || kind === 'failed' || kind === 'cancelled')
    return { kind: 'not-needed' };
  if (c.read?.state === 'CANCELLED' && wasAsked(c)) return { kind: 'confirmed' };
  if (!mayBeRunning(c) || isGone(c)) return { kind: 'not-needed' };
  if (!mayAsk(c, terms)) return { kind: 'skipped' };
  const { isAccepted, refusal, failure } = c.cancel;
  if (isAccepted) return { kind: 'requested' };
  return refusal ? { kind: 'refused', trouble: refusal } : { kind: 'failed', trouble: failure };
}

function cleanupOf(c: Case, { deleteFailed }: Terms, { kind }: Outcome): Cleanup {
  if (kind !== 'failed') return { kind: 'not-needed' };
  if (!deleteFailed) return { kind: 'skipped' };
  if (c.deletion?.kind === 'deleted') return { kind: 'deleted' };
  return {
    kind: 'failed',
    trouble: c.deletion?.kind === 'failed' ? c.deletion.trouble : undefined
  };
}
