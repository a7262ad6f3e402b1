/** What the calls of a diagnosis ask for. */
export type DiagnosisKind = 'status' | 'agents' | 'hosts';

/** A value that changes: each with the milliseconds after the start from which it holds. */
interface Timeline<T> {
  readonly first: T;
  readonly then: readonly (readonly [fromMs: number, value: T])[];
}

/** A value, or how it changes. */
type Timed<T> = T | Timeline<T>;

/** The four fields of an error; what is left out is absent from the reply. */
export interface ErrorScript {
  readonly errorCode?: number;
  readonly errorCodeHumanReadable?: string;
  readonly errorCodeDescription?: string;
  readonly errorString?: string;
}

export interface ProcessScript {
  readonly name: string;
  readonly hostname: string;
  /** `lastGoalVersionAchieved`. */
  readonly version: Timed<number>;
  readonly plan?: Timed<readonly string[]>;
  /** `none`: the fields of no error; `{}`: no such fields at all. */
  readonly error?: Timed<ErrorScript | 'none'>;
}

export interface AgentScript {
  readonly hostname: string;
  readonly stateName?: string;
  /** When it last called in, in milliseconds after the start; one that lives leaves it out. */
  readonly silentFromMs?: number;
}

interface HostScript {
  readonly hostname: string;
  readonly port?: number;
  readonly aliases?: readonly string[];
  readonly typeName?: Timed<string>;
  readonly replicaSetName?: string;
  /** From when Ops Manager knows it, in milliseconds after the start. */
  readonly fromMs?: number;
}

/** What Ops Manager says about automation, agents and hosts. */
export interface DiagnosisScript {
  /** `none`: a project without automation, which is a 404. */
  readonly automation?:
    'none' | { readonly goalVersion: Timed<number>; readonly processes: readonly ProcessScript[] };
  readonly agents?: readonly AgentScript[];
  readonly hosts?: readonly HostScript[];
}

/** A call of a diagnosis. */
export interface DiagnosisRoute {
  readonly kind: DiagnosisKind;
  readonly projectId: string;
}

/** A reply: `errorCode` for an error in Ops Manager’s form. */
type DiagnosisAnswer =
  | { readonly status: 200; readonly body: unknown }
  | { readonly status: number; readonly errorCode: string; readonly detail: string };

const PATH =
  /^\/api\/public\/v1\.0\/groups\/([0-9a-f]{24})\/(automationStatus|agents\/AUTOMATION|hosts)$/;
const KINDS: Readonly<Record<string, DiagnosisKind>> = {
  automationStatus: 'status',
  'agents/AUTOMATION': 'agents',
  hosts: 'hosts'
};
const NO_ERROR: ErrorScript = {
  errorCode: 0,
  errorCodeHumanReadable: '',
  errorCodeDescription: '',
  errorString: ''
};
/** A live agent calls in each second. */
const CALLED_IN_MS_AGO = 1_000;
const PINGED_MS_AGO = 20_000;
/** Of "Lists" in Ops Manager’s API. */
const DEFAULT_PAGE_ITEMS = 100;
const MOST_PAGE_ITEMS = 500;

/** The hosts of the samples, each with a live agent: nothing to say, as most projects are. */
const ALL_IS_WELL: DiagnosisScript = {
  automation: { goalVersion: 1, processes: [] },
  agents: ['seed', 'refused', 'db1', ...Array.from({ length: 9 }, (_, n) => `mongodb${n + 1}`)].map(
    (name) => ({ hostname: `${name}.example.com` })
  ),
  hosts: []
};

/** A value that is `first` and then changes. */
export function timeline<T>(first: T, ...then: Timeline<T>['then']): Timeline<T> {
  return { first, then };
}

/** The call that a request makes; undefined for one that is not of a diagnosis. */
export function diagnosisRouteOf(method: string, path: string): DiagnosisRoute | undefined {
  const [, projectId, name] = PATH.exec(path) ?? [];
  const kind = name === undefined || method !== 'GET' ? undefined : KINDS[name];
  return kind === undefined || projectId === undefined ? undefined : { kind, projectId };
}

/**
 * Ops Manager’s answers about automation, agents and hosts, by a script. Times are in milliseconds
 * since 1970. Source: Ops Manager, "Automation Status", "Agents", "Hosts".
 */
export class DiagnosisEndpoints {
  readonly #script: DiagnosisScript;
  readonly #projectId: string;
  readonly #startedAt: number;

  constructor(projectId: string, script: DiagnosisScript | undefined, now: number) {
    this.#script = { ...ALL_IS_WELL, ...script };
    this.#projectId = projectId;
    this.#startedAt = now;
  }

