import { describe, expect, it } from '@jest/globals';
import { isNotFound, type ApiError } from '../../src/case/import-api.ts';
import { errorOfReply, malformedReply, type Purpose } from '../../src/ops-manager/reply-errors.ts';
import { readReply } from '../../src/ops-manager/reply.ts';
import { ServerText } from '../../src/untrusted.ts';
import { Redaction } from '../../src/redaction.ts';

type ErrorReply = Parameters<typeof errorOfReply>[0];

const HOST = 'om.example.com:8443';
const TEXT = new ServerText(new Redaction([]));

const DOCUMENTED = {
  detail: 'Cannot find resource.',
  error: 404,
  errorCode: 'RESOURCE_NOT_FOUND',
  parameters: [],
  reason: 'Not Found'
};
const OWN = (status: number, errorCode: string) => ({ error: status, errorCode, detail: 'words' });
const HTML = '<html><h1>Service Unavailable</h1></html>';

/** JSON errors of servers that stand around Ops Manager. */
const FOREIGN: readonly { readonly of: string; readonly body: (status: number) => unknown }[] = [
  {
    of: 'Jetty 9',
    body: (status) => ({ url: '/api', status: String(status), message: 'Not Found', servlet: 'x' })
  },
  {
    of: 'Jetty 12',
    body: (status) => ({ url: '/api', status, message: 'Not Found' })
  },
  {
    of: 'Spring',
    body: (status) => ({ timestamp: '2026-11-21', status, error: 'Not Found', path: '/api' })
  },
  {
    of: 'Kubernetes',
    body: (code) => ({ kind: 'Status', status: 'Failure', reason: 'NotFound', code, details: {} })
  },
  {
    of: 'RFC 9457',
    body: (status) => ({ type: 'about:blank', title: 'Not Found', status, detail: 'No such page.' })
  },
  { of: 'OAuth', body: () => ({ error: 'invalid_request', error_description: 'no' }) },
  { of: 'a gateway with the status alone', body: (error) => ({ error }) },
  { of: 'a gateway with another status', body: () => ({ error: 499, detail: 'Gone' }) },
  {
    of: 'a gateway with the status as text',
    body: (status) => ({ error: String(status), detail: 'Not Found' })
  },
  { of: 'a gateway with a number for a code', body: (errorCode) => ({ errorCode }) },
  { of: 'a gateway with an empty code', body: () => ({ errorCode: '', detail: '' }) },
  { of: 'a list', body: (status) => [OWN(status, 'X')] },
  { of: 'a page', body: () => HTML },
  { of: 'no one', body: () => '' }
];

/** As the client reads a reply. */
function errorOf(
  httpStatus: number,
  body: unknown,
  reply: Partial<ErrorReply> = {}
): ApiError | undefined {
  const text = typeof body === 'string' ? body : JSON.stringify(body);
  const said = readReply({ status: httpStatus, text, header: () => undefined }, TEXT);
  if (said.isGood) return undefined;
  return errorOfReply({
    ...said,
    purpose: 'read',
    host: HOST,
    wasKeySent: true,
    hasWorked: false,
    ...reply
  });
}

