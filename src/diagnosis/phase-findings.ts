import type { Requested } from '../case/import.ts';
import { isPhase } from '../case/states.ts';
import {
  type AgentState,
  agentStates,
  byName,
  comparable,
  type Facts,
  type Host,
  hostAt,
  type HostAt,
  hostFinder,
  type HostList,
  type ProcessAt,
  type ProcessStatus,
  requiredHosts,
  scopeOf
} from './facts.ts';
import type { Finding } from './finding.ts';
import { freshMemory, isSameError, type ProcessMemory, remember, trackOf } from './memory.ts';

/** What the facts show of an import that stands, or stood, in `phase`. */
export function phaseFindings(
  phase: string | undefined,
  facts: Facts,
  { seedHost, processes }: Pick<Requested, 'seedHost' | 'processes'>,
  memory: ProcessMemory | undefined
): readonly Finding[] {
  if (phase === undefined || !isPhase(phase)) return [];
  switch (phase) {
    case 'PENDING':
      return projectFindings(facts);
    case 'AWAIT_SEED_HOST_CONNECTED':
      return seedFindings(facts, seedHost);
    case 'AWAIT_HOSTS_DISCOVERED':
      return hostFindings(facts, processes);
    case 'AWAIT_AUTOMATION_IMPORTED':
      return [...agentFindings(facts, processes), ...requiredInAutomation(facts, processes)];
    case 'AWAIT_GOAL_STATE':
      return goalFindings(facts, processes, memory);
  }
}

