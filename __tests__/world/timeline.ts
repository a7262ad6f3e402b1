interface Event {
  readonly at: number;
  readonly order: number;
  readonly act: () => void;
}

const A_TURN = Promise.resolve();
// More turns than any chain of promises in src/ takes; one that does not come to rest is a defect.
const TURNS_AT_MOST = 500;

/**
 * The time of a world, in milliseconds since 1970: events happen in their order, and time moves on
 * only when every process waits for one.
 */
export class Timeline {
  now: number;
  #order = 0;
  #events: Event[] = [];
  /** Processes that are at work and will wait or end within some turns of the microtask queue. */
  #atWork = 0;
  #deeds = 0;

  constructor(now: number) {
    this.now = now;
  }

  at(at: number, act: () => void): void {
    this.#push({
      at: Math.max(Math.ceil(at), this.now),
      order: (this.#order += 1),
      act
    });
  }

  /** A process has begun to work. */
  began(): void {
    this.#atWork += 1;
    this.#deeds += 1;
  }

  /** A process waits, has ended or was killed. */
  rested(): void {
    this.#atWork -= 1;
    this.#deeds += 1;
  }

  /**
   * Lets everything happen until nothing is left or `isOver`. `isChecked`: makes sure, slowly, that
   * a process that waits does nothing else meanwhile.
   */
  async run(isOver: () => boolean, isChecked: boolean): Promise<void> {
    await this.#rest(isChecked);
    for (;;) {
      if (isOver()) return;
      const event = this.#pop();
      if (!event) return;
      this.now = event.at;
      event.act();
      await this.#rest(isChecked);
    }
  }

  async #rest(isChecked: boolean): Promise<void> {
    for (let turns = 0; this.#atWork > 0; turns += 1) {
      if (turns > TURNS_AT_MOST) throw new Error('A process neither waits nor ends.');
      await A_TURN;
    }
    if (!isChecked) return;
    const deeds = this.#deeds;
    await new Promise(setImmediate);
    if (this.#deeds !== deeds) throw new Error('A process that waits did something meanwhile.');
  }

  #push(event: Event): void {
    const heap = this.#events;
    let index = heap.push(event) - 1;
    while (index > 0) {
      const parent = (index - 1) >> 1;
      const above = heap[parent];
      if (!above || !isSooner(event, above)) break;
      heap[index] = above;
      index = parent;
    }
    heap[index] = event;
  }

  #pop(): Event | undefined {
    const heap = this.#events;
    const first = heap[0];
    const last = heap.pop();
    if (!first || !last || heap.length === 0) return first;
    let index = 0;
    for (;;) {
      const left = 2 * index + 1;
      const [a, b] = [heap[left], heap[left + 1]];
      const child = a && b && isSooner(b, a) ? left + 1 : left;
      const below = heap[child];
      if (!below || !isSooner(below, last)) break;
      heap[index] = below;
      index = child;
    }
    heap[index] = last;
    return first;
  }
}

function isSooner(a: Event, b: Event): boolean {
  return a.at < b.at || (a.at === b.at && a.order < b.order);
}
