import { createHash, randomUUID } from 'node:crypto';
import { existsSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { forgotten, type Case } from './case/case.ts';
import { fields, FLAG, maybe, NUMBER, one, TEXT, type Check } from './case/json.ts';
import { PIPELINE } from './case/states.ts';
import { isLeftOpen, verdict, type Terms } from './case/verdict.ts';
import type { Inputs, UnsavedInputs } from './inputs.ts';
import type { HeadCommit } from './report/github-api.ts';
import type { Place } from './report/report.ts';
import { projectUrlOf } from './inputs/fields.ts';

/**
 * What main decided, and the post step does not ask again: it is saved beside the case. The runner
 * evaluates inputs anew for the post step, at the end of the job, when what stood behind them may
 * have changed; in a composite action inside another it hands over those of the outer one.
 */
export interface Decided {
  readonly terms: Terms;
  /** With the API's path, without a trailing slash. */
  readonly apiUrl: string;
  readonly projectId: string;
  readonly requestTimeoutMs: number;
  readonly jobSummary: boolean;
  readonly status: StatusPlace | undefined;
  readonly keyFingerprint: string;
  /** The file that the post step makes first, by which main knows that it has begun. */
  readonly mark: string | undefined;
}

/** Where a commit status stands. */
interface StatusPlace {
  readonly context: string;
  readonly commit: HeadCommit;
}

/** A last commit status that a main step without a case has left to its post step. */
export interface OpenStatus {
  readonly status: StatusPlace;
  readonly description: string;
}

const STATUS = fields<StatusPlace>({
  context: TEXT,
  commit: fields<HeadCommit>({ repository: TEXT, sha: TEXT })
});
const URL_TEXT = (value: unknown): value is string => TEXT(value) && URL.canParse(value);

/** Whether a value is what main decided. */
export const isDecided: Check<Decided> = fields<Decided>({
  terms: fields<Terms>({
    goal: one(...PIPELINE),
    cancelOnTimeout: FLAG,
    cancelOnInterrupt: FLAG,
    deleteFailed: FLAG
  }),
  apiUrl: URL_TEXT,
  projectId: TEXT,
  requestTimeoutMs: NUMBER,
  jobSummary: FLAG,
  status: maybe(STATUS),
  keyFingerprint: TEXT,
  mark: maybe(TEXT)
});

/** Whether a value is a commit status that was left to the post step. */
export const isOpenStatus: Check<OpenStatus> = fields<OpenStatus>({
  status: STATUS,
  description: TEXT
});

/** What the inputs of main decide; `commit` is the one that a status goes on, if there is one. */
export function decide(
  inputs: Inputs,
  commit: HeadCommit | undefined,
  env: Readonly<Record<string, string | undefined>>
): Decided {
  const { goal, cancelOnTimeout, cancelOnInterrupt, deleteFailed, commitStatus } = inputs;
  const { apiUrl, projectId, requestTimeoutMs, jobSummary, credentials } = inputs;
  return {
    terms: { goal, cancelOnTimeout, cancelOnInterrupt, deleteFailed },
    apiUrl: apiUrl.href,
    projectId,
    requestTimeoutMs,
    jobSummary,
    status: commitStatus && commit && { context: commitStatus.context, commit },
    keyFingerprint: fingerprintOf(credentials.publicKey),
    mark: newMark(env['RUNNER_TEMP'])
  };
}

/** Where the import lives. */
export function placeOf(
  apiUrl: URL,
  projectId: string,
  { caCertificate, clientCertificate }: Inputs['connection']
): Place {
  const { host, href } = apiUrl;
  return {
    host,
    apiUrl: href,
    projectId,
    projectUrl: projectUrlOf(apiUrl, projectId),
    hasAuthority: caCertificate !== undefined,
    hasClientCertificate: clientCertificate !== undefined
  };
}

/** Tells one API key from another; too short to lead back to it. */
export function fingerprintOf(publicKey: string): string {
  return createHash('sha256').update(publicKey).digest('hex').slice(0, 8);
}

/** What a post step goes on with. It never deletes, and says what was to be deleted. */
export interface Task {
  readonly case: Case;
  readonly terms: Terms;
}

/**
 * The task where nothing was saved, at `at` by the post step's clock: main may have done anything,
 * so only a given import is settled, and only where the inputs are beyond doubt; else the post step
 * looks, and cancels nothing.
 */
export function taskWithout(
  { target, goal, areSure }: Pick<UnsavedInputs, 'target' | 'goal' | 'areSure'>,
  at: number
): Task {
  const mayCancel = areSure && target.kind === 'given';
  const terms = {
    goal,
    cancelOnTimeout: mayCancel,
    cancelOnInterrupt: mayCancel,
    deleteFailed: false
  };
  return { case: forgotten(target, at), terms };
}

/** Whether there is more to say of a task than main has said, or something else since. */
export function needsTelling({ case: before, terms }: Task, after: Case): boolean {
  const told = verdict(before, terms).cancellation;
  const now = verdict(after, terms).cancellation;
  const isOther = after.id !== before.id || now.kind !== told.kind;
  return !before.isFinished || isLeftOpen(told) || isOther;
}

// A file by which a main step knows that its post step has begun while it still runs, as with a
// background step that is cancelled. Main saves its path; the post step makes it first. Where that
// cannot be, both go on without it.

/** The path of one that nobody has made yet; undefined outside a runner. */
function newMark(folder: string | undefined): string | undefined {
  return folder ? join(folder, `await-ops-manager-import-${randomUUID()}.post`) : undefined;
}

/** Whether the post step has made the mark. */
export function isMarked(mark: string | undefined): boolean {
  return mark !== undefined && existsSync(mark);
}

/** Makes the mark, where it can be made. */
export function makeMark(mark: string | undefined): void {
  try {
    if (mark !== undefined) writeFileSync(mark, '');
  } catch {
    // Main goes on as if no post step had begun.
  }
}
