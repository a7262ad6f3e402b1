import type { Trouble } from './ending.ts';
import type { ImportList } from './import-api.ts';
import { beganAtMs, enteredAt, inMs, isInProgress, type Import } from './import.ts';

/**
 * Whose import is it? The create call answers without an id, so the step's import is found in the
 * lists: one that was not listed before the call. Lists are late, and dates are those of clocks that
 * differ: so lists say who may be the step's own, and dates only who cannot be. `…At` is a date of
 * Ops Manager's in milliseconds since 1970, `…At` of a clock says so.
 */

/** Ops Manager answers a create call before it lists the new import. */
export const LISTING_DELAY_MS = 30_000;
/** A call whose answer was lost may arrive late, and is listed later yet. */
const CLOSING_AFTER_LOST_MS = 90_000;
/** Two clocks that differ by less, the `Date` of replies and that of transitions, cannot deceive. */
const CLOCKS_DIFFER_MS = 60_000;
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

export type CallEnd = Exclude<CreateCall['end'], 'open'>;

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
  /** How many more may be the step's own, and are not kept. */
  readonly leftOut?: number | undefined;
  /** When the closing list is due, by the holder's clock. */
  readonly closesAt: number | undefined;
  /** The closing list was read: who comes later is somebody else's. */
  readonly isClosed: boolean;
  /** The holder's clock stood still: nobody knows when the calls ended. */
  readonly isClockLost: boolean;
  /** Several candidates were read, and stayed. */
  readonly isAmbiguous: boolean;
}