describe('Ops Manager’s own word', () => {
  it.each<
    { status: number; body: unknown; as?: number; says: RegExp } & Partial<Omit<ErrorReply, 'body'>>
  >([
    { status: 400, body: OWN(400, 'X'), purpose: 'create', says: /objects to in import-request/ },
    { status: 400, body: OWN(400, 'X'), says: /^(?!.*objects to)/ },
    { status: 401, body: OWN(401, 'USER_UNAUTHORIZED'), says: /public-key and private-key/ },
    { status: 401, body: OWN(401, 'NOT_IN_GROUP'), says: /project-id/ },
    { status: 401, body: '', login: 'answerable', says: /public-key and private-key/ },
    { status: 401, body: HTML, login: 'answerable', says: /public-key and private-key/ },
    { status: 403, body: OWN(403, 'IP_ADDRESS_NOT_ON_ACCESS_LIST'), says: /access list/ },
    { status: 403, body: OWN(403, 'FEATURE_UNSUPPORTED'), says: /8\.0\.13/ },
    { status: 403, body: OWN(403, 'SOMETHING_ELSE'), says: /role.*access list/ },
    { status: 404, body: DOCUMENTED, says: /request-id and project-id.*8\.0\.13/ },
    { status: 404, body: { error: 404, reason: 'Not Found' }, says: /\(“Not Found”\)/ },
    { status: 404, body: { error: 404, detail: 'gone' }, says: /HTTP 404 \(“gone”\)/ },
    { status: 404, body: { errorCode: 'RESOURCE_NOT_FOUND' }, says: /HTTP 404 RESOURCE_NOT_FOUND/ },
    { status: 404, body: OWN(404, 'GROUP_NOT_FOUND'), says: /project-id/ },
    { status: 404, body: OWN(404, 'INVALID_GROUP_ID'), says: /project-id/ },
    {
      status: 409,
      body: OWN(409, 'CONFLICT'),
      purpose: 'cancel',
      says: /^Ops Manager answered HTTP 409 CONFLICT \(“words”\)\.$/
    },
    { status: 422, body: OWN(422, 'OTHER'), says: /Look at the project/ },
    { status: 499, body: OWN(499, 'OTHER'), says: /HTTP 499 OTHER/ },
    { status: 200, body: { status: 404, errorCode: 'X' }, as: 404, says: /HTTP 404 X/ },
    { status: 200, body: { error: 404, detail: 'gone' }, as: 404, says: /HTTP 404 \(“gone”\)/ },
    { status: 200, body: { status: 403, content: OWN(403, 'X') }, as: 403, says: /HTTP 403 X/ },
    { status: 202, body: { status: '400', content: OWN(400, 'X') }, as: 400, says: /HTTP 400 X/ }
  ])('is a refusal: $status with $body', ({ status, body, as = status, says, ...reply }) => {
    const error = errorOf(status, body, reply);
    expect(error).toMatchObject({ kind: 'refused', status: as });
    expect(error?.message).toMatch(says);
  });

  it.each([404, 410])('alone means that an import is not there: HTTP %d', (status) => {
    expect(isNotFound(errorOf(status, OWN(status, 'RESOURCE_NOT_FOUND')))).toBe(status === 404);
    expect(isNotFound(errorOf(status, HTML))).toBe(false);
  });

  it.each([
    { name: 'an import', body: { state: 'PENDING', status: 404, error: 404, detail: 'x' } },
    { name: 'a status alone', body: { status: 404 } },
    { name: 'a status as text', body: { status: '404' } },
    { name: 'an error of another status', body: { status: 404, error: 403, detail: 'x' } },
    { name: 'a good status', body: { status: 200, errorCode: 'X' } },
    { name: 'an error code alone', body: { errorCode: 'X', detail: 'x' } },
    { name: 'a list', body: [OWN(404, 'X')] }
  ])('is not in HTTP 200 with $name', ({ body }) => {
    expect(errorOf(200, body)).toBeUndefined();
  });
});

describe('another’s word', () => {
  const statuses = [400, 404, 405, 410, 451];
  it.each(FOREIGN.flatMap(({ of, body }) => statuses.map((status) => ({ of, status, body }))))(
    'means a wrong configuration or a redeploy: HTTP $status of $of',
    ({ status, body }) => {
      const error = errorOf(status, body(status), { retryAfterMs: 7000 });
      expect(error).toMatchObject({
        kind: 'misconfigured',
        status,
        retryAfterMs: 7000,
        title: `${HOST} answered HTTP ${status}, not as Ops Manager does`,
        message: `base-url answered HTTP ${status} in a form that is not Ops Manager’s API. Check base-url: host, port, and a context path if Ops Manager has one.`
      });
    }
  );

  it('names the proxy in between', () => {
    expect(errorOf(404, HTML, { proxy: 'proxy:3128' })?.message).toMatch(
      /through the proxy proxy:3128\. Check base-url.* the proxy proxy:3128 /
    );
    expect(errorOf(502, HTML, { proxy: 'proxy:3128' })?.message).toBe(
      `${HOST} answered HTTP 502 through the proxy proxy:3128. Look at Ops Manager, its load balancer and the proxy proxy:3128 if this goes on.`
    );
    expect(errorOf(502, OWN(502, 'X'), { proxy: 'proxy:3128' })?.happened).toBe(
      'Ops Manager answered HTTP 502 X (“words”).'
    );
  });
});

