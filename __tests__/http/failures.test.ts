import { createServer, type TlsOptions } from 'node:tls';
import type { AddressInfo, Socket } from 'node:net';
import { beforeAll, describe, expect, it } from '@jest/globals';
import type { HttpFailure, Where } from '../../src/http/failure.ts';
import { Authority, selfSigned, type Pair } from '../support/certificates.ts';
import { LineTo, type LineOptions } from '../support/connection.ts';
import { ForwardProxy } from '../support/forward-proxy.ts';
import { LocalServer } from '../support/local-server.ts';

let root: Authority;
let between: Authority;
let server: Pair;
beforeAll(() => {
  root = new Authority('Private Root');
  between = new Authority('Issuing Authority', root);
  server = root.issue({ commonName: 'ops-manager' });
});

const trusting = (): LineOptions => ({ caCertificate: root.certificate });

/** A TLS server that does `onSocket` with each client whose handshake came to its end. */
async function tlsServer(
  options: TlsOptions,
  onSocket: (socket: Socket) => void = () => undefined
) {
  const listening = createServer(options, onSocket);
  const sockets = new Set<Socket>();
  listening.on('connection', (socket: Socket) => sockets.add(socket));
  listening.on('tlsClientError', () => undefined);
  await new Promise<void>((resolve) => listening.listen(0, '127.0.0.1', resolve));
  const { port } = listening.address() as AddressInfo;
  return {
    url: `https://127.0.0.1:${port}`,
    [Symbol.asyncDispose]: async () => {
      for (const socket of sockets) socket.destroy();
      await new Promise((resolve) => listening.close(resolve));
    }
  };
}

/** Answers the first bytes of each client with these, and ends unless it is to stay open. */
const saying =
  (text: string | Buffer, stays = false) =>
  (socket: Socket): void => {
    socket.once('data', () => {
      if (stays) socket.write(text);
      else socket.end(text);
    });
  };

/** Where a request to a server fails, and what is known of it. */
async function failureAt(
  url: string,
  options: LineOptions = {}
): Promise<{ at: Where; hop: string; code: string; message: string } & HttpFailure['facts']> {
  await using line = new LineTo(url, options);
  const { at, hop, code, message, facts } = await line.failure();
  return { at, hop, code, message, ...facts };
}

describe('a name', () => {
  it('that nobody knows is where it went wrong', async () => {
    expect(await failureAt('http://ops-manager.invalid')).toMatchObject({
      at: 'name',
      hop: 'server',
      code: 'ENOTFOUND'
    });
  });

  it('of a proxy that nobody knows is the proxy’s', async () => {
    const proxy = 'http://proxy.invalid:3128';
    expect(await failureAt('https://127.0.0.1', { proxy })).toMatchObject({
      at: 'name',
      hop: 'proxy',
      proxy: 'proxy.invalid:3128'
    });
  });
});

describe('a connection', () => {
  it('that is refused gives nothing', async () => {
    expect(await failureAt('http://127.0.0.1:1')).toMatchObject({
      at: 'connection',
      code: 'ECONNREFUSED'
    });
  });

  it.each(['http', 'https'])('that ends without a byte over %s gives nothing', async (scheme) => {
    for (const end of ['end', 'destroy', 'resetAndDestroy'] as const) {
      await using there = await LocalServer.tcp((socket) => socket[end](), scheme);
      expect(await failureAt(there.url)).toMatchObject({ at: 'connection', hop: 'server' });
    }
  });

  it('that ends once it has been asked gives nothing, also over TLS', async () => {
    await using there = await tlsServer(server, (socket) => {
      socket.once('data', () => socket.destroy());
    });
    expect(await failureAt(there.url, trusting())).toMatchObject({ at: 'connection' });
  });

  it('that hangs in its handshake is no fault of TLS', async () => {
    await using there = await LocalServer.tcp(() => undefined, 'https');
    expect(await failureAt(there.url, { requestTimeoutMs: 100 })).toMatchObject({
      at: 'connection',
      message: 'no complete reply within 0.1 s'
    });
  });

  it('tries each address of a name for a second', async () => {
    const { default: net } = await import('node:net');
    const { jest } = await import('@jest/globals');
    const connect = jest.spyOn(net, 'connect');
    await using there = await LocalServer.http((_, response) => response.end());
    await using line = new LineTo(there.url.replace('127.0.0.1', 'localhost'));
    await line.get();
    const [options] = connect.mock.calls[0] as unknown as [object];
    connect.mockRestore();
    expect(options).toMatchObject({ autoSelectFamily: true, autoSelectFamilyAttemptTimeout: 1000 });
  });
});

