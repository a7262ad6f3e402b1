import { hasReached, isTerminal } from '../../src/case/states.ts';
import { straysOf } from '../../src/case/verdict.ts';
import type { Rule, Statement } from './judge.ts';
import { isRunningAt, stateAt } from './ops-manager-model.ts';
import {
  callsOf,
  confirmedAt,
  lastListAt,
  lookedAt,
  importOf,
  isLateArrival,
  isMistaken,
  isOneCreatorLimit,
  isSureToBeListed,
  ownImports,
  remembers,
  wasToldEnd
} from './truth.ts';
import { SAYINGS } from './sayings.ts';

/** What must hold whenever a step says something; what it says meanwhile counts if it is killed then. */
export const RULES_ON_STATEMENT: Readonly<Record<string, Rule<Statement>>> = {
  'is green only if its own import reached the goal': (world, step, { report, at, by }) => {
    const { case: c, verdict, terms } = report;
    if (verdict.outcome.kind !== 'reached') return undefined;
    if (by === 'post' && !remembers(step)) return undefined;
    const found = importOf(world, c.id);
    if (!found) return 'it is green without an import';
    const passed = found.transitions.filter((each) => each.at <= at).map(({ state }) => state);
    if (!passed.some((state) => hasReached(terms.goal, state)))
      return `it is green, and ${found.id} is ${passed.at(-1) ?? ''}`;
    const asked = callsOf(step, 'cancel', c.id).some(
      ({ end }) => end !== 'refused' && end !== 'not found'
    );
    if (asked && stateAt(found, at) !== 'SUCCESS')
      return `it is green in ${stateAt(found, at)} although a cancellation may have been accepted`;
    // Said again, it was judged the first time.
    const isSaidAgain = step.statements.at(-2)?.report.verdict.outcome.kind === 'reached';
    if (c.origin !== 'created' || isSaidAgain) return undefined;
    if (found.creator !== step.name) {
      world.count('near: green by a stranger’s import');
      return isOneCreatorLimit(world, step, found, confirmedAt(step, c.id, at))
        ? undefined
        : `it is green by ${found.id}, which ${found.creator} created`;
    }
    return undefined;
  },

  'says what became of the import': (world, step, { report, at, by, isFinal }) => {
    const { case: c, verdict } = report;
    if (by === 'post' && !remembers(step)) return undefined;
    const state = (): string => {
      const found = importOf(world, c.id);
      return found ? stateAt(found, at) : 'nowhere';
    };
    const { kind } = verdict.outcome;
    if (kind === 'failed' && state() !== 'FAILED')
      return `it says failed, and the import is ${state()}`;
    if (kind === 'cancelled' && state() !== 'CANCELLED')
      return `it says cancelled, and the import is ${state()}`;
    if (kind === 'cancelled' && importOf(world, c.id)?.cancelledBy === step.name)
      return 'it says cancelled by others, and has cancelled the import itself';
    const isOver = kind === 'failed' || kind === 'cancelled';
    const found = importOf(world, c.id);
    if (isFinal && isOver && found && c.origin === 'created' && found.creator !== step.name) {
      if (!isOneCreatorLimit(world, step, found, lookedAt(step, at)))
        return `it takes ${found.id}, which ${found.creator} created, for its own`;
    }
    if (verdict.cleanup.kind === 'deleted' && importOf(world, c.id)?.deletedAt === undefined)
      return 'it says deleted, and the request is there';
    return undefined;
  },

  'confirmed means cancelled at its word': (world, step, { report, at }) => {
    const { case: c, verdict } = report;
    if (verdict.cancellation.kind !== 'confirmed') return undefined;
    const found = importOf(world, c.id);
    if (!found || stateAt(found, at) !== 'CANCELLED')
      return 'it says confirmed, and it is not CANCELLED';
    // One that was announced may have been sent, as far as a killed step can say.
    const isUnclear = step.main?.isDead === true && c.cancel.isUnanswered;
    return isUnclear || callsOf(step, 'cancel', c.id).length > 0
      ? undefined
      : 'it says confirmed, and never asked';
  },

  'not-needed means that nothing of its own runs': (world, step, { report, at }) => {
    const { case: c, verdict } = report;
    if (verdict.cancellation.kind !== 'not-needed') return undefined;
    // An error before any good read of a given import cancels nothing.
    if (step.plan.target.kind === 'given' && !c.read && c.ending?.kind === 'error')
      return undefined;
    const running = ownImports(world, step, c).filter(
      (each) =>
        isRunningAt(each, at) &&
        each.cancelledBy === undefined &&
        !(verdict.outcome.kind === 'reached' && each.id === c.id)
    );
    const [first] = running.filter((each) => !isLateArrival(world, step, each));
    if (!first || isMistaken(world, step, c.id, at)) return undefined;
    if (c.id !== undefined && c.id !== first.id && !isSureToBeListed(first, lastListAt(step))) {
      world.count('limit: judged before its own import was listed');
      return undefined;
    }
    return `it says not-needed, and ${first.id} is ${stateAt(first, at)}`;
  },

  'says of its asking what is so': (_world, step, { report, by }) => {
    const { case: c, verdict, terms } = report;
    const asked = callsOf(step, 'cancel', c.id);
    const isAccepted = asked.some(({ end }) => end === 'good');
    const { kind } = verdict.cancellation;
    // The kill may have come before the answer was saved.
    if (by === 'post' && c.cancel.isUnanswered) return undefined;
    if (by === 'post' && !remembers(step)) return undefined;
    if (kind === 'requested')
      return isAccepted ? undefined : 'it says requested, and nothing was accepted';
    if (kind === 'refused') {
      if (isAccepted) return 'it says refused, and a cancellation was accepted';
      return asked.some(({ end }) => end === 'refused')
        ? undefined
        : 'it says refused, and nobody refused';
    }
    if (kind !== 'failed') return undefined;
    // Of what came late beside the import nothing was asked.
    if (isAccepted && c.creation?.isAmbiguous !== true && straysOf(c).length === 0)
      return 'it says failed, and a cancellation was accepted';
    return c.ending === undefined && !terms.cancelOnInterrupt
      ? 'it says failed, and the user chose to leave the import'
      : undefined;
  },

  'never says of an end that it knows that it may be running': (world, step, { report, by }) => {
    const { kind } = report.verdict.cancellation;
    if (kind !== 'failed' && kind !== 'requested' && kind !== 'refused' && kind !== 'skipped')
      return undefined;
    if (by === 'post' && !remembers(step)) return undefined;
    const { id, creation, discovery } = report.case;
    if (id === undefined || creation?.isAmbiguous === true || discovery?.others) return undefined;
    if (!wasToldEnd(step, id) || straysOf(report.case).length > 0) return undefined;
    world.count('near: an end is known');
    // A goal that no list has confirmed yet is no answer.
    if (creation && stateAtKnown(step, id) === 'SUCCESS') return undefined;
    return `it says ${kind}, and has read that the import has ended`;
  },

  'says what is true': (world, step, statement) => {
    const text = statement.words.join(' ');
    if (statement.by === 'post' && !remembers(step)) return undefined;
    for (const { pattern, isTrue } of SAYINGS) {
      const match = pattern.exec(text);
      if (!match) continue;
      world.count(`said: ${pattern.source.slice(0, 40)}`);
      if (!isTrue(world, step, statement)) return `it says “${match[0]}”, which is not so`;
    }
    return undefined;
  }
};

function stateAtKnown(step: Parameters<typeof wasToldEnd>[0], id: string): string | undefined {
  return callsOf(step, 'read', id).findLast(
    ({ end, state }) => end === 'good' && state !== undefined && isTerminal(state)
  )?.state;
}
