import type { AgentList, AutomationStatus, DiagnosisApi, HostList } from '../diagnosis/facts.ts';
import { ApiError, type CallOptions } from '../case/import-api.ts';
import { parseAgents, parseAutomationStatus, parseHosts } from './diagnosis-replies.ts';
import { isFull, pagePath, saysMore, sharing, type Page } from './pages.ts';
import type { Answer } from './reply.ts';
import type { ServerText } from '../untrusted.ts';

const MOST_PAGES = 4;
/** A process with the longest error recorded has 3.5 KB, a host under 1 KB. */
const MAX_BYTES = 8 * 1024 * 1024;
/** A page with less time than this would only be cut off, and the connection with it. */
const SHORTEST_PAGE_MS = 100;

/**
 * One GET of a path below `/api/public/v1.0`, at most `maxBytes` long.
 * @throws ApiError, or the signal's reason when aborted.
 */
export type Get = <T>(
  path: string,
  maxBytes: number,
  options: CallOptions,
  read: (answer: Answer, text: Pick<ServerText, 'start'>) => T
) => Promise<T>;

/** The calls of a diagnosis over `get`; `now` is a monotonic clock in milliseconds. */
export function diagnosisApi(
  get: Get,
  projectId: string,
  now: () => number = () => performance.now()
): DiagnosisApi {
  const group = `/groups/${projectId}`;
  return {
    readAutomationStatus: (options) => readStatus(get, `${group}/automationStatus`, options),
    listAgents: async (options): Promise<AgentList> => {
      const path = `${group}/agents/AUTOMATION`;
      const { items, ...answer } = await readPages(get, path, options, now, parseAgents);
      return { ...answer, agents: items };
    },
    listHosts: async (options): Promise<HostList> => {
      const { items, ...answer } = await readPages(get, `${group}/hosts`, options, now, parseHosts);
      return { ...answer, hosts: items };
    }
  };
}

/** A project that automates nothing yet is no failure. */
async function readStatus(get: Get, path: string, options: CallOptions): Promise<AutomationStatus> {
  try {
    return await get(path, MAX_BYTES, options, ({ json, readAt }, text) =>
      parseAutomationStatus(json, readAt, text)
    );
  } catch (error) {
    if (error instanceof ApiError && error.errorCode === 'AUTOMATION_CONFIG_NOT_FOUND') {
      return { goalVersion: undefined, processes: [], readAt: undefined, isComplete: true };
    }
    throw error;
  }
}

/** All pages, as far as is sensible, within the one limit of the call. */
async function readPages<T>(
  get: Get,
  path: string,
  options: CallOptions,
  now: () => number,
  parse: (json: unknown, text: Pick<ServerText, 'start'>) => Page<T>
): Promise<{ items: readonly T[]; readAt: string | undefined; isComplete: boolean }> {
  const within = sharing(options, now);
  const items: T[] = [];
  let listed = 0;
  let readAt: string | undefined;
  for (let pageNum = 1; pageNum <= MOST_PAGES; pageNum += 1) {
    const left = within();
    if (pageNum > 1 && (left.limitMs ?? Infinity) < SHORTEST_PAGE_MS) break;
    const page = await get(pagePath(path, pageNum), MAX_BYTES, left, (answer, text) => {
      readAt ??= answer.readAt;
      return parse(answer.json, text);
    });
    items.push(...page.items);
    listed += page.length;
    if (!hasMore(page, listed)) {
      const isComplete = items.length === listed && listed >= (page.totalCount ?? 0);
      return { items, readAt, isComplete };
    }
  }
  return { items, readAt, isComplete: false };
}

function hasMore(page: Page, listed: number): boolean {
  if (page.length === 0) return false;
  return saysMore(page, listed) || (page.totalCount === undefined && isFull(page));
}
