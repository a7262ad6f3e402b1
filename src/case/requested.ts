import type { Phase } from './states.ts';

/** What an import was asked to do, as far as its create call said; empty for another’s import. */
export interface Requested {
  /** `host:port`. */
  readonly seedHost?: string | undefined;
  /** Each `host:port`. */
  readonly processes?: readonly string[] | undefined;
  /** The phases’ own limits, where the create call sets them, in seconds. */
  readonly limitsSec?: Readonly<Partial<Record<Phase, number>>>;
}

/**
 * The names of the phases’ limits; undefined for a phase without one. Source: Ops Manager, "Create
 * Import Deployment Request".
 */
export const LIMIT_NAMES: Readonly<Record<Phase, string | undefined>> = {
  PENDING: undefined,
  AWAIT_SEED_HOST_CONNECTED: 'seedHostConnectionSec',
  AWAIT_HOSTS_DISCOVERED: 'processesDiscoverySec',
  AWAIT_AUTOMATION_IMPORTED: 'automationImported',
  AWAIT_GOAL_STATE: 'goalStateSec'
};
