import { describe, expect, it } from '@jest/globals';
import type { Script } from '../../simulator/scripted-import.ts';
import { foreignPage, hang, lostAnswer, replies, reset, unavailable } from '../support/faults.ts';
import {
  CREATE,
  GateUnderTest,
  HOUR,
  kindsOf,
  MINUTE,
  SECOND,
  type AfterStep,
  type Options
} from '../support/gate-under-test.ts';

const PENDING: Script = { steps: [['PENDING', 0]] };
const RUNNING: Script = {
  steps: [
    ['PENDING', 0],
    ['SUCCESS', HOUR]
  ]
};

function wordsOf(after: AfterStep | undefined): string {
  return [after?.aftermath.title, ...(after?.aftermath.sentences ?? [])].join(' ');
}

describe('the post step of a step that was killed', () => {
  it('cancels the import that was waited for', async () => {
    const gate = new GateUnderTest();
    const id = gate.opsManager.add(PENDING);
    gate.killAt(MINUTE);
    await gate.runUntilKilled({ target: { kind: 'given', id } });
    const after = await gate.postStep();
    expect(after && kindsOf(after.report)).toEqual(['interrupted', 'confirmed', 'not-needed']);
    expect(gate.opsManager.running).toEqual([]);
  });

  it('leaves it running if the user chose so', async () => {
    const gate = new GateUnderTest();
    const id = gate.opsManager.add(PENDING);
    gate.killAt(MINUTE);
    await gate.runUntilKilled({ target: { kind: 'given', id }, cancelOnInterrupt: false });
    const after = await gate.postStep();
    expect(after && kindsOf(after.report)).toEqual(['interrupted', 'skipped', 'not-needed']);
    expect(gate.opsManager.running).toEqual([id]);
    expect(wordsOf(after)).toContain('cancel-on-interrupt is false');
  });

  it('follows the policy of an ending that was saved before the kill', async () => {
    const gate = new GateUnderTest();
    gate.opsManager.faults = ({ kind }) => (kind === 'cancel' ? hang() : undefined);
    const id = gate.opsManager.add(PENDING);
    gate.killAt(MINUTE + 10 * SECOND);
    await gate.runUntilKilled({
      target: { kind: 'given', id },
      timeoutMs: MINUTE,
      cancelOnInterrupt: false
    });
    gate.opsManager.faults = () => undefined;
    const after = await gate.postStep();
    expect(after && kindsOf(after.report)).toEqual(['timed-out', 'confirmed', 'not-needed']);
  });

  it.each([
    { name: 'before anything was saved', text: undefined },
    { name: 'in the middle of saving', text: '{"version":1,"isSet' }
  ])('settles a given import also when it was killed $name', async ({ text }) => {
    const gate = new GateUnderTest();
    const id = gate.opsManager.add(PENDING);
    gate.savedCase = text;
    const after = await gate.postStep({ target: { kind: 'given', id } });
    expect(after?.report.verdict.cancellation.kind).toBe('confirmed');
  });

  it.each([CREATE, { kind: 'discover' } as const])(
    'of which nothing was saved touches nothing, and names what runs: $kind',
    async (target) => {
      const gate = new GateUnderTest();
      const other = gate.opsManager.add(PENDING);
      const after = await gate.postStep({ target });
      expect(new Set(gate.opsManager.calls.map(({ kind }) => kind))).toEqual(new Set(['list']));
      // Lists are late.
      expect(gate.clock.elapsedMs).toBe(30 * SECOND);
      expect(gate.opsManager.running).toEqual([other]);
      expect(after?.report.case.resumed?.inProgress).toMatchObject({ imports: [{ id: other }] });
      expect(after?.report.verdict.cancellation.kind).toBe('failed');
      expect(wordsOf(after)).not.toMatch(/nothing was created/i);
    }
  );

  it('killed before it created says nothing of what it may have created since', async () => {
    const gate = new GateUnderTest();
    gate.opsManager.faults = ({ kind }) => (kind === 'list' ? hang() : undefined);
    gate.killAt(SECOND);
    await gate.runUntilKilled({ target: CREATE });
    gate.opsManager.faults = () => undefined;
    const running = gate.opsManager.add(PENDING);
    const after = await gate.postStep();
    expect(gate.opsManager.running).toEqual([running]);
    expect(after?.report.case.resumed?.inProgress).toMatchObject({ imports: [{ id: running }] });
    expect(wordsOf(after)).not.toMatch(/nothing was created/i);
  });

  it('finds what a create call made whose answer was never heard', async () => {
    const gate = new GateUnderTest();
    const other = gate.opsManager.add(PENDING);
    gate.opsManager.onCreate = { ...PENDING, listedAfterMs: 20 * SECOND };
    gate.opsManager.faults = ({ kind }) =>
      kind === 'create' ? { ...hang(), arrives: true } : undefined;
    gate.killAt(SECOND);
    await gate.runUntilKilled({ target: CREATE });
    const after = await gate.postStep();
    expect(after?.report.verdict.cancellation.kind).toBe('confirmed');
    expect(gate.opsManager.running).toEqual([other]);
    // Neither the one that it has cancelled, nor the one that ran before, may be this step’s and run.
    expect(wordsOf(after)).toMatch(/^Import cancelled/);
    expect(wordsOf(after)).not.toContain('may still');
  });

  it('does not cancel what a colleague created an hour later', async () => {
    const gate = new GateUnderTest();
    gate.opsManager.faults = ({ kind }) => (kind === 'create' ? hang() : undefined);
    gate.killAt(SECOND);
    await gate.runUntilKilled({ target: CREATE });
    await gate.clock.passTo(HOUR);
    const colleagues = gate.opsManager.add(PENDING);
    await gate.clock.passTo(HOUR + 10 * SECOND);
    const after = await gate.postStep();
    expect(gate.opsManager.running).toEqual([colleagues]);
    expect(gate.opsManager.callsOf('cancel')).toEqual([]);
    // Whether it is this step's cannot be known: it is named, and not called settled.
    expect(after?.report.verdict.cancellation.kind).toBe('failed');
    expect(wordsOf(after)).toContain(colleagues);
  });

  it('says that none appeared within half a minute of good answers', async () => {
    const gate = new GateUnderTest();
    gate.opsManager.faults = ({ kind }) => (kind === 'create' ? hang() : undefined);
    gate.killAt(SECOND);
    await gate.runUntilKilled({ target: CREATE });
    const after = await gate.postStep();
    expect(after?.report.verdict.cancellation.kind).toBe('not-needed');
    expect(wordsOf(after)).toContain('none appeared within 30 s');
  });

  it('remembers that the configuration has worked, and goes on past a foreign page', async () => {
    const gate = new GateUnderTest();
    const id = gate.opsManager.add(PENDING);
    gate.killAt(MINUTE);
    await gate.runUntilKilled({ target: { kind: 'given', id } });
    gate.opsManager.faults = ({ atMs }) =>
      atMs < MINUTE + 20 * SECOND ? foreignPage() : undefined;
    const after = await gate.postStep();
    expect(after?.report.verdict.cancellation.kind).toBe('confirmed');
  });

  it('takes a cancellation that was accepted for made, whatever a second one meets', async () => {
    const gate = new GateUnderTest();
    const id = gate.opsManager.add({ ...PENDING, cancelTakesMs: Infinity });
    gate.killAt(MINUTE + 10 * SECOND);
    await gate.runUntilKilled({ target: { kind: 'given', id }, timeoutMs: MINUTE });
    gate.opsManager.faults = ({ kind }) => (kind === 'cancel' ? replies(409) : undefined);
    const after = await gate.postStep();
    expect(after?.report.verdict.cancellation.kind).toBe('requested');
    expect(wordsOf(after)).toContain('accepted its cancellation');
    expect(wordsOf(after)).not.toMatch(/refused/);
  });

  it('believes that a call under way at the kill may have been accepted', async () => {
    const gate = new GateUnderTest();
    gate.opsManager.faults = ({ kind }) => (kind === 'cancel' ? lostAnswerAfter(HOUR) : undefined);
    const id = gate.opsManager.add({
      steps: [
        ['PENDING', 0],
        ['AWAIT_GOAL_STATE', MINUTE + 20 * SECOND]
      ],
      cancelTakesMs: HOUR
    });
    gate.killAt(MINUTE + 10 * SECOND);
    const target = { kind: 'given', id } as const;
    await gate.runUntilKilled({ target, timeoutMs: MINUTE, goal: 'AWAIT_GOAL_STATE' });
    await gate.clock.passTo(2 * MINUTE);
    const after = await gate.postStep();
    // The goal was passed, but the import may yet be cancelled.
    expect(after?.report.verdict.outcome.kind).toBe('timed-out');
  });

  it.each([
    { end: 'SUCCESS', want: 'reached SUCCESS, so it was not cancelled' },
    { end: 'FAILED', want: 'failed.' },
    { end: 'CANCELLED', want: 'perhaps the main step asked for it' }
  ])('that finds $end cancels nothing and says so', async ({ end, want }) => {
    const gate = new GateUnderTest();
    const id = gate.opsManager.add({
      steps: [
        ['PENDING', 0],
        [end, 2 * MINUTE]
      ]
    });
    gate.killAt(MINUTE);
    await gate.runUntilKilled({ target: { kind: 'given', id }, deleteFailed: true });
    await gate.clock.passTo(3 * MINUTE);
    const after = await gate.postStep();
    expect(wordsOf(after)).toContain(want);
    expect(wordsOf(after)).not.toContain('may still be running');
    expect(gate.opsManager.callsOf('cancel')).toEqual([]);
    expect(gate.opsManager.callsOf('delete')).toEqual([]);
  });

  it('does not say of an import that failed and was deleted that it may be running', async () => {
    const gate = new GateUnderTest();
    const id = gate.opsManager.add({
      steps: [
        ['PENDING', 0],
        ['FAILED', MINUTE]
      ]
    });
    // Killed when the deletion was done and its answer on the way.
    gate.opsManager.faults = ({ kind }) =>
      kind === 'delete' ? { ...hang(), arrives: true } : undefined;
    gate.killAt(MINUTE + 20 * SECOND);
    await gate.runUntilKilled({ target: { kind: 'given', id }, deleteFailed: true });
    expect(gate.opsManager.imports).toEqual([]);
    const after = await gate.postStep();
    expect(after && kindsOf(after.report)[0]).toBe('failed');
    expect(wordsOf(after)).not.toContain('may still be running');
    expect(wordsOf(after)).toContain('may not have been deleted');
  });

  it('leaves an ambiguous creation alone', async () => {
    const gate = new GateUnderTest();
    gate.opsManager.onCreate = PENDING;
    gate.opsManager.latencyMs = 200;
    gate.clock.at(300, () => gate.opsManager.add({ ...PENDING, listedAfterMs: 0 }));
    gate.killAt(10 * SECOND);
    await gate.runUntilKilled({ target: CREATE });
    await gate.postStep();
    expect(gate.opsManager.running).toHaveLength(2);
    expect(gate.opsManager.callsOf('cancel')).toEqual([]);
  });

  it.each([
    { name: 'a hang', fault: hang() },
    { name: 'a reset', fault: reset() },
    { name: 'HTTP 503', fault: unavailable(600) },
    { name: 'HTTP 404', fault: replies(404) },
    { name: 'HTTP 409', fault: replies(409) },
    { name: 'a foreign page', fault: foreignPage() }
  ])('takes two minutes at most, whatever Ops Manager does: $name', async ({ fault }) => {
    const gate = new GateUnderTest();
    const id = gate.opsManager.add(PENDING);
    gate.killAt(MINUTE);
    await gate.runUntilKilled({ target: { kind: 'given', id } });
    gate.opsManager.faults = () => fault;
    const after = await gate.postStep();
    expect(gate.clock.elapsedMs).toBeLessThanOrEqual(3 * MINUTE);
    expect(after).toBeDefined();
    // Where nothing arrived, a look in the lists is all there is.
    const other = new GateUnderTest();
    other.opsManager.faults = () => fault;
    await other.postStep({ target: CREATE });
    expect(other.clock.elapsedMs).toBeLessThanOrEqual(45 * SECOND);
  });

  it('takes two minutes at most where each read takes nine seconds, and nothing else is answered', async () => {
    const gate = new GateUnderTest();
    gate.opsManager.onCreate = PENDING;
    gate.killAt(10 * SECOND);
    await gate.runUntilKilled({ target: CREATE });
    const lists = gate.opsManager.callsOf('list').length;
    gate.opsManager.latencyMs = 9 * SECOND;
    gate.opsManager.faults = ({ kind, nth }) =>
      kind === 'cancel' || (kind === 'list' && nth > lists + 1) ? unavailable() : undefined;
    const after = await gate.postStep();
    expect(after?.report.verdict.cancellation.kind).toBe('failed');
    expect(gate.opsManager.calls.at(-1)?.kind).toBe('read');
    expect(gate.clock.elapsedMs).toBeLessThanOrEqual(10 * SECOND + 2 * MINUTE);
  });
});

