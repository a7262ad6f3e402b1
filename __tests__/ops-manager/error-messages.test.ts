import { describe, expect, it } from '@jest/globals';
import {
  errorOfNetwork,
  errorOfReply,
  isRefusal,
  isTransient,
  malformedReply,
  OpsManagerError,
  parseRetryAfter,
  unanswerableChallenge,
  type NetworkFailure
} from '../../src/ops-manager/errors.ts';

const HOST = 'om.example.com:8443';

function networkError(failure: Partial<NetworkFailure>, hasAnswered = false): OpsManagerError {
  return errorOfNetwork({ code: '', message: '', host: HOST, ...failure }, { hasAnswered }, 'why');
}

function replyError(status: number, hasAnswered = false, location?: string): OpsManagerError {
  return errorOfReply({ status, body: undefined, location }, { hasAnswered });
}

describe('a failure below HTTP', () => {
  const SHOWN = 'The certificate of om.example.com:8443 was not accepted: unable to verify.';
  const AUTHORITY = 'Set ca-certificate to the certificate of the authority that issued it.';
  const MEND = 'Mend the certificate of Ops Manager, or set ca-certificate to its authority.';
  const RENEW = 'Renew the certificate of Ops Manager, and check the clock of this runner.';

  it.each([
    { code: 'DEPTH_ZERO_SELF_SIGNED_CERT', advice: AUTHORITY },
    { code: 'SELF_SIGNED_CERT_IN_CHAIN', advice: AUTHORITY },
    { code: 'UNABLE_TO_GET_ISSUER_CERT', advice: AUTHORITY },
    { code: 'UNABLE_TO_GET_ISSUER_CERT_LOCALLY', advice: AUTHORITY },
    { code: 'UNABLE_TO_VERIFY_LEAF_SIGNATURE', advice: AUTHORITY },
    { code: 'CERT_UNTRUSTED', advice: AUTHORITY },
    { code: 'CERT_HAS_EXPIRED', advice: RENEW },
    { code: 'CERT_NOT_YET_VALID', advice: RENEW },
    {
      code: 'ERR_TLS_CERT_ALTNAME_INVALID',
      advice: 'Set base-url to a name that the certificate has.'
    },
    { code: 'CERT_REVOKED', advice: MEND },
    { code: 'CRL_HAS_EXPIRED', advice: MEND },
    { code: 'HOSTNAME_MISMATCH', advice: MEND },
    { code: 'INVALID_CA', advice: MEND },
    { code: 'INVALID_PURPOSE', advice: MEND },
    { code: 'PATH_LENGTH_EXCEEDED', advice: MEND }
  ])('of the certificate ($code) says what to mend', ({ code, advice }) => {
    const message = 'unable to verify; if the root CA is installed locally, try --use-system-ca';
    const error = networkError({ code, message });
    expect(error.message).toBe(`${SHOWN} ${advice}`);
    expect(error).toMatchObject({ trouble: 'certificate', transient: false });
    expect(networkError({ code, message, issuer: 'Corp' }).message).toBe(
      `${SHOWN} It was issued by “Corp”. ${advice}`
    );
    expect(networkError({ code, message }, true).transient).toBe(true);
  });

  it.each([
    {
      code: 'ENOTFOUND',
      message: 'getaddrinfo ENOTFOUND om.example.com',
      says: "The host name in base-url is unknown here: om.example.com:8443. Check base-url, and that this runner's DNS knows the name."
    },
    {
      code: 'ENOTFOUND',
      message: 'no such name',
      says: "The host name in base-url is unknown here: om.example.com:8443. Check base-url, and that this runner's DNS knows the name."
    },
    {
      code: 'ENOTFOUND',
      message: 'getaddrinfo ENOTFOUND proxy.example.com',
      says: "The proxy's host name is unknown here: proxy.example.com. Check HTTPS_PROXY and HTTP_PROXY in the environment."
    },
    ...[
      { code: 'ERR_SSL_WRONG_VERSION_NUMBER', message: 'tls' },
      { code: 'EPROTO', message: 'error:0A00010B: wrong version number:ssl3_record.c' },
      { code: 'ERR_SSL_PACKET_LENGTH_TOO_LONG', message: 'packet length too long' }
    ].map((failure) => ({
      ...failure,
      says: 'om.example.com:8443 does not speak TLS. Check the port in base-url; Ops Manager without HTTPS is http:// on port 8080.'
    })),
    ...[
      { code: 'ERR_SSL_TLSV13_ALERT_CERTIFICATE_REQUIRED', message: 'broken' },
      { code: 'ERR_SSL_SSLV3_ALERT_HANDSHAKE_FAILURE', message: 'broken' },
      { code: 'ERR_SSL_SSLV3_ALERT_BAD_CERTIFICATE', message: 'broken' },
      { code: 'ERR_SSL_TLSV1_ALERT_UNKNOWN_CA', message: 'broken' }
    ].map((failure) => ({
      ...failure,
      says: 'om.example.com:8443 ended the TLS handshake (broken). Set client-certificate and client-key to a pair that Ops Manager accepts.'
    })),
    {
      code: 'EPROTO',
      message:
        '40:error:0A00045C:SSL routines:ssl3_read_bytes:tlsv13 alert certificate required:ssl/rec_layer_s3.c:916:',
      says: 'om.example.com:8443 ended the TLS handshake (tlsv13 alert certificate required). Set client-certificate and client-key to a pair that Ops Manager accepts.'
    },
    ...['Proxy response (407) !== 200', 'Proxy Authentication Required'].map((message) => ({
      code: 'UND_ERR_ABORTED',
      message,
      says: 'The proxy asks for credentials (HTTP 407). Put them into HTTPS_PROXY or HTTP_PROXY, as http://user:password@proxy:port.'
    })),
    ...['403', '405'].map((status) => ({
      code: 'UND_ERR_ABORTED',
      message: `Proxy response (${status}) !== 200 when HTTP Tunneling`,
      says: `The proxy refused a connection to om.example.com:8443 (HTTP ${status}). Allow it there, or add the host to NO_PROXY.`
    }))
  ])('of the configuration ($code, $message) is final at first', ({ code, message, says }) => {
    const error = networkError({ code, message });
    expect(error.message).toBe(says);
    expect(error).toMatchObject({ trouble: 'network', transient: false, cause: 'why' });
    expect(networkError({ code, message }, true).transient).toBe(true);
  });

  const REACH = 'Check that Ops Manager is up and that this runner can reach it.';
  const TRY_TLS = 'If this port speaks HTTPS, base-url must begin with https://.';
  it.each<{ failure: Partial<NetworkFailure>; hasAnswered?: boolean; says: string }>([
    { failure: { code: 'ECONNREFUSED', message: 'connect ECONNREFUSED' }, says: REACH },
    { failure: { code: 'ECONNRESET', message: 'ECONNRESET', scheme: 'https:' }, says: REACH },
    { failure: { code: 'EPIPE', message: 'EPIPE', scheme: 'http:' }, says: REACH },
    ...['ECONNRESET', 'UND_ERR_SOCKET', 'HPE_INVALID_CONSTANT'].flatMap((code) => [
      { failure: { code, message: code, scheme: 'http:' }, says: TRY_TLS },
      { failure: { code, message: code, scheme: 'http:' }, hasAnswered: true, says: REACH }
    ]),
    { failure: { code: 'EXAMPLE_INVALID_CA', message: 'EXAMPLE_INVALID_CA' }, says: REACH },
    { failure: { code: 'EPROXY', message: 'Proxy response (502)' }, says: REACH }
  ])('of the network ($failure) may pass: $says', ({ failure, hasAnswered, says }) => {
    const error = networkError(failure, hasAnswered);
    expect(error.message).toMatch(/^No answer from om\.example\.com:8443: /);
    expect(error.message.slice(error.message.indexOf('. ') + 2)).toBe(says);
    expect(error).toMatchObject({ trouble: 'network', transient: true });
  });

  it.each([
    { code: 'ETIMEDOUT', message: 'too slow', says: 'too slow (ETIMEDOUT)' },
    { code: 'ETIMEDOUT', message: 'connect ETIMEDOUT', says: 'connect ETIMEDOUT' },
    { code: '', message: 'too slow', says: 'too slow' }
  ])('names its code once: $says', ({ code, message, says }) => {
    expect(networkError({ code, message }).message).toMatch(`No answer from ${HOST}: ${says}. `);
  });
});

