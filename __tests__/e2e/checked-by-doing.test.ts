import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { X509Certificate } from 'node:crypto';
import { afterAll, expect, it } from '@jest/globals';
import { Authority } from '../support/certificates.ts';
import { ForwardProxy } from '../support/forward-proxy.ts';
import { CREATE, OUTPUT_NAMES, Stage, type Scene } from '../support/stage.ts';

/** What the check of the inputs accepts, the libraries take; all of it without a bare stack. */

const folder = mkdtempSync(join(tmpdir(), 'checked-by-doing-'));
afterAll(() => {
  rmSync(folder, { recursive: true });
});

function file(name: string, content: string | Buffer): string {
  const path = join(folder, name);
  writeFileSync(path, content);
  return path;
}

function pipe(): string {
  const path = join(folder, 'pipe');
  execFileSync('mkfifo', [path]);
  return path;
}

const root = new Authority('Root');
const issuing = new Authority('Issuing', root);
const server = issuing.issue({ commonName: 'Ops Manager' });
const client = issuing.issue({ commonName: 'A runner' });
const weak = issuing.issue({ commonName: 'weak', strength: 'short-key' });
/** Asks for a client certificate, and sends its own alone, as many servers do. */
const TLS = { ...server, ca: root.certificate, requestCert: true, rejectUnauthorized: false };
const NESTED = `${'{"a":'.repeat(2_500)}1${'}'.repeat(2_500)}`;
const PROXY = 'http://proxy.example.com:3128';
const EXEMPT = { NO_PROXY: '127.0.0.1' };

interface Row extends Pick<Scene, 'inputs' | 'env' | 'tls'> {
  readonly name: string;
  /** What the message says of a step that is refused; one that is not passes. */
  readonly says?: RegExp;
}

const ROWS: readonly Row[] = [
  {
    name: 'a client certificate with a key of 1024 bits',
    tls: TLS,
    inputs: {
      'ca-certificate': root.certificate,
      'client-certificate': weak.cert,
      'client-key': weak.key
    },
    says: /client-certificate: its key is too weak/
  },
  {
    name: 'a client certificate and its chain, glued without a line break',
    tls: TLS,
    inputs: {
      'ca-certificate': issuing.certificate,
      'client-certificate': client.cert.trim() + issuing.certificate.trim(),
      'client-key': client.key
    }
  },
  {
    name: 'authorities that are glued without a line break, the issuing one last',
    tls: TLS,
    inputs: {
      'ca-certificate': new Authority('Another').certificate.trim() + issuing.certificate.trim()
    }
  },
  {
    name: 'the server’s own certificate as its authority',
    tls: TLS,
    inputs: { 'ca-certificate': server.cert }
  },
  {
    name: 'an authority in DER form',
    tls: TLS,
    inputs: {
      'ca-certificate': file('ca.der', new X509Certificate(root.certificate).raw)
    },
    says: /openssl x509 -inform DER/
  },
  {
    name: 'a client certificate as PKCS#12',
    tls: TLS,
    inputs: {
      'client-certificate': file('a.p12', Buffer.of(0x30, 0x05, 0x02, 0x01, 0x03, 0x05, 0x00)),
      'client-key': client.key
    },
    says: /openssl pkcs12/
  },
  {
    name: 'HTTP_PROXY with a path, where NO_PROXY exempts Ops Manager',
    env: { HTTP_PROXY: `${PROXY}/path`, ...EXEMPT }
  },
  {
    name: 'HTTP_PROXY with a #, where NO_PROXY exempts Ops Manager',
    env: { HTTP_PROXY: 'http://user:a#b@proxy.example.com:3128', ...EXEMPT }
  },
  {
    name: 'HTTP_PROXY with a #',
    env: { HTTP_PROXY: 'http://user:a#b@proxy.example.com:3128' },
    says: /HTTP_PROXY: .*%23/
  },
  { name: 'a proxy for the other scheme that is none', env: { HTTPS_PROXY: 'socks5://proxy#' } },
  {
    name: 'an import-request that nests 2,500 deep',
    inputs: { ...CREATE, 'import-request': NESTED },
    says: /import-request: /
  },
  {
    name: 'a device without an end',
    inputs: { 'ca-certificate': '/dev/zero' },
    says: /ca-certificate: .*a device or a pipe/
  },
  {
    name: 'a pipe into which nobody writes',
    inputs: { ...CREATE, 'import-request': pipe() },
    says: /import-request: .*a device or a pipe/
  }
];

it.concurrent.each(ROWS)(
  'what is checked is what is used: $name',
  async ({ says, inputs, ...row }) => {
    await using stage = await Stage.set({ ...row, inputs: { 'goal-state': 'PENDING', ...inputs } });
    const { code, outputs, raw, annotations } = await stage.run();
    expect(raw).not.toMatch(/^\s+at /m);
    expect(Object.keys(outputs).sort()).toEqual(OUTPUT_NAMES);
    expect(outputs['message']).toMatch(says ?? /reached PENDING/);
    expect({ code, outcome: outputs['outcome'] }).toEqual(
      says ? { code: 1, outcome: 'error' } : { code: 0, outcome: 'reached' }
    );
    if (!says) return;
    expect(stage.simulator.calls).toEqual([]);
    expect(annotations.filter(({ level }) => level === 'error')).toHaveLength(1);
  }
);

it.concurrent(
  'a proxy variable that is empty gives way to the one that is set, blanks around it or not',
  async () => {
    await using proxy = await ForwardProxy.start();
    const env = { http_proxy: '', HTTP_PROXY: ` ${proxy.url} ` };
    await using stage = await Stage.set({ env, inputs: { 'goal-state': 'PENDING' } });
    expect((await stage.run()).outputs['outcome']).toBe('reached');
    expect(proxy.requests.length).toBeGreaterThan(0);
  }
);
