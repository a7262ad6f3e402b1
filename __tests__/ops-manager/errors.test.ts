import { describe, expect, it } from '@jest/globals';
import { errorOfNetwork, errorOfReply, parseRetryAfter } from '../../src/ops-manager/errors.ts';
import { readErrorBody, readReply } from '../../src/ops-manager/reply.ts';

const DOCUMENTED = {
  detail: 'Cannot find resource.',
  error: 404,
  errorCode: 'RESOURCE_NOT_FOUND',
  parameters: [],
  reason: 'Not Found'
};

/** As the client reads a reply: status and body, before or after the first good answer. */
function errorOf(status: number, body: unknown, hasAnswered: boolean, retryAfter?: string) {
  const text = typeof body === 'string' ? body : JSON.stringify(body);
  const reply = readReply(status, text);
  return errorOfReply(
    { status: reply.status, body: readErrorBody(reply.json), retryAfter },
    { hasAnswered }
  );
}

const OWN = (status: number, errorCode: string) => ({ error: status, errorCode, detail: 'words' });
const HTML = '<html><h1>Service Unavailable</h1></html>';

describe.each([
  { when: 'before the first good answer', hasAnswered: false },
  { when: 'after it', hasAnswered: true }
])('$when', ({ hasAnswered }) => {
  it.each([
    { status: 400, body: OWN(400, 'INVALID_ATTRIBUTE'), says: /objects to/ },
    { status: 401, body: OWN(401, 'USER_UNAUTHORIZED'), says: /public-key and private-key/ },
    { status: 401, body: OWN(401, 'NOT_IN_GROUP'), says: /project-id/ },
    { status: 401, body: '', says: /public-key and private-key/ },
    { status: 401, body: HTML, says: /public-key and private-key/ },
    { status: 403, body: OWN(403, 'IP_ADDRESS_NOT_ON_ACCESS_LIST'), says: /access list/ },
    { status: 403, body: OWN(403, 'FEATURE_UNSUPPORTED'), says: /8\.0\.13/ },
    { status: 403, body: OWN(403, 'SOMETHING_ELSE'), says: /role.*access list/ },
    { status: 404, body: DOCUMENTED, says: /request-id and project-id.*8\.0\.13/ },
    { status: 404, body: OWN(404, 'GROUP_NOT_FOUND'), says: /project-id/ },
    { status: 404, body: OWN(404, 'INVALID_GROUP_ID'), says: /project-id/ },
    { status: 409, body: OWN(409, 'CONFLICT'), says: /Look at the import/ },
    { status: 422, body: OWN(422, 'OTHER'), says: /Look at the request/ },
    { status: 200, body: { status: 404 }, says: /HTTP 404\. Check request-id/ },
    { status: 200, body: { error: 404, detail: 'gone' }, says: /HTTP 404 \(“gone”\)/ },
    { status: 200, body: { status: '404' }, says: /HTTP 404/ },
    { status: 500, body: { status: 404 }, says: /HTTP 404/ },
    { status: 200, body: { status: 403, content: OWN(403, 'X') }, says: /HTTP 403 X/ }
  ])('$status with $body is final', ({ status, body, says }) => {
    const error = errorOf(status, body, hasAnswered);
    expect(error).toMatchObject({ trouble: 'refused', transient: false });
    expect(error.message).toMatch(says);
  });

  it.each<{ status: number; body: unknown }>([
    ...[408, 425, 429, 500, 502, 503, 504, 599].flatMap((status) => [
      { status, body: OWN(status, 'UNEXPECTED_ERROR') },
      { status, body: HTML },
      { status, body: '' }
    ]),
    { status: 200, body: { error: 503 } },
    { status: 200, body: { status: 503, content: {} } }
  ])('$status with $body is transient', ({ status, body }) => {
    const error = errorOf(status, body, hasAnswered, '7');
    expect(error).toMatchObject({ trouble: 'unavailable', transient: true, retryAfterMs: 7000 });
  });

  it.each([
    { status: 404, body: HTML },
    { status: 404, body: '' },
    { status: 404, body: { error: 'not found' } },
    { status: 403, body: HTML },
    { status: 302, body: '' },
    { status: 304, body: '' }
  ])(`$status with $body is final only before it`, ({ status, body }) => {
    const error = errorOf(status, body, hasAnswered, '7');
    expect(error).toMatchObject({ trouble: 'unexpected-reply', transient: hasAnswered });
    expect(error.message).toMatch(/base-url/);
    expect(error.retryAfterMs).toBeUndefined();
  });

  it.each([
    {
      code: 'ENOTFOUND',
      message: 'getaddrinfo ENOTFOUND om.example.com',
      says: /base-url is unknown/
    },
    { code: 'ENOTFOUND', message: 'getaddrinfo ENOTFOUND proxy.lan', says: /proxy.*proxy\.lan/ },
    { code: 'SELF_SIGNED_CERT_IN_CHAIN', message: 'self-signed', says: /ca-certificate/ },
    { code: 'CERT_NOT_YET_VALID', message: 'not yet valid', says: /clock/ },
    { code: 'CERT_REVOKED', message: 'revoked', says: /Mend the certificate/ },
    { code: 'ERR_SSL_WRONG_VERSION_NUMBER', message: 'wrong version number', says: /8080/ },
    { code: 'ERR_SSL_PACKET_LENGTH_TOO_LONG', message: 'packet length too long', says: /8080/ },
    { code: 'ERR_SSL_TLSV13_ALERT_CERTIFICATE_REQUIRED', message: 'x', says: /client-key/ }
  ])('$code is final only before it', ({ code, message, says }) => {
    const failure = { code, message, host: 'om.example.com:8443' };
    const error = errorOfNetwork(failure, { hasAnswered }, undefined);
    expect(error.transient).toBe(hasAnswered);
    expect(error.message).toMatch(says);
  });

  it.each(['ECONNREFUSED', 'ECONNRESET', 'ETIMEDOUT', 'EAI_AGAIN', 'EHOSTUNREACH', 'EPIPE', ''])(
    '“%s” is transient',
    (code) => {
      const failure = { code, message: 'it broke', host: 'om.example.com:8443' };
      const error = errorOfNetwork(failure, { hasAnswered }, undefined);
      expect(error).toMatchObject({ trouble: 'network', transient: true });
      expect(error.message).toMatch(/^No answer from om\.example\.com:8443: it broke/);
    }
  );
});