/** AWAIT_SEED_HOST_CONNECTED: whether the seed was reached, and its agent. */
function seedFindings(facts: Facts, seedHost: string | undefined): Finding[] {
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
function hostFindings(facts: Facts, required: readonly string[] | undefined): Finding[] {
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

/** Whether automation has the required hosts; nothing where either is not known. */
function requiredInAutomation(
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

/** While a plan holds one of these, authentication is still changing, also at the goal version. */
const AUTHENTICATION_MOVES: readonly string[] = ['UpdateAuth', 'WaitAuthUpdate'];

type Scope = ReturnType<typeof scopeOf>;

/** A process that is behind, with all that is known of it. */
interface Suspect {
  readonly at: ProcessAt;
  readonly status: ProcessStatus;
  readonly track: ReturnType<typeof trackOf>;
  readonly agent: AgentState;
}

/** PENDING: processes of the project that are behind; they are not the import’s. */
function projectFindings({ status }: Facts): Finding[] {
  return status ? countBehind('project-behind', status.processes, status.goalVersion) : [];
}

/** AWAIT_GOAL_STATE: who is behind, and what is known of each. */
function goalFindings(
  facts: Facts,
  required: readonly string[] | undefined,
  before: ProcessMemory = freshMemory(required)
): Finding[] {
  const memory = facts.status ? remember(before, facts.status).memory : before;
  const { status } = memory;
  if (status?.goalVersion === undefined) {
    return facts.status?.isComplete ? [{ kind: 'no-automation' }] : [];
  }
  const { goalVersion, readAt } = status;
  const scope = scopeOf(status.processes, required, facts.hosts?.hosts);
  const suspects = suspectsAmong(scope, goalVersion, memory, facts);
  const found: Finding[] = [
    ...blame(suspects, readAt),
    ...(status.isComplete ? nobodyBehind(scope, suspects, goalVersion) : []),
    ...(scope.unmatched.length > 0
      ? requiredInAutomation({ status, hosts: facts.hosts }, required)
      : []),
    ...countBehind('others-behind', scope.others, goalVersion),
    ...suspects.flatMap(pastError)
  ];
  if (status === facts.status) return found;
  return found.map((finding) =>
    finding.kind === 'silent-agent' || finding.kind === 'no-agent'
      ? finding
      : { ...finding, asOf: readAt }
  );
}

/** Whether a process is not where it should be; a plan at the goal is the last one, and done. */
function isBehind({ achievedVersion, plan }: ProcessStatus, goalVersion: number): boolean {
  // Source: mongodb-kubernetes, automation_status.go.
  return achievedVersion < goalVersion || plan.some((move) => AUTHENTICATION_MOVES.includes(move));
}

/** Whether a plan only waits: the names of such moves begin with `Wait` in every recording. */
function onlyWaits(plan: readonly string[]): boolean {
  return plan.length > 0 && plan.every((move) => move.startsWith('Wait'));
}

function suspectsAmong(
  { own, shared }: Scope,
  goalVersion: number,
  memory: ProcessMemory,
  { agents }: Facts
): Suspect[] {
  const agentOf = agentStates(agents);
  return own
    .filter((process) => isBehind(process, goalVersion))
    .map((status) => {
      const agent = agentOf([status.hostname]);
      const track = trackOf(memory, status);
      const at: ProcessAt = {
        name: status.name,
        host: status.hostname,
        version: status.achievedVersion,
        goalVersion,
        since: track?.version.since,
        plan: status.plan,
        agentSilentMs: 'silentMs' in agent ? agent.silentMs : undefined,
        shared: shared.get(comparable(status.hostname))
      };
      return { at, status, track, agent };
    })
    .sort((a, b) => byName(a.at.name, b.at.name) || byName(a.at.host, b.at.host));
}

/** An error is as old as its agent’s last call: where that agent is silent, the silence leads. */
function blame(suspects: readonly Suspect[], readAt: string | undefined): Finding[] {
  const isReached = ({ agent }: Suspect): boolean =>
    agent.kind === 'live' || agent.kind === 'unknown';
  const reached = suspects.filter(isReached);
  const guilty: Finding[] = [
    ...reached.flatMap(({ at, status: { error }, track }): Finding[] => {
      const since = track?.error?.since;
      return error ? [{ kind: 'error', processes: [at], error: error.text, since, readAt }] : [];
    }),
    ...silences(suspects.filter((suspect) => !isReached(suspect)))
  ];
  const isForOthers = guilty.length > 0;
  const rest = reached
    .filter(({ status }) => status.error === undefined)
    .map(({ at }): Finding =>
      onlyWaits(at.plan)
        ? { kind: 'waiting', processes: [at], isForOthers }
        : { kind: 'behind', processes: [at], readAt }
    );
  return [...guilty, ...rest];
}

/** One finding for each host whose agent is silent or absent. */
function silences(suspects: readonly Suspect[]): Finding[] {
  const groups = Map.groupBy(suspects, ({ at }) => comparable(at.host));
  return [...groups.values()].flatMap((group): Finding[] => {
    const [first] = group;
    if (!first) return [];
    const deaf = {
      host: first.at.host,
      processes: group.map(({ at }) => at),
      errors: group.flatMap(({ status: { name, error } }) =>
        error ? [{ name, error: error.text }] : []
      )
    };
    const { agent } = first;
    if (agent.kind !== 'silent') return [{ kind: 'no-agent', hosts: [deaf] }];
    const { lastConf, silentMs } = agent;
    return [{ kind: 'silent-agent', hosts: [{ ...deaf, lastConf, silentMs }] }];
  });
}

function pastError({ at, status, track }: Suspect): Finding[] {
  const past = track?.pastError;
  if (!past || (status.error && isSameError(status.error, past.error))) return [];
  const { error, since, lastSeenAt } = past;
  return [{ kind: 'past-error', processes: [at], error: error.text, since, lastSeenAt }];
}

function nobodyBehind(
  { own, unmatched }: Scope,
  suspects: readonly Suspect[],
  goalVersion: number
): Finding[] {
  if (own.length === 0 || suspects.length > 0) return [];
  return [{ kind: 'nobody-behind', total: own.length, goalVersion, isAll: unmatched.length === 0 }];
}

function countBehind(
  kind: 'project-behind' | 'others-behind',
  processes: readonly ProcessStatus[],
  goalVersion: number | undefined
): Finding[] {
  if (goalVersion === undefined) return [];
  const behind = processes.filter(({ achievedVersion }) => achievedVersion < goalVersion);
  if (behind.length === 0) return [];
  const names = behind.map(({ name }) => name).sort(byName);
  return [{ kind, names, total: processes.length, goalVersion }];
}
