import { describe, expect, it } from '@jest/globals';
import { fault } from '../../simulator/faults.ts';
import { IMPORT_ID, type Call, type Fault } from '../../simulator/ops-manager.ts';
import type { Script } from '../../simulator/scripted-import.ts';
import { eventually } from '../support/eventually.ts';
import { CREATE, hasRead, killed, RUNNING, Stage, warningsOf } from '../support/stage.ts';

const HOUR_MS = 3_600_000;
const OTHER_ID = '507f1f77bcf86cd799430000';
const OTHER: Script = { ...RUNNING, id: OTHER_ID };
const SUCCESS_SOON: Script = {
  steps: [
    ['PENDING', 0],
    ['SUCCESS', 500]
  ]
};

function isSent({ kind, isAuthenticated }: Call, wanted: Call['kind']): boolean {
  return isAuthenticated && kind === wanted;
}

/** Lets a call arrive whose answer is lost on the way. */
function losingAnswerOf(wanted: Call['kind']): Fault {
  return (call, ...rest) =>
    isSent(call, wanted) && fault('done, but its answer is lost', () => true)(call, ...rest);
}

describe('a create call', () => {
  it.concurrent('whose answer is lost before an outage is not sent again after it', async () => {
    let failing = 2;
    const lose = losingAnswerOf('create');
    await using stage = await Stage.set({
      imports: [],
      inputs: CREATE,
      create: () => SUCCESS_SOON,
      fault: (call, ...rest) => {
        if (lose(call, ...rest)) return true;
        const isDown = isSent(call, 'list') && stage.count('create') > 0 && failing-- > 0;
        return isDown && fault('503', () => true)(call, ...rest);
      }
    });
    const { code, outputs } = await stage.run();
    expect(outputs).toMatchObject({ outcome: 'reached', state: 'SUCCESS' });
    expect(code).toBe(0);
    expect(stage.count('create')).toBe(1);
    expect(stage.simulator.imports).toHaveLength(1);
  });

  it.concurrent('is not sent when less than 5 s are left for it', async () => {
    await using stage = await Stage.set({
      imports: [],
      inputs: { ...CREATE, timeout: '6s' },
      fault: (call, _response, forward) => {
        if (!isSent(call, 'list') || stage.count('list') > 1) return false;
        setTimeout(forward, 1_500);
        return true;
      }
    });
    const { code, outputs } = await stage.run();
    expect(code).toBe(1);
    expect(outputs).toMatchObject({
      outcome: 'timed-out',
      cancellation: 'not-needed',
      'request-id': ''
    });
    expect(outputs['title']).toContain('nothing was created');
    expect(stage.count('create')).toBe(0);
  });

  it.concurrent(
    'that never arrived lets no post step cancel what a colleague created an hour later',
    async () => {
      let passedMs = 0;
      await using stage = await Stage.set({
        imports: [{ id: OTHER_ID, listedAfterMs: HOUR_MS, steps: [['PENDING', HOUR_MS]] }],
        now: () => Date.now() + passedMs,
        inputs: CREATE,
        fault: fault('hang', (call) => isSent(call, 'create'))
      });
      const main = await killed(stage.start(), 'a create call', () => stage.count('create') > 0);
      passedMs = HOUR_MS + 1_000;
      const post = await stage.runPost(main);
      expect(stage.count('cancel')).toBe(0);
      expect(stage.simulator.state(OTHER_ID)).toBe('PENDING');
      const said = warningsOf(post).join('\n');
      expect(said).toContain('may still be running');
      expect(said).toContain(OTHER_ID);
    }
  );

  it.concurrent('that was accepted is followed up when the step is killed', async () => {
    await using stage = await Stage.set({
      imports: [OTHER],
      inputs: CREATE,
      create: () => ({ ...RUNNING, listedAfterMs: 1_000 })
    });
    const main = await killed(stage.start(), 'a creation', () => stage.count('create') > 0);
    await stage.runPost(main);
    expect(stage.simulator.runningImports().map(({ id }) => id)).toEqual([OTHER_ID]);
  });
});

describe('two steps that create in one project at once', () => {
  /** Lets both create calls arrive when both steps have read the list. */
  function holdingBoth(): Fault {
    const held: (() => void)[] = [];
    return (call, _response, forward) => {
      if (!isSent(call, 'create')) return false;
      held.push(forward);
      if (held.length === 2) for (const arrive of held) arrive();
      return true;
    };
  }

  it.concurrent('never both take one import for their own', async () => {
    // The other one is listed late, and does not make it.
    const scripts: Script[] = [
      { ...SUCCESS_SOON, id: OTHER_ID },
      {
        id: IMPORT_ID,
        listedAfterMs: 400,
        steps: [
          ['PENDING', 0],
          ['FAILED', 450]
        ]
      }
    ];
    await using stage = await Stage.set({
      imports: [],
      inputs: CREATE,
      create: () => scripts.shift() ?? RUNNING,
      fault: holdingBoth()
    });
    const results = await Promise.all([stage.run(), stage.run()]);
    expect(stage.simulator.imports).toHaveLength(2);
    for (const { code, outputs } of results) {
      expect(code).toBe(1);
      expect(outputs).toMatchObject({ outcome: 'error', cancellation: 'failed' });
      expect(outputs['message']).toContain(OTHER_ID);
      expect(outputs['message']).toContain(IMPORT_ID);
    }
    expect(stage.count('cancel')).toBe(0);
  });
});

