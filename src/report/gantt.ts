import { formatDuration } from '../duration.ts';
import type { TimelineEntry } from '../import/import-request.ts';
import { isReached, phaseOf, type Result } from '../outcome.ts';

const MAX_BARS = 40;
const DAY_MS = 24 * 60 * 60 * 1000;

/** How an entry of the timeline stands: passed, still running, or where it went wrong. */
export function progressSign(entry: TimelineEntry, result: Result): string {
  if (isTrouble(entry, result)) return '❌';
  return entry.progress === 'running' ? '⏳' : '✅';
}

/**
 * A Mermaid Gantt chart with one bar a state. Dates are written without a zone: Mermaid reads and
 * shows them as local, so everyone sees UTC.
 */
export function ganttOf(entries: readonly TimelineEntry[], result: Result): string {
  const shown = entries.slice(-MAX_BARS);
  const first = Date.parse(shown[0]?.transitionedAt ?? '');
  const last = Date.parse(shown.at(-1)?.transitionedAt ?? '') + (shown.at(-1)?.durationMs ?? 0);
  return [
    'gantt',
    '    dateFormat YYYY-MM-DD HH:mm:ss',
    `    axisFormat ${last - first > DAY_MS ? '%m-%d %H:%M' : '%H:%M'}`,
    '    todayMarker off',
    ...shown.map((entry) => `    ${bar(entry, result)}`)
  ].join('\n');
}

function bar(entry: TimelineEntry, result: Result): string {
  const start = mermaidDate(Date.parse(entry.transitionedAt));
  const end = mermaidDate(Date.parse(entry.transitionedAt) + (entry.durationMs ?? 0));
  const length = entry.durationMs === undefined ? '' : ` ${formatDuration(entry.durationMs)}`;
  const kind =
    entry.progress === 'ended' ? 'milestone' : entry.progress === 'running' ? 'active' : 'done';
  const tags = isTrouble(entry, result)
    ? ['crit', ...(kind === 'milestone' ? [kind] : [])]
    : [kind];
  return `${entry.state}${length} :${tags.join(', ')}, ${start}, ${end}`;
}

/** The phase where the import of a failed step stands or stood, and its bad end. */
function isTrouble({ state }: TimelineEntry, result: Result): boolean {
  return !isReached(result) && [phaseOf(result), 'FAILED', 'CANCELLED'].includes(state);
}

function mermaidDate(time: number): string {
  return new Date(time).toISOString().slice(0, 19).replace('T', ' ');
}
