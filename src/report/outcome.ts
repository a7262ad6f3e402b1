import { type Cause, creationOf, type Ending } from '../case/case.ts';
import { mayHaveCreated } from '../case/creation.ts';
import { type BriefList, enteredAt } from '../case/import.ts';
import { CHECK_IDS, CHECK_THE_DISK, CREATE_AGAIN, whatToDo } from './advice.ts';
import { isTerminal } from '../case/states.ts';
import { standsAtGoal } from '../case/verdict.ts';
import {
  asReached,
  inSentence,
  listInWords,
  NOTHING,
  type Parts,
  type Report,
  type Said,
  subjectOf
} from './report.ts';
import { formatDate, formatDuration } from '../time.ts';
import type { Trouble } from '../case/import-api.ts';

type EndingOf<K extends Ending['kind']> = Ending & { readonly kind: K };

/** The inputs that end a wait. */
const LIMITS: Readonly<Record<string, string>> = {
  'timed-out': 'timeout',
  stalled: 'stall-timeout',
  unreachable: 'max-outage'
};

const BEFORE_THE_FIRST_READ = 'before this step first read it';

/**
 * When a given import had ended that had done so before the step’s first read:
 * `22h before this step began`; undefined of any other.
 */
function endedBefore({ case: c, waitedMs }: Report): string | undefined {
  const { origin, firstState, read } = c;
  if (origin !== 'given' || firstState === undefined || read?.state !== firstState)
    return undefined;
  if (!isTerminal(firstState) || c.resumed?.isForgotten) return undefined;
  // A post step does not know how long its main step waited.
  if (c.resumed) return BEFORE_THE_FIRST_READ;
  const agoMs = Date.parse(read.readAt ?? '') - waitedMs - Date.parse(enteredAt(read) ?? '');
  // Not a number where one of the dates is not known.
  if (!(agoMs >= 1000)) return BEFORE_THE_FIRST_READ;
  const [length = ''] = formatDuration(agoMs).split(' ');
  return `${length} before this step began`;
}

/** The words for the outcome of a report; what became of the import is said beside it. */
export function outcomeOf(report: Report): Said {
  return { ...NOTHING, ...partsFor(report) };
}

