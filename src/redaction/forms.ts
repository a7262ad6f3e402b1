import type { Needle } from './finder.ts';
import { plainForm, undone, Written } from './written.ts';

// A brace, or a letter or two, stands in every text by chance: hiding them would hide everything.
const SHORTEST_LINE = 3;
const SHORTEST_QUOTED = 8;
const SHORTEST_BASE64 = 6;
const SHORTEST_SECTION = 6;

/**
 * What to look for to find a secret: itself and each of its lines in plain form, however many of
 * the escapes that are its own have been undone, and its Base64.
 */
export function formsOf(secret: string): Needle[] {
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
