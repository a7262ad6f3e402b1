import { execFile } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import type { ProcessScript } from '../../simulator/diagnosis-api.ts';
import {
  IMPORT_ID,
  PRIVATE_KEY,
  PROJECT_ID,
  PUBLIC_KEY,
  Simulator,
  type Fault,
  type SimulatorOptions
} from '../../simulator/ops-manager.ts';
import { runStep, startStep, type StepOptions, type StepResult } from '../../simulator/runner.ts';
import type { Script, Step } from '../../simulator/scripted-import.ts';
import { Authority } from '../support/certificates.ts';
import { ForwardProxy } from '../support/forward-proxy.ts';
import { LocalServer } from '../support/local-server.ts';
import {
  evaluateAll,
  evaluateCondition,
  evaluateText,
  recipe,
  recipeNames,
  workflow,
  type Context,
  type RecipeStep
} from '../support/recipes.ts';
import { SHORT_LIVED } from '../support/short-lived.ts';

const BASE_URL = 'https://ops-manager.example.com:8443';
const PASSWORD = 'pass"word-of-the-deployment';
const SUCCESS_SOON: readonly Step[] = [
  ['PENDING', 0],
  ['SUCCESS', 500]
];
const RUNNING: readonly Step[] = [
  ['PENDING', 0],
  ['AWAIT_GOAL_STATE', 100]
];
const BODY = JSON.stringify({
  seedHostport: 'mongodb1.example.com:27017',
  requiredProcesses: ['mongodb1.example.com:27017']
});

const context: Context = {
  'vars.OPS_MANAGER_PROJECT_ID': PROJECT_ID,
  'secrets.OPS_MANAGER_PUBLIC_KEY': PUBLIC_KEY,
  'secrets.OPS_MANAGER_PRIVATE_KEY': PRIVATE_KEY,
  'secrets.MONGODB_PASSWORD': PASSWORD,
  'inputs.request-id': IMPORT_ID,
  'github.token': 'token-of-the-job'
};

let simulator: Simulator;
let workspace: string;
const tested = new Set<string>();

beforeEach(() => {
  workspace = mkdtempSync(join(tmpdir(), 'workspace-'));
  mkdirSync(join(workspace, 'imports'));
  for (const name of ['orders', 'billing']) {
    writeFileSync(join(workspace, 'imports', `${name}.json`), BODY);
  }
});

afterEach(async () => {
  await simulator.close();
  rmSync(workspace, { recursive: true });
});

/** The steps of a recipe's job: of its only one, or of the one that is named. */
function stepsOf(name: string, job?: string): readonly RecipeStep[] {
  tested.add(name);
  const jobs = recipe(name);
  const [only] = Object.values(jobs);
  return (job === undefined ? only : jobs[job])?.steps ?? [];
}

/** The recipe's step of this action, ready to be started against the simulator. */
function actionIn(steps: readonly RecipeStep[], more: Context = {}): StepOptions {
  const step = steps.find(({ uses }) => /^[\w-]+\/await-ops-manager-import@/.test(uses ?? ''));
  const values = evaluateAll(step?.with, { ...context, ...more });
  expect(values['base-url']).toBe(BASE_URL);
  // The half minute that makes sure of an import in progress has tests of its own.
  const isSought = values['request-id'] === 'in-progress';
  const inputs = { ...values, ...(isSought && { 'request-id': IMPORT_ID }) };
  return { ...SHORT_LIVED, inputs: { ...inputs, 'base-url': simulator.url }, cwd: workspace };
}

async function start(options: SimulatorOptions): Promise<void> {
  simulator = await Simulator.start(options);
}

