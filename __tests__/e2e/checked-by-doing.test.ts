import { expect, it } from '@jest/globals';
import { Authority } from '../support/certificates.ts';
import { CREATE, OUTPUT_NAMES, Stage, type Scene } from '../support/stage.ts';

/** What the check of the inputs accepts, the libraries take; all of it without a bare stack. */

const root = new Authority('Root');
const issuing = new Authority('Issuing', root);
const server = issuing.issue({ commonName: 'Ops Manager' });
const client = issuing.issue({ commonName: 'A runner' });
const weak = issuing.issue({ commonName: 'weak', strength: 'short-key' });
/** Asks for a client certificate, and sends its own alone, as many servers do. */
const TLS = { ...server, ca: root.certificate, requestCert: true, rejectUnauthorized: false };

interface Row extends Pick<Scene, 'inputs' | 'env' | 'tls'> {
  readonly name: string;
  /** What the message says of a step that is refused; one that is not passes. */
  readonly says?: RegExp;
}

/** One of each sort: what else the check refuses and accepts, the tests of the inputs and of TLS say. */
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
    name: 'authorities, and a client certificate and its chain, glued without a line break, and a key of Windows',
    tls: TLS,
    inputs: {
      'ca-certificate': new Authority('Another').certificate.trim() + issuing.certificate.trim(),
      'client-certificate': client.cert.trim() + issuing.certificate.trim(),
      'client-key': client.key.replaceAll('\n', '\r\n')
    }
  },
  {
    name: 'proxies that no library takes, where they are not used',
    env: {
      HTTP_PROXY: 'http://user:a#b@proxy.example.com:3128/path',
      HTTPS_PROXY: 'socks5://proxy#',
      NO_PROXY: '127.0.0.1'
    }
  },
  {
    name: 'an import-request that nests 2,500 deep',
    inputs: { ...CREATE, 'import-request': `${'{"a":'.repeat(2_500)}1${'}'.repeat(2_500)}` },
    says: /import-request: /
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
