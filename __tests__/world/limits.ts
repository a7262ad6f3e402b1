import type { Known } from './known.ts';
import type { Call } from './network.ts';
import type { TrueImport } from './ops-manager-model.ts';
import type { Step } from './step.ts';
import {
  callsOf,
  importOf,
  isSureToBeListed,
  lastListAt,
  listsOf,
  lookedAt,
  madeBy,
  shownOf
} from './truth.ts';
import type { World } from './world.ts';

/**
 * What the contract admits that no step can tell, and the judge excuses by name: one creator at a
 * time, and a lost call that arrives late.
 */
const MINUTE = 60_000;
const ACCEPTED_MS = 30_000;
const LOST_MS = 90_000;
const SLACK_MS = 1_000;
/** What ways of answers hide of Ops Manager's clock. */
const WAY_MS = 9_000;

/** Whether a stranger's import may be taken for the step's own, as far as a list of that time tells. */
export function isOneCreatorLimit(
  world: World,
  step: Step,
  stranger: TrueImport,
  listAt: number
): boolean {
  // A call that was announced may have been sent, as far as a killed step can say.
  if (step.announcedAt === undefined) return false;
  if (isSomebodyElses(world, step, stranger.id)) return false;
  const isKnown = madeBy(world, step).some(
    (own) =>
      isSureToBeListed(world, step, own, listAt) &&
      !isDoubtful(world, step, own) &&
      !isListedTooLate(step, own.id)
  );
  if (!isKnown) world.count('limit: one creator at a time');
  return !isKnown;
}

/** Whether a new import cannot be the step's own, by its dates, or as a late list was the first to show it. */
export function isSomebodyElses(world: World, step: Step, id: string): boolean {
  return isExcludedByDates(world, step, id) || isListedTooLate(step, id);
}

/** Whether the step holds a stranger's import for its own, within the limit that the contract admits. */
export function isMistaken(world: World, step: Step, known: Known, at: number): boolean {
  const found = importOf(world, known.id);
  if (known.way !== 'created' || !found || found.creator === step.name) return false;
  return isOneCreatorLimit(world, step, found, lookedAt(step, at));
}

/** Whether an import of the step's own came by a call that had ended, and no list was to show it. */
export function isLateArrival(world: World, step: Step, own: TrueImport): boolean {
  const call = callsOf(step, 'create').find(({ made }) => made === own.id);
  const endedAt = call && (call.endedAt ?? step.main?.endedAt);
  const isLate = endedAt !== undefined && own.createdAt > endedAt;
  if (!isLate || isSureToBeListed(world, step, own, lastListAt(step))) return false;
  world.count('limit: a lost call arrived late');
  return true;
}

/** Whether its own date may speak against it, as two clocks differ. */
function isDoubtful(world: World, step: Step, own: TrueImport): boolean {
  return own.createdAt + own.clockMs > latestAt(world, step, Math.min) - WAY_MS;
}

/** Whether a date that the step was told excludes the import, whatever two clocks do. */
function isExcludedByDates(world: World, step: Step, id: string): boolean {
  const dates = shownOf(step, id).flatMap(({ beganAt }) => beganAt ?? []);
  if (dates.length === 0) return false;
  const beganAt = Math.min(...dates);
  const before = listsOf(step)[0]?.date;
  if (before === undefined) return false;
  return beganAt < before - MINUTE || beganAt > latestAt(world, step, Math.max) + SLACK_MS;
}

/** A minute after the last call ended, by one of Ops Manager's clocks. */
function latestAt(world: World, step: Step, which: (...clocks: number[]) => number): number {
  const last = callsOf(step, 'create').findLast(({ end }) => end !== 'refused');
  const endedAt = last
    ? (last.endedAt ?? last.sentAt + last.limitMs)
    : (step.announcedAt ?? 0) + step.plan.requestTimeoutMs;
  const clocks = world.plan.manager.nodes.map(({ clockMs }) => clockMs);
  return endedAt + MINUTE + which(...clocks);
}

/** Whether a list later than the closing one was the first to show the import. */
function isListedTooLate(step: Step, id: string): boolean {
  const lists = listsOf(step);
  const before = lists[0]?.shown ?? new Map();
  const closing = lists.findIndex(
    (list, index) =>
      isClosing(step, list) &&
      lists
        .slice(1, index + 1)
        .some(({ shown }) => [...shown.keys()].some((each) => !before.has(each)))
  );
  const first = lists.findIndex(({ shown }) => shown.has(id));
  return closing !== -1 && first > closing;
}

/** Whether a list is late enough to be the closing one; spans are counted anew in the post step. */
function isClosing(step: Step, list: Call): boolean {
  const creates = callsOf(step, 'create').filter(({ end }) => end !== 'refused');
  const first = step.calls.find(({ process, end }) => process === list.process && end === 'good');
  return creates.every((call) => {
    if (call.sentAt >= list.sentAt) return false;
    const span = call.end === 'good' ? ACCEPTED_MS : LOST_MS;
    const from =
      call.process === list.process
        ? Math.min(call.endedClock ?? Infinity, call.sentClock + call.limitMs)
        : (first?.endedClock ?? 0);
    return list.sentClock >= from + span + SLACK_MS;
  });
}
