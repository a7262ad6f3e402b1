import type { Phase } from '../case/states.ts';
import type { DiagnosisCall, HostAt, ProcessAt } from './facts.ts';

type Some<T> = readonly [T, ...T[]];

/** A host on which no agent lives. */
interface DeafHost extends HostAt {
  /** Those that are behind; none where the phase is not about versions. */
  readonly processes: readonly ProcessAt[];
  /** What their agent said of them when it last called in. */
  readonly errors: readonly { readonly name: string; readonly error: string }[];
}

/** A host whose agent has been silent since its last call. */
interface SilentHost extends DeafHost {
  readonly lastConf: string;
  readonly silentMs: number;
}

/**
 * Something that Ops Manager said and that may hold the import up; data, no prose. What is equal of
 * several processes or hosts is one finding about all of them, the one seen first at its head. Its
 * kinds are part of the action’s interface (docs/diagnosis.md).
 */
export type Finding = {
  /** Read after the import had failed: not what made it fail. */
  readonly isAfterFailure?: boolean;
  /** Not read now but remembered from then (ISO 8601). */
  readonly asOf?: string | undefined;
} & (
  | {
      readonly kind: 'error';
      readonly processes: Some<ProcessAt>;
      readonly error: string;
      readonly since: string | undefined;
      readonly readAt: string | undefined;
    }
  | { readonly kind: 'silent-agent'; readonly hosts: Some<SilentHost> }
  | { readonly kind: 'no-agent'; readonly hosts: Some<DeafHost> }
  | {
      readonly kind: 'behind';
      readonly processes: Some<ProcessAt>;
      readonly readAt: string | undefined;
    }
  | {
      readonly kind: 'waiting';
      readonly processes: Some<ProcessAt>;
      /** Whether another one is to blame. */
      readonly isForOthers: boolean;
    }
  | { readonly kind: 'host-unknown' | 'host-never-reached'; readonly hosts: Some<HostAt> }
  | {
      readonly kind: 'host-reached';
      readonly hosts: Some<HostAt>;
      readonly lastPing: string;
      readonly readAt: string | undefined;
    }
  | { readonly kind: 'hosts-found'; readonly found: number; readonly required: number }
  | {
      readonly kind: 'hosts-there';
      readonly total: number;
      readonly neverReached: readonly HostAt[];
    }
  | {
      readonly kind: 'required-in-automation';
      readonly found: number;
      readonly required: number;
      /** Required hosts under whose names automation lists too few processes, or none. */
      readonly notUnderTheirName: readonly string[];
    }
  | {
      readonly kind: 'nobody-behind';
      readonly total: number;
      readonly goalVersion: number;
      /** Whether these are all processes that count; else only those found by name. */
      readonly isAll: boolean;
    }
  | {
      readonly kind: 'project-behind' | 'others-behind';
      readonly names: readonly string[];
      readonly total: number;
      readonly goalVersion: number;
    }
  | { readonly kind: 'no-automation' }
  | {
      readonly kind: 'other-import';
      readonly id: string;
      readonly state: string;
      readonly since: string | undefined;
      /** Whether it began before this one, and this one has not begun yet. */
      readonly isAhead: boolean;
    }
  | {
      readonly kind: 'phase-limit';
      readonly phase: Phase;
      readonly limitName: string;
      readonly limitSec: number;
      readonly lastedMs: number;
    }
  | {
      readonly kind: 'past-error';
      readonly processes: Some<ProcessAt>;
      readonly error: string;
      readonly since: string | undefined;
      readonly lastSeenAt: string | undefined;
    }
  | {
      readonly kind: 'not-asked';
      readonly troubles: readonly {
        readonly calls: readonly DiagnosisCall[];
        readonly reason: string;
      }[];
    }
);

/** The processes that a finding is about; none where it is about something else. */
export function processesOf(finding: Finding): readonly ProcessAt[] {
  if ('processes' in finding) return finding.processes;
  return finding.kind === 'silent-agent' || finding.kind === 'no-agent'
    ? finding.hosts.flatMap(({ processes }) => processes)
    : [];
}

/** The hosts that a finding names, each once. */
export function hostsOf(finding: Finding): readonly HostAt[] {
  if ('hosts' in finding) return finding.hosts;
  const byName = new Map(processesOf(finding).map(({ host }) => [host, { host }]));
  return [...byName.values()];
}

/** Since when what a finding says has been so, at least (ISO 8601). */
export function seenSince(finding: Finding): string | undefined {
  if ('since' in finding) return finding.since;
  if (finding.kind === 'silent-agent') return finding.hosts[0].lastConf;
  return 'processes' in finding ? finding.processes[0].since : undefined;
}

/** The finding to show where there is room for one; a call that failed is none. */
export function worst(findings: readonly Finding[]): Finding | undefined {
  return findings.find(({ kind }) => kind !== 'not-asked');
}
