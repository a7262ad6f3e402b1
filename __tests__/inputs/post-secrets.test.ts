import { describe, expect, it } from '@jest/globals';
import { readPostSecrets, readUnsavedInputs } from '../../src/inputs.ts';
import { Authority } from '../support/certificates.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';
import { ENOUGH, type Given } from '../support/workflow.ts';

const API = new URL('https://ops-manager.example.com:8443/api/public/v1.0');
const KEYS = { publicKey: 'ABCDEFGH', privateKey: ENOUGH['private-key'] };
const file = temporaryFolder();

function readWith(given: Given, env: Given = {}) {
  const masked: string[] = [];
  const get = (name: string): string => (given[name] ?? '').trim();
  return { ...readPostSecrets({ get, mask: (secret) => masked.push(secret), env }, API), masked };
}

describe('a post step', () => {
  it('takes from its inputs what must not be saved', () => {
    const pem = new Authority('Private Root').certificate.trim();
    const secrets = readWith(
      { ...ENOUGH, 'ca-certificate': pem, 'github-token': 'ghs_1' },
      { HTTPS_PROXY: 'http://user:word@proxy:1' }
    );
    expect(secrets).toMatchObject({
      credentials: KEYS,
      connection: { caCertificate: pem, proxy: { origin: 'http://proxy:1' } },
      token: 'ghs_1'
    });
    expect(secrets.gitHub.secrets).toEqual([ENOUGH['private-key'], 'ghs_1', 'user:word', 'word']);
    expect(secrets.masked).toEqual(secrets.gitHub.secrets);
  });

  it('asks for nothing that main has decided', () => {
    const asked = new Set<string>();
    const get = (name: string): string => {
      asked.add(name);
      return ENOUGH[name] ?? '';
    };
    readPostSecrets({ get, mask: () => undefined, env: {} }, API);
    // The first only to mask what stands in it.
    expect([...asked].sort()).toEqual(
      [
        ...['base-url', 'ca-certificate', 'client-certificate', 'client-key'],
        ...['client-key-passphrase', 'github-token', 'import-request', 'private-key', 'public-key']
      ].sort()
    );
  });

  it.each<{ name: string; given: Given; want: object }>([
    { name: 'no inputs at all', given: {}, want: { credentials: undefined, token: undefined } },
    {
      name: 'nothing but the keys',
      given: { 'public-key': 'ABCDEFGH', 'private-key': ENOUGH['private-key'] ?? '' },
      want: { credentials: KEYS }
    },
    {
      name: 'one key of the two',
      given: { 'private-key': 'x', 'github-token': 'ghs_1' },
      want: { credentials: undefined, token: 'ghs_1' }
    },
    {
      name: 'two keys that are one',
      given: { 'public-key': 'x', 'private-key': 'x' },
      want: { credentials: undefined }
    },
    {
      name: 'a body whose file is gone',
      given: { ...ENOUGH, 'import-request': 'gone.json' },
      want: { credentials: KEYS }
    },
    {
      name: 'authorities whose file is gone',
      given: { ...ENOUGH, 'ca-certificate': 'gone.pem' },
      want: { credentials: KEYS, connection: { caCertificate: undefined } }
    },
    {
      name: 'a client certificate whose file is gone',
      given: { ...ENOUGH, 'client-certificate': 'gone.pem', 'client-key': 'gone.key' },
      want: { credentials: KEYS, connection: { clientCertificate: undefined } }
    },
    {
      name: 'half a client certificate',
      given: { ...ENOUGH, 'client-certificate': 'gone.pem' },
      want: { credentials: KEYS, connection: { clientCertificate: undefined } }
    },
    {
      name: 'a token that no header takes',
      given: { ...ENOUGH, 'github-token': 'ghs\n1' },
      want: { credentials: KEYS, token: undefined }
    }
  ])('may be handed $name', ({ given, want }) => {
    expect(readWith(given)).toMatchObject(want);
  });

  it('does not mind a proxy that is none', () => {
    const { connection } = readWith(ENOUGH, { HTTPS_PROXY: 'socks5://proxy' });
    expect(connection.proxy).toBeUndefined();
  });

  it('does not take a client certificate and a key that do not belong together', () => {
    const authority = new Authority('Private Root');
    const [one, other] = ['one', 'other'].map((commonName) => authority.issue({ commonName }));
    const given = { 'client-certificate': one?.cert ?? '', 'client-key': other?.key ?? '' };
    expect(readWith({ ...ENOUGH, ...given }).connection.clientCertificate).toBeUndefined();
  });

  it.each([
    { name: 'that is right', text: '{"ldap":{"password":"secret-1"},"pin-token":31415926}' },
    { name: 'that is cut', text: '{"ldap":{"password":"secret-1"},"pin-token":31415926,' }
  ])('masks what is secret in a body $name, and in files', ({ text }) => {
    const key = '-----BEGIN PRIVATE KEY-----\nkey-in-file\n-----END PRIVATE KEY-----\n';
    const { gitHub } = readWith({
      'import-request': file('body.json', text),
      'client-key': file('client.key', key)
    });
    expect(gitHub.secrets).toEqual(expect.arrayContaining(['secret-1', '31415926', key]));
  });
});

describe('a post step to which nothing came of main', () => {
  const SURE = {
    ...ENOUGH,
    'request-id': '507f1f77bcf86cd799439011',
    'cancel-on-timeout': 'true',
    'cancel-on-interrupt': 'True'
  };

  it.each<{ name: string; given?: Given; env?: Given; want: boolean }>([
    { name: 'all is right, and both policies say cancel', want: true },
    { name: 'a policy is empty', given: { 'cancel-on-interrupt': '' }, want: false },
    { name: 'the other one is empty', given: { 'cancel-on-timeout': '' }, want: false },
    { name: 'a policy says no', given: { 'cancel-on-timeout': 'false' }, want: false },
    { name: 'a policy is none', given: { 'cancel-on-timeout': 'yes' }, want: false },
    { name: 'what it does not need is wrong', given: { 'poll-interval': 'often' }, want: false },
    { name: 'the goal is none', given: { 'goal-state': 'DONE' }, want: false },
    { name: 'a file is gone', given: { 'ca-certificate': '/gone/by/now.pem' }, want: false },
    { name: 'it is in a composite action', env: { GITHUB_ACTION_PATH: '/a' }, want: false }
  ])('is sure of its inputs where $name: $want; the import is looked at', (row) => {
    const given: Given = { ...SURE, ...row.given };
    const get = (name: string): string => given[name] ?? '';
    const { env = {} } = row;
    const inputs = readUnsavedInputs({ get, mask: () => undefined, env });
    expect(inputs).toMatchObject({
      areSure: row.want,
      target: { kind: 'given', id: SURE['request-id'] },
      goal: 'SUCCESS',
      credentials: KEYS
    });
  });
});
