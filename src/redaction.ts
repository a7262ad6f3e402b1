import { Finder, type Needle } from './redaction/finder.ts';
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

// A brace, or a letter or two, stands in every text by chance: hiding them would hide everything.
const SHORTEST_LINE = 3;
const SHORTEST_QUOTED = 8;
const SHORTEST_BASE64 = 6;
const SHORTEST_SECTION = 6;

/**
 * What to look for to find a secret: itself and each of its lines in plain form, however many of
 * the escapes that are its own have been undone, and its Base64.
 */
function formsOf(secret: string): Needle[] {
  if (secret === '') return [];
  const lines = secret.split(/[\r\n]+/);
  const isLong = lines.length > 1;
  const texts = isLong ? [secret, ...lines.filter(isTelling)] : [secret];
  const parts = [...texts, ...texts.flatMap(partsOf), ...asNumber(secret)].flatMap(undoneForms);
  const wholes = isLong ? brokenDifferently(secret).flatMap(undoneForms) : [];
  const { isOpenBefore, isOpenBehind } = needleOf(secret);
  return [
    ...[...new Set(parts)].map(needleOf),
    ...[...new Set(wholes)].map((text) => ({ ...needleOf(text), isOpenBefore, isOpenBehind })),
    ...[...new Set(texts.flatMap(inBase64))].map((text) => ({ ...needleOf(text), isBase64: true }))
  ];
}

/** A line break is also written as `\n` or `\r\n`, or becomes a blank; as itself it is dropped. */
function brokenDifferently(secret: string): string[] {
  return [
    secret.replaceAll('\r', 'r').replaceAll('\n', 'n'),
    ...['n', 'rn', ' '].map((lineBreak) => secret.replace(/\r\n|\r|\n/g, lineBreak))
  ];
}

/** The armour of a PEM text is no secret, and stands in many texts. */
function isTelling(line: string): boolean {
  const text = line.trim();
  const isArmour = /^-----(?:BEGIN|END) [^-]+-----$/.test(text);
  return text.length >= SHORTEST_LINE && /[\p{L}\p{N}]/u.test(text) && !isArmour;
}

/** What programs leave of a secret: without its quotation marks; before and behind a PowerShell’s `&`. */
function partsOf(text: string): string[] {
  const { length } = text;
  const quoted = length > SHORTEST_QUOTED && text.startsWith('"') && text.endsWith('"');
  const cut = text.includes('&+') ? text.indexOf('&+') + 2 : text.lastIndexOf('&') + 1;
  const sections =
    cut === 0 ? [] : [text.slice(0, cut), text.slice(text.includes('&+') ? cut + 1 : cut)];
  return [
    ...(quoted ? [text.slice(1, -1)] : []),
    ...sections.filter((section) => section.length >= SHORTEST_SECTION)
  ];
}

/** A number as JSON gives it back: without the digits that are too many, and otherwise written. */
function asNumber(secret: string): string[] {
  const isNumber = /^-?\d+(?:\.\d+)?(?:[Ee][+-]?\d+)?$/.test(secret.trim());
  return isNumber ? [String(Number(secret))] : [];
}

function undoneForms(text: string): string[] {
  const forms = new Set([text, text.toWellFormed()]);
  // What is added on the way is visited, too, and each is shorter than the one before.
  for (const form of forms) {
    const next = undone(new Written(form))?.text;
    if (next !== undefined) forms.add(next);
  }
  return [...forms];
}

function needleOf(text: string): Needle {
  const plain = plainForm(new Written(text)).text;
  return {
    text: plain,
    isOpenBefore: !/^[0-9A-Za-z]/.test(text),
    isOpenBehind: /[\\\r\n'"]$/.test(text),
    isBase64: false
  };
}

/** In Base64 three bytes are four characters, so a text looks different at each of three places. */
function inBase64(text: string): string[] {
  const bytes = Buffer.from(text);
  return [0, 1, 2]
    .filter((offset) => offset < bytes.length)
    .flatMap((offset) => {
      const rest = bytes.subarray(offset);
      const whole = rest.toString('base64');
      // The last character may hold bits of what stands behind the secret.
      const own = whole.slice(0, Math.floor((rest.length * 8) / 6));
      const form = own.length < SHORTEST_BASE64 ? whole : own;
      return [form, form.replaceAll('+', '-').replaceAll('/', '_')];
    });
}
