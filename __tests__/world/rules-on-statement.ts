import { hasReached, isTerminal } from '../../src/case/states.ts';
import type { Rule, Statement } from './judge.ts';
import { savedOf } from './known.ts';
import {
  areTooMany,
  hasClosed,
  isDoubtful,
  isLateArrival,
  isMistaken,
  isOneCreatorLimit,
  isSomebodyElses
} from './limits.ts';
import { isRunningAt, stateAt, type TrueImport } from './ops-manager-model.ts';
import { SAYINGS } from './sayings.ts';
import type { Step } from './step.ts';
import {
  callsOf,
  confirmedAt,
  endOf,
  importOf,
  isHeld,
  isKnownTo,
  isMadeBeside,
  lookedAt,
  ownAtWork,
  stateOf,
  wasToldEnd
} from './truth.ts';
import type { World } from './world.ts';

/** What must hold whenever a step says something; what it says meanwhile counts if it is killed then. */
export const RULES_ON_STATEMENT: Readonly<Record<string, Rule<Statement>>> = {
  'is green only if its own import reached the goal': (world, step, { report, known, at, by }) => {
    const { goal } = known.isForgotten ? step.plan.post.inputs.terms : step.plan.terms;
    if (report.verdict.outcome.kind !== 'reached') return undefined;
    const found = importOf(world, known.id);
    if (!found) return 'it is green without an import';
    const passed = found.transitions.filter((each) => each.at <= at).map(({ state }) => state);
    if (!passed.some((state) => hasReached(goal, state)))
      return `it is green, and ${found.id} is ${passed.at(-1) ?? ''}`;
    const asked = callsOf(step, 'cancel', known.id).some(
      ({ end, process }) =>
        end !== 'refused' && end !== 'not found' && process === step[by]?.process
    );
    if (asked && stateAt(found, at) !== 'SUCCESS')
      return `it is green in ${stateAt(found, at)} although a cancellation may have been accepted`;
    // Said again, it was judged the first time.
    if (step.statements.at(-2)?.report.verdict.outcome.kind === 'reached') return undefined;
    return whyNotOwn(world, step, found, confirmedAt(step, known.id, at), { known, by });
  },

  'opens no gate by what goes on before the closing list': (world, step, statement) => {
    const { report, known, by } = statement;
    const { kind } = report.verdict.outcome;
    if (kind !== 'reached' || by === 'post' || known.way !== 'created') return undefined;
    if (isTerminal(known.state ?? '') || known.ending?.kind === 'interrupted') return undefined;
    world.count('near: a goal on the way');
    return hasClosed(step) ? undefined : 'it is green before its closing list';
  },

  'says what became of the import': (world, step, { report, known, at, by, isFinal }) => {
    const { outcome, cleanup } = report.verdict;
    const { kind } = outcome;
    const state = stateOf(world, known.id, at);
    if (kind === 'failed' && state !== 'FAILED')
      return `it says failed, and the import is ${state}`;
    if (kind === 'cancelled' && state !== 'CANCELLED')
      return `it says cancelled, and the import is ${state}`;
    const found = importOf(world, known.id);
    // After one without an answer a 404 means that it was deleted.
    const deletes = callsOf(step, 'delete', known.id);
    const isAnswered = deletes.at(-1)?.end !== 'not found' || deletes.length === 1;
    if (cleanup.kind === 'deleted' && found?.deletedAt === undefined && isAnswered)
      return 'it says deleted, and the request is there';
    if (!isFinal || !found || (kind !== 'failed' && kind !== 'cancelled')) return undefined;
    return whyNotOwn(world, step, found, lookedAt(step, at), { known, by });
  },

  'confirmed means cancelled at its word': (world, step, { report, known, at }) => {
    if (report.verdict.cancellation.kind !== 'confirmed') return undefined;
    const state = stateOf(world, known.id, at);
    if (state !== 'CANCELLED') return `it says confirmed, and the import is ${state}`;
    // One that was announced may have been sent, as far as a killed step can say.
    const isUnclear = step.main?.process.isDead === true && known.isUnanswered;
    return isUnclear || known.isForgotten || callsOf(step, 'cancel', known.id).length > 0
      ? undefined
      : 'it says confirmed, and never asked';
  },

  'not-needed means that nothing of its own runs': (world, step, statement) => {
    const { report, known, at } = statement;
    const { verdict } = report;
    if (verdict.cancellation.kind !== 'not-needed') return undefined;
    // An error before any good read of a given import cancels nothing.
    const isUnread = known.state === undefined && known.ending?.kind === 'error';
    if (step.plan.target.kind === 'given' && isUnread) return undefined;
    const running = ownAtWork(world, step, known, at).filter(
      ({ id, createdAt }) =>
        !(verdict.outcome.kind === 'reached' && id === known.id) &&
        !(statement.by === 'post' && isMadeBeside(step, createdAt))
    );
    const first = running.find(
      (each) => !isLateArrival(world, step, each) && !isDoubtful(world, step, each)
    );
    if (!first || isMistaken(world, step, statement)) return undefined;
    return `it says not-needed, and ${first.id} is ${stateAt(first, at)}`;
  },

  'says of its asking what is so': (_world, step, { report, known, by }) => {
    const { verdict } = report;
    const asked = callsOf(step, 'cancel', known.id).filter((call) => isKnownTo(step, by, call));
    const isAccepted = asked.some(({ end }) => end === 'good');
    const { kind } = verdict.cancellation;
    if (kind === 'requested')
      return callsOf(step, 'cancel', known.id).some(({ end }) => end === 'good')
        ? undefined
        : 'it says requested, and nothing was accepted';
    // The kill may have come before the answer was saved.
    if (known.isUnanswered) return undefined;
    if (kind === 'refused')
      return callsOf(step, 'cancel', known.id).some(({ end }) => end === 'refused')
        ? undefined
        : 'it says refused, and nobody refused';
    const isOfTheOne = !known.isAmbiguous && !known.isUndecided && known.id !== undefined;
    return kind === 'failed' && isAccepted && isOfTheOne
      ? 'it says failed, and a cancellation was accepted'
      : undefined;
  },

  'follows the policy in what it says': (_world, step, { report, known, by }) => {
    const { kind } = report.verdict.cancellation;
    const { cancelOnInterrupt, cancelOnTimeout } = step.plan.terms;
    const isInterrupt = known.ending === undefined || known.ending.kind === 'interrupted';
    const mayAsk = isInterrupt ? cancelOnInterrupt : cancelOnTimeout;
    if (by === 'post' && known.isForgotten) return undefined;
    if (kind === 'failed' && !mayAsk) return 'it says failed, and the user chose to leave it';
    return kind === 'skipped' && mayAsk ? 'it says skipped, and the user chose nothing' : undefined;
  },

  'never says of an end that it knows that it may be running': (
    world,
    step,
    { report, known, by }
  ) => {
    const { kind } = report.verdict.cancellation;
    if (kind === 'not-needed' || kind === 'confirmed') return undefined;
    if (known.isAmbiguous || known.isUndecided) return undefined;
    // Of one that was a candidate among others only the date is kept.
    if (known.id === undefined || known.state === undefined) return undefined;
    if (!wasToldEnd(step, by, known.id)) return undefined;
    world.count('near: an end is known');
    return `it says ${kind}, and has read that the import has ended`;
  },

  'keeps to what ended its wait': (_world, step, { report, known, by }) => {
    const { kind } = report.verdict.outcome;
    const before = step.statements.findLast((each) => each.by === by)?.known.ending;
    const [was, is] = [before?.kind, known.ending?.kind];
    if (was !== undefined && was !== is) return `it said ${was}, and now says ${is ?? 'nothing'}`;
    const isAnswer = ['reached', 'failed', 'cancelled', 'error'].includes(kind);
    return is === undefined || isAnswer || kind === is
      ? undefined
      : `it ended by ${is}, and says ${kind}`;
  },

  'goes on from what was saved': (_world, step, { known, by }) => {
    const saved = by === 'post' ? savedOf(step.arrivedText ?? '') : undefined;
    // One that dates exclude is let go.
    if (saved?.state === undefined || known.id !== saved.id) return undefined;
    const isForgotten = known.state === undefined || isTerminal(saved.state);
    return isForgotten && known.state !== saved.state
      ? `it was saved in ${saved.state}, and is ${known.state ?? 'nowhere'}`
      : undefined;
  },

  'takes for its own only what dates and lists allow': (world, step, { known, by }) => {
    // A call that is announced may make it a candidate.
    if (known.calls.includes('open')) return undefined;
    const others = known.candidates.filter((id) => importOf(world, id)?.creator !== step.name);
    const wrong = others.find((id) => isSomebodyElses(world, step, by, id));
    return wrong === undefined || areTooMany(world, by, known)
      ? undefined
      : `${wrong} may not be its own, and it says that it may`;
  },

  'ends by no refusal after a good answer': (_world, step, { known, by }) => {
    const { ending } = known;
    if (by === 'post' || ending?.kind !== 'error' || ending.cause.kind !== 'api') return undefined;
    const good = step.calls.find(
      ({ end, process }) => end === 'good' && process === step.main?.process
    );
    return good
      ? `it ends by ${ending.cause.trouble.title}, after a good ${good.operation}`
      : undefined;
  },

  'says what is true': (world, step, statement) => {
    for (const { what, isSaid, isTrue } of SAYINGS) {
      if (!isSaid(statement)) continue;
      world.count(`said: ${what}`);
      if (!isTrue(world, step, statement)) return `it says “${what}”, which is not so`;
    }
    return undefined;
  }
};

/** Why an import that a step takes for its own is not. */
function whyNotOwn(
  world: World,
  step: Step,
  found: TrueImport,
  listAt: number,
  { known, by }: Pick<Statement, 'known' | 'by'>
): string | undefined {
  if (known.way === 'given') return undefined;
  if (known.way !== 'created') {
    const beganAt = step.main?.beganAt ?? 0;
    if (endOf(found) < beganAt) return `it takes ${found.id}, which had ended before it began`;
    return isHeld(step, found.id) || isRunningAt(found, world.timeline.now)
      ? undefined
      : `it takes ${found.id}, of which it was not sure that it ran`;
  }
  if (found.creator === step.name) return undefined;
  world.count('near: green by a stranger’s import');
  return isOneCreatorLimit(world, step, by, found, listAt) || areTooMany(world, by, known)
    ? undefined
    : `it takes ${found.id}, which ${found.creator} created`;
}
