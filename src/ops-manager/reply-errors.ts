import { ApiError, type ApiErrorKind } from '../case/import-api.ts';
import { cut } from '../untrusted.ts';
import type { Verdict } from '../http/digest.ts';
import { inWords, wordsFor, type Refusal } from './refusals.ts';

/** A reply with an error status, as far as the policy looks at it. */
interface ErrorReply extends Refusal {
  /** `host:port` of base-url. */
  readonly host: string;
  /** `host:port` of the proxy in between, if there is one. */
  readonly proxy?: string | undefined;
  /** What it asks to wait, in milliseconds. */
  readonly retryAfterMs?: number | undefined;
  /** Where a redirect points to; redacted. */
  readonly location?: string | undefined;
  /** `WWW-Authenticate`, every one of them. */
  readonly challenge?: string | readonly string[] | undefined;
  /** Whether the key’s digest was in the request that met this reply. */
  readonly wasKeySent: boolean;
  /** Of a 401: what became of the login. */
  readonly verdict?: Verdict | undefined;
}

const LONGEST_TITLE = 100;
export const RETRYABLE_4XX = [408, 425, 429];
/** Of a cache, and two that nobody sends any more. RFC 9110, section 15.4. */
const NO_REDIRECTS = [304, 305, 306];

/** What an error says; its title may be too long. */
export interface ErrorWords {
  readonly kind: ApiErrorKind;
  readonly title: string;
  readonly happened: string;
  readonly advice: string;
}

/** The error that says so. */
export function errorSaying(
  { kind, ...words }: ErrorWords,
  facts: ConstructorParameters<typeof ApiError>[2]
): ApiError {
  return new ApiError(kind, { ...words, title: cut(words.title, LONGEST_TITLE) }, facts);
}

/**
 * The error for a reply with a status other than 2xx. Refused: a 4xx that is Ops Manager's own, and
 * a 401 that answers the key’s digest. Transient: 5xx, 408, 425, 429, and a nonce that is stale
 * again and again. Misconfigured: the rest, which Ops Manager did not say.
 */
export function errorOfReply(reply: ErrorReply): ApiError {
  const { status, body, retryAfterMs, verdict } = reply;
  const isStale = verdict === 'stale';
  const facts = { status, errorCode: body?.errorCode, retryAfterMs, isStale };
  return errorSaying(errorIn(reply), facts);
}

function errorIn(reply: ErrorReply): ErrorWords {
  const { status, body } = reply;
  if (status >= 500 || RETRYABLE_4XX.includes(status)) return unavailable(reply);
  if (status === 401) return unauthorized(reply);
  if (status >= 300 && status < 400 && !NO_REDIRECTS.includes(status)) return redirect(reply);
  return body ? refused(reply) : foreignReply(reply);
}

function unavailable(reply: ErrorReply): ErrorWords {
  const { status, proxy, purpose } = reply;
  const between =
    proxy === undefined ? ' and its load balancer' : `, its load balancer and the proxy ${proxy}`;
  return {
    kind: 'transient',
    title: `${whoOf(reply)} answered HTTP ${status}`,
    happened: `${answered(reply)}.`,
    advice:
      status === 429
        ? purpose === 'read' || purpose === 'list'
          ? 'Raise poll-interval if this goes on.'
          : 'Ask who else uses Ops Manager’s API so much if this goes on.'
        : `Look at Ops Manager${between} if this goes on.`
  };
}

function unauthorized(reply: ErrorReply): ErrorWords {
  const { verdict, body, wasKeySent } = reply;
  switch (verdict) {
    case 'stale':
      return STALE_FOR_EVER;
    case 'answerable':
      return keyRefused(reply);
    case 'unanswerable':
      return unanswerable(reply);
    case 'hash-refused':
      return HASH_REFUSED;
    case 'no-challenge':
    case undefined:
      return body && wasKeySent ? refused(reply) : unasked(reply);
  }
}

const STALE_FOR_EVER: ErrorWords = {
  kind: 'transient',
  title: 'Ops Manager calls each nonce stale',
  happened: 'Ops Manager called one nonce after the other stale (HTTP 401).',
  advice:
    'If this goes on, let the load balancer send one client’s requests to one node, and check the clocks of the nodes.'
};

const HASH_REFUSED: ErrorWords = {
  kind: 'misconfigured',
  title: 'This runner’s Node refuses MD5',
  happened:
    'The server asks for a digest with MD5, which Node on this runner refuses to compute (it runs in FIPS mode), and offers none with SHA-256.',
  advice: 'Run this step on a runner whose Node is not in FIPS mode.'
};

