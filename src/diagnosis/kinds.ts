import { formatDuration } from '../duration.ts';
import type { DeafHost, Finding, FindingOf, ProcessAt } from './finding.ts';
import {
  ageOf,
  atVersion,
  counted,
  countedProcesses,
  either,
  fromTo,
  nameAlone,
  nameAndHost,
  planInWords,
  sinceAtLeast,
  someNames,
  timeOf,
  withFullStop
} from './phrases.ts';
import { hostPortOf, type HostAt } from './facts.ts';

/** What is said of one kind of finding. */
interface Words<F> {
  /** One plain sentence that lists as many names before it counts the rest. */
  readonly sentence: (finding: F, listed: number) => string;
  /** A few words for a title that has said whom it is about. */
  readonly brief: (finding: F) => string;
  /** What to do about it, where a finding names the hosts; empty where it is none to act on. */
  readonly advice: (finding: F, hosts: string) => string;
}

const CALLS = { status: 'the processes', agents: 'the agents', hosts: 'the hosts' } as const;
const NO_ADVICE = (): string => '';

/** All that is said, kind by kind. */
const WORDS: { readonly [K in Finding['kind']]: Words<FindingOf<K>> } = {
  error: {
    sentence: errorSentence,
    brief: ({ error }) => error,
    advice: (_, hosts) => `Correct on ${hosts} what the error names.`
  },
  'silent-agent': {
    sentence: ({ hosts }, listed) =>
      `${either(hosts, 'The agent', 'The agents')} on ${named(hosts, listed)} last called in ${ageOf(hosts[0].silentMs)} ago${onThem(hosts, listed)}`,
    brief: ({ hosts }) => `agent silent for ${ageOf(hosts[0].silentMs)}`,
    advice: (_, hosts) => `Check that the MongoDB Agent runs on ${hosts}, and reaches Ops Manager.`
  },
  'no-agent': {
    sentence: ({ hosts }, listed) =>
      `No agent calls in under the host ${either(hosts, 'name', 'names')} ${named(hosts, listed)}${onThem(hosts, listed)}`,
    brief: () => 'no agent calls in',
    advice: (finding, hosts) =>
      `Check that a MongoDB Agent of this project runs on ${hosts}, under ${either(finding.hosts, 'that name', 'those names')}.`
  },
  behind: {
    sentence: ({ processes, readAt }, listed) =>
      `${who(processes, listed)}${atVersion(processes)}${sinceAtLeast(latest(processes), readAt)}; ${plan(processes)} ${lookAtLog(processes)}`,
    brief: versionOf,
    advice: (_, hosts) =>
      `Check on ${hosts} that the agent may restart its process, and reaches its files, its port and MongoDB’s downloads.`
  },
  waiting: {
    sentence: ({ processes, isForOthers }, listed) =>
      `${who(processes, listed)}${atVersion(processes)}; ${plan(processes)}${isForOthers ? ` ${either(processes, 'It waits', 'They wait')} for the others.` : ''}`,
    brief: versionOf,
    advice: ({ isForOthers }) =>
      isForOthers
        ? 'Turn to the others first.'
        : 'Check that all members of the deployment run and reach each other.'
  },
  'past-error': {
    sentence: ({ processes, error, since, lastSeenAt }, listed) =>
      `${who(processes, listed)} reported an error${fromTo(since, lastSeenAt)} that ${either(processes, 'it no longer reports', 'they no longer report')}: ${withFullStop(error)} ${lookAtLog(processes)}`,
    brief: ({ error }) => `earlier ${error}`,
    advice: (_, hosts) => `If that error comes back, correct on ${hosts} what it names.`
  },
  'host-unknown': {
    sentence: ({ hosts }, listed) =>
      `${named(hosts, listed)} ${either(hosts, 'is', 'are')} not known to Ops Manager: ${either(hosts, 'it has', 'they have')} not been discovered.`,
    brief: () => 'not known to Ops Manager',
    advice: (finding, hosts) =>
      `Check that ${hosts} ${either(finding.hosts, 'runs, and has', 'run, and have')} the same name in the import as in the deployment’s own configuration.`
  },
  'host-never-reached': {
    sentence: ({ hosts }, listed) =>
      `${named(hosts, listed)} ${either(hosts, 'is', 'are')} known to Ops Manager, but its monitoring has never reached ${either(hosts, 'it. Look at that host.', 'them. Look at those hosts.')}`,
    brief: () => 'never reached',
    advice: (_, hosts) =>
      `Check that the MongoDB Agents reach ${hosts}: name, port, firewall, TLS, credentials.`
  },
  'host-reached': {
    sentence: ({ hosts, lastPing, readAt }, listed) =>
      `${named(hosts, listed)} was last reached at ${timeOf(lastPing, readAt)}.`,
    brief: ({ lastPing, readAt }) => `last reached at ${timeOf(lastPing, readAt)}`,
    advice: NO_ADVICE
  },
  'hosts-found': {
    sentence: ({ found, required }) =>
      `Ops Manager knows ${found} of ${counted(required, 'required process', 'required processes')}.`,
    brief: ({ found, required }) => `${found} of ${required} required processes known`,
    advice: NO_ADVICE
  },
  'hosts-there': {
    sentence: hostsThereSentence,
    brief: ({ total }) => `${countedProcesses(total)} known`,
    advice: ({ neverReached }) =>
      neverReached.length === 0
        ? 'Compare them with the processes that the import requires.'
        : `Check that the MongoDB Agents reach ${named(neverReached, 3)}.`
  },
  'required-in-automation': {
    sentence: inAutomationSentence,
    brief: ({ found, required }) =>
      `${found} of ${counted(required, 'required host')} in automation`,
    advice: ({ notUnderTheirName }) =>
      notUnderTheirName.length === 0
        ? 'Check that nobody else changes the project’s automation configuration, and look in Ops Manager’s own log.'
        : `Check under which names automation lists the processes of ${someNames(notUnderTheirName)}, if it does.`
  },
  'nobody-behind': {
    sentence: nobodyBehindSentence,
    brief: ({ total, goalVersion }) =>
      `${countedProcesses(total)} at version ${goalVersion}, none behind`,
    advice: () =>
      'Look in Ops Manager’s own log: by its automation status, no process is left to wait for.'
  },
  'project-behind': {
    sentence: ({ names, total, goalVersion }, listed) =>
      `${ofTotal(names, total)} behind version ${goalVersion} in this project: ${withFullStop(someNames(names, listed))}`,
    brief: ({ names, total }) =>
      `${names.length} of ${countedProcesses(total)} of the project behind`,
    advice: ({ names }) =>
      `Look at the agents of ${someNames(names)}: the project’s own automation has not come to its goal.`
  },
  'others-behind': {
    sentence: ({ names, total, goalVersion }) =>
      `On hosts that the import does not name, ${ofTotal(names, total)} behind version ${goalVersion}.`,
    brief: ({ names, total }) =>
      `${names.length} of ${counted(total, 'other process', 'other processes')} behind`,
    advice: () => 'Check whether those hosts are the import’s under other names.'
  },
  'no-automation': {
    sentence: () => 'Automation lists no process of this project.',
    brief: () => 'no process in automation',
    advice: () =>
      'Check in Ops Manager that the project’s automation has the imported processes, and look in its own log.'
  },
  'other-import': {
    sentence: ({ id, state, since, isAhead, asOf }) =>
      `Another import of the project, ${id}, is in ${state}${since === undefined ? '' : ` since ${timeOf(since, asOf)}`}.${isAhead ? ' It began before this one.' : ''}`,
    brief: ({ state, isAhead }) =>
      isAhead ? 'another import is ahead' : `another import is in ${state}`,
    advice: ({ id, isAhead }) =>
      isAhead
        ? `Let import ${id} come to its end first, or cancel it.`
        : `Look at import ${id}, too.`
  },
  'phase-limit': {
    sentence: ({ phase, lastedMs, limitName, limitSec }) =>
      `${phase} lasted ${formatDuration(lastedMs)}, as long as its own limit: timeouts.${limitName} is ${limitSec} s.`,
    brief: ({ limitName }) => `lasted as long as timeouts.${limitName}`,
    advice: ({ limitName }) =>
      `If the phase needs longer, raise timeouts.${limitName} in the body of the next import.`
  },
  'not-asked': {
    sentence: notAskedSentence,
    brief: () => 'could not ask Ops Manager',
    advice: NO_ADVICE
  }
};

