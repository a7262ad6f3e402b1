import type { FinalStatus } from '../../src/case/case.ts';
import { CommitStatus } from '../../src/report/commit-status.ts';
import { NotTaken, type Status } from '../../src/report/github-api.ts';
import { GITHUB_TROUBLES, type GitHubPlan, type GitHubTrouble } from './plan.ts';
import type { Process } from './process.ts';
import { mixed, Random } from './random.ts';
import type { Timeline } from './timeline.ts';

/** A status that a step sent. Times are the world's. */
export interface StatusCall extends Status {
  readonly process: Process;
  readonly sentAt: number;
  /** When GitHub carried it out, if it did. */
  takenAt: number | undefined;
  end: 'open' | 'taken' | NotTaken['kind'];
}

export interface GitHubOptions {
  readonly plan: GitHubPlan;
  readonly seed: number;
  readonly timeline: Timeline;
  readonly startedAt: number;
  readonly calls: StatusCall[];
  /** Told of a call; gives whether the process lives on. */
  readonly onSend: (call: StatusCall) => boolean;
  readonly onEnd: (call: StatusCall) => void;
}

const REQUEST_TIMEOUT_MS = 10_000;
const LATEST_MS = 60_000;

/** GitHub’s API for the commit statuses of one step, over a network that may do anything. */
export class GitHub {
  readonly #options: GitHubOptions;

  constructor(options: GitHubOptions) {
    this.#options = options;
  }

  /** The sender of a process. */
  statusOf(process: Process, isPostStepThere: () => boolean): CommitStatus {
    return new CommitStatus({
      send: (status, signal) => this.#send(process, status, signal),
      clock: process.besideClock,
      isPostStepThere
    });
  }

  /** Sends the last status of a process that does nothing else meanwhile. */
  finish(
    process: Process,
    sender: CommitStatus,
    last: FinalStatus,
    limit: AbortSignal
  ): ReturnType<CommitStatus['finish']> {
    return process.waitForBeside(() => sender.finish(last, limit));
  }

  async #send(process: Process, status: Status, signal: AbortSignal): Promise<void> {
    const { plan, seed, timeline, startedAt, calls, onSend, onEnd } = this.#options;
    const unanswered = new NotTaken('unanswered', 'No answer in time.', '');
    if (signal.aborted) throw unanswered;
    const { now } = timeline;
    const call: StatusCall = { ...status, process, sentAt: now, takenAt: undefined, end: 'open' };
    if (!onSend(call)) return process.waitBeside(undefined, () => undefined);
    const random = new Random(mixed(seed, 8, calls.length));
    calls.push(call);
    const isTroubled = now - startedAt < plan.until && random.chance(plan.rate);
    const trouble = isTroubled ? random.pick(plan.troubles) : undefined;
    const fate = fateOf(trouble, random);
    if (fate.takenAfterMs !== undefined)
      timeline.at(now + fate.takenAfterMs, () => {
        call.takenAt = timeline.now;
      });
    try {
      await process.waitBeside<undefined>(signal, (resolve, reject) => {
        const { answersAfterMs = REQUEST_TIMEOUT_MS, error } = fate;
        timeline.at(now + Math.min(answersAfterMs, REQUEST_TIMEOUT_MS), () => {
          if (answersAfterMs >= REQUEST_TIMEOUT_MS) reject(unanswered);
          else if (error) reject(error);
          else resolve(undefined);
        });
      });
      call.end = 'taken';
    } catch (error) {
      // Whoever stopped it may have stopped it on its way.
      const why = error instanceof NotTaken ? error : unanswered;
      call.end = why.kind;
      throw why;
    } finally {
      onEnd(call);
    }
  }
}

/** How a call fares, in milliseconds from its sending. */
interface StatusFate {
  readonly takenAfterMs: number | undefined;
  readonly answersAfterMs: number | undefined;
  readonly error: NotTaken | undefined;
}

function fateOf(trouble: GitHubTrouble | undefined, random: Random): StatusFate {
  const answersAfterMs = random.acrossScales(20, 500);
  const good = { takenAfterMs: answersAfterMs / 2, answersAfterMs, error: undefined };
  const failed = (kind: NotTaken['kind']): StatusFate => ({
    ...good,
    takenAfterMs: undefined,
    error: new NotTaken(kind, 'GitHub did not take it.', '')
  });
  switch (trouble) {
    case undefined:
      return good;
    case 'slow':
      return { ...good, answersAfterMs: random.acrossScales(500, 20_000) };
    case 'silent':
      return { ...good, answersAfterMs: undefined };
    case 'late': {
      const takenAfterMs = random.acrossScales(100, LATEST_MS);
      const isReset = random.chance(0.5);
      return isReset
        ? { ...failed('unanswered'), takenAfterMs }
        : { takenAfterMs, answersAfterMs: undefined, error: undefined };
    }
    case 'unavailable':
      return failed('failed');
    case 'refused':
      return failed('refused');
  }
}

/** What GitHub is like in a world: drawn by itself, so that it moves nothing else. */
export function drawGitHub(seed: number, timeoutMs: number): GitHubPlan {
  const random = new Random(mixed(seed, 7));
  const troubles = random.some(GITHUB_TROUBLES, 0.5);
  return {
    isUsed: random.chance(0.4),
    rate: troubles.length === 0 ? 0 : random.pick([0, 0.3, 0.7]),
    troubles,
    until: random.chance(0.5) ? timeoutMs : random.between(0, 2 * timeoutMs)
  };
}
