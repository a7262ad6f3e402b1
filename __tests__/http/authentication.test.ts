import type { IncomingMessage, ServerResponse } from 'node:http';
import { describe, expect, it } from '@jest/globals';
import { IMPORT_ID, PRIVATE_KEY, PROJECT_ID } from '../../simulator/ops-manager.ts';
import { ClientInFront, USER_AGENT } from '../support/client.ts';
import { IN_FIPS_MODE, LineTo } from '../support/connection.ts';
import { LocalServer } from '../support/local-server.ts';
import { opsManager } from '../support/ops-manager.ts';

const CHALLENGE = 'Digest realm="MMS Public API", nonce="n", algorithm=MD5, qop="auth"';
const IMPORT = {
  id: IMPORT_ID,
  groupId: PROJECT_ID,
  state: 'PENDING',
  transitionsHistory: [{ state: 'PENDING', transitionedAt: '2026-11-21T10:00:00Z' }]
};

/** Answers the requests one by one, and the last answer again and again. */
async function answering(
  ...answers: ((response: ServerResponse, request: IncomingMessage) => void)[]
): Promise<LocalServer> {
  let count = 0;
  return LocalServer.http((request, response) => {
    const answer = answers[Math.min(count, answers.length - 1)];
    count += 1;
    answer?.(response, request);
  });
}

const good = (response: ServerResponse): void => {
  response.writeHead(200, { date: 'Sat, 21 Nov 2026 10:00:30 GMT' }).end(JSON.stringify(IMPORT));
};
const unauthorized =
  (challenge?: string | string[]) =>
  (response: ServerResponse): void => {
    if (challenge !== undefined) response.setHeader('WWW-Authenticate', challenge);
    response.writeHead(401).end();
  };

describe('reading again and again', () => {
  it('costs one request each on one connection, after one challenge', async () => {
    await using there = await opsManager();
    await using front = new ClientInFront(there.url);
    for (let read = 0; read < 50; read += 1) await front.read();
    expect([there.simulator.calls.length, there.simulator.opened]).toEqual([51, 1]);
    expect(front.client.requests).toBe(51);
  });

  it('costs at most one challenge more for each nonce of 60 s, over 100 reads', async () => {
    let now = Date.parse('2026-11-21T10:00:00Z');
    await using there = await opsManager({ now: () => now });
    await using front = new ClientInFront(there.url);
    for (let read = 0; read < 100; read += 1) {
      expect(await front.read()).toBe('PENDING');
      now += 4_000;
    }
    const nonces = Math.ceil(400 / 60);
    expect(front.client.requests).toBeGreaterThan(100 + nonces / 2);
    expect(front.client.requests).toBeLessThanOrEqual(100 + nonces);
    expect(there.simulator.opened).toBe(1);
  });

  it('uses a nonce as often as it may, and then takes another', async () => {
    // Jetty’s own limit is 1,024; this one has three hexadecimal digits, too.
    await using there = await opsManager({ nonceLifetimeMs: Infinity, maxNonceCount: 300 });
    await using front = new ClientInFront(there.url);
    for (let read = 0; read < 560; read += 1) expect(await front.read()).toBe('PENDING');
    expect(front.client.requests).toBe(560 + 2);
  });

  it('takes a new nonce when a failover made the old one unknown', async () => {
    await using there = await opsManager();
    await using front = new ClientInFront(there.url);
    await front.read();
    there.simulator.guard.forgetNonces();
    expect(await front.read()).toBe('PENDING');
    expect(front.client.requests).toBe(4);
  });

  it('uses the nonce that each answer announces', async () => {
    const nonces: (string | undefined)[] = [];
    await using server = await answering(unauthorized(CHALLENGE), (response, { headers }) => {
      nonces.push(/nonce="(\w+)"/.exec(headers.authorization ?? '')?.[1]);
      response.setHeader('Authentication-Info', `nextnonce="n${nonces.length}"`);
      good(response);
    });
    await using front = new ClientInFront(server.url);
    for (let read = 0; read < 3; read += 1) await front.read();
    expect(nonces).toEqual(['n', 'n1', 'n2']);
  });
});

