import { describe, expect, it } from '@jest/globals';
import type { ApiError } from '../../src/case/import-api.ts';
import { HttpFailure, type Hop, type Where } from '../../src/http/failure.ts';
import { errorOfFailure } from '../../src/ops-manager/network-errors.ts';
import { ServerText } from '../../src/untrusted.ts';
import { Redaction } from '../../src/redaction.ts';

const HOST = 'om.example.com:8443';
const PROXY = 'proxy.example.com:3128';
const TEXT = new ServerText(new Redaction(['s3cret-name']));

interface Failed {
  readonly at: Where;
  readonly hop?: Hop;
  readonly code?: string;
  readonly message?: string;
  readonly facts?: HttpFailure['facts'];
  readonly reach?: Partial<Parameters<typeof errorOfFailure>[1]>;
}

function errorOf({
  at,
  hop = 'server',
  code = '',
  message = 'it broke',
  facts,
  reach
}: Failed): ApiError {
  const place = { host: HOST, scheme: 'https:', hasClientCertificate: false, hasWorked: false };
  const failure = new HttpFailure(at, hop, { code, message }, facts);
  return errorOfFailure(failure, { ...place, ...reach }, TEXT);
}

const THROUGH: HttpFailure['facts'] = { proxy: PROXY };
const OF_PROXY = { hop: 'proxy', facts: THROUGH } as const;

describe('a name', () => {
  it('that is unknown is a wrong configuration', () => {
    expect(errorOf({ at: 'name', code: 'ENOTFOUND' })).toMatchObject({
      kind: 'misconfigured',
      title: `${HOST} is unknown`,
      message: `The host name in base-url is unknown here: ${HOST}. Check base-url, and that this runner’s DNS knows the name.`
    });
    expect(errorOf({ at: 'name', code: 'ENOTFOUND', ...OF_PROXY })).toMatchObject({
      kind: 'misconfigured',
      title: `The proxy ${PROXY} is unknown`,
      message: `The proxy’s host name is unknown here: ${PROXY}. Check HTTPS_PROXY in the environment, and that this runner’s DNS knows the name.`
    });
  });

  it('that was known before is DNS’s trouble', () => {
    const error = errorOf({ at: 'name', code: 'ENOTFOUND', reach: { hasWorked: true } });
    expect(error.advice).toBe('Check the DNS of this runner: it knew the name before.');
  });

  it('that cannot be looked up now may be later', () => {
    expect(errorOf({ at: 'name', code: 'EAI_AGAIN' })).toMatchObject({
      kind: 'transient',
      title: `DNS does not tell the address of ${HOST}`,
      message: `The address of ${HOST} could not be looked up: it broke (EAI_AGAIN). Check the DNS of this runner.`
    });
  });
});

/** What ends a call whose time is over. */
const LATE = { code: 'ETIMEDOUT', message: 'no complete reply within 30 s' };

describe('no answer', () => {
  it.each<{ failed: Omit<Failed, 'at'>; says: string }>([
    {
      failed: { code: 'ECONNREFUSED' },
      says: `No answer from ${HOST}: it broke (ECONNREFUSED). Check that Ops Manager is up and that this runner can reach it.`
    },
    {
      failed: { ...LATE, facts: { wasOpen: false } },
      says: `No answer from ${HOST}: no complete reply within 30 s (ETIMEDOUT). Check that Ops Manager is up and that this runner can reach it.`
    },
    {
      failed: { ...LATE, facts: { wasOpen: true } },
      says: `No answer from ${HOST}: no complete reply within 30 s (ETIMEDOUT). Look at Ops Manager, or raise request-timeout if it is only slow.`
    },
    {
      failed: { code: 'ECONNRESET', message: 'read ECONNRESET', facts: THROUGH },
      says: `No answer from ${HOST} through the proxy ${PROXY}: read ECONNRESET. Check that Ops Manager is up and that the proxy ${PROXY} can reach it.`
    },
    {
      failed: { code: 'UND_ERR_SOCKET', reach: { scheme: 'http:' } },
      says: `No answer from ${HOST}: it broke (UND_ERR_SOCKET). Check that Ops Manager is up. If this port speaks HTTPS, base-url must begin with https://.`
    },
    {
      failed: { code: 'ECONNREFUSED', ...OF_PROXY },
      says: `The proxy ${PROXY} refused the connection: it broke (ECONNREFUSED). Check that the proxy is up, and HTTPS_PROXY in the environment.`
    },
    {
      failed: { ...OF_PROXY, reach: { scheme: 'http:' } },
      says: `No answer from the proxy ${PROXY}: it broke. Check that the proxy is up and can reach ${HOST}, and HTTP_PROXY in the environment.`
    }
  ])('may pass: $says', ({ failed, says }) => {
    expect(errorOf({ at: 'connection', ...failed })).toMatchObject({
      kind: 'transient',
      message: says,
      status: undefined
    });
  });
});

