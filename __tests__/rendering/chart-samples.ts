import { timeline, type TimelineEntry } from '../../src/case/import.ts';
import { PIPELINE, type GoalState } from '../../src/case/states.ts';
import { timelineChart, timelineTable, type Stop } from '../../src/report/timeline.ts';

const SECOND = 1000;
const MINUTE = 60 * SECOND;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;
const START = '2025-10-20T10:00:00.123Z';

/** A timeline that a chart is drawn of. */
export interface ChartSample {
  readonly entries: readonly TimelineEntry[];
  readonly stop: Stop | undefined;
}

/** The part of a summary that shows a timeline. */
export function shownAs({ entries, stop }: ChartSample): string {
  return `${timelineChart(entries, stop)}\n\n${timelineTable(entries, stop)}\n`;
}

/** An import that enters `states` at these milliseconds, read last at `readMs`. */
export function course(
  states: readonly (readonly [state: string, atMs: number])[],
  readMs: number | undefined,
  start: string = START
): readonly TimelineEntry[] {
  const date = (ms: number): string => new Date(Date.parse(start) + ms).toISOString();
  return timeline({
    id: '507f1f77bcf86cd799439011',
    state: states.at(-1)?.[0] ?? '',
    transitions: states.map(([state, atMs]) => ({ state, transitionedAt: date(atMs) })),
    readAt: readMs === undefined ? undefined : date(readMs),
    reply: ''
  });
}

/** `count` states that a newer Ops Manager may have, a minute each. */
export function ofStates(count: number): ChartSample {
  const states = Array.from(
    { length: count },
    (_, index) => [`AWAIT_STEP_${index}`, index * MINUTE] as const
  );
  return { entries: course(states, count * MINUTE), stop: undefined };
}

/** When an import enters each state, as a part of its whole time. */
const SHARES: Readonly<Record<GoalState, number>> = {
  PENDING: 0,
  AWAIT_SEED_HOST_CONNECTED: 0.05,
  AWAIT_HOSTS_DISCOVERED: 0.12,
  AWAIT_AUTOMATION_IMPORTED: 0.3,
  AWAIT_GOAL_STATE: 0.4,
  SUCCESS: 1
};

function reachedIn(lengthMs: number, start?: string): ChartSample {
  const states = PIPELINE.map((state) => [state, Math.round(SHARES[state] * lengthMs)] as const);
  return { entries: course(states, lengthMs, start), stop: undefined };
}

/** Imports whose charts have been hard to read. */
export const CHART_SAMPLES: Readonly<Record<string, ChartSample>> = {
  'takes 800 ms': reachedIn(800),
  'takes 5 s': reachedIn(5 * SECOND),
  'takes 40 s': reachedIn(40 * SECOND),
  'takes 3 min': reachedIn(3 * MINUTE),
  'takes 15 min': reachedIn(15 * MINUTE),
  'takes 2 h': reachedIn(2 * HOUR),
  'takes 20 h': reachedIn(20 * HOUR),
  'takes 3 d': reachedIn(3 * DAY),
  'takes 5 d, over the end of a month': reachedIn(5 * DAY, '2025-10-29T10:00:00Z'),
  'takes 20 d': reachedIn(20 * DAY),
  'takes 10 weeks': reachedIn(70 * DAY),
  'takes 18 months': reachedIn(540 * DAY),
  'goes on over midnight': reachedIn(3 * HOUR, '2025-10-20T22:30:00Z'),
  'goes on over the new year': reachedIn(40 * MINUTE, '2025-12-31T23:41:00Z'),
  // Mermaid takes these hours for those of the page's own zone, Pacific/Auckland.
  'goes on over a change to summer time': reachedIn(3 * HOUR, '2025-09-28T01:30:00Z'),
  'fails in the middle': {
    entries: course(
      [
        ['PENDING', 0],
        ['AWAIT_SEED_HOST_CONNECTED', 20 * MINUTE],
        ['AWAIT_HOSTS_DISCOVERED', 41 * MINUTE],
        ['FAILED', 44 * MINUTE]
      ],
      90 * MINUTE
    ),
    stop: { phase: 'AWAIT_HOSTS_DISCOVERED', sign: '❌' }
  },
  'timed out, and was cancelled': {
    entries: course(
      [
        ['PENDING', 0],
        ['AWAIT_SEED_HOST_CONNECTED', 10 * MINUTE],
        ['AWAIT_HOSTS_DISCOVERED', 11 * MINUTE],
        ['AWAIT_AUTOMATION_IMPORTED', 12 * MINUTE],
        ['CANCELLED', 45 * MINUTE]
      ],
      46 * MINUTE
    ),
    stop: { phase: 'AWAIT_AUTOMATION_IMPORTED', sign: '⏱️' }
  },
  'is running': {
    entries: course(
      [
        ['PENDING', 0],
        ['AWAIT_SEED_HOST_CONNECTED', MINUTE],
        ['AWAIT_HOSTS_DISCOVERED', 2 * MINUTE]
      ],
      33 * MINUTE
    ),
    stop: undefined
  },
  'hurries, then waits for 20 h': {
    entries: course(
      [
        ['PENDING', 0],
        ['AWAIT_SEED_HOST_CONNECTED', 3],
        ['AWAIT_HOSTS_DISCOVERED', 3],
        ['AWAIT_AUTOMATION_IMPORTED', 900],
        ['AWAIT_GOAL_STATE', 2 * SECOND],
        ['FAILED', 20 * HOUR]
      ],
      20 * HOUR
    ),
    stop: { phase: 'AWAIT_GOAL_STATE', sign: '❌' }
  },
  'was read without a date': {
    entries: course(
      [
        ['PENDING', 0],
        ['AWAIT_SEED_HOST_CONNECTED', 5 * MINUTE]
      ],
      undefined
    ),
    stop: undefined
  },
  'goes back and has a long name': {
    entries: course(
      [
        ['PENDING', 0],
        ['A'.repeat(64), MINUTE],
        ['PENDING', 4 * MINUTE],
        ['A'.repeat(63), 5 * MINUTE],
        ['AWAIT_GOAL_STATE', 6 * MINUTE]
      ],
      9 * MINUTE
    ),
    stop: { phase: 'AWAIT_GOAL_STATE', sign: '⏸️' }
  },
  'has 30 states': ofStates(30)
};
