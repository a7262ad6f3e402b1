import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from '@jest/globals';
import { IMPORT_ID } from '../../simulator/ops-manager.ts';
import type { StepResult } from '../../simulator/runner.ts';
import type { Step } from '../../simulator/scripted-import.ts';
import { selfSigned } from '../support/certificates.ts';
import { eventually } from '../support/eventually.ts';
import { ForwardProxy } from '../support/forward-proxy.ts';
import { GitHubApi } from '../support/github-api.ts';
import { hasRead, QUICK, Stage, type Scene } from '../support/stage.ts';

const SHA = '1234567890123456789012345678901234567890';
const HEAD = 'abcdefabcdefabcdefabcdefabcdefabcdefabcd';
const folder = mkdtempSync(join(tmpdir(), 'event-'));

afterAll(() => {
  rmSync(folder, { recursive: true });
});

function eventFile(name: string, payload: unknown): string {
  const path = join(folder, name);
  writeFileSync(path, JSON.stringify(payload));
  return path;
}

/** A step that publishes a commit status to this API. */
async function stageWith(
  api: GitHubApi,
  steps: readonly Step[],
  scene: Scene = {}
): Promise<Stage> {
  return Stage.set({
    imports: [{ id: IMPORT_ID, steps }],
    ...scene,
    inputs: {
      'commit-status': 'ops-manager/import',
      'github-token': 'token-of-the-job',
      'poll-interval': '1s',
      ...scene.inputs
    },
    env: { GITHUB_API_URL: api.url, GITHUB_SHA: SHA, ...scene.env }
  });
}

/** An import that goes on when its last state has been published, however long that takes. */
function stepsAfter(states: readonly string[]): {
  readonly steps: readonly Step[];
  readonly goOn: (published: number) => void;
} {
  const startedAt = Date.now();
  const steps: Step[] = [[states[0] ?? '', 0]];
  const goOn = (published: number): void => {
    const next = states[published];
    if (next !== undefined) steps.push([next, Date.now() - startedAt]);
  };
  return { steps, goOn };
}

const STATES = ['PENDING', 'AWAIT_SEED_HOST_CONNECTED', 'SUCCESS'];
const ENDED: readonly Step[] = [
  ['PENDING', -2000],
  ['SUCCESS', -1000]
];

function warningsOf({ annotations }: StepResult): string[] {
  return annotations
    .filter(({ level, message }) => level === 'warning' && message.includes('commit status'))
    .map(({ message }) => message);
}

describe('the commit status', () => {
  it.concurrent('follows the transitions from pending to success, linked to the run', async () => {
    const { steps, goOn } = stepsAfter(STATES);
    await using api = await GitHubApi.start((nth) => {
      goOn(nth);
      return 201;
    });
    await using stage = await stageWith(api, steps);
    const result = await stage.run();
    expect(result.code).toBe(0);
    expect(api.statuses.map(({ state, description }) => [state, description])).toEqual([
      [
        'pending',
        expect.stringMatching(/^Import is in PENDING since \d{4}-\d\d-\d\d [\d:]{8} UTC$/)
      ],
      ['pending', expect.stringContaining('Import is in AWAIT_SEED_HOST_CONNECTED since ')],
      ['success', 'Import reached SUCCESS']
    ]);
    for (const status of api.statuses) {
      expect(status).toMatchObject({
        path: `/api/v3/repos/example/deployments/statuses/${SHA}`,
        token: 'token token-of-the-job',
        context: 'ops-manager/import',
        target_url: 'https://github.com/example/deployments/actions/runs/4711'
      });
    }
    expect(result.log).not.toContain('token-of-the-job');
  });

  const ends: readonly {
    readonly name: string;
    readonly steps: readonly Step[];
    readonly inputs?: Scene['inputs'];
    readonly want: readonly [string, unknown];
  }[] = [
    {
      name: 'failed',
      steps: [
        ['AWAIT_GOAL_STATE', -60_000],
        ['FAILED', -30_000]
      ],
      inputs: { diagnose: 'false' },
      want: [
        'failure',
        expect.stringMatching(/^Import failed in AWAIT_GOAL_STATE, \d+s before this/)
      ]
    },
    {
      name: 'cancelled',
      steps: [
        ['PENDING', -2000],
        ['CANCELLED', -1000]
      ],
      want: ['failure', 'Import had been cancelled in PENDING before this step read it']
    },
    {
      name: 'timed out',
      steps: [['A'.repeat(64), 0]],
      inputs: { timeout: '1s' },
      want: ['failure', `Timed out in ${'A'.repeat(64)}; import cancelled`]
    },
    {
      name: 'ended by an error',
      steps: ENDED,
      inputs: { 'private-key': 'wrong' },
      want: ['error', 'Ops Manager refused the API key']
    }
  ];
  for (const { name, steps, inputs, want } of ends) {
    it.concurrent(
      `of an import that ${name} is ${want[0]}, in the words of the outcome`,
      async () => {
        await using api = await GitHubApi.start();
        await using stage = await stageWith(api, steps, { ...(inputs && { inputs }) });
        await stage.run();
        const last = api.statuses.at(-1);
        expect([last?.state, last?.description]).toEqual(want);
        for (const { description } of api.statuses)
          expect(description.length).toBeLessThanOrEqual(140);
      }
    );
  }

  it.concurrent('goes on the head commit of a pull request', async () => {
    await using api = await GitHubApi.start();
    const payload = { pull_request: { number: 7, head: { sha: HEAD } } };
    const env = { GITHUB_EVENT_PATH: eventFile('pull-request.json', payload) };
    await using stage = await stageWith(api, ENDED, { env });
    await stage.run();
    expect(api.statuses.map(({ path }) => path)).toEqual([
      `/api/v3/repos/example/deployments/statuses/${HEAD}`
    ]);
  });

  it.concurrent('goes on the commit of the run when the event is no pull request', async () => {
    await using api = await GitHubApi.start();
    const env = { GITHUB_EVENT_PATH: eventFile('push.json', { head_commit: { id: HEAD } }) };
    await using stage = await stageWith(api, ENDED, { env });
    await stage.run();
    expect(api.statuses.map(({ path }) => path)).toEqual([
      `/api/v3/repos/example/deployments/statuses/${SHA}`
    ]);
  });

  it.concurrent('is published by nobody who did not ask for it', async () => {
    await using api = await GitHubApi.start();
    await using stage = await stageWith(api, ENDED, { inputs: { 'commit-status': '' } });
    expect((await stage.run()).code).toBe(0);
    expect(api.statuses).toEqual([]);
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
      await using stage = await stageWith(api, ENDED, {
        env: { NODE_TLS_REJECT_UNAUTHORIZED: '0' }
      });
      const result = await stage.run();
      expect(result.code).toBe(0);
      expect(api.statuses).toEqual([]);
      expect(warningsOf(result)).toEqual([expect.stringContaining('NODE_EXTRA_CA_CERTS')]);
    }
  );

  it.concurrent('is spoken to through the proxy that the environment names', async () => {
    await using api = await GitHubApi.start();
    await using proxy = await ForwardProxy.start();
    const env = { http_proxy: proxy.url, no_proxy: '' };
    await using stage = await stageWith(api, ENDED, { env });
    await stage.run();
    expect(api.statuses.map(({ state }) => state)).toEqual(['success']);
    expect(proxy.requests.filter((request) => request.startsWith('POST'))).toEqual([
      expect.stringContaining('/statuses/')
    ]);
  });

  it.concurrent('is spoken to through that proxy also where Ops Manager is exempt', async () => {
    await using api = await GitHubApi.start();
    await using proxy = await ForwardProxy.start();
    await using stage = await stageWith(api, ENDED);
    const { port } = stage.simulator;
    const env = { http_proxy: proxy.url, no_proxy: `127.0.0.1:${port}` };
    Object.assign(stage.options, { env: { ...stage.options.env, ...env } });
    const main = await stage.run();
    expect(main.outputs['outcome']).toBe('reached');
    expect(proxy.requests).toEqual([expect.stringContaining('/statuses/')]);
  });
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
    await using stage = await stageWith(api, ENDED, { env });
    await using without = await Stage.set({ imports: [{ id: IMPORT_ID, steps: ENDED }], env });
    const [main, plain] = await Promise.all([stage.run(), without.run()]);
    expect(api.statuses.map(({ state }) => state)).toEqual(['success']);
    expect(main.log.split('\n')).toHaveLength(plain.log.split('\n').length);
  });
});

