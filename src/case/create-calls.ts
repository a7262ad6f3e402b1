import { type Case, type Created, NOT_QUIET, withAnswer } from './case.ts';
import {
  candidatesOf,
  CLOCKS_DIFFER_MS,
  type CreateCall,
  type Creation,
  earliest,
  listed,
  LISTING_DELAY_MS,
  onTheirClock,
  othersOf
} from './creation.ts';
import type { ImportList, Trouble } from './import-api.ts';
import { inMs } from './import.ts';

/**
 * The create calls of a step, and when each began and ended by Ops Manager's clock: that decides who
 * of the newcomers can be its own, and when the closing list is due. `at` is the holder's clock.
 */

/** A call whose answer was lost may arrive late, and is listed later yet. */
const CLOSING_AFTER_LOST_MS = 90_000;

/** The list that was asked for at `askedAt` is the one before the first create call. */
export function creationBegan(list: ImportList, askedAt: number) {
  const imports = list.imports.map(listed);
  const at = inMs(list.readAt);
  const creation: Creation = {
    before: { imports, count: imports.length, at, askedAt, isIncomplete: false },
    calls: [],
    lost: undefined,
    openSince: undefined,
    newcomers: [],
    late: [],
    leftOut: undefined,
    closesAt: undefined,
    isClosed: false,
    isClockLost: false,
    isAmbiguous: false
  };
  return (c: Case): Case => (c.origin === 'created' ? { ...c, creation } : c);
}

/** A create call is about to be sent. What dates have excluded by then was listed before it, too. */
export function createAnnounced(limitMs: number, at: number) {
  return (c: Case): Case => {
    if (c.origin !== 'created' || !c.creation) return c;
    const { before, calls } = c.creation;
    const others = othersOf(c.creation);
    const imports = [...before.imports, ...others];
    const sentAt = onTheirClock(before, at);
    const call: CreateCall = { end: 'open', sentAt, endedAt: undefined, limitMs };
    const creation: Creation = {
      ...c.creation,
      before: { ...before, imports, count: before.count + others.length },
      newcomers: candidatesOf(c.creation),
      calls: [...calls, call],
      openSince: at
    };
    return { ...c, creation, quiet: NOT_QUIET };
  };
}

/**
 * The create call has ended; `lost` is what one met whose answer was lost. It had ended when its time
 * was over, also where a process that was suspended noticed it later.
 */
export function createAnswered(end: 'accepted' | 'refused' | 'lost', at: number, lost?: Trouble) {
  return (c: Case): Case => {
    if (c.origin !== 'created' || !c.creation) return c;
    const { before, calls, openSince = at } = c.creation;
    const endedAt = Math.min(at, openSince + (calls.at(-1)?.limitMs ?? Infinity));
    const ended: Creation = {
      ...c.creation,
      calls: calls.map((call) =>
        call.end === 'open' ? { ...call, end, endedAt: onTheirClock(before, endedAt) } : call
      ),
      lost: end === 'lost' ? lost : c.creation.lost,
      openSince: undefined
    };
    switch (end) {
      case 'accepted':
        return withAnswer({ ...c, creation: closing(ended, endedAt + LISTING_DELAY_MS) }, at);
      case 'lost':
        return { ...c, creation: closing(ended, endedAt + CLOSING_AFTER_LOST_MS) };
      case 'refused':
        return { ...c, creation: ended };
    }
  };
}

/** With a closing list that is due at `at`, or later where another call has it so. */
function closing(creation: Creation, at: number): Creation {
  return { ...creation, closesAt: Math.max(creation.closesAt ?? 0, at), isClosed: false };
}

/** The call that was announced last was not sent after all. */
export function createWithdrawn(c: Case): Case {
  if (c.origin !== 'created' || !c.creation) return c;
  const calls = c.creation.calls.slice(0, -1);
  return { ...c, creation: { ...c.creation, calls, openSince: undefined } };
}

/** What a list tells of the time of the calls, which came at `at`, and was asked for at `askedAt`. */
export function withTimeOf(
  list: ImportList,
  { id, resumed }: Created,
  creation: Creation,
  at: number,
  askedAt: number
): Creation {
  const date = inMs(list.readAt);
  if (resumed) {
    const beganAt = date === undefined ? undefined : date - (askedAt - resumed.at);
    return withCallsEnded(creation, beganAt, resumed.answeredAt ?? at);
  }
  // Once an import is watched, nothing depends on the time of the calls any more.
  return date === undefined || id !== undefined ? creation : withTime(creation, date, at);
}

/**
 * A creation that a post step goes on with, which began at `beganAt` by Ops Manager's clock and had
 * its first good answer at `at` by its own: a call that is still open was cut by a kill, and has ended
 * at the latest moment that it can have; what had still to pass is counted anew.
 */
function withCallsEnded(creation: Creation, beganAt: number | undefined, at: number): Creation {
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
function withTime(creation: Creation, date: number, at: number): Creation {
  const { before, calls } = creation;
  const stoodMs = date - (onTheirClock(before, at) ?? Infinity);
  if (before.askedAt === undefined || stoodMs <= 0) return creation;
  return {
    ...creation,
    before: { ...before, askedAt: before.askedAt - stoodMs },
    calls: calls.map((call) => ({ ...call, endedAt: call.endedAt && call.endedAt + stoodMs })),
    isClockLost: creation.isClockLost || stoodMs > CLOCKS_DIFFER_MS
  };
}
