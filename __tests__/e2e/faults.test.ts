import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { expect, it } from '@jest/globals';
import { fault, type FaultName } from '../../simulator/faults.ts';
import type { Call } from '../../simulator/ops-manager.ts';
import type { Step, StepResult } from '../../simulator/runner.ts';
import { eventually } from '../support/eventually.ts';
import { lateImport, Stage, type Scene } from '../support/stage.ts';

/** Calls of a step that times out, in their order. */
type Moment = 'first request' | 'cancel' | 'read-back';
const WAITING = { timeout: '1s', 'max-outage': '30s' };

/** What a step reports: its outcome and what became of the cancellation. */
type Report = readonly [outcome: string, cancellation: string];
const RIDDEN_OUT: Report = ['timed-out', 'confirmed'];
const NOT_STARTED: Report = ['error', 'not-needed'];

/** How the error table of the contract treats what happens once at each moment. */
const TREATMENTS: Readonly<Record<string, (moment: Moment) => Report>> = {
  'may pass': () => RIDDEN_OUT,
  'a wrong configuration as long as Ops Manager has never answered': (moment) =>
    moment === 'first request' ? NOT_STARTED : RIDDEN_OUT
};

/** One of each sort; what the wait makes of each call that fails, its own tests say. */
const FAULTS: readonly (readonly [Moment, FaultName, keyof typeof TREATMENTS])[] = [
  ['first request', 'hang', 'may pass'],
  ['first request', '403', 'a wrong configuration as long as Ops Manager has never answered'],
  ['cancel', 'hang', 'may pass'],
  ['cancel', 'done, but its answer is lost', 'may pass'],
  ['read-back', 'connection refused', 'may pass']
];

/** All that may pass in mid-wait, met one after the other by a few steps. */
const PASSING: readonly (readonly FaultName[])[] = [
  ['reset before the reply', 'malformed JSON', '429', '500 as HTML', '504', '404 as HTML'],
  ['slow drip', 'truncated JSON', '502', '503', '504 as HTML', '401 out of nowhere'],
  [
    'endless body',
    '200 with HTML',
    '429 with Retry-After',
    '500',
    '502 as HTML',
    'reset in mid-body'
  ]
];

/** Picks the one call of a moment. */
function onceAt(moment: Moment): (call: Call) => boolean {
  const counts = { all: 0, cancel: 0, readBack: 0 };
  return ({ kind, isAuthenticated }) => {
    counts.all += 1;
    if (isAuthenticated && kind === 'cancel') counts.cancel += 1;
    if (isAuthenticated && kind === 'read' && counts.cancel > 0) counts.readBack += 1;
    switch (moment) {
      case 'first request':
        return counts.all === 1;
      case 'cancel':
        return kind === 'cancel' && counts.cancel === 1;
      case 'read-back':
        return kind === 'read' && counts.readBack === 1;
    }
  };
}

/** Picks a call only once, and tells whether it ever did. */
function firstOf(picks: (call: Call) => boolean) {
  let hasStruck = false;
  return {
    strikes: (call: Call): boolean => {
      const isStruck = picks(call) && !hasStruck;
      hasStruck ||= isStruck;
      return isStruck;
    },
    hasStruck: () => hasStruck
  };
}

/** A hang is cut after a second; nothing else is cut, however slow this machine is. */
function limits(name: FaultName): Scene['inputs'] {
  return name === 'hang' || name === 'slow drip' ? { 'request-timeout': '1s' } : {};
}

/** No import is left running that nobody was told of: the step or its post step answers for it. */
async function expectAccountedFor(stage: Stage, main: StepResult): Promise<void> {
  const { cancellation } = main.outputs;
  // An error before any good read says nothing of an import that may be someone else's.
  if (cancellation === 'not-needed') return;
  if (cancellation === 'confirmed') {
    expect(stage.simulator.state()).toBe('CANCELLED');
    return;
  }
  const post = await stage.runPost(main);
  expect(['requested', 'refused', 'failed']).toContain(cancellation);
  expect(main.outputs['message']).toContain('may still be running');
  expect(stage.simulator.state()).toBe('CANCELLED');
  expect(post.annotations.map(({ level }) => level)).toContain('warning');
  expect(post.summary).toContain('cancelled');
}

// All tests stand in one block: Jest runs only those of one block at once.
it.concurrent.each(PASSING.map((names) => ({ names })))(
  'troubles that pass, one after the other, do not keep the gate from opening: $names',
  async ({ names }) => {
    const left = [...names];
    const { imports, now, jump } = lateImport('SUCCESS');
    let isTurn = false;
    await using stage = await Stage.set({
      imports,
      now,
      inputs: { 'poll-interval': '1s', 'request-timeout': '1s' },
      fault: (call, ...rest) => {
        if (call.kind !== 'read' || !call.isAuthenticated) return false;
        isTurn = !isTurn;
        // The first read is good, and so is one after each trouble.
        const name = isTurn ? undefined : left.shift();
        if (left.length === 0) jump();
        return name !== undefined && fault(name, () => true)(call, ...rest);
      }
    });
    const { code, outputs, log } = await stage.run();
    expect(left).toEqual([]);
    expect(code).toBe(0);
    expect(outputs['outcome']).toBe('reached');
    expect(log).not.toContain('Ops Manager refused');
  }
);