describe('an answer', () => {
  it('that is no HTTP is called one, and may pass', () => {
    const error = errorOf({
      at: 'answer',
      code: 'HPE_INVALID_CONSTANT',
      message: 'Expected HTTP/'
    });
    expect(error).toMatchObject({
      kind: 'transient',
      title: `The answer of ${HOST} is not HTTP as it should be`,
      message: `${HOST} answered, but not with HTTP that can be read: Expected HTTP/ (HPE_INVALID_CONSTANT). Look at Ops Manager and its load balancer if this goes on.`
    });
  });

  it('that took too long was not cut by anybody else', () => {
    expect(errorOf({ at: 'answer', ...LATE, facts: { isCut: true } })).toMatchObject({
      kind: 'transient',
      title: `The answer of ${HOST} took too long`,
      message: `The answer of ${HOST} was not whole in time: no complete reply within 30 s (ETIMEDOUT). Look at Ops Manager and its load balancer, or raise request-timeout if it is only slow.`
    });
  });

  it('over http:// asks whether the port speaks TLS', () => {
    const error = errorOf({ at: 'answer', reach: { scheme: 'http:' } });
    expect(error.advice).toBe('If this port speaks HTTPS, base-url must begin with https://.');
  });

  it('of a port that has spoken plain HTTP before does not', () => {
    const reach = { scheme: 'http:', hasWorked: true };
    const advices = [
      errorOf({ at: 'answer', reach }).advice,
      errorOf({ at: 'connection', code: 'UND_ERR_SOCKET', reach }).advice
    ];
    expect(advices).toEqual([
      'Look at Ops Manager and its load balancer if this goes on.',
      'Check that Ops Manager is up and that this runner can reach it.'
    ]);
  });

  it('whose body cannot be unpacked is HTTP all the same', () => {
    const reach = { scheme: 'http:' };
    const message = 'incorrect header check';
    const code = 'Z_DATA_ERROR';
    const facts = { isCut: false, isPacked: true };
    expect(errorOf({ at: 'answer', code, message, reach, facts })).toMatchObject({
      kind: 'transient',
      title: `The answer of ${HOST} cannot be unpacked`,
      message: `${HOST} answered, but with a body that cannot be unpacked: incorrect header check (Z_DATA_ERROR). Look at Ops Manager and its load balancer if this goes on.`
    });
  });

  it('that was cut is called one, too', () => {
    expect(errorOf({ at: 'answer', facts: { ...THROUGH, isCut: true } })).toMatchObject({
      kind: 'transient',
      title: `The answer of ${HOST} was cut short`,
      message: `The answer of ${HOST} through the proxy ${PROXY} ended before it was whole: it broke. Look at Ops Manager, its load balancer and the proxy ${PROXY} if this goes on.`
    });
  });

  it('that is too long is no reply of Ops Manager’s', () => {
    expect(errorOf({ at: 'size', message: 'it has more than 7 bytes' })).toMatchObject({
      kind: 'transient',
      happened: 'The reply is not what Ops Manager answers: it has more than 7 bytes.'
    });
  });
});