  answer(
    { kind, projectId }: DiagnosisRoute,
    query: URLSearchParams,
    now: number
  ): DiagnosisAnswer {
    if (projectId !== this.#projectId) {
      const detail = 'The current user is not in the group, or the group does not exist.';
      return { status: 401, errorCode: 'NOT_IN_GROUP', detail };
    }
    const { agents = [], hosts = [] } = this.#script;
    switch (kind) {
      case 'status':
        return this.#status(now);
      case 'agents':
        return page(
          agents.map((agent) => this.#agent(agent, now)),
          query
        );
      case 'hosts': {
        const known = hosts.filter(({ fromMs = -Infinity }) => now - this.#startedAt >= fromMs);
        const sorted = known.toSorted((a, b) => (sortKey(a) < sortKey(b) ? -1 : 1));
        return page(
          sorted.map((host) => this.#host(host, now)),
          query
        );
      }
    }
  }

  #status(now: number): DiagnosisAnswer {
    const { automation = 'none' } = this.#script;
    if (automation === 'none') {
      const detail = `No automation configuration exists for group ${this.#projectId}.`;
      return { status: 404, errorCode: 'AUTOMATION_CONFIG_NOT_FOUND', detail };
    }
    const at = <T>(value: Timed<T>): T => this.#at(value, now);
    const processes = automation.processes.map((process) => {
      const error = at<ErrorScript | 'none'>(process.error ?? 'none');
      return {
        hostname: process.hostname,
        name: process.name,
        lastGoalVersionAchieved: at(process.version),
        plan: at<readonly string[]>(process.plan ?? []),
        ...(error === 'none' ? NO_ERROR : error)
      };
    });
    return { status: 200, body: { goalVersion: at(automation.goalVersion), processes } };
  }

  /** An automation agent has neither `lastPing` nor `pingCount`. */
  #agent({ hostname, stateName = 'ACTIVE', silentFromMs = Infinity }: AgentScript, now: number) {
    const lastConf = Math.min(now - CALLED_IN_MS_AGO, this.#startedAt + silentFromMs);
    return {
      typeName: 'AUTOMATION',
      hostname,
      stateName,
      confCount: 5913,
      lastConf: toSecond(lastConf)
    };
  }

  /** Fields without a sensible value are omitted. */
  #host(host: HostScript, now: number) {
    const { hostname, port = 27_017, aliases, replicaSetName } = host;
    const typeName = this.#at<string>(host.typeName ?? 'REPLICA_SECONDARY', now);
    return {
      id: Buffer.from(`${hostname}:${port}`).toString('hex').padEnd(32, '0').slice(0, 32),
      groupId: this.#projectId,
      hostname,
      port,
      ...(aliases && { aliases }),
      typeName,
      ...(replicaSetName !== undefined && { replicaSetName }),
      created: toSecond(this.#startedAt),
      ...(typeName !== 'NO_DATA' && { lastPing: toSecond(now - PINGED_MS_AGO), version: '8.0.4' }),
      hostEnabled: true,
      hidden: false
    };
  }

  #at<T>(value: Timed<T>, now: number): T {
    if (!isTimeline(value)) return value;
    const passed = value.then.filter(([fromMs]) => now - this.#startedAt >= fromMs);
    return passed.length > 0 ? (passed.at(-1) as readonly [number, T])[1] : value.first;
  }
}

function isTimeline<T>(value: Timed<T>): value is Timeline<T> {
  return typeof value === 'object' && value !== null && 'then' in value && 'first' in value;
}

function page(items: readonly unknown[], query: URLSearchParams): DiagnosisAnswer {
  const size = Number(query.get('itemsPerPage') ?? DEFAULT_PAGE_ITEMS);
  const number = Number(query.get('pageNum') ?? 1);
  if (!(size >= 1 && size <= MOST_PAGE_ITEMS && number >= 1)) {
    const detail = 'Invalid query parameter itemsPerPage or pageNum.';
    return { status: 400, errorCode: 'INVALID_QUERY_PARAMETER', detail };
  }
  const results = items.slice((number - 1) * size, number * size);
  const links = [
    { rel: 'self', href: `?pageNum=${number}&itemsPerPage=${size}` },
    ...(number * size < items.length
      ? [{ rel: 'next', href: `?pageNum=${number + 1}&itemsPerPage=${size}` }]
      : [])
  ];
  return { status: 200, body: { links, results, totalCount: items.length } };
}

function sortKey({ hostname, port = 27_017 }: HostScript): string {
  return `${hostname.toUpperCase()}:${port}`;
}

function toSecond(ms: number): string {
  return `${new Date(ms).toISOString().slice(0, 19)}Z`;
}
