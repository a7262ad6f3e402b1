import { describe, expect, it } from '@jest/globals';
import { execFileSync } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import {
  createSourceFile,
  forEachChild,
  isNewExpression,
  isRegularExpressionLiteral,
  ScriptTarget,
  type Node
} from 'typescript';

const ROOT = join(import.meta.dirname, '..');
const MASKER = 'simulator/secret-masker.ts';

interface Expression {
  readonly text: string;
  readonly place: string;
}

/** The literals of a file, and what it makes regular expressions of when it runs. */
function expressionsOf(place: string): { literals: Expression[]; made: Expression[] } {
  const literals: Expression[] = [];
  const made: Expression[] = [];
  const visit = (node: Node): void => {
    if (isRegularExpressionLiteral(node)) literals.push({ text: node.text, place });
    if (isNewExpression(node) && node.expression.getText() === 'RegExp') {
      made.push({ text: node.getText(), place });
    }
    forEachChild(node, visit);
  };
  const text = readFileSync(join(ROOT, place), 'utf8');
  visit(createSourceFile(place, text, ScriptTarget.Latest, true));
  return { literals, made };
}

/** For each literal what is wrong with it; null for one that is linear. */
function refusals(literals: readonly string[]): readonly (string | null)[] {
  const program = join(import.meta.dirname, 'support', 'refused-expressions.ts');
  const input = JSON.stringify(literals);
  const answer = execFileSync(process.execPath, [program], { input, encoding: 'utf8' });
  return JSON.parse(answer) as (string | null)[];
}

describe('a regular expression', () => {
  const files = readdirSync(join(ROOT, 'src'), { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith('.ts'))
    .map((name) => join('src', name));
  const found = [...files, MASKER].map(expressionsOf);

  it('takes time in proportion to the text', () => {
    const literals = found.flatMap((each) => each.literals);
    const why = refusals(literals.map(({ text }) => text));
    expect(why.length).toBeGreaterThan(100);
    expect(literals.filter((_, index) => why[index] !== null)).toEqual([]);
  });

  it('is written down, or put together of such', () => {
    const made = found.flatMap((each) => each.made.map(({ place }) => place));
    expect(new Set(made)).toEqual(new Set([join('src', 'report', 'markdown.ts')]));
  });

  it('is refused where it takes the square of it, or more', () => {
    const literals = [
      '/##+\\[/g',
      '/\\/+$/',
      '/^(\\d+)+$/',
      '/alert (?:.*certificate|unknown ca|access denied)/',
      '/-----BEGIN (?:X509 )?CERTIFICATE-----[\\s\\S]+?-----END (?:X509 )?CERTIFICATE-----/g'
    ];
    expect(refusals(literals)).toEqual([
      '2nd degree polynomial',
      '2nd degree polynomial',
      'exponential',
      '2nd degree polynomial (fuzz)',
      '2nd degree polynomial (fuzz)'
    ]);
  });
});
