import { hostsOf, processesOf, sinceOf, type Finding } from './finding.ts';
import { wordsOf } from './kinds.ts';
import type { GoalCount, News } from './memory.ts';
import { countedProcesses, either, someNames, timeOf, withFullStop } from './phrases.ts';
import { hostPortOf } from './facts.ts';

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
    const { brief, advice } = wordsOf(finding);
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
  const sentence = wordsOf(finding).sentence(finding, listed);
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
    since: sinceOf(finding),
    agentSilentSeconds: silentMs === undefined ? undefined : Math.floor(silentMs / 1000),
    version: only?.version,
    goalVersion:
      processes[0]?.goalVersion ?? ('goalVersion' in finding ? finding.goalVersion : undefined),
    plan: plan.length > 0 ? plan.slice(0, LISTED_MOVES) : undefined
  };
}

/** Lines that one answer may add to the log. */
const LONGEST_NEWS = 5;

/** What changed since the answer before, a line each: `rs0_2 reached version 5: 2 of 3`. */
export function newsLines(news: readonly News[]): string[] {
  const shown = news.length > LONGEST_NEWS ? news.slice(0, LONGEST_NEWS - 1) : news;
  const rest = news.length - shown.length;
  return [...shown.map(newsLine), ...(rest > 0 ? [`${rest} more changes`] : [])];
}

/** How far the processes are, and what is worst: for a heartbeat without news. */
export function rolloutLine(count: GoalCount, worst: Finding | undefined): string {
  const { goalVersion } = count;
  const verb = count.total === 1 ? 'process is' : 'processes are';
  const line = `${ofTotal(count)} ${verb} at version ${goalVersion}${scopeOf(count)}.`;
  // That nobody is behind is what the count says.
  return worst && worst.kind !== 'nobody-behind' ? `${line} ${sentenceOf(worst)}` : line;
}

/** A warning, a sentence each, before an import is created whose hosts have no live agent. */
export function agentWarning(findings: readonly Finding[]): readonly string[] {
  return [
    ...findings.map(sentenceOf),
    'The import needs a MongoDB Agent on each required host that runs and reaches Ops Manager.',
    'Where a host has another name there, ignore this.'
  ];
}

function newsLine(news: News): string {
  switch (news.kind) {
    case 'arrived':
      return `${someNames(news.names)} reached version ${news.count.goalVersion}: ${ofTotal(news.count)}${scopeOf(news.count)}`;
    case 'new-goal':
      return `The goal version is now ${news.count.goalVersion}: ${ofTotal(news.count)}${scopeOf(news.count)}`;
    case 'error':
      return `${someNames(news.names)} ${either(news.names, 'reports', 'report')} an error: ${withFullStop(news.error.text)}`;
    case 'error-gone':
      return `${someNames(news.names)} no longer ${either(news.names, 'reports', 'report')} an error`;
  }
}

function ofTotal({ atGoal, total }: GoalCount): string {
  return `${atGoal} of ${total}`;
}

/** Without names to go by, these are all processes of the project. */
function scopeOf({ of }: GoalCount): string {
  return of === 'import' ? '' : ' in the project';
}
