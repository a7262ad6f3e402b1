import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { SecretMasker } from '../../simulator/secret-masker.ts';

function masked(text: string, ...secrets: readonly string[]): string {
  const masker = new SecretMasker();
  for (const secret of secrets) masker.add(secret);
  return masker.mask(text);
}

const SECRET = `pass"word & 'more'!`;

describe('a secret is hidden', () => {
  it.each([
    { form: 'as it is', text: SECRET },
    { form: 'in JSON', text: JSON.stringify(SECRET).slice(1, -1) },
    { form: 'in a URL', text: 'pass%22word%20%26%20%27more%27%21' },
    { form: 'in XML', text: 'pass&quot;word &amp; &apos;more&apos;!' },
    { form: 'in an expression', text: `pass"word & ''more''!` },
    { form: 'in Base64', text: Buffer.from(SECRET).toString('base64') },
    {
      form: 'in Base64, without its first byte',
      text: Buffer.from(SECRET.slice(1)).toString('base64')
    },
    {
      form: 'in Base64, without its first two',
      text: Buffer.from(SECRET.slice(2)).toString('base64')
    }
  ])('$form', ({ text }) => {
    expect(masked(`before ${text} after`, SECRET)).toBe('before *** after');
  });

  it('line by line, if it has several', () => {
    expect(masked('a KEY-1 b KEY-2 c', 'KEY-1\r\nKEY-2\n')).toBe('a *** b *** c');
  });

  it('once for all that overlaps or touches', () => {
    expect(masked('abcabcd-abcbcd', 'abc', 'bcd')).toBe('***-***');
    expect(masked('aaa', 'aa')).toBe('***');
  });

  it('and blanks alone are none', () => {
    expect(masked('a b', ' ', '')).toBe('a b');
  });

  it('at every place, whatever stands around it', () => {
    const text = fc.string({ unit: fc.constantFrom('a', 'b', 'c') });
    fc.assert(
      fc.property(text, text.filter(Boolean), text.filter(Boolean), (around, one, other) => {
        const shown = masked(`${around}${one}${around}${other}${around}`, one, other);
        expect(shown).not.toContain(one);
        expect(shown).not.toContain(other);
        expect(shown).not.toContain('******');
      })
    );
  });
});

it('what one step hides, the next one hides, too', () => {
  const main = new SecretMasker();
  main.add(SECRET);
  const post = new SecretMasker();
  post.addAll(main);
  expect(post.mask(`<${SECRET}>`)).toBe('<***>');
});
