import { ApiError, type CallOptions } from '../case/import-api.ts';
import type { Clock } from '../time.ts';

/** An error that a process’s agent reports: one line, defused, at most 300 characters. */
export interface ProcessError {
  /** Ops Manager’s `errorCode`; undefined when absent, and 0 where only the text tells. */
  readonly code: number | undefined;
  readonly text: string;
}

/** How far automation is with one process. There is no port: two on a host differ by name. */
export interface ProcessStatus {
  readonly name: string;
  /** As `hostname -f` on the server gives it. */
  readonly hostname: string;
  /** The last version that was fully deployed; -1 where none ever was. */
  readonly achievedVersion: number;
  /** Names of moves; at the goal version, and in some servers before it, also finished ones. */
  readonly plan: readonly string[];
  readonly error: ProcessError | undefined;
}

/** What every answer has. */
interface Answer {
  /** When Ops Manager answered, by its own clock (ISO 8601); undefined without a `Date` header. */
  readonly readAt: string | undefined;
  /** Whether nothing was left out; only then does absence from it say anything. */
  readonly isComplete: boolean;
}

/** Automation’s state of all processes of the project; none where there is no automation yet. */
export interface AutomationStatus extends Answer {
  /** The project’s newest configuration, whoever published it. */
  readonly goalVersion: number | undefined;
  readonly processes: readonly ProcessStatus[];
}

/** A MongoDB Agent that automates. */
export interface Agent {
  readonly hostname: string;
  /** Its last configuration call (ISO 8601), its only sign of life. */
  readonly lastConf: string | undefined;
}

export interface AgentList extends Answer {
  readonly agents: readonly Agent[];
}

/** A mongod or mongos that Ops Manager knows. */
export interface Host {
  readonly hostname: string;
  readonly port: number;
  /** Other names of it, each `host:port`. */
  readonly aliases: readonly string[];
  /** `NO_DATA` for one that Ops Manager’s monitoring has never reached. */
  readonly typeName: string | undefined;
  /** ISO 8601. */
  readonly lastPing: string | undefined;
}

export interface HostList extends Answer {
  readonly hosts: readonly Host[];
}

/**
 * The calls that tell what holds an import up; each is one attempt, paged as far as is sensible.
 * Each throws `ApiError`, or the signal’s reason when aborted. A project without automation is a
 * normal answer. Source: Ops Manager, "Automation Status", "Agents", "Hosts".
 */
export interface DiagnosisApi {
  readAutomationStatus(options: CallOptions): Promise<AutomationStatus>;
  listAgents(options: CallOptions): Promise<AgentList>;
  listHosts(options: CallOptions): Promise<HostList>;
}

/** What was read; a call that was not made, or failed, is left out. */
export interface Facts {
  readonly status?: AutomationStatus | undefined;
  readonly agents?: AgentList | undefined;
  readonly hosts?: HostList | undefined;
}

/** All calls of one diagnosis together: whoever waits for it waits no longer. */
export const BUDGET_MS = 10_000;
/** What a call that hangs leaves to each one after it. */
const RESERVED_MS = 2_000;
/** A node of Ops Manager’s may refuse what another one grants. */
const MOST_REFUSALS = 2;

/** A call of a diagnosis. */
export type DiagnosisCall = 'status' | 'agents' | 'hosts';

/** In what words each call was refused so far, or that it was granted once; `ask` adds to it. */
export type Permissions = Map<DiagnosisCall, 'granted' | readonly string[]>;

/** A call that was needed and got no answer; `reason` in words. */
export interface NotAsked {
  readonly call: DiagnosisCall;
  readonly reason: string;
}

/** What bounds the calls of one diagnosis. */
interface Asking {
  readonly clock: Pick<Clock, 'now'>;
  readonly signal: AbortSignal;
  readonly budgetMs?: number;
  readonly permissions?: Permissions;
}

/**
 * Makes each of `calls` once, in `budgetMs` milliseconds for all of them together. It never throws;
 * aborted, it gives at once what it has. What was refused twice and never granted is not asked again.
 */
