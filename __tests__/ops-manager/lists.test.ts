import { describe, expect, it } from '@jest/globals';
import { IMPORT_ID, PROJECT_ID } from '../../simulator/ops-manager.ts';
import type { ApiError, ImportList } from '../../src/case/import-api.ts';
import { ClientInFront, failureOf, type ClientOptions } from '../support/client.ts';
import { LocalServer } from '../support/local-server.ts';
import { facing, IMPORT, list, type Reply } from '../support/replies.ts';

describe('a list, which others write,', () => {
  const OTHER = 'a'.repeat(24);
  const [FIRST] = IMPORT.transitionsHistory.toReversed();
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

  it('counts an item without a project for the one that was asked for', async () => {
    const item = { ...IMPORT, groupId: undefined };
    const { imports } = await facing([{ body: { results: [item] } }], list);
    expect(imports).toMatchObject([{ id: IMPORT_ID }]);
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

  it('has an id once, with the later state where a history is missing', async () => {
    const ended = { ...IMPORT, state: 'SUCCESS', transitionsHistory: null };
    for (const results of [
      [ended, IMPORT],
      [IMPORT, ended]
    ]) {
      const { imports } = await facing([{ body: { results } }], list);
      expect(imports).toMatchObject([{ id: IMPORT_ID, state: 'SUCCESS' }]);
    }
  });

  it('shows of an item what it showed of it, no more than 2,000 characters', async () => {
    const long = { ...IMPORT, id: OTHER, extra: 'x'.repeat(5_000), more: 'y' };
    const { imports } = await facing([{ body: { results: [IMPORT, long] } }], list);
    expect(imports[0]?.reply).toBe(JSON.stringify(IMPORT, undefined, 2));
    expect(imports[1]?.reply.length).toBeLessThanOrEqual(2_000);
  });

  it('is dated by Ops Manager’s own clock', async () => {
    const headers = { date: 'Mon, 20 Oct 2025 10:03:00 GMT' };
    const body = { results: [] };
    expect((await facing([{ headers, body }], list)).readAt).toBe('2025-10-20T10:03:00.000Z');
    const undated = await facing([{ headers: { date: 'soon' }, body }], list);
    expect(undated.readAt).toBeUndefined();
  });
});

describe('a list that says itself that it is not whole', () => {
  const LINK = { links: [{ rel: 'self' }, { rel: 'next', href: 'https://evil.example.com/' }] };
  const PAGE = /\?itemsPerPage=500&pageNum=(\d+)$/;
  const itemsOf = (from: number, to: number): object[] =>
    Array.from({ length: to - from }, (_, index) => {
      const id = (from + index).toString(16).padStart(24, '0');
      return { ...IMPORT, id };
    });

  /** What `replies` make of a list: the first to the documented call, the others to its pages. */
  async function paged(
    pageOf: (pageNum: number | undefined) => Reply,
    options: ClientOptions = {}
  ): Promise<{ answer: ImportList | ApiError; paths: readonly string[] }> {
    await using server = await LocalServer.http((request, response) => {
      const pageNum = PAGE.exec(request.url ?? '')?.[1];
      const {
        status = 200,
        body,
        headers = {}
      } = pageOf(pageNum === undefined ? undefined : Number(pageNum));
      response.writeHead(status, headers).end(JSON.stringify(body));
    });
    await using front = new ClientInFront(server.url, options);
    const answer = await list(front).catch((error: unknown) => error as ApiError);
    const paths = server.requests.map((request) => request.replace(/^GET .*importDeployment/, ''));
    return { answer, paths };
  }

  const FIRST_CALL = `/${PROJECT_ID}`;
  const page = (pageNum: number): string => `${FIRST_CALL}?itemsPerPage=500&pageNum=${pageNum}`;

  it.each<{
    name: string;
    count: number;
    first: number;
    size: number;
    says: object;
    calls: number;
  }>([
    { name: 'a total', count: 121, first: 100, size: 500, says: { totalCount: 121 }, calls: 1 },
    { name: 'a text', count: 121, first: 100, size: 500, says: { totalCount: '121' }, calls: 1 },
    { name: 'a link', count: 121, first: 100, size: 500, says: LINK, calls: 1 },
    { name: 'both', count: 1_201, first: 100, size: 500, says: LINK, calls: 3 },
    { name: 'pages as short as it likes', count: 121, first: 100, size: 100, says: LINK, calls: 2 },
    { name: 'a short first reply', count: 3, first: 0, size: 2, says: { totalCount: 3 }, calls: 2 }
  ])('by $name is read on, 500 a page', async ({ count, first, size, says, calls }) => {
    const { answer, paths } = await paged((pageNum) => {
      const from = pageNum === undefined ? 0 : (pageNum - 1) * size;
      const to = pageNum === undefined ? first : Math.min(count, from + size);
      const rest = to < count ? { totalCount: count, ...says } : { totalCount: count };
      return { body: { results: itemsOf(from, to), ...rest } };
    });
    expect(answer).toMatchObject({ imports: { length: count } });
    expect(paths).toEqual([FIRST_CALL, ...Array.from({ length: calls }, (_, n) => page(n + 1))]);
  });

  it('is whole with a page that brings nothing new, whatever it goes on to say', async () => {
    const { answer, paths } = await paged((pageNum = 1) => ({
      body: { results: itemsOf(0, Math.min(pageNum, 3)), totalCount: 500, ...LINK }
    }));
    expect(answer).toMatchObject({ imports: { length: 3 } });
    expect(paths).toHaveLength(5);
  });

  it('is whole when no page knows more, though its total has more', async () => {
    const { answer, paths } = await paged(() => ({
      body: { results: itemsOf(0, 2), totalCount: 7 }
    }));
    expect(answer).toMatchObject({ imports: { length: 2 } });
    expect(paths).toEqual([FIRST_CALL, page(1), page(2)]);
  });

  it.each([
    { name: 'no more than it holds', says: { totalCount: 2 } },
    { name: 'a total that is none', says: { totalCount: 'seven' } },
    { name: 'links of other kinds', says: { links: [{ rel: 'previous' }, 5, null] } },
    { name: 'links that are none', says: { links: { rel: 'next' } } }
  ])('is not one that says $name', async ({ says }) => {
    const { paths } = await paged(() => ({ body: { results: itemsOf(0, 2), ...says } }));
    expect(paths).toEqual([FIRST_CALL]);
  });

  it('counts items that cannot be read among its total', async () => {
    const { answer, paths } = await paged(() => ({
      body: { results: [...itemsOf(0, 2), 5, {}], totalCount: 4 }
    }));
    expect(answer).toMatchObject({ imports: { length: 2 } });
    expect(paths).toHaveLength(1);
  });

  it('is no good list after 20 pages', async () => {
    const { answer, paths } = await paged((pageNum = 1) => ({
      body: { results: itemsOf(pageNum, pageNum + 1), ...LINK }
    }));
    expect(answer).toMatchObject({
      kind: 'transient',
      title: 'The list of imports cannot be read to its end',
      happened: 'The list of imports cannot be read to its end: it has more than 20 pages.'
    });
    expect(paths).toHaveLength(21);
  });

  it.each<{ name: string; reply: Reply; says: RegExp; status?: number; retryAfterMs?: number }>([
    {
      name: 'Ops Manager refuses',
      reply: { status: 400, body: { error: 400, detail: 'Invalid query parameter pageNum.' } },
      says: /Ops Manager answered HTTP 400 \(“Invalid query/,
      status: 400
    },
    {
      name: 'Ops Manager does not find',
      reply: { status: 404, body: { error: 404, errorCode: 'RESOURCE_NOT_FOUND' } },
      says: /HTTP 404 RESOURCE_NOT_FOUND/,
      status: 404
    },
    {
      name: 'has to wait',
      reply: { status: 503, headers: { 'retry-after': '7' }, body: '' },
      says: /HTTP 503/,
      status: 503,
      retryAfterMs: 7_000
    },
    { name: 'is none', reply: { body: { imports: [] } }, says: /it has no list results/ },
    { name: 'is a gateway’s', reply: { status: 403, body: 'no' }, says: /HTTP 403/, status: 403 }
  ])('is no good list where a page $name', async ({ reply, says, status, retryAfterMs }) => {
    const { answer } = await paged((pageNum) =>
      pageNum === 2 ? reply : { body: { results: itemsOf(0, 1 + (pageNum ?? 0)), ...LINK } }
    );
    expect(answer).toMatchObject({
      kind: 'transient',
      title: 'The list of imports cannot be read to its end',
      status,
      retryAfterMs
    });
    expect((answer as ApiError).message).toMatch(
      /^Page 2 of the list of imports could not be read\. /
    );
    expect((answer as ApiError).message).toMatch(says);
  });

  it('has one limit for all its pages', async () => {
    await using server = await LocalServer.http((request, response) => {
      if (PAGE.test(request.url ?? '')) return;
      response.end(JSON.stringify({ results: itemsOf(0, 2), totalCount: 7 }));
    });
    await using front = new ClientInFront(server.url);
    const options = { signal: new AbortController().signal, limitMs: 300 };
    const error = await failureOf(front.client.listImports(options));
    expect(error.message).toMatch(/^Page 1 of the list.*no complete reply within/);
  });
});
