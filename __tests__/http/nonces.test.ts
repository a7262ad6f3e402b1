import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { DigestSession } from '../../src/http/digest.ts';

const LIFETIME_MS = 60_000;
const MAX_ANSWERS = 3;

/** What a node says to a nonce that is not its own: Jetty's manner before and since June 2026. */
const MANNERS = ['stale=true', 'stale=false'] as const;
type Manner = (typeof MANNERS)[number];

/** Nodes that know only their own nonces, as Jetty's authenticator does, and a time that is given. */
class Nodes {
  readonly #manner: Manner;
  #born = new Map<string, { readonly node: number; readonly at: number }>();
  #made = 0;
  nowMs = 0;

  constructor(manner: Manner) {
    this.#manner = manner;
  }

  /** What a node says to a digest; undefined when it lets the request pass. */
  challenge(node: number, header: string | undefined): string | undefined {
    const nonce = /nonce="([^"]*)"/.exec(header ?? '')?.[1] ?? '';
    const known = this.#born.get(nonce);
    const isOwn = known?.node === node;
    const isAged = isOwn && this.nowMs - known.at > LIFETIME_MS;
    if (isOwn && !isAged) return undefined;
    this.#made += 1;
    const fresh = `${node}-${this.#made}`;
    this.#born.set(fresh, { node, at: this.nowMs });
    const stale = nonce === '' ? 'stale=false' : isAged ? 'stale=true' : this.#manner;
    return `Digest realm="r", nonce="${fresh}", qop="auth", ${stale}`;
  }

  /** As after a restart of all. */
  forget(): void {
    this.#born = new Map();
  }
}

/** Who gets a request, and whether the one before it was refused, which some balancers go by. */
type Balancer = (wasRefused: boolean) => number;

/** Reads in front of nodes, `pauseMs` apart. */
function reading(balancer: Balancer, manner: Manner, pauseMs = 10_000) {
  const nodes = new Nodes(manner);
  const session = new DigestSession(
    { publicKey: 'a', privateKey: 'b' },
    { now: () => nodes.nowMs }
  );
  let requests = 0;
  let wasRefused = false;
  /** Whether the read passed with at most three answers to challenges. */
  const read = (): boolean => {
    for (let answers = 0; answers <= MAX_ANSWERS; answers += 1) {
      const authorization = session.authorize('GET', '/');
      requests += 1;
      const challenge = nodes.challenge(balancer(wasRefused), authorization?.header);
      wasRefused = challenge !== undefined;
      if (challenge === undefined && authorization) {
        session.accept(authorization, undefined);
        return true;
      }
      session.challenge(challenge, authorization);
    }
    return false;
  };
  /** So many reads; gives requests for each, and how many failed. */
  const pass = (reads: number): { readonly each: number; readonly failed: number } => {
    const before = requests;
    let failed = 0;
    for (let index = 0; index < reads; index += 1) {
      if (!read()) failed += 1;
      nodes.nowMs += pauseMs;
    }
    return { each: (requests - before) / reads, failed };
  };
  return { pass, nodes };
}

/** Evenly spread numbers from 0 to 1 that a seed decides: mulberry32. */
function chance(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

function inTurn(...order: readonly number[]): Balancer {
  let next = 0;
  return () => order[next++ % order.length] ?? 0;
}

/** As haproxy: the next node, but the same one again after a 401. */
function inTurnUnlessRefused(count: number): Balancer {
  let next = 0;
  let node = 0;
  return (wasRefused) => {
    if (!wasRefused) node = next++ % count;
    return node;
  };
}

describe.each(MANNERS)('behind a balancer, with %s for a strange nonce,', (manner) => {
  it.each<{ name: string; balancer: () => Balancer; most: number; pauseMs?: number }>([
    { name: 'one node costs a challenge for each nonce', balancer: () => inTurn(0), most: 1.2 },
    { name: 'two nodes in turn', balancer: () => inTurn(0, 1), most: 1.4 },
    { name: 'three nodes in turn', balancer: () => inTurn(0, 1, 2), most: 1.5 },
    { name: 'two nodes of which one has more to do', balancer: () => inTurn(0, 0, 1), most: 1.5 },
    { name: 'two nodes that change after two', balancer: () => inTurn(0, 0, 1, 1), most: 2 },
    { name: 'two nodes as haproxy does it', balancer: () => inTurnUnlessRefused(2), most: 2.1 },
    { name: 'three nodes as haproxy does it', balancer: () => inTurnUnlessRefused(3), most: 2.1 },
    {
      name: 'one node at two minutes a read',
      balancer: () => inTurn(0),
      most: 2,
      pauseMs: 120_000
    },
    { name: 'two in turn at two minutes', balancer: () => inTurn(0, 1), most: 3, pauseMs: 120_000 }
  ])('$name: no read fails, at $most requests a read or fewer', ({ balancer, most, pauseMs }) => {
    const { each, failed } = reading(balancer(), manner, pauseMs).pass(700);
    expect(failed).toBe(0);
    expect(each).toBeLessThanOrEqual(most);
  });

  it('four nodes in turn let most reads pass', () => {
    expect(reading(inTurn(0, 1, 2, 3), manner).pass(700).failed).toBeLessThan(700 / 6);
  });

  it('two nodes at random cost at most three requests a read, and few reads fail', () => {
    fc.assert(
      fc.property(fc.integer(), (seed) => {
        const random = chance(seed);
        const { each, failed } = reading(() => (random() < 0.5 ? 0 : 1), manner).pass(500);
        expect(each).toBeLessThan(2.6);
        expect(failed).toBeLessThan(500 / 8);
      }),
      { numRuns: 4, endOnFailure: true }
    );
  });

  it('nodes that join and leave fail a read or two each time', () => {
    let order: readonly number[] = [0];
    let next = 0;
    const { pass } = reading(() => order[next++ % order.length] ?? 0, manner);
    for (const nodes of [[0], [0, 1], [1], [0, 1], [0, 1, 2], [0, 2], [2], [0, 1, 2]]) {
      order = nodes;
      const { each, failed } = pass(60);
      expect(failed).toBeLessThanOrEqual(2);
      expect(each).toBeLessThanOrEqual(1.8);
    }
  });

  it.each([1, 2, 3])('%d nodes that restart fail no read', (count) => {
    const order = Array.from({ length: count }, (_, node) => node);
    const { pass, nodes } = reading(inTurn(...order), manner, 1_000);
    for (let restarts = 0; restarts < 20; restarts += 1) {
      const { failed } = pass(7);
      expect(failed).toBe(0);
      nodes.forget();
    }
  });
});
