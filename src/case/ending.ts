import type { BriefList } from './import.ts';

/** A failure in words that were found where it was met: the cause, what happened, what to do. */
export interface Trouble {
  /** A few words. */
  readonly title: string;
  /** One sentence. */
  readonly happened: string;
  /** One sentence, or empty. */
  readonly advice: string;
}

/** Why a step cannot wait, or cannot go on waiting. */
export type Cause =
  /** A call to Ops Manager that no waiting mends. */
  | { readonly kind: 'api'; readonly trouble: Trouble }
  /** Ops Manager refused to create the import. */
  | { readonly kind: 'not-created'; readonly trouble: Trouble }
  /** Several imports are in progress where one was looked for. */
  | { readonly kind: 'several'; readonly found: BriefList }
  /** No import is in progress; these ended. */
  | { readonly kind: 'none'; readonly found: BriefList }
  /** There is no import with the given id; these there are. */
  | { readonly kind: 'unknown'; readonly found: BriefList; readonly trouble: Trouble }
  /** An import is in progress, and if-in-progress says to stop then. */
  | { readonly kind: 'busy'; readonly found: BriefList }
  /** What was found had ended before it was known to be this step's. */
  | { readonly kind: 'ended-early' }
  /** Ops Manager has not found the import for a minute. */
  | { readonly kind: 'missing' }
  /** Several imports may be the one that this step created. */
  | { readonly kind: 'ambiguous' }
  /** Outputs or state could not be written, so nothing was created. */
  | { readonly kind: 'unsaved' }
  /** A defect of this action. */
  | { readonly kind: 'defect'; readonly trouble: Trouble };

/** Why a wait ended without an answer of Ops Manager's. */
export type Ending =
  /** `trouble`: why there was no answer at the deadline, if there was none. */
  | {
      readonly kind: 'timed-out';
      readonly timeoutMs: number;
      readonly trouble?: Trouble | undefined;
    }
  | { readonly kind: 'stalled'; readonly stalledMs: number }
  /** `by` a signal, or without one by a log that nobody reads, or by a kill. */
  | { readonly kind: 'interrupted'; readonly by: string }
  /** `wasRefused`: the last answer was a refusal, so that asking much more often is no use. */
  | {
      readonly kind: 'unreachable';
      readonly outageMs: number;
      readonly trouble: Trouble;
      readonly wasRefused: boolean;
    }
  | { readonly kind: 'error'; readonly cause: Cause };
