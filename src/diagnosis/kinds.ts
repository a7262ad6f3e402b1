import type { Finding } from './finding.ts';
import {
  ageOf,
  atVersion,
  counted,
  countedProcesses,
  either,
  fromTo,
  namesAlone,
  namesAndHosts,
  planOf,
  sinceAtLeast,
  someNames,
  timeOf,
  withFullStop
} from './phrases.ts';
import { type HostAt, hostPortOf, type ProcessAt } from './facts.ts';
import { formatDuration } from '../time.ts';

type FindingOf<K extends Finding['kind']> = Finding & { readonly kind: K };

/** What there is to know of one kind of finding. */
interface Kind<F> {
  /** The order of blame: lower comes first. */
  readonly rank: number | ((finding: F) => number);
  /** What those have in common that are told as one; without it each is told by itself. */
  readonly common?: (finding: F) => readonly unknown[];
  /** One plain sentence that lists as many names before it counts the rest. */
  readonly sentence: (finding: F, listed: number) => string;
  /** A few words for a title that has said whom it is about. */
  readonly brief: (finding: F) => string;
  /** What to do about it, where a finding names the hosts; empty where it is none to act on. */
  readonly advice: (finding: F, hosts: string) => string;
}

const CALLS = { status: 'the processes', agents: 'the agents', hosts: 'the hosts' } as const;
const NO_ADVICE = (): string => '';
const COMPARE = 'Compare them with the processes that the import requires.';

