import type { AgentList } from './facts.ts';
import { agentsByHost, comparable, requiredHosts } from './host-names.ts';

/** An agent that has not called in for longer is taken for dead, as MongoDB’s own operator does. */
export const SILENT_AFTER_MS = 120_000;

/** How an agent is; `unknown` where Ops Manager’s answer does not tell. */
export type AgentState =
  | { readonly kind: 'unknown' | 'absent' }
  | {
      readonly kind: 'live' | 'silent';
      readonly lastConf: string;
      /** Since its last call, by Ops Manager’s clock. */
      readonly silentMs: number;
    };

/** Tells how the agent is of a host that is known under any of these comparable names. */
export function agentStates(list: AgentList | undefined): (names: Iterable<string>) => AgentState {
  if (!list) return () => ({ kind: 'unknown' });
  const agents = agentsByHost(list.agents);
  return (names) => {
    const found = [...names].flatMap((name) => agents.get(name) ?? []);
    if (found.length === 0) return { kind: list.isComplete ? 'absent' : 'unknown' };
    const lastConf = found
      .flatMap((agent) => agent.lastConf ?? [])
      .sort()
      .at(-1);
    if (lastConf === undefined || list.readAt === undefined) return { kind: 'unknown' };
    const silentMs = Math.max(0, Date.parse(list.readAt) - Date.parse(lastConf));
    return { kind: silentMs > SILENT_AFTER_MS ? 'silent' : 'live', lastConf, silentMs };
  };
}

/** Hosts that an import would wait for in vain. */
export interface HostsWithoutAgent {
  /** No agent calls in under their names. */
  readonly absent: readonly string[];
  readonly silent: readonly { readonly hostname: string; readonly silentMs: number }[];
}

/** Required hosts without a live agent; undefined when there are none. */
export function hostsWithoutAgent(
  required: readonly string[],
  list: AgentList
): HostsWithoutAgent | undefined {
  const stateOf = agentStates(list);
  const states = requiredHosts(required).map(({ hostname, names }) => ({
    hostname,
    agent: stateOf(names)
  }));
  const absent = states.filter(({ agent }) => agent.kind === 'absent');
  const silent = states.flatMap(({ hostname, agent }) =>
    agent.kind === 'silent' ? [{ hostname, silentMs: agent.silentMs }] : []
  );
  return absent.length + silent.length === 0
    ? undefined
    : { absent: absent.map(({ hostname }) => hostname), silent };
}

/** How the agent is on the host that calls itself `hostname`. */
export function agentOn(list: AgentList | undefined): (hostname: string) => AgentState {
  const stateOf = agentStates(list);
  return (hostname) => stateOf([comparable(hostname)]);
}
