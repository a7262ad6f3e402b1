import { restored } from '../../src/case/saved-case.ts';
import { hasReached, isKnown, isTerminal } from '../../src/case/states.ts';
import type { Rule } from './judge.ts';
import type { Call } from './network.ts';
import { isRunningAt, stateAt } from './ops-manager-model.ts';
import {
  callsOf,
  importOf,
  isOneCreatorLimit,
  lastListAt,
  lookedAt,
  LIST_LAG_MS,
  missingMs,
  remembers
} from './truth.ts';

const SHORTEST_CREATE_MS = 5_000;
const MISSING_MS = 60_000;
const CALLS_SAVED = 6;
const QUIET_MS = 30_000;
// What lies between the end of a look and the asking, and what clocks and lags blur.
const MOMENT_MS = 100;
const BLUR_MS = 8_000;

/** What must hold whenever a step sends a call. */
export const RULES_ON_SEND: Readonly<Record<string, Rule<Call>>> = {
  'touches nothing of someone else’s': (world, step, { operation, id, sentAt, process }) => {
    if (operation !== 'cancel' && operation !== 'delete') return undefined;
    world.count('near: touching an import');
    const touched = importOf(world, id);
    const { target } = step.plan;
    if (!touched) return target.kind === 'given' ? undefined : 'it touches an import that is none';
    const c = step.cell?.case;
    if (target.kind === 'given')
      return id === target.id ? undefined : `it touches ${touched.id}, and ${target.id} was given`;
    if (target.kind === 'create' && c?.origin !== 'adopted') {
      if (touched.creator === step.name) return undefined;
      world.count('near: a stranger’s import');
      // Asked again, it was judged the first time.
      if (callsOf(step, operation, id).some((call) => call.process === process)) return undefined;
      if (isOneCreatorLimit(world, step, touched, lookedAt(step, sentAt))) return undefined;
      return `it would ${operation} ${touched.id}, which ${touched.creator} created`;
    }
    const foundAt =
      c?.discovery?.at === undefined ? undefined : c.discovery.at - world.plan.manager.clockMs;
    if (foundAt === undefined) return undefined;
    const other = world.manager.imports.find(
      (each) =>
        each !== touched &&
        isRunningAt(each, foundAt - BLUR_MS) &&
        isRunningAt(each, foundAt + BLUR_MS) &&
        isRunningAt(each, world.timeline.now - LIST_LAG_MS) &&
        each.createdAt + LIST_LAG_MS < lastListAt(step)
    );
    return other
      ? `it would ${operation} ${touched.id}, although ${other.id} ran as well`
      : undefined;
  },

  'looks before it asks': (world, step, { operation, id, process, sentAt }) => {
    if (operation !== 'cancel' || callsOf(step, 'cancel', id).length > 0) return undefined;
    world.count('near: asking for the first time');
    const looks = step.calls.filter(
      (call) => call.process === process && (call.operation === 'read' || call.operation === 'list')
    );
    const last = looks.at(-1);
    if (last?.endedAt === undefined) return 'it asks without a look';
    const signalledAt = step.signalledAt ?? 0;
    if (last.end === 'refused') return undefined;
    // What is foreign is final for a configuration that has never worked.
    const hasWorked = step.calls.some(
      ({ end }) => end === 'good' || end === 'refused' || end === 'not found'
    );
    if (last.fault === 'foreign' && !(hasWorked && remembers(step))) return undefined;
    // A list that shows the import is as good as a read, after one that was answered.
    const before = looks.at(-2);
    const isConfirming = before?.operation === 'read' && ['good', 'refused'].includes(before.end);
    const isLook = last.operation === 'read' || isConfirming;
    if (last.end === 'good' && isLook) {
      const isFresh = sentAt - last.endedAt <= MOMENT_MS && last.sentAt >= signalledAt;
      return isFresh || step.wasSuspended ? undefined : 'it asks without a new look';
    }
    if (last.end === 'not found') {
      const earlier = step.calls.filter((each) => each.process !== process && each.id === id);
      const inAllMs = missingMs(looks.filter((each) => each.id === id)) + missingMs(earlier);
      // After a signal there is no time to see whether one node lags.
      // What came between the 404s of a main step that could not save it, nobody knows.
      if (process === step.post && !remembers(step)) return undefined;
      if (signalledAt > 0 || inAllMs >= MISSING_MS - 2_000) return undefined;
    }
    const good = looks.findLastIndex(({ end, operation: op }) => end === 'good' && op === 'read');
    const failing = looks[good + 1];
    const triedMs = sentAt - (failing?.sentAt ?? sentAt);
    const needed = signalledAt > 0 ? 400 : 40_000;
    return triedMs >= needed || signalledAt > last.sentAt
      ? undefined
      : `it asks after a look of ${triedMs} ms without an answer`;
  },

  'never cancels what it knows has ended or reached its goal': (world, step, call) => {
    if (call.operation !== 'cancel') return undefined;
    const last = callsOf(step, 'read', call.id).findLast(({ end }) => end === 'good');
    if (last?.state === undefined) return undefined;
    if (call.process === step.post && !remembers(step)) return undefined;
    if (isTerminal(last.state)) return `it cancels what it knows is ${last.state}`;
    const before = callsOf(step, 'cancel', call.id);
    if (before.some(({ end }) => end !== 'refused' && end !== 'not found')) return undefined;
    // A list may have shown since then that it has gone on, to where this action knows no goal.
    const known = step.statements.at(-1)?.report.case.read?.state ?? last.state;
    if (hasReached(step.plan.terms.goal, last.state) && isKnown(known)) {
      world.count('near: cancelling at the goal');
      return `it cancels what it knows is in ${last.state}`;
    }
    return undefined;
  },

  'asks only if the policy says so': (_world, step, { operation }) => {
    if (operation !== 'cancel') return undefined;
    const { cancelOnInterrupt, cancelOnTimeout } = step.plan.terms;
    const kind = step.cell?.case.ending?.kind;
    const isInterrupt = kind === undefined || kind === 'interrupted';
    return (isInterrupt ? cancelOnInterrupt : cancelOnTimeout)
      ? undefined
      : 'it cancels although the user chose not to';
  },

  'creates only in time': (world, step, { operation, limitMs, sentClock }) => {
    if (operation !== 'create') return undefined;
    world.count('near: creating');
    const begunAt = step.calls[0]?.sentClock ?? sentClock;
    const leftMs = step.plan.timeoutMs - (sentClock - begunAt);
    if (leftMs < SHORTEST_CREATE_MS) return `it creates with ${leftMs} ms left`;
    const shortest = Math.min(SHORTEST_CREATE_MS, step.plan.requestTimeoutMs);
    return limitMs < shortest ? `it creates with ${limitMs} ms to answer` : undefined;
  },

  'creates beside a running import only if it may': (world, step, { operation }) => {
    const { target } = step.plan;
    if (operation !== 'create' || target.kind !== 'create' || target.ifInProgress === 'create')
      return undefined;
    world.count('near: creating where another may run');
    const before = callsOf(step, 'list').find(({ end }) => end === 'good');
    return before?.hasRunning === true ? 'it creates although one is in progress' : undefined;
  },

  'saves before it creates': (_world, step, { operation }) => {
    if (operation !== 'create') return undefined;
    const calls = restored(step.savedText, 0)?.creation?.calls ?? [];
    // Of many calls the last ones are kept.
    const count = Math.min(callsOf(step, 'create').length + 1, CALLS_SAVED);
    if (calls.length < count) return `it creates, and ${calls.length} of ${count} calls are saved`;
    return step.outputs?.['cancellation'] === 'not-needed'
      ? 'it creates, and the outputs say that nothing is to be cancelled'
      : undefined;
  },

  'creates again only after half a minute with nothing new': (
    world,
    step,
    { operation, sentClock }
  ) => {
    const previous = callsOf(step, 'create').at(-1);
    if (operation !== 'create' || !previous) return undefined;
    world.count('near: creating again');
    if (previous.end === 'good') return 'it repeats an accepted call';
    let quietMs = 0;
    let lastAt: number | undefined;
    for (const call of step.calls.slice(step.calls.indexOf(previous) + 1)) {
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

  'deletes only what has failed, in the main step': (world, step, { operation, id, process }) => {
    if (operation !== 'delete') return undefined;
    const found = importOf(world, id);
    if (process !== step.main) return 'the post step deletes';
    if (!step.plan.terms.deleteFailed) return 'it deletes although the user did not choose so';
    if (!found || stateAt(found, world.timeline.now) !== 'FAILED')
      return 'it deletes what has not failed';
    return undefined;
  },

  'sends nothing once it is settled': (_world, step, call) => {
    const isAfter = step.mainEndedAt !== undefined && call.process === step.main;
    return isAfter ? 'it calls after its end' : undefined;
  }
};
