import { beganBefore, type Creation } from './creation.ts';
import type { ImportList, Trouble } from './import-api.ts';
import { briefly, isInProgress, type BriefList, type Import } from './import.ts';

/**
 * The theory of the case.
 *
 * A step has one import to answer for, and may be stopped at any moment: by a signal, by a kill, by
 * a network that swallows an answer, by a disk that is full. Whatever stops it, two things must hold:
 * it passes only if Ops Manager itself said that the goal was reached, and no import of its own runs
 * on unsaid. So all that a step knows of its import is one readonly value, the case, and everything
 * that is said or done follows from it: the outputs, the saved state, the reports, whether to cancel.
 *
 * Callers feed it with what happened (`transitions.ts`, `create-calls.ts`) and ask what follows
 * (`verdict.ts`); only they send anything. The case knows nothing of HTTP, of files or of the log, nor which of the two
 * steps holds it, so that no rule can be bent for one of them.
 *
 * The rules it lives by:
 *
 * 1. It changes only by named, pure transitions, and what says nothing new is no change. Facts are
 *    kept, not conclusions: that a cancellation was accepted, not that the import is as good as
 *    cancelled. A fact that is learned late counts as much as one that was known at once; so what
 *    follows is asked anew at every change, and never stored.
 * 2. What is about to be done is a transition of its own, recorded and saved before it is sent. After
 *    a kill there is at worst one thing of which nobody knows whether it was done.
 * 3. A call has three ends: yes, no, and nobody knows. A lost answer is never taken for a no.
 *    `cancel` keeps all three, and once a call was accepted or went unanswered, only SUCCESS still
 *    means that the goal was reached: a goal on the way may yet be cancelled.
 * 4. The end of an import never gives way. A read from a node that lags behind is an answer (Ops
 *    Manager lives), and tells nothing else; it is known by its state, which stands earlier in the
 *    pipeline, and not by its history, of which any node may have less.
 * 5. Whose import it is, is the question before all others. An import that may be somebody else's is
 *    neither cancelled nor deleted, and opens no gate.
 *
 * Whose import is it? That depends on how the step comes to it, and so the case is a sum:
 *
 * - *Given*: its id was an input. It is this step's by the user's word. Only an error before it was
 *   ever read leaves it alone, for it may be a wrong id.
 * - *Found*: the one in progress. Lists are up to 30 s late, so a list alone may show what ended
 *   before the step began, and hide a second one. It is this step's (`isOurs`) only once a list that
 *   was asked for 30 s after the first one, and then a read, have shown it in progress. What is not
 *   this step's when the wait ends never becomes so. A step that was to create may find one instead
 *   (`isAdopted`).
 * - *Created*: the create call answers without an id, so the import is looked for in the lists:
 *   `creation.ts` says who may be it. Here `isOurs` means that a list, read after what the import is
 *   in now, has left no doubt. Several are read first, since a date may exclude one; if they stay
 *   several, nobody can tell them apart (`isAmbiguous`), and none is touched.
 *
 * Dates are those of clocks that nobody has set by each other. They only exclude, and only by more
 * than two such clocks can differ. Spans are measured by the holder's own clock, which does not
 * survive its process: what had not passed in the main step is counted anew in the post step.
 *
 * *Missing*: Ops Manager's own 404 for an import that was seen before. One node may lag, so only a
 * minute of nothing but 404s is more than that; and it is *gone* only if the asking met them too and
 * a list at the end does not show it. A list that cannot be read says nothing: then it is the API
 * that does not answer, and not the import that is missing.
 *
 * *Quiet*: how long good lists, one after the other, have shown nothing new. Where calls were lost,
 * half a minute of it means that none has arrived; an outage in between does not count.
 *
 * *Ending*: why the wait ended without Ops Manager's answer. The first one stays, and decides which
 * of the user's policies holds. A kill leaves none: no ending and no answer is a kill, and what the
 * outputs say while the step runs is what would be so if it were killed now.
 *
 * *Resumed*: a post step goes on with the case where it was saved, by the same rules. A call that was
 * open then was sent, and nobody heard its answer. Between the last state that was saved and the kill
 * main may have done more; where nothing arrived at all (`isForgotten`), it may have done anything.
 * So a post step says of neither what main did not do.
 */
