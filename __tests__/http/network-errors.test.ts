import { describe, expect, it } from '@jest/globals';
import type { ApiError } from '../../src/case/import-api.ts';
import { errorOfNetwork } from '../../src/http/network-errors.ts';
import type { NetworkFailure } from '../../src/http/network-failure.ts';

const HOST = 'om.example.com:8443';
const PROXY = 'proxy.example.com:3128';

function errorOf(failure: Partial<NetworkFailure>): ApiError {
  const complete = { code: '', message: '', host: HOST, scheme: 'https:', ...failure };
  return errorOfNetwork(complete, 'why');
}

describe('a certificate that is not accepted', () => {
  const SHOWN = `The certificate of ${HOST} was not accepted: unable to verify.`;
  const AUTHORITY = 'Set ca-certificate to the certificate of the authority that issued it.';
  const CORRECT = 'Correct the certificate, or set ca-certificate to its authority.';
  const RENEW = 'Renew the certificate, and check the clock of this runner.';

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
    { code: 'CERT_REVOKED', advice: CORRECT },
    { code: 'CRL_HAS_EXPIRED', advice: CORRECT },
    { code: 'HOSTNAME_MISMATCH', advice: CORRECT },
    { code: 'INVALID_CA', advice: CORRECT },
    { code: 'INVALID_PURPOSE', advice: CORRECT },
    { code: 'PATH_LENGTH_EXCEEDED', advice: CORRECT }
  ])('($code) says what to mend', ({ code, advice }) => {
    const message = 'unable to verify; if the root CA is installed locally, try --use-system-ca';
    expect(errorOf({ code, message })).toMatchObject({
      kind: 'misconfigured',
      title: `Certificate of ${HOST} not accepted`,
      happened: SHOWN,
      advice
    });
    expect(errorOf({ code, message, issuer: 'Corp' }).message).toBe(
      `${SHOWN} It was issued by “Corp”. ${advice}`
    );
  });

  it('is the proxy’s where none has passed it', () => {
    const failure = { code: 'ERR_TLS_CERT_ALTNAME_INVALID', message: 'bad name' };
    const proxy = { host: PROXY, isPassed: false };
    expect(errorOf({ ...failure, proxy }).message).toBe(
      `The certificate of the proxy ${PROXY} was not accepted: bad name. Set HTTPS_PROXY to a name that the certificate has.`
    );
    expect(errorOf({ ...failure, proxy: { ...proxy, isPassed: true } }).message).toMatch(
      `The certificate of ${HOST} `
    );
  });
});

describe('a wrong configuration', () => {
  it.each<{ failure: Partial<NetworkFailure>; title: string; says: string }>([
    {
      failure: { code: 'ENOTFOUND', message: 'getaddrinfo ENOTFOUND om.example.com' },
      title: `${HOST} is unknown`,
      says: `The host name in base-url is unknown here: ${HOST}. Check base-url, and that this runner’s DNS knows the name.`
    },
    ...[
      { code: 'ERR_SSL_WRONG_VERSION_NUMBER', message: 'tls' },
      { code: 'EPROTO', message: 'error:0A00010B: wrong version number:ssl3_record.c' },
      { code: 'ERR_SSL_PACKET_LENGTH_TOO_LONG', message: 'packet length too long' }
    ].map((failure) => ({
      failure,
      title: `${HOST} does not speak TLS`,
      says: `${HOST} does not speak TLS. Check the port in base-url; Ops Manager without HTTPS is http:// on port 8080.`
    })),
    ...[
      { code: 'ERR_SSL_TLSV13_ALERT_CERTIFICATE_REQUIRED', message: 'broken' },
      { code: 'ERR_SSL_SSLV3_ALERT_HANDSHAKE_FAILURE', message: 'broken' },
      { code: 'ERR_SSL_SSLV3_ALERT_BAD_CERTIFICATE', message: 'broken' },
      { code: 'ERR_SSL_TLSV1_ALERT_UNKNOWN_CA', message: 'broken' },
      {
        code: 'EPROTO',
        message:
          '40:error:0A00045C:SSL routines:ssl3_read_bytes:tlsv13 alert certificate required:ssl/rec_layer_s3.c:916:'
      }
    ].map((failure) => ({
      failure,
      title: `${HOST} asks for another client certificate`,
      says: `${HOST} ended the TLS handshake (${failure.message === 'broken' ? 'broken' : 'tlsv13 alert certificate required'}). Set client-certificate and client-key to a pair that Ops Manager accepts.`
    }))
  ])('($failure.code, $failure.message) is “$title”', ({ failure, title, says }) => {
    expect(errorOf(failure)).toMatchObject({
      kind: 'misconfigured',
      title,
      message: says,
      cause: 'why'
    });
  });
});

