import {
  comparable,
  scopeOf,
  type AutomationStatus,
  type ProcessError,
  type ProcessStatus
} from './facts.ts';
import { either, someNames, withFullStop } from './phrases.ts';

/** Lines that one answer may add to the log. */
const LONGEST_NEWS = 5;

/** A value, and when it was first seen without another one since: Ops Manager’s clock. */
interface Lasting<T> {
  readonly value: T;
  readonly since: string | undefined;
}

/** An error that was seen and is gone. */
interface PastError {
  readonly error: ProcessError;
  readonly since: string | undefined;
  /** The last answer that had it. */
  readonly lastSeenAt: string | undefined;
}

/** What was seen of one process. */
interface ProcessTrack {
  readonly version: Lasting<number>;
  readonly error: Lasting<ProcessError> | undefined;
  readonly pastError: PastError | undefined;
  /** The newest goal version at which it was seen. */
  readonly arrivedAt: number | undefined;
}

/** How many processes are at the goal version. */
interface GoalCount {
  readonly goalVersion: number;
  readonly atGoal: number;
  readonly total: number;
  /** Whose processes these are: the import’s, or all of the project because nobody can tell. */
  readonly of: 'import' | 'project';
}

/**
 * What the answers about processes were, while an import stands in one state: a fold over them.
 * It is as large as the newest answer.
 */
export interface ProcessMemory {
  /** Each `host:port`; undefined where they are not known. */
  readonly required: readonly string[] | undefined;
  readonly processes: ReadonlyMap<string, ProcessTrack>;
  /** Undefined before the first answer that had processes. */
  readonly count: GoalCount | undefined;
  /** The greatest number at this goal version, its first answer included. */
  readonly most: number;
  /** The newest answer. */
  readonly status: AutomationStatus | undefined;
  readonly readAt: string | undefined;
}

/** The memory of an import that has just entered its state. */
export function freshMemory(required?: readonly string[]): ProcessMemory {
  const nothing = { count: undefined, most: 0, status: undefined, readAt: undefined };
  return { required, processes: new Map(), ...nothing };
}

/** What was seen of a process. */
export function trackOf(memory: ProcessMemory, process: ProcessStatus): ProcessTrack | undefined {
  return memory.processes.get(keyOf(process));
}

/** `2 of 3`; without names to go by, of all processes of the project. */
function ofTotal({ atGoal, total, of }: GoalCount): string {
  return `${atGoal} of ${total}${of === 'import' ? '' : ' in the project'}`;
}

/** How far the processes are: for a heartbeat without news. */
export function countInWords({ count }: ProcessMemory): string | undefined {
  if (!count) return undefined;
  const { atGoal, total, goalVersion, of } = count;
  const processes = total === 1 ? 'process is' : 'processes are';
  const where = of === 'import' ? '' : ' in the project';
  return `${atGoal} of ${total} ${processes} at version ${goalVersion}${where}.`;
}

/**
 * Adds an answer: gives the next memory, what changed (a line each: `rs0_2 reached version 5: 2 of
 * 3`; only of the import’s processes, where these are known), and whether more processes than ever
 * stand at the goal. The first one, and the first after each new goal version, is the base line and
 * no progress. One without processes, or with an older goal version (from a node that lags), changes
 * nothing.
 */
