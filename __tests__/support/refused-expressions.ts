import { readFileSync } from 'node:fs';
import { env, stdin } from 'node:process';
import { text } from 'node:stream/consumers';
import { check, checkSync, type Parameters } from 'recheck';
import ts from 'typescript';

/**
 * Reads a JSON list of files, and writes their regular expressions, each with what is wrong with it:
 * null for one that is linear wherever in a text it begins. A program, because in Jest it is slow.
 */

// The checker as a program of its own, which costs a fifth; where there is none for this machine, the
// same one as JavaScript. Both count the same steps.
env['RECHECK_BACKEND'] = 'native';
env['RECHECK_SYNC_BACKEND'] = 'pure';
const hasProgram = await check('a', '').then(
  () => true,
  () => false
);

/** Steps are counted, and chance has a seed: the same finding on every machine. */
const PARAMETERS: Parameters = {
  timeout: null,
  incubationTimeout: null,
  attackTimeout: null,
  recallLimit: 0,
  randomSeed: 1,
  // A pattern is refused that takes more than 250 steps for each character of an attack.
  maxAttackStringSize: 16_000,
  attackLimit: 4_000_000,
  // Larger automata take minutes; attacks on them are looked for instead.
  maxNFASize: 5_000,
  incubationLimit: 5_000,
  maxGeneStringSize: 1_000,
  maxInitialGenerationSize: 100,
  maxGenerationSize: 20,
  maxIteration: 2,
  crossoverSize: 5,
  mutationSize: 10
};

/** A literal of a file, or a piece of code that makes a regular expression when it runs. */
export interface Expression {
  readonly place: string;
  readonly text: string;
  readonly isMade: boolean;
  readonly refusal: string | null;
}

async function refusalOf(literal: string): Promise<string | null> {
  const end = literal.lastIndexOf('/');
  // These make no difference to how long a match takes, and the checker does not know them.
  const flags = literal.slice(end + 1).replace(/[dg]/g, '');
  const ask = hasProgram ? check : checkSync;
  const found = await ask(literal.slice(1, end), flags, PARAMETERS);
  if (found.status === 'safe') return null;
  return found.status === 'vulnerable' ? found.complexity.summary : found.error.kind;
}

const refusals = new Map<string, Promise<string | null>>();

async function expressionOf(place: string, node: ts.Node): Promise<Expression> {
  const isMade = ts.isNewExpression(node);
  const written = node.getText();
  if (isMade) return { place, text: written, isMade, refusal: null };
  const refusal = refusals.get(written) ?? refusalOf(written);
  refusals.set(written, refusal);
  return { place, text: written, isMade, refusal: await refusal };
}

function expressionsIn(place: string): readonly ts.Node[] {
  const found: ts.Node[] = [];
  const visit = (node: ts.Node): void => {
    const isMade = ts.isNewExpression(node) && node.expression.getText() === 'RegExp';
    if (isMade || ts.isRegularExpressionLiteral(node)) found.push(node);
    ts.forEachChild(node, visit);
  };
  visit(ts.createSourceFile(place, readFileSync(place, 'utf8'), ts.ScriptTarget.Latest, true));
  return found;
}

const files = JSON.parse(await text(stdin)) as readonly string[];
const expressions = files.flatMap((place) =>
  expressionsIn(place).map((node) => expressionOf(place, node))
);
console.log(JSON.stringify(await Promise.all(expressions)));
