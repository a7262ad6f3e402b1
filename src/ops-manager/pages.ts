import type { CallOptions } from '../case/import-api.ts';
import { isRecord } from '../case/json.ts';
import { malformedReply } from './reply-errors.ts';

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
    totalCount: Number.isSafeInteger(totalCount) ? (totalCount as number) : undefined,
    hasNext: Array.isArray(links) && links.some((link) => isRecord(link) && link['rel'] === 'next')
  };
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
