import { existsSync, readFileSync } from 'node:fs';
import { version } from './version.ts';
import type { GoalState } from './import/states.ts';
import {
  API_PATH,
  parseBaseUrl,
  parseBoolean,
  parseGoalState,
  parseObjectId,
  parsePositiveDuration,
  parseProxies,
  parseStatusContext
} from './inputs/fields.ts';
import { parseImportBody } from './inputs/import-body.ts';
import { parseCertificates, parseClientCertificate } from './inputs/pem.ts';
import { InputError, InputProblem } from './inputs/problem.ts';
import type { ClientCertificate, ConnectionSettings } from './ops-manager/connection.ts';
import type { Credentials } from './ops-manager/digest.ts';
import { redact } from './untrusted.ts';

/** Which import to wait for. */
export type Target =
  | { readonly kind: 'given'; readonly id: string }
  /** The project's one import in progress. */
  | { readonly kind: 'discover' }
  /** `body` is the JSON text of Ops Manager's create call. */
  | { readonly kind: 'create'; readonly body: string };

/** Everything that the workflow and its environment ask for, checked; durations in milliseconds. */
export interface Inputs {
  /** With the API's path, without a trailing slash. */
  readonly apiUrl: URL;
  readonly projectId: string;
  readonly target: Target;
  readonly credentials: Credentials;
  readonly goal: GoalState;
  readonly timeoutMs: number;
  readonly stallTimeoutMs: number | undefined;
  readonly pollIntervalMs: number;
  readonly requestTimeoutMs: number;
  readonly maxOutageMs: number;
  readonly cancelOnTimeout: boolean;
  readonly cancelOnInterrupt: boolean;
  readonly deleteFailed: boolean;
  readonly connection: ConnectionSettings;
  readonly commitStatus: { readonly context: string; readonly token: string } | undefined;
  readonly jobSummary: boolean;
  readonly userAgent: string;
  /** The page of this workflow run; undefined outside GitHub Actions. */
  readonly runUrl: string | undefined;
  /** The project's page in Ops Manager. */
  readonly projectUrl: string;
  /** What must not be shown anywhere. */
  readonly secrets: readonly string[];
  /** What works but should not stay as it is. */
  readonly warnings: readonly string[];
}

/** Where inputs come from. */
export interface InputSource {
  /** An input's trimmed text, empty when left out. */
  readonly get: (name: string) => string;
  /** Masks a secret in the log. */
  readonly mask: (secret: string) => void;
  readonly env: Readonly<Record<string, string | undefined>>;
}

const SECRET_INPUTS = ['private-key', 'client-key', 'client-key-passphrase', 'github-token'];
const POLL_INTERVAL_OF_ONE_NONCE_MS = 60_000;

/**
 * Reads, masks and checks all inputs.
 * @throws InputError with every problem at once.
 */
export function readInputs(given: InputSource): Inputs {
  const secrets: string[] = [];
  const source: InputSource = {
    ...given,
    mask: (secret) => {
      secrets.push(secret);
      given.mask(secret);
    }
  };
  maskSecrets(source);
  const form = new Form(source.get, secrets);
  const inputs = {
    apiUrl: form.required('base-url', parseBaseUrl),
    projectId: form.required('project-id', parseObjectId),
    target: readTarget(form, source),
    credentials: {
      publicKey: form.required('public-key', asIs),
      privateKey: form.required('private-key', asIs)
    },
    goal: form.optional('goal-state', parseGoalState) ?? 'SUCCESS',
    timeoutMs: form.duration('timeout', '1h'),
    stallTimeoutMs: form.optional('stall-timeout', (text) => parsePositiveDuration(text)),
    pollIntervalMs: form.duration('poll-interval', '10s', 1000),
    requestTimeoutMs: form.duration('request-timeout', '30s'),
    maxOutageMs: form.duration('max-outage', '10m'),
    cancelOnTimeout: form.optional('cancel-on-timeout', parseBoolean) ?? true,
    cancelOnInterrupt: form.optional('cancel-on-interrupt', parseBoolean) ?? true,
    deleteFailed: form.optional('delete-failed', parseBoolean) ?? false,
    connection: readConnection(form, source),
    commitStatus: readCommitStatus(form, source),
    jobSummary: form.optional('job-summary', parseBoolean) ?? true,
    runUrl: runUrl(source.env)
  };
  form.finish();
  return {
    ...inputs,
    secrets,
    userAgent: userAgent(inputs.runUrl),
    projectUrl: projectUrl(inputs.apiUrl, inputs.projectId),
    warnings: warningsFor(inputs)
  };
}

/** Before anything else: what is reported next may quote an input. */
function maskSecrets({ get, mask, env }: InputSource): void {
  const proxies = ['HTTP_PROXY', 'HTTPS_PROXY', 'http_proxy', 'https_proxy'].flatMap((name) => {
    const password = /^(?:\w+:\/\/)?[^/:@]*:([^/]*)@/.exec(env[name] ?? '')?.[1] ?? '';
    return [password, decodeURIComponentOrNot(password)];
  });
  const named = SECRET_INPUTS.map(get);
  [...named, ...proxies].filter((secret) => secret !== '').forEach(mask);
}

