import { describe, expect, it } from '@jest/globals';
import { Redaction } from '../src/redaction.ts';
import { ServerText } from '../src/untrusted.ts';

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