/** An import that ends in `state` once it was read, however slow the machine is. */
function endingOnceRead(state: string): { readonly script: Script; readonly fault: Fault } {
  const steps: Step[] = [
    ['PENDING', 0],
    ['AWAIT_GOAL_STATE', 0]
  ];
  const fault: Fault = ({ kind, isAuthenticated }, _response, forward) => {
    const isFirstRead = kind === 'read' && isAuthenticated && steps.length === 2;
    // Answered first: no clock decides whether this read sees the end already.
    if (isFirstRead) {
      forward();
      steps.push([state, 0]);
    }
    return isFirstRead;
  };
  return { script: { id: IMPORT_ID, steps }, fault };
}

/** Runs a script as the runner does. */
async function runScript({ run = '', env }: RecipeStep, more: Context = {}): Promise<string> {
  const values = evaluateAll(env, { ...context, ...more });
  const options = { cwd: workspace, env: { PATH: process.env['PATH'], ...values } };
  return (await promisify(execFile)('bash', ['-e', '-o', 'pipefail', '-c', run], options)).stdout;
}

function outputsAs(prefix: string, { outputs }: StepResult): Context {
  return Object.fromEntries(
    Object.entries(outputs).map(([name, value]) => [`${prefix}.${name}`, value])
  );
}

