import { type Case, creationOf, mayBeCancelled, wasAsked } from '../case/case.ts';
import { LISTING_DELAY_MS } from '../case/creation.ts';
import type { BriefList } from '../case/import.ts';
import type { NotNeeded } from '../case/verdict.ts';
import { callInWords, CANCEL_IT, inOneSentence, LIST, withCommands } from './by-hand.ts';
import { fateOf } from './fate.ts';
import { logWarning } from './log.ts';
import { alertBox, factList, paragraphs, shown } from './markdown.ts';
import { inPhase } from './phases.ts';
import { succeeds } from './publication.ts';
import {
  CREATE_AGAIN,
  inSentence,
  lateArrivals,
  listInWords,
  NOTHING,
  recordAfter,
  saidOf,
  subjectOf,
  type Report,
  type Said
} from './report.ts';
import { writeSummary } from './runner-files.ts';
import { whichImport } from './summary.ts';

/**
 * What the post step found and did, in words, for a case that it has settled as far as it could;
 * `short` is its title, and what became of the import.
 */
export function aftermathOf(report: Report): Said {
  if (report.hasForeignInputs) return notAsked(report);
  const said = isForgotten(report) ? withoutState(report) : ofOwn(report);
  const happened = [...new Set([...said.happened, ...lateArrivals(report.case)])];
  return withInProgress({ ...said, happened }, report);
}

/** How the description of a commit status begins where nothing was saved. */
export const NOT_ARRIVED = 'The step’s state did not arrive.';

/** The description of a commit status when the main step was killed. */
export function aftermathStatus(report: Report): string {
  const what = isForgotten(report) ? NOT_ARRIVED : 'Step killed.';
  return `${what} ${aftermathOf(report).short}`;
}

/** Whether nothing came of what main saved. */
function isForgotten({ case: { resumed } }: Report): boolean {
  return resumed?.isForgotten === true;
}

/** Says it as a warning and in a summary of its own. */
export function tellAftermath(report: Report, wantsSummary: boolean): void {
  const { short, alarm, happened, advice, byHand } = aftermathOf(report);
  const isOnlyHere = report.hasForeignInputs || !wantsSummary;
  const calls = byHand.map((each) =>
    isOnlyHere ? `${each.purpose}: ${callInWords(each, report.place)}` : inOneSentence(each)
  );
  // The summary has it among its facts.
  const project = report.hasForeignInputs ? `Its project is ${report.place.projectId}.` : '';
  logWarning(`After the step: ${short}`, alarm, project, ...happened, ...advice, ...calls);
  if (!wantsSummary) return;
  succeeds(() => {
    writeSummary(aftermathSummary(report));
  });
}

/** The summary of the post step as GitHub-flavoured Markdown. */
export function aftermathSummary(report: Report): string {
  const { short, alarm, happened, advice, byHand } = aftermathOf(report);
  const parts = [
    `## After the step: ${shown(short)}`,
    alarm === '' ? '' : alertBox('CAUTION', [shown(alarm)]),
    ...[...happened, ...advice].map(shown),
    ...byHand.map((each) => withCommands(each, report.place)),
    factList(whichImport(report))
  ];
  return `${paragraphs(parts)}\n`;
}

function ofOwn(report: Report): Said {
  switch (report.verdict.outcome.kind) {
    case 'reached':
      return reached(report);
    case 'failed':
      return failed(report);
    case 'cancelled':
      return cancelled(report);
    case 'timed-out':
    case 'stalled':
    case 'interrupted':
    case 'unreachable':
    case 'error':
      return settled(report);
  }
}

function calm(short: string, ...happened: readonly string[]): Said {
  return { ...NOTHING, short, happened };
}

/** What main did after its last whole state, nobody knows. */
function cancelled(report: Report): Said {
  const short = `Import was cancelled${inPhase(report)}`;
  const fact = `${subjectOf(report)} is CANCELLED`;
  const said = report.case.isFinished
    ? calm(`${short}, not by this action`, `${fact}, and this action had not asked for it.`)
    : calm(short, `${fact}: perhaps the main step asked for it before it ended.`);
  return { ...said, advice: [CREATE_AGAIN] };
}

function reached(report: Report): Said {
  const { goal } = report.terms;
  const { state } = report.case.read ?? { state: goal };
  const short = `Import has reached ${goal}`;
  const subject = subjectOf(report);
  if (isForgotten(report))
    return calm(short, `${subject} is in ${state}, and goal-state is ${goal}.`);
  const nowIn = state === goal ? '' : ` (it is in ${state})`;
  const unharmed = mayBeCancelled(report.case) ? '' : ', so it was not cancelled';
  return calm(
    short,
    `${subject} has reached ${goal}${nowIn}${unharmed}.`,
    'That does not change how the step itself ended.'
  );
}

const RECORDS: Readonly<Record<ReturnType<typeof recordAfter>, string>> = {
  left: 'Its record remains in Ops Manager.',
  deleted: 'Its record was deleted.',
  unknown: 'Its record may remain in Ops Manager: the call that deletes it was not answered.'
};

/** The post step never deletes. */
function failed(report: Report): Said {
  const { id, deletion } = report.case;
  const record = recordAfter(deletion);
  const purpose = 'Delete it, so that Ops Manager cleans up what was partly imported';
  const told = [`${subjectOf(report)} is FAILED.`, ...saidOf(report), RECORDS[record]];
  return {
    ...calm(`Import failed${inPhase(report)}`, ...told),
    byHand: record === 'deleted' || id === undefined ? [] : [{ call: 'delete', ids: [id], purpose }]
  };
}

