import type { ApiError, ImportList } from '../../src/case/import-api.ts';
import type { Import } from '../../src/case/import.ts';
import { isTerminal } from '../../src/case/states.ts';
import { notFound, refused } from './errors.ts';
import { idOf, type Life, type ManagerPlan, type NodePlan, type Plan } from './plan.ts';
import type { Random } from './random.ts';

/** An import as it truly is; its future is known until somebody changes it. */
export interface TrueImport {
  readonly id: string;
  readonly creator: string;
  readonly createdAt: number;
  /** The clock that its transitions are dated by, minus the world's. */
  readonly clockMs: number;
  /** By the world's clock, oldest first, also those to come. */
  transitions: TrueTransition[];
  deletedAt: number | undefined;
  deletedBy: string | undefined;
  /** Whose accepted call has ended it, or will. */
  cancelledBy: string | undefined;
  cancelledAt: number | undefined;
}

/** `transitionedAt` is the date that Ops Manager gives it. */
export interface TrueTransition {
  readonly state: string;
  readonly at: number;
  readonly transitionedAt: string;
}

/** An answer of Ops Manager's, or what it said no with. */
export type Answer<T> = { readonly value: T } | { readonly error: ApiError };

const FIRST_CREATED = 0x100;

/** Ops Manager as it truly is, and as its nodes see it. Times are the world's. */
export class OpsManagerModel {
  readonly imports: TrueImport[] = [];
  readonly #plan: ManagerPlan;
  readonly #lives: readonly Life[];
  readonly #startedAt: number;
  #livesUsed = 0;
  #turn = 0;

  constructor(plan: Plan, startedAt: number) {
    this.#plan = plan.manager;
    this.#lives = plan.lives;
    this.#startedAt = startedAt;
    for (const [index, { ageMs, life }] of plan.earlier.entries())
      this.#add(idOf(index), 'other', life, startedAt - ageMs);
  }

  /** The node that the load balancer chooses. */
  node(random: Random): { readonly node: NodePlan; readonly index: number } {
    const { nodes, routing } = this.#plan;
    const chosen = {
      first: 0,
      random: random.whole(0, nodes.length - 1),
      'in turn': this.#turn
    };
    const index = chosen[routing];
    this.#turn = (this.#turn + 1) % nodes.length;
    const node = nodes[index];
    if (!node) throw new Error('Ops Manager has no such node.');
    return { node, index };
  }

  read(id: string, node: NodePlan, now: number, random: Random): Answer<Import> {
    const at = this.#seenAt(node, now);
    const found = this.imports.find((each) => each.id === id && isThere(each, at));
    if (!found) return { error: notFound(id) };
    return {
      value: {
        ...this.#view(found, at, random),
        readAt: this.#date(node, now)
      }
    };
  }

