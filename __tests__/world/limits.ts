import type { Statement } from './judge.ts';
import type { Known } from './known.ts';
import type { Call } from './network.ts';
import type { TrueImport } from './ops-manager-model.ts';
import type { Step } from './step.ts';
import {
  callsOf,
  importOf,
  isKnownTo,
  isSureToBeListed,
  lastListAt,
  listsOf,
  lookedAt,
  madeBy,
  shownOf,
  type By
} from './truth.ts';
import type { World } from './world.ts';

/**
 * What no step can tell, and the judge excuses by name: which of two creators made an import before
 * the closing list, what a lost call makes late, and what is new in a list beyond what is kept.
 */
const KEPT_AT_MOST = 20;
const MINUTE = 60_000;
const ACCEPTED_MS = 30_000;
const LOST_MS = 90_000;
const SLACK_MS = 1_000;
/** What ways of answers hide of Ops Manager's clock. */
const WAY_MS = 9_000;
const BY = ['main', 'post'] as const;

/** Whether a stranger's import may be taken for the step's own, as far as a list of that time tells. */
export function isOneCreatorLimit(
  world: World,
  step: Step,
  by: By,
  stranger: TrueImport,
  listAt: number
): boolean {
  // A call that was announced may have been sent, as far as a killed step can say.
  if (step.announcedAt === undefined) return false;
  if (isSomebodyElses(world, step, by, stranger.id)) return false;
  const isKnown = madeBy(world, step).some(
    (own) =>
      isSureToBeListed(world, step, own, listAt, by) &&
      !isDoubtful(world, step, own) &&
      !isListedTooLate(world, step, by, own.id)
  );
  if (!isKnown) world.count('limit: one creator at a time');
  return !isKnown;
}

/** Whether there were more new ones than a saved case keeps, so that what was told of some is forgotten. */
export function areTooMany(world: World, by: By, { candidates, others }: Known): boolean {
  if (by === 'main' || candidates.length + others.length < KEPT_AT_MOST) return false;
  world.count('limit: more new ones than are kept');
  return true;
}

/** Whether a new import cannot be the step's own, by its dates, or as a late list was the first to show it. */
export function isSomebodyElses(world: World, step: Step, by: By, id: string): boolean {
  return isExcludedByDates(world, step, by, id) || isListedTooLate(world, step, by, id);
}

/** Whether the step holds a stranger's import for its own, within the limit that the contract admits. */
export function isMistaken(world: World, step: Step, { known, by, at }: Statement): boolean {
  const found = importOf(world, known.id);
  if (known.way !== 'created' || !found || found.creator === step.name) return false;
  return isOneCreatorLimit(world, step, by, found, lookedAt(step, at));
}

/**
 * Whether no list was to show an import of the step's own, and one of its calls made an import after
 * it had ended: this one, or the one that is taken for the only one.
 */
export function isLateArrival(world: World, step: Step, own: TrueImport, by?: By): boolean {
  if (isSureToBeListed(world, step, own, lastListAt(step), by)) return false;
  const isLate = madeBy(world, step).some((each) => {
    const call = callsOf(step, 'create').find(({ made }) => made === each.id);
    const endedAt = call && (call.endedAt ?? step.main?.endedAt);
    return endedAt !== undefined && each.createdAt > endedAt;
  });
  if (isLate) world.count('limit: a lost call arrived late');
  return isLate;
}

/** Whether the date of its own may speak against it, since it came late and two clocks differ. */
export function isDoubtful(world: World, step: Step, own: TrueImport): boolean {
  if (own.creator !== step.name) return false;
  // By a clock that stood until the call was sent, every call of its step arrives late.
  const hasStood = step.main?.process.hasClockStood === true;
  // A history that hides its beginning dates what began long before.
  const isShownLate = BY.some((by) => !isCandidateByDates(world, step, by, own.id));
  if (
    !hasStood &&
    !isShownLate &&
    own.createdAt + own.clockMs <= latestAt(world, step, 'main', Math.min) - WAY_MS
  )
    return false;
  world.count('limit: a lost call arrived late');
  return true;
}

/** Whether a date that the step was told excludes the import, whatever two clocks do. */
function isExcludedByDates(world: World, step: Step, by: By, id: string): boolean {
  const before = listBefore(step);
  const beganAt = datedAt(step, by, id);
  if (before?.date === undefined || beganAt === undefined) return false;
  if (beganAt < before.date - MINUTE) return true;
  // Who was suspended with his clock does not know when his calls ended.
  if (step.main?.process.hasClockStood === true) return false;
  // Of a slow answer nobody knows when on its way it was dated.
  const slowMs = (before.endedClock ?? before.sentClock) - before.sentClock;
  return beganAt > latestAt(world, step, by, Math.max) + slowMs + SLACK_MS;
}

