import { closeSync, fstatSync, openSync, readSync, writeFileSync, writeSync } from 'node:fs';

/**
 * The files that a step gives its results to the runner in. Each write is one system call: a kill
 * cuts none in two. Source: GitHub, "Workflow commands", environment files.
 */

/** Sets outputs; of several writes, the last one counts. @throws when they cannot be written. */
export function writeOutputs(outputs: Readonly<Record<string, string>>): void {
  append('GITHUB_OUTPUT', outputs);
}

/** Saves a value for the post step. @throws when it cannot be written. */
export function writeState(name: string, value: string): void {
  append('GITHUB_STATE', { [name]: value });
}

/**
 * Writes the step's summary whole, in place of an earlier one. Without a summary nothing happens.
 * @throws when it cannot be written.
 */
export function writeSummary(markdown: string): void {
  const path = process.env['GITHUB_STEP_SUMMARY'];
  if (path) writeFileSync(path, markdown);
}

/** `name=value` lines: values are of one line, so no delimiter can be left open. */
function append(variable: string, pairs: Readonly<Record<string, string>>): void {
  const path = process.env[variable];
  if (!path) throw new Error(`${variable} is not set`);
  const lines = Object.entries(pairs).map(([name, value]) => `${name}=${oneLine(value)}\n`);
  const file = openSync(path, 'a+');
  try {
    const bytes = Buffer.from(`${isCut(file) ? '\n' : ''}${lines.join('')}`);
    const written = writeSync(file, bytes);
    if (written < bytes.length) throw new Error(`${variable}: the disk is full`);
  } finally {
    closeSync(file);
  }
}

/**
 * Whether an earlier write left half a line, which must not swallow the next one. Other runners than
 * GitHub’s take no empty line, so one is not always begun anew.
 */
function isCut(file: number): boolean {
  const { size } = fstatSync(file);
  if (size === 0) return false;
  const last = Buffer.alloc(1);
  readSync(file, last, 0, 1, size - 1);
  return last.toString() !== '\n';
}

function oneLine(value: string): string {
  return value.replace(/[\r\n]/g, ' ');
}
