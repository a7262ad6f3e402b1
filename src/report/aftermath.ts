import { type Case, creationOf, mayBeCancelled, wasAsked } from '../case/case.ts';
import { LISTING_DELAY_MS } from '../case/creation.ts';
import { type BriefList, isInProgress } from '../case/import.ts';
import { isAnswered, isKnownWhich, isLeftOpen } from '../case/verdict.ts';
import { cancelOrLook, CREATE_AGAIN, LIST, phaseInWords } from './advice.ts';
import { fateOf, lateArrivals } from './fate.ts';
import { outcomeOf } from './outcome.ts';
import {
  asReached,
  inSentence,
  listInWords,
  NAMED_AT_MOST,
  NOTHING,
  phaseInQuestion,
  type Report,
  type Said,
  sinceOf,
  subjectOf
} from './report.ts';

/**
 * What the post step found and did, in words, for a case that it has settled as far as it could;
 * `short` is its title, and what became of the import.
 */
export function aftermathOf(report: Report): Said {
  const { case: c, hasForeignInputs, verdict } = report;
  // Of several, what main read of them says more.
  if (hasForeignInputs && isLeftOpen(verdict.cancellation) && isKnownWhich(c))
    return notAsked(report);
  const said = isForgotten(report) ? withoutState(report) : settled(report);
  const asked = hasForeignInputs ? [`${withCapital(ASKED_NOTHING)}.`] : [];
  const happened = [...new Set([...said.happened, ...lateArrivals(c), ...asked])];
  return withInProgress({ ...said, happened }, report);
}

/** How the description of a commit status begins where nothing was saved. */
export const NOT_ARRIVED = 'The step’s state did not arrive.';

/** The description of a commit status when the main step was killed, or its disk was full at the end. */
export function aftermathStatus(report: Report): string {
  const what = isForgotten(report) ? NOT_ARRIVED : 'Step killed, or its end not saved.';
  return `${what} ${aftermathOf(report).short}`;
}

/** Whether nothing came of what main saved. */
function isForgotten({ case: { resumed } }: Report): boolean {
  return resumed?.isForgotten === true;
}

function calm(short: string, ...happened: readonly string[]): Said {
  return { ...NOTHING, short, happened };
}

/** What became of the import; how it ended, where that is the same, or nothing became of it. */
function settled(report: Report): Said {
  const fate = fateOf(report);
  const end = endOf(report);
  const isEnd = fate.short === '' || isAnswered(report.case, report.terms);
  const alarm = `${fate.alarm} ${fate.alarmCause}`.trim();
  const standing = isEnd ? [] : standingAtLast(report);
  // Of a step that came to its end this is told already.
  const isTold = isEnd || report.case.isFinished || !report.case.ending;
  const why = isTold ? [] : [...end.whole, ...end.happened].filter((text) => !alarm.includes(text));
  const became = [...fate.whole, ...why, ...standing, ...fate.happened, ...fate.caveats];
  const isSaid = !isEnd && (alarm !== '' || became.length > 0);
  return {
    ...fate,
    short: isEnd ? endedAs(end, fate, report) : becameOf(fate, report),
    whole: [],
    alarm,
    happened: isSaid ? became : [...end.whole, ...end.happened, ...became],
    advice: isEnd ? [...end.advice, ...fate.advice] : fate.advice
  };
}

/** In which phase it was, for those who see no summary of the main step. */
function standingAtLast(report: Report): readonly string[] {
  const { id, read } = report.case;
  const phase = phaseInQuestion(report);
  const isOpen = report.verdict.cancellation.kind !== 'not-needed';
  if (!read && id !== undefined && isOpen) return ['The import’s state was never read.'];
  if (!read || phase === undefined || !isInProgress(read)) return [];
  return [`When it was last read, the import was in ${phaseInWords(phase)}${sinceOf(read)}.`];
}

function endedAs({ short, rest }: Said, fate: Said, report: Report): string {
  const became = fate.short === '' ? '' : `; ${fate.short}`;
  return `${short}${inPhase(report)}${rest}${became}`;
}

