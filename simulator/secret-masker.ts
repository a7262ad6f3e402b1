/**
 * Hides secrets as GitHub's runner does (`SecretMasker`, `ValueEncoders`): each value, each of its
 * lines and their usual encodings, and what overlaps or touches as one `***`.
 */
export class SecretMasker {
  readonly #values = new Set<string>();

  /** Everything that it looks for. */
  get forms(): ReadonlySet<string> {
    return this.#values;
  }

  /** Hides a text and, if it has several lines, each of them. */
  add(secret: string): void {
    if (secret.trim() === '') return;
    for (const value of [secret, ...secret.split(/[\r\n]+/)]) {
      for (const form of [value, ...ENCODERS.map((encode) => encode(value))]) {
        if (form !== '') this.#values.add(form);
      }
    }
  }

  /** Hides what another masker hides: secrets belong to a job, not to a step. */
  addAll(other: SecretMasker): void {
    for (const value of other.#values) this.#values.add(value);
  }

  mask(text: string): string {
    const hits = [...this.#values].flatMap((value) => occurrences(text, value));
    let masked = '';
    let end = 0;
    for (const [start, stop] of hits.sort(([one], [other]) => one - other)) {
      if (start > end || masked === '') masked += `${text.slice(end, start)}***`;
      end = Math.max(end, stop);
    }
    return masked + text.slice(end);
  }
}

const ENCODERS: readonly ((value: string) => string)[] = [
  // The same bytes look different in Base64 by how many stand before them.
  ...[0, 1, 2].map((shift) => (value: string) => {
    const bytes = Buffer.from(value);
    return bytes.subarray(bytes.length > shift ? shift : 0).toString('base64');
  }),
  (value) => JSON.stringify(value).slice(1, -1),
  // Uri.EscapeDataString of .NET escapes these, too.
  (value) =>
    encodeURIComponent(value.toWellFormed()).replaceAll(
      /[!'()*]/g,
      (sign) => `%${sign.charCodeAt(0).toString(16).toUpperCase()}`
    ),
  (value) => value.replaceAll(/[<>&"']/g, (sign) => XML_NAMES[sign] ?? sign),
  // In an expression, and on a command line.
  (value) => value.replaceAll("'", "''"),
  (value) => value.replaceAll('"', '\\"'),
  // PowerShell colours what it quotes, and so parts it at an ampersand.
  (value) => sectionOf(value, 0, endOfAmpersand(value)),
  (value) => sectionOf(value, endOfAmpersand(value) + (value.includes('&+') ? 1 : 0)),
  (value) => (/^".{7,}"$/s.test(value) ? value.slice(1, -1) : value)
];

function endOfAmpersand(value: string): number {
  return value.includes('&+') ? value.indexOf('&+') + 2 : value.lastIndexOf('&') + 1;
}

function sectionOf(value: string, from: number, to?: number): string {
  const section = value.includes('&') ? value.slice(from, to) : '';
  return section.length >= 6 ? section : '';
}

const XML_NAMES: Readonly<Record<string, string>> = {
  '<': '&lt;',
  '>': '&gt;',
  '&': '&amp;',
  '"': '&quot;',
  "'": '&apos;'
};

function occurrences(text: string, value: string): (readonly [start: number, stop: number])[] {
  const found: (readonly [number, number])[] = [];
  for (let at = text.indexOf(value); at >= 0; at = text.indexOf(value, at + 1)) {
    found.push([at, at + value.length]);
  }
  return found;
}