/** Whether dates leave the import a candidate, whatever two clocks do. */
export function isCandidateByDates(
  world: World,
  step: Step,
  by: By,
  id: string,
  until = Infinity
): boolean {
  const beganAt = datedAt(step, by, id, until);
  const date = listBefore(step)?.date;
  if (date === undefined || beganAt === undefined) return true;
  return beganAt >= date - MINUTE && beganAt <= latestAt(world, step, by, Math.min) - WAY_MS;
}

/** The earliest date that the step was told: of the import, or of the list that first showed it without one. */
function datedAt(step: Step, by: By, id: string, until = Infinity): number | undefined {
  const dates = shownOf(step, id, by, until).flatMap(({ beganAt }) => beganAt ?? []);
  if (dates.length === 0) return undefined;
  const first = listsOf(step).find((list) => list.shown.has(id) && isKnownTo(step, by, list));
  const isUndated = first && first.shown.get(id)?.beganAt === undefined;
  // By the clock of its `Date`, as the window is.
  return Math.min(...dates, (isUndated ? (first.date ?? first.endedAt) : undefined) ?? Infinity);
}

/** The list before the first create call, which is always saved. */
function listBefore(step: Step): Call | undefined {
  const calledAt = callsOf(step, 'create')[0]?.sentAt ?? step.announcedAt ?? Infinity;
  return listsOf(step).findLast(
    ({ endedAt = Infinity, process }) => process === step.main?.process && endedAt <= calledAt
  );
}

/** A minute after the last call ended, by one of Ops Manager's clocks. */
function latestAt(
  world: World,
  step: Step,
  by: By,
  which: (...clocks: number[]) => number
): number {
  const last = callsOf(step, 'create').findLast(({ end }) => end !== 'refused');
  const latest = (step.announcedAt ?? 0) + step.plan.requestTimeoutMs;
  const endedAt = last ? which(...endsOf(last, isKnownTo(step, by, last))) : latest;
  const clocks = world.plan.manager.nodes.map(({ clockMs }) => clockMs);
  return endedAt + MINUTE + which(...clocks);
}

/** When a call ended, as far as who was told its end can know, or only how long it might take. */
function endsOf(call: Call, isEndKnown: boolean): readonly number[] {
  const { sentAt, endedAt, limitMs } = call;
  const latest = sentAt + limitMs;
  return [endedAt ?? latest, noticedAt(call), ...(isEndKnown ? [] : [latest])];
}

/** When a call had ended at the latest, as far as a process that was suspended in it can know. */
function noticedAt({ sentAt, sentClock, endedClock = Infinity, limitMs }: Call): number {
  return sentAt + Math.min(limitMs, endedClock - sentClock);
}

/** Whether a list later than the closing one was the first to show the import. */
export function isListedTooLate(world: World, step: Step, by: By, id: string): boolean {
  const before = listBefore(step);
  const lists = listsOf(step).filter((list) => list === before || isKnownTo(step, by, list));
  // One that was known then, and that no date has excluded since.
  const isKnownCandidate = (each: string, at: number): boolean =>
    before?.shown.has(each) !== true &&
    [at, Infinity].every((until) => isCandidateByDates(world, step, by, each, until));
  const from = before ? lists.indexOf(before) + 1 : 0;
  const closing = lists.findIndex(
    (list, index) =>
      isClosing(step, list) &&
      lists
        .slice(from, index + 1)
        .some(({ shown }) =>
          [...shown.keys()].some((each) => isKnownCandidate(each, list.heardAt ?? Infinity))
        )
  );
  const first = lists.findIndex(({ shown }) => shown.has(id));
  return closing !== -1 && first > closing;
}

/** Whether a process, or the main step's before it, has read its closing list. */
export function hasClosed(step: Step, process = step.main?.process): boolean {
  return listsOf(step).some(
    (list) => [process, step.main?.process].includes(list.process) && isClosing(step, list)
  );
}

/** Whether a list is late enough to be the closing one; spans are counted anew in the post step. */
function isClosing(step: Step, list: Call): boolean {
  const creates = callsOf(step, 'create').filter(({ end }) => end !== 'refused');
  const first = step.calls.find(({ process, end }) => process === list.process && end === 'good');
  const anewAt = first?.endedClock ?? 0;
  const by = list.process === step.post?.process ? 'post' : 'main';
  // One that was announced and never sent is lost, as far as the post step can know.
  const isUnsent = creates.every(({ sentAt }) => sentAt < (step.announcedAt ?? 0));
  if (isUnsent && list.sentClock < anewAt + LOST_MS) return false;
  return creates.every((call) => {
    if (call.sentAt >= list.sentAt) return false;
    const isAccepted = call.end === 'good' && isKnownTo(step, by, call);
    const span = isAccepted ? ACCEPTED_MS : LOST_MS;
    const from =
      call.process === list.process
        ? Math.min(call.endedClock ?? Infinity, call.sentClock + call.limitMs)
        : anewAt;
    return list.sentClock >= from + span;
  });
}
