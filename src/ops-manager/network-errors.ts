// The words for a call that met no whole answer: by where it went wrong, and whose it was.

import type { ApiError } from '../case/import-api.ts';
import type { HttpFailure, Where, ShownCertificate } from '../http/failure.ts';
import type { ServerText } from '../untrusted.ts';
import { errorSaying, malformedReply, RETRYABLE_4XX, type ErrorWords } from './reply-errors.ts';

/** How Ops Manager was to be reached. */
interface Reach {
  /** `host:port` of base-url. */
  readonly host: string;
  /** `http:` or `https:`, as base-url has it. */
  readonly scheme: string;
  readonly hasClientCertificate: boolean;
  /** Whether a call before this one had a good answer: then base-url was right. */
  readonly hasWorked: boolean;
}

/** What went wrong, with whom, and in whose words; all redacted. */
interface Met extends Reach {
  readonly failure: HttpFailure;
  /** The host, or “the proxy …”. */
  readonly whom: string;
  /** The same at the start of a sentence. */
  readonly Whom: string;
  /** The input or variable with its address. */
  readonly setting: string;
  readonly isProxy: boolean;
  /** “ through the proxy …” where one stands between. */
  readonly through: string;
  /** What Node, OpenSSL or undici say, with their code if it is not part of it. */
  readonly reason: string;
}

/**
 * The error for a call that got no whole answer. Misconfigured: what no waiting mends (an unknown
 * host, TLS, a proxy that refuses). Transient: everything else.
 */
export function errorOfFailure(failure: HttpFailure, reach: Reach, text: ServerText): ApiError {
  const { at, message } = failure;
  if (at === 'size') return malformedReply(text.line(message));
  return errorSaying(wordsFor(at, metWith(failure, reach, text), text), { cause: failure });
}

function metWith(failure: HttpFailure, reach: Reach, text: ServerText): Met {
  const { hop, code, message } = failure;
  const proxy = failure.facts.proxy ?? '';
  const isProxy = hop === 'proxy';
  const said = text.line(message);
  return {
    ...reach,
    failure,
    whom: isProxy ? `the proxy ${proxy}` : reach.host,
    Whom: isProxy ? `The proxy ${proxy}` : reach.host,
    setting: isProxy ? (reach.scheme === 'https:' ? 'HTTPS_PROXY' : 'HTTP_PROXY') : 'base-url',
    isProxy,
    through: isProxy || proxy === '' ? '' : ` through the proxy ${proxy}`,
    reason: `${said}${code && !said.includes(code) ? ` (${code})` : ''}`
  };
}

function wordsFor(at: Exclude<Where, 'size'>, met: Met, text: ServerText): ErrorWords {
  switch (at) {
    case 'name':
      return unknownName(met);
    case 'connection':
      return noAnswer(met);
    case 'certificate':
      return certificateRefused(met, text);
    case 'tls':
      return noTls(met);
    case 'proxy':
      return proxyRefused(met);
    case 'answer':
      return unreadable(met);
  }
}

function unknownName({
  failure,
  whom,
  Whom,
  setting,
  isProxy,
  hasWorked,
  reason
}: Met): ErrorWords {
  if (failure.code !== 'ENOTFOUND') {
    return {
      kind: 'transient',
      title: `DNS does not tell the address of ${whom}`,
      happened: `The address of ${whom} could not be looked up: ${reason}.`,
      advice: 'Check the DNS of this runner.'
    };
  }
  const where = isProxy ? `${setting} in the environment` : setting;
  return {
    kind: 'misconfigured',
    title: `${Whom} is unknown`,
    happened: isProxy
      ? `The proxy’s host name is unknown here: ${whom.replace('the proxy ', '')}.`
      : `The host name in base-url is unknown here: ${whom}.`,
    advice: hasWorked
      ? 'Check the DNS of this runner: it knew the name before.'
      : `Check ${where}, and that this runner’s DNS knows the name.`
  };
}

function noAnswer(met: Met): ErrorWords {
  const { failure, whom, Whom, through, reason } = met;
  const isRefused = met.isProxy && failure.code === 'ECONNREFUSED';
  const title = isRefused ? `${Whom} refused the connection` : `No answer from ${whom}`;
  const happened = `${title}${through}: ${reason}.`;
  return { kind: 'transient', title, happened, advice: reachAdvice(met, isRefused) };
}

