import { verdict } from '../../src/case/verdict.ts';
import { hasReached } from '../../src/case/states.ts';
import { outputsOf } from '../../src/report/outputs.ts';
import type { Rule, Statement } from './judge.ts';
import { knownOf } from './known.ts';
import { areTooMany, hasClosed, isDoubtful, isLateArrival, isMistaken } from './limits.ts';
import { isRunningAt, stateAt, type TrueImport } from './ops-manager-model.ts';
import type { Step } from './step.ts';
import {
  callsOf,
  importOf,
  isMadeBeside,
  isSureToBeListed,
  isWellBetween,
  LAG_MS,
  madeBy,
  ownAtWork,
  ownImports,
  settlingAt,
  wasListed
} from './truth.ts';
import type { World } from './world.ts';

const NAMED_AT_MOST = 10;
const PUBLISHED_AT_MOST = 200;
const SOON_MS = 200;

/** What must hold when the main step is killed. */
export const RULES_AT_KILL: Readonly<Record<string, Rule<undefined>>> = {
  'outputs are what the last change implied': (world, step) => {
    const { lastReport, outputs, plan, presentCase } = step;
    // What can be repeated without end is published so often.
    const isCapped = step.publications >= PUBLISHED_AT_MOST;
    const isCutShort = plan.runner.some(({ kind }) => kind === 'kill at');
    if (!lastReport || !outputs || !presentCase || step.wasUnwritable || isCutShort || isCapped)
      return undefined;
    world.count('near: outputs of a killed step');
    // How long the import had been in its state is as of the last change.
    const timeless = (text: string | undefined): string =>
      (text ?? '')
        .replaceAll(/ for (under )?(\d+[dhms] ?)+/g, '')
        .replace(/ \(([^)]*)\) for .*?, since/, ' ($1), since')
        .replaceAll(', since', ' since');
    const c = presentCase();
    const due = outputsOf({
      ...lastReport,
      case: c,
      verdict: verdict(c, lastReport.terms)
    });
    const wrong = Object.keys(due).find((name) => timeless(due[name]) !== timeless(outputs[name]));
    // What is not saved is not published either.
    return wrong === undefined || areTooMany(world, 'post', knownOf(lastReport))
      ? undefined
      : `${wrong} is “${outputs[wrong] ?? ''}”, and should be “${due[wrong] ?? ''}”`;
  }
};

/** What must hold when everything is over. */
export const RULES_AT_END: Readonly<Record<string, Rule<undefined>>> = {
  'leaves nothing running unsaid': (world, step) => {
    const { now } = world.timeline;
    const last = step.statements.at(-1);
    // Killed before its first word, and without a post step.
    if (!last) return callsOf(step, 'create').length === 0 ? undefined : 'it said nothing';
    const { known } = last;
    // An error before any good read of a given import cancels nothing.
    const isUnread = known.state === undefined && known.ending?.kind === 'error';
    if (step.plan.target.kind === 'given' && isUnread) return undefined;
    const atWork = ownAtWork(world, step, known, now).filter(
      (each) => !isLateArrival(world, step, each, last.by) && !isDoubtful(world, step, each)
    );
    for (const each of atWork) {
      world.count('near: something runs on');
      if (isMistaken(world, step, last)) continue;
      if (!isSaid(last, each)) return `${each.id} is ${stateAt(each, now)}, and nobody was told`;
      if (!wasListed(step, each.id, last.by, last.at) || isNamed(last, each)) continue;
      if (!areTooMany(world, last.by, known))
        return `${each.id} is ${stateAt(each, now)}, and nobody was told which it is`;
    }
    return undefined;
  },

  'says so when it has made two imports': (world, step) => {
    const last = step.statements.at(-1);
    const own = madeBy(world, step);
    if (!last || own.length < 2) return undefined;
    world.count('near: two imports of one step');
    if (last.known.isAmbiguous) return undefined;
    // What came after its window is named while it runs.
    const untold = own.filter(
      (each) =>
        each.id !== last.known.id &&
        !isNamed(last, each) &&
        isRunningAt(each, last.at) &&
        wasListed(step, each.id, last.by, last.at)
    );
    return untold.length === 0 ? undefined : `it has made ${own.length} imports and speaks of one`;
  },

  'settles once all is well': (world, step) => {
    const { post, main } = step;
    const last = step.statements.at(-1);
    if (!last?.isFinal) return undefined;
    const run = last.by === 'post' ? post : main;
    const from = settlingAt(step, last.by);
    if (!run || from === undefined || run.process.suspensions.length > 0) return undefined;
    const to = run.endedAt ?? last.at;
    const hasInputs = last.by === 'main' || step.plan.post.inputs.haveKeys;
    // Before that a call may have been sent that arrives later.
    if (!hasInputs || !isWellBetween(world, from - 70_000, to)) return undefined;
    if (run.signalledAt !== undefined) return unaskedInTime(world, step, last);
    world.count('near: settling while all is well');
    return unsettled(world, step, to, last);
  },

  'passes when it should': (world, step) => {
    const { plan, startedAt } = world;
    const { terms, timeoutMs, stallTimeoutMs, startAt, runner, target, post } = step.plan;
    const isAlone = plan.people.length === 0 && plan.steps.length === 1 && runner.length === 0;
    const isSimple = stallTimeoutMs === undefined && isAlone && plan.faults.length === 0;
    if (!isSimple || post.beside || plan.manager.lists.cut.rate > 0) return undefined;
    // What began or ended a moment before may be listed otherwise.
    const isAnyYoung = plan.earlier.some(({ ageMs }) => ageMs < 40_000);
    if (target.kind !== 'given' && (isAnyYoung || hasJustEnded(world))) return undefined;
    const from = startedAt + startAt;
    const last = step.statements.at(-1);
    if (!last) return undefined;
    const own = ownImports(world, step, last.known)[0];
    if (!own) return undefined;
    const goalAt =
      own.transitions.find(({ state }) => hasReached(terms.goal, state))?.at ?? Infinity;
    const overAt = own.transitions.find((each) => each.at > goalAt)?.at ?? Infinity;
    const isKept = stateAt(own, overAt) === 'SUCCESS' || overAt - Math.max(from, goalAt) > 80_000;
    const neededMs = LAG_MS + (target.kind === 'given' ? 15_000 : 60_000);
    if (!isKept || Math.max(from, goalAt) + neededMs > from + timeoutMs) return undefined;
    world.count('near: must pass');
    const { kind } = last.report.verdict.outcome;
    return kind === 'reached'
      ? undefined
      : `it ends as ${kind} although the goal was reached in time`;
  }
};

