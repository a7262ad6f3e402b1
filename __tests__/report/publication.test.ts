import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { saved } from '../../src/case/saved-case.ts';
import { stepPublisher, succeeds } from '../../src/report/publication.ts';
import { CaseCell } from '../../src/wait/case-cell.ts';
import { WaitLog } from '../../src/report/log.ts';
import { logOf } from '../support/captured-log.ts';
import { GIVEN, readIn } from '../support/cases.ts';
import { reportOn } from '../support/gate-under-test.ts';
import { IMPORT } from '../support/imports.ts';

const TERMS = {
  goal: 'SUCCESS',
  cancelOnTimeout: true,
  cancelOnInterrupt: true,
  deleteFailed: false
} as const;

class BrokenLog extends WaitLog {
  override onChange(): void {
    throw new Error('nobody reads it');
  }
}

function cellWith(log = new WaitLog()): CaseCell {
  const publisher = stepPublisher(
    (c) => reportOn(c, TERMS, { kind: 'given', id: IMPORT }),
    log,
    undefined
  );
  return new CaseCell(GIVEN, TERMS, publisher);
}

describe('the one publication', () => {
  const before = { ...process.env };
  let folder: string;
  const contents = (name: string): string => readFileSync(join(folder, name), 'utf8');

  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'publication-'));
    for (const name of ['GITHUB_OUTPUT', 'GITHUB_STATE']) {
      writeFileSync(join(folder, name), '');
      process.env[name] = join(folder, name);
    }
  });
  afterEach(() => {
    process.env = { ...before };
    rmSync(folder, { recursive: true });
  });

  it('writes state, outputs and log whenever the case changes', async () => {
    const cell = cellWith();
    const { lines } = await logOf(() => {
      expect(cell.record(readIn('PENDING'))).toEqual({ isSaved: true, areOutputsWritten: true });
    });
    expect(contents('GITHUB_STATE')).toContain(`case=${saved(cell.case, TERMS)}\n`);
    expect(contents('GITHUB_OUTPUT')).toMatch(/^outcome=interrupted$/m);
    expect(contents('GITHUB_OUTPUT')).toMatch(/^state=PENDING$/m);
    expect(lines.join('\n')).toContain('PENDING');
  });

  it('does not let the files grow with reads that say nothing new', async () => {
    const cell = cellWith();
    await logOf(() => {
      cell.record(readIn('PENDING'));
      const size = contents('GITHUB_OUTPUT').length;
      for (let count = 0; count < 100; count += 1) cell.record(readIn('PENDING'));
      expect(contents('GITHUB_OUTPUT')).toHaveLength(size);
    });
  });

  it.each([
    { name: 'the state', variable: 'GITHUB_STATE', isSaved: false, areOutputsWritten: true },
    { name: 'the outputs', variable: 'GITHUB_OUTPUT', isSaved: true, areOutputsWritten: false }
  ])('says that $name could not be written, and goes on', async (row) => {
    process.env[row.variable] = '/nowhere/at/all';
    const cell = cellWith();
    const { lines } = await logOf(() => {
      const { isSaved, areOutputsWritten } = row;
      expect(cell.record(readIn('PENDING'))).toEqual({ isSaved, areOutputsWritten });
    });
    expect(lines.join('\n')).toContain('PENDING');
  });

  it('is not kept from the files by a log that fails', async () => {
    const cell = cellWith(new BrokenLog());
    await logOf(() => {
      expect(cell.record(readIn('PENDING'))).toEqual({ isSaved: true, areOutputsWritten: true });
    });
    expect(contents('GITHUB_OUTPUT')).toMatch(/^state=PENDING$/m);
  });

  it('survives a thing that is not even an error', async () => {
    await logOf(() => {
      const isDone = succeeds(() => {
        // eslint-disable-next-line @typescript-eslint/only-throw-error
        throw 'text';
      });
      expect(isDone).toBe(false);
      expect(succeeds(() => undefined)).toBe(true);
    });
  });
});