describe('a certificate that is not accepted', () => {
  it.each<{ name: string; pair: () => Pair; given?: () => string; certificate: object }>([
    {
      name: 'of an authority that nobody told of',
      pair: () => server,
      certificate: { issuer: 'Private Root, Example Corporation', given: [] }
    },
    {
      name: 'of another authority than the given one',
      pair: () => server,
      given: () => new Authority('Another Root').certificate,
      certificate: {
        issuer: 'Private Root, Example Corporation',
        given: ['Another Root, Example Corporation']
      }
    },
    {
      name: 'shown without the one between it and the given authority',
      pair: () => between.issue({ commonName: 'om' }),
      given: () => root.certificate,
      certificate: {
        above: 'Issuing Authority, Example Corporation',
        isAlone: true,
        given: ['Private Root, Example Corporation']
      }
    },
    {
      name: 'shown with the one between, of an authority that was not given',
      pair: () => {
        const { cert, key } = between.issue({ commonName: 'om' });
        return { cert: `${cert}\n${between.certificate}`, key };
      },
      given: () => new Authority('Another Root').certificate,
      certificate: {
        issuer: 'Issuing Authority, Example Corporation',
        above: 'Private Root, Example Corporation',
        isAlone: false
      }
    },
    {
      name: 'with a short key',
      pair: () => root.issue({ commonName: 'om', strength: 'short-key' }),
      given: () => root.certificate,
      certificate: { issuer: 'Private Root, Example Corporation' }
    },
    {
      name: 'signed with SHA-1',
      pair: () => root.issue({ commonName: 'om', strength: 'sha-1' }),
      given: () => root.certificate,
      certificate: { issuer: 'Private Root, Example Corporation' }
    },
    {
      name: 'that is its own',
      pair: () => selfSigned({ commonName: 'myself' }),
      certificate: { issuer: 'myself, Example Corporation', isAlone: true }
    }
  ])('is told with who issued it: $name', async ({ pair, given, certificate }) => {
    // A server that OpenSSL would not let start with such a certificate.
    await using there = await tlsServer({ ...pair(), ciphers: 'ALL@SECLEVEL=0' });
    expect(await failureAt(there.url, { caCertificate: given?.() })).toMatchObject({
      at: 'certificate',
      hop: 'server',
      certificate
    });
  });

  it('may be the proxy’s', async () => {
    await using proxy = await ForwardProxy.start({ tls: server });
    expect(await failureAt('https://om.example.com', { proxy: proxy.url })).toMatchObject({
      at: 'certificate',
      hop: 'proxy',
      proxy: new URL(proxy.url).host
    });
  });
});

describe('TLS', () => {
  it.each<{ name: string; options: TlsOptions }>([
    {
      name: 'of a server that is too old',
      options: { minVersion: 'TLSv1', maxVersion: 'TLSv1.1', ciphers: 'ALL@SECLEVEL=0' }
    },
    { name: 'of a server that speaks HTTP/2 alone', options: { ALPNProtocols: ['h2'] } },
    {
      name: 'without a cipher that both know',
      options: { maxVersion: 'TLSv1.2', ciphers: 'ECDHE-RSA-AES128-GCM-SHA256' }
    }
  ])('cannot be agreed on: $name', async ({ options }) => {
    await using there = await tlsServer({ ...server, ...options });
    expect(await failureAt(there.url, trusting())).toMatchObject({
      at: 'tls',
      hop: 'server',
      isOverClient: false
    });
  });

  it.each(['TLSv1.2', 'TLSv1.3'] as const)(
    'may end over the client’s certificate, in %s',
    async (maxVersion) => {
      const mode = {
        requestCert: true,
        rejectUnauthorized: true,
        ca: root.certificate,
        maxVersion
      };
      await using there = await tlsServer({ ...server, ...mode });
      expect(await failureAt(there.url, trusting())).toMatchObject({
        at: 'tls',
        isOverClient: true
      });
    }
  );

  it.each([
    { name: 'an alert', bytes: Buffer.from([21, 3, 1, 0, 2, 2, 80]) },
    { name: 'plain HTTP', bytes: Buffer.from('HTTP/1.1 400 Bad Request\r\n\r\n') },
    { name: 'noise', bytes: Buffer.alloc(64, 7) }
  ])('is not what the other side speaks: $name', async ({ bytes }) => {
    await using there = await LocalServer.tcp(saying(bytes), 'https');
    expect(await failureAt(there.url)).toMatchObject({ at: 'tls', isOverClient: false });
  });

  it('is the proxy’s where its address promises it', async () => {
    await using proxy = await ForwardProxy.start();
    expect(
      await failureAt('https://om.example.com', { proxy: proxy.url.replace('http:', 'https:') })
    ).toMatchObject({
      at: 'tls',
      hop: 'proxy'
    });
  });
});

