import { hasReached, isKnown, isTerminal } from '../../src/case/states.ts';
import type { Rule } from './judge.ts';
import { knownOf, savedOf } from './known.ts';
import { areTooMany, hasClosed, isDoubtful, isOneCreatorLimit } from './limits.ts';
import type { Call } from './network.ts';
import { isRunningAt, stateAt } from './ops-manager-model.ts';
import type { FaultKind } from './plan.ts';
import type { Process } from './process.ts';
import type { Step } from './step.ts';
import {
  callsOf,
  importOf,
  heldSince,
  isHeld,
  isOutOfSight,
  LAG_MS,
  listsOf,
  lookedAt,
  madeBy,
  missingMs,
  remembers,
  settlingAt,
  shownOf,
  wasListed,
  wasSuspended
} from './truth.ts';
import type { World } from './world.ts';

const SHORTEST_CREATE_MS = 5_000;
const SHORTEST_CALL_MS = 1_000;
const SHORTEST_HURRIED_MS = 250;
const MISSING_MS = 60_000;
const FINAL_AT_FIRST: readonly FaultKind[] = ['foreign', 'redirect'];
const CALLS_SAVED = 3;
const QUIET_MS = 30_000;
/** As long as a step that gives up lists at least, before it asks without a closing list. */
const LOOKING_MS = 34_000;
/** A look as a whole, but for a pause and a call that has no time to be answered. */
const LOOK_MS = 43_000;
// What lies between the end of a look and the asking.
const MOMENT_MS = 100;

