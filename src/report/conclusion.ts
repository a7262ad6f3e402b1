import * as core from '@actions/core';
import { lineOf, type WrongInput } from '../inputs/problem.ts';
import type { Publication } from '../wait/case-cell.ts';
import { logError, logGroup, logLine, logWarning } from './log.ts';
import { escapeMarkdown } from './markdown.ts';
import { outputsWithoutCase } from './outputs.ts';
import { guideTo } from './phases.ts';
import { succeeds } from './publication.ts';
import { isReached, type Report } from './report.ts';
import { writeOutputs, writeSummary } from './runner-files.ts';
import { signOf } from './signs.ts';
import { findingLines, phaseToCheck, summaryOf, type SummaryFacts } from './summary.ts';
import { messageOf, sentencesOf, wordsOf } from './words.ts';

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
  const words = wordsOf(report);
  const { outcome } = report.verdict;
  if (words.caveats.length > 0) logWarning('Failed import not deleted', ...words.caveats);
  // GitHub shows titles of annotations, but not in the log.
  if (outcome.kind !== 'reached' || outcome.late || words.alarm !== '')
    logLine(`${signOf(outcome)} ${words.title}`);
  if (outcome.kind !== 'reached') logError(words.title, ...sentencesOf(words));
  else if (outcome.late || words.alarm !== '') logWarning(words.title, ...sentencesOf(words));
  else logLine(messageOf(report));
  const findings = findingLines(report);
  if (findings.length > 0)
    logGroup(
      'What holds the import up',
      findings.map((line) => `- ${line}`)
    );
  const phase = phaseToCheck(report);
  const guide = guideTo(phase);
  if (phase === undefined || !guide) return;
  logGroup(
    `What to check in ${phase}`,
    guide.checks.map((check) => `- ${check.replaceAll('`', '')}`)
  );
}

/** The whole report on inputs that are wrong: one line each, and nothing else. Gives its title. */
export function refuseInputs(problems: readonly WrongInput[], wantsSummary: boolean): string {
  const title = titleFor(problems);
  const lines = problems.map(lineOf);
  const summary = wrongInputsSummary(problems);
  process.exitCode = core.ExitCode.Failure;
  succeeds(() => {
    writeOutputs(outputsWithoutCase(title, lines, summary));
  });
  logError(title, ...lines);
  if (wantsSummary)
    succeeds(() => {
      writeSummary(summary);
    });
  return title;
}

/** The list of what is wrong, as GitHub-flavoured Markdown. */
export function wrongInputsSummary(problems: readonly WrongInput[]): string {
  const items = problems.map((problem) => `- ${escapeMarkdown(lineOf(problem))}`);
  return `## ❌ ${titleFor(problems)}\n\n${items.join('\n')}\n`;
}

/** `timeout is wrong`, or how many are. */
function titleFor(problems: readonly WrongInput[]): string {
  const names = new Set(problems.map(({ input }) => input));
  const [name = 'An input'] = names;
  return names.size > 1 ? `${names.size} inputs are wrong` : `${name} is wrong`;
}
