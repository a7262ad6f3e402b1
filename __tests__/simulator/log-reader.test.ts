import { describe, expect, it } from '@jest/globals';
import { LogReader } from '../../simulator/log-reader.ts';

function read(...texts: readonly string[]): LogReader {
  const log = new LogReader();
  for (const text of texts) log.write(text);
  log.end();
  return log;
}

describe('the lines of a log', () => {
  it.each([
    { texts: ['a\nb\r\nc\rd'], lines: ['a', 'b', 'c', 'd'] },
    { texts: ['a\r', '\nb'], lines: ['a', 'b'] },
    { texts: ['a\r', 'b\r'], lines: ['a', 'b'] },
    { texts: ['a', 'b\n\n', 'c'], lines: ['ab', '', 'c'] }
  ])('end at LF, CR and both: $texts', ({ texts, lines }) => {
    expect(read(...texts).lines).toEqual(lines);
  });

  it('are those of two streams', () => {
    const log = new LogReader();
    log.write('out ', 'stdout');
    log.write('::error::from std', 'stderr');
    log.write('put\n', 'stdout');
    log.write('err\n', 'stderr');
    expect(log.lines).toEqual(['out put', 'Error: from stderr']);
    expect(log.annotations).toEqual([{ level: 'error', title: '', message: 'from stderr' }]);
  });
});

describe('a workflow command', () => {
  it.each([
    'x\r::error::forged',
    '\u00a0\u0085\u2003\u3000\t::error::forged',
    'text ##[error]forged',
    '::ERROR file=a.ts::forged'
  ])('is obeyed in %j', (text) => {
    expect(read(text).commands).toEqual([{ name: 'error', value: 'forged' }]);
  });

  it.each(['x ::error::not', '\ufeff::error::not', '\u200b::error::not', '::1::', '::error:not'])(
    'is not seen in %j',
    (text) => {
      const log = read(text);
      expect(log.commands).toEqual([]);
      expect(log.lines).toEqual([text]);
    }
  );

  it('has its escapes undone', () => {
    const { annotations } = read('::error title=a%3A%2Cb,file=x::100%25%0Anext');
    expect(annotations).toEqual([{ level: 'error', title: 'a:,b', message: '100%\nnext' }]);
  });

  it('hides a secret in all that follows', () => {
    const log = read('KEY\n::add-mask::KEY%0ALINE\n::warning title=LINE::KEY\nLINE and KEY');
    expect(log.lines).toEqual(['KEY', 'Warning: ***', '*** and ***']);
    expect(log.annotations).toEqual([{ level: 'warning', title: '***', message: '***' }]);
  });

  it('makes ten annotations of a kind, each of 4096 characters at most', () => {
    const log = read(`::error::${'x'.repeat(5000)}\n`.repeat(12), '::notice::y');
    expect(log.annotations.map(({ message }) => message.length)).toEqual([
      ...Array.from({ length: 10 }, () => 4096),
      1
    ]);
    expect(log.lines).toHaveLength(13);
  });
});