/** What must hold whenever a step sends a call. */
export const RULES_ON_SEND: Readonly<Record<string, Rule<Call>>> = {
  'touches nothing of someone else’s': (world, step, { operation, id, sentAt, process }) => {
    if (operation !== 'cancel' && operation !== 'delete') return undefined;
    world.count('near: touching an import');
    const touched = importOf(world, id);
    // With nothing saved there is nothing but the inputs.
    const isForgotten = hasForgotten(step, process);
    const { target } = isForgotten ? step.plan.post.inputs : step.plan;
    if (isForgotten && target.kind !== 'given') return `it would ${operation} with nothing saved`;
    if (target.kind === 'given')
      return id === target.id
        ? undefined
        : `it would ${operation} ${id ?? ''}, and ${target.id} was given`;
    if (!touched) return 'it touches an import that is none';
    if (wayOf(step, process) !== 'created') return whyNotHeld(world, step, touched.id, operation);
    if (touched.creator === step.name) return undefined;
    world.count('near: a stranger’s import');
    // Asked again, it was judged the first time.
    if (callsOf(step, operation, id).some((call) => call.process === process)) return undefined;
    const by = process === step.post?.process ? 'post' : 'main';
    const known = step.statements.at(-1)?.known;
    return isOneCreatorLimit(world, step, by, touched, lookedAt(step, sentAt)) ||
      (known && areTooMany(world, by, known))
      ? undefined
      : `it would ${operation} ${touched.id}, which ${touched.creator} created`;
  },

  'looks before it asks': (world, step, { operation, id, process, sentAt, sentClock }) => {
    if (operation !== 'cancel' || callsOf(step, 'cancel', id).length > 0) return undefined;
    world.count('near: asking for the first time');
    const looks = step.calls.filter(
      (call) => call.process === process && (call.operation === 'read' || call.operation === 'list')
    );
    const last = looks.at(-1);
    if (last?.endedAt === undefined) return 'it asks without a look';
    const run = process === step.main?.process ? step.main : step.post;
    const signalledAt = run?.signalledAt ?? 0;
    if (last.end === 'refused') return undefined;
    // After an end by refusals one look is all; before the first good answer what is foreign is final.
    if (wasRefused(step)) return undefined;
    const isFinal = last.fault !== undefined && FINAL_AT_FIRST.includes(last.fault);
    const hadGoodAnswer = step.calls.some(({ end }) => end === 'good');
    if (isFinal && (!hadGoodAnswer || !remembers(step))) return undefined;
    // A list that shows the import is as good as a read, after one that was answered.
    const before = looks.at(-2);
    const read = looks.findLast((each) => each.operation === 'read');
    const isConfirming = read !== undefined && ['good', 'refused'].includes(read.end);
    if (last.end === 'good' && (last.operation === 'read' || isConfirming)) {
      const isFresh = sentClock - (last.endedClock ?? 0) <= MOMENT_MS && last.sentAt >= signalledAt;
      return isFresh ? undefined : 'it asks without a new look';
    }
    // A list at the end of a minute of 404s says that they are no node’s that lags.
    const isListedThen = last.operation === 'list' && last.end === 'good';
    if (last.end === 'not found' || (isListedThen && before?.end === 'not found')) {
      const earlier = step.calls.filter((each) => each.process !== process && each.id === id);
      const inAllMs = missingMs(looks.filter((each) => each.id === id)) + missingMs(earlier);
      // After a signal there is no time to see whether one node lags; and what came between the
      // 404s of a main step that could not save it, nobody knows.
      if (process === step.post?.process && !remembers(step)) return undefined;
      if (signalledAt > 0 || inAllMs >= MISSING_MS - 2_000) return undefined;
    }
    const good = looks.findLastIndex(({ end, operation: op }) => end === 'good' && op === 'read');
    const triedMs = sentClock - (looks[good + 1]?.sentClock ?? sentClock);
    // What lists show late in the look leaves that much less for reading it.
    const [neededMs, lookMs] = signalledAt > 0 ? [400, 400] : [LOOKING_MS, LOOK_MS];
    const lookedMs = sentAt - (signalledAt || (settlingAt(step, run?.by) ?? sentAt));
    const hasLooked = triedMs >= neededMs || lookedMs >= lookMs;
    return hasLooked || signalledAt > last.sentAt || sentAt < signalledAt
      ? undefined
      : `it asks after a look of ${triedMs} ms without an answer`;
  },

  'never cancels what it knows has ended or reached its goal': (world, step, call) => {
    if (call.operation !== 'cancel') return undefined;
    const isPost = call.process === step.post?.process;
    const reads = callsOf(step, 'read', call.id).filter(
      ({ end, process }) =>
        end === 'good' && (process === call.process || (isPost && remembers(step)))
    );
    const last = reads.at(-1)?.state;
    if (last === undefined) return undefined;
    const ends = reads.find(({ state }) => state !== undefined && isTerminal(state));
    if (ends) return `it cancels what it knows is ${ends.state ?? ''}`;
    const before = callsOf(step, 'cancel', call.id);
    if (before.some(({ end }) => end !== 'refused' && end !== 'not found')) return undefined;
    // A kill may have come before the answer to the asking was saved, or as it was to be sent.
    const wasAnnounced = savedOf(step.arrivedText ?? '')?.wasAsked === true;
    if (isPost && (wasAnnounced || (before.length > 0 && !remembers(step)))) return undefined;
    // A list may have shown since then that it has gone on, to where this action knows no goal.
    const { goal } = (hasForgotten(step, call.process) ? step.plan.post.inputs : step.plan).terms;
    const shown = shownOf(step, call.id ?? '', isPost ? 'post' : 'main');
    if (!hasReached(goal, last) || !shown.every(({ state }) => isKnown(state))) return undefined;
    world.count('near: cancelling at the goal');
    return `it cancels what it knows is in ${last}`;
  },

  'waits for the closing list before it asks, if it has the time': (world, step, call) => {
    const { operation, id, process, sentAt } = call;
    if (operation !== 'cancel' || wayOf(step, process) !== 'created') return undefined;
    if (callsOf(step, 'cancel', id).length > 0) return undefined;
    const isPost = process === step.post?.process;
    const isCut = isPost ? isHurriedPost(step) : isHurried(step);
    if (isCut || wasRefused(step) || wasSuspended(process)) return undefined;
    world.count(`near: asking, and the closing list${isPost ? ', in the post step' : ''}`);
    const lookedMs = sentAt - (settlingAt(step, isPost ? 'post' : 'main') ?? sentAt);
    return hasClosed(step, process) || lookedMs >= LOOKING_MS
      ? undefined
      : `it asks ${lookedMs} ms after it gave up, and before the closing list`;
  },

  'asks once, and for one import': (world, step, { operation, id, process }) => {
    if (operation !== 'cancel') return undefined;
    const isPost = process === step.post?.process;
    const known = step.statements.findLast(({ by }) => by === (isPost ? 'post' : 'main'))?.known;
    if (known?.isAmbiguous === true) return 'it asks although several may be its own';
    const accepted = callsOf(step, 'cancel', id).filter(({ end }) => end === 'good');
    const isKnown = accepted.some(
      (call) => call.process === process || (isPost && remembers(step))
    );
    if (accepted.length > 0) world.count('near: asking again');
    return isKnown ? 'it asks again for what was accepted' : undefined;
  },

  'asks only if the policy says so': (_world, step, { operation, process }) => {
    if (operation !== 'cancel') return undefined;
    const { terms, post } = step.plan;
    const isPost = process === step.post?.process;
    const saved = isPost ? savedOf(step.arrivedText ?? '') : undefined;
    if (isPost && !saved) {
      if (post.inputs.areOfComposite) return 'it asks with nothing saved, in a composite action';
      // Then there is nothing but the inputs.
      const { cancelOnInterrupt, cancelOnTimeout } = post.inputs.terms;
      return cancelOnInterrupt && cancelOnTimeout
        ? undefined
        : 'it asks with nothing saved, although one policy says no';
    }
    const ending = isPost ? saved?.ending : step.presentCase?.().ending?.kind;
    const isInterrupt = ending === undefined || ending === 'interrupted';
    return (isInterrupt ? terms.cancelOnInterrupt : terms.cancelOnTimeout)
      ? undefined
      : 'it cancels although the user chose not to';
  },

  'settles by calls that have the time to be answered': (_world, step, call) => {
    const { process, limitMs, sentAt } = call;
    const run = process === step.main?.process ? step.main : step.post;
    const isSettling = run?.by === 'post' || (step.endingAt ?? Infinity) < sentAt;
    const shortestMs = run?.signalledAt === undefined ? SHORTEST_CALL_MS : SHORTEST_HURRIED_MS;
    return isSettling && limitMs < shortestMs
      ? `it would ${call.operation} with ${limitMs} ms to answer`
      : undefined;
  },

  'creates only in time, in the main step': (world, step, call) => {
    const { operation, limitMs, sentClock, process } = call;
    if (operation !== 'create') return undefined;
    if (process !== step.main?.process) return 'the post step creates';
    world.count('near: creating');
    const begunAt = step.calls[0]?.sentClock ?? sentClock;
    const leftMs = step.plan.timeoutMs - (sentClock - begunAt);
    if (leftMs < SHORTEST_CREATE_MS) return `it creates with ${leftMs} ms left`;
    const shortest = Math.min(SHORTEST_CREATE_MS, step.plan.requestTimeoutMs);
    return limitMs < shortest ? `it creates with ${limitMs} ms to answer` : undefined;
  },

  'creates beside a running import only if it may': (world, step, { operation, sentAt }) => {
    const { target } = step.plan;
    if (operation !== 'create' || target.kind !== 'create' || target.ifInProgress === 'create')
      return undefined;
    world.count('near: creating where another may run');
    const firstListAt = listsOf(step)[0]?.sentAt ?? sentAt;
    const running = world.manager.imports.find(
      (each) =>
        each.creator !== step.name &&
        each.createdAt + LAG_MS <= firstListAt &&
        isRunningAt(each, sentAt) &&
        wasListed(step, each.id, 'main') &&
        !isOutOfSight(step, each.id)
    );
    return running ? `it creates although ${running.id} is in progress` : undefined;
  },

  'creates nothing once its post step is there': (_world, step, { operation, process }) =>
    operation === 'create' && process === step.main?.process && step.hasMark
      ? 'it creates beside its post step'
      : undefined,

  'saves before it creates': (_world, step, { operation }) => {
    if (operation !== 'create') return undefined;
    const calls = savedOf(step.savedText)?.calls ?? 0;
    // Of many calls the last ones are kept.
    const count = Math.min(callsOf(step, 'create').length + 1, CALLS_SAVED);
    if (calls < count) return `it creates, and ${calls} of ${count} calls are saved`;
    return step.outputs?.['cancellation'] === 'not-needed'
      ? 'it creates, and the outputs say that nothing is to be cancelled'
      : undefined;
  },

  'creates again only after half a minute with nothing new': (
    world,
    step,
    { operation, sentClock, process }
  ) => {
    const creates = callsOf(step, 'create');
    const previous = creates.at(-1);
    if (operation !== 'create' || !previous) return undefined;
    world.count('near: creating again');
    if (previous.end === 'good') return 'it repeats an accepted call';
    // A nonce that one node does not know is no answer to the key.
    const isRepeatable = previous.fault === 'unauthorized' && creates.at(-2)?.end !== 'refused';
    if (previous.end === 'refused') return isRepeatable ? undefined : 'it repeats a refused call';
    let quietMs = 0;
    let lastAt: number | undefined;
    const since = step.calls.slice(step.calls.indexOf(previous) + 1);
    for (const call of since.filter((each) => each.process === process)) {
      // An answer tells of the time at which it was asked for.
      const at = call.end === 'good' ? call.sentClock : undefined;
      if (at !== undefined && lastAt !== undefined) quietMs += at - lastAt;
      lastAt = at;
    }
    const isQuiet = quietMs >= QUIET_MS - 1 && lastAt !== undefined;
    return isQuiet
      ? undefined
      : `it creates again after ${quietMs} ms of good lists (${sentClock})`;
  },

  'creates again only where none of its own is listed': (world, step, { operation }) => {
    if (operation !== 'create') return undefined;
    const own = madeBy(world, step).find(
      (each) => wasListed(step, each.id, 'main') && !isDoubtful(world, step, each)
    );
    return own ? `it creates again, and ${own.id} was listed` : undefined;
  },

  'deletes only what has failed, in the main step': (world, step, { operation, id, process }) => {
    if (operation !== 'delete') return undefined;
    const found = importOf(world, id);
    if (process !== step.main?.process) return 'the post step deletes';
    if (!step.plan.terms.deleteFailed) return 'it deletes although the user did not choose so';
    if (!found || stateAt(found, world.timeline.now) !== 'FAILED')
      return 'it deletes what has not failed';
    return undefined;
  },

  'sends nothing once it is settled': (_world, step, call) => {
    const { main } = step;
    const isAfter = main?.endedAt !== undefined && call.process === main.process;
    return isAfter ? 'it calls after its end' : undefined;
  }
};

