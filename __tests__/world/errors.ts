import { ApiError } from '../../src/case/import-api.ts';

/** Ops Manager's own no. */
export function refused(status: number, errorCode: string, what: string): ApiError {
  return new ApiError(
    'refused',
    {
      title: `Refused (${errorCode})`,
      happened: `Ops Manager says: it ${what}.`,
      advice: ''
    },
    { status, errorCode }
  );
}

export function notFound(id: string): ApiError {
  return refused(404, 'NO_SUCH_IMPORT', `knows no ${id}`);
}

/** A key that this node does not know now, while its nonces or its directory are away. */
export function unauthorized(): ApiError {
  return refused(401, 'UNAUTHORIZED', 'does not know this key');
}

/** An address of a pool that is not on the access list. */
export function forbidden(): ApiError {
  return refused(403, 'IP_ADDRESS_NOT_ON_ACCESS_LIST', 'does not know this address');
}

export function redirect(): ApiError {
  const happened = 'base-url answered with a redirect.';
  return new ApiError('misconfigured', { title: 'base-url redirects', happened }, { status: 302 });
}

export function foreign(): ApiError {
  const happened = 'A page that is not Ops Manager’s came instead.';
  return new ApiError('misconfigured', { title: 'Foreign page', happened }, { status: 404 });
}

export function transient(title: string, happened: string, retryAfterMs?: number): ApiError {
  return new ApiError('transient', { title, happened }, { retryAfterMs });
}
