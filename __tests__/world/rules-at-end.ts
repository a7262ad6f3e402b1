import { outputsOf } from '../../src/report/outputs.ts';
import { straysOf, verdict } from '../../src/case/verdict.ts';
import { hasReached } from '../../src/case/states.ts';
import type { Rule } from './judge.ts';
import type { Call } from './network.ts';
import { isRunningAt, stateAt, type TrueImport } from './ops-manager-model.ts';
import type { Step } from './step.ts';
import {
  callsOf,
  importOf,
  isLateArrival,
  isMistaken,
  lastListAt,
  remembers,
  isSureToBeListed,
  isWellBetween,
  ownAtWork,
  ownImports,
  READ_LAG_MS
} from './truth.ts';
import type { World } from './world.ts';

const LOOK_MS = 40_000;
const SETTLING_MS = 120_000;
const CLEAN_UP_MS = 60_000;
const HURRIED_MS = 5_000;
const SLACK_MS = 1_000;

/** What must hold when the main step is killed. */
export const RULES_AT_KILL: Readonly<Record<string, Rule<undefined>>> = {
  'outputs are what the last change implied': (world, step) => {
    const { cell, outputs, plan } = step;
    if (
      !cell ||
      !outputs ||
      step.wasUnwritable ||
      plan.runner.some(({ kind }) => kind === 'kill at')
    )
      return undefined;
    world.count('near: outputs of a killed step');
    const last = step.statements.at(-1)?.report;
    if (!last) return undefined;
    const { terms } = plan;
    // How long the import had been in its state is as of the last change.
    const timeless = (text: string | undefined): string =>
      (text ?? '')
        .replaceAll(/ for (\d+[dhms] ?)+/g, '')
        .replace(/ \(([^)]*)\) for .*?, since/, ' ($1), since');
    const due = outputsOf({ ...last, case: cell.case, verdict: verdict(cell.case, terms) });
    const wrong = Object.keys(due).find((name) => timeless(due[name]) !== timeless(outputs[name]));
    return wrong === undefined
      ? undefined
      : `${wrong} is “${outputs[wrong] ?? ''}”, and should be “${due[wrong] ?? ''}”`;
  }
};

