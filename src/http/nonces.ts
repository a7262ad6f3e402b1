/** A server's nonce with the challenge that it came in; used again and again with a rising count. */
export interface Nonce {
  readonly params: ReadonlyMap<string, string>;
  readonly cnonce: string;
  /** How often it has been used. */
  count: number;
  /** Whether a server has accepted it. */
  wasAccepted: boolean;
  /** How often it was called stale since. */
  staleCount: number;
}

// Two nodes, each with the nonce before; more are hardly ever right again.
const REMEMBERED = 4;
// So many in a row are a call that found no node with its nonce. Whoever guesses by a rule may then
// be wrong for ever, because a balancer goes by a rule, too.
const STALE_IN_A_ROW = 4;

/**
 * The newest nonces of a server that may be several nodes, each of which knows only its own.
 * Who answers next cannot be known, but often is as it was the last time: the same node (one node,
 * or a balancer with stickiness), or another (nodes in turn). At random either guess is as good.
 * With two nodes a read costs one request in turn, two at random; with more it costs more.
 */
export class Nonces {
  /** Newest first. */
  #remembered: readonly Nonce[] = [];
  /** That of the node which answered last. */
  #last: Nonce | undefined;
  #nodeChanges = false;
  #staleInARow = 0;
  readonly #random: () => number;

  /** `random` gives 0 to 1. */
  constructor(random: () => number) {
    this.#random = random;
  }

  /** The nonce for the next request. */
  get next(): Nonce | undefined {
    if (this.#staleInARow >= STALE_IN_A_ROW) {
      return this.#remembered[Math.floor(this.#random() * this.#remembered.length)];
    }
    const other = this.#remembered.find((nonce) => nonce !== this.#last);
    return this.#nodeChanges ? (other ?? this.#last) : this.#last;
  }

  /** The one with the same text: a server may give it again, and its count must go on. */
  known(params: Nonce['params']): Nonce | undefined {
    const names = ['nonce', 'realm', 'algorithm'];
    return this.#remembered.find((nonce) =>
      names.every((name) => nonce.params.get(name) === params.get(name))
    );
  }

  /** A nonce of the node that answered just now. */
  add(nonce: Nonce): void {
    const others = this.#remembered.filter((each) => each !== nonce);
    this.#remembered = [nonce, ...others].slice(0, REMEMBERED);
    this.#last = nonce;
  }

  noteAccepted(nonce: Nonce): void {
    this.#nodeChanges = nonce !== this.#last;
    this.#last = nonce;
    this.#staleInARow = 0;
    nonce.wasAccepted = true;
    nonce.staleCount = 0;
  }

  noteStale(nonce: Nonce): void {
    this.#nodeChanges = nonce === this.#last;
    this.#staleInARow += 1;
    nonce.staleCount += 1;
    // One that was good has aged. One that was never tried before may be another node's.
    if (nonce.wasAccepted || nonce.staleCount > 1) this.#forget(nonce);
  }

  /** After a 401 that is not about its age, or when the server has announced another. */
  drop(nonce: Nonce): void {
    this.#nodeChanges = false;
    this.#forget(nonce);
  }

  dropAll(): void {
    this.#nodeChanges = false;
    this.#remembered = [];
    this.#last = undefined;
  }

  #forget(nonce: Nonce): void {
    this.#remembered = this.#remembered.filter((each) => each !== nonce);
    if (this.#last === nonce) this.#last = undefined;
  }
}
