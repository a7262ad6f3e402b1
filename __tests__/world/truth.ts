import type { Case } from '../../src/case/case.ts';
import { isTerminal } from '../../src/case/states.ts';
import type { Call } from './network.ts';
import { isRunningAt, type TrueImport } from './ops-manager-model.ts';
import type { Step } from './step.ts';
import type { World } from './world.ts';

/** No list is later than this. */
export const LIST_LAG_MS = 30_000;
/** No read is later than this. */
export const READ_LAG_MS = 30_000;
// What the contract allows for calls that arrive late and for clocks.
const WINDOW_AFTER_MS = 66_000;
/** Later than this after its call, an import of the step's own may not be taken for one. */
const OWN_WINDOW_MS = 59_000;
const WINDOW_BEFORE_MS = 8_000;
// From the look to the end of settling.
const LOOK_MS = 125_000;

/** The import with an id; undefined for an id that is nobody's. */
export function importOf(world: World, id: string | undefined): TrueImport | undefined {
  return world.manager.imports.find((each) => each.id === id);
}

/** The imports that the step is answerable for. */
export function ownImports(world: World, step: Step, c: Case): readonly TrueImport[] {
  const { target } = step.plan;
  if (target.kind === 'create' && c.origin !== 'adopted')
    return world.manager.imports.filter(({ creator }) => creator === step.name);
  if (c.discovery?.others) return [];
  const own = importOf(world, c.id);
  return own ? [own] : [];
}

/** The step's own imports that are at work and that nothing accepted will end. */
export function ownAtWork(world: World, step: Step, c: Case, at: number): readonly TrueImport[] {
  return ownImports(world, step, c).filter(
    (each) => isRunningAt(each, at) && each.cancelledBy === undefined
  );
}

export function callsOf(step: Step, operation: Call['operation'], id?: string): readonly Call[] {
  return step.calls.filter(
    (call) => call.operation === operation && (id === undefined || call.id === id)
  );
}

/** Whether the step itself was told, by a good read, that the import has ended. */
export function wasToldEnd(step: Step, id: string | undefined): boolean {
  const reads = callsOf(step, 'read', id);
  return reads.some(({ end, state }) => end === 'good' && state !== undefined && isTerminal(state));
}

/** Whether everything that the step knew can have come to its post step. */
export function remembers(step: Step): boolean {
  const wasCutShort =
    step.main?.isDead === true && step.plan.runner.some(({ kind }) => kind === 'kill at');
  return !step.wasUnwritable && !wasCutShort && step.plan.cutSavedAt === undefined;
}

/** How long the newest calls for an import have met nothing but 404s, in milliseconds. */
export function missingMs(calls: readonly Call[]): number {
  const since = calls.findLastIndex(
    ({ end }) => end !== 'not found' && end !== 'open' && end !== 'cut'
  );
  const [first, last] = [calls[since + 1], calls.at(-1)];
  return first && last ? (last.endedAt ?? last.sentAt) - first.sentAt : 0;
}

/** When the last good list was asked for. */
export function lastListAt(step: Step): number {
  return callsOf(step, 'list').findLast(({ end }) => end === 'good')?.sentAt ?? 0;
}

/**
 * The time of which a list must tell before something final is said or done: that of the last good
 * list if one was asked for in the look, and now if none was.
 */
export function lookedAt(step: Step, now: number): number {
  const list = callsOf(step, 'list').at(-1);
  // A machine that is suspended after its look says the end, or deletes, much later.
  const from = step.wasSuspended ? 0 : now - LOOK_MS;
  const isOfThisLook = list !== undefined && (list.endedAt ?? now) >= from;
  return isOfThisLook ? lastListAt(step) : now;
}

