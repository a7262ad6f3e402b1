import { isInProgress, type ImportRequest } from '../import/import-request.ts';
import type { CallOptions, ImportApi } from '../ops-manager/client.ts';
import { isRefusal, OpsManagerError } from '../ops-manager/errors.ts';
import type { Cancellation } from '../outcome.ts';
import { retryUntil, type Waiting } from './retry.ts';

const CONFIRM_PAUSE_MS = 1_000;

/** How long giving up may take, in milliseconds. */
export interface CancelBudget {
  /** For asking Ops Manager to cancel, retries included. */
  readonly askMs: number;
  /** For reading back until the import has ended. */
  readonly confirmMs: number;
  /** For both together. */
  readonly totalMs: number;
}

/** After a timeout, a stall, an outage, or in the post step: a minute each. */
export const UNHURRIED: CancelBudget = { askMs: 60_000, confirmMs: 60_000, totalMs: 120_000 };

/** After a signal: the runner kills after 7.5 s, and outputs and summary come after this. */
export const HURRIED: CancelBudget = { askMs: 5_000, confirmMs: 5_000, totalMs: 5_000 };

/** What became of a cancellation, and the last good read during it. */
export interface Settled {
  readonly cancellation: Cancellation;
  readonly request: ImportRequest | undefined;
}

/**
 * Cancels an import and reads back until it has ended. An import that ended by itself first needs
 * no cancellation any more: its last state is in `request`.
 * @param wasAsked whether a call was sent before of which nobody knows what became.
 * @throws the signal's reason when aborted; nothing else that can be planned for.
 */
export async function cancelImport(
  id: string,
  api: Pick<ImportApi, 'cancelImport' | 'readImport'>,
  budget: CancelBudget,
  waiting: Waiting,
  wasAsked = false
): Promise<Settled> {
  const { clock, signal } = waiting;
  const end = clock.now() + budget.totalMs;
  const until = (ms: number): number => Math.min(clock.now() + ms, end);
  const readBack = (giveUpAt: number): Promise<ImportRequest | undefined> =>
    orUndefined(
      retryUntil(giveUpAt, (options) => api.readImport(id, options), waiting),
      signal
    );

  let asked = wasAsked ? 1 : 0;
  let otherwise: Cancellation = { kind: 'requested' };
  try {
    const ask = (options: CallOptions): Promise<void> => {
      asked += 1;
      return api.cancelImport(id, options);
    };
    await retryUntil(until(budget.askMs), ask, waiting);
  } catch (error) {
    if (signal.aborted || !(error instanceof OpsManagerError)) throw error;
    const why = error.message;
    if (!isRefusal(error)) return { cancellation: { kind: 'failed', why }, request: undefined };
    otherwise = { kind: 'refused', why };
    // Unless an earlier call was accepted and its answer lost, one look tells why it said no.
    if (asked === 1) return settle(await readBack(until(budget.confirmMs)), otherwise);
  }

  const confirmUntil = until(budget.confirmMs);
  let latest: ImportRequest | undefined;
  do {
    const request = await readBack(confirmUntil);
    latest = request ?? latest;
    if (!request || !isInProgress(request)) break;
    await clock.sleep(Math.max(0, Math.min(CONFIRM_PAUSE_MS, confirmUntil - clock.now())), signal);
  } while (clock.now() < confirmUntil);
  return settle(latest, otherwise);
}

function settle(request: ImportRequest | undefined, otherwise: Cancellation): Settled {
  if (!request || isInProgress(request)) return { cancellation: otherwise, request };
  const kind = request.state === 'CANCELLED' ? 'confirmed' : 'not-needed';
  return { cancellation: { kind }, request };
}

/** A read that failed tells nothing; what was known before stands. */
async function orUndefined<T>(promise: Promise<T>, signal: AbortSignal): Promise<T | undefined> {
  try {
    return await promise;
  } catch (error) {
    if (signal.aborted || !(error instanceof OpsManagerError)) throw error;
    return undefined;
  }
}
