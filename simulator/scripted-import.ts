import { randomBytes } from 'node:crypto';

const TERMINAL = ['SUCCESS', 'FAILED', 'CANCELLED'];

/** A state and when it is entered, in milliseconds from the import's start. */
export type Step = readonly [state: string, atMs: number];

/** How an import goes; what is left out is what Ops Manager does. */
export interface Script {
  readonly id?: string;
  readonly steps: readonly Step[];
  /** When it was created, in milliseconds before the simulator started. */
  readonly startedMsAgo?: number;
  /** How long after an accepted cancel the import is CANCELLED; Infinity for never. */
  readonly cancelTakesMs?: number;
  /** Refuse to cancel although the import is in progress. */
  readonly refusesCancel?: boolean;
  /** Refuse to delete although the import failed. */
  readonly refusesDelete?: boolean;
  /** A list does not show the import before it is this old. */
  readonly listedAfterMs?: number;
}

/** An import on its way. */
export class ScriptedImport {
  readonly id: string;
  readonly script: Script;
  readonly #startedAt: number;
  #cancelledAt = Infinity;

  constructor(script: Script, now: number) {
    this.id = script.id ?? randomBytes(12).toString('hex');
    this.script = script;
    this.#startedAt = now - (script.startedMsAgo ?? 0);
  }

  transitions(now: number): { state: string; transitionedAt: string }[] {
    const scripted = this.script.steps.map(([state, atMs]) => ({
      state,
      at: this.#startedAt + atMs
    }));
    const end = scripted.find(({ state }) => TERMINAL.includes(state))?.at ?? Infinity;
    const steps =
      this.#cancelledAt < end
        ? [
            ...scripted.filter(({ at }) => at <= this.#cancelledAt),
            { state: 'CANCELLED', at: this.#cancelledAt }
          ]
        : scripted;
    return steps
      .filter(({ at }) => at <= now)
      .map(({ state, at }) => ({ state, transitionedAt: new Date(at).toISOString() }));
  }

  state(now: number): string {
    return this.transitions(now).at(-1)?.state ?? 'PENDING';
  }

  isInProgress(now: number): boolean {
    return !TERMINAL.includes(this.state(now));
  }

  isListed(now: number): boolean {
    return now - this.#startedAt >= (this.script.listedAfterMs ?? 0);
  }

  /** Whether the cancellation is accepted. */
  cancel(now: number): boolean {
    if (!this.isInProgress(now) || this.script.refusesCancel) return false;
    this.#cancelledAt = Math.min(this.#cancelledAt, now + (this.script.cancelTakesMs ?? 0));
    return true;
  }
}

/** The documentation's sample: moves at 0, 2, 5, 8 and 12 minutes and ends at 15. */
export function sampleSteps(end: string | undefined, scale = 1): Step[] {
  const minute = 60_000 * scale;
  const steps: Step[] = [
    ['PENDING', 0],
    ['AWAIT_SEED_HOST_CONNECTED', 2 * minute],
    ['AWAIT_HOSTS_DISCOVERED', 5 * minute],
    ['AWAIT_AUTOMATION_IMPORTED', 8 * minute],
    ['AWAIT_GOAL_STATE', 12 * minute]
  ];
  return end === undefined ? steps : [...steps, [end, 15 * minute]];
}
