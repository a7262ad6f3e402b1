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

/** Where in the timeline a step that failed came to its end, and its sign. */
export interface Stop {
  /** The phase in which the import stands or stood; undefined when no phase was read. */
  readonly phase: string | undefined;
  readonly sign: string;
}

/** An outcome as one character, so that it is seen before it is read. */
export function signOf({ kind }: Pick<Outcome, 'kind'>): string {
  return SIGNS[kind];
}

/** How an entry of the timeline stands: passed, running, ended, or where the step stopped. */
export function signOfEntry(entry: TimelineEntry, stop: Stop | undefined): string {
  if (entry.state === 'CANCELLED') return SIGNS.cancelled;
  if (entry.state === 'FAILED') return SIGNS.failed;
  if (stop && isStop(entry, stop)) return stop.sign;
  return entry.progress === 'running' ? '⏳' : '✅';
}

/** A length of time in a state, an outage or a wait: `under 1s`, `2m 5s`. */
export function lengthInWords(ms: number): string {
  return ms > 0 && ms < 1000 ? 'under 1s' : formatDuration(ms);
}

/** The time in a state, for the table and for the chart; empty when Ops Manager does not tell. */
export function timeInState({ durationMs, progress }: TimelineEntry): string {
  if (durationMs === undefined) return '';
  const length = lengthInWords(durationMs);
  return progress === 'running' ? `${length} so far` : length;
}

/** Whether it is the phase in which the import of a failed step stands or stood, or its bad end. */
export function isStop({ state, progress }: TimelineEntry, stop: Stop | undefined): boolean {
  return stop !== undefined && (progress === 'ended' || state === stop.phase);
}
