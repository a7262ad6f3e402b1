import type { Case } from '../case/case.ts';
import { importDurationMs } from '../case/import.ts';
import { diagnosisJson } from '../diagnosis/finding.ts';
import { defuse } from '../untrusted.ts';
import type { Publisher } from '../wait/case-cell.ts';
import type { CommitStatus } from './commit-status.ts';
import { logDebug, type WaitLog } from './log.ts';
import { phaseOf } from './phases.ts';
import { isReached, type Report } from './report.ts';
import { writeOutputs, writeState } from './runner-files.ts';
import { reportInMarkdown } from './summary.ts';
import { messageOf, wordsOf } from './words.ts';

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
      const isSaved = succeeds(() => {
        writeState(savedCase);
      });
      const areOutputsWritten = succeeds(() => {
        writeOutputs(outputsOf(reportOn(after)));
      });
      succeeds(() => {
        log.onChange(before, after);
      });
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

type Outputs = Readonly<Record<string, string>>;

/** The outputs of the action, by name; each but `report` is one line. */
export function outputsOf(report: Report): Outputs {
  const { case: c, verdict, place } = report;
  const importMs = c.read && importDurationMs(c.read);
  return {
    outcome: verdict.outcome.kind,
    'goal-reached': String(isReached(report)),
    state: c.read?.state ?? '',
    'last-phase': phaseOf(report) ?? '',
    history: JSON.stringify(c.read?.transitions ?? []),
    'request-id': c.id ?? '',
    cancellation: verdict.cancellation.kind,
    cleanup: verdict.cleanup.kind,
    'waited-seconds': String(Math.round(report.waitedMs / 1000)),
    'import-seconds': importMs === undefined ? '' : String(Math.round(importMs / 1000)),
    message: defuse(messageOf(report)),
    title: defuse(wordsOf(report).title),
    diagnosis: diagnosisJson(report.findings),
    'project-url': place.projectUrl,
    // What still may change is told by the others.
    report: c.isFinished ? reportInMarkdown(report) : ''
  };
}

/** The outputs of a step whose inputs are wrong. */
export function outputsWithoutCase(
  title: string,
  problems: readonly string[],
  report: string
): Outputs {
  return {
    outcome: 'error',
    'goal-reached': 'false',
    state: '',
    'last-phase': '',
    history: '[]',
    'request-id': '',
    cancellation: 'not-needed',
    cleanup: 'not-needed',
    'waited-seconds': '0',
    'import-seconds': '',
    message: defuse(`${title}. ${problems.join(' ')}`),
    title: defuse(title),
    diagnosis: '[]',
    'project-url': '',
    report
  };
}
