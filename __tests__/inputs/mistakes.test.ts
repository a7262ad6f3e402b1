import { describe, expect, it } from '@jest/globals';
import { temporaryFolder } from '../support/temporary-folder.ts';
import { read, type Given } from '../support/workflow.ts';

/**
 * Mistakes as somebody makes them who uses this action for the first time, and the whole of what is
 * said then: what was given (never a secret), what is expected, how to mend it.
 */
type Mistakes = readonly (readonly [given: Given, says: readonly string[], env?: Given])[];

const OM = 'https://ops-manager.example.com:8443';
const PROJECT = '5e66185d917b220fbd8bb4d1';
const IMPORT = '68f5c0d1e2a3b4c5d6e7f801';
const KEY = '11111111-2222-3333-4444-555555555555';
const HOSTS = '"seedHostport": "db1:27017", "requiredProcesses": ["db1:27017"]';
const STATES =
  'PENDING, AWAIT_SEED_HOST_CONNECTED, AWAIT_HOSTS_DISCOVERED, AWAIT_AUTOMATION_IMPORTED, AWAIT_GOAL_STATE, SUCCESS';
const EXAMPLE = `Expected Ops Manager’s URL, such as ${OM}.`;
const HOST_PORT = 'it must be host:port, such as mongodb1.example.com:27017.';
const IN_QUOTES =
  'A secret in it is written as ${{ toJSON(secrets.NAME) }}, without quotes around it.';
const IN_WORKSPACE =
  'Paths are relative to the workspace: is the repository checked out, and the file in it?';
const FORK =
  'This run is for a pull request from a fork, which gets no secrets: skip this step with if: github.event.pull_request.head.repo.full_name == github.repository, and run it after the merge.';

const file = temporaryFolder();

function bodyOf(json: string): Given {
  return { 'import-request': json };
}

function runOf(event: object): Given {
  return {
    GITHUB_EVENT_NAME: 'pull_request',
    GITHUB_REPOSITORY: 'octo/imports',
    GITHUB_EVENT_PATH: file('event.json', JSON.stringify(event))
  };
}

const OF_FORK = { pull_request: { head: { repo: { full_name: 'someone/imports' } } } };