it.concurrent.each(FAULTS.map(([moment, name, treatment]) => ({ moment, name, treatment })))(
  'on the way of the call: $moment: $name is $treatment',
  async ({ moment, name, treatment }) => {
    const [outcome, cancellation] = TREATMENTS[treatment]?.(moment) ?? [];
    const { strikes, hasStruck } = firstOf(onceAt(moment));
    await using stage = await Stage.set({
      inputs: { ...WAITING, ...limits(name) },
      fault: fault(name, strikes)
    });
    const result = await stage.run();
    expect(hasStruck()).toBe(true);
    expect(result.outputs).toMatchObject({ outcome, cancellation, 'goal-reached': 'false' });
    expect(result.code).toBe(1);
    await expectAccountedFor(stage, result);
  }
);

function hasGivenUp(step: Step): boolean {
  return step.outputs()['outcome'] === 'unreachable';
}

it.concurrent('trouble that lasts is an outage that ends the wait, and the import', async () => {
  await using stage = await Stage.set({
    inputs: { 'max-outage': '1s', ...limits('hang') },
    fault: fault('hang', () => stage.count('read') > 1 && !hasGivenUp(step))
  });
  const step = stage.start();
  const result = await step.result;
  expect(result.outputs).toMatchObject({ outcome: 'unreachable', cancellation: 'confirmed' });
  expect(result.log.match(/Trying again\.$/gm)).toHaveLength(1);
  await expectAccountedFor(stage, result);
});

it.concurrent(
  'trouble that lasts ends the wait also when nothing listens any more, until it can cancel',
  async () => {
    await using stage = await Stage.set({ inputs: { 'max-outage': '1s' } });
    const step = stage.start();
    await eventually('a first read', () => stage.count('read') > 0);
    await stage.simulator.goDown();
    await eventually('giving up', () => hasGivenUp(step));
    await stage.simulator.comeBack();
    const result = await step.result;
    expect(result.outputs).toMatchObject({ outcome: 'unreachable', cancellation: 'confirmed' });
    await expectAccountedFor(stage, result);
  }
);

it.concurrent(
  'trouble that is a nonce aged at every request is no refusal of the key',
  async () => {
    await using stage = await Stage.set({
      inputs: { 'max-outage': '1s' },
      fault: fault('aged nonce', () => !hasGivenUp(step))
    });
    const step = stage.start();
    const { outputs } = await step.result;
    expect(outputs).toMatchObject({ outcome: 'unreachable', cancellation: 'confirmed' });
    expect(outputs['message']).not.toContain('private-key');
  }
);

it.concurrent(
  'trouble that is a key revoked in mid-wait ends the step, and both steps say so',
  async () => {
    let reads = 0;
    await using stage = await Stage.set({
      inputs: { 'max-outage': '1s' },
      fault: fault('401 out of nowhere', ({ kind, isAuthenticated }) => {
        if (kind === 'read' && isAuthenticated) reads += 1;
        return reads > 1;
      })
    });
    const main = await stage.run();
    expect(main.outputs).toMatchObject({
      outcome: 'unreachable',
      cancellation: 'refused',
      state: 'PENDING'
    });
    expect(main.outputs['message']).toContain('may still be running');
    const post = await stage.runPost(main);
    expect(post.annotations.map(({ message }) => message)).toContainEqual(
      expect.stringContaining('may still be running')
    );
    expect(post.summary).toContain('may still be running');
  }
);

it.concurrent('a redirect gets no request, and a Basic challenge gets no password', async () => {
  let redirected = 0;
  const elsewhere = createServer((_request, response) => {
    redirected += 1;
    response.end();
  });
  await new Promise<void>((resolve) => elsewhere.listen(0, '127.0.0.1', resolve));
  const { port } = elsewhere.address() as AddressInfo;
  try {
    await using stage = await Stage.set({
      fault: (_call, response) => {
        response.writeHead(307, { Location: `http://127.0.0.1:${port}/` }).end();
        return true;
      }
    });
    const { outputs } = await stage.run();
    expect(outputs['message']).toContain('which is never followed');
  } finally {
    await new Promise((resolve) => elsewhere.close(resolve));
  }
  expect(redirected).toBe(0);

  await using gateway = await Stage.set({ fault: fault('Basic challenge', () => true) });
  const { outputs } = await gateway.run();
  expect(outputs['message']).toContain('never sent in any form but a digest');
  expect(gateway.simulator.calls.map(({ headers }) => headers.authorization)).toEqual([undefined]);
});
