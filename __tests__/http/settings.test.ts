import { execFile } from 'node:child_process';
import { createPrivateKey } from 'node:crypto';
import { join } from 'node:path';
import { rootCertificates } from 'node:tls';
import { promisify } from 'node:util';
import { beforeAll, describe, expect, it } from '@jest/globals';
import {
  authoritiesBeside,
  certificatesIn,
  checkTls,
  keyIn,
  proxyAt
} from '../../src/http/settings.ts';
import { Authority, type Pair } from '../support/certificates.ts';
import { ClientInFront } from '../support/client.ts';
import { opsManager } from '../support/ops-manager.ts';
import { SHORT_LIVED } from '../support/short-lived.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';

const PROGRAM = join(import.meta.dirname, '../support/read-import.ts');
const file = temporaryFolder();

let root: Authority;
let between: Authority;
let server: Pair;
beforeAll(() => {
  root = new Authority('Private Root');
  between = new Authority('Issuing Authority', root);
  server = between.issue({ commonName: 'ops-manager' });
});

/** What a process reads from servers, with authorities from the input and from Node's variable. */
async function read(
  authorities: { readonly input: string; readonly variables?: Readonly<Record<string, string>> },
  ...urls: readonly string[]
): Promise<string[]> {
  const args = [...SHORT_LIVED.nodeFlags, '--no-warnings', PROGRAM, authorities.input, ...urls];
  const { PATH, NODE_COMPILE_CACHE } = process.env;
  const env = { PATH, NODE_COMPILE_CACHE, ...authorities.variables };
  const { stdout } = await promisify(execFile)(process.execPath, args, { env });
  return stdout.trim().split('\n');
}

describe('ca-certificate', () => {
  it('is added to the authorities of NODE_EXTRA_CA_CERTS', async () => {
    const [one, other, none] = ['One Root', 'Other Root', 'No Root'].map(
      (name) => new Authority(name)
    ) as [Authority, Authority, Authority];
    const pair = (authority: Authority) => ({ tls: authority.issue({ commonName: 'om' }) });
    await using first = await opsManager(pair(one));
    await using second = await opsManager(pair(other));
    await using third = await opsManager(pair(none));
    const input = file('input.pem', one.certificate);
    const extra = file('extra.pem', other.certificate);
    const urls = [first.url, second.url, third.url];
    const variables = { NODE_EXTRA_CA_CERTS: extra };
    expect(await read({ input, variables }, ...urls)).toEqual([
      'PENDING',
      'PENDING',
      expect.stringMatching(/In ca-certificate is “One Root/)
    ]);
    expect(await read({ input: '', variables }, ...urls.slice(0, 2))).toEqual([
      expect.stringMatching(/Set ca-certificate/),
      'PENDING'
    ]);
  });

  it('is added to the authorities of the machine where Node is told to trust those', async () => {
    const [one, other] = [new Authority('One Root'), new Authority('Machine Root')];
    await using first = await opsManager({ tls: one.issue({ commonName: 'om' }) });
    await using second = await opsManager({ tls: other.issue({ commonName: 'om' }) });
    const input = file('input.pem', one.certificate);
    const variables = {
      NODE_OPTIONS: '--use-openssl-ca',
      SSL_CERT_FILE: file('machine.pem', other.certificate)
    };
    expect(await read({ input, variables }, first.url, second.url)).toEqual(['PENDING', 'PENDING']);
  });

  it('is added to the public authorities', () => {
    const { certificate } = root;
    const ca = authoritiesBeside(certificate);
    expect(ca.at(-1)?.trim()).toBe(certificate.trim());
    expect(rootCertificates.length).toBeGreaterThan(50);
    for (const authority of rootCertificates) expect(ca).toContain(authority);
  });

  it.each([
    { name: 'the issuing authority alone', ca: () => between.certificate },
    { name: 'the server’s own certificate', ca: () => server.cert },
    {
      name: 'two that are glued',
      ca: () => new Authority('X').certificate.trim() + between.certificate
    }
  ])('may be $name', async ({ ca }) => {
    await using there = await opsManager({ tls: server });
    await using front = new ClientInFront(there.url, { caCertificate: ca() });
    expect(await front.read()).toBe('PENDING');
  });
});

