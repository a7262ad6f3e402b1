import { cpSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { fault } from '../../simulator/faults.ts';
import { IMPORT_ID, type Call } from '../../simulator/ops-manager.ts';
import { eventually } from '../support/eventually.ts';
import { CREATE, hasRead, killed, QUICK, RUNNING, Stage, warningsOf } from '../support/stage.ts';

const PROJECT = join(import.meta.dirname, '..', '..');

/** The action with its doors alone: whatever else a step loads is not there. */
function actionWithoutItsBundle(): Disposable & { readonly path: string } {
  const path = mkdtempSync(join(tmpdir(), 'action-'));
  cpSync(join(PROJECT, 'action.yml'), join(path, 'action.yml'));
  cpSync(join(PROJECT, 'dist'), join(path, 'dist'), {
    recursive: true,
    filter: (source) => basename(source) !== 'action'
  });
  return {
    path,
    [Symbol.dispose]: () => {
      rmSync(path, { recursive: true });
    }
  };
}

describe('the post step', () => {
  it.concurrent.each([
    { name: 'that settled its case', scene: { inputs: { timeout: '1s' } } },
    { name: 'with wrong inputs alone', scene: { inputs: { 'base-url': '', ...CREATE } } }
  ])('loads nothing, and so does nothing, after a main step $name', async ({ scene }) => {
    await using stage = await Stage.set(scene);
    const main = await stage.run();
    expect(main.code).toBe(1);
    const sent = stage.simulator.calls.length;
    using light = actionWithoutItsBundle();
    const post = await stage.runPost(main, {}, { action: light.path });
    expect(post).toMatchObject({ code: 0, raw: '', summary: '' });
    expect(stage.simulator.calls).toHaveLength(sent);
  });

  it.concurrent('needs its bundle to settle, so that the tests above show something', async () => {
    await using stage = await Stage.set();
    const step = stage.start();
    const main = await killed(step, 'a first read', () => hasRead(step));
    using light = actionWithoutItsBundle();
    const post = await stage.runPost(main, {}, { action: light.path });
    expect(post.code).toBe(0);
    expect(post.raw).toContain('::warning title=Defect of this action::');
  });

  it.concurrent('cancels the import of a main step that was killed in mid-wait', async () => {
    await using stage = await Stage.set();
    const step = stage.start();
    const main = await killed(step, 'a first read', () => hasRead(step));
    expect(main).toMatchObject({ code: null, signal: 'SIGKILL' });
    expect(main.outputs).toMatchObject({
      outcome: 'interrupted',
      state: 'PENDING',
      cancellation: 'failed'
    });
    const post = await stage.runPost(main);
    expect(post.code).toBe(0);
    expect(stage.simulator.state()).toBe('CANCELLED');
    const said = new RegExp(`After the step: .*cancelled.*${IMPORT_ID}`, 's');
    expect(warningsOf(post)).toEqual([expect.stringMatching(said)]);
    expect(post.summary).toMatch(said);
  });

  it.concurrent('rides out a passing page when the main step had an answer', async () => {
    let isKilled = false;
    const struck = new Set<Call['kind']>();
    await using stage = await Stage.set({
      fault: fault('redirect', ({ kind, isAuthenticated }) => {
        if (!isKilled || !isAuthenticated || struck.has(kind)) return false;
        struck.add(kind);
        return true;
      })
    });
    const step = stage.start();
    const main = await killed(step, 'a first read', () => hasRead(step));
    isKilled = true;
    await stage.runPost(main);
    expect([...struck]).toEqual(['read', 'cancel']);
    expect(stage.simulator.state()).toBe('CANCELLED');
  });

  it.concurrent('does not ask again for a cancellation that was accepted', async () => {
    await using stage = await Stage.set({
      imports: [{ ...RUNNING, cancelTakesMs: 3_000 }],
      inputs: { timeout: '1s' }
    });
    const step = stage.start();
    const main = await killed(
      step,
      'an accepted cancellation',
      () => step.outputs()['cancellation'] === 'requested'
    );
    const post = await stage.runPost(main);
    expect(stage.count('cancel')).toBe(1);
    expect(warningsOf(post)).toEqual([
      expect.stringMatching(/This action cancelled import .*confirmed/s)
    ]);
  });

  it.concurrent('says that the import may still be running when Ops Manager refuses', async () => {
    // A read that is refused too ends the reading back, which would go on for a minute and more.
    await using stage = await Stage.set({
      imports: [{ ...RUNNING, refusesCancel: true }],
      fault: fault('403', ({ kind }) => kind === 'read' && stage.count('cancel') > 0)
    });
    const step = stage.start();
    const main = await killed(step, 'a first read', () => hasRead(step));
    const post = await stage.runPost(main);
    expect(post.code).toBe(0);
    expect(warningsOf(post)).toEqual([
      expect.stringMatching(/may still be running.*refused.*Cannot cancel an import in state/s)
    ]);
    expect(post.summary).toContain('may still be running');
  });

  it.concurrent(
    'finds and cancels what a killed creation left behind, and nothing else',
    async () => {
      const other = '507f1f77bcf86cd799430000';
      await using stage = await Stage.set({
        imports: [{ ...RUNNING, id: other }],
        inputs: { ...CREATE, ...QUICK.inputs },
        speed: QUICK.speed,
        create: () => ({ steps: [['PENDING', 0]], listedAfterMs: 2_500 })
      });
      const main = await killed(
        stage.start(),
        'a creation',
        () => stage.simulator.imports.length > 1
      );
      const post = await stage.runPost(main);
      expect(stage.simulator.runningImports().map(({ id }) => id)).toEqual([other]);
      expect(warningsOf(post)).toEqual([expect.stringContaining('cancelled')]);
    }
  );

  it.concurrent('ends when the job’s time for it is over, and says so', async () => {
    await using stage = await Stage.set({
      fault: fault('hang', () => stage.count('read') > 1)
    });
    const step = stage.start();
    const main = await killed(step, 'a second read', () => stage.count('read') > 1);
    const sent = stage.simulator.calls.length;
    const post = stage.startPost(main);
    await eventually('a call', () => stage.simulator.calls.length > sent);
    post.process.kill('SIGINT');
    const result = await post.result;
    expect(warningsOf(result)).toEqual([expect.stringContaining('may still be running')]);
    expect(result.summary).toContain('may still be running');
  });
});
