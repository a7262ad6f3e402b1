import type { Phase } from '../case/states.ts';
import { hostPortOf, type DiagnosisCall, type HostAt, type ProcessAt } from './facts.ts';
import { kindOf } from './kinds.ts';
import { countedProcesses, someNames, timeOf } from './phrases.ts';

/** Findings in the output. */
const LISTED_FINDINGS = 50;
/** Hosts that an advice names. */
const LISTED_HOSTS = 3;
/** Moves of a plan in the output. */
const LISTED_MOVES = 20;
/** GitHub hands outputs over in environment variables, of which a whole one has 128 KiB. */
const LONGEST_OUTPUT_BYTES = 64 * 1024;

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

/**
 * A finding as plain text, mostly one sentence: whom it is about, what was seen and when by Ops
 * Manager’s clock, and where to look. It never says why.
 */
export function sentenceOf(finding: Finding): string {
  const sentence = listedOf(finding, 3);
  return finding.isAfterFailure === true
    ? `After the failure: ${withoutCapital(sentence)}`
    : sentence;
}

/** Whom a finding is about; nobody where it names none. */
interface About {
  readonly process?: string;
  readonly host?: string;
  /** `60 processes`, where there are several. */
  readonly group?: string;
}

/** All that is said of a finding. */
export interface FindingInWords {
  readonly kind: Finding['kind'];
  readonly about: About;
  /** A few words on what was seen, for a title that says whom it is about. */
  readonly brief: string;
  /** `After the failure: …` and `As of 10:14 UTC: …` where it was read then. */
  readonly sentence: string;
  /** The same for a list whose head says whether it is after the failure, with more names. */
  readonly item: string;
  /** Empty for what is none to act on: what could not be asked, hosts found, a host reached. */
  readonly advice: string;
}

/** The findings in words, in their order. */
export function inWords(findings: readonly Finding[]): readonly FindingInWords[] {
  return findings.map((finding) => {
    const { brief, advice } = kindOf(finding);
    return {
      kind: finding.kind,
      about: aboutOf(finding),
      brief: brief(finding),
      sentence: sentenceOf(finding),
      item: listedOf(finding),
      advice: advice(finding, hostsIn(finding))
    };
  });
}

/** The output `diagnosis`: worst first, whole items as far as there is room for them. */
export function diagnosisJson(findings: readonly Finding[]): string {
  const items: string[] = [];
  let bytes = '[]'.length;
  for (const finding of findings.flatMap(singly).slice(0, LISTED_FINDINGS)) {
    const item = JSON.stringify(itemOf(finding));
    bytes += Buffer.byteLength(item) + ','.length;
    if (bytes > LONGEST_OUTPUT_BYTES) break;
    items.push(item);
  }
  return `[${items.join(',')}]`;
}

function listedOf(finding: Finding, listed = 10): string {
  const sentence = kindOf(finding).sentence(finding, listed);
  return finding.asOf === undefined
    ? sentence
    : `As of ${timeOf(finding.asOf)}: ${withoutCapital(sentence)}`;
}

/** Only words of our own begin with a capital; a name is left as it is. */
function withoutCapital(sentence: string): string {
  return sentence.replace(/^(The|No|All|Another|On|Could|As|Automation)\b/, (word) =>
    word.toLowerCase()
  );
}

function aboutOf(finding: Finding): About {
  const processes = processesOf(finding);
  const hosts = hostsOf(finding);
  const [process] = processes;
  const [host] = hosts;
  const at = hosts.length === 1 && host ? { host: host.host } : {};
  if (process)
    return processes.length === 1
      ? { process: process.name, ...at }
      : { group: countedProcesses(processes.length), ...at };
  if (hosts.length < 2) return at;
  const isOfAgents = finding.kind === 'silent-agent' || finding.kind === 'no-agent';
  return { group: isOfAgents ? `${hosts.length} hosts` : countedProcesses(hosts.length) };
}

/** The sentence has named the first of them. */
function hostsIn(finding: Finding): string {
  const names = [...new Set(hostsOf(finding).map(hostPortOf))];
  return names.length > LISTED_HOSTS ? 'these hosts' : someNames(names);
}

/** An item of the output for each process, agent or host; one for an error that several share. */
function singly(finding: Finding): readonly Finding[] {
  if (finding.kind === 'behind' || finding.kind === 'waiting')
    return finding.processes.map((process) => ({ ...finding, processes: [process] }));
  if ('hosts' in finding)
    return finding.hosts.map((host) => ({ ...finding, hosts: [host] }) as Finding);
  return [finding];
}

function itemOf(finding: Finding): Readonly<Record<string, unknown>> {
  const processes = processesOf(finding);
  const [only] = processes.length === 1 ? processes : [];
  const [at] = hostsOf(finding).length === 1 ? hostsOf(finding) : [];
  const silentMs =
    finding.kind === 'silent-agent' ? finding.hosts[0].silentMs : only?.agentSilentMs;
  const plan = only?.plan ?? [];
  return {
    finding: sentenceOf(finding),
    kind: finding.kind,
    process: only?.name,
    host: at?.host,
    port: at?.port,
    since: seenSince(finding),
    agentSilentSeconds: silentMs === undefined ? undefined : Math.floor(silentMs / 1000),
    version: only?.version,
    goalVersion:
      processes[0]?.goalVersion ?? ('goalVersion' in finding ? finding.goalVersion : undefined),
    plan: plan.length > 0 ? plan.slice(0, LISTED_MOVES) : undefined
  };
}
