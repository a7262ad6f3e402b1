import { earliest } from '../../src/case/creation.ts';
import type { Rule } from './judge.ts';
import type { Process } from './process.ts';
import type { Step } from './step.ts';
import { importOf, remembers, wasEverSuspended } from './truth.ts';
import type { World } from './world.ts';

const UNANSWERED_MS = 10_000;
const LOOK_MS = 40_000;
/** Good answers for so long, the last one at the end. */
const LISTED_MS = 29_000;
const SETTLING_MS = 120_000;
const CLEAN_UP_MS = 60_000;
const HURRIED_MS = 5_000;
const STATUS_MS = 5_000;
const HURRIED_STATUS_MS = 1_000;
const POST_STATUS_MS = 20_000;
const SLACK_MS = 1_000;
/** Times are no whole milliseconds. */
const BLUR_MS = 1;

/** How long a step may take, and must; asked when everything is over. */
export const RULES_OF_TIME: Readonly<Record<string, Rule<undefined>>> = {
  'gives up no sooner than it should': (world, step) => {
    const { endingAt, plan, main } = step;
    const known = step.statements.findLast(({ by }) => by === 'main')?.known;
    const ending = known?.ending;
    if (!ending || endingAt === undefined || !main || wasEverSuspended(step)) return undefined;
    world.count(`near: ${ending.kind}`);
    if (ending.kind === 'timed-out') {
      // Once no create call would have the time to be answered, the time is over.
      const isCreating = plan.target.kind === 'create';
      const tookMs = endingAt - main.beganAt + (isCreating ? 5_000 : 0);
      return tookMs < plan.timeoutMs ? `it timed out after ${tookMs} ms` : undefined;
    }
    if (ending.kind === 'unreachable') {
      const before = step.calls.filter(
        (call) => call.process === main.process && (call.endedAt ?? Infinity) <= endingAt
      );
      // Where a list answers 404 too, all 404s count as one outage, from the first one on.
      const answered = before.findLastIndex(({ end }) => end === 'good');
      const since = before.slice(answered + 1);
      const isNowhere = since.some(
        ({ end, operation }) => end === 'not found' && operation === 'list'
      );
      const met = before.findLastIndex(
        ({ end, operation }) => end !== 'not found' && !(end === 'good' && operation === 'list')
      );
      const missing = before.slice(met + 1).find(({ end }) => end === 'not found');
      const from = isNowhere
        ? earliest(missing?.endedAt, before[answered]?.endedAt)
        : since[0]?.endedAt;
      const outageMs = endingAt - (from ?? endingAt);
      return outageMs < plan.maxOutageMs - BLUR_MS
        ? `it gave up after an outage of ${outageMs} ms`
        : undefined;
    }
    if (ending.kind === 'error') return tooSoon(step, ending.cause.kind);
    if (ending.kind !== 'stalled' || plan.stallTimeoutMs === undefined) return undefined;
    const own = importOf(world, known.id);
    const blurMs = lagOf(world) + plan.pollIntervalMs + plan.requestTimeoutMs;
    const progress = own?.transitions.find(
      ({ at }) => at > endingAt - (plan.stallTimeoutMs ?? 0) + blurMs && at < endingAt - blurMs
    );
    return progress ? `it says stalled, and the import came to ${progress.state}` : undefined;
  },

  'does not give up early': (_world, step) => {
    const { post, main } = step;
    const last = step.statements.at(-1);
    if (last?.by !== 'post' || last.report.verdict.cancellation.kind !== 'failed') return undefined;
    if (
      post?.concludedAt === undefined ||
      wasEverSuspended(step) ||
      !step.plan.post.inputs.haveKeys
    )
      return undefined;
    const { known } = last;
    // After an end by refusals one look is all.
    const isOnce = known.ending?.kind === 'unreachable' && known.ending.wasRefused;
    const isToldOf = known.isForgotten || known.inProgress.length > 0;
    const isUnclear = known.isAmbiguous || known.isUndecided || isToldOf;
    if (isUnclear || isOnce || !remembers(step)) return undefined;
    // The kill may have come before the first answer was saved.
    const before = step.calls.filter(
      ({ end, process }) => end === 'good' && process === main?.process
    );
    if (post.signalledAt !== undefined || before.length === 0) return undefined;
    if (hasReadBackInVain(step, post.process, post.concludedAt)) return undefined;
    const tookMs = post.concludedAt - post.beganAt;
    return tookMs < LOOK_MS ? `the post step gave up after ${tookMs} ms` : undefined;
  },

  'looks for what it has created as long as it may': (world, step) => {
    const { main, endingAt } = step;
    const last = step.statements.findLast(({ by }) => by === 'main');
    if (!last?.isFinal || main?.concludedAt === undefined || endingAt === undefined)
      return undefined;
    const { known, report } = last;
    const isUnfound = known.calls.includes('accepted') && known.id === undefined;
    if (!isUnfound || known.isAmbiguous || report.verdict.cancellation.kind !== 'failed')
      return undefined;
    const isOnce = known.ending?.kind === 'unreachable' && known.ending.wasRefused;
    if (main.signalledAt !== undefined || isOnce || wasEverSuspended(step)) return undefined;
    world.count('near: looking for what was created');
    const tookMs = main.concludedAt - endingAt;
    return tookMs < LOOK_MS ? `it looked for its import for ${tookMs} ms` : undefined;
  },

  'ends within its limits': (world, step) => {
    const { plan, main, post } = step;
    if (wasEverSuspended(step)) return undefined;
    return mainTooLong(world, main, plan.timeoutMs + plan.requestTimeoutMs) ?? tooLong(post);
  }
};

