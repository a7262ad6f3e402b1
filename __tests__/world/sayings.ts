import { isTerminal } from '../../src/case/states.ts';
import type { Statement } from './judge.ts';
import { isRunningAt } from './ops-manager-model.ts';
import type { Step } from './step.ts';
import {
  areTooMany,
  isCandidateByDates,
  isDoubtful,
  isListedTooLate,
  isSomebodyElses
} from './limits.ts';
import {
  callsOf,
  endOf,
  importOf,
  isOutOfSight,
  isSureToBeListed,
  LAG_MS,
  lastListAt,
  listsOf,
  longestMissingMs,
  madeBy,
  remembers,
  stateOf,
  wasListed
} from './truth.ts';
import type { World } from './world.ts';

interface Saying {
  /** What the report says, in its own words or in others. */
  readonly what: string;
  /** Whether the report means it; the words do not matter. */
  readonly isSaid: (statement: Statement) => boolean;
  readonly isTrue: (world: World, step: Step, statement: Statement) => boolean;
}

/** What reports say that was so or was not, and whether it is. */
export const SAYINGS: readonly Saying[] = [
  {
    what: 'several may be this step’s',
    isSaid: ({ known }) => known.isAmbiguous && known.candidates.length > 0,
    isTrue: (world, step, { known, by }) => {
      const named = known.candidates;
      const listed = madeBy(world, step).filter(
        (own) =>
          wasListed(step, own.id, by) &&
          !isSomebodyElses(world, step, by, own.id) &&
          !isDoubtful(world, step, own)
      );
      return listed.every(({ id }) => named.includes(id)) || areTooMany(world, by, known);
    }
  },
  {
    what: 'what was asked to be cancelled is by its date none of this step’s',
    isSaid: ({ known }) => known.isAmbiguous && known.candidates.length === 0,
    isTrue: (world, step, { known: { id }, by }) =>
      importOf(world, id)?.creator !== step.name ||
      (id !== undefined && !isCandidateByDates(world, step, by, id))
  },
  {
    what: 'several are in progress',
    isSaid: ({ known }) => causeOf(known) === 'several',
    isTrue: (world, step) => {
      const firstAt = listsOf(step)[0]?.sentAt ?? 0;
      const ran = world.manager.imports.filter((each) => endOf(each) > firstAt - LAG_MS);
      return ran.length > 1;
    }
  },
  {
    what: 'none is in progress',
    isSaid: ({ known }) => causeOf(known) === 'none',
    isTrue: (world, step, { at }) => {
      const firstAt = listsOf(step)[0]?.sentAt ?? at;
      return !world.manager.imports.some(
        (each) =>
          isRunningAt(each, at) &&
          each.createdAt < firstAt &&
          !isOutOfSight(step, each.id) &&
          isSureToBeListed(world, step, each, lastListAt(step))
      );
    }
  },
  {
    what: 'one is in progress already',
    isSaid: ({ known }) => causeOf(known) === 'busy',
    isTrue: (world, step, { at }) => {
      const firstAt = listsOf(step)[0]?.sentAt ?? at;
      return world.manager.imports.some((each) => endOf(each) > firstAt - LAG_MS);
    }
  },
  {
    what: 'there is no such import',
    isSaid: ({ known }) => causeOf(known) === 'unknown',
    isTrue: (world, step, { known, at }) => {
      const found = importOf(world, known.id);
      const isThere = found !== undefined && isRunningAt(found, at);
      return !isThere || !isSureToBeListed(world, step, found, lastListAt(step));
    }
  },
  {
    what: 'the import was deleted',
    isSaid: ({ known }) => known.why === 'gone' && known.state !== undefined,
    isTrue: (world, _step, { known }) => importOf(world, known.id)?.deletedAt !== undefined
  },
  {
    what: 'it has not been found for a minute',
    isSaid: ({ known }) => causeOf(known) === 'missing',
    isTrue: (_world, step, { known }) =>
      longestMissingMs(step.calls.filter(({ id }) => id === known.id)) >= 50_000
  },
  {
    what: 'this action cancelled it',
    isSaid: ({ report, known }) =>
      report.verdict.cancellation.kind === 'confirmed' && !known.isForgotten,
    isTrue: (world, step, { known, at }) => {
      const asked = known.isUnanswered || callsOf(step, 'cancel', known.id).length > 0;
      return stateOf(world, known.id, at) === 'CANCELLED' && asked;
    }
  },
  {
    what: 'it was cancelled, and not by this action',
    // What main did since its last whole state its post step does not know.
    isSaid: ({ report, by, words }) =>
      report.verdict.outcome.kind === 'cancelled' &&
      (by === 'main' || / not by this|had not asked/.test(words.join(' '))),
    // Beside its post step a main step cannot know, and says so if it may.
    isTrue: (world, step, { known, by }) =>
      (by === 'main' && step.post !== undefined) ||
      (by === 'post' && !remembers(step)) ||
      importOf(world, known.id)?.cancelledBy !== step.name
  },
  {
    what: 'it was cancelled while this step waited',
    isSaid: ({ report, known, by }) =>
      by === 'main' &&
      report.verdict.outcome.kind === 'cancelled' &&
      known.firstState !== 'CANCELLED',
    isTrue: (world, step, { known }) => {
      const cancelledAt = importOf(world, known.id)?.cancelledAt ?? Infinity;
      return cancelledAt >= (step.main?.beganAt ?? 0) - LAG_MS;
    }
  },
  {
    what: 'it had ended before this step read it',
    isSaid: ({ words }) =>
      words.some((text) => /before this step (?:began|read it)|had been cancelled/.test(text)),
    isTrue: (world, step, { known, at }) => {
      const found = importOf(world, known.id);
      const told = step.calls.filter(
        ({ end, shown, process }) =>
          end === 'good' && shown.has(known.id ?? '') && process === step.main?.process
      );
      const first = told.find(({ operation }) => operation === 'read') ?? told[0];
      return found !== undefined && endOf(found) <= (first?.endedAt ?? at);
    }
  },
  {
    what: 'nothing was created',
    isSaid: ({ known }) => known.why === 'nothing-created',
    isTrue: (world, step) => madeBy(world, step).length === 0
  },
  {
    what: 'none appeared within half a minute',
    isSaid: ({ known }) => known.why === 'none-appeared',
    isTrue: (world, step, { by }) =>
      madeBy(world, step).every(
        (own) => !wasListed(step, own.id, by) || isDoubtful(world, step, own)
      )
  },
  {
    what: 'Ops Manager accepted the new import, but no list has shown it',
    isSaid: ({ words }) => words.some((text) => text.includes('but no list has shown it')),
    isTrue: (world, step, { by }) =>
      isTrueOfAccepted(
        step,
        (id) => !wasListed(step, id, by) || isSomebodyElses(world, step, by, id)
      )
  },
  {
    what: 'Ops Manager accepted the new import, but listed none that began then by its date',
    isSaid: ({ words }) => words.some((text) => text.includes('listed none that began then')),
    isTrue: (world, step, { by }) =>
      isTrueOfAccepted(
        step,
        (id) =>
          !wasListed(step, id, by) ||
          madeBy(world, step).some((own) => own.id === id && isDoubtful(world, step, own)) ||
          isListedTooLate(world, step, by, id) ||
          !isCandidateByDates(world, step, by, id)
      )
  },
  {
    what: 'a create call was not answered',
    isSaid: ({ known }) => known.calls.includes('lost') && known.id === undefined,
    isTrue: (_world, step, { by }) => {
      const calls = callsOf(step, 'create');
      const wasKilled = step.main?.process.isDead === true;
      return (
        wasKilled ||
        (by === 'post' && !remembers(step)) ||
        calls.some(({ end }) => end !== 'good' && end !== 'refused')
      );
    }
  },
  {
    what: 'its cancellation was accepted',
    isSaid: ({ report }) => report.verdict.cancellation.kind === 'requested',
    isTrue: (_world, step, { known }) =>
      callsOf(step, 'cancel', known.id).some(({ end }) => end === 'good')
  },
  {
    what: 'it was left running, as the user chose',
    isSaid: ({ report, known }) =>
      report.verdict.cancellation.kind === 'skipped' &&
      !known.isForgotten &&
      known.id !== undefined &&
      !known.isAmbiguous &&
      !known.isUndecided,
    isTrue: (_world, step, { known }) => {
      const { cancelOnInterrupt, cancelOnTimeout } = step.plan.terms;
      return (!cancelOnInterrupt || !cancelOnTimeout) && !isTerminal(known.state ?? '');
    }
  }
];

function causeOf({ ending }: Statement['known']): string | undefined {
  return ending?.kind === 'error' ? ending.cause.kind : undefined;
}

/** Whether a call was accepted, and what is asked holds of each import that such a call made. */
function isTrueOfAccepted(step: Step, holds: (id: string) => boolean): boolean {
  const accepted = callsOf(step, 'create').filter(({ end }) => end === 'good');
  return accepted.length > 0 && accepted.every(({ made }) => made === undefined || holds(made));
}