describe('a reply that is not Ops Manager’s', () => {
  const FOREIGN = (status: number) =>
    `base-url answered HTTP ${status} in a form that is not Ops Manager's API. Check base-url: host, port, and a context path if Ops Manager has one.`;
  const REDIRECT = (status: number, target: string) =>
    `base-url answered with a redirect${target} (HTTP ${status}), which is never followed: credentials go to base-url and nowhere else. Set base-url to Ops Manager's own address.`;

  it.each([
    { status: 299, says: FOREIGN(299) },
    { status: 300, says: REDIRECT(300, '') },
    {
      status: 302,
      location: 'https://login.example.com/',
      says: 'to https://login.example.com/ ('
    },
    { status: 399, says: REDIRECT(399, '') },
    { status: 400, says: FOREIGN(400) },
    { status: 404, says: FOREIGN(404) }
  ])('with HTTP $status is final at first: $says', ({ status, location, says }) => {
    const error = replyError(status, false, location);
    expect(error.message).toContain(says);
    expect(error).toMatchObject({ trouble: 'unexpected-reply', transient: false, status });
    expect(replyError(status, true, location).transient).toBe(true);
  });
});

describe('a redirect with a body of Ops Manager’s', () => {
  it('is a redirect all the same', () => {
    const body = { errorCode: 'MOVED', detail: 'elsewhere' };
    const error = errorOfReply({ status: 302, body }, { hasAnswered: true });
    expect(error).toMatchObject({ trouble: 'unexpected-reply', transient: true });
  });
});

