import { join } from 'node:path';
import { beforeAll, describe, expect, it } from '@jest/globals';
import { Authority, type Pair } from '../support/certificates.ts';
import { Peer } from '../support/peer.ts';
import { Stage, type Scene } from '../support/stage.ts';

let authority: Authority;
let server: Pair;
let visitor: Pair;
beforeAll(() => {
  authority = new Authority('Private Root');
  server = authority.issue({ commonName: 'ops-manager' });
  visitor = authority.issue({ commonName: 'visitor', passphrase: 'open sesame' });
});

async function tinyproxy(directives = ''): Promise<Peer> {
  return Peer.start({
    program: 'tinyproxy',
    args: (folder) => ['-d', '-c', join(folder, 'tinyproxy.conf')],
    files: (folder, port) => ({
      'tinyproxy.conf': `
Port ${port}
Listen 127.0.0.1
Timeout 60
MaxClients 20
LogLevel Connect
LogFile "${folder}/log"
${directives}
`
    })
  });
}

const PRIVATE: () => Scene = () => ({
  imports: [{ id: '507f1f77bcf86cd799439011', steps: [['SUCCESS', 0]] }],
  tls: { ...server, requestCert: true, ca: authority.certificate },
  inputs: {
    'ca-certificate': authority.certificate,
    'client-certificate': visitor.cert,
    'client-key': visitor.key,
    'client-key-passphrase': 'open sesame'
  }
});

describe('through tinyproxy', () => {
  it('the bundle reaches Ops Manager with a private authority and a client certificate', async () => {
    await using proxy = await tinyproxy();
    await using stage = await Stage.set({ ...PRIVATE(), env: { HTTPS_PROXY: proxy.url } });
    const { outputs } = await stage.run();
    expect(outputs).toMatchObject({ outcome: 'reached' });
    expect(proxy.read('log')).toContain(`CONNECT 127.0.0.1:${stage.simulator.port}`);
  });

  it('the bundle logs in, and does not show the password', async () => {
    await using proxy = await tinyproxy('BasicAuth user secret-word');
    const url = proxy.url.replace('//', '//user:secret-word@');
    await using stage = await Stage.set({ ...PRIVATE(), env: { HTTPS_PROXY: url } });
    const { outputs, log } = await stage.run();
    expect(outputs).toMatchObject({ outcome: 'reached' });
    expect(log).not.toContain('secret-word');
  });

  it('the bundle reaches Ops Manager over plain HTTP', async () => {
    await using proxy = await tinyproxy();
    const { imports = [] } = PRIVATE();
    await using stage = await Stage.set({ imports, env: { HTTP_PROXY: proxy.url } });
    expect((await stage.run()).outputs).toMatchObject({ outcome: 'reached' });
    expect(proxy.read('log')).toContain(`GET ${stage.simulator.url}/api/`);
  });

  it('the bundle names the issuer and ca-certificate when it is not told of the authority', async () => {
    await using proxy = await tinyproxy();
    const env = { HTTPS_PROXY: proxy.url };
    await using stage = await Stage.set({ tls: server, env });
    const { outputs } = await stage.run();
    expect(outputs).toMatchObject({ outcome: 'error' });
    expect(outputs['message']).toMatch(/issued by “Private Root.*Set ca-certificate/);
  });

  it.each([
    {
      name: 'asks for credentials',
      directives: 'BasicAuth user word',
      says: /The proxy 127\.0\.0\.1:\d+ asks for credentials \(HTTP 407\)/
    },
    {
      name: 'refuses the port',
      directives: 'ConnectPort 443',
      says: /The proxy 127\.0\.0\.1:\d+ refused a connection to 127\.0\.0\.1:\d+ \(HTTP 403\)/
    }
  ])('the bundle ends at once when it $name', async ({ directives, says }) => {
    await using proxy = await tinyproxy(directives);
    await using stage = await Stage.set({ ...PRIVATE(), env: { HTTPS_PROXY: proxy.url } });
    const { outputs } = await stage.run();
    expect(outputs).toMatchObject({ outcome: 'error' });
    expect(outputs['message']).toMatch(says);
    expect(stage.simulator.calls).toEqual([]);
  });

  it('the bundle passes by what NO_PROXY names', async () => {
    await using proxy = await tinyproxy('ConnectPort 443');
    const env = { HTTPS_PROXY: proxy.url, NO_PROXY: 'localhost,127.0.0.1' };
    await using stage = await Stage.set({ ...PRIVATE(), env });
    expect((await stage.run()).outputs).toMatchObject({ outcome: 'reached' });
  });
});

describe('certificate checks', () => {
  it('stay on with NODE_TLS_REJECT_UNAUTHORIZED=0', async () => {
    const env = { NODE_TLS_REJECT_UNAUTHORIZED: '0' };
    await using stage = await Stage.set({ tls: server, env });
    const { outputs } = await stage.run();
    expect(outputs['message']).toMatch(/Set ca-certificate/);
    expect(stage.simulator.calls).toEqual([]);
  });
});