describe('what may pass', () => {
  const statuses = [408, 425, 429, 500, 502, 503, 504, 599];
  it.each(
    statuses.flatMap((status) => [
      { status, body: OWN(status, 'UNEXPECTED_ERROR') },
      { status, body: HTML },
      { status, body: '' },
      // A body never changes a status that is not 2xx.
      { status, body: { status: 404 } },
      { status, body: OWN(404, 'RESOURCE_NOT_FOUND') },
      { status, body: { status: 404, content: OWN(404, 'X') } },
      { status, body: OWN(401, 'USER_UNAUTHORIZED') }
    ])
  )('is HTTP $status with $body', ({ status, body }) => {
    expect(errorOf(status, body, { retryAfterMs: 7000 })).toMatchObject({
      kind: 'transient',
      status,
      retryAfterMs: 7000
    });
  });

  it.each([
    { body: { error: 503, detail: 'x' }, status: 503 },
    { body: { status: 503, content: {} }, status: 503 },
    { body: { status: 429, errorCode: 'RATE_LIMITED' }, status: 429 }
  ])('is HTTP 200 with $body', ({ body, status }) => {
    expect(errorOf(200, body)).toMatchObject({ kind: 'transient', status });
  });

  it.each([
    { login: 'stale', kind: 'transient', isStale: true },
    { login: 'answerable', kind: 'refused', isStale: false },
    { login: 'no-challenge', kind: 'refused', isStale: false },
    { login: undefined, kind: 'refused', isStale: false }
  ] as const)('is a 401 that is all stale: $login is $kind', ({ login, kind, isStale }) => {
    const error = errorOf(401, OWN(401, 'USER_UNAUTHORIZED'), { login });
    expect(error).toMatchObject({ kind, status: 401, isStale });
    if (kind === 'transient') expect(error?.message).not.toMatch(/key/);
  });
});

describe('a 401', () => {
  const OWN_401 = OWN(401, 'USER_UNAUTHORIZED');
  const PASSES =
    'that what stands in front of Ops Manager lets WWW-Authenticate and Authorization through.';

  it.each([
    { body: OWN_401, kind: 'refused', who: 'Ops Manager', what: ' USER_UNAUTHORIZED (“words”)' },
    { body: HTML, kind: 'misconfigured', who: HOST, what: '' },
    { body: '', kind: 'misconfigured', who: HOST, what: '' }
  ])('without a challenge refuses no key that was not sent: $body', ({ body, kind, who, what }) => {
    for (const login of [undefined, 'no-challenge'] as const) {
      const error = errorOf(401, body, { wasKeySent: false, login });
      expect(error).toMatchObject({
        kind,
        status: 401,
        title: `${HOST} answered HTTP 401 without a challenge`,
        message: `${who} answered HTTP 401${what} without a challenge (WWW-Authenticate), so the API key was not sent. Check base-url, and ${PASSES}`
      });
    }
  });

  it('without a challenge that is foreign refuses no key that was sent, either', () => {
    const reply = { wasKeySent: true, hasWorked: true, proxy: 'proxy:3128' };
    expect(errorOf(401, HTML, reply)).toMatchObject({
      kind: 'misconfigured',
      message: `${HOST} answered HTTP 401 through the proxy proxy:3128 to the API key, but without the challenge (WWW-Authenticate) that Ops Manager gives with it. Check ${PASSES}`
    });
  });

  it('whose challenge tells most asks for it, that of a missing role does not', () => {
    const asks = /report this with the WWW-Authenticate line.*debug log/;
    expect(errorOf(401, OWN_401, { login: 'answerable' })?.advice).toMatch(asks);
    expect(errorOf(401, '', { login: 'answerable' })?.advice).toMatch(asks);
    expect(errorOf(401, OWN_401)?.advice).not.toMatch(asks);
    const inGroup = errorOf(401, OWN(401, 'NOT_IN_GROUP'), { login: 'answerable' });
    expect(inGroup).toMatchObject({ title: 'The API key has no access to the project' });
    expect(inGroup?.advice).not.toMatch(asks);
  });
});

