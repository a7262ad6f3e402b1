import type { NotNeeded } from '../case/verdict.ts';
import { CREATE_AGAIN, NO_FATE, type Fate } from './fate-parts.ts';
import type { Report } from './report.ts';
import { subjectOf } from './subject.ts';

/** What became of an import that did not have to be cancelled, or of none. */
export function notNeeded(report: Report, why: NotNeeded): Fate {
  switch (why) {
    case 'ended':
    case 'several':
      return NO_FATE;
    case 'not-confirmed':
      return notConfirmed(report);
    case 'gone':
      return report.case.read && report.verdict.outcome.kind === 'error' ? NO_FATE : deleted();
    case 'never-read':
      return neverRead(report);
    case 'not-ours-yet':
      return notOurs(report);
    case 'not-found':
      return notFound(report);
    case 'nothing-created':
      return { ...NO_FATE, short: 'nothing was created', sentences: ['Nothing was created.'] };
    case 'none-appeared': {
      const sentences = [
        'The create call was not answered.',
        'Lists were read for its import, and none appeared within 30 s.'
      ];
      return { ...NO_FATE, short: 'no import appeared', sentences, advice: [CREATE_AGAIN] };
    }
    case 'none-in-progress': {
      const sentences = ['No import is in progress in the project.'];
      return { ...NO_FATE, short: 'no import in progress', sentences };
    }
  }
}

function deleted(): Fate {
  return {
    ...NO_FATE,
    short: 'import was deleted',
    sentences: ['Ops Manager no longer knows it.'],
    advice: ['Ask who deleted it in Ops Manager.', CREATE_AGAIN]
  };
}

/** It may not be this step’s import at all. */
function neverRead(report: Report): Fate {
  const { outcome } = report.verdict;
  if (outcome.kind === 'error' && outcome.cause.kind === 'unknown') return NO_FATE;
  const sentence = `${subjectOf(report)} was not cancelled: this step had never read it.`;
  return { ...NO_FATE, sentences: [sentence] };
}

/** One that was found, but had not been shown to be the one. */
function notOurs(report: Report): Fate {
  const { outcome } = report.verdict;
  if (outcome.kind === 'error' && outcome.cause.kind === 'ended-early') return NO_FATE;
  const sentence = `${subjectOf(report)} was not cancelled: it was not certain yet that it is the one to wait for.`;
  return {
    ...NO_FATE,
    short: 'import not cancelled',
    sentences: [sentence],
    advice: [`If it is the right one, wait for it with request-id: ${report.case.id ?? ''}.`]
  };
}

function notFound({ verdict: { outcome } }: Report): Fate {
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
function notConfirmed({ case: { id } }: Report): Fate {
  return {
    ...NO_FATE,
    short: 'import in SUCCESS, but not confirmed',
    sentences: ['It is in SUCCESS, but no list confirmed that it is this step’s.'],
    advice: [`If it is the right one, wait for it with request-id: ${id ?? ''}.`]
  };
}
