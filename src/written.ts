/** A piece of a text, in UTF-16 units. */
export interface Span {
  readonly from: number;
  readonly to: number;
}

/** For each unit of a text, where it begins and ends in the original. */
interface Places {
  readonly from: Uint32Array;
  readonly to: Uint32Array;
}

/** A text with some of its escapes undone, and where each of its units stood in the original. */
export class Written {
  readonly text: string;
  /** Where the original ends, as far as it is in `text`. */
  readonly end: number;
  /** Undefined for the original. */
  readonly places: Places | undefined;

  constructor(text: string, end = text.length, places?: Places) {
    this.text = text;
    this.end = end;
    this.places = places;
  }

  /** Where the unit at `index` begins in the original; behind the last one, the end. */
  startOf(index: number): number {
    if (index >= this.text.length) return this.end;
    return this.places ? (this.places.from[index] ?? 0) : index;
  }

  /** Where the unit before `index` ends in the original. */
  endBefore(index: number): number {
    return this.places ? (this.places.to[index - 1] ?? 0) : index;
  }

  /** `text` from `from` to `to`, in the original; with what was dropped before or behind it. */
  span(from: number, to: number, isOpenBefore: boolean, isOpenBehind: boolean): Span {
    return {
      from: isOpenBefore ? this.endBefore(from) : this.startOf(from),
      to: isOpenBehind ? this.startOf(to) : this.endBefore(to)
    };
  }

  /** Without an escape at its end that a cut has halved. */
  withoutHalfAnEscape(): Written {
    let kept = this.text.length;
    for (let half = 1; half > 0; kept -= half) {
      const tail = this.text.slice(Math.max(0, kept - LONGEST_ESCAPE), kept);
      half = HALF_AN_ESCAPE.exec(tail)?.[0].length ?? 0;
    }
    return new Written(this.text.slice(0, kept), this.startOf(kept), this.places);
  }
}

/** Makes a text of pieces of another one. */
class Writer {
  readonly #source: Written;
  readonly #units: Uint16Array;
  readonly #places: Places;
  #length = 0;

  /** For a text that is no longer than its source. */
  constructor(source: Written) {
    this.#source = source;
    const { length } = source.text;
    this.#units = new Uint16Array(length);
    this.#places = { from: new Uint32Array(length), to: new Uint32Array(length) };
  }

  /** A unit in the place of the source's from `from` to `to`. */
  put(unit: number, from: number, to: number): void {
    this.#units[this.#length] = unit;
    this.#places.from[this.#length] = this.#source.startOf(from);
    this.#places.to[this.#length] = this.#source.endBefore(to);
    this.#length += 1;
  }

  /** Units of the source as they are. */
  copy(from: number, to: number): void {
    const { text, places } = this.#source;
    for (let at = from; at < to; at += 1) {
      const index = this.#length;
      this.#length += 1;
      this.#units[index] = text.charCodeAt(at);
      this.#places.from[index] = places ? (places.from[at] ?? 0) : at;
      this.#places.to[index] = places ? (places.to[at] ?? 0) : at + 1;
    }
  }

