import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { writeOutputs, writeState, writeSummary } from '../../src/report/runner-files.ts';

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
    writeState('case', '{"a":1}');
    expect(contents('GITHUB_STATE').split('\n')).toContain('case={"a":1}');
  });

  it('take no value for more than a line of its own', () => {
    writeOutputs({ message: 'one\noutcome=reached\r\ntwo' });
    expect(contents('GITHUB_OUTPUT').trim()).toBe('message=one outcome=reached  two');
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
      writeState('a', 'b');
    }).toThrow();
  });

  it('say that the disk is full when it is', () => {
    process.env['GITHUB_STATE'] = '/dev/full';
    expect(() => {
      writeState('case', '{}');
    }).toThrow(/ENOSPC/);
  });

  it('want no summary where the runner has none', () => {
    delete process.env['GITHUB_STEP_SUMMARY'];
    expect(() => {
      writeSummary('text');
    }).not.toThrow();
  });
});
