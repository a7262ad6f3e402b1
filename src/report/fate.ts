import { creationOf, type Case } from '../case/case.ts';
import { candidatesOf, hasAccepted, othersOf, type Creation } from '../case/creation.ts';
import type { Trouble } from '../case/ending.ts';
import { isKnownWhich, isMissing, lacksList } from '../case/verdict.ts';
import { listInWords } from './cause.ts';
import { CREATE_AGAIN, NO_FATE, policyOf, type Fate } from './fate-parts.ts';
import { notNeeded } from './not-needed.ts';
import type { Report } from './report.ts';
import { subjectOf } from './subject.ts';

const MAY_RUN = 'import may still be running';

/** What became of the import, in words. */
export function fateOf(report: Report): Fate {
  const { case: c, verdict } = report;
  const { outcome, cancellation } = verdict;
  if (outcome.kind === 'failed') return ofFailed(report);
  if (outcome.kind === 'reached' || outcome.kind === 'cancelled') return NO_FATE;
  switch (cancellation.kind) {
    case 'not-needed':
      return notNeeded(report, cancellation.why);
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

/** A failed import is over; what remains is its record. */
function ofFailed({ verdict: { cleanup } }: Report): Fate {
  const again = ['When that is put right, create the import again.'];
  switch (cleanup.kind) {
    case 'deleted': {
      const sentence =
        'Its request was deleted, so that Ops Manager cleans up what was partly imported.';
      return { ...NO_FATE, short: 'request deleted', sentences: [sentence], advice: again };
    }
    case 'failed':
      return { ...NO_FATE, short: 'request not deleted', advice: again };
    case 'skipped':
    case 'not-needed':
      return { ...NO_FATE, sentences: ['Its request remains in Ops Manager.'], advice: again };
  }
}

function cancelledByUs({ verdict: { outcome } }: Report): Fate {
  return {
    ...NO_FATE,
    short: 'import cancelled',
    sentences: ['This action cancelled the import, and Ops Manager confirmed it.'],
    advice: [
      outcome.kind === 'timed-out'
        ? 'Create the import again if it is still wanted; if it only needs longer, raise timeout.'
        : CREATE_AGAIN
    ]
  };
}

function leftRunning(report: Report): Fate {
  const { case: c } = report;
  const policy = `as ${policyOf(report)} is false`;
  const creation = creationOf(c);
  if (creation && !isKnownWhich(c))
    return oneOfSeveral(report, creation, `None was cancelled, ${policy}.`);
  if (c.id === undefined) {
    return {
      ...NO_FATE,
      short: 'an import may be left running',
      sentences: [
        `${creation ? whatOfCall(creation) : 'It is not known whether an import was created'}; nothing was cancelled, ${policy}.`,
        ...outsidersOf(c)
      ],
      advice: ['Look for it in Ops Manager.']
    };
  }
  if (isMissing(c)) {
    return {
      ...NO_FATE,
      short: 'import not cancelled',
      sentences: [`It was not cancelled, ${policy}.`],
      advice: ['Look for it in Ops Manager: it may have been deleted.']
    };
  }
  return {
    ...NO_FATE,
    short: 'import left running',
    sentences: [`The import was left running, ${policy}.`],
    advice: [`Wait for it with request-id: ${c.id}.`]
  };
}

function oneOfSeveral(report: Report, creation: Creation, sentence: string): Fate {
  const candidates = candidatesOf(creation);
  const all = listInWords({ imports: candidates, count: candidates.length });
  const several = candidates.length === 1 ? 'This import' : `${candidates.length} imports`;
  const { outcome } = report.verdict;
  const isTitle = outcome.kind === 'error' && outcome.cause.kind === 'ambiguous';
  return {
    ...NO_FATE,
    short: isTitle ? 'all may still be running' : 'several imports may still be running',
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
  if (lacksList(c, terms))
    return `it is in ${c.read?.state ?? terms.goal}, but no list confirmed that it is this step’s, so it was not cancelled`;
  return c.cancel.isOpen
    ? 'it is not known whether its cancellation arrived'
    : 'it was not cancelled';
}

/** What a create call may have left behind. */
function notKnownWhich(report: Report): Fate {
  const { case: c } = report;
  const creation = creationOf(c);
  if (creation && !isKnownWhich(c)) {
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

function outsidersOf(c: Case): readonly string[] {
  const creation = creationOf(c);
  const outsiders = creation ? othersOf(creation) : [];
  if (outsiders.length === 0) return [];
  const named = listInWords({ imports: outsiders, count: outsiders.length });
  return [`New in the list, but begun at another time: ${named}.`];
}

function inMiddle(text: string): string {
  return text.replace(/^A /, 'a ');
}
