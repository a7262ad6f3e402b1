import { describe, expect, it } from '@jest/globals';
import { IMPORT_ID, PROJECT_ID } from '../../simulator/ops-manager.ts';
import { malformedReply } from '../../src/ops-manager/reply-errors.ts';
import { ClientInFront, failureOf } from '../support/client.ts';
import { opsManager } from '../support/ops-manager.ts';
import { facing } from '../support/replies.ts';

describe('another resource', () => {
  it('is read below the API’s path with its query, which the digest signs', async () => {
    await using there = await opsManager();
    await using front = new ClientInFront(there.url);
    const path = `/groups/${PROJECT_ID}/nothing?itemsPerPage=500&pageNum=1`;
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
    expect(await get((answer) => answer)).toMatchObject({
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
