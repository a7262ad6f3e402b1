import type { Dispatcher } from 'undici';
import type { DigestSession } from './digest.ts';
import { unanswerableChallenge } from './errors.ts';

// A nonce can age between challenge and answer while Ops Manager fails over; more is a wrong key.
const MAX_ANSWERS = 3;
// The body of a challenge is thrown away; one that does not end must not be read for ever.
const MAX_DISCARDED_BYTES = 1024 * 1024;

type Handler = Dispatcher.DispatchHandler;
type Controller = Dispatcher.DispatchController;

/**
 * An undici interceptor that authenticates each request with HTTP Digest and answers challenges:
 * at once where the session has no nonce yet; again when the nonce was stale or the session has
 * been accepted before; three times a request at most. A 401 beyond that is passed on.
 */
export function digestInterceptor(
  session: DigestSession
): Dispatcher.DispatcherComposeInterceptor {
  let hasBeenAccepted = false;
  return (dispatch) => (options, handler) => {
    let answers = 0;

    const transmit = (): boolean => {
      const authorization = session.authorize(options.method, options.path);
      const wasAuthorized = authorization !== undefined;
      const headers = { ...(options.headers as Record<string, string>) };
      if (wasAuthorized) headers['authorization'] = authorization;
      return dispatch({ ...options, headers }, answering(wasAuthorized));
    };

    const shouldRepeat = (header: string | string[] | undefined, wasAuthorized: boolean): boolean => {
      const verdict = session.accept(header);
      if (verdict === 'unanswerable') throw unanswerableChallenge(schemesIn(header));
      if (answers >= MAX_ANSWERS) return false;
      if (!wasAuthorized) return verdict !== 'no-challenge';
      return verdict === 'stale' || hasBeenAccepted;
    };

    const answering = (wasAuthorized: boolean): Handler => {
      let discarded: number | undefined;
      return {
        ...forwarded(handler),
        onResponseStart(controller, status, headers, message) {
          if (status === 401) {
            try {
              if (shouldRepeat(headers['www-authenticate'], wasAuthorized)) {
                discarded = 0;
                return;
              }
            } catch (error) {
              controller.abort(error as Error);
              return;
            }
          } else if (wasAuthorized && status >= 200) {
            hasBeenAccepted ||= status < 400;
            const info = headers['authentication-info'];
            if (typeof info === 'string') session.acceptNextNonce(info);
          }
          handler.onResponseStart?.(controller, status, headers, message);
        },
        onResponseData(controller, chunk) {
          if (discarded === undefined) {
            handler.onResponseData?.(controller, chunk);
            return;
          }
          discarded += chunk.length;
          if (discarded > MAX_DISCARDED_BYTES) controller.abort(new Error('endless challenge'));
        },
        onResponseEnd(controller, trailers) {
          if (discarded === undefined) {
            handler.onResponseEnd?.(controller, trailers);
            return;
          }
          answers += 1;
          transmit();
        }
      };
    };

    return transmit();
  };
}

/** The callbacks that concern every transmission alike. */
function forwarded(handler: Handler): Handler {
  return {
    onRequestStart: (controller: Controller, context: unknown) =>
      handler.onRequestStart?.(controller, context),
    onResponseError: (controller: Controller, error: Error) =>
      handler.onResponseError?.(controller, error)
  };
}

function schemesIn(header: string | string[] | undefined): string {
  const text = String(header);
  return /\bdigest\b/i.test(text)
    ? 'a digest of a kind that it does not support (it supports MD5 and SHA-256 with qop=auth)'
    : 'another kind of login than a digest';
}
