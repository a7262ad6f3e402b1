/** A text, a number, true, false or null in a JSON text. */
export interface Leaf {
  /** The names on the way to it; items of a list have none. */
  readonly names: readonly string[];
  readonly value: string | number | boolean | null;
  /** As it is written. */
  readonly raw: string;
}

/** What is wrong with a JSON text, where, and how to mend it; nothing of the text itself. */
export class JsonMistake extends Error {
  constructor(what: string, text: string, at: number) {
    const lines = text.slice(0, at).split('\n');
    super(`line ${lines.length}, column ${(lines.at(-1) ?? '').length + 1}: ${what}.`);
    this.name = 'JsonMistake';
  }
}

const DEEPEST = 64;
const QUOTED = 'A secret in it is written as ${{ toJSON(secrets.NAME) }}, without quotes around it';

/**
 * Reads a JSON text from its beginning and hands over each leaf at once, those too that a later
 * equal key hides, and those before a mistake. Takes what JSON.parse takes, 64 deep at most; that
 * neither says where it fails without showing the text, nor shows a number as it is written.
 * @throws JsonMistake
 */
export function scanJson(text: string, onLeaf: (leaf: Leaf) => void): void {
  new Scanner(text, onLeaf).scan();
}

class Scanner {
  readonly #text: string;
  readonly #onLeaf: (leaf: Leaf) => void;
  #at = 0;

  constructor(text: string, onLeaf: (leaf: Leaf) => void) {
    this.#text = text;
    this.#onLeaf = onLeaf;
  }

  scan(): void {
    this.#value([], 1);
    if (this.#at < this.#text.length) this.#fail('nothing may follow the end of the object');
  }

  #value(names: readonly string[], depth: number): void {
    const first = this.#next();
    if (first === '{' || first === '[') {
      if (depth > DEEPEST) this.#fail(`it is nested more than ${DEEPEST} deep`);
      if (first === '{') {
        this.#entries('}', () => this.#entry(names, depth));
      } else {
        this.#entries(']', () => this.#value(names, depth + 1));
      }
    } else {
      const raw = first === '"' ? this.#string() : this.#word();
      this.#onLeaf({ names, raw, value: JSON.parse(raw) as Leaf['value'] });
    }
    this.#next();
  }

  #entry(names: readonly string[], depth: number): void {
    if (this.#next() !== '"') this.#fail(this.#isEnd() ? 'a } is missing' : this.#keyMistake());
    const name = JSON.parse(this.#string()) as string;
    if (this.#next() !== ':') this.#fail('a “:” is missing between a key and its value');
    this.#at += 1;
    this.#value([...names, name], depth + 1);
  }

  /** What stands between a bracket and its `end`. */
  #entries(end: string, readEntry: () => void): void {
    this.#at += 1;
    while (this.#next() !== end) {
      readEntry();
      if (this.#next() !== end) this.#comma(end);
    }
    this.#at += 1;
  }

  /** Between two entries; not before the end. */
  #comma(end: string): void {
    if (this.#isEnd()) this.#fail(`a ${end} is missing`);
    if (this.#text[this.#at] !== ',') this.#fail(`a “,” or ${end} is missing. ${QUOTED}`);
    const at = this.#at;
    this.#at += 1;
    if (this.#next() !== end) return;
    this.#at = at;
    this.#fail(`there is a “,” too many before ${end}`);
  }

  /** With its quotation marks. */
  #string(): string {
    const from = this.#at;
    for (this.#at += 1; !this.#isEnd(); this.#at += 1) {
      const character = this.#text[this.#at] ?? '';
      if (character === '"') {
        this.#at += 1;
        return this.#text.slice(from, this.#at);
      }
      if (character < ' ') this.#fail(controlMistake(character));
      if (character === '\\') this.#escape();
    }
    this.#at = from;
    this.#fail(`the text that begins here has no “"” at its end`);
  }

  #escape(): void {
    const escape = /^\\(?:["\\/bfnrt]|u[0-9a-f]{4})/i.exec(
      this.#text.slice(this.#at, this.#at + 6)
    );
    // Capitals are none of these.
    if (!escape || /^\\[BFNRTU]/.test(escape[0])) {
      this.#fail(`a backslash in a text is written twice. ${QUOTED}`);
    }
    this.#at += escape[0].length - 1;
  }

  /** A number, true, false or null. */
  #word(): string {
    const word = /^[^\s,:[\]{}"]*/.exec(this.#text.slice(this.#at))?.[0] ?? '';
    if (!/^(?:true|false|null|-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?)$/.test(word)) {
      this.#fail(wordMistake(word, this.#isEnd()));
    }
    this.#at += word.length;
    return word;
  }

  /** The next character that is no blank; empty at the end. */
  #next(): string {
    while (/^[ \t\r\n]$/.test(this.#text[this.#at] ?? '')) this.#at += 1;
    return this.#text[this.#at] ?? '';
  }

  #isEnd(): boolean {
    return this.#at >= this.#text.length;
  }

  #keyMistake(): string {
    const isComment = ['/', '#'].includes(this.#text[this.#at] ?? '');
    return isComment ? 'JSON has no comments' : 'a key in double quotes is missing';
  }

  #fail(what: string): never {
    throw new JsonMistake(what, this.#text, this.#at);
  }
}

function controlMistake(character: string): string {
  const what = character === '\t' ? 'a tab' : 'a line break or a control character';
  return `${what} stands within a text, or a “"” is missing before it. ${QUOTED}`;
}

function wordMistake(word: string, isEnd: boolean): string {
  if (isEnd) return 'it ends before it is complete';
  if (word === '') return `a value is missing. Is an expression empty there? ${QUOTED}`;
  if (/^(?:\/\/|\/\*|#)/.test(word)) return 'JSON has no comments';
  if (/^(?:true|false|null|none|undefined|nan)$/i.test(word)) {
    return 'what is no text is true, false, null or a number, in lower case';
  }
  return `a text stands in double quotes, and a number is plain digits. ${QUOTED}`;
}