const WHERE: Mistakes = [
  [
    { 'base-url': 'ops-manager.example.com:8443' },
    [
      'base-url: “ops-manager.example.com:8443” must start with https:// or http://. Write https:// before it.'
    ]
  ],
  [
    { 'base-url': 'joe:hunter2x@om.example.com:8443' },
    [
      'base-url: it must start with https:// or http://, and must not hold a user name or a password. Give the key as public-key and private-key.'
    ]
  ],
  [
    { 'base-url': 'ftp://joe:hunter2x@om.example.com' },
    [
      'base-url: it must start with https:// or http://, and must not hold a user name or a password. Give the key as public-key and private-key.'
    ]
  ],
  [
    { 'project-id': KEY, 'private-key': PROJECT },
    [
      'project-id: it has the form of a private key. Are two inputs swapped? Copy it from the address of the project’s page in Ops Manager, where it stands behind /v2/.'
    ]
  ],
  [
    { 'request-id': `“${KEY}”` },
    [
      'request-id: ““***”” is not 24 hexadecimal characters. The step that created the import has it as its output request-id. For the project’s one import in progress write in-progress.'
    ]
  ],
  [
    { timeout: 'ghs_16C7e42F292c6912E7710c838347Ae178B4a' },
    ['timeout: “***” is not a duration. Write it as 90s, 45m, 1h30m or 2d.']
  ],
  [
    bodyOf('{"seedHostport": "joe:hunter2x@db1", "requiredProcesses": ["joe:hunter2x@db2"]}'),
    [
      `import-request: seedHostport is “***@db1”: ${HOST_PORT} requiredProcesses[0] is “***@db2”: ${HOST_PORT}`
    ]
  ],
  [
    { 'base-url': 'https:/ops-manager' },
    [`base-url: it must start with https:// or http://. ${EXAMPLE}`]
  ],
  [
    { 'base-url': 'https://ops manager.example.com' },
    [`base-url: it has a blank or an invisible character in it. ${EXAMPLE}`]
  ],
  [
    { 'base-url': 'https://ops-manager.example.com:84433' },
    [`base-url: it is not a URL: check its host and port. ${EXAMPLE}`]
  ],
  [
    { 'base-url': `${OM}/v2/${PROJECT}#/deployment/topology` },
    [`base-url: it is the address of a page in the browser. Give what stands before /v2: ${OM}`]
  ],
  [
    { 'base-url': `${OM}/user#/ops/groups` },
    [`base-url: it is the address of a page in the browser. Give Ops Manager’s own: ${OM}`]
  ],
  [
    { 'base-url': `${OM}/api/public/v1.0/groups/${PROJECT}` },
    [
      `base-url: “${OM}/api/public/v1.0/groups/${PROJECT}” is the address of a call. Give what stands before /api: ${OM}`
    ]
  ],
  [
    { 'base-url': 'https://admin:pw@ops-manager.example.com' },
    [
      'base-url: it must not hold a user name or a password. Give the key as public-key and private-key.'
    ]
  ],
  [
    { 'base-url': `${OM}/?pretty=true` },
    [
      `base-url: “${OM}/?pretty=true” has a query or a fragment (“?” or “#”). Leave it out. ${EXAMPLE}`
    ]
  ],
  [
    { 'base-url': `${OM}/(production)` },
    [`base-url: “${OM}/(production)” has one of ( ) [ ] < > | * ! \` \\ in its path. ${EXAMPLE}`]
  ],
  [
    { 'project-id': 'My Project' },
    [
      'project-id: “My Project” is not 24 hexadecimal characters. Copy it from the address of the project’s page in Ops Manager, where it stands behind /v2/.'
    ]
  ],
  [
    { 'project-id': `${OM}/v2/${PROJECT}#/deployment` },
    [
      `project-id: “${OM}/v2/${PROJECT}#/deployment” is not 24 hexadecimal characters. Give this part of it alone: ${PROJECT}`
    ]
  ],
  [
    { 'project-id': `"${PROJECT}"` },
    [
      `project-id: “"${PROJECT}"” is not 24 hexadecimal characters. Give this part of it alone: ${PROJECT}`
    ]
  ],
  [
    { 'private-key': '' },
    ['private-key: it is required. Check that the secret or variable behind it is set.']
  ],
  [
    { 'public-key': KEY },
    [
      'public-key: it has the form of a private key, and would be sent in the clear. Are the two keys swapped? A public key is one short word.'
    ]
  ],
  [
    { 'public-key': KEY, 'private-key': 'ABCDEFGH' },
    [
      'public-key: it has the form of a private key, and would be sent in the clear. Are the two keys swapped? A public key is one short word.'
    ]
  ],
  [
    { 'public-key': 'mykey', 'private-key': 'mykey' },
    [
      'public-key: it is the same as private-key, and would be sent in the clear. Give the public key, which is one short word.'
    ]
  ],
  [
    { 'private-key': '1111\n2222' },
    ['private-key: it has a line break. Set the secret or variable behind it anew.']
  ],
  [
    { 'public-key': 'abcd\u200befgh' },
    ['public-key: it has an invisible character. Set the secret or variable behind it anew.']
  ],
  [
    { 'ca-certificate': 'certs/ca.pem' },
    [
      `ca-certificate: there is no file “certs/ca.pem”, and it is no PEM text, which starts with -----BEGIN. ${IN_WORKSPACE}`
    ]
  ],
  [
    { 'ca-certificate': '$HOME/ca.pem' },
    [
      'ca-certificate: there is no file “$HOME/ca.pem”, and it is no PEM text, which starts with -----BEGIN. Neither ~ nor a shell’s variables are replaced in inputs: write ${{ github.workspace }} or the whole path.'
    ]
  ],
  [
    { 'ca-certificate': 'LS0tLS1CRUdJTiBDRVJUSUZJQ0FURS0tLS0tCk1JSUMr' },
    ['ca-certificate: it is PEM text in Base64. Give the text itself: base64 -d decodes it.']
  ],
  [
    { 'client-key-passphrase': 'open sesame', 'client-key': 'certs/client.key' },
    [
      `client-key: there is no file “certs/client.key”, and it is no PEM text, which starts with -----BEGIN. ${IN_WORKSPACE}`,
      'client-certificate: it is missing beside client-key. Give both of them or neither.'
    ]
  ],
  [
    {},
    [
      'HTTPS_PROXY: “socks5://proxy:1080” is not the URL of an HTTP proxy. Write it as http://proxy.example.com:3128.'
    ],
    { HTTPS_PROXY: 'socks5://proxy:1080' }
  ],
  [
    {},
    [
      'https_proxy: the proxy’s URL has a “#” or “?” in it. In a user name or a password write # as %23 and ? as %3F.'
    ],
    { https_proxy: 'http://user:pa#ss@proxy:3128' }
  ],
  [
    {},
    [
      'HTTPS_PROXY: it is not the URL of an HTTP proxy. Write it as http://user:password@proxy.example.com:3128, and in user and password / as %2F and @ as %40.'
    ],
    { HTTPS_PROXY: 'http://user:pa/ss@proxy:3128' }
  ]
];

