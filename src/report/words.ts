import { timeline } from '../case/import.ts';
import { inOneSentence, phaseInWords } from './advice.ts';
import { fateOf } from './fate.ts';
import { outcomeOf } from './outcome.ts';
import { phaseInQuestion, type Report, type Said } from './report.ts';
import { formatDate, lengthInWords } from '../time.ts';
import { cut } from '../untrusted.ts';
import { type FindingInWords, inWords } from '../diagnosis/findings.ts';

type Told = Pick<Said, 'alarm' | 'happened' | 'advice' | 'byHand'> &
  Partial<Pick<Words, 'cause' | 'standing'>>;

/** A report in words; annotation, log, summary, outputs and status take theirs from here. */
interface Words extends Pick<Said, 'alarm' | 'happened' | 'caveats' | 'advice' | 'byHand'> {
  /**
   * A few words: the outcome or its cause, the phase, what became of the import, whom it hangs on;
   * the description of a commit status, too.
   */
  readonly title: string;
  /** What the title says in few words, for those who do not see it: of the outcome, of the import. */
  readonly whole: { readonly outcome: readonly string[]; readonly fate: readonly string[] };
  /** What is worst of what was found, else what was said, else the phase; empty on success. */
  readonly cause: string;
  /** In which phase the import was and since when; empty where the cause says it. */
  readonly standing: string;
}

/** The words for a report. */
export function wordsOf(report: Report): Words {
  const fate = fateOf(report);
  const outcome = outcomeOf(report);
  // A call that failed is no finding to show where there is room for one.
  const finding = inWords(report.findings).find(({ kind }) => kind !== 'not-asked');
  const standing = standingOf(report);
  const found = finding?.sentence ?? '';
  // What blames nobody explains less than what Ops Manager says of the failure.
  const blames = finding && finding.advice !== '' && whoOf(finding).length > 0;
  const isMinor = report.verdict.outcome.kind === 'failed' && !blames;
  const told = isMinor ? [...outcome.happened, found] : [found, ...outcome.happened];
  const causes = told.filter((text) => text !== '');
  const [cause = standing, ...happened] = causes;
  // What was said to the alarm may be the cause already.
  const alarmCause = outcome.happened.includes(fate.alarmCause) ? '' : fate.alarmCause;
  const said = new Set([fate.alarm, alarmCause, cause, standing]);
  return {
    title: titleOf({ outcome, phase: phaseInQuestion(report), fate: fate.short, finding }),
    whole: { outcome: outcome.whole, fate: fate.whole },
    alarm: `${fate.alarm} ${alarmCause}`.trim(),
    cause,
    standing: standing === cause ? '' : standing,
    happened: newIn([...happened, ...fate.happened], said),
    advice: newIn([...outcome.advice, ...fate.advice], said),
    byHand: fate.byHand,
    caveats: fate.caveats
  };
}

/** In which phase the import is or was, for how long and since when; empty when none was read. */
function standingOf(report: Report): string {
  const { read, id } = report.case;
  const { outcome } = report.verdict;
  const phase = phaseInQuestion(report);
  if (read === undefined)
    return id === undefined || outcome.kind === 'error' ? '' : 'The import’s state was never read.';
  if (phase === undefined) return '';
  const where = phaseInWords(phase);
  const entry = timeline(read).findLast(({ state }) => state === phase);
  const since = entry === undefined ? '' : ` since ${formatDate(entry.transitionedAt)}`;
  if (isSilentAtEnd(report)) return `When it was last read, the import was in ${where}${since}.`;
  // How long nothing has moved has been said already.
  const isSaid = outcome.kind === 'stalled' || entry?.durationMs === undefined;
  const length = isSaid ? '' : ` for ${lengthInWords(entry.durationMs)}`;
  return `The import was in ${where}${length}${length === '' || since === '' ? '' : ','}${since}.`;
}

/** Whether Ops Manager had not answered for a while when the wait ended. */
function isSilentAtEnd({ verdict: { outcome } }: Report): boolean {
  if (outcome.kind === 'timed-out') return outcome.trouble !== undefined;
  return outcome.kind === 'unreachable';
}

/** What stands below a title, a sentence each: what is dangerous first. */
export function sentencesOf(words: Told): readonly string[] {
  const { alarm, cause = '', standing = '', happened, advice, byHand } = words;
  const told = [alarm, cause, standing, ...happened, ...advice, ...byHand.map(inOneSentence)];
  return told.filter((text) => text !== '');
}

/** All of it as one line of plain text: what is dangerous first. */
export function messageOf(report: Report, words = wordsOf(report)): string {
  const { alarm, whole, cause, standing, happened, caveats, advice, byHand } = words;
  const told = [
    ...[alarm, ...whole.outcome, cause, standing],
    ...[...happened, ...whole.fate, ...caveats, ...advice, ...byHand.map(inOneSentence)]
  ];
  return told.filter((text) => text !== '').join(' ');
}

