import {
  type Case,
  type Created,
  creationOf,
  type Ending,
  isInDoubt,
  mayBeCancelled,
  MISSING_MS,
  wasAsked
} from './case.ts';
import { hasAccepted, hasNews, isUndecided, LISTING_DELAY_MS, mayHaveCreated } from './creation.ts';
import { isInProgress } from './import.ts';
import { type GoalState, hasReached } from './states.ts';
import type { Trouble } from './import-api.ts';

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
type Cancellation =
  | { readonly kind: 'not-needed'; readonly why: NotNeeded }
  | { readonly kind: 'skipped' | 'confirmed' | 'requested' }
  | { readonly kind: 'refused'; readonly trouble: Trouble }
  /** `trouble` is undefined where nothing was asked. */
  | { readonly kind: 'failed'; readonly trouble: Trouble | undefined };

/** Why nothing had to be cancelled. */
export type NotNeeded =
  /** The import has reached the goal, or has ended by itself. */
  | 'ended'
  /** It has ended, but no list confirmed that it is this step's. */
  | 'not-confirmed'
  /** It was deleted by someone. */
  | 'gone'
  /** It was given, but Ops Manager was never heard of it: it may not be this step's at all. */
  | 'never-read'
  /** It was found, but was not this step's yet. */
  | 'not-ours-yet'
  /** Several were in progress where one was looked for. */
  | 'several'
  /** None was found. */
  | 'not-found'
  /** No create call was sent, or all were refused. */
  | 'nothing-created'
  /** No create call was answered, and none of them made what a list would have shown. */
  | 'none-appeared'
  /** A post step that cannot know what main did found none in progress. */
  | 'none-in-progress';

/** What became of a failed import's record. */
interface Cleanup {
  readonly kind: 'not-needed' | 'skipped' | 'deleted' | 'failed';
}

/** What a case means: for outputs, saved state and reports, while the step runs and at its end. */
export interface Verdict {
  readonly outcome: Outcome;
  readonly cancellation: Cancellation;
  readonly cleanup: Cleanup;
}

/** What ended a step that had no answer and no ending: its process was killed. */
const KILLED: Ending = { kind: 'interrupted', by: 'the end of its process' };

/** The one place that says how a step ends and what became of its import. */
export function verdict(c: Case, terms: Terms): Verdict {
  const outcome = outcomeOf(c, terms);
  const cancellation = cancellationOf(c, terms, outcome);
  return { outcome, cancellation, cleanup: cleanupOf(c, terms, outcome) };
}

/** Whether several imports may be this step's own, and were read. */
export function isAmbiguous(c: Case): boolean {
  return creationOf(c)?.isAmbiguous === true;
}

/** Whether it is known which import is this step's: not where several may be. */
export function isKnownWhich(c: Case): boolean {
  const creation = creationOf(c);
  return !creation || !(creation.isAmbiguous || isUndecided(creation));
}

/** Whether there is no doubt that the import is this step's. */
export function isOurs(c: Case): boolean {
  return c.origin === 'given' || c.isOurs;
}

/** Whether the import has not been found for a minute. */
export function isMissing({ missing }: Case): boolean {
  return missing !== undefined && missing.until - missing.since >= MISSING_MS;
}

/** Whether half a minute of good lists, one after the other, has shown nothing new. */
export function isQuiet({ quiet }: Case): boolean {
  return quiet.ms >= LISTING_DELAY_MS;
}

/** Whether reads, asking (which is not repeated once it was accepted) and a list at their end agree that it is nowhere. */
export function isGone(c: Case): boolean {
  const { missing, cancel } = c;
  return isMissing(c) && missing?.isUnlisted === true && (missing.wasAsked || cancel.isAccepted);
}

/** Whether Ops Manager has given the answer that the step waits for. */
export function isAnswered(c: Case, { goal }: Terms): boolean {
  return answerOf(c, goal) !== undefined;
}

/** Whether a created import is at its goal, and a list has still to say whose it is. */
export function lacksList(c: Case, terms: Terms): boolean {
  if (c.origin !== 'created' || !standsAtGoal(c, terms)) return false;
  // While the step waits on, it lists again when the closing list is due.
  return !c.isOurs || (c.ending !== undefined && mayHaveRivals(c));
}

/** Whether the import stands at the goal; whoever it belongs to, it cannot be said not to have reached it. */
export function standsAtGoal(c: Case, { goal }: Terms): boolean {
  return c.read !== undefined && isAtGoal(c, c.read.state, goal);
}

/** Whether the user's policy lets the step cancel its import. */
function mayAsk(c: Case, terms: Terms): boolean {
  return isInterrupted(c) ? terms.cancelOnInterrupt : terms.cancelOnTimeout;
}

/** Whether an interrupt ended the step, or a kill, which leaves no ending. */
export function isInterrupted({ ending }: Case): boolean {
  return ending === undefined || ending.kind === 'interrupted';
}

/** Whether an import of this step's may be running, as far as the case tells. */
export function mayBeRunning(c: Case): boolean {
  return whyNotRunning(c) === undefined;
}

/** Whether the import runs on without an answer and the policy lets the step cancel it. */
export function mustAsk(c: Case, terms: Terms): boolean {
  if (c.id === undefined || !isKnownWhich(c) || isGone(c)) return false;
  if (isAnswered(c, terms) || !mayBeRunning(c)) return false;
  // What has reached its goal and waits only for a list to say whose it is, is never cancelled.
  return !lacksList(c, terms) && mayAsk(c, terms);
}

