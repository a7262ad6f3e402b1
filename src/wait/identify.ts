import { LISTING_DELAY_MS } from '../case/creation.ts';
import type { Cause, Ending } from '../case/ending.ts';
import { isNotFound } from '../case/import-api.ts';
import { briefly, isInProgress, type Import } from '../case/import.ts';
import { creationBegan, wasFound } from '../case/transitions.ts';
import { createImport } from './create.ts';
import { readList, type AskedList, type Step } from './step.ts';

const LIST_PAUSE_MS = 2_000;
const READS_AT_MOST = 10;

/**
 * Finds or creates the import to wait for; gives the ending where there is none.
 * @throws what `Patience.endingOf` understands.
 */
export async function identify(step: Step): Promise<Ending | undefined> {
  const { target } = step.options;
  switch (target.kind) {
    case 'given':
      return undefined;
    case 'discover':
      return discover(step);
    case 'create':
      return adoptOrCreate(step, target.body, target.ifInProgress);
  }
}

/** Which of the imports that a list has shown in progress run, as reads say. */
export interface Running {
  readonly imports: readonly Import[];
  /** Those that reads did not find: a node may lag behind the one that listed them. */
  readonly unread: readonly Import[];
}

/** Lists are late, so what one shows in progress counts only after a read; ten are read at most. */
export async function readRunning(step: Step, listed: readonly Import[]): Promise<Running> {
  const { api, patience } = step;
  const imports: Import[] = [];
  const unread: Import[] = [];
  for (const each of listed.slice(0, READS_AT_MOST)) {
    try {
      const read = await patience.call('read', (options) => api.readImport(each.id, options));
      if (isInProgress(read)) imports.push(read);
    } catch (error) {
      if (step.timing.signal.aborted || !isNotFound(error)) throw error;
      unread.push(each);
    }
  }
  return { imports: [...imports, ...listed.slice(READS_AT_MOST)], unread };
}

/**
 * Lists, and reads what a list has shown in progress, until it is sure what runs. Where one is waited
 * for, or a node that was read does not know one that was listed, it looks again for 30 s of good
 * answers; what no read has found by then counts if the last list shows it. Undefined when the time
 * is over.
 */
async function listRunning(
  step: Step,
  waitsForOne: boolean
): Promise<{ readonly list: AskedList; readonly running: readonly Import[] } | undefined> {
  const { cell, patience } = step;
  let shown: readonly Import[] = [];
  for (;;) {
    const list = await readList(step);
    const isListed = new Set(list.imports.map(({ id }) => id));
    // Lists differ by node: who was shown once, and was not read ended, is read again.
    const vanished = shown.filter(({ id }) => !isListed.has(id));
    shown = [...list.imports.filter(isInProgress), ...vanished];
    const { imports, unread } = await readRunning(step, shown);
    const isAnswer = unread.length === 0 && (imports.length > 0 || !waitsForOne);
    if (isAnswer || cell.case.quiet.ms >= LISTING_DELAY_MS)
      return { list, running: [...imports, ...unread.filter(({ id }) => isListed.has(id))] };
    if (patience.leftMs <= 0) return undefined;
    shown = [...imports, ...unread];
    await patience.pause(LIST_PAUSE_MS);
  }
}

/** One that has ended is never picked: yesterday's success must not open today's gate. */
async function discover(step: Step): Promise<Ending | undefined> {
  const found = await listRunning(step, true);
  if (!found) return step.patience.timedOut();
  const { list, running } = found;
  return running.length > 0
    ? takeOnly(step, running)
    : errorOf({ kind: 'none', found: briefly(list.imports) });
}

async function adoptOrCreate(
  step: Step,
  body: string,
  ifInProgress: 'create' | 'adopt' | 'fail'
): Promise<Ending | undefined> {
  if (ifInProgress === 'create') {
    const before = await readList(step);
    const running = before.imports.filter(isInProgress);
    if (running.length > 0) step.observer.onOthersInProgress(briefly(running));
    return begin(step, before, body);
  }
  const found = await listRunning(step, false);
  if (!found) return step.patience.timedOut();
  const { list, running } = found;
  if (running.length === 0) return begin(step, list, body);
  if (ifInProgress === 'fail') return errorOf({ kind: 'busy', found: briefly(running) });
  step.diagnosis?.noteAdopted();
  return takeOnly(step, running);
}

async function begin(step: Step, before: AskedList, body: string): Promise<Ending | undefined> {
  const { cell, diagnosis, observer, patience, timing } = step;
  cell.record(creationBegan(before, before.askedAt));
  const deaf = await diagnosis?.checkAgents(timing.signal, patience.leftMs);
  if (deaf && deaf.length > 0) observer.onHostsWithoutAgent(deaf);
  return createImport(step, body);
}

/** The one import in progress, if it is one. */
function takeOnly({ cell, timing }: Step, running: readonly Import[]): Ending | undefined {
  const [only, ...others] = running;
  if (!only || others.length > 0) return errorOf({ kind: 'several', found: briefly(running) });
  cell.record(wasFound(only, timing.clock.now()));
  return undefined;
}

function errorOf(cause: Cause): Ending {
  return { kind: 'error', cause };
}
