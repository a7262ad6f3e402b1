import { formatDuration } from '../duration.ts';
import { creationOf } from '../case/case.ts';
import { mayHaveCreated } from '../case/creation.ts';
import type { Ending } from '../case/ending.ts';
import { isGone } from '../case/verdict.ts';
import { inWords } from '../diagnosis/words.ts';
import { causeOf, CREATE_AGAIN } from './cause.ts';
import { guideTo } from './phases.ts';
import { NOTHING, type Report, type Said } from './report.ts';
import { agoInWords, endedBefore, inSentence, phaseInQuestion, subjectOf } from './subject.ts';

/** What an outcome says; what became of the import is said beside it. */
export interface OutcomeSaid extends Said {
  /** How long, for a title where there is room: ` after 45m`. */
  readonly length: string;
  /** What a title says after the phase: `, not by this action`. */
  readonly rest: string;
  /** A few words on why, for a title where there is room; empty where `short` says it. */
  readonly reason: string;
}

type EndingOf<K extends Ending['kind']> = Ending & { readonly kind: K };

const SILENT: OutcomeSaid = { ...NOTHING, length: '', rest: '', reason: '' };

/** The words for the outcome of a report. */
export function outcomeOf(report: Report): OutcomeSaid {
  return { ...SILENT, ...partsOf(report) };
}

/** What differs from saying nothing. */
type Parts = Partial<OutcomeSaid>;

function partsOf(report: Report): Parts {
  const { outcome } = report.verdict;
  switch (outcome.kind) {
    case 'reached':
      return reached(report, outcome.late);
    case 'failed':
      return failed(report);
    case 'cancelled':
      return cancelled(report);
    case 'timed-out':
      return timedOut(report, outcome);
    case 'stalled':
      return stalled(report, formatDuration(outcome.stalledMs));
    case 'interrupted':
      return interrupted(report, outcome.by);
    case 'unreachable':
      return unreachable(outcome);
    case 'error':
      return causeOf(outcome.cause, report);
  }
}

function reached(report: Report, late: boolean): Parts {
  const { goal } = report.terms;
  const state = report.case.read?.state ?? goal;
  const nowIn = state === goal ? '' : ` (it is in ${state})`;
  const whole = `${subjectOf(report)} reached ${goal}${nowIn}`;
  const before = endedBefore(report);
  if (before) {
    const ago = agoInWords(before);
    return {
      short: `Import reached ${goal}`,
      rest: ` ${ago}`,
      whole: [`${whole} ${ago}.`]
    };
  }
  if (!late) {
    const waited = `after ${formatDuration(report.waitedMs)} of waiting`;
    return { short: `Import reached ${goal}`, whole: [`${whole} ${waited}.`] };
  }
  const { ending } = report.case;
  const limit = ending && LIMITS[ending.kind];
  return {
    short: `Import reached ${goal} late`,
    happened: [`${whole}, but only after this step had given up waiting.`],
    advice: limit === undefined ? [] : [`If this happens again, raise ${limit}.`]
  };
}

/** The inputs that end a wait. */
const LIMITS: Readonly<Partial<Record<Ending['kind'], string>>> = {
  'timed-out': 'timeout',
  stalled: 'stall-timeout',
  unreachable: 'max-outage'
};

function failed(report: Report): Parts {
  const before = endedBefore(report);
  const ago = before === undefined ? '' : ` ${agoInWords(before)}`;
  return {
    short: 'Import failed',
    rest: ago === '' ? '' : `,${ago}`,
    whole: [`${subjectOf(report)} failed${ago}.`],
    advice: whatToDo(report)
  };
}

function cancelled(report: Report): Parts {
  const subject = subjectOf(report);
  if (report.case.firstState === 'CANCELLED') {
    const before = endedBefore(report) ?? { agoMs: undefined };
    return {
      short: 'Import had been cancelled',
      rest: ' before this step read it',
      happened: [
        `${subject} had been cancelled ${agoInWords(before)}, perhaps by an earlier attempt of this run.`
      ],
      advice: [CREATE_AGAIN]
    };
  }
  if (report.isPostStepThere) {
    return {
      short: 'Import was cancelled',
      rest: ', perhaps by this step’s post step',
      whole: [`${subject} was cancelled while this step waited, perhaps by this step’s post step.`],
      advice: [CREATE_AGAIN]
    };
  }
  return {
    short: 'Import was cancelled',
    rest: ', not by this action',
    whole: [`${subject} was cancelled while this step waited, and not by this step.`],
    advice: ['Ask who cancelled it.', CREATE_AGAIN]
  };
}

function timedOut(report: Report, { timeoutMs, trouble }: EndingOf<'timed-out'>): Parts {
  const limit = formatDuration(timeoutMs);
  const words = {
    short: 'Timed out',
    length: ` after ${limit}`,
    whole: [didNotReach(report, `within ${limit}`)]
  };
  if (!trouble) return { ...words, advice: whatToDo(report) };
  const { title, happened, advice } = trouble;
  const last = report.case.read
    ? `The last read had no good answer: ${inSentence(happened)}`
    : happened;
  return { ...words, reason: title, happened: [last], advice: [advice] };
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

function stalled(report: Report, length: string): Parts {
  return {
    short: 'Stalled',
    length: ` for ${length}`,
    whole: [`${subjectOf(report)} made no progress for ${length}, so the step gave up.`],
    advice: whatToDo(report)
  };
}

/** No process can tell which of them it was. */
const WHO_INTERRUPTS =
  'the workflow was cancelled, a time limit ran out, or a cancel step named this one';

function interrupted(report: Report, by: string): Parts {
  const { read, ending } = report.case;
  const isThere = read?.state === 'SUCCESS';
  const before = isThere
    ? ''
    : ` before ${inSentence(subjectOf(report))} reached ${report.terms.goal}`;
  const words = { short: 'Interrupted' };
  if (!ending) return { ...words, happened: [`The step was killed${before}.`] };
  const signal = /^The signal (\w+)$/.exec(by)?.[1];
  return signal === undefined
    ? { ...words, happened: [`${by} ended the wait${before}.`] }
    : { ...words, happened: [`${signal} stopped the step${before}: ${WHO_INTERRUPTS}.`] };
}

function unreachable({ outageMs, trouble }: EndingOf<'unreachable'>): Parts {
  const length = formatDuration(outageMs);
  return {
    short: 'No usable answer',
    length: ` for ${length}`,
    reason: trouble.title,
    whole: [`Ops Manager gave no usable answer for ${length}, so the step gave up.`],
    happened: [trouble.happened],
    advice: [trouble.advice]
  };
}

/** What to do about the worst finding; else about the phase, and nothing if nothing is left. */
function whatToDo(report: Report): readonly string[] {
  if (isGone(report.case)) return [];
  const advice = adviceFor(report.findings) ?? guideTo(phaseInQuestion(report))?.advice;
  return advice === undefined ? [] : [advice];
}

/** What to do about the worst finding to act on; undefined where none is one. */
export function adviceFor(findings: Report['findings']): string | undefined {
  return inWords(findings).find(({ advice }) => advice !== '')?.advice;
}