export function remember(
  memory: ProcessMemory,
  status: AutomationStatus
): {
  readonly memory: ProcessMemory;
  readonly news: readonly string[];
  readonly hasProgressed: boolean;
} {
  const { goalVersion, processes, readAt } = status;
  const known = memory.count?.goalVersion;
  const isStale = goalVersion !== undefined && known !== undefined && goalVersion < known;
  if (goalVersion === undefined || processes.length === 0 || isStale) {
    return { memory, news: [], hasProgressed: false };
  }
  const { own, unmatched } = scopeOf(processes, memory.required);
  // Where a required host was not found by its name, other hosts may be required ones.
  const isCertain = memory.required !== undefined && unmatched.length === 0;
  const counted = isCertain ? own : processes;
  const atGoal = counted.filter((process) => process.achievedVersion >= goalVersion);
  const count: GoalCount = {
    goalVersion,
    atGoal: atGoal.length,
    total: counted.length,
    of: isCertain ? 'import' : 'project'
  };
  const isBaseLine = known !== goalVersion || memory.count?.of !== count.of;
  const next: ProcessMemory = {
    required: memory.required,
    processes: new Map(
      processes.map((process) => [keyOf(process), track(memory, process, goalVersion, readAt)])
    ),
    count,
    most: isBaseLine ? count.atGoal : Math.max(memory.most, count.atGoal),
    status,
    readAt: readAt ?? memory.readAt
  };
  const arrived = atGoal
    .filter((process) => trackOf(memory, process)?.arrivedAt !== goalVersion)
    .map(({ name }) => name);
  const isNewGoal = known !== undefined && known < goalVersion;
  const news = [
    ...(isNewGoal ? [`The goal version is now ${goalVersion}: ${ofTotal(count)}`] : []),
    ...(!isBaseLine && arrived.length > 0
      ? [`${someNames(arrived)} reached version ${goalVersion}: ${ofTotal(count)}`]
      : []),
    ...errorNews(memory, next, own, goalVersion)
  ];
  return {
    memory: next,
    news: fewLines(news),
    hasProgressed: !isBaseLine && count.atGoal > memory.most
  };
}

/** Whether two reports are of one error: its times, ports and counters may change. */
export function isSameError(a: ProcessError, b: ProcessError): boolean {
  const withoutNumbers = ({ text }: ProcessError): string => text.replace(/\d+/g, '0');
  return a.code === b.code && withoutNumbers(a) === withoutNumbers(b);
}

function keyOf({ name, hostname }: ProcessStatus): string {
  return `${name}\n${comparable(hostname)}`;
}

function track(
  memory: ProcessMemory,
  process: ProcessStatus,
  goalVersion: number,
  readAt: string | undefined
): ProcessTrack {
  const before = trackOf(memory, process);
  const { achievedVersion, error } = process;
  const lasting = <T>(value: T, last: Lasting<T> | undefined, isSame: boolean): Lasting<T> => ({
    value,
    since: last && isSame ? last.since : readAt
  });
  const last = before?.error;
  const isSame = last !== undefined && error !== undefined && isSameError(last.value, error);
  const isAtGoal = achievedVersion >= goalVersion;
  return {
    version: lasting(achievedVersion, before?.version, before?.version.value === achievedVersion),
    error: error && lasting(error, last, isSame),
    pastError:
      last && !isSame
        ? { error: last.value, since: last.since, lastSeenAt: memory.readAt }
        : before?.pastError,
    arrivedAt: isAtGoal ? goalVersion : before?.arrivedAt
  };
}

/** Errors of processes at the goal version hold nothing up. */
function errorNews(
  before: ProcessMemory,
  after: ProcessMemory,
  own: readonly ProcessStatus[],
  goalVersion: number
): readonly string[] {
  const gone: string[] = [];
  const appeared = new Map<string, string[]>();
  for (const process of own) {
    const had = trackOf(before, process)?.error;
    const has = trackOf(after, process)?.error;
    if (had && !has) gone.push(process.name);
    if (!has || process.achievedVersion >= goalVersion) continue;
    if (had && isSameError(had.value, has.value)) continue;
    const { text } = has.value;
    appeared.set(text, [...(appeared.get(text) ?? []), process.name]);
  }
  const errors = [...appeared].map(([text, names]) => {
    const report = either(names, 'reports', 'report');
    return `${someNames(names)} ${report} an error: ${withFullStop(text)}`;
  });
  if (gone.length === 0) return errors;
  return [...errors, `${someNames(gone)} no longer ${either(gone, 'reports', 'report')} an error`];
}

function fewLines(lines: readonly string[]): readonly string[] {
  if (lines.length <= LONGEST_NEWS) return lines;
  const shown = lines.slice(0, LONGEST_NEWS - 1);
  return [...shown, `${lines.length - shown.length} more changes`];
}
