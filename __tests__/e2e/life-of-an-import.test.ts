import { describe, expect, it } from '@jest/globals';
import { fault } from '../../simulator/faults.ts';
import { IMPORT_ID, type Call } from '../../simulator/ops-manager.ts';
import { sampleSteps, type Script } from '../../simulator/scripted-import.ts';
import { CREATE, QUICK, RUNNING, Stage, warningsOf } from '../support/stage.ts';

const MINUTE_MS = 60_000;
const OTHER: Script = { ...RUNNING, id: '507f1f77bcf86cd799430000' };
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

/** A step that creates its import, by a quick clock: a list may be half a minute late. */
const CREATING = { imports: [], inputs: { ...CREATE, ...QUICK.inputs }, speed: QUICK.speed };

describe('a creation', () => {
  it.concurrent('waits for the new import among fifty others, and names it', async () => {
    await using stage = await Stage.set({
      ...CREATING,
      imports: finished(50),
      create: () => SUCCESS_SOON
    });
    const { code, outputs } = await stage.run();
    expect(code).toBe(0);
    expect(outputs).toMatchObject({ outcome: 'reached', state: 'SUCCESS' });
    expect(outputs['request-id']).toBe(stage.simulator.imports.at(-1)?.id);
    expect(stage.count('create')).toBe(1);
  });

  it.concurrent('whose answer is lost makes exactly one import, and waits for it', async () => {
    await using stage = await Stage.set({
      ...CREATING,
      // Its closing list comes after a minute and a half.
      speed: 60,
      imports: [OTHER],
      create: () => SUCCESS_SOON,
      fault: fault('done, but its answer is lost', firstOf('create'))
    });
    const result = await stage.run();
    expect(result.code).toBe(0);
    expect(result.outputs['request-id']).toBe(stage.simulator.imports[1]?.id);
    expect(warningsOf(result)).toEqual([expect.stringContaining(OTHER.id ?? '')]);
    expect(stage.count('create')).toBe(1);
    expect(stage.simulator.imports).toHaveLength(2);
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
      await using stage = await Stage.set({
        ...CREATING,
        create: () => {
          stage.simulator.add(OTHER);
          return RUNNING;
        }
      });
      const main = await stage.run();
      const { code, outputs } = main;
      expect(code).toBe(1);
      expect(outputs).toMatchObject({ outcome: 'error', cancellation: 'failed' });
      expect(outputs['message']).toMatch(/may still be running/);
      expect(outputs['message']).toContain(OTHER.id);
      expect(outputs['message']).toContain(IMPORT_ID);
      expect((await stage.runPost(main)).raw).toBe('');
      expect(stage.simulator.runningImports()).toHaveLength(2);
    }
  );
});

describe('two steps that create in one project at once', () => {
  it.concurrent('never both take one import for their own', async () => {
    const held: (() => void)[] = [];
    await using stage = await Stage.set({
      ...CREATING,
      create: () => SUCCESS_SOON,
      // Both calls arrive when both steps have read the list.
      fault: ({ kind, isAuthenticated }, _response, forward) => {
        if (kind !== 'create' || !isAuthenticated) return false;
        held.push(forward);
        if (held.length === 2) for (const arrive of held) arrive();
        return true;
      }
    });
    const results = await Promise.all([stage.run(), stage.run()]);
    const ids = stage.simulator.imports.map(({ id }) => id);
    expect(ids).toHaveLength(2);
    for (const { code, outputs } of results) {
      expect(code).toBe(1);
      expect(outputs).toMatchObject({ outcome: 'error', cancellation: 'failed' });
      for (const id of ids) expect(outputs['message']).toContain(id);
    }
    expect(stage.count('cancel')).toBe(0);
  });
});

it.concurrent('an adopted import is not said to lack what another one was to have', async () => {
  await using stage = await Stage.set({
    imports: [{ id: IMPORT_ID, steps: [['AWAIT_HOSTS_DISCOVERED', 0]] }],
    inputs: { ...CREATE, ...QUICK.inputs, 'if-in-progress': 'adopt', 'stall-timeout': '30s' },
    speed: QUICK.speed,
    diagnosis: { hosts: [{ hostname: 'other.example.com', port: 27017 }] }
  });
  const { outputs, summary } = await stage.run();
  expect(outputs).toMatchObject({ outcome: 'stalled', 'request-id': IMPORT_ID });
  expect(stage.count('create')).toBe(0);
  expect(outputs['diagnosis']).toContain('knows 1 process of the project');
  expect(`${outputs['diagnosis']} ${summary}`).not.toContain('mongodb1');
  expect(summary).not.toContain('Required processes');
});

describe('a discovery', () => {
  it.concurrent('takes the one import in progress among fifty finished ones', async () => {
    await using stage = await Stage.set({
      imports: [...finished(50), RUNNING],
      inputs: { ...QUICK.inputs, 'request-id': 'in-progress', 'goal-state': 'PENDING' },
      speed: QUICK.speed
    });
    const { code, outputs, log } = await stage.run();
    expect(code).toBe(0);
    expect(outputs).toMatchObject({ outcome: 'reached', 'request-id': IMPORT_ID });
    expect(log).toContain(IMPORT_ID);
  });
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
});
