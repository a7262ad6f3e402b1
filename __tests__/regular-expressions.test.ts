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

/** What is wrong with each literal that is not linear; one program for all, which takes long to warm up. */
function refusals(literals: readonly string[]): ReadonlyMap<string, string> {
  const program = join(import.meta.dirname, 'support', 'refused-expressions.ts');
  const input = JSON.stringify(literals);
  const answer = execFileSync(process.execPath, [program], { input, encoding: 'utf8' });
  const why = JSON.parse(answer) as readonly (string | null)[];
  return new Map(
    literals.flatMap((literal, index) => {
      const refusal = why[index] ?? null;
      return refusal === null ? [] : [[literal, refusal] as const];
    })
  );
}

/** What is worse than linear, and how the checker says so. */
const WORSE: readonly (readonly [literal: string, refusal: string])[] = [
  ['/##+\\[/g', '2nd degree polynomial'],
  ['/\\/+$/', '2nd degree polynomial'],
  ['/^(\\d+)+$/', 'exponential'],
  ['/alert (?:.*certificate|unknown ca|access denied)/', '2nd degree polynomial (fuzz)'],
  [
    '/-----BEGIN (?:X509 )?CERTIFICATE-----[\\s\\S]+?-----END (?:X509 )?CERTIFICATE-----/g',
    '2nd degree polynomial (fuzz)'
  ]
];

describe('a regular expression', () => {
  const files = readdirSync(join(ROOT, 'src'), { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith('.ts'))
    .map((name) => join('src', name));
  const found = [...files, MASKER].map(expressionsOf);

  it('takes time in proportion to the text, and is refused where it takes the square of it, or more', () => {
    const literals = found.flatMap((each) => each.literals);
    expect(literals.length).toBeGreaterThan(100);
    const texts = new Set([...WORSE.map(([text]) => text), ...literals.map(({ text }) => text)]);
    const refused = refusals([...texts]);
    expect(literals.filter(({ text }) => refused.has(text))).toEqual([]);
    expect([...refused]).toEqual(WORSE);
  });

  it('is written down, or put together of such', () => {
    const made = found.flatMap((each) => each.made.map(({ place }) => place));
    expect(new Set(made)).toEqual(new Set([join('src', 'report', 'markdown.ts')]));
  });
});
