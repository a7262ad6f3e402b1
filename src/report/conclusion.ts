import * as core from '@actions/core';
import { lineOf, type WrongInput } from '../inputs/problem.ts';
import type { Publication } from '../wait/case-cell.ts';
import { logError, logGroup, logLine, logWarning } from './log.ts';
import { escapeMarkdown } from './markdown.ts';
import { checksFor } from './phases.ts';
import { outputsWithoutCase, succeeds } from './publication.ts';
import { isReached, type Report } from './report.ts';
import { writeOutputs, writeSummary } from './runner-files.ts';
import { findingLines, summaryOf, type SummaryFacts } from './summary.ts';
import { signOf } from './timeline.ts';
import { messageOf, sentencesOf, wordsOf } from './words.ts';

const CHECK_THE_DISK = 'Check the disk of the runner.';

/** The end of the main step: the exit code, the annotation, the checks of the phase, the summary. */
export function conclude(
  report: Report,
  { isSaved, areOutputsWritten }: Publication,
  facts: SummaryFacts,
  wantsSummary: boolean
): void {
  const passes = isReached(report) && areOutputsWritten;
  process.exitCode = passes ? core.ExitCode.Success : core.ExitCode.Failure;
  // A report that fails changes no answer, and keeps none of the others back.
  succeeds(() => {
    tell(report);
  });
  if (!areOutputsWritten) {
    const what = 'The outputs could not be written, and later jobs gate on them';
    // A step that fails anyway has its error.
    if (isReached(report))
      logError('Outputs not written', `${what}, so the step fails.`, CHECK_THE_DISK);
    else logWarning('Outputs not written', `${what}.`, CHECK_THE_DISK);
  }
  if (!isSaved) {
    const what = 'The state for the post step could not be written.';
    logWarning('State not saved', what, CHECK_THE_DISK);
  }
  const isWritten = succeeds(() => {
    if (wantsSummary) writeSummary(summaryOf(report, facts));
  });
  if (!isWritten) {
    const what = 'The job summary could not be written.';
    logWarning('Job summary not written', what, 'The outcome is not affected.');
  }
}

function tell(report: Report): void {
  const words = wordsOf(report);
  const { title, alarm, caveats } = words;
  const { outcome } = report.verdict;
  // Whether a call that was not answered was carried out is not known.
  const { deletion } = report.case;
  const isSure = deletion?.kind === 'failed' ? deletion.isSure : deletion?.kind !== 'asked';
  const warning = isSure ? 'Failed import not deleted' : 'Failed import may remain';
  if (caveats.length > 0) logWarning(warning, ...caveats);
  if (outcome.kind === 'reached' && !outcome.late && alarm === '') logLine(messageOf(report));
  else {
    // GitHub shows titles of annotations, but not in the log.
    logLine(`${signOf(outcome)} ${title}`);
    (outcome.kind === 'reached' ? logWarning : logError)(title, ...sentencesOf(words));
  }
  tellList('What holds the import up', findingLines(report));
  const { phase, checks } = checksFor(report) ?? { phase: '', checks: [] };
  tellList(
    `What to check in ${phase}`,
    checks.map((check) => check.replaceAll('`', ''))
  );
}

function tellList(title: string, items: readonly string[]): void {
  const lines = items.map((item) => `- ${item}`);
  if (lines.length > 0) logGroup(title, lines);
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
  succeeds(() => {
    if (wantsSummary) writeSummary(summary);
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
