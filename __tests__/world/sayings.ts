import { isInProgress } from '../../src/case/import.ts';
import { find } from '../../src/case/creation.ts';
import type { Statement } from './judge.ts';
import { isRunningAt, stateAt } from './ops-manager-model.ts';
import type { Step } from './step.ts';
import { callsOf, importOf, ownImports } from './truth.ts';
import type { World } from './world.ts';

interface Saying {
  readonly pattern: RegExp;
  readonly isTrue: (world: World, step: Step, statement: Statement) => boolean;
}

/** What reports say in words, and whether it is so. */
export const SAYINGS: readonly Saying[] = [
  {
    pattern: /Several imports may be this step’s/,
    isTrue: (_world, _step, { report, words }) =>
      (report.case.creation ? find(report.case.creation).candidates : []).every(({ id }) =>
        words.join(' ').includes(id)
      )
  },
  {
    pattern: /was deleted by someone|Import was deleted|no longer knows it/,
    isTrue: (world, _step, { report }) => importOf(world, report.case.id)?.deletedAt !== undefined
  },
  {
    pattern: /This action cancelled the import|was cancelled by this action|import cancelled/i,
    isTrue: (world, step, { report, at }) => {
      const found = importOf(world, report.case.id);
      const { cancel } = report.case;
      const asked = cancel.isUnanswered || callsOf(step, 'cancel', report.case.id).length > 0;
      return found !== undefined && stateAt(found, at) === 'CANCELLED' && asked;
    }
  },
  {
    pattern: /nothing was created|no import was created/i,
    isTrue: (world, step) => world.manager.imports.every(({ creator }) => creator !== step.name)
  },
  {
    pattern: /Import was cancelled|had been cancelled|had not asked for it/,
    isTrue: (world, step, { report, at }) => {
      const found = importOf(world, report.case.id);
      if (!found || stateAt(found, at) !== 'CANCELLED') return false;
      return found.cancelledBy !== step.name;
    }
  },
  {
    pattern: /Ops Manager accepted its cancellation/,
    isTrue: (_world, step, { report }) =>
      callsOf(step, 'cancel', report.case.id).some(({ end }) => end === 'good')
  },
  {
    pattern: /Ops Manager refused to cancel/,
    isTrue: (_world, step, { report }) =>
      callsOf(step, 'cancel', report.case.id).some(({ end }) => end === 'refused')
  },
  {
    pattern: /accepted the new import, but did not list it/,
    isTrue: (_world, step) => callsOf(step, 'create').some(({ end }) => end === 'good')
  },
  {
    pattern: /create call was not answered/i,
    isTrue: (_world, step, { report }) =>
      step.plan.cutSavedAt !== undefined ||
      // One that is just being sent, as far as a kill would leave it.
      report.case.creation?.calls.some(({ end }) => end === 'open') === true ||
      step.main?.isDead === true ||
      callsOf(step, 'create').some(({ end }) => end !== 'good' && end !== 'refused')
  },
  {
    pattern: /No import in progress(?! was found)|has no import in progress/i,
    isTrue: (world, step, { at }) => {
      const first = callsOf(step, 'list').find(({ end }) => end === 'good');
      return !world.manager.imports.some(
        (each) => isRunningAt(each, at) && each.createdAt < (first?.sentAt ?? at)
      );
    }
  },
  {
    pattern: /Ops Manager has not found import/,
    isTrue: (_world, step, { report }) => {
      const calls = step.calls.filter(({ id }) => id === report.case.id);
      const good = calls.findLastIndex(({ end }) => end === 'good');
      const first = calls[good + 1];
      const last = calls.findLast(({ end }) => end === 'not found');
      const untilAt = last?.endedAt ?? 0;
      return first !== undefined && untilAt - first.sentAt >= 50_000;
    }
  },
  {
    pattern: /was left running|import left running/,
    isTrue: (_world, step, { report }) => {
      const { cancelOnInterrupt, cancelOnTimeout } = step.plan.terms;
      const { read } = report.case;
      return (!cancelOnInterrupt || !cancelOnTimeout) && (!read || isInProgress(read));
    }
  },
  {
    pattern: /Nothing to cancel|needs nothing/,
    isTrue: (world, step, { report, at }) =>
      ownImports(world, step, report.case).every((each) => !isRunningAt(each, at))
  },
  {
    pattern: /it is not known whether it arrived/,
    isTrue: (_world, step) =>
      step.main?.isDead === true || callsOf(step, 'create').every(({ end }) => end !== 'good')
  }
];
