import { text } from 'node:stream/consumers';
import { env, stdin } from 'node:process';
import { check, checkSync, type Parameters } from 'recheck';

/**
 * Reads a JSON list of literals, and writes for each what is wrong with it: null for one that is
 * linear wherever in a text it begins. A program, because in Jest it is ten times slower.
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

async function refusal(literal: string): Promise<string | null> {
  const end = literal.lastIndexOf('/');
  // These make no difference to how long a match takes, and the checker does not know them.
  const flags = literal.slice(end + 1).replace(/[dg]/g, '');
  const ask = hasProgram ? check : checkSync;
  const found = await ask(literal.slice(1, end), flags, PARAMETERS);
  if (found.status === 'safe') return null;
  return found.status === 'vulnerable' ? found.complexity.summary : found.error.kind;
}

const literals = JSON.parse(await text(stdin)) as readonly string[];
console.log(JSON.stringify(await Promise.all(literals.map(refusal))));
