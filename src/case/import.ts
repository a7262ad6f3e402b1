import { isTerminal, placeOf, type Phase } from './states.ts';

/** A change of state, dated by Ops Manager's clock (ISO 8601, UTC). */
export interface Transition {
  readonly state: string;
  readonly transitionedAt: string;
}

/** What one read of an import deployment request gave. */
export interface Import {
  readonly id: string;
  readonly state: string;
  /** Oldest first. */
  readonly transitions: readonly Transition[];
  /** Parts of the history cannot be read: its first transition does not tell when it began. */
  readonly hasGaps?: true;
  /** The state in progress that was read last before it ended: its history may not have it. */
  readonly stoodIn?: string | undefined;
  /** When Ops Manager answered, by its own clock (ISO 8601); undefined without a `Date` header. */
  readonly readAt?: string | undefined;
  /** What the reply of one that FAILED says of that, to be quoted; not saved. */
  readonly said?: string | undefined;
  /** The reply as text to be shown: redacted, bounded and indented. */
  readonly reply: string;
}

/** One row of an import's timeline; `durationMs` is undefined where Ops Manager's clock is silent. */
export interface TimelineEntry extends Transition {
  readonly durationMs: number | undefined;
  /** `passed`: left for another state; `running`: the import is in it; `ended`: terminal. */
  readonly progress: 'passed' | 'running' | 'ended';
}

/** Whether Ops Manager is still at work on the import; unknown states count as in progress. */
export function isInProgress(request: { readonly state: string }): boolean {
  return !isTerminal(request.state);
}

/** The last in-progress state: where the import stands, or stood when it ended. */
export function lastPhase(request: Import): string | undefined {
  if (isInProgress(request)) return request.state;
  const { transitions, stoodIn } = request;
  const told = transitions.findLast(({ state }) => !isTerminal(state))?.state;
  if (told === undefined || stoodIn === undefined) return told ?? stoodIn;
  if (transitions.some(({ state }) => state === stoodIn)) return told;
  // A history may be short at either end.
  return (placeOf(told) ?? -Infinity) > (placeOf(stoodIn) ?? Infinity) ? told : stoodIn;
}

/** When the import began, in milliseconds since 1970; undefined without a whole history. */
export function beganAtMs({ transitions, hasGaps }: Import): number | undefined {
  const first = transitions[0]?.transitionedAt;
  return first === undefined || hasGaps ? undefined : Date.parse(first);
}

/**
 * Whether `read` comes from a node that lags behind what is known: its state stands earlier in the
 * pipeline. An end never gives way. Where one of the two states is outside the pipeline, the known
 * history tells which was first; histories decide nothing else, as any of them may be short.
 */
export function isLagging(known: Import | undefined, read: Import): boolean {
  if (!known || known.state === read.state) return false;
  if (isTerminal(known.state)) return true;
  const [before, now] = [placeOf(known.state), placeOf(read.state)];
  if (before !== undefined && now !== undefined) return now < before;
  const entered = known.transitions.findLastIndex(({ state }) => state === read.state);
  const reached = known.transitions.findLastIndex(({ state }) => state === known.state);
  return entered >= 0 && (reached < 0 || entered < reached);
}

/** Whether what a list shows is more than the reads before have told: it may have failed since then. */
export function isNews(known: Import | undefined, shown: Import): boolean {
  return shown.state !== known?.state && !isLagging(known, shown);
}

/** What is known after a read that does not lag: of two histories the longer one. */
export function merged(known: Import | undefined, read: Import): Import {
  if (!known) return read;
  const isLonger = known.transitions.length > read.transitions.length;
  const transitions = isLonger ? known.transitions : read.transitions;
  if (isInProgress(read)) return { ...read, transitions };
  return { ...read, transitions, stoodIn: isInProgress(known) ? known.state : known.stoodIn };
}

/** An import in a few words, for reports that name several. */
interface ImportBrief {
  readonly id: string;
  readonly state: string;
  /** When it entered the state (ISO 8601). */
  readonly since?: string | undefined;
}

/** The newest imports of a list first; `count` says how many there are in all. */
export interface BriefList {
  readonly imports: readonly ImportBrief[];
  readonly count: number;
}

const BRIEFS_AT_MOST = 10;

/** Names imports, those that changed last first, ten at most unless all are to be known. */
export function briefly(requests: readonly Import[], atMost = BRIEFS_AT_MOST): BriefList {
  const newestFirst = requests.toSorted((a, b) => changedAtMs(b) - changedAtMs(a));
  const imports = newestFirst
    .slice(0, atMost)
    .map((request) => ({ id: request.id, state: request.state, since: enteredAt(request) }));
  return { imports, count: requests.length };
}

