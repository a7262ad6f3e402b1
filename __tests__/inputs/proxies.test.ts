import { describe, expect, it } from '@jest/globals';
import { read, type Given } from '../support/workflow.ts';

const PROXY = 'http://proxy.example.com:3128';
const HTTP: Given = { 'base-url': 'http://ops-manager.example.com:8080' };

/** The one to Ops Manager at ops-manager.example.com:8443, or what is wrong with it. */
function proxyOf(env: Given, given: Given = {}) {
  const { inputs, message } = read(given, env);
  return inputs ? inputs.connection.proxy?.origin : message;
}

describe('the proxy in the environment', () => {
  it.each<{ name: string; env: Given; given?: Given; want: string | undefined }>([
    { name: 'is none', env: {}, want: undefined },
    {
      name: 'is the one for https:// alone',
      env: { HTTP_PROXY: 'http://a:1', HTTPS_PROXY: 'https://b:2', NO_PROXY: 'om,.local' },
      want: 'https://b:2'
    },
    {
      name: 'is the one for http:// alone',
      env: { HTTP_PROXY: 'http://a:1', HTTPS_PROXY: 'https://b:2', NO_PROXY: 'om,.local' },
      given: HTTP,
      want: 'http://a:1'
    },
    { name: 'is none for https:// by HTTP_PROXY', env: { HTTP_PROXY: PROXY }, want: undefined },
    {
      name: 'is none for http:// by HTTPS_PROXY',
      env: { HTTPS_PROXY: PROXY },
      given: HTTP,
      want: undefined
    },
    {
      name: 'is the one in lower case first',
      env: { HTTPS_PROXY: 'http://upper:1', https_proxy: PROXY, NO_PROXY: '*', no_proxy: 'b' },
      want: PROXY
    },
    {
      name: 'is the one that is set, where the other is empty',
      env: { HTTPS_PROXY: PROXY, https_proxy: ' ', NO_PROXY: 'a', no_proxy: '' },
      want: PROXY
    },
    {
      name: 'is exempt by the variable that is set, where the other is empty',
      env: { HTTPS_PROXY: PROXY, NO_PROXY: '*', no_proxy: '' },
      want: undefined
    },
    { name: 'may have no scheme', env: { HTTPS_PROXY: 'proxy.example.com:3128' }, want: PROXY },
    { name: 'may have blanks around it', env: { HTTPS_PROXY: ` ${PROXY}\n` }, want: PROXY },
    {
      name: 'may have a path, which does no harm',
      env: { HTTPS_PROXY: `${PROXY}/some/path` },
      want: PROXY
    },
    {
      name: 'may be no URL where Ops Manager is exempt',
      env: { HTTPS_PROXY: 'http://proxy/#', NO_PROXY: 'other, .EXAMPLE.com:8443' },
      want: undefined
    },
    {
      name: 'may be no URL where it is not used',
      env: { HTTP_PROXY: 'socks5://proxy#', HTTPS_PROXY: PROXY },
      want: PROXY
    }
  ])('$name', ({ env, given, want }) => {
    expect(proxyOf(env, given)).toBe(want);
  });

  it.each(['socks5://proxy:1080', 'http://', 'pro xy', 'proxy:port', 'http://u:p/w@proxy:1'])(
    'is wrong when it is %s',
    (url) => {
      expect(proxyOf({ HTTPS_PROXY: url })).toMatch(
        /^HTTPS_PROXY: .*Write it as http:\/\/(user:password@)?proxy/
      );
      // The one that is set is named.
      expect(proxyOf({ HTTP_PROXY: '', http_proxy: url }, HTTP)).toMatch(/^http_proxy: /);
    }
  );

  it.each(['http://user:pa#ss@proxy:3128', 'http://proxy:3128/?a=b'])(
    'is wrong with what ends an address in it: %s',
    (url) => {
      expect(proxyOf({ HTTPS_PROXY: url })).toMatch(/^HTTPS_PROXY: .*write # as %23/);
    }
  );

  it.each(['http://user:100%@proxy:3128', 'http://us%er@proxy:3128', 'http://u:%ff@proxy:3128'])(
    'is wrong when its login cannot be decoded, as in %s',
    (url) => {
      expect(proxyOf({ HTTPS_PROXY: url })).toMatch(/^HTTPS_PROXY: .*a “%” that encodes nothing/);
    }
  );

  it('may have a login with a “%” that is encoded', () => {
    const { inputs } = read({}, { HTTPS_PROXY: 'http://user:100%25@proxy:3128' });
    const authorization = `Basic ${Buffer.from('user:100%').toString('base64')}`;
    expect(inputs?.connection.proxy?.headers).toEqual({ 'proxy-authorization': authorization });
  });

  it.each(['pa#ss', 'pa/ss', 'p@ss', 'pa?ss', 'pa%23ss'])(
    'has its password masked, also where it is wrong: %s',
    (password) => {
      const { masked } = read({}, { HTTPS_PROXY: `http://user:${password}@proxy:3128` });
      expect(masked).toContain(password);
    }
  );
});

describe('NO_PROXY', () => {
  const isUsed = (baseUrl: string, noProxy: string): boolean =>
    proxyOf({ HTTPS_PROXY: PROXY, NO_PROXY: noProxy }, { 'base-url': baseUrl }) === PROXY;

  it.each([
    { noProxy: '', is: false },
    { noProxy: 'om.example.com', is: true },
    { noProxy: 'OM.Example.COM.', is: true },
    { noProxy: 'om.example.com:8443', is: true },
    { noProxy: 'om.example.com:443', is: false },
    { noProxy: '.example.com', is: true },
    { noProxy: 'example.com', is: true },
    { noProxy: '*.example.com', is: true },
    { noProxy: '*.om.example.com', is: false },
    { noProxy: 'xample.com', is: false },
    { noProxy: 'other.example.com , om.example.com', is: true },
    { noProxy: 'other.example.com om.example.com', is: true },
    { noProxy: ' * ', is: true },
    { noProxy: '*:8443', is: true },
    { noProxy: '*:443', is: false },
    { noProxy: ',', is: false }
  ])('"$noProxy" exempts om.example.com:8443: $is', ({ noProxy, is }) => {
    expect(isUsed('https://om.example.com:8443', noProxy)).toBe(!is);
    expect(isUsed('https://om.example.com.:8443', noProxy)).toBe(!is);
  });

  it.each(['::1', '[::1]', '[::1]:443', '*'])('"%s" exempts [::1]', (noProxy) => {
    expect(isUsed('https://[::1]', noProxy)).toBe(false);
    expect(isUsed('https://[::2]', noProxy)).toBe(noProxy !== '*');
  });

  it.each(['bücher.example', '.Bücher.example', 'xn--bcher-kva.example:443'])(
    '“%s” exempts a name in another script',
    (noProxy) => {
      expect(isUsed('https://om.bücher.example', noProxy)).toBe(false);
      expect(isUsed('https://bucher.example', noProxy)).toBe(true);
    }
  );
});

describe('the proxy to GitHub’s API', () => {
  it.each<{ name: string; env: Given; given?: Given; want: string | undefined }>([
    {
      name: 'is there where Ops Manager is exempt',
      env: { HTTPS_PROXY: PROXY, NO_PROXY: '.example.com' },
      want: PROXY
    },
    {
      name: 'is there where Ops Manager speaks plain HTTP',
      env: { HTTPS_PROXY: PROXY },
      given: HTTP,
      want: PROXY
    },
    {
      name: 'is none where GitHub is exempt',
      env: { HTTPS_PROXY: PROXY, NO_PROXY: 'github.com' },
      want: undefined
    },
    {
      name: 'stops no step where it is wrong',
      env: { HTTPS_PROXY: 'socks5://proxy#', NO_PROXY: '.example.com' },
      want: undefined
    }
  ])('$name', ({ env, given, want }) => {
    expect(read(given ?? {}, env).inputs?.gitHub.proxy?.origin).toBe(want);
  });
});
