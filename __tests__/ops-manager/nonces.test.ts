import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { DigestSession } from '../../src/ops-manager/digest-session.ts';

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
function reading(pick: () => number) {
  const nodes = new Nodes();
  const session = new DigestSession({ publicKey: 'a', privateKey: 'b' });
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
    while (passed < reads && failed < reads) {
      if (read()) passed += 1;
      else failed += 1;
      nodes.nowMs += 10_000;
    }
    return { each: (requests - before) / reads, failed };
  };
  return { pass };
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

  it('three nodes in turn cost at most three requests a read', () => {
    const { each } = reading(inTurn(() => 3)).pass(700);
    expect(each).toBeLessThanOrEqual(3);
  });

  it('two nodes at random cost at most three requests a read, and few reads fail', () => {
    fc.assert(
      fc.property(fc.infiniteStream(fc.nat({ max: 1 })), (choices) => {
        const { each, failed } = reading(() => choices.next().value as number).pass(500);
        expect(each).toBeLessThan(2.6);
        expect(failed).toBeLessThan(500 / 8);
      }),
      { numRuns: 20 }
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
