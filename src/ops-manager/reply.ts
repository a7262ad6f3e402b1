import type { Import, Transition } from '../case/import.ts';
import { isRecord, type Json } from '../case/json.ts';
import { isState } from '../case/states.ts';
import { parseHttpDate, parseIsoDate } from '../http/dates.ts';
import type { ErrorBody } from './refusals.ts';
import { malformedReply } from './reply-errors.ts';
import type { ServerText } from './server-text.ts';

// A few phases and an end; what is left out beyond this is between the first and the newest.
const MAX_TRANSITIONS = 200;
// Of a list nothing but states, ids and dates is used; this much is kept to be shown.
const MAX_LISTED_REPLY_CHARACTERS = 2_000;

/** Ops Manager's answer to a read, and when it gave it by its own clock (ISO 8601). */
export interface Answer {
  readonly json: unknown;
  readonly readAt: string | undefined;
}

/**
 * An import deployment request.
 * @throws ApiError that says what is wrong with the reply; transient.
 */
export function parseImport({ json, readAt }: Answer, text: ServerText): Import {
  if (!isRecord(json)) throw malformedReply('it is not a JSON object');
  const id = objectIdIn(json, 'id', text);
  const projectId = objectIdIn(json, 'groupId', text);
  const { state } = json;
  if (!isStateText(state)) throw malformedReply(`this is not a state: ${text.quote(state)}`);
  const history = json['transitionsHistory'];
  if (!Array.isArray(history)) throw malformedReply('it has no list transitionsHistory');
  const transitions = inOrder(history.map((item) => parseTransition(item, text)));
  return { id, projectId, state, transitions, readAt, reply: text.pretty(json) };
}

/**
 * The project's import deployment requests. What others wrote is read generously: an item without
 * a readable id or state, or of another project, is left out; one without a readable history has
 * no transitions; of two with the same id the one with the longer history counts.
 * @throws ApiError when it is no list at all; transient.
 */
export function parseImports(
  { json, readAt }: Answer,
  projectId: string,
  text: ServerText
): Import[] {
  const results = isRecord(json) ? json['results'] : undefined;
  if (!Array.isArray(results)) throw malformedReply('it has no list results');
  const imports = new Map<string, Import>();
  for (const item of results as readonly unknown[]) {
    const found = parseListed(item, projectId, readAt, text);
    if (!found) continue;
    const known = imports.get(found.id);
    if (known && known.transitions.length >= found.transitions.length) continue;
    imports.set(found.id, found);
  }
  return Array.from(imports.values());
}

function parseListed(
  item: unknown,
  ofProject: string,
  readAt: string | undefined,
  text: ServerText
): Import | undefined {
  if (!isRecord(item)) return undefined;
  const id = idIn(item['id']);
  const { state } = item;
  if (id === undefined || !isStateText(state)) return undefined;
  const projectId = idIn(item['groupId']) ?? ofProject;
  if (projectId !== ofProject) return undefined;
  const reply = text.pretty(item, MAX_LISTED_REPLY_CHARACTERS);
  return { id, projectId, state, transitions: listedHistory(item), readAt, reply };
}

/** Whole or not at all: a history without its first transition would date the import too late. */
function listedHistory(item: Json): readonly Transition[] {
  const history = item['transitionsHistory'];
  if (!Array.isArray(history)) return [];
  const transitions = history.map((entry) => transitionIn(entry));
  return transitions.every((entry) => entry !== undefined) ? inOrder(transitions) : [];
}

/** Ops Manager's own error, redacted; undefined for a body of anyone else's. */
export function parseErrorBody(
  json: unknown,
  status: number,
  text: ServerText
): ErrorBody | undefined {
  if (!isOwnError(json, status)) return undefined;
  const field = (name: string): string | undefined => {
    const value = json[name];
    return typeof value === 'string' && value !== '' ? text.line(value) : undefined;
  };
  return { errorCode: field('errorCode'), detail: field('detail') ?? field('reason') };
}

/**
 * Whether an error body is of the form that Ops Manager gives its own: `error` is the status as a
 * number, with a `reason` or a `detail`; or it has a text `errorCode`. Gateways and servers around
 * Ops Manager answer with JSON, too, but not with this.
 */
