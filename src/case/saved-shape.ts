import type { Case, Created, Deletion, FinalStatus, Found, Given } from './case.ts';
import type { Creation, Listed } from './creation.ts';
import type { Cause, Ending, Trouble } from './ending.ts';
import type { BriefList, Import, Transition } from './import.ts';
import { DATE, fields, FLAG, kinds, list, maybe, NOTHING, NUMBER, one, TEXT } from './json.ts';

/**
 * The shape of a saved case: a post step must not end over what only looks like one. Each field of
 * each type stands here once, and the compiler asks for one that is new.
 */

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

type CauseOf<K extends Cause['kind']> = Extract<Cause, { readonly kind: K }>;

const CAUSE = kinds<Cause, 'kind'>('kind', {
  api: fields<CauseOf<'api'>>({ kind: one('api'), trouble: TROUBLE }),
  'not-created': fields<CauseOf<'not-created'>>({ kind: one('not-created'), trouble: TROUBLE }),
  several: fields<CauseOf<'several'>>({ kind: one('several'), found: BRIEFS }),
  none: fields<CauseOf<'none'>>({ kind: one('none'), found: BRIEFS }),
  unknown: fields<CauseOf<'unknown'>>({ kind: one('unknown'), found: BRIEFS, trouble: TROUBLE }),
  busy: fields<CauseOf<'busy'>>({ kind: one('busy'), found: BRIEFS }),
  'ended-early': fields<CauseOf<'ended-early'>>({ kind: one('ended-early') }),
  missing: fields<CauseOf<'missing'>>({ kind: one('missing') }),
  ambiguous: fields<CauseOf<'ambiguous'>>({ kind: one('ambiguous') }),
  unsaved: fields<CauseOf<'unsaved'>>({ kind: one('unsaved') }),
  defect: fields<CauseOf<'defect'>>({ kind: one('defect'), trouble: TROUBLE })
});

type EndingOf<K extends Ending['kind']> = Extract<Ending, { readonly kind: K }>;

const ENDING = kinds<Ending, 'kind'>('kind', {
  'timed-out': fields<EndingOf<'timed-out'>>({
    kind: one('timed-out'),
    timeoutMs: NUMBER,
    trouble: maybe(TROUBLE)
  }),
  stalled: fields<EndingOf<'stalled'>>({ kind: one('stalled'), stalledMs: NUMBER }),
  interrupted: fields<EndingOf<'interrupted'>>({ kind: one('interrupted'), by: TEXT }),
  unreachable: fields<EndingOf<'unreachable'>>({
    kind: one('unreachable'),
    outageMs: NUMBER,
    trouble: TROUBLE,
    wasRefused: FLAG
  }),
  error: fields<EndingOf<'error'>>({ kind: one('error'), cause: CAUSE })
});

type DeletionOf<K extends Deletion['kind']> = Extract<Deletion, { readonly kind: K }>;

/** Without what does not survive a process. */
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
  deletion: maybe(
    kinds<Deletion, 'kind'>('kind', {
      asked: fields<DeletionOf<'asked'>>({ kind: one('asked') }),
      deleted: fields<DeletionOf<'deleted'>>({ kind: one('deleted') }),
      failed: fields<DeletionOf<'failed'>>({
        kind: one('failed'),
        isSure: FLAG,
        trouble: TROUBLE
      })
    })
  ),
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

const LISTED = { id: TEXT, state: TEXT, since: maybe(DATE), beganAt: maybe(NUMBER) };

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
  newcomers: list(
    fields<Creation['newcomers'][number]>({ ...LISTED, isSure: FLAG, shownAt: maybe(NUMBER) })
  ),
  leftOut: maybe(NUMBER),
  closesAt: maybe(NUMBER),
  isClosed: FLAG,
  isClockLost: FLAG,
  isAmbiguous: FLAG
});

/** Whether a value is a case as it is saved. */
export const CASE = kinds<Case, 'origin'>('origin', {
  given: fields<Given>({ ...KNOWN, origin: one('given'), id: TEXT }),
  found: fields<Found>({
    ...KNOWN,
    origin: one('found'),
    isAdopted: FLAG,
    id: maybe(TEXT),
    isOurs: FLAG,
    dueAt: maybe(NUMBER),
    listedAt: maybe(NUMBER)
  }),
  created: fields<Created>({
    ...KNOWN,
    origin: one('created'),
    id: maybe(TEXT),
    isOurs: FLAG,
    creation: maybe(CREATION)
  })
});
