import type { Report } from '../../src/report/report.ts';
import type { Known } from './known.ts';
import { RULES_AT_END, RULES_AT_KILL } from './rules-at-end.ts';
import { RULES_OF_TIME } from './rules-of-time.ts';
import { RULES_ON_PUBLICATION, type Published } from './rules-on-publication.ts';
import { RULES_ON_SEND } from './rules-on-send.ts';
import { RULES_ON_STATEMENT } from './rules-on-statement.ts';
import { RULES_OF_STATUSES_AT_END, RULES_ON_STATUS } from './rules-on-status.ts';
import type { StatusCall } from './git-hub.ts';
import type { Call } from './network.ts';
import type { Step } from './step.ts';
import type { World } from './world.ts';

/** A rule that was broken, when and how. */
export interface Finding {
  readonly rule: string;
  readonly what: string;
}

/** What a step says to people and to later jobs. */
export interface Statement {
  readonly by: 'main' | 'post';
  readonly isFinal: boolean;
  readonly report: Report;
  readonly known: Known;
  /** Title and sentences. */
  readonly words: readonly string[];
  readonly at: number;
}

/** A rule: gives what is wrong, or nothing. The world is there to ask for the truth, and to count. */
export type Rule<T> = (world: World, step: Step, what: T) => string | undefined;

/** Knows the truth, and asks at every statement, every call and at the end. */
export class Judge {
  finding: Finding | undefined;
  readonly #world: World;

  constructor(world: World) {
    this.#world = world;
  }

  onStatement(step: Step, statement: Statement): void {
    this.#ask(RULES_ON_STATEMENT, step, statement);
    if (!statement.isFinal) return;
    const { outcome, cancellation } = statement.report.verdict;
    this.#world.count(`${statement.by}: ${outcome.kind}, ${cancellation.kind}`);
  }

  onPublication(step: Step, published: Published): void {
    this.#ask(RULES_ON_PUBLICATION, step, published);
  }

  onSend(step: Step, call: Call): void {
    this.#ask(RULES_ON_SEND, step, call);
  }

  onStatus(step: Step, call: StatusCall): void {
    this.#ask(RULES_ON_STATUS, step, call);
  }

  onKill(step: Step): void {
    this.#ask(RULES_AT_KILL, step, undefined);
  }

  onEnd(): void {
    for (const step of this.#world.steps) {
      this.#ask(RULES_AT_END, step, undefined);
      this.#ask(RULES_OF_TIME, step, undefined);
      this.#ask(RULES_OF_STATUSES_AT_END, step, undefined);
    }
  }

  foundDefect(step: Step, error: unknown): void {
    const what = error instanceof Error ? (error.stack ?? error.message) : String(error);
    this.#find('throws nothing', step, what);
  }

  foundEndless(step: Step): void {
    this.#find('ends within its limits', step, 'it has not ended after five hours');
  }

  #ask<T>(rules: Readonly<Record<string, Rule<T>>>, step: Step, about: T): void {
    if (this.finding) return;
    // Asked a hundred times in each world: a list of pairs made each time would cost more than most rules.
    for (const name in rules) {
      const what = rules[name]?.(this.#world, step, about);
      if (what !== undefined) this.#find(name, step, what);
    }
  }

  #find(rule: string, step: Step, what: string): void {
    if (this.finding) return;
    this.finding = { rule, what: `${step.name}: ${what}` };
    this.#world.tell('judge', `${rule}: ${step.name}: ${what}`);
  }
}