describe('advice', () => {
  const MISSING = OWN(404, 'RESOURCE_NOT_FOUND');
  const UNSUPPORTED = OWN(403, 'FEATURE_UNSUPPORTED');

  it.each<{ version: string | undefined; says: 'nothing' | 'perhaps' | 'too old' }>([
    { version: undefined, says: 'perhaps' },
    { version: 'master', says: 'perhaps' },
    { version: '8.0', says: 'perhaps' },
    { version: '7.0.99', says: 'too old' },
    { version: '8.0.9.500.20250909T1801Z', says: 'too old' },
    { version: '8.0.12', says: 'too old' },
    { version: '8.0.13.500.20250909T1801Z', says: 'nothing' },
    { version: '8.0.100', says: 'nothing' },
    { version: '8.1.0', says: 'nothing' },
    { version: '10.0.0', says: 'nothing' }
  ])('says $says of the age of Ops Manager $version', ({ version, says }) => {
    for (const purpose of ['read', 'list', 'create', 'cancel', 'delete'] as const) {
      const advice = errorOf(404, MISSING, { purpose, version })?.advice;
      expect(advice).toMatch(
        {
          nothing: /^Check [^8]*base-url\.$/,
          perhaps: /^Check .*base-url, and that Ops Manager is 8\.0\.13 or newer\.$/,
          'too old': /need Ops Manager 8\.0\.13 or newer; this one is \d+\.\d+\.\d+\S*$/
        }[says]
      );
    }
    const unsupported = errorOf(403, UNSUPPORTED, { version })?.advice ?? '';
    expect(unsupported.includes('8.0.13 or newer')).toBe(says !== 'nothing');
  });

  it.each<{ status: number; body: unknown; reply?: Partial<ErrorReply> }>([
    { status: 302, body: '' },
    { status: 401, body: OWN(401, 'USER_UNAUTHORIZED'), reply: { login: 'answerable' } },
    { status: 401, body: OWN(401, 'NOT_IN_GROUP') },
    { status: 401, body: HTML },
    { status: 403, body: HTML },
    { status: 403, body: OWN(403, 'IP_ADDRESS_NOT_ON_ACCESS_LIST') },
    { status: 403, body: OWN(403, 'OTHER') },
    { status: 404, body: HTML },
    { status: 404, body: OWN(404, 'GROUP_NOT_FOUND') },
    { status: 404, body: MISSING },
    { status: 404, body: MISSING, reply: { purpose: 'list' } }
  ])(
    'after a good answer does not doubt what it has shown to be right: HTTP $status of $body',
    ({ status, body, reply }) => {
      const doubt =
        /base-url|public-key|private-key|project-id|request-id|Add the|that the API key has/;
      expect(errorOf(status, body, reply)?.advice).toMatch(doubt);
      expect(errorOf(status, body, { ...reply, hasWorked: true })?.advice).not.toMatch(doubt);
    }
  );
});

describe('advice for a command that is refused', () => {
  it.each([401, 403])('asks for its role, though reads were granted: HTTP %d', (status) => {
    for (const purpose of ['create', 'cancel', 'delete'] as const) {
      const error = errorOf(status, OWN(status, 'OTHER'), { purpose, hasWorked: true });
      expect(error?.advice).toBe(
        'Check that the API key has the role Project Automation Admin in this project.'
      );
    }
  });
});

describe('a redirect', () => {
  const REDIRECT = (status: number, target: string) =>
    `base-url answered with a redirect${target} (HTTP ${status}), which is never followed: credentials go to base-url and nowhere else. Set base-url to Ops Manager’s own address.`;

  it.each([
    { status: 300, location: undefined, body: '', says: REDIRECT(300, '') },
    {
      status: 302,
      location: 'https://login.example.com/',
      body: '',
      says: REDIRECT(302, ' to https://login.example.com/')
    },
    { status: 399, location: undefined, body: OWN(399, 'MOVED'), says: REDIRECT(399, '') }
  ])('with HTTP $status is a wrong configuration', ({ status, location, body, says }) => {
    expect(errorOf(status, body, { location })).toMatchObject({
      kind: 'misconfigured',
      status,
      title: 'base-url redirects',
      message: says
    });
  });

  it.each([304, 305, 306])('is not what HTTP %d is', (status) => {
    const error = errorOf(status, '');
    expect(error).toMatchObject({ kind: 'misconfigured', status });
    expect(error?.title).toBe(`${HOST} answered HTTP ${status}, not as Ops Manager does`);
  });
});

