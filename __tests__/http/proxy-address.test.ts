import { describe, expect, it } from '@jest/globals';
import { checkProxy, isExempt, proxyFor } from '../../src/http/proxy.ts';

describe('NO_PROXY', () => {
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
    expect(isExempt(new URL('https://om.example.com:8443'), noProxy)).toBe(is);
    expect(isExempt(new URL('https://om.example.com.:8443'), noProxy)).toBe(is);
  });

  it.each(['::1', '[::1]', '[::1]:443', '*'])('"%s" exempts [::1]', (noProxy) => {
    expect(isExempt(new URL('https://[::1]'), noProxy)).toBe(true);
    expect(isExempt(new URL('https://[::2]'), noProxy)).toBe(noProxy === '*');
  });
});

describe('the address of a proxy', () => {
  const used = (address: string) =>
    proxyFor(new URL('https://om.example.com'), { http: '', https: address, noProxy: '' });

  it.each([
    { address: 'http://proxy:3128', origin: 'http://proxy:3128', host: 'proxy:3128' },
    { address: 'http://proxy', origin: 'http://proxy', host: 'proxy:80' },
    { address: 'https://proxy', origin: 'https://proxy', host: 'proxy:443' },
    { address: 'http://proxy:3128/a/path', origin: 'http://proxy:3128', host: 'proxy:3128' },
    { address: 'http://[::1]:3128/', origin: 'http://[::1]:3128', host: '[::1]:3128' }
  ])('is taken without its path: $address', ({ address, origin, host }) => {
    expect(used(address)).toEqual({ origin, host });
    expect(checkProxy(address)).toBeUndefined();
  });

  it.each([
    { login: 'user:pass', is: 'user:pass' },
    { login: 'user', is: 'user:' },
    { login: 'us%40er:p%23%3Aw', is: 'us@er:p#:w' }
  ])('gives its login to the proxy: $login', ({ login, is }) => {
    const authorization = `Basic ${Buffer.from(is).toString('base64')}`;
    expect(used(`http://${login}@proxy`)).toMatchObject({ authorization, host: 'proxy:80' });
  });

  it.each([
    'no address',
    'http://',
    'http://us%er@proxy',
    'socks5://proxy',
    'http://us:pa#ss@proxy'
  ])('is refused where nothing can be made of it: %s', (address) => {
    expect(checkProxy(address)).toEqual(expect.stringMatching(/./));
  });
});
