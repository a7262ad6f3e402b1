import { describe, expect, it } from '@jest/globals';
import { ClientInFront, failureOf } from '../support/client.ts';
import { IMPORT_ID } from '../../simulator/ops-manager.ts';
import { eventually } from '../support/eventually.ts';
import { LocalServer } from '../support/local-server.ts';

/** Servers that never come to an end, each at another moment. */
const ENDLESS: { name: string; start: () => Promise<LocalServer> }[] = [
  {
    name: 'no TLS handshake',
    start: async () => LocalServer.tcp(() => undefined, 'https')
  },
  {
    name: 'no reply',
    start: async () => LocalServer.http(() => undefined)
  },
  {
    name: 'a reply that drips',
    start: async () =>
      LocalServer.http((_, response) => {
        const drip = setInterval(() => response.write(' '), 20);
        response.on('close', () => {
          clearInterval(drip);
        });
      })
  },
  {
    name: 'headers that drip',
    start: async () =>
      LocalServer.tcp((socket) => {
        socket.write('HTTP/1.1 200 OK\r\n');
        const drip = setInterval(() => socket.write('x: y\r\n'), 20);
        socket.on('close', () => {
          clearInterval(drip);
        });
      })
  },
  {
    name: 'a challenge that drips',
    start: async () =>
      LocalServer.http((_, response) => {
        response.writeHead(401, { 'WWW-Authenticate': 'Digest nonce="n"' });
        const drip = setInterval(() => response.write(' '), 20);
        response.on('close', () => {
          clearInterval(drip);
        });
      })
  },
  {
    name: 'a body that stops in the middle',
    start: async () =>
      LocalServer.http((_, response) => {
        response.writeHead(200, { 'content-length': 100 }).write('{"id":');
      })
  }
];

describe.each(ENDLESS)('in front of $name', ({ start }) => {
  it('a call ends at its limit, is transient, and leaves no socket', async () => {
    await using server = await start();
    await using front = new ClientInFront(server.url, { requestTimeoutMs: 250 });
    for (let calls = 0; calls < 2; calls += 1) {
      const failure = await front.failure();
      expect(failure).toMatchObject({ kind: 'transient' });
      expect(failure.message).toMatch(/no complete reply within 0\.25 s/);
    }
    await eventually('all sockets are closed', () => server.open === 0);
  });

  it('a signal ends a call at once', async () => {
    await using server = await start();
    await using front = new ClientInFront(server.url);
    for (let calls = 1; calls <= 3; calls += 1) {
      const stop = new AbortController();
      const call = front.read(stop.signal);
      await eventually('it is under way', () => server.opened >= calls);
      stop.abort('the reason');
      await expect(call).rejects.toBe('the reason');
    }
    await eventually('all sockets are closed', () => server.open === 0);
  });
});

describe('the limit of a call', () => {
  it('is its own where that is shorter than the client’s', async () => {
    await using server = await LocalServer.http(() => undefined);
    await using front = new ClientInFront(server.url);
    const signal = new AbortController().signal;
    const call = front.client.readImport(IMPORT_ID, { signal, limitMs: 100 });
    expect((await failureOf(call)).message).toMatch(/within 0\.1 s/);
  });

  it.each([
    { limitMs: 123.456_789, says: 'within 0.12 s' },
    { limitMs: 0.000_1, says: 'within 0.01 s' },
    { limitMs: 99.999_921_67, says: 'within 0.1 s' }
  ])('is rounded where it is told: $limitMs ms', async ({ limitMs, says }) => {
    await using server = await LocalServer.http(() => undefined);
    await using front = new ClientInFront(server.url);
    const { signal } = new AbortController();
    const { message } = await failureOf(front.client.readImport(IMPORT_ID, { signal, limitMs }));
    expect(message).toContain(`${says} (ETIMEDOUT)`);
  });

  it('is the client’s where the call’s own is longer', async () => {
    await using server = await LocalServer.http(() => undefined);
    await using front = new ClientInFront(server.url, { requestTimeoutMs: 100 });
    const signal = new AbortController().signal;
    const call = front.client.readImport(IMPORT_ID, { signal, limitMs: 60_000 });
    expect((await failureOf(call)).message).toMatch(/within 0\.1 s/);
  });

  it('may be longer than a timer can be', async () => {
    await using server = await LocalServer.http((_, response) => {
      setTimeout(() => response.writeHead(503).end(), 50);
    });
    await using front = new ClientInFront(server.url, { requestTimeoutMs: 50 * 86_400_000 });
    expect(await front.failure()).toMatchObject({ status: 503 });
  });

  it('does not count against a call that was never made', async () => {
    await using server = await LocalServer.http(() => undefined);
    await using front = new ClientInFront(server.url);
    await expect(front.read(AbortSignal.abort('before'))).rejects.toBe('before');
    expect(server.opened).toBe(0);
  });
});

describe('closing', () => {
  it('ends the call under way, and its socket', async () => {
    await using server = await LocalServer.tcp(() => undefined, 'https');
    await using front = new ClientInFront(server.url);
    const failure = front.failure();
    await eventually('it is connecting', () => server.opened === 1);
    await front.client.close();
    expect(await failure).toMatchObject({ kind: 'transient' });
    await eventually('all sockets are closed', () => server.open === 0);
  });
});
