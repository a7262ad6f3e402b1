/** A server's nonce with the challenge that it came in; used again and again with a rising count. */
export interface Nonce {
  readonly params: ReadonlyMap<string, string>;
  readonly cnonce: string;
  /** On a monotonic clock, in milliseconds. */
  readonly madeAtMs: number;
  /** How often it has been used. */
  count: number;
  /** `doubted`: refused after it was good, and before its time was over. */
  standing: 'new' | 'good' | 'doubted';
}

// Three answers to challenges are all that a call has: with more nodes it misses its own.
const MOST_NODES = 4;
// Jetty's nonces live 60 s; a younger one that is refused has met a node that did not make it.
const AGED_MS = 55_000;

/**
 * The newest nonces of a server that may be several nodes, each of which knows only its own. Who
 * answers next cannot be known, but nodes that are used in turn come again after as many replies
 * as there are nodes: the nonce to use is that of the reply so many replies ago. One node, or a
 * balancer that keeps a client at one, is the same with one. Each number of nodes is a guess that
 * is judged by what it would have foretold; where all are wrong each has its turn. At random any
 * guess is as good. With two nodes a read costs one request in turn, two at random.
 */
export class Nonces {
  /** Of the newest replies, newest first: the nonce that each accepted, or gave. */
  #replies: readonly Nonce[] = [];
  /** How often one node, two nodes and so on have foretold a nonce that was not the right one. */
  #misses: readonly number[] = Array<number>(MOST_NODES).fill(0);

  /** The nonce for the next request. */
  get next(): Nonce | undefined {
    const guesses = this.#replies.map((nonce, index) => ({
      nonce,
      misses: (this.#misses[index] ?? 0) + Number(nonce.standing === 'doubted')
    }));
    return guesses.sort((a, b) => a.misses - b.misses)[0]?.nonce;
  }

  /** The one with the same text: a server may give it again, and its count must go on. */
  known(params: Nonce['params']): Nonce | undefined {
    const names = ['nonce', 'realm', 'algorithm'];
    return this.#replies.find((nonce) =>
      names.every((name) => nonce.params.get(name) === params.get(name))
    );
  }

  noteAccepted(nonce: Nonce): void {
    this.#misses = this.#misses.map((misses, index) => {
      const foretold = this.#replies[index];
      return foretold ? Number(foretold !== nonce) : misses;
    });
    nonce.standing = 'good';
    this.#add(nonce);
  }

  /** A reply has refused one nonce, if any was sent, and given another. The first is kept. */
  noteRefused(refused: Nonce | undefined, given: Nonce): void {
    const hasAged = refused && given.madeAtMs - refused.madeAtMs > AGED_MS;
    if (refused && !hasAged) {
      if (refused.standing === 'good') refused.standing = 'doubted';
      this.#misses = this.#misses.map(
        (misses, index) => misses + Number(this.#replies[index] === refused)
      );
    }
    this.#add(given);
  }

  /** The server has announced that it takes another instead. RFC 7616, section 3.5. */
  replace(nonce: Nonce, next: Nonce): void {
    this.#replies = this.#replies.map((each) => (each === nonce ? next : each));
  }

  #add(nonce: Nonce): void {
    this.#replies = [nonce, ...this.#replies].slice(0, MOST_NODES);
  }
}
