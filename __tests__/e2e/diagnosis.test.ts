import { describe, expect, it } from '@jest/globals';
import type { DiagnosisScript } from '../../simulator/diagnosis-api.ts';
import { fault } from '../../simulator/faults.ts';
import { IMPORT_ID, type Call } from '../../simulator/ops-manager.ts';
import type { StepResult } from '../../simulator/runner.ts';
import type { Script } from '../../simulator/scripted-import.ts';
import { eventually } from '../support/eventually.ts';
import {
  CREATE,
  hasEnded,
  killed,
  lateImport,
  QUICK,
  Stage,
  warningsOf
} from '../support/stage.ts';

const HOUR_MS = 3_600_000;
const HOST = 'mongodb3.example.com';
const SAYS = 'open /data/0/mongod.lock: permission denied';
const BROKEN: DiagnosisScript = {
  agents: [{ hostname: HOST }],
  automation: {
    goalVersion: 5,
    processes: [
      {
        name: 'rs0_3',
        hostname: HOST,
        version: -1,
        plan: ['Start'],
        error: { errorCode: 100, errorString: SAYS }
      }
    ]
  }
};
const IN_GOAL_STATE: Script = {
  id: IMPORT_ID,
  startedMsAgo: HOUR_MS,
  steps: [
    ['PENDING', 0],
    ['AWAIT_GOAL_STATE', 1_000]
  ]
};
const FAILED: Script = {
  ...IN_GOAL_STATE,
  steps: [...IN_GOAL_STATE.steps, ['FAILED', 60_000]]
};

const ASKING: readonly Call['kind'][] = ['status', 'agents', 'hosts'];

function isAsking({ kind }: Call): boolean {
  return ASKING.includes(kind);
}

/** What was asked for, in order, without the calls that only made a challenge come. */
function kindsOf({ simulator }: Stage): Call['kind'][] {
  return simulator.calls.filter((call) => call.isAuthenticated).map(({ kind }) => kind);
}

interface Item {
  readonly finding: string;
  readonly kind: string;
  readonly process?: string;
  readonly host?: string;
}

function itemsOf({ outputs }: StepResult): Item[] {
  return JSON.parse(outputs['diagnosis'] ?? '') as Item[];
}

