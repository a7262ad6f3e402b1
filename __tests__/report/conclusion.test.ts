import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import type { Deletion } from '../../src/case/case.ts';
import { conclude, refuseInputs, tellAftermath } from '../../src/report/publication.ts';
import { sentencesOf, wordsOf } from '../../src/report/words.ts';
import { ALL_REPORTS, reportFor } from '../support/all-reports.ts';
import { TROUBLE } from '../support/cases.ts';
import { logOf } from '../support/captured-log.ts';
import { played, SAMPLES } from '../support/sample-results.ts';

const WRITTEN = { isSaved: true, areOutputsWritten: true };
const NAMES = Object.keys(SAMPLES) as (keyof typeof SAMPLES)[];

describe('the end of the main step', () => {
  const before = { ...process.env };
  let folder: string;
  const contents = (name: string): string => readFileSync(join(folder, name), 'utf8');

  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'conclusion-'));
    for (const name of ['GITHUB_OUTPUT', 'GITHUB_STATE', 'GITHUB_STEP_SUMMARY']) {
      writeFileSync(join(folder, name), '');
      process.env[name] = join(folder, name);
    }
    process.exitCode = 0;
  });
  afterEach(() => {
    process.exitCode = 0;
    process.env = { ...before };
    rmSync(folder, { recursive: true });
  });

  it('fails unless the goal was reached', async () => {
    for (const { report } of ALL_REPORTS) {
      process.exitCode = 0;
      await logOf(() => {
        conclude(report, WRITTEN, false);
      });
      expect(process.exitCode).toBe(report.verdict.outcome.kind === 'reached' ? 0 : 1);
    }
  });

  it.each(NAMES)(
    'is one annotation with a sentence a line, its title the outcome: %s',
    async (name) => {
      const { report } = await played(name);
      const { annotations } = await logOf(() => {
        conclude(report, WRITTEN, false);
      });
      const words = wordsOf(report);
      const { title, caveats } = words;
      const { outcome } = report.verdict;
      const isLate = outcome.kind === 'reached' && outcome.late;
      const level = outcome.kind === 'reached' ? (isLate ? 'warning' : undefined) : 'error';
      const levels = [caveats.length === 0 ? undefined : 'warning', level].filter((each) => each);
      expect(annotations.map((annotation) => annotation.level)).toEqual(levels);
      for (const annotation of annotations) expect(annotation.title).not.toBe('');
      if (level === undefined || name === 'hostile server') return;
      const last = annotations.at(-1);
      expect(last?.title).toBe(title);
      expect(last?.message.split('\n')).toEqual(sentencesOf(words));
    }
  );

  it('lets no server give a command to the runner', async () => {
    const { report } = await played('hostile server');
    const log = await logOf(() => {
      conclude(report, WRITTEN, true);
    });
    expect(log.annotations).toHaveLength(1);
    expect(log.commands.map(({ name }) => name)).toEqual(['error']);
    expect(log.lines.join('\n')).not.toContain('##[');
  });

  it('has the checks of the phase in a group when the phase is to blame', async () => {
    const failed = await played('failed in AWAIT_SEED_HOST_CONNECTED');
    const log = await logOf(() => {
      conclude(failed.report, WRITTEN, false);
    });
    expect(log.commands).toContainEqual({
      name: 'group',
      value: 'What to check in AWAIT_SEED_HOST_CONNECTED'
    });
    const unreachable = await played('unreachable');
    const other = await logOf(() => {
      conclude(unreachable.report, WRITTEN, false);
    });
    expect(other.commands.map(({ name }) => name)).not.toContain('group');
  });

  it('fails a step that passed when its outputs could not be written', async () => {
    const { annotations } = await logOf(() => {
      conclude(reportFor('reached', 'killed'), { ...WRITTEN, areOutputsWritten: false }, false);
    });
    expect(process.exitCode).toBe(1);
    expect(annotations).toMatchObject([{ level: 'error', title: 'Outputs not written' }]);
    // Outside a runner they are not set, and no disk is to blame.
    expect(JSON.stringify(annotations)).toMatch(/disk of the runner, and that GITHUB_OUTPUT/);
  });

  it('has one error where a step that failed could not write its outputs either', async () => {
    const { annotations } = await logOf(() => {
      const publication = { ...WRITTEN, areOutputsWritten: false };
      conclude(reportFor('failed', 'killed'), publication, false);
    });
    expect(annotations.filter(({ level }) => level === 'error')).toHaveLength(1);
    expect(annotations).toMatchObject([{ level: 'error' }, { title: 'Outputs not written' }]);
  });

  it.each([
    { name: 'the state', publication: { ...WRITTEN, isSaved: false }, summary: undefined },
    { name: 'the summary', publication: WRITTEN, summary: '/nowhere/at/all' }
  ])('warns when $name could not be written, and passes', async ({ publication, summary }) => {
    if (summary !== undefined) process.env['GITHUB_STEP_SUMMARY'] = summary;
    const { annotations } = await logOf(() => {
      conclude(reportFor('reached', 'killed'), publication, true);
    });
    expect(annotations.map(({ level }) => level)).toEqual(['warning']);
    expect(process.exitCode).toBe(0);
  });

  it.each([
    { call: 'refused', isSure: true, want: 'Failed import not deleted' },
    { call: 'lost', isSure: false, want: 'Failed import may remain' },
    { call: 'cut off', isSure: undefined, want: 'Failed import may remain' }
  ])('warns of a record as far as it is known: the delete call was $call', async (each) => {
    const { isSure, want } = each;
    const report = reportFor('failed', 'killed');
    const deletion: Deletion =
      isSure === undefined ? { kind: 'asked' } : { kind: 'failed', isSure, trouble: TROUBLE };
    const c = { ...report.case, deletion };
    const verdict = { ...report.verdict, cleanup: { kind: 'failed' } } as const;
    const { annotations } = await logOf(() => {
      conclude({ ...report, case: c, verdict }, WRITTEN, true);
    });
    expect(annotations.map(({ title }) => title)).toContain(want);
  });

  it('writes the summary only where it is wanted', async () => {
    await logOf(() => {
      conclude(reportFor('reached', 'killed'), WRITTEN, false);
    });
    expect(contents('GITHUB_STEP_SUMMARY')).toBe('');
    await logOf(() => {
      conclude(reportFor('reached', 'killed'), WRITTEN, true);
    });
    expect(contents('GITHUB_STEP_SUMMARY')).toContain('Import reached SUCCESS');
  });

  it('with wrong inputs is their list, one line each, titled with their number', async () => {
    const { annotations } = await logOf(() => {
      const problems = [
        { input: 'project-id', text: 'is wrong.' },
        { input: 'timeout', text: 'is <b>not</b> a duration.' }
      ];
      refuseInputs(problems, true);
    });
    expect(process.exitCode).toBe(1);
    expect(annotations).toMatchObject([
      {
        level: 'error',
        title: '2 inputs are wrong',
        message: 'project-id: is wrong.\ntimeout: is <b>not</b> a duration.'
      }
    ]);
    expect(contents('GITHUB_OUTPUT')).toMatch(/^outcome=error$/m);
    expect(contents('GITHUB_OUTPUT')).toMatch(/^cancellation=not-needed$/m);
    expect(contents('GITHUB_STEP_SUMMARY')).toMatch(/2 inputs are wrong\n\n- .*\n- .*\n$/);
    expect(contents('GITHUB_STEP_SUMMARY')).not.toContain('<b>');
  });

  it('with one wrong input names it, without a summary where none is wanted', async () => {
    const { annotations } = await logOf(() => {
      refuseInputs([{ input: 'timeout', text: 'must be positive.' }], false);
    });
    expect(annotations[0]?.title).toBe('timeout is wrong');
    expect(contents('GITHUB_STEP_SUMMARY')).toBe('');
  });

  it('of the post step is a warning and a summary under a title of its own', async () => {
    const { annotations } = await logOf(() => {
      tellAftermath(reportFor('confirmed', 'killed'), true);
    });
    expect(annotations).toMatchObject([
      { level: 'warning', title: 'After the step: Import cancelled in AWAIT_HOSTS_DISCOVERED' }
    ]);
    expect(contents('GITHUB_STEP_SUMMARY')).toMatch(
      /^## After the step: Import cancelled in AWAIT.*DISCOVERED\n/
    );
    expect(process.exitCode).toBe(0);
  });

  it('of a post step with other inputs names import, host, project and call, wherever one looks', async () => {
    const report = { ...reportFor('created', 'killed'), hasForeignInputs: true };
    const { id = '', place } = { ...report.case, place: report.place };
    for (const wantsSummary of [true, false]) {
      const { annotations } = await logOf(() => {
        tellAftermath(report, wantsSummary);
      });
      const { title, message = '' } = annotations[0] ?? {};
      expect(title).toBe('After the step: Import may still be running');
      for (const part of [
        `Import ${id} may still be running on ${place.host}`,
        `Its project is ${place.projectId}.`,
        `POST ${place.apiUrl}/automation/importDeployment/${place.projectId}/${id}/cancel`
      ])
        expect(message).toContain(part);
    }
    const summary = contents('GITHUB_STEP_SUMMARY');
    for (const part of [id, place.projectId, '/cancel', '> [!CAUTION]'])
      expect(summary).toContain(part);
    expect(summary).not.toContain('Its project is');
  });
});
