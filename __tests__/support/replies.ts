import { IMPORT_ID, PROJECT_ID } from '../../simulator/ops-manager.ts';
import { ClientInFront, type ClientOptions } from './client.ts';
import { LocalServer } from './local-server.ts';

/** What a server answers; an import with HTTP 200 unless it says otherwise. */
export interface Reply {
  readonly status?: number;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: unknown;
}

/** A reply of Ops Manager’s, with its history in no order. */
export const IMPORT = {
  id: IMPORT_ID,
  groupId: PROJECT_ID,
  userId: '507f1f77bcf86cd799439013',
  state: 'AWAIT_SEED_HOST_CONNECTED',
  transitionsHistory: [
    { state: 'AWAIT_SEED_HOST_CONNECTED', transitionedAt: '2025-10-20T10:02:00Z' },
    { state: 'PENDING', transitionedAt: '2025-10-20T10:00:00Z' }
  ]
};

/** What `call` makes of a server that gives one reply after the other, and the last for ever. */
export async function facing<T>(
  replies: readonly Reply[],
  call: (front: ClientInFront) => Promise<T>,
  options: ClientOptions = {}
): Promise<T> {
  let count = 0;
  await using server = await LocalServer.http((request, response) => {
    request.resume();
    const { status = 200, headers = {}, body = IMPORT } = replies[count] ?? replies.at(-1) ?? {};
    count += 1;
    const text = typeof body === 'string' ? body : JSON.stringify(body);
    response.writeHead(status, headers).end(text);
  });
  await using front = new ClientInFront(server.url, options);
  return await call(front);
}

export const read = async ({ client }: ClientInFront) =>
  client.readImport(IMPORT_ID, { signal: new AbortController().signal });
export const list = async ({ client }: ClientInFront) =>
  client.listImports({ signal: new AbortController().signal });
export const cancel = async ({ client }: ClientInFront) =>
  client.cancelImport(IMPORT_ID, { signal: new AbortController().signal });
export const create = async ({ client }: ClientInFront) =>
  client.createImport('{}', { signal: new AbortController().signal });
export const remove = async ({ client }: ClientInFront) =>
  client.deleteImport(IMPORT_ID, { signal: new AbortController().signal });
