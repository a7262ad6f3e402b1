import { Finder } from './redaction/finder.ts';
import { formsOf } from './redaction/forms.ts';
import { plainForm, undone, Written, type Span } from './redaction/written.ts';

/** What is shown in the place of a secret. */
export const HIDDEN = '***';
// JSON in JSON in a URL in HTML.
const MOST_ROUNDS = 4;
/** Three bytes are four characters: so many of these may hold bits of what stands beside them. */
const BASE64_NEIGHBOURS = 3;

/**
 * Hides secrets in texts, whoever has encoded them: text and secret are brought to one plain form
 * and compared there, at each depth of escaping, with Base64 beside it. Time and memory are
 * proportional to the text, however many secrets there are.
 */
export class Redaction {
  readonly #secrets: readonly string[];
  #finder: Finder | undefined;

  constructor(secrets: readonly string[]) {
    this.#secrets = secrets;
  }

  redact(text: string): string {
    return hide(text, this.#search(text, false).spans);
  }

  /**
   * At most the first `length` UTF-16 units, redacted. Nothing is shown that stood at or behind the
   * cut, nor of a secret that the cut may have halved.
   */
  redactStart(text: string, length: number): string {
    if (text.length <= length) return this.redact(text).slice(0, length);
    const start = text.slice(0, length);
    const { spans, end } = this.#search(start, true);
    return hide(start.slice(0, end), spans).slice(0, length);
  }

  /** What is to be hidden and, in a text that was cut, where what may be half a secret begins. */
  #search(text: string, isCut: boolean): { readonly spans: Span[]; readonly end: number } {
    const finder = (this.#finder ??= new Finder(this.#secrets.flatMap(formsOf)));
    const spans: Span[] = [];
    let end = text.length;
    let written: Written | undefined = new Written(text);
    for (let round = 0; written && round <= MOST_ROUNDS; round += 1) {
      if (isCut) written = written.withoutHalfAnEscape();
      const plain = plainForm(written);
      const begun = finder.find(
        plain.text,
        ({ from, to, isOpenBefore, isOpenBehind, isBase64 }) => {
          const span = plain.span(from, to, isOpenBefore, isOpenBehind);
          spans.push(isBase64 ? withNeighbours(text, span) : span);
        }
      );
      const { length } = plain.text;
      const shown = begun < length ? Math.max(0, begun - BASE64_NEIGHBOURS) : length;
      end = Math.min(end, plain.endBefore(shown));
      spans.push(...parametersIn(written));
      written = undone(written);
    }
    return { spans, end: isCut ? end : text.length };
  }
}

/** Texts that a server echoes of a login: not the key, but made from it. */
const PARAMETER =
  /\b(?:(?:(?:c|next)?nonce|opaque)(?:=|\\{0,8}["']?\s?:\s?(?=\\{0,8}["']))(?:\\{0,8}["']){0,2}([^\s"'\\,;<>&]+)|response(?:\\{0,8}["'])?\s?[=:]\s?(?:\\{0,8}["']){0,2}([0-9a-f]{32,}))/dgi;

/**
 * What a server echoes of an `Authorization` header: the digest and what it was made from.
 * Source: RFC 7616, sections 3.3 and 3.4.
 */
function parametersIn(written: Written): Span[] {
  return Array.from(written.text.matchAll(PARAMETER), ({ indices }) => {
    const [from, to] = indices?.[1] ?? indices?.[2] ?? [0, 0];
    return { from: written.startOf(from), to: written.endBefore(to) };
  });
}

/** The same as a member of an object. */
export function isLoginParameter(name: string, value: unknown): boolean {
  if (!/^(?:(?:c|next)?nonce|opaque|response)$/i.test(name)) return false;
  return typeof value === 'string' && parametersIn(new Written(`${name}="${value}"`)).length > 0;
}

const BASE64_CHARACTER = /[\w+/=-]/;

function withNeighbours(text: string, { from, to }: Span): Span {
  const isOne = (at: number): boolean => BASE64_CHARACTER.test(text.charAt(at));
  let [first, end] = [from, to];
  while (first > from - BASE64_NEIGHBOURS && isOne(first - 1)) first -= 1;
  while (end < to + BASE64_NEIGHBOURS && isOne(end)) end += 1;
  return { from: first, to: end };
}

function hide(text: string, spans: readonly Span[]): string {
  if (spans.length === 0) return text;
  const pieces: string[] = [];
  let end = 0;
  for (const { from, to } of spans.toSorted((one, other) => one.from - other.from)) {
    if (from >= text.length) break;
    if (from > end || pieces.length === 0) pieces.push(text.slice(end, from), HIDDEN);
    end = Math.max(end, to);
  }
  return [...pieces, text.slice(end)].join('');
}