/** What must hold when everything is over. */
export const RULES_AT_END: Readonly<Record<string, Rule<undefined>>> = {
  'leaves nothing running unsaid': (world, step) => {
    const now = world.timeline.now;
    const last = step.statements.at(-1);
    // Killed before its first word, and without a post step.
    if (!last) return callsOf(step, 'create').length === 0 ? undefined : 'it said nothing';
    const c = last.report.case;
    // An error before any good read of a given import cancels nothing.
    if (step.plan.target.kind === 'given' && !c.read && c.ending?.kind === 'error')
      return undefined;
    const atWork = ownAtWork(world, step, c, now).filter(
      (each) => !isLateArrival(world, step, each)
    );
    for (const each of atWork) {
      world.count('near: something runs on');
      if (isSaid(step, each) || isMistaken(world, step, c.id, now)) continue;
      if (c.id !== undefined && c.id !== each.id && !isSureToBeListed(each, lastListAt(step))) {
        world.count('limit: judged before its own import was listed');
        continue;
      }
      return `${each.id} is ${stateAt(each, now)} at the end, and nobody was told`;
    }
    return undefined;
  },

  'says so when it has made two imports': (world, step) => {
    const last = step.statements.at(-1);
    if (!last || step.plan.target.kind !== 'create') return undefined;
    const own = world.manager.imports.filter(({ creator }) => creator === step.name);
    if (own.length < 2) return undefined;
    world.count('near: two imports of one step');
    if (last.report.case.creation?.isAmbiguous === true) return undefined;
    if (own.some((each) => !isSureToBeListed(each, lastListAt(step)))) {
      world.count('limit: judged before its own import was listed');
      return undefined;
    }
    // What came after its window is named while it runs.
    const { words, report } = last;
    const isNamed = ({ id }: TrueImport): boolean => words.join(' ').includes(id);
    const others = own.filter((each) => each.id !== report.case.id);
    const untold = others.filter((each) => !isNamed(each) && isRunningAt(each, last.at));
    if (untold.length === 0) world.count('near: two imports, one of them late');
    return untold.length === 0 ? undefined : `it has made ${own.length} imports and speaks of one`;
  },

  'settles once all is well': (world, step) => {
    const { post, postBeganAt, postEndedAt, mainEndedAt, endingAt } = step;
    const last = step.statements.at(-1);
    if (!last?.isFinal || step.wasSuspended) return undefined;
    const isPost = last.by === 'post';
    const from = isPost ? postBeganAt : endingAt;
    const to = isPost ? postEndedAt : mainEndedAt;
    if (from === undefined || to === undefined) return undefined;
    const isHurried = isPost
      ? post?.signalled.signal.aborted === true
      : step.signalledAt !== undefined;
    // Before that a call may have been sent that arrives later.
    if (isHurried || !isWellBetween(world, from - 70_000, to)) return undefined;
    world.count('near: settling while all is well');
    return unsettled(world, step, to);
  },

  'gives up no sooner than it should': (world, step) => {
    const { endingAt, plan, main } = step;
    const last = step.statements.findLast(({ by }) => by === 'main')?.report;
    const ending = last?.case.ending;
    if (!ending || endingAt === undefined || !main || step.wasSuspended) return undefined;
    world.count(`near: ${ending.kind}`);
    if (ending.kind === 'timed-out') {
      // Once no create call would have the time to be answered, the time is over.
      const isCreating = plan.target.kind === 'create';
      const tookMs = endingAt - (world.startedAt + plan.startAt) + (isCreating ? 5_000 : 0);
      return tookMs < plan.timeoutMs ? `it timed out after ${tookMs} ms` : undefined;
    }
    if (ending.kind === 'unreachable') {
      const before = step.calls.filter((call) => (call.endedAt ?? Infinity) <= endingAt);
      const answered = before.findLastIndex(({ end }) => end !== 'failed');
      const failed = before[answered + 1];
      const outageMs = endingAt - (failed?.endedAt ?? endingAt);
      return outageMs < plan.maxOutageMs
        ? `it gave up after an outage of ${outageMs} ms`
        : undefined;
    }
    if (ending.kind !== 'stalled' || plan.stallTimeoutMs === undefined) return undefined;
    const own = importOf(world, last.case.id);
    const blurMs = lagOf(world) + plan.pollIntervalMs + plan.requestTimeoutMs;
    const progress = own?.transitions.find(
      ({ at }) => at > endingAt - (plan.stallTimeoutMs ?? 0) + blurMs && at < endingAt - blurMs
    );
    return progress ? `it says stalled, and the import came to ${progress.state}` : undefined;
  },

  'does not give up early': (_world, step) => {
    const { post, postBeganAt, postEndedAt, main } = step;
    const last = step.statements.at(-1);
    if (last?.by !== 'post' || last.report.verdict.cancellation.kind !== 'failed') return undefined;
    if (postBeganAt === undefined || postEndedAt === undefined || step.wasSuspended)
      return undefined;
    const { creation, id } = last.report.case;
    const isUnclear =
      creation !== undefined && (creation.isAmbiguous || creation.newcomers.length > 0);
    if (isUnclear && id === undefined) return undefined;
    const isSure = creation?.isAmbiguous !== true && straysOf(last.report.case).length === 0;
    if (!isSure || !remembers(step)) return undefined;
    const isHurried = post?.signalled.signal.aborted === true;
    const hasAnswered = ({ end }: Call): boolean =>
      end === 'good' || end === 'refused' || end === 'not found';
    const isRefused = step.calls.some(({ process, end }) => process === post && end === 'refused');
    // The kill may have come before the first answer was saved.
    const before = step.calls.filter((call) => call.process === main && hasAnswered(call));
    if (isHurried || isRefused || before.length < 2) return undefined;
    const tookMs = postEndedAt - postBeganAt;
    return tookMs < LOOK_MS ? `the post step gave up after ${tookMs} ms` : undefined;
  },

  'ends within its limits': (world, step) => {
    const { plan, main, mainEndedAt, postBeganAt, postEndedAt, signalledAt } = step;
    if (step.wasSuspended) return undefined;
    const startedAt = world.startedAt + plan.startAt;
    if (main && mainEndedAt !== undefined) {
      const limitMs =
        plan.timeoutMs + plan.requestTimeoutMs + SETTLING_MS + CLEAN_UP_MS + 2 * SLACK_MS;
      if (mainEndedAt - startedAt > limitMs)
        return `the main step took ${mainEndedAt - startedAt} ms`;
      if (signalledAt !== undefined && signalledAt <= mainEndedAt) {
        world.count('near: settling after a signal');
        const tookMs = mainEndedAt - signalledAt;
        if (tookMs > HURRIED_MS + SLACK_MS && signalledAt > startedAt)
          return `it took ${tookMs} ms after the signal`;
      }
    }
    if (postBeganAt !== undefined && postEndedAt !== undefined) {
      const tookMs = postEndedAt - postBeganAt;
      const hurriedMs = step.post?.signalled.signal.aborted === true ? HURRIED_MS : 0;
      if (tookMs > SETTLING_MS + hurriedMs + SLACK_MS) return `the post step took ${tookMs} ms`;
    }
    return undefined;
  },

  'passes when it should': (world, step) => {
    const { plan, startedAt } = world;
    const { terms, timeoutMs, stallTimeoutMs, startAt, runner, target } = step.plan;
    const isAlone = plan.people.length === 0 && plan.steps.length === 1 && runner.length === 0;
    if (target.kind !== 'given' && plan.earlier.some(({ ageMs }) => ageMs < 40_000))
      return undefined;
    const isSimple = stallTimeoutMs === undefined && isAlone && plan.faults.length === 0;
    if (!isSimple) return undefined;
    const from = startedAt + startAt;
    const last = step.statements.at(-1);
    if (!last) return undefined;
    const own = ownImports(world, step, last.report.case)[0];
    if (!own || last.report.case.discovery?.others) return undefined;
    const goalAt =
      own.transitions.find(({ state }) => hasReached(terms.goal, state))?.at ?? Infinity;
    const overAt = own.transitions.find((each) => each.at > goalAt)?.at ?? Infinity;
    const isKept = stateAt(own, overAt) === 'SUCCESS' || overAt - Math.max(from, goalAt) > 80_000;
    const neededMs = READ_LAG_MS + (target.kind === 'given' ? 15_000 : 45_000);
    if (!isKept || Math.max(from, goalAt) + neededMs > from + timeoutMs) return undefined;
    world.count('near: must pass');
    const { kind } = last.report.verdict.outcome;
    return kind === 'reached'
      ? undefined
      : `it ends as ${kind} although the goal was reached in time`;
  }
};

