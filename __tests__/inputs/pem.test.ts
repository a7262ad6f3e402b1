import { describe, expect, it } from '@jest/globals';
import { Authority, type Pair } from '../support/certificates.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';
import { read } from '../support/workflow.ts';

const PASSPHRASE = 'open sesame';
const authority = new Authority('Example CA');
const plain = authority.issue({ commonName: 'client' });
const other = authority.issue({ commonName: 'other' });
const encrypted = authority.issue({ commonName: 'client', passphrase: PASSPHRASE });

// PBE-MD5-DES, which OpenSSL 3 reads no more; for nothing but this test, passphrase “x”.
const KEY_IN_DES = `-----BEGIN ENCRYPTED PRIVATE KEY-----
MIGwMBsGCSqGSIb3DQEFAzAOBAik26IJJMVmEgICCAAEgZAAJOFmH9JxqzRnuMi9
85b2jY+G0bB1P6FDU8MCqnYcgFfQYVDMRpYMkxZKdzhW7kdFWj5InCP82UlPXjwY
dQlAtv/DrMA6hCcikiZ0GFd7WN+qa1kybWabsM8DVkMaCNc7aW2vYuFxqdgwX4vi
LHIDL/UWuqxIHbDrNENPNfuL4enEHCLDU2KZ39KAa4Dwiu0=
-----END ENCRYPTED PRIVATE KEY-----
`;

const file = temporaryFolder();

const asOnWindows = (pem: string): string => pem.replaceAll('\n', '\r\n');
const withoutLines = (pem: string): string => pem.replaceAll('\n', ' ');

function readPair({ cert, key }: Pair, passphrase = '') {
  return read({
    'client-certificate': cert,
    'client-key': key,
    'client-key-passphrase': passphrase
  });
}

/** Each as it begins, and no longer than it says. */
const BINARIES: Readonly<Record<string, Buffer>> = {
  certificate: derOf(plain.cert),
  key: derOf(plain.key),
  'PKCS#12': Buffer.of(0x30, 0x05, 0x02, 0x01, 0x03, 0x05, 0x00),
  'PKCS#7': Buffer.of(0x30, 0x81, 0x04, 0x06, 0x02, 0x2a, 0x03),
  'Java key store': Buffer.of(0xfe, 0xed, 0xfe, 0xed, 0x00, 0x00, 0x00, 0x02)
};

describe('the private authorities', () => {
  const pem = authority.certificate.trim();
  const second = new Authority('Second CA').certificate.trim();

  it.each([
    { name: 'text', text: pem },
    { name: 'text with the line ends of Windows', text: asOnWindows(pem) },
    { name: 'two of them', text: `${pem}\n${second}` },
    { name: 'two of them without a line break between', text: `${pem}${second}` },
    { name: 'without its line breaks', text: withoutLines(pem) },
    { name: 'with line breaks that are written out', text: pem.replaceAll('\n', '\\n') },
    { name: 'the server’s own', text: other.cert.trim() },
    { name: 'text with remarks', text: `# our own\n${pem}` }
  ])('may be $name', ({ text }) => {
    expect(read({ 'ca-certificate': text }).inputs?.connection.caCertificate).toBe(text);
  });

  it('may be the path of a file', () => {
    const path = file('ca.pem', asOnWindows(pem));
    expect(read({ 'ca-certificate': path }).inputs?.connection.caCertificate).toBe(
      asOnWindows(pem)
    );
  });

  it.each([
    {
      name: 'a key',
      text: plain.key,
      says: /^ca-certificate: there is a private key in it, and no certificate/
    },
    { name: 'cut', text: pem.slice(0, 200), says: /no whole certificate was found/ },
    {
      name: 'cut in the second of two',
      text: `${pem}\n${second.slice(0, 200)}`,
      says: /1 of 2 certificates in it have no line -----END/
    },
    {
      name: 'broken',
      text: pem.replace(/\n.{20}/, '\n'),
      says: /certificate 1 of 1 in it cannot be read/
    },
    {
      name: 'broken in the second of two',
      text: `${pem}\n${pem.replace(/\n.{20}/, '\n')}`,
      says: /certificate 2 of 2 in it cannot be read/
    },
    {
      name: 'broken in the second of two without a line break between',
      text: `${pem}${pem.replace(/\n.{20}/, '\n')}`,
      says: /certificate 2 of 2 in it cannot be read/
    },
    {
      name: 'a request',
      text: pem.replaceAll('CERTIFICATE', 'CERTIFICATE REQUEST'),
      says: /a request for a certificate/
    },
    {
      name: 'PKCS#7',
      text: pem.replaceAll('CERTIFICATE', 'PKCS7'),
      says: /PKCS#7.*openssl pkcs7 -print_certs/
    }
  ])('are wrong when they are $name', ({ text, says }) => {
    const { problems } = read({ 'ca-certificate': text });
    expect(problems).toHaveLength(1);
    expect(problems[0]).toMatch(says);
  });
});

