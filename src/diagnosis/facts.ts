import type { CallOptions } from '../case/import-api.ts';

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
  /** `ACTIVE` does not mean alive, and `NO_PROCESSES` is right before an import. */
  readonly stateName: string | undefined;
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
  readonly replicaSetName: string | undefined;
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
