import type { ImportRequest, Transition } from '../import/import-request.ts';
import { isState } from '../import/states.ts';
import { clean, redact } from '../untrusted.ts';
import { malformedReply, type ErrorBody } from './errors.ts';

/** A reply after an envelope was taken off: its real status and its JSON, if it is JSON. */
export interface Reply {
  readonly status: number;
  /** `undefined` for a body that is not JSON. */
  readonly json: unknown;
}

/**
 * Reads a body. A gateway may ask for the envelope form `{status, content}`, and a body without a
 * `state` whose own `status` or `error` says 4xx or 5xx counts as that status, whatever HTTP says.
 * Source: Ops Manager, "Get Import Deployment Request Status", query parameter `envelope`.
 */
export function readReply(httpStatus: number, text: string): Reply {
  const json = parseJson(text);
  if (!isRecord(json) || 'state' in json) return { status: httpStatus, json };
  const own = statusIn(json['status']) ?? statusIn(json['error']);
  if (own !== undefined && 'content' in json) return { status: own, json: json['content'] ?? {} };
  return { status: own !== undefined && own >= 400 ? own : httpStatus, json };
}

/**
 * The fields of an error body, undefined when it is not Ops Manager's. It may quote what it was
 * sent, and so a secret.
 */
export function readErrorBody(
  json: unknown,
  secrets: readonly string[] = []
): ErrorBody | undefined {
  if (!isRecord(json)) return undefined;
  const text = (name: string): string | undefined => {
    const value = textIn(json[name]);
    return value === undefined ? undefined : redact(value, secrets);
  };
  const errorCode = text('errorCode');
  const detail = text('detail') ?? text('reason');
  const status = statusIn(json['error']) ?? statusIn(json['status']);
  return errorCode === undefined && detail === undefined && status === undefined
    ? undefined
    : { errorCode, detail };
}

/**
 * An import deployment request.
 * @throws OpsManagerError that says what is wrong with the reply; transient.
 */
export function readImport(json: unknown, readAt: string | undefined): ImportRequest {
  if (!isRecord(json)) throw malformedReply('it is not a JSON object');
  const id = objectIdIn(json, 'id');
  const projectId = objectIdIn(json, 'groupId');
  const state = stateIn(json['state']);
  const history = json['transitionsHistory'];
  if (!Array.isArray(history)) throw malformedReply('it has no list transitionsHistory');
  const transitions = history.map(readTransition).sort(byTime);
  return { id, projectId, state, transitions, readAt, reply: json };
}

/**
 * The project's import deployment requests.
 * @throws OpsManagerError that says what is wrong with the reply; transient.
 */
export function readImports(json: unknown, readAt: string | undefined): ImportRequest[] {
  const results = isRecord(json) ? json['results'] : undefined;
  if (!Array.isArray(results)) throw malformedReply('it has no list results');
  return results.map((item) => readImport(item, readAt));
}

/** A `Date` header as ISO 8601. */
export function readDate(header: string | undefined): string | undefined {
  const time = Date.parse(header ?? '');
  return Number.isNaN(time) ? undefined : new Date(time).toISOString();
}

/** The version in `X-MongoDB-Service-Version`, which may also be a word. */
export function readVersion(header: string | undefined): string | undefined {
  const version = /versionString=([^;]+)/.exec(header ?? '')?.[1];
  return version === undefined ? undefined : clean(version);
}

function readTransition(item: unknown): Transition {
  if (!isRecord(item)) throw malformedReply('an entry of transitionsHistory is not an object');
  const at = item['transitionedAt'];
  // Date.parse alone takes nearly everything for a date.
  const time = typeof at === 'string' && /^\d{4}-\d\d-\d\dT/.test(at) ? Date.parse(at) : Number.NaN;
  if (Number.isNaN(time)) {
    throw malformedReply(`transitionedAt is not a date: ${quoted(at)}`);
  }
  return { state: stateIn(item['state']), transitionedAt: new Date(time).toISOString() };
}

function byTime(a: Transition, b: Transition): number {
  return Date.parse(a.transitionedAt) - Date.parse(b.transitionedAt);
}

function objectIdIn(json: Readonly<Record<string, unknown>>, field: string): string {
  const id = json[field];
  if (typeof id !== 'string' || !/^[0-9a-f]{24}$/i.test(id)) {
    throw malformedReply(`${field} is not 24 hexadecimal characters: ${quoted(id)}`);
  }
  return id.toLowerCase();
}

function stateIn(state: unknown): string {
  if (typeof state !== 'string' || !isState(state)) {
    throw malformedReply(`this is not a state: ${quoted(state)}`);
  }
  return state;
}

function quoted(value: unknown): string {
  return value === undefined ? 'nothing' : `“${clean(JSON.stringify(value).slice(0, 80))}”`;
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function textIn(value: unknown): string | undefined {
  return typeof value === 'string' && value !== '' ? value : undefined;
}

function statusIn(value: unknown): number | undefined {
  const status = typeof value === 'string' && /^\d{3}$/.test(value) ? Number(value) : value;
  return typeof status === 'number' && Number.isInteger(status) && status >= 100 && status < 600
    ? status
    : undefined;
}
