import { generateKeyPairSync } from 'node:crypto';
import { Redaction } from '../src/redaction.ts';
import { defuse } from '../src/untrusted.ts';

/** What it takes to redact a text of this form and size. */
export interface RedactionCost {
  readonly form: string;
  readonly bytes: number;
  /** Of one core. */
  readonly cpuMs: number;
}

/** What 64 Ki of `#` take, in milliseconds of one core. */
export interface HashesCost {
  readonly now: number;
  /** With the pattern of version 1.1. */
  readonly before: number;
}

const SIZES = [64 * 1024, 2 ** 20, 8 * 2 ** 20];
const TIMES = 3;
const PASSWORD = 'P@ssw0rd!, “quoted” & more';

/** As programs write a text. */
const FORMS: Readonly<Record<string, (text: string) => string>> = {
  plain: (text) => text,
  'percent, every character': (text) => text.replace(/[^]/gu, percent),
  'JSON, every character': (text) => text.replace(/[^]/g, unicode),
  'JSON in JSON in JSON': (text) => JSON.stringify(JSON.stringify(JSON.stringify(text))),
  'XML, every character': (text) => text.replace(/[^]/gu, (each) => `&#${each.codePointAt(0)};`),
  Base64: (text) => Buffer.from(text).toString('base64')
};

/** Whole texts with a password in each kilobyte, and a key of 4096 bits among the secrets. */
export function measureRedaction(): RedactionCost[] {
  const { privateKey } = generateKeyPairSync('rsa', {
    modulusLength: 4096,
    publicKeyEncoding: { type: 'spki', format: 'pem' },
    privateKeyEncoding: { type: 'pkcs8', format: 'pem' }
  });
  const redaction = new Redaction([privateKey, PASSWORD, '5f2c8f9e-0c1b-4d6e-8a7f-3b2a1c0d9e8f']);
  return Object.entries(FORMS).flatMap(([form, encode]) =>
    SIZES.map((bytes) => {
      const text = textOf(bytes, encode);
      if (redaction.redact(text).includes(encode(PASSWORD))) throw new Error(`${form} is shown`);
      return { form, bytes, cpuMs: fastest(() => redaction.redact(text)) };
    })
  );
}

/** What was quadratic, once with the pattern that it was. */
export function measureHashes(): HashesCost {
  const text = '#'.repeat(64 * 1024);
  return {
    now: fastest(() => defuse(text)),
    before: fastest(() => text.replace(/##+\[/g, '# ['), 1)
  };
}

function textOf(bytes: number, encode: (text: string) => string): string {
  const piece = encode(`{"state":"PENDING","note":"${'words of a log '.repeat(60)}"} ${PASSWORD} `);
  return piece.repeat(Math.ceil(bytes / Buffer.byteLength(piece))).slice(0, bytes);
}

function fastest(work: () => unknown, times = TIMES): number {
  const samples = Array.from({ length: times }, () => {
    const before = process.cpuUsage();
    work();
    const { user, system } = process.cpuUsage(before);
    return (user + system) / 1000;
  });
  return Math.min(...samples);
}

function percent(character: string): string {
  return Array.from(
    Buffer.from(character),
    (byte) => `%${byte.toString(16).padStart(2, '0')}`
  ).join('');
}

function unicode(unit: string): string {
  return `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`;
}
