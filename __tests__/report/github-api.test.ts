import type { Socket } from 'node:net';
import { describe, expect, it } from '@jest/globals';
import { finalStatus } from '../../src/report/commit-status.ts';
import { commitStatusAt } from '../../src/report/github-api.ts';
import { proxyAt } from '../../src/http/settings.ts';
import { logOf } from '../support/captured-log.ts';
import { LocalServer } from '../support/local-server.ts';

/** What a connection meets once a byte has come on it. */
type Meets = (socket: Socket) => void;

const CLOSE: Meets = (socket) => {
  socket.destroy();
};
const RESET: Meets = (socket) => {
  socket.resetAndDestroy();
};
const says =
  (text: string): Meets =>
  (socket) => {
    socket.end(text);
  };

/** The warning of a step whose last status meets this at GitHub’s API, or at a proxy before it. */
async function warningAfter(meets: Meets, scheme: 'http' | 'https', atProxy: boolean) {
  const stopped = new AbortController();
  await using server = await LocalServer.tcp((socket) => {
    // What the first attempt has met is told, not that the second was stopped.
    if (server.opened > 1) stopped.abort();
    else socket.once('data', meets.bind(undefined, socket));
  }, scheme);
  const status = commitStatusAt({
    context: 'ops-manager/import',
    token: 'token-of-the-job',
    commit: { repository: 'example/deployments', sha: '1234567890' },
    runUrl: undefined,
    proxy: atProxy ? proxyAt(server.url.replace('https', 'http')) : undefined,
    userAgent: 'test',
    secrets: ['token-of-the-job'],
    apiUrl: new URL(atProxy ? `${scheme}://api.github.example` : server.url)
  });
  const log = await logOf(async () => {
    const last = finalStatus('failed', 'Import failed in PENDING');
    expect(await status.finish(last, stopped.signal)).toBe('undelivered');
  });
  return (log.annotations[0]?.message ?? '').replaceAll(/127\.0\.0\.1:\d+/g, 'HOST').split('\n');
}

interface Row {
  readonly name: string;
  readonly meets: Meets;
  readonly scheme?: 'http' | 'https';
  readonly atProxy?: boolean;
  readonly says: string | RegExp;
}

describe('a GitHub that was reached is never said not to have been', () => {
  it.each<Row>([
    {
      name: 'that closes before it answers',
      meets: CLOSE,
      says: 'HOST ended the connection without an answer (other side closed).'
    },
    {
      name: 'that resets before it answers',
      meets: RESET,
      says: 'HOST ended the connection without an answer (read ECONNRESET).'
    },
    {
      name: 'that closes in the handshake',
      meets: CLOSE,
      scheme: 'https',
      says: 'HOST ended the connection without an answer (Client network socket disconnected before secure TLS connection was established).'
    },
    {
      name: 'that closes in the middle of its answer',
      meets: says('HTTP/1.1 201 Created\r\nContent-Length: 100\r\n\r\n{"id":'),
      says: 'The answer of HOST ended before it was whole (other side closed).'
    },
    {
      name: 'that closes in the middle of a header',
      meets: says('HTTP/1.1 201 Cre'),
      says: 'The answer of HOST ended before it was whole (other side closed).'
    },
    {
      name: 'that packs its answer wrongly',
      meets: says(
        'HTTP/1.1 201 Created\r\nContent-Encoding: gzip\r\nContent-Length: 5\r\n\r\nhello'
      ),
      says: /^HOST answered with a body that cannot be unpacked \(.+\)\.$/
    },
    {
      name: 'that does not speak HTTP',
      meets: says('SSH-2.0-OpenSSH_9.6\r\n'),
      says: /^HOST answered, but not with HTTP that can be read \(.+\)\.$/
    },
    {
      name: 'that does not speak TLS',
      meets: says('HTTP/1.1 400 Bad Request\r\n\r\n'),
      scheme: 'https',
      says: /^The TLS handshake with HOST failed \(.+\)\.$/
    },
    {
      name: 'behind a proxy that closes',
      meets: CLOSE,
      scheme: 'https',
      atProxy: true,
      says: 'The proxy HOST ended the connection without an answer (other side closed).'
    },
    {
      name: 'behind a proxy that refuses',
      meets: says('HTTP/1.1 403 Forbidden\r\nContent-Length: 0\r\n\r\n'),
      scheme: 'https',
      atProxy: true,
      says: 'api.github.example could not be reached (the proxy answered HTTP 403).'
    }
  ] as const)('$name', async (row) => {
    const {
      meets,
      scheme = 'http',
      atProxy = false,
      says: want
    } = { scheme: undefined, atProxy: undefined, ...row };
    const [what = '', hint, rest] = await warningAfter(meets, scheme, atProxy);
    expect(what.replace('The commit status could not be published: ', '')).toMatch(want);
    expect(hint).toMatch(/^Look at /);
    expect(rest).toBe('The import is not affected.');
  });
});
