import type { Finding } from '../../src/diagnosis/finding.ts';
import { HttpFailure } from '../../src/http/failure.ts';
import { errorOfFailure } from '../../src/ops-manager/network-errors.ts';
import { errorOfReply, type Purpose } from '../../src/ops-manager/reply-errors.ts';
import { Redaction } from '../../src/redaction.ts';
import { ServerText } from '../../src/untrusted.ts';
import type { Report } from '../../src/report/report.ts';
import { sampleSteps, type Script, type Step } from '../../simulator/scripted-import.ts';
import type { Phase } from '../../src/case/states.ts';
import type { WaitLog } from '../../src/report/log.ts';
import { hang, lostAnswer, reset, type Fault } from './faults.ts';
import { CREATE, GateUnderTest, HOUR, MINUTE, type TestOptions } from './gate-under-test.ts';
import {
  A_CROWD,
  A_DEAD_AGENT,
  A_NODE_BEHIND,
  AN_ERROR,
  HOSTS_NOT_DISCOVERED,
  NOBODY_BEHIND
} from './sample-findings.ts';
import { PROJECT, type Call } from './scripted-ops-manager.ts';

const IMPORT_ID = '507f1f77bcf86cd799439011';
const OTHER_ID = '507f1f77bcf86cd799439022';

/** An import, what is asked of the gate, what goes wrong, and when a signal comes. */
export interface Sample {
  /** The import to wait for; without a target that looks for it, its id is given. */
  readonly script?: Script;
  readonly options?: Partial<TestOptions>;
  /** Others in the project, there from the start. */
  readonly others?: readonly Script[];
  readonly faults?: (call: Call) => Fault | undefined;
  readonly signalAfterMs?: number;
  /** When the import is deleted by someone. */
  readonly removedAfterMs?: number;
  /** What a diagnosis found at its end, worst first. */
  readonly findings?: readonly Finding[];
  /** What the reply has beside the documented fields. */
  readonly reply?: Readonly<Record<string, unknown>>;
}

