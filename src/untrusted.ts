/** The longest piece of a server's text that is shown anywhere, in characters. */
const MAX_CHARACTERS = 500;

/**
 * Makes text safe to be a line of a log: control, formatting and bidirectional characters become
 * blanks, and workflow commands are defused. The runner obeys `::…` at the start of a line, also
 * after blanks, and `##[…` anywhere in it.
 */
export function defuse(text: string): string {
  return text
    .replace(/[\p{Cc}\p{Cf}\p{Co}\p{Cs}\u2028\u2029]/gu, ' ')
    .replace(/##+\[/g, '# [')
    .replace(/^(\s*):{2,}/, '$1:');
}

/** A server's text as one defused line of at most 500 characters. */
export function clean(text: string): string {
  const line = defuse(text.slice(0, 4 * MAX_CHARACTERS).trim())
    .replace(/ {2,}/g, ' ')
    .trim();
  return cut(line, MAX_CHARACTERS);
}

/** Text of at most `length` characters; where some are left out it ends in an ellipsis. */
export function cut(text: string, length: number): string {
  const characters = Array.from(text);
  return characters.length > length ? `${characters.slice(0, length - 1).join('')}…` : text;
}
