import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { code, escapeMarkdown, row } from '../../src/report/markdown.ts';
import { defuse } from '../../src/untrusted.ts';
import { HOSTILE_TEXT } from '../support/sample-results.ts';
import { htmlOf, textOf } from '../support/rendered-text.ts';

// What Markdown and GitHub give a meaning to, and text that begins as such.
const pieces = fc.oneof(
  fc.constantFrom(
    ...'\\ ` * _ { } [ ] ( ) # + - . ! | ~ < > & : / @ = " \' $ ^ 1. 10) - + > ``` ~~~ --- === [x] ![a](b) <b> </p> <!-- &lt; &#60; &amp; http:// https://a.example www.a.example a@b.example @user #1 GH-1 :smile: ::error:: ##[group] [^1] $x$'.split(
      ' '
    ),
    '\n',
    '\n\n',
    '\t',
    '    ',
    '\u202e',
    '\u200b'
  ),
  fc.string({ unit: 'grapheme' }),
  fc.string()
);
const texts = fc.array(pieces, { maxLength: 12 }).map((parts) => parts.join(''));

/** Text as a page shows it: blanks beside each other are one. */
function seen(text: string): string {
  return text.replace(/\s+/gu, ' ').trim();
}

describe('escaped text', () => {
  it('is rendered as exactly the text, and as no element', () => {
    fc.assert(
      fc.property(texts, (text) => {
        const html = htmlOf(`Before ${escapeMarkdown(text)} after`);
        expect(html.match(/<[^>]*>/g)).toEqual(['<p>', '</p>']);
        expect(seen(textOf(`Before ${escapeMarkdown(text)} after`))).toBe(
          seen(`Before ${defuse(text)} after`)
        );
      }),
      { numRuns: 2000 }
    );
  });

  it('is one cell of a table', () => {
    fc.assert(
      fc.property(texts, (text) => {
        const table = [row('A', 'B'), row('--', '--'), row(escapeMarkdown(text), 'last')].join(
          '\n'
        );
        const html = htmlOf(table);
        expect(html.match(/<td>/g)).toHaveLength(2);
        expect(html).toContain('<td>last</td>');
      }),
      { numRuns: 1000 }
    );
  });

  it('at the start of a line begins no heading, list, quote, rule or code', () => {
    fc.assert(
      fc.property(texts, (text) => {
        fc.pre(seen(defuse(text)) !== '');
        const tags = htmlOf(`${escapeMarkdown(text).trimStart()}\n`).match(/<[^>]*>/g);
        expect(tags).toEqual(['<p>', '</p>']);
      }),
      { numRuns: 1000 }
    );
  });

  it('mentions nobody and links to nothing', () => {
    const escaped = escapeMarkdown(HOSTILE_TEXT);
    expect(escaped).not.toMatch(/(@|(?<!&)#)\w/);
    expect(htmlOf(escaped)).not.toMatch(/<(a|img|script|code)\b/);
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
