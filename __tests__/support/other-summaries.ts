import { InputError, lineOf, type WrongInput } from '../../src/inputs/form.ts';
import { readInputs } from '../../src/inputs.ts';
import type { Report } from '../../src/report/report.ts';
import { aftermathSummary, summaryOf, wrongInputsSummary } from '../../src/report/summary.ts';
import { verdict } from '../../src/case/verdict.ts';
import { reportFor, type Shape } from './all-reports.ts';
import { idOf } from './imports.ts';
import { AN_ERROR } from './sample-findings.ts';

/** Seven inputs that are wrong. */
export const WRONG_INPUTS: Readonly<Record<string, string>> = {
  'base-url': 'https://admin:secret@ops-manager.example.com:8443/?x=1',
  'project-id': 'my project',
  'request-id': '507f1f77bcf86cd79943901',
  'public-key': 'abcdefgh',
  'private-key': '',
  'goal-state': 'DONE',
  timeout: '1 hour',
  'poll-interval': '100ms'
};

/** What is wrong with inputs, a line each. @throws Error when nothing is. */
export function problemsOf(inputs: Readonly<Record<string, string>>): readonly string[] {
  return wrongIn(inputs).map(lineOf);
}

function wrongIn(inputs: Readonly<Record<string, string>>): readonly WrongInput[] {
  try {
    readInputs({ get: (name) => inputs[name] ?? '', mask: () => undefined, env: {} });
  } catch (error) {
    if (error instanceof InputError) return error.problems;
    throw error;
  }
  throw new Error('Nothing is wrong with these inputs');
}

const AFTERMATHS: readonly Shape[] = [
  'never read',
  'read',
  'reached',
  'failed',
  'cancelled by someone',
  'confirmed',
  'accepted',
  'refused',
  'missing',
  'gone',
  'not found yet',
  'found',
  'several',
  'call accepted',
  'call lost, none appeared',
  'ambiguous',
  'somebody else’s'
];

/** A process, a host and a state as long as they come, and an import that may be running. */
function withLongNames(): Report {
  const report = reportFor('refused', 'timedOut');
  const { read } = report.case;
  if (!read) throw new Error('It has been read');
  const name = 'myShardedCluster_ofTheDepartment_myShard_0_3';
  const host = 'mongodb-replica-set-member-03.production.eu-central-1.internal.example.com';
  const findings = AN_ERROR.map((finding) =>
    finding.kind === 'error'
      ? { ...finding, processes: [{ ...finding.processes[0], name, host }] as const }
      : finding
  );
  const state = 'AWAIT_SOMETHING_THAT_A_NEWER_OPS_MANAGER_WAITS_FOR_IN_AN_IMPORT';
  const transitions = [...read.transitions, { state, transitionedAt: '2025-10-20T10:02:00.000Z' }];
  const longest = { ...read, state, transitions, readAt: '2025-11-10T10:02:00.000Z' };
  return { ...report, case: { ...report.case, read: longest }, findings };
}

/** The post step of a step that has saved nothing, beside two imports in progress. */
function forgotten(): Report {
  const report = reportFor('not created yet', 'killed');
  const imports = [
    { id: idOf(1), state: 'PENDING', since: '2025-10-20T10:00:00.000Z' },
    { id: idOf(2), state: 'AWAIT_AUTOMATION_IMPORTED', since: '2025-10-20T09:30:00.000Z' }
  ];
  const inProgress = { imports, count: 2 };
  const resumed = { at: 0, answeredAt: 0, isForgotten: true, inProgress };
  const c = { ...report.case, resumed };
  return { ...report, case: c, verdict: verdict(c, report.terms) };
}

/** The summaries that are not those of a wait that was played, by name. */
export function otherSummaries(): ReadonlyMap<string, string> {
  const traffic = { version: '8.0.13', requests: 298, retries: 0 };
  const foreign = { ...reportFor('created', 'killed'), hasForeignInputs: true };
  return new Map([
    ['long names', summaryOf({ ...withLongNames(), traffic })],
    ['after the step, other inputs', aftermathSummary(foreign)],
    [
      'after the step, reached, other inputs',
      aftermathSummary({ ...reportFor('reached', 'killed'), hasForeignInputs: true })
    ],
    ['after the step, nothing saved', aftermathSummary(forgotten())],
    ['wrong inputs', wrongInputsSummary(wrongIn(WRONG_INPUTS))],
    ['one wrong input', wrongInputsSummary(wrongIn(WRONG_INPUTS).slice(0, 1))],
    ...AFTERMATHS.map(
      (shape) => [`after the step, ${shape}`, aftermathSummary(reportFor(shape, 'killed'))] as const
    )
  ]);
}
