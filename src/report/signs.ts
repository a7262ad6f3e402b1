import { formatDuration } from '../duration.ts';
import type { TimelineEntry } from '../case/import.ts';
import type { Outcome } from '../case/verdict.ts';

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

/** Where in the timeline the trouble of a failed step is, and its sign. */
export interface Trouble {
  /** The phase in which the import stands or stood; undefined when no phase was read. */
  readonly phase: string | undefined;
  readonly sign: string;
}

/** An outcome as one character, so that it is seen before it is read. */
export function signOf({ kind }: Pick<Outcome, 'kind'>): string {
  return SIGNS[kind];
}

/** How an entry of the timeline stands: passed, running, ended, or where the step's trouble is. */
export function signOfEntry(entry: TimelineEntry, trouble: Trouble | undefined): string {
  if (entry.state === 'CANCELLED') return SIGNS.cancelled;
  if (entry.state === 'FAILED') return SIGNS.failed;
  if (trouble && isTrouble(entry, trouble)) return trouble.sign;
  return entry.progress === 'running' ? '⏳' : '✅';
}

/** The time in a state, for the table and for the chart; empty when Ops Manager does not tell. */
export function timeInState({ durationMs, progress }: TimelineEntry): string {
  if (durationMs === undefined) return '';
  const isShort = durationMs > 0 && durationMs < 1000;
  const length = isShort ? 'under 1s' : formatDuration(durationMs);
  return progress === 'running' ? `${length} so far` : length;
}

/** Whether it is the phase in which the import of a failed step stands or stood, or its bad end. */
export function isTrouble(
  { state, progress }: TimelineEntry,
  trouble: Trouble | undefined
): boolean {
  return trouble !== undefined && (progress === 'ended' || state === trouble.phase);
}
