import { describe, expect, it, jest } from '@jest/globals';
import fc from 'fast-check';
import { Redaction } from '../src/redaction.ts';
import { anyText } from './support/any-text.ts';

const SECRET = 'pass"word of\\the <seed> & 100% h/öst';
const PEM = `-----BEGIN PRIVATE KEY-----\n${'Ab/+'.repeat(16)}\n${'Cd01'.repeat(16)}\nEf==\n-----END PRIVATE KEY-----\n`;

function redact(text: string, ...secrets: readonly string[]): string {
  return new Redaction(secrets).redact(text);
}

describe('a secret is hidden', () => {
  const base64 = (text: string): string => Buffer.from(text).toString('base64');
  it.each([
    { name: 'as it is', text: SECRET },
    { name: 'JSON-escaped', text: JSON.stringify(SECRET) },
    { name: 'JSON-escaped with slashes', text: JSON.stringify(SECRET).replaceAll('/', '\\/') },
    { name: 'JSON-escaped in ASCII', text: JSON.stringify(SECRET).replace('ö', '\\u00f6') },
    { name: 'URL-encoded', text: encodeURIComponent(SECRET) },
    {
      name: 'URL-encoded in small letters',
      text: encodeURIComponent(SECRET).replace(/%../g, (byte) => byte.toLowerCase())
    },
    { name: 'as a form writes it', text: encodeURIComponent(SECRET).replaceAll('%20', '+') },
    {
      name: 'HTML-escaped',
      text: 'pass&quot;word of\\the &lt;seed&gt; &amp; 100% h/öst'
    },
    { name: 'in Base64', text: base64(SECRET) },
    { name: 'in Base64 after one character', text: base64(`:${SECRET}`) },
    { name: 'in Base64 after two characters', text: base64(`a:${SECRET}!`) },
    { name: 'in Base64 for URLs', text: Buffer.from(`u:${SECRET}`).toString('base64url') }
  ])('$name', ({ text }) => {
    const shown = redact(`before ${text} after`, SECRET);
    expect(shown).toMatch(/^before .*\*\*\*.* after$/);
    // Of Base64 a character at either end may hold bits of what stands beside the secret.
    expect(shown.length).toBeLessThanOrEqual('before "***" after'.length + 6);
  });

  it.each([
    {
      name: 'the longer of two',
      text: 'secret-word',
      secrets: ['secret', 'secret-word'],
      want: '<***>'
    },
    { name: 'two that overlap', text: 'abcdef', secrets: ['abcd', 'cdef'], want: '<***>' },
    { name: 'two that touch', text: 'abcdef', secrets: ['abc', 'def'], want: '<******>' }
  ])('and nothing is left of $name', ({ text, secrets, want }) => {
    expect(redact(`<${text}>`, ...secrets)).toBe(want);
    expect(redact(`<${text}>`, ...secrets.toReversed())).toBe(want);
  });

  it('with each line of it that is long enough to tell', () => {
    const shown = redact(`x ${'Cd01'.repeat(16)} Ef== ${'Ab/+'.repeat(16)}`, PEM);
    expect(shown).toBe('x *** Ef== ***');
    expect(redact('-----BEGIN PRIVATE KEY-----', PEM)).toBe('-----BEGIN PRIVATE KEY-----');
  });

  it('wherever it stands in any text', () => {
    const secret = anyText({ minLength: 4, maxLength: 30 });
    fc.assert(
      fc.property(secret, fc.string(), fc.string(), (word, before, after) => {
        fc.pre(!'***'.includes(word) && !before.includes('*') && !after.includes('*'));
        expect(redact(`${before}${word}${after}`, word)).not.toContain(word);
      })
    );
  });
});

describe('a text', () => {
  it('without secrets stays as it is', () => {
    fc.assert(
      fc.property(fc.string(), (text) => {
        expect(redact(text)).toBe(text);
        expect(redact(text, '', '\u0001\u0002\u0003')).toBe(text);
      })
    );
  });

  it('is cut without leaving the beginning of a secret at the cut', () => {
    const redaction = new Redaction(['top-secret']);
    for (let length = 0; length < 30; length += 1) {
      const shown = redaction.redactStart(`0123456789top-secret and more`, length);
      expect(shown.length).toBeLessThanOrEqual(length);
      expect(shown).not.toContain('t-s');
      expect(shown.replace(/\*+.*$/, '')).toBe('0123456789'.slice(0, Math.min(length, 10)));
    }
  });

  it('costs time in proportion to its length', () => {
    const redaction = new Redaction([PEM, SECRET]);
    const text = 'pass"word of\\the <seed> & 100% h/ös '.repeat(30_000);
    const startedAt = performance.now();
    redaction.redact(text);
    expect(performance.now() - startedAt).toBeLessThan(2_000);
  });

  it('that is short is not searched for the thousand forms of a long key', () => {
    const line = (index: number): string => `${index}`.padStart(2, '0').repeat(32);
    const lines = Array.from({ length: 90 }, (_, index) => line(index));
    const redaction = new Redaction([lines.join('\n'), 'secret']);
    const searches = [
      jest.spyOn(String.prototype, 'includes'),
      jest.spyOn(String.prototype, 'indexOf')
    ];
    try {
      redaction.redact('507f1f77bcf86cd799439011');
      const count = searches.reduce((sum, { mock }) => sum + mock.calls.length, 0);
      expect(count).toBeLessThan(30);
    } finally {
      for (const search of searches) search.mockRestore();
    }
    expect(redaction.redact(`${line(7)} secret ${line(8)}`)).toBe('*** *** ***');
  });
});
