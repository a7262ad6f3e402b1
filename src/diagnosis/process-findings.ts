import type { Facts, ProcessStatus } from './facts.ts';
import type { Finding, ProcessAt } from './finding.ts';
import { requiredInAutomation } from './host-findings.ts';
import {
  agentStates,
  byName,
  comparable,
  countsByHost,
  scopeOf,
  type AgentState,
  type Scope
} from './hosts.ts';
import {
  freshMemory,
  isSameError,
  remember,
  trackOf,
  type ProcessMemory,
  type ProcessTrack
} from './memory.ts';

/** While a plan holds one of these, authentication is still changing, also at the goal version. */
const AUTHENTICATION_MOVES: readonly string[] = ['UpdateAuth', 'WaitAuthUpdate'];

/** A process that is behind, with all that is known of it. */
interface Suspect {
  readonly at: ProcessAt;
  readonly status: ProcessStatus;
  readonly track: ProcessTrack | undefined;
  readonly agent: AgentState;
}

/** PENDING: processes of the project that are behind; they are not the import’s. */
export function projectFindings({ status }: Facts): Finding[] {
  return status ? countBehind('project-behind', status.processes, status.goalVersion) : [];
}

/** AWAIT_GOAL_STATE: who is behind, and what is known of each. */
export function goalFindings(
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
  const counts = countsByHost(own);
  const requiredOn = new Map(
    shared.flatMap(({ names, processes }) =>
      [...names].map((name) => [name, processes.length] as const)
    )
  );
  return own
    .filter((process) => isBehind(process, goalVersion))
    .map((status) => {
      const agent = agentOf([status.hostname]);
      const track = trackOf(memory, status);
      const host = comparable(status.hostname);
      const required = requiredOn.get(host);
      const at: ProcessAt = {
        name: status.name,
        host: status.hostname,
        version: status.achievedVersion,
        goalVersion,
        since: track?.version.since,
        plan: status.plan,
        agentSilentMs: 'silentMs' in agent ? agent.silentMs : undefined,
        shared: required === undefined ? undefined : { onHost: counts.get(host) ?? 0, required }
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
