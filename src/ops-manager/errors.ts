import { clean } from '../untrusted.ts';

/** What kind of trouble a call met; it decides the words and, with `transient`, what follows. */
export type Trouble =
  /** Ops Manager itself said no. */
  | 'refused'
  /** Ops Manager, or a load balancer for it, cannot answer now. */
  | 'unavailable'
  /** The answer is not one that Ops Manager gives. */
  | 'unexpected-reply'
  /** No answer at all. */
  | 'network'
  /** The server's certificate was not accepted. */
  | 'certificate'
  /** Ops Manager answered well, but the import that was looked for is not there. */
  | 'not-found'
  /** The server wants something else than a digest that this action can give. */
  | 'authentication';

/** A call to Ops Manager that failed. Its message says what happened and what to do. */
export class OpsManagerError extends Error {
  readonly trouble: Trouble;
  /** Whether the same call may succeed later; what is not transient is final. */
  readonly transient: boolean;
  readonly status: number | undefined;
  readonly errorCode: string | undefined;
  /** What the server asked to wait, in milliseconds. */
  readonly retryAfterMs: number | undefined;

  constructor(
    message: string,
    data: {
      readonly trouble: Trouble;
      readonly transient: boolean;
      readonly status?: number | undefined;
      readonly errorCode?: string | undefined;
      readonly retryAfterMs?: number | undefined;
      readonly cause?: unknown;
    }
  ) {
    super(message, { cause: data.cause });
    this.name = 'OpsManagerError';
    this.trouble = data.trouble;
    this.transient = data.transient;
    this.status = data.status;
    this.errorCode = data.errorCode;
    this.retryAfterMs = data.retryAfterMs;
  }
}

/** Whether the same call may succeed later. */
export function isTransient(error: unknown): error is OpsManagerError {
  return error instanceof OpsManagerError && error.transient;
}

/** Whether Ops Manager itself answered the call with an error of its own. */
export function isRefusal(error: unknown): error is OpsManagerError {
  return error instanceof OpsManagerError && error.trouble === 'refused';
}

/** An error reply's body as Ops Manager writes it; every field may be missing. */
export interface ErrorBody {
  readonly errorCode?: string | undefined;
  readonly detail?: string | undefined;
}

/** A reply with an error status, as far as the policy looks at it. */
export interface ErrorReply {
  readonly status: number;
  /** Undefined when the body is not an error of Ops Manager's. */
  readonly body: ErrorBody | undefined;
  readonly retryAfter?: string | undefined;
  /** Where a redirect points to. */
  readonly location?: string | undefined;
  /** Today's `Date` of the server, to read a `Retry-After` that is a date. */
  readonly date?: string | undefined;
}

/** What the policy has to know of the client. */
export interface Standing {
  /** Whether Ops Manager has answered this step well before: then the configuration is right. */
  readonly hasAnswered: boolean;
}

const RETRYABLE_4XX = [408, 425, 429];

/**
 * The error for a reply with a status other than 2xx, final or transient.
 * Final: a 4xx that is Ops Manager's own, and whatever speaks of a wrong configuration as long as
 * Ops Manager has never answered. Transient: the rest.
 */
export function errorOfReply(reply: ErrorReply, standing: Standing): OpsManagerError {
  const { status, body } = reply;
  const isServerTrouble = status >= 500 || RETRYABLE_4XX.includes(status);
  // A 401 is the answer to a key even with an empty body.
  if (isServerTrouble || (body && status >= 400) || status === 401) {
    return new OpsManagerError(
      `Ops Manager answered ${inWords(status, body)}. ${hintFor(status, body)}`,
      {
        trouble: isServerTrouble ? 'unavailable' : 'refused',
        transient: isServerTrouble,
        status,
        errorCode: body?.errorCode,
        retryAfterMs: isServerTrouble ? parseRetryAfter(reply.retryAfter, reply.date) : undefined
      }
    );
  }
  return new OpsManagerError(foreignReply(reply), {
    trouble: 'unexpected-reply',
    transient: standing.hasAnswered,
    status
  });
}

/** The error for a 2xx reply that cannot be what it should be; always transient. */
export function malformedReply(what: string): OpsManagerError {
  return new OpsManagerError(
    `The reply is not what Ops Manager answers: ${what}. Check whether something between the runner and Ops Manager changes replies.`,
    { trouble: 'unexpected-reply', transient: true }
  );
}

