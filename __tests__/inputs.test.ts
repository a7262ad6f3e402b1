import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { parse } from 'yaml';
import { readInputs, type Inputs } from '../src/inputs.ts';
import { InputError } from '../src/inputs/form.ts';
import manifest from '../package.json' with { type: 'json' };
import { Authority } from './support/certificates.ts';
import { temporaryFolder } from './support/temporary-folder.ts';
import { ENOUGH, read, type Given } from './support/workflow.ts';

const HOUR = 3_600_000;
const RUN = {
  GITHUB_SERVER_URL: 'https://github.com',
  GITHUB_REPOSITORY: 'octo/imports',
  GITHUB_RUN_ID: '42'
};
const BODY = JSON.stringify({
  seedHostport: 'mongodb1.example.com:27017',
  requiredProcesses: ['mongodb1.example.com:27017'],
  username: 'admin',
  password: 'correct horse'
});

const ROOT = join(import.meta.dirname, '..');

const file = temporaryFolder();

function textOf(...path: readonly string[]): string {
  return readFileSync(join(ROOT, ...path), 'utf8');
}

describe('inputs that are left out', () => {
  it('have the defaults that the documentation names', () => {
    const { inputs } = read();
    // Strictly: what is undefined when it is left out has to be named here, too.
    expect(inputs).toStrictEqual({
      apiUrl: new URL('https://ops-manager.example.com:8443/api/public/v1.0'),
      projectId: ENOUGH['project-id'],
      target: { kind: 'discover' },
      credentials: { publicKey: 'ABCDEFGH', privateKey: ENOUGH['private-key'] },
      goal: 'SUCCESS',
      timeoutMs: HOUR,
      stallTimeoutMs: undefined,
      pollIntervalMs: 10_000,
      requestTimeoutMs: 30_000,
      maxOutageMs: HOUR / 6,
      cancelOnTimeout: true,
      cancelOnInterrupt: true,
      deleteFailed: false,
      connection: {
        caCertificate: undefined,
        clientCertificate: undefined,
        proxy: undefined
      },
      commitStatus: undefined,
      jobSummary: true,
      diagnose: true,
      userAgent: `await-ops-manager-import/${manifest.version}`,
      gitHub: {
        apiUrl: new URL('https://api.github.com'),
        proxy: undefined,
        runUrl: undefined,
        userAgent: `await-ops-manager-import/${manifest.version}`,
        secrets: [ENOUGH['private-key']]
      },
      projectUrl: `https://ops-manager.example.com:8443/v2/${ENOUGH['project-id'] ?? ''}`,
      secrets: [ENOUGH['private-key']],
      warnings: []
    });
  });

  it.each(Object.keys(ENOUGH))('are a problem when %s is one of them', (name) => {
    const { problems } = read({ [name]: ' ' });
    expect(problems).toHaveLength(1);
    expect(problems[0]).toMatch(new RegExp(`^${name}: it is required.*Check`));
  });
});

const ID = '68F5f0a0c2b3a41d2f6e7a01';

const CREATION = {
  kind: 'create' as const,
  ifInProgress: 'create' as const,
  body: BODY,
  requested: {
    seedHost: 'mongodb1.example.com:27017',
    processes: ['mongodb1.example.com:27017'],
    limitsSec: {}
  }
};

