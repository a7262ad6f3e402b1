import { creationOf } from '../case/case.ts';
import { mayHaveCreated } from '../case/creation.ts';
import type { Cause, Trouble } from '../case/ending.ts';
import { enteredAt, type BriefList } from '../case/import.ts';
import { formatDate } from '../dates.ts';
import type { Report, Said } from './report.ts';
import { inSentence, listInWords, subjectOf } from './subject.ts';

export const CREATE_AGAIN = 'Create the import again if it is still wanted.';

/** What there is to say of a cause. */
type CauseSaid = Pick<Said, 'short' | 'happened' | 'advice'> & Partial<Pick<Said, 'whole'>>;

/** Why a step could not wait, or not go on waiting. */
export function causeOf(cause: Cause | { readonly kind: 'gone' }, report: Report): CauseSaid {
  switch (cause.kind) {
    case 'api':
    case 'defect': {
      const { title, happened, advice } = cause.trouble;
      return { short: title, happened: [happened], advice: [advice] };
    }
    case 'not-created':
      return notCreated(cause.trouble, report);
    case 'several':
    case 'busy':
    case 'none':
    case 'unknown':
      return otherImports(cause, report);
    case 'ended-early':
      return endedEarly(report);
    case 'missing':
    case 'gone':
      return noLongerThere(cause.kind, report);
    case 'ambiguous':
      return {
        short: 'Several imports may be this step’s',
        happened: ['Several imports began while this step created its own.'],
        advice: []
      };
    case 'unsaved':
      return {
        short: 'Outputs or state cannot be written',
        happened: [
          `The runner’s files for outputs and state cannot be written, so ${mayHaveCalled(report) ? 'the create call was not repeated' : 'no import was created'}: a killed step could not find it again.`
        ],
        advice: ['Check the disk of the runner.']
      };
  }
}

function mayHaveCalled({ case: c }: Report): boolean {
  const creation = creationOf(c);
  return creation !== undefined && mayHaveCreated(creation);
}

function notCreated(trouble: Trouble, { case: c }: Report): CauseSaid {
  const wasLost = creationOf(c)?.calls.some(({ end }) => end === 'lost') === true;
  return {
    short: trouble.title,
    whole: ['Ops Manager refused to create the import.'],
    happened: [trouble.happened, wasLost ? 'An earlier create call was not answered.' : ''],
    advice: [trouble.advice]
  };
}

type OtherImports = Extract<Cause, { readonly found: BriefList }>;

/** Other imports stand where one was looked for. */
function otherImports(cause: OtherImports, report: Report): CauseSaid {
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
    case 'busy':
      return {
        short: `${count === 1 ? 'An import is' : `${count} imports are`} in progress already`,
        happened: [
          `The project has ${count === 1 ? 'an import' : `${count} imports`} in progress, and if-in-progress is fail: ${named}.`
        ],
        advice: ['Wait for it with request-id, or set if-in-progress to adopt.']
      };
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
          ...(count === 0
            ? []
            : ['Only if it is one of those that ended, set request-id to that one.'])
        ]
      };
    case 'unknown':
      return {
        short: 'Ops Manager knows no such import',
        whole: [`Ops Manager does not know ${inSentence(subjectOf(report))}.`],
        happened: [
          cause.trouble.happened,
          count === 0 ? 'The project has no imports.' : `The project’s imports: ${named}.`
        ],
        advice: ['Check request-id and project-id, and that they are not swapped.']
      };
  }
}

/** Whether it ran when the step began cannot be told: yesterday's success must not open the gate. */
function endedEarly(report: Report): CauseSaid {
  const { read } = report.case;
  const state = read?.state ?? '';
  const at = read && enteredAt(read);
  const when = at === undefined ? '' : ` at ${formatDate(at)}`;
  return {
    short: 'Import ended while it was being looked for',
    happened: [
      `${subjectOf(report)} ended (${state})${when} while it was being looked for; whether it ran when the step began cannot be told.`
    ],
    advice: ['If it is the right one, wait for it with request-id.']
  };
}

function noLongerThere(kind: 'missing' | 'gone', report: Report): CauseSaid {
  return kind === 'missing'
    ? {
        short: 'Import not found for a minute',
        happened: [`Ops Manager has not found ${inSentence(subjectOf(report))} for a minute.`],
        advice: []
      }
    : {
        short: 'Import was deleted',
        happened: [`${subjectOf(report)} was deleted by someone while this step waited for it.`],
        advice: ['Ask who deleted it.', CREATE_AGAIN]
      };
}
