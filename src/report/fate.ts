import { type Case, creationOf, mayBeCancelled } from '../case/case.ts';
import {
  candidatesOf,
  type Creation,
  hasAccepted,
  type Listed,
  othersOf
} from '../case/creation.ts';
import { isInProgress } from '../case/import.ts';
import {
  isInterrupted,
  isKnownWhich,
  isMissing,
  lacksList,
  type NotNeeded
} from '../case/verdict.ts';
import { worst } from '../diagnosis/finding.ts';
import { cancelOrLook, CHECK_IDS, CREATE_AGAIN, LIST, recordOf } from './advice.ts';
import {
  hasCause,
  inSentence,
  listInWords,
  NAMED_AT_MOST,
  NOTHING,
  type Parts,
  type Report,
  type Said,
  subjectOf
} from './report.ts';
import type { Trouble } from '../case/import-api.ts';

/** What became of the import, in words, and what else may be this step's. */
export function fateOf(report: Report): Said {
  const fate = { ...NOTHING, ...fateOfOwn(report) };
  return { ...fate, happened: [...fate.happened, ...lateArrivals(report.case)] };
}

function fateOfOwn(report: Report): Parts {
  const { case: c, verdict } = report;
  const { outcome, cancellation } = verdict;
  if (outcome.kind === 'failed') return recordOf(report);
  if (outcome.kind === 'reached' || outcome.kind === 'cancelled') return {};
  switch (cancellation.kind) {
    case 'not-needed':
      return WHY_NOT_NEEDED[cancellation.why](report);
    case 'skipped':
      return leftRunning(report);
    case 'confirmed':
      return cancelledByUs(report);
    case 'requested':
      return mayRun(report, 'Ops Manager accepted its cancellation, but has not confirmed it yet');
    case 'refused':
      return mayRun(report, 'Ops Manager refused to cancel it', cancellation.trouble);
    case 'failed':
      return c.id === undefined || !isKnownWhich(c)
        ? notKnownWhich(report)
        : mayRun(report, whyNotCancelled(report, cancellation.trouble), cancellation.trouble);
  }
}

function cancelledByUs(report: Report): Parts {
  const finding = worst(report.findings);
  // What is broken does not mend itself in a longer time.
  const isSlow = finding === undefined || finding.kind === 'behind' || finding.kind === 'waiting';
  const subject = subjectOf(report);
  // Where every call was refused, nobody knows who cancelled it.
  const sentence = mayBeCancelled(report.case)
    ? `This action cancelled ${inSentence(subject)}, and Ops Manager confirmed it.`
    : `${subject} is CANCELLED, though Ops Manager refused this action’s call.`;
  return {
    short: 'import cancelled',
    whole: [sentence],
    advice: [
      report.verdict.outcome.kind === 'timed-out' && isSlow
        ? 'Create the import again if it is still wanted; if it only needs longer, raise timeout.'
        : CREATE_AGAIN
    ]
  };
}

/** As the user chose. */
function leftRunning(report: Report): Parts {
  const { case: c } = report;
  const policy = isInterrupted(c) ? 'cancel-on-interrupt' : 'cancel-on-timeout';
  const chosen = `as ${policy} is false`;
  const creation = creationOf(c);
  if (creation && !isKnownWhich(c))
    return oneOfSeveral(report, creation, `None was cancelled, ${chosen}.`);
  if (c.id === undefined) {
    return {
      short: 'an import may be left running',
      whole: [`Nothing was cancelled, ${chosen}.`],
      happened: [`${whatOfCall(creation)}.`, whatItMet(report), ...othersIn(c)],
      byHand: [LIST]
    };
  }
  if (isMissing(c)) {
    return {
      short: 'import not cancelled',
      whole: [`The import was not cancelled, ${chosen}.`],
      happened: [
        hasCause(report, 'missing')
          ? 'It may have been deleted.'
          : 'Ops Manager does not find it: it may have been deleted.'
      ],
      byHand: [cancelOrLook(c.id)]
    };
  }
  return {
    short: 'import left running',
    whole: [`The import was left running, ${chosen}.`],
    advice: [`Wait for it with request-id: ${c.id}.`],
    byHand: [{ call: 'cancel', ids: [c.id], purpose: 'Cancel the import if it is not wanted' }]
  };
}

