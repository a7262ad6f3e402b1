import { lengthInWords } from '../duration.ts';
import type { TimelineEntry } from '../case/import.ts';
import type { Outcome } from '../case/verdict.ts';
import { breakable, escapeMarkdown, row } from './markdown.ts';

const MAX_ROWS = 100;

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

/** Whether it is the phase in which the import of a failed step stands or stood, or its bad end. */
export function isStop({ state, progress }: TimelineEntry, stop: Stop | undefined): boolean {
  return stop !== undefined && (progress === 'ended' || state === stop.phase);
}

/** The time in a state, for the table and for the chart; empty when Ops Manager does not tell. */
export function timeInState({ durationMs, progress }: TimelineEntry): string {
  if (durationMs === undefined) return '';
  const length = lengthInWords(durationMs);
  return progress === 'running' ? `${length} so far` : length;
}

/**
 * The timeline as a table in Markdown, a row a state: the time in it, and when it was entered, with
 * the date where a day begins. Empty without a history. `stop` is undefined when the step passed.
 */
export function timelineTable(entries: readonly TimelineEntry[], stop: Stop | undefined): string {
  if (entries.length === 0) return '';
  const shown = entries.slice(-MAX_ROWS);
  const rows = shown.map((entry, index) => {
    const [day, time] = [dayOf(entry), entry.transitionedAt.slice(11, 19)];
    const before = shown[index - 1];
    return row(
      `${signOfEntry(entry, stop)} <code>${breakable(escapeMarkdown(entry.state))}</code>`,
      timeInState(entry),
      before && dayOf(before) === day ? time : `${day} ${time}`
    );
  });
  const head = [row('State', 'Time in it', 'Entered (UTC)'), row(':--', '--:', '--:')];
  const left = entries.length - MAX_ROWS;
  const rest = left > 0 ? `\n\n${left} earlier transitions are in the output \`history\`.` : '';
  return `${[...head, ...rows].join('\n')}${rest}`;
}

function dayOf({ transitionedAt }: TimelineEntry): string {
  return transitionedAt.slice(0, 10);
}
