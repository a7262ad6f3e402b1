import { mayBeCancelled } from '../case/case.ts';
import { isAmbiguous, isKnownWhich, type NotNeeded } from '../case/verdict.ts';
import { callInWords } from './by-hand.ts';
import { fateOf, LIST } from './fate.ts';
import { logWarning } from './log.ts';
import { alertBox, code, factList } from './markdown.ts';
import { succeeds } from './publication.ts';
import { NOTHING, type Report, type Said } from './report.ts';
import { writeSummary } from './runner-files.ts';
import { inPhase, inSentence, listInWords, subjectOf } from './subject.ts';
import { projectLink, shown, withCommands } from './summary.ts';
import { inOneSentence } from './words.ts';

/**
 * What the post step found and did, in words, for a case that it has settled as far as it could;
 * `short` is its title, and what became of the import.
 */
export function aftermathOf(report: Report): Said {
  if (report.hasForeignInputs) return notAsked(report);
  return withInProgress(isForgotten(report) ? withoutState(report) : ofOwn(report), report);
}

/** The description of a commit status when the main step was killed. */
export function aftermathStatus(report: Report): string {
  const what = isForgotten(report) ? 'The step’s state did not arrive.' : 'Step killed.';
  return `${what} ${aftermathOf(report).short}`;
}

/** Whether nothing came of what main saved. */
function isForgotten({ case: { resumed } }: Report): boolean {
  return resumed?.isForgotten === true;
}

/** Says it as a warning and in a summary of its own. */
export function tellAftermath(report: Report, wantsSummary: boolean): void {
  const { short, alarm, happened, advice, byHand } = aftermathOf(report);
  const { place } = report;
  const isOnlyHere = report.hasForeignInputs || !wantsSummary;
  const calls = byHand.map((each) =>
    isOnlyHere ? `${each.purpose}: ${callInWords(each, place)}` : inOneSentence(each)
  );
  logWarning(`After the step: ${short}`, alarm, ...happened, ...advice, ...calls);
  if (!wantsSummary) return;
  succeeds(() => {
    writeSummary(aftermathSummary(report));
  });
}

/** The summary of the post step as GitHub-flavoured Markdown. */
export function aftermathSummary(report: Report): string {
  const { short, alarm, happened, advice, byHand } = aftermathOf(report);
  const { id } = report.case;
  const parts = [
    `## After the step: ${shown(short)}`,
    alarm === '' ? '' : alertBox('CAUTION', [shown(alarm)]),
    ...[...happened, ...advice].map(shown),
    ...byHand.map((each) => withCommands(each, report.place)),
    factList([
      ['Import', id === undefined || !isKnownWhich(report.case) ? undefined : code(id)],
      ['Project', projectLink(report.place)]
    ])
  ];
  return `${parts.filter((part) => part !== '').join('\n\n')}\n`;
}

function ofOwn(report: Report): Said {
  const subject = subjectOf(report);
  switch (report.verdict.outcome.kind) {
    case 'reached':
      return reached(report, subject);
    case 'failed':
      return failed(report, subject);
    case 'cancelled':
      return cancelled(report, subject);
    case 'timed-out':
    case 'stalled':
    case 'interrupted':
    case 'unreachable':
    case 'error':
      return settled(report, subject);
  }
}

/** What main did after its last whole state, nobody knows. */
function cancelled(report: Report, subject: string): Said {
  return report.case.isFinished
    ? calm(
        `Import was cancelled${inPhase(report)}, not by this action`,
        `${subject} is CANCELLED, and this action had not asked for it.`
      )
    : calm(
        `Import was cancelled${inPhase(report)}`,
        `${subject} is CANCELLED: perhaps the main step asked for it before it ended.`
      );
}

function calm(short: string, ...happened: readonly string[]): Said {
  return { ...NOTHING, short, happened };
}

function reached({ terms, case: c }: Report, subject: string): Said {
  const state = c.read?.state ?? terms.goal;
  const nowIn = state === terms.goal ? '' : ` (it is in ${state})`;
  const unharmed = mayBeCancelled(c) ? '' : ', so it was not cancelled';
  return calm(
    `Import has reached ${terms.goal}`,
    `${subject} has reached ${terms.goal}${nowIn}${unharmed}.`,
    'The step itself did not pass: it had ended before.'
  );
}

