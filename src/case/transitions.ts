import {
  type Case,
  type Created,
  creationOf,
  type Deletion,
  type Ending,
  type FinalStatus,
  type Found,
  type Given,
  inDoubtAgain,
  MISSING_MS,
  NOT_QUIET,
  wasAsked,
  withAnswer,
  withInProgress
} from './case.ts';
import { withTimeOf } from './create-calls.ts';
import {
  candidatesOf,
  type Creation,
  hasAccepted,
  hasNews,
  isUndecided,
  type Listed,
  LISTING_DELAY_MS,
  mayHaveCreated,
  withList,
  withRead
} from './creation.ts';
import type { ImportList, Trouble } from './import-api.ts';
import { type Import, isInProgress, isLagging, isNews, merged } from './import.ts';

/**
 * The transitions of a case: each is pure and gives the next one. `at` is the holder's monotonic
 * clock in milliseconds. One that says nothing new gives a case that is saved as before. Those of
 * the create calls stand in `create-calls.ts`.
 */

/** Longer than two answers in a row are apart that wait for an import to be found again. */
const LONGEST_GAP_MS = 20_000;

/** A good read of the import. One from a node that lags is an answer, and tells no more than a date. */
export function wasRead(read: Import, at: number, askedAt = at) {
  return (c: Case): Case => {
    const answered = withAnswer({ ...c, missing: undefined }, at);
    return isLagging(c.read, read) ? dated(answered, read) : heard(answered, read, askedAt);
  };
}

function dated(c: Case, read: Import): Case {
  return isCreating(c) ? keptOrNext({ ...c, creation: withRead(c.creation, read, true) }) : c;
}

/** A step that has begun to create. */
type Creating = Created & { readonly creation: Creation };

function isCreating(c: Case): c is Creating {
  return creationOf(c) !== undefined;
}

/** Takes in what a read says of the import that is watched. */
function heard(c: Case, read: Import, askedAt: number): Case {
  switch (c.origin) {
    case 'given':
      return withNews(c, read);
    case 'found': {
      const isAfterList = c.listedAt !== undefined && askedAt >= c.listedAt;
      return { ...withNews(c, read), isOurs: c.isOurs || (isAfterList && isInProgress(read)) };
    }
    case 'created':
      return heardOfCreated(c, read);
  }
}

/** A new state wants a list that confirms it, and a date may say that it cannot be this step's. */
function heardOfCreated(c: Created, read: Import): Created {
  const isAsBefore = c.read?.state === read.state;
  const next = { ...withNews(c, read), isOurs: c.isOurs && isAsBefore };
  return isCreating(c) ? keptOrNext({ ...next, creation: withRead(c.creation, read) }) : next;
}

function withNews<C extends Case>(c: C, read: Import): C {
  return { ...c, read: merged(c.read, read), firstState: c.firstState ?? read.state };
}

/**
 * A good list of the project's imports. An answer that was long on its way tells of the time at
 * which it was asked for, not of now.
 */
export function wasListed(list: ImportList, at: number, askedAt = at) {
  return (c: Case): Case => {
    const answered = withAnswer(withoutDoubt(c, list, askedAt), at);
    const gapMs = c.quiet.lastAt === undefined ? 0 : askedAt - c.quiet.lastAt;
    // More than what is waited for tells nothing more.
    const quiet = { ms: Math.min(LISTING_DELAY_MS, c.quiet.ms + gapMs), lastAt: askedAt };
    const next = { ...answered, quiet };
    switch (next.origin) {
      case 'given':
        return listedForGiven(next, list);
      case 'found':
        return listedForFound(next, list, at, askedAt);
      case 'created':
        return listedForCreated(next, list, at, askedAt);
    }
  };
}

/** Lists tell whether an import that reads do not find is there. */
function withoutDoubt(c: Case, list: ImportList, askedAt: number): Case {
  const { missing, id } = c;
  if (!missing || askedAt - missing.since < MISSING_MS) return c;
  const isUnlisted = !list.imports.some((each) => each.id === id);
  return { ...c, missing: { ...missing, isUnlisted } };
}

/** A list that shows the import is a good read of it. */
function listedForGiven(c: Given, list: ImportList): Given {
  const shown = list.imports.find(({ id }) => id === c.id);
  return shown && isNews(c.read, shown) ? withNews(c, shown) : c;
}

