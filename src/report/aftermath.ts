import { mayBeCancelled } from '../case/case.ts';
import { isAmbiguous, type NotNeeded } from '../case/verdict.ts';
import { fateOf } from './fate.ts';
import { logWarning } from './log.ts';
import { alertBox, breakable, escapeMarkdown, factList } from './markdown.ts';
import { succeeds } from './publication.ts';
import type { Report } from './report.ts';
import { projectLink } from './summary.ts';
import { writeSummary } from './runner-files.ts';
import { inPhase, inSentence, subjectOf } from './subject.ts';

/** What the post step found and did, in words. */
export interface Aftermath {
  /** A few words: what became of the import. */
  readonly title: string;
  /** The sentence that is dangerous: an import that may still be running; empty where none is. */
  readonly alarm: string;
  /** All there is to say, what is dangerous first. */
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
      return calm(`Import failed${inPhase(report)}`, `${subject} is FAILED.`, ...recordOf(report));
    case 'cancelled':
      return calm(
        `Import was cancelled${inPhase(report)}, not by this action`,
        `${subject} is CANCELLED, and this action had not asked for it.`
      );
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
  succeeds(() => {
    writeSummary(aftermathSummary(report));
  });
}

/** The summary of the post step as GitHub-flavoured Markdown. */
export function aftermathSummary(report: Report): string {
  const { title, alarm, sentences } = aftermathOf(report);
  const calm = sentences.filter((sentence) => sentence !== alarm);
  const parts = [
    `## After the step: ${breakable(escapeMarkdown(title))}`,
    ...(alarm === '' ? [] : [alertBox('CAUTION', [alarm])]),
    ...calm.map((sentence) => breakable(escapeMarkdown(sentence))),
    factList([['Project', projectLink(report.place)]])
  ];
  return `${parts.join('\n\n')}\n`;
}

function calm(title: string, ...sentences: readonly string[]): Aftermath {
  return { title, alarm: '', sentences };
}

function reached({ terms, case: c }: Report, subject: string): Aftermath {
  const state = c.read?.state ?? terms.goal;
  const nowIn = state === terms.goal ? '' : ` (it is in ${state})`;
  const unharmed = mayBeCancelled(c) ? '' : ', so it was not cancelled';
  return calm(
    `Import has reached ${terms.goal}`,
    `${subject} has reached ${terms.goal}${nowIn}${unharmed}.`,
    'The step itself did not pass: it had ended before.'
  );
}

/** The post step never deletes. */
function recordOf({ case: c, terms }: Report): readonly string[] {
  if (c.deletion?.kind === 'deleted') return ['Its request was deleted.'];
  if (c.deletion?.kind === 'asked')
    return [
      'Its request was about to be deleted.',
      'If Ops Manager still lists it, delete it there.'
    ];
  return terms.deleteFailed
    ? ['Its request remains in Ops Manager.', 'Delete it there, so that Ops Manager cleans up.']
    : ['Its request remains in Ops Manager.'];
}

function settled(report: Report, subject: string): Aftermath {
  const { cancellation } = report.verdict;
  const fate = fateOf(report);
  if (cancellation.kind === 'confirmed') {
    const sentence = `${subject} was cancelled by this action, and Ops Manager confirmed it.`;
    return calm(`Import cancelled${inPhase(report)}`, sentence, ...fate.advice);
  }
  const plain =
    cancellation.kind === 'not-needed' ? unneeded(cancellation.why, subject) : undefined;
  if (plain) return plain;
  const short = isAmbiguous(report.case) ? 'imports may still be running' : fate.short;
  const title = short === '' ? 'Nothing to cancel' : sentenceCase(short);
  const { alarm } = fate;
  const sentences = [alarm, ...fate.sentences, ...fate.advice].filter((text) => text !== '');
  return {
    title,
    alarm,
    sentences: sentences.length > 0 ? sentences : [`${subject} needs nothing.`]
  };
}

/** Where nothing was to be cancelled, in words of their own; undefined where the fate has them. */
function unneeded(why: NotNeeded, subject: string): Aftermath | undefined {
  switch (why) {
    case 'gone':
      return calm('Import not found', `Ops Manager does not know ${inSentence(subject)}.`);
    case 'not-confirmed':
      return calm(
        'Import is in SUCCESS, but not confirmed',
        `${subject} is in SUCCESS, but no list confirmed that it is this step’s.`
      );
    case 'not-found':
      return calm(
        'No import had been found',
        'The step ended before it had found its import, so nothing was cancelled.'
      );
    case 'never-read':
      return calm(
        'Import was never read',
        `The step ended before it had read ${inSentence(subject)}, so nothing was cancelled.`
      );
    case 'several':
      return calm(
        'Several imports in progress; none cancelled',
        'Several imports were in progress, and which one was meant is not known, so none was cancelled.'
      );
    case 'ended':
    case 'not-ours-yet':
    case 'nothing-created':
    case 'none-appeared':
    case 'none-in-progress':
      return undefined;
  }
}

function sentenceCase(text: string): string {
  return `${text.charAt(0).toUpperCase()}${text.slice(1)}`;
}
