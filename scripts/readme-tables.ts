import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { parse } from 'yaml';

/**
 * Writes the tables of inputs and outputs in README.md from action.yml; with `--check` it only
 * tells whether they agree. The tables stand between `<!-- inputs -->` and `<!-- /inputs -->`.
 */

interface Input {
  readonly description: string;
  readonly required?: boolean;
  readonly default?: string;
}

interface Action {
  readonly inputs: Readonly<Record<string, Input>>;
  readonly outputs: Readonly<Record<string, { readonly description: string }>>;
}

const root = join(import.meta.dirname, '..');
const readme = readFileSync(join(root, 'README.md'), 'utf8');
const action = parse(readFileSync(join(root, 'action.yml'), 'utf8')) as Action;

const inputs = Object.entries(action.inputs).map(
  ([name, { description, required, default: value }]) =>
    `| \`${name}\` | ${required === true ? '**required**' : value === undefined ? '' : `\`${value}\``} | ${description} |`
);
const outputs = Object.entries(action.outputs).map(
  ([name, { description }]) => `| \`${name}\` | ${description} |`
);
const updated = replaceTable(
  replaceTable(readme, 'inputs', [
    '| input | default | meaning |',
    '| --- | --- | --- |',
    ...inputs
  ]),
  'outputs',
  ['| output | value |', '| --- | --- |', ...outputs]
);

if (updated === readme) {
  console.log('The tables in README.md are those of action.yml.');
} else if (process.argv.includes('--check')) {
  console.error('The tables in README.md differ from action.yml. Run: npm run docs');
  process.exitCode = 1;
} else {
  writeFileSync(join(root, 'README.md'), updated);
  console.log('README.md has the tables of action.yml now.');
}

function replaceTable(text: string, name: string, lines: readonly string[]): string {
  const start = `<!-- ${name} -->`;
  const end = `<!-- /${name} -->`;
  const [before, rest] = text.split(start);
  const after = rest?.split(end)[1];
  if (before === undefined || after === undefined)
    throw new Error(`README.md has no ${start} … ${end}`);
  const table = ['<!-- prettier-ignore-start -->', ...lines, '<!-- prettier-ignore-end -->'].join(
    '\n'
  );
  return `${before}${start}\n\n${table}\n\n${end}${after}`;
}