/** The report that a gate leaves behind; hours pass in milliseconds. */
export async function runSample(
  sample: Sample,
  log?: WaitLog
): Promise<{ readonly report: Report }> {
  const { script, options = {}, others = [], faults = () => undefined, reply = {} } = sample;
  const gate = new GateUnderTest();
  const { clock, opsManager, observer } = gate;
  const target = options.target ?? { kind: 'given', id: IMPORT_ID };
  for (const other of others) opsManager.add(other);
  if (script && target.kind === 'create') opsManager.onCreate = script;
  else if (script) opsManager.add({ id: IMPORT_ID, ...script });
  opsManager.faults = faults;
  const replies = new Map<string, string>();
  opsManager.reply = ({ id, state, transitions }) => {
    const documented = { id, groupId: PROJECT, userId: '507f1f77bcf86cd799439013', state };
    const json = { ...documented, transitionsHistory: transitions, ...reply };
    // Written once, because it is asked thousands of times.
    const course = `${id} ${transitions.map(({ transitionedAt }) => transitionedAt).join()}`;
    const text = replies.get(course) ?? JSON.stringify(json, null, 2);
    replies.set(course, text);
    return text;
  };
  if (sample.signalAfterMs !== undefined) gate.interruptAt(sample.signalAfterMs);
  if (sample.removedAfterMs !== undefined)
    clock.at(sample.removedAfterMs, () => {
      opsManager.remove(IMPORT_ID);
    });
  if (log) {
    observer.also = log;
    gate.onChange = (before, after) => {
      log.onChange(before, after);
    };
  }
  const { findings = [] } = sample;
  const report = await gate.run({ ...options, target });
  const traffic = {
    version: '8.0.13.500.20250909T1801Z',
    requests: opsManager.calls.length + 1,
    retries: observer.retries.length
  };
  return { report: { ...report, findings, traffic } };
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

const HOST = 'ops-manager.example.com:8443';

/** An error reply in the words that the action has for it. */
function answers(purpose: Purpose, status: number, detail?: string, errorCode?: string): Fault {
  const body = detail === undefined ? undefined : { detail, errorCode };
  const known = { wasKeySent: true, hasWorked: false, version: undefined };
  return { error: errorOfReply({ status, purpose, body, host: HOST, ...known }) };
}

/** A certificate of an authority that nobody here knows. */
function unknownAuthority(): Fault {
  const certificate = { issuer: 'Example Corp Root CA', isAlone: false, given: [] };
  const message = 'self-signed certificate in certificate chain';
  const said = { code: 'SELF_SIGNED_CERT_IN_CHAIN', message };
  const reach = { host: HOST, scheme: 'https:', hasClientCertificate: false, hasWorked: false };
  const failure = new HttpFailure('certificate', 'server', said, { certificate });
  return { error: errorOfFailure(failure, reach, new ServerText(new Redaction([]))) };
}

const UNAUTHORIZED = (): Fault =>
  answers('read', 401, 'You are not authorized for this resource.', 'USER_UNAUTHORIZED');
const UNAVAILABLE = (): Fault => answers('read', 503);

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
    options: { timeoutMs: 24 * HOUR, pollIntervalMs: MINUTE }
  },
  'reached with outages': {
    script: { steps: sampleSteps('SUCCESS') },
    faults: (call) =>
      between(3 * MINUTE, 5 * MINUTE, reset)(call) ??
      between(9 * MINUTE, 9.5 * MINUTE, UNAVAILABLE)(call)
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
    faults: ({ kind }) =>
      kind === 'delete' ? answers('delete', 409, 'A clean-up is running.') : undefined
  },
  'failed with hosts that were not discovered': {
    script: { steps: FAILS },
    options: { target: CREATE },
    findings: HOSTS_NOT_DISCOVERED
  },
  'failed with an error': {
    script: { steps: steps(5, ['FAILED', 42 * MINUTE]) },
    findings: AN_ERROR.map((finding) => ({ ...finding, isAfterFailure: true }))
  },
  'timed out, a node behind': { script: STUCK, options: FOR_45_MINUTES, findings: A_NODE_BEHIND },
  'timed out, an error': { script: STUCK, options: FOR_45_MINUTES, findings: AN_ERROR },
  'timed out, an error, cancellation refused': {
    script: { ...STUCK, refusesCancel: true },
    options: FOR_45_MINUTES,
    findings: AN_ERROR
  },
  'timed out, a dead agent': { script: STUCK, options: FOR_45_MINUTES, findings: A_DEAD_AGENT },
  'timed out, nobody behind': { script: STUCK, options: FOR_45_MINUTES, findings: NOBODY_BEHIND },
  'timed out, a crowd behind': { script: STUCK, options: FOR_45_MINUTES, findings: A_CROWD },
  'timed out, never read': {
    script: STUCK,
    options: { timeoutMs: 5 * MINUTE },
    faults: UNAVAILABLE
  },
  'timed out, not found': {
    options: { target: { kind: 'discover' }, timeoutMs: 20_000 }
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
    options: { timeoutMs: 20 * HOUR, pollIntervalMs: 5 * MINUTE }
  },
  stalled: { script: { steps: steps(3) }, options: { stallTimeoutMs: 20 * MINUTE } },
  interrupted: { script: STUCK, signalAfterMs: 9.5 * MINUTE },
  'interrupted in its first state': { script: STUCK, signalAfterMs: 20_000 },
  'interrupted, left running': {
    script: STUCK,
    signalAfterMs: 9.5 * MINUTE,
    options: { cancelOnInterrupt: false }
  },
  'interrupted, cancellation requested': {
    script: { ...STUCK, cancelTakesMs: Infinity },
    signalAfterMs: 9.5 * MINUTE
  },
  'interrupted, cancellation refused': {
    script: { ...STUCK, refusesCancel: true },
    signalAfterMs: 9.5 * MINUTE
  },
  'interrupted before any import was found': {
    options: { target: { kind: 'discover' } },
    signalAfterMs: 5000
  },
  'interrupted while creating': {
    script: STUCK,
    options: { target: CREATE },
    faults: ({ kind }) => (kind === 'create' ? { ...hang(), arrives: false } : undefined),
    signalAfterMs: 5000
  },
  'unreachable with HTTP 503': { script: STUCK, faults: between(6 * MINUTE, HOUR, UNAVAILABLE) },
  unreachable: { script: STUCK, faults: between(6 * MINUTE, HOUR, reset) },
  'error before any read': {
    script: STUCK,
    faults: UNAUTHORIZED
  },
  'certificate not accepted': { script: STUCK, faults: unknownAuthority },
  redirect: { script: STUCK, faults: () => answers('read', 302) },
  'error while waiting': {
    script: STUCK,
    faults: between(6 * MINUTE, HOUR, () =>
      answers(
        'read',
        403,
        'IP address 203.0.113.7 is not allowed.',
        'IP_ADDRESS_NOT_ON_ACCESS_LIST'
      )
    )
  },
  'created and reached': {
    script: { steps: sampleSteps('SUCCESS') },
    options: { target: CREATE }
  },
  'created, listed late, cancelled': {
    script: { ...STUCK, listedAfterMs: 12_000 },
    options: { target: CREATE, timeoutMs: 6_000 }
  },
  'never listed': {
    script: { ...STUCK, listedAfterMs: Infinity },
    options: { target: CREATE, timeoutMs: 2 * MINUTE }
  },
  'never created': {
    options: { target: CREATE, timeoutMs: 2 * MINUTE },
    faults: ({ kind }) => (kind === 'create' ? reset() : undefined)
  },
  'created after a lost answer': {
    script: { ...STUCK, refusesCancel: true },
    options: { target: CREATE, timeoutMs: 5 * MINUTE },
    faults: ({ kind }) => (kind === 'create' ? lostAnswer() : undefined)
  },
  'created twice, one of them late': {
    script: { steps: FAILS },
    options: { target: CREATE },
    faults: ({ kind, nth }) =>
      kind === 'create' && nth === 1 ? { ...reset(), arrivesAfterMs: 3 * MINUTE } : undefined
  },
  'not created': {
    options: { target: CREATE },
    faults: ({ kind }) =>
      kind === 'create' ? answers('create', 400, 'seedHostport is unknown') : undefined
  },
  ambiguous: {
    script: STUCK,
    options: { target: CREATE },
    faults: ({ kind, nth }) =>
      kind === 'create' && nth === 1 ? { ...reset(), arrivesAfterMs: 35_000 } : undefined
  },
  'several in progress': {
    others: [STUCK, STUCK, { steps: [['SUCCESS', 0]] }],
    options: { target: { kind: 'discover' } }
  },
  'none in progress': {
    others: [{ steps: [['SUCCESS', 0]] }],
    options: { target: { kind: 'discover' } }
  },
  busy: {
    others: [{ id: OTHER_ID, ...STUCK }],
    options: { target: { ...CREATE, ifInProgress: 'fail' } }
  },
  unknown: { others: [{ id: OTHER_ID, ...STUCK }] },
  deleted: { script: STUCK, removedAfterMs: 4 * MINUTE },
  missing: {
    script: STUCK,
    removedAfterMs: 4 * MINUTE,
    options: { cancelOnTimeout: false }
  },
  'had been cancelled': {
    script: {
      startedMsAgo: HOUR,
      steps: [
        ['PENDING', 0],
        ['CANCELLED', MINUTE]
      ]
    }
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
        ? answers('cancel', 400, HOSTILE_TEXT, HOSTILE_TEXT)
        : between(7 * MINUTE, 8 * MINUTE, () => answers('read', 503, HOSTILE_TEXT))(call),
    options: { timeoutMs: 12 * MINUTE }
  }
} as const satisfies Readonly<Record<`failed in ${Phase}`, Sample> & Record<string, Sample>>;

type Played = ReturnType<typeof runSample>;
const PLAYED = new Map<keyof typeof SAMPLES, Played>();

/** What a sample leaves behind, played once for all who look at it. */
export function played(name: keyof typeof SAMPLES): Played {
  const known = PLAYED.get(name) ?? runSample(SAMPLES[name]);
  PLAYED.set(name, known);
  return known;
}