describe('the client certificate', () => {
  it.each([
    { name: 'as text', pair: plain },
    { name: 'with the line ends of Windows', pair: mapped(plain, asOnWindows) },
    { name: 'without its line breaks', pair: mapped(plain, withoutLines) },
    { name: 'with its chain', pair: { ...plain, cert: plain.cert + authority.certificate } }
  ])('is taken with its key $name', ({ pair }) => {
    const { inputs, message } = readPair(pair);
    expect(message).toBe('');
    expect(inputs?.connection.clientCertificate).toEqual({
      certificate: pair.cert.trim(),
      key: pair.key.trim()
    });
  });

  it('is taken from files, and the key in its file is masked', () => {
    const pair = { cert: file('client.pem', plain.cert), key: file('client.key', plain.key) };
    const { inputs, masked } = readPair(pair);
    expect(inputs?.connection.clientCertificate).toEqual({
      certificate: plain.cert,
      key: plain.key
    });
    expect(masked).toContain(plain.key);
  });

  it('is taken with a key that its passphrase opens', () => {
    expect(readPair(encrypted, PASSPHRASE).inputs?.connection.clientCertificate).toMatchObject({
      passphrase: PASSPHRASE
    });
  });

  it.each([
    { name: 'the passphrase is missing', pair: encrypted, says: /Set client-key-passphrase/ },
    {
      name: 'the passphrase is wrong',
      pair: encrypted,
      passphrase: 'abracadabra',
      says: /^client-key-passphrase: it does not open client-key/
    },
    {
      name: 'the key is of another',
      pair: { cert: plain.cert, key: other.key },
      says: /^client-key: it does not belong to client-certificate/
    },
    {
      name: 'the certificate’s key is too weak for TLS',
      pair: authority.issue({ commonName: 'weak', strength: 'short-key' }),
      says: /^client-certificate: its key is too weak for TLS. Have a certificate issued/
    },
    {
      name: 'the chain begins with another certificate',
      pair: { cert: authority.certificate + plain.cert, key: plain.key },
      says: /^client-key: it does not belong .* the client’s own certificate first/
    },
    {
      name: 'the key’s encryption is too old for this Node',
      pair: { cert: plain.cert, key: KEY_IN_DES },
      passphrase: 'x',
      says: /^client-key: .* cannot read any more.*openssl pkcs8 -topk8 -v2 aes256 -provider legacy/
    },
    {
      name: 'the key’s encryption is too old, and its passphrase missing',
      pair: { cert: plain.cert, key: KEY_IN_DES },
      says: /^client-key: .* cannot read any more/
    },
    {
      name: 'the key is one of OpenSSH',
      pair: { cert: plain.cert, key: plain.key.replaceAll('PRIVATE', 'OPENSSH PRIVATE') },
      says: /^client-key: .*ssh-keygen -p -m PEM/
    },
    {
      name: 'the key is cut',
      pair: { cert: plain.cert, key: plain.key.slice(0, 100) },
      says: /^client-key: no whole private key was found/
    },
    {
      name: 'the key is public',
      pair: { cert: plain.cert, key: plain.key.replaceAll('PRIVATE', 'PUBLIC') },
      says: /^client-key: it is a public key/
    },
    {
      name: 'the key is a certificate',
      pair: { cert: plain.cert, key: plain.cert },
      says: /^client-key: there is a certificate in it, and no private key/
    }
  ])('is wrong when $name', ({ pair, passphrase, says }) => {
    const { problems } = readPair(pair, passphrase);
    expect(problems).toHaveLength(1);
    expect(problems[0]).toMatch(says);
  });

  it('is wrong twice when the two are swapped', () => {
    expect(readPair({ cert: plain.key, key: plain.cert }).problems).toEqual([
      'client-certificate: there is a private key in it, and no certificate. Are certificate and key swapped?',
      'client-key: there is a certificate in it, and no private key. Are certificate and key swapped?'
    ]);
  });

  it('may stand in one text with its key, which is masked and has to be given twice', () => {
    const both = `${plain.cert}${plain.key}`;
    expect(readPair({ cert: both, key: both }).message).toBe('');
    const { problems, masked } = read({ 'client-certificate': both });
    expect(problems).toEqual([
      'client-key: it is missing, but client-certificate holds a key, too. Give the same here.'
    ]);
    expect(masked.map((secret) => secret.trim())).toContain(plain.key.trim());
  });

  it.each(
    [
      { name: 'certificate', is: 'in DER form', says: /x509 -inform DER -in FILE/ },
      { name: 'key', is: 'in DER form', says: /pkey -inform DER -in FILE/ },
      { name: 'PKCS#12', is: 'PKCS#12', says: /pkcs12 -in FILE -nokeys .* -nocerts/ },
      { name: 'PKCS#7', is: 'PKCS#7', says: /pkcs7 -inform DER -print_certs/ },
      { name: 'Java key store', is: 'a Java key store', says: /keytool -importkeystore/ }
    ].flatMap((row) =>
      ['ca-certificate', 'client-certificate', 'client-key'].map((input) => ({ ...row, input }))
    )
  )('may be no $name in a file of another form in $input', ({ name, is, says, input }) => {
    const path = file('other.form', BINARIES[name] ?? Buffer.of());
    const [problem] = read({ [input]: path }).problems;
    expect(problem?.startsWith(`${input}: its file “`)).toBe(true);
    expect(problem).toContain(`other.form” is ${is}`);
    expect(problem).toMatch(says);
  });

  it.each([
    { name: 'key', given: { 'client-certificate': plain.cert } },
    { name: 'certificate', given: { 'client-key': plain.key } }
  ])('is wrong without its $name', ({ name, given }) => {
    expect(read(given).problems).toEqual([
      expect.stringMatching(
        new RegExp(
          `^client-${name}: it is missing beside client-.*\\. Give both of them or neither\\.$`
        )
      )
    ]);
  });
});

function derOf(pem: string): Buffer {
  return Buffer.from(pem.replaceAll(/-----[^-]+-----/g, ''), 'base64');
}

function mapped({ cert, key }: Pair, change: (pem: string) => string): Pair {
  return { cert: change(cert), key: change(key) };
}
