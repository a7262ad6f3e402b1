import { ApiError } from '../../src/case/import-api.ts';
import type { OpsManagerClient } from '../../src/ops-manager/client.ts';
import { ServerText } from '../../src/untrusted.ts';
import { Redaction } from '../../src/redaction.ts';

/** Shows what a server wrote where there is no secret. */
export const TEXT = new ServerText(new Redaction([]));

/** GETs below `/api/public/v1.0` of an Ops Manager that asks for no login, as its client makes them. */
export function httpGet(url: string): OpsManagerClient['get'] {
  return async (path, _maxBytes, { signal }, read) => {
    const response = await fetch(`${url}/api/public/v1.0${path}`, { signal });
    const json: unknown = await response.json();
    const date = response.headers.get('date');
    const readAt = date === null ? undefined : new Date(date).toISOString();
    if (response.ok) return read({ json, readAt }, TEXT);
    const { errorCode } = json as { readonly errorCode?: string };
    const words = { title: 'Refused', happened: `Ops Manager answered HTTP ${response.status}.` };
    throw new ApiError('refused', words, { status: response.status, errorCode });
  };
}