/** The time of which a list must tell before the step is green: after the read that told the state. */
export function confirmedAt(step: Step, id: string | undefined, now: number): number {
  const reads = callsOf(step, 'read', id).filter(({ end }) => end === 'good');
  const state = reads.at(-1)?.state;
  const other = reads.findLastIndex((each) => each.state !== state);
  const toldAt = reads[other + 1]?.sentAt ?? 0;
  return lastListAt(step) >= toldAt ? lastListAt(step) : now;
}

/** An import of the step's own that a list of that time cannot but have shown. */
export function isSureToBeListed(own: TrueImport, listAt: number): boolean {
  const { createdAt, deletedAt } = own;
  return createdAt + LIST_LAG_MS <= listAt && (deletedAt === undefined || deletedAt > listAt);
}

/**
 * The one limit that the contract admits: a stranger's import that began while the step's own call
 * was under way or lost, and no list could show the step's own one yet.
 */
export function isOneCreatorLimit(
  world: World,
  step: Step,
  stranger: TrueImport,
  listAt: number
): boolean {
  // A call that was announced may have been sent, as far as a killed step can say.
  const { announcedAt } = step;
  if (announcedAt === undefined) return false;
  const last = callsOf(step, 'create').at(-1);
  const endedAt = last?.endedAt ?? (last?.sentAt ?? announcedAt) + step.plan.requestTimeoutMs;
  const before = callsOf(step, 'list').find(({ end }) => end === 'good');
  const from = (before?.sentAt ?? announcedAt) - WINDOW_BEFORE_MS - LIST_LAG_MS;
  // Without a clock of Ops Manager's, whatever is new may be the step's own.
  const { hasDate, areListsBrief } = world.plan.manager;
  // A machine that was suspended for less than a request may take looks like a slow answer.
  const blurMs = step.wasSuspended ? step.plan.requestTimeoutMs : 0;
  const until = hasDate && !areListsBrief ? endedAt + WINDOW_AFTER_MS + blurMs : Infinity;
  const isInWindow =
    (areListsBrief || !hasDate || stranger.createdAt >= from) && stranger.createdAt <= until;
  // What came later than the window is not known for the step's own, however long it is listed.
  const own = world.manager.imports.filter(
    ({ creator, createdAt }) => creator === step.name && createdAt <= endedAt + OWN_WINDOW_MS
  );
  const isLimit = isInWindow && !own.some((each) => isSureToBeListed(each, listAt));
  if (isLimit && stranger.createdAt > endedAt + WINDOW_AFTER_MS)
    world.count('limit: one creator at a time, without a clock of Ops Manager’s');
  else if (isLimit) world.count('limit: one creator at a time');
  return isLimit;
}

/** Whether the step holds a stranger's import for its own, within the limit that the contract admits. */
export function isMistaken(world: World, step: Step, id: string | undefined, at: number): boolean {
  const found = importOf(world, id);
  if (step.plan.target.kind !== 'create' || !found || found.creator === step.name) return false;
  return isOneCreatorLimit(world, step, found, lookedAt(step, at));
}

/** An import of the step's own that a lost call made later than its end, and too late to be listed. */
export function isLateArrival(world: World, step: Step, own: TrueImport): boolean {
  const call = callsOf(step, 'create').find(({ made }) => made === own.id);
  const endedAt = call?.endedAt ?? step.mainEndedAt;
  const isListed = isSureToBeListed(own, lastListAt(step));
  const isLate = endedAt !== undefined && own.createdAt > endedAt && !isListed;
  if (isLate) world.count('limit: a lost call arrived late');
  return isLate;
}

/** Whether Ops Manager and the network are well from one time to another. */
export function isWellBetween({ plan, startedAt }: World, from: number, to: number): boolean {
  const overlaps = (each: { readonly from: number; readonly to: number }): boolean =>
    startedAt + each.from < to && startedAt + each.to > from;
  const areFaultsOver = from >= startedAt + plan.faultsEndAt;
  const areNodesWell = plan.manager.nodes.every(({ stuck }) => !stuck || !overlaps(stuck));
  return areNodesWell && (areFaultsOver || !plan.faults.some(overlaps));
}
