import { formatDate } from '../date.ts';
import { formatDuration } from '../duration.ts';
import type { Ending } from '../import/ending.ts';
import { lastPhase, timeline } from '../import/import-request.ts';
import { worst } from '../import/findings.ts';
import { guideTo } from '../import/phases.ts';
import { causeInWords } from './cause.ts';
import { fateOf, type Fate } from './fate.ts';
import { sentenceOf } from './findings.ts';
import type { Report } from './report.ts';

/** A report in words; annotation, log, summary, outputs and status take theirs from here. */
export interface Words {
  /** A few words: the outcome, the phase, what became of the import. */
  readonly title: string;
  /** One sentence on what is dangerous: an import that may still be running; else empty. */
  readonly alarm: string;
  /** Sentences: what happened, in which phase and since when, what became of the import. */
  readonly happened: readonly string[];
  /** The finding that is worst, as one sentence; empty when nothing was found. */
  readonly finding: string;
  /** What went wrong beside the outcome, and is a warning; empty when nothing did. */
  readonly caveat: string;
  /** Sentences: what to do; none when nothing is. */
  readonly advice: readonly string[];
}

type TimedOut = Ending & { kind: 'timed-out' };
type Unreachable = Ending & { kind: 'unreachable' };

/** What an outcome says; the rest of the words is the same for all. */
interface OutcomeWords {
  readonly title: string;
  readonly happened: readonly string[];
  readonly advice: readonly string[];
}

/** The words for a report. */
export function wordsOf(report: Report): Words {
  const fate = fateOf(report);
  const { title, happened, advice } = outcomeWords(report, fate);
  return {
    title: fate.short === '' ? title : `${title}; ${fate.short}`,
    alarm: fate.alarm,
    happened: [...happened, fate.sentence, cleanupOf(report)].filter((text) => text !== ''),
    finding: worstOf(report),
    caveat: caveatOf(report),
    advice: advice.filter((text) => text !== '')
  };
}

/** All of it as one line of plain text: what is dangerous first. */
export function messageOf(report: Report): string {
  const { alarm, happened, finding, caveat, advice } = wordsOf(report);
  return [alarm, ...happened, finding, caveat, ...advice].filter((text) => text !== '').join(' ');
}

function worstOf({ findings }: Report): string {
  const finding = worst(findings);
  return finding ? sentenceOf(finding) : '';
}

/** Where the import stands or stood when it ended. */
export function phaseOf({ case: { read } }: Report): string | undefined {
  return read && lastPhase(read);
}

function outcomeWords(report: Report, fate: Fate): OutcomeWords {
  const { outcome } = report.verdict;
  switch (outcome.kind) {
    case 'reached':
      return reached(report, outcome.late);
    case 'failed':
      return {
        title: `Import failed${inPhase(report)}`,
        happened: [`${subjectOf(report)} failed.`, standingOf(report)],
        advice: [lookAt(report)]
      };
    case 'cancelled':
      return cancelled(report);
    case 'timed-out':
      return timedOut(report, outcome, fate);
    case 'stalled':
      return stalled(report, formatDuration(outcome.stalledMs), fate);
    case 'interrupted':
      return {
        title: `Interrupted${inPhase(report)}`,
        happened: [
          `${outcome.by} ended the wait before ${inSentence(subjectOf(report))} reached ${report.terms.goal}.`,
          standingOf(report)
        ],
        advice: fate.advice
      };
    case 'unreachable':
      return unreachable(report, outcome, fate);
    case 'error': {
      const words = causeInWords(outcome.cause, report);
      return {
        title: `${words.title}${inPhase(report)}`,
        happened: [...words.happened, standingOf(report)],
        advice: [...words.advice, ...fate.advice]
      };
    }
  }
}

function timedOut(report: Report, { timeoutMs, trouble }: TimedOut, fate: Fate): OutcomeWords {
  const limit = formatDuration(timeoutMs);
  const why = trouble ? unansweredAtEnd(report, trouble.happened) : '';
  return {
    title: `Timed out after ${limit}${inPhase(report)}`,
    happened: [didNotReach(report, `within ${limit}`), why, standingOf(report)],
    advice: [trouble?.advice ?? lookAt(report), ...fate.advice, longer(report, 'timeout')]
  };
}

function stalled(report: Report, length: string, fate: Fate): OutcomeWords {
  return {
    title: `Stalled for ${length}${inPhase(report)}`,
    happened: [
      `${subjectOf(report)} made no progress for ${length}, so the step gave up.`,
      standingOf(report)
    ],
    advice: [lookAt(report), ...fate.advice]
  };
}

function unreachable(report: Report, ending: Unreachable, fate: Fate): OutcomeWords {
  const length = formatDuration(ending.outageMs);
  const { happened, advice } = ending.trouble;
  return {
    title: `No usable answer from Ops Manager for ${length}${inPhase(report)}`,
    happened: [
      `Ops Manager gave no usable answer for ${length}, so the step gave up.`,
      happened,
      standingOf(report)
    ],
    advice: [advice, ...fate.advice]
  };
}

