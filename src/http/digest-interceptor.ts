import type { Dispatcher } from 'undici';
import type { Authorization, DigestSession, Verdict } from './digest-session.ts';
import { unanswerableChallenge, unavailableHash } from '../ops-manager/reply-errors.ts';

// A nonce can age between challenge and answer while Ops Manager fails over; more is trouble.
const MAX_ANSWERS = 3;
// The body of a challenge is thrown away; one that does not end must not be read for ever.
const MAX_DISCARDED_BYTES = 1024 * 1024;

type Handler = Dispatcher.DispatchHandler;
type Controller = Dispatcher.DispatchController;
type Headers = Readonly<Record<string, string | string[] | undefined>>;

/**
 * An undici interceptor that authenticates each request with HTTP Digest and answers challenges:
 * at once where the session has no nonce yet; again when the nonce was stale or the session has
 * been accepted before; three times a request at most. A 401 beyond that is passed on.
 */
export function digestInterceptor(session: DigestSession): Dispatcher.DispatcherComposeInterceptor {
  return (dispatch) => (options, handler) =>
    new Exchange(dispatch, options, handler, session).transmit();
}

/** One request with all its transmissions. */
class Exchange implements Handler {
  readonly #dispatch: Dispatcher.Dispatch;
  readonly #options: Dispatcher.DispatchOptions;
  readonly #handler: Handler;
  readonly #session: DigestSession;
  #answers = 0;
  #authorization: Authorization | undefined;
  /** Bytes of a challenge's body thrown away; undefined for a reply that is passed on. */
  #discarded: number | undefined;

  constructor(
    dispatch: Dispatcher.Dispatch,
    options: Dispatcher.DispatchOptions,
    handler: Handler,
    session: DigestSession
  ) {
    this.#dispatch = dispatch;
    this.#options = options;
    this.#handler = handler;
    this.#session = session;
  }

  /** Sends the request with a digest of its own: no server takes the same one twice. */
  transmit(): boolean {
    const authorization = this.#session.authorize(this.#options.method, this.#options.path);
    this.#authorization = authorization;
    this.#discarded = undefined;
    const headers = { ...(this.#options.headers as Headers) };
    if (authorization !== undefined) headers['authorization'] = authorization.header;
    return this.#dispatch({ ...this.#options, headers }, this);
  }

  onRequestStart(controller: Controller, context: unknown): void {
    this.#handler.onRequestStart?.(controller, context);
  }

  onResponseStart(
    controller: Controller,
    status: number,
    headers: Headers,
    message?: string
  ): void {
    if (status === 401) {
      const header = headers['www-authenticate'];
      const verdict = this.#session.accept(header, this.#authorization);
      if (verdict === 'unanswerable' || verdict === 'hash-refused') {
        const error =
          verdict === 'unanswerable' ? unanswerableChallenge(header) : unavailableHash();
        controller.abort(error);
        return;
      }
      if (this.#shouldAnswer(verdict)) {
        this.#discarded = 0;
        return;
      }
    } else if (this.#authorization && status >= 200) {
      if (status < 300) this.#session.noteAccepted(this.#authorization);
      const info = headers['authentication-info'];
      if (typeof info === 'string') this.#session.acceptNextNonce(this.#authorization, info);
    }
    this.#handler.onResponseStart?.(controller, status, headers, message);
  }

  onResponseData(controller: Controller, chunk: Buffer): void {
    if (this.#discarded === undefined) {
      this.#handler.onResponseData?.(controller, chunk);
      return;
    }
    this.#discarded += chunk.length;
    if (this.#discarded > MAX_DISCARDED_BYTES) controller.abort(new Error('endless challenge'));
  }

  onResponseEnd(controller: Controller, trailers: Record<string, string>): void {
    if (this.#discarded === undefined) {
      this.#handler.onResponseEnd?.(controller, trailers);
      return;
    }
    this.#answers += 1;
    this.transmit();
  }

  onResponseError(controller: Controller, error: Error): void {
    this.#handler.onResponseError?.(controller, error);
  }

  /** A 401 without a challenge asks for a new one, if the key is known to be right. */
  #shouldAnswer(verdict: Exclude<Verdict, 'unanswerable' | 'hash-refused'>): boolean {
    if (this.#answers >= MAX_ANSWERS) return false;
    if (verdict === 'stale') return true;
    if (!this.#authorization) return verdict !== 'no-challenge';
    return this.#session.isAuthenticated;
  }
}