function reachAdvice(met: Met, isRefused: boolean): string {
  const { failure, host, setting, isProxy, through } = met;
  if (isProxy) {
    const reaches = isRefused ? '' : ` and can reach ${host}`;
    return `Check that the proxy is up${reaches}, and ${setting} in the environment.`;
  }
  if (isOnlySlow(failure) && failure.facts.wasOpen === true)
    return `Look at Ops Manager, or raise ${IF_ONLY_SLOW}`;
  if (asksForTls(met) && /^(?:ECONNRESET|UND_ERR_SOCKET)$/.test(failure.code)) {
    return `Check that Ops Manager is up. ${ASK_FOR_TLS}`;
  }
  const who = through === '' ? 'this runner' : through.replace(' through ', '');
  return `Check that Ops Manager is up and that ${who} can reach it.`;
}

const IF_ONLY_SLOW = 'request-timeout if it is only slow.';

/** Whether it was this side that did not wait any longer. */
function isOnlySlow({ message }: HttpFailure): boolean {
  return message.startsWith('no complete reply within ');
}

const ASK_FOR_TLS = 'If this port speaks HTTPS, base-url must begin with https://.';

/** Where it has answered before as it should, it speaks plain HTTP. */
function asksForTls({ scheme, isProxy, hasWorked }: Met): boolean {
  return scheme === 'http:' && !isProxy && !hasWorked;
}

/** It has answered, so it is not called silent. */
function unreadable(met: Met): ErrorWords {
  const { failure, Whom, whom, isProxy, through, reason } = met;
  const and = through === '' ? ' and its load balancer' : ', its load balancer and';
  const who = isProxy ? whom : `Ops Manager${and}${through.replace(' through', '')}`;
  const look = `Look at ${who} if this goes on.`;
  const words = (title: string, happened: string, advice = look): ErrorWords => ({
    ...{ kind: 'transient', title: `The answer of ${whom} ${title}` },
    ...{ happened: `${happened}: ${reason}.`, advice }
  });
  const answered = `${Whom} answered${through}, but`;
  if (failure.facts.isPacked)
    return words('cannot be unpacked', `${answered} with a body that cannot be unpacked`);
  if (isOnlySlow(failure)) {
    const happened = `The answer of ${whom}${through} was not whole in time`;
    return words('took too long', happened, `Look at ${who}, or raise ${IF_ONLY_SLOW}`);
  }
  if (failure.facts.isCut)
    return words('was cut short', `The answer of ${whom}${through} ended before it was whole`);
  const notHttp = `${answered} not with HTTP that can be read`;
  const advice = asksForTls(met) ? ASK_FOR_TLS : look;
  return words('is not HTTP as it should be', notHttp, advice);
}

const UNKNOWN_AUTHORITY = [
  'DEPTH_ZERO_SELF_SIGNED_CERT',
  'SELF_SIGNED_CERT_IN_CHAIN',
  'UNABLE_TO_GET_ISSUER_CERT',
  'UNABLE_TO_GET_ISSUER_CERT_LOCALLY',
  'UNABLE_TO_VERIFY_LEAF_SIGNATURE',
  'CERT_SIGNATURE_FAILURE',
  'CERT_UNTRUSTED'
];

function certificateRefused(
  { failure, whom, setting, through, reason }: Met,
  text: ServerText
): ErrorWords {
  const shown = failure.facts.certificate;
  const issuer =
    shown?.issuer === undefined ? '' : ` It was issued by “${text.line(shown.issuer)}”.`;
  // Node adds an advice for its command line, which a user of this action does not have.
  const said = UNKNOWN_AUTHORITY.includes(failure.code) ? text.line(failure.message) : reason;
  return {
    kind: 'misconfigured',
    title: `Certificate of ${whom} not accepted`,
    happened: `The certificate of ${whom}${through} was not accepted: ${said.split(';')[0] ?? ''}.${issuer}`,
    advice: certificateAdvice(failure, shown, setting, text)
  };
}

function certificateAdvice(
  { code, message }: HttpFailure,
  shown: ShownCertificate | undefined,
  setting: string,
  text: ServerText
): string {
  if (UNKNOWN_AUTHORITY.includes(code)) return authorityAdvice(shown, text);
  if (code === 'CERT_HAS_EXPIRED' || code === 'CERT_NOT_YET_VALID') {
    return 'Renew the certificate, and check the clock of this runner.';
  }
  if (code === 'ERR_TLS_CERT_ALTNAME_INVALID' || code === 'HOSTNAME_MISMATCH') {
    return `Set ${setting} to a name that the certificate has.`;
  }
  if (/too (?:small|weak|short)|_TOO_|sha1/i.test(`${code} ${message}`)) {
    return 'Replace the certificate, and those of its authorities, by ones with RSA keys of 2048 bits or more (or EC) and SHA-256.';
  }
  return 'Correct the certificate, or set ca-certificate to its authority.';
}

