import { isTerminal } from '../../src/case/states.ts';
import type { Known } from './known.ts';
import type { Call, Shown } from './network.ts';
import { isRunningAt, stateAt, type TrueImport } from './ops-manager-model.ts';
import type { Process } from './process.ts';
import type { Step } from './step.ts';
import type { World } from './world.ts';

/** No list is later than this, and no read. */
export const LAG_MS = 30_000;
// From the look to the end of settling and of the deletion.
const LOOK_MS = 190_000;

/** The import with an id; undefined for an id that is nobody's. */
export function importOf(world: World, id: string | undefined): TrueImport | undefined {
  return world.manager.imports.find((each) => each.id === id);
}

/** When the import came to its end; Infinity for one that runs. */
export function endOf(each: TrueImport): number {
  return Math.min(
    each.transitions.find(({ state }) => isTerminal(state))?.at ?? Infinity,
    each.deletedAt ?? Infinity
  );
}

/** The imports that the step's create calls made. */
export function madeBy(world: World, step: Step): readonly TrueImport[] {
  return world.manager.imports.filter(({ creator }) => creator === step.name);
}

/** The imports that the step is answerable for. */
export function ownImports(world: World, step: Step, known: Known): readonly TrueImport[] {
  if (known.way === 'created') return madeBy(world, step);
  const own = importOf(world, known.id);
  if (!own) return [];
  return known.isOurs ? [own] : [];
}

/** The step's own imports that are at work and that nothing accepted will end. */
export function ownAtWork(
  world: World,
  step: Step,
  known: Known,
  at: number
): readonly TrueImport[] {
  return ownImports(world, step, known).filter(
    (each) => isRunningAt(each, at) && each.cancelledBy === undefined
  );
}

export function callsOf(step: Step, operation: Call['operation'], id?: string): readonly Call[] {
  return step.calls.filter(
    (call) => call.operation === operation && (id === undefined || call.id === id)
  );
}

/** Who says or does something: what the main step has not saved its post step does not know. */
export type By = 'main' | 'post';

/** When a step began to settle: its post step does nothing else. */
export function settlingAt({ post, endingAt }: Step, by: By | undefined): number | undefined {
  return by === 'post' ? post?.beganAt : endingAt;
}

/** Whether who says or does something knows of a call. */
export function isKnownTo(step: Step, by: By, call: Call): boolean {
  if (call.process === step[by]?.process) return isHeard(call);
  return by === 'post' && (call.heardAt ?? call.sentAt) < step.forgottenFrom;
}

/** The lists that the step has read. */
export function listsOf(step: Step): readonly Call[] {
  return callsOf(step, 'list').filter(({ end }) => end === 'good');
}

/** When the last good list was asked for. */
export function lastListAt(step: Step): number {
  return listsOf(step).at(-1)?.sentAt ?? 0;
}

/** What was told of an import, each time. */
export function shownOf(step: Step, id: string, by: By, until = Infinity): readonly Shown[] {
  return step.calls
    .filter((call) => call.end === 'good' && isKnownTo(step, by, call))
    .filter(({ heardAt = 0 }) => heardAt <= until)
    .flatMap(({ shown }) => shown.get(id) ?? []);
}

/** Whether a list showed the import, of those that who says something knows. */
export function wasListed(step: Step, id: string, by: By, until = Infinity): boolean {
  return listsOf(step).some(
    (list) => list.shown.has(id) && isKnownTo(step, by, list) && (list.endedAt ?? 0) <= until
  );
}

/** Whether no read has ever found the import, and the last list does not show it any more. */
export function isOutOfSight(step: Step, id: string): boolean {
  const isRead = callsOf(step, 'read', id).some(({ end }) => end === 'good');
  return !isRead && listsOf(step).at(-1)?.shown.has(id) !== true;
}

/**
 * The read since which an import that was found is the step's: half a minute after its first good
 * list another one, and then that read, have shown it in progress.
 */
export function heldSince(step: Step, id: string): Call | undefined {
  const good = step.calls.filter(
    ({ end, process }) => end === 'good' && process === step.main?.process
  );
  const first = good.find(({ operation }) => operation === 'list');
  const confirming = good.findIndex(
    ({ operation, sentClock, shown }) =>
      operation === 'list' &&
      sentClock - (first?.sentClock ?? Infinity) >= LAG_MS - 1 &&
      shown.get(id)?.isRunning === true
  );
  if (confirming === -1) return undefined;
  return good
    .slice(confirming)
    .find(({ operation, shown }) => operation === 'read' && shown.get(id)?.isRunning === true);
}

/** Whether an import that was found is the step's. */
export function isHeld(step: Step, id: string): boolean {
  return heldSince(step, id) !== undefined;
}