/** How far a read can be behind the truth, in milliseconds. */
function lagOf({ plan }: World): number {
  const lags = plan.manager.nodes.map(
    ({ lagMs, stuck }) => lagMs + (stuck ? stuck.to - stuck.from : 0)
  );
  return Math.max(...lags) + 2 * plan.manager.latencyMs;
}

/** Whether somebody was told that the import may run. */
function isSaid(step: Step, each: TrueImport): boolean {
  const last = step.statements.at(-1);
  if (!last) return false;
  const { verdict: said, case: c } = last.report;
  if (said.outcome.kind === 'reached' && each.id === c.id) return true;
  const { kind } = said.cancellation;
  return kind === 'skipped' || kind === 'requested' || kind === 'refused' || kind === 'failed';
}

/** What a settlement in good times has left open. */
function unsettled(world: World, step: Step, at: number): string | undefined {
  const last = step.statements.at(-1);
  if (!last) return undefined;
  const { case: c, verdict: said } = last.report;
  const { kind } = said.cancellation;
  if (kind !== 'failed' && kind !== 'requested' && kind !== 'refused') return undefined;
  const { cancel } = world.plan.manager;
  if (c.creation?.isAmbiguous === true || straysOf(c).length > 0) return undefined;
  const own = ownImports(world, step, c).find(({ id }) => id === c.id);
  // What has reached its goal and is gone before a list has confirmed it, is not asked for.
  const wasAtGoal = c.read !== undefined && hasReached(last.report.terms.goal, c.read.state);
  if (own?.deletedAt !== undefined && wasAtGoal) return undefined;
  if (ownImports(world, step, c).some((each) => isLateArrival(world, step, each))) return undefined;
  if (kind === 'refused')
    return cancel.refusal === 'none' ? 'it says refused, and nobody refuses' : undefined;
  if (kind === 'requested') {
    const isOver = own?.cancelledAt !== undefined && own.cancelledAt + READ_LAG_MS < at;
    return isOver ? 'it says requested, and the import has been cancelled long since' : undefined;
  }
  if (cancel.refusal !== 'none' || step.plan.cutSavedAt !== undefined) return undefined;
  const strangers = world.manager.imports.some(({ creator }) => creator !== step.name);
  // What is new in the list, but not the step's own, forbids not-needed.
  if (c.creation && c.id === undefined && strangers) return undefined;
  // It was deleted before any list had shown it.
  if (
    c.creation &&
    c.id === undefined &&
    ownImports(world, step, c).some(({ deletedAt }) => deletedAt !== undefined)
  )
    return undefined;
  if (own && !isRunningAt(own, at)) return 'it says failed, and the import has ended';
  return callsOf(step, 'cancel', c.id).length === 0
    ? 'it says failed, and did not ask although all was well'
    : 'it says failed although all was well';
}
