import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it } from '@jest/globals';
import { fault } from '../../simulator/faults.ts';
import { IMPORT_ID } from '../../simulator/ops-manager.ts';
import { SecretMasker } from '../../simulator/secret-masker.ts';
import { eventually } from '../support/eventually.ts';
import { GitHubApi } from '../support/github-api.ts';
import { CREATE, hasRead, killed, QUICK, Stage, warningsOf } from '../support/stage.ts';

// All tests stand in one block: Jest runs only those of one block at once.

/** As GitHub's runner fills them in from action.yml. */
const POLICIES = { 'cancel-on-timeout': 'true', 'cancel-on-interrupt': 'true' };
const STATUS = { 'commit-status': 'ops-manager/import', 'github-token': 'token-of-the-job' };
/** What a composite action inside a composite one hands to the inner post step: mostly nothing. */
const NOTHING = {
  'base-url': '',
  'project-id': '',
  'request-id': '',
  'public-key': '',
  'private-key': '',
  'cancel-on-timeout': '',
  'cancel-on-interrupt': ''
};
/** What arrives of a main step whose files never did, or that was killed while it started. */
const UNSAVED = { state: {}, masker: new SecretMasker() };

it.concurrent(
  'the post step goes where main went, and keeps its policy, whatever it is handed beside the keys',
  async () => {
    await using stage = await Stage.set({ inputs: POLICIES });
    await using elsewhere = await Stage.set();
    const { simulator: other } = elsewhere;
    const step = stage.start();
    const main = await killed(step, 'a first read', () => hasRead(step));
    await stage.runPost(main, {
      'base-url': other.url,
      'project-id': '',
      'request-id': '',
      'goal-state': 'gone',
      timeout: 'soon',
      'cancel-on-timeout': '',
      'cancel-on-interrupt': 'false'
    });
    expect(stage.simulator.state()).toBe('CANCELLED');
    expect(other.calls).toEqual([]);
  }
);

it.concurrent('the post step leaves what main was told to leave', async () => {
  await using stage = await Stage.set({ inputs: { 'cancel-on-interrupt': 'false' } });
  const step = stage.start();
  const main = await killed(step, 'a first read', () => hasRead(step));
  await stage.runPost(main, { 'cancel-on-interrupt': 'true' });
  expect(stage.simulator.state()).toBe('PENDING');
});

it.concurrent('the post step keeps goal, project and everything else of main', async () => {
  let isKilled = false;
  await using stage = await Stage.set({
    imports: [{ id: IMPORT_ID, steps: [['AWAIT_GOAL_STATE', 0]] }],
    inputs: { ...POLICIES, 'goal-state': 'AWAIT_GOAL_STATE' },
    fault: fault('hang', ({ kind }) => kind === 'read' && !isKilled)
  });
  const main = await killed(stage.start(), 'a read', () =>
    stage.simulator.calls.some(({ kind }) => kind === 'read')
  );
  isKilled = true;
  await stage.runPost(main, {
    'goal-state': 'SUCCESS',
    'project-id': 'a'.repeat(24),
    'request-id': 'b'.repeat(24)
  });
  expect(stage.count('cancel')).toBe(0);
  expect(stage.simulator.state()).toBe('AWAIT_GOAL_STATE');
});

it.concurrent.each([
  { what: 'no keys', inputs: NOTHING },
  { what: 'the keys of another action', inputs: { 'public-key': 'otherkey' } }
])(
  'the post step says that it was handed other inputs, and asks nothing, with $what',
  async ({ inputs }) => {
    await using github = await GitHubApi.start();
    await using stage = await Stage.set({
      inputs: { ...POLICIES, ...STATUS },
      env: { GITHUB_API_URL: github.url, GITHUB_SHA: '0123456789abcdef' }
    });
    const step = stage.start();
    const main = await killed(step, 'a first read', () => hasRead(step));
    const sent = stage.simulator.calls.length;
    const post = await stage.runPost(main, inputs);
    expect(post.code).toBe(0);
    expect(stage.simulator.calls).toHaveLength(sent);
    const [warning = ''] = warningsOf(post);
    expect(warning).toMatch(/other inputs/);
    expect(warning).toContain(IMPORT_ID);
    expect(post.summary).toContain(`${IMPORT_ID}/cancel`);
    expect(post.summary).toContain('curl');
    expect(github.statuses.at(-1)).toMatchObject({ state: 'error' });
  }
);

it.concurrent('the post step sends the status on the commit that main was about', async () => {
  await using github = await GitHubApi.start();
  await using stage = await Stage.set({
    inputs: { ...POLICIES, ...STATUS },
    env: { GITHUB_API_URL: github.url, GITHUB_SHA: '0123456789abcdef' }
  });
  const step = stage.start();
  const main = await killed(step, 'a first read', () => hasRead(step));
  await stage.runPost(
    main,
    { 'commit-status': 'another-context' },
    { env: { ...stage.options.env, GITHUB_SHA: 'fedcba9876543210' } }
  );
  expect(github.statuses.at(-1)).toMatchObject({
    state: 'error',
    context: 'ops-manager/import',
    path: '/api/v3/repos/example/deployments/statuses/0123456789abcdef'
  });
});

it.concurrent.each([
  { what: 'created', inputs: CREATE },
  { what: 'found', inputs: { 'request-id': 'in-progress' } }
])(
  'where nothing was saved, the post step names what may have been $what, and cancels nothing',
  async ({ inputs }) => {
    await using stage = await Stage.set({
      inputs: { ...POLICIES, ...inputs, ...QUICK.inputs },
      speed: QUICK.speed
    });
    const post = await stage.runPost(UNSAVED);
    expect(stage.count('cancel')).toBe(0);
    const told = `${warningsOf(post).join(' ')} ${post.summary}`;
    expect(told).toContain(IMPORT_ID);
    expect(told).toMatch(/may/);
    expect(told).not.toMatch(/nothing was created/i);
  }
);

