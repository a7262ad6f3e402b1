import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { parse } from 'yaml';
import { PIPELINE } from '../src/case/states.ts';

/**
 * Writes the parts of README.md that follow from the code: the inputs by groups and the outputs from
 * action.yml, the states from src/case/states.ts. Each stands between `<!-- name -->` and
 * `<!-- /name -->`. With `--check` it only tells whether they agree.
 */

/** What the tables need of action.yml. */
export interface Action {
  readonly inputs: Readonly<Record<string, Input>>;
  readonly outputs: Readonly<Record<string, { readonly description: string }>>;
}

interface Input {
  readonly description: string;
  readonly required?: boolean;
  readonly default?: string;
}

/** The inputs in the order in which a reader meets them. Every input is in one group. */
const GROUPS = {
  'Which Ops Manager': [
    'base-url',
    'project-id',
    'public-key',
    'private-key',
    'ca-certificate',
    'client-certificate',
    'client-key',
    'client-key-passphrase'
  ],
  'Which import': ['import-request', 'request-id', 'if-in-progress', 'delete-failed'],
  'How long to wait': [
    'goal-state',
    'timeout',
    'stall-timeout',
    'poll-interval',
    'request-timeout',
    'max-outage',
    'cancel-on-timeout',
    'cancel-on-interrupt'
  ],
  'What to report': ['job-summary', 'diagnose', 'commit-status', 'github-token']
} as const;

const root = join(import.meta.dirname, '..');

if (process.argv[1] === import.meta.filename) run();

/**
 * README.md with its generated parts as they must be.
 * @throws when an input is in no group, a group has an unknown one, or a part has no place.
 */
export function updated(
  readme: string,
  { inputs, outputs }: Action,
  pipeline: readonly string[]
): string {
  checkGroups(Object.keys(inputs));
  const groups = Object.entries(GROUPS).flatMap(([title, names]) => [
    `### ${title}`,
    '',
    ...table(
      ['input', 'default', 'meaning'],
      names.map((name) => inputRow(name, inputs[name]))
    ),
    ''
  ]);
  const outputRows = Object.entries(outputs).map(([name, { description }]) => [
    `\`${name}\``,
    description
  ]);
  const parts = {
    inputs: groups.slice(0, -1),
    outputs: table(['output', 'value'], outputRows),
    states: [pipeline.map((state) => `\`${state}\``).join(' → ')]
  };
  return Object.entries(parts).reduce(
    (text, [name, lines]) => replacePart(text, name, lines),
    readme
  );
}

function run(): void {
  const path = join(root, 'README.md');
  const readme = readFileSync(path, 'utf8');
  const action = parse(readFileSync(join(root, 'action.yml'), 'utf8')) as Action;
  const text = updated(readme, action, PIPELINE);
  if (text === readme) {
    console.log('README.md agrees with action.yml and the pipeline.');
  } else if (process.argv.includes('--check')) {
    console.error('README.md differs from action.yml or the pipeline. Run: npm run docs');
    process.exitCode = 1;
  } else {
    writeFileSync(path, text);
    console.log('README.md agrees with action.yml and the pipeline now.');
  }
}

function checkGroups(names: readonly string[]): void {
  const grouped: readonly string[] = Object.values(GROUPS).flat();
  const wrong = [
    ...names.filter((name) => !grouped.includes(name)).map((name) => `${name} is in no group`),
    ...grouped.filter((name) => !names.includes(name)).map((name) => `${name} is no input`)
  ];
  if (wrong.length > 0) throw new Error(`scripts/readme-tables.ts: ${wrong.join(', ')}`);
}

function inputRow(name: string, input: Input | undefined): readonly string[] {
  if (input === undefined) throw new Error(`action.yml has no ${name}`);
  const { description, required, default: value } = input;
  const shown = value === undefined ? '' : `\`${value}\``;
  return [`\`${name}\``, required === true ? '**required**' : shown, description];
}

function table(head: readonly string[], rows: readonly (readonly string[])[]): readonly string[] {
  return [head, head.map(() => '---'), ...rows].map((cells) => `| ${cells.join(' | ')} |`);
}

function replacePart(text: string, name: string, lines: readonly string[]): string {
  const start = `<!-- ${name} -->`;
  const end = `<!-- /${name} -->`;
  const [before, rest] = text.split(start);
  const after = rest?.split(end)[1];
  if (before === undefined || after === undefined)
    throw new Error(`README.md has no ${start} … ${end}`);
  const part = ['<!-- prettier-ignore-start -->', ...lines, '<!-- prettier-ignore-end -->'];
  return `${before}${start}\n\n${part.join('\n')}\n\n${end}${after}`;
}
