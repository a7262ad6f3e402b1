import type { Finding } from './judge.ts';
import type { ManagerPlan, Plan, StepPlan } from './plan.ts';
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
  const [second] = others;
  if (second)
    for (const smaller of simplerSteps(second)) yield { ...plan, steps: [first, smaller] };
  for (const manager of simplerManagers(plan.manager)) yield { ...plan, manager };
  const { gitHub } = plan;
  if (gitHub.isUsed) yield { ...plan, gitHub: { ...gitHub, isUsed: false } };
  for (const troubles of withoutOne(gitHub.troubles))
    yield { ...plan, gitHub: { ...gitHub, troubles } };
  for (const [index, each] of plan.faults.entries()) {
    if (each.rate !== 1) yield { ...plan, faults: plan.faults.with(index, { ...each, rate: 1 }) };
    for (const operations of withoutOne(each.operations))
      yield {
        ...plan,
        faults: plan.faults.with(index, { ...each, operations })
      };
  }
}

function* simplerManagers(manager: ManagerPlan): Generator<ManagerPlan> {
  const [node] = manager.nodes;
  if (node && manager.nodes.length > 1) yield { ...manager, nodes: [node] };
  const quiet = { lagMs: 0, listLagMs: 0, clockMs: 0, stuck: undefined };
  for (const [index, each] of manager.nodes.entries()) {
    if (each.lagMs + each.listLagMs === 0 && each.clockMs === 0 && !each.stuck) continue;
    yield { ...manager, nodes: manager.nodes.with(index, quiet) };
  }
  if (manager.clocksMs.some((ms) => ms !== 0)) yield { ...manager, clocksMs: [0] };
  if (!manager.hasDate) yield { ...manager, hasDate: true };
  const { lists, history } = manager;
  if (lists.undatedMs > 0) yield { ...manager, lists: { ...lists, undatedMs: 0 } };
  if (!lists.areOrdered) yield { ...manager, lists: { ...lists, areOrdered: true } };
  if (lists.cut.rate > 0) yield { ...manager, lists: { ...lists, cut: { ...lists.cut, rate: 0 } } };
  if (history.lagMs > 0) yield { ...manager, history: { ...history, lagMs: 0 } };
  if (history.raggedRate > 0) yield { ...manager, history: { ...history, raggedRate: 0 } };
}

function* simplerSteps(step: StepPlan): Generator<StepPlan> {
  const { post } = step;
  for (const runner of withoutOne(step.runner)) yield { ...step, runner };
  for (const runner of withoutOne(post.runner)) yield { ...step, post: { ...post, runner } };
  if (post.arrives < 1) yield { ...step, post: { ...post, arrives: 1 } };
  if (post.beside) yield { ...step, post: { ...post, beside: undefined } };
  if (!post.inputs.areTheSame) {
    const { terms, target } = step;
    const inputs = {
      areTheSame: true,
      haveKeys: true,
      areElsewhere: false,
      areOfComposite: false
    };
    yield { ...step, post: { ...post, inputs: { ...inputs, terms, target } } };
  }
  if (step.stallTimeoutMs !== undefined) yield { ...step, stallTimeoutMs: undefined };
  if (step.terms.deleteFailed) yield { ...step, terms: { ...step.terms, deleteFailed: false } };
}

function withoutOne<T>(list: readonly T[]): readonly (readonly T[])[] {
  return list.map((_, index) => list.toSpliced(index, 1));
}
