import { agentStates } from './agent-silence.ts';
import type { Facts, Host, HostList } from './facts.ts';
import type { Finding } from './finding.ts';
import { findHost, hostFinder, requiredHosts, scopeOf } from './host-names.ts';

/** AWAIT_SEED_HOST_CONNECTED: whether the seed was reached, and its agent. */
export function seedFindings(facts: Facts, seedHost: string | undefined): Finding[] {
  if (seedHost === undefined) return hostFindings(facts, undefined);
  const { hosts } = facts;
  const found = hosts && findHost(hosts.hosts, seedHost);
  return [
    ...agentFindings(facts, [seedHost]),
    ...(hosts ? troubleWith(seedHost, found, hosts) : []),
    ...(found ? reachedFinding(seedHost, found) : [])
  ];
}

/** AWAIT_HOSTS_DISCOVERED: which required processes were found, or else what is there. */
export function hostFindings(facts: Facts, required: readonly string[] | undefined): Finding[] {
  const { hosts } = facts;
  const agents = agentFindings(facts, required);
  if (!hosts) return agents;
  if (!required) return [...agents, ...inventory(hosts)];
  const hostAt = hostFinder(hosts.hosts);
  const wanted = requiredHosts(required, hosts.hosts).flatMap(({ processes }) => processes);
  const found = wanted.map((hostPort) => ({ hostPort, host: hostAt(hostPort) }));
  const known = found.filter(({ host }) => host !== undefined).length;
  return [
    ...agents,
    ...found.flatMap(({ hostPort, host }) => troubleWith(hostPort, host, hosts)),
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
      notUnderTheirName: unmatched.map(({ hostname }) => hostname)
    }
  ];
}

/** Required hosts without a live agent; where they are not known, every agent that is silent. */
function agentFindings(
  { agents, hosts }: Facts,
  required: readonly string[] | undefined
): Finding[] {
  if (!agents) return [];
  const stateOf = agentStates(agents);
  const wanted = required
    ? requiredHosts(required, hosts?.hosts)
    : requiredHosts(agents.agents.map(({ hostname }) => `${hostname}:0`));
  return wanted.flatMap(({ hostname, names }): Finding[] => {
    const agent = stateOf(names);
    const nothing = { processes: [], errors: [] };
    if (agent.kind === 'absent') return [{ kind: 'no-agent', hostname, ...nothing }];
    if (agent.kind !== 'silent') return [];
    const { lastConf, silentMs } = agent;
    return [{ kind: 'silent-agent', hostname, lastConf, silentMs, ...nothing }];
  });
}

function troubleWith(hostPort: string, host: Host | undefined, list: HostList): Finding[] {
  if (!host) return list.isComplete ? [{ kind: 'host-unknown', hostPort }] : [];
  return host.typeName === 'NO_DATA' ? [{ kind: 'host-never-reached', hostPort }] : [];
}

function reachedFinding(hostPort: string, { typeName, lastPing }: Host): Finding[] {
  if (typeName === 'NO_DATA' || lastPing === undefined) return [];
  return [{ kind: 'host-reached', hostPort, lastPing }];
}

function inventory({ hosts, isComplete }: HostList): Finding[] {
  if (!isComplete) return [];
  const neverReached = hosts
    .filter(({ typeName }) => typeName === 'NO_DATA')
    .map(({ hostname, port }) => `${hostname}:${port}`);
  return [{ kind: 'hosts-there', total: hosts.length, neverReached }];
}