  list(node: NodePlan, now: number, random: Random): Answer<ImportList> {
    const at = this.#seenAt(node, now) - node.listLagMs;
    const { undatedMs, areOrdered, cut } = this.#plan.lists;
    const there = this.imports.filter((each) => isThere(each, at));
    const shown = random.chance(cut.rate)
      ? there.toSorted((a, b) => a.createdAt - b.createdAt).slice(-cut.atMost)
      : there;
    const imports = (areOrdered ? shown : random.shuffled(shown)).map((each) => {
      const view = this.#view(each, at, random);
      return at - each.createdAt < undatedMs ? { ...view, transitions: [] } : view;
    });
    return { value: { imports, readAt: this.#date(node, now) } };
  }

  create(creator: string, now: number, life?: Life): TrueImport {
    const next = life ?? this.#lives[this.#livesUsed % this.#lives.length];
    if (!next) throw new Error('No life is left.');
    if (!life) this.#livesUsed += 1;
    // A given id of none is nobody's later.
    return this.#add(idOf(FIRST_CREATED + this.imports.length), creator, next, now);
  }

  cancel(id: string, by: string, node: NodePlan, now: number): Answer<undefined> {
    const { refusal, again, takesMs } = this.#plan.cancel;
    const found = this.imports.find((each) => each.id === id);
    if (!found || !isThere(found, this.#seenAt(node, now)) || !isThere(found, now))
      return { error: notFound(id) };
    if (refusal === 'forbidden' && by !== 'other')
      return { error: refused(403, 'USER_UNAUTHORIZED', 'may not cancel') };
    if (refusal === 'conflict' && by !== 'other')
      return {
        error: refused(409, 'CANNOT_CANCEL', 'cannot be cancelled now')
      };
    if (isTerminal(stateAt(found, now))) return { error: refused(409, 'ENDED', 'has ended') };
    if (found.cancelledBy !== undefined) {
      return again === 'accepted'
        ? { value: undefined }
        : { error: refused(409, 'CANCELLING', 'is being cancelled already') };
    }
    found.cancelledBy = by;
    found.cancelledAt = now + takesMs;
    const ends = found.transitions.find(({ state }) => isTerminal(state));
    // The import may end before the cancellation does.
    if (!ends || ends.at > found.cancelledAt) {
      const before = found.transitions.filter((each) => each.at <= (found.cancelledAt ?? 0));
      found.transitions = [...before, dated('CANCELLED', found.cancelledAt, found.clockMs)];
    }
    return { value: undefined };
  }

  delete(id: string, by: string, node: NodePlan, now: number): Answer<undefined> {
    const found = this.imports.find((each) => each.id === id);
    if (!found || !isThere(found, this.#seenAt(node, now)) || !isThere(found, now))
      return { error: notFound(id) };
    if (by !== 'other' && !isTerminal(stateAt(found, now)))
      return { error: refused(409, 'IN_PROGRESS', 'is in progress') };
    found.deletedAt = now;
    found.deletedBy = by;
    return { value: undefined };
  }

  #add(id: string, creator: string, { phases, end }: Life, createdAt: number): TrueImport {
    const { clocksMs } = this.#plan;
    const clockMs = clocksMs[this.imports.length % clocksMs.length] ?? 0;
    const transitions: TrueTransition[] = [];
    let at = createdAt;
    for (const { state, ms } of phases) {
      transitions.push(dated(state, at, clockMs));
      at += ms;
    }
    if (end !== undefined) transitions.push(dated(end, at, clockMs));
    const added: TrueImport = {
      id,
      creator,
      createdAt,
      clockMs,
      transitions,
      deletedAt: undefined,
      deletedBy: undefined,
      cancelledBy: undefined,
      cancelledAt: undefined
    };
    this.imports.push(added);
    return added;
  }

  /** Until when the node knows what happened. */
  #seenAt({ lagMs, stuck }: NodePlan, now: number): number {
    const seen = now - lagMs;
    if (!stuck) return seen;
    const from = this.#startedAt + stuck.from;
    const to = this.#startedAt + stuck.to;
    return now >= from && now < to ? Math.min(seen, from) : seen;
  }

  #view(found: TrueImport, at: number, random: Random): Import {
    const { lagMs, raggedRate } = this.#plan.history;
    const known = found.transitions.filter((each) => each.at <= at);
    const whole = known
      .filter((each, index) => index === 0 || each.at <= at - lagMs)
      .map(({ state, transitionedAt }) => ({ state, transitionedAt }));
    const transitions = random.chance(raggedRate) ? ragged(whole, random) : whole;
    const state = known.at(-1)?.state ?? 'PENDING';
    return {
      id: found.id,
      state,
      transitions,
      reply: ''
    };
  }

  /** `Date` has whole seconds. */
  #date({ clockMs }: NodePlan, now: number): string | undefined {
    if (!this.#plan.hasDate) return undefined;
    return new Date(Math.floor((now + clockMs) / 1000) * 1000).toISOString();
  }
}

function dated(state: string, at: number, clockMs: number): TrueTransition {
  return { state, at, transitionedAt: new Date(at + clockMs).toISOString() };
}

/** Some of a history: it lacks its beginning, its end, or anything between. */
function ragged<T>(whole: readonly T[], random: Random): readonly T[] {
  switch (random.whole(0, 3)) {
    case 0:
      return whole.slice(1);
    case 1:
      return whole.slice(0, random.whole(0, whole.length));
    case 2:
      return whole.filter(() => random.chance(0.5));
    default:
      return [];
  }
}

/** The state that the import is in at a time; of one that is not there, its last. */
export function stateAt(found: TrueImport, at: number): string {
  return found.transitions.findLast((each) => each.at <= at)?.state ?? 'PENDING';
}

export function isThere({ createdAt, deletedAt }: TrueImport, at: number): boolean {
  return createdAt <= at && (deletedAt === undefined || deletedAt > at);
}

/** Whether the import is at work, and nothing that was accepted will end that. */
export function isRunningAt(found: TrueImport, at: number): boolean {
  return isThere(found, at) && !isTerminal(stateAt(found, at));
}