const WHICH: Mistakes = [
  [
    { 'request-id': '' },
    [
      'request-id: neither it nor import-request is given. Check the expression behind it: a misspelt step id gives an empty text. Give an import’s id, or in-progress for the project’s one import in progress; or import-request, to create one.'
    ]
  ],
  [
    { 'request-id': 'latest' },
    [
      'request-id: “latest” is not 24 hexadecimal characters. The step that created the import has it as its output request-id. For the project’s one import in progress write in-progress.'
    ]
  ],
  [
    { 'request-id': `${OM}/api/public/v1.0/automation/importDeployment/${PROJECT}/${IMPORT}` },
    [
      `request-id: “${OM}/api/public/v1.0/automation/importDeployment/${PROJECT}/${IMPORT}” is not 24 hexadecimal characters. Give this part of it alone: ${IMPORT}`
    ]
  ],
  [
    { 'project-id': `${OM}/api/public/v1.0/automation/importDeployment/${PROJECT}/${IMPORT}` },
    [
      `project-id: “${OM}/api/public/v1.0/automation/importDeployment/${PROJECT}/${IMPORT}” is not 24 hexadecimal characters. Give this part of it alone: ${PROJECT}`
    ]
  ],
  [
    { 'request-id': `\u200b${IMPORT}` },
    [`request-id: “${IMPORT}” has an invisible character. Give this part of it alone: ${IMPORT}`]
  ],
  [
    { 'request-id': `[{"id":"${PROJECT}"}]` },
    [
      `request-id: “[{"id":"${PROJECT}"}]” is not 24 hexadecimal characters. Give this part of it alone: ${PROJECT}`
    ]
  ],
  [
    { 'request-id': PROJECT, 'import-request': `{${HOSTS}}` },
    [
      'request-id: it is given together with import-request. Give one of them: the import to wait for, or the one to create.'
    ]
  ],
  [{ 'if-in-progress': 'wait' }, ['if-in-progress: “wait” is not one of create, adopt and fail.']],
  [
    bodyOf('import.json'),
    [
      `import-request: there is no file “import.json”, and it is no JSON text, which starts with {. ${IN_WORKSPACE}`
    ]
  ],
  [
    bodyOf('~/import.json'),
    [
      'import-request: there is no file “~/import.json”, and it is no JSON text, which starts with {. Neither ~ nor a shell’s variables are replaced in inputs: write ${{ github.workspace }} or the whole path.'
    ]
  ],
  [bodyOf('.'), ['import-request: “.” is a folder. Give the path of a regular file.']],
  [
    bodyOf('/dev/zero'),
    ['import-request: “/dev/zero” is a device or a pipe. Give the path of a regular file.']
  ]
];