/** What is said of a finding’s kind. */
export function wordsOf(finding: Finding): Words<Finding> {
  // Which words are for which finding is checked where the table is.
  return WORDS[finding.kind] as Words<never> as Words<Finding>;
}

function errorSentence(
  { processes, error, since, readAt }: FindingOf<'error'>,
  listed: number
): string {
  const report = either(processes, 'reports an error', 'report the same error');
  const lasting = sinceAtLeast(since, readAt);
  return `${who(processes, listed)}${atVersion(processes)} and ${report}${lasting}: ${withFullStop(error)} ${lookAtLog(processes)}`;
}

function who(processes: readonly ProcessAt[], listed: number): string {
  return someNames(processes.map(nameAndHost), listed);
}

function versionOf({ processes }: FindingOf<'behind' | 'waiting'>): string {
  const [{ version, goalVersion }] = processes;
  return version < 0 ? 'no version yet' : `version ${version} of ${goalVersion}`;
}

function lookAtLog(processes: readonly ProcessAt[]): string {
  const hosts = [...new Set(processes.map(({ host }) => host))];
  return either(hosts, 'Look at the agent’s log there.', 'Look at the agents’ logs there.');
}

function plan(processes: readonly [ProcessAt, ...ProcessAt[]]): string {
  return `${either(processes, 'its', 'their')} plan: ${planInWords(processes[0].plan)}.`;
}

