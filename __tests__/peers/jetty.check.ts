import { beforeAll, afterAll, describe, expect, it } from '@jest/globals';
import { Balancer } from '../../simulator/balancer.ts';
import { IMPORT_ID, Simulator } from '../../simulator/ops-manager.ts';
import { ApiError } from '../../src/case/import-api.ts';
import { ClientInFront } from '../support/client.ts';
import type { Peer } from '../support/peer.ts';
import { haproxy } from './haproxy.ts';
import { jetty, JETTIES } from './jetty.ts';
import { itWatchesImportsThrough } from './watching-through.ts';
import { Random } from '../world/random.ts';

const READS = 100;

/** What reads cost on average, and how many failed. */
async function reading(front: ClientInFront, reads = READS) {
  const before = front.client.requests;
  let failed = 0;
  for (let read = 0; read < reads; read += 1) {
    try {
      expect(await front.read()).toBe('PENDING');
    } catch (error) {
      if (!(error instanceof ApiError)) throw error;
      failed += 1;
    }
  }
  return { each: (front.client.requests - before) / reads, failed };
}

describe.each(JETTIES)('through Jetty $version with $algorithm', (kind) => {
  itWatchesImportsThrough(async (upstream) => jetty(upstream, kind));
});

describe.each(JETTIES)('with nodes that are Jetty $version with $algorithm', (kind) => {
  let upstream: Simulator;
  let nodes: Peer[] = [];
  beforeAll(async () => {
    const imports = [{ id: IMPORT_ID, steps: [['PENDING', 0]] as const }];
    upstream = await Simulator.start({ imports, authentication: false });
    nodes = await Promise.all([0, 1, 2].map(async () => jetty(upstream.url, kind)));
  }, 60_000);
  afterAll(async () => {
    for (const node of nodes) await node[Symbol.asyncDispose]();
    await upstream.close();
  });
  const portOf = (index: number): number => nodes[index]?.port ?? 0;

  it.each([
    { name: 'one', order: [0], most: 1.02 },
    { name: 'two in turn', order: [0, 1], most: 1.05 },
    { name: 'three in turn', order: [0, 1, 2], most: 1.05 },
    { name: 'one that has more to do than the other', order: [0, 0, 1], most: 1.6 }
  ])('$name: every read passes, at $most requests or fewer', async ({ order, most }) => {
    let turn = 0;
    await using balancer = await Balancer.start(() => portOf(order[turn++ % order.length] ?? 0));
    await using front = new ClientInFront(balancer.url);
    const { each, failed } = await reading(front);
    console.log(
      `Jetty ${kind.version}, ${kind.algorithm}, ${order.join('')}: ${each} requests a read`
    );
    expect(failed).toBe(0);
    expect(each).toBeLessThanOrEqual(most);
  });

  it.each([1, 2, 3])(
    'two at random (seed %d): few reads fail, at three requests or fewer',
    async (seed) => {
      const random = new Random(seed);
      await using balancer = await Balancer.start(() => portOf(random.chance(0.5) ? 0 : 1));
      await using front = new ClientInFront(balancer.url);
      const { each, failed } = await reading(front);
      console.log(
        `Jetty ${kind.version}, ${kind.algorithm}, seed ${seed}: ${each} requests a read, ${failed} failed`
      );
      expect(failed).toBeLessThan(READS / 4);
      expect(each).toBeLessThanOrEqual(3);
    }
  );

  it.each([
    { name: 'in turn', directives: 'balance roundrobin\n  option http-server-close', most: 1.05 },
    { name: 'as it comes', directives: 'balance roundrobin', most: 2.1 },
    {
      name: 'with a sticky cookie',
      directives:
        'balance roundrobin\n  option http-server-close\n  cookie NODE insert indirect nocache',
      most: 1.05
    }
  ])('two behind haproxy $name: every read passes', async ({ directives, most }) => {
    await using balancer = await haproxy([portOf(0), portOf(1)], directives);
    await using front = new ClientInFront(balancer.url);
    const { each, failed } = await reading(front);
    expect(failed).toBe(0);
    expect(each).toBeLessThanOrEqual(most);
  });

  it('one that restarts costs a few requests, and no read', async () => {
    let port = portOf(0);
    await using balancer = await Balancer.start(() => port);
    await using front = new ClientInFront(balancer.url);
    expect(await reading(front, 5)).toEqual({ each: 6 / 5, failed: 0 });
    for (const index of [1, 2, 0]) {
      port = portOf(index);
      const { each, failed } = await reading(front, 5);
      expect(failed).toBe(0);
      expect(each).toBeLessThanOrEqual(8 / 5);
    }
  });

  it.each([1, 2])('%d of them end a call with a wrong key after four requests', async (count) => {
    let turn = 0;
    await using balancer = await Balancer.start(() => portOf(turn++ % count));
    await using front = new ClientInFront(balancer.url, { privateKey: 'wrong' });
    expect(await front.failure()).toMatchObject({ kind: 'refused', status: 401 });
    expect(front.client.requests).toBe(4);
  });
});