export type Case = Given | Found | Created;

/** What any step may know of its import, however it came to it. */
interface Known {
  /** The last good read. */
  readonly read: Import | undefined;
  /** The state that the first good read gave. */
  readonly firstState: string | undefined;
  /** Whether there was a first good answer: a 2xx that held what was asked for. */
  readonly hadGoodAnswer: boolean;
  readonly cancel: CancelCalls;
  readonly missing: Missing | undefined;
  readonly quiet: Quiet;
  /** Why the wait ended without an answer. */
  readonly ending: Ending | undefined;
  readonly deletion: Deletion | undefined;
  readonly status: FinalStatus | undefined;
  /** The main step came to its end. */
  readonly isFinished: boolean;
  /** Set where a post step goes on with a case. */
  readonly resumed: Resumed | undefined;
}

/** Its id was given: the import is this step's from the start. */
export interface Given extends Known {
  readonly origin: 'given';
  readonly id: string;
}

/** It is the one that is in progress in the project. */
export interface Found extends Known {
  readonly origin: 'found';
  /** Found for an `import-request`, so that none is created. */
  readonly isAdopted: boolean;
  readonly id: string | undefined;
  /** A list and a read that was asked for after it, 30 s after the first list, have shown it in progress. */
  readonly isOurs: boolean;
  /** When that list is due, by the holder's clock. */
  readonly dueAt: number | undefined;
  /** When that list came. */
  readonly listedAt: number | undefined;
}

/** It is looked for in the lists after the step's create calls. */
export interface Created extends Known {
  readonly origin: 'created';
  readonly id: string | undefined;
  /** A list that was read after what the import is in now has left no doubt whose it is. */
  readonly isOurs: boolean;
  /** Undefined before the first call. */
  readonly creation: Creation | undefined;
}

/** What was asked of Ops Manager, and what it said. */
interface CancelCalls {
  /** A call is under way. */
  readonly isOpen: boolean;
  /** A call ended without an answer: it may have been accepted. */
  readonly isUnanswered: boolean;
  readonly isAccepted: boolean;
  /** Why it was refused last, and why it could not be asked last. */
  readonly refusal: Trouble | undefined;
  readonly failure: Trouble | undefined;
}

/** One node can lag behind the others for so long. */
export const MISSING_MS = 60_000;

/** Since when reads and cancel calls have met nothing but Ops Manager's own 404. */
interface Missing {
  readonly since: number;
  readonly until: number;
  readonly wasAsked: boolean;
  /** A good list at the end of the minute did not show it either. */
  readonly isUnlisted: boolean;
}

/** How long good lists have shown nothing new; an outage does not count. */
interface Quiet {
  readonly ms: number;
  readonly lastAt: number | undefined;
}

/** Nothing is known of it yet, or something new was shown. */
export const NOT_QUIET: Quiet = { ms: 0, lastAt: undefined };

export type Deletion =
  | { readonly kind: 'asked' }
  | { readonly kind: 'deleted' }
  /** Sure, where each call was refused: one that was lost may have been carried out. */
  | { readonly kind: 'failed'; readonly isSure: boolean; readonly trouble: Trouble };

/** The last commit status. */
export interface FinalStatus {
  readonly state: 'success' | 'failure' | 'error';
  readonly description: string;
  readonly isDelivered: boolean;
}

