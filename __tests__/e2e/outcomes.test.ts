import { describe, expect, it } from '@jest/globals';
import { fault } from '../../simulator/faults.ts';
import { IMPORT_ID } from '../../simulator/ops-manager.ts';
import type { StepResult } from '../../simulator/runner.ts';
import { sampleSteps } from '../../simulator/scripted-import.ts';
import { eventually } from '../support/eventually.ts';
import { hasRead, OUTPUT_NAMES, RUNNING, Stage, type Scene } from '../support/stage.ts';
import { textOf } from '../support/rendered-text.ts';

const MINUTE_MS = 60_000;
/** An import of the past: what happened is dated, so that it can be compared. */
function ended(state: string, afterSteps: number): Scene {
  const steps = sampleSteps(undefined).slice(0, afterSteps);
  return {
    imports: [
      { id: IMPORT_ID, startedMsAgo: 20 * MINUTE_MS, steps: [...steps, [state, 15 * MINUTE_MS]] }
    ]
  };
}

interface Case {
  readonly name: string;
  /** `outcome` is what the step says of itself at that time. */
  readonly scene: Scene | ((outcome: () => string | undefined) => Scene);
  readonly interrupt?: NodeJS.Signals;
  /** Of a step that fails. */
  readonly title?: RegExp;
  readonly outputs: Readonly<Record<string, string>>;
}

const CASES: readonly Case[] = [
  {
    name: 'reached',
    scene: ended('SUCCESS', 5),
    outputs: {
      'goal-reached': 'true',
      state: 'SUCCESS',
      'last-phase': 'AWAIT_GOAL_STATE',
      cancellation: 'not-needed',
      cleanup: 'not-needed',
      'import-seconds': '900'
    }
  },
  {
    name: 'failed',
    scene: ended('FAILED', 3),
    title: /failed in AWAIT_HOSTS_DISCOVERED/,
    outputs: {
      state: 'FAILED',
      'last-phase': 'AWAIT_HOSTS_DISCOVERED',
      cancellation: 'not-needed',
      cleanup: 'skipped',
      'import-seconds': '900'
    }
  },
  {
    name: 'cancelled',
    scene: ended('CANCELLED', 2),
    title: /cancelled in AWAIT_SEED_HOST_CONNECTED/,
    outputs: {
      state: 'CANCELLED',
      'last-phase': 'AWAIT_SEED_HOST_CONNECTED',
      cancellation: 'not-needed',
      cleanup: 'not-needed',
      'import-seconds': '900'
    }
  },
  {
    name: 'timed-out',
    scene: { inputs: { timeout: '1s' } },
    title: /Timed out.*PENDING.*import cancelled/i,
    outputs: { state: 'CANCELLED', 'last-phase': 'PENDING', cancellation: 'confirmed' }
  },
  {
    name: 'stalled',
    scene: { inputs: { 'stall-timeout': '1s' } },
    title: /Stalled.*PENDING.*import cancelled/i,
    outputs: { state: 'CANCELLED', 'last-phase': 'PENDING', cancellation: 'confirmed' }
  },
  {
    name: 'interrupted',
    scene: {},
    interrupt: 'SIGINT',
    title: /Interrupted.*PENDING.*import cancelled/i,
    outputs: { state: 'CANCELLED', 'last-phase': 'PENDING', cancellation: 'confirmed' }
  },
  {
    name: 'unreachable',
    scene: (outcome) => {
      let reads = 0;
      return {
        inputs: { 'max-outage': '1s' },
        fault: fault('503 as HTML', ({ kind, isAuthenticated }) => {
          if (kind === 'read' && isAuthenticated) reads += 1;
          return reads > 1 && outcome() !== 'unreachable';
        })
      };
    },
    title: /PENDING.*import cancelled/,
    outputs: { state: 'CANCELLED', 'last-phase': 'PENDING', cancellation: 'confirmed' }
  },
  {
    name: 'error',
    scene: { fault: fault('403', ({ isAuthenticated }) => isAuthenticated) },
    title: /./,
    outputs: { state: '', 'last-phase': '', cancellation: 'not-needed', history: '[]' }
  }
];

describe('each outcome', () => {
  it.concurrent.each(CASES)('$name is reported on every channel', async (example) => {
    const { name, scene, interrupt, outputs } = example;
    const outcomeNow = (): string | undefined => step.outputs()['outcome'];
    await using stage = await Stage.set(typeof scene === 'function' ? scene(outcomeNow) : scene);
    const step = stage.start();
    if (interrupt) {
      await eventually('a transition in the log', () => hasRead(step));
      step.process.kill(interrupt);
    }
    const result = await step.result;

    expect(Object.keys(result.outputs).sort()).toEqual(OUTPUT_NAMES);
    expect(result.outputs).toMatchObject({
      outcome: name,
      'goal-reached': 'false',
      'request-id': IMPORT_ID,
      ...(outputs['history'] === undefined && {
        history: JSON.stringify(stage.simulator.imports[0]?.transitions(Date.now()))
      }),
      cleanup: 'not-needed',
      ...outputs
    });
    expect(result.outputs['waited-seconds']).toMatch(/^\d+$/);
    expect(result.outputs['import-seconds']).toMatch(name === 'error' ? /^$/ : /^\d+$/);
    expect(result.code).toBe(name === 'reached' ? 0 : 1);
    expectReport(result, example);
    expect(unexpectedLines(result, example)).toEqual([]);
  });
});

