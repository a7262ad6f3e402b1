import { describe, expect, it } from '@jest/globals';
import type { Result } from '../../src/outcome.ts';
import { outputsOf } from '../../src/report/outputs.ts';
import { after, history, IMPORT, importIn } from '../support/import-requests.ts';

const FAILED = importIn(
  'FAILED',
  history(['PENDING', 0], ['AWAIT_GOAL_STATE', 60.4], ['FAILED', 90.5])
);

const RESULT: Result = {
  outcome: { kind: 'failed' },
  goal: 'SUCCESS',
  requestId: IMPORT,
  request: FAILED,
  cancellation: { kind: 'not-needed' },
  cleanup: { kind: 'deleted' },
  waitedMs: 90_700,
  outages: []
};

describe('the outputs', () => {
  it('say how the import ended', () => {
    expect(outputsOf(RESULT)).toEqual({
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
      message: expect.stringContaining(IMPORT) as unknown
    });
    const [first] = JSON.parse(outputsOf(RESULT)['history'] ?? '') as unknown[];
    expect(first).toEqual({ state: 'PENDING', transitionedAt: after(0) });
  });

  it('are empty where nothing is known', () => {
    const error = new Error('No.');
    const unknown = { ...RESULT, requestId: undefined, request: undefined };
    expect(outputsOf({ ...unknown, outcome: { kind: 'error', error } })).toMatchObject({
      outcome: 'error',
      'goal-reached': 'false',
      state: '',
      'last-phase': '',
      history: '[]',
      'request-id': '',
      'import-seconds': '',
      message: expect.stringContaining('No.') as unknown
    });
  });

  it('open the gate only when the goal was reached', () => {
    const kinds = ['failed', 'cancelled'] as const;
    for (const kind of kinds) {
      expect(outputsOf({ ...RESULT, outcome: { kind } })['goal-reached']).toBe('false');
    }
    for (const late of [true, false]) {
      const reached = outputsOf({ ...RESULT, outcome: { kind: 'reached', late } });
      expect(reached).toMatchObject({ outcome: 'reached', 'goal-reached': 'true' });
    }
  });

  it('have a message of one safe line, whatever an error says', () => {
    const error = new Error('::error::first\nsecond ##[add-path]third\r\n\u202e');
    const { message } = outputsOf({
      ...RESULT,
      request: undefined,
      outcome: { kind: 'error', error }
    });
    expect(message).toMatch(/first.*second.*third/);
    expect(message).not.toMatch(/[\r\n\u202e]|##\[|^::/);
  });
});