/** A post step that goes on with a case, by its own clock. */
interface Resumed {
  readonly at: number;
  /** Its first good answer: from then on what had not passed in the main step is counted anew. */
  readonly answeredAt: number | undefined;
  /** Nothing was saved, or what was cannot be read. */
  readonly isForgotten: boolean;
  /** What was in progress in the project where the case cannot tell whether one is this step's. */
  readonly inProgress: BriefList | undefined;
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

const NOTHING_ASKED: CancelCalls = {
  isOpen: false,
  isUnanswered: false,
  isAccepted: false,
  refusal: undefined,
  failure: undefined
};

const NOTHING_KNOWN: Known = {
  read: undefined,
  firstState: undefined,
  hadGoodAnswer: false,
  cancel: NOTHING_ASKED,
  missing: undefined,
  quiet: NOT_QUIET,
  ending: undefined,
  deletion: undefined,
  status: undefined,
  isFinished: false,
  resumed: undefined
};

/** What a step is to wait for. */
export type Sought =
  | { readonly kind: 'given'; readonly id: string }
  /** The one import in progress. */
  | { readonly kind: 'discover' }
  | { readonly kind: 'create' };

/** The case of a step that has not asked anything yet. */
export function opened(sought: Sought): Case {
  const nothing = { ...NOTHING_KNOWN, id: undefined, isOurs: false };
  switch (sought.kind) {
    case 'given':
      return { ...NOTHING_KNOWN, origin: 'given', id: sought.id };
    case 'discover':
      return {
        ...nothing,
        origin: 'found',
        isAdopted: false,
        dueAt: undefined,
        listedAt: undefined
      };
    case 'create':
      return { ...nothing, origin: 'created', creation: undefined };
  }
}

/**
 * The case of a post step, begun at `at` by its clock, to which nothing came of the main step: that
 * may have asked, found, created or been told anything.
 */
export function forgotten(sought: Sought, at: number): Case {
  const resumed = { at, answeredAt: undefined, isForgotten: true, inProgress: undefined };
  return { ...opened(sought), hadGoodAnswer: true, resumed };
}

/** With an answer of Ops Manager's at `at` by the holder's clock, whatever it held. */
export function withAnswer<C extends Case>(c: C, at: number): C {
  const resumed = c.resumed && { ...c.resumed, answeredAt: c.resumed.answeredAt ?? at };
  return c.hadGoodAnswer && !resumed ? c : { ...c, hadGoodAnswer: true, resumed };
}

/** What the create calls of a step have come to; undefined where it made none. */
export function creationOf(c: Case): Creation | undefined {
  return c.origin === 'created' ? c.creation : undefined;
}

/**
 * Whether the closing list may yet show that the created import is one of several, and nothing is lost
 * by waiting for it: the import goes on, or it has ended, and by its date began before the call.
 */
export function isInDoubt(c: Case): c is Created {
  const creation = creationOf(c);
  if (!c.read || !creation || creation.isClosed) return false;
  return isInProgress(c.read) || beganBefore(creation, c.read.id);
}

/** Who stops before the closing list has another one say whose an import is that goes on. */
export function inDoubtAgain(c: Case): Case {
  return isInDoubt(c) ? { ...c, isOurs: false } : c;
}

/** Whether the import may have been cancelled by this step without Ops Manager having said so. */
export function mayBeCancelled({ cancel }: Case): boolean {
  return cancel.isAccepted || cancel.isUnanswered || cancel.isOpen;
}

/** Whether this step has asked for the import's cancellation, whatever was said to it. */
export function wasAsked(c: Case): boolean {
  return mayBeCancelled(c) || c.cancel.refusal !== undefined;
}

/** What is in progress, where the case cannot tell whether one of them is this step's. */
export function withInProgress(resumed: Resumed, list: ImportList): Resumed {
  const now = briefly(list.imports.filter(isInProgress), Infinity);
  // Lists differ by node: who was shown once and is not shown ended counts on.
  const isShown = new Set(list.imports.map(({ id }) => id));
  const before = (resumed.inProgress?.imports ?? []).filter(({ id }) => !isShown.has(id));
  const imports = [...now.imports, ...before];
  return { ...resumed, inProgress: { imports, count: imports.length } };
}