export async function ask(
  api: DiagnosisApi,
  calls: readonly DiagnosisCall[],
  { clock, signal, budgetMs = BUDGET_MS, permissions = new Map() }: Asking
): Promise<{ readonly facts: Facts; readonly notAsked: readonly NotAsked[] }> {
  const endsAt = clock.now() + budgetMs;
  const notAsked: NotAsked[] = [];
  let facts: Facts = {};
  for (const [index, call] of calls.entries()) {
    if (signal.aborted) break;
    const leftMs = endsAt - clock.now();
    const why = refusalOf(call, permissions) ?? (leftMs <= 0 ? 'no time was left' : undefined);
    if (why !== undefined) {
      notAsked.push({ call, reason: why });
      continue;
    }
    const limitMs = Math.max(leftMs / 2, leftMs - RESERVED_MS * (calls.length - 1 - index));
    try {
      facts = { ...facts, ...(await answerOf(api, call, { signal, limitMs })) };
      permissions.set(call, 'granted');
    } catch (error) {
      // The signal says that nothing more is wanted, not that Ops Manager did not answer.
      if (isOver(signal)) break;
      const reason = reasonOf(error);
      notAsked.push({ call, reason });
      const before = permissions.get(call) ?? [];
      if (error instanceof ApiError && error.kind !== 'transient' && before !== 'granted')
        permissions.set(call, [...before, reason]);
    }
  }
  return { facts, notAsked };
}

/** The words of a refusal for good; undefined of a call that may be made. */
export function refusalOf(call: DiagnosisCall, permissions: Permissions): string | undefined {
  const answers = permissions.get(call) ?? [];
  return answers !== 'granted' && answers.length >= MOST_REFUSALS ? answers.at(-1) : undefined;
}

/** It may have been aborted since it was looked at. */
function isOver(signal: AbortSignal): boolean {
  return signal.aborted;
}

async function answerOf(
  api: DiagnosisApi,
  call: DiagnosisCall,
  options: CallOptions
): Promise<Facts> {
  switch (call) {
    case 'status':
      return { status: await api.readAutomationStatus(options) };
    case 'agents':
      return { agents: await api.listAgents(options) };
    case 'hosts':
      return { hosts: await api.listHosts(options) };
  }
}

/** A few words; what a defect says is none of the user’s business here. */
function reasonOf(error: unknown): string {
  if (!(error instanceof ApiError)) return 'it failed unexpectedly';
  const { status, errorCode, happened } = error;
  if (status === undefined || status < 400) return happened.replace(/\.$/, '');
  return [`HTTP ${status}`, errorCode].filter((part) => part !== undefined).join(' ');
}

/** A host, and the port of one of its processes where that is known. */
export interface HostAt {
  readonly host: string;
  readonly port?: number | undefined;
}

/** A process that something is said of. Automation knows no ports. */
export interface ProcessAt extends HostAt {
  readonly name: string;
  readonly version: number;
  readonly goalVersion: number;
  /** Since when it has been seen at this version, at least (ISO 8601). */
  readonly since: string | undefined;
  readonly plan: readonly string[];
  /** How long its agent has been silent; undefined where that is not known. */
  readonly agentSilentMs: number | undefined;
  /** Its host runs more processes than are required, and names do not tell which these are. */
  readonly shared?: { readonly onHost: number; readonly required: number } | undefined;
}

/** A required host under all names by which Ops Manager knows it, and its required processes. */
interface RequiredHost {
  readonly host: string;
  /** Each `host:port`, as the request names it. */
  readonly processes: readonly string[];
  /** Lower case, the request’s own name first. */
  readonly names: ReadonlySet<string>;
}

/** `host:port` taken apart, without the brackets of an IPv6 address. */
export function hostAt(hostPort: string): HostAt {
  const [, host = hostPort, port] = /^(.*):(\d+)$/.exec(hostPort) ?? [];
  const bare = host.replace(/^\[(.*)\]$/, '$1');
  return port === undefined ? { host: bare } : { host: bare, port: Number(port) };
}

/** `host:port` as it is written; the host alone where no port is known. */
export function hostPortOf({ host, port }: HostAt): string {
  if (port === undefined) return host;
  return host.includes(':') ? `[${host}]:${port}` : `${host}:${port}`;
}

