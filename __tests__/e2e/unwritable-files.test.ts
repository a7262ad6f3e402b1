import { existsSync } from 'node:fs';
import { describe, expect, it } from '@jest/globals';
import { IMPORT_ID } from '../../simulator/ops-manager.ts';
import { eventually } from '../support/eventually.ts';
import { Stage } from '../support/stage.ts';

const NOWHERE = '/nowhere/at/all';
const CREATE = {
  'request-id': '',
  'import-request': JSON.stringify({
    seedHostport: 'mongodb1.example.com:27017',
    requiredProcesses: ['mongodb1.example.com:27017']
  })
};
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
    await eventually('a read', () => stage.count('read') > 0);
    step.process.kill('SIGKILL');
    const main = await step.result;
    const post = await stage.runPost(main, { [input]: '/gone/by/now' });
    expect(post.code).toBe(0);
    expect(stage.simulator.runningImports().length).toBe(input === 'import-request' ? 1 : 0);
    expect(post.annotations.map(({ message }) => message).join('\n')).toContain('cancelled');
  });
});
