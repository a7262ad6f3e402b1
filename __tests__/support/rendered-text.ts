import { marked } from 'marked';

const ENTITIES: Readonly<Record<string, string>> = {
  '&lt;': '<',
  '&gt;': '>',
  '&quot;': '"',
  '&amp;': '&'
};

/** Markdown as GitHub-flavoured HTML. */
export function htmlOf(markdown: string): string {
  return marked.parse(markdown, { gfm: true, async: false });
}

/** What a reader of the rendered Markdown sees, without the gaps that have no width. */
export function textOf(markdown: string): string {
  return htmlOf(markdown)
    .replace(/<[^>]*>/g, '')
    .replace(/&#(\d+);/g, (_entity, code: string) => String.fromCodePoint(Number(code)))
    .replace(/&(lt|gt|quot|amp);/g, (entity) => ENTITIES[entity] ?? entity)
    .replaceAll('\u200b', '');
}
