import { describe, expect, it } from '@jest/globals';
import { fault, type FaultName } from '../../simulator/faults.ts';
import { IMPORT_ID, type Call, type Fault } from '../../simulator/ops-manager.ts';
import { eventually } from '../support/eventually.ts';
import { hasRead, killed, lateImport, RUNNING, Stage, warningsOf } from '../support/stage.ts';

const HOUR_MS = 3_600_000;

/** Faults for the authenticated calls of a kind in their turn; none for those after the last. */
function inTurn(kind: Call['kind'], ...names: readonly (FaultName | 'none')[]): Fault {
  let seen = 0;
  return (call, ...rest) => {
    if (!call.isAuthenticated || call.kind !== kind) return false;
    const name = names[seen++] ?? 'none';
    return name !== 'none' && fault(name, () => true)(call, ...rest);
  };
}

/** The first of them that takes a call. */
function either(...faults: readonly Fault[]): Fault {
  return (...call) => faults.some((take) => take(...call));
}

describe('an import that has made it', () => {
  it.concurrent.each(['SUCCESS', 'AWAIT_GOAL_STATE'])(
    'to %s between two reads is not cancelled at a signal',
    async (state) => {
      const { jump, ...scene } = lateImport(state);
      await using stage = await Stage.set({ ...scene, inputs: { 'goal-state': state } });
      const step = stage.start();
      await eventually('a first read', () => hasRead(step));
      jump();
      step.process.kill('SIGINT');
      const { code, outputs } = await step.result;
      expect(code).toBe(0);
      expect(outputs).toMatchObject({ outcome: 'reached', state, cancellation: 'not-needed' });
      expect(stage.count('cancel')).toBe(0);
    }
  );

  it.concurrent('to its goal is not cancelled because the last read failed', async () => {
    const { jump, ...scene } = lateImport('AWAIT_GOAL_STATE');
    await using stage = await Stage.set({
      ...scene,
      inputs: { 'goal-state': 'AWAIT_GOAL_STATE', timeout: '1s', 'max-outage': '30s' },
      fault: fault('503', () => hasRead(step) && step.outputs()['outcome'] !== 'timed-out')
    });
    const step = stage.start();
    await eventually('a first read', () => hasRead(step));
    jump();
    const { code, outputs, annotations } = await step.result;
    expect(outputs).toMatchObject({ outcome: 'reached', cancellation: 'not-needed' });
    expect(code).toBe(0);
    expect(stage.count('cancel')).toBe(0);
    expect(annotations.at(-1)?.level).toBe('warning');
  });

  it.concurrent('to SUCCESS while its cancel call met only trouble opens the gate', async () => {
    const { jump, ...scene } = lateImport('SUCCESS');
    await using stage = await Stage.set({
      ...scene,
      fault: fault('503', ({ kind }) => {
        if (kind === 'cancel') jump();
        return kind === 'cancel';
      })
    });
    const step = stage.start();
    await eventually('a first read', () => hasRead(step));
    step.process.kill('SIGINT');
    const { code, outputs } = await step.result;
    expect(outputs).toMatchObject({
      outcome: 'reached',
      state: 'SUCCESS',
      cancellation: 'not-needed'
    });
    expect(outputs['message']).not.toContain('may still be running');
    expect(code).toBe(0);
  });

  it.concurrent(
    'only to a goal on the way, after a cancel call was accepted, does not',
    async () => {
      const { jump, ...scene } = lateImport('AWAIT_GOAL_STATE');
      await using stage = await Stage.set({
        ...scene,
        imports: [{ ...RUNNING, ...scene.imports[0], cancelTakesMs: 2 * HOUR_MS }],
        inputs: { 'goal-state': 'AWAIT_GOAL_STATE' },
        // It passes the goal while the cancellation is carried out.
        fault: ({ kind, isAuthenticated }, _response, forward) => {
          if (kind !== 'cancel' || !isAuthenticated) return false;
          forward();
          jump();
          return true;
        }
      });
      const step = stage.start();
      await eventually('a first read', () => hasRead(step));
      step.process.kill('SIGINT');
      const { code, outputs } = await step.result;
      expect(outputs).toMatchObject({
        outcome: 'interrupted',
        state: 'AWAIT_GOAL_STATE',
        'goal-reached': 'false',
        cancellation: 'requested'
      });
      expect(code).toBe(1);
    }
  );
});