const HOW: Mistakes = [
  [{ timeout: '60' }, ['timeout: 60 of what? Write 60s or 60m.']],
  [{ timeout: '1h30' }, ['timeout: 30 of what? Write 1h30s or 1h30m.']],
  [{ timeout: '5 minutes' }, ['timeout: “5 minutes” is not a duration. Write 5m.']],
  [
    { timeout: '1 hour and 30 minutes' },
    ['timeout: “1 hour and 30 minutes” is not a duration. Write 1h 30m.']
  ],
  [{ timeout: 'PT1H' }, ['timeout: “PT1H” is not a duration. Write it as 90s, 45m, 1h30m or 2d.']],
  [{ timeout: '0' }, ['timeout: “0” must be positive, such as 90s.']],
  [{ timeout: '0h 0m' }, ['timeout: “0h 0m” must be positive, such as 90s.']],
  [{ 'max-outage': '-5m' }, ['max-outage: “-5m” must be positive, such as 90s.']],
  [
    { 'stall-timeout': '0s' },
    ['stall-timeout: “0s” must be positive, such as 90s. Leave it out to turn it off.']
  ],
  [
    { 'stall-timeout': '0' },
    ['stall-timeout: “0” must be positive, such as 90s. Leave it out to turn it off.']
  ],
  [{ 'poll-interval': '-1s' }, ['poll-interval: “-1s” must be at least 1s.']],
  [{ timeout: '30d' }, ['timeout: “30d” is too long: it must be at most 24d.']],
  [{ timeout: '30s' }, ['timeout: with request-id: in-progress it must be more than 30s.']],
  [
    { ...bodyOf(`{${HOSTS}}`), timeout: '5s' },
    ['timeout: with import-request it must be more than 5s.']
  ],
  [
    { 'stall-timeout': 'off' },
    ['stall-timeout: “off” is not a duration. Leave it out to turn it off.']
  ],
  [
    { 'poll-interval': '100ms' },
    ['poll-interval: “100ms” is not a duration. Write it as 90s, 45m, 1h30m or 2d.']
  ],
  [{ 'poll-interval': '0.5s' }, ['poll-interval: “0.5s” must be at least 1s.']],
  [
    { 'goal-state': 'SUCESS' },
    [`goal-state: “SUCESS” is not a state of an import. Expected one of ${STATES}.`]
  ],
  [{ 'goal-state': 'FAILED' }, [`goal-state: “FAILED” is not a goal. Expected one of ${STATES}.`]],
  [
    { 'cancel-on-timeout': 'yes' },
    ['cancel-on-timeout: “yes” is not true or false. Write true or false.']
  ],
  [
    { 'commit-status': 'gate' },
    ['github-token: it is needed for commit-status. Leave it out to use the job’s own token.']
  ],
  [
    { 'commit-status': 'off', 'github-token': 'ghs_1' },
    [
      'commit-status: “off” would be the name of the status. Write one such as ops-manager/import, or leave it out for none.'
    ]
  ],
  [
    { 'commit-status': 'true', 'github-token': 'ghs_1' },
    [
      'commit-status: “true” would be the name of the status. Write one such as ops-manager/import, or leave it out for none.'
    ]
  ],
  [
    { 'commit-status': 'gate', 'github-token': 'ghs 1' },
    [
      'github-token: it has a blank or another character that no token has. Leave it out to use the job’s own token.'
    ]
  ]
];

