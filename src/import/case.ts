import {
  creationAfter,
  find,
  LISTING_DELAY_MS,
  withCallsClosed,
  withList,
  type CreateCall,
  type Creation
} from './creation.ts';
import type { Ending, Trouble } from './ending.ts';
import type { ImportList } from './import-api.ts';
import {
  beganAtMs,
  briefly,
  isInProgress,
  isLagging,
  type BriefList,
  type ImportRequest
} from './import-request.ts';

/**
 * The case: everything that a step knows of its import, as one readonly value. It changes only by
 * the transitions below; each is pure and gives the next case. It knows nothing of HTTP, of files
 * or of the log, nor whether the main step or the post step holds it. What it means is `verdict`'s
 * to say. `at` is the holder's monotonic clock in milliseconds.
 */
export interface Case {
  /** How the step comes to its import. `adopted`: by import-request, but one was in progress. */
  readonly origin: 'given' | 'discovered' | 'adopted' | 'created';
  readonly id: string | undefined;
  /** The last good read. */
  readonly read: ImportRequest | undefined;
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
 * The case of a step whose saved case cannot be read: whatever it may have created is only known as
 * one of those that are listed now.
 */
export function forgotten(origin: 'discovered' | 'created'): Case {
  const before = { requests: [], count: 0, at: undefined, isIncomplete: true };
  const call: CreateCall = { end: 'lost', sentAt: undefined, endedAt: undefined, limitMs: 0 };
  const creation = { before, calls: [call], newcomers: [], isAmbiguous: false };
  return { ...opened(origin), creation, hasWorked: true };
}

/** A good read of the import. One from a node that lags is an answer, and tells nothing else. */
export function read(request: ImportRequest, at: number) {
  return (c: Case): Case => {
    const answered = withClock({ ...c, missing: undefined }, request.readAt, at);
    if (isLagging(c.read, request)) return answered;
    const isNews = c.read?.state !== request.state;
    return {
      ...answered,
      read: request,
      firstState: c.firstState ?? request.state,
      isConfirmed: c.creation && isNews ? false : c.isConfirmed
    };
  };
}

/** A good list of the project's imports; the first one is that of `discovered` or `creating`. */
export function listed(list: ImportList, at: number) {
  return (c: Case): Case => {
    const answered = withClock({ ...c, quiet: quietAfter(c, at) }, list.readAt, at);
    if (c.creation) return listedForCreation(answered, list, at);
    const others = c.discovery && othersThen(c, list);
    if (!others) return answered;
    return others.count === 0
      ? { ...answered, isConfirmed: true }
      : { ...answered, discovery: { at: c.discovery?.at, others: c.discovery?.others ?? others } };
  };
}

/** The project's one import in progress is the one. */
export function discovered(request: ImportRequest, list: ImportList, at: number) {
  return (c: Case): Case => ({
    ...read(request, at)(c),
    id: request.id,
    discovery: { at: inMs(list.readAt), others: undefined },
    isConfirmed: false
  });
}

/** The import that was in progress already is awaited, and none is created. */
export function adopted(request: ImportRequest, list: ImportList, at: number) {
  return (c: Case): Case => ({ ...discovered(request, list, at)(c), origin: 'adopted' });
}

/** A create call is about to be sent. */
export function creating(before: ImportList, limitMs: number, at: number) {
  return (c: Case): Case => {
    const creation = c.creation ?? creationAfter(before);
    const call: CreateCall = {
      end: 'open',
      sentAt: onTheirClock(c, at),
      endedAt: undefined,
      limitMs
    };
    const quiet = { ms: 0, lastAt: undefined };
    return { ...c, creation: { ...creation, calls: [...creation.calls, call] }, quiet };
  };
}

/** The create call has ended. */
export function createEnded(end: 'accepted' | 'refused' | 'lost', at: number) {
  return (c: Case): Case => {
    if (!c.creation) return c;
    const calls = c.creation.calls.map((call): CreateCall =>
      call.end === 'open' ? { ...call, end, endedAt: onTheirClock(c, at) } : call
    );
    return { ...c, creation: { ...c.creation, calls } };
  };
}

/** The call that was announced last was not sent after all. */
export function notCreating(c: Case): Case {
  if (!c.creation) return c;
  const calls = c.creation.calls.slice(0, -1);
  return { ...c, creation: calls.length === 0 ? undefined : { ...c.creation, calls } };
}

/** A cancel call is about to be sent. */
export function asking(c: Case): Case {
  return { ...c, cancel: { ...c.cancel, isOpen: true } };
}

/** Ops Manager accepted a cancel call: a fact that no later refusal undoes. */
export function accepted(c: Case): Case {
  const cancel = { ...c.cancel, isOpen: false, isAccepted: true };
  return worked({ ...c, missing: undefined, cancel });
}

/** Ops Manager refused a cancel call. */
export function refused(refusal: Trouble) {
  return (c: Case): Case => ({
    ...worked(c),
    missing: undefined,
    cancel: { ...c.cancel, isOpen: false, refusal, failure: undefined }
  });
}

/** A cancel call was not answered. */
export function unanswered(failure: Trouble) {
  return (c: Case): Case => ({
    ...c,
    missing: undefined,
    cancel: { ...c.cancel, isOpen: false, isUnanswered: true, failure, refusal: undefined }
  });
}

/** Ops Manager said of the import, to a read or to a cancel call, that there is none. */
export function notFound(by: 'read' | 'cancel', at: number) {
  return (c: Case): Case => {
    const isAsked = by === 'cancel';
    const wasAsked = isAsked || (c.missing?.wasAsked ?? false);
    const missing = { since: c.missing?.since ?? at, until: at, wasAsked };
    return { ...worked(c), missing, cancel: isAsked ? { ...c.cancel, isOpen: false } : c.cancel };
  };
}

/** A call met no answer of Ops Manager's: what counts only answers in a row begins anew. */
export function faltered(c: Case): Case {
  if (!c.missing && c.quiet.lastAt === undefined) return c;
  return { ...c, missing: undefined, quiet: { ...c.quiet, lastAt: undefined } };
}

/** Ops Manager's API has answered, if only that it knows no such import: the configuration is right. */
export function worked(c: Case): Case {
  return c.hasWorked ? c : { ...c, hasWorked: true };
}

/** The wait has ended without an answer; the first ending stays. */
export function ended(ending: Ending) {
  return (c: Case): Case => (c.ending ? c : { ...c, ending });
}

export function deletion(state: Deletion) {
  return (c: Case): Case => ({ ...c, deletion: state });
}

/** The main step has come to its end. */
export function finished(status: FinalStatus | undefined) {
  return (c: Case): Case => ({ ...c, isFinished: true, status });
}

/** GitHub has the last commit status, or has refused it. */
export function statusDelivered(c: Case): Case {
  return c.status ? { ...c, status: { ...c.status, isDelivered: true } } : c;
}

function listedForCreation(c: Case, list: ImportList, at: number): Case {
  if (!c.creation) return c;
  // A call that is still open was cut by a kill: it ended before this process began at the latest.
  const began = c.resumedAt === undefined ? undefined : onTheirClock(c, c.resumedAt);
  const isCut = c.creation.calls.some(({ end }) => end === 'open');
  const closed = isCut ? withCallsClosed(c.creation, began) : c.creation;
  const creation = withList(closed, list);
  const { candidates } = find(creation);
  const quiet = creation.newcomers.length === 0 ? c.quiet : { ms: 0, lastAt: undefined };
  const [only] = candidates;
  if (creation.isAmbiguous || only === undefined || candidates.length > 1)
    return { ...c, creation, quiet, isConfirmed: false };
  const shown = list.imports.find(({ id }) => id === only.id);
  const found = { ...c, creation, quiet, id: only.id };
  // A list is no better read than a read is, but the first one.
  const seen = shown && !c.read ? read(shown, at)(found) : found;
  return { ...seen, isConfirmed: shown !== undefined };
}

/** Who else was in progress when the import was discovered. */
function othersThen(c: Case, list: ImportList): BriefList {
  const at = c.discovery?.at;
  const others = list.imports.filter((request) => {
    if (request.id === c.id) return false;
    // `Date` has whole seconds.
    const hadBegun = at === undefined || (beganAtMs(request) ?? 0) < at + 1000;
    const last = request.transitions.at(-1)?.transitionedAt;
    const wasRunning =
      isInProgress(request) || (at !== undefined && last !== undefined && Date.parse(last) > at);
    return hadBegun && wasRunning;
  });
  // All of them are named, the one that was watched, too.
  const own = others.length === 0 ? [] : list.imports.filter(({ id }) => id === c.id);
  return briefly([...own, ...others]);
}

function quietAfter({ quiet }: Case, at: number): Quiet {
  const gapMs = quiet.lastAt === undefined ? 0 : at - quiet.lastAt;
  // More than what is waited for tells nothing more.
  return { ms: Math.min(LISTING_DELAY_MS, quiet.ms + gapMs), lastAt: at };
}

function withClock(c: Case, readAt: string | undefined, at: number): Case {
  if (readAt === undefined) return worked(c);
  // An answer that was long on its way makes their clock look slow, never fast.
  const offset = Date.parse(readAt) - at;
  return { ...worked(c), clockOffsetMs: Math.max(c.clockOffsetMs ?? -Infinity, offset) };
}

function onTheirClock({ clockOffsetMs }: Case, at: number): number | undefined {
  return clockOffsetMs === undefined ? undefined : clockOffsetMs + at;
}

function inMs(date: string | undefined): number | undefined {
  return date === undefined ? undefined : Date.parse(date);
}
