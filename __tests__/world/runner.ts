import type { Judge } from './judge.ts';
import type { Beside, RunnerDeed } from './plan.ts';
import type { Run, Step } from './step.ts';
import type { World } from './world.ts';

// The runner kills so long after its first signal and after its second one.
const SECOND_SIGNAL_MS = 7_500;
const KILL_MS = 10_000;
const SAME_SIGNAL_MS = 500;
const LONGEST_MS = 5 * 3_600_000;

/** What the runner and its machine do to the processes of one step. */
export class Runner {
  readonly #step: Step;
  readonly #world: World;
  readonly #judge: Judge;
  readonly #deeds = new Map<Run, { done: number; readonly planned: readonly RunnerDeed[] }>();
  readonly #onEnd = new Map<Run, () => void>();

  constructor(step: Step, world: World, judge: Judge) {
    this.#step = step;
    this.#world = world;
    this.#judge = judge;
  }

  /** Does to the process what is planned; `onEnd` is told of its death. */
  watch(run: Run, planned: readonly RunnerDeed[], onEnd: () => void): void {
    this.#onEnd.set(run, onEnd);
    const { done = 0 } = this.#deeds.get(run) ?? {};
    this.#deeds.set(run, { done, planned });
    for (const deed of planned) {
      if ('at' in deed)
        this.#after(deed.at, () => {
          this.#do(deed, run);
        });
    }
    this.#after(LONGEST_MS, () => {
      if (run.process.isAlive) this.#judge.foundEndless(this.#step);
    });
  }

  /** The post step begins while the main one lives on. */
  goOnBeside(run: Run, { at, isSignalled, mainLivesMs }: Beside, onEnd: () => void): void {
    this.#after(at, () => {
      if (!run.process.isAlive) return;
      this.#world.count('runner: post step beside');
      this.#world.tell('runner', `goes on beside the ${this.#step.name}`);
      if (isSignalled) this.#signal(run);
      this.#after(isSignalled ? SECOND_SIGNAL_MS : 0, () => {
        if (!run.process.isAlive) return;
        this.#onEnd.set(run, () => undefined);
        onEnd();
      });
      this.#after(mainLivesMs + SECOND_SIGNAL_MS, () => {
        this.#kill(run);
      });
    });
  }

  /** Counts what the process does; it may be killed or suspended in the middle of any of it. */
  letsLive(run: Run): boolean {
    if (!run.process.isAlive) return false;
    const deeds = this.#deeds.get(run) ?? { done: 0, planned: [] };
    this.#deeds.set(run, { ...deeds, done: deeds.done + 1 });
    for (const deed of deeds.planned) {
      if (!('count' in deed) || deed.count !== deeds.done + 1) continue;
      this.#world.count(`runner: ${deed.kind}`);
      if (deed.kind === 'kill at') this.#kill(run);
      else this.#suspend(run, deed);
    }
    return run.process.isAlive;
  }

  #do(deed: RunnerDeed & { readonly at: number }, run: Run): void {
    if (!run.process.isAlive) return;
    this.#world.count(`runner: ${deed.kind}`);
    this.#world.tell('runner', `${deed.kind} for the ${this.#step.name}`);
    switch (deed.kind) {
      case 'signal':
        this.#signal(run);
        this.#killAfterSignals(run, deed.secondAfterMs);
        return;
      case 'kill':
        this.#kill(run);
        return;
      case 'dead log':
        run.process.loseLog();
        return;
      case 'exception':
        run.process.fail();
        return;
      case 'suspend':
        this.#suspend(run, deed);
        return;
      case 'kill at':
      case 'suspend at':
      case 'never started':
      case 'unwritable':
        return;
    }
  }

  #suspend(run: Run, { ms, clockStands }: { ms: number; clockStands: boolean }): void {
    const clock = clockStands ? ', with its clock' : '';
    this.#world.tell('runner', `suspends the ${this.#step.name} for ${ms} ms${clock}`);
    run.process.suspend(ms, clockStands);
  }

  #signal(run: Run): void {
    run.process.signal('SIGTERM', () => {
      run.signalledAt ??= this.#world.timeline.now;
    });
  }

  #killAfterSignals(run: Run, secondAfterMs: number | undefined): void {
    // One that comes within half a second is the same one.
    const second = secondAfterMs !== undefined && secondAfterMs > SAME_SIGNAL_MS;
    for (const ms of [...(second ? [secondAfterMs] : []), SECOND_SIGNAL_MS, KILL_MS])
      this.#after(ms, () => {
        this.#kill(run);
      });
  }

  #kill(run: Run): void {
    const { process, by } = run;
    if (!process.isAlive) return;
    process.kill();
    run.endedAt = this.#world.timeline.now;
    this.#world.tell(this.#step.name, by === 'main' ? 'is killed' : 'post step is killed');
    if (by === 'main') this.#judge.onKill(this.#step);
    this.#onEnd.get(run)?.();
  }

  #after(ms: number, act: () => void): void {
    this.#world.timeline.at(this.#world.timeline.now + ms, act);
  }
}