/** Whether who says something was told, by a good read, that the import has ended. */
export function wasToldEnd(step: Step, by: By, id: string | undefined): boolean {
  return callsOf(step, 'read', id).some(
    (call) => call.end === 'good' && isTerminal(call.state ?? '') && isKnownTo(step, by, call)
  );
}

/** Whether everything that the main step knew has come to its post step. */
export function remembers(step: Step): boolean {
  return step.forgottenFrom === Infinity;
}

/** Whether a main step that a post step could not stop made an import beside it, and tells of it. */
export function isMadeBeside({ hasMark, post }: Step, createdAt: number): boolean {
  return post !== undefined && !hasMark && createdAt > post.beganAt;
}

/** Whether the machine of a process was suspended between two times. */
export function wasSuspended(process: Process | undefined, from = 0, to = Infinity): boolean {
  return process?.suspensions.some((each) => each.from < to && each.to > from) === true;
}

/** Whether any machine of the step was ever suspended. */
export function wasEverSuspended(step: Step): boolean {
  return wasSuspended(step.main?.process) || wasSuspended(step.post?.process);
}

/** How long the newest calls for an import have met nothing but 404s, in milliseconds. */
export function missingMs(calls: readonly Call[]): number {
  const since = calls.findLastIndex(
    ({ end }) => end !== 'not found' && end !== 'open' && end !== 'cut'
  );
  const [first, last] = [calls[since + 1], calls.at(-1)];
  return first && last ? (last.endedClock ?? last.sentClock) - first.sentClock : 0;
}

/** The same for that of all times in which they did so the longest. */
export function longestMissingMs(calls: readonly Call[]): number {
  return Math.max(0, ...calls.map((_, index) => missingMs(calls.slice(0, index + 1))));
}

/**
 * The time of which a list must tell before something final is said or done: that of the last good
 * list if one was asked for in the look, and now if none was.
 */
export function lookedAt(step: Step, now: number): number {
  const list = callsOf(step, 'list').findLast(isHeard);
  // A machine that is suspended after its look says the end, or deletes, much later.
  const from = wasEverSuspended(step) ? 0 : now - LOOK_MS;
  const isOfThisLook = list !== undefined && (list.endedAt ?? now) >= from;
  if (!isOfThisLook) return now;
  return listsOf(step).findLast(isHeard)?.sentAt ?? 0;
}

/** Whether the process of a call was not killed before it could say what the call told. */
function isHeard({ heardAt, sentAt, process }: Call): boolean {
  return (heardAt ?? sentAt) < process.deadAt;
}

/** The time of which a list must tell before the step is green: after the read that told the state. */
export function confirmedAt(step: Step, id: string | undefined, now: number): number {
  const reads = callsOf(step, 'read', id).filter(({ end }) => end === 'good');
  const state = reads.at(-1)?.state;
  const other = reads.findLastIndex((each) => each.state !== state);
  const toldAt = reads[other + 1]?.sentAt ?? 0;
  return lastListAt(step) >= toldAt ? lastListAt(step) : now;
}

/**
 * An import that a list of that time cannot but have shown, or that one has shown before, of those
 * that `by` knows.
 */
export function isSureToBeListed(
  world: World,
  step: Step,
  own: TrueImport,
  listAt: number,
  by?: By
): boolean {
  const { createdAt, deletedAt } = own;
  const isShown = listsOf(step).some(
    (list) =>
      list.sentAt <= listAt &&
      list.shown.has(own.id) &&
      (by === undefined || isKnownTo(step, by, list))
  );
  if (isShown) return deletedAt === undefined || deletedAt > listAt;
  if (world.plan.manager.lists.cut.rate > 0) return false;
  // A list may be on its way as long as a request may take.
  const wasThere = deletedAt === undefined || deletedAt > listAt + step.plan.requestTimeoutMs;
  return createdAt + LAG_MS <= listAt && wasThere;
}

/** Whether Ops Manager and the network are well from one time to another. */
export function isWellBetween({ plan, startedAt }: World, from: number, to: number): boolean {
  const overlaps = (each: { readonly from: number; readonly to: number }): boolean =>
    startedAt + each.from < to && startedAt + each.to > from;
  const areFaultsOver = from >= startedAt + plan.faultsEndAt;
  const areNodesWell = plan.manager.nodes.every(({ stuck }) => !stuck || !overlaps(stuck));
  return areNodesWell && (areFaultsOver || !plan.faults.some(overlaps));
}

/** The state of an import with an id, in words for a finding. */
export function stateOf(world: World, id: string | undefined, at: number): string {
  const found = importOf(world, id);
  return found ? stateAt(found, at) : 'nowhere';
}
