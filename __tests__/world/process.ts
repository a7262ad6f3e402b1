import type { Clock } from '../../src/time.ts';
import type { Timeline } from './timeline.ts';

/** As the doors name what interrupts a step. */
class Interrupt extends Error {
  override readonly name = 'Interrupt';
}

/** Begins something that calls one of the two when it is over. */
type Begin<T> = (resolve: (value: T) => void, reject: (error: Error) => void) => void;

const A_TURN = Promise.resolve();
// More turns than any chain of promises of what is done beside a wait takes.
const TURNS_BESIDE = 30;

/**
 * A process of the runner: it can be killed, and suspended with its machine. Its clock begins
 * anywhere, and may stand still while it is suspended.
 */
export class Process {
  readonly interrupts = new AbortController();
  readonly signalled = new AbortController();
  readonly clock: Clock;
  /** For what is done beside the wait. */
  readonly besideClock: Clock;
  readonly suspensions: { readonly from: number; readonly to: number }[] = [];
  /** When it was killed; Infinity while it was not. */
  deadAt = Infinity;
  isDone = false;
  #isAtWork = false;
  readonly #timeline: Timeline;
  readonly #clockBeganAt: number;
  #suspendedUntil = 0;
  /** When its clock stood still. */
  readonly #standstills: { readonly from: number; readonly to: number }[] = [];

  constructor(timeline: Timeline, clockOffsetMs: number) {
    this.#timeline = timeline;
    this.#clockBeganAt = timeline.now - clockOffsetMs;
    this.clock = {
      now: () => this.clockNow,
      sleep: (ms, signal) => this.#sleep(ms, signal, false)
    };
    this.besideClock = { ...this.clock, sleep: (ms, signal) => this.#sleep(ms, signal, true) };
  }

  /** Whether its clock has ever stood still, so that it cannot know when something was. */
  get hasClockStood(): boolean {
    return this.#standstills.length > 0;
  }

  get isDead(): boolean {
    return this.deadAt !== Infinity;
  }

  get isAlive(): boolean {
    return !this.isDead && !this.isDone;
  }

  get clockNow(): number {
    const { now } = this.#timeline;
    const stoodStillMs = this.#standstills.reduce(
      (sum, { from, to }) => sum + Math.min(now, to) - from,
      0
    );
    return now - this.#clockBeganAt - stoodStillMs;
  }

  start(work: () => Promise<void>, onDefect: (error: unknown) => void): void {
    this.#begins();
    work().then(
      () => {
        this.#ends();
      },
      (error: unknown) => {
        if (this.isAlive) onDefect(error);
        this.#ends();
      }
    );
  }

  /** Nothing of it runs any more. */
  kill(): void {
    if (!this.isAlive) return;
    this.deadAt = this.#timeline.now;
    this.#rests();
  }

  /** `onArrival`: a process that is suspended gets it when it goes on. */
  signal(name: string, onArrival: () => void): void {
    this.#whenAwake(() => {
      const reason = new Interrupt(`The signal ${name}`);
      this.#interrupt(() => {
        onArrival();
        this.interrupts.abort(reason);
        this.signalled.abort(reason);
      });
    });
  }

  loseLog(): void {
    this.#abortWait(new Interrupt('A log that nobody reads any more'));
  }

  /** A library throws where nobody catches. */
  fail(): void {
    this.#abortWait(new TypeError('A library throws this beside its callers.'));
  }

  suspend(ms: number, doesClockStand: boolean): void {
    const from = this.#timeline.now;
    // It is suspended once at a time.
    if (from < this.#suspendedUntil) return;
    this.#suspendedUntil = from + ms;
    this.suspensions.push({ from, to: from + ms });
    if (doesClockStand) this.#standstills.push({ from, to: from + ms });
  }

  /** What the process waits for; it goes on when `begin` calls one of the two, once. */
  wait<T>(signal: AbortSignal | undefined, begin: Begin<T>): Promise<T> {
    return this.#waitFor(
      signal,
      begin,
      () => {
        this.#rests();
      },
      () => {
        this.#begins();
      }
    );
  }

  #waitFor<T>(
    signal: AbortSignal | undefined,
    begin: Begin<T>,
    rest: () => void,
    goOnWorking: () => void
  ): Promise<T> {
    return new Promise<T>((resolve, reject) => {
      if (!this.isAlive) return;
      rest();
      let isOver = false;
      const goOn = (act: () => void): void => {
        if (isOver || !this.isAlive) return;
        isOver = true;
        signal?.removeEventListener('abort', onAbort);
        goOnWorking();
        act();
      };
      const onAbort = (): void => {
        goOn(() => {
          reject(signal?.reason as Error);
        });
      };
      signal?.addEventListener('abort', onAbort);
      begin(
        (value) => {
          this.#whenAwake(() => {
            goOn(() => {
              resolve(value);
            });
          });
        },
        (error) => {
          this.#whenAwake(() => {
            goOn(() => {
              reject(error);
            });
          });
        }
      );
    });
  }

  /** The same for what is done beside the wait: its process is at work only for a moment after it. */
  waitBeside<T>(signal: AbortSignal | undefined, begin: Begin<T>): Promise<T> {
    return this.#waitFor(
      signal,
      begin,
      () => undefined,
      () => {
        this.#worksForMoment();
      }
    );
  }

  /** Waits for what is done beside the wait. */
  waitForBeside<T>(work: () => Promise<T>): Promise<T> {
    return this.wait<T>(undefined, (resolve) => {
      this.#worksForMoment();
      void work().then(resolve);
    });
  }

  /** Does something then, unless the process has ended; one that is suspended does it afterwards. */
  after(ms: number, act: () => void): void {
    this.#timeline.at(this.#timeline.now + ms, () => {
      this.#whenAwake(() => {
        this.#interrupt(act);
      });
    });
  }

  #worksForMoment(): void {
    this.#timeline.began();
    void this.#restsAfterMoment();
  }

  async #restsAfterMoment(): Promise<void> {
    for (let turns = 0; turns < TURNS_BESIDE; turns += 1) await A_TURN;
    this.#timeline.rested();
  }

  async #sleep(ms: number, signal: AbortSignal, isBeside: boolean): Promise<void> {
    signal.throwIfAborted();
    // A timer counts whole milliseconds and does not ring before its time.
    const wholeMs = Math.ceil(ms);
    const until = this.clockNow + wholeMs;
    const begin: Begin<undefined> = (resolve) => {
      const ring = (): void => {
        const leftMs = until - this.clockNow;
        if (leftMs > 0) this.#timeline.at(this.#timeline.now + leftMs, ring);
        else resolve(undefined);
      };
      this.#timeline.at(this.#timeline.now + wholeMs, ring);
    };
    await (isBeside ? this.waitBeside(signal, begin) : this.wait(signal, begin));
  }

  #abortWait(reason: Error): void {
    this.#whenAwake(() => {
      this.#interrupt(() => {
        this.interrupts.abort(reason);
      });
    });
  }

  #interrupt(act: () => void): void {
    if (this.isAlive) act();
  }

  #whenAwake(act: () => void): void {
    if (this.#timeline.now < this.#suspendedUntil) {
      this.#timeline.at(this.#suspendedUntil, act);
    } else act();
  }

  #begins(): void {
    if (this.#isAtWork) return;
    this.#isAtWork = true;
    this.#timeline.began();
  }

  #rests(): void {
    if (!this.#isAtWork) return;
    this.#isAtWork = false;
    this.#timeline.rested();
  }

  #ends(): void {
    if (!this.isAlive) return;
    this.isDone = true;
    this.#rests();
  }
}
