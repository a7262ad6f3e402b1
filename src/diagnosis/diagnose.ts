import type { DiagnosisApi, Facts } from './facts.ts';
import type { DiagnosisCall } from './finding.ts';
import type { NotAsked } from './findings.ts';
import { ApiError, type CallOptions } from '../case/import-api.ts';
import type { Clock } from '../clock.ts';

/** All calls of one diagnosis together: whoever waits for it waits no longer. */
export const DIAGNOSIS_BUDGET_MS = 10_000;
/** What a call that hangs leaves to each one after it. */
const RESERVED_MS = 2_000;

/** The calls that Ops Manager has refused in this step, and what it said. */
export type Refusals = ReadonlyMap<DiagnosisCall, string>;

/** What one diagnosis has read. */
export interface Snapshot {
  readonly facts: Facts;
  readonly notAsked: readonly NotAsked[];
  /** For the next diagnosis of this step. */
  readonly refusals: Refusals;
}

/** What a diagnosis needs from outside. */
export interface Asking {
  readonly clock: Pick<Clock, 'now'>;
  readonly signal: AbortSignal;
  readonly refusedBefore?: Refusals;
}

/**
 * Makes each of `calls` once, in `budgetMs` milliseconds for all of them together. It never throws;
 * aborted, it gives at once what it has. What was refused before is not asked again.
 */
export async function diagnose(
  api: DiagnosisApi,
  calls: readonly DiagnosisCall[],
  { clock, signal, refusedBefore = new Map<DiagnosisCall, string>() }: Asking,
  budgetMs: number = DIAGNOSIS_BUDGET_MS
): Promise<Snapshot> {
  const endsAt = clock.now() + budgetMs;
  const hasEnded = (): boolean => signal.aborted;
  const refusals = new Map(refusedBefore);
  const notAsked: NotAsked[] = [];
  let facts: Facts = {};
  for (const [index, call] of calls.entries()) {
    const refusal = refusals.get(call);
    if (refusal !== undefined) {
      notAsked.push({ call, reason: refusal });
      continue;
    }
    if (hasEnded()) break;
    const leftMs = endsAt - clock.now();
    if (leftMs <= 0) {
      notAsked.push({ call, reason: 'no time was left' });
      continue;
    }
    const limitMs = Math.max(leftMs / 2, leftMs - RESERVED_MS * (calls.length - 1 - index));
    try {
      facts = { ...facts, ...(await ask(api, call, { signal, limitMs })) };
    } catch (error) {
      // The signal says that nothing more is wanted, not that Ops Manager did not answer.
      if (hasEnded()) break;
      const reason = reasonOf(error);
      notAsked.push({ call, reason });
      if (error instanceof ApiError && error.kind !== 'transient') refusals.set(call, reason);
    }
  }
  return { facts, notAsked, refusals };
}

async function ask(api: DiagnosisApi, call: DiagnosisCall, options: CallOptions): Promise<Facts> {
  switch (call) {
    case 'status':
      return { status: await api.readAutomationStatus(options) };
    case 'agents':
      return { agents: await api.listAgents(options) };
    case 'hosts':
      return { hosts: await api.listHosts(options) };
  }
}

/** A few words; what a defect says is none of the user’s business here. */
function reasonOf(error: unknown): string {
  if (!(error instanceof ApiError)) return 'it failed unexpectedly';
  const { status, errorCode, happened } = error;
  if (status === undefined || status < 400) return happened.replace(/\.$/, '');
  return [`HTTP ${status}`, errorCode].filter((part) => part !== undefined).join(' ');
}