/** A date of Ops Manager's in milliseconds since 1970. */
export function inMs(date: string | undefined): number | undefined {
  return date === undefined ? undefined : Date.parse(date);
}

/** When the import entered its present state; undefined when its history does not say. */
export function enteredAt(request: Import): string | undefined {
  const last = request.transitions.at(-1);
  return last?.state === request.state ? last.transitionedAt : undefined;
}

/** How long the import has been in its present state, in milliseconds by Ops Manager's clock. */
export function timeInStateMs(request: Import): number | undefined {
  return millisecondsBetween(enteredAt(request), request.readAt);
}

/** From the first transition to the last, in milliseconds by Ops Manager's clock. */
export function importDurationMs(request: Import): number | undefined {
  return millisecondsBetween(
    request.transitions[0]?.transitionedAt,
    request.transitions.at(-1)?.transitionedAt
  );
}

/** The transitions with the time spent in each state. */
export function timeline(request: Import): TimelineEntry[] {
  return request.transitions.map((transition, index) => {
    const next = request.transitions[index + 1];
    if (next) {
      const durationMs = millisecondsBetween(transition.transitionedAt, next.transitionedAt);
      return { ...transition, durationMs, progress: 'passed' };
    }
    if (isTerminal(transition.state)) {
      return { ...transition, durationMs: undefined, progress: 'ended' };
    }
    const durationMs = millisecondsBetween(transition.transitionedAt, request.readAt);
    // The history may lag behind the state.
    const progress = transition.state === request.state ? 'running' : 'passed';
    return { ...transition, durationMs, progress };
  });
}

/** A state that the import was seen to enter, with the state that it left. */
interface Arrival {
  readonly state: string;
  readonly at: string | undefined;
  readonly left: TimelineEntry | undefined;
}

/** What happened between two reads, oldest first: also the states that no read ever met. */
export function arrivals(previous: Import | undefined, current: Import): Arrival[] {
  const seen = new Set(previous?.transitions.map(identity));
  // A state that was met before the history had it is not news again once it has.
  const met = previous && !isRecorded(previous) ? previous.state : undefined;
  const entries = timeline(current);
  const found = entries
    .map((entry, index) => ({ entry, left: entries[index - 1] }))
    .filter(({ entry }) => !seen.has(identity(entry)) && entry.state !== met)
    .map(({ entry, left }) => ({ state: entry.state, at: entry.transitionedAt, left }));
  const isUnrecordedNews = !isRecorded(current) && previous?.state !== current.state;
  return isUnrecordedNews
    ? [...found, { state: current.state, at: undefined, left: entries.at(-1) }]
    : found;
}

/** Whether the history has the present state; it may lag behind it. */
function isRecorded({ state, transitions }: Import): boolean {
  return transitions.some((transition) => transition.state === state);
}

function changedAtMs({ transitions }: Import): number {
  return Date.parse(transitions.at(-1)?.transitionedAt ?? '1970-01-01T00:00:00Z');
}

function identity({ state, transitionedAt }: Transition): string {
  return `${state}@${transitionedAt}`;
}

function millisecondsBetween(from: string | undefined, to: string | undefined): number | undefined {
  if (from === undefined || to === undefined) return undefined;
  // A `Date` header has whole seconds, and two hosts of one Ops Manager may differ a little.
  return Math.max(0, Date.parse(to) - Date.parse(from));
}

/** What an import was asked to do, as far as its create call said; empty for another’s import. */
export interface Requested {
  /** `host:port`. */
  readonly seedHost?: string | undefined;
  /** Each `host:port`. */
  readonly processes?: readonly string[] | undefined;
  /** The phases’ own limits, where the create call sets them, in seconds. */
  readonly limitsSec?: Readonly<Partial<Record<Phase, number>>>;
}

/**
 * The names of the phases’ limits; undefined for a phase without one. Source: Ops Manager, "Create
 * Import Deployment Request".
 */
export const LIMIT_NAMES: Readonly<Record<Phase, string | undefined>> = {
  PENDING: undefined,
  AWAIT_SEED_HOST_CONNECTED: 'seedHostConnectionSec',
  AWAIT_HOSTS_DISCOVERED: 'processesDiscoverySec',
  AWAIT_AUTOMATION_IMPORTED: 'automationImported',
  AWAIT_GOAL_STATE: 'goalStateSec'
};
