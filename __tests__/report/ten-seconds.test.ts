import { describe, expect, it } from '@jest/globals';
import { worst } from '../../src/diagnosis/finding.ts';
import { aftermathOf } from '../../src/report/aftermath.ts';
import { conclude } from '../../src/report/conclusion.ts';
import { sentenceOf } from '../../src/diagnosis/words.ts';
import { outputsOf } from '../../src/report/outputs.ts';
import type { Report } from '../../src/report/report.ts';
import { phaseInQuestion } from '../../src/report/subject.ts';
import { summaryOf } from '../../src/report/summary.ts';
import { statusOf, wordsOf } from '../../src/report/words.ts';
import { ALL_REPORTS } from '../support/all-reports.ts';
import { logOf } from '../support/captured-log.ts';
import { otherSummaries, problemsOf, WRONG_INPUTS } from '../support/other-summaries.ts';
import { textOf } from '../support/rendered-text.ts';
import { played, SAMPLES } from '../support/sample-results.ts';

/**
 * Someone who is called at night reads the title and the first lines, and knows what happened, in
 * which phase, what became of the import and which host it hangs on.
 */

const FACTS = { version: undefined, requests: 3, retries: 0 };
const NAMES = (Object.keys(SAMPLES) as (keyof typeof SAMPLES)[]).filter(
  // Its texts are made to be cut and escaped.
  (name) => name !== 'hostile server'
);
/** Those whose step fails, and has an annotation. */
const FAILING = NAMES.filter((name) => !name.includes('reached'));
const AT_A_GLANCE = 300;
/** As much of a finding as tells whom it is about and what was seen. */
const FINDING_AT_A_GLANCE = 70;

const OUTCOMES: Readonly<Record<Report['verdict']['outcome']['kind'], RegExp>> = {
  reached: /^Import reached /,
  failed: /^Import failed/,
  cancelled: /^Import (was|had been) cancelled/,
  'timed-out': /^Timed out after \d/,
  stalled: /^Stalled for \d/,
  interrupted: /^Interrupted/,
  unreachable: /^No usable answer from Ops Manager for \d/,
  error: /^(?!Error|Cannot)\S+ \S+/
};

const FATES: Readonly<Record<Report['verdict']['cancellation']['kind'], RegExp>> = {
  confirmed: /import( in \w+)? cancelled/,
  requested: /may still be running/,
  refused: /may still be running/,
  failed: /may still be running/,
  skipped: /left running|not cancelled|may still be running/,
  'not-needed':
    /nothing was created|[Nn]o import|not cancelled|[Nn]one (of them )?was cancelled|was deleted|import in SUCCESS|knows no such import/
};

/** What must be seen at a glance. */
function essentials(report: Report): readonly RegExp[] {
  const { outcome, cancellation, cleanup } = report.verdict;
  const phase = phaseInQuestion(report);
  const isAnswer = ['reached', 'failed', 'cancelled'].includes(outcome.kind);
  const finding = worst(report.findings);
  return [
    OUTCOMES[outcome.kind],
    ...(phase === undefined ? [] : [new RegExp(`\\b${phase}\\b`)]),
    ...(isAnswer ? [] : [FATES[cancellation.kind]]),
    ...(cleanup.kind === 'deleted' ? [/request deleted/] : []),
    ...(cleanup.kind === 'failed' ? [/request not deleted/] : []),
    ...(finding ? [literally(sentenceOf(finding).slice(0, FINDING_AT_A_GLANCE))] : [])
  ];
}

function literally(text: string): RegExp {
  return new RegExp(text.replace(/[^\w ]/g, '\\$&'));
}

/** The title, and as much of the summary below it as is read in ten seconds. */
function glanceAt(report: Report): string {
  const [heading = '', ...rest] = summaryOf(report, FACTS).split('\n\n');
  const title = textOf(heading).replace(/^## \S+ /, '');
  const body = textOf(rest.join('\n').replace(/^> (\[!CAUTION\]\n> )?|^🔎 |\*\*/gm, ''));
  return `${title}\n${body.slice(0, AT_A_GLANCE)}`;
}

async function annotationFor(report: Report): Promise<string> {
  const { annotations } = await logOf(() => {
    conclude(report, { isSaved: true, areOutputsWritten: true }, FACTS, false);
    process.exitCode = 0;
  });
  const annotation = annotations.findLast(({ level }) => level === 'error');
  return `${annotation?.title ?? ''}\n${annotation?.message ?? ''}`;
}

function missedIn(text: string, report: Report): readonly RegExp[] {
  return essentials(report).filter((essential) => !essential.test(text));
}

describe('in ten seconds one knows', () => {
  it.each(NAMES)('from the summary: %s', async (name) => {
    const { report } = await played(name);
    const text = glanceAt(report);
    expect([text, missedIn(text, report)]).toEqual([text, []]);
  });

  it.each(FAILING)('from the annotation: %s', async (name) => {
    const { report } = await played(name);
    expect(report.verdict.outcome.kind).not.toBe('reached');
    const text = await annotationFor(report);
    expect([text, missedIn(text, report)]).toEqual([text, []]);
    const alarm = wordsOf(report).sentences.find(({ kind }) => kind === 'alarm')?.text;
    if (alarm !== undefined) expect(text.split('\n')[1]).toBe(alarm);
  });

  it('from the summary of each shape of a case, whatever ended the wait', () => {
    const missed = ALL_REPORTS.map(({ name, report }) => {
      const text = glanceAt(report);
      return [name, missedIn(text, report), text] as const;
    }).filter(([, essential]) => essential.length > 0);
    expect(missed).toEqual([]);
  });

  it('from the title of the post step’s, what became of the import', () => {
    for (const { name, report } of ALL_REPORTS) {
      const { title } = aftermathOf(report);
      const { cancellation } = report.verdict;
      const isOpen = ['requested', 'refused', 'failed'].includes(cancellation.kind);
      if (isOpen)
        expect([name, title]).toEqual([name, expect.stringMatching(/may still be running$/)]);
      else expect([name, title]).not.toEqual([name, 'Nothing to cancel']);
    }
  });

  it('which inputs are wrong: a list of a line each, and nothing else', () => {
    const problems = problemsOf(WRONG_INPUTS);
    expect(problems).toHaveLength(7);
    const [title, empty, ...items] = (otherSummaries().get('wrong inputs') ?? '')
      .trim()
      .split('\n');
    expect([title, empty]).toEqual(['## ❌ 7 inputs are wrong', '']);
    expect(items.map(textOf)).toEqual(problems.map((problem) => `- ${problem}`));
  });
});

describe('the description of the commit status', () => {
  it.each(NAMES)('is the title and what is worst, as far as it goes: %s', async (name) => {
    const { report } = await played(name);
    const status = statusOf(report);
    const { title } = wordsOf(report);
    expect(status.startsWith(title)).toBe(true);
    expect(status.length).toBeLessThanOrEqual(140);
    if (!worst(report.findings)) expect(status).toBe(title);
    else expect(status.slice(title.length)).toMatch(/^; .{20}/);
  });

  it('names the host that holds the import up', async () => {
    const { report } = await played('timed out, a dead agent');
    expect(statusOf(report)).toBe(
      'Timed out after 45m in AWAIT_GOAL_STATE; import cancelled; rs0_2 on mongodb2.example.com, agent silent for 14m'
    );
    expect(outputsOf(report)['title']).toBe(
      'Timed out after 45m in AWAIT_GOAL_STATE; import cancelled'
    );
  });
});
