import type { ImportList, Trouble } from './import-api.ts';
import { beganAtMs, enteredAt, type Import, inMs, isInProgress } from './import.ts';

/**
 * Whose import is it? The create call answers without an id, so the step's import is found in the
 * lists: one that was not listed before the call. Lists are late, and dates are those of clocks that
 * differ: so lists say who may be the step's own, and dates only who cannot be. `…At` is a date of
 * Ops Manager's in milliseconds since 1970, `…At` of a clock says so.
 */

/** Ops Manager answers a create call before it lists the new import. */
export const LISTING_DELAY_MS = 30_000;
/** Two clocks that differ by less, the `Date` of replies and that of transitions, cannot deceive. */
export const CLOCKS_DIFFER_MS = 60_000;
/** More than anybody creates in two minutes; a saved case has fewer. */
const NEWCOMERS_AT_MOST = 500;

/** A create call; `open` while nobody has seen its end. */
export interface CreateCall {
  readonly end: 'open' | 'accepted' | 'refused' | 'lost';
  /** Undefined where Ops Manager's clock is unknown. */
  readonly sentAt: number | undefined;
  readonly endedAt: number | undefined;
  /** How long the call may take at most, in milliseconds. */
  readonly limitMs: number;
}

/** An import that a list has shown. */
export interface Listed {
  readonly id: string;
  readonly state: string;
  /** When it entered its state (ISO 8601). */
  readonly since: string | undefined;
  /** Its first transition, the earliest that any list or read has shown. */
  readonly beganAt: number | undefined;
}

/** One that was not listed before; sure, where all that was listed then is kept, or a read dated it. */
interface Newcomer extends Listed {
  readonly isSure: boolean;
  /** When a list was first to show it, where that gave no date of it: it had begun by then. */
  readonly shownAt: number | undefined;
}

/** What was listed before the first call. */
interface ListBefore {
  readonly imports: readonly Listed[];
  /** How many were listed; more than are kept in a saved case. */
  readonly count: number;
  readonly at: number | undefined;
  /** When it was asked for, by the clock of the holder that did; undefined in a post step. */
  readonly askedAt: number | undefined;
  /** What may be mistaken for the step's own had to be left out: what is new may be anybody's. */
  readonly isIncomplete: boolean;
}

/** The calls of one step, and what the lists since have shown. */
export interface Creation {
  readonly before: ListBefore;
  readonly calls: readonly CreateCall[];
  /** What the newest call met whose answer was lost, where it met something. */
  readonly lost: Trouble | undefined;
  /** When the open call was sent, by the holder's clock. */
  readonly openSince: number | undefined;
  /** Imports that were not listed before and that a list has shown no later than the closing list. */
  readonly newcomers: readonly Newcomer[];
  /** Those that only later lists have shown, by list: somebody else's, unless that list is undone. */
  readonly late: readonly (readonly Newcomer[])[];
  /** How many more may be the step's own, and are not kept. */
  readonly leftOut: number | undefined;
  /** When the closing list is due, by the holder's clock. */
  readonly closesAt: number | undefined;
  /** The closing list was read: who comes later is somebody else's. */
  readonly isClosed: boolean;
  /** The holder's clock stood still: nobody knows when the calls ended. */
  readonly isClockLost: boolean;
  /** Several candidates were read, and stayed. */
  readonly isAmbiguous: boolean;
}

/** The newcomers that may be the step's own, whoever asks: all but those that dates exclude. */
export function candidatesOf(creation: Creation): readonly Newcomer[] {
  return creation.newcomers.filter((newcomer) => !isExcluded(creation, newcomer));
}

/** The newcomers that dates exclude. */
export function othersOf(creation: Creation): readonly Listed[] {
  return creation.newcomers.filter((newcomer) => isExcluded(creation, newcomer));
}

/** Whether it takes reads to say which candidate is the step's own, if any. */
export function isUndecided(creation: Creation): boolean {
  const candidates = candidatesOf(creation);
  const isDoubtful = candidates.length > 1 || candidates.some(({ isSure }) => !isSure);
  return isDoubtful && !creation.isAmbiguous;
}

/** Whether something new may be the step's own: a candidate, or what runs, whatever its dates. */
export function hasNews(creation: Creation): boolean {
  return candidatesOf(creation).length > 0 || creation.newcomers.some(isInProgress);
}

