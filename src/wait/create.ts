import { createEnded, creating, notCreating } from '../case/transitions.ts';
import { find, hasAccepted, LISTING_DELAY_MS } from '../case/creation.ts';
import type { Ending } from '../case/ending.ts';
import { ApiError, type ImportList } from '../case/import-api.ts';
import { isAmbiguous } from '../case/verdict.ts';
import type { Gate } from './gate.ts';
import { readList, type Identified } from './identify.ts';
import { troubleOf, type Patience } from './patience.ts';

const LIST_PAUSE_MS = 2_000;
/** A call that is cut sooner tells nothing, and may have created an import all the same. */
const SHORTEST_CALL_MS = 5_000;

/** What became of one create call. */
type Sent =
  | { readonly kind: 'accepted' }
  | { readonly kind: 'lost'; readonly retryAfterMs: number }
  | { readonly kind: 'over'; readonly ending: Ending };

/**
 * Creates one import and finds it in the lists: the answer has no id. Since an answer can be lost,
 * only half a minute of lists with nothing new permits another call.
 * @throws what `Patience.endingOf` understands.
 */
export async function createImport(
  before: ImportList,
  body: string,
  gate: Gate,
  patience: Patience
): Promise<Identified> {
  const { clock } = gate.waiting;
  for (;;) {
    const sent = await send(before, body, gate, patience);
    if (sent.kind === 'over') return { ending: sent.ending };
    const endedAt = clock.now();
    const ending = await look(gate, patience);
    if (ending) return { ending };
    if (gate.cell.case.id !== undefined) return { relistAt: endedAt + LISTING_DELAY_MS };
    if (sent.kind === 'lost') await patience.pause(sent.retryAfterMs - (clock.now() - endedAt));
  }
}

/** One create call, recorded before it is sent and when it has ended. */
async function send(
  before: ImportList,
  body: string,
  { api, cell, options, waiting }: Gate,
  patience: Patience
): Promise<Sent> {
  const { clock, signal } = waiting;
  signal.throwIfAborted();
  if (patience.leftMs < SHORTEST_CALL_MS) return { kind: 'over', ending: patience.timedOut() };
  const limitMs = Math.min(options.requestTimeoutMs, patience.leftMs);
  const { isSaved, areOutputsWritten } = cell.record(creating(before, limitMs, clock.now()));
  if (!isSaved || !areOutputsWritten) {
    cell.record(notCreating);
    return { kind: 'over', ending: { kind: 'error', cause: { kind: 'unsaved' } } };
  }
  try {
    await api.createImport(body, { signal, limitMs });
    cell.record(createEnded('accepted', clock.now()));
    patience.noteAnswer();
    return { kind: 'accepted' };
  } catch (error) {
    const isRefused = error instanceof ApiError && error.kind === 'refused';
    cell.record(createEnded(isRefused ? 'refused' : 'lost', clock.now()));
    if (signal.aborted || !(error instanceof ApiError)) throw error;
    if (isRefused) {
      const cause = { kind: 'not-created', trouble: troubleOf(error) } as const;
      return { kind: 'over', ending: { kind: 'error', cause } };
    }
    patience.noteFailure(error);
    return { kind: 'lost', retryAfterMs: error.retryAfterMs ?? 0 };
  }
}

/** Lists until the import shows, or another call may be made; gives what ends the wait instead. */
async function look(gate: Gate, patience: Patience): Promise<Ending | undefined> {
  for (;;) {
    await readList(gate, patience);
    const { creation, id, quiet } = gate.cell.case;
    if (isAmbiguous(gate.cell.case)) return { kind: 'error', cause: { kind: 'ambiguous' } };
    if (id !== undefined || !creation) return undefined;
    const isLost = !hasAccepted(creation) && find(creation).outsiders.length === 0;
    if (isLost && quiet.ms >= LISTING_DELAY_MS) return undefined;
    if (patience.leftMs <= 0) return patience.timedOut();
    const isLate = quiet.ms >= LISTING_DELAY_MS;
    await patience.pause(
      isLate ? Math.max(LIST_PAUSE_MS, gate.options.pollIntervalMs) : LIST_PAUSE_MS
    );
  }
}
