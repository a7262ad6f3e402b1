import type { Sought } from './case/case.ts';
import type { Terms } from './case/verdict.ts';
import type { Credentials } from './http/digest.ts';
import { readConnection } from './inputs/connection.ts';
import {
  gitHubOf,
  hintOnMissingSecrets,
  parseBaseUrl,
  parseGoalState,
  parseObjectId,
  parseToken,
  projectUrlOf,
  readCredentials,
  readReporting
} from './inputs/fields.ts';
import { readJson } from './inputs/files.ts';
import { type ImportBody, parseImportBody } from './inputs/import-body.ts';
import {
  Form,
  type GitHub,
  InputError,
  InputProblem,
  type InputSource,
  type Reporting,
  withMaskedSecrets
} from './inputs/form.ts';
import { Redaction } from './redaction.ts';
import type { ConnectionSettings } from './http/settings.ts';

/** What happens with `import-request` when the project has an import in progress already. */
const IF_IN_PROGRESS = ['create', 'adopt', 'fail'] as const;
type IfInProgress = (typeof IF_IN_PROGRESS)[number];

/** Which import to wait for, with what a created one is asked to do; the wait’s `Target`. */
type TargetInputs =
  | { readonly kind: 'given'; readonly id: string }
  | { readonly kind: 'discover' }
  | ({ readonly kind: 'create'; readonly ifInProgress: IfInProgress } & ImportBody);

/** Everything that the workflow and its environment ask for, checked; durations in milliseconds. */
export interface Inputs extends Reporting, Terms {
  /** With the API's path, without a trailing slash. */
  readonly apiUrl: URL;
  readonly projectId: string;
  /** The project's page in Ops Manager. */
  readonly projectUrl: string;
  readonly credentials: Credentials;
  readonly target: TargetInputs;
  readonly timeoutMs: number;
  readonly stallTimeoutMs: number | undefined;
  readonly pollIntervalMs: number;
  readonly requestTimeoutMs: number;
  readonly maxOutageMs: number;
  readonly diagnose: boolean;
  readonly connection: ConnectionSettings;
  readonly userAgent: string;
  /** What must not be shown anywhere. */
  readonly secrets: readonly string[];
  /** What works but should not stay as it is. */
  readonly warnings: readonly string[];
}

const DISCOVER = 'in-progress';
// A create call never begins with less left than this.
const SHORTEST_CREATION_MS = 5_000;
// An import that was found is the step's only after a list 30 s after the first.
const SHORTEST_DISCOVERY_MS = 30_000;
const MINUTE_MS = 60_000;
const REQUEST_MS = 30_000;
/** How long a nonce of Ops Manager’s lives. */
const NONCE_MS = MINUTE_MS;

/**
 * Reads, masks and checks all inputs.
 * @throws InputError with every problem at once.
 */
export function readInputs(given: InputSource): Inputs {
  const form = new Form(withMaskedSecrets(given, hintOnMissingSecrets));
  const apiUrl = form.required('base-url', parseBaseUrl);
  const projectId = form.required('project-id', parseProjectId);
  const credentials = readCredentials(form);
  const timeoutMs = form.duration('timeout', 60 * MINUTE_MS);
  const target = readTarget(form, timeoutMs);
  const pollIntervalMs = form.duration('poll-interval', 10_000, 1_000);
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
      stallTimeoutMs: form.optionalDuration('stall-timeout'),
      pollIntervalMs,
      requestTimeoutMs: form.duration('request-timeout', REQUEST_MS),
      maxOutageMs: form.duration('max-outage', 10 * MINUTE_MS),
      cancelOnTimeout: form.flag('cancel-on-timeout', true),
      cancelOnInterrupt: form.flag('cancel-on-interrupt', true),
      deleteFailed: form.flag('delete-failed', false),
      diagnose: form.flag('diagnose', true),
      connection,
      userAgent: reporting.gitHub.userAgent,
      secrets,
      warnings: warningsFor(form.source.env, apiUrl, pollIntervalMs)
    },
    reporting
  );
}

/** What a post step takes from its inputs; everything else main has decided, and saved. */
interface PostSecrets {
  /** Undefined where one of the keys is wrong or missing. */
  readonly credentials: Credentials | undefined;
  readonly connection: ConnectionSettings;
  /** For a commit status. */
  readonly token: string | undefined;
  readonly gitHub: GitHub;
}

/**
 * Reads and masks what must not be saved, for the Ops Manager at `apiUrl`, if there is one. The runner evaluates the
 * inputs of a post step anew, and hands over others in a composite action inside another: what is
 * wrong or gone is no error here, but undefined.
 */
export function readPostSecrets(given: InputSource, apiUrl?: URL): PostSecrets {
  const form = new Form(withMaskedSecrets(given, hintOnMissingSecrets));
  readBody(form);
  return {
    credentials: readCredentials(form),
    connection: readConnection(form, apiUrl),
    token: form.optional('github-token', parseToken),
    gitHub: gitHubOf(form)
  };
}