const GOOD: readonly { readonly given: Given; readonly want: Partial<Inputs> }[] = [
  { given: { 'project-id': ID }, want: { projectId: ID.toLowerCase() } },
  { given: { 'request-id': ID }, want: { target: { kind: 'given', id: ID.toLowerCase() } } },
  { given: { 'import-request': BODY }, want: { target: CREATION } },
  {
    given: { 'import-request': BODY, 'if-in-progress': 'Adopt' },
    want: { target: { ...CREATION, ifInProgress: 'adopt' } }
  },
  {
    given: { 'import-request': BODY, 'if-in-progress': 'fail', timeout: '5.001s' },
    want: { target: { ...CREATION, ifInProgress: 'fail' }, timeoutMs: 5_001 }
  },
  {
    given: { 'request-id': 'In-Progress', timeout: '30.001s', 'if-in-progress': 'fail' },
    want: { target: { kind: 'discover' } }
  },
  { given: { diagnose: 'false' }, want: { diagnose: false } },
  { given: { 'goal-state': 'await_Goal_State' }, want: { goal: 'AWAIT_GOAL_STATE' } },
  { given: { 'goal-state': 'PENDING' }, want: { goal: 'PENDING' } },
  { given: { timeout: '1h30m' }, want: { timeoutMs: 1.5 * HOUR } },
  { given: { timeout: '1h 30m' }, want: { timeoutMs: 1.5 * HOUR } },
  { given: { timeout: '2d' }, want: { timeoutMs: 48 * HOUR } },
  { given: { 'request-id': ID, timeout: '1s' }, want: { timeoutMs: 1000 } },
  { given: { timeout: '24d' }, want: { timeoutMs: 24 * 24 * HOUR } },
  { given: { 'stall-timeout': '45m' }, want: { stallTimeoutMs: 0.75 * HOUR } },
  { given: { 'poll-interval': '1s' }, want: { pollIntervalMs: 1000 } },
  { given: { 'poll-interval': '60s' }, want: { pollIntervalMs: 60_000, warnings: [] } },
  { given: { 'request-timeout': '0.5s' }, want: { requestTimeoutMs: 500 } },
  { given: { 'max-outage': '2h' }, want: { maxOutageMs: 2 * HOUR } },
  { given: { 'cancel-on-timeout': 'false' }, want: { cancelOnTimeout: false } },
  { given: { 'cancel-on-timeout': 'TRUE' }, want: { cancelOnTimeout: true } },
  { given: { 'cancel-on-interrupt': 'False' }, want: { cancelOnInterrupt: false } },
  { given: { 'delete-failed': 'true' }, want: { deleteFailed: true } },
  { given: { 'job-summary': 'false' }, want: { jobSummary: false } },
  {
    given: { 'commit-status': 'ops-manager/import', 'github-token': 'ghs_1' },
    want: { commitStatus: { context: 'ops-manager/import', token: 'ghs_1' } }
  }
];

describe('a good input', () => {
  it.each(GOOD)('is taken: $given', ({ given, want }) => {
    const { inputs, message } = read(given);
    expect(message).toBe('');
    expect(inputs).toMatchObject(want);
  });

  it('may be the path of a JSON file, passed through as it is', () => {
    const text = `\n${BODY}\n`;
    const { inputs } = read({ 'import-request': file('body.json', text) });
    expect(inputs?.target).toEqual({ ...CREATION, body: text });
  });
});

