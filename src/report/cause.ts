import { formatDate } from '../date.ts';
import { creationOf } from '../case/case.ts';
import { mayHaveCreated } from '../case/creation.ts';
import type { Cause, Trouble } from '../case/ending.ts';
import type { BriefList } from '../case/import.ts';
import type { Report } from './report.ts';
import { inSentence, subjectOf } from './subject.ts';

/** Why a step could not wait, or not go on waiting, in words. */
export interface CauseWords {
  /** A few words. */
  readonly title: string;
  readonly happened: readonly string[];
  readonly advice: readonly string[];
}

/** The words for a cause. */
export function causeInWords(cause: Cause | { readonly kind: 'gone' }, report: Report): CauseWords {
  switch (cause.kind) {
    case 'api':
    case 'defect': {
      const { title, happened, advice } = cause.trouble;
      return { title, happened: [happened], advice: [advice] };
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
        title: 'Several imports may be this step’s',
        happened: ['Several imports began while this step created its own.'],
        advice: []
      };
    case 'unsaved':
      return {
        title: 'Outputs or state cannot be written',
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

function notCreated(trouble: Trouble, { case: c }: Report): CauseWords {
  const wasLost = creationOf(c)?.calls.some(({ end }) => end === 'lost') === true;
  return {
    title: trouble.title,
    happened: [
      'Ops Manager refused to create the import.',
      trouble.happened,
      wasLost ? 'An earlier create call was not answered.' : ''
    ],
    advice: [trouble.advice]
  };
}

type OtherImports = Extract<Cause, { readonly found: BriefList }>;

/** Other imports stand where one was looked for. */
function otherImports(cause: OtherImports, report: Report): CauseWords {
  const { count } = cause.found;
  const named = listInWords(cause.found);
  switch (cause.kind) {
    case 'several':
      return {
        title: `${count} imports in progress: set request-id`,
        happened: [
          `The project has ${count} imports in progress: ${named}.`,
          'None of them was cancelled.'
        ],
        advice: ['Set request-id to the one to wait for.']
      };
    case 'busy':
      return {
        title: `${count === 1 ? 'An import is' : `${count} imports are`} in progress already`,
        happened: [
          `The project has ${count === 1 ? 'an import' : `${count} imports`} in progress, and if-in-progress is fail: ${named}.`
        ],
        advice: ['Wait for it with request-id, or set if-in-progress to adopt.']
      };
    case 'none':
      return {
        title: 'No import in progress',
        happened: [
          'The project has no import in progress.',
          count === 0 ? 'It has no imports at all.' : `The newest that ended: ${named}.`
        ],
        advice:
          count === 0
            ? ['Create the import first, or check project-id.']
            : ['Set request-id to one of them, create the import, or check project-id.']
      };
    case 'unknown':
      return {
        title: 'Ops Manager knows no such import',
        happened: [
          `Ops Manager does not know ${inSentence(subjectOf(report))}.`,
          cause.trouble.happened,
          count === 0 ? 'The project has no imports.' : `The project’s imports: ${named}.`
        ],
        advice: ['Check request-id and project-id, and that they are not swapped.']
      };
  }
}

/** Whether it ran when the step began cannot be told: yesterday's success must not open the gate. */
function endedEarly(report: Report): CauseWords {
  const state = report.case.read?.state ?? '';
  return {
    title: 'Import ended while it was being looked for',
    happened: [
      `${subjectOf(report)} ended (${state}) while it was being looked for; whether it ran when the step began cannot be told.`
    ],
    advice: ['If it is the right one, wait for it with request-id.']
  };
}

function noLongerThere(kind: 'missing' | 'gone', report: Report): CauseWords {
  return kind === 'missing'
    ? {
        title: 'Import not found for a minute',
        happened: [`Ops Manager has not found ${inSentence(subjectOf(report))} for a minute.`],
        advice: []
      }
    : {
        title: 'Import was deleted',
        happened: [`${subjectOf(report)} was deleted by someone while this step waited for it.`],
        advice: [
          'Ask who deleted it in Ops Manager.',
          'Create the import again if it is still wanted.'
        ]
      };
}

/** Imports with id, state and since when. */
export function listInWords({ imports, count }: BriefList): string {
  const named = imports.map(({ id, state, since }) => {
    const when = since === undefined ? '' : ` since ${formatDate(since)}`;
    return `${id} ${state}${when}`;
  });
  const more = count - named.length;
  return [...named, ...(more > 0 ? [`${more} more`] : [])].join(', ');
}
