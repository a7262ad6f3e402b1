import type { StatusCall } from './git-hub.ts';
import type { Rule } from './judge.ts';
import { verdict } from '../../src/case/verdict.ts';
import { wasEverSuspended } from './truth.ts';

/** What must hold whenever a step sends a commit status. */
export const RULES_ON_STATUS: Readonly<Record<string, Rule<StatusCall>>> = {
  'publishes success only of a goal that was reached': (_world, step, { state, process }) => {
    if (state === 'pending') return undefined;
    const said = step.statements.findLast(({ by }) => by === 'main');
    const isReached = said?.report.verdict.outcome.kind === 'reached';
    // A main step that was killed as it came to its end may have saved it without saying it.
    const last = step.presentCase?.();
    const wasSaved = last && verdict(last, step.plan.terms).outcome.kind === 'reached';
    if (state === 'success' && !isReached && wasSaved !== true)
      return 'its status is success, and it did not say reached';
    return process === step.main?.process && isReached && state !== 'success'
      ? `its status is ${state}, and it said reached`
      : undefined;
  },

  'publishes nothing once its post step is there': (_world, step, { process }) =>
    process === step.main?.process && step.hasMark
      ? 'it sends a status beside its post step'
      : undefined
};

/** What must hold of the statuses when everything is over. */
export const RULES_OF_STATUSES_AT_END: Readonly<Record<string, Rule<undefined>>> = {
  'leaves no commit status that is none of its last': (world, step) => {
    const { postAt, post, statusCalls } = step;
    // Where the runner is gone, or hands over other inputs, nobody sends one.
    if (!world.plan.gitHub.isUsed || postAt === undefined) return undefined;
    if (!step.plan.post.inputs.areTheSame || wasEverSuspended(step)) return undefined;
    const finals = statusCalls.filter(({ state }) => state !== 'pending');
    if (finals.some(({ end }) => end === 'refused')) return undefined;
    const lastOfPost = finals.findLast(({ process }) => process === post?.process);
    const isCut = post?.process.isDead === true;
    if (isCut || (lastOfPost && lastOfPost.end !== 'taken')) return undefined;
    const last = statusCalls
      .filter(({ takenAt }) => takenAt !== undefined)
      .toSorted((a, b) => (a.takenAt ?? 0) - (b.takenAt ?? 0))
      .at(-1);
    // What GitHub carries out after the last word of all, nobody can mend.
    const lastWordAt = Math.max(postAt, lastOfPost?.takenAt ?? 0);
    if (last?.takenAt !== undefined && last.state === 'pending' && last.takenAt > lastWordAt) {
      world.count('limit: a lost call arrived late');
      return undefined;
    }
    world.count('near: the last commit status');
    return last === undefined || last.state === 'pending'
      ? `its commit status stays ${last?.state ?? 'unset'}`
      : undefined;
  }
};
