import { describe, expect, it } from '@jest/globals';
import { Authority, type Pair } from '../support/certificates.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';
import { read } from '../support/workflow.ts';

const PASSPHRASE = 'open sesame';
const authority = new Authority('Example CA');
const plain = authority.issue({ commonName: 'client' });
const other = authority.issue({ commonName: 'other' });
const encrypted = authority.issue({ commonName: 'client', passphrase: PASSPHRASE });

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

describe('the private authorities', () => {
  const pem = authority.certificate.trim();

  it.each([
    { name: 'text', text: pem },
    { name: 'text with the line ends of Windows', text: asOnWindows(pem) },
    { name: 'two of them', text: `${pem}\n${new Authority('Second CA').certificate}`.trim() },
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
    { name: 'a key', text: plain.key, says: /^ca-certificate: no certificate was found/ },
    { name: 'cut', text: pem.slice(0, 200), says: /no certificate was found/ },
    {
      name: 'broken',
      text: pem.replace(/\n.{20}/, '\n'),
      says: /certificate 1 of 1 cannot be read/
    },
    {
      name: 'broken in the second of two',
      text: `${pem}\n${pem.replace(/\n.{20}/, '\n')}`,
      says: /certificate 2 of 2 cannot be read/
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
      says: /client-key-passphrase does not open client-key/
    },
    {
      name: 'the key is of another',
      pair: { cert: plain.cert, key: other.key },
      says: /client-key does not belong to client-certificate/
    },
    {
      name: 'the two are swapped',
      pair: { cert: plain.key, key: plain.cert },
      says: /no certificate was found/
    },
    {
      name: 'the key is a certificate',
      pair: { cert: plain.cert, key: plain.cert },
      says: /client-key is not a private key in PEM form/
    },
    {
      name: 'the key has lost its lines',
      pair: { cert: plain.cert, key: withoutLines(plain.key) },
      says: /client-key is not a private key in PEM form.*line breaks/
    }
  ])('is wrong when $name', ({ pair, passphrase, says }) => {
    const { problems } = readPair(pair, passphrase);
    expect(problems).toHaveLength(1);
    expect(problems[0]).toMatch(says);
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

function mapped({ cert, key }: Pair, change: (pem: string) => string): Pair {
  return { cert: change(cert), key: change(key) };
}