describe('the environment', () => {
  it('cannot turn certificate checks off', async () => {
    await using there = await opsManager({ tls: server });
    const variables = { NODE_TLS_REJECT_UNAUTHORIZED: '0' };
    expect(await read({ input: '', variables }, there.url)).toEqual([
      expect.stringMatching(/not accepted/)
    ]);
  });

  it.each([
    { name: 'speak TLS 1.1', pair: () => server, maxVersion: 'TLSv1.1' as const },
    {
      name: 'take a certificate with a short key',
      pair: () => between.issue({ commonName: 'om', strength: 'short-key' }),
      maxVersion: 'TLSv1.3' as const
    }
  ])('cannot make this client $name', async ({ pair, maxVersion }) => {
    const weak = { ciphers: 'ALL@SECLEVEL=0', minVersion: 'TLSv1' as const, maxVersion };
    await using there = await opsManager({ tls: { ...pair(), ...weak } });
    const variables = { NODE_OPTIONS: '--tls-min-v1.0 --tls-cipher-list=ALL@SECLEVEL=0' };
    const [said] = await read(
      { input: file('root.pem', between.certificate), variables },
      there.url
    );
    expect(said).toMatch(/^ApiError/);
  });
});

describe('the certificates in a text', () => {
  const forms: { name: string; form: (one: string, other: string) => string }[] = [
    { name: 'one after the other', form: (one, other) => `${one}\n${other}\n` },
    {
      name: 'with line ends of Windows',
      form: (...all) => all.join('\n').replaceAll('\n', '\r\n')
    },
    { name: 'glued', form: (one, other) => one + other },
    { name: 'glued, their dashes shared', form: (one, other) => one + other.replace(/^-----/, '') },
    {
      name: 'in one line each',
      form: (...all) => all.map((each) => each.replaceAll('\n', ' ')).join(' ')
    },
    { name: 'with escaped line breaks', form: (...all) => all.join('\n').replaceAll('\n', '\\n') },
    {
      name: 'with text around them',
      form: (one, other) => `CN=one\n${one}\nCN=other\n${other}\nend`
    },
    { name: 'with a key between them', form: (one, other) => `${one}${server.key}${other}` }
  ];
  it.each(forms)('are all found $name', ({ form }) => {
    const text = form(server.cert.trim(), root.certificate.trim());
    expect(certificatesIn(text).map((each) => each?.subject)).toEqual([
      'CN=ops-manager',
      'O=Example Corporation\nCN=Private Root'
    ]);
  });

  it('are named one by one where one cannot be read', () => {
    const broken = server.cert.replace(/\n[^\n]+\n/, '\n');
    const found = certificatesIn(broken + root.certificate);
    expect(found.map((each) => each !== undefined)).toEqual([false, true]);
  });

  it.each(['', 'no PEM', '-----BEGIN CERTIFICATE-----', '-----END CERTIFICATE-----', '-----BEGIN'])(
    'are none in %j',
    (text) => {
      expect(certificatesIn(text)).toEqual([]);
    }
  );

  it.each(['-----BEGIN CERTIFICATE-----', '-----', '-----BEGIN A', '\\r', 'A '])(
    'are looked for in time that grows with the text: %j',
    (piece) => {
      expect(certificatesIn(piece.repeat(1_000_000 / piece.length))).toEqual([]);
    }
  );
});