const NAMES_SHOWN = 3;

/** Why what is in `ca-certificate` was not enough. */
function authorityAdvice(shown: ShownCertificate | undefined, text: ServerText): string {
  const { given = [], isAlone = false, issuer, above = issuer } = shown ?? {};
  if (given.length === 0) {
    return 'Set ca-certificate to the certificate of the authority that issued it.';
  }
  if (above === undefined) {
    return 'None of those in ca-certificate issued it: add the one that did, with those between.';
  }
  const top = `“${text.line(above)}”`;
  if (given.includes(above)) {
    return `In ca-certificate is one named ${top}, but with another key: take the present one.`;
  }
  const names = given.slice(0, NAMES_SHOWN).map((name) => `“${text.line(name)}”`);
  const rest = given.length > NAMES_SHOWN ? ` and ${given.length - NAMES_SHOWN} more` : '';
  const lacking = isAlone
    ? `the server sends none between: add the certificate of ${top}, or let the server send it`
    : `what the server sends ends at ${top}: add that certificate, or the authority above it`;
  return `In ca-certificate is ${names.join(', ')}${rest}, and ${lacking}.`;
}

/** A handshake that the other side ended, or cannot do. */
function noTls(met: Met): ErrorWords {
  const { failure, whom, Whom, setting, through, isProxy } = met;
  const { code, message, facts } = failure;
  const kind = 'misconfigured';
  if (/wrong.version.number|packet.length.too.long|http.request/i.test(`${code} ${message}`)) {
    const happened = `${Whom} does not speak TLS`;
    const advice = isProxy
      ? `Write it as http:// in ${setting}.`
      : 'Check the port in base-url; Ops Manager without HTTPS is http:// on port 8080.';
    return { kind, title: happened, happened: `${happened}${through}.`, advice };
  }
  // Without its place in OpenSSL's sources.
  const opensslReason = /SSL routines:[^:]{0,100}:([^:]+)/.exec(met.reason)?.[1] ?? met.reason;
  const ended = `The TLS handshake with ${whom}${through} failed: ${opensslReason}.`;
  if (facts.isOverClient) {
    const [does, which] = met.hasClientCertificate
      ? ['does not accept the', 'accepts: issued by an authority that it trusts, and not expired']
      : ['asks for a', 'accepts'];
    return {
      kind,
      title: `${Whom} ${does} client certificate`,
      happened: ended,
      advice: `Set client-certificate and client-key to a pair that Ops Manager ${which}.`
    };
  }
  return {
    kind,
    title: `No TLS with ${whom}`,
    happened: ended,
    advice: tlsAdvice(message, isProxy ? whom : 'Ops Manager or what stands in front of it')
  };
}

const OUTDATED =
  /protocol version|unsupported protocol|version too low|cipher|handshake failure|key too small|signature|insufficient/i;

function tlsAdvice(message: string, who: string): string {
  if (/application protocol/i.test(message)) {
    return `Let ${who} offer HTTP/1.1, not HTTP/2 alone.`;
  }
  return OUTDATED.test(message)
    ? `Let ${who} offer TLS 1.2 or newer with a cipher that Node takes for safe.`
    : `Look at the TLS settings of ${who}.`;
}

function proxyRefused({ failure, host, Whom, setting, reason }: Met): ErrorWords {
  const { status, hadLogin } = failure.facts;
  if (status === 407) {
    const [asks, advice] = hadLogin
      ? ['does not accept the credentials', `Check those in ${setting}, and that it takes Basic.`]
      : ['asks for credentials', `Put them into ${setting}, as http://user:password@proxy:port.`];
    const title = `${Whom} ${asks}`;
    return { kind: 'misconfigured', title, happened: `${title} (HTTP 407).`, advice };
  }
  const answer = status === undefined ? reason : `HTTP ${status}`;
  if (status === undefined || status >= 500 || RETRYABLE_4XX.includes(status)) {
    return {
      kind: 'transient',
      title: `${Whom} answered ${answer}`,
      happened: `${Whom} could not connect to ${host} (${answer}).`,
      advice: 'Check that Ops Manager is up, and that the proxy can reach it.'
    };
  }
  return {
    kind: 'misconfigured',
    title: `${Whom} refused the connection`,
    happened: `${Whom} refused a connection to ${host} (${answer}).`,
    advice: 'Allow it there, or add the host to NO_PROXY.'
  };
}
