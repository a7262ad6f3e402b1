import { beforeAll, describe, expect, it } from '@jest/globals';
import type { SimulatorOptions } from '../../simulator/ops-manager.ts';
import { Authority, type Pair } from '../support/certificates.ts';
import { ClientInFront, type ClientOptions } from '../support/client.ts';
import { ForwardProxy } from '../support/forward-proxy.ts';
import { LocalServer } from '../support/local-server.ts';
import { opsManager } from '../support/ops-manager.ts';

/** A matcher, as the typed assertions take it. */
function containing(text: string): unknown {
  return expect.stringContaining(text);
}

let authority: Authority;
let server: Pair;
let visitor: Pair;
beforeAll(() => {
  authority = new Authority('Private Root');
  server = authority.issue({ commonName: 'ops-manager' });
  visitor = authority.issue({ commonName: 'visitor' });
});

/** Ops Manager in client certificate mode, and what a client needs for it. */
const closed = (): SimulatorOptions => ({
  tls: { ...server, requestCert: true, ca: authority.certificate }
});
const admitted = (): ClientOptions => ({
  caCertificate: authority.certificate,
  clientCertificate: { certificate: visitor.cert, key: visitor.key }
});

describe('through a proxy', () => {
  it('reaches Ops Manager over TLS with a private authority and a client certificate', async () => {
    await using there = await opsManager(closed());
    await using proxy = await ForwardProxy.start();
    await using front = new ClientInFront(there.url, { ...admitted(), proxy: proxy.url });
    expect([await front.read(), await front.read()]).toEqual(['PENDING', 'PENDING']);
    expect(proxy.requests).toEqual([`CONNECT 127.0.0.1:${there.simulator.port}`]);
    expect([there.simulator.opened, there.simulator.calls.length]).toEqual([1, 3]);
  });

  it.each([
    { name: 'the default port', url: 'https://om.example.com', want: 'om.example.com:443' },
    { name: 'an IPv6 address', url: 'https://[fd00::5]', want: '[fd00::5]:443' },
    { name: 'an IPv6 address and port', url: 'https://[fd00::5]:8443', want: '[fd00::5]:8443' }
  ])('names $name in the tunnel', async ({ url, want }) => {
    await using proxy = await ForwardProxy.start({ refusesWith: 403 });
    await using front = new ClientInFront(url, { proxy: proxy.url });
    await front.failure();
    expect(proxy.requests).toEqual([`CONNECT ${want}`]);
  });

  it('reaches Ops Manager over plain HTTP on one connection', async () => {
    await using there = await opsManager();
    await using proxy = await ForwardProxy.start();
    await using front = new ClientInFront(there.url, {
      proxy: proxy.url
    });
    expect([await front.read(), await front.read()]).toEqual(['PENDING', 'PENDING']);
    expect(proxy.requests.every((line) => line.startsWith(`GET ${there.url}/api/`))).toBe(true);
    expect([proxy.requests.length, proxy.opened]).toEqual([3, 1]);
  });

  it('shows the issuer of a certificate that is not trusted', async () => {
    await using there = await opsManager({ tls: server });
    await using proxy = await ForwardProxy.start();
    await using front = new ClientInFront(there.url, { proxy: proxy.url });
    const error = await front.failure();
    expect(error).toMatchObject({ kind: 'misconfigured' });
    expect(error.message).toMatch(/issued by “Private Root, Example Corp.*Set ca-certificate/);
  });

  it.each([
    { name: 'https', tls: true, credentials: 'user:p%40ss%3Aword' },
    { name: 'http', tls: false, credentials: 'user:p%40ss%3Aword' },
    { name: 'https, without a password', tls: true, credentials: 'user:' }
  ])(
    'logs in at the proxy with the credentials of its URL: $name',
    async ({ tls, credentials }) => {
      await using there = await opsManager(tls ? { tls: server } : {});
      await using proxy = await ForwardProxy.start({ credentials });
      await using front = new ClientInFront(there.url, {
        caCertificate: authority.certificate,
        proxy: proxy.url
      });
      expect(await front.read()).toBe('PENDING');
      const { calls } = there.simulator;
      expect(calls.map(({ headers }) => headers['proxy-authorization'])).toEqual([
        undefined,
        undefined
      ]);
    }
  );

  it.each(['https', 'http'])('says so when an %s proxy refuses its login', async (scheme) => {
    await using proxy = await ForwardProxy.start({ credentials: 'user:word' });
    const url = proxy.urlWithoutCredentials.replace('//', '//user:other@');
    await using front = new ClientInFront(`${scheme}://om.example.com:8443`, { proxy: url });
    const error = await front.failure();
    expect(error.title).toBe(`The proxy ${new URL(url).host} does not accept the credentials`);
    expect(error.message).not.toContain('other');
  });

  it.each(['https', 'http'])('asks for credentials when an %s proxy does', async (scheme) => {
    await using proxy = await ForwardProxy.start({ credentials: 'user:word' });
    const url = proxy.urlWithoutCredentials;
    await using front = new ClientInFront(`${scheme}://om.example.com:8443`, {
      proxy: url
    });
    const error = await front.failure();
    const { host } = new URL(url);
    const variable = `${scheme.toUpperCase()}_PROXY`;
    expect(error).toMatchObject({
      kind: 'misconfigured',
      title: `The proxy ${host} asks for credentials`,
      message: `The proxy ${host} asks for credentials (HTTP 407). Put them into ${variable}, as http://user:password@proxy:port.`
    });
  });

  it.each([
    {
      status: 403,
      kind: 'misconfigured',
      title: /^The proxy \S+:\d+ refused the connection$/,
      says: /^The proxy \S+:\d+ refused a connection to om\.example\.com:8443 \(HTTP 403\)\. .*NO_PROXY/
    },
    ...[429, 502, 503].map((status) => ({
      status,
      kind: 'transient',
      title: RegExp(`^The proxy \\S+:\\d+ answered HTTP ${status}$`),
      says: RegExp(
        `^The proxy \\S+:\\d+ could not connect to om\\.example\\.com:8443 \\(HTTP ${status}\\)`
      )
    }))
  ])(
    'takes a tunnel refused with $status for what it is',
    async ({ status, kind, title, says }) => {
      await using proxy = await ForwardProxy.start({ refusesWith: status });
      await using front = new ClientInFront('https://om.example.com:8443', { proxy: proxy.url });
      const error = await front.failure();
      expect(error.kind).toBe(kind);
      expect(error.title).toMatch(title);
      expect(error.message).toMatch(says);
      expect(error.message).toContain(`The proxy ${new URL(proxy.url).host} `);
    }
  );

  it.each(['https', 'http'])(
    'bears with a proxy that is down, and names it: %s',
    async (scheme) => {
      const proxy = 'http://user:secret-word@127.0.0.1:1';
      await using front = new ClientInFront(`${scheme}://om.example.com`, { proxy });
      const error = await front.failure();
      expect(error).toMatchObject({
        kind: 'transient',
        title: 'The proxy 127.0.0.1:1 refused the connection'
      });
      expect(error.message).toMatch(
        RegExp(`^The proxy .*ECONNREFUSED.*${scheme.toUpperCase()}_PROXY in the environment`)
      );
      expect(error.message).not.toMatch(/secret-word|No answer from om/);
    }
  );

  it('names the proxy that answers for an Ops Manager over plain HTTP', async () => {
    await using proxy = await ForwardProxy.start({ refusesWith: 403 });
    const { host } = new URL(proxy.url);
    await using front = new ClientInFront('http://om.example.com', {
      proxy: proxy.url
    });
    expect(await front.failure()).toMatchObject({
      kind: 'misconfigured',
      message: containing(`the proxy ${host}`)
    });
  });

  it.each([502, 504])('names the proxy beside Ops Manager for its own HTTP %d', async (status) => {
    await using proxy = await ForwardProxy.start({ refusesWith: status });
    const { host } = new URL(proxy.url);
    await using front = new ClientInFront('http://om.example.com', {
      proxy: proxy.url
    });
    expect(await front.failure()).toMatchObject({
      kind: 'transient',
      message: containing(`the proxy ${host}`)
    });
  });

  it('names the proxy beside an Ops Manager that breaks off behind it', async () => {
    await using there = await LocalServer.tcp((socket) => socket.destroy(), 'https');
    await using proxy = await ForwardProxy.start();
    const { host } = new URL(proxy.url);
    await using front = new ClientInFront(there.url, { proxy: proxy.url });
    const error = await front.failure();
    expect(error).toMatchObject({
      kind: 'transient',
      title: `No answer from ${new URL(there.url).host}`
    });
    expect(error.message).toContain(`through the proxy ${host}`);
  });

  it('over TLS is trusted by ca-certificate, for both schemes', async () => {
    for (const tls of [undefined, server]) {
      await using there = await opsManager(tls ? { tls } : {});
      await using proxy = await ForwardProxy.start({ tls: server });
      await using front = new ClientInFront(there.url, {
        caCertificate: authority.certificate,
        proxy: proxy.url
      });
      expect(proxy.url).toMatch(/^https:/);
      expect(await front.read()).toBe('PENDING');
    }
  });

  it('over TLS is named when its certificate is not accepted', async () => {
    await using proxy = await ForwardProxy.start({ tls: server });
    await using front = new ClientInFront('https://om.example.com', {
      proxy: proxy.url
    });
    const { host } = new URL(proxy.url);
    expect(await front.failure()).toMatchObject({
      kind: 'misconfigured',
      title: `Certificate of the proxy ${host} not accepted`,
      advice: 'Set ca-certificate to the certificate of the authority that issued it.'
    });
  });

  it('is named when it does not speak the TLS that its URL promises', async () => {
    await using proxy = await ForwardProxy.start();
    const url = proxy.url.replace('http:', 'https:');
    await using front = new ClientInFront('https://om.example.com', { proxy: url });
    expect(await front.failure()).toMatchObject({
      kind: 'misconfigured',
      title: `The proxy ${new URL(url).host} does not speak TLS`
    });
  });

  it('names the proxy when it is the proxy’s name that nobody knows', async () => {
    await using front = new ClientInFront('https://127.0.0.1', {
      proxy: 'http://proxy.invalid:3128'
    });
    const error = await front.failure();
    expect(error.message).toMatch(/proxy.*proxy\.invalid.*HTTPS_PROXY/);
    expect(error.message).not.toMatch(/base-url/);
  });

  it('ends a tunnel that hangs, and the next call gets another', async () => {
    await using proxy = await ForwardProxy.start({ hangs: true });
    await using front = new ClientInFront('https://om.example.com', {
      proxy: proxy.url,
      requestTimeoutMs: 150
    });
    for (const opened of [1, 2]) {
      expect((await front.failure()).message).toMatch(
        /^No answer from the proxy 127\.0\.0\.1:\d+: .*within 0\.15 s/
      );
      expect(proxy.opened).toBe(opened);
    }
  });
});
