import { formatDuration } from '../duration.ts';
import type { Finding, FindingOf } from '../diagnosis/finding.ts';
import {
  ageOf,
  counted,
  fromTo,
  isAtVersion,
  nameAndHost,
  namesAtVersion,
  planInWords,
  sharing,
  sinceAtLeast,
  someNames,
  timeOf,
  versions,
  withFullStop
} from './finding-words.ts';

type Words = {
  readonly [K in Finding['kind']]: (finding: FindingOf<K>) => string;
};

const CALLS = { status: 'the processes', agents: 'the agents', hosts: 'the hosts' } as const;

const SENTENCES: Words = {
  error: errorSentence,
  'silent-agent': (finding) =>
    `The agent on ${finding.hostname} last called in ${ageOf(finding.silentMs)} ago${affected(finding)}`,
  'no-agent': (finding) =>
    `No agent calls in under the host name ${finding.hostname}${affected(finding)}`,
  behind: ({ process, readAt }) =>
    `${isAtVersion(process)}${sinceAtLeast(process.since, readAt)}; its plan: ${planInWords(process.plan)}. Look at the agent’s log there.`,
  waiting: ({ process, isForOthers }) =>
    `${isAtVersion(process)}; its plan: ${planInWords(process.plan)}.${isForOthers ? ' It waits for the others.' : ''}`,
  'past-error': ({ process, error, since, lastSeenAt }) =>
    `${nameAndHost(process)} reported an error${fromTo(since, lastSeenAt)} that it no longer reports: ${withFullStop(error)} Look at the agent’s log there.`,
  'host-unknown': ({ hostPort }) =>
    `${hostPort} is not known to Ops Manager: it has not been discovered.`,
  'host-never-reached': ({ hostPort }) =>
    `${hostPort} is known to Ops Manager, but its monitoring has never reached it. Look at that host.`,
  'host-reached': ({ hostPort, lastPing }) =>
    `${hostPort} was last reached at ${timeOf(lastPing)}.`,
  'hosts-found': ({ found, required }) =>
    `Ops Manager knows ${found} of ${counted(required, 'required process', 'required processes')}.`,
  'hosts-there': hostsThereSentence,
  'required-in-automation': inAutomationSentence,
  'nobody-behind': nobodyBehindSentence,
  'project-behind': ({ names, total, goalVersion }) =>
    `${isOrAre(names.length, total)} behind version ${goalVersion} in this project: ${withFullStop(someNames(names))}`,
  'others-behind': ({ names, total, goalVersion }) =>
    `On hosts that the import does not name, ${isOrAre(names.length, total)} behind version ${goalVersion}.`,
  'no-automation': () => 'Automation lists no process of this project.',
  'other-import': ({ id, state, since, isAhead }) =>
    `Another import of the project, ${id}, is in ${state}${since === undefined ? '' : ` since ${timeOf(since)}`}.${isAhead ? ' It began before this one.' : ''}`,
  'phase-limit': ({ phase, lastedMs, limitName, limitSec }) =>
    `${phase} lasted ${formatDuration(lastedMs)}, as long as its own limit: timeouts.${limitName} is ${limitSec} s.`,
  'not-asked': notAskedSentence
};

const BRIEFLY: Partial<Words> = {
  error: ({ processes, error }) =>
    processes.length === 1
      ? `${nameAndHost(processes[0])}: ${error}`
      : `${someNames(processes.map(({ name }) => name))}: ${error}`,
  'silent-agent': ({ hostname, silentMs }) =>
    `agent on ${hostname} last called in ${ageOf(silentMs)} ago`,
  'no-agent': ({ hostname }) => `no agent calls in as ${hostname}`,
  behind: ({ process }) => isAtVersion(process),
  waiting: ({ process }) => isAtVersion(process),
  'host-unknown': ({ hostPort }) => `${hostPort} is not known to Ops Manager`,
  'host-never-reached': ({ hostPort }) => `${hostPort} was never reached`,
  'phase-limit': ({ phase }) => `${phase} lasted as long as its own limit`
};

/**
 * A finding as plain text, mostly one sentence: whom it is about, what was seen and when by Ops
 * Manager’s clock, and where to look. It never says why.
 */
