import type { TimelineEntry } from '../case/import.ts';
import type { Outcome } from '../case/verdict.ts';
import { breakable, escapeMarkdown, row } from './markdown.ts';
import { cut } from '../untrusted.ts';
import { lengthInWords } from '../time.ts';

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
function signOfEntry(entry: TimelineEntry, stop: Stop | undefined): string {
  if (entry.state === 'CANCELLED') return SIGNS.cancelled;
  if (entry.state === 'FAILED') return SIGNS.failed;
  if (stop && isStop(entry, stop)) return stop.sign;
  return entry.progress === 'running' ? '⏳' : '✅';
}

/** Whether it is the phase in which the import of a failed step stands or stood, or its bad end. */
function isStop({ state, progress }: TimelineEntry, stop: Stop | undefined): boolean {
  return stop !== undefined && (progress === 'ended' || state === stop.phase);
}

/** The time in a state, for the table and for the chart; empty when Ops Manager does not tell. */
function timeInState({ durationMs, progress }: TimelineEntry): string {
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
// Nowhere in the world was a clock changed on this day or the next.
const QUIET_DAY = Date.parse('2024-12-10T00:00:00Z');

/**
 * A Mermaid Gantt chart in Markdown with one row a state, true to the millisecond; empty when it would
 * show nothing. Names stand in a column of their own: beside a bar there is no room for them on a phone.
 * Dates are written without a zone: Mermaid reads and shows them as local, so everyone sees UTC. Where
 * only hours show, they are those of a quiet day: a reader's change to summer time has no such hour.
 */
export function timelineChart(entries: readonly TimelineEntry[], stop: Stop | undefined): string {
  const shown = entries.slice(-MAX_BARS);
  const [first, ...later] = shown;
  const last = later.at(-1);
  // Mermaid stops at a year that has not four digits, and reads 0099 as 1999.
  if (!first || !last || shown.some((entry) => !/^(?!00)\d{4}-/.test(mermaidDate(endOf(entry)))))
    return '';
  const [start, end] = [startOf(first), endOf(last)];
  const headings = headingsOf(shown, stop);
  const headingPx = widthOf(headings);
  const barsPx = NARROWEST_PX - headingPx - RIGHT_PADDING_PX;
  const axis = end > start ? timeAxis(start, end, barsPx) : undefined;
  if (axis === undefined) return '';
  const laterMs = axis.axisFormat.includes('%m')
    ? 0
    : Math.floor(start / DAY_MS) * DAY_MS - QUIET_DAY;
  return [
    '```mermaid',
    settings(headingPx),
    'gantt',
    `    title ${daysFrom(start, end)}, UTC`,
    '    dateFormat YYYY-MM-DD HH:mm:ss.SSS',
    `    axisFormat ${axis.axisFormat}`,
    `    tickInterval ${axis.tickInterval}`,
    ...(axis.weekday === undefined ? [] : [`    weekday ${axis.weekday}`]),
    '    todayMarker off',
    ...shown.flatMap((entry, index) => [
      `    section ${headings[index]?.join('<br>') ?? ''}`,
      `    ${bar(entry, stop, (end - start) / barsPx, laterMs)}`
    ]),
    '```'
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

/** What stands left of a bar, in two lines. */
type Heading = readonly [name: string, standing: string];

/** Mermaid makes one of headings that are the same, so a state that comes again is counted. */
function headingsOf(entries: readonly TimelineEntry[], stop: Stop | undefined): readonly Heading[] {
  const counts = new Map<string, number>();
  return entries.map((entry) => {
    const short = cut(entry.state, MAX_NAME_CHARACTERS);
    const nth = (counts.get(short) ?? 0) + 1;
    counts.set(short, nth);
    const suffix = nth === 1 ? '' : ` (${nth})`;
    return [
      `${cut(short, MAX_NAME_CHARACTERS - suffix.length)}${suffix}`,
      `${signOfEntry(entry, stop)} ${timeInState(entry)}`.trimEnd()
    ];
  });
}

function widthOf(headings: readonly Heading[]): number {
  const widths = headings.map(([name, standing]) =>
    Math.max(name.length * CAPITAL_PX, standing.length * CHARACTER_PX)
  );
  return Math.ceil(Math.max(...widths)) + NAME_MARGIN_PX;
}

/**
 * What is shorter than `shortestMs` is a milestone, because Mermaid does not draw a bar for it. It is
 * drawn `laterMs` before its time.
 */
function bar(
  entry: TimelineEntry,
  stop: Stop | undefined,
  shortestMs: number,
  laterMs: number
): string {
  const tags = [
    ...(isStop(entry, stop) ? ['crit'] : []),
    ...(endOf(entry) - startOf(entry) < shortestMs ? ['milestone'] : [])
  ];
  const times = [startOf(entry), endOf(entry)].map((time) => mermaidDate(time - laterMs));
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

// Digits, and the signs between, of Verdana at Mermaid's ten pixels.
const DIGIT_PX = 6.36;
const SIGN_PX = 4.54;
const GAP_PX = 5;
const DAY_MS = 24 * 60 * 60 * 1000;
const WEEKDAYS = 'sunday monday tuesday wednesday thursday friday saturday'.split(' ');

/** How Mermaid divides and names the times below a chart. */
interface TimeAxis {
  readonly tickInterval: string;
  readonly axisFormat: string;
  /** On which day weekly ticks stand: the first of the chart, so that there is a tick. */
  readonly weekday: string | undefined;
}

/** Names, shortest lengths, the steps that divide the next unit, where Mermaid starts counting anew. */
const UNITS = [
  ['millisecond', 1, [1, 2, 4, 5, 10, 20, 40, 50, 100, 200, 400, 500], '%S.%L'],
  ['second', 1000, [1, 2, 4, 5, 10, 15, 20, 30], '%H:%M:%S'],
  ['minute', 60_000, [1, 2, 5, 10, 15, 20, 30], '%H:%M'],
  ['hour', DAY_MS / 24, [1, 2, 3, 6, 12], '%H:%M'],
  ['day', DAY_MS, [1, 2], '%m-%d'],
  ['week', 7 * DAY_MS, [1, 2, 4], '%m-%d'],
  ['month', 28 * DAY_MS, [2, 3, 6, 12], '%Y-%m']
] as const;

/**
 * The closest ticks that do not touch on an axis of `widthPx` from `startMs` to `endMs`; undefined
 * for a time of so many years that there are none.
 */
function timeAxis(startMs: number, endMs: number, widthPx: number): TimeAxis | undefined {
  const pxPerMs = widthPx / (endMs - startMs);
  for (const [name, lengthMs, steps, axisFormat] of UNITS) {
    const neededPx = widthOfTick(axisFormat) + GAP_PX;
    const step = steps.find(
      (count) =>
        count * lengthMs * pxPerMs >= neededPx &&
        !(name === 'day' && count > 1 && monthOf(startMs) !== monthOf(endMs))
    );
    // Hours cannot tell one day from another.
    const isAmbiguous = lengthMs < DAY_MS && endMs - startMs > DAY_MS;
    if (step !== undefined && !isAmbiguous) {
      const firstDay = new Date(startMs + DAY_MS - 1).getUTCDay();
      const weekday = name === 'week' ? WEEKDAYS[firstDay] : undefined;
      return { tickInterval: `${step}${name}`, axisFormat, weekday };
    }
  }
  return undefined;
}

function monthOf(timeMs: number): string {
  return mermaidDate(timeMs).slice(0, 7);
}

function widthOfTick(axisFormat: string): number {
  const label = axisFormat.replace('%Y', '0000').replace('%L', '000').replace(/%./g, '00');
  const signs = label.replaceAll('0', '').length;
  return signs * SIGN_PX + (label.length - signs) * DIGIT_PX;
}
