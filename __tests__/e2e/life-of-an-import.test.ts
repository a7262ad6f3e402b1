import { describe, expect, it } from '@jest/globals';
import { fault } from '../../simulator/faults.ts';
import { IMPORT_ID, type Call } from '../../simulator/ops-manager.ts';
import { sampleSteps, type Script } from '../../simulator/scripted-import.ts';
import { eventually } from '../support/eventually.ts';
import { CREATE, RUNNING, Stage } from '../support/stage.ts';

const MINUTE_MS = 60_000;
const DISCOVER = { 'request-id': 'in-progress' };
const SUCCESS_SOON: Script = {
  steps: [
    ['PENDING', 0],
    ['SUCCESS', 1_000]
  ]
};

/** Strikes the first authenticated call of a kind. */
function firstOf(kind: Call['kind']): (call: Call) => boolean {
  let hasStruck = false;
  return (call) => {
    const strikes = !hasStruck && call.isAuthenticated && call.kind === kind;
    hasStruck ||= strikes;
    return strikes;
  };
}

function finished(count: number): Script[] {
  return Array.from({ length: count }, (_, index) => ({
    id: index.toString(16).padStart(24, '0'),
    startedMsAgo: (index + 20) * MINUTE_MS,
    steps: sampleSteps(index % 2 === 0 ? 'SUCCESS' : 'FAILED')
  }));
}

describe('a creation', () => {
  it.concurrent('waits for the new import among fifty others, and names it', async () => {
    await using stage = await Stage.set({
      imports: finished(50),
      inputs: CREATE,
      create: () => SUCCESS_SOON
    });
    const { code, outputs } = await stage.run();
    expect(code).toBe(0);
    expect(outputs).toMatchObject({ outcome: 'reached', state: 'SUCCESS' });
    expect(outputs['request-id']).toBe(stage.simulator.imports.at(-1)?.id);
    expect(stage.count('create')).toBe(1);
  });

  it.concurrent.each(['done, but its answer is lost', 'truncated JSON', '504 as HTML'] as const)(
    'whose answer is lost (%s) makes exactly one import, and waits for it',
    async (name) => {
      const isLost = firstOf('create');
      await using stage = await Stage.set({
        imports: [{ ...RUNNING, id: '507f1f77bcf86cd799430000' }],
        inputs: CREATE,
        create: () => SUCCESS_SOON,
        fault: (call, response, forward, simulator) => {
          if (!isLost(call)) return false;
          if (name !== 'done, but its answer is lost') arriveUnanswered(response, forward);
          return fault(name, () => true)(call, response, forward, simulator);
        }
      });
      const { code, outputs } = await stage.run();
      expect(code).toBe(0);
      expect(outputs['request-id']).toBe(stage.simulator.imports[1]?.id);
      expect(stage.count('create')).toBe(1);
      expect(stage.simulator.imports).toHaveLength(2);
    }
  );

  it.concurrent('that never arrived leaves nothing behind when it is interrupted', async () => {
    await using stage = await Stage.set({
      imports: [],
      inputs: CREATE,
      fault: fault('reset before the reply', firstOf('create'))
    });
    const step = stage.start();
    await eventually('the lost call', () => stage.count('create') > 0);
    await eventually('a look at the list', () => stage.simulator.calls.at(-1)?.kind === 'list');
    step.process.kill('SIGINT');
    const { outputs } = await step.result;
    // Half a minute without a new one would be needed to know that it never arrived.
    expect(outputs).toMatchObject({ outcome: 'interrupted', cancellation: 'failed' });
    expect(outputs['message']).toContain('may be running');
    expect(stage.simulator.imports).toEqual([]);
    expect(stage.count('create')).toBe(1);
  });

  it.concurrent('that Ops Manager refuses is an error in its own words', async () => {
    const body = JSON.stringify({
      seedHostport: 'refused.example.com:27017',
      requiredProcesses: ['refused.example.com:27017']
    });
    await using stage = await Stage.set({
      imports: [],
      inputs: { ...CREATE, 'import-request': body }
    });
    const { code, outputs } = await stage.run();
    expect(code).toBe(1);
    expect(outputs).toMatchObject({ outcome: 'error', cancellation: 'not-needed' });
    expect(outputs['message']).toContain('Invalid attribute seedHostport specified.');
  });

  it.concurrent(
    'beside someone else’s is an error that names both, and both steps touch none',
    async () => {
      const other = { ...RUNNING, id: '507f1f77bcf86cd799430000' };
      await using stage = await Stage.set({
        imports: [],
        inputs: CREATE,
        create: () => {
          stage.simulator.add(other);
          return RUNNING;
        }
      });
      const main = await stage.run();
      const { code, outputs } = main;
      expect(code).toBe(1);
      expect(outputs).toMatchObject({ outcome: 'error', cancellation: 'failed' });
      expect(outputs['message']).toMatch(/may still be running/);
      expect(outputs['message']).toContain(other.id);
      expect(outputs['message']).toContain(IMPORT_ID);
      expect((await stage.runPost(main)).raw).toBe('');
      expect(stage.simulator.runningImports()).toHaveLength(2);
    }
  );
});

/** Lets a call do its work while its answer goes nowhere; `response` stays usable. */
function arriveUnanswered(response: object, forward: () => void): void {
  const silent = { setHeader: () => silent, writeHead: () => silent, end: () => silent };
  const methods = Object.keys(silent);
  Object.assign(response, silent);
  forward();
  for (const method of methods) Reflect.deleteProperty(response, method);
}

