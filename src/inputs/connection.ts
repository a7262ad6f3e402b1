import type { X509Certificate } from 'node:crypto';
import { domainToASCII } from 'node:url';
import { readPem } from './files.ts';
import { type Form, InputProblem } from './form.ts';
import {
  certificatesIn,
  checkTls,
  type ClientCertificate,
  type ConnectionSettings,
  keyIn,
  type Proxy,
  proxyAt,
  type TlsRefusal
} from '../http/settings.ts';

/** How Ops Manager at `url` is reached: authorities, client certificate, proxy. */
export function readConnection(form: Form, url: URL | undefined): ConnectionSettings {
  return {
    caCertificate: readAuthorities(form),
    clientCertificate: readClientPair(form),
    proxy: readProxy(form, url)
  };
}

/** The one for `url`: as curl does, HTTP_PROXY for http:// alone. One that is not used may be wrong. */
export function readProxy(form: Form, url: URL | undefined): Proxy | undefined {
  const { env } = form.source;
  if (!url || isExempt(url, variable(env, 'NO_PROXY').text)) return undefined;
  const { name, text } = variable(env, url.protocol === 'https:' ? 'HTTPS_PROXY' : 'HTTP_PROXY');
  return text === '' ? undefined : form.check(name, () => parseProxy(text), text);
}

/** The one that is set of a variable's two names, curl's lower case first; an empty one is not set. */
function variable(env: Form['source']['env'], general: string) {
  const name = (env[general.toLowerCase()] ?? '').trim() === '' ? general : general.toLowerCase();
  return { name, text: (env[name] ?? '').trim() };
}

/**
 * Whether `NO_PROXY` names a URL's host: itself, a domain above it (`example.com`, `.example.com`;
 * `*.example.com` for those below alone), or `*` for all; for one port where one is given.
 */
function isExempt({ protocol, hostname, port }: URL, noProxy: string): boolean {
  const host = plainName(hostname);
  const own = port || (protocol === 'https:' ? '443' : '80');
  return noProxy.split(/[\s,]+/).some((entry) => {
    // The colons of an IPv6 address are none before a port.
    const [, name = entry, ofPort = own] = /^(\[.*\]|[^:]*):(\d+)$/.exec(entry) ?? [];
    const domain = plainName(name).replace(/^\*?\./, '');
    if (domain === '' || ofPort !== own) return false;
    if (domain === '*' || host.endsWith(`.${domain}`)) return true;
    return host === domain && !name.startsWith('*');
  });
}

/** As a URL has it, in lower case, without the brackets of an IPv6 address or the last dot of a name. */
function plainName(name: string): string {
  const ascii = /[^ -~]/.test(name) ? domainToASCII(name) : name;
  return ascii
    .toLowerCase()
    .replace(/^\[|\]$/g, '')
    .replace(/\.$/, '');
}

