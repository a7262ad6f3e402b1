import type {
  Agent,
  AgentList,
  AutomationStatus,
  DiagnosisApi,
  Host,
  HostList,
  ProcessError,
  ProcessStatus
} from '../diagnosis/facts.ts';
import { ApiError, type CallOptions } from '../case/import-api.ts';
import { isRecord, type Json } from '../case/json.ts';
import type { OpsManagerClient } from './client.ts';
import { clean, cut, defuse, type ServerText } from '../untrusted.ts';
import { isFull, type Page, pagePath, parsePage, saysMore, sharing } from './reply.ts';
import { malformedReply } from './reply-errors.ts';
import { parseIsoDate } from '../time.ts';

const MOST_PAGES = 4;
/** A process with the longest error recorded has 3.5 KB, a host under 1 KB. */
const MAX_BYTES = 8 * 1024 * 1024;
/** A page with less time than this would only be cut off, and the connection with it. */
const SHORTEST_PAGE_MS = 100;

type Get = OpsManagerClient['get'];

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
  parse: (json: unknown, text: ServerText) => Page<T>
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

/** Items that one answer is read for; a project has fewer, and a report shows fewer still. */
const MOST_ITEMS = 2_000;
const MOST_MOVES = 50;
const MOST_ALIASES = 20;
const LONGEST_NAME = 255;
const LONGEST_MOVE = 100;
const LONGEST_ERROR = 300;
/** The agent wraps errors, and the cause comes last: so a long text keeps both ends. */
const HEAD_OF_ERROR = 100;
const GAP = ' … ';
const LONGEST_TEXT_READ = 16_384;
const LINES_READ = 20;

/**
 * The state of automation. A process without a name, host or version is left out.
 * Source: Ops Manager, "Get Automation Deployment Status".
 * @throws ApiError that says what is wrong with the reply; transient.
 */
function parseAutomationStatus(
  json: unknown,
  readAt: string | undefined,
  text: ServerText
): AutomationStatus {
  const { goalVersion, processes } = isRecord(json) ? json : {};
  if (!Array.isArray(processes)) throw malformedReply('it has no list processes');
  if (!isVersion(goalVersion)) {
    if (processes.length > 0) throw malformedReply('it has no goalVersion');
    return { goalVersion: undefined, processes: [], readAt, isComplete: true };
  }
  const items = processes.slice(0, MOST_ITEMS).flatMap((item) => parseProcess(item, text) ?? []);
  return { goalVersion, processes: items, readAt, isComplete: items.length === processes.length };
}

/**
 * A page of automation agents. One without a host name is left out.
 * Source: Ops Manager, "Get All Agents by Type".
 * @throws ApiError that says what is wrong with the reply; transient.
 */
function parseAgents(json: unknown, text: ServerText): Page<Agent> {
  return readPage(json, (item) => {
    const hostname = shownName(item['hostname'], text);
    if (hostname === undefined) return undefined;
    return { hostname, lastConf: dateIn(item['lastConf']) };
  });
}

/**
 * A page of hosts. One without a host name or port is left out.
 * Source: Ops Manager, "Get All Hosts in a Project".
 * @throws ApiError that says what is wrong with the reply; transient.
 */
function parseHosts(json: unknown, text: ServerText): Page<Host> {
  return readPage(json, (item) => {
    const hostname = shownName(item['hostname'], text);
    const { port, aliases, typeName, lastPing } = item;
    if (hostname === undefined || typeof port !== 'number') return undefined;
    const names = Array.isArray(aliases) ? aliases.slice(0, MOST_ALIASES) : [];
    return {
      hostname,
      port,
      aliases: names.flatMap((name) => shownHostPort(name, text) ?? []),
      typeName: nameIn(typeName),
      lastPing: dateIn(lastPing)
    };
  });
}