/** Kind by kind. */
const KINDS: { readonly [K in Finding['kind']]: Kind<FindingOf<K>> } = {
  error: {
    rank: 0,
    common: ({ error }) => [error],
    sentence: errorSentence,
    brief: ({ error }) => error,
    advice: (_, hosts) => `Correct on ${hosts} what the error names.`
  },
  'silent-agent': {
    rank: 1,
    common: ({ hosts }) => [Math.floor(hosts[0].silentMs / 60_000)],
    sentence: ({ hosts }, listed) =>
      `${either(hosts, 'The agent', 'The agents')} on ${named(hosts, listed)} last called in ${ageOf(hosts[0].silentMs)} ago${onThem(hosts, listed)}`,
    brief: ({ hosts }) => `agent silent for ${ageOf(hosts[0].silentMs)}`,
    advice: (_, hosts) => `Check that the MongoDB Agent runs on ${hosts}, and reaches Ops Manager.`
  },
  'no-agent': {
    rank: 1,
    common: () => [],
    sentence: ({ hosts }, listed) =>
      `No agent calls in under the host ${either(hosts, 'name', 'names')} ${named(hosts, listed)}${onThem(hosts, listed)}`,
    brief: () => 'no agent calls in',
    advice: (finding, hosts) =>
      `Check that a MongoDB Agent of this project runs on ${hosts}, under ${either(finding.hosts, 'that name', 'those names')}.`
  },
  behind: {
    rank: 2,
    common: versionAndPlan,
    sentence: ({ processes, readAt }, listed) =>
      `${namesAndHosts(processes, listed)}${atVersion(processes)}${sinceAtLeast(latest(processes), readAt)}; ${planOf(processes)} ${lookAtLog(processes)}`,
    brief: versionOf,
    advice: (_, hosts) =>
      `Check on ${hosts} that the agent may restart its process, and reaches its files, its port and MongoDB’s downloads.`
  },
  waiting: {
    // Who waits for the others only is none of those to blame.
    rank: ({ isForOthers }) => (isForOthers ? 6 : 3),
    common: versionAndPlan,
    sentence: ({ processes, isForOthers }, listed) =>
      `${namesAndHosts(processes, listed)}${atVersion(processes)}; ${planOf(processes)}${isForOthers ? ` ${either(processes, 'It waits', 'They wait')} for the others.` : ''}`,
    brief: versionOf,
    advice: ({ isForOthers }) =>
      isForOthers
        ? 'Turn to the others first.'
        : 'Check that all members of the deployment run and reach each other.'
  },
  'past-error': {
    rank: 9,
    common: ({ error, since, lastSeenAt }) => [error, since, lastSeenAt],
    sentence: ({ processes, error, since, lastSeenAt }, listed) =>
      `${namesAndHosts(processes, listed)} reported an error${fromTo(since, lastSeenAt)} that ${either(processes, 'it no longer reports', 'they no longer report')}: ${withFullStop(error)} ${lookAtLog(processes)}`,
    brief: ({ error }) => `earlier ${error}`,
    advice: (_, hosts) => `If that error comes back, correct on ${hosts} what it names.`
  },
  'host-unknown': {
    rank: 2,
    common: () => [],
    sentence: ({ hosts }, listed) =>
      `${named(hosts, listed)} ${either(hosts, 'is', 'are')} not known to Ops Manager: ${either(hosts, 'it has', 'they have')} not been discovered.`,
    brief: () => 'not known to Ops Manager',
    advice: (finding, hosts) =>
      `Check that ${hosts} ${either(finding.hosts, 'runs, and has', 'run, and have')} the same name in the import as in the deployment’s own configuration.`
  },
  'host-never-reached': {
    rank: 2,
    common: () => [],
    sentence: ({ hosts }, listed) =>
      `${named(hosts, listed)} ${either(hosts, 'is', 'are')} known to Ops Manager, but its monitoring has never reached ${either(hosts, 'it. Look at that host.', 'them. Look at those hosts.')}`,
    brief: () => 'never reached',
    advice: (_, hosts) =>
      `Check that the MongoDB Agents reach ${hosts}: name, port, firewall, TLS, credentials.`
  },
  'host-reached': {
    rank: 7,
    sentence: ({ hosts, lastPing, readAt }, listed) =>
      `${named(hosts, listed)} was last reached at ${timeOf(lastPing, readAt)}.`,
    brief: ({ lastPing, readAt }) => `last reached at ${timeOf(lastPing, readAt)}`,
    advice: NO_ADVICE
  },
  'hosts-found': {
    rank: 7,
    sentence: ({ found, required }) =>
      `Ops Manager knows ${found} of ${counted(required, 'required process', 'required processes')}.`,
    brief: ({ found, required }) => `${found} of ${required} required processes known`,
    advice: NO_ADVICE
  },
  'hosts-there': {
    rank: 7,
    sentence: hostsThereSentence,
    brief: ({ total, neverReached: { length } }) =>
      length === 0
        ? `${countedProcesses(total)} known`
        : `${length} of ${countedProcesses(total)} never reached`,
    advice: ({ total, neverReached }) => {
      if (total === 0) return 'Check the seed host, and that a MongoDB Agent reaches it.';
      const hosts = named(neverReached, 3);
      return hosts === '' ? COMPARE : `Check that the MongoDB Agents reach ${hosts}.`;
    }
  },
  'required-in-automation': {
    rank: 6,
    sentence: inAutomationSentence,
    brief: ({ found, required }) =>
      `${found} of ${counted(required, 'required host')} in automation`,
    advice: ({ notUnderTheirName }) =>
      notUnderTheirName.length === 0
        ? 'Check that nobody else changes the project’s automation configuration, and look in Ops Manager’s own log.'
        : `Check under which names automation lists the processes of ${someNames(notUnderTheirName)}, if it does.`
  },
  'nobody-behind': {
    rank: 7,
    sentence: nobodyBehindSentence,
    brief: ({ total, goalVersion }) =>
      `${countedProcesses(total)} at version ${goalVersion}, none behind`,
    advice: () =>
      'Look in Ops Manager’s own log: by its automation status, no process is left to wait for.'
  },
  'project-behind': {
    rank: 6,
    sentence: ({ names, total, goalVersion }, listed) =>
      `${ofTotal(names, total)} behind version ${goalVersion} in this project: ${withFullStop(someNames(names, listed))}`,
    brief: ({ names, total }) =>
      `${names.length} of ${countedProcesses(total)} of the project behind`,
    advice: ({ names }) =>
      `Look at the agents of ${someNames(names)}: the project’s own automation has not come to its goal.`
  },
  'others-behind': {
    rank: 8,
    sentence: ({ names, total, goalVersion }) =>
      `On hosts that the import does not name, ${ofTotal(names, total)} behind version ${goalVersion}.`,
    brief: ({ names, total }) =>
      `${names.length} of ${counted(total, 'other process', 'other processes')} behind`,
    advice: () => 'Check whether those hosts are the import’s under other names.'
  },
  'no-automation': {
    rank: 7,
    sentence: () => 'Automation lists no process of this project.',
    brief: () => 'no process in automation',
    advice: () =>
      'Check in Ops Manager that the project’s automation has the imported processes, and look in its own log.'
  },
  'other-import': {
    rank: 5,
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
    rank: 4,
    sentence: ({ phase, lastedMs, limitName, limitSec }) =>
      `${phase} lasted ${formatDuration(lastedMs)}, as long as its own limit: timeouts.${limitName} is ${limitSec} s.`,
    brief: ({ limitName }) => `lasted as long as timeouts.${limitName}`,
    advice: ({ limitName }) =>
      `If the phase needs longer, raise timeouts.${limitName} in the body of the next import.`
  },
  'not-asked': {
    rank: 10,
    sentence: notAskedSentence,
    brief: () => 'could not ask Ops Manager',
    advice: NO_ADVICE
  }
};

