import { describe, expect, it } from '@jest/globals';
import { InputProblem } from '../../src/inputs/form.ts';
import { parseBaseUrl } from '../../src/inputs/fields.ts';

describe('the base URL', () => {
  it.each([
    { text: 'https://om.example.com:8443', want: 'https://om.example.com:8443/api/public/v1.0' },
    { text: 'https://om.example.com:8443/', want: 'https://om.example.com:8443/api/public/v1.0' },
    { text: 'https://om/api/public/v1.0', want: 'https://om/api/public/v1.0' },
    { text: 'https://om/api/public/v1.0/', want: 'https://om/api/public/v1.0' },
    { text: 'https://om/api/public/v1.0//api/public/v1.0/', want: 'https://om/api/public/v1.0' },
    { text: 'https://om/v2', want: 'https://om/v2/api/public/v1.0' },
    { text: 'https://om/a%20b', want: 'https://om/a%20b/api/public/v1.0' },
    { text: 'https://om/tools/om', want: 'https://om/tools/om/api/public/v1.0' },
    { text: 'https://om/tools/om//', want: 'https://om/tools/om/api/public/v1.0' },
    { text: 'https://om/om/api/public/v1.0', want: 'https://om/om/api/public/v1.0' },
    { text: 'http://om:8080', want: 'http://om:8080/api/public/v1.0' },
    { text: 'HTTPS://OM:443', want: 'https://om/api/public/v1.0' },
    { text: 'https://[::1]:8443', want: 'https://[::1]:8443/api/public/v1.0' }
  ])('$text is $want', ({ text, want }) => {
    expect(parseBaseUrl(text).href).toBe(want);
  });

  it.each([
    { text: 'nowhere', says: 'must start with https://' },
    { text: 'om.example.com', says: 'Write https:// before it' },
    { text: 'om.example.com:8443', says: 'Write https:// before it' },
    { text: 'ftp://om', says: 'must start with https://' },
    { text: 'file:///etc/passwd', says: 'must start with https://' },
    { text: 'https://', says: 'not a URL' },
    { text: 'https://om:99999', says: 'not a URL' },
    ...[' ', '(', ')', '[', ']', '<', '>', '|', '*', '!', '`', '\\'].map((character) => ({
      text: `https://om/a${character}b`,
      says: character === ' ' ? 'a blank' : 'in its path'
    })),
    { text: `https://om/${'a'.repeat(2_000)}`, says: 'has 2011 characters' },
    { text: `https://om/${'語'.repeat(300)}`, says: 'has 2711 characters' },
    { text: 'https://o\nm', says: 'an invisible character' },
    { text: 'https://om/v2/5e66185d917b220fbd8bb4d1', says: 'before /v2: https://om' },
    {
      text: 'https://om:8080/tools/v2/5e66185d917b220fbd8bb4d1#/deployment',
      says: 'before /v2: https://om:8080/tools'
    },
    { text: 'https://om/v2#/deployment', says: 'before /v2: https://om' },
    { text: 'https://om/account/login#/', says: 'Give Ops Manager’s own: https://om' },
    { text: 'https://om/a/api/public/v1.0/groups', says: 'before /api: https://om/a' },
    { text: 'https://om/api/public', says: 'before /api: https://om' },
    { text: 'https://om/?a=b', says: 'query' },
    { text: 'https://om?', says: 'query' },
    { text: 'https://om/#top', says: 'fragment' },
    { text: 'https://om#', says: 'fragment' },
    { text: 'https://user@om', says: 'user name' },
    { text: 'https://user:word@om', says: 'user name' },
    { text: 'https://:word@om', says: 'password' }
  ])('$text is wrong: $says', ({ text, says }) => {
    expect(() => parseBaseUrl(text)).toThrow(InputProblem);
    expect(() => parseBaseUrl(text)).toThrow(says);
  });
});
