import type { Finding } from './judge.ts';
import type { Plan, StepPlan } from './plan.ts';
import { live } from './world.ts';

/** The same finding in the quietest world that still shows it: what is not needed is taken out. */
export async function shrunk(plan: Plan, { rule }: Finding): Promise<Plan> {
  let smallest = plan;
  for (let isSmaller = true; isSmaller;) {
    isSmaller = false;
    for (const smaller of simpler(smallest)) {
      const { finding } = await live(smaller);
      if (finding?.rule !== rule) continue;
      smallest = smaller;
      isSmaller = true;
      break;
    }
  }
  return smallest;
}

function* simpler(plan: Plan): Generator<Plan> {
  for (const faults of withoutOne(plan.faults)) yield { ...plan, faults };
  for (const people of withoutOne(plan.people)) yield { ...plan, people };
  for (const earlier of withoutOne(plan.earlier)) yield { ...plan, earlier };
  const [first, ...others] = plan.steps;
  if (!first) return;
  if (others.length > 0) yield { ...plan, steps: [first] };
  for (const smaller of simplerSteps(first)) yield { ...plan, steps: [smaller, ...others] };
  const { manager } = plan;
  const [node] = manager.nodes;
  if (node && manager.nodes.length > 1) yield { ...plan, manager: { ...manager, nodes: [node] } };
  const quiet = { lagMs: 0, listLagMs: 0, clockMs: 0, stuck: undefined };
  for (const [index, each] of manager.nodes.entries()) {
    if (each.lagMs + each.listLagMs === 0 && each.clockMs === 0 && !each.stuck) continue;
    const nodes = manager.nodes.with(index, quiet);
    yield { ...plan, manager: { ...manager, nodes } };
  }
  if (manager.clockMs !== 0) yield { ...plan, manager: { ...manager, clockMs: 0 } };
  if (manager.areListsBrief) yield { ...plan, manager: { ...manager, areListsBrief: false } };
  if (manager.historyLagMs > 0) yield { ...plan, manager: { ...manager, historyLagMs: 0 } };
  if (!manager.hasDate) yield { ...plan, manager: { ...manager, hasDate: true } };
  for (const [index, each] of plan.faults.entries()) {
    if (each.rate !== 1) yield { ...plan, faults: plan.faults.with(index, { ...each, rate: 1 }) };
    for (const operations of withoutOne(each.operations))
      yield { ...plan, faults: plan.faults.with(index, { ...each, operations }) };
  }
}

function* simplerSteps(step: StepPlan): Generator<StepPlan> {
  for (const runner of withoutOne(step.runner)) yield { ...step, runner };
  for (const postRunner of withoutOne(step.postRunner)) yield { ...step, postRunner };
  if (step.cutSavedAt !== undefined) yield { ...step, cutSavedAt: undefined };
  if (step.stallTimeoutMs !== undefined) yield { ...step, stallTimeoutMs: undefined };
  if (step.terms.deleteFailed) yield { ...step, terms: { ...step.terms, deleteFailed: false } };
}

function withoutOne<T>(list: readonly T[]): readonly (readonly T[])[] {
  return list.map((_, index) => list.toSpliced(index, 1));
}
