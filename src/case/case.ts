import type { Creation, CreateCall } from './creation.ts';
import type { Ending, Trouble } from './ending.ts';
import type { BriefList, Import } from './import.ts';

/**
 * The case: everything that a step knows of its import, as one readonly value. It knows nothing of
 * HTTP, of files or of the log, nor whether the main step or the post step holds it. It changes only
 * by the transitions in `transitions.ts`; what it means is `verdict`'s to say.
 */
export interface Case {
  /** How the step comes to its import. `adopted`: by import-request, but one was in progress. */
  readonly origin: 'given' | 'discovered' | 'adopted' | 'created';
  readonly id: string | undefined;
  /** The last good read. */
  readonly read: Import | undefined;
  /** The state that the first good read gave. */
  readonly firstState: string | undefined;
  /** Whether this configuration has ever worked. */
  readonly hasWorked: boolean;
  /** Whether a list, read after what the import is in now, has left no doubt whose it is. */
  readonly isConfirmed: boolean;
  readonly creation: Creation | undefined;
  readonly discovery: Discovery | undefined;
  readonly cancel: CancelCalls;
  readonly missing: Missing | undefined;
  readonly quiet: Quiet;
  /** Ops Manager's clock minus the holder's, in milliseconds. */
  readonly clockOffsetMs: number | undefined;
  /** When the post step began, which goes on with a saved case. */
  readonly resumedAt: number | undefined;
  /** Why the wait ended without an answer. */
  readonly ending: Ending | undefined;
  readonly deletion: Deletion | undefined;
  readonly status: FinalStatus | undefined;
  /** The main step came to its end. */
  readonly isFinished: boolean;
}

/** An import that was found because it was the one in progress. */
export interface Discovery {
  /** When the list was read that showed it alone, in milliseconds since 1970. */
  readonly at: number | undefined;
  /** Others that were in progress at that time, as a later list showed. */
  readonly others: BriefList | undefined;
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
}

/** How long good lists have shown nothing new; an outage does not count. */
export interface Quiet {
  readonly ms: number;
  readonly lastAt: number | undefined;
}

export type Deletion =
  { readonly kind: 'asked' | 'deleted' } | { readonly kind: 'failed'; readonly trouble: Trouble };

/** The last commit status. */
export interface FinalStatus {
  readonly state: 'success' | 'failure' | 'error';
  readonly description: string;
  readonly isDelivered: boolean;
}

const NOTHING_ASKED: CancelCalls = {
  isOpen: false,
  isUnanswered: false,
  isAccepted: false,
  refusal: undefined,
  failure: undefined
};

/** The case of a step that has not asked anything yet. */
export function opened(origin: 'given' | 'discovered' | 'created', id?: string): Case {
  return {
    origin,
    id,
    read: undefined,
    firstState: undefined,
    hasWorked: false,
    isConfirmed: origin === 'given',
    creation: undefined,
    discovery: undefined,
    cancel: NOTHING_ASKED,
    missing: undefined,
    quiet: { ms: 0, lastAt: undefined },
    clockOffsetMs: undefined,
    resumedAt: undefined,
    ending: undefined,
    deletion: undefined,
    status: undefined,
    isFinished: false
  };
}

/**
 * The case of a step whose saved case cannot be read: it may have asked for a given import's
 * cancellation, and whatever it may have created is only known as one of those that are listed now.
 */
export function forgotten(origin: 'given' | 'discovered' | 'created', id?: string): Case {
  if (origin === 'given') {
    const cancel = { ...NOTHING_ASKED, isUnanswered: true };
    return { ...opened(origin, id), cancel, hasWorked: true };
  }
  const before = { requests: [], count: 0, at: undefined, isIncomplete: true };
  const call: CreateCall = { end: 'lost', sentAt: undefined, endedAt: undefined, limitMs: 0 };
  const creation = { before, calls: [call], newcomers: [], isAmbiguous: false };
  return { ...opened(origin), creation, hasWorked: true };
}