/** A host name as it is compared: names have no case, and a full one may end in a dot. */
export function comparable(hostname: string): string {
  return hostname
    .replace(/^\[(.*)\]$/, '$1')
    .toLowerCase()
    .replace(/\.$/, '');
}

/** Finds what Ops Manager knows as `host:port`, by its name or an alias, in any case. */
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
  const byName = new Map<string, { host: string; processes: string[]; names: Set<string> }>();
  const find = hostFinder(hosts);
  for (const hostPort of new Map(
    required.map((text) => [comparableProcess(text), text])
  ).values()) {
    const { host } = hostAt(hostPort);
    const key = comparable(host);
    const entry = byName.get(key) ?? { host, processes: [], names: new Set([key]) };
    byName.set(key, entry);
    entry.processes.push(hostPort);
    const found = find(hostPort);
    for (const name of found ? namesOf(found) : []) entry.names.add(comparable(hostAt(name).host));
  }
  return [...byName.values()];
}

/** The project’s processes, told apart by the hosts that the import requires. */
interface Scope {
  /** On required hosts; all of the project’s where the required ones are unknown. */
  readonly own: readonly ProcessStatus[];
  /** On other hosts; none where the required ones are unknown. */
  readonly others: readonly ProcessStatus[];
  /** Required hosts on which automation lists fewer processes than are required, or none. */
  readonly unmatched: readonly RequiredHost[];
  /** Required hosts on which automation lists more processes than are required, by their names. */
  readonly shared: ReadonlyMap<string, { readonly onHost: number; readonly required: number }>;
}

/** Tells the import’s processes from others as far as host names allow: there are no ports. */
export function scopeOf(
  processes: readonly ProcessStatus[],
  required: readonly string[] | undefined,
  hosts: readonly Host[] = []
): Scope {
  if (!required) return { own: processes, others: [], unmatched: [], shared: new Map() };
  const wanted = requiredHosts(required, hosts);
  const names = new Set(wanted.flatMap((host) => [...host.names]));
  const byHost = Map.groupBy(processes, ({ hostname }) => comparable(hostname));
  const countAt = (name: string): number => byHost.get(name)?.length ?? 0;
  const countOn = (host: RequiredHost): number =>
    [...host.names].reduce((sum, name) => sum + countAt(name), 0);
  return {
    own: processes.filter(({ hostname }) => names.has(comparable(hostname))),
    others: processes.filter(({ hostname }) => !names.has(comparable(hostname))),
    unmatched: wanted.filter((host) => countOn(host) < host.processes.length),
    shared: new Map(
      wanted
        .filter((host) => countOn(host) > host.processes.length)
        .flatMap((host) =>
          [...host.names].map((name) => [
            name,
            { onHost: countAt(name), required: host.processes.length }
          ])
        )
    )
  };
}

/** An agent that has not called in for longer is taken for dead, as MongoDB’s own operator does. */
const SILENT_AFTER_MS = 120_000;

/** How an agent is; `unknown` where Ops Manager’s answer does not tell. */
export type AgentState =
  | { readonly kind: 'unknown' | 'absent' }
  | {
      readonly kind: 'live' | 'silent';
      readonly lastConf: string;
      /** Since its last call, by Ops Manager’s clock. */
      readonly silentMs: number;
    };

/** Tells how the agent is of a host that is known under any of these names: of several the liveliest. */
export function agentStates(list: AgentList | undefined): (names: Iterable<string>) => AgentState {
  if (!list) return () => ({ kind: 'unknown' });
  const agents = Map.groupBy(list.agents, ({ hostname }) => comparable(hostname));
  return (names) => {
    const found = [...names].flatMap((name) => agents.get(comparable(name)) ?? []);
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

/** `rs0_2` before `rs0_10`. */
export const byName = new Intl.Collator('en', { numeric: true }).compare;

function ownName({ hostname, port }: Host): string {
  return hostPortOf({ host: hostname, port });
}

function namesOf(host: Host): string[] {
  return [ownName(host), ...host.aliases];
}

function comparableProcess(hostPort: string): string {
  const { host, port } = hostAt(hostPort);
  return `${comparable(host)}:${port ?? ''}`;
}
