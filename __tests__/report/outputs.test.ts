import { describe, expect, it } from '@jest/globals';
import { waitEnded, wasRead } from '../../src/case/transitions.ts';
import { outputsOf, outputsWithoutCase } from '../../src/report/outputs.ts';
import { ALL_REPORTS, reportFor } from '../support/all-reports.ts';
import { followed, GIVEN, readIn } from '../support/cases.ts';
import { reportOn } from '../support/gate-under-test.ts';
import { history, IMPORT, importIn } from '../support/imports.ts';
import { played } from '../support/sample-results.ts';

const TERMS = {
  goal: 'SUCCESS',
  cancelOnTimeout: true,
  cancelOnInterrupt: true,
  deleteFailed: true
} as const;
const TARGET = { kind: 'given', id: IMPORT } as const;
const NAMES = [
  ...['outcome', 'goal-reached', 'state', 'last-phase', 'history', 'request-id', 'cancellation'],
  ...[
    'cleanup',
    'waited-seconds',
    'import-seconds',
    'message',
    'title',
    'diagnosis',
    'project-url'
  ],
  'report'
];

const FAILED = importIn(
  'FAILED',
  history(['PENDING', 0], ['AWAIT_GOAL_STATE', 60.4], ['FAILED', 90.5])
);

describe('the outputs', () => {
  it('say how the import ended', () => {
    const c = followed(GIVEN, readIn('PENDING'), wasRead(FAILED, 0), (each) => ({
      ...each,
      deletion: { kind: 'deleted' }
    }));
    const report = reportOn(c, TERMS, TARGET, { waitedMs: 90_700, outages: [] });
    expect(outputsOf(report)).toEqual({
      outcome: 'failed',
      'goal-reached': 'false',
      state: 'FAILED',
      'last-phase': 'AWAIT_GOAL_STATE',
      history: JSON.stringify(FAILED.transitions),
      'request-id': IMPORT,
      cancellation: 'not-needed',
      cleanup: 'deleted',
      'waited-seconds': '91',
      'import-seconds': '91',
      message: expect.stringContaining(IMPORT) as unknown,
      title: 'Import failed in AWAIT_GOAL_STATE; its record deleted',
      diagnosis: '[]',
      'project-url': expect.stringMatching(/^https:\/\/.*\/v2\/[0-9a-f]{24}$/) as unknown,
      report: ''
    });
  });

  it('are empty where nothing is known', () => {
    expect(outputsOf(reportFor('not found yet', 'error'))).toMatchObject({
      outcome: 'error',
      'goal-reached': 'false',
      state: '',
      'last-phase': '',
      history: '[]',
      'request-id': '',
      cancellation: 'not-needed',
      cleanup: 'not-needed',
      'import-seconds': ''
    });
  });

  it('open the gate only where the outcome is reached', () => {
    for (const { report } of ALL_REPORTS) {
      const outputs = outputsOf(report);
      expect(outputs['goal-reached']).toBe(String(outputs['outcome'] === 'reached'));
    }
  });

  it('have the same names on every way out, also with wrong inputs', () => {
    for (const { report } of ALL_REPORTS) expect(Object.keys(outputsOf(report))).toEqual(NAMES);
    expect(Object.keys(outputsWithoutCase('t', ['m'], 'r'))).toEqual(NAMES);
  });

  it('have a message and a title of one safe line, whatever an error says', () => {
    const hostile = '::error::first\nsecond ##[add-path]third\r\n\u202e';
    const trouble = { title: hostile, happened: hostile, advice: hostile };
    const c = waitEnded({ kind: 'error', cause: { kind: 'api', trouble } })(
      readIn('PENDING')(GIVEN)
    );
    const { message, title } = outputsOf(reportOn(c, TERMS, TARGET));
    for (const text of [message, title, outputsWithoutCase(hostile, [hostile], '')['message']]) {
      expect(text).toMatch(/first.*second.*third/);
      expect(text).not.toMatch(/[\r\n\u202e]|##\[|^::/);
    }
  });

  it('are at most 64 KiB long each, whatever a server writes', async () => {
    const { report } = await played('hostile server');
    const { case: c } = report;
    const read = c.read && { ...c.read, reply: '☃'.repeat(64 * 1024) };
    const outputs = outputsOf({ ...report, case: { ...c, read, isFinished: true } });
    const lengths = Object.values(outputs).map((value) => Buffer.byteLength(value));
    expect(Math.max(...lengths)).toBeLessThanOrEqual(64 * 1024);
    expect(outputs['report']).not.toBe('');
  });
});
