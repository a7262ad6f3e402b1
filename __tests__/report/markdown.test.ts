import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import {
  alertBox,
  breakable,
  code,
  escapeMarkdown,
  factList,
  row
} from '../../src/report/markdown.ts';
import { defuse } from '../../src/untrusted.ts';
import { textOf } from '../support/rendered-text.ts';

// How GitHub renders these, and any text at all, is tested in rendering/markdown.check.ts.
const SHA = '0123456789abcdef0123456789abcdef01234567';
const CASES: readonly (readonly [name: string, text: string, markdown: string])[] = [
  ['emphasis', '*a* __b__ ~c~', '\\*a\\* \\_\\_b\\_\\_ \\~c\\~'],
  ['code', '`a`', '\\`a\\`'],
  ['a backslash', '\\*', '\\\\\\*'],
  ['HTML', '<b>&lt;</b>', '&#60;b&#62;&#38;lt;&#60;/b&#62;'],
  ['a link', '[a](b)', '\\[a\\]\\(b\\)'],
  ['a picture', '![a](b)', '\\!\\[a\\]\\(b\\)'],
  ['a footnote', '[^1]', '\\[\\^1\\]'],
  ['a bar of a table', 'a|b', 'a\\|b'],
  ['a heading', '# a', '<span>#</span> a'],
  ['a list', '1. a', '1\\. a'],
  ['a list with a bullet', '- a', '\\- a'],
  ['what would be indented code', '     a', 'a'],
  ['a mention', '@octocat', '<span>@</span>octocat'],
  ['the number of an issue', 'see #1', 'see <span>#</span>1'],
  ['GitHub’s old numbers', 'GH-1', 'GH<span>-</span>1'],
  ['a ticket of another tracker', 'OPS-17', 'OPS<span>-</span>17'],
  ['a word with a hyphen', 'read-only', 'read\\-only'],
  ['an emoji', ':octocat:', '<span>:</span>octocat\\:'],
  ['a formula', '$x$', '<span>$</span>x<span>$</span>'],
  ['an alert', '[!CAUTION]', '\\[<span>!</span>CAUTION\\]'],
  ['an address', 'https://a.example', 'https<span>:</span>//a\\.example'],
  ['an address without a scheme', 'www.a.example', 'www<span>.</span>a\\.example'],
  ['an email address', 'a@b.example', 'a<span>@</span>b\\.example'],
  [
    'a commit',
    SHA,
    '<span>012345</span>6789ab<span>cdef01</span>234567<span>89abcd</span>ef0123<span>4567</span>'
  ],
  ['a short commit', '0123abc', '<span>0123ab</span>c'],
  ['a commit of someone', 'me@0123abc', 'me<span>@</span><span>0123ab</span>c'],
  ['an id of Ops Manager', '507f1f77bcf86cd799439011', '507f1f77bcf86cd799439011'],
  ['a port', 'rs0.example.com:27017', 'rs0\\.example\\.com\\:27017'],
  ['line breaks', 'a\nb\r\n\tc', 'a b c']
];

describe('escaped text', () => {
  it.each(CASES)('keeps %s from being more than text: %s', (_name, text, markdown) => {
    expect(escapeMarkdown(text)).toBe(markdown);
  });

  it('is the text, without anything hidden that would be copied with it', () => {
    fc.assert(
      fc.property(fc.string(), (text) => {
        const line = text
          .replace(/\p{Cc}/gu, ' ')
          .replace(/ {2,}/g, ' ')
          .trim();
        fc.pre(!line.includes('##[') && !line.startsWith('::'));
        expect(textOf(escapeMarkdown(text))).toBe(line);
      })
    );
  });

  it.each(['a', '0', ':', ': ', '-', 'www', '[', '@', '\\'])(
    'is whole, however long it is: %s',
    (unit) => {
      const text = unit.repeat(50_000).trim();
      expect(textOf(escapeMarkdown(text))).toBe(defuse(text));
    }
  );
});

describe('an alert box', () => {
  it('has a paragraph for each text that is not empty, and no escaped text can leave it', () => {
    const hostile = escapeMarkdown('Line\n\n> [!NOTE]');
    expect(alertBox('CAUTION', ['**It may run.**', '', hostile])).toBe(
      '> [!CAUTION]\n> **It may run.**\n>\n> Line &#62; \\[<span>!</span>NOTE\\]'
    );
  });
});

describe('a list of facts', () => {
  it('leaves out what is not known', () => {
    const facts = [
      ['Import', '`1`'],
      ['Project', undefined],
      ['Goal', '`SUCCESS`']
    ] as const;
    expect(factList(facts)).toBe('- **Import:** `1`\n- **Goal:** `SUCCESS`');
  });
});

describe('a state', () => {
  it('may be broken at its underscores', () => {
    expect(breakable(escapeMarkdown('in AWAIT_GOAL_STATE _'))).toBe(
      'in AWAIT\\_<wbr>GOAL\\_<wbr>STATE \\_'
    );
  });
});

describe('a row', () => {
  it('has a cell for each text', () => {
    expect(row('A', 'B')).toBe('| A | B |');
  });
});

describe('inline code', () => {
  it('holds states and identifiers as they are, and nothing that could end it', () => {
    expect(code('AWAIT_GOAL_STATE')).toBe('`AWAIT_GOAL_STATE`');
    fc.assert(
      fc.property(fc.string(), (text) => {
        expect(code(text).slice(1, -1)).not.toMatch(/[`|\n<]/);
      })
    );
  });
});
