import { execFile } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { expect, it } from '@jest/globals';
import { PRIVATE_KEY, PROJECT_ID, PUBLIC_KEY } from '../../simulator/ops-manager.ts';
import { startStep } from '../../simulator/runner.ts';
import { opsManager } from '../support/ops-manager.ts';
import { evaluateAll, recipe } from '../support/recipes.ts';

const BODY = JSON.stringify({
  seedHostport: 'mongodb1.example.com:27017',
  requiredProcesses: ['mongodb1.example.com:27017']
});
const context = {
  'vars.OPS_MANAGER_PROJECT_ID': PROJECT_ID,
  'secrets.OPS_MANAGER_PUBLIC_KEY': PUBLIC_KEY,
  'secrets.OPS_MANAGER_PRIVATE_KEY': PRIVATE_KEY
};

it('the recipe creates the import with curl and waits without an id', async () => {
  await using there = await opsManager({
    imports: [],
    create: () => ({ steps: [['PENDING', 0]] })
  });
  const folder = mkdtempSync(join(tmpdir(), 'workspace-'));
  try {
    mkdirSync(join(folder, 'imports'));
    writeFileSync(join(folder, 'imports', 'orders.json'), BODY);
    const [, create, wait] = recipe('curl')['import']?.steps ?? [];
    const env = { ...evaluateAll(create?.env, context), BASE_URL: there.url };
    await promisify(execFile)('bash', ['-e', '-o', 'pipefail', '-c', create?.run ?? ''], {
      cwd: folder,
      env: { PATH: process.env['PATH'], ...env }
    });
    const inputs = { ...evaluateAll(wait?.with, context), 'base-url': there.url };
    const [created, ...others] = there.simulator.imports;
    expect(others).toEqual([]);
    const step = startStep({
      inputs,
      // That it is the only one is sure half a minute later: that has tests with a clock of theirs.
      onLine: (line) => {
        if (line.includes(created?.id ?? '-')) step.process.kill('SIGKILL');
      }
    });
    const { outputs } = await step.result;
    expect(outputs).toMatchObject({ 'request-id': created?.id, cancellation: 'not-needed' });
  } finally {
    rmSync(folder, { recursive: true });
  }
});
