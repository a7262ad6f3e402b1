import { forgotten, opened, type Case } from './case.ts';
import { pruned } from './creation.ts';
import type { Cause, Ending, Trouble } from './ending.ts';
import type { Import } from './import.ts';
import { isRecord } from './json.ts';
import { isSettled, type Terms } from './verdict.ts';

/**
 * The case on its way to the post step, as one line of JSON of at most 16 KiB: the runner hands it
 * over in one environment variable. No reply and no findings; of histories and lists what counts.
 */
export const SAVED_CASE_BYTES = 16 * 1024;
const VERSION = 1;

interface Limits {
  readonly textCharacters: number;
  readonly transitions: number;
  readonly requestsBefore: number;
  readonly calls: number;
}

const AMPLE: Limits = { textCharacters: 400, transitions: 20, requestsBefore: 60, calls: 12 };
const TIGHT: Limits = { textCharacters: 50, transitions: 4, requestsBefore: 40, calls: 6 };

interface Saved {
  readonly version: number;
  /** What the post step's door looks at before it loads anything. */
  readonly isSettled: boolean;
  readonly case?: Case;
}

/** The case as it is saved. */
export function saved(c: Case, terms: Terms): string {
  const write = (limits: Limits): string => {
    const data: Saved = {
      version: VERSION,
      isSettled: isSettled(c, terms),
      case: withinLimits(c, limits)
    };
    return JSON.stringify(data);
  };
  const text = write(AMPLE);
  return Buffer.byteLength(text) <= SAVED_CASE_BYTES ? text : write(TIGHT);
}

/** What a main step saves that ended before it had a case: nothing is left to do. */
export function savedWithoutCase(): string {
  const data: Saved = { version: VERSION, isSettled: true };
  return JSON.stringify(data);
}

/**
 * The case that a main step saved, to be gone on with at `at` by the holder's clock; undefined when
 * the text is not one, as after a write that was cut.
 */
export function restored(text: string, at: number): Case | undefined {
  const c = parse(text)?.case;
  if (!isCase(c)) return undefined;
  // A call that was under way at the kill was sent, and nobody heard the answer.
  const cancel = c.cancel.isOpen ? { ...c.cancel, isOpen: false, isUnanswered: true } : c.cancel;
  return {
    ...c,
    cancel,
    // Clocks do not survive a process.
    missing: c.missing && { ...c.missing, since: at - c.missing.until, until: at },
    quiet: { ms: 0, lastAt: undefined },
    resumedAt: at
  };
}

/**
 * The case that a post step goes on with at `at`: the one that was saved, or what is known where
 * none was (`text` is empty: nothing was created), or where the saved one cannot be read.
 */
export function resumed(
  text: string,
  target:
    { readonly kind: 'given'; readonly id: string } | { readonly kind: 'discover' | 'create' },
  at: number
): Case {
  const kept = restored(text, at);
  if (kept) return kept;
  const first = text === '' ? opened : forgotten;
  if (target.kind === 'given') return first('given', target.id);
  return first(target.kind === 'create' ? 'created' : 'discovered');
}

/** Whether it has what every case has: the post step must not end over what only looks like one. */
function isCase(value: unknown): value is Case {
  if (!isRecord(value)) return false;
  const { origin, cancel, quiet, read, creation } = value;
  const isReadable = read === undefined || (isRecord(read) && Array.isArray(read['transitions']));
  const isWhole =
    creation === undefined ||
    (isRecord(creation) &&
      isRecord(creation['before']) &&
      Array.isArray(creation['before']['requests']) &&
      Array.isArray(creation['calls']) &&
      Array.isArray(creation['newcomers']));
  return typeof origin === 'string' && isRecord(cancel) && isRecord(quiet) && isReadable && isWhole;
}

function parse(text: string): { readonly case?: unknown } | undefined {
  try {
    const data = JSON.parse(text) as Partial<Saved> | null;
    return data?.version === VERSION ? data : undefined;
  } catch {
    return undefined;
  }
}

/** What is worth saving; two cases that are alike in it say the same. */
function withinLimits(c: Case, limits: Limits): Case {
  const short = shortener(limits.textCharacters);
  const { cancel, creation, deletion, ending, missing } = c;
  return {
    ...c,
    read: c.read && slim(c.read, limits.transitions),
    creation: creation && {
      ...pruned(creation, limits.requestsBefore),
      calls: creation.calls.slice(-limits.calls)
    },
    cancel: {
      ...cancel,
      refusal: cancel.refusal && short(cancel.refusal),
      failure: cancel.failure && short(cancel.failure)
    },
    missing: missing && { ...missing, since: 0, until: missing.until - missing.since },
    quiet: { ms: c.quiet.ms, lastAt: undefined },
    clockOffsetMs: undefined,
    resumedAt: undefined,
    ending: ending && shortEnding(ending, short),
    deletion:
      deletion?.kind === 'failed' ? { kind: 'failed', trouble: short(deletion.trouble) } : deletion
  };
}

function slim(request: Import, atMost: number): Import {
  const [first, ...later] = request.transitions;
  const transitions = first === undefined ? [] : [first, ...later.slice(1 - atMost)];
  return { ...request, transitions, readAt: undefined, reply: '' };
}

function shortEnding(ending: Ending, short: (trouble: Trouble) => Trouble): Ending {
  switch (ending.kind) {
    case 'timed-out':
      return ending.trouble ? { ...ending, trouble: short(ending.trouble) } : ending;
    case 'unreachable':
      return { ...ending, trouble: short(ending.trouble) };
    case 'error':
      return { ...ending, cause: shortCause(ending.cause, short) };
    case 'stalled':
    case 'interrupted':
      return ending;
  }
}

function shortCause(cause: Cause, short: (trouble: Trouble) => Trouble): Cause {
  return 'trouble' in cause ? { ...cause, trouble: short(cause.trouble) } : cause;
}

function shortener(characters: number) {
  return ({ title, happened, advice }: Trouble): Trouble => ({
    title: title.slice(0, characters),
    happened: happened.slice(0, characters),
    advice: advice.slice(0, characters)
  });
}