describe('the recipes', () => {
  it('create the import and wait for it, with nothing else in the repository', async () => {
    await start({ create: () => ({ steps: SUCCESS_SOON }) });
    const { permissions, concurrency = '', jobs } = workflow('minimal');
    const result = await runStep(actionIn(stepsOf('minimal', 'import')));
    expect(result.outputs).toMatchObject({
      outcome: 'reached',
      'request-id': simulator.imports[0]?.id
    });
    expect(simulator.imports).toHaveLength(1);
    expect(result.log).not.toContain(PASSWORD);
    expect(permissions).toEqual({});
    expect(evaluateText(concurrency, context)).toBe(`ops-manager-${PROJECT_ID}`);
    expect(jobs['deploy']?.needs).toBe('import');
  });

  it.each([
    { state: 'SUCCESS', deploys: true },
    { state: 'FAILED', deploys: false }
  ])('gate a deploy job through outputs: $state', async ({ state, deploys }) => {
    tested.add('gate');
    await start({
      imports: [
        {
          id: IMPORT_ID,
          steps: [
            ['PENDING', 0],
            [state, 300]
          ]
        }
      ]
    });
    const jobs = recipe('gate');
    const result = await runStep(actionIn(jobs['import']?.steps ?? []));
    const steps = outputsAs('steps.import.outputs', result);
    const outputs = evaluateAll(jobs['import']?.outputs, steps);
    const needs = Object.fromEntries(
      Object.entries(outputs).map(([name, value]) => [`needs.import.outputs.${name}`, value])
    );
    expect(jobs['deploy']?.needs).toBe('import');
    expect(evaluateCondition(jobs['deploy']?.if ?? '', needs)).toBe(deploys);
    const said = await runScript(jobs['deploy']?.steps[0] ?? {}, needs);
    expect(said).toBe(`Import ${IMPORT_ID} is complete\n`);
  });

  it('run a matrix of imports, each with its own file, group and status', async () => {
    tested.add('matrix');
    await start({ create: () => ({ steps: SUCCESS_SOON }) });
    const { import: job, deploy } = recipe('matrix');
    const rows = job?.strategy?.matrix.include ?? [];
    expect(rows).toHaveLength(2);
    const groups = new Set<string>();
    const statuses = new Set<string>();
    // One after the other: the simulator has one project, and two at once would be ambiguous.
    for (const { name = '', project = '' } of rows) {
      groups.add(evaluateText(job?.concurrency ?? '', { 'matrix.project': project }));
      const matrix = { 'matrix.name': name, 'matrix.project': PROJECT_ID };
      const { inputs, ...options } = actionIn(job?.steps ?? [], matrix);
      const { 'commit-status': status = '', ...others } = inputs;
      statuses.add(status);
      const result = await runStep({ ...options, inputs: others });
      expect(result.outputs).toMatchObject({ outcome: 'reached' });
    }
    expect(simulator.imports).toHaveLength(2);
    expect(groups.size).toBe(2);
    expect([...statuses]).toEqual(['ops-manager/import/orders', 'ops-manager/import/billing']);
    expect(job?.permissions).toEqual({ contents: 'read', statuses: 'write' });
    for (const [result, deploys] of [
      ['success', true],
      ['failure', false]
    ] as const) {
      expect(evaluateCondition(deploy?.if ?? '', { 'needs.import.result': result })).toBe(deploys);
    }
  });

  it('wait for the import of a run whose runner was lost', async () => {
    await start({
      imports: [{ id: IMPORT_ID, steps: RUNNING }],
      create: () => ({ steps: SUCCESS_SOON })
    });
    const step = startStep({
      ...actionIn(stepsOf('repeat')),
      onLine: (line) => {
        if (line.includes(IMPORT_ID)) step.process.kill('SIGKILL');
      }
    });
    const { log } = await step.result;
    expect(log).toContain(IMPORT_ID);
    expect(simulator.imports).toHaveLength(1);
  });

  it('create an import where the lost run had created none', async () => {
    await start({ create: () => ({ steps: SUCCESS_SOON }) });
    const result = await runStep(actionIn(stepsOf('repeat')));
    expect(result.outputs).toMatchObject({
      outcome: 'reached',
      'request-id': simulator.imports[0]?.id
    });
  });

  it('leave the import running when the workflow is cancelled', async () => {
    await start({ imports: [{ id: IMPORT_ID, steps: RUNNING }] });
    const step = startStep({
      ...actionIn(stepsOf('leave')),
      onLine: (line) => {
        if (line.includes('AWAIT_GOAL_STATE')) step.process.kill('SIGINT');
      }
    });
    const { outputs } = await step.result;
    expect(outputs).toMatchObject({ outcome: 'interrupted', cancellation: 'skipped' });
    expect(simulator.state()).toBe('AWAIT_GOAL_STATE');
  });

  it.each<{ name: string; processes: readonly ProcessScript[]; given: Context; says: RegExp }>([
    {
      name: 'an agent reports an error',
      processes: [
        { name: 'rs0_1', hostname: 'mongodb1.example.com', version: 4, plan: ['WaitRsInit'] },
        {
          name: 'rs0_3',
          hostname: 'mongodb3.example.com',
          version: -1,
          plan: ['Start'],
          error: { errorCode: 100, errorString: 'permission denied' }
        }
      ],
      given: {},
      says: /^Look at mongodb3\.example\.com first\. (As of .*: )?rs0_3 on .*permission denied/
    },
    {
      name: 'no process is behind',
      processes: [{ name: 'rs0_1', hostname: 'mongodb1.example.com', version: 5 }],
      given: {},
      says: /^Look at the project first\. .*version 5/
    },
    {
      name: 'nothing was asked',
      processes: [],
      given: { diagnose: 'false' },
      says: /^nothing$/
    }
  ])('say which host holds the import up when $name', async ({ processes, given, says }) => {
    const [first, second = {}] = stepsOf('diagnosis');
    await start({
      imports: [{ id: IMPORT_ID, steps: RUNNING }],
      diagnosis: { automation: { goalVersion: 5, processes } }
    });
    const { inputs, ...options } = actionIn([first ?? {}]);
    const result = await runStep({
      ...options,
      inputs: { ...inputs, 'stall-timeout': '1s', ...given }
    });
    expect(result.outputs).toMatchObject({ outcome: 'stalled' });
    const outputs = { ...outputsAs('steps.import.outputs', result), 'job.status': 'failure' };
    const runs = evaluateCondition(second.if ?? '', outputs);
    expect(runs ? await runScript(second, outputs) : 'nothing').toMatch(says);
  });
});

