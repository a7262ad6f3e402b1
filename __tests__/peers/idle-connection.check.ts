import { setTimeout as sleep } from 'node:timers/promises';
import { expect, it } from '@jest/globals';
import { ClientInFront } from '../support/client.ts';
import { ForwardProxy } from '../support/forward-proxy.ts';
import { LocalServer } from '../support/local-server.ts';

// undici's own limit is 4 s, and it does not let its time be injected: so this takes its time.
const PAUSE_MS = 5_500;

it.concurrent.each([{ through: 'a direct connection' }, { through: 'a proxy' }])(
  '$through outlives a pause within the poll interval',
  async ({ through }) => {
    await using server = await LocalServer.http((_, response) => {
      response.writeHead(503).end();
    });
    await using proxy = await ForwardProxy.start();
    const isThrough = through === 'a proxy';
    await using front = new ClientInFront(server.url, isThrough ? { proxy: proxy.url } : {});
    await front.failure();
    await sleep(PAUSE_MS);
    await front.failure();
    expect(server.requests.length).toBe(2);
    expect(isThrough ? proxy.opened : server.opened).toBe(1);
  }
);
