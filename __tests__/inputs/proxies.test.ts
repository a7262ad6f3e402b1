import { describe, expect, it } from '@jest/globals';
import { read, type Given } from '../support/workflow.ts';

const PROXY = 'http://proxy.example.com:3128';
const HTTP: Given = { 'base-url': 'http://ops-manager.example.com:8080' };

function proxiesOf(env: Given, given: Given = {}) {
  const { inputs, message } = read(given, env);
  return inputs?.connection.proxies ?? message;
}

describe('the proxy in the environment', () => {
  it.each<{ name: string; env: Given; given?: Given; want: object }>([
    { name: 'is none', env: {}, want: { http: '', https: '', noProxy: '' } },
    {
      name: 'is the one for https:// alone',
      env: { HTTP_PROXY: 'http://a:1', HTTPS_PROXY: 'https://b:2', NO_PROXY: 'om,.local' },
      want: { http: '', https: 'https://b:2', noProxy: 'om,.local' }
    },
    {
      name: 'is the one for http:// alone',
      env: { HTTP_PROXY: 'http://a:1', HTTPS_PROXY: 'https://b:2', NO_PROXY: 'om,.local' },
      given: HTTP,
      want: { http: 'http://a:1', https: '', noProxy: 'om,.local' }
    },
    {
      name: 'is the one in lower case first',
      env: { HTTPS_PROXY: 'http://upper:1', https_proxy: PROXY, NO_PROXY: 'a', no_proxy: 'b' },
      want: { http: '', https: PROXY, noProxy: 'b' }
    },
    {
      name: 'is the one that is set, where the other is empty',
      env: { HTTPS_PROXY: PROXY, https_proxy: ' ', NO_PROXY: 'a', no_proxy: '' },
      want: { http: '', https: PROXY, noProxy: 'a' }
    },
    {
      name: 'may have no scheme',
      env: { HTTPS_PROXY: 'proxy.example.com:3128' },
      want: { http: '', https: PROXY, noProxy: '' }
    },
    {
      name: 'may have blanks around it',
      env: { HTTPS_PROXY: ` ${PROXY}\n` },
      want: { http: '', https: PROXY, noProxy: '' }
    },
    {
      name: 'may have a path, which does no harm',
      env: { HTTPS_PROXY: `${PROXY}/some/path` },
      want: { http: '', https: `${PROXY}/some/path`, noProxy: '' }
    },
    {
      name: 'may be no URL where Ops Manager is exempt',
      env: { HTTPS_PROXY: 'http://proxy/#', NO_PROXY: 'other, .EXAMPLE.com:8443' },
      want: { http: '', https: '', noProxy: 'other, .EXAMPLE.com:8443' }
    },
    {
      name: 'may be no URL where it is not used',
      env: { HTTP_PROXY: 'socks5://proxy#', HTTPS_PROXY: PROXY },
      want: { http: '', https: PROXY, noProxy: '' }
    }
  ])('$name', ({ env, given, want }) => {
    expect(proxiesOf(env, given)).toEqual(want);
  });

  it.each(['socks5://proxy:1080', 'http://', 'pro xy', 'proxy:port', 'http://u:p/w@proxy:1'])(
    'is wrong when it is %s',
    (url) => {
      expect(proxiesOf({ HTTPS_PROXY: url })).toMatch(
        /^HTTPS_PROXY: .*Write it as http:\/\/(user:password@)?proxy/
      );
      // The one that is set is named.
      expect(proxiesOf({ HTTP_PROXY: '', http_proxy: url }, HTTP)).toMatch(/^http_proxy: /);
    }
  );

  it.each(['http://user:pa#ss@proxy:3128', 'http://proxy:3128/?a=b'])(
    'is wrong with what ends an address in it: %s',
    (url) => {
      expect(proxiesOf({ HTTPS_PROXY: url })).toMatch(/^HTTPS_PROXY: .*write # as %23/);
    }
  );

  it.each(['http://user:100%@proxy:3128', 'http://us%er@proxy:3128', 'http://u:%ff@proxy:3128'])(
    'is wrong when its login cannot be decoded, as in %s',
    (url) => {
      expect(proxiesOf({ HTTPS_PROXY: url })).toMatch(/^HTTPS_PROXY: .*a “%” that encodes nothing/);
    }
  );

  it('may have a login with a “%” that is encoded', () => {
    const url = 'http://user:100%25@proxy:3128';
    expect(proxiesOf({ HTTPS_PROXY: url })).toMatchObject({ https: url });
  });

  it.each(['pa#ss', 'pa/ss', 'p@ss', 'pa?ss', 'pa%23ss'])(
    'has its password masked, also where it is wrong: %s',
    (password) => {
      const { masked } = read({}, { HTTPS_PROXY: `http://user:${password}@proxy:3128` });
      expect(masked).toContain(password);
    }
  );
});

describe('the proxy to GitHub’s API', () => {
  it.each<{ name: string; env: Given; given?: Given; want: object }>([
    {
      name: 'is there where Ops Manager is exempt',
      env: { HTTPS_PROXY: PROXY, NO_PROXY: '.example.com' },
      want: { https: PROXY }
    },
    {
      name: 'is there where Ops Manager speaks plain HTTP',
      env: { HTTPS_PROXY: PROXY },
      given: HTTP,
      want: { https: PROXY }
    },
    {
      name: 'is none where GitHub is exempt',
      env: { HTTPS_PROXY: PROXY, NO_PROXY: 'github.com' },
      want: { https: '' }
    },
    {
      name: 'stops no step where it is wrong',
      env: { HTTPS_PROXY: 'socks5://proxy#', NO_PROXY: '.example.com' },
      want: { https: '' }
    }
  ])('$name', ({ env, given, want }) => {
    expect(read(given ?? {}, env).inputs?.gitHub.proxies).toMatchObject(want);
  });
});
