import { randomBytes } from 'node:crypto';

const TERMINAL = ['SUCCESS', 'FAILED', 'CANCELLED'];

/** A state and when it is entered, in milliseconds from the import's start. */
export type Step = readonly [state: string, atMs: number];

/** How an import may be written more loosely than it is documented. */
export const LOOSENESS = {
  'no history': 'transitionsHistory is missing',
  'null history': 'transitionsHistory is null',
  'null dates': 'each transitionedAt is null',
  'no first date': 'the first transitionedAt is missing',
  'odd entries': 'transitionsHistory has entries that are no transitions',
  'dates without a zone': 'each transitionedAt ends without its Z',
  'one date': 'each transition has the date of the first',
  'newest first': 'transitionsHistory begins with its last transition',
  'no project': 'groupId is missing'
} as const;

export type Looseness = keyof typeof LOOSENESS;

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
  /** How it is written. */
  readonly loosely?: readonly Looseness[];
}

/** A transition as a reply has it. */
interface Entry {
  readonly state: string;
  readonly transitionedAt: string;
}

interface Dated {
  readonly at: number;
  readonly entry: Entry;
}

function dated(state: string, at: number): Dated {
  return {
    at,
    // No date is never; it has none.
    entry: { state, transitionedAt: at === Infinity ? '' : new Date(at).toISOString() }
  };
}

/** An import on its way. */
export class ScriptedImport {
  readonly id: string;
  readonly script: Script;
  readonly #startedAt: number;
  #cancelledAt = Infinity;
  #dated:
    | { readonly length: number; readonly cancelledAt: number; readonly way: readonly Dated[] }
    | undefined;

  constructor(script: Script, now: number) {
    this.id = script.id ?? randomBytes(12).toString('hex');
    this.script = script;
    this.#startedAt = now - (script.startedMsAgo ?? 0);
  }

  transitions(now: number): readonly Entry[] {
    return this.#way()
      .filter(({ at }) => at <= now)
      .map(({ entry }) => entry);
  }

  state(now: number): string {
    return this.#way().findLast(({ at }) => at <= now)?.entry.state ?? 'PENDING';
  }

  /** Dated once, because it is asked thousands of times; a script may yet grow. */
  #way(): readonly Dated[] {
    const { length } = this.script.steps;
    if (this.#dated?.length === length && this.#dated.cancelledAt === this.#cancelledAt) {
      return this.#dated.way;
    }
    const way = this.#datedAnew();
    this.#dated = { length, cancelledAt: this.#cancelledAt, way };
    return way;
  }

  #datedAnew(): readonly Dated[] {
    const scripted = this.script.steps.map(([state, atMs]) => dated(state, this.#startedAt + atMs));
    const end = scripted.find(({ entry }) => TERMINAL.includes(entry.state))?.at ?? Infinity;
    const cancelledAt = this.#cancelledAt;
    if (cancelledAt >= end) return scripted;
    return [...scripted.filter(({ at }) => at <= cancelledAt), dated('CANCELLED', cancelledAt)];
  }

  /** The import as a reply has it. */
  present(projectId: string, now: number): unknown {
    const written = {
      id: this.id,
      groupId: projectId,
      userId: '507f1f77bcf86cd799439013',
      state: this.state(now),
      transitionsHistory: this.transitions(now)
    };
    return (this.script.loosely ?? []).reduce<Written>((json, how) => LOOSEN[how](json), written);
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

/** An import as JSON; what is `undefined` is left out. */
type Written = Readonly<Record<string, unknown>> & { readonly transitionsHistory?: unknown };

const LOOSEN: Readonly<Record<Looseness, (json: Written) => Written>> = {
  'no history': (json) => ({ ...json, transitionsHistory: undefined }),
  'null history': (json) => ({ ...json, transitionsHistory: null }),
  'null dates': (json) => eachEntry(json, (entry) => ({ ...entry, transitionedAt: null })),
  'no first date': (json) =>
    eachEntry(json, (entry, index) => (index === 0 ? { state: entry.state } : entry)),
  'odd entries': (json) => ({ ...json, transitionsHistory: [null, ...entriesOf(json), 5, {}, []] }),
  'dates without a zone': (json) =>
    eachEntry(json, ({ state, transitionedAt }) => ({
      state,
      transitionedAt: transitionedAt.replace(/Z$/, '')
    })),
  'one date': (json) =>
    eachEntry(json, ({ state }, _index, [first]) => ({
      state,
      transitionedAt: first?.transitionedAt
    })),
  'newest first': (json) => ({ ...json, transitionsHistory: entriesOf(json).toReversed() }),
  'no project': (json) => ({ ...json, groupId: undefined })
};

function entriesOf({ transitionsHistory }: Written): readonly Entry[] {
  return Array.isArray(transitionsHistory) ? (transitionsHistory as readonly Entry[]) : [];
}

function eachEntry(
  json: Written,
  loosen: (entry: Entry, index: number, all: readonly Entry[]) => unknown
): Written {
  return { ...json, transitionsHistory: entriesOf(json).map(loosen) };
}
