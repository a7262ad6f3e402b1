import { defuse } from '../untrusted.ts';

/** Text as GitHub-flavoured Markdown that shows it as it is: no markup, link, mention or HTML. */
export function escapeMarkdown(text: string): string {
  return (
    defuse(text)
      // GitHub links mentions and numbers after Markdown is done; a gap without width stops it.
      .replace(/[@#]/g, '$&\u200b')
      .replace(/[&<>]/g, (character) => `&#${character.charCodeAt(0)};`)
      .replace(/[\\`*_{}[\]()+\-.!|~$:^="']/g, '\\$&')
  );
}

/** A row of a Markdown table; its cells are Markdown already. */
export function row(...cells: readonly string[]): string {
  return `| ${cells.join(' | ')} |`;
}

/** A state or an identifier as inline code; such text has no backticks and no bars. */
export function code(text: string): string {
  return `\`${text.replace(/[^\w.:-]/g, '')}\``;
}