const WHAT: Mistakes = [
  [
    bodyOf('Object'),
    [
      'import-request: it is “Object”, which is what GitHub makes of an expression that gives no text. Write ${{ toJSON(…) }} around it.'
    ]
  ],
  [
    bodyOf('eyJzZWVkSG9zdHBvcnQiOiJkYjE6MjcwMTcifQ=='),
    ['import-request: it is JSON text in Base64. Give the text itself: base64 -d decodes it.']
  ],
  [
    bodyOf('seedHostport: db1:27017\nrequiredProcesses: [db1:27017]'),
    ['import-request: it is neither JSON text, which starts with {, nor the path of a file.']
  ],
  [
    bodyOf(JSON.stringify(`{${HOSTS}}`)),
    [
      'import-request: it is JSON quoted twice: a text that holds the JSON. Leave out one toJSON(…), or the quotation marks around it.'
    ]
  ],
  [
    bodyOf('[]'),
    [
      'import-request: it is JSON, but no object. Give the body of Ops Manager’s create call, which begins with {.'
    ]
  ],
  [
    bodyOf(`{${HOSTS},}`),
    [
      'import-request: it cannot be read as JSON: line 1, column 65: there is a “,” too many before }.'
    ]
  ],
  [
    bodyOf(`{\n  ${HOSTS}\n  "username": "u"\n}`),
    [
      `import-request: it cannot be read as JSON: line 3, column 3: a “,” or } is missing. ${IN_QUOTES}`
    ]
  ],
  [
    bodyOf(`{${HOSTS}, "password": }`),
    [
      `import-request: it cannot be read as JSON: line 1, column 79: a value is missing. Is an expression empty there? ${IN_QUOTES}`
    ]
  ],
  [
    bodyOf(`{${HOSTS}, "password": hunter2}`),
    [
      `import-request: it cannot be read as JSON: line 1, column 79: a text stands in double quotes, and a number is plain digits. ${IN_QUOTES}`
    ]
  ],
  [
    bodyOf(`{${HOSTS}, "password": "hun"ter2"}`),
    [
      `import-request: it cannot be read as JSON: line 1, column 84: a “,” or } is missing. ${IN_QUOTES}`
    ]
  ],
  [
    bodyOf(`{${HOSTS}, "password": "hun\\dter2"}`),
    [
      `import-request: it cannot be read as JSON: line 1, column 83: a backslash in a text is written twice. ${IN_QUOTES}`
    ]
  ],
  [
    bodyOf(`{${HOSTS}, "password": "hun\nter2"}`),
    [
      `import-request: it cannot be read as JSON: line 1, column 83: a line break or a control character stands within a text, or a “"” is missing before it. ${IN_QUOTES}`
    ]
  ],
  [
    bodyOf(`{'seedHostport': 'db1:27017'}`),
    [
      'import-request: it cannot be read as JSON: line 1, column 2: a key in double quotes is missing.'
    ]
  ],
  [
    bodyOf('{}'),
    [
      `import-request: seedHostport is missing: ${HOST_PORT} requiredProcesses is missing: it must be a list of at least one host:port, such as ["mongodb1.example.com:27017"].`
    ]
  ],
  [
    bodyOf('{"seedHostPort": "db1:27017", "requiredProcesses": ["db1:27017"]}'),
    ['import-request: “seedHostPort” is no key of it: did you mean “seedHostport”?']
  ],
  [
    bodyOf('{"seedHostPort": "db1:27017", "processes": ["db1:27017"]}'),
    [
      'import-request: “seedHostPort” is no key of it: did you mean “seedHostport”? requiredProcesses is missing: it must be a list of at least one host:port, such as ["mongodb1.example.com:27017"]. It has keys that Ops Manager does not document: “processes”.'
    ]
  ],
  [
    bodyOf('{"seed-hostport": "db1:27017", "required_processes": ["db1:27017"]}'),
    [
      'import-request: “seed-hostport” is no key of it: did you mean “seedHostport”? “required_processes” is no key of it: did you mean “requiredProcesses”?'
    ]
  ],
  [
    bodyOf('{"seedHost": "db1:27017", "processes": ["db1:27017"]}'),
    [
      `import-request: seedHostport is missing: ${HOST_PORT} requiredProcesses is missing: it must be a list of at least one host:port, such as ["mongodb1.example.com:27017"]. It has keys that Ops Manager does not document: “seedHost”, “processes”.`
    ]
  ],
  [
    bodyOf('{"seedHostport": "db1", "requiredProcesses": ["db1:27017", "db2"]}'),
    [
      `import-request: seedHostport is “db1”: ${HOST_PORT} requiredProcesses[1] is “db2”: ${HOST_PORT}`
    ]
  ],
  [
    bodyOf('{"seedHostport": "mongodb://me@db1:27017", "requiredProcesses": "db1:27017"}'),
    [
      'import-request: seedHostport is “mongodb://***@db1:27017”: it must be host:port alone, without mongodb:// and without a user. requiredProcesses is “db1:27017”: it must be a list of at least one host:port, such as ["mongodb1.example.com:27017"].'
    ]
  ],
  [
    bodyOf('{"seedHostport": "db1:27017", "requiredProcesses": [{"host": "db1"}]}'),
    [`import-request: requiredProcesses[0] is an object: ${HOST_PORT}`]
  ],
  [
    bodyOf(`{${HOSTS}, "timeouts": {"goalStateSec": 30, "automationImported": "600"}}`),
    [
      'import-request: “timeouts.goalStateSec” is 30: it must be a number of seconds from 60 to 86400, without quotes. “timeouts.automationImported” is “600”: it must be a number of seconds from 60 to 86400, without quotes.'
    ]
  ],
  [
    bodyOf(`{${HOSTS}, "timeouts": {"goalstateSec": 600}}`),
    ['import-request: “goalstateSec” is no key of it: did you mean “goalStateSec”?']
  ],
  [
    bodyOf(`{${HOSTS}, "authMechanism": "MONGODB_CR", "username": "u", "password": null}`),
    [
      'import-request: password is null, and authMechanism MONGODB_CR needs one. Is the secret behind it set?'
    ]
  ],
  [
    bodyOf(`{${HOSTS}, "authMechanism": "PLAIN", "username": "u", "password": ""}`),
    [
      'import-request: password is empty, and authMechanism PLAIN needs one. Is the secret behind it set?'
    ]
  ],
  [
    bodyOf(`{${HOSTS}, "username": "u", "password": ""}`),
    [
      'import-request: password is empty, and a username without authMechanism needs one. Is the secret behind it set?'
    ]
  ],
  [
    bodyOf(`{${HOSTS}, "pemKeyFilePassword": null}`),
    [
      'import-request: pemKeyFilePassword is null. Is the secret behind it set? If the key has no password, leave it out.'
    ]
  ],
  [
    bodyOf(`{${HOSTS}, "password": "\${{ secrets.PASSWORD }}"}`),
    [
      'import-request: “password” is an expression that nobody evaluates, since GitHub does so in workflows and not in files. Give the JSON in the workflow itself.'
    ]
  ],
  [
    bodyOf('{"a":'.repeat(70)),
    [
      'import-request: it cannot be read as JSON: line 1, column 321: it is nested more than 64 deep.'
    ]
  ]
];

