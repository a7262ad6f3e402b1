import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { IMPORT_ID, PROJECT_ID } from '../../simulator/ops-manager.ts';
import { beganAtMs } from '../../src/case/import.ts';
import { parseImport } from '../../src/ops-manager/imports.ts';
import { ServerText } from '../../src/untrusted.ts';
import { Redaction } from '../../src/redaction.ts';
import { ClientInFront, failureOf } from '../support/client.ts';
import { LocalServer } from '../support/local-server.ts';
import {
  cancel,
  create,
  facing,
  IMPORT,
  list,
  read,
  remove,
  type Reply
} from '../support/replies.ts';

describe('a good reply', () => {
  it('gives the import with its history in order and Ops Manager’s own time', async () => {
    const headers = { date: 'Mon, 20 Oct 2025 10:03:00 GMT' };
    expect(await facing([{ headers }], read)).toEqual({
      id: IMPORT_ID,
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
      name: 'a date that is a number',
      reply: { headers: { date: '0' } },
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
      name: 'words on its failure',
      reply: {
        body: {
          ...IMPORT,
          state: 'FAILED',
          Reason: 7,
          lastError: ' ',
          failureReason: '##[error] “a”\n::b',
          message: 'c'
        }
      },
      want: { said: '# [error] "a" ::b' }
    },
    {
      name: 'words while it is in progress',
      reply: { body: { ...IMPORT, errorMessage: 'a' } },
      want: { said: undefined }
    },
    {
      name: 'many words on its failure',
      reply: { body: { ...IMPORT, state: 'FAILED', errorMessage: 'a'.repeat(9_000) } },
      want: { said: `${'a'.repeat(499)}…` }
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
    },
    {
      name: 'an envelope that says its status as text, and has more in it',
      reply: { body: { status: '200', content: IMPORT, links: [] } },
      want: { state: 'AWAIT_SEED_HOST_CONNECTED' }
    },
    {
      name: 'no project',
      reply: { body: { ...IMPORT, groupId: undefined } },
      want: { id: IMPORT_ID }
    },
    {
      name: 'a project that cannot be read',
      reply: { body: { ...IMPORT, groupId: { $oid: PROJECT_ID } } },
      want: { id: IMPORT_ID }
    },
    {
      name: 'an id and a state alone',
      reply: { body: { id: IMPORT_ID, state: 'SUCCESS' } },
      want: { id: IMPORT_ID, state: 'SUCCESS', transitions: [] }
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
    { name: 'a blank line', reply: { body: ' \n' } },
    { name: 'fields of no error', reply: { body: { error: null, errorCode: null } } },
    { name: 'an envelope around nothing', reply: { body: { status: 200, content: {} } } },
    { name: 'an envelope around null', reply: { body: { status: 200, content: null } } }
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

describe('a history is read as far as it goes, and hides no state', () => {
  const PENDING = { state: 'PENDING', transitionedAt: '2025-10-20T10:00:00Z' };
  const GOAL = { state: 'AWAIT_GOAL_STATE', transitionedAt: '2025-10-20T10:12:00Z' };
  const SUCCESS = { state: 'SUCCESS', transitionedAt: '2025-10-20T10:15:00Z' };

  it.each<{ name: string; history: unknown; states: readonly string[]; hasGaps?: true }>([
    { name: 'missing', history: undefined, states: [] },
    { name: 'null', history: null, states: [] },
    { name: 'a text', history: 'SUCCESS', states: [] },
    { name: 'an object', history: { 0: PENDING }, states: [] },
    {
      name: 'with entries that are none',
      history: [5, PENDING, null, [SUCCESS], 'x', SUCCESS],
      states: ['PENDING', 'SUCCESS'],
      hasGaps: true
    },
    ...[null, undefined, 5, '', 'yesterday', '2025-13-01T00:00:00Z', [PENDING]].map(
      (transitionedAt) => ({
        name: `with ${JSON.stringify([transitionedAt])} in the place of a date`,
        history: [{ state: 'PENDING', transitionedAt }, GOAL, { state: 'SUCCESS', transitionedAt }],
        states: ['AWAIT_GOAL_STATE'],
        hasGaps: true as const
      })
    ),
    {
      name: 'with a state that is none',
      history: [PENDING, { ...GOAL, state: 'goal!' }, SUCCESS],
      states: ['PENDING', 'SUCCESS'],
      hasGaps: true
    },
    { name: 'whole', history: [SUCCESS, GOAL, PENDING], states: ['PENDING', GOAL.state, 'SUCCESS'] }
  ])('$name', async ({ history, states, hasGaps }) => {
    const body = { ...IMPORT, state: 'SUCCESS', transitionsHistory: history };
    const found = await facing([{ body }], read);
    expect(found.state).toBe('SUCCESS');
    expect(found.transitions.map(({ state }) => state)).toEqual(states);
    expect(found.hasGaps).toBe(hasGaps);
    const [listed] = (await facing([{ body: { results: [body] } }], list)).imports;
    expect(listed?.transitions).toEqual(found.transitions);
    expect(listed?.hasGaps).toBe(hasGaps);
  });

  it('does not tell when the import began where it has gaps', async () => {
    const history = [{ state: 'PENDING', transitionedAt: null }, GOAL];
    const [gappy, whole] = await Promise.all(
      [history, [GOAL]].map(async (transitionsHistory) =>
        facing([{ body: { ...IMPORT, transitionsHistory } }], read)
      )
    );
    expect(gappy && beganAtMs(gappy)).toBeUndefined();
    expect(whole && beganAtMs(whole)).toBe(Date.parse(GOAL.transitionedAt));
  });

  it('takes the later one in the pipeline for the later of two with the same date', () => {
    const states = [
      'PENDING',
      'AWAIT_SEED_HOST_CONNECTED',
      'AWAIT_HOSTS_DISCOVERED',
      'AWAIT_AUTOMATION_IMPORTED',
      'AWAIT_GOAL_STATE',
      'AWAIT_COFFEE',
      'SUCCESS'
    ];
    const reading = { projectId: PROJECT_ID, text: new ServerText(new Redaction([])) };
    fc.assert(
      fc.property(fc.shuffledSubarray(states, { minLength: 7 }), (shuffled) => {
        const transitionsHistory = shuffled.map((state) => ({ ...PENDING, state }));
        const json = { ...IMPORT, transitionsHistory };
        const { transitions } = parseImport({ json, readAt: undefined }, IMPORT_ID, reading);
        expect(transitions.map(({ state }) => state)).toEqual(states);
      })
    );
  });

  it('takes a date without a zone for UTC', async () => {
    const transitionsHistory = [
      { ...PENDING, transitionedAt: '2025-10-20T10:00:00' },
      { ...GOAL, transitionedAt: '2025-10-20T12:00:00.5+02:00' }
    ];
    const { transitions } = await facing([{ body: { ...IMPORT, transitionsHistory } }], read);
    expect(transitions.map(({ transitionedAt }) => transitionedAt)).toEqual([
      '2025-10-20T10:00:00.000Z',
      '2025-10-20T10:00:00.500Z'
    ]);
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
    { name: 'a state in a list', body: { ...IMPORT, state: ['SUCCESS'] }, says: /not a state/ }
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

  const CUT = /^The answer of 127\.0\.0\.1:\d+ ended before it was whole: /;
  const UNREADABLE = /^127\.0\.0\.1:\d+ answered, but not with HTTP that can be read: /;
  it.each([
    {
      name: 'cut in mid-body',
      reply: 'HTTP/1.1 200 OK\r\nContent-Length: 900\r\n\r\n{"id":',
      says: CUT
    },
    {
      name: 'cut in mid-chunk',
      reply: 'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n99\r\n{',
      says: CUT
    },
    { name: 'cut in the headers', reply: 'HTTP/1.1 200 OK\r\nContent-', says: CUT },
    { name: 'that is not HTTP', reply: 'SSH-2.0-OpenSSH_9.2\r\n', says: UNREADABLE },
    { name: 'of no bytes', reply: '', says: /^No answer from 127\.0\.0\.1:\d+: / },
    {
      name: 'with endless headers',
      reply: `HTTP/1.1 200 OK\r\n${'x: y\r\n'.repeat(40_000)}`,
      says: UNREADABLE
    }
  ])('a reply $name', async ({ reply, says }) => {
    await using server = await LocalServer.tcp((socket) => {
      socket.once('data', () => socket.end(reply));
    });
    await using front = new ClientInFront(server.url);
    const error = await front.failure();
    expect(error).toMatchObject({ kind: 'transient' });
    expect(error.message).toMatch(says);
  });
});