function reached(report: Report, late: boolean): OutcomeWords {
  const { goal } = report.terms;
  const state = report.case.read?.state ?? goal;
  const nowIn = state === goal ? '' : ` (it is in ${state})`;
  const happened = `${subjectOf(report)} reached ${goal}${nowIn}`;
  return late
    ? {
        title: `Import reached ${goal} late`,
        happened: [`${happened}, but only after this step had given up waiting.`],
        advice: ['If this happens again, raise timeout, stall-timeout or max-outage.']
      }
    : {
        title: `Import reached ${goal}`,
        happened: [`${happened} after ${formatDuration(report.waitedMs)} of waiting.`],
        advice: []
      };
}

function cancelled(report: Report): OutcomeWords {
  const where = inPhase(report);
  const again = 'Create the import again if it is still wanted.';
  const hadBeen = report.case.firstState === 'CANCELLED';
  const [title, happened, advice] = hadBeen
    ? [
        `Import had been cancelled${where}`,
        'had been cancelled before this step first read it, perhaps by an earlier attempt of this run.',
        again
      ]
    : [
        `Import was cancelled${where}`,
        'was cancelled while this step waited, and not by this step.',
        `Ask who cancelled it in Ops Manager. ${again}`
      ];
  return {
    title,
    happened: [`${subjectOf(report)} ${happened}`, standingOf(report)],
    advice: [advice]
  };
}

function didNotReach(report: Report, when: string): string {
  const { goal } = report.terms;
  const { id, creation, read } = report.case;
  if (id === undefined) {
    return creation
      ? `The import that was to be created did not show in Ops Manager’s list ${when}.`
      : `No import in progress was found ${when}.`;
  }
  if (read?.state === 'SUCCESS')
    return `${subjectOf(report)} is in SUCCESS, but no list confirmed ${when} that it is this step’s.`;
  return `${subjectOf(report)} did not reach ${goal} ${when}.`;
}

/** Why the last word is missing at the deadline. */
function unansweredAtEnd({ case: { read } }: Report, why: string): string {
  return read === undefined ? why : `The last read had no good answer: ${inSentence(why)}`;
}

/** "or raise timeout" is advice only where the import has not been left running unasked. */
function longer({ case: { read }, verdict }: Report, input: string): string {
  const { kind } = verdict.cancellation;
  const isEnded = kind === 'confirmed' || kind === 'not-needed';
  return isEnded && read !== undefined ? `If it only needs longer, raise ${input}.` : '';
}

/** The import by its id, as the subject of a sentence. */
export function subjectOf({ case: { id } }: Report): string {
  return id === undefined ? 'The import' : `Import ${id}`;
}

function inPhase(report: Report): string {
  const phase = phaseOf(report);
  return phase === undefined ? '' : ` in ${phase}`;
}

/** In which phase the import is or was, for how long and since when; empty when none was read. */
function standingOf(report: Report): string {
  const { read } = report.case;
  const phase = phaseOf(report);
  if (read === undefined || phase === undefined || report.verdict.outcome.kind === 'reached')
    return '';
  const activity = guideTo(phase)?.activity;
  const entry = timeline(read).findLast(({ state }) => state === phase);
  const length = entry?.durationMs === undefined ? '' : ` for ${formatDuration(entry.durationMs)}`;
  const since = entry === undefined ? '' : `, since ${formatDate(entry.transitionedAt)}`;
  const doing = activity === undefined ? '' : ` (${activity})`;
  return `It was in ${phase}${doing}${length}${since}.`;
}

function lookAt(report: Report): string {
  return guideTo(phaseOf(report))?.advice ?? '';
}

function cleanupOf({ verdict: { cleanup, outcome } }: Report): string {
  if (outcome.kind !== 'failed') return '';
  return cleanup.kind === 'deleted'
    ? 'Its request was deleted, so that Ops Manager cleans up what was partly imported.'
    : '';
}

function caveatOf({ verdict: { cleanup }, case: { id } }: Report): string {
  if (cleanup.kind !== 'failed') return '';
  const why = cleanup.trouble ? ` ${cleanup.trouble.happened} ${cleanup.trouble.advice}` : '';
  return `The request of import ${id ?? ''} was not deleted.${why}`.trim();
}

/** A sentence's subject in the middle of another one. */
export function inSentence(subject: string): string {
  return /^[A-Z][a-z]* /.test(subject)
    ? `${subject.charAt(0).toLowerCase()}${subject.slice(1)}`
    : subject;
}

/** Whether the phase wants to be looked at; after the other outcomes it is not to blame. */
export function isAboutPhase(kind: Report['verdict']['outcome']['kind']): boolean {
  return kind === 'failed' || kind === 'timed-out' || kind === 'stalled' || kind === 'interrupted';
}
