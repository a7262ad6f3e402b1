import type { TimelineEntry } from '../case/import.ts';
import { ganttOf } from './gantt.ts';
import { breakable, escapeMarkdown, row } from './markdown.ts';
import { signOfEntry, timeInState, type Stop } from './signs.ts';

const MAX_ROWS = 100;

/** The timeline as a chart in Markdown; empty when it would show nothing. */
export function timelineChart(entries: readonly TimelineEntry[], stop: Stop | undefined): string {
  const chart = ganttOf(entries, stop);
  return chart === undefined ? '' : ['```mermaid', chart, '```'].join('\n');
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
