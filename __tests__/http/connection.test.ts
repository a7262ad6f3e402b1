import type { SecureVersion } from 'node:tls';
import { beforeAll, describe, expect, it } from '@jest/globals';
import type { SimulatorOptions } from '../../simulator/ops-manager.ts';
import { Authority, selfSigned, type Pair } from '../support/certificates.ts';
import { ClientInFront } from '../support/client.ts';
import { opsManager } from '../support/ops-manager.ts';

let authority: Authority;
let server: Pair;
let visitor: Pair;
beforeAll(() => {
  authority = new Authority('Private Root');
  server = authority.issue({ commonName: 'ops-manager' });
  visitor = authority.issue({ commonName: 'visitor', passphrase: 'open sesame' });
});

describe('over TLS', () => {
  it('trusts the authority of ca-certificate', async () => {
    await using there = await opsManager({ tls: server });
    const caCertificate = authority.certificate;
    await using front = new ClientInFront(there.url, { caCertificate });
    expect(await front.read()).toBe('PENDING');
  });

  it('takes Ops Manager’s certificate itself for ca-certificate when it is self-signed', async () => {
    const own = selfSigned({ commonName: 'ops-manager' });
    await using there = await opsManager({ tls: own });
    await using front = new ClientInFront(there.url, { caCertificate: own.cert });
    expect(await front.read()).toBe('PENDING');
  });

  it('takes several certificates in one ca-certificate', async () => {
    const other = new Authority('Another Root');
    await using there = await opsManager({ tls: server });
    const caCertificate = `${other.certificate}\r\n${authority.certificate}`;
    await using front = new ClientInFront(there.url, { caCertificate });
    expect(await front.read()).toBe('PENDING');
  });

  it.each<{ name: string; tls: () => Pair; ca?: () => string; says: RegExp[] }>([
    {
      name: 'an authority that nobody told it of',
      tls: () => server,
      says: [/Set ca-certificate/, /issued by “Private Root, Example Corporation”/]
    },
    {
      name: 'another authority than that of ca-certificate',
      tls: () => server,
      ca: () => new Authority('Another Root').certificate,
      says: [
        /In ca-certificate is “Another Root.*add the certificate of “Private Root/,
        /issued by “Private Root/
      ]
    },
    {
      name: 'no authority at all',
      tls: () => selfSigned({ commonName: 'myself' }),
      says: [/Set ca-certificate/, /issued by “myself/]
    },
    {
      name: 'a certificate that has expired',
      tls: () => authority.issue({ commonName: 'old', days: -1 }),
      ca: () => authority.certificate,
      says: [/Renew the certificate/, /certificate has expired/, /clock/]
    },
    {
      name: 'a certificate for another name',
      tls: () =>
        authority.issue({ commonName: 'x', names: [{ type: 'dns', value: 'om.example.com' }] }),
      ca: () => authority.certificate,
      says: [/Set base-url to a name that the certificate has/]
    }
  ])('refuses $name at once, and says what to do', async ({ tls, ca, says }) => {
    await using there = await opsManager({ tls: tls() });
    await using front = new ClientInFront(there.url, { caCertificate: ca?.() });
    const error = await front.failure();
    expect(error).toMatchObject({ kind: 'misconfigured' });
    for (const words of [/127\.0\.0\.1/, ...says]) expect(error.message).toMatch(words);
    expect(there.simulator.calls).toEqual([]);
  });

  it('says the same of a certificate that changes in mid-wait', async () => {
    const before = await opsManager({ tls: server });
    const caCertificate = authority.certificate;
    await using front = new ClientInFront(before.url, { caCertificate });
    await front.read();
    const { port } = before.simulator;
    await before.simulator.close();
    const tls = selfSigned({ commonName: 'meanwhile' });
    await using after = await opsManager({ tls }, port);
    expect(after.url).toBe(before.url);
    // The first failure is the end of the old connection, if that was not noticed before.
    const failures = [await front.failure(), await front.failure()];
    expect(failures.at(-1)).toMatchObject({ kind: 'misconfigured' });
  });

  it.each([
    {
      name: 'TLS spoken to a plain port',
      tls: undefined,
      scheme: 'https',
      says: /does not speak TLS.*http:\/\//
    },
    {
      name: 'plain HTTP spoken to a TLS port',
      tls: () => server,
      scheme: 'http',
      says: /https:\/\//
    }
  ])('names the scheme for $name', async ({ tls, scheme, says }) => {
    await using there = await opsManager(tls ? { tls: tls() } : {});
    await using front = new ClientInFront(there.url.replace(/^\w+/, scheme));
    const error = await front.failure();
    expect(error.message).toMatch(says);
  });
});

describe('in client certificate mode', () => {
  const mode = (maxVersion: SecureVersion): SimulatorOptions => ({
    tls: { ...server, requestCert: true, ca: authority.certificate, maxVersion }
  });

  it.each(['TLSv1.3', 'TLSv1.2'] as const)(
    'names the inputs to set when there is no client certificate, in %s',
    async (version) => {
      await using there = await opsManager(mode(version));
      const caCertificate = authority.certificate;
      await using front = new ClientInFront(there.url, { caCertificate });
      const error = await front.failure();
      expect(error).toMatchObject({ kind: 'misconfigured' });
      expect(error.message).toMatch(
        /handshake .* failed: [\w\s/]*alert[\w\s]*\. Set client-certificate and client-key/
      );
    }
  );

  it.each(['TLSv1.3', 'TLSv1.2'] as const)(
    'shows its certificate, whose key has a passphrase, in %s',
    async (version) => {
      await using there = await opsManager(mode(version));
      const { cert: certificate, key } = visitor;
      await using front = new ClientInFront(there.url, {
        caCertificate: authority.certificate,
        clientCertificate: { certificate, key, passphrase: 'open sesame' }
      });
      expect(key).toMatch(/ENCRYPTED/);
      expect(await front.read()).toBe('PENDING');
    }
  );
});
