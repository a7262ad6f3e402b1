import { isTerminal } from '../../src/case/states.ts';
import { Job } from './job.ts';
import { Judge, type Finding } from './judge.ts';
import { isThere, OpsManagerModel, stateAt, type TrueImport } from './ops-manager-model.ts';
import type { Deed, Plan } from './plan.ts';
import { Step } from './step.ts';
import { Timeline } from './timeline.ts';

/** The node that other people meet. */
const WELL = { lagMs: 0, listLagMs: 0, clockMs: 0, stuck: undefined };
const START = Date.parse('2025-10-20T10:00:00Z');

/** What one world came to. */
export interface Result {
  readonly finding: Finding | undefined;
  /** How often each kind of event happened, and which rules were near to being tested. */
  readonly counts: ReadonlyMap<string, number>;
  readonly story: readonly string[];
}

export interface WorldOptions {
  /** Keep the story. */
  readonly tells?: boolean;
  /** Make sure, slowly, that a process that waits does nothing else. */
  readonly isChecked?: boolean;
}

/** One world, from a plan to its judgement. */
export class World {
  readonly plan: Plan;
  readonly startedAt = START;
  readonly timeline = new Timeline(START);
  readonly manager: OpsManagerModel;
  readonly steps: readonly Step[];
  readonly #judge: Judge;
  readonly #options: WorldOptions;
  readonly #counts = new Map<string, number>();
  readonly #story: string[] = [];
  #last = '';
  #repeated = 0;

  constructor(plan: Plan, options: WorldOptions = {}) {
    this.plan = plan;
    this.#options = options;
    this.manager = new OpsManagerModel(plan, START);
    this.#judge = new Judge(this);
    this.steps = plan.steps.map((step, index) => new Step(step, index, this, this.#judge));
  }

  get sinceStart(): number {
    return this.timeline.now - this.startedAt;
  }

  async run(): Promise<Result> {
    const jobs = (this.plan.isOneJob ? [this.steps] : this.steps.map((step) => [step])).map(
      (steps) => new Job(steps, this)
    );
    for (const job of jobs) job.start();
    for (const deed of this.plan.people) {
      this.timeline.at(START + deed.at, () => {
        this.#do(deed);
      });
    }
    const isOver = (): boolean =>
      this.#judge.finding !== undefined ||
      (jobs.every((job) => job.isOver) && this.steps.every((step) => !step.isAlive));
    await this.timeline.run(isOver, this.#options.isChecked === true);
    if (!this.#judge.finding) this.#judge.onEnd();
    return {
      finding: this.#judge.finding,
      counts: this.#counts,
      story: this.#ending()
    };
  }

  count(what: string): void {
    this.#counts.set(what, (this.#counts.get(what) ?? 0) + 1);
  }

  tell(who: string, what: string): void {
    if (this.#options.tells !== true) return;
    if (this.#last === who + what) {
      this.#repeated += 1;
      return;
    }
    if (this.#repeated > 0) this.#story.push(`             … and ${this.#repeated} times more`);
    this.#repeated = 0;
    this.#last = who + what;
    this.#story.push(
      `${(this.sinceStart / 1000).toFixed(3).padStart(9)} s  ${who.padEnd(12)} ${what}`
    );
  }

  #do(deed: Deed): void {
    const { now } = this.timeline;
    if (deed.kind === 'create') {
      const { id } = this.manager.create('other', now, deed.life);
      this.count('people: create');
      this.tell('colleague', `creates ${id.slice(-6)}`);
      return;
    }
    const { imports } = this.manager;
    const ofStep = this.steps[0]?.statements.at(-1)?.known.id;
    const isStep = (each: TrueImport): boolean => each.creator !== 'other' || each.id === ofStep;
    const found = imports.findLast(
      (each) => isThere(each, now) && isStep(each) === (deed.whose === 'step')
    );
    if (!found) return;
    this.count(`people: ${deed.kind}`);
    this.tell('colleague', `${deed.kind}s ${found.id.slice(-6)}`);
    if (deed.kind === 'delete') this.manager.delete(found.id, 'other', WELL, now);
    else if (!isTerminal(stateAt(found, now))) this.manager.cancel(found.id, 'other', WELL, now);
  }

  #ending(): readonly string[] {
    const truth = this.manager.imports.map(
      ({ id, creator, createdAt, transitions, deletedAt }) =>
        `  ${id.slice(-6)} by ${creator}, created ${((createdAt - START) / 1000).toFixed(3)} s: ${transitions
          .map(({ state, at }) => `${state} ${((at - START) / 1000).toFixed(1)}`)
          .join(
            ', '
          )}${deletedAt === undefined ? '' : `, deleted ${((deletedAt - START) / 1000).toFixed(3)}`}`
    );
    return [...this.#story, 'The truth:', ...truth];
  }
}

/** A world from its plan. */
export async function live(plan: Plan, options: WorldOptions = {}): Promise<Result> {
  const write = process.stdout.write.bind(process.stdout);
  // What the steps would log, nobody reads here.
  process.stdout.write = () => true;
  try {
    return await new World(plan, options).run();
  } finally {
    process.stdout.write = write;
  }
}
