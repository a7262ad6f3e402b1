import type { Case } from '../case/case.ts';
import { mayHaveCreated } from '../case/creation.ts';
import { isGone, mayBeRunning } from '../case/verdict.ts';
import { CREATE_AGAIN, NO_FATE, type Fate } from './fate-parts.ts';
import type { Report } from './report.ts';
import { subjectOf } from './subject.ts';

/** What became of an import that did not have to be cancelled, or of none. */
export function notNeeded(report: Report): Fate {
  const { case: c, verdict, request } = report;
  const isError = verdict.outcome.kind === 'error';
  if (isGone(c) && c.read) return isError ? NO_FATE : deleted();
  if (c.discovery?.others) return noneOfSeveral(report);
  if (c.read?.state === 'SUCCESS') return notConfirmed(c);
  if (c.id !== undefined) return neverRead(report);
  if (c.creation && mayHaveCreated(c.creation) && !mayBeRunning(c)) {
    const sentences = [
      'The create call was not answered.',
      'Lists were read for its import, and none appeared within 30 s.'
    ];
    return { ...NO_FATE, short: 'no import appeared', sentences, advice: [CREATE_AGAIN] };
  }
  if (request !== undefined)
    return { ...NO_FATE, short: 'nothing was created', sentences: ['Nothing was created.'] };
  return notFound(report);
}

function deleted(): Fate {
  return {
    ...NO_FATE,
    short: 'import was deleted',
    sentences: ['Ops Manager no longer knows it.'],
    advice: ['Ask who deleted it in Ops Manager.', CREATE_AGAIN]
  };
}

function noneOfSeveral({ verdict: { outcome } }: Report): Fate {
  if (outcome.kind === 'error' && outcome.cause.kind === 'several') return NO_FATE;
  return {
    ...NO_FATE,
    short: 'no import cancelled',
    sentences: ['Several imports were in progress, so none was cancelled.'],
    advice: ['Set request-id to the one to wait for.']
  };
}

/** It may not be this step’s import at all. */
function neverRead(report: Report): Fate {
  const { case: c, verdict } = report;
  const { outcome } = verdict;
  if (c.read || (outcome.kind === 'error' && outcome.cause.kind === 'unknown')) return NO_FATE;
  const sentence = `${subjectOf(report)} was not cancelled: this step had never read it.`;
  return { ...NO_FATE, sentences: [sentence] };
}

function notFound({ case: c, verdict: { outcome } }: Report): Fate {
  if (c.origin !== 'discovered') return NO_FATE;
  if (outcome.kind === 'timed-out') {
    const advice = ['Create the import first, or check project-id.'];
    return { ...NO_FATE, short: 'no import found', advice: outcome.trouble ? [] : advice };
  }
  if (outcome.kind === 'error')
    return outcome.cause.kind === 'api' || outcome.cause.kind === 'defect'
      ? { ...NO_FATE, sentences: ['No import was cancelled: this step had not found one yet.'] }
      : NO_FATE;
  const sentence = 'No import had been found yet, so none was cancelled.';
  return { ...NO_FATE, short: 'no import had been found', sentences: [sentence] };
}

/** It is in SUCCESS, but whose it is was never confirmed. */
function notConfirmed({ id }: Case): Fate {
  return {
    ...NO_FATE,
    short: 'import in SUCCESS, but not confirmed',
    sentences: ['It is in SUCCESS, but no list confirmed that it is this step’s.'],
    advice: [`If it is the right one, wait for it with request-id: ${id ?? ''}.`]
  };
}