describe('an error', () => {
  it('of a malformed reply may pass', () => {
    const error = malformedReply('it is tea');
    expect(error.message).toMatch(/^The reply is not what Ops Manager answers: it is tea\. Check/);
    expect(error).toMatchObject({ trouble: 'unexpected-reply', transient: true });
  });

  it('of a challenge that cannot be answered is final', () => {
    const error = unanswerableChallenge('tea');
    expect(error.message).toMatch(/^The server asks for tea, and the private key is never sent/);
    expect(error).toMatchObject({ trouble: 'authentication', transient: false, status: 401 });
  });

  it('has its name and its cause', () => {
    const cause = new Error('inner');
    const error = new OpsManagerError('x', { trouble: 'network', transient: true, cause });
    expect(error.name).toBe('OpsManagerError');
    expect(error.cause).toBe(cause);
  });

  it.each([
    { error: replyError(503), transient: true, refusal: false },
    { error: replyError(401), transient: false, refusal: true },
    { error: malformedReply('x'), transient: true, refusal: false },
    { error: unanswerableChallenge('x'), transient: false, refusal: false },
    { error: new Error('x'), transient: false, refusal: false },
    { error: { transient: true, trouble: 'refused' }, transient: false, refusal: false }
  ])('$error is sorted', ({ error, transient, refusal }) => {
    expect(isTransient(error)).toBe(transient);
    expect(isRefusal(error)).toBe(refusal);
  });

  it.each([
    { status: 500, says: 'answered HTTP 500. Look at Ops Manager and its load balancer if' },
    { status: 429, says: 'answered HTTP 429. Raise poll-interval if this goes on.' },
    { status: 408, says: 'answered HTTP 408. Look at the request in Ops Manager.' }
  ])('of HTTP $status without words has an advice', ({ status, says }) => {
    expect(replyError(status).message).toContain(says);
  });

  it.each(['xMon, 20 Oct 2025 10:00:05 GMT', 'M0n, 20 Oct 2025', 'Mo 20 Oct 2025 10:00:05 GMT'])(
    'takes no wish to wait from %s',
    (value) => {
      expect(parseRetryAfter(value, 'Mon, 20 Oct 2025 10:00:00 GMT')).toBeUndefined();
    }
  );
});
