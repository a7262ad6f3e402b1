import type { FindingInWords } from '../diagnosis/words.ts';
import { cut } from '../untrusted.ts';
import type { OutcomeSaid } from './outcome.ts';

/** What a title is made of. */
export interface TitleParts {
  readonly outcome: OutcomeSaid;
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
export function titleOf(parts: TitleParts): string {
  const { outcome, fate, finding } = parts;
  const who = finding && whoOf(finding);
  const needed = finding ? joined(who).length : Math.min(outcome.reason.length, REASON_ENOUGH);
  const [whole, brief, briefer, last] = headsFor(parts);
  const choices = [
    [whole, needed],
    [brief, needed],
    [briefer, needed],
    [briefer, Math.min(needed, joined(who?.map(() => 'x'.repeat(SHORTEST_NAME))).length)]
  ] as const;
  const head = choices.find((choice) => roomBeside(choice[0]) >= choice[1])?.[0] ?? last;
  const room = roomBeside(head);
  const end = who ? endOf(who, finding.brief, room) : fitted(outcome.reason, room);
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
