import type { Agent, Host, ProcessStatus } from './facts.ts';

/** A required host under all names by which Ops Manager knows it, and its required processes. */
export interface RequiredHost {
  /** As the request names it, without the port. */
  readonly hostname: string;
  /** Each `host:port`, as the request names it. */
  readonly processes: readonly string[];
  /** Lower case, the request’s own name first. */
  readonly names: ReadonlySet<string>;
}

/** The name in `host:port`, without the brackets of an IPv6 address. */
export function hostOf(hostPort: string): string {
  return hostPort.replace(/:\d+$/, '').replace(/^\[(.*)\]$/, '$1');
}

/** A host name as it is compared: names have no case, and a full one may end in a dot. */
export function comparable(hostname: string): string {
  return hostname
    .replace(/^\[(.*)\]$/, '$1')
    .toLowerCase()
    .replace(/\.$/, '');
}

/** What Ops Manager knows as `hostPort`, by its name or an alias, in any case. */
export function findHost(hosts: readonly Host[], hostPort: string): Host | undefined {
  return hostFinder(hosts)(hostPort);
}

/** `findHost` for many names. */
export function hostFinder(hosts: readonly Host[]): (hostPort: string) => Host | undefined {
  const known = new Map<string, Host>();
  // A host’s own name counts more than what is another one’s alias.
  for (const host of hosts)
    for (const name of namesOf(host)) known.set(comparableProcess(name), host);
  for (const host of hosts) known.set(comparableProcess(ownName(host)), host);
  return (hostPort) => known.get(comparableProcess(hostPort));
}

/** The required hosts, each once, in the order of the request. */
export function requiredHosts(
  required: readonly string[],
  hosts: readonly Host[] = []
): RequiredHost[] {
  const byName = new Map<string, { hostname: string; processes: string[]; names: Set<string> }>();
  const hostAt = hostFinder(hosts);
  for (const hostPort of new Map(
    required.map((text) => [comparableProcess(text), text])
  ).values()) {
    const hostname = hostOf(hostPort);
    const key = comparable(hostname);
    const entry = byName.get(key) ?? { hostname, processes: [], names: new Set([key]) };
    byName.set(key, entry);
    entry.processes.push(hostPort);
    const host = hostAt(hostPort);
    for (const name of host ? namesOf(host) : []) entry.names.add(comparable(hostOf(name)));
  }
  return [...byName.values()];
}

/** Agents by every name that is compared; of several on one host the one that called in last. */
export function agentsByHost(agents: readonly Agent[]): ReadonlyMap<string, Agent> {
  const found = new Map<string, Agent>();
  for (const agent of agents) {
    const name = comparable(agent.hostname);
    const other = found.get(name);
    if (!other || (other.lastConf ?? '') < (agent.lastConf ?? '')) found.set(name, agent);
  }
  return found;
}

/** The project’s processes, told apart by the hosts that the import requires. */
export interface Scope {
  /** On required hosts; all of the project’s where the required ones are unknown. */
  readonly own: readonly ProcessStatus[];
  /** On other hosts; none where the required ones are unknown. */
  readonly others: readonly ProcessStatus[];
  /** Required hosts on which automation lists fewer processes than are required, or none. */
  readonly unmatched: readonly RequiredHost[];
  /** Required hosts on which automation lists more processes than are required. */
  readonly shared: readonly RequiredHost[];
  readonly isKnown: boolean;
}

/** Tells the import’s processes from others as far as host names allow: there are no ports. */
export function scopeOf(
  processes: readonly ProcessStatus[],
  required: readonly string[] | undefined,
  hosts: readonly Host[] = []
): Scope {
  if (!required) {
    return { own: processes, others: [], unmatched: [], shared: [], isKnown: false };
  }
  const wanted = requiredHosts(required, hosts);
  const names = new Set(wanted.flatMap((host) => [...host.names]));
  const own = processes.filter(({ hostname }) => names.has(comparable(hostname)));
  const others = processes.filter(({ hostname }) => !names.has(comparable(hostname)));
  const counts = countsByHost(own);
  const countOn = (host: RequiredHost): number =>
    [...host.names].reduce((sum, name) => sum + (counts.get(name) ?? 0), 0);
  return {
    own,
    others,
    unmatched: wanted.filter((host) => countOn(host) < host.processes.length),
    shared: wanted.filter((host) => countOn(host) > host.processes.length),
    isKnown: true
  };
}

/** How many processes there are on each host. */
export function countsByHost(processes: readonly ProcessStatus[]): ReadonlyMap<string, number> {
  const counts = new Map<string, number>();
  for (const { hostname } of processes) {
    const name = comparable(hostname);
    counts.set(name, (counts.get(name) ?? 0) + 1);
  }
  return counts;
}

/** `rs0_2` before `rs0_10`. */
export const byName = new Intl.Collator('en', { numeric: true }).compare;

function ownName({ hostname, port }: Host): string {
  return hostname.includes(':') ? `[${hostname}]:${port}` : `${hostname}:${port}`;
}

function namesOf(host: Host): string[] {
  return [ownName(host), ...host.aliases];
}

function comparableProcess(hostPort: string): string {
  return `${comparable(hostOf(hostPort))}:${/:(\d+)$/.exec(hostPort)?.[1] ?? ''}`;
}