/** Texts that were not said before, each once. */
function newIn(texts: readonly string[], said: Set<string>): readonly string[] {
  return texts.filter((text) => {
    const isNew = text !== '' && !said.has(text);
    said.add(text);
    return isNew;
  });
}

/** What a title is made of. */
interface TitleParts {
  readonly outcome: Said;
  readonly phase: string | undefined;
  /** What became of the import; empty where the outcome says it. */
  readonly fate: string;
  /** What is worst. */
  readonly finding: FindingInWords | undefined;
}

/** In characters; what is longer is cut by some of those who show it. */
const LONGEST = 100;
/** The longest state of the pipeline. */
const LONGEST_STATE = 25;
/** A name that is cut to less than this is none. */
const SHORTEST_NAME = 12;
/** As much of a reason as tells something: Ops Manager refused the API key. */
const REASON_ENOUGH = 32;
/** A reason or an error that is cut to less than this says nothing. */
const SHORTEST_REASON = 10;

/**
 * The outcome, the phase and what became of the import; then whom it hangs on, and why, as far as
 * that fits. What gives way, in this order: the why, how long it took, one word of an import that may
 * be running, the names, a long state.
 */
function titleOf(parts: TitleParts): string {
  const { outcome, fate, finding } = parts;
  const who = finding && whoOf(finding);
  const needed = finding
    ? joined(who).length
    : Math.min(withLabels(outcome.reason, 0).length, REASON_ENOUGH);
  const [whole, brief, briefer, last] = headsFor(parts);
  const choices = [
    [whole, needed],
    [brief, needed],
    [briefer, needed],
    [briefer, Math.min(needed, joined(who?.map(() => 'x'.repeat(SHORTEST_NAME))).length)]
  ] as const;
  const head = choices.find((choice) => roomBeside(choice[0]) >= choice[1])?.[0] ?? last;
  const room = roomBeside(head);
  const end = who
    ? endOf(who, finding.brief, room)
    : fitted(withLabels(outcome.reason, room), room);
  return end === '' ? head : cut(`${head}${fate === '' ? ':' : ';'} ${end}`, LONGEST);
}

/** Characters that are left behind the first part of a title; with none, it may end there. */
function roomBeside(head: string): number {
  const room = LONGEST - head.length;
  return room < 0 ? -1 : Math.max(0, room - '; '.length);
}

/** The first part of a title, each shorter than the one before; the last is never too long. */
function headsFor({ outcome, phase, fate }: TitleParts): readonly [string, string, string, string] {
  const { short, length, rest } = outcome;
  const end = fate === '' ? '' : `; ${fate}`;
  const shortEnd = end.replace('may still be running', 'may still run');
  const inPhase = phase === undefined ? '' : ` in ${phase}`;
  const inCutPhase = phase === undefined ? '' : ` in ${cut(phase, LONGEST_STATE)}`;
  const last = `${inCutPhase}${rest}${shortEnd}`;
  return [
    `${short}${length}${inPhase}${rest}${end}`,
    `${short}${inPhase}${rest}${end}`,
    `${short}${inPhase}${rest}${shortEnd}`,
    `${cut(short, LONGEST - last.length)}${last}`
  ];
}

/** A process, or several, and the first label of a host; of an address, the whole. */
function whoOf({ about }: FindingInWords): readonly string[] {
  const { process, group, host } = about;
  const isAddress = host !== undefined && /^[\d.]+$|:/.test(host);
  const label = isAddress ? host : host?.split('.')[0];
  return [group ?? process, label].filter((name) => name !== undefined && name !== '') as string[];
}

function joined(names: readonly string[] = []): string {
  return names.join(' on ');
}

/** With the first label of a host’s name where the whole has no room. */
function withLabels(reason: string, room: number): string {
  if (reason.length <= room) return reason;
  return reason.replace(/(?<![\w-])([\w-]+)(?:\.[\w-]+)+(?::\d+)?/g, (name, label: string) =>
    /[a-z]/i.test(label) ? label : name
  );
}

/** The names, cut if they must be, and what was seen of them as far as it fits. */
function endOf(who: readonly string[], brief: string, room: number): string {
  const names = shortened(who, room);
  if (names === '') return fitted(brief, room);
  const what = fitted(brief, room - names.length - ', '.length);
  return what === '' ? names : `${names}, ${what}`;
}

/** Names that are too long together are cut, but to no less than twelve characters each. */
function shortened(names: readonly string[], room: number): string {
  const left = room - joined(names.map(() => '')).length;
  const share = Math.max(SHORTEST_NAME, Math.floor(left / names.length));
  const cutNames = names.map((name, index) => {
    const others = names.filter((_, at) => at !== index);
    const taken = others.reduce((sum, { length }) => sum + Math.min(share, length), 0);
    return cut(name, Math.max(share, left - taken));
  });
  return joined(cutNames);
}

/** A text, or what stands before its details, or its beginning; empty where there is no room. */
function fitted(text: string, room: number): string {
  if (text.length <= room) return text;
  const [short = ''] = text.split(' (', 1);
  if (short.length <= room) return short;
  return room < SHORTEST_REASON ? '' : cut(text, room);
}
