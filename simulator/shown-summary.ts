import { createRequire } from 'node:module';
import { pathToFileURL } from 'node:url';
import { marked } from 'marked';

/** A job summary for people in front of a terminal: as plain text, and as a page of HTML. */

const require = createRequire(import.meta.url);
const TITLES: Readonly<Record<string, string>> = {
  CAUTION: 'Caution',
  WARNING: 'Warning',
  IMPORTANT: 'Important',
  NOTE: 'Note'
};

/** The summary as plain text: without chart and replies, boxes with a bar, tables in columns. */
export function plainText(markdown: string): string {
  return markdown
    .replace(/^(?:Last reply of Ops Manager:\n\n)?(`{3,})(?:mermaid|json)\n[^]*?\n\1$/gm, '')
    .replace(/^`{3,}\w*$/gm, '')
    .replace(/^> \[!(\w+)\]$/gm, (_line, kind: string) => `> ${TITLES[kind] ?? kind}:`)
    .replace(/^>/gm, '┃')
    .replace(/^<details><summary>(.*)<\/summary>$/gm, '▾ $1')
    .replace(/^<\/details>$/gm, '')
    .replace(/(?:^\|.*\|\n)+/gm, inColumns)
    .replace(/^#+ (.*)$/gm, '▎$1')
    .replace(/\*\*/g, '')
    .replace(/(?<!\\)`([^`]*)`/g, '$1')
    .replace(/\[([^\]]*)\]\(([^)]*)\)/g, '$1 ($2)')
    .replace(/<[^>]*>/g, '')
    .replace(/\\([!-/:-@[-`{-~])/g, '$1')
    .replace(/&#(\d+);/g, (_entity, code: string) => String.fromCodePoint(Number(code)))
    .replace(/\n{3,}/g, '\n\n')
    .trim();
}

/** The summary as a page about as GitHub shows it, its charts drawn by Mermaid in the browser. */
export function htmlPage(title: string, markdown: string): string {
  const html = marked.parse(markdown, { async: false, gfm: true }).replace(ALERT, alert);
  const [css, mermaid] = [
    'github-markdown-css/github-markdown.css',
    'mermaid/dist/mermaid.min.js'
  ].map((path) => pathToFileURL(require.resolve(path)).href);
  return `<!doctype html><meta charset="utf-8"><title>${title}</title>
<link rel="stylesheet" href="${css ?? ''}">
<style>
  :root { color-scheme: light dark; }
  body { margin: 0 auto; max-width: 868px; padding: 16px 32px; }
  .markdown-alert { border-left: .25em solid #9a6700; margin-bottom: 16px; padding: 8px 16px; }
  .markdown-alert.caution { border-color: #d1242f; }
  .markdown-alert p:last-child { margin: 0; }
</style>
<article class="markdown-body">
${html}
</article>
<script src="${mermaid ?? ''}"></script>
<script>
  document.querySelectorAll('details').forEach((fold) => { fold.open = true; });
  mermaid.initialize({ startOnLoad: false, theme: matchMedia('(prefers-color-scheme: dark)').matches ? 'dark' : 'default' });
  mermaid.run({ querySelector: '.language-mermaid' });
</script>
`;
}

const ALERT = /<blockquote>\s*<p>\[!(\w+)\]\s*([^]*?)<\/blockquote>/g;

function alert(_quote: string, kind: string, rest: string): string {
  const title = TITLES[kind] ?? kind;
  return `<div class="markdown-alert ${kind.toLowerCase()}"><p><strong>${title}</strong></p><p>${rest}</div>`;
}

/** A table of Markdown with its columns below each other. */
function inColumns(table: string): string {
  const rows = plainCells(table).filter((cells) => !cells.every((cell) => /^:?-+:?$/.test(cell)));
  const widths = rows[0]?.map((_, at) => Math.max(...rows.map((cells) => cells[at]?.length ?? 0)));
  return `${rows
    .map((cells) => cells.map((cell, at) => cell.padEnd(widths?.[at] ?? 0)).join('  '))
    .join('\n')}\n`;
}

function plainCells(table: string): readonly (readonly string[])[] {
  return table
    .trim()
    .split('\n')
    .map((line) =>
      line
        .replace(/<[^>]*>/g, '')
        .replace(/\\(.)/g, '$1')
        .split('|')
        .slice(1, -1)
        .map((cell) => cell.trim())
    );
}
