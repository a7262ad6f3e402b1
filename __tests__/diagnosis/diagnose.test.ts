import { describe, expect, it } from '@jest/globals';
import { diagnose } from '../../src/diagnosis/diagnose.ts';
import { agentsOn, apiError, hostsOf, ScriptedDiagnosis, statusOf } from '../support/diagnosis.ts';
import { NEVER_ABORTED, VirtualClock } from '../support/virtual-clock.ts';

/** Ops Manager over a clock; what hangs uses up the limit that it was given. */
function scene() {
  const clock = new VirtualClock();
  const api = new ScriptedDiagnosis();
  const hang = async ({ limitMs, signal }: { limitMs?: number; signal: AbortSignal }) => {
    await clock.pass(limitMs ?? Infinity, signal);
    throw apiError('transient', {}, 'No complete reply within the limit.');
  };
  return { clock, api, hang, asking: { clock, signal: NEVER_ABORTED } };
}

describe('a diagnosis', () => {
  it('makes each call once and gives what was read', async () => {
    const { api, asking } = scene();
    const { facts, notAsked } = await diagnose(api, ['status', 'agents', 'hosts'], asking);
    expect(facts).toEqual({ status: statusOf([]), agents: agentsOn([]), hosts: hostsOf([]) });
    expect(notAsked).toEqual([]);
    expect(api.calls.map(({ call }) => call)).toEqual(['status', 'agents', 'hosts']);
  });

  it('asks nothing that the phase does not need', async () => {
    const { api, asking } = scene();
    await diagnose(api, ['agents'], asking);
    expect(api.calls.map(({ call }) => call)).toEqual(['agents']);
  });

  it.each([
    {
      error: apiError('refused', { status: 403, errorCode: 'USER_UNAUTHORIZED' }),
      reason: 'HTTP 403 USER_UNAUTHORIZED',
      isRefused: true
    },
    { error: apiError('refused', { status: 401 }), reason: 'HTTP 401', isRefused: true },
    { error: apiError('misconfigured', { status: 404 }), reason: 'HTTP 404', isRefused: true },
    { error: apiError('transient', { status: 503 }), reason: 'HTTP 503', isRefused: false },
    { error: apiError('transient', { status: 200 }, 'Odd.'), reason: 'Odd', isRefused: false },
    { error: apiError('transient', {}, 'Reset.'), reason: 'Reset', isRefused: false },
    { error: new TypeError('a defect'), reason: 'it failed unexpectedly', isRefused: false }
  ])('says of $error.message: $reason', async ({ error, reason, isRefused }) => {
    const { api, asking } = scene();
    api.agents = () => Promise.reject(error);
    const { facts, notAsked, refusals } = await diagnose(api, ['status', 'agents'], asking);
    expect(facts).toEqual({ status: statusOf([]) });
    expect(notAsked).toEqual([{ call: 'agents', reason }]);
    expect([...refusals]).toEqual(isRefused ? [['agents', reason]] : []);
  });

  it('does not ask again what was refused, and says so again', async () => {
    const { api, asking } = scene();
    api.status = () => Promise.reject(apiError('refused', { status: 403 }));
    const { refusals } = await diagnose(api, ['status'], asking);
    const again = await diagnose(api, ['status', 'agents'], { ...asking, refusedBefore: refusals });
    expect(again.notAsked).toEqual([{ call: 'status', reason: 'HTTP 403' }]);
    expect(api.calls.map(({ call }) => call)).toEqual(['status', 'agents']);
  });

  it('costs ten seconds when everything hangs', async () => {
    const { api, asking, clock, hang } = scene();
    api.status = api.agents = api.hosts = hang;
    const { facts, notAsked } = await diagnose(api, ['status', 'agents', 'hosts'], asking);
    expect(clock.elapsedMs).toBe(10_000);
    expect(facts).toEqual({});
    expect(notAsked.map(({ call }) => call)).toEqual(['status', 'agents', 'hosts']);
  });

  it('leaves the later calls some time when the first one hangs', async () => {
    const { api, asking, hang } = scene();
    api.status = hang;
    const { facts } = await diagnose(api, ['status', 'agents'], asking);
    expect(facts).toEqual({ agents: agentsOn([]) });
    expect(api.calls).toEqual([
      { call: 'status', limitMs: 8_000 },
      { call: 'agents', limitMs: 2_000 }
    ]);
  });

  it('without any time asks nothing', async () => {
    const { api, asking } = scene();
    const { notAsked } = await diagnose(api, ['status'], asking, 0);
    expect(notAsked).toEqual([{ call: 'status', reason: 'no time was left' }]);
    expect(api.calls).toEqual([]);
  });

  it('ends with the signal and says nothing of what it did not ask', async () => {
    const { api, clock, hang } = scene();
    const interrupt = new AbortController();
    clock.at(3_000, () => {
      interrupt.abort(new Error('SIGTERM'));
    });
    api.agents = hang;
    const asking = { clock, signal: interrupt.signal };
    const { facts, notAsked } = await diagnose(api, ['status', 'agents', 'hosts'], asking);
    expect(clock.elapsedMs).toBe(3_000);
    expect(Object.keys(facts)).toEqual(['status']);
    expect(notAsked).toEqual([]);
    expect(api.calls).toHaveLength(2);
  });

  it('asks nothing after a signal', async () => {
    const { api, clock } = scene();
    await diagnose(api, ['status'], { clock, signal: AbortSignal.abort() });
    expect(api.calls).toEqual([]);
  });
});
