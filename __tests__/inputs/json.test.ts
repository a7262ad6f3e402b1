import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { JsonMistake, scanJson, type Leaf } from '../../src/inputs/json.ts';

function leavesOf(text: string): readonly Leaf[] {
  const leaves: Leaf[] = [];
  scanJson(text, (leaf) => leaves.push(leaf));
  return leaves;
}

function mistakeIn(text: string): string {
  try {
    leavesOf(text);
  } catch (error) {
    if (error instanceof JsonMistake) return error.message;
    throw error;
  }
  return '';
}

function isJson(text: string): boolean {
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
}

describe('a JSON text', () => {
  it('is handed over leaf by leaf, with names, and numbers as they are written', () => {
    expect(leavesOf('{"a": [1.0, {"b": "x\\ty"}], "a": null, "c": -1E+2}')).toEqual([
      { names: ['a'], value: 1, raw: '1.0' },
      { names: ['a', 'b'], value: 'x\ty', raw: '"x\\ty"' },
      { names: ['a'], value: null, raw: 'null' },
      { names: ['c'], value: -100, raw: '-1E+2' }
    ]);
  });

  it.each([
    { text: '{"a":1,}', says: 'line 1, column 7: there is a “,” too many before }' },
    { text: '{\n  "a": 1\n  "b": 2\n}', says: 'line 3, column 3: a “,” or } is missing.' },
    { text: '{\r\n"a" 1}', says: 'line 2, column 5: a “:” is missing' },
    { text: '{"a": }', says: 'line 1, column 7: a value is missing. Is an expression empty' },
    { text: '{"a": , "b": 1}', says: 'line 1, column 7: a value is missing' },
    { text: '{"a": [1, 2', says: 'line 1, column 12: a ] is missing' },
    { text: '{"a": 1', says: 'line 1, column 8: a } is missing' },
    { text: '{', says: 'line 1, column 2: a } is missing' },
    { text: '{"a":', says: 'line 1, column 6: it ends before it is complete' },
    { text: '', says: 'line 1, column 1: it ends before it is complete' },
    { text: '{"a": "b', says: 'line 1, column 7: the text that begins here has no “"”' },
    { text: '{"a": "b\nc"}', says: 'line 1, column 9: a line break or a control character' },
    { text: '{"a": "b\tc"}', says: 'line 1, column 9: a tab stands within a text' },
    { text: '{"a": "b\\d"}', says: 'line 1, column 9: a backslash in a text is written twice' },
    { text: '{"a": "\\U0041"}', says: 'line 1, column 8: a backslash' },
    { text: '{"a": "b"c"}', says: 'line 1, column 10: a “,” or } is missing. A secret in it' },
    { text: '{"a": word}', says: 'line 1, column 7: a text stands in double quotes' },
    { text: '{"a": 007}', says: 'line 1, column 7: a text stands in double quotes, and a number' },
    { text: "{'a': 1}", says: 'line 1, column 2: a key in double quotes is missing' },
    { text: '{a: 1}', says: 'line 1, column 2: a key in double quotes is missing' },
    { text: '{"a": True}', says: 'line 1, column 7: what is no text is true, false' },
    { text: '{// of ours\n}', says: 'line 1, column 2: JSON has no comments' },
    { text: '{"a": /* b */ 1}', says: 'line 1, column 7: JSON has no comments' },
    { text: '{} {}', says: 'line 1, column 4: nothing may follow' },
    { text: '{"a": 1}}', says: 'line 1, column 9: nothing may follow' }
  ])('that is wrong is told where and how: $text', ({ text, says }) => {
    expect(isJson(text)).toBe(false);
    expect(mistakeIn(text)).toContain(says);
  });

  it('may be nested 64 deep, and no deeper', () => {
    const nested = (depth: number): string => `${'['.repeat(depth)}1${']'.repeat(depth)}`;
    expect(mistakeIn(nested(64))).toBe('');
    for (const depth of [65, 2_500, 500_000]) {
      expect(mistakeIn(nested(depth))).toBe('line 1, column 65: it is nested more than 64 deep.');
    }
    expect(mistakeIn('{"a":'.repeat(2_500))).toContain('more than 64 deep');
  });

  it('is taken where JSON.parse takes it, with the same leaves', () => {
    fc.assert(
      fc.property(fc.json({ maxDepth: 5 }), fc.constantFrom(0, 1, 4), (text, spaces) => {
        const shown = JSON.stringify(JSON.parse(text), null, spaces);
        const wanted: string[] = [];
        JSON.parse(shown, (_, value: unknown) => {
          if (typeof value !== 'object' || value === null) wanted.push(JSON.stringify(value));
          return value;
        });
        // Objects have number-like keys first, whatever the text's order.
        const seen = leavesOf(shown).map(({ value }) => JSON.stringify(value));
        return seen.sort().join() === wanted.sort().join();
      })
    );
  });

  it('is refused where JSON.parse refuses it, and never shown', () => {
    const pieces = fc.constantFrom(
      ...['{', '}', '[', ']', ',', ':', '"', '"a"', '\\', '1', '-', '.', '0', 'e', 'true', 'null'],
      ...[' ', '\n', '\t', '\u00a0', '\ufeff', "'", '/', 'secret']
    );
    fc.assert(
      fc.property(fc.array(pieces, { maxLength: 12 }), (list) => {
        const text = list.join('');
        const mistake = mistakeIn(text);
        const own = mistake.replace('A secret in it', '').replace('secrets.', '');
        return (mistake === '') === isJson(text) && !own.includes('secret');
      }),
      { numRuns: 2_000 }
    );
  });
});