/** What is wrong, and what the message has to say of it: what was given, and what is expected. */
const WRONG: readonly { readonly name: string; readonly text: string; readonly says: RegExp }[] = [
  { name: 'base-url', text: 'ops-manager:', says: /must start with https:\/\// },
  { name: 'base-url', text: 'ops manager', says: /a blank.*such as https:\/\// },
  { name: 'project-id', text: 'my-project', says: /“my-project”.*24 hexadecimal/ },
  { name: 'request-id', text: '123', says: /“123”.*24 hexadecimal/ },
  { name: 'goal-state', text: 'SUCESS', says: /“SUCESS” is not a state.*PENDING, .*SUCCESS/ },
  { name: 'goal-state', text: 'FAILED', says: /“FAILED” is not a goal.*PENDING/ },
  { name: 'goal-state', text: 'cancelled', says: /“cancelled” is not a goal/ },
  { name: 'timeout', text: '1hour', says: /“1hour” is not a duration. Write 1h\./ },
  { name: 'timeout', text: '-5', says: /“-5” is not a duration/ },
  { name: 'timeout', text: '1e3', says: /“1e3” is not a duration/ },
  { name: 'timeout', text: '0', says: /“0” must be positive/ },
  { name: 'timeout', text: '25d', says: /at most 24d/ },
  { name: 'timeout', text: `${'9'.repeat(400)}d`, says: /at most 24d/ },
  { name: 'stall-timeout', text: '0s', says: /“0s” must be positive.*Leave it out/ },
  { name: 'poll-interval', text: '0.9s', says: /“0.9s” must be at least 1s/ },
  { name: 'request-timeout', text: 'soon', says: /“soon” is not a duration/ },
  { name: 'max-outage', text: '0', says: /must be positive/ },
  { name: 'cancel-on-timeout', text: 'yes', says: /“yes” is not true or false/ },
  { name: 'cancel-on-interrupt', text: '0', says: /“0” is not true or false/ },
  { name: 'delete-failed', text: 'on', says: /“on” is not true or false/ },
  { name: 'diagnose', text: 'maybe', says: /“maybe” is not true or false/ },
  { name: 'if-in-progress', text: 'wait', says: /“wait” is not one of create, adopt and fail/ },
  { name: 'public-key', text: 'ABCD\nEFGH', says: /has a line break.*anew/ },
  { name: 'public-key', text: 'ABCD\u200bEFGH', says: /has an invisible character.*anew/ },
  { name: 'public-key', text: 'ABCDЕFGH', says: /a character that no public key has/ },
  { name: 'private-key', text: '1111\r\n2222', says: /has a line break.*anew/ },
  { name: 'private-key', text: '1111\ufeff2222', says: /has an invisible character.*anew/ },
  { name: 'private-key', text: '1111\u00002222', says: /has an invisible character/ },
  { name: 'job-summary', text: 'tRUE', says: /“tRUE” is not true or false/ },
  { name: 'commit-status', text: 'a\nb', says: /plain name/ },
  { name: 'commit-status', text: 'x'.repeat(201), says: /at most 200 characters/ },
  { name: 'import-request', text: '[1]', says: /no object.*begins with \{/ },
  { name: 'import-request', text: 'body', says: /no file “body”.*no JSON text.*checked out/ },
  {
    name: 'ca-certificate',
    text: 'certs/none.pem',
    says: /no file “certs\/none.pem”.*no PEM text.*checked out/
  },
  { name: 'ca-certificate', text: '.', says: /“.” is a folder/ },
  { name: 'ca-certificate', text: 'MIIB\nAgIU', says: /neither PEM text, .*, nor the path/ }
];

/** Inputs whose values have pages of tests of their own in __tests__/inputs/. */
const TESTED_ELSEWHERE = ['client-certificate', 'client-key', 'client-key-passphrase'];

describe('every input', () => {
  it('is taken or refused in one of the tables here', () => {
    const tested = [
      ...GOOD.flatMap(({ given }) => Object.keys(given)),
      ...WRONG.map(({ name }) => name),
      ...TESTED_ELSEWHERE
    ];
    const action = parse(textOf('action.yml')) as { readonly inputs: object };
    expect(Object.keys(action.inputs).filter((name) => !tested.includes(name))).toEqual([]);
  });

  it('is used by someone, once it is read', () => {
    const users = readdirSync(join(ROOT, 'src'), { recursive: true, encoding: 'utf8' })
      .filter((name) => name.endsWith('.ts') && !/^inputs\b/.test(name))
      .map((name) => textOf('src', name))
      .join('\n');
    const names = Object.keys(read().inputs ?? {});
    expect(names.length).toBeGreaterThan(15);
    expect(names.filter((name) => !new RegExp(`\\b${name}\\b`).test(users))).toEqual([]);
  });
});

describe('a wrong input', () => {
  it.each(WRONG)('is named with its fix: $name $text', ({ name, text, says }) => {
    const { inputs, problems } = read({ [name]: text, 'github-token': 'ghs_1' });
    expect(inputs).toBeUndefined();
    expect(problems).toHaveLength(1);
    expect(problems[0]?.startsWith(`${name}: `)).toBe(true);
    expect(problems[0]).toMatch(says);
    expect(problems[0]).not.toContain('\n');
  });

  it('is one of seven that one error names', () => {
    const wrong = {
      'base-url': 'nowhere',
      'project-id': 'x',
      'private-key': '',
      'goal-state': 'DONE',
      timeout: '1hour',
      'cancel-on-timeout': 'maybe',
      'ca-certificate': 'none.pem'
    };
    const { problems, message } = read(wrong);
    expect(problems).toHaveLength(7);
    for (const name of Object.keys(wrong)) expect(message).toContain(`${name}: `);
  });

  it.each(['5s', '0.5s', '1s'])('may be a timeout of %s in which nothing is created', (timeout) => {
    expect(read({ 'import-request': BODY, timeout }).problems).toEqual([
      'timeout: with import-request it must be more than 5s.'
    ]);
  });

  it('may be a token that no header takes, but only where it is used', () => {
    const token = { 'github-token': 'ghs_1\u200b' };
    expect(read({ 'commit-status': 'gate', ...token }).problems).toEqual([
      expect.stringMatching(/^github-token: it has a blank or another character/)
    ]);
    expect(read(token).problems).toEqual([]);
  });

  it.each(['30s', '1s'])('may be a timeout of %s in which nothing is found', (timeout) => {
    expect(read({ 'request-id': 'in-progress', timeout }).problems).toEqual([
      'timeout: with request-id: in-progress it must be more than 30s.'
    ]);
  });

  it('may be two that do not go together', () => {
    expect(read({ 'request-id': ID, 'import-request': BODY }).problems).toEqual([
      expect.stringContaining('request-id: it is given together with import-request')
    ]);
  });

  it('may be that no import is named: what came out empty chooses none', () => {
    expect(read({ 'request-id': '' }).problems).toEqual([
      expect.stringMatching(/^request-id: neither it nor import-request is given.*in-progress/)
    ]);
  });

  it('may be a commit status without a token', () => {
    expect(read({ 'commit-status': 'gate' }).problems).toEqual([
      expect.stringContaining('github-token: it is needed for commit-status')
    ]);
  });
});

describe('where to say that inputs are wrong', () => {
  function reportingOf(given: Given) {
    try {
      readInputs({ get: (name) => given[name] ?? '', mask: () => undefined, env: RUN });
    } catch (error) {
      if (error instanceof InputError) return error.reporting;
      throw error;
    }
    throw new Error('Nothing is wrong with these inputs');
  }

  it.each<{ name: string; given: Given; want: object }>([
    {
      name: 'is as the inputs say',
      given: { 'commit-status': 'gate', 'github-token': 'ghs_1', 'job-summary': 'false' },
      want: { jobSummary: false, commitStatus: { context: 'gate', token: 'ghs_1' } }
    },
    {
      name: 'is no commit status without a token',
      given: { 'commit-status': 'gate', 'job-summary': 'maybe' },
      want: { jobSummary: true, commitStatus: undefined }
    },
    {
      name: 'is no commit status that nobody asks for',
      given: { 'github-token': 'ghs_1' },
      want: { jobSummary: true, commitStatus: undefined }
    }
  ])('$name', ({ given, want }) => {
    const runUrl = 'https://github.com/octo/imports/actions/runs/42';
    expect(reportingOf(given)).toMatchObject({ ...want, gitHub: { runUrl } });
  });
});

describe('a warning', () => {
  it.each([
    { given: { 'base-url': 'http://ops-manager:8080' }, says: /plain HTTP.*forged.*https/ },
    { given: { 'poll-interval': '61s' }, says: /poll-interval.*60 s.*two requests/ },
    {
      given: {},
      env: { NODE_TLS_REJECT_UNAUTHORIZED: '0' },
      says: /NODE_TLS_REJECT_UNAUTHORIZED=0 is not followed: certificates are checked/
    }
  ])('comes with $given $env', ({ given, says, env }) => {
    const { inputs } = read(given, env);
    expect(inputs?.warnings).toEqual([expect.stringMatching(says)]);
  });
});

describe('the run', () => {
  const env = RUN;

  it('is named in the user agent', () => {
    const { inputs } = read({}, env);
    expect(inputs?.gitHub.runUrl).toBe('https://github.com/octo/imports/actions/runs/42');
    expect(inputs?.userAgent).toBe(
      `await-ops-manager-import/${manifest.version} (+https://github.com/octo/imports/actions/runs/42)`
    );
  });

  it.each(Object.keys(env))('is not when %s is missing, or would break the header', (name) => {
    for (const value of ['', 'a\r\nX-Header: b']) {
      const { inputs } = read({}, { ...env, [name]: value });
      expect(inputs?.userAgent).toBe(`await-ops-manager-import/${manifest.version}`);
    }
  });
});

const UUID = '99999999-2222-3333-4444-555555555555';

describe('secrets', () => {
  const SECRETS = {
    'private-key': 'private-key-value',
    'client-key-passphrase': 'passphrase-value',
    'github-token': 'ghs_value'
  };
  const PROXY = { HTTPS_PROXY: 'http://user:proxy%40value@proxy:3128', http_proxy: 'u:other@p' };

  it('are masked even when every input is wrong', () => {
    const wrong = { 'base-url': '', 'project-id': '', timeout: '?', 'client-key': 'key-value' };
    const { masked, problems } = read({ ...wrong, ...SECRETS }, PROXY);
    expect(problems.length).toBeGreaterThan(3);
    expect(masked).toEqual(
      expect.arrayContaining([
        ...Object.values(SECRETS),
        ...['key-value', 'proxy%40value', 'proxy@value', 'other']
      ])
    );
  });

  it('are masked whole when a proxy has an @ in its password', () => {
    const { masked } = read({}, { https_proxy: 'http://user:p@ss@proxy:3128' });
    expect(masked).toContain('p@ss');
    expect(masked).not.toContain('p');
  });

  it('are masked also when the name before a proxy’s password has an @', () => {
    const { masked } = read({}, { https_proxy: 'http://user@corp.example:p@ss@proxy:3128' });
    expect(masked).toContain('p@ss');
  });

  it('are masked before anything that is no secret is read', () => {
    const events: string[] = [];
    const inputs: Given = { ...ENOUGH, ...SECRETS, 'request-id': ID };
    readInputs({
      get: (name) => {
        events.push(name);
        return inputs[name] ?? '';
      },
      mask: () => events.push('masked'),
      env: {}
    });
    // The public key may be a private one.
    const firstOther = events.findIndex(
      (name) => name in ENOUGH && !['private-key', 'public-key'].includes(name)
    );
    expect(events.slice(0, 2)).toEqual(['private-key', 'masked']);
    expect(events.slice(0, firstOther).filter((event) => event === 'masked')).toHaveLength(3);
  });

  it.each([
    {
      name: 'a private key in the place of the public one',
      given: { 'public-key': UUID },
      secret: UUID
    },
    {
      name: 'a password in the URL',
      given: { 'base-url': 'https://admin:p%40ss@ops-manager' },
      secret: 'p@ss'
    },
    {
      name: 'a key that is neither text nor a path',
      given: { 'client-key': 'MII+/w==' },
      secret: 'MII+/w=='
    }
  ])('are masked where they should not be: $name', ({ given, secret }) => {
    const { masked, message } = read(given);
    expect(masked).toContain(secret);
    expect(message).not.toBe('');
    expect(message).not.toContain(secret);
  });

  it('are none where a key is given by its path', () => {
    expect(read({ 'client-key': './certs/client.key' }).masked).toEqual([ENOUGH['private-key']]);
  });

  it('are never empty: an empty mask would hide everything', () => {
    const { masked } = read(
      { 'import-request': '{"password":""}' },
      { HTTPS_PROXY: 'http://u:@p' }
    );
    expect(masked).not.toContain('');
  });

  it('are masked in a create call, at any depth', () => {
    const body = {
      password: 'secret-1',
      ldap: { bindPassword: 'secret-2', users: [{ pwd: 'secret-3', name: 'open' }] },
      tls: { PEMKeyPassphrase: 'secret-4', privateKey: { pem: 'secret-5' } },
      token: ['secret-6']
    };
    const { masked, problems, message } = read({ 'import-request': JSON.stringify(body) });
    expect(masked).toEqual([
      ENOUGH['private-key'],
      ...[1, 2, 3, 4, 5, 6].map((count) => `secret-${count}`)
    ]);
    // It is wrong as well, and the error tells none of them.
    expect(problems).toHaveLength(1);
    expect(message).not.toContain('secret-');
  });

  it('are masked when the client key comes from a file and its certificate is missing', () => {
    const key = '-----BEGIN PRIVATE KEY-----\nkey-in-file\n-----END PRIVATE KEY-----\n';
    const { masked } = read({ 'client-key': file('client.key', key) });
    expect(masked).toContain(key);
  });

  it.each(['project-id', 'timeout', 'goal-state', 'if-in-progress'])(
    'are in no error as a piece either, where one is too long to be quoted in %s',
    (name) => {
      const token = `github_pat_${'Ab1'.repeat(28)}`;
      const { message } = read({
        'github-token': token,
        'private-key': 'two  words',
        [name]: `${token} two  words`
      });
      expect(message).toContain('“*** ***”');
      expect(message).not.toMatch(/Ab1|words/);
    }
  );

  it('are in no error, however wrong the inputs that hold them are', () => {
    const pem = new Authority('Example CA').issue({ commonName: 'client', passphrase: 'abcd' });
    const secret = 'hunter2hunter2';
    const wrongs: readonly Given[] = [
      { 'base-url': `https://user:${secret}@ops-manager` },
      { 'base-url': `https://user:${secret}@:99999` },
      { 'base-url': secret },
      { 'import-request': `{"password":"${secret}"` },
      { 'import-request': `{"password":"${secret}","timeouts":5}` },
      { 'import-request': `"${secret}"` },
      { 'client-key': secret, 'client-certificate': pem.cert },
      { 'client-key': `-----BEGIN ${secret}`, 'client-certificate': pem.cert },
      { 'client-key': `${secret}\n${secret}`, 'client-certificate': pem.cert },
      { 'client-key': pem.key, 'client-certificate': pem.cert, 'client-key-passphrase': secret },
      { 'ca-certificate': `-----BEGIN ${secret}` }
    ];
    for (const wrong of wrongs) {
      const { message } = read(wrong);
      expect(message).not.toBe('');
      expect(message).not.toContain(secret);
    }
    const { message } = read({}, { HTTPS_PROXY: `socks5://u:${secret}@p` });
    expect(message).toMatch(/^HTTPS_PROXY: /);
    expect(message).not.toContain(secret);
  });
});
