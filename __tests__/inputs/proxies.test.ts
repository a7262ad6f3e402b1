import { describe, expect, it } from '@jest/globals';
import { parseProxies } from '../../src/inputs/fields.ts';

const PROXY = 'http://proxy.example.com:3128';

describe('the proxies in the environment', () => {
  it.each([
    { name: 'none', env: {}, want: { http: '', https: '', noProxy: '' } },
    {
      name: 'all',
      env: { HTTP_PROXY: 'http://a:1', HTTPS_PROXY: 'https://b:2', NO_PROXY: 'om,.local' },
      want: { http: 'http://a:1', https: 'https://b:2', noProxy: 'om,.local' }
    },
    {
      name: 'those in lower case first',
      env: { HTTPS_PROXY: 'http://upper:1', https_proxy: PROXY, NO_PROXY: 'a', no_proxy: 'b' },
      want: { http: '', https: PROXY, noProxy: 'b' }
    },
    {
      name: 'one that is switched off in lower case',
      env: { HTTPS_PROXY: PROXY, https_proxy: '' },
      want: { http: '', https: '', noProxy: '' }
    },
    {
      name: 'one without a scheme',
      env: { HTTPS_PROXY: 'proxy.example.com:3128' },
      want: { http: '', https: PROXY, noProxy: '' }
    }
  ])('$name', ({ env, want }) => {
    expect(parseProxies(env)).toEqual(want);
  });

  it.each(['socks5://proxy:1080', 'http://', 'http://pro xy', 'proxy:port'])(
    'are wrong when one is %s',
    (url) => {
      expect(() => parseProxies({ HTTPS_PROXY: url })).toThrow(
        /^HTTPS_PROXY in the environment.*http:\/\/proxy/
      );
      expect(() => parseProxies({ http_proxy: url })).toThrow(/^HTTP_PROXY/);
    }
  );

  it.each(['http://user:100%@proxy:3128', 'http://us%er@proxy:3128', 'http://u:%ff@proxy:3128'])(
    'are wrong when the login of one cannot be decoded, as in %s',
    (url) => {
      const text = /^HTTPS_PROXY in the environment has a user name or a password with a “%”[^:]*$/;
      expect(() => parseProxies({ HTTPS_PROXY: url })).toThrow(text);
    }
  );

  it('may have a login with a “%” that is encoded', () => {
    const url = 'http://user:100%25@proxy:3128';
    expect(parseProxies({ HTTPS_PROXY: url }).https).toBe(url);
  });
});