describe('an answer', () => {
  const HEAD = 'HTTP/1.1 200 OK\r\n';
  const ANSWERS = [
    { name: 'another protocol', text: 'SSH-2.0-OpenSSH_9.2\r\n', isCut: false },
    { name: 'an alert of TLS', text: '\x15\x03\x03\x00\x02\x02\x46', isCut: false },
    { name: 'a length that is none', text: `${HEAD}content-length: x\r\n\r\n{}`, isCut: false },
    {
      name: 'two ways to say its length',
      text: `${HEAD}content-length: 2\r\ntransfer-encoding: chunked\r\n\r\n2\r\n{}\r\n0\r\n\r\n`,
      isCut: true
    },
    { name: 'too many headers', text: `${HEAD}x: ${'y'.repeat(17_000)}\r\n\r\n`, isCut: false },
    { name: 'an unasked 100 Continue', text: 'HTTP/1.1 100 Continue\r\n\r\n', isCut: false },
    {
      name: 'an unasked upgrade',
      text: 'HTTP/1.1 101 X\r\nupgrade: x\r\nconnection: upgrade\r\n\r\n',
      isCut: false
    },
    { name: 'half a header', text: 'HTTP/1.1 200 OK\r\ncontent-', isCut: true },
    { name: 'half a body', text: `${HEAD}content-length: 9\r\n\r\n{`, isCut: true },
    { name: 'half a chunk', text: `${HEAD}transfer-encoding: chunked\r\n\r\n9\r\n{`, isCut: true }
  ];
  it.each(ANSWERS)('that is no whole HTTP is told as one: $name', async ({ text, isCut }) => {
    await using plain = await LocalServer.tcp(saying(Buffer.from(text, 'latin1')));
    expect(await failureAt(plain.url)).toMatchObject({ at: 'answer', hop: 'server', isCut });
    await using secure = await tlsServer(server, saying(Buffer.from(text, 'latin1')));
    expect(await failureAt(secure.url, trusting())).toMatchObject({ at: 'answer', isCut });
  });

  it.each(['HTTP/1.1 200 OK\r\n', `${HEAD}content-length: 9\r\n\r\n{`])(
    'that does not come to its end is told as one: %j',
    async (text) => {
      await using there = await LocalServer.tcp(saying(text, true));
      expect(await failureAt(there.url, { requestTimeoutMs: 200 })).toMatchObject({
        at: 'answer',
        isCut: true,
        message: 'no complete reply within 0.2 s'
      });
    }
  );

  it('to the request before is none to this one', async () => {
    let answers = 0;
    await using there = await LocalServer.http((request, response) => {
      answers += 1;
      if (answers === 1) response.end('{}');
      else request.socket.destroy();
    });
    await using line = new LineTo(there.url);
    await line.get();
    expect(await line.failure()).toMatchObject({ at: 'connection' });
  });

  it('of a proxy that is no HTTP is the proxy’s', async () => {
    await using proxy = await LocalServer.tcp(saying('SSH-2.0-OpenSSH_9.2\r\n'));
    expect(await failureAt('https://om.example.com', { proxy: proxy.url })).toMatchObject({
      at: 'answer',
      hop: 'proxy'
    });
  });
});

describe('a proxy', () => {
  it.each([302, 403, 407, 502])(
    'that says HTTP %d to a tunnel is where it went wrong',
    async (status) => {
      await using proxy = await ForwardProxy.start({ refusesWith: status });
      const { host } = new URL(proxy.url);
      expect(await failureAt('https://om.example.com', { proxy: proxy.url })).toMatchObject({
        at: 'proxy',
        hop: 'proxy',
        status,
        proxy: host
      });
    }
  );

  it('that asks for a login to pass plain HTTP on is where it went wrong', async () => {
    await using proxy = await ForwardProxy.start({ refusesWith: 407 });
    expect(await failureAt('http://om.example.com', { proxy: proxy.url })).toMatchObject({
      at: 'proxy',
      status: 407
    });
  });

  it('that passes a connection on to nowhere leaves Ops Manager without an answer', async () => {
    await using there = await LocalServer.tcp((socket) => socket.destroy(), 'https');
    await using proxy = await ForwardProxy.start();
    expect(await failureAt(there.url, { proxy: proxy.url })).toMatchObject({
      at: 'connection',
      hop: 'server',
      proxy: new URL(proxy.url).host
    });
  });
});

describe('ending every call under way', () => {
  it('is no fault of what they were at, and the next one connects anew', async () => {
    let answers = 0;
    await using there = await LocalServer.http((_, response) => {
      answers += 1;
      if (answers > 1) response.end('{}');
    });
    await using line = new LineTo(there.url);
    const failure = line.failure();
    while (answers === 0) await new Promise((resolve) => setTimeout(resolve, 10));
    const defect = new Error('thrown beside its callers');
    line.connection.cut(defect);
    const { at, message, cause } = await failure;
    expect({ at, message }).toEqual({ at: 'connection', message: defect.message });
    expect(cause).toBe(defect);
    expect(await line.get()).toMatchObject({ status: 200 });
  });
});
