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
