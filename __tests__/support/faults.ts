import { ApiError } from '../../src/case/import-api.ts';

/** What goes wrong with one call. */
export interface Fault {
  /** What the caller is told. */
  readonly error: ApiError;
  /** Whether Ops Manager does what it was asked, although its answer is lost. */
  readonly arrives?: boolean;
  /** How long after the call Ops Manager does it, in milliseconds, where its answer is lost. */
  readonly arrivesAfterMs?: number;
  /** How long the call takes, in milliseconds; its limit if that is shorter. */
  readonly takesMs?: number;
}

/** The connection breaks before Ops Manager has seen the call. */
export function reset(): Fault {
  const words = {
    title: 'om.example.com:8443 does not answer',
    happened: 'No answer from om.example.com:8443: read ECONNRESET.',
    advice: 'Check that Ops Manager is up and that this runner can reach it.'
  };
  return { error: new ApiError('transient', words) };
}

/** Ops Manager does what it was asked, and the connection breaks before its answer. */
export function lostAnswer(): Fault {
  return { ...reset(), arrives: true };
}

/** No answer within the call's limit. */
export function hang(): Fault {
  return { ...reset(), takesMs: Infinity };
}

/** An error reply of Ops Manager's own, with what it says. */
export function replies(status: number, detail = 'as Ops Manager says', errorCode?: string): Fault {
  const words = {
    title: `Ops Manager answered ${status}`,
    happened: `Ops Manager answered HTTP ${status}: ${detail.replace(/\.$/, '')}.`,
    advice: 'Check the API key and its roles.'
  };
  const kind = status >= 500 || [408, 425, 429].includes(status) ? 'transient' : 'refused';
  return { error: new ApiError(kind, words, { status, errorCode }) };
}

/** The page of somebody else: a proxy's, a login's. */
export function foreignPage(): Fault {
  const words = {
    title: 'base-url redirects',
    happened: 'om.example.com:8443 answered HTTP 302, a redirect, and not as Ops Manager does.',
    advice: 'Check base-url.'
  };
  return { error: new ApiError('misconfigured', words, { status: 302 }) };
}

/** `retryAfterSeconds`: what the server asks to wait. */
export function unavailable(retryAfterSeconds?: number): Fault {
  const words = {
    title: 'Ops Manager answered HTTP 503',
    happened: 'Ops Manager answered HTTP 503.',
    advice: 'Look at Ops Manager and its load balancer if this goes on.'
  };
  const retryAfterMs = retryAfterSeconds === undefined ? undefined : retryAfterSeconds * 1000;
  return { error: new ApiError('transient', words, { status: 503, retryAfterMs }) };
}