describe('a proxy that lets nothing through', () => {
  const proxy = { host: PROXY, isPassed: false };
  const tunnel = (status: number) => ({
    code: 'UND_ERR_ABORTED',
    message: `Proxy response (${status}) !== 200 when HTTP Tunneling`
  });

  it.each<{
    failure: Partial<NetworkFailure>;
    kind: ApiError['kind'];
    title: string;
    advice: string;
  }>([
    {
      failure: tunnel(407),
      kind: 'misconfigured',
      title: `The proxy ${PROXY} asks for credentials`,
      advice: 'Put them into HTTPS_PROXY, as http://user:password@proxy:port.'
    },
    {
      failure: {
        code: 'UND_ERR_INVALID_ARG',
        message: 'Proxy Authentication Required (407)',
        scheme: 'http:',
        proxy: { host: PROXY, isPassed: true }
      },
      kind: 'misconfigured',
      title: `The proxy ${PROXY} asks for credentials`,
      advice: 'Put them into HTTP_PROXY, as http://user:password@proxy:port.'
    },
    ...[302, 400, 403, 404, 405].map((status) => ({
      failure: tunnel(status),
      kind: 'misconfigured' as const,
      title: `The proxy ${PROXY} refused the connection`,
      advice: 'Allow it there, or add the host to NO_PROXY.'
    })),
    ...[408, 425, 429, 500, 502, 503, 504].map((status) => ({
      failure: tunnel(status),
      kind: 'transient' as const,
      title: `The proxy ${PROXY} answered HTTP ${status}`,
      advice: 'Check that Ops Manager is up, and that the proxy can reach it.'
    })),
    {
      failure: { code: 'ENOTFOUND', message: 'getaddrinfo ENOTFOUND proxy.example.com' },
      kind: 'misconfigured',
      title: `The proxy ${PROXY} is unknown`,
      advice: 'Check HTTPS_PROXY in the environment.'
    },
    {
      failure: { code: 'ECONNREFUSED', message: 'connect ECONNREFUSED 127.0.0.1:1' },
      kind: 'transient',
      title: `The proxy ${PROXY} refused the connection`,
      advice: 'Check that the proxy is up, and HTTPS_PROXY in the environment.'
    },
    ...['ECONNRESET', 'ETIMEDOUT', 'EAI_AGAIN', 'UND_ERR_SOCKET', ''].map((code) => ({
      failure: { code, message: 'it broke' },
      kind: 'transient' as const,
      title: `No answer from the proxy ${PROXY}`,
      advice: `Check that the proxy is up and can reach ${HOST}, and HTTPS_PROXY in the environment.`
    })),
    {
      failure: { code: 'ERR_SSL_WRONG_VERSION_NUMBER', message: 'x' },
      kind: 'misconfigured',
      title: `The proxy ${PROXY} does not speak TLS`,
      advice: 'Write it as http:// in HTTPS_PROXY.'
    }
  ])('is “$title” for $failure.code $failure.message', ({ failure, kind, title, advice }) => {
    const error = errorOf({ proxy, ...failure });
    expect(error).toMatchObject({ kind, title, advice });
    expect(error.happened).toContain(PROXY.split(':')[0]);
  });

  it('is named beside Ops Manager where it has let a connection through', () => {
    const passed = { host: PROXY, isPassed: true };
    expect(errorOf({ code: 'ECONNRESET', message: 'reset', proxy: passed })).toMatchObject({
      kind: 'transient',
      title: `No answer from ${HOST}`,
      message: `No answer from ${HOST} through the proxy ${PROXY}: reset (ECONNRESET). Check that Ops Manager is up and that the proxy ${PROXY} can reach it.`
    });
  });
});

describe('trouble with the network', () => {
  const REACH = 'Check that Ops Manager is up and that this runner can reach it.';
  const TRY_TLS =
    'Check that Ops Manager is up; if this port speaks HTTPS, base-url must begin with https://.';
  it.each<{ failure: Partial<NetworkFailure>; advice: string }>([
    ...['ECONNREFUSED', 'ETIMEDOUT', 'EAI_AGAIN', 'EHOSTUNREACH', 'EPIPE', 'X_INVALID_CA', ''].map(
      (code) => ({ failure: { code, message: 'it broke' }, advice: REACH })
    ),
    ...['ECONNRESET', 'UND_ERR_SOCKET', 'HPE_INVALID_CONSTANT'].flatMap((code) => [
      { failure: { code, message: code }, advice: REACH },
      { failure: { code, message: code, scheme: 'http:' }, advice: TRY_TLS }
    ])
  ])('may pass: $failure', ({ failure, advice }) => {
    const error = errorOf(failure);
    expect(error).toMatchObject({ kind: 'transient', title: `No answer from ${HOST}`, advice });
    expect(error.happened).toMatch(`No answer from ${HOST}: `);
  });

  it.each([
    { code: 'ETIMEDOUT', message: 'too slow', says: 'too slow (ETIMEDOUT)' },
    { code: 'ETIMEDOUT', message: 'connect ETIMEDOUT', says: 'connect ETIMEDOUT' },
    { code: '', message: 'too slow', says: 'too slow' }
  ])('names its code once: $says', ({ code, message, says }) => {
    expect(errorOf({ code, message }).happened).toBe(`No answer from ${HOST}: ${says}.`);
  });

  it('has a short title, however long the names are', () => {
    const host = `${'long.'.repeat(50)}example.com`;
    for (const code of ['ENOTFOUND', 'CERT_HAS_EXPIRED', 'ECONNREFUSED']) {
      for (const proxy of [undefined, { host, isPassed: false }]) {
        expect(errorOf({ code, host, proxy }).title.length).toBeLessThanOrEqual(100);
      }
    }
  });
});
