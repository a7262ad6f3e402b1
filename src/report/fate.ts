import type { Case } from '../import/case.ts';
import { find, hasAccepted, mayHaveCreated, type Creation } from '../import/creation.ts';
import type { Trouble } from '../import/ending.ts';
import {
  isAmbiguous,
  isGone,
  isMissing,
  mayBeRunning,
  needsConfirmation
} from '../import/verdict.ts';
import { listInWords } from './cause.ts';
import type { Report } from './report.ts';
import { subjectOf } from './subject.ts';

/** What became of the import when the step ended. */
export interface Fate {
  /** For titles; empty when the outcome says it. */
  readonly short: string;
  /** One sentence, when an import may still be running. */
  readonly alarm: string;
  /** Sentences otherwise. */
  readonly sentences: readonly string[];
  /** What to do about it. */
  readonly advice: readonly string[];
}

const NONE: Fate = { short: '', alarm: '', sentences: [], advice: [] };
const MAY_RUN = 'import may still be running';

/** What became of the import, in words. */
export function fateOf(report: Report): Fate {
  const { case: c, verdict } = report;
  const { cancellation, outcome } = verdict;
  if (outcome.kind === 'failed') return ofFailed(report);
  if (outcome.kind === 'reached' || outcome.kind === 'cancelled') return NONE;
  switch (cancellation.kind) {
    case 'not-needed':
      return notNeeded(report);
    case 'skipped':
      return leftRunning(report);
    case 'confirmed':
      return cancelledByUs(report);
    case 'requested':
      return mayRun(report, 'Ops Manager accepted its cancellation, but has not confirmed it yet');
    case 'refused':
      return mayRun(report, 'Ops Manager refused to cancel it', cancellation.trouble);
    case 'failed':
      return c.id === undefined || isAmbiguous(c)
        ? notKnownWhich(report)
        : mayRun(report, whyNotCancelled(report, cancellation.trouble), cancellation.trouble);
  }
}

/** A failed import is over; what remains is its record. */
function ofFailed({ verdict: { cleanup } }: Report): Fate {
  const again = ['When that is put right, create the import again.'];
  switch (cleanup.kind) {
    case 'deleted': {
      const sentence =
        'Its request was deleted, so that Ops Manager cleans up what was partly imported.';
      return { ...NONE, short: 'request deleted', sentences: [sentence], advice: again };
    }
    case 'failed':
      return { ...NONE, short: 'request not deleted', advice: again };
    case 'skipped':
    case 'not-needed':
      return { ...NONE, sentences: ['Its request remains in Ops Manager.'], advice: again };
  }
}

function notNeeded(report: Report): Fate {
  const { case: c, verdict, request } = report;
  const isError = verdict.outcome.kind === 'error';
  if (isGone(c) && c.read)
    return isError
      ? NONE
      : { ...NONE, short: 'import was deleted', sentences: ['Ops Manager no longer knows it.'] };
  if (c.discovery?.others)
    return {
      ...NONE,
      short: isError ? '' : 'no import cancelled',
      sentences: ['None of them was cancelled.']
    };
  if (c.read?.state === 'SUCCESS') return notConfirmed(c);
  if (c.id !== undefined)
    return c.read
      ? NONE
      : { ...NONE, sentences: ['It was not cancelled: this step had never read it.'] };
  if (c.creation && mayHaveCreated(c.creation) && !mayBeRunning(c)) {
    const sentence =
      'The create call was not answered. Lists were read for its import, and none appeared within 30 s.';
    return { ...NONE, short: 'no import appeared', sentences: [sentence] };
  }
  if (request !== undefined)
    return { ...NONE, short: 'nothing was created', sentences: ['Nothing was created.'] };
  return notFound(report);
}

function notFound({ case: c, verdict: { outcome } }: Report): Fate {
  if (c.origin !== 'discovered' || outcome.kind === 'timed-out') return NONE;
  if (outcome.kind === 'error')
    return outcome.cause.kind === 'api' || outcome.cause.kind === 'defect'
      ? { ...NONE, sentences: ['No import was cancelled: this step had not found one yet.'] }
      : NONE;
  const sentence = 'No import had been found yet, so none was cancelled.';
  return { ...NONE, short: 'no import had been found', sentences: [sentence] };
}

/** It is in SUCCESS, but whose it is was never confirmed. */
function notConfirmed({ id }: Case): Fate {
  return {
    ...NONE,
    short: 'import in SUCCESS, but not confirmed',
    sentences: ['It is in SUCCESS, but no list confirmed that it is this step’s.'],
    advice: [`If it is the right one, wait for it with request-id: ${id ?? ''}.`]
  };
}