describe('if-in-progress', () => {
  it.concurrent('create, the default, creates another one and names those that run', async () => {
    await using stage = await Stage.set({
      imports: [OTHER],
      inputs: CREATE,
      create: () => SUCCESS_SOON
    });
    const result = await stage.run();
    expect(result.outputs).toMatchObject({ outcome: 'reached' });
    expect(result.outputs['request-id']).not.toBe(OTHER_ID);
    expect(stage.simulator.imports).toHaveLength(2);
    expect(warningsOf(result)).toEqual([expect.stringContaining(OTHER_ID)]);
  });

  it.concurrent('adopt waits for the one that runs, and creates none', async () => {
    await using stage = await Stage.set({
      inputs: { ...CREATE, 'if-in-progress': 'adopt', 'goal-state': 'PENDING' }
    });
    const { code, outputs } = await stage.run();
    expect(code).toBe(0);
    expect(outputs).toMatchObject({ outcome: 'reached', 'request-id': IMPORT_ID });
    expect(stage.count('create')).toBe(0);
  });

  it.concurrent('adopt leaves alone what is not surely its own when time runs out', async () => {
    await using stage = await Stage.set({
      inputs: { ...CREATE, 'if-in-progress': 'adopt', timeout: '6s', 'stall-timeout': '1s' }
    });
    const { outputs } = await stage.run();
    expect(outputs).toMatchObject({ outcome: 'timed-out', cancellation: 'not-needed' });
    expect(stage.simulator.state()).toBe('PENDING');
    expect(stage.count('create')).toBe(0);
  });

  it.concurrent('adopt says nothing of the hosts that another import was asked for', async () => {
    await using stage = await Stage.set({
      imports: [{ id: IMPORT_ID, steps: [['AWAIT_HOSTS_DISCOVERED', 0]] }],
      inputs: { ...CREATE, 'if-in-progress': 'adopt', timeout: '6s', 'stall-timeout': '1s' },
      diagnosis: { hosts: [{ hostname: 'other.example.com', port: 27017 }] }
    });
    const { outputs, summary } = await stage.run();
    expect(outputs['outcome']).toBe('timed-out');
    expect(outputs['diagnosis']).toContain('knows 1 process of the project');
    expect(`${outputs['diagnosis']} ${summary}`).not.toContain('mongodb1');
    expect(summary).not.toContain('Required processes');
  });

  it.concurrent('adopt creates one where none runs', async () => {
    await using stage = await Stage.set({
      imports: [{ id: OTHER_ID, steps: [['SUCCESS', 0]] }],
      inputs: { ...CREATE, 'if-in-progress': 'adopt' },
      create: () => SUCCESS_SOON
    });
    const { outputs } = await stage.run();
    expect(outputs['outcome']).toBe('reached');
    expect(outputs['request-id']).not.toBe(OTHER_ID);
    expect(stage.count('create')).toBe(1);
  });

  it.concurrent.each(['adopt', 'fail'])(
    '%s among several is an error that names them all and touches none',
    async (policy) => {
      await using stage = await Stage.set({
        imports: [OTHER, RUNNING],
        inputs: { ...CREATE, 'if-in-progress': policy }
      });
      const main = await stage.run();
      expect(main.code).toBe(1);
      expect(main.outputs).toMatchObject({ outcome: 'error', cancellation: 'not-needed' });
      expect(main.outputs['message']).toContain(OTHER_ID);
      expect(main.outputs['message']).toContain(IMPORT_ID);
      expect((await stage.runPost(main)).raw).toBe('');
      expect(stage.simulator.runningImports()).toHaveLength(2);
      expect(stage.count('create')).toBe(0);
    }
  );

  it.concurrent('fail beside one that runs is an error, and nothing is created', async () => {
    await using stage = await Stage.set({ inputs: { ...CREATE, 'if-in-progress': 'fail' } });
    const main = await stage.run();
    expect(main.code).toBe(1);
    expect(main.outputs).toMatchObject({ outcome: 'error', cancellation: 'not-needed' });
    expect(main.outputs['message']).toContain(IMPORT_ID);
    expect(stage.count('create')).toBe(0);
    expect(stage.simulator.state()).toBe('PENDING');
  });

  it.concurrent('means nothing without import-request', async () => {
    await using stage = await Stage.set({
      inputs: { 'if-in-progress': 'fail', 'goal-state': 'PENDING' }
    });
    expect((await stage.run()).outputs['outcome']).toBe('reached');
  });
});

it.concurrent('a discovered import that turns out to be one of two is an error', async () => {
  await using stage = await Stage.set({
    imports: [OTHER, RUNNING],
    inputs: { 'request-id': 'in-progress', 'goal-state': 'PENDING' },
    fault: (call, response) => {
      if (!isSent(call, 'list') || stage.count('list') > 1) return false;
      const [, own] = stage.simulator.imports;
      const entry = own?.transitions(Date.now());
      const item = { id: own?.id, state: 'PENDING', transitionsHistory: entry };
      response.end(JSON.stringify({ results: [item] }));
      return true;
    }
  });
  const { code, outputs } = await stage.run();
  expect(code).toBe(1);
  expect(outputs).toMatchObject({ outcome: 'error', cancellation: 'not-needed' });
  expect(outputs['message']).toContain(OTHER_ID);
  expect(stage.simulator.runningImports()).toHaveLength(2);
});

it.concurrent('no output says that a goal is reached before a list says whose it is', async () => {
  let isUp = false;
  await using stage = await Stage.set({
    inputs: { 'request-id': 'in-progress', 'goal-state': 'PENDING' },
    fault: fault('503', (call) => isSent(call, 'list') && stage.count('list') > 1 && !isUp)
  });
  const step = stage.start();
  await eventually('a first read', () => hasRead(step));
  expect(step.outputs()).toMatchObject({
    outcome: 'interrupted',
    'goal-reached': 'false',
    state: 'PENDING'
  });
  isUp = true;
  const { code, outputs } = await step.result;
  expect(outputs).toMatchObject({ outcome: 'reached', 'goal-reached': 'true' });
  expect(code).toBe(0);
});