function readTarget(form: Form, { get, mask }: InputSource): Target {
  if (get('request-id') !== '' && get('import-request') !== '') {
    form.problem(
      'request-id and import-request',
      'give one of them: the import to wait for, or the one to create.'
    );
  }
  const id = form.optional('request-id', parseObjectId);
  const body = form.optional('import-request', (text) =>
    parseImportBody(/^\s*\{/.test(text) ? text : readFile(text, 'JSON text'), mask)
  );
  if (body !== undefined) return { kind: 'create', body };
  return id === undefined ? { kind: 'discover' } : { kind: 'given', id };
}

function readConnection(form: Form, source: InputSource): ConnectionSettings {
  const caCertificate = form.optional('ca-certificate', (text) => {
    const pem = readPem(text);
    parseCertificates(pem);
    return pem;
  });
  return {
    caCertificate,
    clientCertificate: readClientCertificate(form, source),
    proxies: form.check('proxy', () => parseProxies(source.env))
  };
}

function readClientCertificate(
  form: Form,
  { get, mask }: InputSource
): ClientCertificate | undefined {
  const certificate = form.optional('client-certificate', readPem);
  const key = form.optional('client-key', (text) => {
    const pem = readPem(text);
    mask(pem);
    return pem;
  });
  const passphrase = get('client-key-passphrase');
  if (get('client-certificate') === '' && get('client-key') === '') return undefined;
  if (get('client-certificate') === '' || get('client-key') === '') {
    form.problem('client-certificate and client-key', 'give both of them or neither.');
  }
  if (certificate === undefined || key === undefined) return undefined;
  return form.check('client-certificate', () =>
    parseClientCertificate({ certificate, key, ...(passphrase === '' ? {} : { passphrase }) })
  );
}

function readCommitStatus(form: Form, { get }: InputSource): Inputs['commitStatus'] {
  const context = form.optional('commit-status', parseStatusContext);
  if (context === undefined) return undefined;
  const token = get('github-token');
  if (token === '') {
    form.problem(
      'github-token',
      'it is needed for commit-status. Leave it out to use the job’s own token.'
    );
  }
  return { context, token };
}

/** PEM text as it is, anything else as the path of a file. @throws InputProblem */
function readPem(text: string): string {
  return text.includes('-----BEGIN') ? text : readFile(text, 'PEM text');
}

function readFile(path: string, otherwise: string): string {
  // What is neither text nor a path may be a secret, so it is not repeated.
  if (path.includes('\n') || path.length > 1024)
    throw new InputProblem(`it is neither ${otherwise} nor a path.`);
  if (!existsSync(path)) {
    throw new InputProblem(
      `it is not ${otherwise}, and there is no file of that name. Paths are relative to the workspace; is the repository checked out?`
    );
  }
  try {
    return readFileSync(path, 'utf8');
  } catch (error) {
    throw new InputProblem(
      `its file cannot be read (${String((error as { code?: unknown }).code)}).`
    );
  }
}

function runUrl(env: InputSource['env']): string | undefined {
  const { GITHUB_SERVER_URL: server, GITHUB_REPOSITORY: repository, GITHUB_RUN_ID: run } = env;
  const url = `${server ?? ''}/${repository ?? ''}/actions/runs/${run ?? ''}`;
  return server && repository && run && /^[\x21-\x7e]+$/.test(url) ? url : undefined;
}

/** Ops Manager's access log leads back to the run. */
function userAgent(url: string | undefined): string {
  const name = `await-ops-manager-import/${version}`;
  return url === undefined ? name : `${name} (+${url})`;
}

function projectUrl(apiUrl: URL, projectId: string): string {
  return `${apiUrl.origin}${apiUrl.pathname.slice(0, -API_PATH.length)}/v2/${projectId}`;
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

function asIs(text: string): string {
  return text;
}

function decodeURIComponentOrNot(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}

/** Collects what is wrong, so that one run of the workflow shows all of it. */
class Form {
  readonly #get: InputSource['get'];
  readonly #secrets: readonly string[];
  readonly #problems: string[] = [];

  constructor(get: InputSource['get'], secrets: readonly string[]) {
    this.#get = get;
    this.#secrets = secrets;
  }

  problem(name: string, what: string): void {
    // A key may have been put into the wrong input.
    this.#problems.push(`${name}: ${redact(what, this.#secrets)}`);
  }

  /** The result of `parse`. A problem is noted; its result is never used, as `finish` throws. */
  check<T>(name: string, parse: () => T): T {
    try {
      return parse();
    } catch (error) {
      if (!(error instanceof InputProblem)) throw error;
      this.problem(name, error.message);
      return undefined as T;
    }
  }

  optional<T>(name: string, parse: (text: string) => T): T | undefined {
    const text = this.#get(name);
    return text === '' ? undefined : this.check(name, () => parse(text));
  }

  required<T>(name: string, parse: (text: string) => T): T {
    return this.check(name, () => {
      const text = this.#get(name);
      if (text === '')
        throw new InputProblem(
          'it is required. Check that the secret or variable behind it is set.'
        );
      return parse(text);
    });
  }

  duration(name: string, otherwise: string, shortestMs?: number): number {
    const text = this.#get(name) || otherwise;
    return this.check(name, () => parsePositiveDuration(text, shortestMs));
  }

  /** @throws InputError when something was wrong. */
  finish(): void {
    if (this.#problems.length > 0) throw new InputError(this.#problems);
  }
}
