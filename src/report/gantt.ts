import type { TimelineEntry } from '../import/import-request.ts';
import { cut } from '../untrusted.ts';
import { isTrouble, signOfEntry, timeInState, type Trouble } from './progress.ts';
import { timeAxis } from './time-axis.ts';

const MAX_BARS = 30;
// The longest state of the pipeline has 25; what a newer Ops Manager has is whole in the table.
const MAX_NAME_CHARACTERS = 28;

// What GitHub leaves a chart of a phone's 400 pixels.
const NARROWEST_PX = 336;
const NAME_FONT_PX = 11;
// Of Verdana, the widest font of Mermaid's list: capitals, and small letters, digits and signs.
const CAPITAL_PX = 0.69 * NAME_FONT_PX;
const CHARACTER_PX = 0.62 * NAME_FONT_PX;
const NAME_MARGIN_PX = 22;
const RIGHT_PADDING_PX = 24;

// Blue and red can be told apart by everyone, and stand out from a white and from a black page.
const BLUE = '#0969da';
const RED = '#cf222e';
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
  trouble: Trouble | undefined
): string | undefined {
  const shown = entries.slice(-MAX_BARS);
  const [first, ...later] = shown;
  const last = later.at(-1);
  // Mermaid stops at a year that has not four digits.
  if (!first || !last || shown.some((entry) => !/^\d{4}-/.test(mermaidDate(endOf(entry)))))
    return undefined;
  const [start, end] = [startOf(first), endOf(last)];
  if (end <= start) return undefined;
  const headings = headingsOf(shown, trouble);
  const headingPx = widthOf(headings);
  const axis = timeAxis(start, end, NARROWEST_PX - headingPx - RIGHT_PADDING_PX);
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
      `    ${bar(entry, trouble)}`
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
      sectionBkgColor: '#8c959f',
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
function headingsOf(
  entries: readonly TimelineEntry[],
  trouble: Trouble | undefined
): readonly Heading[] {
  return entries.map((entry, index) => {
    const name = cut(entry.state, MAX_NAME_CHARACTERS);
    const nth = entries.slice(0, index).filter(
      (earlier) => cut(earlier.state, MAX_NAME_CHARACTERS) === name
    ).length;
    return {
      name: nth === 0 ? name : `${name} (${nth + 1})`,
      standing: `${signOfEntry(entry, trouble)} ${timeInState(entry)}`.trimEnd()
    };
  });
}

function widthOf(headings: readonly Heading[]): number {
  const widths = headings.map(({ name, standing }) =>
    Math.max(name.length * CAPITAL_PX, standing.length * CHARACTER_PX)
  );
  return Math.ceil(Math.max(...widths)) + NAME_MARGIN_PX;
}

function bar(entry: TimelineEntry, trouble: Trouble | undefined): string {
  // A bar without a length is not drawn.
  const isMoment = startOf(entry) === endOf(entry);
  const tags = [
    ...(isTrouble(entry, trouble) ? ['crit'] : []),
    ...(isMoment ? ['milestone'] : [])
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
