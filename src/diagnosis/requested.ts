import type { Phase } from '../case/states.ts';

/** What an import was asked to do, as far as its create call said; empty for another’s import. */
export interface Requested {
  /** `host:port`. */
  readonly seedHost?: string | undefined;
  /** Each `host:port`. */
  readonly processes?: readonly string[] | undefined;
  /** The phases’ own limits, where the request sets them, in seconds. */
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

/**
 * What the checked body of a create call asks for; nothing of its credentials is taken over. `hide`
 * does to host names what is done to those of Ops Manager’s replies, which they are compared with.
 */
export function requestedIn(
  body: string,
  hide: (hostname: string) => string = (hostname) => hostname
): Requested {
  const json = JSON.parse(body) as {
    readonly seedHostport?: unknown;
    readonly requiredProcesses?: unknown;
    readonly timeouts?: Readonly<Record<string, unknown>> | null;
  };
  const { seedHostport, requiredProcesses, timeouts } = json;
  const hidden = (hostPort: string): string =>
    hostPort.replace(/^.*(?=:\d+$)/, (hostname) => hide(hostname));
  const processes = Array.isArray(requiredProcesses)
    ? requiredProcesses.filter((item) => typeof item === 'string').map(hidden)
    : undefined;
  const limits = Object.entries(LIMIT_NAMES)
    .map(([phase, name]) => [phase, name === undefined ? undefined : timeouts?.[name]] as const)
    .filter(([, seconds]) => typeof seconds === 'number');
  return {
    seedHost: typeof seedHostport === 'string' ? hidden(seedHostport) : undefined,
    processes,
    limitsSec: Object.fromEntries(limits)
  };
}