describe('a main step that came to its end', () => {
  const ends: readonly {
    readonly name: string;
    readonly script: Script;
    readonly options: Partial<Options>;
  }[] = [
    { name: 'reached', script: { steps: [['SUCCESS', 0]] }, options: {} },
    { name: 'failed', script: { steps: [['FAILED', 0]] }, options: {} },
    { name: 'cancelled its import', script: PENDING, options: { timeoutMs: MINUTE } },
    {
      name: 'left its import running',
      script: PENDING,
      options: { timeoutMs: MINUTE, cancelOnTimeout: false }
    }
  ];
  it.each(ends)('leaves the post step nothing to do when it $name', async ({ script, options }) => {
    const gate = new GateUnderTest();
    await gate.watch(script, options);
    const calls = gate.opsManager.calls.length;
    expect(await gate.postStep()).toBeUndefined();
    expect(gate.opsManager.calls).toHaveLength(calls);
  });

  it('leaves nothing to do also when it was ambiguous', async () => {
    const gate = new GateUnderTest();
    gate.opsManager.onCreate = { ...PENDING, listedAfterMs: 2 * SECOND };
    gate.opsManager.latencyMs = 100;
    gate.clock.at(150, () => gate.opsManager.add({ ...PENDING, listedAfterMs: 2 * SECOND }));
    await gate.run({ target: CREATE });
    expect(await gate.postStep()).toBeUndefined();
    expect(gate.opsManager.running).toHaveLength(2);
  });

  it('whose cancellation was not confirmed is settled by the post step', async () => {
    const gate = new GateUnderTest();
    gate.opsManager.faults = ({ kind }) => (kind === 'cancel' ? unavailable() : undefined);
    await gate.watch(PENDING, { timeoutMs: MINUTE });
    gate.opsManager.faults = () => undefined;
    const after = await gate.postStep();
    expect(after && kindsOf(after.report)).toEqual(['timed-out', 'confirmed', 'not-needed']);
    expect(wordsOf(after)).toContain('Ops Manager confirmed it');
  });
});