function listedForFound(c: Found, list: ImportList, at: number, askedAt: number): Found {
  const { id, resumed } = c;
  if (id === undefined)
    return resumed?.isForgotten
      ? { ...c, resumed: withInProgress(resumed, list) }
      : { ...c, dueAt: c.dueAt ?? at + LISTING_DELAY_MS };
  const shown = list.imports.find((each) => each.id === id);
  const isDue = askedAt >= (c.dueAt ?? Infinity);
  const counts = isDue && shown !== undefined && isInProgress(shown);
  // What a list tells first has still to be read.
  return { ...c, listedAt: counts ? at : c.listedAt };
}

function listedForCreated(c: Created, list: ImportList, at: number, askedAt: number): Created {
  const { creation, resumed } = c;
  const isSure = !resumed || c.isFinished || (creation !== undefined && hasAccepted(creation));
  const next = isSure ? c : { ...c, resumed: withInProgress(resumed, list) };
  if (!creation || !mayHaveCreated(creation)) return next;
  const grown = withList(withTimeOf(list, c, creation, at, askedAt), list, at, askedAt);
  const quiet = hasNews(grown) ? NOT_QUIET : c.quiet;
  return watching({ ...next, creation: grown, quiet }, list.imports);
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

/** The last list does not count: it shows another one in progress, which no read has found. */
export function listDoubted(c: Case): Case {
  return c.origin === 'found' ? { ...c, listedAt: undefined } : c;
}

/** A read of one of several candidates. */
export function candidateWasRead(read: Import, at: number) {
  return (c: Case): Case => {
    if (!isCreating(c)) return c;
    const next = { ...c, creation: withRead(c.creation, read) };
    return withAnswer(watching(next, [read]), at);
  };
}

/** Several candidates were read, and none of them can be left out. */
export function becameAmbiguous(c: Case): Case {
  return isCreating(c) ? ambiguous(c) : c;
}

function ambiguous(c: Creating): Creating {
  return { ...c, isOurs: false, creation: { ...c.creation, isAmbiguous: true } };
}

/** Watches the one candidate, if it is one; `shown` is what a list or a read has just told. */
function watching(c: Creating, shown: readonly Import[]): Created {
  const next = kept({ ...c, isOurs: false });
  const { creation } = next;
  if (creation.isAmbiguous || isUndecided(creation)) return next;
  const [only] = candidatesOf(creation);
  if (!only) return next;
  const now = shown.find(({ id }) => id === only.id);
  // While it was one of several only its state was kept, which may be news.
  const told = now ?? briefRead(only);
  const watched = { ...next, id: only.id };
  return {
    ...(isNews(next.read, told) ? heardOfCreated(watched, told) : watched),
    isOurs: now !== undefined
  };
}

function briefRead({ id, state, since }: Listed): Import {
  const transitions = since === undefined ? [] : [{ state, transitionedAt: since }];
  return { id, state, transitions, hasGaps: true, reply: '' };
}

/** Where the watched import is let go, the one candidate that is left is watched. */
function keptOrNext(c: Creating): Created {
  const next = kept(c);
  return next.id === undefined ? watching(next, []) : next;
}

/** The watched import is let go where dates say that it is none of this step's. */
function kept(c: Creating): Creating {
  const { id, creation } = c;
  if (creation.isAmbiguous || candidatesOf(creation).some((each) => each.id === id)) return c;
  // One that this step asked to cancel it cannot let go: then it is not known whose it is.
  if (wasAsked(c)) return ambiguous(c);
  return {
    ...c,
    id: undefined,
    isOurs: false,
    read: undefined,
    firstState: undefined,
    missing: undefined
  };
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

/** Ops Manager said to a read that there is no such import. */
export function wasNotFound(at: number) {
  return (c: Case): Case => {
    const nothing = { since: at, until: at, wasAsked: false, isUnlisted: false };
    const known = c.missing ?? nothing;
    // A machine that was suspended between two answers has not met 404s all that time.
    const since = known.since + Math.max(0, at - known.until - LONGEST_GAP_MS);
    return { ...c, missing: { ...known, since, until: at } };
  };
}

/** It said so to a cancel call. */
export function cancelNotFound(at: number) {
  return (c: Case): Case => {
    const { missing, ...rest } = wasNotFound(at)(c);
    return {
      ...rest,
      missing: missing && { ...missing, wasAsked: true },
      cancel: { ...c.cancel, isOpen: false }
    };
  };
}

/** A call met no answer of Ops Manager's: what counts only answers in a row begins anew. */
export function callFailed(c: Case): Case {
  if (!c.missing && c.quiet.lastAt === undefined) return c;
  return { ...c, missing: undefined, quiet: { ...c.quiet, lastAt: undefined } };
}

/** The wait has ended without an answer; the first ending stays. */
export function waitEnded(ending: Ending) {
  return (c: Case): Case => (c.ending ? c : { ...inDoubtAgain(c), ending });
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
