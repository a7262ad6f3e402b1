import { describe, expect, it } from '@jest/globals';
import { forgotten } from '../src/case/case.ts';
import { stepFinished, waitEnded, wasListed } from '../src/case/transitions.ts';
import {
  fingerprintOf,
  isDecided,
  isOpenStatus,
  needsTelling,
  taskWithout,
  type Decided
} from '../src/handover.ts';
import { CREATED, ENDINGS, followed, LOST, SILENCE } from './support/cases.ts';
import { IMPORT, importAt, listAt } from './support/imports.ts';

const ID = '507f1f77bcf86cd799439011';
const DECIDED: Decided = {
  terms: { goal: 'SUCCESS', cancelOnTimeout: true, cancelOnInterrupt: false, deleteFailed: true },
  apiUrl: 'https://om.example.com:8443/api/public/v1.0',
  projectId: '507f1f77bcf86cd799439012',
  requestTimeoutMs: 30_000,
  jobSummary: true,
  status: { context: 'ops-manager/import', commit: { repository: 'a/b', sha: 'abc' } },
  keyFingerprint: fingerprintOf('abcdefgh'),
  mark: '/runner/temp/x.post'
};

describe('what main decided', () => {
  it('is known again after JSON, also where it may be left out', () => {
    const { status, mark, ...rest } = DECIDED;
    for (const each of [DECIDED, rest, { ...rest, status }, { ...rest, mark }])
      expect(isDecided(JSON.parse(JSON.stringify(each)))).toBe(true);
  });

  it.each(Object.keys(DECIDED))('is not known where %s is of another type', (name) => {
    for (const value of [7.5, null, [], 'x y', {}]) {
      const other = { ...DECIDED, [name]: value };
      const isSame = typeof value === typeof DECIDED[name as keyof Decided] && name !== 'apiUrl';
      if (isSame && typeof value !== 'object') continue;
      expect(isDecided(other)).toBe(false);
    }
  });

  it('has goal and policies of their own types', () => {
    for (const terms of [
      { ...DECIDED.terms, goal: 'FAILED' },
      { ...DECIDED.terms, cancelOnTimeout: 'true' }
    ])
      expect(isDecided({ ...DECIDED, terms })).toBe(false);
  });

  it('tells one key from another, and leads back to none', () => {
    expect(fingerprintOf('abcdefgh')).not.toBe(fingerprintOf('abcdefgi'));
    expect(fingerprintOf('abcdefgh')).toMatch(/^[\da-f]{8}$/);
  });

  it('tells a status that was left to the post step from it', () => {
    const open = { status: DECIDED.status, description: 'timeout is wrong' };
    expect([isOpenStatus(open), isOpenStatus(DECIDED), isDecided(open)]).toEqual([
      true,
      false,
      false
    ]);
  });
});

describe('the task of a post step', () => {
  it.each([
    { target: { kind: 'given', id: ID }, areSure: true, mayCancel: true },
    { target: { kind: 'given', id: ID }, areSure: false, mayCancel: false },
    { target: { kind: 'discover' }, areSure: true, mayCancel: false },
    { target: { kind: 'create' }, areSure: true, mayCancel: false }
  ] as const)(
    'cancels only a given import where nothing was saved: $target.kind, sure: $areSure',
    ({ target, areSure, mayCancel }) => {
      const task = taskWithout({ target, goal: 'SUCCESS', areSure }, 5);
      expect(task.case).toEqual(forgotten(target, 5));
      expect([task.terms.cancelOnTimeout, task.terms.cancelOnInterrupt]).toEqual([
        mayCancel,
        mayCancel
      ]);
    }
  );
});

describe('what the post step has to tell', () => {
  const { terms } = DECIDED;
  const LEFT = { ...terms, cancelOnTimeout: false };
  const NONE = followed(LOST, ...SILENCE, waitEnded(ENDINGS.timedOut), stepFinished(undefined));

  it('is nothing where main has told what became of the import', () => {
    expect(needsTelling({ case: NONE, terms }, NONE)).toBe(false);
  });

  it.each([terms, LEFT])('is an import that was listed only after main had ended: %j', (each) => {
    const late = wasListed(listAt(40, importAt(IMPORT, 38)), 40_000)(NONE);
    expect(late.id).toBe(IMPORT);
    expect(needsTelling({ case: NONE, terms: each }, late)).toBe(true);
  });

  it('is whatever main had not finished, or could not settle', () => {
    expect(needsTelling({ case: LOST, terms }, LOST)).toBe(true);
    const open = followed(CREATED, waitEnded(ENDINGS.timedOut), stepFinished(undefined));
    expect(needsTelling({ case: open, terms }, open)).toBe(true);
  });
});
