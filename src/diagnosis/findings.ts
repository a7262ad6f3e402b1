import {
  enteredAt,
  type Import,
  isInProgress,
  lastPhase,
  LIMIT_NAMES,
  type Requested
} from '../case/import.ts';
import type { ImportList } from '../case/import-api.ts';
import { isPhase } from '../case/states.ts';
import { byName, type DiagnosisCall, type Facts, hostPortOf, type NotAsked } from './facts.ts';
import { type Finding, hostsOf, processesOf, seenSince } from './finding.ts';
import { kindOf } from './kinds.ts';
import type { ProcessMemory } from './memory.ts';
import { countedProcesses, someNames, timeOf } from './phrases.ts';
import { agentFindings, phaseFindings } from './phase-findings.ts';

/** All that a diagnosis looks at. */
interface Evidence {
  /** The last good read of the import. */
  readonly request: Import;
  readonly requested?: Requested;
  /** The project’s imports, where a list of them was read for another reason. */
  readonly list?: ImportList | undefined;
  readonly facts: Facts;
  /** What was remembered while the import stood in AWAIT_GOAL_STATE, without `facts`. */
  readonly memory?: ProcessMemory | undefined;
  readonly notAsked?: readonly NotAsked[];
}

/** Ops Manager looks at a phase’s limit only now and then. */
const LIMIT_TOLERANCE_MS = { before: 5_000, after: 120_000 } as const;

/** The calls that a diagnosis of an import needs that stood in `phase`. */
export function callsFor(phase: string | undefined): readonly DiagnosisCall[] {
  if (phase === undefined || !isPhase(phase)) return [];
  switch (phase) {
    case 'PENDING':
      return ['status'];
    case 'AWAIT_SEED_HOST_CONNECTED':
    case 'AWAIT_HOSTS_DISCOVERED':
      return ['hosts', 'agents'];
    case 'AWAIT_AUTOMATION_IMPORTED':
    case 'AWAIT_GOAL_STATE':
      return ['status', 'agents'];
  }
}

/**
 * What holds the import up, or what was so after it failed; worst first, equal ones as one. Nothing
 * is said that the evidence does not show, nor anything of an import that succeeded or was
 * cancelled.
 */
export function findingsOf(evidence: Evidence): readonly Finding[] {
  const { request, facts, requested = {}, memory, notAsked = [] } = evidence;
  if (request.state === 'SUCCESS' || request.state === 'CANCELLED') return [];
  const isAfterFailure = request.state === 'FAILED';
  const phase = lastPhase(request);
  const read = [...phaseFindings(phase, facts, requested, memory), ...otherImports(evidence)];
  const told = isAfterFailure
    ? read.map((finding) => (finding.asOf ? finding : { ...finding, isAfterFailure }))
    : read;
  const limit = isAfterFailure ? limitFinding(phase, evidence) : [];
  return together(inOrder([...told, ...limit, ...notAskedFinding(notAsked)]));
}

/** Required hosts without a live agent, before an import of them is created. */
export function agentsBefore(facts: Facts, required: readonly string[]): readonly Finding[] {
  return together(inOrder(agentFindings(facts, required)));
}

/** One finding, however many calls got no answer. */
function notAskedFinding(notAsked: readonly NotAsked[]): Finding[] {
  const byReason = Map.groupBy(notAsked, ({ reason }) => reason);
  const troubles = [...byReason].map(([reason, items]) => ({
    calls: items.map(({ call }) => call),
    reason
  }));
  return troubles.length > 0 ? [{ kind: 'not-asked', troubles }] : [];
}

/** Those in progress beside it, as of the list: no list is read for it. */
function otherImports({ request, list }: Evidence): Finding[] {
  const began = request.transitions[0]?.transitionedAt;
  return (list?.imports ?? [])
    .filter((other) => other.id !== request.id && isInProgress(other))
    .map((other) => {
      const beganBefore = other.transitions[0]?.transitionedAt ?? '9999';
      return {
        kind: 'other-import',
        id: other.id,
        state: other.state,
        since: enteredAt(other),
        isAhead: began !== undefined && beganBefore < began && request.state === 'PENDING',
        asOf: list?.readAt
      };
    });
}

/** A phase that lasted as long as its own limit: known without any call. */
function limitFinding(phase: string | undefined, { request, requested }: Evidence): Finding[] {
  if (phase === undefined || !isPhase(phase)) return [];
  const limitSec = requested?.limitsSec?.[phase];
  const limitName = LIMIT_NAMES[phase];
  const entered = request.transitions.findLast(({ state }) => state === phase);
  const left = request.transitions.at(-1);
  if (limitSec === undefined || limitName === undefined || !entered || !left) return [];
  const lastedMs = Date.parse(left.transitionedAt) - Date.parse(entered.transitionedAt);
  const beyondMs = lastedMs - limitSec * 1000;
  const { before, after } = LIMIT_TOLERANCE_MS;
  return beyondMs >= -before && beyondMs <= after
    ? [{ kind: 'phase-limit', phase, limitName, limitSec, lastedMs }]
    : [];
}

function inOrder(findings: readonly Finding[]): Finding[] {
  const keyed = findings.map((finding) => {
    const { name = '', host = '' } = processesOf(finding)[0] ?? {};
    const [at] = hostsOf(finding);
    return {
      finding,
      rank: rankOf(finding),
      seenAt: seenSince(finding) ?? '9999',
      // Of a host its name, of a process its own first.
      name: 'processes' in finding ? `${name} ${host}` : at ? hostPortOf(at) : ''
    };
  });
  return keyed
    .sort(
      (a, b) =>
        a.rank - b.rank ||
        (a.seenAt < b.seenAt ? -1 : a.seenAt > b.seenAt ? 1 : 0) ||
        byName(a.name, b.name)
    )
    .map(({ finding }) => finding);
}

function rankOf(finding: Finding): number {
  const { rank } = kindOf(finding);
  return typeof rank === 'number' ? rank : rank(finding);
}

/** Equal findings as one, in the place of the first. */
function together(findings: readonly Finding[]): Finding[] {
  const groups = Map.groupBy(findings, (finding) => equalityOf(finding) ?? finding);
  return [...groups.values()].flatMap((group) =>
    group.slice(0, 1).map((one) => joined(one, group))
  );
}

/** What findings of several processes or hosts have in common; undefined where none are equal. */
function equalityOf(finding: Finding): string | undefined {
  const common = kindOf(finding).common?.(finding);
  const { kind, isAfterFailure, asOf } = finding;
  return common && JSON.stringify([kind, isAfterFailure, asOf, ...common]);
}

/** One finding about all that equal ones are about. */
function joined(first: Finding, group: readonly Finding[]): Finding {
  if ('processes' in first) {
    const rest = group.slice(1).flatMap(processesOf);
    return { ...first, processes: [...first.processes, ...rest] };
  }
  if (!('hosts' in first)) return first;
  // Equal ones are of one kind, and so are their hosts.
  const hosts: unknown = group.flatMap(hostsOf);
  return { ...first, hosts } as Finding;
}

/** Findings in the output. */
const LISTED_FINDINGS = 50;
/** Hosts that an advice names. */
const LISTED_HOSTS = 3;
/** Moves of a plan in the output. */
const LISTED_MOVES = 20;
/** GitHub hands outputs over in environment variables, of which a whole one has 128 KiB. */
const LONGEST_OUTPUT_BYTES = 64 * 1024;

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