describe('the title of a refusal', () => {
  it.each<{ status: number; errorCode?: string; purpose: Purpose; title: string }>([
    { status: 401, purpose: 'read', title: 'Ops Manager refused the API key' },
    {
      status: 401,
      errorCode: 'NOT_IN_GROUP',
      purpose: 'list',
      title: 'The API key has no access to the project'
    },
    {
      status: 404,
      errorCode: 'GROUP_NOT_FOUND',
      purpose: 'read',
      title: 'Ops Manager knows no such project'
    },
    {
      status: 403,
      errorCode: 'IP_ADDRESS_NOT_ON_ACCESS_LIST',
      purpose: 'read',
      title: 'The runner’s address is not on the API key’s access list'
    },
    {
      status: 403,
      errorCode: 'FEATURE_UNSUPPORTED',
      purpose: 'create',
      title: 'This Ops Manager has no import deployment requests'
    },
    { status: 403, purpose: 'create', title: 'Ops Manager refused access' },
    { status: 404, purpose: 'read', title: 'Ops Manager knows no such import' },
    { status: 404, purpose: 'cancel', title: 'Ops Manager knows no such import' },
    {
      status: 404,
      purpose: 'list',
      title: 'Ops Manager knows no import deployment requests here'
    },
    {
      status: 404,
      purpose: 'create',
      title: 'Ops Manager knows no import deployment requests here'
    },
    { status: 404, purpose: 'other', title: 'Ops Manager has no such thing' },
    { status: 400, purpose: 'create', title: 'Ops Manager refused the import request' },
    { status: 409, purpose: 'cancel', title: 'Ops Manager refused to cancel the import' },
    { status: 409, purpose: 'delete', title: 'Ops Manager refused to delete the import request' },
    { status: 418, purpose: 'read', title: 'Ops Manager refused the call (HTTP 418)' }
  ])('is “$title”', ({ status, errorCode, purpose, title }) => {
    const error = errorOf(status, { error: status, errorCode, detail: 'x' }, { purpose });
    expect(error).toMatchObject({ kind: 'refused', title });
  });

  it('is short, however long the name of the host is', () => {
    for (const status of [404, 503]) {
      const host = `${'long.'.repeat(50)}example.com`;
      expect(errorOf(status, HTML, { host })?.title.length).toBeLessThanOrEqual(100);
    }
  });
});

describe('the advice for HTTP 429', () => {
  it('is to ask less often', () => {
    expect(errorOf(429, '')?.advice).toBe('Raise poll-interval if this goes on.');
  });
});

