import { importDurationMs } from '../case/import.ts';
import { defuse } from '../untrusted.ts';
import { diagnosisJson } from '../diagnosis/words.ts';
import { isReached, type Report } from './report.ts';
import { phaseOf } from './subject.ts';
import { reportInMarkdown } from './summary.ts';
import { messageOf, wordsOf } from './words.ts';

/** The outputs of the action, by name; each but `report` is one line. */
export function outputsOf(report: Report): Readonly<Record<string, string>> {
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
): Readonly<Record<string, string>> {
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
