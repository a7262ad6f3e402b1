import { formatDate } from '../date.ts';
import { formatDuration } from '../duration.ts';
import { lastPhase, timeline } from '../case/import.ts';
import { guideTo } from './phases.ts';
import { isKnownWhich } from '../case/verdict.ts';
import type { Report } from './report.ts';

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

/** Whether the phase wants to be looked at; after the other outcomes it is not to blame. */
export function isAboutPhase(kind: Report['verdict']['outcome']['kind']): boolean {
  return kind === 'failed' || kind === 'timed-out' || kind === 'stalled' || kind === 'interrupted';
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
  const length = isSaid ? '' : ` for ${formatDuration(entry.durationMs)}`;
  return `It was in ${where}${length}${since === '' ? '' : `,${since}`}.`;
}

/** Whether Ops Manager had not answered for a while when the wait ended. */
function isSilentAtEnd({ verdict: { outcome } }: Report): boolean {
  if (outcome.kind === 'timed-out') return outcome.trouble !== undefined;
  return outcome.kind === 'unreachable';
}
