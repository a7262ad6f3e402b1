import { join } from 'node:path';
import { MessageChannel, receiveMessageOnPort, Worker } from 'node:worker_threads';
import type { Order } from './certificate-maker.ts';

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
const MAKER = join(import.meta.dirname, 'certificate-maker.ts');
const MADE_WITHIN_MS = 20_000;

let maker: Worker | undefined;

/** A private authority. */
export class Authority {
  readonly pair: Pair;

  /** Its own, unless another authority stands above it. */
  constructor(name: string, above?: Authority) {
    const names: readonly Name[] = [{ type: 'dns', value: 'authority.invalid' }];
    const subject = `O=Example Corporation, CN=${name}`;
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
  const subject = `O=Example Corporation, CN=${commonName}`;
  return make({ subject, names, days, isAuthority: true });
}

function make(order: CertificateOrder): Pair {
  if (!maker) {
    maker = new Worker(MAKER, { execArgv: ['--no-warnings'] });
    maker.unref();
  }
  const { port1, port2 } = new MessageChannel();
  const isDone = new Int32Array(new SharedArrayBuffer(4));
  const message: Order = { order, answers: port2, isDone };
  maker.postMessage(message, [port2]);
  Atomics.wait(isDone, 0, 0, MADE_WITHIN_MS);
  const answer = receiveMessageOnPort(port1)?.message as
    { readonly pair?: Pair; readonly trouble?: string } | undefined;
  port1.close();
  if (!answer?.pair) throw new Error(`No certificate: ${answer?.trouble ?? 'no answer in time'}`);
  return answer.pair;
}
