import * as core from '@actions/core';
import { lineOf, titleFor, type WrongInput } from '../inputs/form.ts';
import type { Case } from '../case/case.ts';
import { callsInWords, CHECK_THE_DISK, GUIDES, inOneSentence, phaseToCheck } from './advice.ts';
import { aftermathOf } from './aftermath.ts';
import type { CommitStatus } from './commit-status.ts';
import { logDebug, logError, logLine, logWarning, type WaitLog } from './log.ts';
import { isReached, type Report } from './report.ts';
import {
  outputsOf,
  outputsWithoutCase,
  writeOutputs,
  writeState,
  writeSummary
} from './outputs.ts';
import { aftermathSummary, findingLines, summaryOf, wrongInputsSummary } from './summary.ts';
import { signOf } from './timeline.ts';
import { messageOf, sentencesOf, wordsOf } from './words.ts';
import { defuse } from '../untrusted.ts';
import type { Publication, Publisher } from '../wait/case-cell.ts';

/**
 * The one publication: whenever the case changes, the state for the post step, the outputs, the log
 * and the commit status follow. Best effort: nothing of it can stop the wait.
 */
export function stepPublisher(
  reportOn: (c: Case) => Report,
  log: WaitLog,
  status: CommitStatus | undefined
): Publisher {
  return {
    publish(before, after, savedCase) {
      const isSaved = succeeds(() => writeState(savedCase));
      const areOutputsWritten = succeeds(() => writeOutputs(outputsOf(reportOn(after))));
      succeeds(() => log.onChange(before, after));
      succeeds(() => {
        if (after.read) status?.onState(after.read);
      });
      return { isSaved, areOutputsWritten };
    }
  };
}

/** Whether something could be done; trouble with it is a line of debug logging. */
export function succeeds(act: () => void): boolean {
  try {
    act();
    return true;
  } catch (error) {
    try {
      logDebug(`Could not publish: ${String(error)}`);
    } catch {
      // Then nobody can be told.
    }
    return false;
  }
}

/** The end of the main step: the exit code, the annotation, the checks of the phase, the summary. */
export function conclude(
  report: Report,
  { isSaved, areOutputsWritten }: Publication,
  wantsSummary: boolean
): void {
  const passes = isReached(report) && areOutputsWritten;
  process.exitCode = passes ? core.ExitCode.Success : core.ExitCode.Failure;
  // A report that fails changes no answer, and keeps none of the others back.
  succeeds(() => tell(report));
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
    if (wantsSummary) writeSummary(summaryOf(report));
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
  const phase = phaseToCheck(report);
  if (phase === undefined) return;
  const checks = GUIDES[phase].checks.map((check) => check.replaceAll('`', ''));
  tellList(`What to check in ${phase}`, checks);
}

/** Lines that GitHub folds under their title. */
function tellList(title: string, items: readonly string[]): void {
  if (items.length === 0) return;
  core.startGroup(defuse(title));
  for (const item of items) logLine(`- ${item}`);
  core.endGroup();
}

/** The end of the post step: a warning, and a summary of its own. */
export function tellAftermath(report: Report, wantsSummary: boolean): void {
  const { short, alarm, happened, advice, byHand } = aftermathOf(report);
  const isOnlyHere = report.hasForeignInputs || !wantsSummary;
  const calls = byHand.map((each) =>
    isOnlyHere ? `${each.purpose}: ${callsInWords(each, report.place)}` : inOneSentence(each)
  );
  // The summary has it among its facts.
  const project = report.hasForeignInputs ? `Its project is ${report.place.projectId}.` : '';
  logWarning(`After the step: ${short}`, alarm, ...happened, project, ...advice, ...calls);
  if (!wantsSummary) return;
  succeeds(() => writeSummary(aftermathSummary(report)));
}

/** The whole report on inputs that are wrong: one line each, and nothing else. Gives its title. */
export function refuseInputs(problems: readonly WrongInput[], wantsSummary: boolean): string {
  const title = titleFor(problems);
  const lines = problems.map(lineOf);
  const summary = wrongInputsSummary(problems);
  process.exitCode = core.ExitCode.Failure;
  succeeds(() => writeOutputs(outputsWithoutCase(title, lines, summary)));
  logError(title, ...lines);
  succeeds(() => {
    if (wantsSummary) writeSummary(summary);
  });
  return title;
}
