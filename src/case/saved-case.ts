import {
  type Case,
  type Cause,
  type Deletion,
  type Ending,
  type FinalStatus,
  inDoubtAgain,
  NOT_QUIET
} from './case.ts';
import { type Creation, type CreationLimits, type Listed, pruned } from './creation.ts';
import type { BriefList, Import, Transition } from './import.ts';
import {
  DATE,
  fields,
  FLAG,
  isRecord,
  type Json,
  kinds,
  list,
  maybe,
  NOTHING,
  NUMBER,
  one,
  TEXT
} from './json.ts';
import { isMissing, isSettled, type Terms } from './verdict.ts';
import type { Trouble } from './import-api.ts';

/**
 * The case on its way to the post step, as one line of JSON of at most 16 KiB: the runner hands it
 * over in one environment variable. No reply and no findings; of histories and lists what counts.
 */
const SAVED_CASE_BYTES = 16 * 1024;
const VERSION = 2;

/** What a main step has handed over. */
interface Handover {
  /** Undefined where it ended before it had a case. */
  readonly case: Case | undefined;
  readonly context: Json | undefined;
}

interface Limits extends CreationLimits {
  readonly textCharacters: number;
  readonly transitions: number;
}

const LIMITS: readonly Limits[] = [
  { textCharacters: 400, transitions: 20, importsBefore: 60, newcomers: 20, calls: 12 },
  { textCharacters: 100, transitions: 6, importsBefore: 30, newcomers: 20, calls: 6 },
  { textCharacters: 60, transitions: 3, importsBefore: 5, newcomers: 8, calls: 3 }
];

/**
 * The case as it is saved. `context` is what the doors hand over beside it; it is theirs, and neither
 * read nor cut here.
 */
export function saved(c: Case, terms: Terms, context?: Json): string {
  const head = JSON.stringify({ version: VERSION, isSettled: isSettled(c, terms), context });
  for (const limits of LIMITS) {
    const kept = JSON.stringify(withinLimits(c, limits), shortening(limits));
    const text = `${head.slice(0, -1)},"case":${kept}}`;
    if (Buffer.byteLength(text) <= SAVED_CASE_BYTES) return text;
  }
  throw new Error('A case cannot be saved: what the doors hand over beside it is too long');
}

/** What a main step saves that ended before it had a case: nothing is left to do but what `context` says. */
export function savedWithoutCase(context?: Json): string {
  return JSON.stringify({ version: VERSION, isSettled: context === undefined, context });
}

/** Texts are cut wherever they stand, so that a new kind of them is bounded by itself. */
function shortening({ textCharacters }: Limits) {
  return (_key: string, value: unknown): unknown =>
    typeof value === 'string' ? value.slice(0, textCharacters) : value;
}

