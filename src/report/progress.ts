import { formatDuration } from '../duration.ts';
import type { TimelineEntry } from '../import/import-request.ts';
import { isReached, phaseOf, type Outcome, type Result } from '../outcome.ts';

const SIGNS: Readonly<Record<Outcome['kind'], string>> = {
  reached: '✅',
  failed: '❌',
  cancelled: '🚫',
  'timed-out': '⏱️',
  stalled: '⏸️',
  interrupted: '✋',
  unreachable: '🔌',
  error: '❌'
};

/** An outcome as one character, so that it is seen before it is read. */
export function signOf({ kind }: Outcome): string {
  return SIGNS[kind];
}

/** How an entry of the timeline stands: passed, running, ended, or where the step's trouble is. */
export function signOfEntry(entry: TimelineEntry, result: Result): string {
  if (entry.state === 'CANCELLED') return SIGNS.cancelled;
  if (entry.state === 'FAILED') return SIGNS.failed;
  if (isTrouble(entry, result)) return signOf(result.outcome);
  return entry.progress === 'running' ? '⏳' : '✅';
}

/** The time in a state, for the table and for the chart; empty when Ops Manager does not tell. */
export function timeInState({ durationMs, progress }: TimelineEntry): string {
  if (durationMs === undefined) return '';
  return `${formatDuration(durationMs)}${progress === 'running' ? ' so far' : ''}`;
}

/** Whether it is the phase in which the import of a failed step stands or stood, or its bad end. */
export function isTrouble({ state, progress }: TimelineEntry, result: Result): boolean {
  if (isReached(result)) return false;
  return progress === 'ended' || state === phaseOf(result);
}