/** The title of the main step does not stand before it. */
function becameOf({ short }: Said, report: Report): string {
  const phase = report.verdict.cancellation.kind === 'confirmed' ? inPhase(report) : '';
  const named = short.replace(/^(?:all|some) (?=may|have)/, 'imports ');
  return `${withCapital(named)}${phase}`;
}

function withCapital(text: string): string {
  return `${text.charAt(0).toUpperCase()}${text.slice(1)}`;
}

/** ` in PENDING`; empty where no phase is in question. */
function inPhase(report: Report): string {
  const phase = phaseInQuestion(report);
  return phase === undefined ? '' : ` in ${phase}`;
}

/** How it ended, for a step that was over before; what main did last, nobody knows. */
function endOf(report: Report): Said {
  const { case: c, terms, verdict } = report;
  const subject = subjectOf(report);
  if (verdict.outcome.kind === 'cancelled') {
    const [rest, byWhom] = c.isFinished
      ? [', not by this action', ', and this action had not asked for it']
      : ['', ': perhaps the main step asked for it before it ended'];
    const whole = [`${subject} is CANCELLED${byWhom}.`];
    return { ...NOTHING, short: 'Import was cancelled', rest, whole, advice: [CREATE_AGAIN] };
  }
  if (verdict.outcome.kind !== 'reached') return outcomeOf(report);
  const unharmed = mayBeCancelled(c) ? '' : ', so it was not cancelled';
  return {
    ...NOTHING,
    short: `Import has reached ${terms.goal}`,
    whole: [`${asReached(report)}${unharmed}.`, 'That does not change how the step itself ended.']
  };
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
  // Main may have had another goal.
  const isAtGoal = verdict.outcome.kind === 'reached';
  if (isAtGoal && terms.cancelOnInterrupt) {
    const fact = `${subjectOf(report)} is in ${c.read?.state ?? ''}, and goal-state is ${terms.goal}.`;
    return calm(`Import has reached ${terms.goal}`, fact, STATE_IS_LOST);
  }
  const isUnasked = kind === 'skipped' || (kind === 'failed' && !hasAsked(c));
  if (isUnasked || isAtGoal) return onlyLooked(report);
  const said = settled(report);
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
      ? `the post step read it in ${read.state}${sinceOf(read)}`
      : 'the post step could not read it';
  return {
    ...NOTHING,
    short: 'Import may still be running',
    alarm: `${subject} may still be running: ${why}.`,
    happened,
    byHand: [cancelOrLook(id)]
  };
}

/** With the imports that run and may be this step’s, where the case cannot tell. */
function withInProgress(said: Said, { case: c }: Report): Said {
  const found = unknownAmong(c);
  if (found.count === 0) return said;
  const purpose = 'Cancel the one that is this step’s, if it is not wanted';
  const ids = found.imports.slice(0, NAMED_AT_MOST).map(({ id }) => id);
  return {
    ...said,
    short: 'An import may still be running',
    alarm: `An import of this step may still be running; in progress in the project: ${listInWords(found)}.`,
    byHand: [{ call: 'cancel', ids, purpose }]
  };
}

/** Those in progress of which nothing is known: not the one of which the case tells, nor what ran before. */
function unknownAmong(c: Case): BriefList {
  const { imports, count } = c.resumed?.inProgress ?? { imports: [], count: 0 };
  const before = creationOf(c)?.before.imports ?? [];
  const unknown = imports.filter(({ id }) => id !== c.id && !before.some((each) => each.id === id));
  return { imports: unknown, count: count - imports.length + unknown.length };
}

const ASKED_NOTHING =
  'the post step was handed other inputs than the step, so it could ask nothing';

/** The runner handed over other inputs, so there was no key to ask with. */
function notAsked({ case: { id }, place }: Report): Said {
  const which = id === undefined ? 'An import of this step' : `Import ${id}`;
  return {
    ...NOTHING,
    short: 'Import may still be running',
    alarm: `${which} may still be running on ${place.host}: ${ASKED_NOTHING}.`,
    advice: ['Inputs that come from env or from outputs of steps change until the end of the job.'],
    byHand: [cancelOrLook(id)]
  };
}