/** Whether nothing is left to do for the post step. */
export function isSettled(c: Case, terms: Terms): boolean {
  if (!c.isFinished || c.status?.isDelivered === false) return false;
  const creation = creationOf(c);
  if (creation?.isAmbiguous) return creation.isClosed;
  return !isLeftOpen(verdict(c, terms).cancellation);
}

/** Whether an import that was to be cancelled may be running. */
export function isLeftOpen({ kind }: Pick<Cancellation, 'kind'>): boolean {
  return kind === 'requested' || kind === 'refused' || kind === 'failed';
}

/** Why nothing of this step's can be running; undefined where something may be. */
function whyNotRunning(c: Case): NotNeeded | undefined {
  switch (c.origin) {
    case 'given':
      if (c.read) return isInProgress(c.read) ? undefined : 'ended';
      return c.ending?.kind === 'error' ? 'never-read' : undefined;
    case 'found':
      if (c.ending?.kind === 'error' && c.ending.cause.kind === 'several') return 'several';
      if (c.id === undefined) return whyNothing(c, 'not-found');
      if (!c.isOurs) return 'not-ours-yet';
      return !c.read || isInProgress(c.read) ? undefined : 'ended';
    case 'created':
      return whyNoneCreated(c);
  }
}

function whyNoneCreated(c: Created): NotNeeded | undefined {
  const { creation } = c;
  if (!creation || !mayHaveCreated(creation)) return whyNothing(c, 'nothing-created');
  if (!isKnownWhich(c)) return undefined;
  if (c.id !== undefined) return !c.read || isInProgress(c.read) ? undefined : 'not-confirmed';
  // After lost answers only, half a minute of lists with nothing new means that none arrived.
  const isSilent = isQuiet(c) && !hasNews(creation) && !hasAccepted(creation);
  return isSilent ? 'none-appeared' : undefined;
}

/** A post step that goes on with an unfinished case does not know what main did since. */
function whyNothing(c: Case, why: NotNeeded): NotNeeded | undefined {
  const { resumed, isFinished } = c;
  const isSure = !resumed || isFinished || (why === 'not-found' && !resumed.isForgotten);
  if (isSure) return why;
  return isQuiet(c) && resumed.inProgress?.count === 0 ? 'none-in-progress' : undefined;
}

function outcomeOf(c: Case, { goal }: Terms): Outcome {
  const answer = answerOf(c, goal);
  if (answer) return answer;
  const { ending } = c;
  if (isGone(c) && c.read && (ending === undefined || ending.kind === 'error'))
    return { kind: 'error', cause: { kind: 'gone' } };
  if (ending) return ending;
  return isAmbiguous(c) ? { kind: 'error', cause: { kind: 'ambiguous' } } : KILLED;
}

/** What Ops Manager said of the import, if that ends the wait. */
function answerOf(c: Case, goal: GoalState): Outcome | undefined {
  if (!c.read || !isKnownWhich(c)) return undefined;
  // Before it is this step's, nothing final is said about one that was found.
  if (c.origin === 'found' && !c.isOurs) return undefined;
  if (mayHaveRivals(c)) return undefined;
  const { state } = c.read;
  if (isAtGoal(c, state, goal) && isOurs(c))
    return { kind: 'reached', late: c.ending !== undefined };
  if (state === 'FAILED') return { kind: 'failed' };
  if (state === 'CANCELLED' && !wasAsked(c)) return { kind: 'cancelled' };
  return undefined;
}

/**
 * Whether the closing list may yet tell that the import is one of several, and there is the time to
 * wait for it: neither an interrupt nor a kill has ended the step.
 */
export function mayHaveRivals(c: Case): boolean {
  const hasTime = c.ending ? c.ending.kind !== 'interrupted' : !c.resumed;
  return isInDoubt(c) && hasTime;
}

/** Once it may be cancelled, only the end of the pipeline is a word that holds. */
function isAtGoal(c: Case, state: string, goal: GoalState): boolean {
  return hasReached(goal, state) && (state === 'SUCCESS' || !mayBeCancelled(c));
}

function cancellationOf(c: Case, terms: Terms, { kind }: Outcome): Cancellation {
  // Which are this step's is not known, so none was asked for.
  if (!isKnownWhich(c))
    return mayAsk(c, terms) ? { kind: 'failed', trouble: undefined } : { kind: 'skipped' };
  if (kind === 'reached' || kind === 'failed' || kind === 'cancelled')
    return { kind: 'not-needed', why: 'ended' };
  if (c.read?.state === 'CANCELLED' && wasAsked(c)) return { kind: 'confirmed' };
  const why = isGone(c) ? 'gone' : whyNotRunning(c);
  if (why !== undefined) return { kind: 'not-needed', why };
  if (!mayAsk(c, terms)) return { kind: 'skipped' };
  const { isAccepted, refusal, failure } = c.cancel;
  if (isAccepted) return { kind: 'requested' };
  return refusal ? { kind: 'refused', trouble: refusal } : { kind: 'failed', trouble: failure };
}

function cleanupOf(c: Case, { deleteFailed }: Terms, { kind }: Outcome): Cleanup {
  if (kind !== 'failed') return { kind: 'not-needed' };
  if (!deleteFailed) return { kind: 'skipped' };
  if (c.deletion?.kind === 'deleted') return { kind: 'deleted' };
  return { kind: 'failed' };
}
