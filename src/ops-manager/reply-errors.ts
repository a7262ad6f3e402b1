import { ApiError } from '../case/import-api.ts';
import { cut } from '../untrusted.ts';
import { saysStale } from '../http/challenge.ts';
import { parseHttpDate } from '../http/dates.ts';
import { inWords, wordsFor, type Refusal } from './refusals.ts';

/** A reply with an error status, as far as the policy looks at it. */
export interface ErrorReply extends Refusal {
  /** `host:port` of base-url. */
  readonly host: string;
  /** `host:port` of the proxy in between, if there is one. */
  readonly proxy?: string | undefined;
  readonly retryAfter?: string | undefined;
  /** Where a redirect points to; redacted. */
  readonly location?: string | undefined;
  /** Today's `Date` of the server, to read a `Retry-After` that is a date. */
  readonly date?: string | undefined;
  readonly challenge?: string | readonly string[] | undefined;
}

const LONGEST_TITLE = 100;
const RETRYABLE_4XX = [408, 425, 429];

/**
 * The error for a reply with a status other than 2xx. Refused: a 401, and another 4xx that is Ops
 * Manager's own. Transient: 5xx, 408, 425, 429, and a nonce that is stale again and again.
 * Misconfigured: the rest, which Ops Manager did not say.
 */
export function errorOfReply(reply: ErrorReply): ApiError {
  const { status, body } = reply;
  if (status >= 500 || RETRYABLE_4XX.includes(status)) return unavailable(reply);
  if (status === 401 && saysStale(reply.challenge)) return staleForEver();
  // A 401 is the answer to a key even with an empty body.
  if (status === 401 || (body && status >= 400)) {
    return new ApiError(
      'refused',
      {
        ...wordsFor(reply),
        happened: `${body ? 'Ops Manager' : reply.host} answered ${inWords(status, body)}.`
      },
      { status, errorCode: body?.errorCode }
    );
  }
  return status >= 300 && status < 400 ? redirect(reply) : foreignReply(reply);
}

function unavailable(reply: ErrorReply): ApiError {
  const { status, body, host, proxy } = reply;
  const who = body ? 'Ops Manager' : host;
  const between =
    proxy === undefined ? ' and its load balancer' : `, its load balancer and the proxy ${proxy}`;
  return new ApiError(
    'transient',
    {
      title: cut(`${who} answered HTTP ${status}`, LONGEST_TITLE),
      happened: `${who} answered ${inWords(status, body)}${through(body ? undefined : proxy)}.`,
      advice:
        status === 429
          ? 'Raise poll-interval if this goes on.'
          : `Look at Ops Manager${between} if this goes on.`
    },
    {
      status,
      errorCode: body?.errorCode,
      retryAfterMs: parseRetryAfter(reply.retryAfter, reply.date)
    }
  );
}

function staleForEver(): ApiError {
  return new ApiError(
    'transient',
    {
      title: 'Ops Manager calls each nonce stale',
      happened: 'Ops Manager called each of four nonces stale (HTTP 401).',
      advice:
        'If this goes on, let the load balancer send one client’s requests to one node, and check the clocks of the nodes.'
    },
    { status: 401 }
  );
}

function redirect({ status, location, proxy }: ErrorReply): ApiError {
  const target = location === undefined ? '' : ` to ${location}`;
  return new ApiError(
    'misconfigured',
    {
      title: 'base-url redirects',
      happened: `base-url answered with a redirect${target} (HTTP ${status})${through(proxy)}, which is never followed: credentials go to base-url and nowhere else.`,
      advice: 'Set base-url to Ops Manager’s own address.'
    },
    { status }
  );
}

function foreignReply({ status, host, proxy }: ErrorReply): ApiError {
  const orProxy =
    proxy === undefined ? '' : ` It may also be the proxy ${proxy} that says so: check it, too.`;
  return new ApiError(
    'misconfigured',
    {
      title: cut(`${host} answered HTTP ${status}, not as Ops Manager does`, LONGEST_TITLE),
      happened: `base-url answered HTTP ${status} in a form that is not Ops Manager’s API${through(proxy)}.`,
      advice: `Check base-url: host, port, and a context path if Ops Manager has one.${orProxy}`
    },
    { status }
  );
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

/** The error for a challenge that this action does not answer; always final. */
export function unanswerableChallenge(header: string | readonly string[] | undefined): ApiError {
  const what = /\bdigest\b/i.test(String(header))
    ? 'a digest of a kind that this action does not support (it knows MD5 and SHA-256 with qop=auth)'
    : 'another kind of login than a digest';
  return new ApiError(
    'refused',
    {
      title: 'The server asks for another login than Ops Manager’s',
      happened: `The server asks for ${what}, and the private key is never sent in any form but a digest.`,
      advice: 'Check that base-url is Ops Manager itself and not a gateway with a login of its own.'
    },
    { status: 401 }
  );
}

/** The error for a challenge with a hash that this Node refuses to compute; always final. */
export function unavailableHash(): ApiError {
  return new ApiError(
    'refused',
    {
      title: 'This runner’s Node refuses MD5',
      happened:
        'The server asks for a digest with MD5, which Node on this runner refuses to compute (it runs in FIPS mode), and offers none with SHA-256.',
      advice: 'Run this step on a runner whose Node is not in FIPS mode.'
    },
    { status: 401 }
  );
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
  const until = parseHttpDate(value);
  const now = parseHttpDate(date ?? '');
  const ms = until - (Number.isNaN(now) ? Date.now() : now);
  return Number.isNaN(ms) ? undefined : Math.max(0, ms);
}
