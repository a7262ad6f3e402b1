import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { clean, defuse, ServerText } from '../src/untrusted.ts';
import { anyText } from './support/any-text.ts';
import { Redaction } from '../src/redaction.ts';

/** Texts of what a hostile server would write, in every order. */
const hostile = fc
  .array(
    fc.oneof(
      fc.constantFrom('::', ':', '#', '##', '##[', '[', '[error]', '::error::', 'add-mask'),
      fc.constantFrom(' ', '  ', '\t', '\n', '\r', '\r\n', '\v', '\0', '\u001b[31m', '\u0085'),
      fc.constantFrom('\u2028', '\u2029', '\u202e', '\u2066', '\u200b', '\u00ad', '\ufeff'),
      fc.constantFrom('\ud800', '\udc00', '💥', 'é', '\ue000', '\u00a0', '\u3000'),
      anyText()
    ),
    { maxLength: 40 }
  )
  .map((parts) => parts.join(''));

describe.each([
  { name: 'a defused text', make: defuse },
  { name: 'a cleaned text', make: clean }
])('$name', ({ make }) => {
  it('is one line', () => {
    fc.assert(
      fc.property(hostile, (text) => {
        return !/[\n\r\v\f\0\u0085\u2028\u2029]/.test(make(text));
      })
    );
  });

  it('is no workflow command, at its start or within it', () => {
    fc.assert(
      fc.property(hostile, (text) => {
        const made = make(text);
        return !/^\s*::/.test(made) && !made.includes('##[');
      }),
      { numRuns: 2000 }
    );
  });

  it('has no control, formatting or bidirectional characters, and no half ones', () => {
    fc.assert(
      fc.property(hostile, (text) => {
        return !/[\p{Cc}\p{Cf}\p{Cs}]/u.test(make(text));
      })
    );
  });

  it('does not change when it is made safe again', () => {
    fc.assert(
      fc.property(hostile, (text) => {
        const made = make(text);
        return make(made) === made;
      })
    );
  });
});

describe('a cleaned text', () => {
  it('has at most 500 characters, and says that it was cut', () => {
    fc.assert(
      fc.property(fc.array(hostile, { minLength: 1, maxLength: 60 }), (parts) => {
        return Array.from(clean(parts.join(''))).length <= 500;
      })
    );
    expect(clean('x'.repeat(500))).toBe('x'.repeat(500));
    expect(clean('x'.repeat(501))).toBe(`${'x'.repeat(499)}…`);
    expect(clean('💥'.repeat(501))).toBe(`${'💥'.repeat(499)}…`);
  });

  it.each([
    { text: 'Ops Manager said: no.', want: 'Ops Manager said: no.' },
    { text: '  a\r\n\tb  ', want: 'a b' },
    { text: '::add-mask::x', want: ':add-mask::x' },
    { text: '\n \t::::error::x', want: ':error::x' },
    { text: 'a ##[group]b', want: 'a # [group]b' },
    { text: 'a ####[group]b', want: 'a # [group]b' },
    { text: '\u202eevil\u202c', want: 'evil' },
    { text: 'a\u0000b\u001b[31mc', want: 'a b [31mc' },
    { text: 'wait: a::b', want: 'wait: a::b' },
    { text: 'naïve 💥 日本', want: 'naïve 💥 日本' },
    { text: '', want: '' }
  ])('keeps what is harmless: $text', ({ text, want }) => {
    expect(clean(text)).toBe(want);
  });
});

const SECRET = 'P@ssw0rd!-of-the-agent';
const text = new ServerText(new Redaction([SECRET, '12345678901234567890']));

describe('what a server wrote is shown without a secret', () => {
  it.each([
    { name: 'in a member', json: { a: SECRET } },
    { name: 'as a name', json: { [SECRET]: 1 } },
    {
      name: 'in a URI',
      json: { a: `mongodb://u:${encodeURIComponent(SECRET).replaceAll('!', '%21')}@h` }
    },
    { name: 'in JSON in JSON', json: { a: JSON.stringify({ b: JSON.stringify({ c: SECRET }) }) } },
    { name: 'in HTML', json: { a: `<b>${SECRET.replace('@', '&#64;')}</b>` } }
  ])('$name', ({ json }) => {
    for (const shown of [
      text.pretty(json),
      text.quote(json),
      text.body(JSON.stringify(json), json)
    ]) {
      expect(shown).toContain('***');
      expect(shown).not.toMatch(/ssw0rd|agent/);
    }
    expect(text.body(JSON.stringify(json), undefined)).not.toMatch(/ssw0rd|agent/);
    expect(text.line(JSON.stringify(json))).not.toMatch(/ssw0rd|agent/);
  });

  it('that is a number', () => {
    expect(text.pretty({ a: JSON.parse('12345678901234567890') as unknown })).toContain('"***"');
  });

  it('wherever it is cut', () => {
    for (let before = 1_950; before < 2_050; before += 1) {
      const long = `${'·'.repeat(before)}${SECRET}${' '.repeat(200)}${SECRET}`;
      for (const shown of [text.pretty(long), text.line(long), text.start(long, 2_000)]) {
        expect(shown).not.toMatch(/[@sw0rdofthegn]/);
      }
    }
  });

  it('of a login, as a member of an object', () => {
    const json = { nonce: 'bm9uY2U=', Opaque: 'b3BhcXVl', response: '0'.repeat(32), realm: 'MMS' };
    expect(text.body('', json)).toBe(
      '{"nonce":"***","Opaque":"***","response":"***","realm":"MMS"}'
    );
    expect(text.body('', { response: 'late', nonce: 7 })).toBe('{"response":"late","nonce":7}');
  });
});
