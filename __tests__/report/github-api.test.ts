import type { Socket } from 'node:net';
import { describe, expect, it } from '@jest/globals';
import { proxyAt } from '../../src/http/settings.ts';
import { gitHubStatuses, NotTaken } from '../../src/report/github-api.ts';
import { LocalServer } from '../support/local-server.ts';
import { NEVER_ABORTED } from '../support/virtual-clock.ts';

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

/** How a status is not taken that meets this at GitHub’s API, or at a proxy before it. */
async function triedAt(meets: Meets, scheme: 'http' | 'https', atProxy: boolean) {
  await using server = await LocalServer.tcp((socket) => {
    socket.once('data', meets.bind(undefined, socket));
  }, scheme);
  const send = gitHubStatuses({
    context: 'ops-manager/import',
    token: 'token-of-the-job',
    commit: { repository: 'example/deployments', sha: '1234567890' },
    runUrl: undefined,
    proxy: atProxy ? proxyAt(server.url.replace('https', 'http')) : undefined,
    userAgent: 'test',
    secrets: ['token-of-the-job'],
    apiUrl: new URL(atProxy ? `${scheme}://api.github.example` : server.url)
  });
  const status = { state: 'failure', description: 'Import failed in PENDING' } as const;
  const error: unknown = await send(status, NEVER_ABORTED).catch((thrown: unknown) => thrown);
  if (!(error instanceof NotTaken)) throw error;
  const { kind, message, hint } = error;
  return { kind, hint, message: message.replaceAll(/127\.0\.0\.1:\d+/g, 'HOST') };
}

interface Row {
  readonly name: string;
  readonly meets: Meets;
  readonly scheme?: 'http' | 'https';
  readonly atProxy?: boolean;
  /** Whether GitHub may carry it out yet. */
  readonly kind: 'failed' | 'unanswered';
  readonly says: string | RegExp;
}

describe('a GitHub that was reached is never said not to have been', () => {
  it.each<Row>([
    {
      name: 'that closes before it answers',
      kind: 'unanswered',
      meets: CLOSE,
      says: 'HOST ended the connection without an answer (other side closed).'
    },
    {
      name: 'that resets before it answers',
      kind: 'unanswered',
      meets: RESET,
      says: 'HOST ended the connection without an answer (read ECONNRESET).'
    },
    {
      name: 'that closes in the handshake',
      kind: 'failed',
      meets: CLOSE,
      scheme: 'https',
      says: 'HOST ended the connection without an answer (Client network socket disconnected before secure TLS connection was established).'
    },
    {
      name: 'that closes in the middle of its answer',
      kind: 'unanswered',
      meets: says('HTTP/1.1 201 Created\r\nContent-Length: 100\r\n\r\n{"id":'),
      says: 'The answer of HOST ended before it was whole (other side closed).'
    },
    {
      name: 'that closes in the middle of a header',
      kind: 'unanswered',
      meets: says('HTTP/1.1 201 Cre'),
      says: 'The answer of HOST ended before it was whole (other side closed).'
    },
    {
      name: 'that packs its answer wrongly',
      kind: 'unanswered',
      meets: says(
        'HTTP/1.1 201 Created\r\nContent-Encoding: gzip\r\nContent-Length: 5\r\n\r\nhello'
      ),
      says: /^HOST answered with a body that cannot be unpacked \(.+\)\.$/
    },
    {
      name: 'that does not speak HTTP',
      kind: 'unanswered',
      meets: says('SSH-2.0-OpenSSH_9.6\r\n'),
      says: /^HOST answered, but not with HTTP that can be read \(.+\)\.$/
    },
    {
      name: 'that does not speak TLS',
      kind: 'failed',
      meets: says('HTTP/1.1 400 Bad Request\r\n\r\n'),
      scheme: 'https',
      says: /^The TLS handshake with HOST failed \(.+\)\.$/
    },
    {
      name: 'behind a proxy that closes',
      kind: 'failed',
      meets: CLOSE,
      scheme: 'https',
      atProxy: true,
      says: 'The proxy HOST ended the connection without an answer (other side closed).'
    },
    {
      name: 'behind a proxy that refuses',
      kind: 'failed',
      meets: says('HTTP/1.1 403 Forbidden\r\nContent-Length: 0\r\n\r\n'),
      scheme: 'https',
      atProxy: true,
      says: 'api.github.example could not be reached (the proxy answered HTTP 403).'
    }
  ])('$name', async ({ meets, scheme = 'http', atProxy = false, kind, says: want }) => {
    const tried = await triedAt(meets, scheme, atProxy);
    expect(tried.message).toMatch(want);
    expect(tried.kind).toBe(kind);
    expect(tried.hint).toMatch(/^Look at /);
  });
});
