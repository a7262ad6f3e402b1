import { randomUUID } from 'node:crypto';
import {
  closeSync,
  fstatSync,
  ftruncateSync,
  openSync,
  readSync,
  writeFileSync,
  writeSync
} from 'node:fs';
import { importDurationMs } from '../case/import.ts';
import { isReached, phaseOf, type Report } from './report.ts';
import { reportInMarkdown } from './summary.ts';
import { messageOf, wordsOf } from './words.ts';
import { defuse } from '../untrusted.ts';
import { diagnosisJson } from '../diagnosis/findings.ts';

type Outputs = Readonly<Record<string, string>>;

/** The outputs of the action, by name; each but `report` is one line. */
export function outputsOf(report: Report): Outputs {
  const { case: c, verdict, place } = report;
  const importMs = c.read && importDurationMs(c.read);
  const words = wordsOf(report);
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
    message: defuse(messageOf(report, words)),
    title: defuse(words.title),
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

/**
 * The files that a step gives its results to the runner in. Each write is one system call: a kill
 * cuts none in two; and one that a full disk cuts short is taken back, so that the last whole one
 * stands. Source: GitHub, "Workflow commands", environment files.
 */

/** Sets outputs; of several writes, the last one counts. @throws when they cannot be written. */
export function writeOutputs(outputs: Outputs): void {
  append('GITHUB_OUTPUT', outputs);
}

/** Saves the one value that the main step hands to the post step. @throws when it cannot be written. */
export function writeState(saved: string): void {
  append('GITHUB_STATE', { case: saved });
}

/**
 * Writes the step's summary whole, in place of an earlier one. Without a summary nothing happens.
 * @throws when it cannot be written.
 */
export function writeSummary(markdown: string): void {
  const path = process.env['GITHUB_STEP_SUMMARY'];
  if (path) writeFileSync(path, markdown);
}

/** Values of several lines come last: of them a kill that cuts a write could leave an open one. */
function append(variable: string, pairs: Readonly<Record<string, string>>): void {
  const path = process.env[variable];
  if (!path) throw new Error(`${variable} is not set`);
  // Only a line feed ends a line for the runner.
  const entries = Object.entries(pairs).map(
    ([name, value]) => [name, value.replace(/\r\n?/g, '\n')] as const
  );
  const { short = [], long = [] } = Object.groupBy(entries, ([, value]) =>
    value.includes('\n') ? 'long' : 'short'
  );
  const lines = [
    ...short.map(([name, value]) => `${name}=${value}\n`),
    ...long.map(([name, value]) => heredoc(name, value))
  ];
  const file = openSync(path, 'a+');
  try {
    const { size } = fstatSync(file);
    const begin = isCut(file, size) ? '\n' : '';
    appendWhole(file, size, Buffer.from([begin, ...lines].join('')));
  } finally {
    closeSync(file);
  }
}

/** @throws when not all of it could be written; then nothing of it was. */
function appendWhole(file: number, size: number, bytes: Buffer): void {
  const written = writeSync(file, bytes);
  if (written === bytes.length) return;
  ftruncateSync(file, size);
  throw new Error(`the disk is full: ${written} of ${bytes.length} bytes could be written`);
}

/** Nobody can know the line that ends it, so no text can end it early. */
function heredoc(name: string, value: string): string {
  const end = `END-${randomUUID()}`;
  return `${name}<<${end}\n${value}\n${end}\n`;
}

/**
 * Whether an earlier write left half a line, which must not swallow the next one. Other runners than
 * GitHub’s take no empty line, so one is not always begun anew.
 */
function isCut(file: number, size: number): boolean {
  if (size === 0) return false;
  const last = Buffer.alloc(1);
  readSync(file, last, 0, 1, size - 1);
  return last.toString() !== '\n';
}