function mainTooLong(world: World, main: Step['main'], waitMs: number): string | undefined {
  if (main?.endedAt === undefined || main.process.isDead) return undefined;
  const toldMs = main.endedAt - (main.concludedAt ?? main.endedAt);
  const isHurried = (main.signalledAt ?? Infinity) <= (main.concludedAt ?? 0);
  const mostMs = isHurried ? HURRIED_STATUS_MS : STATUS_MS;
  if (toldMs > mostMs + SLACK_MS) return `its last commit status took ${toldMs} ms`;
  const tookMs = main.endedAt - main.beganAt - toldMs;
  if (tookMs > waitMs + SETTLING_MS + CLEAN_UP_MS + 2 * SLACK_MS)
    return `the main step took ${tookMs} ms`;
  if (main.signalledAt === undefined) return undefined;
  world.count('near: settling after a signal');
  const afterMs = main.endedAt - toldMs - main.signalledAt;
  return afterMs > HURRIED_MS + SLACK_MS ? `it took ${afterMs} ms after the signal` : undefined;
}

function tooLong(post: Step['post']): string | undefined {
  if (post?.endedAt === undefined) return undefined;
  const hurriedMs = post.signalledAt === undefined ? 0 : HURRIED_MS;
  const tookMs = post.endedAt - post.beganAt;
  return tookMs > SETTLING_MS + POST_STATUS_MS + hurriedMs + SLACK_MS
    ? `the post step took ${tookMs} ms`
    : undefined;
}

/** That there is none is said only after half a minute of good answers. */
function tooSoon({ calls, main }: Step, cause: string): string | undefined {
  if (cause !== 'unknown' && cause !== 'none') return undefined;
  const answered = calls.filter(
    ({ end, process }) => (end === 'good' || end === 'not found') && process === main?.process
  );
  const [first, last] = [answered[0], answered.at(-1)];
  const lookedMs = (last?.sentClock ?? 0) - (first?.sentClock ?? 0);
  return lookedMs < LISTED_MS ? `it looked for one for ${lookedMs} ms` : undefined;
}

/** How far a read can be behind the truth, in milliseconds. */
function lagOf({ plan }: World): number {
  const lags = plan.manager.nodes.map(
    ({ lagMs, stuck }) => lagMs + (stuck ? stuck.to - stuck.from : 0)
  );
  return Math.max(...lags) + 2 * plan.manager.latencyMs;
}

/** Whether no call was answered for as long as ends the reading back of what was asked. */
function hasReadBackInVain(step: Step, process: Process, at: number): boolean {
  const calls = step.calls.filter((call) => call.process === process);
  const answered = calls.findLast(({ end }) => end === 'good' || end === 'not found');
  const wasAsked = calls.some(({ operation }) => operation === 'cancel');
  return wasAsked && at - (answered?.endedAt ?? 0) >= UNANSWERED_MS;
}
