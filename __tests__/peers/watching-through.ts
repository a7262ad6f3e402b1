import { expect, it } from '@jest/globals';
import {
  IMPORT_ID,
  PRIVATE_KEY,
  PROJECT_ID,
  PUBLIC_KEY,
  Simulator
} from '../../simulator/ops-manager.ts';
import { startStep, type Step } from '../../simulator/runner.ts';
import type { Script } from '../../simulator/scripted-import.ts';
import { eventually } from '../support/eventually.ts';
import type { Peer } from '../support/peer.ts';

type Inputs = Readonly<Record<string, string>>;

/** The bundle in front of a server of others, which asks for the digest that Ops Manager does not. */
class Passage {
  readonly simulator: Simulator;
  readonly #peer: Peer;

  private constructor(simulator: Simulator, peer: Peer) {
    this.simulator = simulator;
    this.#peer = peer;
  }

  static async open(start: (upstream: string) => Promise<Peer>, script: Script): Promise<Passage> {
    const simulator = await Simulator.start({ authentication: false });
    try {
      const peer = await start(simulator.url);
      // Some take their time to start, in which the import would end.
      simulator.add(script);
      return new Passage(simulator, peer);
    } catch (error) {
      await simulator.close();
      throw error;
    }
  }

  step(inputs: Inputs = {}): Step {
    const basics = {
      'base-url': this.#peer.url,
      'project-id': PROJECT_ID,
      'request-id': IMPORT_ID,
      'public-key': PUBLIC_KEY,
      'private-key': PRIVATE_KEY,
      'poll-interval': '2s'
    };
    return startStep({ inputs: { ...basics, ...inputs } });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#peer[Symbol.asyncDispose]();
    await this.simulator.close();
  }
}

const RUNNING: Script = { id: IMPORT_ID, steps: [['PENDING', 0]] };
const SUCCEEDING: Script = {
  id: IMPORT_ID,
  steps: [
    ['PENDING', 0],
    ['AWAIT_GOAL_STATE', 2_000],
    ['SUCCESS', 6_000]
  ]
};

/** The three ways through a digest of others: to the goal, to the deadline, and out by a signal. */
export function itWatchesImportsThrough(start: (upstream: string) => Promise<Peer>): void {
  it.concurrent('waits until the import has succeeded, without trouble', async () => {
    await using passage = await Passage.open(start, SUCCEEDING);
    const { outputs, code, annotations } = await passage.step().result;
    expect(outputs).toMatchObject({ outcome: 'reached', state: 'SUCCESS' });
    expect(code).toBe(0);
    const messages = annotations.map(({ message }) => message);
    expect(messages).toEqual([expect.stringMatching(/plain HTTP/)]);
    expect(passage.simulator.calls.length).toBeGreaterThan(3);
  });

  it.concurrent('gives up at the deadline and cancels the import', async () => {
    await using passage = await Passage.open(start, RUNNING);
    const { outputs } = await passage.step({ timeout: '3s' }).result;
    expect(outputs).toMatchObject({ outcome: 'timed-out', cancellation: 'confirmed' });
    expect(passage.simulator.state()).toBe('CANCELLED');
  });

  it.concurrent('cancels the import when it is interrupted', async () => {
    await using passage = await Passage.open(start, RUNNING);
    const step = passage.step();
    await eventually('it has read', () => passage.simulator.calls.length > 0);
    step.process.kill('SIGINT');
    const { outputs } = await step.result;
    expect(outputs).toMatchObject({ outcome: 'interrupted', cancellation: 'confirmed' });
    expect(passage.simulator.state()).toBe('CANCELLED');
  });

  it.concurrent('is told of a wrong key at once', async () => {
    await using passage = await Passage.open(start, RUNNING);
    const { outputs } = await passage.step({ 'private-key': 'another-key' }).result;
    expect(outputs).toMatchObject({ outcome: 'error' });
    expect(outputs['message']).toMatch(/HTTP 401.*private-key/);
    expect(passage.simulator.calls).toEqual([]);
  });
}
