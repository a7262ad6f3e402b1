import {
  certificateHint,
  configurationHint,
  foreignReply,
  hintFor,
  inWords,
  reachHint,
  unreachable
} from './hints.ts';

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
