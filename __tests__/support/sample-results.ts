import { runGate, type GateObserver, type GateOptions } from '../../src/gate.ts';
import type { Result } from '../../src/outcome.ts';
import type { SummaryFacts } from '../../src/report/summary.ts';
import { sampleSteps, type Script, type Step } from '../../simulator/scripted-import.ts';
import { replies, reset, unavailable, type Fault } from './faults.ts';
import { PROJECT, ScriptedOpsManager, type Call } from './scripted-ops-manager.ts';
import { NO_JITTER, VirtualClock } from './virtual-clock.ts';

const IMPORT_ID = '507f1f77bcf86cd799439011';
const MINUTE = 60_000;
const HOUR = 60 * MINUTE;

/** An import, what is asked of the gate, what goes wrong, and when a signal comes. */
export interface Sample {
  readonly script: Script;
  readonly options?: Partial<GateOptions>;
  readonly faults?: (call: Call) => Fault | undefined;
  readonly signalAfterMs?: number;
  /** What the reply has beside the documented fields. */
  readonly reply?: Readonly<Record<string, unknown>>;
}

const OPTIONS: GateOptions = {
  target: { kind: 'given', id: IMPORT_ID },
  goal: 'SUCCESS',
  timeoutMs: HOUR,
  stallTimeoutMs: undefined,
  pollIntervalMs: 10_000,
  maxOutageMs: 10 * MINUTE,
  cancelOnTimeout: true,
  cancelOnInterrupt: true,
  deleteFailed: false
};

export const SILENT: GateObserver = {
  onIdentified: () => undefined,
  onCreating: () => undefined,
  onGivingUp: () => undefined,
  onProvisional: () => undefined,
  onArrivals: () => undefined,
  onRead: () => undefined,
  onOutage: () => undefined,
  onRecovery: () => undefined,
  onRetry: () => undefined
};

/** The result and the facts that a gate leaves behind; hours pass in milliseconds. */
export async function runSample(
  { script, options = {}, faults = () => undefined, signalAfterMs, reply }: Sample,
  observer: GateObserver = SILENT
): Promise<{ readonly result: Result; readonly facts: SummaryFacts }> {
  const clock = new VirtualClock();
  const opsManager = new ScriptedOpsManager(clock);
  opsManager.add({ id: IMPORT_ID, ...script });
  let failed = 0;
  opsManager.faults = (call) => {
    const fault = faults(call);
    if (fault) failed += 1;
    return fault;
  };
  const interrupt = new AbortController();
  if (signalAfterMs !== undefined) {
    clock.at(signalAfterMs, () => {
      interrupt.abort(new Error('SIGINT'));
    });
  }
  const waiting = { clock, random: NO_JITTER, signal: interrupt.signal };
  const result = await runGate({ ...OPTIONS, ...options }, opsManager, waiting, observer);
  const facts = {
    projectId: PROJECT,
    projectUrl: `https://ops-manager.example.com:8443/v2/${PROJECT}`,
    version: '8.0.13.500.20250909T1801Z',
    requests: opsManager.calls.length + 1,
    retries: failed
  };
  return { result: withReply(result, reply), facts };
}

/** The reply as Ops Manager writes it. */
function withReply(result: Result, more: Sample['reply']): Result {
  const { request } = result;
  if (!request) return result;
  const reply = {
    id: request.id,
    groupId: request.projectId,
    userId: '507f1f77bcf86cd799439013',
    state: request.state,
    transitionsHistory: request.transitions,
    ...more
  };
  return { ...result, request: { ...request, reply } };
}

/** The first `count` states of the sample import, and the end that it takes. */
function steps(count: number, ...end: readonly Step[]): Step[] {
  return [...sampleSteps(undefined).slice(0, count), ...end];
}

/** The same course at another pace. */
function slower(course: readonly Step[], factor: number): Step[] {
  return course.map(([state, atMs]) => [state, atMs * factor]);
}

/** What goes wrong from `from` until `to`, in milliseconds of the wait. */
function between(from: number, to: number, fault: () => Fault): (call: Call) => Fault | undefined {
  return ({ atMs }) => (atMs >= from && atMs < to ? fault() : undefined);
}

const STUCK = { steps: sampleSteps(undefined), cancelTakesMs: 3000 };
const FAILS = steps(3, ['FAILED', 15 * MINUTE]);
const FOR_45_MINUTES = { timeoutMs: 45 * MINUTE };

/** What a server may write that wants to be markup. */
export const HOSTILE_TEXT =
  '</details><script>alert(1)</script> ![x](https://evil.example/x.png) [click](https://evil.example) <img src=x onerror=alert(1)> @octocat #1 `code` | cell | ````\n# Heading\n::error::no ##[error]no https://evil.example';

