import { inWords, type FindingInWords } from '../diagnosis/words.ts';
import type { ByHand } from './by-hand.ts';
import { fateOf } from './fate.ts';
import { outcomeOf } from './outcome.ts';
import type { Report, Said } from './report.ts';
import { phaseInQuestion, standingOf } from './subject.ts';
import { titleOf } from './title.ts';

/** A report in words; annotation, log, summary, outputs and status take theirs from here. */
export interface Words {
  /** A few words: the outcome or its cause, the phase, what became of the import, whom it hangs on. */
  readonly title: string;
  /** What the title says in few words, for those who do not see it: of the outcome, of the import. */
  readonly whole: { readonly outcome: readonly string[]; readonly fate: readonly string[] };
  /** The sentence that is dangerous: an import that may still be running; empty where none is. */
  readonly alarm: string;
  /** What is worst of what was found, else what was said, else the phase; empty on success. */
  readonly cause: string;
  /** In which phase the import was and since when; empty where the cause says it. */
  readonly standing: string;
  /** What else there is to say. */
  readonly happened: readonly string[];
  readonly advice: readonly string[];
  readonly byHand: readonly ByHand[];
  /** What went wrong beside the outcome, and is a warning; none when nothing did. */
  readonly caveats: readonly string[];
}

/** The words for a report. */
export function wordsOf(report: Report): Words {
  const fate = fateOf(report);
  const outcome = outcomeOf(report);
  const finding = worstOf(report);
  const standing = standingOf(report);
  const [cause = '', ...happened] = [
    ...(finding ? [finding.sentence] : []),
    ...outcome.happened,
    ...(outcome.happened.length === 0 && !finding ? [standing] : [])
  ].filter((text) => text !== '');
  const said = new Set([fate.alarm, cause, standing]);
  return {
    title: titleOf({ outcome, phase: phaseInQuestion(report), fate: fate.short, finding }),
    whole: { outcome: outcome.whole, fate: fate.whole },
    alarm: fate.alarm,
    cause,
    standing: standing === cause ? '' : standing,
    happened: newIn([...happened, ...fate.happened], said),
    advice: newIn([...outcome.advice, ...fate.advice], said),
    byHand: fate.byHand,
    caveats: caveatsOf(report)
  };
}

/** What stands below a title, a sentence each: what is dangerous first. */
export function sentencesOf(
  words: Pick<Said, 'alarm' | 'happened' | 'advice' | 'byHand'> &
    Partial<Pick<Words, 'cause' | 'standing'>>
): readonly string[] {
  const { alarm, cause = '', standing = '', happened, advice, byHand } = words;
  return [alarm, cause, standing, ...happened, ...advice, ...byHand.map(inOneSentence)].filter(
    (text) => text !== ''
  );
}

/** All of it as one line of plain text: what is dangerous first. */
export function messageOf(report: Report): string {
  const words = wordsOf(report);
  const { alarm, whole, cause, standing, happened, caveats, advice, byHand } = words;
  const told = [
    ...[alarm, ...whole.outcome, cause, standing],
    ...[...happened, ...whole.fate, ...caveats, ...advice, ...byHand.map(inOneSentence)]
  ];
  return told.filter((text) => text !== '').join(' ');
}

/** The description of a commit status. */
export function statusOf(report: Report): string {
  return wordsOf(report).title;
}

/** What can be done by hand, where there is no room for its command. */
export function inOneSentence({ purpose }: ByHand): string {
  return `${purpose}: the job summary has the command.`;
}

/** The finding to show where there is room for one; a call that failed is none. */
function worstOf({ findings }: Report): FindingInWords | undefined {
  return inWords(findings).find(({ kind }) => kind !== 'not-asked');
}

/** Texts that were not said before, each once. */
function newIn(texts: readonly string[], said: Set<string>): readonly string[] {
  return texts.filter((text) => {
    const isNew = text !== '' && !said.has(text);
    said.add(text);
    return isNew;
  });
}

function caveatsOf({ verdict: { cleanup }, case: { id } }: Report): readonly string[] {
  if (cleanup.kind !== 'failed') return [];
  const { happened = '', advice = '' } = cleanup.trouble ?? {};
  const which = id === undefined ? 'the failed import' : `import ${id}`;
  return [`The record of ${which} was not deleted.`, happened, advice].filter(
    (text) => text !== ''
  );
}
