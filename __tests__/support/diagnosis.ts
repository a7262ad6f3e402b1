import type {
  Agent,
  AgentList,
  AutomationStatus,
  DiagnosisApi,
  Host,
  HostList,
  ProcessStatus
} from '../../src/diagnosis/facts.ts';
import { ApiError, type CallOptions } from '../../src/case/import-api.ts';

/** When Ops Manager answered, unless a test says otherwise: 22 minutes after 10:14 UTC. */
export const READ_AT = at('10:36');

/** A time of the day on which the imports of the tests run. */
export function at(time: string): string {
  return `2025-10-20T${time.length === 5 ? `${time}:00` : time}.000Z`;
}

/** `rs0_2` on mongodb2.example.com, at the goal version 5 unless told. */
export function processOf(number: number, rest: Partial<ProcessStatus> = {}): ProcessStatus {
  return {
    name: `rs0_${number}`,
    hostname: hostOf(number),
    achievedVersion: 5,
    plan: [],
    error: undefined,
    ...rest
  };
}

/** `mongodb2.example.com`. */
export function hostOf(number: number): string {
  return `mongodb${number}.example.com`;
}

/** `mongodb2.example.com:27017` and so on. */
export function required(...numbers: readonly number[]): string[] {
  return numbers.map((number) => `${hostOf(number)}:27017`);
}

export function statusOf(
  processes: readonly ProcessStatus[],
  rest: Partial<AutomationStatus> = {}
): AutomationStatus {
  return { goalVersion: 5, processes, readAt: READ_AT, isComplete: true, ...rest };
}

/** Live agents on these hosts, and others. */
export function agentsOn(
  numbers: readonly number[],
  others: readonly Partial<Agent>[] = [],
  rest: Partial<AgentList> = {}
): AgentList {
  const live = numbers.map((number) => agentOf({ hostname: hostOf(number) }));
  const agents = [...live, ...others.map(agentOf)];
  return { agents, readAt: READ_AT, isComplete: true, ...rest };
}

export function agentOf(rest: Partial<Agent>): Agent {
  return { hostname: hostOf(1), lastConf: at('10:35:58'), ...rest };
}

export function hostsOf(hosts: readonly Partial<Host>[], rest: Partial<HostList> = {}): HostList {
  return { hosts: hosts.map(hostEntry), readAt: READ_AT, isComplete: true, ...rest };
}

function hostEntry(rest: Partial<Host>): Host {
  return {
    hostname: hostOf(1),
    port: 27_017,
    aliases: [],
    typeName: 'REPLICA_SECONDARY',
    lastPing: at('10:35:41'),
    ...rest
  };
}

/** Answers of a diagnosis that a test decides, with the calls that were made. */
export class ScriptedDiagnosis implements DiagnosisApi {
  readonly calls: { readonly call: string; readonly limitMs: number | undefined }[] = [];
  status: (options: CallOptions) => Promise<AutomationStatus> = () => Promise.resolve(statusOf([]));
  agents: (options: CallOptions) => Promise<AgentList> = () => Promise.resolve(agentsOn([]));
  hosts: (options: CallOptions) => Promise<HostList> = () => Promise.resolve(hostsOf([]));

  readAutomationStatus(options: CallOptions): Promise<AutomationStatus> {
    this.calls.push({ call: 'status', limitMs: options.limitMs });
    return this.status(options);
  }

  listAgents(options: CallOptions): Promise<AgentList> {
    this.calls.push({ call: 'agents', limitMs: options.limitMs });
    return this.agents(options);
  }

  listHosts(options: CallOptions): Promise<HostList> {
    this.calls.push({ call: 'hosts', limitMs: options.limitMs });
    return this.hosts(options);
  }
}

/** An error of Ops Manager's, or of the way to it without a status. */
export function apiError(
  kind: 'refused' | 'transient' | 'misconfigured',
  data: { readonly status?: number; readonly errorCode?: string } = {},
  happened = 'It went wrong.'
): ApiError {
  return new ApiError(kind, { title: 'Trouble', happened }, data);
}
