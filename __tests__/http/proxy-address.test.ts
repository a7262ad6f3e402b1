import { describe, expect, it } from '@jest/globals';
import { proxyAt } from '../../src/http/proxy.ts';

describe('the address of a proxy', () => {
  it.each([
    { address: 'http://proxy:3128', origin: 'http://proxy:3128', host: 'proxy:3128' },
    { address: 'http://proxy', origin: 'http://proxy', host: 'proxy:80' },
    { address: 'https://proxy', origin: 'https://proxy', host: 'proxy:443' },
    { address: 'http://proxy:3128/a/path', origin: 'http://proxy:3128', host: 'proxy:3128' },
    { address: 'http://[::1]:3128/', origin: 'http://[::1]:3128', host: '[::1]:3128' }
  ])('is taken without its path: $address', ({ address, origin, host }) => {
    expect(proxyAt(address)).toEqual({ origin, host, headers: {} });
  });

  it.each([
    { login: 'user:pass', is: 'user:pass' },
    { login: 'user', is: 'user:' },
    { login: 'us%40er:p%23%3Aw', is: 'us@er:p#:w' }
  ])('gives its login to the proxy: $login', ({ login, is }) => {
    const headers = { 'proxy-authorization': `Basic ${Buffer.from(is).toString('base64')}` };
    expect(proxyAt(`http://${login}@proxy`)).toMatchObject({ headers, host: 'proxy:80' });
  });

  it.each([
    'no address',
    'http://',
    'http://us%er@proxy',
    'socks5://proxy',
    'http://us:pa#ss@proxy'
  ])('is refused where nothing can be made of it: %s', (address) => {
    expect(() => proxyAt(address)).toThrow(/./);
  });
});
