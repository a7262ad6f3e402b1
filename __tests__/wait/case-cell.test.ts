import { describe, expect, it } from '@jest/globals';
import { opened, type Case } from '../../src/case/case.ts';
import { createAnnounced, createAnswered, creationBegan } from '../../src/case/create-calls.ts';
import {
  cancelAnnounced,
  deletionChanged,
  statusDelivered,
  stepFinished,
  waitEnded,
  wasFound,
  wasListed,
  wasRead
} from '../../src/case/transitions.ts';
import { CaseCell } from '../../src/wait/case-cell.ts';
import {
  CALLED,
  CREATED,
  CREATING,
  DISCOVERING,
  ENDINGS,
  followed,
  FOUND,
  GIVEN,
  readIn,
  SHOWN_ALONE,
  type Transition
} from '../support/cases.ts';
import { statusOf } from '../support/gate-under-test.ts';
import { after, history, idOf, IMPORT, importAt, importIn, listAt } from '../support/imports.ts';

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

describe('after 200 changes', () => {
  const changed =
    (ms: number): Transition =>
    (c) => ({ ...c, quiet: { ms, lastAt: undefined } });
  const OWN = importAt(IMPORT, 1);
  const FINISHED = followed(GIVEN, stepFinished(statusOf('success')));
  const BEGUN = followed(CREATING, creationBegan(listAt(0), 0));

  /** How many changes are published of 250, and how many of those that come then. */
  function published(first: Case, ...then: readonly Transition[]): readonly number[] {
    const { changes, publisher } = recording();
    const cell = new CaseCell(first, TERMS, publisher);
    for (let nth = 1; nth <= 250; nth += 1) cell.record(changed(nth));
    const before = changes.length;
    for (const each of then) cell.record(each);
    return [before, changes.length - before];
  }

  it.each([
    { name: 'a state of the pipeline', first: GIVEN, change: readIn('AWAIT_GOAL_STATE') },
    { name: 'an import that was found', first: DISCOVERING, change: wasFound(OWN, 0) },
    { name: 'one that was adopted', first: CREATING, change: wasFound(OWN, 0) },
    { name: 'whose it is', first: followed(FOUND, ...SHOWN_ALONE.slice(0, 1)), change: (c: Case) => followed(c, ...SHOWN_ALONE.slice(1)) }, // prettier-ignore
    { name: 'that it is one of several', first: CREATED, change: wasListed(listAt(5, OWN, importAt(idOf(2), 2)), 5000) }, // prettier-ignore
    { name: 'the closing list', first: CREATED, change: wasListed(listAt(40, OWN), 40_000) },
    { name: 'a cancel call', first: GIVEN, change: cancelAnnounced },
    { name: 'a create call', first: BEGUN, change: createAnnounced(30_000, 0) },
    { name: 'what became of it', first: CALLED, change: createAnswered('lost', 200) },
    { name: 'an ending', first: GIVEN, change: waitEnded(ENDINGS.signal) },
    { name: 'a deletion', first: GIVEN, change: deletionChanged({ kind: 'asked' }) },
    { name: 'the end of the step', first: GIVEN, change: stepFinished(undefined) },
    { name: 'a commit status', first: FINISHED, change: statusDelivered }
  ])('is published: $name', ({ first, change }) => {
    expect(published(first, change)).toEqual([200, 1]);
  });

  it('nothing else is, and each state only once', () => {
    const said = [readIn('PENDING'), readIn('AWAIT_COFFEE'), changed(0), changed(7)];
    expect(published(GIVEN, ...said)).toEqual([200, 1]);
  });

  it('what was not published comes with the next that is', () => {
    const { changes, publisher } = recording();
    const cell = new CaseCell(GIVEN, TERMS, publisher);
    for (let nth = 1; nth <= 250; nth += 1) cell.record(changed(nth));
    cell.record(waitEnded(ENDINGS.signal));
    const [before, now] = changes.at(-1) ?? [];
    expect([before?.quiet.ms, now?.quiet.ms]).toEqual([200, 250]);
  });
});
