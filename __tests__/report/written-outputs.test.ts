import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { parseFileCommands } from '../../simulator/file-commands.ts';
import { writeOutputs, writeState, writeSummary } from '../../src/report/outputs.ts';

const SOURCE = join(import.meta.dirname, '../../src/report/outputs.ts');
const VARIABLES = ['GITHUB_OUTPUT', 'GITHUB_STATE', 'GITHUB_STEP_SUMMARY'] as const;

describe('the files of the runner', () => {
  const before = { ...process.env };
  let folder: string;
  const path = (name: string): string => join(folder, name);
  const contents = (name: string): string => readFileSync(path(name), 'utf8');

  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'runner-'));
    for (const name of VARIABLES) {
      writeFileSync(path(name), '');
      process.env[name] = path(name);
    }
  });
  afterEach(() => {
    process.env = { ...before };
    rmSync(folder, { recursive: true });
  });

  it('take outputs as lines, of which the last one counts', () => {
    writeOutputs({ outcome: 'interrupted', state: 'PENDING' });
    writeOutputs({ outcome: 'reached', state: 'SUCCESS' });
    // Runners that are not GitHub’s take no empty line.
    expect(contents('GITHUB_OUTPUT')).toBe(
      'outcome=interrupted\nstate=PENDING\noutcome=reached\nstate=SUCCESS\n'
    );
  });

  it('take a state after what an earlier write left of its line', () => {
    writeFileSync(path('GITHUB_STATE'), 'case={"cut');
    writeState('{"a":1}');
    expect(contents('GITHUB_STATE').split('\n')).toContain('case={"a":1}');
  });

  it('take a text of several lines, after all others, that nothing in it can end', () => {
    writeOutputs({ report: '# one\noutcome=reached\r\nEND\rtwo\n', outcome: 'failed' });
    const text = contents('GITHUB_OUTPUT');
    expect(text).toMatch(/^outcome=failed\nreport<<END-[-\da-f]{36}\n/);
    expect(parseFileCommands(text)).toEqual({
      values: { outcome: 'failed', report: '# one\noutcome=reached\nEND\ntwo\n' },
      problem: undefined
    });
    writeOutputs({ report: 'a\nb' });
    const delimiters = contents('GITHUB_OUTPUT').match(/END-[-\da-f]{36}/g);
    expect(new Set(delimiters).size).toBe(2);
  });

  it('take the summary whole each time', () => {
    writeSummary('first, and longer\n');
    writeSummary('second\n');
    expect(contents('GITHUB_STEP_SUMMARY')).toBe('second\n');
  });

  it.each([
    { name: 'there is none', value: '' },
    { name: 'it is no file', value: tmpdir() },
    { name: 'its folder is gone', value: '/nowhere/at/all' }
  ])('say that outputs and state cannot be written when $name', ({ value }) => {
    process.env['GITHUB_OUTPUT'] = value;
    process.env['GITHUB_STATE'] = value;
    expect(() => {
      writeOutputs({ a: 'b' });
    }).toThrow();
    expect(() => {
      writeState('b');
    }).toThrow();
  });

  it('say that the disk is full when it is', () => {
    process.env['GITHUB_STATE'] = '/dev/full';
    expect(() => {
      writeState('{}');
    }).toThrow(/ENOSPC/);
  });

  it.each(['writeState', 'writeOutputs'])(
    'keep the last whole one when a full disk cuts a write short: %s',
    (write) => {
      // A limit of the size of files cuts a write as a full disk does.
      const program = `import { writeOutputs, writeState } from ${JSON.stringify(SOURCE)};
        const write = { writeState, writeOutputs: (text) => writeOutputs({ case: text }) };
        write.${write}('first');
        write.${write}('second'.repeat(300));`;
      const { status, stderr } = spawnSync(
        'bash',
        [
          '-c',
          'ulimit -f 1 && exec "$0" --input-type=module --eval "$1"',
          process.execPath,
          program
        ],
        { encoding: 'utf8', env: { ...process.env } }
      );
      expect([status, stderr]).toEqual([1, expect.stringMatching(/the disk is full: \d+ of 1806/)]);
      const name = write === 'writeState' ? 'GITHUB_STATE' : 'GITHUB_OUTPUT';
      expect(contents(name)).toBe('case=first\n');
    }
  );

  it('want no summary where the runner has none', () => {
    delete process.env['GITHUB_STEP_SUMMARY'];
    expect(() => {
      writeSummary('text');
    }).not.toThrow();
  });
});
