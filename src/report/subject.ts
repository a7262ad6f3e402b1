import { formatDate } from '../dates.ts';
import { isInProgress, lastPhase, timeline, type BriefList } from '../case/import.ts';
import { isTerminal } from '../case/states.ts';
import { isKnownWhich } from '../case/verdict.ts';
import { guideTo } from './phases.ts';
import type { Report } from './report.ts';
import { lengthInWords } from './signs.ts';

/** Where the import stands or stood when it ended. */
export function phaseOf({ case: { read } }: Report): string | undefined {
  return read && lastPhase(read);
}

/**
 * The phase to name beside the outcome; undefined where it would mislead: when it is not known
 * which import is meant, or when the import has got past it.
 */
export function phaseInQuestion(report: Report): string | undefined {
  if (report.verdict.outcome.kind === 'reached' || !isKnownWhich(report.case)) return undefined;
  return report.case.read?.state === 'SUCCESS' ? undefined : phaseOf(report);
}

/** ` in PENDING`; empty where no phase is in question. */
export function inPhase(report: Report): string {
  const phase = phaseInQuestion(report);
  return phase === undefined ? '' : ` in ${phase}`;
}

/** The import by its id, as the subject of a sentence. */
export function subjectOf({ case: { id } }: Report): string {
  return id === undefined ? 'The import' : `Import ${id}`;
}

/** A sentence’s subject in the middle of another one. */
export function inSentence(subject: string): string {
  return /^(The|A|An|Import|No) /.test(subject)
    ? `${subject.charAt(0).toLowerCase()}${subject.slice(1)}`
    : subject;
}

/** In which phase the import is or was, for how long and since when; empty when none was read. */
export function standingOf(report: Report): string {
  const { read, id } = report.case;
  const { outcome } = report.verdict;
  const phase = phaseInQuestion(report);
  if (read === undefined)
    return id === undefined || outcome.kind === 'error' ? '' : 'Its state was never read.';
  if (phase === undefined) return '';
  const activity = guideTo(phase)?.activity;
  const where = activity === undefined ? phase : `${phase} (${activity})`;
  const entry = timeline(read).findLast(({ state }) => state === phase);
  const since = entry === undefined ? '' : ` since ${formatDate(entry.transitionedAt)}`;
  if (isSilentAtEnd(report)) return `When it was last read, it was in ${where}${since}.`;
  // How long nothing has moved has been said already.
  const isSaid = outcome.kind === 'stalled' || entry?.durationMs === undefined;
  const length = isSaid ? '' : ` for ${lengthInWords(entry.durationMs)}`;
  return `It was in ${where}${length}${since === '' ? '' : `,${since}`}.`;
}

/** An import that had ended before this step read it for the first time. */
export interface EndedBefore {
  /** How long before the step began it had ended; undefined where that cannot be told. */
  readonly agoMs: number | undefined;
  /** When (ISO 8601); undefined where the history does not say. */
  readonly at: string | undefined;
}

/** Whether a given import had ended before the step’s first read, and when. */
export function endedBefore({ case: c, waitedMs }: Report): EndedBefore | undefined {
  if (c.origin !== 'given' || c.firstState === undefined || !c.read) return undefined;
  if (!isTerminal(c.firstState) || c.read.state !== c.firstState) return undefined;
  const last = c.read.transitions.at(-1);
  const at = last?.state === c.firstState ? last.transitionedAt : undefined;
  const { readAt } = c.read;
  if (at === undefined || readAt === undefined) return { agoMs: undefined, at };
  const agoMs = Date.parse(readAt) - waitedMs - Date.parse(at);
  return { agoMs: agoMs >= 1000 ? agoMs : undefined, at };
}

/** `22h before this step began`; where it cannot be told how long, before its first read. */
export function agoInWords({ agoMs }: Pick<EndedBefore, 'agoMs'>): string {
  return agoMs === undefined
    ? 'before this step first read it'
    : `${lengthInWords(agoMs).split(' ')[0] ?? ''} before this step began`;
}

/** Whether Ops Manager had not answered for a while when the wait ended. */
function isSilentAtEnd({ verdict: { outcome } }: Report): boolean {
  if (outcome.kind === 'timed-out') return outcome.trouble !== undefined;
  return outcome.kind === 'unreachable';
}

/** Imports with id, state and since when, or when they ended. */
export function listInWords({ imports, count }: BriefList): string {
  const named = imports.map((each) => {
    const { id, state, since } = each;
    if (since === undefined) return `${id} ${state}`;
    const when = formatDate(since);
    return isInProgress(each) ? `${id} ${state} since ${when}` : `${id} ${state}, ended ${when}`;
  });
  const more = count - named.length;
  const all = [...named, ...(more > 0 ? [`${more} more`] : [])];
  return all.join(all.some((text) => text.includes(',')) ? '; ' : ', ');
}
