import type { Case, Cause } from '../case/case.ts';
import {
  type BriefList,
  enteredAt,
  type Import,
  isInProgress,
  lastPhase,
  type Requested
} from '../case/import.ts';
import { isKnownWhich, type Terms, type Verdict } from '../case/verdict.ts';
import type { Finding } from '../diagnosis/finding.ts';
import type { Outage } from '../wait/patience.ts';
import { formatDate } from '../time.ts';

/** Everything that a step has to say; every report is made from it. */
export interface Report {
  readonly case: Case;
  readonly terms: Terms;
  readonly verdict: Verdict;
  readonly waitedMs: number;
  /** The newest of them; all, unless `outageCount` says how many there were. */
  readonly outages: readonly Outage[];
  readonly outageCount?: number;
  /** What was found to hold the import up, worst first. */
  readonly findings: readonly Finding[];
  readonly traffic: Traffic;
  readonly place: Place;
  /** What the step tried to create; undefined where it did not. */
  readonly requested: Requested | undefined;
  /** The main step has seen that its post step began, which settles the same import. */
  readonly isPostStepThere: boolean;
  /** The post step was handed other inputs than main, so that it could ask nothing. */
  readonly hasForeignInputs: boolean;
}

/** What the calls of a step came to. */
interface Traffic {
  /** Ops Manager's, once a reply named it. */
  readonly version: string | undefined;
  /** HTTP requests. */
  readonly requests: number;
  /** How many attempts failed for now. */
  readonly retries: number;
}

/** Where the import lives. */
export interface Place {
  /** Ops Manager's host and port. */
  readonly host: string;
  /** Its address with the API's path, without a trailing slash. */
  readonly apiUrl: string;
  readonly projectId: string;
  /** The project's page in Ops Manager. */
  readonly projectUrl: string;
  /** Whether it is reached with an authority of its own, and with a client certificate. */
  readonly hasAuthority?: boolean;
  readonly hasClientCertificate?: boolean;
}

/**
 * A call that people make by hand, since import requests exist as calls of the API only. Source: Ops
 * Manager 8.0, "Automation: Import Deployment".
 */
export interface ByHand {
  readonly call: 'cancel' | 'delete' | 'list';
  /** Which imports; none for the list. */
  readonly ids: readonly string[];
  /** What it is for, without a full stop. */
  readonly purpose: string;
}

/** What is said of one thing: of the outcome, or of what became of the import. */
export interface Said {
  /** A few words, for titles; empty where there is nothing to say. */
  readonly short: string;
  /** Of an outcome, how long, for a title where there is room: ` after 45m`. */
  readonly length: string;
  /** Of an outcome, what a title says after the phase: `, not by this action`. */
  readonly rest: string;
  /** Of an outcome, a few words on why, for a title where there is room; empty where `short` says it. */
  readonly reason: string;
  /** The few words as sentences, for those who see no title. */
  readonly whole: readonly string[];
  /** The sentence that is dangerous: an import that may still be running; empty where none is. */
  readonly alarm: string;
  /** What Ops Manager or the network said to that; empty where nothing was said. */
  readonly alarmCause: string;
  /** What there is to say beside them, the cause first. */
  readonly happened: readonly string[];
  /** What went wrong beside the outcome, and is a warning; none when nothing did. */
  readonly caveats: readonly string[];
  readonly advice: readonly string[];
  /** What a person can do with a call of Ops Manager's API. */
  readonly byHand: readonly ByHand[];
}

/** What differs from saying nothing. */
export type Parts = Partial<Said>;

/** Nothing to say. */
export const NOTHING: Said = {
  short: '',
  length: '',
  rest: '',
  reason: '',
  whole: [],
  alarm: '',
  alarmCause: '',
  happened: [],
  caveats: [],
  advice: [],
  byHand: []
};

/** Whether the step passes: only if Ops Manager said that the goal was reached. */
export function isReached({ verdict }: Report): boolean {
  return verdict.outcome.kind === 'reached';
}

/** Whether it is known which import is meant: not where several may be, or others were found. */
export function isTheOne(report: Report): boolean {
  const { case: c, verdict } = report;
  const { cancellation } = verdict;
  const isOfSeveral = cancellation.kind === 'not-needed' && cancellation.why === 'several';
  const isAboutOthers = hasCause(report, 'several', 'none', 'busy', 'ambiguous');
  return isKnownWhich(c) && !isOfSeveral && !isAboutOthers;
}

/** Whether the step ended as an error for one of these causes. */
export function hasCause(
  { verdict: { outcome } }: Report,
  ...kinds: readonly Cause['kind'][]
): boolean {
  return outcome.kind === 'error' && kinds.some((kind) => kind === outcome.cause.kind);
}

/** Where the import stands or stood when it ended. */
export function phaseOf({ case: { read } }: Report): string | undefined {
  return read && lastPhase(read);
}

/**
 * The phase to name beside the outcome; undefined where it would mislead: when it is not known
 * which import is meant, or when the import has got past it.
 */
export function phaseInQuestion(report: Report): string | undefined {
  if (report.verdict.outcome.kind === 'reached' || !isTheOne(report)) return undefined;
  // It was in that phase before it was the step's to wait for.
  if (hasCause(report, 'ended-early')) return undefined;
  return report.case.read?.state === 'SUCCESS' ? undefined : phaseOf(report);
}

/** The import by its id, as the subject of a sentence. */
export function subjectOf({ case: { id } }: Report): string {
  return id === undefined ? 'The import' : `Import ${id}`;
}

/** The import and its goal, and where it is when it has got past it. */
export function asReached(report: Report): string {
  const { goal } = report.terms;
  const state = report.case.read?.state ?? goal;
  const nowIn = state === goal ? '' : ` (it is in ${state})`;
  return `${subjectOf(report)} reached ${goal}${nowIn}`;
}

/** ` since 2025-10-20 10:00:00 UTC`, in the state in which an import was read; empty where nobody knows. */
export function sinceOf(read: Import): string {
  const since = enteredAt(read);
  return since === undefined ? '' : ` since ${formatDate(since)}`;
}

/** A sentence’s subject in the middle of another one. */
export function inSentence(subject: string): string {
  return /^(The|A|An|It|Import|No) /.test(subject)
    ? `${subject.charAt(0).toLowerCase()}${subject.slice(1)}`
    : subject;
}

/** An annotation has room for so many, twice. */
export const NAMED_AT_MOST = 10;

/** Imports with id, state and since when, or when they ended: ten at most, and how many more. */
export function listInWords({ imports, count }: BriefList): string {
  const named = imports.slice(0, NAMED_AT_MOST).map((each) => {
    const { id, state, since } = each;
    if (since === undefined) return `${id} ${state}`;
    const when = formatDate(since);
    return isInProgress(each) ? `${id} ${state} since ${when}` : `${id} ${state}, ended ${when}`;
  });
  const more = count - named.length;
  const all = [...named, ...(more > 0 ? [`and ${more} more`] : [])];
  return all.join(all.some((text) => text.includes(',')) ? '; ' : ', ');
}