describe('a log that nobody reads', () => {
  it('is an interrupt: the import is settled, with the unhurried budget', async () => {
    const gate = new GateUnderTest();
    gate.loseLogAt(MINUTE);
    gate.opsManager.faults = ({ kind, atMs }) =>
      kind === 'cancel' && atMs < MINUTE + 30 * SECOND ? unavailable() : undefined;
    const report = await gate.watch(PENDING);
    expect(kindsOf(report)).toEqual(['interrupted', 'confirmed', 'not-needed']);
    expect(gate.clock.elapsedMs).toBeGreaterThan(MINUTE + 30 * SECOND);
  });

  it('is no signal: the first one after it still settles, in five seconds', async () => {
    const gate = new GateUnderTest();
    gate.loseLogAt(MINUTE);
    gate.interruptAt(MINUTE + 10 * SECOND);
    gate.opsManager.faults = ({ kind, atMs }) =>
      kind === 'cancel' && atMs < MINUTE + 10 * SECOND ? hang() : undefined;
    const report = await gate.watch(PENDING);
    expect(kindsOf(report)).toEqual(['interrupted', 'confirmed', 'not-needed']);
    expect(gate.clock.elapsedMs).toBeLessThanOrEqual(MINUTE + 15 * SECOND);
  });

  it('after a signal changes nothing', async () => {
    const gate = new GateUnderTest();
    gate.interruptAt(MINUTE);
    gate.loseLogAt(MINUTE + 100);
    gate.opsManager.latencyMs = 300;
    const report = await gate.watch(PENDING);
    expect(kindsOf(report)).toEqual(['interrupted', 'confirmed', 'not-needed']);
  });

  it('leaves the import running if the user chose so', async () => {
    const gate = new GateUnderTest();
    gate.loseLogAt(MINUTE);
    const report = await gate.watch(PENDING, { cancelOnInterrupt: false });
    expect(kindsOf(report)).toEqual(['interrupted', 'skipped', 'not-needed']);
  });
});