const REPORT_CHALLENGE =
  'If the key is right, report this with the WWW-Authenticate line of the reply: the debug log shows it.';

/** Where nothing but the challenge tells whose fault it is, the challenge is what a report needs. */
function keyRefused(reply: ErrorReply): ErrorWords {
  const words = refused(reply);
  return reply.body?.errorCode === 'NOT_IN_GROUP'
    ? words
    : { ...words, advice: `${words.advice} ${REPORT_CHALLENGE}` };
}

function refused(reply: ErrorReply): ErrorWords {
  return { kind: 'refused', ...wordsFor(reply), happened: `${answered(reply)}.` };
}

/** The private key goes into digests alone. */
function unanswerable({ challenge }: ErrorReply): ErrorWords {
  const what = /\bdigest\b/i.test(String(challenge))
    ? 'a digest of a kind that this action does not support (it knows MD5 and SHA-256 with qop=auth)'
    : 'another kind of login than a digest';
  return {
    kind: 'misconfigured',
    title: 'The server asks for another login than Ops Manager’s',
    happened: `The server asks for ${what}, and the private key is never sent in any form but a digest.`,
    advice: 'Check that base-url is Ops Manager itself and not a gateway with a login of its own.'
  };
}

/** Nobody refuses a key that was not asked for: something in front answers, or took the challenge. */
function unasked(reply: ErrorReply): ErrorWords {
  const { body, host, wasKeySent, hasWorked } = reply;
  const advice =
    'that what stands in front of Ops Manager lets WWW-Authenticate and Authorization through.';
  return {
    kind: body ? 'refused' : 'misconfigured',
    title: `${host} answered HTTP 401 without a challenge`,
    happened: wasKeySent
      ? `${answered(reply)} to the API key, but without the challenge (WWW-Authenticate) that Ops Manager gives with it.`
      : `${answered(reply)} without a challenge (WWW-Authenticate), so the API key was not sent.`,
    advice: hasWorked ? `Check ${advice}` : `Check base-url, and ${advice}`
  };
}

function redirect(reply: ErrorReply): ErrorWords {
  const { status, location, proxy, hasWorked } = reply;
  const target = location === undefined ? '' : ` to ${location}`;
  return {
    kind: 'misconfigured',
    title: 'base-url redirects',
    happened: `base-url answered with a redirect${target} (HTTP ${status})${through(proxy)}, which is never followed: credentials go to base-url and nowhere else.`,
    advice: hasWorked ? inFront(reply) : 'Set base-url to Ops Manager’s own address.'
  };
}

function foreignReply(reply: ErrorReply): ErrorWords {
  const { status, host, proxy, hasWorked } = reply;
  const orProxy =
    proxy === undefined ? '' : ` It may also be the proxy ${proxy} that says so: check it, too.`;
  const checks =
    status === 403
      ? 'Check base-url, and that a gateway or firewall in front of Ops Manager lets this runner through.'
      : 'Check base-url: host, port, and a context path if Ops Manager has one.';
  return {
    kind: 'misconfigured',
    title: `${host} answered HTTP ${status}, not as Ops Manager does`,
    happened: `base-url answered HTTP ${status} in a form that is not Ops Manager’s API${through(proxy)}.`,
    advice: hasWorked ? inFront(reply) : `${checks}${orProxy}`
  };
}

/** It has answered before as it should, so base-url is right. */
function inFront({ proxy }: ErrorReply): string {
  const orProxy = proxy === undefined ? '' : `, or the proxy ${proxy}`;
  return `Ops Manager has answered there before: look at the load balancer or gateway in front of it${orProxy}.`;
}

function whoOf({ body, host }: ErrorReply): string {
  return body ? 'Ops Manager' : host;
}

function answered(reply: ErrorReply): string {
  const { status, body, proxy } = reply;
  return `${whoOf(reply)} answered ${inWords(status, body)}${through(body ? undefined : proxy)}`;
}

function through(proxy: string | undefined): string {
  return proxy === undefined ? '' : ` through the proxy ${proxy}`;
}

/** The error for a 2xx reply that cannot be what it should be; always transient. */
export function malformedReply(what: string): ApiError {
  return new ApiError('transient', {
    title: 'The reply is not what Ops Manager answers',
    happened: `The reply is not what Ops Manager answers: ${what}.`,
    advice: 'Check whether something between the runner and Ops Manager changes replies.'
  });
}