describe('the recipes for self-hosted runners', () => {
  const authority = new Authority('Example Authority');

  it('trust a private authority and show a client certificate', async () => {
    const passphrase = 'open sesame';
    const client = authority.issue({ commonName: 'runner', passphrase });
    const ca = authority.certificate;
    const { script, fault } = endingOnceRead('SUCCESS');
    await start({
      imports: [script],
      fault,
      tls: {
        ...authority.issue({ commonName: 'om' }),
        ca,
        requestCert: true,
        rejectUnauthorized: true
      }
    });
    const { inputs, ...options } = actionIn(stepsOf('ca'), {
      'secrets.OPS_MANAGER_CLIENT_CERTIFICATE': client.cert,
      'secrets.OPS_MANAGER_CLIENT_KEY': client.key,
      'secrets.OPS_MANAGER_CLIENT_KEY_PASSPHRASE': passphrase
    });
    expect(inputs['ca-certificate']).toBe('/etc/ssl/certs/example-ca.pem');
    writeFileSync(join(workspace, 'example-ca.pem'), ca);
    const result = await runStep({
      ...options,
      inputs: { ...inputs, 'ca-certificate': 'example-ca.pem' }
    });
    expect(result.outputs).toMatchObject({ outcome: 'reached' });
  });

  it('go through a proxy', async () => {
    await using proxy = await ForwardProxy.start();
    const { script, fault } = endingOnceRead('SUCCESS');
    await start({
      imports: [script],
      fault,
      tls: authority.issue({ commonName: 'om' })
    });
    const steps = stepsOf('proxy');
    const env = evaluateAll(steps[0]?.env, context);
    expect(env).toEqual({
      HTTPS_PROXY: 'http://proxy.example.com:3128',
      NO_PROXY: 'localhost,.internal.example.com'
    });
    writeFileSync(join(workspace, 'ca.pem'), authority.certificate);
    const result = await runStep({
      ...actionIn(steps),
      env: { ...env, HTTPS_PROXY: proxy.url, NODE_EXTRA_CA_CERTS: join(workspace, 'ca.pem') }
    });
    expect(result.outputs).toMatchObject({ outcome: 'reached' });
    expect(proxy.requests).toEqual([`CONNECT 127.0.0.1:${simulator.port}`]);
  });
});

describe('the recipe of a required check', () => {
  it('publishes a commit status', async () => {
    const bodies: string[] = [];
    await using github = await LocalServer.http((request, response) => {
      request.on('data', (chunk: Buffer) => bodies.push(chunk.toString()));
      request.on('end', () =>
        response.writeHead(201, { 'content-type': 'application/json' }).end('{}')
      );
    });
    const { script, fault } = endingOnceRead('SUCCESS');
    await start({
      imports: [script],
      fault
    });
    const { inputs, ...options } = actionIn(stepsOf('status'));
    const result = await runStep({
      ...options,
      // The runner takes the default of github-token from action.yml.
      inputs: { ...inputs, 'github-token': 'token-of-the-job' },
      env: { GITHUB_API_URL: github.url, GITHUB_SHA: '1234567890' }
    });
    expect(result.outputs).toMatchObject({ outcome: 'reached' });
    expect(new Set(github.requests)).toEqual(
      new Set(['POST /repos/example/deployments/statuses/1234567890'])
    );
    const statuses = bodies.map((body) => JSON.parse(body) as { state: string; context: string });
    expect(statuses.map(({ state }) => state)).toEqual(['pending', 'success']);
    expect(new Set(statuses.map((status) => status.context))).toEqual(
      new Set(['ops-manager/import'])
    );
  });
});

describe('all recipes', () => {
  it('are tested', async () => {
    await start({});
    // Those with curl, jq and gh are tested in ../peers, where there are these programs.
    const inPeers = ['curl', 'issue', 'message'];
    const forGitHub = ['who', 'queue', 'group', 'background', 'parallel', 'approval', 'watchers'];
    expect([...tested, ...inPeers, ...forGitHub].sort()).toEqual([...recipeNames].sort());
  });
});
