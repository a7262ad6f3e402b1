import { constants, X509Certificate } from 'node:crypto';
import { createSecureContext, getCACertificates, type SecureContext } from 'node:tls';
import { Client } from 'undici';

/**
 * How a server is reached. What inputs say of it is tried out while they are read, by `checkTls` and
 * `proxyAt`: what they take, a connection takes.
 */
export interface ConnectionSettings extends TlsMaterial {
  /** The one in between. */
  readonly proxy?: Proxy | undefined;
}

/** PEM texts for Ops Manager's client certificate mode. */
export interface ClientCertificate {
  /** The client's own first, then those between it and its authority. */
  readonly certificate: string;
  readonly key: string;
  readonly passphrase?: string | undefined;
}

/** What a TLS connection is made with. */
interface TlsMaterial {
  /** PEM, in addition to the public authorities. */
  readonly caCertificate?: string | undefined;
  readonly clientCertificate?: ClientCertificate | undefined;
}

/** A proxy's address, taken apart. */
export interface Proxy {
  /** Without a path, which means nothing here. */
  readonly origin: string;
  /** `host:port`, without credentials. */
  readonly host: string;
  /** Its login, if it has one. */
  readonly headers: Readonly<Record<string, string>>;
}

/** What the URL of a proxy says. @throws Error where it is none that undici takes */
export function proxyAt(url: string): Proxy {
  const { protocol, hostname, host, port, username, password } = new URL(url);
  const login = `${decodeURIComponent(username)}:${decodeURIComponent(password)}`;
  const origin = `${protocol}//${host}`;
  void new Client(origin).close();
  return {
    origin,
    host: `${hostname}:${port || (protocol === 'https:' ? '443' : '80')}`,
    headers:
      login === ':'
        ? {}
        : { 'proxy-authorization': `Basic ${Buffer.from(login).toString('base64')}` }
  };
}

/** What OpenSSL does not take, and why in its own words. */
export interface TlsRefusal {
  /** `pair`: certificate and key are taken alone, and not together. */
  readonly part: 'authority' | 'certificate' | 'key' | 'pair';
  /** Node's or OpenSSL's, such as `ERR_SSL_EE_KEY_TOO_SMALL`; empty if there is none. */
  readonly code: string;
  readonly message: string;
}

/** Loads `material` as a connection does; undefined when OpenSSL takes all of it. */
export function checkTls(material: TlsMaterial): TlsRefusal | undefined {
  const { caCertificate, clientCertificate } = material;
  const { certificate = '', key = '', passphrase } = clientCertificate ?? {};
  const parts = [
    ['authority', { ca: readableIn(caCertificate ?? '') }],
    ['certificate', { cert: chainIn(certificate) }],
    ['key', { key: keyIn(key), passphrase }],
    ['pair', { cert: chainIn(certificate), key: keyIn(key), passphrase }]
  ] as const;
  for (const [part, options] of parts) {
    try {
      createSecureContext({ ...FLOOR, ...options });
    } catch (error) {
      const { code = '', message } = error as Error & { readonly code?: string };
      return { part, code, message };
    }
  }
  return undefined;
}

// Said aloud, because NODE_OPTIONS could lower each of them.
const FLOOR = { minVersion: 'TLSv1.2', ciphers: constants.defaultCoreCipherList } as const;

/** Whom a TLS connection trusts, and who it says it is. @throws what `checkTls` would tell */
export function secureContextOf(material: TlsMaterial): SecureContext {
  const { caCertificate, clientCertificate } = material;
  return createSecureContext({
    ...FLOOR,
    // A given certificate is trusted as it is, also an intermediate's or the server's own.
    allowPartialTrustChain: true,
    ...(caCertificate === undefined ? {} : { ca: authoritiesBeside(caCertificate) }),
    ...(clientCertificate && {
      cert: chainIn(clientCertificate.certificate),
      key: keyIn(clientCertificate.key),
      passphrase: clientCertificate.passphrase
    })
  });
}

/** `ca` replaces whom Node trusts by itself, and those of NODE_EXTRA_CA_CERTS: they are named again. */
export function authoritiesBeside(caCertificate: string): string[] {
  const own = getCACertificates('default');
  // With --use-openssl-ca Node trusts the machine's, and does not list them.
  const [bundled = ''] = getCACertificates('bundled');
  const machine = own.includes(bundled) ? [] : getCACertificates('system');
  return [...own, ...machine, ...readableIn(caCertificate)];
}

/**
 * Each certificate of a PEM text, however its blocks are glued and its lines are broken, in one
 * pass; undefined for a block that cannot be read.
 */
export function certificatesIn(pem: string): readonly (X509Certificate | undefined)[] {
  return blocksIn(pem)
    .filter(({ label }) => /^(?:TRUSTED |X509 )?CERTIFICATE$/.test(label))
    .map(({ body }) => {
      try {
        return new X509Certificate(Buffer.from(body.replace(/\s+/g, ''), 'base64'));
      } catch {
        return undefined;
      }
    });
}

function readableIn(pem: string): string[] {
  return certificatesIn(pem).flatMap((each) => each?.toString() ?? []);
}

function chainIn(pem: string): string | undefined {
  return readableIn(pem).join('') || undefined;
}

/** The first private key of a PEM text as OpenSSL reads it; undefined if there is none. */
export function keyIn(pem: string): string | undefined {
  const block = blocksIn(pem).find(({ label }) => label.endsWith('PRIVATE KEY'));
  if (!block) return undefined;
  const { label, body } = block;
  // A text in one line is Base64 alone; headers of an encrypted key have lines of their own.
  const lines = body.includes('\n') ? body : (body.match(/\S{1,64}/g) ?? []).join('\n');
  return `-----BEGIN ${label}-----\n${lines.trim()}\n-----END ${label}-----\n`;
}

interface Block {
  readonly label: string;
  readonly body: string;
}

/** The blocks of a PEM text; line breaks that a variable has escaped are line breaks. RFC 7468. */
function blocksIn(pem: string): readonly Block[] {
  // Kind, label and what follows, again and again, behind what stands before the first.
  const parts = pem
    .replace(/(?:\\r)?\\n|\r\n/g, '\n')
    .split(/-----(BEGIN|END) ([A-Z\d ]{1,40})(?=-----)/);
  const blocks: Block[] = [];
  for (let index = 1; index + 3 < parts.length; index += 3) {
    const [kind, label = '', rest = '', nextKind, nextLabel] = parts.slice(index, index + 5);
    if (kind === 'BEGIN' && nextKind === 'END' && nextLabel === label) {
      blocks.push({ label, body: rest.slice('-----'.length) });
    }
  }
  return blocks;
}
