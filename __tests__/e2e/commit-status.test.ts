import { describe, expect, it } from '@jest/globals';
import { IMPORT_ID } from '../../simulator/ops-manager.ts';
import { selfSigned } from '../support/certificates.ts';
import { eventually } from '../support/eventually.ts';
import { ForwardProxy } from '../support/forward-proxy.ts';
import { GitHubApi, type Answer } from '../support/github-api.ts';
import {
  hasRead,
  killed,
  lateImport,
  QUICK,
  Stage,
  warningsOf,
  type Scene
} from '../support/stage.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';

const file = temporaryFolder();
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
  it.concurrent('is pending with each state, and then says the outcome', async () => {
    await using github = await GitHubApi.start();
    const { jump, ...scene } = lateImport('SUCCESS');
    await using stage = await publishing(github, scene);
    const step = stage.start();
    await eventually('a status', () => hasRead(step) && github.statuses.length > 0);
    jump();
    const main = await step.result;
    expect(main.code).toBe(0);
    expect(github.statuses.map(({ state, description }) => [state, description])).toEqual([
      [
        'pending',
        expect.stringMatching(/^Import is in PENDING since \d{4}-\d\d-\d\d [\d:]{8} UTC$/)
      ],
      ['success', main.outputs['title']]
    ]);
    for (const status of github.statuses) {
      expect(status).toMatchObject({
        path: '/api/v3/repos/example/deployments/statuses/0123456789abcdef',
        context: CONTEXT,
        token: 'token token-of-the-job',
        target_url: 'https://github.com/example/deployments/actions/runs/4711'
      });
    }
    expect(main.log).not.toContain('token-of-the-job');
    expect((await stage.runPost(main)).raw).toBe('');
    expect(github.statuses).toHaveLength(2);
  });

  it.concurrent('shows no success of a step whose outputs cannot be written', async () => {
    await using github = await GitHubApi.start();
    await using stage = await publishing(github, {
      imports: [SUCCESS],
      files: { output: '/nowhere/at/all' }
    });
    const main = await stage.run();
    expect(main.code).toBe(1);
    expect(github.statuses.at(-1)).toMatchObject({
      state: 'error',
      description: expect.stringMatching(/^Outputs not written: Import reached SUCCESS/)
    });
    expect((await stage.runPost(main)).raw).toBe('');
  });

  it.concurrent('of an error is error, in its words, on the head of a pull request', async () => {
    const head = 'abcdefabcdefabcdefabcdefabcdefabcdefabcd';
    await using github = await GitHubApi.start();
    await using stage = await publishing(github, {
      inputs: { 'private-key': 'wrong' },
      env: {
        GITHUB_EVENT_PATH: file(
          'event.json',
          JSON.stringify({ pull_request: { head: { sha: head } } })
        )
      }
    });
    await stage.run();
    expect(github.statuses).toMatchObject([
      {
        state: 'error',
        description: 'Ops Manager refused the API key',
        path: `/api/v3/repos/example/deployments/statuses/${head}`
      }
    ]);
  });

  it.concurrent('is published by nobody who did not ask for it', async () => {
    await using github = await GitHubApi.start();
    await using stage = await publishing(github, {
      imports: [SUCCESS],
      inputs: { 'commit-status': '' }
    });
    expect((await stage.run()).code).toBe(0);
    expect(github.statuses).toEqual([]);
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

  it.concurrent('that never answers ends the step, with a warning', async () => {
    await using api = await GitHubApi.start(() => 'hang');
    // Five seconds are half of one.
    await using stage = await publishing(api, {
      imports: [SUCCESS],
      speed: QUICK.speed,
      inputs: QUICK.inputs
    });
    const result = await stage.run();
    expect(result.code).toBe(0);
    expect(result.outputs['outcome']).toBe('reached');
    expect(warningsOf(result)).toEqual([expect.stringContaining('No whole answer from 127.0.0.1')]);
  });
});

describe('GitHub’s API', () => {
  it.concurrent(
    'is given no token where its certificate is forged, whatever the environment says',
    async () => {
      await using api = await GitHubApi.start(
        () => 201,
        selfSigned({ commonName: 'api.github.com' })
      );
      await using stage = await publishing(api, {
        imports: [SUCCESS],
        env: { NODE_TLS_REJECT_UNAUTHORIZED: '0' }
      });
      const result = await stage.run();
      expect(result.code).toBe(0);
      expect(api.statuses).toEqual([]);
      expect(warningsOf(result).filter((each) => each.startsWith('Commit status'))).toEqual([
        expect.stringContaining('NODE_EXTRA_CA_CERTS')
      ]);
    }
  );

  it.concurrent(
    'is spoken to through the proxy that the environment names, also where Ops Manager is exempt',
    async () => {
      await using api = await GitHubApi.start();
      await using proxy = await ForwardProxy.start();
      await using stage = await publishing(api, { imports: [SUCCESS] });
      const { port } = stage.simulator;
      const env = { http_proxy: proxy.url, no_proxy: `127.0.0.1:${port}` };
      Object.assign(stage.options, { env: { ...stage.options.env, ...env } });
      const main = await stage.run();
      expect(main.outputs['outcome']).toBe('reached');
      expect(proxy.requests).toEqual([expect.stringContaining('/statuses/')]);
    }
  );
});

describe('GitHub’s library', () => {
  it.concurrent('minds no variable that it cannot use, and prints nothing', async () => {
    const headers = { deprecation: 'true', link: '<https://example.com>; rel="deprecation"' };
    await using api = await GitHubApi.start(() => ({ status: 201, headers }));
    await using proxy = await ForwardProxy.start();
    const env = {
      // It uses no proxy for 127.0.0.1.
      GITHUB_API_URL: api.url.replace('127.0.0.1', '0.0.0.0'),
      http_proxy: `${proxy.url}/path`,
      no_proxy: '127.0.0.1'
    };
    await using stage = await publishing(api, { imports: [SUCCESS], env });
    await using without = await Stage.set({ imports: [SUCCESS], env });
    const [main, plain] = await Promise.all([stage.run(), without.run()]);
    expect(api.statuses.map(({ state }) => state)).toEqual(['success']);
    expect(main.log.split('\n')).toHaveLength(plain.log.split('\n').length);
  });
});
