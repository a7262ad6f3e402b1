import { describe, expect, it } from '@jest/globals';
import { execFileSync } from 'node:child_process';
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import type { Expression } from './support/refused-expressions.ts';
import { WORSE } from './support/worse-than-linear.ts';

const ROOT = join(import.meta.dirname, '..');
const MASKER = 'simulator/secret-masker.ts';
const EXAMPLES = '__tests__/support/worse-than-linear.ts';

/** The regular expressions of files, and what is wrong with each; one program for all. */
function expressionsIn(files: readonly string[]): readonly Expression[] {
  const program = join(import.meta.dirname, 'support', 'refused-expressions.ts');
  const input = JSON.stringify(files);
  const options = { cwd: ROOT, input, encoding: 'utf8', maxBuffer: Infinity } as const;
  return JSON.parse(execFileSync(process.execPath, [program], options)) as readonly Expression[];
}

describe('a regular expression', () => {
  const sources = readdirSync(join(ROOT, 'src'), { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith('.ts'))
    .map((name) => join('src', name));
  const all = expressionsIn([...sources, MASKER, EXAMPLES]);
  const own = all.filter(({ place }) => place !== EXAMPLES);

  it('takes time in proportion to the text, and is refused where it takes the square of it, or more', () => {
    expect(own.filter(({ isMade }) => !isMade).length).toBeGreaterThan(100);
    expect(own.filter(({ refusal }) => refusal !== null)).toEqual([]);
    const examples = all.filter(({ place }) => place === EXAMPLES);
    expect(examples.map(({ text, refusal }) => [text, refusal])).toEqual(
      WORSE.map(([literal, refusal]) => [String(literal), refusal])
    );
  });

  it('is written down, or put together of such', () => {
    const made = own.filter(({ isMade }) => isMade).map(({ place }) => place);
    expect(new Set(made)).toEqual(new Set([join('src', 'report', 'markdown.ts')]));
  });
});
