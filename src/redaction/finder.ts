/** A form of a secret to look for. */
export interface Needle {
  readonly text: string;
  /** Whether what was dropped before it, or behind it, is a part of it. */
  readonly isOpenBefore: boolean;
  readonly isOpenBehind: boolean;
  /** Whether characters beside it hold bits of it. */
  readonly isBase64: boolean;
}

/** A place where a needle stands: the longest that ends there. */
interface Hit extends Omit<Needle, 'text'> {
  readonly from: number;
  readonly to: number;
}

const OPEN_BEFORE = 1;
const OPEN_BEHIND = 2;
const BASE64 = 4;

/**
 * Finds all of many texts in one pass, in time that is proportional to what is searched.
 * Source: Aho and Corasick, "Efficient string matching", 1975.
 *
 * A node is a beginning of a needle. Its first child is the next node, so that the fifty lines of a
 * key are arrays, not thousands of maps.
 */
export class Finder {
  /** The unit that leads from a node to the next one. */
  readonly #next: Int32Array;
  /** The children of a node besides the next one, by `node * 65536 + unit`. */
  readonly #others = new Map<number, number>();
  /** The children of the root, which most of a text is compared with. */
  readonly #first = new Uint32Array(0x10000);
  readonly #depth: Uint32Array;
  /** The node of the longest end of a beginning that is a beginning, too. */
  readonly #fallback: Uint32Array;
  /** The length of the longest needle that ends at a node, and what there is to say of it. */
  readonly #found: Uint32Array;
  readonly #flags: Uint8Array;
  #nodes = 1;

  constructor(needles: readonly Needle[]) {
    const size = needles.reduce((sum, { text }) => sum + text.length, 1);
    this.#next = new Int32Array(size).fill(-1);
    this.#depth = new Uint32Array(size);
    this.#fallback = new Uint32Array(size);
    this.#found = new Uint32Array(size);
    this.#flags = new Uint8Array(size);
    const units = new Uint16Array(size);
    const parents = new Uint32Array(size);
    for (const needle of needles) if (needle.text !== '') this.#add(needle, units, parents);
    this.#link(units, parents);
  }

  /**
   * Tells of each place where a needle ends. Gives where one begins of which `text` may have only
   * the beginning; the length of `text` if none does.
   */
  find(text: string, onHit: (hit: Hit) => void): number {
    if (this.#nodes === 1) return text.length;
    let node = 0;
    for (let at = 0; at < text.length; at += 1) {
      node = this.#after(node, text.charCodeAt(at));
      const length = this.#found[node] ?? 0;
      if (length > 0) onHit(this.#hit(node, at + 1 - length, at + 1));
    }
    return text.length - (this.#depth[node] ?? 0);
  }

  #hit(node: number, from: number, to: number): Hit {
    const flags = this.#flags[node] ?? 0;
    return {
      from,
      to,
      isOpenBefore: (flags & OPEN_BEFORE) > 0,
      isOpenBehind: (flags & OPEN_BEHIND) > 0,
      isBase64: (flags & BASE64) > 0
    };
  }

  /** The longest beginning that a text ends with, when one that ended with `node` goes on. */
  #after(node: number, unit: number): number {
    let from = node;
    while (from > 0) {
      const child = this.#child(from, unit);
      if (child > 0) return child;
      from = this.#fallback[from] ?? 0;
    }
    return this.#first[unit] ?? 0;
  }

  #child(node: number, unit: number): number {
    if (node === 0) return this.#first[unit] ?? 0;
    if (this.#next[node] === unit) return node + 1;
    return this.#others.get(node * 0x10000 + unit) ?? 0;
  }

  #add(
    { text, isOpenBefore, isOpenBehind, isBase64 }: Needle,
    units: Uint16Array,
    parents: Uint32Array
  ): void {
    let node = 0;
    for (let at = 0; at < text.length; at += 1) {
      const unit = text.charCodeAt(at);
      let child = this.#child(node, unit);
      if (child === 0) {
        child = this.#nodes;
        this.#nodes += 1;
        if (node === 0) this.#first[unit] = child;
        else if (child === node + 1) this.#next[node] = unit;
        else this.#others.set(node * 0x10000 + unit, child);
        this.#depth[child] = at + 1;
        units[child] = unit;
        parents[child] = node;
      }
      node = child;
    }
    this.#found[node] = text.length;
    this.#flags[node] =
      (this.#flags[node] ?? 0) |
      (isOpenBefore ? OPEN_BEFORE : 0) |
      (isOpenBehind ? OPEN_BEHIND : 0) |
      (isBase64 ? BASE64 : 0);
  }

  /** Shorter beginnings first: the longer ones fall back to them. */
  #link(units: Uint16Array, parents: Uint32Array): void {
    const nodes = Uint32Array.from({ length: this.#nodes - 1 }, (_, index) => index + 1);
    nodes.sort((one, other) => (this.#depth[one] ?? 0) - (this.#depth[other] ?? 0));
    for (const node of nodes) {
      const parent = parents[node] ?? 0;
      const fallback =
        parent === 0 ? 0 : this.#after(this.#fallback[parent] ?? 0, units[node] ?? 0);
      this.#fallback[node] = fallback;
      this.#flags[node] = (this.#flags[node] ?? 0) | (this.#flags[fallback] ?? 0);
      if (this.#found[node] === 0) this.#found[node] = this.#found[fallback] ?? 0;
    }
  }
}
