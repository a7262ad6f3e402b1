import { ApiError, type ApiErrorKind, type Trouble } from '../case/import-api.ts';
import { cut } from '../untrusted.ts';
import type { HttpReply } from '../http/connection.ts';

/** What a call is for. */
export type Purpose = 'read' | 'list' | 'create' | 'cancel' | 'delete' | 'other';

/** An error of Ops Manager's own, redacted; the documentation's fields, each of which may miss. */
export interface ErrorBody {
  readonly errorCode?: string | undefined;
  readonly detail?: string | undefined;
}

/** A reply with an error status, as far as the policy looks at it. */
interface ErrorReply extends Pick<HttpReply, 'login' | 'wasKeySent'> {
  readonly status: number;
  /** Undefined when it is not an error of Ops Manager's own. */
  readonly body: ErrorBody | undefined;
  readonly purpose: Purpose;
  /** `host:port` of base-url. */
  readonly host: string;
  /** `host:port` of the proxy in between, if there is one. */
  readonly proxy?: string | undefined;
  /** What it asks to wait, in milliseconds. */
  readonly retryAfterMs?: number | undefined;
  /** Where a redirect points to; redacted. */
  readonly location?: string | undefined;
  readonly challenge?: HttpReply['challenge'];
  /** Whether a call before this one had a good answer: then base-url and the key were right. */
  readonly hasWorked: boolean;
  /** Of the Ops Manager that answered, as far as it was ever told. */
  readonly version: string | undefined;
}

const LONGEST_TITLE = 100;
export const RETRYABLE_4XX = [408, 425, 429];
/** Of a cache, and two that nobody sends any more. RFC 9110, section 15.4. */
const NO_REDIRECTS = [304, 305, 306];

/** What an error says; its title may be too long. */
export interface ErrorWords extends Trouble {
  readonly kind: ApiErrorKind;
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
  const { status, body, retryAfterMs, login } = reply;
  const isStale = login === 'stale';
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
  const { status, proxy } = reply;
  const between =
    proxy === undefined ? ' and its load balancer' : `, its load balancer and the proxy ${proxy}`;
  return {
    kind: 'transient',
    title: `${whoOf(reply)} answered HTTP ${status}`,
    happened: `${answered(reply)}.`,
    advice:
      status === 429
        ? isLook(reply)
          ? 'Raise poll-interval if this goes on.'
          : 'Ask who else uses Ops Manager’s API so much if this goes on.'
        : `Look at Ops Manager${between} if this goes on.`
  };
}