describe('what a reply says, to the letter', () => {
  const IN_FRONT =
    'Ops Manager has answered there before: look at the load balancer or gateway in front of it';
  const IF_RIGHT =
    'If the key is right, report this with the WWW-Authenticate line of the reply: the debug log shows it.';
  const GRANTED =
    'It was granted before: check whether the API key was deleted or lost its role, and whether every node behind the load balancer knows it.';
  const PROJECT =
    'Check project-id, that it is not swapped with request-id, and that the API key belongs to this project.';

  it.each<{
    status: number;
    body?: unknown;
    reply?: Partial<ErrorReply>;
    says: Partial<Record<'title' | 'happened' | 'advice', string>>;
  }>([
    {
      status: 503,
      body: HTML,
      says: {
        title: `${HOST} answered HTTP 503`,
        advice: 'Look at Ops Manager and its load balancer if this goes on.'
      }
    },
    { status: 500, body: OWN(500, 'X'), says: { title: 'Ops Manager answered HTTP 500' } },
    {
      status: 429,
      reply: { purpose: 'list' },
      says: { advice: 'Raise poll-interval if this goes on.' }
    },
    {
      status: 429,
      reply: { purpose: 'create' },
      says: { advice: 'Ask who else uses Ops Manager’s API so much if this goes on.' }
    },
    {
      status: 401,
      reply: { login: 'stale' },
      says: {
        title: 'Ops Manager calls each nonce stale',
        happened: 'Ops Manager called one nonce after the other stale (HTTP 401).',
        advice:
          'If this goes on, let the load balancer send one client’s requests to one node, and check the clocks of the nodes.'
      }
    },
    {
      status: 401,
      body: OWN(401, 'NOT_IN_GROUP'),
      reply: { login: 'answerable' },
      says: { advice: PROJECT }
    },
    {
      status: 401,
      body: OWN(401, 'NOT_IN_GROUP'),
      reply: { hasWorked: true },
      says: { advice: GRANTED }
    },
    {
      status: 401,
      body: OWN(401, 'X'),
      reply: { login: 'answerable', hasWorked: true, purpose: 'list' },
      says: { advice: `${GRANTED} ${IF_RIGHT}` }
    },
    {
      status: 401,
      reply: { login: 'answerable' },
      says: {
        happened: `${HOST} answered HTTP 401.`,
        advice: `Check public-key and private-key, and that the key has the role Project Automation Admin in this project. ${IF_RIGHT}`
      }
    },
    {
      status: 401,
      reply: { login: 'unanswerable', challenge: 'Basic realm="x"' },
      says: {
        title: 'The server asks for another login than Ops Manager’s',
        happened:
          'The server asks for another kind of login than a digest, and the private key is never sent in any form but a digest.',
        advice:
          'Check that base-url is Ops Manager itself and not a gateway with a login of its own.'
      }
    },
    {
      status: 401,
      reply: { login: 'unanswerable', challenge: ['Basic realm="x"', 'Digest qop="auth-int"'] },
      says: {
        happened:
          'The server asks for a digest of a kind that this action does not support (it knows MD5 and SHA-256 with qop=auth), and the private key is never sent in any form but a digest.'
      }
    },
    {
      status: 401,
      reply: { login: 'hash-refused' },
      says: {
        title: 'This runner’s Node refuses MD5',
        happened:
          'The server asks for a digest with MD5, which Node on this runner refuses to compute (it runs in FIPS mode), and offers none with SHA-256.',
        advice: 'Run this step on a runner whose Node is not in FIPS mode.'
      }
    },
    {
      status: 302,
      reply: { hasWorked: true, proxy: 'proxy:3128' },
      says: {
        happened:
          'base-url answered with a redirect (HTTP 302) through the proxy proxy:3128, which is never followed: credentials go to base-url and nowhere else.',
        advice: `${IN_FRONT}, or the proxy proxy:3128.`
      }
    },
    {
      status: 403,
      body: HTML,
      says: {
        advice:
          'Check base-url, and that a gateway or firewall in front of Ops Manager lets this runner through.'
      }
    },
    { status: 403, body: HTML, reply: { hasWorked: true }, says: { advice: `${IN_FRONT}.` } },
    {
      status: 403,
      body: HTML,
      reply: { proxy: 'proxy:3128' },
      says: {
        happened:
          'base-url answered HTTP 403 in a form that is not Ops Manager’s API through the proxy proxy:3128.',
        advice:
          'Check base-url, and that a gateway or firewall in front of Ops Manager lets this runner through. It may also be the proxy proxy:3128 that says so: check it, too.'
      }
    },
    {
      status: 403,
      body: OWN(403, 'X'),
      says: {
        happened: 'Ops Manager answered HTTP 403 X (“words”).',
        advice:
          'Check that the API key has the role Project Automation Admin and that the runner’s address is on its access list.'
      }
    },
    {
      status: 403,
      body: OWN(403, 'IP_ADDRESS_NOT_ON_ACCESS_LIST'),
      says: {
        advice:
          'Add the runner’s address to the API key’s access list; behind a load balancer it is the one in X-Forwarded-For.'
      }
    },
    {
      status: 403,
      body: OWN(403, 'IP_ADDRESS_NOT_ON_ACCESS_LIST'),
      reply: { hasWorked: true },
      says: {
        advice:
          'An address of this runner was on the access list before: add all that it goes out by; behind a load balancer it is the one in X-Forwarded-For.'
      }
    },
    {
      status: 403,
      body: OWN(403, 'FEATURE_UNSUPPORTED'),
      reply: { version: '8.0.13' },
      says: { advice: 'Ask whoever runs this Ops Manager whether it allows them.' }
    },
    {
      status: 403,
      body: OWN(403, 'FEATURE_UNSUPPORTED'),
      says: { advice: 'Import deployment requests need Ops Manager 8.0.13 or newer.' }
    },
    { status: 404, body: OWN(404, 'GROUP_NOT_FOUND'), says: { advice: PROJECT } },
    {
      status: 404,
      body: OWN(404, 'INVALID_GROUP_ID'),
      reply: { hasWorked: true },
      says: {
        title: 'Ops Manager knows no such project',
        advice: 'Check whether the project was deleted.'
      }
    },
    { status: 404, body: DOCUMENTED, reply: { hasWorked: true }, says: { advice: '' } },
    {
      status: 404,
      body: DOCUMENTED,
      reply: { purpose: 'list', hasWorked: true, version: '8.0.14' },
      says: {
        advice:
          'It knew them before: check the nodes behind the load balancer, and the paths of what stands in front.'
      }
    },
    {
      status: 404,
      body: DOCUMENTED,
      reply: { purpose: 'other' },
      says: { advice: 'Check project-id.' }
    },
    {
      status: 422,
      body: OWN(422, 'X'),
      reply: { purpose: 'create' },
      says: { advice: 'Correct what Ops Manager objects to in import-request.' }
    },
    {
      status: 409,
      body: OWN(409, 'X'),
      reply: { purpose: 'create' },
      says: { advice: 'Look at the project in Ops Manager.' }
    },
    { status: 409, body: OWN(409, 'X'), reply: { purpose: 'cancel' }, says: { advice: '' } },
    { status: 409, body: OWN(409, 'X'), reply: { purpose: 'delete' }, says: { advice: '' } }
  ])('HTTP $status: $says', ({ status, body = '', reply, says }) => {
    expect(errorOf(status, body, reply)).toMatchObject(says);
  });
});

