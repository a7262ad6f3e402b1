import { find, hasAccepted, mayHaveCreated, type Creation } from '../import/creation.ts';
import { isAmbiguous, isGone, mayBeRunning } from '../import/verdict.ts';
import { listInWords } from './cause.ts';
import type { Report } from './report.ts';

/** What became of an import that had not ended when the step gave up. */
export interface Fate {
  /** For titles; empty when nothing was to be settled. */
  readonly short: string;
  /** One sentence, when an import may still be running. */
  readonly alarm: string;
  /** One sentence otherwise. */
  readonly sentence: string;
  /** What to do about it. */
  readonly advice: readonly string[];
}

const NONE: Fate = { short: '', alarm: '', sentence: '', advice: [] };
const CREATE_AGAIN = 'Create the import again when it is wanted.';

/** What became of the import, in words. */
export function fateOf(report: Report): Fate {
  const { case: c, verdict } = report;
  const { cancellation, outcome } = verdict;
  if (outcome.kind === 'reached' || outcome.kind === 'failed' || outcome.kind === 'cancelled')
    return NONE;
  switch (cancellation.kind) {
    case 'not-needed':
      return notNeeded(report);
    case 'skipped':
      return leftRunning(report);
    case 'confirmed':
      return {
        ...NONE,
        short: 'import cancelled',
        sentence: 'This action cancelled the import, and Ops Manager confirmed it.',
        advice: [CREATE_AGAIN]
      };
    case 'requested':
      return {
        ...NONE,
        short: 'cancellation not confirmed',
        alarm: `${theImport(c.id)} may still be running: Ops Manager accepted its cancellation, but has not confirmed it yet.`,
        advice: [lookAfter(c.id)]
      };
    case 'refused':
      return {
        ...NONE,
        short: 'import may still be running',
        alarm: `${theImport(c.id)} may still be running: Ops Manager refused to cancel it.`,
        sentence: cancellation.trouble.happened,
        advice: [lookAfter(c.id)]
      };
    case 'failed':
      return notAsked(report);
  }
}

function notNeeded(report: Report): Fate {
  const { case: c, verdict } = report;
  if (isGone(c) && c.read && verdict.outcome.kind !== 'error')
    return { ...NONE, short: 'import was deleted', sentence: 'Ops Manager no longer knows it.' };
  if (c.creation && mayHaveCreated(c.creation) && !mayBeRunning(c) && c.id === undefined) {
    const sentence =
      'The create call was not answered. Lists were read for its import, and none appeared within 30 s.';
    return { ...NONE, short: 'no import appeared', sentence };
  }
  const wasToCreate = report.request !== undefined && c.id === undefined;
  return wasToCreate
    ? { ...NONE, short: 'nothing was created', sentence: 'Nothing was created.' }
    : NONE;
}

function leftRunning({ case: c, verdict }: Report): Fate {
  const isInterrupt = verdict.outcome.kind === 'interrupted';
  const input = isInterrupt ? 'cancel-on-interrupt' : 'cancel-on-timeout';
  if (c.creation && isAmbiguous(c))
    return oneOfSeveral(c.creation, `None was cancelled, as ${input} is false.`);
  const wait = c.id === undefined ? '' : `Wait for it with request-id: ${c.id}.`;
  return {
    ...NONE,
    short: 'import left running',
    sentence: `The import was left running, as ${input} is false.`,
    advice: [wait]
  };
}

function oneOfSeveral(creation: Creation, sentence: string): Fate {
  const { candidates } = find(creation);
  return {
    ...NONE,
    short: 'imports may still be running',
    alarm: `${candidates.length} imports may be this step’s and may still be running: ${listInWords({ imports: candidates, count: candidates.length })}.`,
    sentence,
    advice: [
      'Look at them in Ops Manager, cancel what is not wanted, and wait for the right one with request-id.'
    ]
  };
}

/** Nothing was asked, or no answer came. */
function notAsked({ case: c, verdict }: Report): Fate {
  const short = 'import may still be running';
  const { creation, id } = c;
  if (creation && isAmbiguous(c)) {
    return oneOfSeveral(
      creation,
      'Ops Manager does not say which one this step created, so none was cancelled.'
    );
  }
  if (creation && id === undefined) {
    const { outsiders } = find(creation);
    const what = hasAccepted(creation)
      ? 'Ops Manager accepted the new import, but did not list it.'
      : 'A create call was not answered, and it is not known whether it arrived.';
    const others =
      outsiders.length === 0
        ? ''
        : `New in the list, but begun at another time: ${listInWords({ imports: outsiders, count: outsiders.length })}.`;
    return {
      ...NONE,
      short,
      alarm: `An import of this step may be running. ${what}`,
      sentence: others,
      advice: ['Look for it in Ops Manager, and cancel it there if it is not wanted.']
    };
  }
  const trouble = verdict.cancellation.kind === 'failed' ? verdict.cancellation.trouble : undefined;
  const isKnown =
    'trouble' in verdict.outcome && verdict.outcome.trouble?.happened === trouble?.happened;
  return {
    ...NONE,
    short,
    alarm: `${theImport(id)} may still be running: it could not be cancelled.`,
    sentence: trouble && !isKnown ? trouble.happened : '',
    advice: [lookAfter(id)]
  };
}

function theImport(id: string | undefined): string {
  return id === undefined ? 'The import' : `Import ${id}`;
}

function lookAfter(id: string | undefined): string {
  return `Look at ${id === undefined ? 'the import' : `import ${id}`} in Ops Manager, and cancel it there if it still runs and is not wanted.`;
}