function expectReport({ annotations, outputs, summary }: StepResult, { title }: Case): void {
  const errors = annotations.filter(({ level }) => level === 'error');
  const message = outputs['message'] ?? '';
  const headline = outputs['title'] ?? '';
  expect(`${message}${headline}`).not.toMatch(/[\r\n]/);
  expect(message).not.toBe('');
  expect(errors.map((error) => error.title)).toEqual(title === undefined ? [] : [headline]);
  // Sentences stand on lines of their own in an annotation, and say nothing that the title says.
  for (const sentence of errors.flatMap((error) => error.message.split('\n')))
    expect(message).toContain(sentence);
  if (title) expect(headline).toMatch(title);
  expect(textOf(summary)).toContain(headline);
}

/** What is in the log beside one line for the start, each transition, an outage, the asking and the end. */
function unexpectedLines({ log, annotations, outputs }: StepResult, { name }: Case): string[] {
  const told = annotations.flatMap(({ level, message }) =>
    `${level.charAt(0).toUpperCase()}${level.slice(1)}: ${message}`.split('\n')
  );
  const isAsked = outputs['cancellation'] === 'confirmed';
  const [first = '', ...lines] = log.split('\n').filter((line) => !told.includes(line));
  expect(first).toContain(IMPORT_ID);
  return lines.filter((line) => {
    if (/^\d{4}-\d\d-\d\d \d\d:\d\d:\d\d UTC {2}[A-Z_]+( +[A-Z_]+ took [\w ]+)?$/.test(line))
      return false;
    if (name === 'reached' && line === outputs['message']) return false;
    if (name !== 'reached' && line.endsWith(outputs['title'] ?? '')) return false;
    if (name === 'unreachable' && line.includes('HTTP 503')) return false;
    // On a slow machine the deadline may cut the first read.
    if (name === 'timed-out' && /ETIMEDOUT|answers again/.test(line)) return false;
    // The checks of the phase, in a group.
    if (line.startsWith('- ')) return name === 'reached';
    return !(isAsked && / UTC {2}.*cancel/.test(line));
  });
}

describe('a goal on the way', () => {
  const goal = { 'goal-state': 'await_goal_state' };

  it.concurrent('opens at that state, and leaves the import running', async () => {
    const imports = [{ ...RUNNING, steps: sampleSteps(undefined), startedMsAgo: 13 * MINUTE_MS }];
    await using stage = await Stage.set({ imports, inputs: goal });
    const { code, outputs } = await stage.run();
    expect(code).toBe(0);
    expect(outputs).toMatchObject({
      outcome: 'reached',
      'goal-reached': 'true',
      state: 'AWAIT_GOAL_STATE',
      cancellation: 'not-needed'
    });
    expect(stage.count('cancel')).toBe(0);
    expect(stage.simulator.state()).toBe('AWAIT_GOAL_STATE');
  });
});

describe('an error', () => {
  it.concurrent('of the key ends the step in four requests at most, with the hint', async () => {
    await using stage = await Stage.set({ inputs: { 'private-key': 'another-key' } });
    const { code, outputs } = await stage.run();
    expect(code).toBe(1);
    expect(outputs).toMatchObject({ outcome: 'error', cancellation: 'not-needed' });
    expect(outputs['message']).toMatch(/HTTP 401.*Check public-key and private-key/);
    expect(stage.simulator.calls.length).toBeLessThanOrEqual(4);
    expect(stage.simulator.state()).toBe('PENDING');
  });

  it.concurrent('names all seven inputs that are wrong, before any request', async () => {
    const wrong = {
      'base-url': 'ftp://ops-manager.example.com',
      'project-id': 'my-project',
      'request-id': '42',
      'goal-state': 'DONE',
      timeout: '1hour',
      'poll-interval': '0s',
      'cancel-on-timeout': 'maybe'
    };
    await using stage = await Stage.set({ inputs: wrong });
    const { code, outputs, annotations, summary } = await stage.run();
    expect(code).toBe(1);
    expect(outputs).toMatchObject({ outcome: 'error', history: '[]', cancellation: 'not-needed' });
    expect(outputs['message']).toMatch(/^7 inputs are wrong\./);
    for (const name of Object.keys(wrong)) expect(outputs['message']).toContain(`${name}: `);
    expect(annotations).toHaveLength(1);
    expect(annotations[0]).toMatchObject({ level: 'error', title: '7 inputs are wrong' });
    expect(summary).toContain('7 inputs are wrong');
    expect(stage.simulator.calls).toEqual([]);
  });
});
