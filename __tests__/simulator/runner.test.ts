import { existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import {
  jobOutputs,
  runPostStep,
  runStep,
  startStep,
  type StepOptions
} from '../../simulator/runner.ts';

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'actions-'));
});
afterAll(() => {
  rmSync(folder, { recursive: true });
});

let actions = 0;

/** An action whose steps are these scripts. */
function anAction(main: string, post = ''): StepOptions {
  const action = join(folder, `action-${actions++}`);
  mkdirSync(action);
  writeFileSync(
    join(action, 'action.yml'),
    'inputs: {base-url: {}}\nruns: {main: first.mjs, post: last.mjs}\n'
  );
  const prelude = `import { appendFileSync, writeFileSync } from 'node:fs';
    const { GITHUB_OUTPUT, GITHUB_STATE, GITHUB_STEP_SUMMARY } = process.env;\n`;
  writeFileSync(join(action, 'first.mjs'), prelude + main);
  writeFileSync(join(action, 'last.mjs'), prelude + post);
  return { inputs: {}, action };
}

describe('a step', () => {
  it.concurrent(
    'is started by its entry in action.yml, with inputs and nothing saved',
    async () => {
      const options = anAction(`console.log(JSON.stringify(process.env))`);
      const result = await runStep({
        ...options,
        inputs: { 'base-url': 'x y' },
        env: { MORE: '1' }
      });
      expect(JSON.parse(result.log)).toMatchObject({ 'INPUT_BASE-URL': 'x y', MORE: '1' });
      expect(result.log).not.toContain('STATE_');
      expect(result).toMatchObject({ code: 0, signal: null, conclusion: 'success' });
    }
  );

  it('is not started with an input that its action.yml does not have', () => {
    const inputs = { 'base-url': 'x', 'base-ulr': 'x' };
    expect(() => startStep({ ...anAction(''), inputs })).toThrow('has no input base-ulr');
  });

  it.concurrent('leaves outputs, state and summary behind', async () => {
    const result = await runStep(
      anAction(`
        appendFileSync(GITHUB_OUTPUT, 'a=1\\n');
        appendFileSync(GITHUB_STATE, 'b<<EOF\\n2\\nEOF\\n');
        appendFileSync(GITHUB_STEP_SUMMARY, '# 3');
        process.exitCode = 7;`)
    );
    const left = { outputs: { a: '1' }, state: { b: '2' }, summary: '# 3' };
    expect(result).toMatchObject({ ...left, code: 7, conclusion: 'failure' });
  });

  it.concurrent('fails by a value that is cut in two, with two annotations', async () => {
    const result = await runStep(anAction(`appendFileSync(GITHUB_OUTPUT, 'a=1\\nb<<EOF\\nha');`));
    expect(result).toMatchObject({ code: 0, conclusion: 'failure', outputs: { a: '1' } });
    expect(result.annotations.map(({ message }) => message)).toEqual([
      "Unable to process file command 'output' successfully.",
      "Invalid value. Matching delimiter not found 'EOF'"
    ]);
  });

  it.concurrent('loses a summary of more than 1 MiB', async () => {
    const write = (bytes: number): string =>
      `writeFileSync(GITHUB_STEP_SUMMARY, 'x'.repeat(${bytes}));`;
    expect((await runStep(anAction(write(2 ** 20)))).summary).toHaveLength(2 ** 20);
    expect((await runStep(anAction(write(2 ** 20 + 1)))).summary).toBe('');
  });

  it.concurrent('is run by another Node', async () => {
    const node = join(folder, 'another-node');
    writeFileSync(node, '#!/bin/sh\necho "another ran $1"\n', { mode: 0o755 });
    const options = anAction('');
    const { log } = await runStep({ ...options, node });
    expect(log).toBe(`another ran ${join(options.action ?? '', 'first.mjs')}`);
  });

  it.concurrent('can have files that cannot be written', async () => {
    const { raw, outputs, conclusion } = await runStep({
      ...anAction(`
        for (const path of [GITHUB_OUTPUT, GITHUB_STEP_SUMMARY])
          try { appendFileSync(path, 'a=1'); } catch ({ code }) { console.log(code); }`),
      files: { output: '/dev/full', summary: join(folder, 'no', 'folder') }
    });
    expect(raw).toBe('ENOSPC\nENOENT\n');
    expect({ outputs, conclusion }).toEqual({ outputs: {}, conclusion: 'success' });
  });

  it.concurrent('can write its log to a full disk', async () => {
    const { log } = await runStep({
      ...anAction(`
        process.stdout.on('error', ({ code }) => console.error(code));
        console.log('lost');`),
      stdout: '/dev/full'
    });
    expect(log).toBe('ENOSPC');
  });

  it.concurrent('can lose the reader of its log', async () => {
    const step = startStep({
      ...anAction(`
        console.log('first');
        process.stdout.on('error', ({ code }) => {
          writeFileSync(GITHUB_STEP_SUMMARY, code);
          process.exit();
        });
        setInterval(() => console.log('more'), 10);`),
      onLine: (line) => {
        if (line === 'first') step.closeLog();
      }
    });
    const { log, summary } = await step.result;
    // One read may have brought more than the first line.
    expect(log).toMatch(/^first(?:\nmore)*$/);
    expect(summary).toBe('EPIPE');
  });

  it.concurrent('tells what it has written so far', async () => {
    let outputs: unknown;
    const step = startStep({
      ...anAction(`
        appendFileSync(GITHUB_OUTPUT, 'a=1\\nb<<EOF\\n');
        console.log('now');
        setInterval(() => undefined, 1000);`),
      onLine: (line) => {
        if (line !== 'now') return;
        outputs = step.outputs();
        step.process.kill('SIGTERM');
      }
    });
    expect(await step.result).toMatchObject({ code: null, signal: 'SIGTERM' });
    expect({ outputs, raw: step.raw() }).toEqual({ outputs: { a: '1' }, raw: 'now\n' });
  });

  it.concurrent('is over though a child holds its log open, after a while', async () => {
    const result = await runStep({
      ...anAction(`
        import { spawn } from 'node:child_process';
        const wait = 'setTimeout(() => undefined, 60_000)';
        const stdio = ['ignore', 'inherit', 'ignore'];
        const child = spawn(process.execPath, ['-e', wait], { stdio, detached: true });
        writeFileSync(GITHUB_STEP_SUMMARY, String(child.pid));
        child.unref();`),
      heldStreamsMs: 500
    });
    // The child is still there.
    process.kill(Number(result.summary));
    expect(result.code).toBe(0);
  });
});