/** Whether a call may have created something. */
export function mayHaveCreated({ calls }: Creation): boolean {
  return calls.some(({ end }) => end !== 'refused');
}

/** Whether Ops Manager has said that it created an import. */
export function hasAccepted({ calls }: Creation): boolean {
  return calls.some(({ end }) => end === 'accepted');
}

/** Whether a newcomer began before the list before the first call, by its date and that list’s. */
export function beganBefore({ before, newcomers }: Creation, id: string): boolean {
  const { beganAt } = newcomers.find((each) => each.id === id) ?? {};
  return (beganAt ?? Infinity) < (before.at ?? -Infinity);
}

/** Takes in a list that came at `at`, after a call was sent, and was asked for at `askedAt`. */
export function withList(
  creation: Creation,
  list: ImportList,
  at: number,
  askedAt: number
): Creation {
  const shown = list.imports.map(listed);
  const told = (known: Newcomer): Newcomer => {
    const now = shown.find(({ id }) => id === known.id);
    return now ? toldOf(known, now) : known;
  };
  const known = withKnown(creation, told);
  const ids = new Set([...known.newcomers, ...known.late.flat()].map(({ id }) => id));
  // A process that was suspended hears late of what was answered before.
  const shownAt = earliest(onTheirClock(creation.before, at), inMs(list.readAt));
  const fresh = unknownIn(creation, shown)
    .filter(({ id }) => !ids.has(id))
    .map((each) => newcomer(creation, each, shownAt));
  if (known.isClosed) return withLate(known, fresh);
  // What was left out before is shown again.
  const all = { ...known, newcomers: [...known.newcomers, ...fresh], leftOut: undefined };
  const isClosed = askedAt >= (creation.closesAt ?? Infinity) && candidatesOf(all).length > 0;
  return { ...withMostTelling(all, NEWCOMERS_AT_MOST), isClosed };
}

function withLate(creation: Creation, fresh: readonly Newcomer[]): Creation {
  const hasRoom = creation.late.flat().length < NEWCOMERS_AT_MOST;
  return fresh.length > 0 && hasRoom ? { ...creation, late: [...creation.late, fresh] } : creation;
}

/**
 * With what was told of those that are known. A list in which, by that, nobody was known who may be
 * the step's own did not close: the closing list is the first one after it in which somebody is.
 */
function withKnown(creation: Creation, told: (known: Newcomer) => Newcomer): Creation {
  const late = creation.late.map((shown) => shown.map(told));
  let next = { ...creation, newcomers: creation.newcomers.map(told), late };
  while (next.isClosed && candidatesOf(next).length === 0) {
    const [shown, ...later] = next.late;
    next = {
      ...next,
      newcomers: [...next.newcomers, ...(shown ?? [])],
      late: later,
      isClosed: shown !== undefined
    };
  }
  return next;
}

/** One that a list has just been first to show. */
function newcomer(creation: Creation, each: Listed, shownAt: number | undefined): Newcomer {
  const { before } = creation;
  const isDated = each.beganAt !== undefined;
  // One without a date may be an old one of which only the number is kept.
  const isNew = isDated || before.count === before.imports.length;
  const isSure = isNew && !isAnybodys(creation);
  return { ...each, isSure, shownAt: isDated ? undefined : shownAt };
}

/** Takes in a read of a newcomer, which may date it; one of a node that lags tells nothing else. */
export function withRead(creation: Creation, read: Import, isLagging = false): Creation {
  const { state, since, beganAt } = listed(read);
  return withKnown(creation, (known) => {
    if (known.id !== read.id) return known;
    const now = isLagging ? { ...known, beganAt } : { id: known.id, state, since, beganAt };
    return { ...toldOf(known, now), isSure: known.isSure || !isAnybodys(creation) };
  });
}

function toldOf(known: Newcomer, now: Listed): Newcomer {
  return { ...known, ...now, beganAt: earliest(known.beganAt, now.beganAt) };
}

/** Whether what is new may be anybody's, whatever a read says. */
function isAnybodys({ before, isClockLost }: Creation): boolean {
  return before.isIncomplete || isClockLost;
}

