import { join } from 'node:path';
import { expect, it } from '@jest/globals';
import { runPostStep, runStep } from '../../simulator/runner.ts';

const options = {
  action: join(import.meta.dirname, '..', '..', '.github', 'actions', 'simulator'),
  inputs: { script: '{"steps":[["PENDING",0]]}', 'expected-state': 'PENDING' },
  // A runner waits five seconds for what is open; here the test would never end.
  heldStreamsMs: 600_000
};

it('the simulator of the workflows leaves nothing open in the step that starts it', async () => {
  const main = await runStep(options);
  const post = await runPostStep(options, main);
  expect(main.code).toBe(0);
  expect(main.outputs['base-url']).toMatch(/^http:\/\/127\.0\.0\.1:\d+$/);
  expect(post.log).toBe('The import ended as it should: PENDING.');
});

it('the simulator of the workflows says why it did not start', async () => {
  const { code, log } = await runStep({ ...options, inputs: { script: '{"steps":' } });
  expect(code).toBe(1);
  expect(log).toContain('The simulator did not start');
  expect(log).toContain('JSON');
});
