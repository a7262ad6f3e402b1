import { describe, expect, it, jest } from '@jest/globals';
import fc from 'fast-check';
import { SecretMasker } from '../simulator/secret-masker.ts';
import { Redaction } from '../src/redaction.ts';
import { anyText } from './support/any-text.ts';
import { ENCODERS } from './support/encoders.ts';

const PEM = `-----BEGIN PRIVATE KEY-----\n${'Ab/+'.repeat(16)}\n${'Cd01'.repeat(16)}\nEf==\n-----END PRIVATE KEY-----\n`;

function redact(text: string, ...secrets: readonly string[]): string {
  return new Redaction(secrets).redact(text);
}

/** Texts of what encoders treat differently, and of any other characters. */
const password = fc
  .array(
    fc.oneof(
      fc.constantFrom(...Array.from('&<>"\'%+=\\/!@$~ *()#;:,?')),
      fc.constantFrom('%41', '&lt;', '\\u0041', '\\n', '&#34;', '%2541', 'a', '7', 'é', '€', '💥'),
      anyText({ minLength: 1, maxLength: 3 })
    ),
    { minLength: 1, maxLength: 20 }
  )
  .map((parts) => parts.join(''))
  // Of asterisks nobody can say whether they are shown; and what Latin-1 and UTF-8 both could be
  // is taken for UTF-8.
  .filter((text) => /[^\s\\'"*]/.test(text) && !/[\u00c2-\u00f4][\u0080-\u00bf]/.test(text));
/** Two encoders, one after the other: a fourth escape may be the secret’s own. */
const encoders = fc
  .tuple(fc.constantFrom(...ENCODERS), fc.constantFrom(...ENCODERS))
  .filter(([one, other]) => (one.depth ?? 1) + (other.depth ?? 1) <= 3);
/** What is around a secret and in none. */
const around = fc.string({ unit: fc.constantFrom('\ue001', '\ue002'), maxLength: 8 });

describe('a secret is hidden, as it is written by', () => {
  describe.each(ENCODERS)('$name', ({ encode }) => {
    it.each([
      'P@ssw0rd!',
      'a=b&c<d>\'e"f/g+h i\\j%k',
      '"quoted" and \'quoted\'',
      '100%25&amp;\\u0041',
      'C:\\new\\table',
      'naïve€💥\ttab',
      '+/=+/=',
      'ends in \\',
      "''"
    ])('%s', (secret) => {
      expect(redact(`before ${encode(secret)} after`, secret)).toBe('before *** after');
    });
  });

  it('any two of them, whatever it is and whatever stands beside it', () => {
    fc.assert(
      fc.property(password, encoders, around, around, (secret, [one, other], left, right) => {
        const written = other.encode(one.encode(secret));
        return redact(`${left}${written}${right}`, secret) === `${left}***${right}`;
      }),
      { numRuns: 1500 }
    );
  });

  it.each(['%', '\\', '\\u', '&#', '&', '%2', '\\\\', "'", '=', 'C:\\Users\\'])(
    'nobody, behind %s, which could be the beginning of an escape',
    (before) => {
      for (const secret of ['41ab41ab', 'u0041secret', '34;secret', 'new secret', 'x41secret']) {
        expect([`${before}***`, '***']).toContain(redact(`${before}${secret}`, secret));
      }
    }
  );
});

describe('a secret is hidden', () => {
  const base64 = (text: string): string => Buffer.from(text).toString('base64');
  it.each([
    { name: 'in Base64', text: base64('pass>>>word???') },
    { name: 'in Base64 after one character', text: base64(':pass>>>word???') },
    { name: 'in Base64 after two characters', text: base64('a:pass>>>word???!') },
    { name: 'in Base64 for URLs', text: Buffer.from('u:pass>>>word???').toString('base64url') },
    { name: 'in Base64 in a URL', text: encodeURIComponent(base64('pass>>>word???')) },
    { name: 'in Base64 in two lines', text: base64('pass>>>word???').replace(/.{8}/, '$&\r\n') }
  ])('$name', ({ text }) => {
    const shown = redact(`before ${text} after`, 'pass>>>word???');
    // One or two characters may be left that hold bits of what stands beside it.
    expect(shown).toMatch(/^before \w{0,2}\*\*\*(?:%3D)*[\w=]{0,2} after$/);
  });

  it('in each form that the runner masks', () => {
    const secret = fc.oneof(
      password,
      fc.array(password, { minLength: 2, maxLength: 3 }).map((lines) => lines.join('\n'))
    );
    fc.assert(
      fc.property(secret, (word) => {
        const masker = new SecretMasker();
        masker.add(word);
        const redaction = new Redaction([word]);
        // Lines that are too short to tell are left, and so is what is made of them.
        const forms = [...masker.forms].filter(
          (form) => form.trim() !== '' && isHidden(form, word)
        );
        const shown = forms.filter(
          (form) => redaction.redact(`\ue001${form}\ue001`) !== '\ue001***\ue001'
        );
        expect(shown).toEqual([]);
      }),
      { numRuns: 400 }
    );
    function isHidden(form: string, word: string): boolean {
      const lines = word.split(/[\r\n]+/);
      const masker = new SecretMasker();
      for (const line of lines) {
        if (line.trim().length < 3 || !/[\p{L}\p{N}]/u.test(line)) masker.add(`\v\n${line}`);
      }
      return lines.length === 1 || !masker.forms.has(form);
    }
  });

  it.each([
    { name: 'the longer of two', text: 'secret-word', secrets: ['secret', 'secret-word'] },
    { name: 'the one within the other', text: 'secret-word', secrets: ['ret-w', 'secret-word'] },
    { name: 'two that overlap', text: 'abcdef', secrets: ['abcd', 'cdef'] },
    { name: 'two that touch', text: 'abcdef', secrets: ['abc', 'def'] },
    { name: 'one that overlaps itself', text: 'abababa', secrets: ['aba'] },
    { name: 'one that ends another’s beginning', text: 'abcbcd', secrets: ['abcx', 'bcbcd', 'abc'] }
  ])('and nothing is left of $name', ({ text, secrets }) => {
    expect(redact(`<${text}>`, ...secrets)).toBe('<***>');
    expect(redact(`<${text}>`, ...secrets.toReversed())).toBe('<***>');
  });

  it('with each line of it that tells something', () => {
    const shown = redact(`x ${'Cd01'.repeat(16)} Ef== ${'Ab/+'.repeat(16)}`, PEM);
    expect(shown).toBe('x *** *** ***');
    expect(redact('-----BEGIN PRIVATE KEY-----', PEM)).toBe('-----BEGIN PRIVATE KEY-----');
    const secret = 'p3m-K3y\nsecond-line-value\nab1\n{\n---\nxy';
    const text = 'a p3m-K3y b second-line-value c ab1 d { --- xy';
    expect(redact(text, secret)).toBe('a *** b *** c *** d { --- xy');
  });

  it.each([
    PEM,
    PEM.replaceAll('\n', '\r\n'),
    PEM.replaceAll('\n', ' '),
    JSON.stringify(PEM).slice(1, -1)
  ])('whole, with its short lines, however its lines are broken', (text) => {
    expect(redact(`<${text}>`, PEM)).toBe('<***>');
    expect(redact(`<${text}>`, PEM.replaceAll('\n', '\r\n'))).toBe('<***>');
  });

  it.each([
    { secret: '12345678901234567890', shown: '12345678901234567000' },
    { secret: '1.50', shown: '1.5' },
    { secret: '1e3', shown: '1000' }
  ])('as the number that JSON gives back of it: $secret', ({ secret, shown }) => {
    expect(redact(`<${shown}>`, secret)).toBe('<***>');
    expect(redact(`<${secret}>`, secret)).toBe('<***>');
  });
});

describe('of a login that a server echoes', () => {
  const digest = '0123456789abcdef0123456789abcdef';
  it.each(['response', 'nonce', 'cnonce', 'opaque', 'nextnonce', 'Response', 'NONCE'])(
    '%s is hidden, however it is written',
    (name) => {
      for (const { encode } of ENCODERS) {
        const shown = redact(encode(`Digest realm="a b", ${name}="${digest}", qop=auth`));
        expect(shown).not.toContain(digest);
        expect(shown).toContain('realm');
        expect(shown).toContain('auth');
      }
      for (const text of [`${name}=${digest}`, `{"${name}": "${digest}"}`, `${name}='${digest}'`]) {
        expect(redact(text)).toBe(text.replace(digest, '***'));
      }
    }
  );

  it.each(['The response: 500', 'response=late', 'no nonce: try again', 'nonces', 'opaque'])(
    'nothing is taken for what it is not: %s',
    (text) => {
      expect(redact(text)).toBe(text);
    }
  );
});

describe('a text', () => {
  it('without secrets stays as it is', () => {
    fc.assert(
      fc.property(fc.string(), (text) => {
        return redact(text) === text && redact(text, '', '\u0001\u0002\u0003') === text;
      })
    );
  });

  it('is cut without leaving the beginning of a secret at the cut', () => {
    const redaction = new Redaction(['top-secret']);
    for (let length = 0; length < 30; length += 1) {
      const shown = redaction.redactStart(`0123456789top-secret and more`, length);
      expect(shown.length).toBeLessThanOrEqual(length);
      expect('0123456789***').toContain(shown.replace(/\*+.*$/, ''));
    }
  });

  it('is cut without moving half a secret into view', () => {
    // What is hidden before the cut makes the text shorter.
    const secrets = ['x'.repeat(40), '0123456789-abcdefghijklmnopqrstuvwxyz'];
    const text = `${secrets.join(' ')} ${secrets.join(' ')}`;
    const redaction = new Redaction(secrets);
    for (let length = 0; length < text.length; length += 1) {
      expect(redaction.redactStart(text, length)).toMatch(/^(?:\*{0,3} ?){0,4}$/);
    }
  });

  it('is cut wherever it is, without a piece of a secret in any form', () => {
    fc.assert(
      fc.property(password, encoders, around, fc.nat(), (secret, [one, other], left, at) => {
        const text = `${left}${other.encode(one.encode(secret))}${left}`;
        const length = at % (text.length + 1);
        const shown = new Redaction([secret]).redactStart(text, length);
        const isHidden = /^\*{0,3}$/.test(shown.replace(/[\ue001\ue002]/g, ''));
        return isHidden && shown.length <= length;
      }),
      { numRuns: 1500 }
    );
  });

  it('is cut wherever it is, without a piece of a secret in Base64', () => {
    const secret = '0123456789-abcdefghijklmnopqrstuvwxyz';
    for (const before of ['', 'x', 'xx']) {
      const text = Buffer.from(`${before}${secret}`).toString('base64');
      for (let length = 0; length <= text.length; length += 1) {
        expect(
          new Redaction([secret]).redactStart(text, length).replace('***', '').length
        ).toBeLessThan(7);
      }
    }
  });

  it.each([
    'a',
    '%',
    '%4',
    '%41',
    '\\',
    '\\u',
    '\\u004',
    '&',
    '&#',
    '&amp;',
    '+',
    "'",
    'Ab/+',
    '\n'
  ])('of %s without end is read a number of times that does not grow with it', (piece) => {
    const redaction = new Redaction([PEM, 'a'.repeat(1000) + 'b', '%%%%%%%%%', "''''"]);
    const read = jest.spyOn(String.prototype, 'charCodeAt');
    try {
      const readsOf = (length: number): number => {
        read.mockClear();
        redaction.redact(piece.repeat(length / piece.length));
        return read.mock.calls.length;
      };
      readsOf(10);
      expect(readsOf(8_000)).toBeLessThan(4.1 * readsOf(2_000));
    } finally {
      read.mockRestore();
    }
  });
});
