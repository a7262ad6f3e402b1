import { describe, expect, it } from '@jest/globals';
import { type Finding, worst } from '../../src/diagnosis/finding.ts';
import { aftermathOf } from '../../src/report/aftermath.ts';
import { conclude } from '../../src/report/publication.ts';
import { phaseInQuestion, type Report } from '../../src/report/report.ts';
import { summaryOf } from '../../src/report/summary.ts';
import { wordsOf } from '../../src/report/words.ts';
import { outputsOf } from '../../src/report/outputs.ts';
import { inWords, sentenceOf } from '../../src/diagnosis/findings.ts';
import { ALL_REPORTS } from '../support/all-reports.ts';
import { logOf } from '../support/captured-log.ts';
import { otherSummaries, problemsOf, WRONG_INPUTS } from '../support/other-summaries.ts';
import { textOf } from '../support/rendered-text.ts';
import { AN_ERROR } from '../support/sample-findings.ts';
import { played, SAMPLES } from '../support/sample-results.ts';

/**
 * Someone who is called at night reads the title and the first lines, and knows what happened, in
 * which phase, what became of the import and which host it hangs on.
 */

const NAMES = (Object.keys(SAMPLES) as (keyof typeof SAMPLES)[]).filter(
  // Its texts are made to be cut and escaped.
  (name) => name !== 'hostile server'
);
/** Those whose step fails, and has an annotation. */
const FAILING = NAMES.filter((name) => !name.includes('reached'));
const AT_A_GLANCE = 350;
/** As much of a finding as tells whom it is about and what was seen. */
const FINDING_AT_A_GLANCE = 70;

const OUTCOMES: Readonly<Record<Report['verdict']['outcome']['kind'], RegExp>> = {
  reached: /^Import reached /,
  failed: /^Import failed/,
  cancelled: /^Import (was|had been) cancelled/,
  'timed-out': /^Timed out/,
  stalled: /^Stalled/,
  interrupted: /^Interrupted/,
  unreachable: /^No usable answer/,
  error: /^(?!Error|Cannot)\S+ \S+/
};

const FATES: Readonly<Record<Report['verdict']['cancellation']['kind'], RegExp>> = {
  confirmed: /import( in \w+)? cancelled/,
  requested: /may still (be running|run\b)/,
  refused: /may still (be running|run\b)/,
  failed: /may still (be running|run\b)/,
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
    ...(cleanup.kind === 'deleted' ? [/record deleted/] : []),
    ...(cleanup.kind === 'failed' ? [/record not deleted/] : []),
    ...(finding ? [literally(sentenceOf(finding).slice(0, FINDING_AT_A_GLANCE))] : [])
  ];
}

function literally(text: string): RegExp {
  return new RegExp(text.replace(/[^\w ]/g, '\\$&'));
}

/** The title, and as much of the summary below it as is read in ten seconds. */
function glanceAt(report: Report): string {
  const [heading = '', ...rest] = summaryOf(report).split('\n\n');
  const title = textOf(heading).replace(/^## \S+ /, '');
  const body = textOf(rest.join('\n').replace(/^> ?(\[!\w+\]\n> ?)?|\*\*/gm, ''));
  return `${title}\n${body.slice(0, AT_A_GLANCE)}`;
}

async function annotationFor(report: Report): Promise<string> {
  const { annotations } = await logOf(() => {
    conclude(report, { isSaved: true, areOutputsWritten: true }, false);
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
    const { alarm } = wordsOf(report);
    if (alarm !== '') expect(text.split('\n')[1]).toBe(alarm);
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
      const { short: title } = aftermathOf(report);
      const { cancellation } = report.verdict;
      const isOpen = ['requested', 'refused', 'failed'].includes(cancellation.kind);
      if (isOpen)
        expect([name, title]).toEqual([name, expect.stringMatching(/may still be running/)]);
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

describe('the title', () => {
  const WITH_FINDINGS = NAMES.filter((name) => 'findings' in SAMPLES[name]);

  it.each(WITH_FINDINGS)(
    'names process and host wherever the worst finding does: %s',
    async (name) => {
      const { report } = await played(name);
      const worstOne = inWords(report.findings).find(({ kind }) => kind !== 'not-asked');
      const { process, group, host } = worstOne?.about ?? {};
      const { title } = wordsOf(report);
      for (const part of [process, group, host?.split('.')[0]]) expect(title).toContain(part ?? '');
    }
  );

  it('has the cause after what became of the import', async () => {
    const { report } = await played('timed out, an error, cancellation refused');
    expect(wordsOf(report).title).toMatch(
      /^Timed out after 45m in AWAIT_GOAL_STATE; import may still be running; rs0_3 on mongodb3, /
    );
    const failed = await played('failed with an error');
    expect(wordsOf(failed.report).title).toMatch(
      /^Import failed in AWAIT_GOAL_STATE: rs0_3 on mongodb3, File Permissions Error/
    );
  });

  it('is the description of the commit status too, and the annotation’s', async () => {
    const { report } = await played('timed out, a dead agent');
    const { title } = wordsOf(report);
    expect(outputsOf(report)['title']).toBe(title);
    expect((await annotationFor(report)).split('\n')[0]).toBe(title);
  });
});

describe('what gives way in a title that would be too long', () => {
  /** As long as the pipeline and names make it. */
  async function titleWith(phase: string, name: string, hostname: string): Promise<string> {
    const { report } = await played('timed out, an error, cancellation refused');
    const { read } = report.case;
    if (!read) throw new Error('The sample has been read');
    const [finding] = AN_ERROR;
    if (finding?.kind !== 'error') throw new Error('That is an error');
    const [process] = finding.processes;
    const longest: Finding = { ...finding, processes: [{ ...process, name, host: hostname }] };
    const state = { ...read, state: phase, transitions: [] };
    return wordsOf({ ...report, case: { ...report.case, read: state }, findings: [longest] }).title;
  }

  it('is the error first, then the duration, then a word of what may be running', async () => {
    expect(await titleWith('AWAIT_SEED_HOST_CONNECTED', 'rs0_3', 'db.example.com')).toMatch(
      /^Timed out after 45m in AWAIT_SEED_HOST_CONNECTED; import may still be running; rs0_3 on db/
    );
    expect(await titleWith('AWAIT_SEED_HOST_CONNECTED', 'replica_0_3', 'db-prod-17')).toMatch(
      /^Timed out in AWAIT_SEED_HOST_CONNECTED; import may still be running; replica_0_3 on db-prod-17/
    );
    expect(
      await titleWith('AWAIT_SEED_HOST_CONNECTED', 'replicaset_0_3', 'mongodb-prod-17')
    ).toMatch(
      /^Timed out in AWAIT_SEED_HOST_CONNECTED; import may still run; replicaset_0_3 on mongodb-prod-17/
    );
  });

  it('are the names after that, which keep twelve characters each, and an unknown state', async () => {
    const name = 'a-very-long-name-of-a-process-of-a-shard';
    const title = await titleWith('A'.repeat(64), name, `${'h'.repeat(60)}.example.com`);
    expect(title.length).toBeLessThanOrEqual(100);
    expect(title).toMatch(/^Timed out in A{24}…; import may still run; a-very-long.*… on h{11}/);
  });

  it('is never what became of the import', () => {
    for (const { report } of ALL_REPORTS) {
      const { title } = wordsOf(report);
      const isOpen = ['requested', 'refused', 'failed'].includes(report.verdict.cancellation.kind);
      expect(title.length).toBeLessThanOrEqual(100);
      if (isOpen) expect(title).toMatch(/may still (be running|run\b)/);
    }
  });
});
