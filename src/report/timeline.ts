import type { TimelineEntry } from '../import/import-request.ts';
import { ganttOf } from './gantt.ts';
import { code, row } from './markdown.ts';
import { signOfEntry, timeInState, type Trouble } from './progress.ts';

const MAX_ROWS = 100;

/**
 * The timeline in Markdown, its chart above its table; empty when there is nothing to tell.
 * `trouble` is undefined when the step passed.
 */
export function timelineSection(
  entries: readonly TimelineEntry[],
  trouble: Trouble | undefined
): string {
  if (entries.length === 0) return '';
  const chart = ganttOf(entries, trouble);
  const left = entries.length - MAX_ROWS;
  return [
    '### Timeline',
    ...(chart === undefined ? [] : [['```mermaid', chart, '```'].join('\n')]),
    timelineTable(entries.slice(-MAX_ROWS), trouble),
    ...(left > 0 ? [`${left} earlier transitions are in the output \`history\`.`] : [])
  ].join('\n\n');
}

/** A row a state: the time in it, and when it was entered. One day is named once, in the head. */
function timelineTable(entries: readonly TimelineEntry[], trouble: Trouble | undefined): string {
  const [day = '', ...others] = new Set(
    entries.map(({ transitionedAt }) => transitionedAt.slice(0, 10))
  );
  const isOneDay = others.length === 0;
  const rows = entries.map((entry) => {
    const [date, time] = [entry.transitionedAt.slice(0, 10), entry.transitionedAt.slice(11, 19)];
    return row(
      `${signOfEntry(entry, trouble)} ${code(entry.state)}`,
      timeInState(entry),
      isOneDay ? time : `${date} ${time}`
    );
  });
  const entered = isOneDay ? `Entered (${day}, UTC)` : 'Entered (UTC)';
  return [row('State', 'Time in it', entered), row(':--', '--:', ':--'), ...rows].join('\n');
}