describe('a certificate that is not accepted', () => {
  const AUTHORITY = 'SELF_SIGNED_CERT_IN_CHAIN';

  it.each<{ code: string; message?: string; advice: RegExp }>([
    { code: AUTHORITY, advice: /^Set ca-certificate to the certificate of the authority/ },
    ...[
      'DEPTH_ZERO_SELF_SIGNED_CERT',
      'UNABLE_TO_GET_ISSUER_CERT',
      'UNABLE_TO_GET_ISSUER_CERT_LOCALLY',
      'UNABLE_TO_VERIFY_LEAF_SIGNATURE',
      'CERT_SIGNATURE_FAILURE',
      'CERT_UNTRUSTED'
    ].map((code) => ({ code, advice: /^Set ca-certificate to/ })),
    { code: 'CERT_HAS_EXPIRED', advice: /^Renew the certificate, and check the clock/ },
    { code: 'CERT_NOT_YET_VALID', advice: /^Renew the certificate, and check the clock/ },
    { code: 'ERR_TLS_CERT_ALTNAME_INVALID', advice: /^Set base-url to a name that/ },
    { code: 'CERT_REVOKED', advice: /^Correct the certificate/ },
    { code: 'EE_KEY_TOO_SMALL', advice: /2048 bits.*SHA-256/ },
    { code: 'UNSPECIFIED', message: 'CA signature digest algorithm too weak', advice: /SHA-256/ },
    { code: 'SOMETHING_NEW', advice: /^Correct the certificate/ }
  ])('($code) says what to mend', ({ code, advice, message }) => {
    const error = errorOf({ at: 'certificate', code, message: message ?? 'not so; try --x' });
    expect(error).toMatchObject({
      kind: 'misconfigured',
      title: `Certificate of ${HOST} not accepted`
    });
    expect(error.happened).toMatch(/^The certificate of om\.example\.com:8443 was not accepted: /);
    expect(error.happened).not.toContain('--x');
    expect(error.advice).toMatch(advice);
  });

  it.each([
    {
      shown: { issuer: 'Sub CA', isAlone: true, given: ['Root CA'] },
      advice:
        'In ca-certificate is “Root CA”, and the server sends none between: add the certificate of “Sub CA”, or let the server send it.'
    },
    {
      shown: { issuer: 'Sub CA', above: 'Other Root', isAlone: false, given: ['A', 'B', 'C', 'D'] },
      advice:
        'In ca-certificate is “A”, “B”, “C” and 1 more, and what the server sends ends at “Other Root”: add that certificate, or the authority above it.'
    },
    {
      shown: { issuer: 'Sub CA', isAlone: true, given: ['A', 'B', 'C'] },
      advice:
        'In ca-certificate is “A”, “B”, “C”, and the server sends none between: add the certificate of “Sub CA”, or let the server send it.'
    },
    {
      shown: { issuer: 'Root CA', isAlone: true, given: ['Root CA'] },
      advice:
        'In ca-certificate is one named “Root CA”, but with another key: take the present one.'
    },
    {
      shown: { isAlone: true, given: ['Root CA'] },
      advice: 'None of those in ca-certificate issued it: add the one that did, with those between.'
    }
  ])(
    'although ca-certificate is set says why that was not enough: $advice',
    ({ shown, advice }) => {
      const error = errorOf({ at: 'certificate', code: AUTHORITY, facts: { certificate: shown } });
      expect(error.advice).toBe(advice);
    }
  );

  it('names the proxy in between, and the proxy whose it is', () => {
    const certificate = { issuer: 'Corp s3cret-name CA', isAlone: false, given: [] };
    const facts = { ...THROUGH, certificate };
    expect(errorOf({ at: 'certificate', code: AUTHORITY, facts }).happened).toBe(
      `The certificate of ${HOST} through the proxy ${PROXY} was not accepted: it broke. It was issued by “Corp *** CA”.`
    );
    const own = errorOf({ at: 'certificate', code: 'HOSTNAME_MISMATCH', hop: 'proxy', facts });
    expect(own.title).toBe(`Certificate of the proxy ${PROXY} not accepted`);
    expect(own.advice).toBe('Set HTTPS_PROXY to a name that the certificate has.');
  });
});