describe('what a request says', () => {
  it('names the action and its run, asks for JSON, and signs its own path', async () => {
    await using there = await opsManager();
    await using front = new ClientInFront(there.url);
    await front.read();
    const path = `/api/public/v1.0/automation/importDeployment/${PROJECT_ID}/${IMPORT_ID}`;
    for (const call of there.simulator.calls) {
      expect(call).toMatchObject({ method: 'GET', path });
      expect(call.headers).toMatchObject({ 'user-agent': USER_AGENT, accept: 'application/json' });
    }
    const [first, second] = there.simulator.calls;
    expect(first?.headers.authorization).toBeUndefined();
    expect(second?.headers.authorization).toContain(`uri="${path}"`);
  });

  it('sends a body with JSON, again when the first transmission was challenged', async () => {
    await using there = await opsManager();
    await using front = new ClientInFront(there.url);
    const body = '{"seedHostport":"seed.example.com:27017"}';
    await front.client.createImport(body, { signal: new AbortController().signal });
    expect(there.simulator.imports.length).toBe(2);
    const headers = there.simulator.calls.map((call) => call.headers);
    expect(headers.map((each) => each['content-length'])).toEqual(['41', '41']);
    expect(headers.at(-1)).toMatchObject({ 'content-type': 'application/json' });
  });

  it('cancels and deletes without a body', async () => {
    await using there = await opsManager({
      imports: [{ id: IMPORT_ID, steps: [['PENDING', 0]], cancelTakesMs: 0 }]
    });
    await using front = new ClientInFront(there.url);
    await front.client.cancelImport(IMPORT_ID, { signal: new AbortController().signal });
    expect(there.simulator.state()).toBe('CANCELLED');
    expect(there.simulator.calls.at(-1)?.headers['content-length']).toBe('0');
  });

  it('shows neither nonce nor digest nor key in a debug line', async () => {
    await using there = await opsManager();
    await using front = new ClientInFront(there.url);
    await front.read();
    await front.client.listImports({ signal: new AbortController().signal });
    const { authorization = '' } = there.simulator.calls.at(-1)?.headers ?? {};
    const quoted = Array.from(
      authorization.matchAll(/(?:nonce|response)="([^"]+)"/g),
      ([, v]) => v
    );
    expect(quoted.length).toBe(3);
    const lines = front.debugLines.join('\n');
    expect(front.debugLines.length).toBe(2);
    expect(lines).toMatch(/^GET \/api\/\S+: HTTP 200, \d+ characters, \d+ ms: \{"id":.*\}\n/);
    for (const secret of [...quoted, PRIVATE_KEY, 'Digest']) expect(lines).not.toContain(secret);
  });
});

