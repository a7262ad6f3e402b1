import { randomUUID } from 'node:crypto';
import { existsSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

/**
 * A file by which a main step knows that its post step has begun while it still runs, as with a
 * background step that is cancelled. Main saves its path; the post step makes it first. Where that
 * cannot be, both go on without it.
 */

/** The path of a mark that nobody has made yet; undefined outside a runner. */
export function newMark(env: Readonly<Record<string, string | undefined>>): string | undefined {
  const folder = env['RUNNER_TEMP'];
  return folder ? join(folder, `await-ops-manager-import-${randomUUID()}.post`) : undefined;
}

/** Whether the post step has made the mark. */
export function isMarked(mark: string | undefined): boolean {
  return mark !== undefined && existsSync(mark);
}

/** Makes the mark; gives whether it stands. */
export function makeMark(mark: string | undefined): boolean {
  if (mark === undefined) return false;
  try {
    writeFileSync(mark, '');
    return true;
  } catch {
    return false;
  }
}