/** A creation that is about to make its first call; the list before was asked for at `askedAt`. */
export function creationAfter(list: ImportList, askedAt?: number): Creation {
  const imports = list.imports.map(listed);
  const at = inMs(list.readAt);
  return {
    before: { imports, count: imports.length, at, askedAt, isIncomplete: false },
    calls: [],
    newcomers: [],
    ...{ lost: undefined, openSince: undefined, closesAt: undefined },
    ...{ isClosed: false, isClockLost: false, isAmbiguous: false }
  };
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

/**
 * With a call that is about to be sent at `at` by the holder's clock. What dates have excluded by
 * then was listed before it, too.
 */
export function withCall(creation: Creation, limitMs: number, at: number): Creation {
  const { before, calls } = creation;
  const sentAt = onTheirClock(before, at);
  const call: CreateCall = { end: 'open', sentAt, endedAt: undefined, limitMs };
  const others = othersOf(creation);
  const imports = [...before.imports, ...others];
  const listed = { ...before, imports, count: before.count + others.length };
  const newcomers = candidatesOf(creation);
  return { ...creation, before: listed, newcomers, calls: [...calls, call], openSince: at };
}

/**
 * With the end of the open call, noticed at `at`: it had ended when its time was over, also where
 * a process that was suspended noticed it later.
 */
export function withEnd(creation: Creation, end: CallEnd, at: number, met?: Trouble): Creation {
  const { before, calls, openSince = at } = creation;
  const endedAt = Math.min(at, openSince + (calls.at(-1)?.limitMs ?? Infinity));
  const closed = calls.map((call): CreateCall =>
    call.end === 'open' ? { ...call, end, endedAt: onTheirClock(before, endedAt) } : call
  );
  const lost = end === 'lost' ? met : creation.lost;
  const next = { ...creation, calls: closed, lost, openSince: undefined };
  if (end === 'refused') return next;
  const closesAt = endedAt + (end === 'lost' ? CLOSING_AFTER_LOST_MS : LISTING_DELAY_MS);
  return { ...next, closesAt: Math.max(creation.closesAt ?? 0, closesAt), isClosed: false };
}

/** Takes in a list that came at `at`, after a call was sent, and was asked for at `askedAt`. */
export function withList(
  creation: Creation,
  list: ImportList,
  askedAt: number,
  at = askedAt
): Creation {
  const shown = list.imports.map(listed);
  const shownAt = onTheirClock(creation.before, at) ?? inMs(list.readAt);
  const areAllKept = creation.before.count === creation.before.imports.length;
  const seen = creation.newcomers.map((known) => {
    const now = shown.find(({ id }) => id === known.id);
    return now ? toldOf(known, now) : known;
  });
  const isKnown = new Set(seen.map(({ id }) => id));
  const fresh = unknownIn(creation, shown)
    .filter(({ id }) => !creation.isClosed && !isKnown.has(id))
    .map((each) => ({
      ...each,
      // One without a date may be an old one of which only the number is kept.
      isSure: !isAnybodys(creation) && (areAllKept || each.beganAt !== undefined),
      shownAt: each.beganAt === undefined ? shownAt : undefined
    }));
  const grown = { ...creation, newcomers: [...seen, ...fresh] };
  const closes = askedAt >= (creation.closesAt ?? Infinity) && candidatesOf(grown).length > 0;
  // A list that does not close shows again what was left out before.
  const all = creation.isClosed ? grown : { ...grown, leftOut: undefined };
  return { ...withMostTelling(all, NEWCOMERS_AT_MOST), isClosed: creation.isClosed || closes };
}

/** Takes in a read of a newcomer, which may date it. */
export function withRead(creation: Creation, read: Import): Creation {
  const newcomers = creation.newcomers.map((known) =>
    known.id === read.id
      ? { ...toldOf(known, listed(read)), isSure: known.isSure || !isAnybodys(creation) }
      : known
  );
  const next = { ...creation, newcomers };
  // A list in which nobody was known that may be the step's own does not close.
  return { ...next, isClosed: creation.isClosed && candidatesOf(next).length > 0 };
}

function toldOf(known: Newcomer, now: Listed): Newcomer {
  return { ...known, ...now, beganAt: earliest(known.beganAt, now.beganAt) };
}

/**
 * A creation that a post step goes on with, which began at `beganAt` by Ops Manager's clock and had
 * its first good answer at `at` by its own: calls whose end nobody saw have ended at the
 * latest moment they can have, and what had still to pass is counted anew.
 */
export function withCallsEnded(creation: Creation, beganAt: number | undefined, at: number) {
  const calls = creation.calls.map((call): CreateCall => {
    if (call.end !== 'open') return call;
    const latest = call.sentAt === undefined ? undefined : call.sentAt + call.limitMs;
    return { ...call, end: 'lost', endedAt: earliest(latest, beganAt) };
  });
  const wasLost = calls.some(({ end }) => end === 'lost');
  const closesAt = at + (wasLost ? CLOSING_AFTER_LOST_MS : LISTING_DELAY_MS);
  return { ...creation, calls, closesAt: creation.closesAt ?? closesAt };
}

/**
 * Takes in Ops Manager's time at `at`. Where it has gone on by more than the holder's clock since the
 * list before, that stood still, as in a suspended machine: calls may have ended as much later. By
 * more than two clocks can differ, nobody knows when they ended.
 */
export function withTime(creation: Creation, date: string | undefined, at: number): Creation {
  const { before, calls } = creation;
  const stoodMs = (inMs(date) ?? 0) - (onTheirClock(before, at) ?? Infinity);
  if (before.askedAt === undefined || stoodMs <= 0) return creation;
  return {
    ...creation,
    before: { ...before, askedAt: before.askedAt - stoodMs },
    calls: calls.map((call) => ({ ...call, endedAt: call.endedAt && call.endedAt + stoodMs })),
    isClockLost: creation.isClockLost || stoodMs > CLOCKS_DIFFER_MS
  };
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
  if (left === 0) return unknown;
  const from = earliestNewAt(before);
  const isOld = ({ beganAt }: Listed): boolean => (beganAt ?? Infinity) < from;
  const old = unknown.filter(isOld).toSorted((a, b) => (a.beganAt ?? 0) - (b.beganAt ?? 0));
  return [...old.slice(left), ...unknown.filter((each) => !isOld(each))];
}

/** With so many newcomers at most: candidates are kept first, then those in progress. */
export function withMostTelling(creation: Creation, atMost: number): Creation {
  const { newcomers, leftOut = 0 } = creation;
  if (newcomers.length <= atMost) return creation;
  const rank = (each: Newcomer): number =>
    isExcluded(creation, each) ? 1 + Number(!isInProgress(each)) : 0;
  const ranked = newcomers.toSorted((a, b) => rank(a) - rank(b));
  const left = candidatesOf({ ...creation, newcomers: ranked.slice(atMost) });
  return { ...creation, newcomers: ranked.slice(0, atMost), leftOut: leftOut + left.length };
}

/** What begins earlier was there before, also where a saved list has left it out. */
export function earliestNewAt({ at, imports }: ListBefore): number {
  // Without a clock, nothing can begin earlier than what has begun already.
  const newest = imports.reduce((max, { beganAt }) => Math.max(max, beganAt ?? 0), 0);
  return (at ?? newest) - CLOCKS_DIFFER_MS;
}

/** Whether dates say that no call of the step can have created it. */
function isExcluded(creation: Creation, { beganAt, shownAt }: Newcomer): boolean {
  const { before, calls, isClockLost } = creation;
  if (before.at === undefined || beganAt === undefined) return false;
  if (beganAt < before.at - CLOCKS_DIFFER_MS) return true;
  if (isClockLost) return false;
  const ends = calls
    .filter(({ end }) => end !== 'refused')
    .map(({ sentAt, endedAt, limitMs }) => endedAt ?? (sentAt ?? Infinity) + limitMs);
  // A history may hide its beginning, and then dates what was listed long before.
  return Math.min(beganAt, shownAt ?? Infinity) > Math.max(...ends) + CLOCKS_DIFFER_MS;
}

function listed(each: Import): Listed {
  return { id: each.id, state: each.state, since: enteredAt(each), beganAt: beganAtMs(each) };
}

/** A time by the holder's clock as a date of Ops Manager's; undefined where that is unknown. */
function onTheirClock({ at, askedAt }: ListBefore, time: number): number | undefined {
  return at === undefined || askedAt === undefined ? undefined : at + (time - askedAt);
}

function earliest(...times: readonly (number | undefined)[]): number | undefined {
  const known = times.filter((time) => time !== undefined);
  return known.length === 0 ? undefined : Math.min(...known);
}
