import { type Cause, creationOf, type Ending } from '../case/case.ts';
import {
  createAnnounced,
  createAnswered,
  createWithdrawn,
  creationBegan
} from '../case/create-calls.ts';
import { candidatesOf, hasAccepted, isUndecided } from '../case/creation.ts';
import { ApiError, isNotFound } from '../case/import-api.ts';
import { briefly, type Import, isInProgress } from '../case/import.ts';
import { becameAmbiguous, candidateWasRead, wasFound } from '../case/transitions.ts';
import { isAmbiguous, isQuiet, mayBeRunning } from '../case/verdict.ts';
import type { CaseCell } from './case-cell.ts';
import { type AskedList, LIST_PAUSE_MS, readList, type Step } from './step.ts';
import type { Clock } from '../time.ts';

/** A call that is cut sooner tells nothing, and may have created an import all the same. */
const SHORTEST_CALL_MS = 5_000;
const REFUSED_PAUSE_MS = 1_000;
const READS_AT_MOST = 10;

/**
 * Finds or creates the import to wait for, also after the one that was watched was let go; gives the
 * ending where there is none.
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
      return creationOf(step.cell.case)
        ? findAgain(step, target.body)
        : adoptOrCreate(step, target.body, target.ifInProgress);
  }
}

/** Which of the imports that a list has shown in progress run, as reads say. */
interface Running {
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
      if (!isNotFound(error)) throw error;
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
  const seen = new Map<string, Import>();
  for (;;) {
    const list = await readList(step);
    for (const each of list.imports) seen.set(each.id, each);
    const isListed = new Set(list.imports.map(({ id }) => id));
    // Lists differ by node: who was shown once, and was not read ended, is read again.
    const vanished = shown.filter(({ id }) => !isListed.has(id));
    shown = [...list.imports.filter(isInProgress), ...vanished];
    const { imports, unread } = await readRunning(step, shown);
    const isAnswer = unread.length === 0 && (imports.length > 0 || !waitsForOne);
    if (isAnswer || isQuiet(cell.case))
      return {
        list: { ...list, imports: [...seen.values()] },
        running: [...imports, ...unread.filter(({ id }) => isListed.has(id))]
      };
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
  const warning = await diagnosis?.checkAgents(timing.signal, patience.leftMs);
  if (warning && warning.length > 0) observer.onHostsWithoutAgent(warning);
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

/**
 * Creates one import and finds it in the lists: the answer has no id. Since an answer can be lost,
 * only half a minute of lists with nothing new permits another call.
 * @throws what `Patience.endingOf` understands.
 */
async function createImport(step: Step, body: string): Promise<Ending | undefined> {
  for (;;) {
    const sent = await send(step, body);
    if (sent.kind !== 'sent') return sent;
    const ending = await findCreated(step, sent.againAt);
    if (ending || step.cell.case.id !== undefined) return ending;
  }
}

/** The one that was watched turned out to be none of this step's. */
async function findAgain(step: Step, body: string): Promise<Ending | undefined> {
  const ending = await findCreated(step, 0);
  return ending || step.cell.case.id !== undefined ? ending : createImport(step, body);
}

/**
 * One create call, recorded before it is sent and when it has ended. It may have created something,
 * and no other one is sent before `againAt` by the clock; or nothing was created, and the wait ends.
 * A login that was refused has created nothing, and is tried once more.
 */
async function send(
  step: Step,
  body: string,
  isFirst = true
): Promise<{ readonly kind: 'sent'; readonly againAt: number } | Ending> {
  const { api, cell, options, patience, timing } = step;
  const { clock, signal } = timing;
  signal.throwIfAborted();
  if (patience.leftMs < SHORTEST_CALL_MS) return timedOut(step);
  if (step.isPostStepThere())
    return { kind: 'interrupted', by: 'The post step, which has begun already,' };
  const limitMs = Math.min(options.requestTimeoutMs, patience.leftMs);
  const { isSaved, areOutputsWritten } = cell.record(createAnnounced(limitMs, clock.now()));
  if (!isSaved || !areOutputsWritten) {
    cell.record(createWithdrawn);
    return errorOf({ kind: 'unsaved' });
  }
  try {
    await api.createImport(body, { signal, limitMs });
    cell.record(createAnswered('accepted', clock.now()));
    return { kind: 'sent', againAt: 0 };
  } catch (error) {
    const isRefused = error instanceof ApiError && error.kind === 'refused';
    const lost = error instanceof ApiError ? error.trouble : undefined;
    cell.record(createAnswered(isRefused ? 'refused' : 'lost', clock.now(), lost));
    if (!(error instanceof ApiError)) throw error;
    if (!isRefused) {
      patience.noteFailure(error);
      return { kind: 'sent', againAt: clock.now() + (error.retryAfterMs ?? 0) };
    }
    if (error.status !== 401 || !isFirst)
      return errorOf({ kind: 'not-created', trouble: error.trouble });
    await patience.pause(REFUSED_PAUSE_MS);
    return send(step, body, false);
  }
}

/** Without an import to wait for, what the last create call met is why. */
function timedOut({ cell, patience }: Step): Ending {
  const creation = creationOf(cell.case);
  const lost = creation && !hasAccepted(creation) ? creation.lost : undefined;
  return { ...patience.timedOut(), trouble: lost };
}

/** Lists until the import shows, or another call may be made; gives what ends the wait instead. */
async function findCreated(step: Step, againAt: number): Promise<Ending | undefined> {
  const { cell, options, patience, timing } = step;
  for (;;) {
    await readList(step);
    await readCandidates(step);
    const { case: c } = cell;
    if (isAmbiguous(c)) return errorOf({ kind: 'ambiguous' });
    if (c.id !== undefined) return undefined;
    const isSoon = timing.clock.now() < againAt;
    // Only where nothing has arrived another call may be made.
    if (!mayBeRunning(c) && !isSoon) return undefined;
    if (patience.leftMs <= 0) return timedOut(step);
    const longMs = isQuiet(c) && !isSoon ? options.pollIntervalMs : 0;
    await patience.pause(Math.max(LIST_PAUSE_MS, longMs));
  }
}

/** Reads each of several candidates, if there are. @throws what `Patience.endingOf` understands. */
export async function readCandidates({ api, cell, patience, timing }: Step): Promise<void> {
  await decideAmong(cell, timing.clock, async (id) => {
    try {
      return await patience.call('read', (options) => api.readImport(id, options));
    } catch (error) {
      if (!isNotFound(error)) throw error;
      return error;
    }
  });
}

/**
 * Reads each of several candidates, ten at most: dates may say that one is none. `read` gives what
 * went wrong instead; where that is no word of Ops Manager's, nothing is decided.
 */
export async function decideAmong(
  cell: CaseCell,
  clock: Clock,
  read: (id: string) => Promise<Import | Error>
): Promise<void> {
  const before = creationOf(cell.case);
  if (!before || !isUndecided(before)) return;
  for (const { id } of candidatesOf(before).slice(0, READS_AT_MOST)) {
    const answer = await read(id);
    if (!(answer instanceof Error)) cell.record(candidateWasRead(answer, clock.now()));
    else if (!isNotFound(answer)) return;
  }
  const after = creationOf(cell.case);
  if (after && isUndecided(after)) cell.record(becameAmbiguous);
}
