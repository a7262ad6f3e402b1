import { sampleSteps, ScriptedImport, type Script } from './scripted-import.ts';

export type CallKind = 'read' | 'list' | 'create' | 'cancel' | 'delete';

/** What a request asks for; `kind` is undefined for a path that Ops Manager does not have. */
interface Route {
  readonly kind: CallKind | undefined;
  readonly projectId?: string | undefined;
  readonly id?: string | undefined;
}

export interface Answer {
  readonly status: number;
  readonly body: unknown;
}

/** How a list is written that does not come whole, or with what others have put into it. */
export interface ListScript {
  /** Items that stand between the imports, such as `{}`, `null` or one without a state. */
  readonly oddItems?: readonly unknown[];
  /** The most on one page, and on a reply that no page was asked of; by default there are no pages. */
  readonly pageItems?: number;
  /** How a page says that there are more; by default both ways. */
  readonly says?: 'totalCount' | 'next' | 'both';
  /** Whether each page is the first again, as from a server that knows no pages. */
  readonly ignoresPages?: boolean;
}

/** Makes the script of an import that is created. */
export type Playwright = (body: { readonly seedHostport: string }) => Script;

const PATH =
  /^\/api\/public\/v1\.0\/automation\/importDeployment\/([0-9a-f]{24})(?:\/([0-9a-f]{24})(\/cancel)?)?$/;
const EMPTY: Answer = { status: 200, body: {} };

export function routeOf(method: string, path: string): Route {
  const [matched, projectId, id, cancel] = PATH.exec(path) ?? [];
  if (matched === undefined) return { kind: undefined };
  return { kind: kindOf(method, id !== undefined, cancel !== undefined), projectId, id };
}

function kindOf(method: string, hasId: boolean, isCancel: boolean): CallKind | undefined {
  if (isCancel) return method === 'POST' ? 'cancel' : undefined;
  if (method === 'GET') return hasId ? 'read' : 'list';
  if (method === 'POST') return hasId ? undefined : 'create';
  return method === 'DELETE' && hasId ? 'delete' : undefined;
}

/** One project's import deployment requests, and Ops Manager's answers about them. */
export class ImportEndpoints {
  readonly imports: ScriptedImport[];
  readonly #projectId: string;
  readonly #playwright: Playwright;
  readonly #lists: ListScript;

  /** `now` is in milliseconds since 1970, here and in `answer`. */
  constructor(
    projectId: string,
    scripts: readonly Script[],
    now: number,
    playwright: Playwright = () => ({ steps: sampleSteps('SUCCESS', 1 / 300) }),
    lists: ListScript = {}
  ) {
    this.imports = scripts.map((script) => new ScriptedImport(script, now));
    this.#projectId = projectId;
    this.#playwright = playwright;
    this.#lists = lists;
  }

  add(script: Script, now: number): void {
    this.imports.push(new ScriptedImport(script, now));
  }

  remove(id: string): void {
    const index = this.imports.findIndex((item) => item.id === id);
    if (index >= 0) this.imports.splice(index, 1);
  }

  answer(
    { kind, projectId, id }: Route,
    body: string,
    now: number,
    query = new URLSearchParams()
  ): Answer {
    if (kind === undefined) return errorAnswer(404, 'RESOURCE_NOT_FOUND', 'Cannot find resource.');
    if (projectId !== this.#projectId) {
      const detail = 'The current user is not in the group, or the group does not exist.';
      return errorAnswer(401, 'NOT_IN_GROUP', detail);
    }
    if (kind === 'list') return this.#list(query, now);
    if (kind === 'create') return this.#create(body, now);
    const found = this.imports.find((item) => item.id === id);
    if (!found) {
      const detail = `No import deployment request with ID ${id ?? ''} exists.`;
      return errorAnswer(404, 'RESOURCE_NOT_FOUND', detail);
    }
    switch (kind) {
      case 'read':
        return { status: 200, body: found.present(this.#projectId, now) };
      case 'cancel':
        return found.cancel(now) ? EMPTY : wrongState('cancel', found.state(now));
      case 'delete':
        return this.#delete(found, now);
    }
  }

  /** Source for pages: Ops Manager's API, "Lists", which names none for this one. */
  #list(query: URLSearchParams, now: number): Answer {
    const { oddItems = [], pageItems = Infinity, says = 'both', ignoresPages } = this.#lists;
    const listed = this.imports.filter((item) => item.isListed(now));
    const items = [...oddItems, ...listed.map((item) => item.present(this.#projectId, now))];
    if (pageItems === Infinity) return { status: 200, body: { results: items } };
    const size = Math.min(pageItems, Number(query.get('itemsPerPage') ?? pageItems));
    const number = ignoresPages ? 1 : Number(query.get('pageNum') ?? 1);
    const results = items.slice((number - 1) * size, number * size);
    // Elsewhere, for nobody is to follow it.
    const next = { rel: 'next', href: `https://elsewhere.example.com/?pageNum=${number + 1}` };
    const links = number * size < items.length ? [next] : [];
    return {
      status: 200,
      body: {
        results,
        ...(says !== 'next' && { totalCount: items.length }),
        ...(says !== 'totalCount' && { links: [{ rel: 'self' }, ...links] })
      }
    };
  }

  /** As documented, the answer does not say which id the new import has. */
  #create(text: string, now: number): Answer {
    const { seedHostport } = JSON.parse(text) as { seedHostport?: string };
    if (seedHostport === undefined || seedHostport.startsWith('refused.')) {
      const detail = 'Invalid attribute seedHostport specified.';
      return errorAnswer(400, 'INVALID_ATTRIBUTE', detail);
    }
    this.add(this.#playwright({ seedHostport }), now);
    return EMPTY;
  }

  #delete(found: ScriptedImport, now: number): Answer {
    const state = found.state(now);
    if (state !== 'FAILED' || found.script.refusesDelete) return wrongState('delete', state);
    this.remove(found.id);
    return EMPTY;
  }
}

function wrongState(action: string, state: string): Answer {
  return errorAnswer(400, 'INVALID_STATE', `Cannot ${action} an import in state ${state}.`);
}

/** An error as Ops Manager's documentation shows it. */
export function errorAnswer(status: number, errorCode: string, detail: string): Answer {
  const reason = { 400: 'Bad Request', 401: 'Unauthorized', 404: 'Not Found' }[status] ?? 'Error';
  return { status, body: { detail, error: status, errorCode, parameters: [], reason } };
}