/** The imports that were not listed before; of a saved list some are known only by their number. */
function unknownIn({ before }: Creation, imports: readonly Listed[]): readonly Listed[] {
  const known = new Set(before.imports.map(({ id }) => id));
  const unknown = imports.filter(({ id }) => !known.has(id));
  const left = before.count - before.imports.length;
  const from = earliestNewAt(before);
  const isOld = ({ beganAt }: Listed): boolean => (beganAt ?? Infinity) < from;
  const old = unknown.filter(isOld).toSorted((a, b) => (a.beganAt ?? 0) - (b.beganAt ?? 0));
  return [...old.slice(left), ...unknown.filter((each) => !isOld(each))];
}

/** With so many newcomers at most: candidates are kept first, then those in progress. */
function withMostTelling(creation: Creation, atMost: number): Creation {
  const { before, newcomers, leftOut = 0 } = creation;
  if (newcomers.length <= atMost) return creation;
  const rank = (each: Newcomer): number => {
    if (!isExcluded(creation, each)) return 0;
    return isInProgress(each) ? 1 : 2;
  };
  const ranked = newcomers.toSorted((a, b) => rank(a) - rank(b));
  const rest = { ...creation, newcomers: ranked.slice(atMost) };
  return {
    ...creation,
    // What dates have excluded counts as listed before.
    before: { ...before, count: before.count + othersOf(rest).length },
    newcomers: ranked.slice(0, atMost),
    leftOut: leftOut + candidatesOf(rest).length
  };
}

/** How much of a creation is saved. */
export interface CreationLimits {
  readonly importsBefore: number;
  readonly newcomers: number;
  readonly calls: number;
}

/** A creation that fits into a saved case: what tells most of each of its lists. */
export function pruned(creation: Creation, limits: CreationLimits): Creation {
  const kept = withMostTelling(creation, limits.newcomers);
  return {
    ...kept,
    before: prunedBefore(kept.before, limits.importsBefore),
    calls: creation.calls.slice(-limits.calls)
  };
}

/** What can still be mistaken for the step's own, and how many were listed. */
function prunedBefore(before: ListBefore, atMost: number): ListBefore {
  const from = earliestNewAt(before);
  const isMistakable = (each: Listed): boolean =>
    (each.beganAt ?? Infinity) >= from || isInProgress(each);
  const newestFirst = before.imports.toSorted((a, b) => (b.beganAt ?? 0) - (a.beganAt ?? 0));
  const mistakable = newestFirst.filter(isMistakable);
  const imports = [...mistakable, ...newestFirst.filter((each) => !isMistakable(each))]
    .slice(0, atMost)
    .map((each) => ({ ...each, since: undefined }));
  const isIncomplete = before.isIncomplete || mistakable.length > imports.length;
  return { ...before, imports, isIncomplete };
}

/** What begins earlier was there before, also where a saved list has left it out. */
function earliestNewAt({ at, imports }: ListBefore): number {
  // Without a clock, nothing can begin earlier than what has begun already.
  const newest = imports.reduce((max, { beganAt }) => Math.max(max, beganAt ?? 0), 0);
  return (at ?? newest) - CLOCKS_DIFFER_MS;
}

/** Whether dates say that no call of the step can have created it. */
function isExcluded(creation: Creation, { beganAt, shownAt }: Newcomer): boolean {
  const { before, calls, isClockLost } = creation;
  if ((beganAt ?? Infinity) < (before.at ?? -Infinity) - CLOCKS_DIFFER_MS) return true;
  const ends = calls
    .filter(({ end }) => end !== 'refused')
    .map(({ sentAt, endedAt, limitMs }) => endedAt ?? (sentAt ?? Infinity) + limitMs);
  // A history may hide its beginning, and then dates what was listed long before.
  const began = Math.min(beganAt ?? -Infinity, shownAt ?? Infinity);
  return !isClockLost && began > Math.max(...ends) + CLOCKS_DIFFER_MS;
}

/** What is kept of an import that a list has shown, or a read. */
export function listed(each: Import): Listed {
  return { id: each.id, state: each.state, since: enteredAt(each), beganAt: beganAtMs(each) };
}

/** A time by the holder's clock as a date of Ops Manager's; undefined where that is unknown. */
export function onTheirClock({ at, askedAt }: ListBefore, time: number): number | undefined {
  return at === undefined || askedAt === undefined ? undefined : at + (time - askedAt);
}

/** The earliest of those that are known. */
export function earliest(...times: readonly (number | undefined)[]): number | undefined {
  const known = times.filter((time) => time !== undefined);
  return known.length === 0 ? undefined : Math.min(...known);
}