describe('what cannot be written', () => {
  it.each([
    { name: 'the state', canSave: false, canWriteOutputs: true },
    { name: 'the outputs', canSave: true, canWriteOutputs: false }
  ])('does not keep the step from settling: $name', async ({ canSave, canWriteOutputs }) => {
    const gate = new GateUnderTest();
    Object.assign(gate, { canSave, canWriteOutputs });
    const report = await gate.watch(PENDING, { timeoutMs: MINUTE });
    expect(kindsOf(report)).toEqual(['timed-out', 'confirmed', 'not-needed']);
  });
});

describe('the outputs of a step that is killed', () => {
  const cases: readonly {
    readonly name: string;
    readonly target: 'given' | 'discover' | 'create';
    readonly killAtMs: number;
    readonly policy?: boolean;
    readonly want: readonly [string, string];
  }[] = [
    { name: 'while it waits', target: 'given', killAtMs: MINUTE, want: ['interrupted', 'failed'] },
    {
      name: 'while it waits for what it would leave running',
      target: 'given',
      killAtMs: MINUTE,
      policy: false,
      want: ['interrupted', 'skipped']
    },
    {
      name: 'before it has created anything',
      target: 'create',
      killAtMs: 0,
      want: ['interrupted', 'not-needed']
    },
    {
      name: 'in its create call',
      target: 'create',
      killAtMs: 500,
      want: ['interrupted', 'failed']
    },
    {
      name: 'before it has found anything',
      target: 'discover',
      killAtMs: 5 * SECOND,
      want: ['interrupted', 'not-needed']
    }
  ];
  it.each(cases)('say what is so $name', async ({ target, killAtMs, policy = true, want }) => {
    const gate = new GateUnderTest();
    gate.opsManager.latencyMs = 400;
    gate.killAt(killAtMs);
    const id = target === 'given' ? gate.opsManager.add(RUNNING) : '';
    const which =
      target === 'given' ? { kind: target, id } : target === 'create' ? CREATE : { kind: target };
    await gate.runUntilKilled({ target: which, cancelOnInterrupt: policy });
    const { outputs } = gate.published.at(-1) ?? {};
    expect([outputs?.['outcome'], outputs?.['cancellation']]).toEqual(want);
  });
});

/** The call arrives, and its answer never does. */
function lostAnswerAfter(takesMs: number) {
  return { ...lostAnswer(), takesMs };
}