/** The error for a challenge that this action does not answer; always final. */
export function unanswerableChallenge(what: string): OpsManagerError {
  return new OpsManagerError(
    `The server asks for ${what}, and the private key is never sent in any form but a digest. Check that base-url is Ops Manager itself and not a gateway with a login of its own.`,
    { trouble: 'authentication', transient: false, status: 401 }
  );
}

function foreignReply({ status, location }: ErrorReply): string {
  if (status >= 300 && status < 400) {
    const target = location === undefined ? '' : ` to ${clean(location)}`;
    return `base-url answered with a redirect${target} (HTTP ${status}), which is never followed: credentials go to base-url and nowhere else. Set base-url to Ops Manager's own address.`;
  }
  return `base-url answered HTTP ${status} in a form that is not Ops Manager's API. Check base-url: host, port, and a context path if Ops Manager has one.`;
}

function inWords(status: number, body: ErrorBody | undefined): string {
  const code = body?.errorCode ? ` ${clean(body.errorCode)}` : '';
  const detail = body?.detail ? ` (“${clean(body.detail)}”)` : '';
  return `HTTP ${status}${code}${detail}`;
}

/** What to do about Ops Manager's answer, by its error code first and its status second. */
function hintFor(status: number, body: ErrorBody | undefined): string {
  switch (body?.errorCode ?? '') {
    case 'NOT_IN_GROUP':
    case 'GROUP_NOT_FOUND':
    case 'INVALID_GROUP_ID':
      return 'Check project-id, that it is not swapped with request-id, and that the API key belongs to this project.';
    case 'IP_ADDRESS_NOT_ON_ACCESS_LIST':
      return "Add the runner's address to the API key's access list; behind a load balancer it is the one in X-Forwarded-For.";
    case 'FEATURE_UNSUPPORTED':
      return 'Import deployment requests need Ops Manager 8.0.13 or newer.';
    default:
  }
  if (status >= 500) return 'Look at Ops Manager and its load balancer if this goes on.';
  switch (status) {
    case 400:
      return 'Correct what Ops Manager objects to.';
    case 401:
      return 'Check public-key and private-key, and that the key has the role Project Automation Admin in this project.';
    case 403:
      return "Check that the API key has the role Project Automation Admin and that the runner's address is on its access list.";
    case 404:
      return 'Check request-id and project-id, that they are not swapped, and that Ops Manager is 8.0.13 or newer.';
    case 409:
      return 'Look at the import in Ops Manager.';
    case 429:
      return 'Raise poll-interval if this goes on.';
    default:
      return 'Look at the request in Ops Manager.';
  }
}

/**
 * `Retry-After` in milliseconds: seconds, or an HTTP date against the server's own `Date`.
 * Undefined when absent or unreadable. RFC 9110, section 10.2.3.
 */
export function parseRetryAfter(
  value: string | undefined,
  date: string | undefined
): number | undefined {
  if (value === undefined) return undefined;
  if (/^\d{1,9}$/.test(value.trim())) return Number(value) * 1000;
  // An HTTP date begins with its weekday; Date.parse alone takes nearly everything for a date.
  const until = /^[A-Z][a-z]{2}/.test(value) ? Date.parse(value) : Number.NaN;
  const now = date === undefined ? Number.NaN : Date.parse(date);
  const ms = until - (Number.isNaN(now) ? Date.now() : now);
  return Number.isNaN(ms) ? undefined : Math.max(0, ms);
}

const UNKNOWN_AUTHORITY = [
  'DEPTH_ZERO_SELF_SIGNED_CERT',
  'SELF_SIGNED_CERT_IN_CHAIN',
  'UNABLE_TO_GET_ISSUER_CERT',
  'UNABLE_TO_GET_ISSUER_CERT_LOCALLY',
  'UNABLE_TO_VERIFY_LEAF_SIGNATURE',
  'CERT_UNTRUSTED'
];

/** A failure below HTTP, as far as the policy looks at it. */
export interface NetworkFailure {
  /** Node's, OpenSSL's or undici's code, such as `ECONNREFUSED`; empty if there is none. */
  readonly code: string;
  readonly message: string;
  /** `host:port` of Ops Manager. */
  readonly host: string;
  /** `http:` or `https:`, as base-url has it. */
  readonly scheme?: string | undefined;
  /** Who issued the certificate that the server showed. */
  readonly issuer?: string | undefined;
}

/**
 * The error for a call that got no reply. As long as Ops Manager has never answered, an unknown
 * host, a failed certificate check and a server that does not speak TLS are final: no waiting
 * mends them. Everything else is transient.
 */
