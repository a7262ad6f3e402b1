import { describe, expect, it } from '@jest/globals';
import { IMPORT_ID, PROJECT_ID } from '../../simulator/ops-manager.ts';
import { malformedReply } from '../../src/ops-manager/reply-errors.ts';
import { ClientInFront, failureOf, type ClientOptions } from '../support/client.ts';
import { LocalServer } from '../support/local-server.ts';
import { opsManager } from '../support/ops-manager.ts';

interface Reply {
  readonly status?: number;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: unknown;
}

const IMPORT = {
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
async function facing<T>(
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

const read = async ({ client }: ClientInFront) =>
  client.readImport(IMPORT_ID, { signal: new AbortController().signal });
const list = async ({ client }: ClientInFront) =>
  client.listImports({ signal: new AbortController().signal });
const cancel = async ({ client }: ClientInFront) =>
  client.cancelImport(IMPORT_ID, { signal: new AbortController().signal });
const create = async ({ client }: ClientInFront) =>
  client.createImport('{}', { signal: new AbortController().signal });
const remove = async ({ client }: ClientInFront) =>
  client.deleteImport(IMPORT_ID, { signal: new AbortController().signal });

describe('a good reply', () => {
  it('gives the import with its history in order and Ops Manager’s own time', async () => {
    const headers = { date: 'Mon, 20 Oct 2025 10:03:00 GMT' };
    expect(await facing([{ headers }], read)).toEqual({
      id: IMPORT_ID,
      projectId: PROJECT_ID,
      state: 'AWAIT_SEED_HOST_CONNECTED',
      transitions: [
        { state: 'PENDING', transitionedAt: '2025-10-20T10:00:00.000Z' },
        { state: 'AWAIT_SEED_HOST_CONNECTED', transitionedAt: '2025-10-20T10:02:00.000Z' }
      ],
      readAt: '2025-10-20T10:03:00.000Z',
      reply: JSON.stringify(IMPORT, undefined, 2)
    });
  });

  it.each<{ name: string; reply: Reply; want: object }>([
    {
      name: 'a date that is none',
      reply: { headers: { date: 'yesterday' } },
      want: { readAt: undefined }
    },
    {
      name: 'an envelope',
      reply: { body: { status: 200, content: IMPORT } },
      want: { state: 'AWAIT_SEED_HOST_CONNECTED' }
    },
    {
      name: 'ids in capitals',
      reply: { body: { ...IMPORT, id: IMPORT_ID.toUpperCase() } },
      want: { id: IMPORT_ID }
    },
    {
      name: 'a state that is new',
      reply: { body: { ...IMPORT, state: 'AWAIT_COFFEE_2' } },
      want: { state: 'AWAIT_COFFEE_2' }
    },
    {
      name: 'an import that says status and error of its own',
      reply: { body: { ...IMPORT, status: 404, error: 500 } },
      want: { state: 'AWAIT_SEED_HOST_CONNECTED' }
    },
    {
      name: 'an empty history',
      reply: { body: { ...IMPORT, transitionsHistory: [] } },
      want: { transitions: [] }
    }
  ])('is understood with $name', async ({ reply, want }) => {
    expect(await facing([reply], read)).toMatchObject(want);
  });

  it.each([
    { name: 'a list', body: { results: [IMPORT, { ...IMPORT, id: 'a'.repeat(24) }] }, want: 2 },
    { name: 'an empty list', body: { results: [] }, want: 0 },
    {
      name: 'a list in an envelope',
      body: { status: 200, content: { results: [IMPORT] } },
      want: 1
    }
  ])('is understood as $name', async ({ body, want }) => {
    expect((await facing([{ body }], list)).imports.length).toBe(want);
  });

  it.each([
    { name: 'an empty object', reply: { body: {} } },
    { name: 'no body', reply: { status: 204, body: '' } },
    { name: 'an envelope around nothing', reply: { body: { status: 200, content: {} } } }
  ])('to a command may be $name', async ({ reply }) => {
    await expect(facing([reply], cancel)).resolves.toBeUndefined();
  });

  it.each([
    {
      header: 'gitHash=abc; versionString=8.0.13.500.20250909T1801Z',
      want: '8.0.13.500.20250909T1801Z'
    },
    { header: 'gitHash=abc; versionString=master', want: 'master' },
    { header: 'gitHash=abc', want: undefined },
    { header: 'versionString=::stop-commands::x', want: ':stop-commands::x' }
  ])('tells the version in “$header”', async ({ header, want }) => {
    const headers = { 'x-mongodb-service-version': header };
    const version = await facing([{ headers }], async (front) => {
      await read(front);
      return front.client.version;
    });
    expect(version).toBe(want);
  });

  it('keeps the version while replies do not name it', async () => {
    const headers = { 'x-mongodb-service-version': 'versionString=8.0.13' };
    const version = await facing([{ headers }, {}], async (front) => {
      await read(front);
      await read(front);
      return front.client.version;
    });
    expect(version).toBe('8.0.13');
  });
});

describe('a list, which others write,', () => {
  const OTHER = 'a'.repeat(24);
  const [FIRST, ...LATER] = IMPORT.transitionsHistory.toReversed();
  it.each<{ name: string; item: unknown }>([
    { name: 'no object', item: 5 },
    { name: 'null', item: null },
    { name: 'a list', item: [] },
    { name: 'without an id', item: { ...IMPORT, id: undefined } },
    { name: 'with a short id', item: { ...IMPORT, id: 'abc' } },
    { name: 'without a state', item: { ...IMPORT, id: OTHER, state: undefined } },
    { name: 'with an empty state', item: { ...IMPORT, id: OTHER, state: '' } },
    { name: 'of another project', item: { ...IMPORT, id: OTHER, groupId: OTHER } }
  ])('is read without an item that is $name', async ({ item }) => {
    const { imports } = await facing([{ body: { results: [item, IMPORT, item] } }], list);
    expect(imports.map(({ id }) => id)).toEqual([IMPORT_ID]);
  });

  it.each<{ name: string; history: unknown }>([
    { name: 'no history', history: undefined },
    { name: 'a history that is none', history: 'PENDING' },
    { name: 'a history with an odd entry', history: [FIRST, 5] },
    { name: 'a history without its first date', history: [{ state: 'PENDING' }, ...LATER] }
  ])('is read with the state alone of an item with $name', async ({ history }) => {
    const item = { ...IMPORT, id: OTHER, transitionsHistory: history };
    const { imports } = await facing([{ body: { results: [item] } }], list);
    expect(imports).toMatchObject([
      { id: OTHER, projectId: PROJECT_ID, state: IMPORT.state, transitions: [] }
    ]);
  });

  it('counts an item without a project for the one that was asked for', async () => {
    const item = { ...IMPORT, groupId: undefined };
    const { imports } = await facing([{ body: { results: [item] } }], list);
    expect(imports).toMatchObject([{ id: IMPORT_ID, projectId: PROJECT_ID }]);
  });

  it('has an id once, with the longer history', async () => {
    const short = { ...IMPORT, state: 'PENDING', transitionsHistory: [FIRST] };
    const capitals = { ...short, id: IMPORT_ID.toUpperCase() };
    for (const results of [
      [short, IMPORT, capitals],
      [IMPORT, short],
      [capitals, IMPORT]
    ]) {
      const { imports } = await facing([{ body: { results } }], list);
      expect(imports).toMatchObject([{ id: IMPORT_ID, state: IMPORT.state }]);
      expect(imports[0]?.transitions).toHaveLength(2);
    }
  });

  it('is dated by Ops Manager’s own clock', async () => {
    const headers = { date: 'Mon, 20 Oct 2025 10:03:00 GMT' };
    const body = { results: [] };
    expect((await facing([{ headers, body }], list)).readAt).toBe('2025-10-20T10:03:00.000Z');
    const undated = await facing([{ headers: { date: 'soon' }, body }], list);
    expect(undated.readAt).toBeUndefined();
  });
});

describe('a reply without measure', () => {
  const nested = (depth: number): string => '['.repeat(depth) + ']'.repeat(depth);
  const withExtra = (extra: string): string => `${JSON.stringify(IMPORT).slice(0, -1)},${extra}}`;

  it.each([6_000, 60_000])('nested %d deep is the good reply that it is', async (depth) => {
    const body = withExtra(`"extra":${nested(depth)}`);
    const request = await facing([{ body }], read);
    expect(request).toMatchObject({ state: IMPORT.state });
    expect(request.reply.length).toBeLessThan(2_000);
    expect(request.reply).toContain('[…]');
  });

  it('nested in the place of a state is malformed, and no more', async () => {
    const body = JSON.stringify(IMPORT).replace(
      '"AWAIT_SEED_HOST_CONNECTED","t',
      `${nested(6_000)},"t`
    );
    const error = await facing([{ body }], async (front) => failureOf(read(front)));
    expect(error).toMatchObject({ kind: 'transient' });
    expect(error.message).toMatch(/not a state: “\[+…/);
  });

  it('costs no more than a small multiple of its size to be shown', async () => {
    const body = withExtra(
      `"extra":[${'[[[['.repeat(5_000)}1${']]]]'.repeat(5_000)}${',[1]'.repeat(20_000)}]`
    );
    globalThis.gc?.();
    const before = process.memoryUsage().heapUsed;
    const request = await facing([{ body }], read);
    expect(process.memoryUsage().heapUsed - before).toBeLessThan(64 * 2 ** 20);
    expect(request.reply.length).toBeLessThanOrEqual(64 * 1024);
    expect(request.reply.endsWith('…')).toBe(true);
  });

  it('keeps the first and the newest of 6,000 transitions', async () => {
    const at = (index: number): string => new Date(1_700_000_000_000 + index * 1000).toISOString();
    const transitionsHistory = Array.from({ length: 6_000 }, (_, index) => ({
      state: index === 0 ? 'PENDING' : 'AWAIT_GOAL_STATE',
      transitionedAt: at(index)
    }));
    const { transitions } = await facing([{ body: { ...IMPORT, transitionsHistory } }], read);
    expect(transitions).toHaveLength(200);
    expect(transitions[0]).toEqual({ state: 'PENDING', transitionedAt: at(0) });
    expect(transitions.at(1)?.transitionedAt).toBe(at(6_000 - 199));
    expect(transitions.at(-1)?.transitionedAt).toBe(at(5_999));
  });

  it('is cut in a debug line', async () => {
    const lines = await facing(
      [{ body: withExtra(`"extra":"${'x'.repeat(1_000)}","list":[${'"word",'.repeat(20_000)}1]`) }],
      async (front) => {
        await read(front);
        return front.debugLines;
      }
    );
    expect(lines).toHaveLength(1);
    expect(lines[0]?.length).toBeLessThan(66_000);
  });
});

describe('a secret in a reply', () => {
  const SECRET = 'correct "horse" 100%';
  const secrets = [SECRET, '31415926'];
  const facingSecretly = async <T>(reply: Reply, call: (front: ClientInFront) => Promise<T>) =>
    facing([reply], call, { secrets });

  it('is not in what is shown of a good one, in its debug line or its version', async () => {
    const body = {
      ...IMPORT,
      extra: { [SECRET]: [SECRET, encodeURIComponent(SECRET), 31415926] },
      nested: JSON.stringify({ password: SECRET }),
      header: Buffer.from(`user:${SECRET}`).toString('base64')
    };
    const headers = { 'x-mongodb-service-version': `versionString=8 ${SECRET}` };
    const shown = await facingSecretly({ body, headers }, async (front) => {
      const { reply, state } = await read(front);
      expect(state).toBe(IMPORT.state);
      return [reply, ...front.debugLines, front.client.version ?? ''];
    });
    expect(shown).toHaveLength(3);
    for (const text of shown) {
      expect(text).toContain('***');
      expect(text).not.toMatch(/horse|31415926|dXNlcjpjb3/);
    }
  });

  it.each<{ name: string; reply: Reply }>([
    { name: 'an error', reply: { status: 400, body: { error: 400, detail: `No ${SECRET}!` } } },
    { name: 'an error code', reply: { status: 400, body: { errorCode: SECRET } } },
    {
      name: 'a redirect',
      reply: { status: 302, headers: { location: `/?p=${encodeURIComponent(SECRET)}` } }
    },
    { name: 'a malformed state', reply: { body: { ...IMPORT, state: SECRET } } },
    { name: 'a malformed id', reply: { body: { ...IMPORT, id: 31415926 } } }
  ])('is not in the error of $name', async ({ reply }) => {
    const { error, lines } = await facingSecretly(reply, async (front) => ({
      error: await failureOf(read(front)),
      lines: front.debugLines.join('\n')
    }));
    for (const text of [error.message, error.title, error.errorCode ?? '']) {
      expect(text).not.toMatch(/horse|31415926/);
    }
    expect(error.message).toContain('***');
    expect(lines).not.toMatch(/horse|31415926/);
  });

  it('does not touch what is parsed', async () => {
    const request = await facing([{}], read, { secrets: ['PENDING', IMPORT_ID, '2025'] });
    expect(request).toMatchObject({ id: IMPORT_ID, state: IMPORT.state });
    expect(request.transitions[0]).toEqual({
      state: 'PENDING',
      transitionedAt: '2025-10-20T10:00:00.000Z'
    });
    expect(request.reply).not.toMatch(/PENDING|2025/);
  });
});

describe('a debug line', () => {
  it.each([
    {
      name: 'JSON',
      body: { ...IMPORT, x: '##[group]a\n::error::b' },
      says: /: \{"id":.*"x":"# \[group\]a ::error::b"\}$/
    },
    {
      name: 'HTML',
      body: '<html>\n::error::x\n##[group]</html>',
      says: /: <html> ::error::x # \[group\]<\/html>$/
    },
    { name: 'nothing', body: '', says: /HTTP 200, 0 characters, \d+ ms: \{\}$/ }
  ])('has a body of $name', async ({ body, says }) => {
    const lines = await facing([{ body }], async (front) => {
      await read(front).catch(() => undefined);
      return front.debugLines;
    });
    expect(lines).toEqual([expect.stringMatching(says)]);
  });
});

describe('another resource', () => {
  it('is read below the API’s path with its query, which the digest signs', async () => {
    await using there = await opsManager();
    await using front = new ClientInFront(there.url);
    const path = `/groups/${PROJECT_ID}/agents/AUTOMATION?itemsPerPage=500&pageNum=1`;
    const signal = new AbortController().signal;
    const error = await failureOf(
      front.client.get(path, 1024, { signal }, () => {
        throw new Error('not called');
      })
    );
    expect(error).toMatchObject({ kind: 'refused', status: 404 });
    expect(there.simulator.calls.at(-1)).toMatchObject({
      path: `/api/public/v1.0${path}`,
      isAuthenticated: true
    });
  });

  it('is given to its reader, and what that throws is passed on', async () => {
    const reply = { body: { results: [1] }, headers: { date: 'Mon, 20 Oct 2025 10:03:00 GMT' } };
    const get = async <T>(read: (answer: object) => T) =>
      facing([reply], async ({ client }) =>
        client.get('/x', 100, { signal: new AbortController().signal }, read)
      );
    expect(await get((answer) => answer)).toEqual({
      json: { results: [1] },
      readAt: '2025-10-20T10:03:00.000Z'
    });
    await expect(
      get(() => {
        throw malformedReply('it is tea');
      })
    ).rejects.toThrow('it is tea');
  });

  it('may be read by a sibling with the same login over a connection of its own', async () => {
    await using there = await opsManager();
    await using front = new ClientInFront(there.url);
    await front.read();
    const sibling = front.client.sibling();
    try {
      await sibling.readImport(IMPORT_ID, { signal: new AbortController().signal });
      expect(there.simulator.calls.length).toBe(3);
      expect([there.simulator.opened, front.client.requests, sibling.requests]).toEqual([2, 3, 3]);
      await sibling.close();
      expect(await front.read()).toBe('PENDING');
    } finally {
      await sibling.close();
    }
  });
});

describe('a reply that cannot be right is transient, and the message says what is wrong:', () => {
  it.each<{ name: string; body: unknown; says: RegExp }>([
    { name: 'HTML', body: '<html>Sign in</html>', says: /not a JSON object|not JSON/ },
    { name: 'nothing', body: '', says: /id is not/ },
    { name: 'truncated JSON', body: JSON.stringify(IMPORT).slice(0, -5), says: /not JSON/ },
    { name: 'null', body: 'null', says: /not a JSON object/ },
    { name: 'a list', body: [IMPORT], says: /not a JSON object/ },
    { name: 'a text', body: '"PENDING"', says: /not a JSON object/ },
    { name: 'no id', body: { ...IMPORT, id: undefined }, says: /id is not 24 hex.*: nothing/ },
    { name: 'another import', body: { ...IMPORT, id: 'a'.repeat(24) }, says: /another import/ },
    {
      name: 'another project',
      body: { ...IMPORT, groupId: 'a'.repeat(24) },
      says: /another project/
    },
    { name: 'no state', body: { ...IMPORT, state: undefined }, says: /not a state: nothing/ },
    {
      name: 'a state in small letters',
      body: { ...IMPORT, state: 'success' },
      says: /not a state: “"success"”/
    },
    { name: 'a state with a tail', body: { ...IMPORT, state: 'SUCCESS\n' }, says: /not a state/ },
    {
      name: 'a state that is too long',
      body: { ...IMPORT, state: 'A'.repeat(65) },
      says: /not a state/
    },
    { name: 'a state in a list', body: { ...IMPORT, state: ['SUCCESS'] }, says: /not a state/ },
    {
      name: 'no history',
      body: { ...IMPORT, transitionsHistory: undefined },
      says: /no list trans/
    },
    {
      name: 'a history that is none',
      body: { ...IMPORT, transitionsHistory: {} },
      says: /no list trans/
    },
    {
      name: 'a transition that is none',
      body: { ...IMPORT, transitionsHistory: [1] },
      says: /entry of trans/
    },
    {
      name: 'a transition without a date',
      body: { ...IMPORT, transitionsHistory: [{ state: 'PENDING' }] },
      says: /transitionedAt is not a date: nothing/
    },
    {
      name: 'a date that is a number',
      body: { ...IMPORT, transitionsHistory: [{ state: 'PENDING', transitionedAt: 5 }] },
      says: /transitionedAt is not a date: “5”/
    },
    {
      name: 'a date that no calendar has',
      body: {
        ...IMPORT,
        transitionsHistory: [{ state: 'PENDING', transitionedAt: '2025-13-01T00:00:00Z' }]
      },
      says: /transitionedAt is not a date/
    }
  ])('$name', async ({ body, says }) => {
    const error = await facing([{ body }], async (front) => failureOf(read(front)));
    expect(error).toMatchObject({ kind: 'transient' });
    expect(error.message).toMatch(says);
  });

  it.each<{ name: string; body: unknown; says: RegExp }>([
    { name: 'an object', body: IMPORT, says: /no list results/ },
    { name: 'results that are none', body: { results: {} }, says: /no list results/ },
    { name: 'a status', body: { status: 404 }, says: /no list results/ }
  ])('$name for a list', async ({ body, says }) => {
    const error = await facing([{ body }], async (front) => failureOf(list(front)));
    expect(error).toMatchObject({ kind: 'transient' });
    expect(error.message).toMatch(says);
  });

  it.each([
    { name: 'HTML', body: '<html>Sign in</html>' },
    { name: 'a list', body: [] },
    { name: 'null', body: 'null' },
    { name: 'a status of 404', body: { status: 404 } },
    { name: 'a status of 302 as text', body: { status: '302' } },
    { name: 'an error in words', body: { error: 'Not Found' } },
    { name: 'an error of 404 without words', body: { error: 404 } },
    { name: 'an error code without a status', body: { errorCode: 'UNEXPECTED_ERROR' } }
  ])('$name for a command, which may not have been carried out', async ({ body }) => {
    for (const command of [cancel, create, remove]) {
      const error = await facing([{ body }], async (front) => failureOf(command(front)));
      expect(error).toMatchObject({ kind: 'transient' });
      expect(error.message).toMatch(/^The reply is not what Ops Manager answers: /);
    }
  });

  it.each([
    { name: 'an import just within 1 MiB', bytes: 1024 * 1024, call: read, isRight: true },
    { name: 'an import beyond 1 MiB', bytes: 1024 * 1024 + 1, call: read, isRight: false },
    { name: 'a list just within 8 MiB', bytes: 8 * 1024 * 1024, call: list, isRight: true },
    { name: 'a list beyond 8 MiB', bytes: 8 * 1024 * 1024 + 1, call: list, isRight: false }
  ])('$name: $isRight', async ({ bytes, call, isRight }) => {
    const text = JSON.stringify({ ...IMPORT, results: [IMPORT] }).padEnd(bytes);
    const outcome = facing<unknown>([{ body: text }], call);
    if (isRight) await expect(outcome).resolves.toBeDefined();
    else expect((await failureOf(outcome)).message).toMatch(/more than \d+ bytes/);
  });

  it('a body without an end, of which little is read', async () => {
    let sent = 0;
    await using server = await LocalServer.http((_, response) => {
      const pour = (): void => {
        while (!response.destroyed && response.write('x'.repeat(65_536))) sent += 65_536;
      };
      response.on('drain', pour);
      pour();
    });
    await using front = new ClientInFront(server.url);
    expect((await front.failure()).message).toMatch(/more than 1048576 bytes/);
    expect(sent).toBeLessThan(32 * 1024 * 1024);
  });

  it.each([
    { name: 'cut in mid-body', reply: 'HTTP/1.1 200 OK\r\nContent-Length: 900\r\n\r\n{"id":' },
    {
      name: 'cut in mid-chunk',
      reply: 'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n99\r\n{'
    },
    { name: 'cut in the headers', reply: 'HTTP/1.1 200 OK\r\nContent-' },
    { name: 'that is not HTTP', reply: 'SSH-2.0-OpenSSH_9.2\r\n' },
    { name: 'of no bytes', reply: '' },
    { name: 'with endless headers', reply: `HTTP/1.1 200 OK\r\n${'x: y\r\n'.repeat(40_000)}` }
  ])('a reply $name', async ({ reply }) => {
    await using server = await LocalServer.tcp((socket) => {
      socket.once('data', () => socket.end(reply));
    });
    await using front = new ClientInFront(server.url);
    const error = await front.failure();
    expect(error).toMatchObject({ kind: 'transient' });
    expect(error.message).toMatch(/^No answer from 127\.0\.0\.1:\d+: /);
  });
});
