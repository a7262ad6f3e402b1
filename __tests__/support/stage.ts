import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parse } from 'yaml';
import {
  IMPORT_ID,
  PRIVATE_KEY,
  PROJECT_ID,
  PUBLIC_KEY,
  Simulator,
  type SimulatorOptions
} from '../../simulator/ops-manager.ts';
import {
  startPostStep,
  startStep,
  type Step,
  type StepOptions,
  type StepResult
} from '../../simulator/runner.ts';
import type { Script } from '../../simulator/scripted-import.ts';
import { eventually } from './eventually.ts';
import { quickClock } from './quick-clock.ts';
import { SHORT_LIVED } from './short-lived.ts';

const ACTION = join(import.meta.dirname, '..', '..', 'action.yml');

/** What every step writes, however it ends. */
export const OUTPUT_NAMES: readonly string[] = Object.keys(
  (parse(readFileSync(ACTION, 'utf8')) as { readonly outputs: object }).outputs
).sort();

/** The inputs of a step that creates its import. */
export const CREATE: Readonly<Record<string, string>> = {
  'request-id': '',
  'import-request': JSON.stringify({
    seedHostport: 'mongodb1.example.com:27017',
    requiredProcesses: ['mongodb1.example.com:27017', 'mongodb2.example.com:27017']
  })
};

/** An import that stays where it is until someone ends it. */
export const RUNNING: Script = { id: IMPORT_ID, steps: [['PENDING', 0]] };

const HOUR_MS = 3_600_000;

/** An import that enters `state` when a test says so: `jump` puts Ops Manager’s clock forward. */
export function lateImport(state: string) {
  let passedMs = 0;
  return {
    imports: [
      {
        id: IMPORT_ID,
        steps: [
          ['PENDING', 0],
          [state, HOUR_MS / 2]
        ] as const
      }
    ],
    now: () => Date.now() + passedMs,
    jump: () => {
      passedMs = HOUR_MS;
    }
  };
}

/** What an Ops Manager does, and what a step in front of it is told. */
export interface Scene extends SimulatorOptions {
  /** In addition to what every step needs; an empty text leaves an input out. */
  readonly inputs?: Readonly<Record<string, string>>;
  readonly env?: StepOptions['env'];
  /** Paths of the runner's files that the step is told instead. */
  readonly files?: StepOptions['files'];
  /** A file that takes the log. */
  readonly stdout?: string;
  /** How many times as fast as the machine's the clocks of the steps and of Ops Manager run. */
  readonly speed?: number;
}

/** A half minute of the steps' clocks then takes three seconds, and the look of a post step four and a half. */
export const QUICK = {
  speed: 10,
  // However slow the machine is, no request is cut, and the time is not over.
  inputs: { 'request-timeout': '10m', timeout: '1h' }
} as const;

/**
 * A simulated Ops Manager and the bundle as a process in front of it:
 * `await using stage = await Stage.set(…)` ends both, whatever a test does.
 */
export class Stage {
  readonly simulator: Simulator;
  readonly options: StepOptions;
  readonly #steps: Step[] = [];

  private constructor(simulator: Simulator, { inputs = {}, env = {}, files, stdout }: Scene) {
    this.simulator = simulator;
    const basics = {
      'base-url': simulator.url,
      'project-id': PROJECT_ID,
      'request-id': IMPORT_ID,
      'public-key': PUBLIC_KEY,
      'private-key': PRIVATE_KEY,
      // A step that never comes to its end is a failed test, and must not outlive it.
      timeout: '2m'
    };
    this.options = {
      ...SHORT_LIVED,
      inputs: { ...basics, ...inputs },
      env,
      ...(files && { files }),
      ...(stdout !== undefined && { stdout })
    };
  }

  static async set({ speed = 1, ...scene }: Scene = {}): Promise<Stage> {
    const { now, nodeOption } = quickClock(speed);
    const clock = speed === 1 ? {} : { now };
    const simulator = await Simulator.start({ imports: [RUNNING], ...clock, ...scene });
    const options = `${nodeOption} ${scene.env?.['NODE_OPTIONS'] ?? ''}`;
    const env = speed === 1 ? scene.env : { ...scene.env, NODE_OPTIONS: options };
    return new Stage(simulator, { ...scene, env });
  }

  /** Starts the main step. */
  start(): Step {
    const step = startStep(this.options);
    this.#steps.push(step);
    return step;
  }

  /** Runs the main step to its end. */
  async run(): Promise<StepResult> {
    return this.start().result;
  }

  /** Starts the post step that belongs to a main step; `inputs` have changed meanwhile. */
  startPost(
    main: Pick<StepResult, 'state' | 'masker'>,
    inputs: StepOptions['inputs'] = {},
    more: Partial<StepOptions> = {}
  ): Step {
    const options = { ...this.options, ...more, inputs: { ...this.options.inputs, ...inputs } };
    const step = startPostStep(options, main);
    this.#steps.push(step);
    return step;
  }

  /** Runs the post step that belongs to a main step to its end. */
  async runPost(
    main: Pick<StepResult, 'state' | 'masker'>,
    inputs: StepOptions['inputs'] = {},
    more: Partial<StepOptions> = {}
  ): Promise<StepResult> {
    return this.startPost(main, inputs, more).result;
  }

  /** How many calls of a kind were authenticated so far. */
  count(kind: Simulator['calls'][number]['kind']): number {
    return this.simulator.calls.filter((call) => call.isAuthenticated && call.kind === kind).length;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const step of this.#steps) step.process.kill('SIGKILL');
    await Promise.all(this.#steps.map(async ({ result }) => result));
    await this.simulator.close();
  }
}

/** Whether the step has read its import and has written all it knows of it. */
export function hasRead(step: Step): boolean {
  return (step.outputs()['state'] ?? '') !== '';
}

/** Whether the step has said how its wait ended; until then it says what a kill would mean. */
export function hasEnded(step: Step): boolean {
  return !['', 'interrupted'].includes(step.outputs()['outcome'] ?? '');
}

/** Kills a step as soon as something is so; its process has no time to say anything. */
export async function killed(step: Step, what: string, isSo: () => boolean): Promise<StepResult> {
  await eventually(what, isSo);
  step.process.kill('SIGKILL');
  return step.result;
}

/** The warnings of a step, without the one about plain HTTP that the simulator earns. */
export function warningsOf({ annotations }: StepResult): string[] {
  return annotations
    .filter(({ level, message }) => level === 'warning' && !message.startsWith('base-url'))
    .map(({ title, message }) => `${title}: ${message}`);
}
