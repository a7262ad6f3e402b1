import type { Case, Deletion, FinalStatus, Found } from './case.ts';
import { creationAfter, LISTING_DELAY_MS, withCall, withEnd, withRead } from './creation.ts';
import type { Ending, Trouble } from './ending.ts';
import {
  heard,
  listedForCreation,
  listedForFound,
  listedForGiven,
  quietAfter,
  watching,
  withAnswer,
  withoutDoubt
} from './evidence.ts';
import type { ImportList } from './import-api.ts';
import { isLagging, type Import } from './import.ts';

/**
 * The transitions of a case: each is pure and gives the next one. `at` is the holder's monotonic
 * clock in milliseconds. One that says nothing new gives a case that is saved as before.
 */

/** Longer than two answers in a row are apart that wait for an import to be found again. */
const LONGEST_GAP_MS = 20_000;

/** A good read of the import. One from a node that lags is an answer, and tells nothing else. */
export function wasRead(read: Import, at: number, askedAt = at) {
  return (c: Case): Case => {
    const answered = withAnswer({ ...c, missing: undefined }, at);
    return isLagging(c.read, read) ? answered : heard(answered, read, askedAt);
  };
}

/**
 * A good list of the project's imports. An answer that was long on its way tells of the time at
 * which it was asked for, not of now.
 */
export function wasListed(list: ImportList, at: number, askedAt = at) {
  return (c: Case): Case => {
    const answered = withAnswer(withoutDoubt(c, list, askedAt), at);
    const next = { ...answered, quiet: quietAfter(c.quiet, askedAt) };
    switch (next.origin) {
      case 'given':
        return listedForGiven(next, list);
      case 'found':
        return listedForFound(next, list, at, askedAt);
      case 'created':
        return listedForCreation(next, list, at, askedAt);
    }
  };
}

/** The one import in progress is the one; for an `import-request` it is awaited, and none is created. */
export function wasFound(read: Import, at: number) {
  return (c: Case): Case => {
    if (c.origin === 'given') return c;
    const found: Found =
      c.origin === 'found'
        ? { ...c, id: read.id }
        : {
            ...c,
            origin: 'found',
            isAdopted: true,
            id: read.id,
            dueAt: (c.quiet.lastAt ?? at) + LISTING_DELAY_MS,
            listedAt: undefined
          };
    return wasRead(read, at)(found);
  };
}

/** The list that was asked for at `askedAt` is the one before the first create call. */
export function creationBegan(before: ImportList, askedAt: number) {
  return (c: Case): Case =>
    c.origin === 'created' ? { ...c, creation: creationAfter(before, askedAt) } : c;
}

/** A create call is about to be sent. */
export function createAnnounced(limitMs: number, at: number) {
  return (c: Case): Case => {
    if (c.origin !== 'created' || !c.creation) return c;
    const creation = withCall(c.creation, limitMs, at);
    return { ...c, creation, quiet: { ms: 0, lastAt: undefined } };
  };
}

/** The create call has ended; `lost` is what one met whose answer was lost. */
export function createAnswered(end: 'accepted' | 'refused' | 'lost', at: number, lost?: Trouble) {
  return (c: Case): Case => {
    if (c.origin !== 'created' || !c.creation) return c;
    const next = { ...c, creation: withEnd(c.creation, end, at, lost) };
    return end === 'accepted' ? withAnswer(next, at) : next;
  };
}

/** The call that was announced last was not sent after all. */
export function createWithdrawn(c: Case): Case {
  if (c.origin !== 'created' || !c.creation) return c;
  const calls = c.creation.calls.slice(0, -1);
  return { ...c, creation: { ...c.creation, calls, openSince: undefined } };
}

/** A read of one of several candidates. */
export function candidateWasRead(read: Import, at: number) {
  return (c: Case): Case => {
    if (c.origin !== 'created' || !c.creation) return c;
    const next = { ...c, creation: withRead(c.creation, read) };
    return withAnswer(watching(next, [read]), at);
  };
}

/** Several candidates were read, and none of them can be left out. */
export function becameAmbiguous(c: Case): Case {
  if (c.origin !== 'created' || !c.creation) return c;
  return { ...c, isOurs: false, creation: { ...c.creation, isAmbiguous: true } };
}

/** A cancel call is about to be sent. */
export function cancelAnnounced(c: Case): Case {
  // One that is still open was cut by a signal, and may have been accepted.
  const isUnanswered = c.cancel.isUnanswered || c.cancel.isOpen;
  return { ...c, cancel: { ...c.cancel, isOpen: true, isUnanswered } };
}

/** Ops Manager accepted a cancel call: a fact that no later refusal undoes. */
export function cancelAccepted(at: number) {
  return (c: Case): Case => {
    const cancel = { ...c.cancel, isOpen: false, isAccepted: true };
    return withAnswer({ ...c, missing: undefined, cancel }, at);
  };
}

/** Ops Manager refused a cancel call. */
export function cancelRefused(refusal: Trouble) {
  return (c: Case): Case => ({
    ...c,
    missing: undefined,
    cancel: { ...c.cancel, isOpen: false, refusal, failure: undefined }
  });
}

/** A cancel call was not answered. */
export function cancelUnanswered(failure: Trouble) {
  return (c: Case): Case => ({
    ...c,
    missing: undefined,
    cancel: { ...c.cancel, isOpen: false, isUnanswered: true, failure, refusal: undefined }
  });
}

/** A cancel call was not sent. */
export function cancelNotSent(failure: Trouble) {
  return (c: Case): Case => ({ ...c, cancel: { ...c.cancel, failure } });
}

/** Ops Manager said of the import, to a read or to a cancel call, that there is none. */
export function wasNotFound(by: 'read' | 'cancel', at: number) {
  return (c: Case): Case => {
    const isAsked = by === 'cancel';
    const nothing = { since: at, until: at, wasAsked: false, isUnlisted: false };
    const known = c.missing ?? nothing;
    // A machine that was suspended between two answers has not met 404s all that time.
    const since = known.since + Math.max(0, at - known.until - LONGEST_GAP_MS);
    const missing = { ...known, since, until: at, wasAsked: isAsked || known.wasAsked };
    return { ...c, missing, cancel: isAsked ? { ...c.cancel, isOpen: false } : c.cancel };
  };
}

/** A call met no answer of Ops Manager's: what counts only answers in a row begins anew. */
export function callFailed(c: Case): Case {
  if (!c.missing && c.quiet.lastAt === undefined) return c;
  return { ...c, missing: undefined, quiet: { ...c.quiet, lastAt: undefined } };
}

/** The wait has ended without an answer; the first ending stays. */
export function waitEnded(ending: Ending) {
  return (c: Case): Case => (c.ending ? c : { ...c, ending });
}

export function deletionChanged(state: Deletion) {
  return (c: Case): Case => ({ ...c, deletion: state });
}

/** The main step has come to its end. */
export function stepFinished(status: FinalStatus | undefined) {
  return (c: Case): Case => ({ ...c, isFinished: true, status });
}

/** GitHub has the last commit status, or has refused it. */
export function statusDelivered(c: Case): Case {
  return c.status ? { ...c, status: { ...c.status, isDelivered: true } } : c;
}