/** Since when all of them have been there. */
function latest(processes: readonly ProcessAt[]): string | undefined {
  const dates = processes.map(({ since }) => since);
  return dates.every((date) => date !== undefined) ? dates.toSorted().at(-1) : undefined;
}

function named(hosts: readonly HostAt[], listed: number): string {
  return someNames(hosts.map(hostPortOf), listed);
}

/** The processes of silent hosts, and what their agents said last. */
function onThem(hosts: readonly DeafHost[], listed: number): string {
  const processes = hosts.flatMap((host) => host.processes);
  if (processes.length === 0)
    return either(hosts, '; look at that host.', '; look at those hosts.');
  const names = someNames(processes.map(nameAlone), listed);
  return `; ${names} there${atVersion(processes)}.${lastWords(hosts)}`;
}

/** What silent agents reported last: as old as their last calls. */
function lastWords(hosts: readonly DeafHost[]): string {
  const errors = hosts.flatMap((host) => host.errors);
  const [first] = errors;
  if (!first) return '';
  const same = errors.filter(({ error }) => error === first.error).map(({ name }) => name);
  const others = errors.length - same.length;
  const more = others > 0 ? ` ${counted(others, 'other error')} beside it.` : '';
  const when = either(hosts, 'that agent’s last call', 'those agents’ last calls');
  return ` As of ${when}, the error of ${someNames(same)}: ${withFullStop(first.error)}${more}`;
}

function hostsThereSentence(
  { total, neverReached }: FindingOf<'hosts-there'>,
  listed: number
): string {
  const known = `Ops Manager knows ${countedProcesses(total)} of the project`;
  return neverReached.length === 0
    ? `${known}.`
    : `${known}; its monitoring has never reached ${withFullStop(named(neverReached, listed))}`;
}

function inAutomationSentence(
  { found, required, notUnderTheirName }: FindingOf<'required-in-automation'>,
  listed: number
): string {
  if (notUnderTheirName.length === 0) {
    return required === 1
      ? 'The required host is in automation.'
      : `All ${required} required hosts are in automation.`;
  }
  return `Automation lists the required processes of ${found} of ${counted(required, 'required host')}; under these names it lists fewer or none: ${withFullStop(someNames(notUnderTheirName, listed))}`;
}

function nobodyBehindSentence(finding: FindingOf<'nobody-behind'>): string {
  const { total, goalVersion, isAll } = finding;
  const all = total === 1 ? 'The only process is' : `All ${total} processes are`;
  const some = `${countedProcesses(total)} on required hosts ${total === 1 ? 'is' : 'are'}`;
  return `${isAll ? all : some} at version ${goalVersion}; Ops Manager has not said SUCCESS.`;
}

function notAskedSentence({ troubles }: FindingOf<'not-asked'>): string {
  const parts = troubles.map(
    ({ calls, reason }) => `for ${someNames(calls.map((call) => CALLS[call]))}: ${reason}`
  );
  return `Could not ask ${withFullStop(parts.join('; '))}`;
}

function ofTotal(names: readonly string[], total: number): string {
  return `${names.length} of ${countedProcesses(total)} ${either(names, 'is', 'are')}`;
}