export function sentenceOf(finding: Finding): string {
  const sentence = say(SENTENCES[finding.kind], finding);
  if (finding.isAfterFailure === true) return `After the failure: ${withoutCapital(sentence)}`;
  return finding.asOf === undefined
    ? sentence
    : `As of ${timeOf(finding.asOf)}: ${withoutCapital(sentence)}`;
}

/** The finding in a few words, for a title. */
export function briefOf(finding: Finding): string {
  const brief = BRIEFLY[finding.kind];
  return brief ? say(brief, finding) : say(SENTENCES[finding.kind], finding).replace(/\.$/, '');
}

/** Which words are for which finding is checked where the table is. */
function say(words: unknown, finding: Finding): string {
  return (words as (finding: Finding) => string)(finding);
}

function errorSentence({ processes, error, since, readAt }: FindingOf<'error'>): string {
  const [first] = processes;
  const lasting = sinceAtLeast(since, readAt);
  if (processes.length === 1) {
    return `${isAtVersion(first)} and reports an error${lasting}: ${withFullStop(error)} Look at the agent’s log there.`;
  }
  const hosts = [...new Set(processes.map(({ hostname }) => hostname))];
  const logs = hosts.length === 1 ? 'agent’s log' : 'agents’ logs';
  return `${namesAtVersion(processes)} and report the same error${lasting}: ${withFullStop(error)} Look at the ${logs} on ${withFullStop(someNames(hosts))}`;
}

/** The processes of a silent host, and what their agent said last. */
function affected({ processes, errors }: FindingOf<'silent-agent' | 'no-agent'>): string {
  const [first] = processes;
  if (!first) return '; look at that host.';
  const who =
    processes.length === 1
      ? `${first.name}${sharing(first)} there is at version ${versions(first)}`
      : namesAtVersion(processes, ' there');
  return `; ${who}.${lastWords(errors)}`;
}

/** What a silent agent reported last: as old as its last call. */
function lastWords(errors: FindingOf<'silent-agent'>['errors']): string {
  const [first] = errors;
  if (!first) return '';
  const same = errors.filter(({ error }) => error === first.error).map(({ name }) => name);
  const others = errors.length - same.length;
  const more = others > 0 ? ` ${counted(others, 'other error', 'other errors')} beside it.` : '';
  return ` As of that agent’s last call, the error of ${someNames(same)}: ${withFullStop(first.error)}${more}`;
}

function hostsThereSentence({ total, neverReached }: FindingOf<'hosts-there'>): string {
  const known = `Ops Manager knows ${counted(total, 'process', 'processes')} of the project`;
  return neverReached.length === 0
    ? `${known}.`
    : `${known}; its monitoring has never reached ${withFullStop(someNames(neverReached))}`;
}

function inAutomationSentence(finding: FindingOf<'required-in-automation'>): string {
  const { found, required, notUnderTheirName } = finding;
  if (notUnderTheirName.length === 0) {
    return required === 1
      ? 'The required host is in automation.'
      : `All ${required} required hosts are in automation.`;
  }
  return `Automation lists the required processes of ${found} of ${counted(required, 'required host', 'required hosts')}; under these names it lists fewer or none: ${withFullStop(someNames(notUnderTheirName))}`;
}

function nobodyBehindSentence(finding: FindingOf<'nobody-behind'>): string {
  const { total, goalVersion, isAll } = finding;
  const all = total === 1 ? 'The only process is' : `All ${total} processes are`;
  const some = `${counted(total, 'process', 'processes')} on required hosts ${total === 1 ? 'is' : 'are'}`;
  return `${isAll ? all : some} at version ${goalVersion}; Ops Manager has not said SUCCESS.`;
}

function notAskedSentence({ troubles }: FindingOf<'not-asked'>): string {
  const parts = troubles.map(
    ({ calls, reason }) => `for ${someNames(calls.map((call) => CALLS[call]))}: ${reason}`
  );
  return `Could not ask ${withFullStop(parts.join('; '))}`;
}

function isOrAre(count: number, total: number): string {
  return `${count} of ${counted(total, 'process', 'processes')} ${count === 1 ? 'is' : 'are'}`;
}

/** Only words of our own begin with a capital; a name is left as it is. */
function withoutCapital(sentence: string): string {
  return sentence.replace(/^(The|No|All|Another|On|Could)\b/, (word) => word.toLowerCase());
}