describe('trouble with GitHub’s API', () => {
  const troubles: readonly { readonly answer: number; readonly hint: string }[] = [
    { answer: 403, hint: 'statuses: write' },
    { answer: 500, hint: 'GitHub’s status' }
  ];
  for (const { answer, hint } of troubles) {
    it.concurrent(
      `, an answer of ${answer}, is one warning with a hint and changes nothing else`,
      async () => {
        const { steps, goOn } = stepsAfter(STATES);
        await using api = await GitHubApi.start((nth) => {
          goOn(nth);
          return answer;
        });
        await using stage = await stageWith(api, steps);
        const result = await stage.run();
        expect(result.code).toBe(0);
        expect(result.outputs['outcome']).toBe('reached');
        expect(result.summary).toContain('Import reached SUCCESS');
        // The last one is sent again where another attempt may get through.
        if (answer === 500) expect(api.statuses.length).toBeGreaterThan(3);
        else expect(api.statuses).toHaveLength(3);
        expect(warningsOf(result)).toEqual([expect.stringContaining(hint)]);
      }
    );
  }

  it.concurrent('that passes leaves the last status right', async () => {
    const { steps, goOn } = stepsAfter(STATES);
    await using api = await GitHubApi.start((nth) => {
      goOn(nth);
      return nth === 1 ? 500 : 201;
    });
    await using stage = await stageWith(api, steps);
    const result = await stage.run();
    expect(api.statuses.at(-1)).toMatchObject({ state: 'success' });
    expect(warningsOf(result)).toHaveLength(1);
  });

  it.concurrent('that refuses a connection is one warning', async () => {
    await using api = await GitHubApi.start();
    await using stage = await stageWith(api, ENDED);
    await api[Symbol.asyncDispose]();
    const result = await stage.run();
    expect(result.code).toBe(0);
    expect(warningsOf(result)).toHaveLength(1);
  });

  it.concurrent('that never answers ends the step within seconds, with a warning', async () => {
    await using api = await GitHubApi.start(() => 'hang');
    // Five seconds are half of one.
    await using stage = await stageWith(api, ENDED, { speed: 10, inputs: QUICK.inputs });
    const result = await stage.run();
    expect(result.code).toBe(0);
    expect(result.outputs['outcome']).toBe('reached');
    expect(warningsOf(result)).toEqual([expect.stringContaining('No answer from 127.0.0.1')]);
  });

  it.concurrent('does not keep a step that is told to end from cancelling its import', async () => {
    await using api = await GitHubApi.start(() => 'hang');
    await using stage = await stageWith(api, [['PENDING', 0]]);
    const step = stage.start();
    await eventually('a read and a status', () => hasRead(step) && api.statuses.length === 1);
    step.process.kill('SIGINT');
    const result = await step.result;
    expect(result.outputs).toMatchObject({ outcome: 'interrupted', cancellation: 'confirmed' });
    expect(warningsOf(result)).toHaveLength(1);
  });
});
