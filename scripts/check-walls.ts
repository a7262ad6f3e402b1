import { join } from 'node:path';
import { ESLint } from 'eslint';
import tseslint from 'typescript-eslint';

/**
 * Tries the walls between the rooms (eslint.walls.js): each import below is linted in a file that
 * is not there. A wall that lets a forbidden import through, or stops a good one, is a defect.
 */

const RULES: readonly string[] = [
  '@typescript-eslint/no-restricted-imports',
  'no-restricted-syntax',
  'max-lines',
  'max-lines-per-function'
];

const FORBIDDEN: readonly (readonly [file: string, text: string])[] = [
  ['src/import/x.ts', `import { a } from '../ops-manager/errors.ts';`],
  ['src/import/x.ts', `import type { A } from '../wait/clock.ts';`],
  ['src/import/x.ts', `export * from '../report/log.ts';`],
  ['src/import/x.ts', `import { a } from '../inputs.ts';`],
  ['src/import/x.ts', `import { a } from '../main.ts';`],
  ['src/import/x.ts', `import { a } from './../report/log.ts';`],
  ['src/import/x.ts', `import { a } from '../../src/report/log.ts';`],
  ['src/import/x.ts', `import { a } from '../../simulator/runner.ts';`],
  ['src/import/x.ts', `import * as core from '@actions/core';`],
  ['src/import/x.ts', `const { a } = await import('../report/log.ts');`],
  ['src/import/x.ts', `let a: import('../report/log.ts').A;`],
  ['src/ops-manager/x.ts', `import type { A } from '../wait/clock.ts';`],
  ['src/ops-manager/x.ts', `import { a } from '../report/log.ts';`],
  ['src/ops-manager/x.ts', `import * as core from '@actions/core';`],
  ['src/wait/x.ts', `import { a } from '../ops-manager/client.ts';`],
  ['src/wait/x.ts', `import type { A } from '../ops-manager/client.ts';`],
  ['src/wait/x.ts', `import { a } from '../report/log.ts';`],
  ['src/wait/x.ts', `import { info } from '@actions/core';`],
  ['src/wait/x.ts', `import { request } from 'undici';`],
  ['src/wait/x.ts', `import { request } from 'node:https';`],
  ['src/inputs/x.ts', `import { a } from '../ops-manager/connection.ts';`],
  ['src/inputs/x.ts', `import { a } from '../wait/clock.ts';`],
  ['src/inputs/x.ts', `import { getInput } from '@actions/core';`],
  ['src/inputs.ts', `import { getInput } from '@actions/core';`],
  ['src/report/x.ts', `import { a } from '../wait/wait.ts';`],
  ['src/report/x.ts', `import { a } from '../ops-manager/client.ts';`],
  ['src/report/x.ts', `import { a } from '../main.ts';`],
  ['src/report/x.ts', `import { fetch } from 'undici';`],
  ['src/report/x.ts', `const { a } = await import('../wait/wait.ts');`],
  ['src/duration.ts', `import { info } from '@actions/core';`],
  ['src/main.ts', `import { fetch } from 'undici';`],
  ['src/main.ts', `const { a } = await import('./report/log.ts');`],
  ['src/index.ts', `import { main } from './report/log.ts';`],
  ['src/index.ts', `import { info } from '@actions/core';`],
  ['src/post.ts', `const { a } = await import('./main.ts');`],
  ['simulator/x.ts', `import { a } from '../src/duration.ts';`],
  ['simulator/x.ts', `const { a } = await import('../src/duration.ts');`],
  ['src/wait/x.ts', 'export const a = 1;\n'.repeat(251)],
  ['src/wait/x.ts', `export function a(): void {\n${'  a();\n'.repeat(44)}}`]
];

const ALLOWED: typeof FORBIDDEN = [
  ['src/import/x.ts', `import { a } from './states.ts';`],
  ['src/import/x.ts', `import { a } from '../untrusted.ts';`],
  [
    'src/ops-manager/x.ts',
    `import { a } from '../import/import-api.ts'; import { b } from 'undici';`
  ],
  ['src/wait/x.ts', `import { a } from '../import/import-api.ts'; import pRetry from 'p-retry';`],
  ['src/inputs/x.ts', `import type { A } from '../ops-manager/connection.ts';`],
  ['src/inputs/x.ts', `import { a } from '../import/states.ts';`],
  ['src/report/x.ts', `import type { A } from '../wait/case-cell.ts';`],
  ['src/report/x.ts', `import * as core from '@actions/core'; import { a } from '../date.ts';`],
  ['src/report/x.ts', `const { getOctokit } = await import('@actions/github');`],
  ['src/main.ts', `import { info } from '@actions/core'; import { a } from './wait/wait.ts';`],
  ['src/index.ts', `import { a } from './door.ts'; const { main } = await import('./action.ts');`],
  ['simulator/x.ts', `import type { A } from '../src/duration.ts'; import { b } from './y.ts';`],
  ['src/wait/x.ts', 'export const a = 1;\n'.repeat(250)],
  ['src/wait/x.ts', `export function a(): void {\n${'  a();\n'.repeat(43)}}`]
];

const eslint = new ESLint({
  cwd: join(import.meta.dirname, '..'),
  // The files are not there, so nothing can be known of their types.
  overrideConfig: [
    tseslint.configs.disableTypeChecked,
    { languageOptions: { parserOptions: { projectService: false } } }
  ],
  ruleFilter: ({ ruleId }) => RULES.includes(ruleId)
});

let wrong = 0;
for (const [isForbidden, examples] of [
  [true, FORBIDDEN],
  [false, ALLOWED]
] as const) {
  for (const [filePath, text] of examples) {
    const [result] = await eslint.lintText(text, { filePath });
    const messages = result?.messages ?? [];
    const isRefused = messages.length > 0 && messages.every(({ ruleId }) => ruleId !== null);
    if (isRefused === isForbidden && (isForbidden || messages.length === 0)) continue;
    wrong += 1;
    console.error(
      `${isForbidden ? 'Let through' : 'Stopped'} in ${filePath}: ${text.slice(0, 80)}`
    );
    for (const { message } of messages) console.error(`    ${message}`);
  }
}
console.log(
  `${FORBIDDEN.length} forbidden and ${ALLOWED.length} good examples were tried, ${wrong} went wrong.`
);
process.exitCode = wrong === 0 ? 0 : 1;
