import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { clean, defuse } from '../src/untrusted.ts';
import { anyText } from './support/any-text.ts';

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
