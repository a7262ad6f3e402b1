import type { TimelineEntry } from '../import/import-request.ts';
import { isTrouble, signOfEntry, timeInState, type Trouble } from './progress.ts';

const MAX_BARS = 30;
// Below it the ticks are less than a minute apart.
const SECONDS_UP_TO_MS = 10 * 60 * 1000;
const DAY_MS = 24 * 60 * 60 * 1000;

// No room for the names of sections, and grid lines that do not strike through the names of states.
const SETTINGS = `%%{init: ${JSON.stringify({
  gantt: { leftPadding: 24, rightPadding: 24, barHeight: 22, fontSize: 12, topPadding: 44 },
  themeVariables: { sectionBkgColor: '#0000' },
  themeCSS: '.grid .tick line { opacity: 0.25 }'
})}}%%`;

/**
 * A Mermaid Gantt chart with one bar a state; undefined when it would show nothing. Dates are
 * written without a zone: Mermaid reads and shows them as local, so everyone sees UTC.
 */
export function ganttOf(
  entries: readonly TimelineEntry[],
  trouble: Trouble | undefined
): string | undefined {
  const shown = entries.slice(-MAX_BARS);
  const [first, ...later] = shown;
  const last = later.at(-1);
  // Mermaid stops at a year that has not four digits.
  if (!first || !last || shown.some((entry) => !/^\d{4}-/.test(mermaidDate(endOf(entry)))))
    return undefined;
  const start = startOf(first);
  const end = endOf(last);
  if (end <= start) return undefined;
  return [
    SETTINGS,
    'gantt',
    `    title ${daysFrom(start, end)}, UTC`,
    '    dateFormat YYYY-MM-DD HH:mm:ss',
    `    axisFormat ${axisFormat(end - start)}`,
    '    todayMarker off',
    ...shown.map((entry) => `    ${bar(entry, trouble)}`)
  ].join('\n');
}

/** The sign comes first: a line that began with `CALL` or `TITLE` would be a command to Mermaid. */
function bar(entry: TimelineEntry, trouble: Trouble | undefined): string {
  const name = `${signOfEntry(entry, trouble)} ${entry.state} ${timeInState(entry)}`.trimEnd();
  const times = [mermaidDate(startOf(entry)), mermaidDate(endOf(entry))];
  return `${name} :${[...tagsOf(entry, trouble), ...times].join(', ')}`;
}

function tagsOf(entry: TimelineEntry, trouble: Trouble | undefined): string[] {
  const { progress } = entry;
  if (isTrouble(entry, trouble)) return progress === 'ended' ? ['crit', 'milestone'] : ['crit'];
  // `active` would mark a running bar, but its name cannot be read beside it in the dark theme.
  return { passed: ['done'], running: [], ended: ['milestone'] }[progress];
}

function axisFormat(lengthMs: number): string {
  if (lengthMs < SECONDS_UP_TO_MS) return '%H:%M:%S';
  return lengthMs < DAY_MS ? '%H:%M' : '%m-%d %H:%M';
}

function daysFrom(start: number, end: number): string {
  const [from = '', to = ''] = [start, end].map((time) => mermaidDate(time).slice(0, 10));
  return from === to ? from : `${from} to ${to}`;
}

function startOf({ transitionedAt }: TimelineEntry): number {
  return Date.parse(transitionedAt);
}

function endOf(entry: TimelineEntry): number {
  return startOf(entry) + (entry.durationMs ?? 0);
}

function mermaidDate(time: number): string {
  return new Date(time).toISOString().slice(0, 19).replace('T', ' ');
}
