import { describe, expect, it } from '@jest/globals';
import type { TimelineEntry } from '../../src/case/import.ts';
import { timelineChart } from '../../src/report/timeline.ts';

const START = Date.parse('2025-10-20T10:00:00.123Z');

function entry(state: string, atMs: number, durationMs?: number): TimelineEntry {
  const transitionedAt = new Date(START + atMs).toISOString();
  const progress = durationMs === undefined ? 'ended' : 'passed';
  return { state, transitionedAt, durationMs, progress };
}

const FAILED = [
  entry('PENDING', 0, 120_000),
  entry('AWAIT_SEED_HOST_CONNECTED', 120_000, 600_000),
  entry('FAILED', 720_000)
];

/** The lines of a chart, but for the fence and the first, which has its looks. */
function linesOf(chart: string): string[] {
  return chart.split('\n').slice(2, -1);
}

describe('a chart', () => {
  it('has a row for each state, to the millisecond, and its day as a title', () => {
    const stop = { phase: 'AWAIT_SEED_HOST_CONNECTED', sign: '❌' };
    expect(linesOf(timelineChart(FAILED, stop))).toEqual([
      'gantt',
      '    title 2025-10-20, UTC',
      '    dateFormat YYYY-MM-DD HH:mm:ss.SSS',
      '    axisFormat %H:%M',
      '    tickInterval 5minute',
      '    todayMarker off',
      '    section PENDING<br>✅ 2m',
      '    \u200b :2025-10-20 10:00:00.123, 2025-10-20 10:02:00.123',
      '    section AWAIT_SEED_HOST_CONNECTED<br>❌ 10m',
      '    \u200b :crit, 2025-10-20 10:02:00.123, 2025-10-20 10:12:00.123',
      '    section FAILED<br>❌',
      '    \u200b :crit, milestone, 2025-10-20 10:12:00.123, 2025-10-20 10:12:00.123'
    ]);
  });

  it('has no red in it when the step passed', () => {
    const reached = [entry('PENDING', 0, 1000), entry('SUCCESS', 1000)];
    expect(linesOf(timelineChart(reached, undefined)).join('\n')).not.toContain('crit');
  });

  it('shows as a milestone what is too short for a bar', () => {
    const entries = [
      entry('PENDING', 0, 3),
      entry('AWAIT_GOAL_STATE', 3, 3_600_000),
      entry('SUCCESS', 3_600_003)
    ];
    expect(
      linesOf(timelineChart(entries, undefined)).filter((line) => line.includes(' :'))
    ).toEqual([
      expect.stringContaining(':milestone, 2025-10-20 10:00:00.123, 2025-10-20 10:00:00.126'),
      expect.not.stringContaining('milestone'),
      expect.stringContaining('milestone')
    ]);
  });

  it('counts a state that comes again, so that its rows stay apart', () => {
    const long = 'A'.repeat(64);
    const entries = [
      entry(long, 0, 1000),
      entry('PENDING', 1000, 1000),
      entry(long, 2000, 1000),
      entry('PENDING', 3000, 1000)
    ];
    const sections = linesOf(timelineChart(entries, undefined)).filter((line) =>
      line.includes('section')
    );
    expect(sections.map((line) => line.trim())).toEqual([
      `section ${'A'.repeat(24)}…<br>✅ 1s`,
      'section PENDING<br>✅ 1s',
      `section ${'A'.repeat(20)}… (2)<br>✅ 1s`,
      'section PENDING (2)<br>✅ 1s'
    ]);
  });

  it('has the last thirty of very many states', () => {
    const many = Array.from({ length: 40 }, (_, index) =>
      entry(`STEP_${index}`, index * 1000, 1000)
    );
    const sections = linesOf(timelineChart(many, undefined)).filter((line) =>
      line.includes('section')
    );
    expect(sections).toHaveLength(30);
    expect(sections[0]).toContain('STEP_10<');
  });

  it('names both days, and the day of its weekly times', () => {
    const month = [entry('PENDING', 0, 30 * 86_400_000), entry('SUCCESS', 30 * 86_400_000)];
    expect(linesOf(timelineChart(month, undefined))).toEqual(
      expect.arrayContaining([
        '    title 2025-10-20 to 2025-11-19, UTC',
        '    tickInterval 1week',
        '    weekday tuesday'
      ])
    );
  });

  const nothing: Readonly<Record<string, readonly TimelineEntry[]>> = {
    'no state': [],
    'a single state': [entry('PENDING', 0, 1000)],
    'no time at all': [entry('PENDING', 0, 0), entry('SUCCESS', 0)],
    'a year of five digits': [entry('PENDING', 0, 1000), entry('SUCCESS', 260_000_000_000_000)]
  };
  it.each(Object.keys(nothing))('is left out for %s', (name) => {
    expect(timelineChart(nothing[name] ?? FAILED, undefined)).toBe('');
  });
});
