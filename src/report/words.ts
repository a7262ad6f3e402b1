import { worst, type Finding } from '../diagnosis/finding.ts';
import { inWords, sentenceOf } from '../diagnosis/words.ts';
import { cut } from '../untrusted.ts';
import { fateOf } from './fate.ts';
import type { Fate } from './fate-parts.ts';
import { outcomeWords, type OutcomeWords } from './outcome-words.ts';
import type { Report } from './report.ts';
import { phaseInQuestion, standingOf } from './subject.ts';

/** A report in words; annotation, log, summary, outputs and status take theirs from here. */
export interface Words {
  /** A few words: the outcome or its cause, the phase, what became of the import. */
  readonly title: string;
  /** All there is to say, what is dangerous first. */
  readonly sentences: readonly Sentence[];
  /** What went wrong beside the outcome, and is a warning; none when nothing did. */
  readonly caveats: readonly string[];
}

/** One sentence, or what a server wrote at the end of one. */
export interface Sentence {
  /**
   * `alarm`: an import may still be running. `happened`: what happened, in which phase and since
   * when, what became of the import. `finding`: what is worst of what holds it up.
   */
  readonly kind: 'alarm' | 'happened' | 'finding' | 'advice';
  readonly text: string;
}

/** What a commit status holds; titles are no longer. In characters. */
const LONGEST_TITLE = 140;
/** A reason that makes a title longer than this is left to the sentences. */
const LONGEST_WITH_REASON = 110;
/** A finding that is cut to less than this says nothing. */
const SHORTEST_FINDING = 24;

/** The words for a report. */
export function wordsOf(report: Report): Words {
  const fate = fateOf(report);
  const outcome = outcomeWords(report);
  const [first = '', ...more] = outcome.happened;
  const sentences: readonly Sentence[] = [
    ...saying('alarm', [fate.alarm]),
    ...saying('happened', [first]),
    ...saying('finding', [worstOf(report)]),
    ...saying('happened', [...more, standingOf(report), ...fate.sentences]),
    ...saying('advice', [...outcome.advice, ...fate.advice])
  ];
  return {
    title: titleOf(report, outcome, fate),
    sentences: sentences.filter(
      ({ text }, index) => sentences.findIndex((each) => each.text === text) === index
    ),
    caveats: caveatsOf(report)
  };
}

/** All of it as one line of plain text: what is dangerous first. */
export function messageOf(report: Report): string {
  const { sentences, caveats } = wordsOf(report);
  const told = sentences.filter(({ kind }) => kind !== 'advice');
  const advice = sentences.filter(({ kind }) => kind === 'advice');
  return [...told.map(textOf), ...caveats, ...advice.map(textOf)].join(' ');
}

/** The title, and as much of the worst finding as a commit status holds. */
export function statusOf(report: Report): string {
  const { title } = wordsOf(report);
  const finding = worst(report.findings);
  const room = LONGEST_TITLE - title.length - '; '.length;
  return finding && room >= SHORTEST_FINDING ? `${title}; ${cut(brieflyOf(finding), room)}` : title;
}

function brieflyOf(finding: Finding): string {
  const told = inWords([finding]);
  return told
    .flatMap(({ about: { process, group, host }, brief }) => {
      const who = [process ?? group, host].filter((part) => part !== undefined).join(' on ');
      return who === '' ? brief : `${who}, ${brief}`;
    })
    .join('');
}

function saying(kind: Sentence['kind'], texts: readonly string[]): readonly Sentence[] {
  return texts.filter((text) => text !== '').map((text) => ({ kind, text }));
}

function textOf({ text }: Sentence): string {
  return text;
}

function worstOf({ findings }: Report): string {
  const finding = worst(findings);
  return finding ? sentenceOf(finding) : '';
}

/** With the reason where there is room for it; what became of the import is never cut. */
function titleOf(report: Report, { title, reason }: OutcomeWords, fate: Fate): string {
  const end = endOf(report, title, fate);
  const full = `${title} (${reason})${end}`;
  if (reason !== '' && full.length <= LONGEST_WITH_REASON) return full;
  return `${cut(title, LONGEST_TITLE - end.length)}${end}`;
}

/** What became of the import; where the title is a cause, also where the import stood. */
function endOf(report: Report, title: string, { short }: Fate): string {
  const phase = phaseInQuestion(report);
  const isPlaced = phase === undefined || title.includes(` in ${phase}`);
  if (short === '') return isPlaced ? '' : ` in ${phase}`;
  return `; ${isPlaced ? short : short.replace(/^import /, `import in ${phase} `)}`;
}

function caveatsOf({ verdict: { cleanup }, case: { id } }: Report): readonly string[] {
  if (cleanup.kind !== 'failed') return [];
  const { happened = '', advice = '' } = cleanup.trouble ?? {};
  const which = id === undefined ? 'the import' : `import ${id}`;
  return [`The request of ${which} was not deleted.`, happened, advice].filter(
    (text) => text !== ''
  );
}