function unauthorized(reply: ErrorReply): ErrorWords {
  const { login, body, wasKeySent } = reply;
  switch (login) {
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
  const words = byCode(reply) ?? byStatus(reply);
  return { kind: 'refused', ...words, happened: `${answered(reply)}.` };
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
  const code = body?.errorCode ? ` ${body.errorCode}` : '';
  const detail = body?.detail ? ` (“${body.detail}”)` : '';
  return `${whoOf(reply)} answered HTTP ${status}${code}${detail}${through(body ? undefined : proxy)}`;
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

// What Ops Manager's own refusals mean, and what to do: by its error code first, by what the call
// was for and its status second. What the reply or the calls before it rule out is not advised.

type Words = Pick<ErrorWords, 'title' | 'advice'>;

const PROJECT_ADVICE =
  'Check project-id, that it is not swapped with request-id, and that the API key belongs to this project.';

function byCode({ body, hasWorked, version }: ErrorReply): Words | undefined {
  switch (body?.errorCode ?? '') {
    case 'NOT_IN_GROUP':
      return {
        title: 'The API key has no access to the project',
        advice: hasWorked ? WAS_GRANTED : PROJECT_ADVICE
      };
    case 'GROUP_NOT_FOUND':
    case 'INVALID_GROUP_ID':
      return {
        title: 'Ops Manager knows no such project',
        advice: hasWorked ? 'Check whether the project was deleted.' : PROJECT_ADVICE
      };
    case 'IP_ADDRESS_NOT_ON_ACCESS_LIST':
      return {
        title: 'The runner’s address is not on the API key’s access list',
        advice: hasWorked
          ? 'An address of this runner was on the access list before: add all that it goes out by; behind a load balancer it is the one in X-Forwarded-For.'
          : 'Add the runner’s address to the API key’s access list; behind a load balancer it is the one in X-Forwarded-For.'
      };
    case 'FEATURE_UNSUPPORTED':
      return {
        title: 'This Ops Manager has no import deployment requests',
        advice:
          isTooOld(version) === false
            ? 'Ask whoever runs this Ops Manager whether it allows them.'
            : needsNewer(version)
      };
    default:
      return undefined;
  }
}

const WAS_GRANTED =
  'It was granted before: check whether the API key was deleted or lost its role, and whether every node behind the load balancer knows it.';

function byStatus(reply: ErrorReply): Words {
  switch (reply.status) {
    case 401:
      return {
        title: 'Ops Manager refused the API key',
        advice: accessAdvice(
          reply,
          'Check public-key and private-key, and that the key has the role Project Automation Admin in this project.'
        )
      };
    case 403:
      return {
        title: 'Ops Manager refused access',
        advice: accessAdvice(
          reply,
          'Check that the API key has the role Project Automation Admin and that the runner’s address is on its access list.'
        )
      };
    case 404:
      return notFound(reply);
    default:
      return byPurpose(reply);
  }
}

/** `first` is what to check as long as nothing was ever granted. */
function accessAdvice(reply: ErrorReply, first: string): string {
  if (!reply.hasWorked) return first;
  return isLook(reply)
    ? WAS_GRANTED
    : 'Check that the API key has the role Project Automation Admin in this project.';
}

function isLook({ purpose }: ErrorReply): boolean {
  return purpose === 'read' || purpose === 'list';
}

function notFound({ purpose, hasWorked, version }: ErrorReply): Words {
  if (purpose === 'other')
    return { title: 'Ops Manager has no such thing', advice: 'Check project-id.' };
  const isOfOne = purpose !== 'list' && purpose !== 'create';
  const title = isOfOne
    ? 'Ops Manager knows no such import'
    : 'Ops Manager knows no import deployment requests here';
  const age = isTooOld(version);
  if (age === true) return { title, advice: needsNewer(version) };
  // One that was there a moment ago has been deleted, or the node lags.
  if (isOfOne && hasWorked) return { title, advice: '' };
  const checks = isOfOne
    ? 'Check request-id and project-id, that they are not swapped, and the path in base-url'
    : hasWorked
      ? 'It knew them before: check the nodes behind the load balancer, and the paths of what stands in front'
      : 'Check project-id, and the path in base-url';
  const orOlder = age === undefined ? `, and that Ops Manager is ${FIRST_VERSION} or newer` : '';
  return { title, advice: `${checks}${orOlder}.` };
}

const FIRST_VERSION = '8.0.13';

/** Whether a version is older than the first that has imports; undefined where it does not tell. */
function isTooOld(version: string | undefined): boolean | undefined {
  const found = /^\d{1,6}\.\d{1,6}\.\d{1,6}/.exec(version ?? '')?.[0];
  if (found === undefined) return undefined;
  return found.localeCompare(FIRST_VERSION, 'en', { numeric: true }) < 0;
}

function needsNewer(version: string | undefined): string {
  const given = version === undefined ? '' : `; this one is ${version}`;
  return `Import deployment requests need Ops Manager ${FIRST_VERSION} or newer${given}.`;
}

function byPurpose({ status, purpose }: ErrorReply): Words {
  const advice = 'Look at the project in Ops Manager.';
  switch (purpose) {
    case 'create': {
      const isAboutBody = status === 400 || status === 422;
      return {
        title: 'Ops Manager refused the import request',
        advice: isAboutBody ? 'Correct what Ops Manager objects to in import-request.' : advice
      };
    }
    // An import has no page in Ops Manager: there is nothing to be done there by hand.
    case 'cancel':
      return { title: 'Ops Manager refused to cancel the import', advice: '' };
    case 'delete':
      return { title: 'Ops Manager refused to delete the import request', advice: '' };
    case 'read':
    case 'list':
    case 'other':
      return { title: `Ops Manager refused the call (HTTP ${status})`, advice };
  }
}