  finish(): Written {
    const bytes = Buffer.from(this.#units.buffer, 0, 2 * this.#length);
    return new Written(bytes.toString('utf16le'), this.#source.end, this.#places);
  }
}

const ESCAPE =
  /(?:%[0-9A-Fa-f]{2})+|(?:(?<!\\)\\+x[0-9A-Fa-f]{2})+|(?:%u|(?<!\\)\\+u)[0-9A-Fa-f]{4}|(?<!\\)\\+(?:U00[01][0-9A-Fa-f]{5}|u\{[0-9A-Fa-f]{1,6}\})|&(?:#[Xx][0-9A-Fa-f]{1,8}|#\d{1,8}|amp|lt|gt|quot|apos);/g;
/** The end of a text that was cut: an escape that may go on, also as a byte of UTF-8. */
const HALF_AN_ESCAPE =
  /(?:%u?[0-9A-Fa-f]{0,3}|\\{1,8}(?:[Uux]\{?[0-9A-Fa-f]{0,7})?|&#?[0-9A-Za-z]{0,8})$/;
const LONGEST_ESCAPE = 64;
const NAMES: Readonly<Record<string, string>> = {
  amp: '&',
  lt: '<',
  gt: '>',
  quot: '"',
  apos: "'"
};

/** Undoes one layer of `%XX`, `\uXXXX`, `\xXX` and `&…;`; undefined when there is none. */
export function undone(source: Written): Written | undefined {
  const { text } = source;
  let writer: Writer | undefined;
  let end = 0;
  for (const { 0: escape, index } of text.matchAll(ESCAPE)) {
    writer ??= new Writer(source);
    writer.copy(end, index);
    end = index + escape.length;
    if (/^(?:%[^u]|\\+x)/.test(escape)) putBytes(writer, escape, index);
    else putCharacter(writer, escape, index);
  }
  writer?.copy(end, text.length);
  return writer?.finish();
}

function putCharacter(writer: Writer, escape: string, index: number): void {
  const to = index + escape.length;
  const code = codeOf(escape);
  // What is no character stays as it is.
  if (code > 0x10ffff) writer.copy(index, to);
  else putCode(writer, code, index, to);
}

/** The character that one escape stands for. */
function codeOf(escape: string): number {
  if (!escape.startsWith('&')) return parseInt(/[0-9A-Fa-f]+/.exec(escape)?.[0] ?? '', 16);
  const name = escape.slice(1, -1);
  if (/^#[Xx]/.test(name)) return parseInt(name.slice(2), 16);
  if (name.startsWith('#')) return parseInt(name.slice(1), 10);
  return (NAMES[name] ?? '').charCodeAt(0);
}

/** UTF-8, or Latin-1 where it is none. */
function putBytes(writer: Writer, escape: string, index: number): void {
  const { values, ends } = bytesIn(escape);
  for (let at = 0; at < values.length;) {
    const length = lengthOfCharacter(values, at);
    const first = values[at] ?? 0;
    let code = length === 1 ? first : first & (0x7f >> length);
    for (let next = 1; next < length; next += 1) {
      code = (code << 6) | ((values[at + next] ?? 0) & 0x3f);
    }
    putCode(writer, code, index + (ends[at - 1] ?? 0), index + (ends[at + length - 1] ?? 0));
    at += length;
  }
}

/** The bytes of `%XX%XX…` or `\xXX\xXX…`, and where each ends in it. */
function bytesIn(escape: string): { readonly values: number[]; readonly ends: number[] } {
  const values: number[] = [];
  const ends: number[] = [];
  const before = escape.startsWith('%') ? '%' : 'x';
  for (let at = escape.indexOf(before); at >= 0; at = escape.indexOf(before, at + 3)) {
    values.push(parseInt(escape.slice(at + 1, at + 3), 16));
    ends.push(at + 3);
  }
  return { values, ends };
}

/** How many bytes a character of UTF-8 has; 1 for a byte that begins none. */
function lengthOfCharacter(bytes: readonly number[], at: number): number {
  const first = bytes[at] ?? 0;
  const length = first < 0xc2 ? 1 : first < 0xe0 ? 2 : first < 0xf0 ? 3 : first < 0xf5 ? 4 : 1;
  for (let next = 1; next < length; next += 1) {
    if (((bytes[at + next] ?? 0) & 0xc0) !== 0x80) return 1;
  }
  return length;
}

function putCode(writer: Writer, code: number, from: number, to: number): void {
  if (code < 0x10000) {
    writer.put(code, from, to);
    return;
  }
  const pair = String.fromCodePoint(Math.min(code, 0x10ffff));
  writer.put(pair.charCodeAt(0), from, to);
  writer.put(pair.charCodeAt(1), from, to);
}

/** What makes a difference to nobody: `\n` and `''` are written for one unit as well as for two. */
const DROPPED = new Set(['\\', '\r', '\n'].map(unitOf));
const DOUBLED = new Set(['"', "'"].map(unitOf));
/** A control character is written as a backslash, which is dropped, and a letter; a blank as `+`. */
const PLAIN = new Map(
  ['\x07a', '\bb', '\tt', '\vv', '\ff', '+ '].map(([from = '', to = '']) => [
    unitOf(from),
    unitOf(to)
  ])
);
const HAS_OTHER_FORM = /[\\\p{Cc}+]|''|""/u;

/** One form for all that encoders may leave different, once escapes are undone. */
export function plainForm(source: Written): Written {
  const { text } = source;
  if (!HAS_OTHER_FORM.test(text)) return source;
  const writer = new Writer(source);
  let last = -1;
  for (let at = 0; at < text.length; at += 1) {
    const unit = text.charCodeAt(at);
    if (DROPPED.has(unit) || (unit === last && DOUBLED.has(unit))) continue;
    last = unit;
    writer.put(PLAIN.get(unit) ?? unit, at, at + 1);
  }
  return writer.finish();
}

function unitOf(character: string): number {
  return character.charCodeAt(0);
}
