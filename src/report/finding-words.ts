import { formatDuration } from '../duration.ts';
import type { ProcessAt } from '../diagnosis/finding.ts';
import { wordsOfMove } from '../diagnosis/moves.ts';

/** Names, or moves of a plan, that one sentence lists before it counts the rest. */
const LISTED = 3;
const MINUTE_MS = 60_000;
const DAY_MS = 24 * 60 * MINUTE_MS;

/** Names in words, three and then a count. */
export function someNames(names: readonly string[]): string {
  const shown = names.slice(0, LISTED);
  const rest = names.length - shown.length;
  const parts = rest > 0 ? [...shown, `${rest} more`] : shown;
  const last = parts.at(-1) ?? '';
  return parts.length > 1 ? `${parts.slice(0, -1).join(', ')} and ${last}` : last;
}

/** The moves of a plan, with the agent’s own words where these are known. */
export function planInWords(plan: readonly string[]): string {
  if (plan.length === 0) return 'empty';
  const moves = plan.slice(0, LISTED).map((move) => {
    const words = wordsOfMove(move);
    return words === undefined ? move : `${move} (${words})`;
  });
  const rest = plan.length - moves.length;
  return rest > 0 ? `${moves.join(', ')} and ${rest} more` : moves.join(', ');
}

/** A length of time as people say it: whole minutes from one minute on. */
export function ageOf(ms: number): string {
  return formatDuration(ms < MINUTE_MS ? ms : ms - (ms % MINUTE_MS));
}

/** Hours and minutes of a date by Ops Manager’s clock (UTC). */
export function timeOf(iso: string): string {
  return iso.slice(11, 16);
}

/** ` since at least 10:14 (22m)`; nothing where it is not known, or was seen only now. */
export function sinceAtLeast(since: string | undefined, readAt: string | undefined): string {
  if (since === undefined || readAt === undefined || since >= readAt) return '';
  const ageMs = Date.parse(readAt) - Date.parse(since);
  const time = ageMs < DAY_MS ? timeOf(since) : `${since.slice(0, 10)} ${timeOf(since)}`;
  return ` since at least ${time} (${ageOf(ageMs)})`;
}

/** ` from 10:14 to 10:20`; nothing where it is not known. */
export function fromTo(from: string | undefined, to: string | undefined): string {
  if (from === undefined || to === undefined) return '';
  const [first, last] = [timeOf(from), timeOf(to)];
  return first === last ? ` at ${first}` : ` from ${first} to ${last}`;
}

/** Foreign text at the end of a sentence. */
export function withFullStop(text: string): string {
  return /[.!?…]$/.test(text) ? text : `${text}.`;
}

/** `1 process`, `2 processes`. */
export function counted(count: number, one: string, several: string): string {
  return `${count} ${count === 1 ? one : several}`;
}

/** `rs0_1 on mongodb1.example.com`. */
export function nameAndHost({ name, hostname }: ProcessAt): string {
  return `${name} on ${hostname}`;
}

/** `4 of 5`. */
export function versions({ version, goalVersion }: ProcessAt): string {
  return `${version} of ${goalVersion}`;
}

/** `rs0_1 on mongodb1.example.com is at version 4 of 5`. */
export function isAtVersion(process: ProcessAt): string {
  return `${nameAndHost(process)}${sharing(process)} is at version ${versions(process)}`;
}

/** `rs0_1 and rs0_2 are at versions -1 to 4 of 5`. */
export function namesAtVersion(processes: readonly ProcessAt[], where = ''): string {
  const names = someNames(processes.map(({ name }) => name));
  const range = versionRange(processes);
  return `${names}${where} are at version${range.includes(' to ') ? 's' : ''} ${range}`;
}

/** `4 of 5`, `-1 to 4 of 5`; empty for no process. */
export function versionRange(processes: readonly ProcessAt[]): string {
  const all = processes.map(({ version }) => version).sort((a, b) => a - b);
  const [lowest, highest, goal] = [all[0], all.at(-1), processes[0]?.goalVersion];
  if (lowest === undefined || highest === undefined || goal === undefined) return '';
  return lowest === highest ? `${lowest} of ${goal}` : `${lowest} to ${highest} of ${goal}`;
}

/** That nobody can tell whether the process is the import’s: the required ones have no names. */
export function sharing({ shared }: ProcessAt): string {
  return shared
    ? ` (one of ${shared.onHost} processes on that host, of which the import requires ${shared.required})`
    : '';
}
