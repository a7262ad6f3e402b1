import type { Facts, Host, HostList } from './facts.ts';
import type { Finding } from './finding.ts';
import { agentStates, hostAt, hostFinder, requiredHosts, scopeOf, type HostAt } from './hosts.ts';

/** AWAIT_SEED_HOST_CONNECTED: whether the seed was reached, and its agent. */
export function seedFindings(facts: Facts, seedHost: string | undefined): Finding[] {
  if (seedHost === undefined) return hostFindings(facts, undefined);
  const { hosts } = facts;
  const found = hosts && hostFinder(hosts.hosts)(seedHost);
  return [
    ...agentFindings(facts, [seedHost]),
    ...(hosts ? unreached(seedHost, found, hosts) : []),
    ...(hosts && found ? reached(seedHost, found, hosts) : [])
  ];
}

/** AWAIT_HOSTS_DISCOVERED: which required processes were found, or else what is there. */
export function hostFindings(facts: Facts, required: readonly string[] | undefined): Finding[] {
  const { hosts } = facts;
  const agents = agentFindings(facts, required);
  if (!hosts) return agents;
  if (!required) return [...agents, ...inventory(hosts)];
  const find = hostFinder(hosts.hosts);
  const wanted = requiredHosts(required, hosts.hosts).flatMap(({ processes }) => processes);
  const known = wanted.filter((hostPort) => find(hostPort) !== undefined).length;
  return [
    ...agents,
    ...wanted.flatMap((hostPort) => unreached(hostPort, find(hostPort), hosts)),
    ...(hosts.isComplete
      ? [{ kind: 'hosts-found', found: known, required: wanted.length } as const]
      : [])
  ];
}

/** AWAIT_AUTOMATION_IMPORTED: which required hosts are in automation, and silent agents. */
export function automationFindings(
  facts: Facts,
  required: readonly string[] | undefined
): Finding[] {
  return [...agentFindings(facts, required), ...requiredInAutomation(facts, required)];
}

/** Whether automation has the required hosts; nothing where either is not known. */
export function requiredInAutomation(
  { status, hosts }: Facts,
  required: readonly string[] | undefined
): Finding[] {
  if (!required || !status?.isComplete) return [];
  const { unmatched } = scopeOf(status.processes, required, hosts?.hosts);
  const total = requiredHosts(required, hosts?.hosts).length;
  return [
    {
      kind: 'required-in-automation',
      found: total - unmatched.length,
      required: total,
      notUnderTheirName: unmatched.map(({ host }) => host)
    }
  ];
}

/** Required hosts without a live agent; where they are not known, every agent that is silent. */
export function agentFindings(
  { agents, hosts }: Facts,
  required: readonly string[] | undefined
): Finding[] {
  if (!agents) return [];
  const stateOf = agentStates(agents);
  const wanted = required
    ? requiredHosts(required, hosts?.hosts)
    : requiredHosts(agents.agents.map(({ hostname }) => `${hostname}:0`));
  return wanted.flatMap(({ host, names }): Finding[] => {
    const agent = stateOf(names);
    const at = { host, processes: [], errors: [] };
    if (agent.kind === 'absent') return [{ kind: 'no-agent', hosts: [at] }];
    if (agent.kind !== 'silent') return [];
    const { lastConf, silentMs } = agent;
    return [{ kind: 'silent-agent', hosts: [{ ...at, lastConf, silentMs }] }];
  });
}

function unreached(hostPort: string, host: Host | undefined, list: HostList): Finding[] {
  const hosts = [hostAt(hostPort)] as const;
  if (!host) return list.isComplete ? [{ kind: 'host-unknown', hosts }] : [];
  return host.typeName === 'NO_DATA' ? [{ kind: 'host-never-reached', hosts }] : [];
}

function reached(hostPort: string, host: Host, { readAt }: HostList): Finding[] {
  const { typeName, lastPing } = host;
  if (typeName === 'NO_DATA' || lastPing === undefined) return [];
  return [{ kind: 'host-reached', hosts: [hostAt(hostPort)], lastPing, readAt }];
}

function inventory({ hosts, isComplete }: HostList): Finding[] {
  if (!isComplete) return [];
  const neverReached = hosts
    .filter(({ typeName }) => typeName === 'NO_DATA')
    .map(({ hostname, port }): HostAt => ({ host: hostname, port }));
  return [{ kind: 'hosts-there', total: hosts.length, neverReached }];
}
