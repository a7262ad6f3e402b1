import { beforeAll, describe, expect, it } from '@jest/globals';
import type { SimulatorOptions } from '../../simulator/ops-manager.ts';
import { Authority, type Pair } from '../support/certificates.ts';
import { ClientInFront, type ClientOptions } from '../support/client.ts';
import { ForwardProxy } from '../support/forward-proxy.ts';
import { opsManager } from '../support/ops-manager.ts';

const NOWHERE = 'http://127.0.0.1:1';

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
    const proxies = { https: proxy.url, http: NOWHERE };
    await using front = new ClientInFront(there.url, { ...admitted(), proxies });
    expect([await front.read(), await front.read()]).toEqual(['PENDING', 'PENDING']);
    expect(proxy.requests).toEqual([`CONNECT 127.0.0.1:${there.simulator.port}`]);
    expect([there.simulator.opened, there.simulator.calls.length]).toEqual([1, 3]);
  });

  it('names the default port in the tunnel', async () => {
    await using proxy = await ForwardProxy.start({ refusesWith: 403 });
    const proxies = { https: proxy.url };
    await using front = new ClientInFront('https://om.example.com', { proxies });
    await front.failure();
    expect(proxy.requests).toEqual(['CONNECT om.example.com:443']);
  });

  it('reaches Ops Manager over plain HTTP on one connection', async () => {
    await using there = await opsManager();
    await using proxy = await ForwardProxy.start();
    await using front = new ClientInFront(there.url, {
      proxies: { http: proxy.url, https: NOWHERE }
    });
    expect([await front.read(), await front.read()]).toEqual(['PENDING', 'PENDING']);
    expect(proxy.requests.every((line) => line.startsWith(`GET ${there.url}/api/`))).toBe(true);
    expect([proxy.requests.length, proxy.opened]).toEqual([3, 1]);
  });

  it('shows the issuer of a certificate that is not trusted', async () => {
    await using there = await opsManager({ tls: server });
    await using proxy = await ForwardProxy.start();
    await using front = new ClientInFront(there.url, { proxies: { https: proxy.url } });
    const error = await front.failure();
    expect(error).toMatchObject({ trouble: 'certificate', transient: false });
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
        proxies: { http: proxy.url, https: proxy.url }
      });
      expect(await front.read()).toBe('PENDING');
      const { calls } = there.simulator;
      expect(calls.map(({ headers }) => headers['proxy-authorization'])).toEqual([
        undefined,
        undefined
      ]);
    }
  );

  it.each(['https', 'http'])('asks for credentials when an %s proxy does', async (scheme) => {
    await using proxy = await ForwardProxy.start({ credentials: 'user:word' });
    const url = proxy.urlWithoutCredentials;
    await using front = new ClientInFront(`${scheme}://om.example.com:8443`, {
      proxies: { http: url, https: url }
    });
    const error = await front.failure();
    expect(error.transient).toBe(false);
    expect(error.message).toMatch(/proxy asks for credentials \(HTTP 407\).*user:password@/);
  });

  it.each([
    {
      status: 403,
      transient: false,
      says: /refused a connection to om\.example\.com:8443.*NO_PROXY/
    },
    { status: 502, transient: true, says: /No answer from om\.example\.com:8443.*502/ },
    { status: 503, transient: true, says: /No answer from om\.example\.com:8443.*503/ }
  ])('takes a tunnel refused with $status for what it is', async ({ status, transient, says }) => {
    await using proxy = await ForwardProxy.start({ refusesWith: status });
    const proxies = { https: proxy.url };
    await using front = new ClientInFront('https://om.example.com:8443', { proxies });
    const error = await front.failure();
    expect(error).toMatchObject({ trouble: 'network', transient });
    expect(error.message).toMatch(says);
  });

  it('bears with a proxy that is down', async () => {
    await using front = new ClientInFront('https://om.example.com', {
      proxies: { https: NOWHERE }
    });
    const error = await front.failure();
    expect(error).toMatchObject({ trouble: 'network', transient: true });
    expect(error.message).toMatch(/ECONNREFUSED 127\.0\.0\.1:1/);
  });

  it('names the proxy when it is the proxy’s name that nobody knows', async () => {
    await using front = new ClientInFront('https://127.0.0.1', {
      proxies: { https: 'http://proxy.invalid:3128' }
    });
    const error = await front.failure();
    expect(error.message).toMatch(/proxy.*proxy\.invalid.*HTTPS_PROXY/);
    expect(error.message).not.toMatch(/base-url/);
  });

  it('ends a tunnel that hangs, and the next call gets another', async () => {
    await using proxy = await ForwardProxy.start({ hangs: true });
    await using front = new ClientInFront('https://om.example.com', {
      proxies: { https: proxy.url },
      requestTimeoutMs: 150
    });
    for (const opened of [1, 2]) {
      expect((await front.failure()).message).toMatch(/within 0\.15 s/);
      expect(proxy.opened).toBe(opened);
    }
  });
});

describe('the proxy of the environment', () => {
  it.each([
    { name: 'HTTP_PROXY is not for https://', tls: true, proxies: { http: NOWHERE } },
    { name: 'HTTPS_PROXY is not for http://', tls: false, proxies: { https: NOWHERE } },
    { name: 'NO_PROXY names the host', noProxy: '127.0.0.1' },
    { name: 'NO_PROXY names the host in a list', noProxy: 'localhost, 127.0.0.1 ,.example.com' },
    { name: 'NO_PROXY names every host', noProxy: '*' }
  ])('is passed by when $name', async ({ tls = true, proxies, noProxy = '' }) => {
    await using there = await opsManager(tls ? { tls: server } : {});
    await using front = new ClientInFront(there.url, {
      caCertificate: authority.certificate,
      proxies: { ...(proxies ?? { http: NOWHERE, https: NOWHERE }), noProxy }
    });
    expect(await front.read()).toBe('PENDING');
  });

  it.each([
    { noProxy: '', used: true },
    { noProxy: 'om.example.com', used: false },
    { noProxy: 'OM.Example.COM:8443', used: false },
    { noProxy: 'om.example.com:443', used: true },
    { noProxy: '.example.com', used: false },
    { noProxy: 'example.com', used: false },
    { noProxy: 'notexample.com', used: true }
  ])('is used for om.example.invalid: $used, with NO_PROXY=$noProxy', async ({ noProxy, used }) => {
    await using proxy = await ForwardProxy.start({ refusesWith: 403 });
    await using front = new ClientInFront('https://om.example.invalid:8443', {
      proxies: { https: proxy.url, noProxy: noProxy.replace(/\.com/i, '.invalid') }
    });
    await front.failure();
    expect(proxy.requests.length).toBe(used ? 1 : 0);
  });
});