function hasJustEnded({ plan }: World): boolean {
  return plan.kinds.includes('imports that have just ended');
}

/** Whether somebody was told that the import may run. */
function isSaid({ report, known }: Statement, each: TrueImport): boolean {
  if (report.verdict.outcome.kind === 'reached' && each.id === known.id) return true;
  const { kind } = report.verdict.cancellation;
  return kind === 'skipped' || kind === 'requested' || kind === 'refused' || kind === 'failed';
}

/** Whether somebody was told which one it is; of many, the first ones are named. */
function isNamed({ known, words }: Statement, { id }: TrueImport): boolean {
  const { candidates, others, inProgress } = known;
  if (known.id === id || words.join(' ').includes(id)) return true;
  if (inProgress.includes(id) || inProgress.length >= NAMED_AT_MOST) return true;
  return [candidates, others].some((some) => some.length > NAMED_AT_MOST && some.includes(id));
}

/** After a signal there is time for a look and for asking, if each answer comes soon. */
function unaskedInTime(world: World, step: Step, last: Statement): string | undefined {
  const { known, report } = last;
  const { latencyMs } = world.plan.manager;
  if (latencyMs > SOON_MS || known.id === undefined || known.isUndecided) return undefined;
  // What has reached its goal, and waits only for a list to say whose it is, is never cancelled.
  const waitsForList = known.way === 'created' && !(known.isOurs && hasClosed(step));
  if (waitsForList && hasReached(step.plan.terms.goal, known.state ?? '')) return undefined;
  world.count('near: settling after a signal while all is well');
  const isUnasked =
    report.verdict.cancellation.kind === 'failed' &&
    !known.isAmbiguous &&
    callsOf(step, 'cancel', known.id).length === 0;
  return isUnasked ? 'it says failed, and did not ask although there was time' : undefined;
}

/** What a settlement in good times has left open. */
function unsettled(world: World, step: Step, at: number, last: Statement): string | undefined {
  const { known, report } = last;
  const { kind } = report.verdict.cancellation;
  if (kind !== 'failed' && kind !== 'requested' && kind !== 'refused') return undefined;
  const { cancel } = world.plan.manager;
  if (known.isAmbiguous || known.isUndecided || known.isForgotten) return undefined;
  const own = ownImports(world, step, known).find(({ id }) => id === known.id);
  if (madeBy(world, step).some((each) => isLateArrival(world, step, each))) return undefined;
  if (kind === 'refused')
    return cancel.refusal === 'none' ? 'it says refused, and nobody refuses' : undefined;
  if (kind === 'requested') {
    const isOver = own?.cancelledAt !== undefined && own.cancelledAt + LAG_MS < at;
    return isOver ? 'it says requested, and the import has been cancelled long since' : undefined;
  }
  if (cancel.refusal !== 'none') return undefined;
  if (known.way === 'created' && known.id === undefined) {
    const made = madeBy(world, step);
    // It was deleted before any list had shown it, or what is new is not its own.
    const isListed = made.some(
      (each) =>
        isSureToBeListed(world, step, each, at) &&
        !isDoubtful(world, step, each) &&
        !(last.by === 'post' && isMadeBeside(step, each.createdAt))
    );
    return isListed ? 'it says failed, and its import was to be found in the list' : undefined;
  }
  // What has reached its goal and is gone before a list has confirmed it, is not asked for.
  const wasAtGoal = hasReached(step.plan.terms.goal, known.state ?? '');
  if (own?.deletedAt !== undefined && wasAtGoal) return undefined;
  // After a lost call the closing list is due later than the settling ends.
  const isGone = importOf(world, known.id)?.deletedAt !== undefined;
  if (known.way === 'created' && wasAtGoal && (isGone || !hasClosed(step))) return undefined;
  if (own && !isRunningAt(own, at)) return 'it says failed, and the import has ended';
  return callsOf(step, 'cancel', importOf(world, known.id)?.id).length === 0
    ? 'it says failed, and did not ask although all was well'
    : 'it says failed although all was well';
}
