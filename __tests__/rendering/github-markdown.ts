import { spawnSync } from 'node:child_process';
import sanitize from 'sanitize-html';

const OPTIONS =
  '--unsafe --github-pre-lang -e table -e strikethrough -e autolink -e tagfilter -e tasklist -e footnotes'.split(
    ' '
  );
// As GitHub's documentation and html-pipeline list them.
const TAGS =
  'h1 h2 h3 h4 h5 h6 br b i strong em a pre code img tt div ins del sup sub p ol ul table thead tbody tfoot blockquote dl dt dd kbd q samp var hr ruby rt rp li tr td th s strike summary details caption figure figcaption abbr bdo cite dfn mark small span time wbr'.split(
    ' '
  );
const ATTRIBUTES = {
  '*': ['align', 'open', 'title'],
  a: ['href'],
  img: ['src', 'alt'],
  pre: ['lang']
};
const TITLES: Readonly<Record<string, string>> = {
  CAUTION: 'Caution',
  WARNING: 'Warning',
  IMPORTANT: 'Important',
  NOTE: 'Note',
  TIP: 'Tip'
};
const ALERT = /<blockquote>\s*<p>\[!(\w+)\]\s*([^]*?)<\/blockquote>/g;

// What GitHub looks for in text, one text node at a time. Numbers, commits and emoji count as such
// whether they exist or not; only what is as long as an id of Ops Manager is none.
const REFERENCES = [
  /(?<![\w`.])@[a-z\d][\w/-]*/,
  /(?<![&\w])#\d+/,
  /\bGH-\d+/,
  /\b[a-z]+-\d+\b/,
  /\b(?![0-9a-f]{24}\b)[0-9a-f]{7,40}\b/,
  // A time of day has no emoji in it.
  /:(?!\d\d:)[\w+-]+:/,
  /\$\$?[^$]+\$/,
  /\b(?:https?|ftp):\/\/\S/,
  /\bwww\.\S/
];
const REFERENCE = new RegExp(REFERENCES.map(({ source }) => source).join('|'), 'gi');

/**
 * Markdown as the HTML that GitHub makes of it: its own engine (Debian's cmark-gfm), what its
 * sanitizer lets through, alerts, and what it finds in text (as `<github-link>`). @throws Error
 * without cmark-gfm.
 */
export function githubHtml(markdown: string): string {
  const { stdout, error, status } = spawnSync('cmark-gfm', OPTIONS, {
    input: markdown,
    encoding: 'utf8',
    maxBuffer: 64 * 1024 * 1024
  });
  if (error || status !== 0)
    throw new Error('cmark-gfm is needed: .ci/install-chromium installs it.', { cause: error });
  const clean = sanitize(stdout, { allowedTags: TAGS, allowedAttributes: ATTRIBUTES });
  return withReferences(clean.replace(ALERT, alert));
}

/** The text of HTML as a page shows it: blanks beside each other are one. */
export function textOfHtml(html: string): string {
  return html
    .replace(/<[^>]*>/g, '')
    .replaceAll('&lt;', '<')
    .replaceAll('&gt;', '>')
    .replaceAll('&quot;', '"')
    .replaceAll('&amp;', '&')
    .replace(/\s+/g, ' ')
    .trim();
}

function alert(quote: string, kind: string, rest: string): string {
  const title = TITLES[kind.toUpperCase()];
  if (title === undefined) return quote;
  return `<div class="markdown-alert markdown-alert-${title.toLowerCase()}"><p class="markdown-alert-title">${title}</p><p>${rest}</div>`;
}

function withReferences(html: string): string {
  let inside = 0;
  return html
    .split(/(<[^>]*>)/)
    .map((part) => {
      if (/^<(a|code|pre)\b/.test(part)) inside += 1;
      if (/^<\/(a|code|pre)\b/.test(part)) inside -= 1;
      if (inside > 0 || part.startsWith('<')) return part;
      return part.replace(REFERENCE, '<github-link>$&</github-link>');
    })
    .join('');
}
