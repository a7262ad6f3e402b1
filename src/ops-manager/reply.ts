import type { CallOptions } from '../case/import-api.ts';
import { isRecord, type Json } from '../case/json.ts';
import type { HttpReply } from '../http/connection.ts';
import { malformedReply, type ErrorBody } from './reply-errors.ts';
import type { ServerText } from '../untrusted.ts';
import { parseHttpDate } from '../time.ts';

/** Ops Manager's answer to a call, and when it gave it by its own clock (ISO 8601). */
export interface Answer {
  /** `undefined` for a body that is not JSON. */
  readonly json: unknown;
  readonly readAt: string | undefined;
}

/** What a reply says, in its body and around it; its texts are redacted, but for `json`. */
export interface Reply extends Answer {
  /** Of the answer, whatever it was wrapped in. */
  readonly status: number;
  readonly isGood: boolean;
  /** Undefined in a good reply, and where it is not Ops Manager’s own. */
  readonly body: ErrorBody | undefined;
  /** Ops Manager’s version, which may also be a word. */
  readonly version: string | undefined;
  /** What it asks to wait, in milliseconds. */
  readonly retryAfterMs: number | undefined;
  /** Where a redirect points to. */
  readonly location: string | undefined;
}

/** Reads a reply as the import API and the diagnosis see it. */
export function readReply(
  { status: httpStatus, text: body, header }: Pick<HttpReply, 'status' | 'text' | 'header'>,
  text: ServerText
): Reply {
  const content = unwrapped(httpStatus, body);
  const [date, location] = [header('date'), header('location')];
  return {
    ...content,
    isGood: isGood(content.status),
    body: isGood(content.status) ? undefined : errorIn(content, text),
    readAt: dateIn(date),
    version: versionIn(header('x-mongodb-service-version'), text),
    retryAfterMs: retryAfterMs(header('retry-after'), date),
    location: location === undefined ? undefined : text.line(location)
  };
}

type Content = Pick<Reply, 'status' | 'json'>;

/**
 * Status and body. Only under a 2xx does the body count: it may be an envelope `{status, content}`,
 * which someone in between has asked for, or an error of Ops Manager's own, whose `status` or
 * `error` is then the reply's.
 * Source: Ops Manager, "Get Import Deployment Request Status", query parameter `envelope`.
 */
function unwrapped(status: number, text: string): Content {
  const json = parseJson(text);
  if (!isGood(status)) return { status, json };
  // The documentation calls it "an empty success response": nothing is as good as `{}`.
  if (json === undefined && text.trim() === '') return { status, json: {} };
  const content = withoutEnvelope({ status, json });
  return isGood(content.status) ? { ...content, status: ownStatus(content) } : content;
}

function isGood(status: number): boolean {
  return status >= 200 && status < 300;
}

function withoutEnvelope({ status, json }: Content): Content {
  if (!isRecord(json) || 'state' in json || !('content' in json)) return { status, json };
  const own = statusIn(json['status']);
  return own === undefined ? { status, json } : { status: own, json: json['content'] ?? {} };
}

/** The status of an error that came under a 2xx. */
function ownStatus({ status, json }: Content): number {
  if (!isRecord(json) || 'state' in json) return status;
  const failed = [json['status'], json['error']]
    .map(statusIn)
    .find((each) => each !== undefined && each >= 400);
  return failed !== undefined && isOwnError(json, failed) ? failed : status;
}

function errorIn({ status, json }: Content, text: ServerText): ErrorBody | undefined {
  if (!isOwnError(json, status)) return undefined;
  const field = (name: string): string | undefined => {
    const value = json[name];
    return isText(value) ? text.line(value) : undefined;
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

/** Checks that a command was carried out: the answer is an empty object, or nearly. */
export function parseCommandAnswer({ json }: Answer): void {
  if (!isRecord(json)) throw malformedReply('it is not a JSON object');
  const { error, errorCode, status } = json;
  // Someone in between says with HTTP 200 that something went wrong.
  if ((error ?? errorCode ?? undefined) !== undefined || !isGood(statusIn(status) ?? 200)) {
    throw malformedReply('it speaks of an error');
  }
}

/** A `Date` header as ISO 8601. */
function dateIn(header: string | undefined): string | undefined {
  const time = parseHttpDate(header ?? '');
  return Number.isNaN(time) ? undefined : new Date(time).toISOString();
}

function versionIn(header: string | undefined, text: ServerText): string | undefined {
  const version = /versionString=([^;]+)/.exec(header ?? '')?.[1];
  return version === undefined ? undefined : text.line(version);
}

/**
 * `Retry-After` in milliseconds: seconds, or an HTTP date against the server's own `Date`.
 * Undefined when absent or unreadable. RFC 9110, section 10.2.3.
 */
function retryAfterMs(value: string | undefined, date: string | undefined): number | undefined {
  if (value === undefined) return undefined;
  if (/^\d{1,9}$/.test(value.trim())) return Number(value) * 1000;
  const until = parseHttpDate(value);
  const now = parseHttpDate(date ?? '');
  const ms = until - (Number.isNaN(now) ? Date.now() : now);
  return Number.isNaN(ms) ? undefined : Math.max(0, ms);
}

/** The most that Ops Manager puts on one page. Source: Ops Manager's API, "Lists". */
const PAGE_ITEMS = 500;

/** One page of a list, with what it says of the others. */
export interface Page<T = unknown> {
  readonly items: readonly T[];
  /** Items on the page, those that cannot be read included. */
  readonly length: number;
  /** Of all pages. */
  readonly totalCount: number | undefined;
  readonly hasNext: boolean;
}

/** @throws ApiError when the reply is no list; transient. */
export function parsePage(json: unknown): Page {
  const { results, totalCount, links } = isRecord(json) ? json : {};
  if (!Array.isArray(results)) throw malformedReply('it has no list results');
  return {
    items: results,
    length: results.length,
    totalCount: countIn(totalCount),
    hasNext: Array.isArray(links) && links.some(isNextLink)
  };
}

/** A number may come as a text, which some that pass replies on make of it. */
function countIn(value: unknown): number | undefined {
  const count = typeof value === 'string' && /^\d{1,9}$/.test(value) ? Number(value) : value;
  return Number.isSafeInteger(count) ? (count as number) : undefined;
}

function isNextLink(link: unknown): boolean {
  return isRecord(link) && typeof link['rel'] === 'string' && /^next$/i.test(link['rel']);
}

/** Whether there is more than what was `listed` up to this page, by its own word. */
export function saysMore({ hasNext, totalCount = 0 }: Page, listed: number): boolean {
  return hasNext || listed < totalCount;
}

/** Whether a page has as many items as were asked for: there may be more where nothing is said. */
export function isFull({ length }: Page): boolean {
  return length >= PAGE_ITEMS;
}

/** The path of a page, from 1. A link is never followed: it may lead to another origin. */
export function pagePath(path: string, pageNum: number): string {
  return `${path}?itemsPerPage=${PAGE_ITEMS}&pageNum=${pageNum}`;
}

/** What each of several requests may take that share the limit of one call; `now` in milliseconds. */
export function sharing({ signal, limitMs }: CallOptions, now: () => number): () => CallOptions {
  if (limitMs === undefined) return () => ({ signal });
  const endsAt = now() + limitMs;
  return () => ({ signal, limitMs: endsAt - now() });
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
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
