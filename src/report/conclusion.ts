import * as core from '@actions/core';
import { worst } from '../diagnosis/finding.ts';
import { inWords, sentenceOf } from '../diagnosis/words.ts';
import { guideTo } from './phases.ts';
import type { Publication } from '../wait/case-cell.ts';
import { logError, logGroup, logLine, logWarning } from './log.ts';
import { succeeds } from './publication.ts';
import { isReached, type Report } from './report.ts';
import { writeSummary } from './runner-files.ts';
import { summaryOf, type SummaryFacts } from './summary.ts';
import { isAboutPhase, phaseInQuestion } from './subject.ts';
import { wordsOf } from './words.ts';

/** The end of the main step: the exit code, the annotation, the checks of the phase, the summary. */
export function conclude(
  report: Report,
  { isSaved, areOutputsWritten }: Publication,
  facts: SummaryFacts,
  wantsSummary: boolean
): void {
  if (!isReached(report) || !areOutputsWritten) process.exitCode = core.ExitCode.Failure;
  tell(report);
  if (!areOutputsWritten) {
    const what =
      'The outputs could not be written, and later jobs gate on them, so the step fails.';
    logError('Outputs not written', what, 'Check the disk of the runner.');
  }
  if (!isSaved)
    logWarning(
      'State not saved',
      'The state for the post step could not be written.',
      'Check the disk of the runner.'
    );
  if (!wantsSummary) return;
  const isWritten = succeeds(() => {
    writeSummary(summaryOf(report, facts));
  });
  if (!isWritten)
    logWarning(
      'Job summary not written',
      'The job summary could not be written.',
      'The outcome is not affected.'
    );
}

function tell(report: Report): void {
  const { title, sentences, caveats } = wordsOf(report);
  const texts = sentences.map(({ text }) => text);
  const { outcome } = report.verdict;
  if (caveats.length > 0) logWarning('Failed import not deleted', ...caveats);
  if (outcome.kind !== 'reached') logError(title, ...texts);
  else if (outcome.late || sentences.some(({ kind }) => kind === 'alarm'))
    logWarning(title, ...texts);
  else texts.forEach(logLine);
  tellFindings(report);
  const phase = phaseInQuestion(report);
  const guide = guideTo(phase);
  if (phase === undefined || !guide || !isAboutPhase(outcome.kind)) return;
  logGroup(
    `What to check in ${phase}`,
    guide.checks.map((check) => `- ${check.replaceAll('`', '')}`)
  );
}

/** The worst as a line of its own, for GitHub folds groups; and all of them in one. */
function tellFindings({ findings }: Report): void {
  const finding = worst(findings);
  if (finding) logLine(sentenceOf(finding));
  if (findings.length > 0)
    logGroup(
      'What holds the import up',
      inWords(findings).map(({ item }) => item)
    );
}