/** One sample of every way out. */
export const SAMPLES = {
  reached: { script: { steps: sampleSteps('SUCCESS') } },
  'reached on the way': {
    script: { steps: sampleSteps('SUCCESS') },
    options: { goal: 'AWAIT_GOAL_STATE' }
  },
  'reached late': {
    script: { steps: [...sampleSteps(undefined), ['SUCCESS', 45 * MINUTE + 500]] },
    faults: between(45 * MINUTE, 45 * MINUTE + 500, reset),
    options: FOR_45_MINUTES
  },
  'reached after 20 hours': {
    script: { steps: slower(sampleSteps('SUCCESS'), 80) },
    options: { timeoutMs: 24 * HOUR }
  },
  'reached with outages': {
    script: { steps: sampleSteps('SUCCESS') },
    faults: (call) =>
      between(3 * MINUTE, 5 * MINUTE, reset)(call) ??
      between(9 * MINUTE, 9.5 * MINUTE, unavailable)(call)
  },
  'reached past an unknown state': {
    script: {
      steps: [
        ...steps(3),
        ['AWAIT_BACKUP_ATTACHED', 7 * MINUTE],
        ['AWAIT_GOAL_STATE', 12 * MINUTE],
        ['SUCCESS', 15 * MINUTE]
      ]
    }
  },
  'failed in PENDING': { script: { steps: steps(1, ['FAILED', 4 * MINUTE]) } },
  'failed in AWAIT_SEED_HOST_CONNECTED': { script: { steps: steps(2, ['FAILED', 12 * MINUTE]) } },
  'failed in AWAIT_HOSTS_DISCOVERED': { script: { steps: FAILS } },
  'failed in AWAIT_AUTOMATION_IMPORTED': { script: { steps: steps(4, ['FAILED', 18 * MINUTE]) } },
  'failed in AWAIT_GOAL_STATE': { script: { steps: steps(5, ['FAILED', 42 * MINUTE]) } },
  'failed and deleted': { script: { steps: FAILS }, options: { deleteFailed: true } },
  'failed and not deleted': {
    script: { steps: FAILS },
    options: { deleteFailed: true },
    faults: ({ kind }) => (kind === 'delete' ? replies(409, 'A clean-up is running.') : undefined)
  },
  cancelled: { script: { steps: steps(4, ['CANCELLED', 9.5 * MINUTE]) } },
  'timed out, cancellation confirmed': { script: STUCK, options: FOR_45_MINUTES },
  'timed out, cancellation requested': {
    script: { ...STUCK, cancelTakesMs: Infinity },
    options: FOR_45_MINUTES
  },
  'timed out, cancellation refused': {
    script: { ...STUCK, refusesCancel: true },
    options: FOR_45_MINUTES
  },
  'timed out, cancellation failed': {
    script: STUCK,
    options: FOR_45_MINUTES,
    faults: ({ kind }) => (kind === 'cancel' ? reset() : undefined)
  },
  'timed out, left running': {
    script: STUCK,
    options: { ...FOR_45_MINUTES, cancelOnTimeout: false }
  },
  'timed out after 20 hours': {
    script: { steps: slower(sampleSteps(undefined), 80) },
    options: { timeoutMs: 20 * HOUR }
  },
  stalled: { script: { steps: steps(3) }, options: { stallTimeoutMs: 20 * MINUTE } },
  interrupted: { script: STUCK, signalAfterMs: 9.5 * MINUTE },
  'interrupted in its first state': { script: STUCK, signalAfterMs: 20_000 },
  'interrupted, left running': {
    script: STUCK,
    signalAfterMs: 9.5 * MINUTE,
    options: { cancelOnInterrupt: false }
  },
  unreachable: { script: STUCK, faults: between(6 * MINUTE, HOUR, reset) },
  'error before any read': {
    script: STUCK,
    faults: () => replies(401, 'You are not authorized for this resource.', 'USER_UNAUTHORIZED')
  },
  'error while waiting': {
    script: STUCK,
    faults: between(6 * MINUTE, HOUR, () =>
      replies(403, 'IP address 203.0.113.7 is not allowed.', 'IP_ADDRESS_NOT_ON_ACCESS_LIST')
    )
  },
  'hostile server': {
    script: {
      steps: [
        ['PENDING', 0],
        ['CALL', MINUTE],
        ['A'.repeat(64), 2 * MINUTE],
        ['HREF', 4 * MINUTE],
        ['SECTION', 6 * MINUTE]
      ]
    },
    reply: { note: HOSTILE_TEXT, [HOSTILE_TEXT]: [HOSTILE_TEXT] },
    faults: (call) =>
      call.kind === 'cancel'
        ? replies(400, HOSTILE_TEXT, HOSTILE_TEXT)
        : between(7 * MINUTE, 8 * MINUTE, () => replies(503, HOSTILE_TEXT))(call),
    options: { timeoutMs: 12 * MINUTE }
  }
} as const satisfies Readonly<Record<string, Sample>>;
