import type { Creation } from './creation.ts';
import type { Ending, Trouble } from './ending.ts';
import type { BriefList, Import } from './import.ts';

/**
 * The case: everything that a step knows of its import, as one readonly value. It knows nothing of
 * HTTP, of files or of the log, nor whether the main step or the post step holds it. It changes only
 * by the transitions in `transitions.ts`; what it means is `verdict`'s to say.
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
export interface CancelCalls {
  /** A call is under way. */
  readonly isOpen: boolean;
  /** A call ended without an answer: it may have been accepted. */
  readonly isUnanswered: boolean;
  readonly isAccepted: boolean;
  /** Why it was refused last, and why it could not be asked last. */
  readonly refusal: Trouble | undefined;
  readonly failure: Trouble | undefined;
}

/** Since when reads and cancel calls have met nothing but Ops Manager's own 404. */
export interface Missing {
  readonly since: number;
  readonly until: number;
  readonly wasAsked: boolean;
  /** A good list at the end of the minute did not show it either. */
  readonly isUnlisted: boolean;
}

/** How long good lists have shown nothing new; an outage does not count. */
export interface Quiet {
  readonly ms: number;
  readonly lastAt: number | undefined;
}

export type Deletion =
  | { readonly kind: 'asked' }
  | { readonly kind: 'deleted' }
  | { readonly kind: 'failed'; readonly trouble: Trouble };

/** The last commit status. */
export interface FinalStatus {
  readonly state: 'success' | 'failure' | 'error';
  readonly description: string;
  readonly isDelivered: boolean;
}

/** A post step that goes on with a case, by its own clock. */
export interface Resumed {
  readonly at: number;
  /** Its first good answer: from then on what had not passed in the main step is counted anew. */
  readonly answeredAt: number | undefined;
  /** Nothing was saved, or what was cannot be read. */
  readonly isForgotten: boolean;
  /** What was in progress in the project where the case cannot tell whether one is this step's. */
  readonly inProgress: BriefList | undefined;
}

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
  quiet: { ms: 0, lastAt: undefined },
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
  const nothing = { id: undefined, isOurs: false };
  switch (sought.kind) {
    case 'given':
      return { origin: 'given', id: sought.id, ...NOTHING_KNOWN };
    case 'discover': {
      const due = { dueAt: undefined, listedAt: undefined };
      return { origin: 'found', isAdopted: false, ...nothing, ...due, ...NOTHING_KNOWN };
    }
    case 'create':
      return { origin: 'created', ...nothing, creation: undefined, ...NOTHING_KNOWN };
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

/** What the create calls of a step have come to; undefined where it made none. */
export function creationOf(c: Case): Creation | undefined {
  return c.origin === 'created' ? c.creation : undefined;
}

/** Whether the import may have been cancelled by this step without Ops Manager having said so. */
export function mayBeCancelled({ cancel }: Case): boolean {
  return cancel.isAccepted || cancel.isUnanswered || cancel.isOpen;
}

/** Whether this step has asked for the import's cancellation, whatever was said to it. */
export function wasAsked(c: Case): boolean {
  return mayBeCancelled(c) || c.cancel.refusal !== undefined;
}
