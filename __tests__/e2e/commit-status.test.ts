import { describe, expect, it } from '@jest/globals';
import { IMPORT_ID } from '../../simulator/ops-manager.ts';
import { eventually } from '../support/eventually.ts';
import { GitHubApi, type Answer } from '../support/github-api.ts';
import { hasRead, killed, lateImport, Stage, warningsOf, type Scene } from '../support/stage.ts';

const CONTEXT = 'ops-manager/import';
const SUCCESS = { id: IMPORT_ID, steps: [['SUCCESS', 0]] as const };
/** A step that publishes its progress to `github`. */
async function publishing(github: GitHubApi, scene: Scene = {}): Promise<Stage> {
  return Stage.set({
    ...scene,
    inputs: {
      'commit-status': CONTEXT,
      'github-token': 'token-of-the-job',
      'poll-interval': '1s',
      ...scene.inputs
    },
    env: { GITHUB_API_URL: github.url, GITHUB_SHA: '0123456789abcdef', ...scene.env }
  });
}

function states({ statuses }: GitHubApi): string[] {
  return statuses.map(({ state }) => state);
}

describe('a commit status', () => {
  it.concurrent('is pending with the state, and then says the outcome', async () => {
    await using github = await GitHubApi.start();
    const { jump, ...scene } = lateImport('SUCCESS');
    await using stage = await publishing(github, scene);
    const step = stage.start();
    await eventually('a status', () => hasRead(step) && github.statuses.length > 0);
    jump();
    const main = await step.result;
    expect(main.code).toBe(0);
    expect(states(github)).toEqual(['pending', 'success']);
    const [pending, last] = github.statuses;
    expect(pending).toMatchObject({
      path: '/api/v3/repos/example/deployments/statuses/0123456789abcdef',
      context: CONTEXT,
      token: 'token token-of-the-job'
    });
    expect(pending?.description).toContain('PENDING');
    expect(last?.description).toBe(main.outputs['title']);
    expect((await stage.runPost(main)).raw).toBe('');
    expect(github.statuses).toHaveLength(2);
  });

  it.concurrent('that is pending and hangs does not keep the last one back', async () => {
    await using github = await GitHubApi.start((nth): Answer => (nth === 1 ? 'hang' : 201));
    const { jump, ...scene } = lateImport('SUCCESS');
    await using stage = await publishing(github, scene);
    const step = stage.start();
    await eventually('a status', () => hasRead(step) && github.statuses.length > 0);
    jump();
    const main = await step.result;
    expect(main.code).toBe(0);
    expect(states(github).at(-1)).toBe('success');
    // GitHub may still carry the pending one out: the post step sends the last one again.
    expect((await stage.runPost(main)).code).toBe(0);
    expect(states(github).at(-1)).toBe('success');
  });

  it.concurrent('that hangs does not hold up an interrupted step', async () => {
    await using github = await GitHubApi.start(() => 'hang');
    await using stage = await publishing(github);
    const step = stage.start();
    await eventually('a first read', () => hasRead(step) && github.statuses.length > 0);
    step.process.kill('SIGINT');
    const { outputs, signal } = await step.result;
    expect(signal).toBeNull();
    expect(outputs).toMatchObject({ outcome: 'interrupted', cancellation: 'confirmed' });
  });

  it.concurrent.each([
    { name: 'in mid-wait', succeeds: false, says: /cancelled/i },
    { name: 'before its import has succeeded', succeeds: true, says: /SUCCESS/ }
  ])(
    'is brought to its end by the post step of a step killed $name',
    async ({ succeeds, says }) => {
      await using github = await GitHubApi.start();
      const { jump, ...scene } = lateImport('SUCCESS');
      await using stage = await publishing(github, scene);
      const step = stage.start();
      const main = await killed(
        step,
        'a status',
        () => hasRead(step) && github.statuses.length > 0
      );
      expect(states(github)).toEqual(['pending']);
      if (succeeds) jump();
      await stage.runPost(main);
      // A required check must not stay pending, nor turn green without the step.
      expect(states(github)).toEqual(['pending', 'error']);
      expect(github.statuses.at(-1)?.description).toMatch(/killed/i);
      expect(github.statuses.at(-1)?.description).toMatch(says);
    }
  );

  it.concurrent('that a finished step did not get out is sent by its post step', async () => {
    let isDown = true;
    await using github = await GitHubApi.start(() => (isDown ? 'hang' : 201));
    await using stage = await publishing(github, { imports: [SUCCESS] });
    const step = stage.start();
    await eventually('the last status', () => states(github).includes('success'));
    step.process.kill('SIGKILL');
    const main = await step.result;
    expect(main.outputs['outcome']).toBe('reached');
    isDown = false;
    const post = await stage.runPost(main);
    expect(states(github).at(-1)).toBe('success');
    expect(github.statuses.at(-1)?.description).toBe(main.outputs['title']);
    expect(post.annotations.filter(({ title }) => title.startsWith('After the step'))).toEqual([]);
    expect(stage.count('cancel')).toBe(0);
  });

  it.concurrent('that GitHub refuses is one warning, and leaves nothing to do', async () => {
    await using github = await GitHubApi.start(() => 403);
    const { jump, ...scene } = lateImport('SUCCESS');
    await using stage = await publishing(github, scene);
    const step = stage.start();
    await eventually('a status', () => hasRead(step) && github.statuses.length > 0);
    jump();
    const main = await step.result;
    expect(main.code).toBe(0);
    expect(warningsOf(main)).toEqual([expect.stringContaining('statuses: write')]);
    expect((await stage.runPost(main)).raw).toBe('');
  });
});
