import { describe, expect, it } from '@jest/globals';
import { IMPORT_ID, PROJECT_ID } from '../../simulator/ops-manager.ts';
import { facing, IMPORT, list } from '../support/replies.ts';

describe('a list, which others write,', () => {
  const OTHER = 'a'.repeat(24);
  const [FIRST, ...LATER] = IMPORT.transitionsHistory.toReversed();
  it.each<{ name: string; item: unknown }>([
    { name: 'no object', item: 5 },
    { name: 'null', item: null },
    { name: 'a list', item: [] },
    { name: 'without an id', item: { ...IMPORT, id: undefined } },
    { name: 'with a short id', item: { ...IMPORT, id: 'abc' } },
    { name: 'without a state', item: { ...IMPORT, id: OTHER, state: undefined } },
    { name: 'with an empty state', item: { ...IMPORT, id: OTHER, state: '' } },
    { name: 'of another project', item: { ...IMPORT, id: OTHER, groupId: OTHER } }
  ])('is read without an item that is $name', async ({ item }) => {
    const { imports } = await facing([{ body: { results: [item, IMPORT, item] } }], list);
    expect(imports.map(({ id }) => id)).toEqual([IMPORT_ID]);
  });

  it.each<{ name: string; history: unknown }>([
    { name: 'no history', history: undefined },
    { name: 'a history that is none', history: 'PENDING' },
    { name: 'a history with an odd entry', history: [FIRST, 5] },
    { name: 'a history without its first date', history: [{ state: 'PENDING' }, ...LATER] }
  ])('is read with the state alone of an item with $name', async ({ history }) => {
    const item = { ...IMPORT, id: OTHER, transitionsHistory: history };
    const { imports } = await facing([{ body: { results: [item] } }], list);
    expect(imports).toMatchObject([
      { id: OTHER, projectId: PROJECT_ID, state: IMPORT.state, transitions: [] }
    ]);
  });

  it('counts an item without a project for the one that was asked for', async () => {
    const item = { ...IMPORT, groupId: undefined };
    const { imports } = await facing([{ body: { results: [item] } }], list);
    expect(imports).toMatchObject([{ id: IMPORT_ID, projectId: PROJECT_ID }]);
  });

  it('has an id once, with the longer history', async () => {
    const short = { ...IMPORT, state: 'PENDING', transitionsHistory: [FIRST] };
    const capitals = { ...short, id: IMPORT_ID.toUpperCase() };
    for (const results of [
      [short, IMPORT, capitals],
      [IMPORT, short],
      [capitals, IMPORT]
    ]) {
      const { imports } = await facing([{ body: { results } }], list);
      expect(imports).toMatchObject([{ id: IMPORT_ID, state: IMPORT.state }]);
      expect(imports[0]?.transitions).toHaveLength(2);
    }
  });

  it('is dated by Ops Manager’s own clock', async () => {
    const headers = { date: 'Mon, 20 Oct 2025 10:03:00 GMT' };
    const body = { results: [] };
    expect((await facing([{ headers, body }], list)).readAt).toBe('2025-10-20T10:03:00.000Z');
    const undated = await facing([{ headers: { date: 'soon' }, body }], list);
    expect(undated.readAt).toBeUndefined();
  });
});
