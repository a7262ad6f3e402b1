import { HIDDEN, isLoginParameter, type Redaction } from './redaction.ts';

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
    .replace(/(?<!#)##+\[/g, '# [')
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

/** The longest reply that is shown, in characters. */
const MAX_REPLY_CHARACTERS = 64 * 1024;
// Ops Manager's replies are three levels deep.
const MAX_DEPTH = 12;
const MAX_TEXT_CHARACTERS = 2_000;
const CUT = '…';

/**
 * What a server wrote, made fit to be shown: the one place where it is redacted and bounded. What
 * is parsed (states, ids, dates) does not come through here.
 */
export class ServerText {
  readonly #redaction: Redaction;

  constructor(redaction: Redaction) {
    this.#redaction = redaction;
  }

  /** One clean line of at most 500 characters. */
  line(text: string): string {
    return clean(this.#redaction.redactStart(text, MAX_TEXT_CHARACTERS));
  }

  /** The first `length` characters, redacted and nothing else: for what is read further. */
  start(text: string, length: number): string {
    return this.#redaction.redactStart(text, length);
  }

  /** A value of a reply as one short piece of JSON in quotation marks. */
  quote(value: unknown): string {
    return value === undefined ? 'nothing' : `“${clean(this.#print(value, 80, ''))}”`;
  }

  /** A reply as indented JSON of at most `length` characters. */
  pretty(json: unknown, length = MAX_REPLY_CHARACTERS): string {
    return this.#print(json, length, '\n');
  }

  /** A body as one line of at most 64 Ki characters, whether it is JSON or not. */
  body(text: string, json: unknown): string {
    if (json !== undefined) return this.#print(json, MAX_REPLY_CHARACTERS, '');
    const start = this.#redaction.redactStart(text, MAX_REPLY_CHARACTERS);
    return defuse(start.length < text.length ? `${start}${CUT}` : start);
  }

  #print(json: unknown, length: number, lineEnd: '\n' | ''): string {
    return new Printer(this.#redaction, length, lineEnd).print(json);
  }
}

/** Writes JSON, redacted, until its room is used up; never deeper than a few levels. */
class Printer {
  readonly #redaction: Redaction;
  readonly #lineEnd: '\n' | '';
  readonly #pieces: string[] = [];
  #room: number;

  constructor(redaction: Redaction, room: number, lineEnd: '\n' | '') {
    this.#redaction = redaction;
    this.#room = room;
    this.#lineEnd = lineEnd;
  }

  print(json: unknown): string {
    this.#value(json, 0);
    return this.#pieces.join('');
  }

  #write(text: string): void {
    if (this.#room <= 0) return;
    const isWhole = text.length <= this.#room;
    // A pair of surrogates is not cut in two.
    this.#pieces.push(isWhole ? text : `${text.slice(0, this.#room - 1).toWellFormed()}${CUT}`);
    this.#room -= text.length;
  }

  #value(json: unknown, depth: number): void {
    if (typeof json === 'string') this.#text(json);
    else if (typeof json !== 'object' || json === null) this.#scalar(json);
    else if (depth >= MAX_DEPTH) this.#write(Array.isArray(json) ? `[${CUT}]` : `{${CUT}}`);
    else if (Array.isArray(json)) this.#list(json, depth);
    else this.#object(json as Readonly<Record<string, unknown>>, depth);
  }

  #text(text: string): void {
    const start = this.#redaction.redactStart(text, MAX_TEXT_CHARACTERS);
    const isCut = text.length > MAX_TEXT_CHARACTERS;
    this.#write(JSON.stringify(defuse(isCut ? `${start}${CUT}` : start)));
  }

  /** A number can be a secret, too. */
  #scalar(value: unknown): void {
    const text = String(value);
    const shown = this.#redaction.redact(text);
    this.#write(shown === text ? text : JSON.stringify(shown));
  }

  #list(items: readonly unknown[], depth: number): void {
    this.#write('[');
    for (const [index, item] of items.entries()) {
      if (this.#room <= 0) return;
      this.#separate(index, depth + 1);
      this.#value(item, depth + 1);
    }
    this.#close(']', items.length, depth);
  }

  #object(record: Readonly<Record<string, unknown>>, depth: number): void {
    this.#write('{');
    let count = 0;
    for (const name in record) {
      if (this.#room <= 0) return;
      this.#separate(count, depth + 1);
      this.#text(name);
      this.#write(this.#lineEnd === '' ? ':' : ': ');
      const value = record[name];
      this.#value(isLoginParameter(name, value) ? HIDDEN : value, depth + 1);
      count += 1;
    }
    this.#close('}', count, depth);
  }

  #separate(index: number, depth: number): void {
    if (index > 0) this.#write(',');
    this.#breakLine(depth);
  }

  #close(bracket: string, count: number, depth: number): void {
    if (count > 0) this.#breakLine(depth);
    this.#write(bracket);
  }

  #breakLine(depth: number): void {
    if (this.#lineEnd !== '') this.#write(`${this.#lineEnd}${'  '.repeat(depth)}`);
  }
}
