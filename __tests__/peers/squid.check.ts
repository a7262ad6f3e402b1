import { execFileSync } from 'node:child_process';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { Authority, type Pair } from '../support/certificates.ts';
import { ClientInFront } from '../support/client.ts';
import { eventually } from '../support/eventually.ts';
import { opsManager } from '../support/ops-manager.ts';
import { Peer } from '../support/peer.ts';

const HELPER = '/usr/lib/squid/basic_ncsa_auth';
const LOGIN = 'user:p%40ss-word';
const PASSWORD = 'p@ss-word';

const LOGGED_IN = 'http_access allow known\nhttp_access deny all';

let authority: Authority;
let server: Pair;
/** Squids that all tests share, because one takes its seconds to start and to end. */
let closed: Peer;
let forbidding: Peer;
let open: Peer;
beforeAll(async () => {
  authority = new Authority('Private Root');
  server = authority.issue({ commonName: 'ops-manager' });
  [closed, forbidding, open] = await Promise.all([
    squid(LOGGED_IN),
    squid('http_access deny all'),
    squid('http_access allow all')
  ]);
});
afterAll(async () => {
  await Promise.all([closed, forbidding, open].map(async (peer) => peer[Symbol.asyncDispose]()));
});

async function squid(rules: string): Promise<Peer> {
  const hash = execFileSync('openssl', ['passwd', '-apr1', PASSWORD], { encoding: 'utf8' });
  return Peer.start({
    program: 'squid',
    args: (folder) => ['-N', '-f', join(folder, 'squid.conf')],
    files: (folder, port) => ({
      users: `user:${hash}`,
      'squid.conf': `
http_port 127.0.0.1:${port}
pid_filename none
access_log stdio:${folder}/access.log
cache_log ${folder}/cache.log
coredump_dir ${folder}
netdb_filename none
cache deny all
shutdown_lifetime 0 seconds
connect_timeout 2 seconds
visible_hostname squid.invalid
auth_param basic program ${HELPER} ${folder}/users
auth_param basic children 1
acl known proxy_auth REQUIRED
${rules}
`
    })
  });
}

const SCHEMES = ['https', 'http'] as const;
const there = async (scheme: (typeof SCHEMES)[number]) =>
  opsManager(scheme === 'https' ? { tls: server } : {});

function through(proxy: string, url: string): ClientInFront {
  const caCertificate = authority.certificate;
  return new ClientInFront(url, { caCertificate, proxy });
}

describe.each(SCHEMES)('through squid, %s', (scheme) => {
  it('logs in and reads again and again', async () => {
    const proxy = closed;
    await using target = await there(scheme);
    await using front = through(proxy.url.replace('//', `//${LOGIN}@`), target.url);
    for (let read = 0; read < 5; read += 1) expect(await front.read()).toBe('PENDING');
    expect(front.client.requests).toBe(6);
    // A tunnel is logged when it has ended.
    await front.client.close();
    const place = `127.0.0.1:${target.simulator.port}`;
    await eventually('squid has it in its log', () => proxy.read('access.log').includes(place));
  });

  it('names the proxy that asks for credentials, or refuses those that it was given', async () => {
    const proxy = closed;
    await using target = await there(scheme);
    for (const [login, says] of [
      ['', 'asks for credentials'],
      ['user:wrong-word@', 'does not accept the credentials']
    ] as const) {
      await using front = through(proxy.url.replace('//', `//${login}`), target.url);
      const error = await front.failure();
      expect(error).toMatchObject({
        kind: 'misconfigured',
        title: `The proxy 127.0.0.1:${proxy.port} ${says}`
      });
      expect(error.message).not.toContain('wrong-word');
    }
    expect(target.simulator.calls).toEqual([]);
  });

  it('names the proxy that refuses', async () => {
    const proxy = forbidding;
    await using target = await there(scheme);
    await using front = through(proxy.url, target.url);
    const error = await front.failure();
    expect(error.kind).toBe('misconfigured');
    expect(error.message).toMatch(`he proxy 127.0.0.1:${proxy.port}`);
    expect(error.message).toMatch('HTTP 403');
  });

  it('names the proxy that cannot reach Ops Manager, which may pass', async () => {
    const proxy = open;
    await using front = through(proxy.url, `${scheme}://127.0.0.1:1`);
    const error = await front.failure();
    expect(error.kind).toBe('transient');
    expect(error.message).toMatch(`he proxy 127.0.0.1:${proxy.port}`);
    expect(error.message).toMatch('HTTP 503');
  });

  it('names the proxy that is dead, which may pass', async () => {
    const proxy = await squid('http_access allow all');
    await using target = await there(scheme);
    await using front = through(proxy.url, target.url);
    expect(await front.read()).toBe('PENDING');
    await proxy[Symbol.asyncDispose]();
    // The first failure is the end of the old connection, if that was not noticed before.
    const failures = [await front.failure(), await front.failure()];
    expect(failures.map(({ kind }) => kind)).toEqual(['transient', 'transient']);
    expect(failures.at(-1)).toMatchObject({
      title: `The proxy 127.0.0.1:${proxy.port} refused the connection`
    });
  });
});
