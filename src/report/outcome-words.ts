import { formatDuration } from '../duration.ts';
import { inWords } from '../diagnosis/words.ts';
import { creationOf } from '../case/case.ts';
import { mayHaveCreated } from '../case/creation.ts';
import type { Ending } from '../case/ending.ts';
import { guideTo } from './phases.ts';
import { isGone } from '../case/verdict.ts';
import { causeInWords } from './cause.ts';
import type { Report } from './report.ts';
import { inPhase, inSentence, phaseInQuestion, subjectOf } from './subject.ts';

/** What an outcome says; what became of the import is said beside it. */
export interface OutcomeWords {
  /** A few words: the outcome, the phase. */
  readonly title: string;
  /** A few words on why, for the title where there is room; empty where the title says it. */
  readonly reason: string;
  /** One sentence, and what else there is to say of why. */
  readonly happened: readonly string[];
  readonly advice: readonly string[];
}

type EndingOf<K extends Ending['kind']> = Ending & { readonly kind: K };

/** The words for the outcome of a report. */
export function outcomeWords(report: Report): OutcomeWords {
  const { outcome } = report.verdict;
  switch (outcome.kind) {
    case 'reached':
      return reached(report, outcome.late);
    case 'failed':
      return {
        title: `Import failed${inPhase(report)}`,
        reason: '',
        happened: [`${subjectOf(report)} failed.`],
        advice: [lookAt(report)]
      };
    case 'cancelled':
      return cancelled(report);
    case 'timed-out':
      return timedOut(report, outcome);
    case 'stalled':
      return stalled(report, formatDuration(outcome.stalledMs));
    case 'interrupted':
      return {
        title: `Interrupted${inPhase(report)}`,
        reason: '',
        happened: [interrupted(report, outcome.by)],
        advice: []
      };
    case 'unreachable':
      return unreachable(report, outcome);
    case 'error':
      return { ...causeInWords(outcome.cause, report), reason: '' };
  }
}

function reached(report: Report, late: boolean): OutcomeWords {
  const { goal } = report.terms;
  const state = report.case.read?.state ?? goal;
  const nowIn = state === goal ? '' : ` (it is in ${state})`;
  const happened = `${subjectOf(report)} reached ${goal}${nowIn}`;
  if (!late) {
    const waited = `after ${formatDuration(report.waitedMs)} of waiting`;
    return {
      title: `Import reached ${goal}`,
      reason: '',
      happened: [`${happened} ${waited}.`],
      advice: []
    };
  }
  const limit = limitOf(report.case.ending);
  return {
    title: `Import reached ${goal} late`,
    reason: '',
    happened: [`${happened}, but only after this step had given up waiting.`],
    advice: limit === undefined ? [] : [`If this happens again, raise ${limit}.`]
  };
}

/** The input that ended the wait. */
function limitOf(ending: Ending | undefined): string | undefined {
  switch (ending?.kind) {
    case 'timed-out':
      return 'timeout';
    case 'stalled':
      return 'stall-timeout';
    case 'unreachable':
      return 'max-outage';
    case 'interrupted':
    case 'error':
    case undefined:
      return undefined;
  }
}

function cancelled(report: Report): OutcomeWords {
  const where = inPhase(report);
  const subject = subjectOf(report);
  const again = 'Create the import again if it is still wanted.';
  return report.case.firstState === 'CANCELLED'
    ? {
        title: `Import had been cancelled${where} before this step read it`,
        reason: '',
        happened: [
          `${subject} had been cancelled before this step first read it, perhaps by an earlier attempt of this run.`
        ],
        advice: [again]
      }
    : {
        title: `Import was cancelled${where}, not by this action`,
        reason: '',
        happened: [`${subject} was cancelled while this step waited, and not by this step.`],
        advice: ['Ask who cancelled it in Ops Manager.', again]
      };
}

function timedOut(report: Report, { timeoutMs, trouble }: EndingOf<'timed-out'>): OutcomeWords {
  const limit = formatDuration(timeoutMs);
  const why = trouble?.happened ?? '';
  const { read } = report.case;
  return {
    title: `Timed out after ${limit}${inPhase(report)}`,
    reason: trouble?.title ?? '',
    happened: [
      didNotReach(report, `within ${limit}`),
      read && why !== '' ? `The last read had no good answer: ${inSentence(why)}` : why
    ],
    advice: [trouble?.advice ?? lookAt(report)]
  };
}

function didNotReach(report: Report, when: string): string {
  const { id, origin } = report.case;
  const creation = creationOf(report.case);
  if (id !== undefined)
    return `${subjectOf(report)} did not reach ${report.terms.goal} ${when}${unlessConfirmed(report)}.`;
  if (origin !== 'created') return `No import in progress was found ${when}.`;
  return creation && mayHaveCreated(creation)
    ? `The import that was to be created did not show in Ops Manager’s list ${when}.`
    : `The import could not be created ${when}.`;
}

/** What has reached its goal cannot be said not to have. */
function unlessConfirmed({ case: { read } }: Report): string {
  return read?.state === 'SUCCESS' ? ' as this step’s own' : '';
}

function stalled(report: Report, length: string): OutcomeWords {
  return {
    title: `Stalled for ${length}${inPhase(report)}`,
    reason: '',
    happened: [`${subjectOf(report)} made no progress for ${length}, so the step gave up.`],
    advice: [lookAt(report)]
  };
}

function interrupted(report: Report, by: string): string {
  const { read, ending } = report.case;
  const isThere = read?.state === 'SUCCESS';
  const before = isThere
    ? ''
    : ` before ${inSentence(subjectOf(report))} reached ${report.terms.goal}`;
  if (!ending) return `The step was killed${before}.`;
  const signal = /^The signal (\w+)$/.exec(by)?.[1];
  return signal === undefined
    ? `${by} ended the wait${before}.`
    : `${signal} stopped the step${before}: the workflow was cancelled, or a time limit ran out.`;
}

function unreachable(report: Report, ending: EndingOf<'unreachable'>): OutcomeWords {
  const length = formatDuration(ending.outageMs);
  const { title, happened, advice } = ending.trouble;
  return {
    title: `No usable answer from Ops Manager for ${length}${inPhase(report)}`,
    reason: title,
    happened: [`Ops Manager gave no usable answer for ${length}, so the step gave up.`, happened],
    advice: [advice]
  };
}

/** Where to look: at what a finding names, else in the phase; nowhere if nothing is left. */
function lookAt(report: Report): string {
  if (isGone(report.case)) return '';
  return (
    inWords(report.findings).find(({ advice }) => advice !== '')?.advice ??
    guideTo(phaseInQuestion(report))?.advice ??
    ''
  );
}
