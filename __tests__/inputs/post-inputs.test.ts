import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { parse } from 'yaml';
import { readPostInputs, type PostInputs } from '../../src/inputs.ts';
import { InputError } from '../../src/inputs/problem.ts';
import { Authority } from '../support/certificates.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';
import { ENOUGH, type Given } from '../support/workflow.ts';

const ID = '68f5f0a0c2b3a41d2f6e7a01';
const ACTION = join(import.meta.dirname, '..', '..', 'action.yml');
const file = temporaryFolder();

const ONLY_FOR_WAITING = [
  'timeout',
  'stall-timeout',
  'max-outage',
  'if-in-progress',
  'diagnose',
  'delete-failed'
];

function readWith(given: Given, env: Given = {}) {
  const all: Given = { ...ENOUGH, ...given };
  const masked: string[] = [];
  const inputs = (): PostInputs =>
    readPostInputs({
      get: (name) => (all[name] ?? '').trim(),
      mask: (secret) => masked.push(secret),
      env
    });
  return { inputs, masked };
}

describe('a post step', () => {
  it('has the inputs of its main step', () => {
    const pem = new Authority('Private Root').certificate.trim();
    const given = {
      'request-id': ID,
      'goal-state': 'AWAIT_GOAL_STATE',
      'cancel-on-interrupt': 'false',
      'request-timeout': '5s',
      'poll-interval': '2s',
      'ca-certificate': pem,
      'commit-status': 'gate',
      'github-token': 'ghs_1',
      'job-summary': 'false'
    };
    expect(readWith(given).inputs()).toMatchObject({
      apiUrl: new URL('https://ops-manager.example.com:8443/api/public/v1.0'),
      projectId: ENOUGH['project-id'],
      target: { kind: 'given', id: ID },
      goal: 'AWAIT_GOAL_STATE',
      cancelOnTimeout: true,
      cancelOnInterrupt: false,
      requestTimeoutMs: 5_000,
      pollIntervalMs: 2_000,
      connection: { caCertificate: pem },
      commitStatus: { context: 'gate', token: 'ghs_1' },
      jobSummary: false,
      secrets: [ENOUGH['private-key'], 'ghs_1']
    });
  });

  it('reads each input but those that are only for waiting', () => {
    const asked = new Set<string>();
    const get = (name: string): string => {
      asked.add(name);
      return ENOUGH[name] ?? '';
    };
    readPostInputs({ get, mask: () => undefined, env: {} });
    const action = parse(readFileSync(ACTION, 'utf8')) as { readonly inputs: object };
    expect([...asked, ...ONLY_FOR_WAITING].sort()).toEqual(Object.keys(action.inputs).sort());
  });

  it.each<{ name: string; given: Given; want: object }>([
    {
      name: 'a body whose file is gone',
      given: { 'import-request': 'gone.json' },
      want: { target: { kind: 'create' } }
    },
    {
      name: 'a body that is no longer right',
      given: { 'import-request': '{"password":"secret-1"}' },
      want: { target: { kind: 'create' } }
    },
    {
      name: 'authorities whose file is gone',
      given: { 'ca-certificate': 'gone.pem' },
      want: { connection: { caCertificate: undefined } }
    },
    {
      name: 'a client certificate whose file is gone',
      given: { 'client-certificate': 'gone.pem', 'client-key': 'gone.key' },
      want: { connection: { clientCertificate: undefined } }
    },
    {
      name: 'half a client certificate',
      given: { 'client-certificate': 'gone.pem' },
      want: { connection: { clientCertificate: undefined } }
    },
    {
      name: 'what is only for waiting',
      given: Object.fromEntries(ONLY_FOR_WAITING.map((name) => [name, 'x'])),
      want: { target: { kind: 'discover' } }
    },
    {
      name: 'durations that are none',
      given: { 'request-timeout': 'x', 'poll-interval': 'y' },
      want: { requestTimeoutMs: 30_000, pollIntervalMs: 10_000 }
    },
    {
      name: 'a commit status without a token',
      given: { 'commit-status': 'gate' },
      want: { commitStatus: undefined }
    },
    {
      name: 'a summary that is neither on nor off',
      given: { 'job-summary': 'x' },
      want: { jobSummary: true }
    }
  ])('does not mind $name', ({ given, want }) => {
    expect(readWith(given).inputs()).toMatchObject(want);
  });

  it('does not take a client certificate and a key that do not belong together', () => {
    const authority = new Authority('Private Root');
    const [one, other] = ['one', 'other'].map((commonName) => authority.issue({ commonName }));
    const given = { 'client-certificate': one?.cert ?? '', 'client-key': other?.key ?? '' };
    expect(readWith(given).inputs().connection.clientCertificate).toBeUndefined();
  });

  it('masks what is secret as far as it can be read', () => {
    const key = '-----BEGIN PRIVATE KEY-----\nkey-in-file\n-----END PRIVATE KEY-----\n';
    const body = '{"ldap":{"password":"secret-1"},"pin-token":31415926}';
    const { inputs, masked } = readWith(
      { 'import-request': file('body.json', body), 'client-key': file('client.key', key) },
      { HTTPS_PROXY: 'http://user:word@proxy:1' }
    );
    const { secrets } = inputs();
    for (const secret of [ENOUGH['private-key'], 'secret-1', '31415926', key, 'word']) {
      expect(masked).toContain(secret);
      expect(secrets).toContain(secret);
    }
  });

  it.each<{ name: string; given: Given; problem: RegExp }>([
    { name: 'a URL', given: { 'base-url': '' }, problem: /^base-url: it is required/ },
    { name: 'a project', given: { 'project-id': 'x' }, problem: /^project-id: / },
    { name: 'a key', given: { 'private-key': '' }, problem: /^private-key: / },
    { name: 'an id that is one', given: { 'request-id': 'x' }, problem: /^request-id: / },
    { name: 'a goal', given: { 'goal-state': 'x' }, problem: /^goal-state: / },
    { name: 'a policy', given: { 'cancel-on-interrupt': 'x' }, problem: /^cancel-on-interrupt: / }
  ])('is stopped without $name', ({ given, problem }) => {
    const { inputs } = readWith(given);
    expect(inputs).toThrow(InputError);
    expect(inputs).toThrow(problem.source.replace('^', ''));
  });
});