function cancelledByUs({ verdict: { outcome } }: Report): Fate {
  const isTimeout = outcome.kind === 'timed-out';
  return {
    ...NONE,
    short: 'import cancelled',
    sentences: ['This action cancelled the import, and Ops Manager confirmed it.'],
    advice: [
      isTimeout
        ? 'Create the import again if it is still wanted; if it only needs longer, raise timeout.'
        : 'Create the import again if it is still wanted.'
    ]
  };
}

function leftRunning(report: Report): Fate {
  const { case: c } = report;
  const policy = `as ${policyOf(report)} is false`;
  if (c.creation && isAmbiguous(c))
    return oneOfSeveral(report, c.creation, `None was cancelled, ${policy}.`);
  if (c.id === undefined) {
    return {
      ...NONE,
      short: 'an import may be left running',
      sentences: [
        `${c.creation ? whatOfCall(c.creation) : 'It is not known whether an import was created'}; nothing was cancelled, ${policy}.`,
        ...outsidersOf(c)
      ],
      advice: ['Look for it in Ops Manager.']
    };
  }
  if (isMissing(c)) {
    return {
      ...NONE,
      short: 'import not cancelled',
      sentences: [`It was not cancelled, ${policy}.`],
      advice: ['Look for it in Ops Manager: it may have been deleted.']
    };
  }
  return {
    ...NONE,
    short: 'import left running',
    sentences: [`The import was left running, ${policy}.`],
    advice: [`Wait for it with request-id: ${c.id}.`]
  };
}

function policyOf({ case: { ending } }: Report): string {
  const isInterrupt = ending === undefined || ending.kind === 'interrupted';
  return isInterrupt ? 'cancel-on-interrupt' : 'cancel-on-timeout';
}

function oneOfSeveral(report: Report, creation: Creation, sentence: string): Fate {
  const { candidates } = find(creation);
  const all = listInWords({ imports: candidates, count: candidates.length });
  const several = candidates.length === 1 ? 'This import' : `${candidates.length} imports`;
  const { outcome } = report.verdict;
  const isTitle = outcome.kind === 'error' && outcome.cause.kind === 'ambiguous';
  return {
    ...NONE,
    short: isTitle ? 'they may still be running' : 'several imports may still be running',
    alarm: `${several} may be this step’s and may still be running: ${all}.`,
    sentences: [sentence],
    advice: [
      'Look at them in Ops Manager, and cancel what is not wanted.',
      'Wait for the right one with request-id.'
    ]
  };
}

/** The import that is known, and why it may be running. */
function mayRun(report: Report, why: string, trouble?: Trouble): Fate {
  const which = report.case.id === undefined ? 'the import' : `import ${report.case.id}`;
  return {
    short: MAY_RUN,
    alarm: `${subjectOf(report)} may still be running: ${why}.`,
    sentences: trouble ? [trouble.happened] : [],
    advice: [
      `Look at ${which} in Ops Manager, and cancel it there if it still runs and is not wanted.`
    ]
  };
}

function whyNotCancelled({ case: c, terms }: Report, trouble: Trouble | undefined): string {
  if (trouble) return 'it could not be cancelled';
  if (c.missing) return 'Ops Manager did not find it, so it could not be cancelled';
  if (needsConfirmation(c, terms))
    return `it is in ${c.read?.state ?? terms.goal}, but no list confirmed that it is this step’s, so it was not cancelled`;
  return c.cancel.isOpen
    ? 'it is not known whether its cancellation arrived'
    : 'it was not cancelled';
}

/** What a create call may have left behind. */
function notKnownWhich(report: Report): Fate {
  const { case: c } = report;
  const { creation } = c;
  if (creation && isAmbiguous(c)) {
    return oneOfSeveral(
      report,
      creation,
      'Ops Manager does not say which one this step created, so none was cancelled.'
    );
  }
  const why = creation ? `: ${inMiddle(whatOfCall(creation))}` : '';
  return {
    short: MAY_RUN,
    alarm: `An import of this step may be running${why}.`,
    sentences: outsidersOf(c),
    advice: ['Look for it in Ops Manager, and cancel it there if it is not wanted.']
  };
}

function whatOfCall(creation: Creation): string {
  return hasAccepted(creation)
    ? 'Ops Manager accepted the new import, but did not list it'
    : 'A create call was not answered, and it is not known whether it arrived';
}

function outsidersOf({ creation }: Case): readonly string[] {
  const outsiders = creation ? find(creation).outsiders : [];
  if (outsiders.length === 0) return [];
  const named = listInWords({ imports: outsiders, count: outsiders.length });
  return [`New in the list, but begun at another time: ${named}.`];
}

function inMiddle(text: string): string {
  return text.replace(/^A /, 'a ');
}