it.concurrent.each([
  { what: 'nothing was saved', state: {} },
  {
    what: 'a case of another version was saved',
    state: { case: '{"version":2,"isSettled":false,"case":{"id":7},"context":{"terms":7}}' }
  }
])(
  'where $what, the post step settles a given import where all inputs are right and say so',
  async ({ state }) => {
    await using stage = await Stage.set({ inputs: POLICIES });
    const post = await stage.runPost({ ...UNSAVED, state });
    expect(post.code).toBe(0);
    expect(stage.simulator.state()).toBe('CANCELLED');
  }
);

it.concurrent.each([
  { what: 'a policy is empty', inputs: { 'cancel-on-timeout': '' }, env: {} },
  { what: 'it is in a composite action', inputs: {}, env: { GITHUB_ACTION_PATH: '/actions/x' } }
])(
  'where nothing was saved, the post step cancels nothing where $what, and names the import',
  async ({ inputs, env }) => {
    await using stage = await Stage.set({ inputs: POLICIES });
    const post = await stage.runPost(UNSAVED, inputs, { env });
    expect(stage.count('cancel')).toBe(0);
    expect(stage.simulator.state()).toBe('PENDING');
    expect(warningsOf(post).join(' ')).toContain(IMPORT_ID);
  }
);

it.concurrent(
  'where nothing was saved, the post step does not say who cancelled, and sends a status that says so',
  async () => {
    await using github = await GitHubApi.start();
    await using stage = await Stage.set({
      imports: [
        {
          id: IMPORT_ID,
          steps: [
            ['PENDING', 0],
            ['CANCELLED', 0]
          ]
        }
      ],
      inputs: { ...POLICIES, ...STATUS },
      env: { GITHUB_API_URL: github.url, GITHUB_SHA: '0123456789abcdef' }
    });
    const post = await stage.runPost(UNSAVED);
    const told = `${warningsOf(post).join(' ')} ${post.summary}`;
    expect(told).toContain('CANCELLED');
    expect(told).not.toMatch(/not by this (action|step)|had not asked/);
    expect(github.statuses.at(-1)).toMatchObject({ state: 'error' });
    expect(github.statuses.at(-1)?.description).toMatch(/state did not arrive/);
  }
);

it.concurrent('where nothing was saved, a status is sent also where an input is gone', async () => {
  await using github = await GitHubApi.start();
  await using stage = await Stage.set({
    inputs: { ...POLICIES, ...STATUS },
    env: { GITHUB_API_URL: github.url, GITHUB_SHA: '0123456789abcdef' }
  });
  const post = await stage.runPost(UNSAVED, { 'private-key': '' });
  expect(warningsOf(post).join(' ')).toContain(IMPORT_ID);
  expect(github.statuses.at(-1)).toMatchObject({
    state: 'error',
    description: 'The step’s state did not arrive. Import may still be running'
  });
});

/** A folder as the runner has one for each job. */
function runnerTemp(): Disposable & { readonly path: string } {
  const path = mkdtempSync(join(tmpdir(), 'runner-temp-'));
  return {
    path,
    [Symbol.dispose]: () => {
      rmSync(path, { recursive: true });
    }
  };
}

it.concurrent(
  'main, and a post step that begins before it has ended, create no import that nobody would wait for',
  async () => {
    using temp = runnerTemp();
    const held: (() => void)[] = [];
    await using stage = await Stage.set({
      imports: [],
      inputs: { ...POLICIES, ...CREATE, ...QUICK.inputs },
      speed: QUICK.speed,
      env: { RUNNER_TEMP: temp.path },
      fault: ({ kind, isAuthenticated }, _response, forward) => {
        if (kind !== 'list' || !isAuthenticated || held.length > 0) return false;
        held.push(forward);
        return true;
      }
    });
    const step = stage.start();
    await eventually('a list', () => held.length > 0);
    const post = await stage.runPost({ ...UNSAVED, state: step.state() });
    held.forEach((forward) => {
      forward();
    });
    const main = await step.result;
    expect(stage.simulator.imports).toEqual([]);
    expect(main.outputs).toMatchObject({ outcome: 'interrupted', cancellation: 'not-needed' });
    expect(`${warningsOf(post).join(' ')} ${post.summary}`).not.toMatch(/nothing was created/i);
    expect(readdirSync(temp.path)).toHaveLength(1);
  }
);

it.concurrent(
  'main, and a post step that begins before it has ended, leave the last word to the post step, and do not blame others',
  async () => {
    using temp = runnerTemp();
    await using github = await GitHubApi.start();
    await using stage = await Stage.set({
      inputs: { ...POLICIES, ...STATUS, 'poll-interval': '1s' },
      env: {
        RUNNER_TEMP: temp.path,
        GITHUB_API_URL: github.url,
        GITHUB_SHA: '0123456789abcdef'
      }
    });
    const step = stage.start();
    await eventually('a status', () => hasRead(step) && github.statuses.length > 0);
    await stage.runPost({ ...UNSAVED, state: step.state() });
    const sent = github.statuses.length;
    expect(github.statuses.at(-1)).toMatchObject({ state: 'error' });
    const main = await step.result;
    expect(main.outputs).toMatchObject({ outcome: 'cancelled', state: 'CANCELLED' });
    expect(main.outputs['message']).toContain('perhaps by this step’s post step');
    expect(main.outputs['message']).not.toContain('not by this');
    expect(github.statuses).toHaveLength(sent);
  }
);
