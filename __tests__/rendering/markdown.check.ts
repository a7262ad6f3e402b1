import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { alertBox, escapeMarkdown, row } from '../../src/report/markdown.ts';
import { defuse } from '../../src/untrusted.ts';
import { HOSTILE_TEXT } from '../support/sample-results.ts';
import { githubHtml, textOfHtml } from './github-markdown.ts';

// What Markdown and GitHub give a meaning to, and text that begins as such.
const pieces = fc.oneof(
  fc.constantFrom(
    ...'\\ ` * _ { } [ ] ( ) # + - . ! | ~ < > & : / @ = " \' $ ^ 1. 10) - + > ``` ~~~ --- === [x] ![a](b) <b> </p> <!-- &lt; &#60; &amp; http:// https://a.example www.a.example www. a@b.example mailto:a@b.example @user @org/team #1 a/b#1 GH-1 OPS-17 :smile: :+1: ::error:: ##[group] [^1] [^1]: $x$ $$x$$ $` [!CAUTION] 0123abc 0123456789abcdef0123456789abcdef01234567 deadbeef user@0123abc a/b@0123abc'.split(
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
// A process for each text would take long.
const manyTexts = fc.array(texts, { minLength: 1, maxLength: 60 });
const RUNS = { numRuns: 60 };

/** Text as a page shows it: control characters are gone, and blanks beside each other are one. */
function seen(text: string): string {
  return defuse(text).replace(/\s+/g, ' ').trim();
}

/** Every element, except those that keep text apart. */
function tagsOf(html: string): readonly string[] {
  return html.match(/<(?!\/?span>)[^>]*>/g) ?? [];
}

describe('escaped text on GitHub', () => {
  it('is exactly the text, and no element, at the start of a paragraph', () => {
    fc.assert(
      fc.property(manyTexts, (many) => {
        const shown = many.filter((text) => seen(text) !== '');
        const html = githubHtml(shown.map(escapeMarkdown).join('\n\n'));
        const paragraphs = html.split('</p>').slice(0, -1);
        expect(tagsOf(html)).toEqual(shown.flatMap(() => ['<p>', '</p>']));
        expect(paragraphs.map(textOfHtml)).toEqual(shown.map(seen));
      }),
      RUNS
    );
  });

  it('is exactly the text within a sentence', () => {
    fc.assert(
      fc.property(manyTexts, (many) => {
        const sentences = many.map((text) => `Before ${escapeMarkdown(text)} after`);
        const html = githubHtml(sentences.join('\n\n'));
        expect(tagsOf(html)).toEqual(many.flatMap(() => ['<p>', '</p>']));
        expect(html.split('</p>').slice(0, -1).map(textOfHtml)).toEqual(
          many.map((text) => `Before ${seen(text)} after`.replace(/\s+/g, ' '))
        );
      }),
      RUNS
    );
  });

  it('is exactly one cell of a table', () => {
    fc.assert(
      fc.property(manyTexts, (many) => {
        const rows = many.map((text) => row(escapeMarkdown(text), 'last'));
        const html = githubHtml([row('A', 'B'), row('--', '--'), ...rows].join('\n'));
        const cells = html.split('<td>').slice(1).map(textOfHtml);
        expect(cells).toEqual(many.flatMap((text) => [seen(text), 'last']));
        expect(
          tagsOf(html).filter((tag) => !/^<\/?(table|thead|tbody|tr|th|td)>$/.test(tag))
        ).toEqual([]);
      }),
      RUNS
    );
  });

  it('stays in its alert box', () => {
    fc.assert(
      fc.property(texts, texts, (first, second) => {
        const html = githubHtml(
          `${alertBox('CAUTION', [escapeMarkdown(`A ${first}`), escapeMarkdown(`B ${second}`)])}\n\nAfter`
        );
        expect(tagsOf(html).filter((tag) => tag !== '</p>')).toEqual([
          '<div class="markdown-alert markdown-alert-caution">',
          '<p class="markdown-alert-title">',
          '<p>',
          '<p>',
          '</div>',
          '<p>'
        ]);
        expect(textOfHtml(html)).toBe(`Caution${seen(`A ${first}`)} ${seen(`B ${second}`)} After`);
      }),
      { numRuns: 100 }
    );
  });

  it('mentions nobody and links to nothing', () => {
    const html = githubHtml(escapeMarkdown(HOSTILE_TEXT));
    expect(textOfHtml(html)).toBe(seen(HOSTILE_TEXT));
    expect(tagsOf(html)).toEqual(['<p>', '</p>']);
  });
});

describe('what GitHub makes of text that is not escaped', () => {
  const references =
    '@octocat #1 GH-1 OPS-17 :octocat: $x$ 0123abc https://a.example www.a.example a@b.example user@0123abc'.split(
      ' '
    );
  it.each(references)('is more than text: %s', (text) => {
    expect(githubHtml(text)).toMatch(/<(github-link|a href)/);
  });

  it('is an alert', () => {
    expect(githubHtml('> [!WARNING]\n> a')).toContain('markdown-alert-warning');
  });
});
