import { describe, expect, it } from '@jest/globals';
import { parseFileCommands } from '../../simulator/file-commands.ts';

const isWindows = process.platform === 'win32';

describe('a file of outputs or state', () => {
  it.each([
    { text: '', values: {} },
    { text: 'a=1\n\nb=2', values: { a: '1', b: '2' } },
    { text: 'a=1\na=2\n', values: { a: '2' } },
    { text: 'a=x=y<<z\n', values: { a: 'x=y<<z' } },
    { text: 'a<<EOF\none\n\ntwo=2\nEOF\nb=\n', values: { a: 'one\n\ntwo=2', b: '' } },
    { text: 'a<<EOF\nEOF\n', values: { a: '' } },
    { text: 'a<<EOF\nEOF \n EOF\nEOF', values: { a: 'EOF \n EOF' } }
  ])('is read: $text', ({ text, values }) => {
    expect(parseFileCommands(text)).toEqual({ values, problem: undefined });
  });

  it.each([
    { text: 'a=1\nb<<EOF\nhalf', problem: "Invalid value. Matching delimiter not found 'EOF'" },
    { text: 'a=1\nb<<EOF\nx\nEO', problem: "Invalid value. Matching delimiter not found 'EOF'" },
    { text: 'a=1\nb<<', problem: "Invalid format 'b<<'" },
    { text: 'a=1\n<<EOF\nEOF\n', problem: "Invalid format '<<EOF'" },
    { text: 'a=1\nnothing\nc=3', problem: "Invalid format 'nothing'" }
  ])('counts up to what is wrong in it: $text', ({ text, problem }) => {
    expect(parseFileCommands(text)).toEqual({ values: { a: '1' }, problem });
  });

  it('has CR in its values, but for Windows', () => {
    const { values } = parseFileCommands('a=1\r\nb<<EOF\r\nx\r\nEOF\r\n');
    expect(values).toEqual(isWindows ? { a: '1', b: 'x' } : { a: '1\r', b: 'x\r' });
  });
});