describe('a handshake that fails', () => {
  const ssl = (reason: string): string =>
    `40:error:0A00045C:SSL routines:ssl3_read_bytes:${reason}:ssl/rec_layer_s3.c:916:`;

  it.each<{
    reason: string;
    isOverClient?: true;
    hasClientCertificate?: true;
    title: string;
    advice: RegExp;
  }>([
    ...['wrong version number', 'packet length too long', 'http request'].map((reason) => ({
      reason,
      title: `${HOST} does not speak TLS`,
      advice: /^Check the port in base-url; Ops Manager without HTTPS is http:\/\/ on port 8080\.$/
    })),
    {
      reason: 'tlsv13 alert certificate required',
      isOverClient: true,
      title: `${HOST} asks for a client certificate`,
      advice: /^Set client-certificate and client-key to a pair that Ops Manager accepts\.$/
    },
    {
      reason: 'tlsv1 alert unknown ca',
      isOverClient: true,
      hasClientCertificate: true,
      title: `${HOST} does not accept the client certificate`,
      advice: /issued by an authority that it trusts/
    },
    { reason: 'sslv3 alert handshake failure', title: `No TLS with ${HOST}`, advice: /TLS 1\.2/ },
    { reason: 'no shared cipher', title: `No TLS with ${HOST}`, advice: /TLS 1\.2.*cipher/ },
    { reason: 'tlsv1 alert protocol version', title: `No TLS with ${HOST}`, advice: /TLS 1\.2/ },
    { reason: 'unsupported protocol', title: `No TLS with ${HOST}`, advice: /TLS 1\.2/ },
    { reason: 'dh key too small', title: `No TLS with ${HOST}`, advice: /TLS 1\.2/ },
    {
      reason: 'tlsv1 alert no application protocol',
      title: `No TLS with ${HOST}`,
      advice: /HTTP\/1\.1, not HTTP\/2 alone/
    },
    {
      reason: 'tlsv1 alert internal error',
      title: `No TLS with ${HOST}`,
      advice: /^Look at the TLS/
    }
  ])(
    'by “$reason” is “$title”',
    ({ reason, isOverClient, hasClientCertificate, title, advice }) => {
      for (const facts of [{ isOverClient }, { isOverClient, ...THROUGH }]) {
        const error = errorOf({
          at: 'tls',
          code: 'EPROTO',
          message: ssl(reason),
          facts,
          reach: { hasClientCertificate: hasClientCertificate ?? false }
        });
        expect(error).toMatchObject({ kind: 'misconfigured', title });
        expect(error.advice).toMatch(advice);
        if (!title.includes('speak')) expect(error.happened).toMatch(`failed: ${reason}.`);
        if ('proxy' in facts) expect(error.happened).toContain(`through the proxy ${PROXY}`);
      }
    }
  );

  it('with the proxy names it', () => {
    const message = ssl('wrong version number');
    expect(errorOf({ at: 'tls', message, ...OF_PROXY })).toMatchObject({
      kind: 'misconfigured',
      message: `The proxy ${PROXY} does not speak TLS. Write it as http:// in HTTPS_PROXY.`
    });
  });
});

describe('a proxy that says no', () => {
  it('to the credentials that it was given is not asked for some', () => {
    const facts = { ...THROUGH, status: 407, hadLogin: true };
    expect(errorOf({ at: 'proxy', hop: 'proxy', facts })).toMatchObject({
      kind: 'misconfigured',
      title: `The proxy ${PROXY} does not accept the credentials`,
      message: `The proxy ${PROXY} does not accept the credentials (HTTP 407). Check those in HTTPS_PROXY, and that it takes Basic.`
    });
  });

  it.each([
    {
      status: 407,
      kind: 'misconfigured',
      title: `The proxy ${PROXY} asks for credentials`,
      message: `The proxy ${PROXY} asks for credentials (HTTP 407). Put them into HTTPS_PROXY, as http://user:password@proxy:port.`
    },
    ...[302, 400, 403, 404, 405].map((status) => ({
      status,
      kind: 'misconfigured',
      title: `The proxy ${PROXY} refused the connection`,
      message: `The proxy ${PROXY} refused a connection to ${HOST} (HTTP ${status}). Allow it there, or add the host to NO_PROXY.`
    })),
    ...[408, 425, 429, 500, 502, 503, 504].map((status) => ({
      status,
      kind: 'transient',
      title: `The proxy ${PROXY} answered HTTP ${status}`,
      message: `The proxy ${PROXY} could not connect to ${HOST} (HTTP ${status}). Check that Ops Manager is up, and that the proxy can reach it.`
    })),
    {
      status: undefined,
      kind: 'transient',
      title: `The proxy ${PROXY} answered it broke`,
      message: `The proxy ${PROXY} could not connect to ${HOST} (it broke). Check that Ops Manager is up, and that the proxy can reach it.`
    }
  ])('with HTTP $status is “$title”', ({ status, kind, title, message }) => {
    const error = errorOf({ at: 'proxy', hop: 'proxy', facts: { ...THROUGH, status } });
    expect(error).toMatchObject({ kind, title, message, status: undefined });
  });
});

describe('every one', () => {
  const PLACES = ['name', 'connection', 'certificate', 'tls', 'proxy', 'answer', 'size'] as const;

  it('is redacted and has a short title, however long the names are', () => {
    const proxy = `${'long.'.repeat(50)}example.com`;
    const long = { host: proxy, hasWorked: true };
    for (const at of PLACES) {
      for (const hop of ['server', 'proxy'] as const) {
        const failed = {
          at,
          hop,
          message: 'of s3cret-name\n::error::',
          facts: { proxy },
          reach: long
        };
        const { title, message } = errorOf(failed);
        expect(title.length).toBeLessThanOrEqual(100);
        expect(message).not.toMatch(/s3cret-name|\n/);
      }
    }
  });
});
