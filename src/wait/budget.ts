/** When looking, asking and all of it ends, in milliseconds from the start. */
export interface Budget {
  /** A call that is cut sooner tells nothing, and would count as one that met no answer. */
  readonly shortestCallMs: number;
  /** Between two lists. */
  readonly listPauseMs: number;
  readonly lookMs: number;
  readonly askMs: number;
  readonly allMs: number;
}

/** After a timeout, a stall, an outage, an error, a dead log; in the post step. */
export const UNHURRIED: Budget = {
  shortestCallMs: 1_000,
  listPauseMs: 2_000,
  lookMs: 45_000,
  askMs: 75_000,
  allMs: 120_000
};
/** After a signal: the runner’s last one comes 7.5 s later, and outputs and summary after this. */
export const HURRIED: Budget = {
  shortestCallMs: 250,
  listPauseMs: 400,
  lookMs: 1_500,
  askMs: 3_500,
  allMs: 5_000
};
