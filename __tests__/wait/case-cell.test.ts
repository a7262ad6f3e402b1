import { describe, expect, it } from '@jest/globals';
import { opened, type Case } from '../../src/case/case.ts';
import { waitEnded, wasRead } from '../../src/case/transitions.ts';
import { CaseCell } from '../../src/wait/case-cell.ts';
import { ENDINGS, GIVEN, readIn } from '../support/cases.ts';
import { after, history, IMPORT, importIn } from '../support/imports.ts';

const TERMS = {
  goal: 'SUCCESS',
  cancelOnTimeout: true,
  cancelOnInterrupt: true,
  deleteFailed: false
} as const;

function recording(answer = { isSaved: true, areOutputsWritten: true }) {
  const changes: (readonly [Case, Case, string])[] = [];
  const publisher = {
    publish: (...change: [Case, Case, string]) => {
      changes.push(change);
      return answer;
    }
  };
  return { changes, publisher };
}

describe('the cell', () => {
  it('publishes the first case, also where nothing has changed yet', () => {
    const { changes, publisher } = recording();
    new CaseCell(GIVEN, TERMS, publisher).record((c) => c);
    expect(changes).toHaveLength(1);
  });

  it('publishes each change with what was before it', () => {
    const { changes, publisher } = recording();
    const cell = new CaseCell(GIVEN, TERMS, publisher);
    cell.record(readIn('PENDING'));
    cell.record(waitEnded(ENDINGS.signal));
    expect(changes.map(([before, now]) => [before.read?.state, now.read?.state])).toEqual([
      [undefined, 'PENDING'],
      ['PENDING', 'PENDING']
    ]);
    expect(changes[1]?.[1].ending).toBe(ENDINGS.signal);
    expect(cell.case.ending).toBe(ENDINGS.signal);
  });

  it('publishes no change that says nothing new, but holds it', () => {
    const { changes, publisher } = recording();
    const cell = new CaseCell(GIVEN, TERMS, publisher);
    const pending = (second: number) => importIn('PENDING', history(['PENDING', 0]), after(second));
    cell.record(wasRead(pending(1), 1000));
    cell.record(wasRead(pending(9), 9000));
    cell.record((c) => ({ ...c }));
    expect(changes).toHaveLength(1);
    expect(cell.case.read?.readAt).toBe(after(9));
  });

  it('says whether the case is saved, also of what it did not need to publish again', () => {
    const { publisher } = recording({ isSaved: false, areOutputsWritten: true });
    const cell = new CaseCell(opened({ kind: 'given', id: IMPORT }), TERMS, publisher);
    expect(cell.record((c) => c)).toEqual({ isSaved: false, areOutputsWritten: true });
    expect(cell.record((c) => c)).toEqual({ isSaved: false, areOutputsWritten: true });
  });
});
