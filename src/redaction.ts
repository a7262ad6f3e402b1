const SHOWN = '***';
// Shorter pieces stand in every text by chance: hiding them would hide everything.
const SHORTEST_LINE = 8;
const SHORTEST_BASE64 = 6;

/**
 * Hides secrets in texts: each one whole, and each line of it, as it is, JSON-escaped,
 * URL-encoded, HTML-escaped and Base64-encoded. Where two overlap, both are hidden.
 */
export class Redaction {
  /** Longest first, so that a text is searched only for those that fit into it. */
  readonly #forms: readonly string[];

  constructor(secrets: readonly string[]) {
    const forms = new Set(secrets.flatMap(formsOf));
    forms.delete('');
    this.#forms = Array.from(forms).sort((a, b) => b.length - a.length);
  }

  /** How much of a text has to be looked at to hide a secret at the end of a shorter one. */
  get longest(): number {
    return this.#forms[0]?.length ?? 0;
  }

  redact(text: string): string {
    const spans = this.#formsWithin(text.length)
      .filter((form) => text.includes(form))
      .flatMap((form) => placesOf(form, text));
    if (spans.length === 0) return text;
    spans.sort((a, b) => a.from - b.from);
    const pieces: string[] = [];
    let end = 0;
    for (const { from, to } of spans) {
      if (from >= end) pieces.push(text.slice(end, from), SHOWN);
      end = Math.max(end, to);
    }
    return [...pieces, text.slice(end)].join('');
  }

  /** A key of fifty lines has a thousand forms, and most texts are shorter than any of them. */
  #formsWithin(length: number): readonly string[] {
    let [from, to] = [0, this.#forms.length];
    while (from < to) {
      const middle = Math.floor((from + to) / 2);
      if ((this.#forms[middle]?.length ?? 0) > length) from = middle + 1;
      else to = middle;
    }
    return this.#forms.slice(from);
  }

  /** The first `length` UTF-16 units of the redacted text; the rest is not even looked at. */
  redactStart(text: string, length: number): string {
    return this.redact(text.slice(0, length + this.longest)).slice(0, length);
  }
}

interface Span {
  readonly from: number;
  readonly to: number;
}

function placesOf(form: string, text: string): Span[] {
  const places: Span[] = [];
  let from = text.indexOf(form);
  while (from >= 0) {
    places.push({ from, to: from + form.length });
    from = text.indexOf(form, from + form.length);
  }
  return places;
}

function formsOf(secret: string): string[] {
  const lines = secret.split(/\r\n|\r|\n/).filter((line) => isTelling(line));
  return Array.from(new Set([secret, ...(lines.length > 1 || secret.includes('\n') ? lines : [])]))
    .filter((text) => text !== '')
    .flatMap((text) => [text, ...escaped(text), ...inBase64(text)]);
}

/** The armour of a PEM text is no secret, and stands in many texts. */
function isTelling(line: string): boolean {
  return line.trim().length >= SHORTEST_LINE && !/^-----(BEGIN|END) [^-]+-----$/.test(line.trim());
}

function escaped(text: string): string[] {
  const json = JSON.stringify(text).slice(1, -1);
  const url = encodeURIComponent(text.toWellFormed());
  const lowerUrl = url.replace(/%../g, (byte) => byte.toLowerCase());
  return [
    json,
    json.replaceAll('/', '\\/'),
    json.replace(
      /[^\x20-\x7e]/g,
      (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`
    ),
    ...[url, lowerUrl, url.replaceAll('%20', '+'), lowerUrl.replaceAll('%20', '+')],
    ...[htmlOf(text, '&#39;'), htmlOf(text, '&#x27;')]
  ];
}

function htmlOf(text: string, apostrophe: string): string {
  return text
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;')
    .replaceAll('"', '&quot;')
    .replaceAll("'", apostrophe);
}

/** In Base64 three bytes are four characters, so a text looks different at each of three places. */
function inBase64(text: string): string[] {
  const bytes = Buffer.from(text);
  return [0, 1, 2]
    .map((offset) => {
      const encoded = Buffer.concat([Buffer.alloc(offset), bytes]).toString('base64');
      // The first and the last character may hold bits of what stands beside the secret.
      return encoded.slice(
        Math.ceil((offset * 8) / 6),
        Math.floor(((offset + bytes.length) * 8) / 6)
      );
    })
    .filter((piece) => piece.length >= SHORTEST_BASE64)
    .flatMap((piece) => [piece, piece.replaceAll('+', '-').replaceAll('/', '_')]);
}