function isOwnError(json: unknown, status: number): json is Json {
  if (!isRecord(json)) return false;
  if (isText(json['errorCode'])) return true;
  return json['error'] === status && (isText(json['reason']) || isText(json['detail']));
}

/** A reply after an envelope was taken off: its real status and its JSON. */
export interface Reply {
  readonly status: number;
  /** `undefined` for a body that is not JSON. */
  readonly json: unknown;
}

/**
 * What a reply says with its status and its body. Only under a 2xx does the body count: it may be
 * an envelope `{status, content}`, which someone in between has asked for, or an error of Ops
 * Manager's own, whose `status` or `error` is then the reply's.
 * Source: Ops Manager, "Get Import Deployment Request Status", query parameter `envelope`.
 */
export function parseReply(status: number, json: unknown): Reply {
  if (status < 200 || status >= 300 || !isRecord(json) || 'state' in json) return { status, json };
  const own = statusIn(json['status']);
  if (own !== undefined && 'content' in json) return { status: own, json: json['content'] ?? {} };
  const failed = [own, statusIn(json['error'])].find((each) => each !== undefined && each >= 400);
  if (failed !== undefined && isOwnError(json, failed)) return { status: failed, json };
  return { status, json };
}

/** Checks that a command was carried out: the answer is an empty object, or nearly. */
export function parseCommandAnswer({ json }: Answer): void {
  if (!isRecord(json)) throw malformedReply('it is not a JSON object');
  // Someone in between says with HTTP 200 that something went wrong.
  if ('error' in json || 'errorCode' in json || (statusIn(json['status']) ?? 200) >= 300) {
    throw malformedReply('it speaks of an error');
  }
}

/** JSON, or undefined for what is none. */
export function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/** A `Date` header as ISO 8601. */
export function parseDate(header: string | undefined): string | undefined {
  const time = parseHttpDate(header ?? '');
  return Number.isNaN(time) ? undefined : new Date(time).toISOString();
}

/** The version in `X-MongoDB-Service-Version`, which may also be a word. */
export function parseVersion(header: string | undefined, text: ServerText): string | undefined {
  const version = /versionString=([^;]+)/.exec(header ?? '')?.[1];
  return version === undefined ? undefined : text.line(version);
}

function parseTransition(item: unknown, text: ServerText): Transition {
  const transition = transitionIn(item);
  if (transition) return transition;
  if (!isRecord(item)) throw malformedReply('an entry of transitionsHistory is not an object');
  const { state, transitionedAt } = item;
  throw malformedReply(
    isStateText(state)
      ? `transitionedAt is not a date: ${text.quote(transitionedAt)}`
      : `this is not a state: ${text.quote(state)}`
  );
}

function transitionIn(item: unknown): Transition | undefined {
  if (!isRecord(item)) return undefined;
  const { state, transitionedAt: at } = item;
  const time = typeof at === 'string' ? parseIsoDate(at) : Number.NaN;
  if (!isStateText(state) || Number.isNaN(time)) return undefined;
  return { state, transitionedAt: new Date(time).toISOString() };
}

function inOrder(transitions: readonly Transition[]): readonly Transition[] {
  const sorted = transitions.toSorted(
    (a, b) => Date.parse(a.transitionedAt) - Date.parse(b.transitionedAt)
  );
  if (sorted.length <= MAX_TRANSITIONS) return sorted;
  return [...sorted.slice(0, 1), ...sorted.slice(1 - MAX_TRANSITIONS)];
}

function objectIdIn(json: Json, field: string, text: ServerText): string {
  const id = idIn(json[field]);
  if (id !== undefined) return id;
  throw malformedReply(`${field} is not 24 hexadecimal characters: ${text.quote(json[field])}`);
}

function idIn(id: unknown): string | undefined {
  return typeof id === 'string' && /^[0-9a-f]{24}$/i.test(id) ? id.toLowerCase() : undefined;
}

function isStateText(state: unknown): state is string {
  return typeof state === 'string' && isState(state);
}

function isText(value: unknown): value is string {
  return typeof value === 'string' && value !== '';
}

function statusIn(value: unknown): number | undefined {
  const status = typeof value === 'string' && /^\d{3}$/.test(value) ? Number(value) : value;
  return typeof status === 'number' && Number.isInteger(status) && status >= 100 && status < 600
    ? status
    : undefined;
}
