import { formatDuration } from '../time.ts';
import type { ProcessAt } from './facts.ts';

const MINUTE_MS = 60_000;
const DAY_MS = 24 * 60 * MINUTE_MS;
/** Moves of a plan that one sentence lists before it counts the rest. */
const LISTED_MOVES = 3;

/**
 * The agent’s own words for the moves of a plan, where MongoDB’s recordings have them. Source:
 * mongodb-kubernetes, mongodb-community-operator/cmd/readiness/testdata/health-status-*.json.
 */
const MOVES: Readonly<Record<string, string>> = {
  Download: 'download MongoDB’s binaries',
  DownloadMongosh: 'download mongosh',
  UpdateSymLink: 'update the link to mongosh',
  Start: 'start the process',
  ChangeVersion: 'change MongoDB’s version',
  RsInit: 'initialize a replica set with this process',
  WaitRsInit: 'wait for the replica set to be initialized by another member',
  WaitAllRsMembersUp: 'wait until all members of its replica set are up',
  WaitHasCorrectAutomationCredentials: 'wait for the automation user to be added, if needed',
  WaitFeatureCompatibilityVersionCorrect: 'wait for featureCompatibilityVersion to be right'
};

/** Names in words, `listed` of them and then a count. */
export function someNames(names: readonly string[], listed = 3): string {
  const shown = names.slice(0, listed);
  const rest = names.length - shown.length;
  const parts = rest > 0 ? [...shown, `${rest} more`] : shown;
  const last = parts.at(-1) ?? '';
  return parts.length > 1 ? `${parts.slice(0, -1).join(', ')} and ${last}` : last;
}

/** The moves of a plan, with the agent’s own words where these are known. */
function planInWords(plan: readonly string[]): string {
  if (plan.length === 0) return 'empty';
  const moves = plan.slice(0, LISTED_MOVES).map((move) => {
    const words = Object.hasOwn(MOVES, move) ? MOVES[move] : undefined;
    return words === undefined ? move : `${move} (${words})`;
  });
  const rest = plan.length - moves.length;
  return rest > 0 ? `${moves.join(', ')} and ${rest} more` : moves.join(', ');
}

/** A length of time as people say it: whole minutes from one minute on. */
export function ageOf(ms: number): string {
  return formatDuration(ms < MINUTE_MS ? ms : ms - (ms % MINUTE_MS));
}

/** `10:14 UTC` by Ops Manager’s clock; with its day where that is not the one before `now`. */
export function timeOf(iso: string, now: string | undefined = iso): string {
  const isFar = Math.abs(Date.parse(now) - Date.parse(iso)) >= DAY_MS;
  return `${isFar ? `${iso.slice(0, 10)} ` : ''}${iso.slice(11, 16)} UTC`;
}

/** ` since at least 10:14 UTC (22m)`; nothing where it is not known, or was seen only now. */
export function sinceAtLeast(since: string | undefined, readAt: string | undefined): string {
  if (since === undefined || readAt === undefined || since >= readAt) return '';
  const ageMs = Date.parse(readAt) - Date.parse(since);
  return ` since at least ${timeOf(since, readAt)} (${ageOf(ageMs)})`;
}

/** ` from 10:14 to 10:20 UTC`; nothing where it is not known. */
export function fromTo(from: string | undefined, to: string | undefined): string {
  if (from === undefined || to === undefined) return '';
  const [first, last] = [timeOf(from, to), timeOf(to)];
  return first === last ? ` at ${first}` : ` from ${first.replace(' UTC', '')} to ${last}`;
}

/** Foreign text at the end of a sentence. */
export function withFullStop(text: string): string {
  return /[.!?…]$/.test(text) ? text : `${text}.`;
}

/** `1 process`, `2 processes`. */
export function counted(count: number, one: string, several = `${one}s`): string {
  return `${count} ${count === 1 ? one : several}`;
}

/** `1 process`, `60 processes`. */
export function countedProcesses(count: number): string {
  return count === 0 ? 'no process' : counted(count, 'process', 'processes');
}

/** Words for one, or for any other number. */
export function either(
  { length }: { readonly length: number },
  one: string,
  several: string
): string {
  return length === 1 ? one : several;
}

/** ` is at version 4 of 5`, ` are at versions 3 to 4 of 5`, ` has no version yet (goal 5)`. */
export function atVersion(processes: readonly ProcessAt[]): string {
  const [is, has] = processes.length === 1 ? ['is', 'has'] : ['are', 'have'];
  const versions = processes.map(({ version }) => version);
  const [lowest, highest] = [Math.min(...versions), Math.max(...versions)];
  const goal = processes[0]?.goalVersion ?? highest;
  if (highest < 0) return ` ${has} no version yet (goal ${goal})`;
  if (lowest < 0) return ` ${is} at version ${highest} of ${goal} at most, some at none yet`;
  if (lowest < highest) return ` ${is} at versions ${lowest} to ${highest} of ${goal}`;
  return ` ${is} at version ${highest} of ${goal}`;
}

/** `its plan: Start (start the process).`; equal processes have one plan. */
export function planOf(processes: readonly [ProcessAt, ...ProcessAt[]]): string {
  return `${either(processes, 'its', 'their')} plan: ${planInWords(processes[0].plan)}.`;
}

/** `rs0_1 on mongodb1.example.com`, `listed` of them and then a count. */
export function namesAndHosts(processes: readonly ProcessAt[], listed: number): string {
  const names = processes.map(({ name, host, shared }) => `${name} on ${host}${ofSeveral(shared)}`);
  return someNames(names, listed);
}

/** The names of processes on a host that has been named. */
export function namesAlone(processes: readonly ProcessAt[], listed: number): string {
  return someNames(
    processes.map(({ name, shared }) => `${name}${ofSeveral(shared)}`),
    listed
  );
}

/** Whether it is the import’s, where nobody can tell: the required ones have no names. */
function ofSeveral(shared: ProcessAt['shared']): string {
  return shared
    ? ` (one of ${shared.onHost} processes on that host, of which the import requires ${shared.required})`
    : '';
}
