import type { Case, Deletion, FinalStatus, Quiet } from './case.ts';
import {
  creationAfter,
  find,
  inMs,
  LISTING_DELAY_MS,
  withCallsClosed,
  withCallsLater,
  withList,
  type CreateCall
} from './creation.ts';
import type { Ending, Trouble } from './ending.ts';
import type { ImportList } from './import-api.ts';
import {
  beganAtMs,
  briefly,
  isInProgress,
  isLagging,
  isNewer,
  type BriefList,
  type Import
} from './import.ts';

/**
 * The transitions of a case: each is pure and gives the next one. `at` is the holder's monotonic
 * clock in milliseconds. One that says nothing new gives a case that is saved as before.
 */

/** Longer than two answers in a row are apart that wait for an import to be found again. */
const LONGEST_GAP_MS = 20_000;

/** A good read of the import. One from a node that lags is an answer, and tells nothing else. */
export function read(request: Import, at: number) {
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

/**
 * A good list of the project's imports; the first one is that of `discovered` or `creating`. An
 * answer that was long on its way tells of the time at which it was asked for, not of now.
 */
export function listed(list: ImportList, at: number, askedAt = at) {
  return (c: Case): Case => {
    const answered = withClock({ ...c, quiet: quietAfter(c, askedAt) }, list.readAt, at);
    if (c.creation) return listedForCreation(answered, list, at);
    const { discovery } = c;
    if (!discovery) return answered;
    const others = othersThen(c, list);
    const shown = list.imports.find(({ id }) => id === c.id);
    return others.count === 0
      ? { ...heard(answered, shown, at), isConfirmed: true }
      : { ...answered, discovery: { at: discovery.at, others: discovery.others ?? others } };
  };
}

/** The project's one import in progress is the one. */
export function discovered(request: Import, list: ImportList, at: number) {
  return (c: Case): Case => ({
    ...read(request, at)(c),
    id: request.id,
    discovery: { at: inMs(list.readAt), others: undefined },
    isConfirmed: false
  });
}

/** The import that was in progress already is awaited, and none is created. */
export function adopted(request: Import, list: ImportList, at: number) {
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
  // One that is still open was cut by a signal, and may have been accepted.
  const isUnanswered = c.cancel.isUnanswered || c.cancel.isOpen;
  return { ...c, cancel: { ...c.cancel, isOpen: true, isUnanswered } };
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
    const known = c.missing ?? { since: at, until: at, wasAsked: false };
    // A machine that was suspended between two answers has not met 404s all that time.
    const since = known.since + Math.max(0, at - known.until - LONGEST_GAP_MS);
    const missing = { since, until: at, wasAsked: isAsked || known.wasAsked };
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
  return { ...heard(found, shown, at), isConfirmed: shown !== undefined };
}

/** What a list says of the import counts where it is news: it may have failed since the last read. */
function heard(c: Case, shown: Import | undefined, at: number): Case {
  return shown && isNewer(shown, c.read) ? read(shown, at)(c) : c;
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

function quietAfter({ quiet }: Case, askedAt: number): Quiet {
  const gapMs = quiet.lastAt === undefined ? 0 : askedAt - quiet.lastAt;
  // More than what is waited for tells nothing more.
  return { ms: Math.min(LISTING_DELAY_MS, quiet.ms + gapMs), lastAt: askedAt };
}

function withClock(c: Case, readAt: string | undefined, at: number): Case {
  if (readAt === undefined) return worked(c);
  // An answer that was long on its way makes their clock look slow, never fast.
  const offset = Date.parse(readAt) - at;
  const known = c.clockOffsetMs;
  if (known === undefined) return { ...worked(c), clockOffsetMs: offset };
  // Less than a second is no news: a `Date` has whole ones.
  if (offset < known + 1000) return worked(c);
  // Calls of an earlier process were dated by a clock of its own.
  const isOwn = c.creation && c.resumedAt === undefined;
  const creation = isOwn
    ? withCallsLater(c.creation, offset - known, c.id !== undefined)
    : c.creation;
  return { ...worked(c), clockOffsetMs: offset, creation };
}

function onTheirClock({ clockOffsetMs }: Case, at: number): number | undefined {
  return clockOffsetMs === undefined ? undefined : clockOffsetMs + at;
}
