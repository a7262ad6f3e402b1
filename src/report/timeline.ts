import type { TimelineEntry } from '../case/import.ts';
import { ganttOf } from './gantt.ts';
import { breakable, escapeMarkdown, row } from './markdown.ts';
import { signOfEntry, timeInState, type Trouble } from './signs.ts';

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

/** A row a state: the time in it, and when it was entered, with the date where a day begins. */
function timelineTable(entries: readonly TimelineEntry[], trouble: Trouble | undefined): string {
  const rows = entries.map((entry, index) => {
    const [day, time] = [dayOf(entry), entry.transitionedAt.slice(11, 19)];
    const before = entries[index - 1];
    return row(
      `${signOfEntry(entry, trouble)} <code>${breakable(escapeMarkdown(entry.state))}</code>`,
      timeInState(entry),
      before && dayOf(before) === day ? time : `${day} ${time}`
    );
  });
  return [row('State', 'Time in it', 'Entered (UTC)'), row(':--', '--:', '--:'), ...rows].join(
    '\n'
  );
}

function dayOf({ transitionedAt }: TimelineEntry): string {
  return transitionedAt.slice(0, 10);
}
