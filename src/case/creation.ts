import type { ImportList } from './import-api.ts';
import { beganAtMs, isInProgress, type Import } from './import.ts';

/**
 * Whose import is it? The create call answers without an id, so the step's import is found in the
 * lists: a request that was not listed before, and that began while the calls were under way.
 * Dates here are Ops Manager's own, in milliseconds since 1970.
 */

/** Ops Manager answers a create call before it lists the new request. */
export const LISTING_DELAY_MS = 30_000;
/** A request that reached Ops Manager at the last moment begins a little after the call ended. */
const AFTER_LAST_CALL_MS = 60_000;
/** `Date` has whole seconds, and the clocks of two nodes differ a little. */
const TOLERANCE_MS = 5_000;
const NEWCOMERS_AT_MOST = 20;

/** A create call; `open` while nobody has seen its end. */
export interface CreateCall {
  readonly end: 'open' | 'accepted' | 'refused' | 'lost';
  /** Undefined where Ops Manager's clock is unknown. */
  readonly sentAt: number | undefined;
  readonly endedAt: number | undefined;
  /** How long the call may take at most, in milliseconds. */
  readonly limitMs: number;
}

/** A request that a list has shown. */
export interface Listed {
  readonly id: string;
  readonly state: string;
  /** When it entered its state (ISO 8601). */
  readonly since: string | undefined;
  readonly beganAt: number | undefined;
}

/** What was listed before the first call. */
export interface ListBefore {
  readonly requests: readonly Listed[];
  /** How many were listed; more than are kept in a saved case. */
  readonly count: number;
  readonly at: number | undefined;
  /** Requests that may be mistaken for the step's own had to be left out of a saved case. */
  readonly isIncomplete: boolean;
}

/** The calls of one step, and what the lists since have shown. */
export interface Creation {
  readonly before: ListBefore;
  readonly calls: readonly CreateCall[];
  /** Requests that were not listed before; all lists together. */
  readonly newcomers: readonly Listed[];
  /** Once several have been candidates, no later list makes it one. */
  readonly isAmbiguous: boolean;
}

/** The newcomers, told apart. */
export interface Found {
  /** They may be the step's own. */
  readonly candidates: readonly Listed[];
  /** New, but begun at another time: somebody else's, or the step's own by a call that came late. */
  readonly outsiders: readonly Listed[];
}

/** A creation that has only looked so far. */
export function creationAfter(list: ImportList): Creation {
  const requests = list.imports.map(listed);
  const before = { requests, count: requests.length, at: inMs(list.readAt), isIncomplete: false };
  return { before, calls: [], newcomers: [], isAmbiguous: false };
}

/** Who may be the step's own import: the one rule for creating, settling and the post step. */
export function find(creation: Creation): Found {
  const { newcomers } = creation;
  const candidates = newcomers.filter((request) => isInWindow(creation, request));
  return { candidates, outsiders: newcomers.filter((request) => !candidates.includes(request)) };
}

/**
 * Outsiders that run and may be the step's own beside the one that is watched: more than one call
 * may have arrived, and one of them long after it was sent.
 */
export function lateArrivals(creation: Creation): readonly Listed[] {
  const arrived = creation.calls.filter(({ end }) => end !== 'refused');
  return arrived.length > 1 ? find(creation).outsiders.filter(isInProgress) : [];
}

/** Takes in a list that was read after a call was sent. */
export function withList(creation: Creation, list: ImportList): Creation {
  const known = new Map(creation.newcomers.map((request) => [request.id, request]));
  for (const request of unknownIn(creation, list.imports.map(listed))) {
    if (known.has(request.id) || known.size < NEWCOMERS_AT_MOST) known.set(request.id, request);
  }
  const grown = { ...creation, newcomers: [...known.values()] };
  // What was left out of a saved list may be among the newcomers.
  const isGuesswork = creation.before.isIncomplete && known.size > 0;
  const isAmbiguous = creation.isAmbiguous || isGuesswork || find(grown).candidates.length > 1;
  return { ...grown, isAmbiguous };
}

/** Whether a call may have created something. */
export function mayHaveCreated({ calls }: Creation): boolean {
  return calls.some(({ end }) => end !== 'refused');
}