describe('an error body', () => {
  it.each([
    {
      name: 'as documented',
      body: DOCUMENTED,
      want: { errorCode: 'RESOURCE_NOT_FOUND', detail: 'Cannot find resource.' }
    },
    {
      name: 'without parameters',
      body: { ...DOCUMENTED, parameters: undefined },
      want: { detail: 'Cannot find resource.' }
    },
    {
      name: 'with numbers for parameters',
      body: { ...DOCUMENTED, parameters: [1] },
      want: { detail: 'Cannot find resource.' }
    },
    {
      name: 'without a code',
      body: { error: 401, detail: 'No.' },
      want: { errorCode: undefined, detail: 'No.' }
    },
    {
      name: 'with a reason alone',
      body: { reason: 'Unauthorized' },
      want: { detail: 'Unauthorized' }
    },
    {
      name: 'with a status alone',
      body: { status: 404 },
      want: { errorCode: undefined, detail: undefined }
    },
    {
      name: 'with fields of the wrong kind',
      body: { errorCode: 5, detail: [], error: 404 },
      want: { errorCode: undefined, detail: undefined }
    }
  ])('$name is Ops Manager’s', ({ body, want }) => {
    expect(readErrorBody(body)).toMatchObject(want);
  });

  it.each([undefined, null, 'text', 5, [], {}, { message: 'x' }, { error: 'not found' }])(
    '%j is not Ops Manager’s',
    (body) => {
      expect(readErrorBody(body)).toBeUndefined();
    }
  );

  it('is shown without what could do harm', () => {
    const detail = '::add-mask::x\n##[add-path]y\u202e';
    const { message } = errorOf(400, { error: 400, detail, errorCode: '::error::' }, false);
    expect(message).not.toMatch(/\n|##\[|\u202e|^\s*::/);
  });
});

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
    { value: '99999999999', date: DATE, want: undefined }
  ])('“$value” is $want ms', ({ value, date, want }) => {
    expect(parseRetryAfter(value, date)).toBe(want);
  });

  it('that is a date counts from this machine’s own time when the server tells none', () => {
    const inOneHour = new Date(Date.now() + 3_600_000).toUTCString();
    const ms = parseRetryAfter(inOneHour, 'no date') ?? 0;
    expect(ms).toBeGreaterThan(3_500_000);
    expect(ms).toBeLessThanOrEqual(3_600_000);
  });
});
