import { describe, expect, it } from '@jest/globals';
import type { TimelineEntry } from '../../src/case/import.ts';
import { timelineChart, timelineTable, type Stop } from '../../src/report/timeline.ts';

const TIMED_OUT: Stop = { phase: 'AWAIT_GOAL_STATE', sign: '⏱️' };

function entry(
  state: string,
  transitionedAt: string,
  durationMs?: number,
  progress: TimelineEntry['progress'] = 'passed'
): TimelineEntry {
  return { state, transitionedAt, durationMs, progress };
}

const PENDING = entry('PENDING', '2025-10-20T10:00:00.000Z', 120_000);
const WAITING = entry('AWAIT_GOAL_STATE', '2025-10-20T10:02:00.000Z', 2_580_000, 'running');
const CANCELLED = entry('CANCELLED', '2025-10-20T10:45:00.000Z', undefined, 'ended');

/** The table's rows, without how a state may be broken. */
function rowsOf(entries: readonly TimelineEntry[], stop?: Stop): string[] {
  return timelineTable(entries, stop)
    .split('\n')
    .filter((line) => line.startsWith('|'))
    .map((line) => line.replace(/<\/?code>/g, '`').replaceAll('\\_<wbr>', '_'));
}

describe('the table of the timeline', () => {
  it('says of each state how long it lasted and when it was entered, and the date once', () => {
    expect(rowsOf([PENDING, { ...WAITING, progress: 'passed' }, CANCELLED], TIMED_OUT)).toEqual([
      '| State | Time in it | Entered (UTC) |',
      '| :-- | --: | --: |',
      '| ✅ `PENDING` | 2m | 2025-10-20 10:00:00 |',
      '| ⏱️ `AWAIT_GOAL_STATE` | 43m | 10:02:00 |',
      '| 🚫 `CANCELLED` |  | 10:45:00 |'
    ]);
  });

  it('names the date again where a day begins', () => {
    const late = entry('AWAIT_GOAL_STATE', '2025-10-21T00:00:00.000Z', 1, 'running');
    expect(
      rowsOf([PENDING, late, { ...CANCELLED, transitionedAt: '2025-10-21T00:00:01Z' }])
    ).toEqual(
      expect.arrayContaining([
        '| ⏳ `AWAIT_GOAL_STATE` | under 1s so far | 2025-10-21 00:00:00 |',
        '| 🚫 `CANCELLED` |  | 00:00:01 |'
      ])
    );
  });

  it('tells a moment from no time at all', () => {
    const rows = rowsOf([0, 1, 999, 1000].map((durationMs) => ({ ...PENDING, durationMs })));
    expect(rows.slice(2).map((line) => line.split(' | ')[1])).toEqual([
      '0s',
      'under 1s',
      'under 1s',
      '1s'
    ]);
  });

  it('marks the state that lasts', () => {
    expect(rowsOf([PENDING, WAITING])).toContain(
      '| ⏳ `AWAIT_GOAL_STATE` | 43m so far | 10:02:00 |'
    );
  });

  it('says where the transitions are that it leaves out', () => {
    const many = Array.from({ length: 250 }, (_, index) => ({ ...PENDING, state: `S${index}` }));
    expect(rowsOf(many)).toHaveLength(102);
    expect(rowsOf(many).at(-1)).toContain('`S249`');
    expect(timelineTable(many, undefined)).toContain(
      '150 earlier transitions are in the output `history`.'
    );
  });

  it('is empty without transitions', () => {
    expect(timelineTable([], undefined)).toBe('');
    expect(timelineChart([], undefined)).toBe('');
  });
});