describe('the diagnosis', () => {
  it.concurrent.each([
    {
      name: 'stalled',
      imports: [IN_GOAL_STATE],
      inputs: { 'stall-timeout': '1s' },
      outcome: 'stalled'
    },
    { name: 'failed', imports: [FAILED], inputs: { 'delete-failed': 'true' }, outcome: 'failed' }
  ])('of an import that $name is told on every channel', async (example) => {
    const { imports, inputs, outcome } = example;
    await using stage = await Stage.set({ imports, inputs, diagnosis: BROKEN });
    const result = await stage.run();
    expect(result.outputs['outcome']).toBe(outcome);
    expect(itemsOf(result)[0]).toMatchObject({ kind: 'error', process: 'rs0_3', host: HOST });
    expect(result.outputs['message']).toContain(SAYS);
    const error = result.annotations.find(({ level }) => level === 'error');
    expect(error?.message).toContain(SAYS);
    expect(result.log).toContain(SAYS);
    expect(result.summary.replaceAll('\\', '')).toContain(SAYS);
    // Afterwards the evidence may be gone.
    const kinds = kindsOf(stage);
    const end = kinds.findIndex((kind) => kind === 'cancel' || kind === 'delete');
    expect(end).toBeGreaterThan(kinds.indexOf('status'));
    expect(kinds.lastIndexOf('agents')).toBeLessThan(end);
  });

  it.concurrent(
    'is whole items of at most 64 KiB, and no output is longer than a variable',
    async () => {
      const processes = Array.from({ length: 300 }, (_, n) => ({
        name: `rs${n}_${'ö'.repeat(100)}`,
        hostname: `mongodb${n}.${'h'.repeat(200)}.example.com`,
        version: -1,
        error: { errorCode: 100, errorString: `${n} ${'ü'.repeat(400)}` }
      }));
      await using stage = await Stage.set({
        imports: [FAILED],
        diagnosis: { automation: { goalVersion: 5, processes } }
      });
      const result = await stage.run();
      expect(itemsOf(result).length).toBeGreaterThan(5);
      expect(Buffer.byteLength(result.outputs['diagnosis'] ?? '')).toBeLessThanOrEqual(64 * 1024);
      const lengths = Object.values(result.outputs).map((value) => Buffer.byteLength(value));
      expect(Math.max(...lengths)).toBeLessThan(128 * 1024);
    }
  );

  it.concurrent('is not asked for when the user does not want it', async () => {
    await using stage = await Stage.set({
      imports: [IN_GOAL_STATE],
      inputs: { 'stall-timeout': '1s', diagnose: 'false' },
      diagnosis: BROKEN
    });
    const { outputs } = await stage.run();
    expect(outputs).toMatchObject({ outcome: 'stalled', diagnosis: '[]' });
    expect(stage.simulator.calls.filter(isAsking)).toEqual([]);
  });

  it.concurrent('is dropped when the import has reached its goal meanwhile', async () => {
    const { jump, ...scene } = lateImport('SUCCESS');
    await using stage = await Stage.set({
      ...scene,
      diagnosis: BROKEN,
      inputs: { 'stall-timeout': '1s' },
      fault: (call) => {
        if (call.isAuthenticated && isAsking(call)) jump();
        return false;
      }
    });
    const { code, outputs } = await stage.run();
    expect(outputs).toMatchObject({ outcome: 'reached', diagnosis: '[]' });
    expect(outputs['message']).not.toContain(SAYS);
    expect(code).toBe(0);
    expect(stage.count('cancel')).toBe(0);
  });

  it.concurrent.each(['hang', '403'] as const)(
    'that meets trouble (%s) changes nothing of what becomes of the import',
    async (name) => {
      await using stage = await Stage.set({
        imports: [IN_GOAL_STATE],
        inputs: { ...QUICK.inputs, 'stall-timeout': '30s' },
        // All questions together have ten seconds.
        speed: 8,
        fault: fault(name, isAsking)
      });
      const result = await stage.run();
      expect(result.outputs).toMatchObject({ outcome: 'stalled', cancellation: 'confirmed' });
      expect(new Set(itemsOf(result).map(({ kind }) => kind))).toEqual(new Set(['not-asked']));
      expect(stage.simulator.state()).toBe('CANCELLED');
    }
  );

  it.concurrent('is asked for though a look beside the wait is under way', async () => {
    await using stage = await Stage.set({
      imports: [IN_GOAL_STATE],
      inputs: { 'stall-timeout': '1s' },
      diagnosis: BROKEN,
      fault: (call, _response, forward) => {
        if (call.kind !== 'status') return false;
        // Longer than the pause between two looks.
        setTimeout(forward, 400);
        return true;
      }
    });
    const result = await stage.run();
    expect(result.outputs['outcome']).toBe('stalled');
    expect(itemsOf(result)[0]).toMatchObject({ kind: 'error', process: 'rs0_3' });
    expect(itemsOf(result).map(({ kind }) => kind)).not.toContain('not-asked');
  });

  it.concurrent('that hangs holds up no signal', async () => {
    await using stage = await Stage.set({
      imports: [IN_GOAL_STATE],
      inputs: { 'stall-timeout': '1s' },
      fault: fault('hang', isAsking)
    });
    const step = stage.start();
    await eventually('a question', () => stage.simulator.calls.some(isAsking) && hasEnded(step));
    step.process.kill('SIGINT');
    const { outputs } = await step.result;
    expect(outputs).toMatchObject({ outcome: 'stalled', cancellation: 'confirmed' });
  });

  it.concurrent('has published how the wait ended before it asks', async () => {
    let published: string | undefined;
    await using stage = await Stage.set({
      imports: [FAILED],
      fault: (call) => {
        if (isAsking(call)) published ??= step.outputs()['outcome'];
        return false;
      }
    });
    const step = stage.start();
    await step.result;
    expect(published).toBe('failed');
  });

  it.concurrent(
    'knows required hosts though a secret is a part of their names, and has them without their ports',
    async () => {
      const body = JSON.parse(CREATE['import-request'] ?? '') as object;
      await using stage = await Stage.set({
        imports: [],
        inputs: {
          ...CREATE,
          'import-request': JSON.stringify({ ...body, username: 'u', password: 'mongodb1' })
        },
        create: () => ({
          steps: [
            ['PENDING', 0],
            ['AWAIT_HOSTS_DISCOVERED', 1],
            ['FAILED', 2]
          ]
        }),
        diagnosis: {
          agents: ['mongodb1', 'mongodb2'].map((name) => ({ hostname: `${name}.example.com` })),
          hosts: [{ hostname: 'mongodb1.example.com' }]
        }
      });
      const result = await stage.run();
      expect(result.outputs['outcome']).toBe('failed');
      expect(itemsOf(result)).toMatchObject([
        { kind: 'host-unknown', host: 'mongodb2.example.com', port: 27_017 },
        {
          kind: 'hosts-found',
          finding: expect.stringContaining('knows 1 of 2 required processes.')
        }
      ]);
      expect(warningsOf(result)).toEqual([]);
    }
  );

  it.concurrent('before a creation that hangs leaves the creation its time', async () => {
    await using stage = await Stage.set({
      imports: [],
      inputs: { ...CREATE, ...QUICK.inputs },
      speed: QUICK.speed,
      create: () => ({ steps: [['SUCCESS', 0]] }),
      fault: fault('hang', isAsking)
    });
    const { outputs } = await stage.run();
    expect(outputs['outcome']).toBe('reached');
  });

  it.concurrent('before a creation names hosts without an agent in a warning', async () => {
    await using stage = await Stage.set({
      imports: [],
      inputs: CREATE,
      diagnosis: { agents: [{ hostname: 'mongodb1.example.com' }] }
    });
    const result = await killed(stage.start(), 'a creation', () => stage.count('create') > 0);
    expect(warningsOf(result)).toEqual([expect.stringContaining('mongodb2.example.com')]);
    expect(kindsOf(stage).indexOf('agents')).toBeLessThan(kindsOf(stage).indexOf('create'));
  });
});