/** What there is to know of a finding’s kind. */
export function kindOf(finding: Finding): Kind<Finding> {
  // Which entry is for which finding is checked where the table is.
  return KINDS[finding.kind] as Kind<never> as Kind<Finding>;
}

/** Which of a shared host’s processes are the import’s is told host by host. */
function versionAndPlan({ processes }: FindingOf<'behind' | 'waiting'>): readonly unknown[] {
  const [{ version, plan, shared, host }] = processes;
  return [version, plan, shared && host];
}

function errorSentence(
  { processes, error, since, readAt }: FindingOf<'error'>,
  listed: number
): string {
  const report = either(processes, 'reports an error', 'report the same error');
  return `${namesAndHosts(processes, listed)}${atVersion(processes)} and ${report}${sinceAtLeast(since, readAt)}: ${withFullStop(error)} ${lookAtLog(processes)}`;
}

function versionOf({ processes }: FindingOf<'behind' | 'waiting'>): string {
  const [{ version, goalVersion }] = processes;
  return version < 0 ? 'no version yet' : `version ${version} of ${goalVersion}`;
}

function lookAtLog([first, ...rest]: readonly ProcessAt[]): string {
  const isOneHost = rest.every(({ host }) => host === first?.host);
  return isOneHost ? 'Look at the agent’s log there.' : 'Look at the agents’ logs there.';
}

/** Since when all of them have been there. */
function latest(processes: readonly ProcessAt[]): string | undefined {
  const dates = processes.flatMap(({ since }) => since ?? []).sort();
  return dates.length === processes.length ? dates.at(-1) : undefined;
}

function named(hosts: readonly HostAt[], listed: number): string {
  return someNames(hosts.map(hostPortOf), listed);
}

/** The processes of silent hosts, and what their agents said last. */
function onThem(hosts: FindingOf<'no-agent'>['hosts'], listed: number): string {
  const processes = hosts.flatMap((host) => host.processes);
  if (processes.length === 0)
    return either(hosts, '; look at that host.', '; look at those hosts.');
  return `; ${namesAlone(processes, listed)} there${atVersion(processes)}.${lastWords(hosts)}`;
}

/** What silent agents reported last: as old as their last calls. */
function lastWords(hosts: FindingOf<'no-agent'>['hosts']): string {
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
  const hosts = named(neverReached, listed);
  const unreached = hosts && `; its monitoring has never reached ${withFullStop(hosts)}`;
  return `Ops Manager knows ${countedProcesses(total)} of the project${unreached || '.'}`;
}

function inAutomationSentence(
  { found, required, notUnderTheirName }: FindingOf<'required-in-automation'>,
  listed: number
): string {
  if (notUnderTheirName.length > 0)
    return `Automation lists the required processes of ${found} of ${counted(required, 'required host')}; under these names it lists fewer or none: ${withFullStop(someNames(notUnderTheirName, listed))}`;
  const hosts = required === 1 ? 'The required host is' : `All ${required} required hosts are`;
  return `${hosts} in automation.`;
}

function nobodyBehindSentence({ total, goalVersion, isAll }: FindingOf<'nobody-behind'>): string {
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