describe('a discovery', () => {
  it.concurrent('takes the one import in progress among fifty finished ones', async () => {
    await using stage = await Stage.set({
      imports: [...finished(50), RUNNING],
      inputs: { ...DISCOVER, 'goal-state': 'PENDING' }
    });
    const { code, outputs, log } = await stage.run();
    expect(code).toBe(0);
    expect(outputs).toMatchObject({ outcome: 'reached', 'request-id': IMPORT_ID });
    expect(log).toContain(IMPORT_ID);
  });

  it.concurrent('finds an import that is listed only after a while', async () => {
    await using stage = await Stage.set({
      inputs: { ...DISCOVER, 'goal-state': 'PENDING' },
      fault: ({ kind, isAuthenticated }, response) => {
        if (kind !== 'list' || !isAuthenticated || stage.count('list') > 2) return false;
        response.end('{"results": []}');
        return true;
      }
    });
    const { outputs } = await stage.run();
    expect(outputs).toMatchObject({ outcome: 'reached', 'request-id': IMPORT_ID });
    // The last one confirms that it was the only one.
    expect(stage.count('list')).toBe(4);
  });

  it.concurrent(
    'of two imports in progress is an error that lists both, the newest first',
    async () => {
      const older = { ...RUNNING, id: '507f1f77bcf86cd799430000', startedMsAgo: MINUTE_MS };
      await using stage = await Stage.set({ imports: [older, RUNNING], inputs: DISCOVER });
      const { code, outputs } = await stage.run();
      expect(code).toBe(1);
      expect(outputs).toMatchObject({
        outcome: 'error',
        'request-id': '',
        cancellation: 'not-needed'
      });
      expect(outputs['message']).toMatch(
        new RegExp(
          `2 imports in progress: ${IMPORT_ID} PENDING since .*, ${older.id} PENDING since`
        )
      );
      expect(stage.simulator.runningImports()).toHaveLength(2);
    }
  );
});

describe('a stall', () => {
  // The first and the last phase; which one it is, the core knows.
  const phases = sampleSteps(undefined).map(([state], index) => [state, index] as const);
  it.concurrent.each([...phases.slice(0, 1), ...phases.slice(-1)])(
    'in %s is noticed there, and the import cancelled',
    async (state, index) => {
      const steps = sampleSteps(undefined).slice(0, index + 1);
      await using stage = await Stage.set({
        imports: [{ id: IMPORT_ID, steps, startedMsAgo: 15 * MINUTE_MS }],
        inputs: { 'stall-timeout': '1s' }
      });
      const { outputs, annotations } = await stage.run();
      expect(outputs).toMatchObject({
        outcome: 'stalled',
        'last-phase': state,
        cancellation: 'confirmed'
      });
      expect(annotations.at(-1)?.title).toMatch(new RegExp(`Stalled.* in ${state}`));
      expect(stage.simulator.state()).toBe('CANCELLED');
    }
  );
});

describe('delete-failed', () => {
  const failed: Script = {
    id: IMPORT_ID,
    startedMsAgo: 20 * MINUTE_MS,
    steps: [
      ['PENDING', 0],
      ['FAILED', MINUTE_MS]
    ]
  };
  const inputs = { 'delete-failed': 'true' };

  it.concurrent('deletes the request, and keeps its history in outputs and summary', async () => {
    await using stage = await Stage.set({ imports: [failed], inputs });
    const { code, outputs, summary } = await stage.run();
    expect(code).toBe(1);
    expect(outputs).toMatchObject({ outcome: 'failed', cleanup: 'deleted', state: 'FAILED' });
    expect(JSON.parse(outputs['history'] ?? '')).toHaveLength(2);
    expect(summary).toContain('FAILED');
    expect(stage.simulator.imports).toEqual([]);
  });

  it.concurrent(
    'that is refused is told in Ops Manager’s words, and changes no outcome',
    async () => {
      await using stage = await Stage.set({
        imports: [{ ...failed, refusesDelete: true }],
        inputs
      });
      const { outputs, annotations } = await stage.run();
      expect(outputs).toMatchObject({ outcome: 'failed', cleanup: 'failed' });
      const errors = annotations.filter(({ level }) => level === 'error');
      expect(errors).toHaveLength(1);
      expect(errors[0]?.title).toContain('failed in PENDING');
      expect(errors[0]?.message).not.toContain('Cannot delete');
      const warnings = annotations.filter(({ message }) => message.includes('Cannot delete'));
      expect(warnings).toMatchObject([{ level: 'warning' }]);
      expect(outputs['message']).toContain('Cannot delete an import in state FAILED');
      expect(stage.simulator.imports).toHaveLength(1);
    }
  );

  it.concurrent.each(['503 as HTML', 'done, but its answer is lost'] as const)(
    'is tried again after trouble (%s)',
    async (name) => {
      await using stage = await Stage.set({
        imports: [failed],
        inputs,
        fault: fault(name, firstOf('delete'))
      });
      const { outputs } = await stage.run();
      expect(outputs).toMatchObject({ outcome: 'failed', cleanup: 'deleted' });
      expect(stage.count('delete')).toBe(2);
      expect(stage.simulator.imports).toEqual([]);
    }
  );

  it.concurrent('touches no import that did not fail', async () => {
    await using stage = await Stage.set({
      imports: [{ ...failed, steps: [['CANCELLED', 0]] }],
      inputs
    });
    const { outputs } = await stage.run();
    expect(outputs).toMatchObject({ outcome: 'cancelled', cleanup: 'not-needed' });
    expect(stage.count('delete')).toBe(0);
  });
});
