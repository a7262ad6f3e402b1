/**
 * The states of an import deployment request in the order in which it passes through them.
 * Source: Ops Manager, "Get Import Deployment Request Status".
 */
export const PIPELINE = [
  'PENDING',
  'AWAIT_SEED_HOST_CONNECTED',
  'AWAIT_HOSTS_DISCOVERED',
  'AWAIT_AUTOMATION_IMPORTED',
  'AWAIT_GOAL_STATE',
  'SUCCESS'
] as const;

/** A state that can open the gate. */
export type GoalState = (typeof PIPELINE)[number];

/** An in-progress state that Ops Manager documents: where a failed import can have stood. */
export type Phase = Exclude<GoalState, 'SUCCESS'>;

const TERMINAL: readonly (string | undefined)[] = ['SUCCESS', 'FAILED', 'CANCELLED'];

/** Whether `text` has the form of a state, known or not. */
export function isState(text: string): boolean {
  return /^[A-Z][A-Z0-9_]{0,63}$/.test(text);
}

/** Whether `text` names a state that can be a goal. */
export function isGoalState(text: string | undefined): text is GoalState {
  return (PIPELINE as readonly (string | undefined)[]).includes(text);
}

/** Whether `state` is a documented state of an import in progress. */
export function isPhase(state: string): state is Phase {
  return isGoalState(state) && !isTerminal(state);
}

/** Whether an import in `state` has ended. */
export function isTerminal(state: string | undefined): boolean {
  return TERMINAL.includes(state);
}

/** Whether Ops Manager's documentation names `state`; a newer Ops Manager may have more. */
export function isKnown(state: string): boolean {
  return isGoalState(state) || isTerminal(state);
}

/**
 * Whether an import in `state` is at `goal` or past it. Only the present state counts: an unknown
 * one has no place in the order, and FAILED or CANCELLED beat a goal that was passed on the way.
 */
export function hasReached(goal: GoalState, state: string): boolean {
  return isGoalState(state) && PIPELINE.indexOf(state) >= PIPELINE.indexOf(goal);
}

/** Where `state` stands in the pipeline, its three ends last; undefined outside it. */
export function placeOf(state: string | undefined): number | undefined {
  if (isTerminal(state)) return PIPELINE.length;
  return isGoalState(state) ? PIPELINE.indexOf(state) : undefined;
}

/**
 * How far down the pipeline a state stands; one that the documentation does not name stands after
 * the phases, for it may be any of them.
 */
export function pipelineRank(state: string): number {
  return placeOf(state) ?? PIPELINE.length - 1;
}
