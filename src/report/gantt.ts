import type { TimelineEntry } from '../case/import.ts';
import { cut } from '../untrusted.ts';
import { isStop, signOfEntry, timeInState, type Stop } from './signs.ts';
import { timeAxis } from './time-axis.ts';

const MAX_BARS = 30;
// The longest state of the pipeline; what a newer Ops Manager has is whole in the table.
const MAX_NAME_CHARACTERS = 25;

// What GitHub leaves a chart of a phone's 400 pixels.
const NARROWEST_PX = 336;
const NAME_FONT_PX = 11;
// Of Verdana, the widest font of Mermaid's list: capitals, and small letters, digits and signs.
const CAPITAL_PX = 0.68 * NAME_FONT_PX;
const CHARACTER_PX = 0.62 * NAME_FONT_PX;
const NAME_MARGIN_PX = 20;
// Half of the widest time below the chart.
const RIGHT_PADDING_PX = 24;

// Blue and red can be told apart by everyone, and stand out from a white and from a black page.
const BLUE = '#1f6feb';
const RED = '#da3633';
// Mermaid would write a bar's name across the column of names.
const NO_NAME = '\u200b';

/** What stands left of a bar, in two lines. */
interface Heading {
  readonly name: string;
  readonly standing: string;
}

/**
 * A Mermaid Gantt chart with one row a state, true to the millisecond; undefined when it would show
 * nothing. Names stand in a column of their own: beside a bar there is no room for them on a phone.
 * Dates are written without a zone: Mermaid reads and shows them as local, so everyone sees UTC.
 */
export function ganttOf(
  entries: readonly TimelineEntry[],
  stop: Stop | undefined
): string | undefined {
  const shown = entries.slice(-MAX_BARS);
  const [first, ...later] = shown;
  const last = later.at(-1);
  // Mermaid stops at a year that has not four digits.
  if (!first || !last || shown.some((entry) => !/^\d{4}-/.test(mermaidDate(endOf(entry)))))
    return undefined;
  const [start, end] = [startOf(first), endOf(last)];
  if (end <= start) return undefined;
  const headings = headingsOf(shown, stop);
  const headingPx = widthOf(headings);
  const barsPx = NARROWEST_PX - headingPx - RIGHT_PADDING_PX;
  const axis = timeAxis(start, end, barsPx);
  if (axis === undefined) return undefined;
  return [
    settings(headingPx),
    'gantt',
    `    title ${daysFrom(start, end)}, UTC`,
    '    dateFormat YYYY-MM-DD HH:mm:ss.SSS',
    `    axisFormat ${axis.axisFormat}`,
    `    tickInterval ${axis.tickInterval}`,
    ...(axis.weekday === undefined ? [] : [`    weekday ${axis.weekday}`]),
    '    todayMarker off',
    ...shown.flatMap((entry, index) => [
      `    section ${headings[index]?.name ?? ''}<br>${headings[index]?.standing ?? ''}`,
      `    ${bar(entry, stop, (end - start) / barsPx)}`
    ])
  ].join('\n');
}

function settings(leftPadding: number): string {
  const config = {
    gantt: {
      leftPadding,
      rightPadding: RIGHT_PADDING_PX,
      barHeight: 22,
      barGap: 8,
      topPadding: 44,
      sectionFontSize: NAME_FONT_PX,
      numberSectionStyles: 2
    },
    themeVariables: {
      sectionBkgColor: '#8c959f99',
      altSectionBkgColor: '#0000',
      taskBkgColor: BLUE,
      taskBorderColor: BLUE,
      critBkgColor: RED,
      critBorderColor: RED
    },
    themeCSS: '.grid .tick line { opacity: 0.4 }'
  };
  return `%%{init: ${JSON.stringify(config)}}%%`;
}

/** Mermaid makes one of headings that are the same, so a state that comes again is counted. */
function headingsOf(entries: readonly TimelineEntry[], stop: Stop | undefined): readonly Heading[] {
  const counts = new Map<string, number>();
  return entries.map((entry) => {
    const short = cut(entry.state, MAX_NAME_CHARACTERS);
    const nth = (counts.get(short) ?? 0) + 1;
    counts.set(short, nth);
    const suffix = nth === 1 ? '' : ` (${nth})`;
    return {
      name: `${cut(short, MAX_NAME_CHARACTERS - suffix.length)}${suffix}`,
      standing: `${signOfEntry(entry, stop)} ${timeInState(entry)}`.trimEnd()
    };
  });
}

function widthOf(headings: readonly Heading[]): number {
  const widths = headings.map(({ name, standing }) =>
    Math.max(name.length * CAPITAL_PX, standing.length * CHARACTER_PX)
  );
  return Math.ceil(Math.max(...widths)) + NAME_MARGIN_PX;
}

/** What is shorter than `shortestMs` is a milestone, because Mermaid does not draw a bar for it. */
function bar(entry: TimelineEntry, stop: Stop | undefined, shortestMs: number): string {
  const tags = [
    ...(isStop(entry, stop) ? ['crit'] : []),
    ...(endOf(entry) - startOf(entry) < shortestMs ? ['milestone'] : [])
  ];
  const times = [mermaidDate(startOf(entry)), mermaidDate(endOf(entry))];
  return `${NO_NAME} :${[...tags, ...times].join(', ')}`;
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
  return new Date(time).toISOString().slice(0, 23).replace('T', ' ');
}
