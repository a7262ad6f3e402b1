import { clean } from '../untrusted.ts';
import type { ErrorBody, ErrorReply, NetworkFailure, Standing } from './errors.ts';

// What happened, and what to do about it: a sentence each. Whether it is final is decided in
// errors.ts alone.

/** A reply of Ops Manager's with an error status. */
export function inWords(status: number, body: ErrorBody | undefined): string {
  const code = body?.errorCode ? ` ${clean(body.errorCode)}` : '';
  const detail = body?.detail ? ` (“${clean(body.detail)}”)` : '';
  return `HTTP ${status}${code}${detail}`;
}

/** What to do about Ops Manager's answer, by its error code first and its status second. */
export function hintFor(status: number, body: ErrorBody | undefined): string {
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
      return 'Check request-id and project-id, that they are not swapped, the path in base-url, and that Ops Manager is 8.0.13 or newer.';
    case 409:
      return 'Look at the import in Ops Manager.';
    case 429:
      return 'Raise poll-interval if this goes on.';
    default:
      return 'Look at the request in Ops Manager.';
  }
}

/** A reply that is not Ops Manager's. */
export function foreignReply({ status, location }: ErrorReply): string {
  if (status >= 300 && status < 400) {
    const target = location === undefined ? '' : ` to ${clean(location)}`;
    return `base-url answered with a redirect${target} (HTTP ${status}), which is never followed: credentials go to base-url and nowhere else. Set base-url to Ops Manager's own address.`;
  }
  return `base-url answered HTTP ${status} in a form that is not Ops Manager's API. Check base-url: host, port, and a context path if Ops Manager has one.`;
}

const UNKNOWN_AUTHORITY = [
  'DEPTH_ZERO_SELF_SIGNED_CERT',
  'SELF_SIGNED_CERT_IN_CHAIN',
  'UNABLE_TO_GET_ISSUER_CERT',
  'UNABLE_TO_GET_ISSUER_CERT_LOCALLY',
  'UNABLE_TO_VERIFY_LEAF_SIGNATURE',
  'CERT_UNTRUSTED'
];

/** No reply at all. */
export function unreachable({ host, code, message }: NetworkFailure): string {
  return `No answer from ${clean(host)}: ${clean(message)}${code && !message.includes(code) ? ` (${clean(code)})` : ''}.`;
}

const CLOSED = ['ECONNRESET', 'UND_ERR_SOCKET', 'HPE_INVALID_CONSTANT'];

/** What to do while there is no reply. */
export function reachHint({ code, scheme }: NetworkFailure, { hasAnswered }: Standing): string {
  if (!hasAnswered && scheme === 'http:' && CLOSED.includes(code)) {
    return 'If this port speaks HTTPS, base-url must begin with https://.';
  }
  return 'Check that Ops Manager is up and that this runner can reach it.';
}

/** A certificate that was not accepted; undefined for any other failure. */
export function certificateHint({
  code,
  host,
  issuer,
  message
}: NetworkFailure): string | undefined {
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

/** A failure that no waiting mends as long as nothing has ever worked; undefined for others. */
export function configurationHint(failure: NetworkFailure): string | undefined {
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
