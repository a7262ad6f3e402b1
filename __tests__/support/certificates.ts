import {
  createPrivateKey,
  createPublicKey,
  generateKeyPairSync,
  randomBytes,
  sign,
  X509Certificate,
  type KeyObject
} from 'node:crypto';
import {
  bits,
  bytes,
  explicit,
  date,
  number,
  oid,
  sequence,
  set,
  tagged,
  text,
  TRUE
} from './der.ts';

/** A certificate with its key, as PEM texts. */
export interface Pair {
  readonly cert: string;
  readonly key: string;
}

/** What a certificate is made from. */
interface CertificateOrder {
  /** As in `O=Example\nCN=om`. */
  readonly subject: string;
  /** Subject alternative names. */
  readonly names: readonly Name[];
  /** How long it is valid, from now on; negative for one that has expired. */
  readonly days: number;
  /** Who signs it; its own key when absent. */
  readonly issuer?: Pair;
  /** Encrypts the key. */
  readonly passphrase?: string;
  readonly strength?: Strength;
  /** Whether it may issue others. */
  readonly isAuthority: boolean;
}

/** What its key and its signature are worth; sound when left out. */
type Strength = 'short-key' | 'sha-1';

interface Name {
  readonly type: 'dns' | 'ip';
  readonly value: string;
}

interface CertificateRequest {
  readonly commonName: string;
  readonly names?: readonly Name[];
  readonly days?: number;
  readonly passphrase?: string;
  readonly strength?: Strength;
}

const HERE: readonly Name[] = [
  { type: 'ip', value: '127.0.0.1' },
  { type: 'dns', value: 'localhost' }
];
const DAY_MS = 24 * 60 * 60 * 1000;

/** A private authority. */
export class Authority {
  readonly pair: Pair;

  /** Its own, unless another authority stands above it. */
  constructor(name: string, above?: Authority) {
    const names: readonly Name[] = [{ type: 'dns', value: 'authority.invalid' }];
    const subject = `O=Example Corporation\nCN=${name}`;
    const issuer = above && { issuer: above.pair };
    this.pair = make({ subject, names, days: 2, isAuthority: true, ...issuer });
  }

  /** What users put into `ca-certificate`. */
  get certificate(): string {
    return this.pair.cert;
  }

  /** A certificate for this machine unless `names` says otherwise. */
  issue({ commonName, names = HERE, days = 2, ...rest }: CertificateRequest): Pair {
    const issuer = this.pair;
    return make({ subject: `CN=${commonName}`, names, days, issuer, isAuthority: false, ...rest });
  }
}

/** A certificate that its own key has signed. */
export function selfSigned({ commonName, names = HERE, days = 2 }: CertificateRequest): Pair {
  const subject = `O=Example Corporation\nCN=${commonName}`;
  return make({ subject, names, days, isAuthority: true });
}

/** Source: RFC 5280, section 4.1. */
function make(order: CertificateOrder): Pair {
  const { subject, issuer, days, strength, passphrase } = order;
  const key = newKey(strength);
  const signer = issuer ? createPrivateKey(issuer.key) : key;
  const hash = strength === 'sha-1' ? 'sha1' : 'sha256';
  const algorithm = algorithmOf(signer, hash);
  const now = Date.now();
  const body = sequence(
    explicit(0, number(2)),
    number(1, randomBytes(15)),
    algorithm,
    nameIn(issuer ? new X509Certificate(issuer.cert).subject : subject),
    // An expired one was valid for a day; the clock of a machine may be a little behind.
    sequence(date(now + Math.min(0, days - 1) * DAY_MS), date(now + days * DAY_MS)),
    nameIn(subject),
    createPublicKey(key).export({ type: 'spki', format: 'der' }),
    explicit(3, extensions(order))
  );
  const signed = sequence(body, algorithm, bits(sign(hash, body, signer)));
  return { cert: new X509Certificate(signed).toString(), key: pemOf(key, passphrase) };
}

function newKey(strength: Strength | undefined): KeyObject {
  return strength === 'short-key'
    ? generateKeyPairSync('rsa', { modulusLength: 1024 }).privateKey
    : generateKeyPairSync('ec', { namedCurve: 'P-256' }).privateKey;
}

function pemOf(key: KeyObject, passphrase: string | undefined): string {
  const form = { type: 'pkcs8', format: 'pem' } as const;
  const cipher = passphrase === undefined ? {} : { cipher: 'aes-256-cbc', passphrase };
  return key.export({ ...form, ...cipher }).toString();
}

/** Source: RFC 5758, section 3.2, and RFC 3279, section 2.2. */
function algorithmOf(signer: KeyObject, hash: 'sha1' | 'sha256'): Buffer {
  const isRsa = signer.asymmetricKeyType === 'rsa';
  if (isRsa) return sequence(oid(1, 2, 840, 113_549, 1, 1, hash === 'sha1' ? 5 : 11), tagged(5));
  return sequence(hash === 'sha1' ? oid(1, 2, 840, 10_045, 4, 1) : oid(1, 2, 840, 10_045, 4, 3, 2));
}

const ATTRIBUTES: Readonly<Record<string, Buffer>> = {
  CN: oid(2, 5, 4, 3),
  O: oid(2, 5, 4, 10)
};

/** A name as Node writes it, an attribute a line. */
function nameIn(lines: string): Buffer {
  const attributes = lines.split('\n').map((line) => {
    const [, type = '', value = ''] = /^(\w+)=(.*)$/.exec(line) ?? [];
    return set(sequence(ATTRIBUTES[type] ?? tagged(5), text(value)));
  });
  return sequence(...attributes);
}

function extensions({ names, isAuthority }: CertificateOrder): Buffer {
  const each = names.map(({ type, value }) =>
    type === 'dns'
      ? tagged(0x82, Buffer.from(value))
      : tagged(0x87, Buffer.from(value.split('.').map(Number)))
  );
  const ofNames = sequence(oid(2, 5, 29, 17), bytes(sequence(...each)));
  const ofAuthorities = sequence(oid(2, 5, 29, 19), TRUE, bytes(sequence(TRUE)));
  return sequence(ofNames, ...(isAuthority ? [ofAuthorities] : []));
}