describe('the key in a text', () => {
  it.each<{ name: string; form: (key: string) => string }>([
    { name: 'as it is', form: (key) => key },
    { name: 'behind its certificate, glued', form: (key) => server.cert.trim() + key },
    { name: 'in one line', form: (key) => key.replaceAll('\n', ' ') },
    { name: 'with escaped line breaks', form: (key) => key.replaceAll('\n', '\\n') }
  ])('is found $name', ({ form }) => {
    const whole = createPrivateKey(server.key);
    expect(createPrivateKey(keyIn(form(server.key)) ?? '').equals(whole)).toBe(true);
  });

  it('keeps the headers of one that is encrypted in the old way', () => {
    const form = { type: 'sec1', format: 'pem', cipher: 'aes-128-cbc', passphrase: 'x' } as const;
    const key = createPrivateKey(server.key).export(form).toString();
    const found = keyIn(server.cert + key) ?? '';
    expect(createPrivateKey({ key: found, passphrase: 'x' }).type).toBe('private');
  });

  it('is none where there is only a certificate', () => {
    expect(keyIn(server.cert)).toBeUndefined();
  });
});

describe('trying out what is given for TLS', () => {
  const pair = ({ cert: certificate, key }: Pair, passphrase?: string) => ({
    clientCertificate: { certificate, key, passphrase }
  });

  it('finds nothing wrong with what a connection can use', () => {
    const visitor = root.issue({ commonName: 'visitor', passphrase: 'open sesame' });
    expect(checkTls({})).toBeUndefined();
    expect(
      checkTls({ caCertificate: root.certificate, ...pair(visitor, 'open sesame') })
    ).toBeUndefined();
  });

  it('names the part that OpenSSL refuses, with its code', () => {
    const weak = root.issue({ commonName: 'weak', strength: 'short-key' });
    const visitor = root.issue({ commonName: 'visitor', passphrase: 'open sesame' });
    expect(checkTls(pair(weak))).toMatchObject({
      part: 'certificate',
      code: 'ERR_SSL_EE_KEY_TOO_SMALL'
    });
    expect(checkTls(pair(visitor, 'wrong'))).toMatchObject({
      part: 'key',
      code: 'ERR_OSSL_BAD_DECRYPT'
    });
    expect(checkTls(pair(visitor))).toMatchObject({ part: 'key' });
    expect(checkTls(pair({ cert: server.cert, key: root.pair.key }))).toMatchObject({
      part: 'pair',
      code: 'ERR_OSSL_X509_KEY_VALUES_MISMATCH'
    });
  });
});

describe('the address of a proxy', () => {
  it.each([
    { address: 'http://proxy:3128', origin: 'http://proxy:3128', host: 'proxy:3128' },
    { address: 'http://proxy', origin: 'http://proxy', host: 'proxy:80' },
    { address: 'https://proxy', origin: 'https://proxy', host: 'proxy:443' },
    { address: 'http://proxy:3128/a/path', origin: 'http://proxy:3128', host: 'proxy:3128' },
    { address: 'http://[::1]:3128/', origin: 'http://[::1]:3128', host: '[::1]:3128' }
  ])('is taken without its path: $address', ({ address, origin, host }) => {
    expect(proxyAt(address)).toEqual({ origin, host, headers: {} });
  });

  it.each([
    { login: 'user:pass', is: 'user:pass' },
    { login: 'user', is: 'user:' },
    { login: 'us%40er:p%23%3Aw', is: 'us@er:p#:w' }
  ])('gives its login to the proxy: $login', ({ login, is }) => {
    const headers = { 'proxy-authorization': `Basic ${Buffer.from(is).toString('base64')}` };
    expect(proxyAt(`http://${login}@proxy`)).toMatchObject({ headers, host: 'proxy:80' });
  });

  it.each([
    'no address',
    'http://',
    'http://us%er@proxy',
    'socks5://proxy',
    'http://us:pa#ss@proxy'
  ])('is refused where nothing can be made of it: %s', (address) => {
    expect(() => proxyAt(address)).toThrow(/./);
  });
});
