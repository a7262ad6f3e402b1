import { describe, expect, it } from '@jest/globals';
import { IMPORT_ID } from '../../simulator/ops-manager.ts';
import { type ClientInFront, failureOf } from '../support/client.ts';
import { facing, IMPORT, read, type Reply } from '../support/replies.ts';

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
