import type { DiagnosisApi } from './facts.ts';
import { freshMemory, remember, type News, type ProcessMemory } from './process-memory.ts';
import type { Phase } from '../case/states.ts';
import type { Clock } from '../clock.ts';
import { diagnose, type Refusals } from './diagnose.ts';

const PAUSE_MS = 60_000;
const FIRST_PAUSE_MS = 60_000;
/** The pause’s part of the stall timeout: a process that arrives is seen well before its end. */
const PART_OF_STALL = 4;

/** What the looks are about: only this state is one of processes that arrive one by one. */
const WATCHED_STATE: Phase = 'AWAIT_GOAL_STATE';

/** What one look brought. */
export interface Look {
  readonly memory: ProcessMemory;
  readonly news: readonly News[];
  /** Whether more processes than ever stand at the goal version: no stall. */
  readonly hasProgressed: boolean;
}

/** When the import entered the watched state and was looked at last, by the holder’s clock. */
export interface LookTimes {
  readonly enteredAt: number;
  readonly lastAt: number | undefined;
}

/** When the next look is due; with a stall timeout the first is at once. */
export function nextLookAt(
  { enteredAt, lastAt }: LookTimes,
  stallTimeoutMs: number | undefined
): number {
  if (lastAt !== undefined) {
    return lastAt + Math.min(PAUSE_MS, (stallTimeoutMs ?? Infinity) / PART_OF_STALL);
  }
  return stallTimeoutMs === undefined ? enteredAt + FIRST_PAUSE_MS : enteredAt;
}

/** What the looks need from outside. */
export interface LookSettings {
  readonly clock: Pick<Clock, 'now'>;
  readonly stallTimeoutMs: number | undefined;
  /** Each `host:port`; undefined where they are not known. */
  readonly required: readonly string[] | undefined;
  /** Told of each look that was answered; must not throw. */
  readonly onLook: (look: Look) => void;
}

/**
 * The minute’s looks at the processes while an import waits in AWAIT_GOAL_STATE; the look at the
 * import with which settling begins is another thing. They run beside the wait and hold nothing up:
 * `start` is not waited for, and `stop` ends the one that is under way.
 */
export class Looks {
  readonly #api: DiagnosisApi;
  readonly #settings: LookSettings;
  #memory: ProcessMemory;
  #refusals: Refusals = new Map();
  #times: LookTimes | undefined;
  #current: AbortController | undefined;

  constructor(api: DiagnosisApi, settings: LookSettings) {
    this.#api = api;
    this.#settings = settings;
    this.#memory = freshMemory(settings.required);
  }

  /** What was seen so far in the watched state. */
  get memory(): ProcessMemory {
    return this.#memory;
  }

  /** What Ops Manager has refused, for the diagnosis at the end. */
  get refusals(): Refusals {
    return this.#refusals;
  }

  /** When `start` has something to do, by the clock; undefined when it has not. */
  get dueAt(): number | undefined {
    if (!this.#times || this.#current || this.#refusals.has('status')) return undefined;
    return nextLookAt(this.#times, this.#settings.stallTimeoutMs);
  }

  /** Tells the state of each good read of the import; another state ends the looks. */
  see(state: string): void {
    if (state !== WATCHED_STATE) {
      this.stop();
      this.#times = undefined;
    } else {
      this.#times ??= { enteredAt: this.#settings.clock.now(), lastAt: undefined };
    }
  }

  /** Looks if it is time, until the signal says no more. Resolves when the look is over. */
  async start(signal: AbortSignal): Promise<void> {
    const { clock, onLook } = this.#settings;
    const { dueAt } = this;
    if (signal.aborted || !this.#times || dueAt === undefined || dueAt > clock.now()) return;
    const current = new AbortController();
    this.#current = current;
    this.#times = { ...this.#times, lastAt: clock.now() };
    const either = AbortSignal.any([signal, current.signal]);
    const { facts, refusals } = await diagnose(this.#api, ['status'], {
      clock,
      signal: either,
      refusedBefore: this.#refusals
    });
    // Another look may have begun since this one was stopped.
    if (this.#current === current) this.#current = undefined;
    this.#refusals = new Map([...this.#refusals, ...refusals]);
    if (either.aborted || !facts.status) return;
    const look = remember(this.#memory, facts.status);
    this.#memory = look.memory;
    onLook(look);
  }

  /** Ends the look that is under way; what it brings is not heard any more. */
  stop(): void {
    this.#current?.abort();
    this.#current = undefined;
  }
}
