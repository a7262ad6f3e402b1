import type { Sought } from './case/case.ts';
import type { GoalState } from './case/states.ts';
import type { ConnectionSettings } from './http/connection.ts';
import type { Credentials } from './http/digest.ts';
import { readConnection } from './inputs/connection.ts';
import {
  parseBaseUrl,
  parseBoolean,
  parseGoalState,
  parseObjectId,
  parseOptionalDuration,
  parsePollInterval,
  parsePositiveDuration,
  parsePrivateKey,
  parsePublicKey,
  parseStatusContext,
  parseToken,
  projectUrlOf
} from './inputs/fields.ts';
import { Form } from './inputs/form.ts';
import type { ImportBody } from './inputs/import-body.ts';
import type { Reporting } from './inputs/problem.ts';
import { type InputSource, runUrlOf, userAgentOf, withMaskedSecrets } from './inputs/source.ts';
import { readBody, readTarget, type TargetInputs } from './inputs/target.ts';
import { Redaction } from './redaction.ts';

/** Everything that the workflow and its environment ask for, checked; durations in milliseconds. */
export interface Inputs extends Reporting {
  /** With the API's path, without a trailing slash. */
  readonly apiUrl: URL;
  readonly projectId: string;
  /** The project's page in Ops Manager. */
  readonly projectUrl: string;
  readonly credentials: Credentials;
  readonly target: TargetInputs;
  readonly goal: GoalState;
  readonly timeoutMs: number;
  readonly stallTimeoutMs: number | undefined;
  readonly pollIntervalMs: number;
  readonly requestTimeoutMs: number;
  readonly maxOutageMs: number;
  readonly cancelOnTimeout: boolean;
  readonly cancelOnInterrupt: boolean;
  readonly deleteFailed: boolean;
  readonly diagnose: boolean;
  readonly connection: ConnectionSettings;
  readonly userAgent: string;
  /** What works but should not stay as it is. */
  readonly warnings: readonly string[];
}

const MINUTE_MS = 60_000;
const REQUEST_MS = 30_000;
/** How long a nonce of Ops Manager’s lives. */
const NONCE_MS = MINUTE_MS;

/**
 * Reads, masks and checks all inputs.
 * @throws InputError with every problem at once.
 */
export function readInputs(given: InputSource): Inputs {
  const form = new Form(withMaskedSecrets(given));
  const apiUrl = form.required('base-url', parseBaseUrl);
  const projectId = form.required('project-id', parseProjectId);
  const credentials = readCredentials(form);
  const timeoutMs = form.withDefault('timeout', 60 * MINUTE_MS, parsePositiveDuration);
  const target = readTarget(form, timeoutMs);
  const pollIntervalMs = form.withDefault('poll-interval', 10_000, parsePollInterval);
  const connection = readConnection(form, apiUrl);
  const reporting = readReporting(form);
  const { secrets } = form.source;
  return form.finish<Inputs>(
    {
      ...reporting,
      apiUrl,
      projectId,
      projectUrl: apiUrl && projectId && projectUrlOf(apiUrl, projectId),
      credentials,
      target: target?.kind === 'create' ? withoutSecrets(target, secrets) : target,
      goal: form.withDefault('goal-state', 'SUCCESS', parseGoalState),
      timeoutMs,
      stallTimeoutMs: form.optional('stall-timeout', parseOptionalDuration),
      pollIntervalMs,
      requestTimeoutMs: form.withDefault('request-timeout', REQUEST_MS, parsePositiveDuration),
      maxOutageMs: form.withDefault('max-outage', 10 * MINUTE_MS, parsePositiveDuration),
      cancelOnTimeout: form.withDefault('cancel-on-timeout', true, parseBoolean),
      cancelOnInterrupt: form.withDefault('cancel-on-interrupt', true, parseBoolean),
      deleteFailed: form.withDefault('delete-failed', false, parseBoolean),
      diagnose: form.withDefault('diagnose', true, parseBoolean),
      connection,
      userAgent: userAgentOf(reporting.runUrl),
      warnings: warningsFor(form.source.env, apiUrl, pollIntervalMs)
    },
    reporting
  );
}

/** What a post step takes from its inputs; everything else main has decided, and saved. */
export interface PostSecrets {
  /** Undefined where one of the keys is wrong or missing. */
  readonly credentials: Credentials | undefined;
  readonly connection: ConnectionSettings;
  /** For a commit status. */
  readonly token: string | undefined;
  /** What must not be shown anywhere. */
  readonly secrets: readonly string[];
}

/**
 * Reads and masks what must not be saved, for the Ops Manager at `apiUrl`. The runner evaluates the
 * inputs of a post step anew, and hands over others in a composite action inside another: what is
 * wrong or gone is no error here, but undefined.
 */