describe('a 401', () => {
  it('ends a call with a wrong key after four requests', async () => {
    await using there = await opsManager();
    await using front = new ClientInFront(there.url, { privateKey: 'wrong' });
    const error = await front.failure();
    expect(error).toMatchObject({ kind: 'refused', status: 401, errorCode: 'USER_UNAUTHORIZED' });
    expect(error.message).toMatch(/Check public-key and private-key/);
    expect(there.simulator.calls.length).toBe(4);
  });

  it.each([
    { name: 'first', order: [true, false, false] },
    { name: 'last', order: [false, false, true] }
  ])('refuses a wrong key that was called stale at $name only', async ({ order }) => {
    const answers = order.map((stale) => unauthorized(`${CHALLENGE}, stale=${stale}`));
    await using server = await answering(unauthorized(CHALLENGE), ...answers);
    await using front = new ClientInFront(server.url);
    expect(await front.failure()).toMatchObject({ kind: 'refused', status: 401 });
    expect(server.requests.length).toBe(4);
  });

  it('may pass when the nonce ages at every request: the key was right', async () => {
    await using server = await answering(unauthorized(`${CHALLENGE}, stale=true`));
    await using front = new ClientInFront(server.url);
    for (let calls = 1; calls <= 5; calls += 1) {
      expect(await front.failure()).toMatchObject({ kind: 'transient', status: 401 });
      expect(server.requests.length).toBeLessThanOrEqual(calls * 4);
    }
  });

  it('may pass when several challenges say so, whichever comes first', async () => {
    const both = ['Digest nonce="s", algorithm=SHA-512-256', `${CHALLENGE}, stale=true`];
    await using server = await answering(unauthorized(both));
    await using front = new ClientInFront(server.url);
    expect(await front.failure()).toMatchObject({ kind: 'transient', status: 401 });
  });

  it('is answered three times in one call, also before any answer was accepted', async () => {
    const refused = unauthorized(CHALLENGE);
    await using server = await answering(refused, refused, refused, good);
    await using front = new ClientInFront(server.url);
    expect(await front.read()).toBe('PENDING');
    expect(front.client.requests).toBe(4);
  });

  it('without a challenge is met with a request without a digest, which may bring one', async () => {
    await using server = await answering(
      ...[unauthorized(CHALLENGE), good, unauthorized(), unauthorized(CHALLENGE), good],
      unauthorized()
    );
    await using front = new ClientInFront(server.url);
    expect([await front.read(), await front.read()]).toEqual(['PENDING', 'PENDING']);
    expect(server.requests.length).toBe(5);
    expect(await front.failure()).toMatchObject({ status: 401 });
    expect(server.requests.length).toBe(7);
  });

  it.each([
    { name: 'without a challenge', challenge: undefined },
    { name: 'with an empty one', challenge: '' }
  ])('$name ends a call at once where no key was sent', async ({ challenge }) => {
    await using server = await answering(unauthorized(challenge));
    await using line = new LineTo(server.url);
    const reply = await line.get();
    expect(reply).toMatchObject({ status: 401, wasKeySent: false, login: 'no-challenge' });
    expect(server.requests.length).toBe(1);
  });

  it.each([
    { name: 'Basic', challenge: 'Basic realm="MMS Public API"', says: /another kind of login/ },
    { name: 'Bearer and Negotiate', challenge: ['Bearer', 'Negotiate'], says: /another kind/ },
    {
      name: 'a digest by an unknown algorithm',
      challenge: CHALLENGE.replace('MD5', 'SHA-512-256'),
      says: /a digest of a kind that this action does not support/
    },
    {
      name: 'a digest of the whole body',
      challenge: CHALLENGE.replace('"auth"', '"auth-int"'),
      says: /a digest of a kind that this action does not support/
    }
  ])('that asks for $name is final, and nothing is sent', async ({ challenge, says }) => {
    const sent: (string | undefined)[] = [];
    await using server = await answering((response, { headers }) => {
      sent.push(headers.authorization);
      unauthorized(challenge)(response);
    });
    await using front = new ClientInFront(server.url);
    const error = await front.failure();
    expect(error).toMatchObject({ kind: 'misconfigured' });
    expect(error.message).toMatch(says);
    expect(sent).toEqual([undefined]);
  });

  it('that asks for MD5 alone ends a call where Node refuses MD5, and says so', async () => {
    await using server = await answering(unauthorized(CHALLENGE));
    await using line = new LineTo(server.url, { session: { createHash: IN_FIPS_MODE } });
    const { status, login, challenge } = await line.get();
    expect({ status, login, challenge }).toEqual({
      status: 401,
      login: 'hash-refused',
      challenge: CHALLENGE
    });
    expect(server.requests.length).toBe(1);
  });

  it('that asks for Basic in mid-wait ends the call, and nothing is sent', async () => {
    const sent: (string | undefined)[] = [];
    await using server = await answering(unauthorized(CHALLENGE), good, (response, { headers }) => {
      sent.push(headers.authorization);
      unauthorized('Basic realm="gateway"')(response);
    });
    await using front = new ClientInFront(server.url);
    await front.read();
    expect(await front.failure()).toMatchObject({ kind: 'misconfigured' });
    expect(sent).toHaveLength(1);
    expect(sent[0]).toMatch(/^Digest /);
  });

  it('whose body never ends is given up', async () => {
    await using server = await LocalServer.http((_, response) => {
      response.writeHead(401, { 'WWW-Authenticate': CHALLENGE });
      const pour = (): void => {
        while (!response.destroyed && response.write('x'.repeat(65_536)));
      };
      response.on('drain', pour);
      pour();
    });
    await using front = new ClientInFront(server.url);
    const error = await front.failure();
    expect(error).toMatchObject({ kind: 'transient' });
    expect(error.message).toMatch(/more than 1048576 bytes/);
    expect(server.requests.length).toBe(1);
  });
});

describe('an aborted request', () => {
  it('takes its connection with it, so that nothing answers later', async () => {
    const closed = Promise.withResolvers<undefined>();
    const arrived = Promise.withResolvers<undefined>();
    await using server = await LocalServer.http((request) => {
      request.socket.on('close', () => {
        closed.resolve(undefined);
      });
      arrived.resolve(undefined);
    });
    await using front = new ClientInFront(server.url);
    const abort = new AbortController();
    const read = front.read(abort.signal);
    await arrived.promise;
    abort.abort(new Error('enough'));
    await expect(read).rejects.toThrow('enough');
    await closed.promise;
  }, 5_000);
});

describe('a redirect', () => {
  it.each([301, 302, 303, 307, 308])('with %d is not followed', async (status) => {
    await using elsewhere = await LocalServer.http((_, response) => {
      good(response);
    });
    await using server = await LocalServer.http((_, response) => {
      response.writeHead(status, { location: `${elsewhere.url}/login` }).end();
    });
    await using front = new ClientInFront(server.url);
    const error = await front.failure();
    expect(error).toMatchObject({ kind: 'misconfigured', status });
    expect(error.message).toContain(`${elsewhere.url}/login`);
    expect(error.message).toMatch(/never followed.*Set base-url/);
    expect([server.requests.length, elsewhere.opened]).toEqual([1, 0]);
  });

  it('in mid-wait is not followed either, and may pass', async () => {
    await using elsewhere = await LocalServer.http((_, response) => {
      good(response);
    });
    await using server = await answering(good, (response) => {
      response.writeHead(302, { location: elsewhere.url }).end();
    });
    await using front = new ClientInFront(server.url);
    await front.read();
    expect(await front.failure()).toMatchObject({ kind: 'misconfigured', status: 302 });
    expect(elsewhere.opened).toBe(0);
  });
});