function readPage<T>(json: unknown, parse: (item: Json) => T | undefined): Page<T> {
  const page = parsePage(json);
  const items = page.items
    .slice(0, MOST_ITEMS)
    .flatMap((item) => (isRecord(item) ? (parse(item) ?? []) : []));
  return { ...page, items };
}

function parseProcess(item: unknown, text: ServerText): ProcessStatus | undefined {
  if (!isRecord(item)) return undefined;
  const name = shownName(item['name'], text);
  const hostname = shownName(item['hostname'], text);
  const { lastGoalVersionAchieved: achievedVersion, plan } = item;
  if (name === undefined || hostname === undefined || !isVersion(achievedVersion)) return undefined;
  const moves = Array.isArray(plan) ? plan.slice(0, MOST_MOVES) : [];
  return {
    name,
    hostname,
    achievedVersion,
    plan: moves.flatMap((move) => shownName(move, text, LONGEST_MOVE) ?? []),
    error: parseError(item, text)
  };
}

/** Code 0 and empty texts mean none, as does their absence; but code 0 with a text is an error. */
function parseError(item: Json, text: ServerText): ProcessError | undefined {
  const { errorCode } = item;
  const code = typeof errorCode === 'number' && Number.isInteger(errorCode) ? errorCode : undefined;
  const title = firstLine(item['errorCodeHumanReadable'], text);
  const line = firstLine(item['errorString'], text);
  const detail = line || firstLine(item['errorCodeDescription'], text);
  const isNone = code === undefined ? `${title}${line}` === '' : code === 0 && line === '';
  if (isNone) return undefined;
  const parts = title !== '' && detail !== '' ? `${title} (${detail})` : title || detail;
  return { code, text: shortened(parts || `error code ${code ?? 0}`) };
}

/** The first line that says something, without the process and the times that the agent writes. */
function firstLine(value: unknown, text: ServerText): string {
  if (typeof value !== 'string') return '';
  const lines = text.start(value, LONGEST_TEXT_READ).split(/[\r\n\u2028\u2029]+/, LINES_READ);
  return lines.map((line) => withoutPrefixes(line).trim()).find((line) => line !== '') ?? '';
}

/** `<rs0_3> [13:11:33.348] `: it differs between processes and from one attempt to the next. */
function withoutPrefixes(line: string): string {
  return line.replace(/(?:<[^<>]{1,255}> *)?\[\d{1,2}:\d{2}:\d{2}(?:\.\d+)?\] */g, '');
}

/** One defused line; of a longer one both ends. */
function shortened(text: string): string {
  const line = defuse(text).replace(/ {2,}/g, ' ').trim();
  const characters = Array.from(line);
  if (characters.length <= LONGEST_ERROR) return line;
  const tail = characters.slice(HEAD_OF_ERROR + GAP.length - LONGEST_ERROR);
  return defuse(`${characters.slice(0, HEAD_OF_ERROR).join('')}${GAP}${tail.join('')}`);
}

function nameIn(value: unknown, longest = LONGEST_NAME): string | undefined {
  const name = typeof value === 'string' ? cut(clean(value.slice(0, 2 * longest)), longest) : '';
  return name === '' ? undefined : name;
}

function shownName(value: unknown, text: ServerText, longest = LONGEST_NAME): string | undefined {
  return typeof value === 'string' ? nameIn(text.start(value, 2 * longest), longest) : undefined;
}

/** A port is no secret, and a name is compared with it. */
function shownHostPort(value: unknown, text: ServerText): string | undefined {
  if (typeof value !== 'string') return undefined;
  const port = /:\d{1,5}$/.exec(value)?.[0] ?? '';
  const host = shownName(value.slice(0, value.length - port.length), text);
  return host === undefined ? undefined : `${host}${port}`;
}

function dateIn(value: unknown): string | undefined {
  const time = typeof value === 'string' ? parseIsoDate(value) : NaN;
  return Number.isNaN(time) ? undefined : new Date(time).toISOString();
}

function isVersion(value: unknown): value is number {
  return typeof value === 'number' && Number.isSafeInteger(value);
}