function oneOfSeveral(report: Report, creation: Creation, sentence: string): Parts {
  const candidates = candidatesOf(creation);
  if (candidates.length === 0) return noneOfThose(report, creation, sentence);
  const count = candidates.length + (creation.leftOut ?? 0);
  const all = listInWords({ imports: candidates, count });
  const several = `${count === 1 ? 'This import' : `${count} imports`} may be this step’s`;
  const isTitle = hasCause(report, 'ambiguous');
  const running = candidates.filter(isInProgress);
  const ended = candidates.length - running.length;
  const happened = [sentence, ...repeatedCalls(creation)];
  const said = { happened, advice: ['Wait for the right one with request-id.'] };
  if (ended === count) {
    const short = isTitle ? 'all have ended' : 'several imports may be this step’s';
    return { ...said, short, whole: [`${several}; no longer in progress: ${all}.`] };
  }
  const ids = running.slice(0, NAMED_AT_MOST).map(({ id }) => id);
  const cancelThem = { call: 'cancel', ids, purpose: 'Cancel what is not wanted' } as const;
  const some = ended === 0 ? 'all may still be running' : 'some may still be running';
  return {
    ...said,
    short: isTitle ? some : 'several imports may still be running',
    alarm: `${several}${ended === 0 ? ' and' : '; those in progress'} may still be running: ${all}.`,
    byHand: count - ended > ids.length ? [cancelThem, LIST] : [cancelThem]
  };
}

/** What was asked to be cancelled is none of this step's, as a read said only then. */
function noneOfThose(report: Report, creation: Creation, sentence: string): Parts {
  const what = `${subjectOf(report)} was asked to be cancelled before a read dated it`;
  const isChosen = report.verdict.cancellation.kind === 'skipped';
  return {
    short: 'import may still be running',
    alarm: `An import of this step may be running: ${inSentence(whatOfCall(creation))}.`,
    happened: [
      `${what}: by its date it is none of this step’s.`,
      ...(isChosen ? [sentence] : []),
      ...othersIn(report.case)
    ],
    byHand: [LIST]
  };
}

/** The import that is known, and why it may be running. */
function mayRun(report: Report, why: string, trouble?: Trouble): Parts {
  const { id } = report.case;
  return {
    short: 'import may still be running',
    alarm: `${subjectOf(report)} may still be running: ${why}.`,
    alarmCause: trouble?.happened ?? '',
    byHand: [cancelOrLook(id)]
  };
}

function whyNotCancelled({ case: c, terms }: Report, trouble: Trouble | undefined): string {
  if (trouble) return 'it could not be cancelled';
  if (c.missing) return 'Ops Manager did not find it, so it could not be cancelled';
  if (lacksList(c, terms))
    return `it is in ${c.read?.state ?? terms.goal}, but no list confirmed that it is this step’s, so it was not cancelled`;
  return c.cancel.isOpen
    ? 'it is not known whether its cancellation arrived'
    : 'it was not cancelled';
}

/** What a create call may have left behind. */
function notKnownWhich(report: Report): Parts {
  const { case: c } = report;
  const creation = creationOf(c);
  if (creation && !isKnownWhich(c)) {
    const why = 'Ops Manager does not say which one this step created, so none was cancelled.';
    return oneOfSeveral(report, creation, why);
  }
  return {
    short: 'import may still be running',
    alarm: `An import of this step may be running: ${inSentence(whatOfCall(creation))}.`,
    alarmCause: whatItMet(report),
    happened: othersIn(c),
    advice: othersIn(c).length > 0 ? [CLOCKS_MAY_DIFFER] : [],
    byHand: [LIST]
  };
}

/** What is new in the list, and was begun at another time than this step's own by its date. */
function othersIn(c: Case): readonly string[] {
  const creation = creationOf(c);
  return creation ? newInList(othersOf(creation)) : [];
}

/** Dates exclude, and such clocks deceive. */
const CLOCKS_MAY_DIFFER =
  'Where Ops Manager’s clocks, or that of a proxy in front of it, differ by more than a minute, it may be this step’s all the same.';

/** What is known of the create calls of an import that is not known. */
function whatOfCall(creation: Creation | undefined): string {
  if (!creation) return 'It is not known whether an import was created';
  if (!hasAccepted(creation)) return 'It is not known whether a create call arrived';
  return othersOf(creation).length > 0
    ? 'Ops Manager accepted the new import, but listed none that began then by its date'
    : 'Ops Manager accepted the new import, but no list has shown it';
}

