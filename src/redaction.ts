import { plainForm, undone, Written, type Span } from './written.ts';

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

/** A form of a secret to look for. */
interface Needle {
  readonly text: string;
  /** Whether what was dropped before it, or behind it, is a part of it. */
  readonly isOpenBefore: boolean;
  readonly isOpenBehind: boolean;
  /** Whether characters beside it hold bits of it. */
  readonly isBase64: boolean;
}

/** A place where a needle stands: the longest that ends there. */
interface Hit extends Omit<Needle, 'text'> {
  readonly from: number;
  readonly to: number;
}

const OPEN_BEFORE = 1;
const OPEN_BEHIND = 2;
const BASE64 = 4;

/**
 * Finds all of many texts in one pass, in time that is proportional to what is searched.
 * Source: Aho and Corasick, "Efficient string matching", 1975.
 *
 * A node is a beginning of a needle. Its first child is the next node, so that the fifty lines of a
 * key are arrays, not thousands of maps.
 */
class Finder {
  /** The unit that leads from a node to the next one. */
  readonly #next: Int32Array;
  /** The children of a node besides the next one, by `node * 65536 + unit`. */
  readonly #others = new Map<number, number>();
  /** The children of the root, which most of a text is compared with. */
  readonly #first = new Uint32Array(0x10000);
  readonly #depth: Uint32Array;
  /** The node of the longest end of a beginning that is a beginning, too. */
  readonly #fallback: Uint32Array;
  /** The length of the longest needle that ends at a node, and what there is to say of it. */
  readonly #found: Uint32Array;
  readonly #flags: Uint8Array;
  #nodes = 1;

  constructor(needles: readonly Needle[]) {
    const size = needles.reduce((sum, { text }) => sum + text.length, 1);
    this.#next = new Int32Array(size).fill(-1);
    this.#depth = new Uint32Array(size);
    this.#fallback = new Uint32Array(size);
    this.#found = new Uint32Array(size);
    this.#flags = new Uint8Array(size);
    const units = new Uint16Array(size);
    const parents = new Uint32Array(size);
    for (const needle of needles) if (needle.text !== '') this.#add(needle, units, parents);
    this.#link(units, parents);
  }

  /**
   * Tells of each place where a needle ends. Gives where one begins of which `text` may have only
   * the beginning; the length of `text` if none does.
   */
  find(text: string, onHit: (hit: Hit) => void): number {
    if (this.#nodes === 1) return text.length;
    let node = 0;
    for (let at = 0; at < text.length; at += 1) {
      node = this.#after(node, text.charCodeAt(at));
      const length = this.#found[node] ?? 0;
      if (length > 0) onHit(this.#hit(node, at + 1 - length, at + 1));
    }
    return text.length - (this.#depth[node] ?? 0);
  }

  #hit(node: number, from: number, to: number): Hit {
    const flags = this.#flags[node] ?? 0;
    return {
      from,
      to,
      isOpenBefore: (flags & OPEN_BEFORE) > 0,
      isOpenBehind: (flags & OPEN_BEHIND) > 0,
      isBase64: (flags & BASE64) > 0
    };
  }

  /** The longest beginning that a text ends with, when one that ended with `node` goes on. */
  #after(node: number, unit: number): number {
    let from = node;
    while (from > 0) {
      const child = this.#child(from, unit);
      if (child > 0) return child;
      from = this.#fallback[from] ?? 0;
    }
    return this.#first[unit] ?? 0;
  }

  #child(node: number, unit: number): number {
    if (node === 0) return this.#first[unit] ?? 0;
    if (this.#next[node] === unit) return node + 1;
    return this.#others.get(node * 0x10000 + unit) ?? 0;
  }

  #add(
    { text, isOpenBefore, isOpenBehind, isBase64 }: Needle,
    units: Uint16Array,
    parents: Uint32Array
  ): void {
    let node = 0;
    for (let at = 0; at < text.length; at += 1) {
      const unit = text.charCodeAt(at);
      let child = this.#child(node, unit);
      if (child === 0) {
        child = this.#nodes;
        this.#nodes += 1;
        if (node === 0) this.#first[unit] = child;
        else if (child === node + 1) this.#next[node] = unit;
        else this.#others.set(node * 0x10000 + unit, child);
        this.#depth[child] = at + 1;
        units[child] = unit;
        parents[child] = node;
      }
      node = child;
    }
    this.#found[node] = text.length;
    this.#flags[node] =
      (this.#flags[node] ?? 0) |
      (isOpenBefore ? OPEN_BEFORE : 0) |
      (isOpenBehind ? OPEN_BEHIND : 0) |
      (isBase64 ? BASE64 : 0);
  }

  /** Shorter beginnings first: the longer ones fall back to them. */
  #link(units: Uint16Array, parents: Uint32Array): void {
    const nodes = Uint32Array.from({ length: this.#nodes - 1 }, (_, index) => index + 1);
    nodes.sort((one, other) => (this.#depth[one] ?? 0) - (this.#depth[other] ?? 0));
    for (const node of nodes) {
      const parent = parents[node] ?? 0;
      const fallback =
        parent === 0 ? 0 : this.#after(this.#fallback[parent] ?? 0, units[node] ?? 0);
      this.#fallback[node] = fallback;
      this.#flags[node] = (this.#flags[node] ?? 0) | (this.#flags[fallback] ?? 0);
      if (this.#found[node] === 0) this.#found[node] = this.#found[fallback] ?? 0;
    }
  }
}