/** What a post step needs to look at an import where nothing was saved. */
export interface UnsavedInputs extends Pick<
  Inputs,
  | keyof Reporting
  | 'apiUrl'
  | 'projectId'
  | 'credentials'
  | 'goal'
  | 'requestTimeoutMs'
  | 'connection'
  | 'userAgent'
  | 'secrets'
> {
  readonly target: Sought;
  /**
   * Whether they are beyond doubt those of main: all right, with both policies given and saying
   * cancel, and not in a composite action.
   */
  readonly areSure: boolean;
}

/**
 * Reads what a post step needs where nothing was saved; what it does not need may be wrong, and is
 * doubt.
 * @throws InputError with what stops it.
 */
export function readUnsavedInputs(given: InputSource): UnsavedInputs {
  const source = withMaskedSecrets(given, hintOnMissingSecrets);
  const [needed, others] = [new Form(source), new Form(source)];
  const apiUrl = needed.required('base-url', parseBaseUrl);
  const projectId = needed.required('project-id', parseProjectId);
  readBody(others);
  const target = source.get('import-request') === '' ? readTarget(needed, undefined) : undefined;
  const reporting = readReporting(others);
  return needed.finish<UnsavedInputs>(
    {
      ...reporting,
      apiUrl,
      projectId,
      credentials: readCredentials(needed),
      target: target ?? { kind: 'create' },
      goal: others.withDefault('goal-state', 'SUCCESS', parseGoalState) ?? 'SUCCESS',
      requestTimeoutMs: others.duration('request-timeout', REQUEST_MS) ?? REQUEST_MS,
      connection: readConnection(others, apiUrl),
      userAgent: reporting.gitHub.userAgent,
      secrets: source.secrets,
      areSure: areSure(given)
    },
    reporting
  );
}

function areSure(given: InputSource): boolean {
  // An empty policy comes from an expression.
  const cancels = (name: string): boolean => given.get(name).toLowerCase() === 'true';
  if (!cancels('cancel-on-timeout') || !cancels('cancel-on-interrupt')) return false;
  if (given.env['GITHUB_ACTION_PATH']) return false;
  try {
    readInputs(given);
    return true;
  } catch (error) {
    if (error instanceof InputError) return false;
    throw error;
  }
}

/** `timeoutMs` is undefined where the timeout itself is wrong. */
function readTarget(form: Form, timeoutMs: number | undefined): TargetInputs | undefined {
  const isGiven = (name: string): boolean => form.source.get(name) !== '';
  const [hasId, hasBody] = [isGiven('request-id'), isGiven('import-request')];
  if (hasId && hasBody) {
    form.problem(
      'request-id',
      'it is given together with import-request. Give one of them: the import to wait for, or the one to create.'
    );
  } else if (!hasId && !hasBody) {
    form.problem(
      'request-id',
      `neither it nor import-request is given. Check the expression behind it: a misspelt step id gives an empty text. Give an import’s id, or ${DISCOVER} for the project’s one import in progress; or import-request, to create one.${form.source.hintOnMissing()}`
    );
  }
  const given = form.optional('request-id', parseRequestId);
  const ifInProgress = form.withDefault('if-in-progress', 'create', parseIfInProgress);
  const body = readBody(form);
  const least = (ms: number, what: string): void => {
    if (timeoutMs === undefined || timeoutMs > ms) return;
    form.problem('timeout', `with ${what} it must be more than ${ms / 1000}s.`);
  };
  if (hasBody) least(SHORTEST_CREATION_MS, 'import-request');
  if (given?.kind === 'discover') least(SHORTEST_DISCOVERY_MS, `request-id: ${DISCOVER}`);
  if (body === undefined || ifInProgress === undefined) return given;
  return { kind: 'create', ifInProgress, ...body };
}

/** Masks what is secret in `import-request`, also where it is wrong. */
function readBody(form: Form): ImportBody | undefined {
  const { mask, hintOnMissing } = form.source;
  return form.optional('import-request', (text) =>
    parseImportBody(readJson(text), mask, hintOnMissing)
  );
}

function parseIfInProgress(text: string): IfInProgress {
  const choice = IF_IN_PROGRESS.find((each) => each === text.toLowerCase());
  if (choice) return choice;
  throw new InputProblem((given) => `${given} is not one of create, adopt and fail.`);
}

function parseRequestId(text: string): Exclude<TargetInputs, { kind: 'create' }> {
  if (text.toLowerCase() === DISCOVER) return { kind: 'discover' };
  const where = `The step that created the import has it as its output request-id. For the project’s one import in progress write ${DISCOVER}.`;
  return { kind: 'given', id: parseObjectId(text, where, -1) };
}

function parseProjectId(text: string): string {
  return parseObjectId(
    text,
    'Copy it from the address of the project’s page in Ops Manager, where it stands behind /v2/.',
    0
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