describe.each([
  { what: 'where Ops Manager is, and with which key', mistakes: WHERE },
  { what: 'which import', mistakes: WHICH },
  { what: 'how to wait and report', mistakes: HOW },
  { what: 'what to create', mistakes: WHAT }
])('a mistake in $what', ({ mistakes }) => {
  it.each(mistakes.map(([given, says, env = {}]) => ({ given, says, env })))(
    'is told so that it is mended at once: $given $env',
    ({ given, says, env }) => {
      expect(read(given, env).problems).toEqual(says);
    }
  );
});

describe('a secret that is missing', () => {
  const missing =
    'private-key: it is required. Check that the secret or variable behind it is set.';

  it.each([
    { name: 'a fork', event: OF_FORK, says: `${missing} ${FORK}` },
    {
      name: 'a fork that is gone',
      event: { pull_request: { head: { repo: null } } },
      says: `${missing} ${FORK}`
    },
    {
      name: 'the repository itself',
      event: { pull_request: { head: { repo: { full_name: 'octo/imports' } } } },
      says: missing
    },
    { name: 'no pull request', event: { ref: 'refs/heads/main' }, says: missing },
    { name: 'a list', event: [1], says: missing }
  ])('is explained where the event is that of $name', ({ event, says }) => {
    expect(read({ 'private-key': '' }, runOf(event)).problems).toEqual([says]);
  });

  it.each([
    { name: 'its actor', envOf: (): Given => ({ GITHUB_ACTOR: 'dependabot[bot]' }) },
    { name: 'the event', envOf: () => runOf({ sender: { login: 'dependabot[bot]' } }) }
  ])('is explained for Dependabot, which $name names', ({ envOf }) => {
    expect(read({ 'private-key': '' }, envOf()).problems).toEqual([
      `${missing} This run is Dependabot’s, which gets no secrets but those under Settings, Secrets and variables, Dependabot: add it there, or skip this step with if: github.actor != 'dependabot[bot]'.`
    ]);
  });

  it('is not for a fork where the event has its secrets', () => {
    const env = { ...runOf(OF_FORK), GITHUB_EVENT_NAME: 'pull_request_target' };
    expect(read({ 'private-key': '' }, env).problems).toEqual([missing]);
  });

  it.each(['/nowhere/event.json', '/dev/zero', '.', import.meta.filename])(
    'is told although the event cannot be read: %s',
    (path) => {
      const env = { ...runOf(OF_FORK), GITHUB_EVENT_PATH: path };
      expect(read({ 'private-key': '' }, env).problems).toEqual([missing]);
    }
  );

  it('is explained beside a password that is null, and where nothing is given at all', () => {
    const body = `{${HOSTS}, "username": "u", "password": null}`;
    for (const given of [bodyOf(body), { 'request-id': '' }])
      expect(read(given, runOf(OF_FORK)).problems).toEqual([expect.stringContaining(` ${FORK}`)]);
  });
});
