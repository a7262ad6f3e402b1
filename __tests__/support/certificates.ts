import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** A certificate with its key, as PEM texts. */
export interface Pair {
  readonly cert: string;
  readonly key: string;
}

export interface CertificateRequest {
  readonly commonName: string;
  /** Subject alternative names as OpenSSL writes them. */
  readonly names?: string;
  /** How long it is valid, from now on; negative for one that has expired. */
  readonly days?: number;
  /** Encrypts the key. */
  readonly passphrase?: string;
}

const HERE = 'IP:127.0.0.1,DNS:localhost';
const NEW_KEY = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1'];

/** A private authority, made by the `openssl` that every runner has. */
export class Authority {
  readonly pair: Pair;

  constructor(name: string) {
    this.pair = selfSigned({ commonName: name, names: 'DNS:authority.invalid' });
  }

  /** What users put into `ca-certificate`. */
  get certificate(): string {
    return this.pair.cert;
  }

  /** A certificate for this machine unless `names` says otherwise. */
  issue({ commonName, names = HERE, days = 2, passphrase }: CertificateRequest): Pair {
    return inFolder((openssl, file) => {
      writeFileSync(file('ca.pem'), this.pair.cert);
      writeFileSync(file('ca.key'), this.pair.key);
      writeFileSync(file('extensions'), `subjectAltName=${names}\n`);
      const secret = passphrase === undefined ? ['-nodes'] : ['-passout', `pass:${passphrase}`];
      openssl(
        ...['req', '-new', ...NEW_KEY, ...secret, '-config', file('config')],
        ...['-subj', `/CN=${commonName}`, '-keyout', file('key'), '-out', file('request')]
      );
      openssl(
        ...[
          'x509',
          '-req',
          '-in',
          file('request'),
          '-CA',
          file('ca.pem'),
          '-CAkey',
          file('ca.key')
        ],
        ...['-CAcreateserial', '-extfile', file('extensions'), '-days', String(days)],
        ...['-out', file('cert')]
      );
      return { cert: read(file('cert')), key: read(file('key')) };
    });
  }
}

/** A certificate that its own key has signed. */
export function selfSigned({ commonName, names = HERE }: CertificateRequest): Pair {
  return inFolder((openssl, file) => {
    openssl(
      ...['req', '-x509', ...NEW_KEY, '-nodes', '-config', file('config'), '-days', '2'],
      ...['-subj', `/O=Example Corporation/CN=${commonName}`],
      ...['-addext', `subjectAltName=${names}`, '-addext', 'basicConstraints=critical,CA:TRUE'],
      ...['-keyout', file('key'), '-out', file('cert')]
    );
    return { cert: read(file('cert')), key: read(file('key')) };
  });
}

function inFolder<T>(
  make: (openssl: (...args: string[]) => void, file: (name: string) => string) => T
): T {
  const folder = mkdtempSync(join(tmpdir(), 'certificates-'));
  const file = (name: string): string => join(folder, name);
  // Its own configuration, because the one of the system may be missing or add extensions.
  writeFileSync(file('config'), '[req]\ndistinguished_name=name\n[name]\n');
  try {
    return make((...args) => execFileSync('openssl', args, { stdio: 'pipe' }), file);
  } finally {
    rmSync(folder, { recursive: true });
  }
}

function read(path: string): string {
  return readFileSync(path, 'utf8');
}
