import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { DigestSession } from '../../src/http/digest-session.ts';

const LIFETIME_MS = 60_000;
const MAX_ANSWERS = 3;

/** Nodes that know only their own nonces, as Jetty's authenticator does, and a time that is given. */
class Nodes {
  readonly #born = new Map<string, { readonly node: number; readonly at: number }>();
  nowMs = 0;

  /** What a node says to a digest; undefined when it lets the request pass. */
  challenge(node: number, header: string | undefined): string | undefined {
    const nonce = /nonce="([^"]*)"/.exec(header ?? '')?.[1];
    const known = this.#born.get(nonce ?? '');
    if (known?.node === node && this.nowMs - known.at <= LIFETIME_MS) return undefined;
    const fresh = `${node}-${this.#born.size}`;
    this.#born.set(fresh, { node, at: this.nowMs });
    return `Digest realm="r", nonce="${fresh}", qop="auth", stale=${nonce !== undefined}`;
  }
}

/** Reads in front of nodes; `pick` says which node gets a request. */
function reading(pick: () => number, random: () => number = () => 0.5) {
  const nodes = new Nodes();
  const session = new DigestSession({ publicKey: 'a', privateKey: 'b' }, { random });
  let requests = 0;
  /** Whether the read passed with at most three answers to challenges. */
  const read = (): boolean => {
    for (let answers = 0; answers <= MAX_ANSWERS; answers += 1) {
      const authorization = session.authorize('GET', '/');
      requests += 1;
      const challenge = nodes.challenge(pick(), authorization?.header);
      if (challenge === undefined && authorization) {
        session.noteAccepted(authorization);
        return true;
      }
      session.accept(challenge, authorization);
    }
    return false;
  };
  /** Reads every 10 s until so many have passed; gives requests for each, and what failed. */
  const pass = (reads: number): { readonly each: number; readonly failed: number } => {
    const before = requests;
    let [passed, failed] = [0, 0];
    // One that never passes is a failed test, not an endless one.
    while (passed < reads && failed < 10 * reads) {
      if (read()) passed += 1;
      else failed += 1;
      nodes.nowMs += 10_000;
    }
    return { each: (requests - before) / reads, failed };
  };
  return { pass };
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

function inTurn(count: () => number): () => number {
  let next = 0;
  return () => next++ % count();
}

describe('behind a balancer without stickiness', () => {
  it('one node costs a challenge for each nonce', () => {
    const { each, failed } = reading(() => 0).pass(700);
    expect(failed).toBe(0);
    expect(each).toBeLessThan(1.2);
  });

  it('two nodes in turn cost hardly more than one', () => {
    const { each, failed } = reading(inTurn(() => 2)).pass(700);
    expect(failed).toBe(0);
    expect(each).toBeLessThan(1.5);
  });

  it.each([3, 4])('%d nodes in turn are reached in the end, whatever the guesses', (count) => {
    fc.assert(
      fc.property(fc.integer(), (seed) => {
        expect(
          reading(
            inTurn(() => count),
            chance(seed)
          ).pass(30).failed
        ).toBeLessThan(120);
      }),
      { numRuns: 20, endOnFailure: true }
    );
  });

  it('two nodes at random cost at most three requests a read, and few reads fail', () => {
    fc.assert(
      fc.property(fc.integer(), (seed) => {
        const random = chance(seed);
        const { each, failed } = reading(() => (random() < 0.5 ? 0 : 1)).pass(500);
        expect(each).toBeLessThan(2.6);
        expect(failed).toBeLessThan(500 / 8);
      }),
      { numRuns: 20, endOnFailure: true }
    );
  });

  it('nodes that join and leave cost no more than that', () => {
    let count = 1;
    const { pass } = reading(inTurn(() => count));
    for (const nodes of [1, 2, 1, 2, 2, 1]) {
      count = nodes;
      const { each, failed } = pass(60);
      expect(failed).toBeLessThanOrEqual(1);
      expect(each).toBeLessThanOrEqual(1.6);
    }
  });
});
