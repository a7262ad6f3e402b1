import { adopted, discovered, listed } from '../case/transitions.ts';
import { LISTING_DELAY_MS } from '../case/creation.ts';
import type { Ending } from '../case/ending.ts';
import type { ImportList } from '../case/import-api.ts';
import { briefly, isInProgress } from '../case/import.ts';
import { createImport } from './create.ts';
import type { Gate } from './gate.ts';
import type { Patience } from './patience.ts';

const LIST_PAUSE_MS = 2_000;

/** Which import to wait for: `relistAt` by the clock, when a list shall confirm it. */
export type Identified = { readonly ending: Ending } | { readonly relistAt: number | undefined };

/** Finds or creates the import to wait for. @throws what `Patience.endingOf` understands. */
export async function identify(gate: Gate, patience: Patience): Promise<Identified> {
  const { target } = gate.options;
  switch (target.kind) {
    case 'given':
      return { relistAt: undefined };
    case 'discover':
      return discover(gate, patience);
    case 'create': {
      const before = await readList(gate, patience);
      const running = before.imports.filter(isInProgress);
      const found = briefly(running);
      if (running.length > 0 && target.ifInProgress === 'fail')
        return { ending: { kind: 'error', cause: { kind: 'busy', found } } };
      if (running.length > 0 && target.ifInProgress === 'adopt') {
        gate.diagnosis?.noteAdopted();
        return take(before, gate, adopted);
      }
      if (running.length > 0) gate.observer.onOthersInProgress(found);
      const deaf = await gate.diagnosis?.checkAgents(gate.waiting.signal, patience.leftMs);
      if (deaf && deaf.length > 0) gate.observer.onHostsWithoutAgent(deaf);
      return createImport(before, target.body, gate, patience);
    }
  }
}

/** A good list of the project's imports, recorded. @throws what `Patience.endingOf` understands. */
export async function readList(
  { api, cell, diagnosis, waiting }: Gate,
  patience: Patience
): Promise<ImportList> {
  const { clock } = waiting;
  let askedAt = clock.now();
  const list = await patience.call((options) => {
    askedAt = clock.now();
    return api.listImports(options);
  });
  cell.record(listed(list, clock.now(), askedAt));
  diagnosis?.noteList(list);
  return list;
}

/**
 * The project's one import in progress; a finished one is never picked, for yesterday's success
 * must not open today's gate. While there is none it looks again for 30 s of good answers.
 */
async function discover(gate: Gate, patience: Patience): Promise<Identified> {
  for (;;) {
    const list = await readList(gate, patience);
    if (list.imports.some(isInProgress)) return take(list, gate, discovered);
    if (gate.cell.case.quiet.ms >= LISTING_DELAY_MS) {
      const found = briefly(list.imports);
      return { ending: { kind: 'error', cause: { kind: 'none', found } } };
    }
    if (patience.leftMs <= 0) return { ending: patience.timedOut() };
    await patience.pause(LIST_PAUSE_MS);
  }
}

/** The one import in progress, if it is one. */
function take(list: ImportList, gate: Gate, as: typeof discovered): Identified {
  const running = list.imports.filter(isInProgress);
  const [only, ...others] = running;
  if (!only || others.length > 0) {
    const found = briefly(running);
    return { ending: { kind: 'error', cause: { kind: 'several', found } } };
  }
  const now = gate.waiting.clock.now();
  gate.cell.record(as(only, list, now));
  return { relistAt: now + LISTING_DELAY_MS };
}