describe('a post step', () => {
  it.concurrent('has an entry of its own, and shares the state of its main step', async () => {
    const options = anAction(
      `appendFileSync(GITHUB_STATE, 'a=1\\nb=1\\n');`,
      `console.log(process.env.STATE_a); appendFileSync(GITHUB_STATE, 'b=2\\n');`
    );
    const post = await runPostStep(options, await runStep(options));
    expect(post).toMatchObject({ log: '1', state: { a: '1', b: '2' } });
  });

  it.concurrent('is the post step also when its main step saved nothing', async () => {
    const options = anAction('', `console.log('post');`);
    expect((await runPostStep(options, await runStep(options))).log).toBe('post');
  });

  it.concurrent('has no outputs', async () => {
    const options = anAction('', `appendFileSync(GITHUB_OUTPUT, 'a=1\\n');`);
    expect((await runPostStep(options, await runStep(options))).outputs).toEqual({});
  });

  it.concurrent('has hidden what its main step hides', async () => {
    const options = anAction(`console.log('::add-mask::KEY');`, `console.log('a KEY');`);
    expect((await runPostStep(options, await runStep(options))).log).toBe('a ***');
  });
});

it('a job loses the outputs that hold a secret', async () => {
  const step = await runStep(
    anAction(`
      console.log('::add-mask::12345');
      appendFileSync(GITHUB_OUTPUT, 'url=https://a/12345\\nstate=SUCCESS\\n');`)
  );
  expect(jobOutputs(step)).toEqual({
    outputs: { state: 'SUCCESS' },
    warnings: ["Skip output 'url' since it may contain secret."]
  });
});

it('nothing of an ended step stays on the disk', async () => {
  const { log } = await runStep(anAction('console.log(GITHUB_OUTPUT);'));
  expect(existsSync(log)).toBe(false);
});