describe('a cancellation', () => {
  it.concurrent('that was accepted unheard is no refusal when it is asked again', async () => {
    await using stage = await Stage.set({
      imports: [{ ...RUNNING, cancelTakesMs: 1_500 }],
      inputs: { timeout: '1s' },
      fault: inTurn('cancel', 'done, but its answer is lost', '409')
    });
    const { outputs } = await stage.run();
    expect(outputs).toMatchObject({ outcome: 'timed-out', cancellation: 'confirmed' });
    expect(stage.count('cancel')).toBe(2);
  });

  it.concurrent('that was accepted is not asked for again by the post step', async () => {
    await using stage = await Stage.set({
      imports: [{ ...RUNNING, cancelTakesMs: 3_000 }],
      inputs: { timeout: '1s' },
      fault: inTurn('cancel', 'none', '409')
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
      expect.stringMatching(/cancelled by this action.*confirmed/s)
    ]);
  });

  it.concurrent('that one lagging node answers with 404 is asked for again', async () => {
    await using stage = await Stage.set({
      inputs: { timeout: '1s' },
      fault: inTurn('cancel', '404')
    });
    const { outputs } = await stage.run();
    expect(outputs).toMatchObject({ outcome: 'timed-out', cancellation: 'confirmed' });
    expect(stage.simulator.state()).toBe('CANCELLED');
  });

  it.concurrent('of an import that is gone is no refusal', async () => {
    await using stage = await Stage.set();
    const step = stage.start();
    await eventually('a first read', () => hasRead(step));
    stage.simulator.remove(IMPORT_ID);
    step.process.kill('SIGINT');
    const { outputs } = await step.result;
    expect(outputs).toMatchObject({ outcome: 'interrupted', cancellation: 'failed' });
  });

  it.concurrent.each(['404', '503'] as const)('is read back through %s', async (name) => {
    let isAsked = false;
    let struck = 0;
    await using stage = await Stage.set({
      inputs: { timeout: '1s' },
      fault: fault(name, ({ kind, isAuthenticated }) => {
        isAsked ||= kind === 'cancel';
        const strikes = isAsked && kind === 'read' && isAuthenticated && struck < 2;
        struck += Number(strikes);
        return strikes;
      })
    });
    const { outputs } = await stage.run();
    expect(outputs).toMatchObject({ outcome: 'timed-out', cancellation: 'confirmed' });
    expect(struck).toBe(2);
  });
});

describe('a 404', () => {
  it.concurrent('from one lagging node, and its list, does not end the wait', async () => {
    const { jump, ...scene } = lateImport('SUCCESS');
    let lagging = 0;
    await using stage = await Stage.set({
      ...scene,
      inputs: { 'poll-interval': '1s' },
      fault: either(inTurn('read', 'none', '404'), ({ kind, isAuthenticated }, response) => {
        if (isAuthenticated && kind === 'read' && stage.count('read') > 2) jump();
        if (kind !== 'list' || !isAuthenticated) return false;
        lagging += 1;
        response.end('{"results": []}');
        return true;
      })
    });
    const { code, outputs } = await stage.run();
    expect(outputs).toMatchObject({ outcome: 'reached', state: 'SUCCESS' });
    expect(code).toBe(0);
    expect(stage.count('cancel')).toBe(0);
    expect(lagging).toBeLessThanOrEqual(1);
  });

  it.concurrent('for a given import that the list shows is a lagging node’s, too', async () => {
    await using stage = await Stage.set({
      inputs: { 'goal-state': 'PENDING' },
      fault: inTurn('read', '404')
    });
    const { outputs } = await stage.run();
    expect(outputs).toMatchObject({ outcome: 'reached', 'request-id': IMPORT_ID });
  });
});

it.concurrent('SIGHUP interrupts a step like any other signal', async () => {
  await using stage = await Stage.set();
  const step = stage.start();
  await eventually('a first read', () => hasRead(step));
  step.process.kill('SIGHUP');
  const { code, signal, outputs } = await step.result;
  expect([code, signal]).toEqual([1, null]);
  expect(outputs).toMatchObject({ outcome: 'interrupted', cancellation: 'confirmed' });
  expect(outputs['message']).toContain('SIGHUP');
});

it.concurrent('an import CANCELLED before the first read is blamed on nobody', async () => {
  await using stage = await Stage.set({
    imports: [{ id: IMPORT_ID, startedMsAgo: HOUR_MS, steps: [['CANCELLED', 0]] }]
  });
  const { code, outputs } = await stage.run();
  expect(code).toBe(1);
  expect(outputs).toMatchObject({ outcome: 'cancelled', cancellation: 'not-needed' });
  expect(outputs['message']).toContain('before this step');
  expect(outputs['message']).not.toMatch(/someone|Ask who|not by this step/);
  expect(stage.count('cancel')).toBe(0);
});

describe('a post step', () => {
  it.concurrent.each(['redirect', '404 as HTML'] as const)(
    'rides out a passing page (%s) when the main step had an answer',
    async (name) => {
      let isKilled = false;
      const struck = new Set<Call['kind']>();
      await using stage = await Stage.set({
        fault: fault(name, ({ kind, isAuthenticated }) => {
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
    }
  );

  it.concurrent('says of an import that FAILED and was to be deleted only that', async () => {
    await using stage = await Stage.set({
      imports: [{ id: IMPORT_ID, steps: [['FAILED', 0]] }],
      inputs: { 'delete-failed': 'true' },
      fault: inTurn('delete', 'done, but its answer is lost', 'hang')
    });
    const main = await killed(stage.start(), 'two deletions', () => stage.count('delete') > 1);
    expect(main.outputs).toMatchObject({ outcome: 'failed', cleanup: 'failed' });
    const post = await stage.runPost(main);
    expect(warningsOf(post)).toEqual([expect.stringContaining('FAILED')]);
    expect(warningsOf(post).join()).not.toContain('may still be running');
    expect([stage.count('cancel'), stage.count('delete')]).toEqual([0, 2]);
  });
});