export function errorOfNetwork(
  failure: NetworkFailure,
  standing: Standing,
  cause: unknown
): OpsManagerError {
  const certificate = certificateHint(failure);
  const configuration = certificate ?? configurationHint(failure);
  return new OpsManagerError(
    configuration ?? `${unreachable(failure)} ${reachHint(failure, standing)}`,
    {
      trouble: certificate ? 'certificate' : 'network',
      transient: configuration === undefined || standing.hasAnswered,
      cause
    }
  );
}

function unreachable({ host, code, message }: NetworkFailure): string {
  return `No answer from ${clean(host)}: ${clean(message)}${code && !message.includes(code) ? ` (${clean(code)})` : ''}.`;
}

const CLOSED = ['ECONNRESET', 'UND_ERR_SOCKET', 'HPE_INVALID_CONSTANT'];

function reachHint({ code, scheme }: NetworkFailure, { hasAnswered }: Standing): string {
  if (!hasAnswered && scheme === 'http:' && CLOSED.includes(code)) {
    return 'If this port speaks HTTPS, base-url must begin with https://.';
  }
  return 'Check that Ops Manager is up and that this runner can reach it.';
}

function certificateHint({ code, host, issuer, message }: NetworkFailure): string | undefined {
  const shown = issuer === undefined ? '' : ` It was issued by “${clean(issuer)}”.`;
  // Node adds an advice for its command line, which a user of this action does not have.
  const reason = clean(message.split(';')[0] ?? '');
  const intro = `The certificate of ${clean(host)} was not accepted: ${reason}.${shown}`;
  if (UNKNOWN_AUTHORITY.includes(code)) {
    return `${intro} Set ca-certificate to the certificate of the authority that issued it.`;
  }
  if (code === 'CERT_HAS_EXPIRED' || code === 'CERT_NOT_YET_VALID') {
    return `${intro} Renew the certificate of Ops Manager, and check the clock of this runner.`;
  }
  if (code === 'ERR_TLS_CERT_ALTNAME_INVALID') {
    return `${intro} Set base-url to a name that the certificate has.`;
  }
  if (/^(CERT_|CRL_|HOSTNAME_MISMATCH|INVALID_(CA|PURPOSE)|PATH_LENGTH)/.test(code)) {
    return `${intro} Mend the certificate of Ops Manager, or set ca-certificate to its authority.`;
  }
  return undefined;
}

function configurationHint(failure: NetworkFailure): string | undefined {
  const { code, host, message } = failure;
  if (code === 'ENOTFOUND') {
    const unknown = /ENOTFOUND (\S+)/.exec(message)?.[1];
    if (unknown !== undefined && unknown !== host.replace(/:\d+$/, '')) {
      return `The proxy's host name is unknown here: ${clean(unknown)}. Check HTTPS_PROXY and HTTP_PROXY in the environment.`;
    }
    return `The host name in base-url is unknown here: ${clean(host)}. Check base-url, and that this runner's DNS knows the name.`;
  }
  if (
    code === 'ERR_SSL_WRONG_VERSION_NUMBER' ||
    /wrong version number|packet length too long/i.test(message)
  ) {
    return `${clean(host)} does not speak TLS. Check the port in base-url; Ops Manager without HTTPS is http:// on port 8080.`;
  }
  if (
    /CERTIFICATE_REQUIRED|HANDSHAKE_FAILURE|BAD_CERTIFICATE|UNKNOWN_CA/.test(code) ||
    /certificate required/i.test(message)
  ) {
    return `${clean(host)} ended the TLS handshake (${clean(alertIn(message))}). Set client-certificate and client-key to a pair that Ops Manager accepts.`;
  }
  if (/Proxy Authentication Required|Proxy response \(407\)/.test(message)) {
    return 'The proxy asks for credentials (HTTP 407). Put them into HTTPS_PROXY or HTTP_PROXY, as http://user:password@proxy:port.';
  }
  const refusedTunnel = /Proxy response \((4\d\d)\)/.exec(message);
  if (refusedTunnel) {
    return `The proxy refused a connection to ${clean(host)} (HTTP ${refusedTunnel[1] ?? ''}). Allow it there, or add the host to NO_PROXY.`;
  }
  return undefined;
}

/** OpenSSL's reason without its place in OpenSSL's sources. */
function alertIn(message: string): string {
  return /SSL routines:[^:]*:([^:]+)/.exec(message)?.[1] ?? message;
}
