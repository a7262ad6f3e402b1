import { existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import {
  jobOutputs,
  runPostStep,
  runStep,
  startStep,
  type StepOptions
} from '../../simulator/runner.ts';
import { parseFileCommands } from '../../simulator/file-commands.ts';
import { LogReader } from '../../simulator/log-reader.ts';
import { SecretMasker } from '../../simulator/secret-masker.ts';

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

const isWindows = process.platform === 'win32';

describe('a file of outputs or state', () => {
  it.each([
    { text: '', values: {} },
    { text: 'a=1\n\nb=2', values: { a: '1', b: '2' } },
    { text: 'a=1\na=2\n', values: { a: '2' } },
    { text: 'a=x=y<<z\n', values: { a: 'x=y<<z' } },
    { text: 'a<<EOF\none\n\ntwo=2\nEOF\nb=\n', values: { a: 'one\n\ntwo=2', b: '' } },
    { text: 'a<<EOF\nEOF\n', values: { a: '' } },
    { text: 'a<<EOF\nEOF \n EOF\nEOF', values: { a: 'EOF \n EOF' } }
  ])('is read: $text', ({ text, values }) => {
    expect(parseFileCommands(text)).toEqual({ values, problem: undefined });
  });

  it.each([
    { text: 'a=1\nb<<EOF\nhalf', problem: "Invalid value. Matching delimiter not found 'EOF'" },
    { text: 'a=1\nb<<EOF\nx\nEO', problem: "Invalid value. Matching delimiter not found 'EOF'" },
    { text: 'a=1\nb<<', problem: "Invalid format 'b<<'" },
    { text: 'a=1\n<<EOF\nEOF\n', problem: "Invalid format '<<EOF'" },
    { text: 'a=1\nnothing\nc=3', problem: "Invalid format 'nothing'" }
  ])('counts up to what is wrong in it: $text', ({ text, problem }) => {
    expect(parseFileCommands(text)).toEqual({ values: { a: '1' }, problem });
  });

  it('has CR in its values, but for Windows', () => {
    const { values } = parseFileCommands('a=1\r\nb<<EOF\r\nx\r\nEOF\r\n');
    expect(values).toEqual(isWindows ? { a: '1', b: 'x' } : { a: '1\r', b: 'x\r' });
  });
});

function read(...texts: readonly string[]): LogReader {
  const log = new LogReader();
  for (const text of texts) log.write(text);
  log.end();
  return log;
}

describe('the lines of a log', () => {
  it.each([
    { texts: ['a\nb\r\nc\rd'], lines: ['a', 'b', 'c', 'd'] },
    { texts: ['a\r', '\nb'], lines: ['a', 'b'] },
    { texts: ['a\r', 'b\r'], lines: ['a', 'b'] },
    { texts: ['a', 'b\n\n', 'c'], lines: ['ab', '', 'c'] }
  ])('end at LF, CR and both: $texts', ({ texts, lines }) => {
    expect(read(...texts).lines).toEqual(lines);
  });

  it('are those of two streams', () => {
    const log = new LogReader();
    log.write('out ', 'stdout');
    log.write('::error::from std', 'stderr');
    log.write('put\n', 'stdout');
    log.write('err\n', 'stderr');
    expect(log.lines).toEqual(['out put', 'Error: from stderr']);
    expect(log.annotations).toEqual([{ level: 'error', title: '', message: 'from stderr' }]);
  });
});

describe('a workflow command', () => {
  it.each([
    'x\r::error::forged',
    '\u00a0\u0085\u2003\u3000\t::error::forged',
    'text ##[error]forged',
    '::ERROR file=a.ts::forged'
  ])('is obeyed in %j', (text) => {
    expect(read(text).commands).toEqual([{ name: 'error', value: 'forged' }]);
  });

  it.each(['x ::error::not', '\ufeff::error::not', '\u200b::error::not', '::1::', '::error:not'])(
    'is not seen in %j',
    (text) => {
      const log = read(text);
      expect(log.commands).toEqual([]);
      expect(log.lines).toEqual([text]);
    }
  );

  it('has its escapes undone', () => {
    const { annotations } = read('::error title=a%3A%2Cb,file=x::100%25%0Anext');
    expect(annotations).toEqual([{ level: 'error', title: 'a:,b', message: '100%\nnext' }]);
  });

  it('hides a secret in all that follows', () => {
    const log = read('KEY\n::add-mask::KEY%0ALINE\n::warning title=LINE::KEY\nLINE and KEY');
    expect(log.lines).toEqual(['KEY', 'Warning: ***', '*** and ***']);
    expect(log.annotations).toEqual([{ level: 'warning', title: '***', message: '***' }]);
  });

  it('makes ten annotations of a kind, each of 4096 characters at most', () => {
    const log = read(`::error::${'x'.repeat(5000)}\n`.repeat(12), '::notice::y');
    expect(log.annotations.map(({ message }) => message.length)).toEqual([
      ...Array.from({ length: 10 }, () => 4096),
      1
    ]);
    expect(log.lines).toHaveLength(13);
  });
});

function masked(text: string, ...secrets: readonly string[]): string {
  const masker = new SecretMasker();
  for (const secret of secrets) masker.add(secret);
  return masker.mask(text);
}

const SECRET = `pass"word & 'more'!`;

describe('a secret is hidden', () => {
  it.each([
    { form: 'as it is', text: SECRET },
    { form: 'in JSON', text: JSON.stringify(SECRET).slice(1, -1) },
    { form: 'in a URL', text: 'pass%22word%20%26%20%27more%27%21' },
    { form: 'in XML', text: 'pass&quot;word &amp; &apos;more&apos;!' },
    { form: 'in an expression', text: `pass"word & ''more''!` },
    { form: 'in Base64', text: Buffer.from(SECRET).toString('base64') },
    {
      form: 'in Base64, without its first byte',
      text: Buffer.from(SECRET.slice(1)).toString('base64')
    },
    {
      form: 'in Base64, without its first two',
      text: Buffer.from(SECRET.slice(2)).toString('base64')
    }
  ])('$form', ({ text }) => {
    expect(masked(`before ${text} after`, SECRET)).toBe('before *** after');
  });

  it('line by line, if it has several', () => {
    expect(masked('a KEY-1 b KEY-2 c', 'KEY-1\r\nKEY-2\n')).toBe('a *** b *** c');
  });

  it('once for all that overlaps or touches', () => {
    expect(masked('abcabcd-abcbcd', 'abc', 'bcd')).toBe('***-***');
    expect(masked('aaa', 'aa')).toBe('***');
  });

  it('and blanks alone are none', () => {
    expect(masked('a b', ' ', '')).toBe('a b');
  });

  it('at every place, whatever stands around it', () => {
    const text = fc.string({ unit: fc.constantFrom('a', 'b', 'c') });
    fc.assert(
      fc.property(text, text.filter(Boolean), text.filter(Boolean), (around, one, other) => {
        const shown = masked(`${around}${one}${around}${other}${around}`, one, other);
        expect(shown).not.toContain(one);
        expect(shown).not.toContain(other);
        expect(shown).not.toContain('******');
      })
    );
  });
});

it('what one step hides, the next one hides, too', () => {
  const main = new SecretMasker();
  main.add(SECRET);
  const post = new SecretMasker();
  post.addAll(main);
  expect(post.mask(`<${SECRET}>`)).toBe('<***>');
});
