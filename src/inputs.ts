import type { GoalState } from './case/states.ts';
import { readConnection, readConnectionLeniently } from './inputs/connection.ts';
import {
  parseBaseUrl,
  parseBoolean,
  parseGoalState,
  parseObjectId,
  parsePositiveDuration,
  parsePrivateKey,
  parsePublicKey,
  parseStatusContext,
  parseToken
} from './inputs/fields.ts';
import { Form } from './inputs/form.ts';
import { projectUrlOf, runUrlOf, userAgentOf } from './inputs/links.ts';
import { withMaskedSecrets, type InputSource } from './inputs/source.ts';
import { readPostTarget, readTarget, type PostTarget, type TargetInputs } from './inputs/target.ts';
import type { ConnectionSettings } from './http/connection.ts';
import type { Credentials } from './http/digest-session.ts';

/** A commit status to publish. */
export interface CommitStatusInputs {
  readonly context: string;
  readonly token: string;
}

/** What both steps need, checked; durations in milliseconds. */
interface CommonInputs {
  /** With the API's path, without a trailing slash. */
  readonly apiUrl: URL;
  readonly projectId: string;
  readonly credentials: Credentials;
  readonly goal: GoalState;
  readonly pollIntervalMs: number;
  readonly requestTimeoutMs: number;
  readonly cancelOnTimeout: boolean;
  readonly cancelOnInterrupt: boolean;
  readonly connection: ConnectionSettings;
  readonly commitStatus: CommitStatusInputs | undefined;
  readonly jobSummary: boolean;
  readonly userAgent: string;
  /** The page of this workflow run; undefined outside GitHub Actions. */
  readonly runUrl: string | undefined;
  /** The project's page in Ops Manager. */
  readonly projectUrl: string;
  /** What must not be shown anywhere. */
  readonly secrets: readonly string[];
}

/** Everything that the workflow and its environment ask for, checked; durations in milliseconds. */
export interface Inputs extends CommonInputs {
  readonly target: TargetInputs;
  readonly timeoutMs: number;
  readonly stallTimeoutMs: number | undefined;
  readonly maxOutageMs: number;
  readonly deleteFailed: boolean;
  readonly diagnose: boolean;
  /** What works but should not stay as it is. */
  readonly warnings: readonly string[];
}

/** What a post step needs to settle, and nothing else. */
export interface PostInputs extends CommonInputs {
  readonly target: PostTarget;
}

const POLL_INTERVAL = '10s';
const REQUEST_TIMEOUT = '30s';
const POLL_INTERVAL_OF_ONE_NONCE_MS = 60_000;

/**
 * Reads, masks and checks all inputs.
 * @throws InputError with every problem at once.
 */
export function readInputs(given: InputSource): Inputs {
  const form = new Form(withMaskedSecrets(given));
  const timeoutMs = form.duration('timeout', '1h');
  const inputs = {
    ...readEssentials(form),
    target: readTarget(form, timeoutMs),
    timeoutMs,
    stallTimeoutMs: form.optional('stall-timeout', (text) => parsePositiveDuration(text)),
    pollIntervalMs: form.duration('poll-interval', POLL_INTERVAL, 1000),
    requestTimeoutMs: form.duration('request-timeout', REQUEST_TIMEOUT),
    maxOutageMs: form.duration('max-outage', '10m'),
    deleteFailed: form.optional('delete-failed', parseBoolean) ?? false,
    connection: readConnection(form),
    commitStatus: readCommitStatus(form),
    jobSummary: form.optional('job-summary', parseBoolean) ?? true,
    diagnose: form.optional('diagnose', parseBoolean) ?? true
  };
  form.finish();
  return { ...inputs, ...readSurroundings(form, inputs), warnings: warningsFor(inputs) };
}

/**
 * Reads what settling an import needs. An input that it does not need and that no longer
 * validates, such as a file that is gone, does not matter; secrets are masked as far as they can
 * still be read.
 * @throws InputError with what really stops it.
 */
export function readPostInputs(given: InputSource): PostInputs {
  const form = new Form(withMaskedSecrets(given));
  const duration = (name: string, otherwise: string): number =>
    form.lenient(name, (text) => parsePositiveDuration(text)) ?? parsePositiveDuration(otherwise);
  const inputs = {
    ...readEssentials(form),
    target: readPostTarget(form),
    pollIntervalMs: duration('poll-interval', POLL_INTERVAL),
    requestTimeoutMs: duration('request-timeout', REQUEST_TIMEOUT),
    connection: readConnectionLeniently(form),
    commitStatus: readCommitStatusLeniently(form),
    jobSummary: form.lenient('job-summary', parseBoolean) ?? true
  };
  form.finish();
  return { ...inputs, ...readSurroundings(form, inputs) };
}

/** Without these there is no call, or nobody knows whether it may be made. */
function readEssentials(form: Form) {
  return {
    apiUrl: form.required('base-url', parseBaseUrl),
    projectId: form.required('project-id', parseObjectId),
    credentials: {
      publicKey: form.required('public-key', parsePublicKey),
      privateKey: form.required('private-key', parsePrivateKey)
    },
    goal: form.optional('goal-state', parseGoalState) ?? 'SUCCESS',
    cancelOnTimeout: form.optional('cancel-on-timeout', parseBoolean) ?? true,
    cancelOnInterrupt: form.optional('cancel-on-interrupt', parseBoolean) ?? true
  };
}

/** What follows from good inputs. */
function readSurroundings(
  { source }: Form,
  { apiUrl, projectId }: Pick<CommonInputs, 'apiUrl' | 'projectId'>
) {
  const runUrl = runUrlOf(source.env);
  return {
    runUrl,
    userAgent: userAgentOf(runUrl),
    projectUrl: projectUrlOf(apiUrl, projectId),
    secrets: source.secrets
  };
}

function readCommitStatus(form: Form): CommitStatusInputs | undefined {
  const context = form.optional('commit-status', parseStatusContext);
  if (context === undefined) return undefined;
  if (form.source.get('github-token') === '') {
    form.problem(
      'github-token',
      'it is needed for commit-status. Leave it out to use the job’s own token.'
    );
  }
  return { context, token: form.optional('github-token', parseToken) ?? '' };
}

function readCommitStatusLeniently(form: Form): CommitStatusInputs | undefined {
  const context = form.lenient('commit-status', parseStatusContext);
  const token = form.lenient('github-token', parseToken);
  return context === undefined || token === undefined ? undefined : { context, token };
}

function warningsFor(inputs: Pick<Inputs, 'apiUrl' | 'pollIntervalMs'>): string[] {
  return [
    ...(inputs.apiUrl.protocol === 'http:'
      ? [
          'base-url is plain HTTP: answers can be forged on the way. Use https:// if Ops Manager offers it.'
        ]
      : []),
    ...(inputs.pollIntervalMs > POLL_INTERVAL_OF_ONE_NONCE_MS
      ? [
          'poll-interval is above 60s: Ops Manager’s nonces live 60 s, so each read costs two requests.'
        ]
      : [])
  ];
}
