import type { Case } from './case.ts';
import { earliestNewAt, withMostTelling, type Creation, type Listed } from './creation.ts';
import { isInProgress } from './import.ts';
import { isRecord, type Json } from './json.ts';
import { CASE } from './saved-shape.ts';
import { MISSING_MS } from './evidence.ts';
import { isSettled, type Terms } from './verdict.ts';

/**
 * The case on its way to the post step, as one line of JSON of at most 16 KiB: the runner hands it
 * over in one environment variable. No reply and no findings; of histories and lists what counts.
 */
export const SAVED_CASE_BYTES = 16 * 1024;
const VERSION = 2;

/** What else the doors hand over; it is theirs, and neither read nor cut here. */
export type SavedContext = Json;

/** What a main step has handed over. */
interface Handover {
  /** Undefined where it ended before it had a case. */
  readonly case: Case | undefined;
  readonly context: SavedContext | undefined;
}

interface Limits {
  readonly textCharacters: number;
  readonly transitions: number;
  readonly importsBefore: number;
  readonly newcomers: number;
  readonly calls: number;
}

const LIMITS: readonly Limits[] = [
  { textCharacters: 400, transitions: 20, importsBefore: 60, newcomers: 20, calls: 12 },
  { textCharacters: 100, transitions: 6, importsBefore: 30, newcomers: 20, calls: 6 },
  { textCharacters: 60, transitions: 3, importsBefore: 5, newcomers: 8, calls: 3 }
];

/** The case as it is saved, with what the doors hand over beside it. */
export function saved(c: Case, terms: Terms, context?: SavedContext): string {
  const texts = LIMITS.map((limits) => () => {
    const head = { version: VERSION, isSettled: isSettled(c, terms), context };
    const kept = JSON.stringify(withinLimits(c, limits), shortening(limits));
    return `${JSON.stringify(head).slice(0, -1)},"case":${kept}}`;
  });
  for (const write of texts) {
    const text = write();
    if (Buffer.byteLength(text) <= SAVED_CASE_BYTES) return text;
  }
  throw new Error('A case cannot be saved: what the doors hand over beside it is too long');
}

/** What a main step saves that ended before it had a case: nothing is left to do but what `context` says. */
export function savedWithoutCase(context?: SavedContext): string {
  return JSON.stringify({ version: VERSION, isSettled: context === undefined, context });
}

/**
 * What a main step has saved, its case to be gone on with at `at` by the holder's clock; undefined
 * when the text is not that, as after a write that was cut, or holds anything of another type.
 */
export function restored(text: string, at: number): Handover | undefined {
  const data = parse(text);
  if (data?.['version'] !== VERSION) return undefined;
  const { case: c, context } = data;
  if (context !== undefined && !isRecord(context)) return undefined;
  if (c === undefined) return { case: undefined, context };
  return CASE(c) ? { case: goneOnWith(c, at), context } : undefined;
}

/** A call that was under way at the kill was sent, and nobody heard the answer. */
function goneOnWith(c: Case, at: number): Case {
  const cancel = c.cancel.isOpen ? { ...c.cancel, isOpen: false, isUnanswered: true } : c.cancel;
  const missingMs = c.missing ? c.missing.until - c.missing.since : 0;
  // Clocks do not survive a process, and a minute that is not over begins anew.
  const missing =
    c.missing && missingMs >= MISSING_MS
      ? { ...c.missing, since: at - missingMs, until: at }
      : undefined;
  return {
    ...c,
    cancel,
    missing,
    quiet: { ms: 0, lastAt: undefined },
    resumed: { at, answeredAt: undefined, isForgotten: false, inProgress: undefined }
  };
}

function parse(text: string): Json | undefined {
  try {
    const data: unknown = JSON.parse(text);
    return isRecord(data) ? data : undefined;
  } catch {
    return undefined;
  }
}

/** Texts are cut wherever they stand, so that a new kind of them is bounded by itself. */
function shortening({ textCharacters }: Limits) {
  return (_key: string, value: unknown): unknown =>
    typeof value === 'string' ? value.slice(0, textCharacters) : value;
}

const NOT_SAVED = { readAt: undefined, said: undefined, reply: '' };

/** What is worth saving; two cases that are alike in it say the same. */
function withinLimits(c: Case, limits: Limits): Case {
  const { missing, read } = c;
  const known = {
    read: read && { ...read, ...shortHistory(read, limits), ...NOT_SAVED },
    missing: missing && { ...missing, since: 0, until: missing.until - missing.since },
    quiet: { ms: c.quiet.ms, lastAt: undefined },
    resumed: undefined
  };
  switch (c.origin) {
    case 'given':
      return { ...c, ...known };
    case 'found':
      return { ...c, ...known, dueAt: undefined, listedAt: undefined };
    case 'created':
      return { ...c, ...known, creation: c.creation && shortCreation(c.creation, limits) };
  }
}

function shortCreation(creation: Creation, limits: Limits): Creation {
  const { before, calls, ...rest } = pruned(creation, limits.importsBefore);
  const { newcomers, leftOut } = withMostTelling(creation, limits.newcomers);
  return {
    ...rest,
    before: { ...before, askedAt: undefined },
    calls: calls.slice(-limits.calls),
    newcomers,
    leftOut,
    openSince: undefined,
    closesAt: undefined
  };
}

/**
 * A creation that fits into a saved case: of the list before, what can still be mistaken for the
 * step's own, and how many there were.
 */
export function pruned(creation: Creation, atMost: number): Creation {
  const { before } = creation;
  const from = earliestNewAt(before);
  const isMistakable = (each: Listed): boolean =>
    (each.beganAt ?? Infinity) >= from || isInProgress(each);
  const newestFirst = before.imports.toSorted((a, b) => (b.beganAt ?? 0) - (a.beganAt ?? 0));
  const mistakable = newestFirst.filter(isMistakable);
  const imports = [...mistakable, ...newestFirst.filter((each) => !isMistakable(each))]
    .slice(0, atMost)
    .map((each) => ({ ...each, since: undefined }));
  const isIncomplete = before.isIncomplete || mistakable.length > imports.length;
  return { ...creation, before: { ...before, imports, isIncomplete } };
}

/** The first transition and the newest. */
function shortHistory({ transitions }: NonNullable<Case['read']>, { transitions: atMost }: Limits) {
  const [first, ...later] = transitions;
  return { transitions: first === undefined ? [] : [first, ...later.slice(1 - atMost)] };
}