/** A proxy's URL; one with an @ may hold a password, and is not repeated. @throws InputProblem */
function parseProxy(text: string): Proxy {
  if (/[#?]/.test(text)) {
    throw new InputProblem(
      'the proxy’s URL has a “#” or “?” in it. In a user name or a password write # as %23 and ? as %3F.'
    );
  }
  // As curl does: a proxy without a scheme is an HTTP proxy.
  const url = text.includes('://') ? text : `http://${text}`;
  if (!URL.canParse(url) || !/^https?:\/\//i.test(url)) {
    throw new InputProblem((given) =>
      text.includes('@')
        ? 'it is not the URL of an HTTP proxy. Write it as http://user:password@proxy.example.com:3128, and in user and password / as %2F and @ as %40.'
        : `${given} is not the URL of an HTTP proxy. Write it as http://proxy.example.com:3128.`
    );
  }
  const { username, password } = new URL(url);
  if (!isPercentEncoded(username) || !isPercentEncoded(password)) {
    throw new InputProblem(
      'the proxy’s URL has a user name or a password with a “%” that encodes nothing. Write % as %25 there.'
    );
  }
  try {
    return proxyAt(url);
  } catch {
    throw new InputProblem(
      'the proxy’s URL cannot be used. Write it as http://proxy.example.com:3128.'
    );
  }
}

function isPercentEncoded(text: string): boolean {
  try {
    decodeURIComponent(text);
    return true;
  } catch {
    return false;
  }
}

/** Private authorities, all of them readable, that OpenSSL takes. */
function readAuthorities(form: Form): string | undefined {
  return form.optional('ca-certificate', (text) => {
    const pem = readPem(text);
    form.source.mask(keyIn(pem) ?? '');
    parseCertificates(pem);
    const refusal = checkTls({ caCertificate: pem });
    if (refusal) throw new InputProblem(tooWeak(refusal) ?? notTaken(refusal));
    return pem;
  });
}

/** A client certificate and its key, which belong together. */
function readClientPair(form: Form): ClientCertificate | undefined {
  const { get, mask } = form.source;
  const [hasCertificate, hasKey] = [get('client-certificate') !== '', get('client-key') !== ''];
  const certificate = form.optional('client-certificate', (text) => {
    const pem = readPem(text);
    // Many keep the two in one file.
    mask(keyIn(pem) ?? '');
    parseCertificates(pem);
    return pem;
  });
  const key = form.optional('client-key', (text) => {
    const pem = readPem(text);
    mask(pem);
    if (keyIn(pem) === undefined) throw new InputProblem(noKey(pem));
    return pem;
  });
  if (hasCertificate !== hasKey) {
    const [missing, other] = hasKey
      ? ['client-certificate', 'client-key']
      : ['client-key', 'client-certificate'];
    const isThere = keyIn(certificate ?? '') !== undefined;
    form.problem(
      missing,
      isThere
        ? `it is missing, but ${other} holds a key, too. Give the same here.`
        : `it is missing beside ${other}. Give both of them or neither.`
    );
  }
  if (certificate === undefined || key === undefined) return undefined;
  const passphrase = get('client-key-passphrase');
  const pair = { certificate, key, ...(passphrase === '' ? {} : { passphrase }) };
  const refusal = checkTls({ clientCertificate: pair });
  if (!refusal) return pair;
  form.problem(...problemOf(refusal, passphrase));
  return undefined;
}

/** @throws InputProblem when there is no certificate in a text, or one that cannot be read */
function parseCertificates(pem: string): readonly X509Certificate[] {
  const found = certificatesIn(pem);
  const begun = pem.split(/-----BEGIN (?:TRUSTED |X509 )?CERTIFICATE-----/).length - 1;
  if (found.length === 0) throw new InputProblem(noCertificate(pem));
  if (found.length < begun) {
    throw new InputProblem(
      `${begun - found.length} of ${begun} certificates in it have no line -----END CERTIFICATE-----. Give it whole.`
    );
  }
  const broken = found.indexOf(undefined);
  if (broken < 0) return found.filter((each) => each !== undefined);
  throw new InputProblem(
    `certificate ${broken + 1} of ${found.length} in it cannot be read. Check that none of its lines is missing or changed.`
  );
}

function noCertificate(pem: string): string {
  if (pem.includes('PRIVATE KEY-----')) {
    return 'there is a private key in it, and no certificate. Are certificate and key swapped?';
  }
  if (pem.includes('CERTIFICATE REQUEST-----')) {
    return 'it is a request for a certificate. Give the certificate that the authority issued for it.';
  }
  if (pem.includes('BEGIN PKCS7-----')) {
    return 'it is PKCS#7. Take the certificates out: openssl pkcs7 -print_certs -in FILE -out cert.pem';
  }
  return 'no whole certificate was found in it. Give PEM text from -----BEGIN CERTIFICATE----- to -----END CERTIFICATE-----, or the path of such a file.';
}

function noKey(pem: string): string {
  if (pem.includes('PUBLIC KEY-----')) {
    return 'it is a public key. Give the private one that belongs to client-certificate.';
  }
  if (pem.includes('CERTIFICATE-----')) {
    return 'there is a certificate in it, and no private key. Are certificate and key swapped?';
  }
  return 'no whole private key was found in it. Give PEM text from -----BEGIN PRIVATE KEY----- (or RSA, EC or ENCRYPTED PRIVATE KEY) to the END line, or the path of such a file.';
}

/** The input that is wrong, and how. */
function problemOf(refusal: TlsRefusal, passphrase: string): [input: string, told: string] {
  const { part, code } = refusal;
  if (part === 'pair') {
    return [
      'client-key',
      'it does not belong to client-certificate. Give the pair that was issued together, and in client-certificate the client’s own certificate first.'
    ];
  }
  if (part !== 'key') return ['client-certificate', tooWeak(refusal) ?? notTaken(refusal)];
  // Before the passphrase is asked for: none would help.
  if (/EVP_UNSUPPORTED|UNSUPPORTED_(?:ALGORITHM|ENCRYPTION|PRF)|UNKNOWN_CIPHER/.test(code)) {
    return [
      'client-key',
      'it is encrypted in a way that this Node cannot read any more. Encrypt it anew: openssl pkcs8 -topk8 -v2 aes256 -provider legacy -provider default -in client.key -out new.key'
    ];
  }
  if (/BAD_DECRYPT|BAD_PASSWORD|MISSING_PASSPHRASE|INTERRUPTED|PASSWORD/.test(code)) {
    return passphrase === ''
      ? ['client-key', 'it is encrypted. Set client-key-passphrase.']
      : ['client-key-passphrase', 'it does not open client-key. Check the passphrase.'];
  }
  return ['client-key', tooWeak(refusal) ?? unreadableKey(refusal)];
}

function tooWeak({ code }: TlsRefusal): string | undefined {
  if (/KEY_TOO_SMALL|TOO_SMALL/.test(code)) {
    return 'its key is too weak for TLS. Have a certificate issued for an RSA key of 2048 bits or more, or one on the curve P-256.';
  }
  if (code.includes('MD_TOO_WEAK')) {
    return 'it is signed with a hash that is too weak for TLS. Have it issued anew, with SHA-256.';
  }
  return undefined;
}

function unreadableKey(refusal: TlsRefusal): string {
  return refusal.code === 'ERR_OSSL_UNSUPPORTED'
    ? 'it is in a form that OpenSSL does not read. Convert a key of OpenSSH: ssh-keygen -p -m PEM -f client.key'
    : `it cannot be read. Check that none of its lines is missing or changed. ${notTaken(refusal)}`;
}

function notTaken({ message }: TlsRefusal): string {
  return `OpenSSL says: ${message.replace(/^error:[\dA-F]+:/, '')}.`;
}
