import type { Step } from './step.ts';
import type { World } from './world.ts';

/** The steps of one job: one after the other, then their post steps, the last one's first. */
export class Job {
  isOver = false;
  readonly #steps: readonly Step[];
  readonly #world: World;

  constructor(steps: readonly Step[], world: World) {
    this.#steps = steps;
    this.#world = world;
  }

  start(index = 0): void {
    const step = this.#steps[index];
    if (!step) {
      this.#end(this.#steps.length - 1);
      return;
    }
    this.#after(step.plan.startAt, () => {
      step.startMain(
        once(() => {
          // Where the runner is gone nothing follows.
          if (step.plan.post.afterMs === undefined) this.isOver = true;
          else this.start(index + 1);
        })
      );
    });
  }

  #end(index: number): void {
    const step = this.#steps[index];
    if (!step) {
      this.isOver = true;
      return;
    }
    this.#after(step.plan.post.afterMs ?? 0, () => {
      step.startPost(
        once(() => {
          this.#end(index - 1);
        })
      );
    });
  }

  #after(ms: number, act: () => void): void {
    this.#world.timeline.at(this.#world.timeline.now + ms, act);
  }
}

function once(act: () => void): () => void {
  let isDone = false;
  return () => {
    if (isDone) return;
    isDone = true;
    act();
  };
}