export function readPostSecrets(given: InputSource, apiUrl: URL): PostSecrets {
  const form = new Form(withMaskedSecrets(given));
  readBody(form);
  return {
    credentials: readCredentials(form),
    connection: readConnection(form, apiUrl),
    token: form.optional('github-token', parseToken),
    secrets: form.source.secrets
  };
}

/** What a post step needs to look at an import where nothing was saved. */
export type PostInputs = Reporting &
  Pick<
    Inputs,
    'apiUrl' | 'projectId' | 'credentials' | 'goal' | 'requestTimeoutMs' | 'connection'
  > & {
    readonly target: Sought;
  };

/**
 * Reads what a post step needs where nothing was saved; what it does not need may be wrong.
 * @throws InputError with what stops it.
 */
export function readPostInputs(given: InputSource): PostInputs {
  const source = withMaskedSecrets(given);
  const [needed, others] = [new Form(source), new Form(source)];
  const apiUrl = needed.required('base-url', parseBaseUrl);
  readBody(others);
  const target = source.get('import-request') === '' ? readTarget(needed, undefined) : undefined;
  const reporting = readReporting(others);
  return needed.finish<PostInputs>(
    {
      ...reporting,
      apiUrl,
      projectId: needed.required('project-id', parseProjectId),
      credentials: readCredentials(needed),
      target: target ?? { kind: 'create' },
      goal: needed.withDefault('goal-state', 'SUCCESS', parseGoalState),
      requestTimeoutMs: others.optional('request-timeout', parsePositiveDuration) ?? REQUEST_MS,
      connection: readConnection(others, apiUrl)
    },
    reporting
  );
}

/** Whether both policies are given and say cancel: an empty one comes from an expression. */
export function arePoliciesGiven({ get }: InputSource): boolean {
  return ['cancel-on-timeout', 'cancel-on-interrupt'].every(
    (name) => get(name).toLowerCase() === 'true'
  );
}

function readCredentials(form: Form): Credentials | undefined {
  const publicKey = form.required('public-key', parsePublicKey);
  const privateKey = form.required('private-key', parsePrivateKey);
  if (publicKey === undefined || privateKey === undefined) return undefined;
  if (publicKey !== privateKey) return { publicKey, privateKey };
  form.problem(
    'public-key',
    'it is the same as private-key, and would be sent in the clear. Give the public key, which is one short word.'
  );
  return undefined;
}

function readReporting(form: Form): Reporting {
  const context = form.optional('commit-status', parseStatusContext);
  const isWanted = form.source.get('commit-status') !== '';
  const token = isWanted ? form.optional('github-token', parseToken) : undefined;
  if (isWanted && form.source.get('github-token') === '') {
    form.problem(
      'github-token',
      'it is needed for commit-status. Leave it out to use the job’s own token.'
    );
  }
  return {
    jobSummary: form.withDefault('job-summary', true, parseBoolean) ?? true,
    commitStatus: context === undefined || token === undefined ? undefined : { context, token },
    runUrl: runUrlOf(form.source.env),
    secrets: form.source.secrets
  };
}

function parseProjectId(text: string): string {
  return parseObjectId(
    text,
    'Copy it from the address of the project’s page in Ops Manager, where it stands behind /v2/.'
  );
}

/** Host names hide what is hidden in those of Ops Manager’s replies, which they are compared with. */
function withoutSecrets<T extends ImportBody>(target: T, secrets: readonly string[]): T {
  const redaction = new Redaction(secrets);
  const hidden = (hostPort: string): string =>
    hostPort.replace(/^.*(?=:\d+$)/, (hostname) => redaction.redact(hostname));
  const { seedHost, processes } = target.requested;
  const requested = {
    ...target.requested,
    seedHost: seedHost === undefined ? undefined : hidden(seedHost),
    processes: processes?.map(hidden)
  };
  return { ...target, requested };
}

function warningsFor(
  env: InputSource['env'],
  apiUrl: URL | undefined,
  pollIntervalMs: number | undefined
): readonly string[] {
  const warnings = [
    [
      env['NODE_TLS_REJECT_UNAUTHORIZED'] === '0',
      'NODE_TLS_REJECT_UNAUTHORIZED=0 is not followed: certificates are checked. Set ca-certificate where a private authority issued them.'
    ],
    [
      apiUrl?.protocol === 'http:',
      'base-url is plain HTTP: answers can be forged on the way. Use https:// if Ops Manager offers it.'
    ],
    [
      (pollIntervalMs ?? 0) > NONCE_MS,
      'poll-interval is above 60s: Ops Manager’s nonces live 60 s, so each read costs two requests.'
    ]
  ] as const;
  return warnings.flatMap(([isSo, text]) => (isSo ? [text] : []));
}
