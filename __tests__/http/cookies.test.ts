import { describe, expect, it } from '@jest/globals';
import { Cookies } from '../../src/http/connection.ts';
import { LineTo } from '../support/connection.ts';
import { LocalServer } from '../support/local-server.ts';

const PATH = '/context/api/public/v1.0/groups';

/** What is sent after a host has set these cookies. */
function sent(headers: string | string[], url = 'https://om.example.com', path = PATH) {
  const cookies = new Cookies(new URL(url), () => Date.parse('2026-11-27T10:00:00Z'));
  cookies.take(headers);
  return cookies.headerFor(path);
}

describe('a cookie', () => {
  it.each([
    { header: 'SERVER=node1', want: 'SERVER=node1' },
    {
      header: 'AWSALB=a+b/c==; Expires=Fri, 04 Dec 2026 10:00:00 GMT; Path=/',
      want: 'AWSALB=a+b/c=='
    },
    {
      header: 'q="with quotes, and more"; HttpOnly; SameSite=Lax',
      want: 'q="with quotes, and more"'
    },
    { header: 'a=1; Max-Age=60; Expires=Thu, 01 Jan 1970 00:00:00 GMT', want: 'a=1' },
    { header: 'a=1; Max-Age=0', want: undefined },
    { header: 'a=1; Max-Age=-1', want: undefined },
    { header: 'a=1; Expires=Thu, 01 Jan 1970 00:00:00 GMT', want: undefined },
    { header: 'a=1; Expires=Wed, 21-Oct-2015 07:28:00 GMT', want: undefined },
    { header: 'a=1; Expires=whenever', want: 'a=1' },
    { header: 'a=1; Expires=0', want: 'a=1' },
    { header: 'a=1; EXPIRES=-1; Path=/', want: 'a=1' },
    {
      header: 'expires=Thu, 01 Jan 1970 00:00:00 GMT',
      want: 'expires=Thu, 01 Jan 1970 00:00:00 GMT'
    },
    { header: 'a=1; Path=/', want: 'a=1' },
    { header: 'a=1; Path=/context', want: 'a=1' },
    { header: 'a=1; Path=/context/', want: 'a=1' },
    { header: `a=1; Path=${PATH}`, want: 'a=1' },
    { header: 'a=1; Path=/con', want: undefined },
    { header: 'a=1; Path=/other', want: undefined },
    { header: 'a=1; Path=nonsense', want: 'a=1' },
    { header: 'a=1; Domain=om.example.com', want: 'a=1' },
    { header: 'a=1; Domain=.Example.COM', want: 'a=1' },
    { header: 'a=1; Domain=', want: 'a=1' },
    { header: 'a=1; Domain=other.example.com', want: undefined },
    { header: 'a=1; Domain=ample.com', want: undefined },
    { header: 'a=1; Domain=x.om.example.com', want: undefined },
    { header: 'a=1; Secure', want: 'a=1' },
    { header: 'no-name', want: 'no-name' },
    { header: '', want: undefined },
    { header: 'a=\u0001', want: undefined }
  ])('$header is returned as $want', ({ header, want }) => {
    expect(sent(header)).toBe(want);
  });

  it('that is for TLS alone is not sent without it', () => {
    expect(sent(['a=1; Secure', 'b=2'], 'http://om.example.com')).toBe('b=2');
  });

  it('of an address is the address’s alone', () => {
    expect(sent('a=1; Domain=0.0.1', 'https://127.0.0.1')).toBeUndefined();
    expect(sent('a=1; Domain=127.0.0.1', 'https://127.0.0.1')).toBe('a=1');
  });

  it('is replaced by one with the same name and path', () => {
    expect(sent(['a=1', 'b=2', 'a=3'])).toBe('a=3; b=2');
    expect(sent(['a=1', 'a=gone; Max-Age=0'])).toBeUndefined();
  });

  it('is sent below its path, whatever the query', () => {
    expect(sent(`a=1; Path=${PATH}`, 'https://om.example.com', `${PATH}?pageNum=2`)).toBe('a=1');
  });

  it('ends when it was to end', () => {
    let now = 0;
    const cookies = new Cookies(new URL('https://om.example.com'), () => now);
    cookies.take('a=1; Max-Age=60');
    now = 59_999;
    expect(cookies.headerFor(PATH)).toBe('a=1');
    now = 60_000;
    expect(cookies.headerFor(PATH)).toBeUndefined();
  });

  it('gives way to newer ones beyond 4 KiB', () => {
    const cookies = new Cookies(new URL('https://om.example.com'));
    const lengths = Array.from({ length: 1000 }, (_, index) => {
      cookies.take(`c${index}=${'x'.repeat(100)}`);
      return cookies.headerFor(PATH)?.length ?? 0;
    });
    expect(Math.max(...lengths)).toBeLessThanOrEqual(4096);
    expect(cookies.headerFor(PATH)).toMatch(/^c999=x+; c998=.*; c962=x+$/);
    cookies.take(`large=${'x'.repeat(5000)}`);
    expect(cookies.headerFor(PATH)).toMatch(/^c999=/);
  });
});

describe('a connection', () => {
  it('returns the cookies that it was given, with challenges too, and to nobody else', async () => {
    const seen: (string | undefined)[] = [];
    await using there = await LocalServer.http(({ headers }, response) => {
      seen.push(headers.cookie);
      response.setHeader('set-cookie', ['node=one; Path=/', 'other=x; Domain=example.com']);
      if (headers.authorization === undefined) {
        response.writeHead(401, { 'www-authenticate': 'Digest nonce="n"' }).end();
      } else {
        response.end('{}');
      }
    });
    await using elsewhere = await LocalServer.http(({ headers }, response) => {
      seen.push(headers.cookie);
      response.end('{}');
    });
    await using line = new LineTo(there.url);
    await using other = new LineTo(elsewhere.url);
    await line.get();
    await line.get();
    await other.get();
    expect(seen).toEqual([undefined, 'node=one', 'node=one', undefined]);
  });
});
