import { describe, expect, it } from '@jest/globals';
import { ask, type DiagnosisCall } from '../../src/diagnosis/facts.ts';
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

function newPermissions() {
  return new Map<DiagnosisCall, 'granted' | readonly string[]>();
}

describe('the calls of a diagnosis', () => {
  it('are made once each and give what was read', async () => {
    const { api, asking } = scene();
    const { facts, notAsked } = await ask(api, ['status', 'agents', 'hosts'], asking);
    expect(facts).toEqual({ status: statusOf([]), agents: agentsOn([]), hosts: hostsOf([]) });
    expect(notAsked).toEqual([]);
    expect(api.calls.map(({ call }) => call)).toEqual(['status', 'agents', 'hosts']);
  });

  it('are no others than the phase needs', async () => {
    const { api, asking } = scene();
    await ask(api, ['agents'], asking);
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
    const permissions = newPermissions();
    const { facts, notAsked } = await ask(api, ['status', 'agents'], { ...asking, permissions });
    expect(facts).toEqual({ status: statusOf([]) });
    expect(notAsked).toEqual([{ call: 'agents', reason }]);
    expect(permissions.get('agents')).toEqual(isRefused ? [reason] : undefined);
  });

  it('are not made a third time where two were refused, and that is said again', async () => {
    const { api, asking } = scene();
    const permissions = newPermissions();
    api.status = () => Promise.reject(apiError('refused', { status: 403 }));
    for (let times = 0; times < 4; times += 1) {
      const { notAsked } = await ask(api, ['status'], { ...asking, permissions });
      expect(notAsked).toEqual([{ call: 'status', reason: 'HTTP 403' }]);
    }
    expect(api.calls).toHaveLength(2);
  });

  it('are never refused for good where one was granted', async () => {
    const { api, asking } = scene();
    const permissions = newPermissions();
    const answers = [403, 200, 403, 403, 403, 200];
    const seen: string[][] = [];
    for (const status of answers) {
      api.status = () =>
        status === 200
          ? Promise.resolve(statusOf([]))
          : Promise.reject(apiError('refused', { status }));
      const { facts } = await ask(api, ['status'], { ...asking, permissions });
      seen.push(Object.keys(facts));
    }
    expect(seen).toEqual([[], ['status'], [], [], [], ['status']]);
  });

  it('are made again after trouble that is no refusal, however often', async () => {
    const { api, asking } = scene();
    const permissions = newPermissions();
    api.status = () => Promise.reject(apiError('transient', { status: 503 }));
    for (let times = 0; times < 4; times += 1)
      await ask(api, ['status'], { ...asking, permissions });
    expect(api.calls).toHaveLength(4);
  });

  it('cost ten seconds when everything hangs', async () => {
    const { api, asking, clock, hang } = scene();
    api.status = api.agents = api.hosts = hang;
    const { facts, notAsked } = await ask(api, ['status', 'agents', 'hosts'], asking);
    expect(clock.elapsedMs).toBe(10_000);
    expect(facts).toEqual({});
    expect(notAsked.map(({ call }) => call)).toEqual(['status', 'agents', 'hosts']);
  });

  it('leave the later ones some time when the first one hangs', async () => {
    const { api, asking, hang } = scene();
    api.status = hang;
    const { facts } = await ask(api, ['status', 'agents'], asking);
    expect(facts).toEqual({ agents: agentsOn([]) });
    expect(api.calls).toEqual([
      { call: 'status', limitMs: 8_000 },
      { call: 'agents', limitMs: 2_000 }
    ]);
  });

  it('are none without any time', async () => {
    const { api, asking } = scene();
    const { notAsked } = await ask(api, ['status'], { ...asking, budgetMs: 0 });
    expect(notAsked).toEqual([{ call: 'status', reason: 'no time was left' }]);
    expect(api.calls).toEqual([]);
  });

  it('end with the signal and say nothing of what it did not ask', async () => {
    const { api, clock, hang } = scene();
    const interrupt = new AbortController();
    clock.at(3_000, () => {
      interrupt.abort(new Error('SIGTERM'));
    });
    api.agents = hang;
    const asking = { clock, signal: interrupt.signal };
    const { facts, notAsked } = await ask(api, ['status', 'agents', 'hosts'], asking);
    expect(clock.elapsedMs).toBe(3_000);
    expect(Object.keys(facts)).toEqual(['status']);
    expect(notAsked).toEqual([]);
    expect(api.calls).toHaveLength(2);
  });

  it('are none after a signal', async () => {
    const { api, clock } = scene();
    await ask(api, ['status'], { clock, signal: AbortSignal.abort() });
    expect(api.calls).toEqual([]);
  });
});
