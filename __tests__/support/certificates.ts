import { execFileSync } from 'node:child_process';
import { join } from 'node:path';

/** A certificate with its key, as PEM texts. */
export interface Pair {
  readonly cert: string;
  readonly key: string;
}

/** What a certificate is made from. */
export interface CertificateOrder {
  /** As in `CN=om, O=Example`. */
  readonly subject: string;
  /** Subject alternative names. */
  readonly names: readonly Name[];
  /** How long it is valid, from now on; negative for one that has expired. */
  readonly days: number;
  /** Who signs it; its own key when absent. */
  readonly issuer?: Pair;
  /** Encrypts the key. */
  readonly passphrase?: string;
}

export interface Name {
  readonly type: 'dns' | 'ip';
  readonly value: string;
}

export interface CertificateRequest {
  readonly commonName: string;
  readonly names?: readonly Name[];
  readonly days?: number;
  readonly passphrase?: string;
}

const HERE: readonly Name[] = [
  { type: 'ip', value: '127.0.0.1' },
  { type: 'dns', value: 'localhost' }
];
const MAKER = join(import.meta.dirname, 'make-certificate.ts');

/** A private authority. */
export class Authority {
  readonly pair: Pair;

  constructor(name: string) {
    const names: readonly Name[] = [{ type: 'dns', value: 'authority.invalid' }];
    this.pair = selfSigned({ commonName: name, names });
  }

  /** What users put into `ca-certificate`. */
  get certificate(): string {
    return this.pair.cert;
  }

  /** A certificate for this machine unless `names` says otherwise. */
  issue({ commonName, names = HERE, days = 2, ...rest }: CertificateRequest): Pair {
    return make({ subject: `CN=${commonName}`, names, days, issuer: this.pair, ...rest });
  }
}

/** A certificate that its own key has signed. */
export function selfSigned({ commonName, names = HERE, days = 2 }: CertificateRequest): Pair {
  return make({ subject: `O=Example Corporation, CN=${commonName}`, names, days });
}

function make(order: CertificateOrder): Pair {
  const args = ['--no-warnings', MAKER, JSON.stringify(order)];
  return JSON.parse(execFileSync(process.execPath, args, { encoding: 'utf8' })) as Pair;
}
