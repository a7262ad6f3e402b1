import { existsSync } from 'node:fs';
import { describe, expect, it } from '@jest/globals';
import { IMPORT_ID } from '../../simulator/ops-manager.ts';
import { eventually } from '../support/eventually.ts';
import { CREATE, killed, Stage, warningsOf } from '../support/stage.ts';

const NOWHERE = '/nowhere/at/all';
const SUCCESS = { id: IMPORT_ID, steps: [['SUCCESS', 0]] as const };

describe('files of the runner that cannot be written', () => {
  it.concurrent('fail a step whose outputs they are, though the import succeeded', async () => {
    await using stage = await Stage.set({ imports: [SUCCESS], files: { output: NOWHERE } });
    const { code, annotations, raw } = await stage.run();
    expect(code).toBe(1);
    expect(raw).not.toMatch(/^\s+at /m);
    expect(annotations).toContainEqual(
      expect.objectContaining({ level: 'error', title: 'Outputs not written' })
    );
  });

  it.concurrent('do not keep the import from being cancelled', async () => {
    await using stage = await Stage.set({
      files: { output: NOWHERE, state: NOWHERE, summary: NOWHERE },
      inputs: { timeout: '1s' }
    });
    const { code, annotations } = await stage.run();
    expect(code).toBe(1);
    expect(stage.simulator.state()).toBe('CANCELLED');
    expect(annotations).toContainEqual(
      expect.objectContaining({ level: 'error', title: expect.stringContaining('Timed out') })
    );
  });

  it.concurrent('are a warning where it is the summary', async () => {
    await using stage = await Stage.set({ imports: [SUCCESS], files: { summary: NOWHERE } });
    const { code, annotations, outputs } = await stage.run();
    expect(code).toBe(0);
    expect(outputs['outcome']).toBe('reached');
    expect(annotations).toContainEqual(
      expect.objectContaining({ level: 'warning', title: 'Job summary not written' })
    );
  });

  it.concurrent.each(['output', 'state'] as const)(
    'keep a step from creating an import when it is the %s',
    async (file) => {
      await using stage = await Stage.set({
        imports: [],
        inputs: CREATE,
        files: { [file]: NOWHERE }
      });
      const { code, annotations } = await stage.run();
      expect(code).toBe(1);
      expect(stage.count('create')).toBe(0);
      expect(stage.simulator.imports).toEqual([]);
      expect(annotations.map(({ message }) => message).join('\n')).toContain(
        'no import was created'
      );
    }
  );

  (existsSync('/dev/full') ? it.concurrent : it.skip)('may also be full', async () => {
    await using stage = await Stage.set({ imports: [SUCCESS], files: { output: '/dev/full' } });
    const { code, raw } = await stage.run();
    expect(code).toBe(1);
    expect(raw).not.toMatch(/^\s+at /m);
  });
});

describe('a state that cannot be written', () => {
  it.concurrent('is a warning, and costs no answer', async () => {
    await using stage = await Stage.set({ imports: [SUCCESS], files: { state: NOWHERE } });
    const result = await stage.run();
    expect(result.code).toBe(0);
    expect(result.outputs['outcome']).toBe('reached');
    expect(warningsOf(result)).toEqual([expect.stringContaining('State not saved')]);
  });

  it.concurrent('keeps neither a signal nor the post step from settling', async () => {
    const files = { output: NOWHERE, state: NOWHERE, summary: NOWHERE };
    await using stage = await Stage.set({ files });
    const step = stage.start();
    await eventually('a first read', () => stage.count('read') > 0);
    step.process.kill('SIGINT');
    expect((await step.result).code).toBe(1);
    expect(stage.simulator.state()).toBe('CANCELLED');

    const inputs = { 'cancel-on-timeout': 'true', 'cancel-on-interrupt': 'true' };
    await using other = await Stage.set({ files, inputs });
    const killedStep = other.start();
    const main = await killed(killedStep, 'a first read', () => other.count('read') > 0);
    const post = await other.runPost(main);
    expect(post.code).toBe(0);
    expect(post.raw).not.toMatch(/^\s+at /m);
    expect(other.simulator.state()).toBe('CANCELLED');
  });
});

describe('a post step after a main step that was killed', () => {
  it.concurrent.each([
    ['import-request', { 'request-id': '' }],
    ['ca-certificate', {}]
  ])('settles although the file behind %s is gone', async (input, more) => {
    await using stage = await Stage.set({
      inputs: { ...more, ...(input === 'import-request' ? CREATE : {}) },
      create: () => ({ steps: [['PENDING', 0]] })
    });
    const step = stage.start();
    const main = await killed(step, 'a read', () => stage.count('read') > 0);
    const post = await stage.runPost(main, { [input]: '/gone/by/now' });
    expect(post.code).toBe(0);
    expect(stage.simulator.runningImports().length).toBe(input === 'import-request' ? 1 : 0);
    expect(post.annotations.map(({ message }) => message).join('\n')).toContain('cancelled');
  });
});
