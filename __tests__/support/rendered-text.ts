/**
 * What a reader of escaped Markdown sees, near enough for tests of words; how GitHub renders it is
 * tested in `rendering/`.
 */
export function textOf(markdown: string): string {
  return markdown
    .replace(/<[^>]*>/g, '')
    .replace(/\\([!-/:-@[-`{-~])/g, '$1')
    .replace(/&#(\d+);/g, (_entity, code: string) => String.fromCodePoint(Number(code)));
}
