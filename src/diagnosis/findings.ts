import type { Facts } from './facts.ts';
import type { DiagnosisCall, Finding, ProcessAt } from './finding.ts';
import { goalFindings, projectFindings } from './goal-findings.ts';
import { automationFindings, hostFindings, seedFindings } from './host-findings.ts';
import { byName } from './host-names.ts';
import { enteredAt, isInProgress, lastPhase, type Import } from '../case/import.ts';
import type { ProcessMemory } from './process-memory.ts';
import { LIMIT_NAMES, type Requested } from '../case/requested.ts';
import { isPhase } from '../case/states.ts';

/** Another import of the project. */
export interface OtherImport {
  readonly id: string;
  readonly state: string;
  /** When it entered that state, and when it began (ISO 8601). */
  readonly since: string | undefined;
  readonly beganAt: string | undefined;
}

/** The imports in progress beside the one with `id`, from a list of the project’s. */
export function othersInProgress(
  imports: readonly Import[],
  id: string | undefined
): OtherImport[] {
  return imports
    .filter((other) => other.id !== id && isInProgress(other))
    .map((other) => ({
      id: other.id,
      state: other.state,
      since: enteredAt(other),
      beganAt: other.transitions[0]?.transitionedAt
    }));
}

/** A call that was needed and got no answer; `reason` in words. */
export interface NotAsked {
  readonly call: DiagnosisCall;
  readonly reason: string;
}

/** All that a diagnosis looks at. */
export interface Evidence {
  /** The last good read of the import. */
  readonly request: Import;
  readonly requested?: Requested;
  /** Those in progress, from a list that was read for another reason. */
  readonly otherImports?: readonly OtherImport[];
  readonly facts: Facts;
  /** What was remembered while the import stood in AWAIT_GOAL_STATE, without `facts`. */
  readonly memory?: ProcessMemory | undefined;
  readonly notAsked?: readonly NotAsked[];
}

/** Ops Manager looks at a phase’s limit only now and then. */
const LIMIT_TOLERANCE_MS = { before: 5_000, after: 120_000 } as const;

/** The order of blame; within a rank the one seen first comes first, then by name. */
const RANKS: readonly (readonly (Finding['kind'] | 'victim')[])[] = [
  ['error'],
  ['silent-agent', 'no-agent'],
  ['behind', 'host-unknown', 'host-never-reached'],
  ['waiting'],
  ['phase-limit'],
  ['other-import'],
  ['victim', 'project-behind', 'required-in-automation'],
  ['hosts-found', 'hosts-there', 'host-reached', 'nobody-behind', 'no-automation'],
  ['others-behind'],
  ['past-error'],
  ['not-asked']
];

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
 * What holds the import up, or what was so after it failed; worst first. Nothing is said that the
 * evidence does not show, nor anything of an import that succeeded or was cancelled.
 */
export function findingsOf(evidence: Evidence): Finding[] {
  const { request, otherImports = [], notAsked = [] } = evidence;
  if (request.state === 'SUCCESS' || request.state === 'CANCELLED') return [];
  const isAfterFailure = request.state === 'FAILED';
  const phase = lastPhase(request);
  const read = phase === undefined ? [] : phaseFindings(phase, evidence);
  const others = otherImports.map((other) => otherImportFinding(other, request));
  const present = isAfterFailure
    ? [...read, ...others].map((finding) =>
        finding.asOf ? finding : { ...finding, isAfterFailure }
      )
    : [...read, ...others];
  const limit = isAfterFailure ? limitFinding(phase, evidence) : undefined;
  return inOrder([...present, ...(limit ? [limit] : []), ...notAskedFinding(notAsked)]);
}

/** The finding to show where there is room for one; a call that failed is none. */
export function worst(findings: readonly Finding[]): Finding | undefined {
  return findings.find(({ kind }) => kind !== 'not-asked');
}

function phaseFindings(phase: string, evidence: Evidence): readonly Finding[] {
  if (!isPhase(phase)) return [];
  const { facts, requested = {} } = evidence;
  switch (phase) {
    case 'PENDING':
      return projectFindings(facts);
    case 'AWAIT_SEED_HOST_CONNECTED':
      return seedFindings(facts, requested.seedHost);
    case 'AWAIT_HOSTS_DISCOVERED':
      return hostFindings(facts, requested.processes);
    case 'AWAIT_AUTOMATION_IMPORTED':
      return automationFindings(facts, requested.processes);
    case 'AWAIT_GOAL_STATE':
      return goalFindings(facts, requested.processes, evidence.memory);
  }
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

function otherImportFinding(other: OtherImport, request: Evidence['request']): Finding {
  const began = request.transitions[0]?.transitionedAt;
  const { id, state, since, beganAt } = other;
  const isBefore = began !== undefined && beganAt !== undefined && beganAt < began;
  return {
    kind: 'other-import',
    id,
    state,
    since,
    isAhead: isBefore && request.state === 'PENDING'
  };
}

/** A phase that lasted as long as its own limit: known without any call. */
function limitFinding(phase: string | undefined, evidence: Evidence): Finding | undefined {
  if (phase === undefined || !isPhase(phase)) return undefined;
  const limitSec = evidence.requested?.limitsSec?.[phase];
  const limitName = LIMIT_NAMES[phase];
  const { transitions } = evidence.request;
  const entered = transitions.findLast(({ state }) => state === phase);
  const left = transitions.at(-1);
  if (limitSec === undefined || limitName === undefined || !entered || !left) return undefined;
  const lastedMs = Date.parse(left.transitionedAt) - Date.parse(entered.transitionedAt);
  const beyondMs = lastedMs - limitSec * 1000;
  const { before, after } = LIMIT_TOLERANCE_MS;
  return beyondMs >= -before && beyondMs <= after
    ? { kind: 'phase-limit', phase, limitName, limitSec, lastedMs }
    : undefined;
}

function inOrder(findings: readonly Finding[]): Finding[] {
  const keyed = findings.map((finding) => ({
    finding,
    rank: rankOf(finding),
    seenAt: seenAt(finding) ?? '9999',
    name: nameIn(finding)
  }));
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
  const kind = finding.kind === 'waiting' && finding.isForOthers ? 'victim' : finding.kind;
  return RANKS.findIndex((kinds) => kinds.includes(kind));
}

function seenAt(finding: Finding): string | undefined {
  if ('since' in finding) return finding.since;
  if ('lastConf' in finding) return finding.lastConf;
  return 'process' in finding ? finding.process.since : undefined;
}

function nameIn(finding: Finding): string {
  if (finding.kind === 'error') return nameOf(finding.processes[0]);
  if ('process' in finding) return nameOf(finding.process);
  if ('hostname' in finding) return finding.hostname;
  return 'hostPort' in finding ? finding.hostPort : '';
}

function nameOf({ name, hostname }: ProcessAt): string {
  return `${name} ${hostname}`;
}
