import { errorOfNetwork, errorOfReply, malformedReply } from '../../src/ops-manager/errors.ts';
import type { OpsManagerError } from '../../src/ops-manager/errors.ts';

/** What goes wrong with one call. */
export interface Fault {
  /** What the caller is told. */
  readonly error: OpsManagerError;
  /** Whether Ops Manager does what it was asked, although its answer is lost. */
  readonly arrives?: boolean;
  /** How long the call takes, in milliseconds; its limit if that is shorter. */
  readonly takesMs?: number;
}

const AFTER_AN_ANSWER = { hasAnswered: true };

/** The connection breaks before Ops Manager has seen the call. */
export function reset(): Fault {
  const failure = { code: 'ECONNRESET', message: 'read ECONNRESET', host: 'om.example.com:8443' };
  return { error: errorOfNetwork(failure, AFTER_AN_ANSWER, undefined) };
}

/** Ops Manager does what it was asked, and the connection breaks before its answer. */
export function lostAnswer(): Fault {
  return { ...reset(), arrives: true };
}

/** No answer within the call's limit. */
export function hang(): Fault {
  return { ...reset(), takesMs: Infinity };
}

export function malformed(): Fault {
  return { error: malformedReply('it is not JSON') };
}

/** An error reply of Ops Manager's own, with what it says. */
export function replies(status: number, detail = 'as Ops Manager says', errorCode?: string): Fault {
  return { error: errorOfReply({ status, body: { detail, errorCode } }, AFTER_AN_ANSWER) };
}

export function unavailable(retryAfter?: string): Fault {
  return { error: errorOfReply({ status: 503, body: undefined, retryAfter }, AFTER_AN_ANSWER) };
}
