import { expect, it } from '@jest/globals';
import { fault } from '../../simulator/faults.ts';
import { IMPORT_ID } from '../../simulator/ops-manager.ts';
import { eventually } from '../support/eventually.ts';
import { hasRead, Stage } from '../support/stage.ts';

// All tests stand in one block: Jest runs only those of one block at once.

/** As GitHub's runner fills them in from action.yml. */
const POLICIES = { 'cancel-on-timeout': 'true', 'cancel-on-interrupt': 'true' };

function preloading(program: string): string {
  return `--import=data:text/javascript,${encodeURIComponent(program)}`;
}

/** An exception where nobody catches it, as a library throws one in a socket's listener. */
const THROW_ON_SIGUSR2 = preloading(
  'process.on("SIGUSR2", () => { throw new Error("tls.connect failed"); });'
);
/** A program with a defect: from the signal on it has no chance any more. */
const BREAK_ON_SIGUSR2 = preloading(
  'const good = Math.random; let isBroken = false; process.on("SIGUSR2", () => { isBroken = true; });' +
    'Math.random = () => { if (isBroken) throw new Error("out of luck"); return good(); };'
);
/** A library that ends the process, as if all were done. */
const EXIT_ON_SIGUSR2 = preloading('process.on("SIGUSR2", () => { process.exit(); });');
/** A log that takes no error. */
const REFUSE_ERRORS = preloading(
  'const { stdout } = process; const write = stdout.write.bind(stdout);' +
    'stdout.write = (text, ...more) => { if (String(text).startsWith("::error")) throw new Error("no room"); return write(text, ...more); };'
);

it.concurrent(
  'the last net catches what a library throws: an answer, and the import is settled',
  async () => {
    await using stage = await Stage.set({
      inputs: POLICIES,
      env: { NODE_OPTIONS: THROW_ON_SIGUSR2 }
    });
    const step = stage.start();
    await eventually('a first read', () => hasRead(step));
    step.process.kill('SIGUSR2');
    const main = await step.result;
    expect(main.code).toBe(1);
    expect(main.outputs).toMatchObject({
      outcome: 'error',
      'goal-reached': 'false',
      cancellation: 'confirmed'
    });
    expect(main.annotations.filter(({ level }) => level === 'error')).toHaveLength(1);
    expect(main.raw).not.toMatch(/^\s+at /m);
    expect((await stage.runPost(main)).raw).toBe('');
  }
);

it.concurrent('the last net takes it for a call that failed while the step settles', async () => {
  await using stage = await Stage.set({
    inputs: { ...POLICIES, timeout: '1s', diagnose: 'false' },
    env: { NODE_OPTIONS: THROW_ON_SIGUSR2 },
    fault: fault('hang', ({ kind, isAuthenticated }) => {
      if (kind !== 'cancel' || !isAuthenticated || stage.count('cancel') > 1) return false;
      step.process.kill('SIGUSR2');
      return true;
    })
  });
  const step = stage.start();
  const main = await step.result;
  expect(main.outputs).toMatchObject({ outcome: 'timed-out', cancellation: 'confirmed' });
});

it.concurrent.each([
  { name: 'that was given', inputs: {}, state: 'CANCELLED', cancellation: 'confirmed' },
  {
    name: 'only where it is this step’s',
    inputs: { 'request-id': 'in-progress' },
    state: 'PENDING',
    cancellation: 'not-needed'
  }
])('a defect of this action still cancels the import $name, and names it', async (row) => {
  const { inputs, state, cancellation } = row;
  await using stage = await Stage.set({ inputs, env: { NODE_OPTIONS: BREAK_ON_SIGUSR2 } });
  const step = stage.start();
  await eventually('a first read', () => hasRead(step) && stage.count('read') > 0);
  step.process.kill('SIGUSR2');
  const result = await step.result;
  expect(result.code).toBe(1);
  expect(result.outputs).toMatchObject({
    outcome: 'error',
    'request-id': IMPORT_ID,
    state,
    cancellation
  });
  expect(result.outputs['message']).toContain('out of luck');
  expect(result.raw).not.toMatch(/^\s+at /m);
  expect((await stage.runPost(result)).raw).toBe('');
});

it.concurrent(
  'a process that somebody else ends before it has its answer passes no step',
  async () => {
    await using stage = await Stage.set({ env: { NODE_OPTIONS: EXIT_ON_SIGUSR2 } });
    const step = stage.start();
    await eventually('a first read', () => hasRead(step));
    step.process.kill('SIGUSR2');
    const main = await step.result;
    expect(main.conclusion).toBe('failure');
    expect(main.outputs).toMatchObject({ outcome: 'interrupted', 'goal-reached': 'false' });
    await stage.runPost(main);
    expect(stage.simulator.state()).toBe('CANCELLED');
  }
);

it.concurrent('a log that takes no error keeps no summary and no post step back', async () => {
  let isOver = false;
  await using stage = await Stage.set({
    env: { NODE_OPTIONS: REFUSE_ERRORS },
    fault: fault('503', ({ kind }) => kind === 'cancel' && !isOver)
  });
  const step = stage.start();
  await eventually('a first read', () => hasRead(step));
  step.process.kill('SIGINT');
  const main = await step.result;
  isOver = true;
  expect(main.conclusion).toBe('failure');
  expect(main.outputs).toMatchObject({ outcome: 'interrupted', cancellation: 'failed' });
  expect(main.summary).toContain('may still be running');
  await stage.runPost(main);
  expect(stage.simulator.state()).toBe('CANCELLED');
});