/** The post step never deletes. */
function failed(report: Report, subject: string): Said {
  const { id, deletion } = report.case;
  const isDeleted = deletion?.kind === 'deleted';
  const record = isDeleted
    ? 'Its record was deleted.'
    : deletion?.kind === 'asked'
      ? 'Its record was about to be deleted, and may remain in Ops Manager.'
      : 'Its record remains in Ops Manager.';
  const purpose = 'Delete it, so that Ops Manager cleans up what was partly imported';
  return {
    ...calm(`Import failed${inPhase(report)}`, `${subject} is FAILED.`, record),
    byHand: isDeleted || id === undefined ? [] : [{ call: 'delete', ids: [id], purpose }]
  };
}

function settled(report: Report, subject: string): Said {
  const { case: c, verdict } = report;
  const { cancellation } = verdict;
  const fate = fateOf(report);
  if (cancellation.kind === 'confirmed') {
    const sentence = `${subject} was cancelled by this action, and Ops Manager confirmed it.`;
    return { ...calm(`Import cancelled${inPhase(report)}`, sentence), advice: fate.advice };
  }
  const plain =
    cancellation.kind === 'not-needed' ? unneeded(cancellation.why, subject) : undefined;
  if (plain) return plain;
  const short = isAmbiguous(c) ? 'imports may still be running' : fate.short;
  const happened = [...fate.happened, ...fate.whole];
  return {
    ...fate,
    short: short === '' ? 'Nothing to cancel' : sentenceCase(short),
    whole: [],
    happened: happened.length > 0 || fate.alarm !== '' ? happened : [`${subject} needs nothing.`]
  };
}

/** Where nothing was to be cancelled, in words of their own; undefined where the fate has them. */
function unneeded(why: NotNeeded, subject: string): Said | undefined {
  switch (why) {
    case 'gone':
      return calm('Import not found', `Ops Manager does not know ${inSentence(subject)}.`);
    case 'not-confirmed':
      return calm(
        'Import is in SUCCESS, but not confirmed',
        `${subject} is in SUCCESS, but no list confirmed that it is this step’s.`
      );
    case 'not-found':
      return calm(
        'No import had been found',
        'The step ended before it had found its import, so nothing was cancelled.'
      );
    case 'never-read':
      return calm(
        'Import was never read',
        `The step ended before it had read ${inSentence(subject)}, so nothing was cancelled.`
      );
    case 'several':
      return calm(
        'Several imports in progress; none cancelled',
        'Several imports were in progress, and which one was meant is not known, so none was cancelled.'
      );
    case 'ended':
    case 'not-ours-yet':
    case 'nothing-created':
    case 'none-appeared':
    case 'none-in-progress':
      return undefined;
  }
}

const STATE_IS_LOST = 'What the main step did is not known: its saved state did not arrive.';

/** Nothing was saved: nobody knows what main asked or created, nor who cancelled. */
function withoutState(report: Report): Said {
  const { read, id } = report.case;
  const subject = subjectOf(report);
  // What this post step asked for itself, it knows.
  const isOurs = report.verdict.cancellation.kind === 'confirmed';
  const isOver = read?.state === 'SUCCESS' || (read?.state === 'CANCELLED' && !isOurs);
  if (id !== undefined && isOver)
    return calm(`Import is ${read.state}`, `${subject} is ${read.state}.`, STATE_IS_LOST);
  const known = read?.state === 'FAILED' ? failed(report, subject) : settled(report, subject);
  return { ...known, happened: [...known.happened, STATE_IS_LOST] };
}

/** With the imports that run and may be this step’s, where the case cannot tell. */
function withInProgress(said: Said, { case: { resumed } }: Report): Said {
  const found = resumed?.inProgress;
  if (!found || found.count === 0) return said;
  const named = listInWords(found);
  return {
    ...said,
    short: 'An import may still be running',
    alarm: `An import of this step may still be running; in progress in the project: ${named}.`,
    happened: said.happened,
    byHand: [
      {
        call: 'cancel',
        ids: found.imports.map(({ id }) => id),
        purpose: 'Cancel the one that is this step’s, if it is not wanted'
      }
    ]
  };
}

/** The runner handed over other inputs, so there was no key to ask with. */
function notAsked(report: Report): Said {
  const { case: c, place } = report;
  const { id } = c;
  const which = id === undefined ? 'An import of this step' : `Import ${id}`;
  return {
    ...NOTHING,
    short: 'Import may still be running',
    alarm: `${which} may still be running on ${place.host}: the post step was handed other inputs than the step, so it could ask nothing.`,
    happened: [`Its project is ${place.projectId}.`],
    advice: ['Inputs that come from env or from outputs of steps change until the end of the job.'],
    byHand: [
      id === undefined
        ? LIST
        : { call: 'cancel', ids: [id], purpose: 'Cancel it if it still runs and is not wanted' }
    ]
  };
}

function sentenceCase(text: string): string {
  return `${text.charAt(0).toUpperCase()}${text.slice(1)}`;
}
