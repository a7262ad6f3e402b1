/** How programs write a text into a text of another kind, and what they leave as it is. */
interface Encoder {
  readonly name: string;
  readonly encode: (text: string) => string;
  /** How often it escapes what it escapes; once, if it does not say so. */
  readonly depth?: number;
}

const hex = (unit: number, width: number): string => unit.toString(16).padStart(width, '0');
const upper = (unit: number, width: number): string => hex(unit, width).toUpperCase();

/** Each unit that `what` matches, as `write` writes it. */
function units(what: RegExp, write: (unit: number) => string): (text: string) => string {
  return (text) => text.replace(what, (character) => write(character.charCodeAt(0)));
}

/** Percent-encoding of what is not in `kept`, a class of a regular expression. */
function percent(kept: string, digits = upper): (text: string) => string {
  const other = new RegExp(`[^${kept}]`, 'gu');
  return (text) =>
    text
      .toWellFormed()
      .replace(other, (character) =>
        Array.from(Buffer.from(character), (byte) => `%${digits(byte, 2)}`).join('')
      );
}

const quoted = (text: string): string => JSON.stringify(text).slice(1, -1);
const html = (text: string, quote: string, apostrophe: string): string =>
  text
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;')
    .replaceAll('"', quote)
    .replaceAll("'", apostrophe);
const LETTERS = 'A-Za-z0-9';

export const ENCODERS: readonly Encoder[] = [
  { name: 'nothing', encode: (text) => text },
  { name: 'JSON', encode: quoted },
  {
    name: 'JSON in ASCII',
    encode: (text) => units(/[^ -~]/g, (u) => `\\u${hex(u, 4)}`)(quoted(text))
  },
  { name: 'JSON of PHP', encode: (text) => quoted(text).replaceAll('/', '\\/') },
  {
    name: 'JSON of Go',
    encode: (text) => units(/[<>&\u2028\u2029]/g, (u) => `\\u${hex(u, 4)}`)(quoted(text))
  },
  {
    name: 'JSON of Gson',
    encode: (text) => units(/[<>&='\u2028\u2029]/g, (u) => `\\u${hex(u, 4)}`)(quoted(text))
  },
  {
    name: 'JSON of .NET',
    encode: units(/[^ !#$%()*,\-./0-9:;=?@A-Z[\]^_a-z{|}~]/g, (u) => `\\u${upper(u, 4)}`)
  },
  { name: 'Java', encode: (text) => units(/[^ -~]/g, (u) => `\\u${upper(u, 4)}`)(quoted(text)) },
  { name: 'JSON in JSON', depth: 2, encode: (text) => quoted(quoted(text)) },
  { name: 'JSON in JSON in JSON', depth: 3, encode: (text) => quoted(quoted(quoted(text))) },
  { name: 'the URL of a browser', encode: (text) => encodeURIComponent(text.toWellFormed()) },
  { name: 'the URL of .NET, PHP and Python', encode: percent(`${LETTERS}\\-._~`) },
  { name: 'a URL in small letters', encode: percent(`${LETTERS}\\-._~`, hex) },
  {
    name: 'a form of Go',
    encode: (text) => percent(`${LETTERS}\\-._~ `)(text).replaceAll(' ', '+')
  },
  {
    name: 'a form of Java',
    encode: (text) => percent(`${LETTERS}\\-._* `)(text).replaceAll(' ', '+')
  },
  {
    name: 'a form of .NET',
    encode: (text) => percent(`${LETTERS}\\-._!()* `, hex)(text).replaceAll(' ', '+')
  },
  { name: 'the user info of Go', encode: percent(`${LETTERS}\\-._~$&+,;=`) },
  { name: 'the path of Go', encode: percent(`${LETTERS}\\-._~$&+:=@`) },
  {
    name: 'a URL twice',
    depth: 2,
    encode: (text) => percent(LETTERS)(percent(`${LETTERS}\\-._~`)(text))
  },
  {
    name: 'escape() of a browser',
    encode: units(/[^\w@*+\-./]/g, (u) => (u < 256 ? `%${upper(u, 2)}` : `%u${upper(u, 4)}`))
  },
  { name: 'XML', encode: (text) => html(text, '&quot;', '&apos;') },
  { name: 'HTML of Go', encode: (text) => html(text, '&#34;', '&#39;') },
  { name: 'HTML of Python', encode: (text) => html(text, '&quot;', '&#x27;') },
  { name: 'HTML of PHP', encode: (text) => html(text, '&quot;', '&#039;') },
  {
    name: 'HTML of .NET',
    encode: (text) => units(/[\u00a0-\u00ff]/g, (u) => `&#${u};`)(html(text, '&quot;', '&#39;'))
  },
  {
    name: 'XML of Go',
    encode: (text) => units(/[\t\n\r]/g, (u) => `&#x${upper(u, 1)};`)(html(text, '&#34;', '&#39;'))
  },
  { name: 'HTML in JSON', depth: 2, encode: (text) => quoted(html(text, '&quot;', '&#39;')) },
  {
    name: 'HTML twice',
    depth: 2,
    encode: (text) => html(html(text, '&#34;', '&#39;'), '&#34;', '&#39;')
  },
  {
    name: 'Python’s repr of bytes',
    encode: (text) =>
      Array.from(Buffer.from(text), (byte) => {
        const character = String.fromCharCode(byte);
        if (/[\\']/.test(character)) return `\\${character}`;
        return byte < 32 || byte > 126 ? `\\x${hex(byte, 2)}` : character;
      }).join('')
  },
  {
    name: 'Python’s ascii',
    encode: (text) =>
      Array.from(text, (character) => {
        const code = character.codePointAt(0) ?? 0;
        if (/[\\']/.test(character)) return `\\${character}`;
        if (code > 0xffff) return `\\U${hex(code, 8)}`;
        if (code > 0xff) return `\\u${hex(code, 4)}`;
        return code < 32 || code > 126 ? `\\x${hex(code, 2)}` : character;
      }).join('')
  },
  { name: 'Swift', encode: units(/[^ -~]/g, (u) => `\\u{${upper(u, 1)}}`) },
  { name: 'SQL', encode: (text) => text.replaceAll("'", "''") },
  { name: 'CSV', encode: (text) => text.replaceAll('"', '""') },
  { name: 'a shell', encode: (text) => text.replaceAll("'", "'\\''") }
];
