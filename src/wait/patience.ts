import type { CallOptions } from '../ops-manager/client.ts';
import { isTransient, OpsManagerError } from '../ops-manager/errors.ts';
import type { Outage, Outcome } from '../outcome.ts';
import { retryTransient, type Waiting } from './retry.ts';

/** Told of outages; must not throw. */
export interface OutageObserver {
  onOutage(error: OpsManagerError): void;
  onRecovery(outageMs: number): void;
  /** After each failed attempt. */
  onRetry(error: OpsManagerError): void;
}

/**
 * How long the step bears with Ops Manager: until the deadline, and through outages up to a length.
 * An outage is continuous: one good answer ends it.
 */
export class Patience {
  readonly waiting: Waiting;
  readonly #limits: { readonly timeoutMs: number; readonly maxOutageMs: number };
  readonly #observer: OutageObserver;
  readonly #startedAt: number;
  readonly #outages: Outage[] = [];
  #current: { readonly since: number; readonly reason: string } | undefined;

  constructor(
    limits: { readonly timeoutMs: number; readonly maxOutageMs: number },
    waiting: Waiting,
    observer: OutageObserver
  ) {
    this.waiting = waiting;
    this.#limits = limits;
    this.#observer = observer;
    this.#startedAt = waiting.clock.now();
  }

  /** Milliseconds until the deadline; never negative. */
  get leftMs(): number {
    return Math.max(0, this.#deadline - this.waiting.clock.now());
  }

  /** Milliseconds since the start. */
  get waitedMs(): number {
    return this.waiting.clock.now() - this.#startedAt;
  }

  /** The outages so far, one that still lasts included. */
  get outages(): readonly Outage[] {
    return [...this.#outages, ...(this.#current ? [this.#outageUntilNow(this.#current)] : [])];
  }

  /** Pauses, if `ms` is positive, but not beyond the deadline. @throws the signal's reason. */
  async pause(ms: number): Promise<void> {
    await this.waiting.clock.sleep(Math.max(0, Math.min(ms, this.leftMs)), this.waiting.signal);
  }

  /**
   * A good answer to `call`, however often it takes; at the deadline and at the end of the longest
   * outage there is one last attempt. @throws what `outcomeOf` understands.
   */
  async call<T>(call: (options: CallOptions) => Promise<T>): Promise<T> {
    const answer = await retryTransient(call, {
      ...this.waiting,
      giveUpAt: () => Math.min(this.#deadline, this.#outageEnd),
      lastAttempt: true,
      onFailure: (error) => {
        this.noteFailure(error);
      }
    });
    this.#noteAnswer();
    return answer;
  }

  /** Counts a failed attempt that `call` did not make. */
  noteFailure(error: OpsManagerError): void {
    if (!this.#current) {
      this.#current = { since: this.waiting.clock.now(), reason: error.message };
      this.#observer.onOutage(error);
    }
    this.#observer.onRetry(error);
  }

  /** The outcome that an error of `call` or `pause` means. @throws what is a defect. */
  outcomeOf(error: unknown): Outcome {
    const { signal, clock } = this.waiting;
    if (signal.aborted) return { kind: 'interrupted', by: (signal.reason as Error).message };
    if (!(error instanceof OpsManagerError)) throw error;
    if (!isTransient(error)) return { kind: 'error', error };
    if (clock.now() < this.#outageEnd) return { ...this.timedOut(), error };
    return { kind: 'unreachable', outageMs: this.outages.at(-1)?.lengthMs ?? 0, error };
  }

  timedOut(): Outcome & { kind: 'timed-out' } {
    return { kind: 'timed-out', timeoutMs: this.#limits.timeoutMs };
  }

  #noteAnswer(): void {
    if (!this.#current) return;
    const outage = this.#outageUntilNow(this.#current);
    this.#outages.push(outage);
    this.#current = undefined;
    this.#observer.onRecovery(outage.lengthMs);
  }

  #outageUntilNow({ since, reason }: { since: number; reason: string }): Outage {
    return {
      startedMs: since - this.#startedAt,
      lengthMs: this.waiting.clock.now() - since,
      reason
    };
  }

  get #deadline(): number {
    return this.#startedAt + this.#limits.timeoutMs;
  }

  get #outageEnd(): number {
    return (this.#current?.since ?? Infinity) + this.#limits.maxOutageMs;
  }
}
