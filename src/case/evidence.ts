import { wasAsked, type Case, type Created, type Found, type Given, type Quiet } from './case.ts';
import {
  candidatesOf,
  hasAccepted,
  hasNews,
  isUndecided,
  LISTING_DELAY_MS,
  mayHaveCreated,
  withCallsEnded,
  withList,
  withRead,
  withTime,
  type Creation,
  type Listed
} from './creation.ts';
import type { ImportList } from './import-api.ts';
import { briefly, inMs, isInProgress, isLagging, merged, type Import } from './import.ts';

/**
 * What reads and lists tell of whose import it is and of how it stands: the inner part of the
 * transitions `wasRead`, `wasListed`, `wasFound` and `candidateWasRead`.
 */

/** One node can lag behind the others for so long. */
export const MISSING_MS = 60_000;

/** What an answer tells whatever it holds. */
export function withAnswer<C extends Case>(c: C, at: number): C {
  const resumed = c.resumed && { ...c.resumed, answeredAt: c.resumed.answeredAt ?? at };
  return c.hadGoodAnswer && !resumed ? c : { ...c, hadGoodAnswer: true, resumed };
}

/** Takes in what a read says of the import that is watched. */
export function heard(c: Case, read: Import, askedAt: number): Case {
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
  const isNews = c.read?.state !== read.state;
  const next = { ...withNews(c, read), isOurs: c.isOurs && !isNews };
  return c.creation ? kept({ ...next, creation: withRead(c.creation, read) }) : next;
}

function withNews<C extends Case>(c: C, read: Import): C {
  return { ...c, read: merged(c.read, read), firstState: c.firstState ?? read.state };
}

/** What a list says of an import counts where it is news: it may have failed since the last read. */
function newsOf(c: Case, shown: Import | undefined): Import | undefined {
  const isNews = shown && shown.state !== c.read?.state && !isLagging(c.read, shown);
  return isNews ? shown : undefined;
}

/** Lists tell whether an import that reads do not find is there. */
export function withoutDoubt(c: Case, list: ImportList, askedAt: number): Case {
  const { missing, id } = c;
  if (!missing || askedAt - missing.since < MISSING_MS) return c;
  const isUnlisted = !list.imports.some((each) => each.id === id);
  return { ...c, missing: { ...missing, isUnlisted } };
}

/** A list that shows the import is a good read of it. */
export function listedForGiven(c: Given, list: ImportList): Case {
  const news = newsOf(
    c,
    list.imports.find(({ id }) => id === c.id)
  );
  return news ? withNews(c, news) : c;
}

export function listedForFound(c: Found, list: ImportList, at: number, askedAt: number): Case {
  const { id, resumed } = c;
  if (id === undefined)
    return resumed?.isForgotten
      ? withInProgress(c, list)
      : { ...c, dueAt: c.dueAt ?? at + LISTING_DELAY_MS };
  const shown = list.imports.find((each) => each.id === id);
  const isDue = askedAt >= (c.dueAt ?? Infinity);
  const counts = isDue && shown !== undefined && isInProgress(shown);
  // What a list tells first has still to be read.
  return { ...c, listedAt: counts ? at : c.listedAt };
}

export function listedForCreation(c: Created, list: ImportList, at: number, askedAt: number): Case {
  const { creation, resumed } = c;
  const isSure = !resumed || c.isFinished || (creation !== undefined && hasAccepted(creation));
  const next = isSure ? c : withInProgress(c, list);
  if (!creation || !mayHaveCreated(creation)) return next;
  const ended = resumed ? resumedCreation(creation, resumed, list, at, askedAt) : creation;
  // Once an import is watched, nothing depends on the time of the calls any more.
  const known = next.id === undefined ? withTime(ended, list.readAt, at) : ended;
  const grown = withList(known, list, askedAt, at);
  const quiet = hasNews(grown) ? { ms: 0, lastAt: undefined } : next.quiet;
  return watching({ ...next, creation: grown, quiet }, list.imports);
}

/** A call that is still open was cut by a kill: it ended before this process began at the latest. */
function resumedCreation(
  creation: Creation,
  resumed: NonNullable<Case['resumed']>,
  list: ImportList,
  at: number,
  askedAt: number
): Creation {
  const date = inMs(list.readAt);
  const beganAt = date === undefined ? undefined : date - (askedAt - resumed.at);
  return withCallsEnded(creation, beganAt, resumed.answeredAt ?? at);
}

/** Watches the one candidate, if it is one; `shown` is what a list or a read has just told. */
export function watching(c: Created, shown: readonly Import[]): Created {
  const next = kept({ ...c, isOurs: false });
  const { creation } = next;
  if (!creation || creation.isAmbiguous || isUndecided(creation)) return next;
  const [only] = candidatesOf(creation);
  if (!only) return next;
  const now = shown.find(({ id }) => id === only.id);
  // While it was one of several only its state was kept, which may be news.
  const news = newsOf(next, now ?? briefRead(only));
  const watched = { ...next, id: only.id };
  return { ...(news ? heardOfCreated(watched, news) : watched), isOurs: now !== undefined };
}

function briefRead({ id, state, since }: Listed): Import {
  const transitions = since === undefined ? [] : [{ state, transitionedAt: since }];
  return { id, state, transitions, hasGaps: true, reply: '' };
}

/** The watched import is let go where dates say that it is none of this step's. */
function kept(c: Created): Created {
  const { id, creation } = c;
  if (id === undefined || !creation || creation.isAmbiguous) return c;
  return candidatesOf(creation).some((each) => each.id === id) ? c : dropped(c, creation);
}

/** One that this step asked to cancel it cannot let go: then it is not known whose it is. */
function dropped(c: Created, creation: Creation): Created {
  if (wasAsked(c)) return { ...c, isOurs: false, creation: { ...creation, isAmbiguous: true } };
  const nothing = { id: undefined, read: undefined, firstState: undefined, missing: undefined };
  return { ...c, ...nothing, isOurs: false };
}

/** What is in progress, where the case cannot tell whether one of them is this step's. */
function withInProgress<C extends Case>(c: C, list: ImportList): C {
  if (!c.resumed) return c;
  const now = briefly(list.imports.filter(isInProgress));
  // Lists differ by node: who was shown once and is not shown ended counts on.
  const isShown = new Set(list.imports.map(({ id }) => id));
  const before = (c.resumed.inProgress?.imports ?? []).filter(({ id }) => !isShown.has(id));
  const imports = [...now.imports, ...before].slice(0, 10);
  const inProgress = { imports, count: now.count + before.length };
  return { ...c, resumed: { ...c.resumed, inProgress } };
}

export function quietAfter(quiet: Quiet, askedAt: number): Quiet {
  const gapMs = quiet.lastAt === undefined ? 0 : askedAt - quiet.lastAt;
  // More than what is waited for tells nothing more.
  return { ms: Math.min(LISTING_DELAY_MS, quiet.ms + gapMs), lastAt: askedAt };
}
