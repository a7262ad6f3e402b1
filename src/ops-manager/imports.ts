import { ApiError, type ImportList } from '../case/import-api.ts';
import type { Import, Transition } from '../case/import.ts';
import { isRecord, type Json } from '../case/json.ts';
import { isState, pipelineRank } from '../case/states.ts';
import { type Answer, type Page, pagePath, parsePage, saysMore } from './reply.ts';
import { malformedReply } from './reply-errors.ts';
import type { ServerText } from '../untrusted.ts';
import { parseIsoDate } from '../time.ts';

// A few phases and an end; what is left out beyond this is between the first and the newest.
const MAX_TRANSITIONS = 200;
// Of a list nothing but states, ids and dates is used; this much is kept to be shown.
const MAX_LISTED_REPLY_CHARACTERS = 2_000;
/** Ten thousand imports of one project; what goes on beyond them does not end. */
const MOST_PAGES = 20;

/** What every import is read with. */
export interface Reading {
  /** The project that was asked for, in small letters. */
  readonly projectId: string;
  readonly text: ServerText;
}

/**
 * An import deployment request: `id` and a readable state decide, and its history is read as far
 * as it goes. @throws ApiError that says what is wrong with the reply; transient.
 */
export function parseImport({ json, readAt }: Answer, id: string, reading: Reading): Import {
  const { text, projectId } = reading;
  if (!isRecord(json)) throw malformedReply('it is not a JSON object');
  const found = idIn(json['id']);
  if (found === undefined) {
    throw malformedReply(`id is not 24 hexadecimal characters: ${text.quote(json['id'])}`);
  }
  if (found !== id.toLowerCase()) throw malformedReply('it is about another import');
  if (isOfAnother(json, projectId)) throw malformedReply('it is about another project');
  const { state } = json;
  if (!isStateText(state)) throw malformedReply(`this is not a state: ${text.quote(state)}`);
  const said = state === 'FAILED' ? saidIn(json, text) : undefined;
  return { id: found, state, ...historyIn(json), readAt, said, reply: text.pretty(json) };
}

/** No edition documents a field that says why an import failed: one that is named so is quoted. */
function saidIn(json: Json, text: ServerText): string | undefined {
  for (const [name, value] of Object.entries(json)) {
    if (typeof value !== 'string' || !/reason|error|message/i.test(name)) continue;
    const line = text.line(value).replace(/[“”]/g, '"');
    if (line !== '') return line;
  }
  return undefined;
}

/**
 * The project's imports by one request, or by one for each page where the first reply says itself
 * that it is not whole. What others wrote is read generously: an item without a readable id or
 * state, or of another project, is left out; of two with the same id the one that is further counts.
 * `ask` gives what `read` makes of the answer to a path.
 * @throws ApiError, transient where a list is not good, or what `ask` throws for the first reply.
 */
export async function readImportList(
  path: string,
  ask: <T>(path: string, read: (answer: Answer) => T) => Promise<T>,
  reading: Reading
): Promise<ImportList> {
  const imports = new Map<string, Import>();
  const take = ({ json, readAt }: Answer): Page & Pick<ImportList, 'readAt'> => {
    const page = parsePage(json);
    for (const item of page.items) keep(imports, parseListed(item, readAt, reading));
    return { ...page, readAt };
  };
  const first = await ask(path, take);
  let isWhole = !saysMore(first, first.length);
  for (let pageNum = 1, listed = 0; !isWhole; pageNum += 1) {
    if (pageNum > MOST_PAGES) throw endlessList();
    const known = imports.size;
    try {
      const page = await ask(pagePath(path, pageNum), take);
      listed += page.length;
      // The first page repeats the reply before it, where pages are no longer than that.
      const isLast = pageNum > 1 && imports.size === known;
      isWhole = isLast || !saysMore(page, listed);
    } catch (error) {
      throw error instanceof ApiError ? unreadablePage(pageNum, error) : error;
    }
  }
  return { imports: Array.from(imports.values()), readAt: first.readAt };
}

const UNREADABLE_LIST = 'The list of imports cannot be read to its end';

function endlessList(): ApiError {
  return new ApiError('transient', {
    title: UNREADABLE_LIST,
    happened: `${UNREADABLE_LIST}: it has more than ${MOST_PAGES} pages.`,
    advice: 'Delete old import deployment requests that failed, or give request-id.'
  });
}

function unreadablePage(pageNum: number, error: ApiError): ApiError {
  const { happened, advice, status, errorCode, retryAfterMs } = error;
  return new ApiError(
    'transient',
    {
      title: UNREADABLE_LIST,
      happened: `Page ${pageNum} of the list of imports could not be read. ${happened}`,
      advice
    },
    { status, errorCode, retryAfterMs, cause: error }
  );
}

function keep(imports: Map<string, Import>, found: Import | undefined): void {
  if (!found) return;
  const known = imports.get(found.id);
  if (!known || isFurther(found, known)) imports.set(found.id, found);
}

/** Of two answers about one import: which tells more. */
function isFurther(found: Import, known: Import): boolean {
  const ranks = pipelineRank(found.state) - pipelineRank(known.state);
  return ranks === 0 ? found.transitions.length > known.transitions.length : ranks > 0;
}

function parseListed(
  item: unknown,
  readAt: string | undefined,
  { projectId, text }: Reading
): Import | undefined {
  if (!isRecord(item) || isOfAnother(item, projectId)) return undefined;
  const id = idIn(item['id']);
  const { state } = item;
  if (id === undefined || !isStateText(state)) return undefined;
  return {
    id,
    state,
    ...historyIn(item),
    readAt,
    // Only where it is shown: a list is long, and of its items one is the step's.
    get reply() {
      return text.pretty(item, MAX_LISTED_REPLY_CHARACTERS);
    }
  };
}

/** What of a history can be read, oldest first. */
function historyIn(json: Json): Pick<Import, 'transitions' | 'hasGaps'> {
  const history = json['transitionsHistory'];
  if (!Array.isArray(history)) return { transitions: [] };
  const dated = (history as readonly unknown[]).flatMap((entry) => datedIn(entry) ?? []);
  const sorted = dated.sort((a, b) => a.atMs - b.atMs || a.rank - b.rank);
  const kept =
    sorted.length <= MAX_TRANSITIONS
      ? sorted
      : [...sorted.slice(0, 1), ...sorted.slice(1 - MAX_TRANSITIONS)];
  const transitions = kept.map(({ state, atMs }): Transition => ({
    state,
    transitionedAt: new Date(atMs).toISOString()
  }));
  return dated.length === history.length ? { transitions } : { transitions, hasGaps: true };
}

interface Dated {
  readonly state: string;
  readonly atMs: number;
  readonly rank: number;
}

function datedIn(entry: unknown): Dated | undefined {
  if (!isRecord(entry)) return undefined;
  const { state, transitionedAt: at } = entry;
  if (!isStateText(state) || typeof at !== 'string') return undefined;
  const atMs = parseIsoDate(at);
  return Number.isNaN(atMs) ? undefined : { state, atMs, rank: pipelineRank(state) };
}

function isOfAnother(json: Json, projectId: string): boolean {
  const found = idIn(json['groupId']);
  return found !== undefined && found !== projectId;
}

function idIn(id: unknown): string | undefined {
  return typeof id === 'string' && /^[0-9a-f]{24}$/i.test(id) ? id.toLowerCase() : undefined;
}

function isStateText(state: unknown): state is string {
  return typeof state === 'string' && isState(state);
}