describe('an error', () => {
  it('of a malformed reply may pass', () => {
    expect(malformedReply('it is tea')).toMatchObject({
      kind: 'transient',
      title: 'The reply is not what Ops Manager answers',
      happened: 'The reply is not what Ops Manager answers: it is tea.',
      advice: 'Check whether something between the runner and Ops Manager changes replies.'
    });
  });

  it.each([
    { challenge: 'Basic realm="r"', says: /^The server asks for another kind of login than a di/ },
    { challenge: ['Bearer', 'Digest algorithm=X'], says: /^The server asks for a digest of a kind/ }
  ])('of a challenge that cannot be answered is nobody’s refusal: $challenge', (reply) => {
    for (const body of [HTML, OWN(401, 'USER_UNAUTHORIZED')]) {
      const { challenge, says } = reply;
      const error = errorOf(401, body, { login: 'unanswerable', challenge });
      expect(error?.message).toMatch(says);
      expect(error).toMatchObject({ kind: 'misconfigured', status: 401 });
    }
  });

  it('of a Node that refuses MD5 says so', () => {
    const error = errorOf(401, HTML, { login: 'hash-refused' });
    expect(error?.message).toMatch(/MD5.*FIPS.*SHA-256/);
    expect(error).toMatchObject({
      kind: 'misconfigured',
      status: 401,
      title: 'This runner’s Node refuses MD5'
    });
  });

  it('is shown without what could do harm', () => {
    const detail = '::add-mask::x\n##[add-path]y\u202e';
    const error = errorOf(400, { error: 400, detail, errorCode: '::error::' });
    expect(error?.message).not.toMatch(/\n|##\[|\u202e|^\s*::/);
  });
});

function retryAfterMs(value: string | undefined, date: string | undefined): number | undefined {
  const headers: Readonly<Record<string, string | undefined>> = { 'retry-after': value, date };
  const reply = { status: 429, text: '', header: (name: string) => headers[name] };
  return readReply(reply, TEXT).retryAfterMs;
}

describe('Retry-After', () => {
  const DATE = 'Sat, 21 Nov 2026 10:00:00 GMT';
  it.each([
    { value: undefined, date: DATE, want: undefined },
    { value: '0', date: DATE, want: 0 },
    { value: '120', date: undefined, want: 120_000 },
    { value: ' 5 ', date: DATE, want: 5_000 },
    { value: 'Sat, 21 Nov 2026 10:01:30 GMT', date: DATE, want: 90_000 },
    { value: 'Sat, 21 Nov 2026 09:00:00 GMT', date: DATE, want: 0 },
    { value: 'Saturday, 21-Nov-26 10:00:10 GMT', date: DATE, want: 10_000 },
    { value: 'soon', date: DATE, want: undefined },
    { value: '', date: DATE, want: undefined },
    { value: '-5', date: DATE, want: undefined },
    { value: '1.5', date: DATE, want: undefined },
    { value: '99999999999', date: DATE, want: undefined },
    { value: 'xMon, 20 Oct 2025 10:00:05 GMT', date: DATE, want: undefined },
    { value: 'M0n, 20 Oct 2025', date: DATE, want: undefined },
    { value: 'Mo 20 Oct 2025 10:00:05 GMT', date: DATE, want: undefined }
  ])('“$value” is $want ms', ({ value, date, want }) => {
    expect(retryAfterMs(value, date)).toBe(want);
  });

  it('that is a date counts from this machine’s own time when the server tells none', () => {
    const inOneHour = new Date(Date.now() + 3_600_000).toUTCString();
    const ms = retryAfterMs(inOneHour, 'no date') ?? 0;
    expect(ms).toBeGreaterThan(3_500_000);
    expect(ms).toBeLessThanOrEqual(3_600_000);
  });
});