function settled(report: Report): Said {
  const subject = subjectOf(report);
  const { cancellation } = report.verdict;
  const fate = { ...NOTHING, ...fateOf(report) };
  if (cancellation.kind === 'confirmed') {
    const sentence = mayBeCancelled(report.case)
      ? `${subject} was cancelled by this action, and Ops Manager confirmed it.`
      : `${subject} is CANCELLED, though Ops Manager refused this action’s call.`;
    return { ...calm(`Import cancelled${inPhase(report)}`, sentence), advice: fate.advice };
  }
  const plain =
    cancellation.kind === 'not-needed' ? unneeded(cancellation.why, subject) : undefined;
  if (plain) return plain;
  // The heading of the main step has named them before.
  const short = fate.short.replace(/^(?:all|some) (?=may|have)/, 'imports ');
  const happened = [...fate.happened, ...fate.whole];
  return {
    ...fate,
    alarm: `${fate.alarm} ${fate.alarmCause}`.trim(),
    short: short === '' ? 'Nothing to cancel' : `${short.charAt(0).toUpperCase()}${short.slice(1)}`,
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

/** Nothing was saved: nobody knows what main asked, created or decided, nor who cancelled. */
function withoutState(report: Report): Said {
  const { case: c, terms, verdict } = report;
  const { kind } = verdict.cancellation;
  // What this post step asked for itself, it knows.
  const isOver =
    c.read?.state === 'SUCCESS' || (c.read?.state === 'CANCELLED' && kind !== 'confirmed');
  if (c.id !== undefined && isOver) {
    const fact = `${subjectOf(report)} is ${c.read.state}.`;
    return calm(`Import is ${c.read.state}`, fact, STATE_IS_LOST);
  }
  if (c.read?.state === 'FAILED') return withLoss(failed(report));
  // Main may have had another goal.
  const isAtGoal = verdict.outcome.kind === 'reached';
  if (isAtGoal && terms.cancelOnInterrupt) return withLoss(reached(report));
  const isUnasked = kind === 'skipped' || (kind === 'failed' && !hasAsked(c));
  return isUnasked || isAtGoal ? onlyLooked(report) : withLoss(settled(report));
}

function withLoss(said: Said): Said {
  return { ...said, happened: [...said.happened, STATE_IS_LOST] };
}

/** Whether this post step has tried to ask for the cancellation. */
function hasAsked(c: Case): boolean {
  return wasAsked(c) || c.missing?.wasAsked === true || c.cancel.failure !== undefined;
}

/** Whether to cancel cannot be known, so there was only a look. */
function onlyLooked(report: Report): Said {
  const { id, read, missing, resumed } = report.case;
  const happened = [
    STATE_IS_LOST,
    'So what it decided cannot be known either, and the post step only looked.'
  ];
  if (id === undefined) {
    const why = resumed?.inProgress
      ? 'none is listed yet, but lists can be late'
      : 'the project’s imports could not be listed';
    const alarm = `An import of this step may still be running: ${why}.`;
    return { ...NOTHING, short: 'An import may still be running', alarm, happened, byHand: [LIST] };
  }
  const subject = subjectOf(report);
  if (!read && missing && missing.until - missing.since >= LISTING_DELAY_MS)
    return calm(
      'Import not found',
      `Ops Manager does not know ${inSentence(subject)}.`,
      ...happened
    );
  const why = missing
    ? 'Ops Manager does not find it'
    : read
      ? `the post step read it in ${read.state}`
      : 'the post step could not read it';
  return {
    ...NOTHING,
    short: 'Import may still be running',
    alarm: `${subject} may still be running: ${why}.`,
    happened,
    byHand: [{ call: 'cancel', ids: [id], purpose: CANCEL_IT }]
  };
}

/** With the imports that run and may be this step’s, where the case cannot tell. */
function withInProgress(said: Said, { case: c }: Report): Said {
  const found = unknownAmong(c);
  if (found.count === 0) return said;
  const purpose = 'Cancel the one that is this step’s, if it is not wanted';
  return {
    ...said,
    short: 'An import may still be running',
    alarm: `An import of this step may still be running; in progress in the project: ${listInWords(found)}.`,
    byHand: [{ call: 'cancel', ids: found.imports.map(({ id }) => id), purpose }]
  };
}

/** Those in progress of which nothing is known: not the one of which the case tells, nor what ran before. */
function unknownAmong(c: Case): BriefList {
  const { imports, count } = c.resumed?.inProgress ?? { imports: [], count: 0 };
  const before = creationOf(c)?.before.imports ?? [];
  const unknown = imports.filter(({ id }) => id !== c.id && !before.some((each) => each.id === id));
  return { imports: unknown, count: count - imports.length + unknown.length };
}

/** The runner handed over other inputs, so there was no key to ask with. */
function notAsked({ case: { id }, place }: Report): Said {
  const which = id === undefined ? 'An import of this step' : `Import ${id}`;
  return {
    ...NOTHING,
    short: 'Import may still be running',
    alarm: `${which} may still be running on ${place.host}: the post step was handed other inputs than the step, so it could ask nothing.`,
    advice: ['Inputs that come from env or from outputs of steps change until the end of the job.'],
    byHand: [id === undefined ? LIST : { call: 'cancel', ids: [id], purpose: CANCEL_IT }]
  };
}