/** Whether it is a post step to which nothing whole came: then there is nothing but its inputs. */
function hasForgotten({ post, arrivedText }: Step, process: Process): boolean {
  return process === post?.process && !savedOf(arrivedText ?? '');
}

/** Whether an interrupt leaves no time. */
function isHurried({ main, presentCase }: Step): boolean {
  const ending = presentCase?.().ending;
  return main?.signalledAt !== undefined || ending === undefined || ending.kind === 'interrupted';
}

/** Whether a post step settles for a kill, an interrupt or after a signal of its own. */
function isHurriedPost({ post, arrivedText = '' }: Step): boolean {
  const saved = savedOf(arrivedText);
  const isGivenUp = saved?.ending !== undefined && saved.ending !== 'interrupted';
  return !isGivenUp || saved.wasAsked || post?.signalledAt !== undefined;
}

function wasRefused(step: Step): boolean {
  const ending = step.presentCase?.().ending;
  return ending?.kind === 'unreachable' && ending.wasRefused;
}

/** How the step came to its import, also where that could not be written. */
function wayOf(step: Step, process: Process): string {
  if (step.plan.target.kind !== 'create') return 'found';
  const { lastReport, main, statements } = step;
  if (process === main?.process && lastReport) return knownOf(lastReport).way;
  return savedOf(step.arrivedText ?? '')?.way ?? statements.at(-1)?.known.way ?? 'created';
}

/** Why an import that was found is not the step's to touch. */
function whyNotHeld(world: World, step: Step, id: string, operation: string): string | undefined {
  if (!isHeld(step, id)) return `it would ${operation} ${id}, which is not its own yet`;
  const heldAt = heldSince(step, id)?.endedAt;
  const lists = listsOf(step).filter(({ endedAt = 0 }) => endedAt <= (heldAt ?? Infinity));
  const [firstAt, lastAt] = [lists[0]?.sentAt ?? 0, lists.at(-1)?.sentAt ?? 0];
  const other = world.manager.imports.find(
    (each) =>
      each.id !== id &&
      each.createdAt < firstAt &&
      each.createdAt + LAG_MS <= lastAt &&
      isRunningAt(each, world.timeline.now) &&
      wasListed(step, each.id, 'main', heldAt)
  );
  return other ? `it would ${operation} ${id}, although ${other.id} ran as well` : undefined;
}
