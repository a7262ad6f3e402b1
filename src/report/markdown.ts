import { defuse } from '../untrusted.ts';

/** A box that GitHub draws with a sign and a colour of its own. */
type Alert = 'CAUTION' | 'WARNING' | 'IMPORTANT' | 'NOTE';

/**
 * What GitHub makes into links, emoji, formulas and boxes after Markdown is done: mentions, numbers
 * of issues, references to other trackers, commits and addresses. It looks at one text node at a
 * time, and a backslash is gone by then.
 */
const REFERENCES = [
  /[@#$]/,
  /:(?=\/\/)/,
  /(?<=www)\./,
  /:(?=(?!\d\d:)[\w+-]+:)/,
  /(?<=[a-z])-(?=\d)/,
  /(?<=\[)!/,
  /(?<!\w)[0-9a-f]{7,40}(?!\w)/
];
const MARKUP = /[&<>]|[\\|`*_{}[\]()+\-.!~:^="']/;
const SPECIAL = new RegExp(
  `(?<reference>${REFERENCES.map(({ source }) => source).join('|')})|${MARKUP.source}`,
  'gi'
);

const MAX_SENTENCE_CHARACTERS = 8 * 1024;
// As many digits of a commit as GitHub does not link yet.
const DIGITS_TOGETHER = 6;
// An ObjectId is no commit.
const DIGITS_OF_AN_ID = 24;

/**
 * Text as GitHub-flavoured Markdown of one line that shows it as it is: no markup, link, mention,
 * emoji, formula or HTML. What is copied from the page is the text, without hidden characters.
 */
export function escapeMarkdown(text: string): string {
  return defuse(text)
    .replace(/ {2,}/g, ' ')
    .trim()
    .replace(SPECIAL, (special: string, reference: string | undefined) => {
      if (reference !== undefined) return apart(reference);
      return /[&<>]/.test(special) ? `&#${special.charCodeAt(0)};` : `\\${special}`;
    });
}

/** A box with these paragraphs, as GitHub draws it in Markdown; they are Markdown already. */
export function alertBox(kind: Alert, texts: readonly string[]): string {
  return `> [!${kind}]\n> ${paragraphs(texts).replaceAll('\n\n', '\n>\n> ')}`;
}

/** One below the other; the empty ones are left out. */
export function paragraphs(texts: readonly string[]): string {
  return texts.filter((text) => text !== '').join('\n\n');
}

/** Lines shown as they are. No line of ours, nor of indented JSON, can close the fence. */
export function codeBlock(language: string, text: string): string {
  return `\`\`\`\`${language}\n${text}\n\`\`\`\``;
}

/** What is known of something; its value is Markdown already, undefined where it is not known. */
export type Fact = readonly [name: string, value: string | undefined];

/** A list of facts that are known, legible on a phone too. */
export function factList(facts: readonly Fact[]): string {
  return facts
    .flatMap(([name, value]) => (value === undefined ? [] : [`- **${name}:** ${value}`]))
    .join('\n');
}

/** Escaped text whose states a phone may break at their underscores; they are copied as they are. */
export function breakable(markdown: string): string {
  return markdown.replace(/\\_(?=\w)/g, '$&<wbr>');
}

/** A sentence as Markdown that a phone may break at underscores. */
export function shown(sentence: string): string {
  return breakable(escapeMarkdown(sentence.slice(0, MAX_SENTENCE_CHARACTERS)));
}

/** A row of a Markdown table; its cells are Markdown already. */
export function row(...cells: readonly string[]): string {
  return `| ${cells.join(' | ')} |`;
}

/** A state or an identifier as inline code; such text has no backticks and no bars. */
export function code(text: string): string {
  return `\`${text.replace(/[^\w.:-]/g, '')}\``;
}

/** Text in nodes of its own, so that GitHub does not see it together with what is beside it. */
function apart(text: string): string {
  if (text.length === DIGITS_OF_AN_ID) return text;
  const parts = text.match(new RegExp(`.{1,${DIGITS_TOGETHER}}`, 'g')) ?? [];
  return parts.map((part, index) => (index % 2 === 0 ? `<span>${part}</span>` : part)).join('');
}