/** What the last create call met that was lost; nothing where that ended the step, and is said so. */
function whatItMet({ case: c, verdict: { outcome } }: Report): string {
  const lost = creationOf(c)?.lost;
  const isSaid = outcome.kind === 'timed-out' && outcome.trouble?.happened === lost?.happened;
  return isSaid ? '' : (lost?.happened ?? '');
}

/** What became of an import that did not have to be cancelled, or of none. */
const WHY_NOT_NEEDED: Readonly<Record<NotNeeded, (report: Report) => Parts>> = {
  ended: () => ({}),
  several: () => ({}),
  'not-confirmed': (report) => {
    const state = report.case.read?.state ?? '';
    return {
      short: `import in ${state}, but not confirmed`,
      whole: [`${subjectOf(report)} is in ${state}, but no list confirmed that it is this step’s.`],
      advice: [`If it is the right one, wait for it with request-id: ${report.case.id ?? ''}.`]
    };
  },
  gone,
  'never-read': (report) => {
    const isUnknown = hasCause(report, 'unknown');
    const sentence = `${subjectOf(report)} was not cancelled: this step had never read it.`;
    return isUnknown ? {} : { happened: [sentence] };
  },
  'not-ours-yet': notOurs,
  'not-found': notFound,
  'nothing-created': () => ({ short: 'nothing was created', whole: ['Nothing was created.'] }),
  'none-appeared': (report) => ({
    short: 'no import appeared',
    happened: [
      creationOf(report.case)?.lost
        ? 'The create call had no good answer.'
        : 'What came of the create call is not known.',
      whatItMet(report),
      'Lists were read for its import, and none appeared within 30 s.'
    ],
    advice: [CREATE_AGAIN]
  }),
  'none-in-progress': () => ({
    short: 'no import in progress',
    whole: ['No import is in progress in the project.']
  })
};

/** One that was found, but had not been shown to be the one. */
function notOurs(report: Report): Parts {
  const { case: c } = report;
  if (hasCause(report, 'ended-early'))
    return c.origin === 'found' && c.isAdopted ? WHY_NOT_NEEDED['nothing-created'](report) : {};
  return {
    short: 'import not cancelled',
    whole: [
      `${subjectOf(report)} was not cancelled: it was not certain yet that it is the one to wait for.`
    ],
    advice: [`If it is the right one, wait for it with request-id: ${c.id ?? ''}.`]
  };
}

function notFound({ verdict: { outcome } }: Report): Parts {
  if (outcome.kind === 'timed-out') {
    const advice = ['Create the import first, or check project-id.'];
    return { short: 'no import found', advice: outcome.trouble ? [] : advice };
  }
  if (outcome.kind === 'error')
    return outcome.cause.kind === 'api' || outcome.cause.kind === 'defect'
      ? { happened: ['No import was cancelled: this step had not found one yet.'] }
      : {};
  return {
    short: 'no import had been found',
    whole: ['No import had been found yet, so none was cancelled.']
  };
}

function gone(report: Report): Parts {
  const subject = inSentence(subjectOf(report));
  const unknown = [`Ops Manager does not know ${subject}.`];
  if (!report.case.read) return { short: 'import not found', whole: unknown, advice: [CHECK_IDS] };
  if (report.verdict.outcome.kind === 'error') return {};
  return {
    short: 'import was deleted',
    whole: [`Ops Manager no longer knows ${subject}.`],
    advice: ['Ask who deleted it.', CREATE_AGAIN]
  };
}

/** What runs beside the step's own import may come of an earlier call whose answer was lost. */
export function lateArrivals(c: Case): readonly string[] {
  const creation = creationOf(c);
  const wasLost = creation?.calls.some(({ end }) => end === 'lost') === true;
  if (!wasLost || c.id === undefined || !isKnownWhich(c)) return [];
  return newInList(othersOf(creation).filter(isInProgress));
}

/** Why several imports may all be this step's, and not somebody else's. */
function repeatedCalls({ calls, lost }: Creation): readonly string[] {
  const made = calls.filter(({ end }) => end !== 'refused').length;
  if (made < 2) return [];
  const why = `This step sent ${made} create calls, as one had no good answer: more than one of these may be its own.`;
  return [why, ...(lost ? [lost.happened] : [])];
}

/** Imports that are new in the list; one sentence, or none. */
function newInList(imports: readonly Listed[]): readonly string[] {
  if (imports.length === 0) return [];
  const named = listInWords({ imports, count: imports.length });
  return [`New in the list, but by date begun at another time: ${named}.`];
}
