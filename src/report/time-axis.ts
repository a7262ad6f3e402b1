const SECOND_MS = 1000;
const MINUTE_MS = 60 * SECOND_MS;
const HOUR_MS = 60 * MINUTE_MS;
const DAY_MS = 24 * HOUR_MS;

// At Mermaid's ten pixels, in the widest font of its list (Verdana): digits, and the signs between.
const DIGIT_PX = 6.36;
const SIGN_PX = 4.54;
const GAP_PX = 5;

const WEEKDAYS = [
  'sunday',
  'monday',
  'tuesday',
  'wednesday',
  'thursday',
  'friday',
  'saturday'
] as const;

/** How Mermaid divides and names the times below a chart. */
export interface TimeAxis {
  readonly tickInterval: string;
  readonly axisFormat: string;
  /** On which day weekly ticks stand: the first of the chart, so that there is a tick. */
  readonly weekday: (typeof WEEKDAYS)[number] | undefined;
}

interface Unit {
  readonly name: string;
  /** The shortest, where it varies. */
  readonly lengthMs: number;
  /** Only such as divide the next unit, where Mermaid starts counting anew. */
  readonly steps: readonly number[];
  readonly axisFormat: string;
  /** A label as it is written, for its width. */
  readonly label: string;
}

const UNITS: readonly Unit[] = [
  {
    name: 'millisecond',
    lengthMs: 1,
    steps: [1, 2, 4, 5, 10, 20, 40, 50, 100, 200, 400, 500],
    axisFormat: '%S.%L',
    label: '00.000'
  },
  {
    name: 'second',
    lengthMs: SECOND_MS,
    steps: [1, 2, 4, 5, 10, 15, 20, 30],
    axisFormat: '%H:%M:%S',
    label: '00:00:00'
  },
  {
    name: 'minute',
    lengthMs: MINUTE_MS,
    steps: [1, 2, 5, 10, 15, 20, 30],
    axisFormat: '%H:%M',
    label: '00:00'
  },
  {
    name: 'hour',
    lengthMs: HOUR_MS,
    steps: [1, 2, 3, 6, 12],
    axisFormat: '%H:%M',
    label: '00:00'
  },
  { name: 'day', lengthMs: DAY_MS, steps: [1, 2], axisFormat: '%m-%d', label: '00-00' },
  { name: 'week', lengthMs: 7 * DAY_MS, steps: [1, 2, 4], axisFormat: '%m-%d', label: '00-00' },
  {
    name: 'month',
    lengthMs: 28 * DAY_MS,
    steps: [2, 3, 6, 12],
    axisFormat: '%Y-%m',
    label: '0000-00'
  }
];

/**
 * The closest ticks that do not touch on an axis of `widthPx` from `startMs` to `endMs`; undefined
 * for a time of so many years that there are none.
 */
export function timeAxis(startMs: number, endMs: number, widthPx: number): TimeAxis | undefined {
  const pxPerMs = widthPx / (endMs - startMs);
  for (const unit of UNITS) {
    const neededPx = widthOf(unit.label) + GAP_PX;
    const step = unit.steps.find(
      (count) =>
        count * unit.lengthMs * pxPerMs >= neededPx &&
        !(unit.name === 'day' && count > 1 && monthOf(startMs) !== monthOf(endMs))
    );
    // Hours cannot tell one day from another.
    const isAmbiguous = unit.lengthMs < DAY_MS && endMs - startMs > DAY_MS;
    if (step !== undefined && !isAmbiguous) {
      const firstDay = new Date(startMs + DAY_MS - 1).getUTCDay();
      const weekday = unit.name === 'week' ? WEEKDAYS[firstDay] : undefined;
      return { tickInterval: `${step}${unit.name}`, axisFormat: unit.axisFormat, weekday };
    }
  }
  return undefined;
}

function monthOf(timeMs: number): string {
  return new Date(timeMs).toISOString().slice(0, 7);
}

function widthOf(label: string): number {
  const signs = label.replace(/\d/g, '').length;
  return signs * SIGN_PX + (label.length - signs) * DIGIT_PX;
}