/** What is worth saving; two cases that are alike in it say the same. No clock survives its process. */
function withinLimits(c: Case, limits: Limits): Case {
  const { missing, read } = c;
  const known = {
    read: read && shortRead(read, limits),
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

/** Of the history the first transition and the newest. */
function shortRead(read: Import, { transitions: atMost }: Limits): Import {
  const [first, ...later] = read.transitions;
  const transitions = first === undefined ? [] : [first, ...later.slice(1 - atMost)];
  return { ...read, transitions, readAt: undefined, said: undefined, reply: '' };
}

function shortCreation(creation: Creation, limits: Limits): Creation {
  const short = pruned(creation, limits);
  const before = { ...short.before, askedAt: undefined };
  // What came late a post step lists anew.
  return { ...short, before, late: [], openSince: undefined, closesAt: undefined };
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

function parse(text: string): Json | undefined {
  try {
    const data: unknown = JSON.parse(text);
    return isRecord(data) ? data : undefined;
  } catch {
    return undefined;
  }
}

/** A call that was under way at the kill was sent, and nobody heard the answer. */
function goneOnWith(c: Case, at: number): Case {
  const cancel = c.cancel.isOpen ? { ...c.cancel, isOpen: false, isUnanswered: true } : c.cancel;
  // A minute that is not over begins anew.
  const missing =
    c.missing && isMissing(c)
      ? { ...c.missing, since: at - (c.missing.until - c.missing.since), until: at }
      : undefined;
  return {
    ...(c.isFinished ? c : inDoubtAgain(c)),
    cancel,
    missing,
    quiet: NOT_QUIET,
    resumed: { at, answeredAt: undefined, isForgotten: false, inProgress: undefined }
  };
}

// The shape of a saved case: a post step must not end over what only looks like one. Each field of
// each type stands here once, and the compiler asks for one that is new.

const TROUBLE = fields<Trouble>({ title: TEXT, happened: TEXT, advice: TEXT });
const BRIEFS = fields<BriefList>({
  imports: list(
    fields<BriefList['imports'][number]>({ id: TEXT, state: TEXT, since: maybe(TEXT) })
  ),
  count: NUMBER
});
const READ = fields<Import>({
  id: TEXT,
  state: TEXT,
  transitions: list(fields<Transition>({ state: TEXT, transitionedAt: DATE })),
  hasGaps: maybe((value): value is true => value === true),
  stoodIn: maybe(TEXT),
  readAt: maybe(DATE),
  said: NOTHING,
  reply: TEXT
});

const CAUSE = kinds<Cause, 'kind'>('kind', {
  api: { trouble: TROUBLE },
  'not-created': { trouble: TROUBLE },
  several: { found: BRIEFS },
  none: { found: BRIEFS },
  unknown: { found: BRIEFS, trouble: TROUBLE },
  busy: { found: BRIEFS },
  'ended-early': {},
  missing: {},
  ambiguous: {},
  unsaved: {},
  defect: { trouble: TROUBLE }
});
const ENDING = kinds<Ending, 'kind'>('kind', {
  'timed-out': { timeoutMs: NUMBER, trouble: maybe(TROUBLE) },
  stalled: { stalledMs: NUMBER },
  interrupted: { by: TEXT },
  unreachable: { outageMs: NUMBER, trouble: TROUBLE, wasRefused: FLAG },
  error: { cause: CAUSE }
});
const DELETION = kinds<Deletion, 'kind'>('kind', {
  asked: {},
  deleted: {},
  failed: { isSure: FLAG, trouble: TROUBLE }
});

const LISTED = { id: TEXT, state: TEXT, since: maybe(DATE), beganAt: maybe(NUMBER) };
const NEWCOMER = fields<Creation['newcomers'][number]>({
  ...LISTED,
  isSure: FLAG,
  shownAt: maybe(NUMBER)
});

const CREATION = fields<Creation>({
  before: fields<Creation['before']>({
    imports: list(fields<Listed>(LISTED)),
    count: NUMBER,
    at: maybe(NUMBER),
    askedAt: maybe(NUMBER),
    isIncomplete: FLAG
  }),
  calls: list(
    fields<Creation['calls'][number]>({
      end: one('open', 'accepted', 'refused', 'lost'),
      sentAt: maybe(NUMBER),
      endedAt: maybe(NUMBER),
      limitMs: NUMBER
    })
  ),
  lost: maybe(TROUBLE),
  openSince: maybe(NUMBER),
  newcomers: list(NEWCOMER),
  late: list(list(NEWCOMER)),
  leftOut: maybe(NUMBER),
  closesAt: maybe(NUMBER),
  isClosed: FLAG,
  isClockLost: FLAG,
  isAmbiguous: FLAG
});

const KNOWN = {
  read: maybe(READ),
  firstState: maybe(TEXT),
  hadGoodAnswer: FLAG,
  cancel: fields<Case['cancel']>({
    isOpen: FLAG,
    isUnanswered: FLAG,
    isAccepted: FLAG,
    refusal: maybe(TROUBLE),
    failure: maybe(TROUBLE)
  }),
  missing: maybe(
    fields<NonNullable<Case['missing']>>({
      since: NUMBER,
      until: NUMBER,
      wasAsked: FLAG,
      isUnlisted: FLAG
    })
  ),
  quiet: fields<Case['quiet']>({ ms: NUMBER, lastAt: maybe(NUMBER) }),
  ending: maybe(ENDING),
  deletion: maybe(DELETION),
  status: maybe(
    fields<FinalStatus>({
      state: one('success', 'failure', 'error'),
      description: TEXT,
      isDelivered: FLAG
    })
  ),
  isFinished: FLAG,
  resumed: NOTHING
};
/** Whether a value is a case as it is saved. */
const CASE = kinds<Case, 'origin'>('origin', {
  given: { ...KNOWN, id: TEXT },
  found: {
    ...KNOWN,
    isAdopted: FLAG,
    id: maybe(TEXT),
    isOurs: FLAG,
    dueAt: maybe(NUMBER),
    listedAt: maybe(NUMBER)
  },
  created: { ...KNOWN, id: maybe(TEXT), isOurs: FLAG, creation: maybe(CREATION) }
});