function partsFor(report: Report): Parts {
  const { outcome } = report.verdict;
  switch (outcome.kind) {
    case 'reached':
      return outcome.late ? reachedLate(report) : reached(report);
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

function reached(report: Report): Parts {
  const short = `Import reached ${report.terms.goal}`;
  const ago = endedBefore(report);
  return ago === undefined
    ? {
        short,
        whole: [`${asReached(report)} after ${formatDuration(report.waitedMs)} of waiting.`]
      }
    : { short, rest: ` ${ago}`, whole: [`${asReached(report)} ${ago}.`] };
}

function reachedLate(report: Report): Parts {
  const limit = LIMITS[report.case.ending?.kind ?? ''];
  // Whose import it is, a list may have told later than a read its state.
  const knew = report.case.origin === 'created' ? 'knew for certain' : 'learned';
  return {
    short: `Import reached ${report.terms.goal} late`,
    happened: [`${asReached(report)}, as this step ${knew} only after it gave up waiting.`],
    advice: limit === undefined ? [] : [`If this happens again, raise ${limit}.`]
  };
}

function failed(report: Report): Parts {
  const said = report.case.read?.said;
  const ago = endedBefore(report);
  return {
    short: 'Import failed',
    rest: ago === undefined ? '' : `, ${ago}`,
    whole: [`${subjectOf(report)} failed${ago === undefined ? '' : ` ${ago}`}.`],
    // In its own words.
    happened: said === undefined ? [] : [`Ops Manager says: “${said}”`],
    advice: whatToDo(report)
  };
}

function cancelled(report: Report): Parts {
  const subject = subjectOf(report);
  const { origin, firstState } = report.case;
  if (origin === 'given' && firstState === 'CANCELLED') {
    const ago = endedBefore(report) ?? BEFORE_THE_FIRST_READ;
    return {
      short: 'Import had been cancelled',
      rest: ' before this step read it',
      happened: [
        `${subject} had been cancelled ${ago}, perhaps by an earlier attempt of this run.`
      ],
      advice: [CREATE_AGAIN]
    };
  }
  const [rest, byWhom] = report.isPostStepThere
    ? [', perhaps by this step’s post step', ', perhaps by this step’s post step']
    : [', not by this action', ', and not by this step'];
  const hadBeen = firstState === 'CANCELLED' && `had been cancelled ${BEFORE_THE_FIRST_READ}`;
  return {
    short: 'Import was cancelled',
    rest,
    whole: [`${subject} ${hadBeen || 'was cancelled while this step waited'}${byWhom}.`],
    advice: report.isPostStepThere ? [CREATE_AGAIN] : ['Ask who cancelled it.', CREATE_AGAIN]
  };
}

function timedOut(report: Report, { timeoutMs, trouble }: EndingOf<'timed-out'>): Parts {
  const limit = formatDuration(timeoutMs);
  const short = 'Timed out';
  const { case: c, waitedMs } = report;
  // Nothing else ends a wait for its time before that is over.
  if (c.origin === 'created' && !c.resumed && !mayHaveCalled(report) && waitedMs < timeoutMs) {
    const left = `Of the ${limit} of timeout less than 5s were left`;
    const whole = [`${left}, and no create call begins then.`];
    return { short, whole, advice: ['Raise timeout.'] };
  }
  const whole = [didNotReach(report, `within ${limit}`)];
  const words = { short, length: ` after ${limit}`, whole };
  if (!trouble) return { ...words, advice: whatToDo(report) };
  const { title, happened, advice } = trouble;
  const call = creationOf(c)?.lost?.happened === happened ? 'create call' : 'last read';
  const last = c.read ? `The ${call} had no good answer: ${inSentence(happened)}` : happened;
  return { ...words, reason: title, happened: [last], advice: [advice] };
}

function didNotReach(report: Report, when: string): string {
  const { id, origin } = report.case;
  if (id !== undefined) {
    const unlessOurs = standsAtGoal(report.case, report.terms) ? ' as this step’s own' : '';
    return `${subjectOf(report)} did not reach ${report.terms.goal} ${when}${unlessOurs}.`;
  }
  if (origin !== 'created') return `No import in progress was found ${when}.`;
  return mayHaveCalled(report)
    ? `The import that was to be created was not found in Ops Manager’s list ${when}.`
    : `The import could not be created ${when}.`;
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
  const { case: c, terms } = report;
  const subject = inSentence(subjectOf(report));
  const before = standsAtGoal(c, terms) ? '' : ` before ${subject} reached ${terms.goal}`;
  const signal = /^The signal (\w+)$/.exec(by)?.[1];
  const sentence = !c.ending
    ? `The step was killed${before}.`
    : signal === undefined
      ? `${by} ended the wait${before}.`
      : `${signal} stopped the step${before}: ${WHO_INTERRUPTS}.`;
  return { short: 'Interrupted', happened: [sentence] };
}

function unreachable({ outageMs, trouble }: EndingOf<'unreachable'>): Parts {
  const length = formatDuration(outageMs);
  return {
    ...ofTrouble(trouble),
    short: 'No usable answer',
    length: ` for ${length}`,
    reason: trouble.title,
    whole: [`Ops Manager gave no usable answer for ${length}, so the step gave up.`]
  };
}

function ofTrouble({ title, happened, advice }: Trouble): Parts {
  return { short: title, happened: [happened], advice: [advice] };
}

/** Why a step could not wait, or not go on waiting. */
function causeOf(cause: Cause | { readonly kind: 'gone' }, report: Report): Parts {
  const subject = subjectOf(report);
  switch (cause.kind) {
    case 'api':
    case 'defect':
      return ofTrouble(cause.trouble);
    case 'not-created':
      return notCreated(cause.trouble, report);
    case 'several':
    case 'busy':
    case 'none':
    case 'unknown':
      return otherImports(cause, subject);
    case 'ended-early':
      return endedEarly(report);
    case 'missing':
      return {
        short: 'Import not found for a minute',
        happened: [`Ops Manager has not found ${inSentence(subject)} for a minute.`]
      };
    case 'gone':
      return {
        short: 'Import was deleted',
        happened: [`${subject} was deleted by someone: Ops Manager no longer knows it.`],
        advice: ['Ask who deleted it.', CREATE_AGAIN]
      };
    case 'ambiguous':
      return {
        short: 'Several imports may be this step’s',
        happened: ['Several imports began about when this step created its own.']
      };
    case 'unsaved':
      return {
        short: 'Outputs or state cannot be written',
        happened: [
          `The runner’s files for outputs and state cannot be written, so ${mayHaveCalled(report) ? 'the create call was not repeated' : 'no import was created'}: a killed step could not find it again.`
        ],
        advice: [CHECK_THE_DISK]
      };
  }
}

function mayHaveCalled({ case: c }: Report): boolean {
  const creation = creationOf(c);
  return creation !== undefined && mayHaveCreated(creation);
}

function notCreated(trouble: Trouble, { case: c }: Report): Parts {
  const met = creationOf(c)?.lost?.happened;
  const earlier = met === undefined ? '' : `An earlier create call had no good answer. ${met}`;
  const whole = ['Ops Manager refused to create the import.'];
  return { ...ofTrouble(trouble), whole, happened: [trouble.happened, earlier] };
}

type OtherImports = Extract<Cause, { readonly found: BriefList }>;

/** Other imports stand where one was looked for. */
function otherImports(cause: OtherImports, subject: string): Parts {
  const { count } = cause.found;
  const named = listInWords(cause.found);
  switch (cause.kind) {
    case 'several':
      return {
        short: `${count} imports in progress: set request-id`,
        happened: [
          `The project has ${count} imports in progress: ${named}.`,
          'None of them was cancelled.'
        ],
        advice: ['Set request-id to the one to wait for.']
      };
    case 'busy': {
      const imports = count === 1 ? 'an import' : `${count} imports`;
      return {
        short: `${count === 1 ? 'An import is' : `${imports} are`} in progress already`,
        happened: [`The project has ${imports} in progress, and if-in-progress is fail: ${named}.`],
        advice: ['Wait for it with request-id, or set if-in-progress to adopt.']
      };
    }
    case 'none':
      return {
        short: 'No import in progress',
        happened: [
          'The project has no import in progress.',
          count === 0 ? 'It has no imports at all.' : `The newest that ended: ${named}.`
        ],
        advice: [
          'Create the import first, or check project-id.',
          // An old SUCCESS opens the gate at once.
          count === 0 ? '' : 'Only if it is one of those that ended, set request-id to that one.'
        ]
      };
    case 'unknown':
      return {
        short: 'Ops Manager knows no such import',
        whole: [`Ops Manager does not know ${inSentence(subject)}.`],
        happened: [
          cause.trouble.happened,
          count === 0 ? 'The project has no imports.' : `The project’s imports: ${named}.`
        ],
        advice: [CHECK_IDS]
      };
  }
}

/** Whether it ran when the step began cannot be told: yesterday's success must not open the gate. */
function endedEarly(report: Report): Parts {
  const { read } = report.case;
  const at = read && enteredAt(read);
  const when = at === undefined ? '' : ` at ${formatDate(at)}`;
  return {
    short: 'Import ended while it was being looked for',
    happened: [
      `${subjectOf(report)} ended (${read?.state ?? ''})${when} while it was being looked for; whether it ran when the step began cannot be told.`
    ],
    advice: ['If it is the right one, wait for it with request-id.']
  };
}
