import { execFile } from 'node:child_process';
import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { IMPORT_ID, PRIVATE_KEY, PROJECT_ID, PUBLIC_KEY } from '../../simulator/ops-manager.ts';
import { runStep } from '../../simulator/runner.ts';
import { GitHubForGh } from './github-for-gh.ts';
import { opsManager } from '../support/ops-manager.ts';
import { evaluateAll, evaluateCondition, recipe, type Context } from '../support/recipes.ts';

const context: Context = {
  'vars.OPS_MANAGER_PROJECT_ID': PROJECT_ID,
  'secrets.OPS_MANAGER_PUBLIC_KEY': PUBLIC_KEY,
  'secrets.OPS_MANAGER_PRIVATE_KEY': PRIVATE_KEY,
  'github.token': 'token-of-the-job',
  'github.repository': 'example/deployments',
  'github.server_url': 'https://github.com',
  'github.run_id': '4711',
  'job.status': 'failure'
};
const RUN_URL = 'https://github.com/example/deployments/actions/runs/4711';
const [action, issue] = recipe('issue')['import']?.steps ?? [];

let folder: string;

beforeEach(() => {
  // A folder without a checkout, as a job has that checks nothing out.
  folder = mkdtempSync(join(tmpdir(), 'workspace-'));
});

afterEach(() => {
  rmSync(folder, { recursive: true });
});

/** Runs the recipe's second step with the real gh, after a first step with these outputs. */
async function openIssue(
  github: GitHubForGh,
  outputs: Readonly<Record<string, string>>
): Promise<string> {
  const certificate = join(folder, 'authority.pem');
  writeFileSync(certificate, github.certificate);
  const names = Object.entries(outputs).map(
    ([name, value]) => [`steps.import.outputs.${name}`, value] as const
  );
  const known = { ...context, ...Object.fromEntries(names) };
  expect(evaluateCondition(issue?.if ?? '', known)).toBe(true);
  const env = {
    PATH: process.env['PATH'],
    HOME: folder,
    HTTPS_PROXY: github.proxyUrl,
    SSL_CERT_FILE: certificate,
    ...evaluateAll(issue?.env, known)
  };
  const script = ['-e', '-o', 'pipefail', '-c', issue?.run ?? ''];
  return (await promisify(execFile)('bash', script, { cwd: folder, env })).stdout;
}

describe('the recipe that cleans up and opens an issue', () => {
  it('opens it with the title and the message of an import that failed', async () => {
    // It fails once it has been found, however long the step takes to start.
    let passedMs = 0;
    await using there = await opsManager({
      imports: [
        {
          id: IMPORT_ID,
          steps: [
            ['PENDING', 0],
            ['AWAIT_GOAL_STATE', 100],
            ['FAILED', 3_600_000]
          ]
        }
      ],
      now: () => Date.now() + passedMs,
      fault: ({ kind }) => {
        if (kind === 'read') passedMs = 3_600_000;
        return false;
      }
    });
    await using github = await GitHubForGh.start();
    const given = evaluateAll(action?.with, context);
    // The half minute that makes sure of an import in progress has tests of its own.
    expect(given['request-id']).toBe('in-progress');
    const inputs = { ...given, 'request-id': IMPORT_ID, 'base-url': there.url };
    const { outputs } = await runStep({ inputs });
    expect(outputs).toMatchObject({ outcome: 'failed', cleanup: 'deleted' });
    expect(await openIssue(github, outputs)).toBe(
      'https://github.com/example/deployments/issues/1\n'
    );
    expect(outputs['title']).toContain('failed in AWAIT_GOAL_STATE');
    expect(github.issues).toEqual([
      {
        authorization: 'token token-of-the-job',
        repository: 'example/deployments',
        title: outputs['title'],
        body: `${RUN_URL}\n\n${String(outputs['report'])}\n`
      }
    ]);
  });

  it('keeps what a server wrote plain text, in the script and in the issue', async () => {
    await using github = await GitHubForGh.start();
    const text = '@octocat ![x](https://example.org/x.png) `$(touch made)` $HOME %s \\n #1 "';
    await openIssue(github, { outcome: 'error', title: text, report: text });
    expect(github.issues).toMatchObject([{ title: text, body: `${RUN_URL}\n\n${text}\n` }]);
    expect(existsSync(join(folder, 'made'))).toBe(false);
  });
});
