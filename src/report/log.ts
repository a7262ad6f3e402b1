import * as core from '@actions/core';
import { formatDate } from '../dates.ts';
import { defuse } from '../untrusted.ts';

/** One line of the log, safe whatever a server wrote into it. */
export function logLine(text: string): void {
  core.info(defuse(text));
}

/** A line that is shown only when the workflow runs with debug logging. */
export function logDebug(text: string): void {
  core.debug(defuse(text));
}

/** Notes an exception that nobody planned for, for those who look for a fault; gives it as an error. */
export function noteDefect(thrown: unknown): Error {
  const error = thrown instanceof Error ? thrown : new Error(String(thrown));
  logDebug(error.stack ?? String(error));
  return error;
}

/** Takes lines for debug logging; undefined when nobody has turned it on. */
export function debugging(): ((text: string) => void) | undefined {
  return core.isDebug() ? logDebug : undefined;
}

/** A warning, also shown as an annotation. */
export function logWarning(title: string, ...sentences: readonly string[]): void {
  core.warning(inLines(sentences), { title: defuse(title) });
}

/** The error annotation of a step that fails. */
export function logError(title: string, ...sentences: readonly string[]): void {
  core.error(inLines(sentences), { title: defuse(title) });
}

/** Lines that GitHub folds under their title. */
export function logGroup(title: string, lines: readonly string[]): void {
  core.startGroup(defuse(title));
  lines.forEach(logLine);
  core.endGroup();
}

const UNDATED = ' '.repeat('2025-10-20 10:00:00 UTC'.length);

/** One line under the others, with its date (ISO 8601), or indented as if it had one. */
export function logEvent(at: string | undefined, text: string): void {
  logLine(`${at === undefined ? UNDATED : formatDate(at)}  ${text}`);
}

/** The toolkit keeps line breaks in annotations; a server’s text has none. */
function inLines(sentences: readonly string[]): string {
  return sentences
    .map(defuse)
    .filter((text) => text !== '')
    .join('\n');
}