/** Whether Ops Manager has said that it created an import. */
export function hasAccepted({ calls }: Creation): boolean {
  return calls.some(({ end }) => end === 'accepted');
}

/** The calls whose end nobody saw, ended at the latest moment they can have. */
export function withCallsClosed(creation: Creation, now: number | undefined): Creation {
  const calls = creation.calls.map((call): CreateCall => {
    if (call.end !== 'open') return call;
    const latest = call.sentAt === undefined ? undefined : call.sentAt + call.limitMs;
    return { ...call, end: 'lost', endedAt: earliest(latest, now) };
  });
  return { ...creation, calls };
}

/**
 * The calls with later dates, since Ops Manager's clock has turned out to be ahead by so much. More
 * than an answer can take on its way means that the holder's clock stood still, nobody knows when:
 * then what is new may be anybody's, unless the step's own was found before.
 */
export function withCallsLater(creation: Creation, ms: number, isFound: boolean): Creation {
  if (creation.calls.some(({ limitMs }) => ms > limitMs + TOLERANCE_MS)) {
    return isFound ? creation : { ...creation, before: { ...creation.before, isIncomplete: true } };
  }
  const later = (at: number | undefined): number | undefined => at && at + ms;
  const calls = creation.calls.map((call): CreateCall => ({
    ...call,
    sentAt: later(call.sentAt),
    endedAt: later(call.endedAt)
  }));
  return { ...creation, calls };
}

/**
 * A creation that fits into a saved case: of the list before, what can still be mistaken for the
 * step's own, and how many there were.
 */
export function pruned(creation: Creation, atMost: number): Creation {
  const { before } = creation;
  const from = earliestNewAt(before);
  const mistakable = before.requests.filter(
    (request) => (request.beganAt ?? Infinity) >= from || isInProgress(request)
  );
  const requests = mistakable.slice(-atMost).map(({ id, state, beganAt }) => ({
    id,
    state,
    since: undefined,
    beganAt
  }));
  const isIncomplete = before.isIncomplete || mistakable.length > requests.length;
  return { ...creation, before: { ...before, requests, isIncomplete } };
}

/** The requests that were not listed before; of a saved list some are known only by their number. */
function unknownIn({ before }: Creation, requests: readonly Listed[]): readonly Listed[] {
  const known = new Set(before.requests.map(({ id }) => id));
  const unknown = requests.filter(({ id }) => !known.has(id));
  const left = before.count - before.requests.length;
  if (left === 0) return unknown;
  const from = earliestNewAt(before);
  const isOld = ({ beganAt }: Listed): boolean => (beganAt ?? Infinity) < from;
  const old = unknown.filter(isOld).toSorted((a, b) => (a.beganAt ?? 0) - (b.beganAt ?? 0));
  return [...old.slice(left), ...unknown.filter((request) => !isOld(request))];
}

/** What begins earlier was there before, also where a saved list has left it out. */
function earliestNewAt({ at, requests }: ListBefore): number {
  // Without a clock, nothing can begin earlier than what has begun already.
  const newest = requests.reduce((max, { beganAt }) => Math.max(max, beganAt ?? 0), 0);
  return (at ?? newest) - TOLERANCE_MS;
}

function isInWindow({ before, calls }: Creation, { beganAt }: Listed): boolean {
  const ends = calls
    .filter(({ end }) => end !== 'refused')
    .map(({ sentAt, endedAt, limitMs }) => endedAt ?? (sentAt ?? Infinity) + limitMs);
  if (before.at === undefined || beganAt === undefined) return true;
  const until = Math.max(...ends) + AFTER_LAST_CALL_MS;
  return beganAt >= before.at - TOLERANCE_MS && beganAt <= until + TOLERANCE_MS;
}

function listed(request: Import): Listed {
  const last = request.transitions.at(-1);
  const since = last?.state === request.state ? last.transitionedAt : undefined;
  return { id: request.id, state: request.state, since, beganAt: beganAtMs(request) };
}

/** A date of Ops Manager's in milliseconds since 1970. */
export function inMs(date: string | undefined): number | undefined {
  return date === undefined ? undefined : Date.parse(date);
}

function earliest(...times: readonly (number | undefined)[]): number | undefined {
  const known = times.filter((time) => time !== undefined);
  return known.length === 0 ? undefined : Math.min(...known);
}
