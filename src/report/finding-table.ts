import type { Finding, ProcessAt } from '../diagnosis/finding.ts';
import {
  ageOf,
  planInWords,
  sinceAtLeast,
  someNames,
  timeOf,
  versionRange
} from './finding-words.ts';
import { sentenceOf } from './findings.ts';

/** Rows that a table shows, and items that the output has, before the rest is only counted. */
const LISTED_FINDINGS = 50;
/** Moves of a plan in the output. */
const LISTED_MOVES = 20;

/** A row of the table of findings, as plain text; what does not apply is empty. */
export interface FindingRow {
  readonly process: string;
  readonly host: string;
  readonly version: string;
  readonly agent: string;
  readonly says: string;
}

/** The findings as rows, worst first, and how many are left out. */
export function findingTable(findings: readonly Finding[]): {
  readonly rows: readonly FindingRow[];
  readonly leftOut: number;
} {
  const rows = findings.slice(0, LISTED_FINDINGS).map(rowOf);
  return { rows, leftOut: findings.length - rows.length };
}

/** The output `diagnosis`: one item a finding, worst first, with what does not apply left out. */
export function diagnosisJson(findings: readonly Finding[]): string {
  return JSON.stringify(findings.slice(0, LISTED_FINDINGS).map(itemOf));
}

function rowOf(finding: Finding): FindingRow {
  const processes = processesOf(finding);
  const hosts = hostsOf(finding);
  return {
    process: someNames(processes.map(({ name }) => name)),
    host: someNames(hosts),
    version: versionRange(processes),
    agent: agentCell(finding, processes),
    says: saysCell(finding)
  };
}

function itemOf(finding: Finding): Readonly<Record<string, unknown>> {
  const processes = processesOf(finding);
  const [only] = processes.length === 1 ? processes : [];
  const [host] = hostsOf(finding).length === 1 ? hostsOf(finding) : [];
  const silentMs = silenceOf(finding, processes);
  const plan = only?.plan ?? [];
  return {
    finding: sentenceOf(finding),
    kind: finding.kind,
    process: only?.name,
    host,
    since: sinceOf(finding),
    agentSilentSeconds: silentMs === undefined ? undefined : Math.floor(silentMs / 1000),
    version: only?.version,
    goalVersion:
      processes[0]?.goalVersion ?? ('goalVersion' in finding ? finding.goalVersion : undefined),
    plan: plan.length > 0 ? plan.slice(0, LISTED_MOVES) : undefined
  };
}

function processesOf(finding: Finding): readonly ProcessAt[] {
  if ('processes' in finding) return finding.processes;
  return 'process' in finding ? [finding.process] : [];
}

function hostsOf(finding: Finding): readonly string[] {
  if ('hostname' in finding) return [finding.hostname];
  if ('hostPort' in finding) return [finding.hostPort];
  return [...new Set(processesOf(finding).map(({ hostname }) => hostname))];
}

function sinceOf(finding: Finding): string | undefined {
  if ('since' in finding) return finding.since;
  if ('lastConf' in finding) return finding.lastConf;
  return 'process' in finding ? finding.process.since : undefined;
}

function silenceOf(finding: Finding, processes: readonly ProcessAt[]): number | undefined {
  if (finding.kind === 'silent-agent') return finding.silentMs;
  return processes.length === 1 ? processes[0]?.agentSilentMs : undefined;
}

function agentCell(finding: Finding, processes: readonly ProcessAt[]): string {
  if (finding.kind === 'no-agent') return 'none under this name';
  const silentMs = silenceOf(finding, processes);
  return silentMs === undefined ? '' : `last called in ${ageOf(silentMs)} ago`;
}

/** Without what the other columns say. */
function saysCell(finding: Finding): string {
  const said = withoutColumns(finding);
  if (finding.isAfterFailure === true) return `after the failure: ${said}`;
  return finding.asOf === undefined ? said : `as of ${timeOf(finding.asOf)}: ${said}`;
}

function withoutColumns(finding: Finding): string {
  switch (finding.kind) {
    case 'error':
      return `error${sinceAtLeast(finding.since, finding.readAt)}: ${finding.error}`;
    case 'behind':
      return `plan: ${planInWords(finding.process.plan)}`;
    case 'waiting':
      return `plan: ${planInWords(finding.process.plan)}${finding.isForOthers ? '; waits for the others' : ''}`;
    case 'silent-agent':
    case 'no-agent': {
      const [error] = finding.errors;
      return error ? `error as of the agent’s last call: ${error.error}` : '';
    }
    case 'host-unknown':
      return 'not known to Ops Manager';
    case 'host-never-reached':
      return 'known, but never reached';
    case 'host-reached':
      return `last reached at ${timeOf(finding.lastPing)}`;
    case 'past-error':
    case 'hosts-found':
    case 'hosts-there':
    case 'required-in-automation':
    case 'nobody-behind':
    case 'project-behind':
    case 'others-behind':
    case 'no-automation':
    case 'other-import':
    case 'phase-limit':
    case 'not-asked':
      return sentenceOf({ ...finding, isAfterFailure: false, asOf: undefined });
  }
}
