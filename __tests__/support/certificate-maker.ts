import 'reflect-metadata';
import { createPrivateKey, webcrypto } from 'node:crypto';
import { parentPort, type MessagePort } from 'node:worker_threads';
import {
  BasicConstraintsExtension,
  cryptoProvider,
  PemConverter,
  SubjectAlternativeNameExtension,
  X509Certificate,
  X509CertificateGenerator
} from '@peculiar/x509';
import type { CertificateOrder, Pair } from './certificates.ts';

/**
 * A thread that makes a certificate for each order, because tests want theirs without waiting and
 * the library is asynchronous.
 */
export interface Order {
  readonly order: CertificateOrder;
  /** Where the pair, or why there is none, is sent. */
  readonly answers: MessagePort;
  /** Set and notified when the answer is there. */
  readonly isDone: Int32Array;
}

const DAY_MS = 24 * 60 * 60 * 1000;
const ALGORITHM = { name: 'ECDSA', namedCurve: 'P-256', hash: 'SHA-256' };
const RSA = { name: 'RSASSA-PKCS1-v1_5', publicExponent: new Uint8Array([1, 0, 1]) };
const SHORT_KEY = { ...RSA, modulusLength: 1024, hash: 'SHA-256' };

cryptoProvider.set(webcrypto);
parentPort?.on('message', ({ order, answers, isDone }: Order) => {
  void make(order)
    .then(
      (pair) => ({ pair }),
      (error: unknown) => ({ trouble: String(error) })
    )
    .then((answer) => {
      answers.postMessage(answer);
      Atomics.store(isDone, 0, 1);
      Atomics.notify(isDone, 0);
    });
});

async function make(order: CertificateOrder): Promise<Pair> {
  const { issuer, strength } = order;
  const algorithm = strength === 'short-key' ? SHORT_KEY : ALGORITHM;
  const keys = await webcrypto.subtle.generateKey(algorithm, true, ['sign', 'verify']);
  const now = Date.now();
  const certificate = await X509CertificateGenerator.create({
    subject: order.subject,
    issuer: issuer ? new X509Certificate(issuer.cert).subject : order.subject,
    // An expired one was valid for a day; the clock of a machine may be a little behind.
    notBefore: new Date(now + Math.min(0, order.days - 1) * DAY_MS),
    notAfter: new Date(now + order.days * DAY_MS),
    publicKey: keys.publicKey,
    signingKey: issuer ? await importKey(issuer.key) : keys.privateKey,
    signingAlgorithm: {
      ...(issuer ? ALGORITHM : algorithm),
      ...(strength === 'sha-1' && { hash: 'SHA-1' })
    },
    extensions: [
      new SubjectAlternativeNameExtension([...order.names]),
      ...(order.isAuthority ? [new BasicConstraintsExtension(true, undefined, true)] : [])
    ]
  });
  const pkcs8 = await webcrypto.subtle.exportKey('pkcs8', keys.privateKey);
  const key = PemConverter.encode(pkcs8, 'PRIVATE KEY');
  return { cert: certificate.toString('pem'), key: encrypted(key, order.passphrase) };
}

async function importKey(pem: string): Promise<webcrypto.CryptoKey> {
  const [pkcs8] = PemConverter.decode(pem);
  if (!pkcs8) throw new Error('The issuer has no key');
  return webcrypto.subtle.importKey('pkcs8', pkcs8, ALGORITHM, false, ['sign']);
}

function encrypted(key: string, passphrase: string | undefined): string {
  if (passphrase === undefined) return key;
  const form = { type: 'pkcs8', format: 'pem', cipher: 'aes-256-cbc', passphrase } as const;
  return createPrivateKey(key).export(form).toString();
}
