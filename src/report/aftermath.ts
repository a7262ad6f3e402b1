import { isGone } from '../import/verdict.ts';
import { fateOf } from './fate.ts';
import { logWarning } from './log.ts';
import { escapeMarkdown } from './markdown.ts';
import { succeeds } from './publication.ts';
import type { Report } from './report.ts';
import { writeSummary } from './runner-files.ts';
import { inSentence, subjectOf } from './words.ts';

/** What the post step found and did, in words. */
export interface Aftermath {
  /** A few words: what became of the import. */
  readonly title: string;
  readonly sentences: readonly string[];
}

/** The words for a case that the post step has settled as far as it could. */
export function aftermathOf(report: Report): Aftermath {
  const { verdict } = report;
  const subject = subjectOf(report);
  switch (verdict.outcome.kind) {
    case 'reached':
      return reached(report, subject);
    case 'failed':
      return {
        title: 'Import failed',
        sentences: [`${subject} is FAILED.`, recordOf(report)]
      };
    case 'cancelled':
      return {
        title: 'Import was cancelled, not by this action',
        sentences: [`${subject} is CANCELLED, and this action had not asked for it.`]
      };
    case 'timed-out':
    case 'stalled':
    case 'interrupted':
    case 'unreachable':
    case 'error':
      return settled(report, subject);
  }
}

/** Says it as a warning and in a summary of its own. */
export function tellAftermath(report: Report, wantsSummary: boolean): void {
  const { title, sentences } = aftermathOf(report);
  logWarning(`After the step: ${title}`, ...sentences);
  if (!wantsSummary) return;
  const lines = sentences.map((sentence) => escapeMarkdown(sentence));
  succeeds(() => {
    writeSummary(`## After the step: ${escapeMarkdown(title)}\n\n${lines.join('\n\n')}\n`);
  });
}

function reached({ terms, case: { read } }: Report, subject: string): Aftermath {
  const state = read?.state ?? terms.goal;
  const nowIn = state === terms.goal ? '' : ` (it is in ${state})`;
  return {
    title: `Import has reached ${terms.goal}`,
    sentences: [
      `${subject} has reached ${terms.goal}${nowIn}, so it was not cancelled.`,
      'The step itself did not pass: it had ended before.'
    ]
  };
}

/** The post step never deletes. */
function recordOf({ case: c, terms }: Report): string {
  if (c.deletion?.kind === 'deleted') return 'Its request was deleted.';
  if (c.deletion?.kind === 'asked')
    return 'Its request was about to be deleted; if Ops Manager still lists it, delete it there.';
  return terms.deleteFailed
    ? 'Its request remains in Ops Manager: delete it there, so that Ops Manager cleans up.'
    : 'Its request remains in Ops Manager.';
}

function settled(report: Report, subject: string): Aftermath {
  const { case: c, verdict } = report;
  const { kind } = verdict.cancellation;
  const fate = fateOf(report);
  if (kind === 'confirmed') {
    return {
      title: 'Import cancelled',
      sentences: [
        `${subject} was cancelled by this action, and Ops Manager confirmed it.`,
        ...fate.advice
      ]
    };
  }
  if (kind === 'not-needed') {
    if (isGone(c))
      return {
        title: 'Import not found',
        sentences: [`Ops Manager does not know ${subject.toLowerCase()}.`]
      };
    if (c.read?.state === 'SUCCESS') {
      return {
        title: 'Import is in SUCCESS',
        sentences: [`${subject} is in SUCCESS, but no list confirmed that it is this step’s.`]
      };
    }
    if (report.request === undefined && c.id === undefined) {
      return {
        title: 'No import had been found',
        sentences: ['The step ended before it had found its import, so nothing was cancelled.']
      };
    }
  }
  if (kind === 'not-needed' && fate.short === '' && c.id !== undefined && !c.read) {
    return {
      title: 'Import was never read',
      sentences: [
        `The step ended before it had read ${inSentence(subject)}, so nothing was cancelled.`
      ]
    };
  }
  const title = fate.short === '' ? 'Nothing to cancel' : sentenceCase(fate.short);
  const sentences = [fate.alarm, fate.sentence, ...fate.advice].filter((text) => text !== '');
  return { title, sentences: sentences.length > 0 ? sentences : [`${subject} needs nothing.`] };
}

function sentenceCase(text: string): string {
  return `${text.charAt(0).toUpperCase()}${text.slice(1)}`;
}
