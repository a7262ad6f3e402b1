import { ApiError, type CallOptions, type ImportList } from '../case/import-api.ts';
import { type Import, lastPhase, type Requested } from '../case/import.ts';
import type { Phase } from '../case/states.ts';
import type { DiagnosisApi, Facts } from './facts.ts';
import { type DiagnosisCall, type Finding, sentenceOf, worst } from './finding.ts';
import { agentsBefore, callsFor, findingsOf, type NotAsked } from './findings.ts';
import { countInWords, freshMemory, type ProcessMemory, remember } from './memory.ts';
import type { Clock } from '../time.ts';

/** All calls of one diagnosis together: whoever waits for it waits no longer. */
const BUDGET_MS = 10_000;
/** What a call that hangs leaves to each one after it. */
const RESERVED_MS = 2_000;
/** The part of the time left that the agents’ list may take before an import is created. */
const PART_BEFORE_CREATION = 8;
/** A node of Ops Manager’s may refuse what another one grants. */
const MOST_REFUSALS = 2;

/** The processes are asked for while the import stands there: they arrive one by one. */
const WATCHED_STATE: Phase = 'AWAIT_GOAL_STATE';
const PAUSE_MS = 60_000;
/** The pause’s part of the stall timeout: a process that arrives is seen well before its end. */
const PART_OF_STALL = 4;

const WITHOUT_AGENTS = [
  'The import needs a MongoDB Agent on each required host that runs and reaches Ops Manager.',
  'Where a host has another name there, ignore this.'
];

/** In what words each call was refused so far, or that it was granted once; `ask` adds to it. */
type Permissions = Map<DiagnosisCall, 'granted' | readonly string[]>;

/** What a diagnosis needs from outside. */
interface DiagnosisSettings {
  readonly clock: Pick<Clock, 'now'>;
  readonly stallTimeoutMs: number | undefined;
  readonly requested: Requested;
  /** Told what changed between two answers, a line each; must not throw. */
  readonly onNews: (news: readonly string[]) => void;
}

/**
 * What holds the import up: the processes, asked for beside the wait while it stands in
 * AWAIT_GOAL_STATE, and what is found at its end. Best effort: nothing here throws or is waited for
 * beside the wait, and nothing changes what becomes of the import.
 */
export class Diagnosis {
  readonly #api: DiagnosisApi;
  readonly #settings: DiagnosisSettings;
  readonly #permissions: Permissions = new Map();
  #requested: Requested;
  #memory: ProcessMemory;
  #list: ImportList | undefined;
  #read: Import | undefined;
  /** When the import entered the watched state, and when its processes were asked for last. */
  #watch: { readonly enteredAt: number; readonly askedAt?: number } | undefined;
  #current: AbortController | undefined;
  #hasProgressed = false;
  #findings: readonly Finding[] = [];

  constructor(api: DiagnosisApi, settings: DiagnosisSettings) {
    this.#api = api;
    this.#settings = settings;
    this.#requested = settings.requested;
    this.#memory = freshMemory(settings.requested.processes);
  }

  /** What was found at the end of the wait, worst first. */
  get findings(): readonly Finding[] {
    return this.#findings;
  }

  /** When the processes are to be asked for next, by the clock; with a stall timeout at once. */
  get dueAt(): number {
    if (!this.#watch || this.#current || refusalOf('status', this.#permissions) !== undefined)
      return Infinity;
    const { stallTimeoutMs = Infinity } = this.#settings;
    const { enteredAt, askedAt } = this.#watch;
    if (askedAt !== undefined) return askedAt + Math.min(PAUSE_MS, stallTimeoutMs / PART_OF_STALL);
    return stallTimeoutMs === Infinity ? enteredAt + PAUSE_MS : enteredAt;
  }

  /** How far the processes were in the last answer, and what is worst; undefined before it. */
  get rollout(): string | undefined {
    const { status } = this.#memory;
    const count = countInWords(this.#memory);
    if (count === undefined || !status || !this.#read) return undefined;
    const evidence = { request: this.#read, requested: this.#requested, memory: this.#memory };
    const found = worst(findingsOf({ ...evidence, facts: { status } }));
    // That nobody is behind is what the count says.
    return found && found.kind !== 'nobody-behind' ? `${count} ${sentenceOf(found)}` : count;
  }

  /** The import is not this step’s own: what it was asked to do is not known. */
  noteAdopted(): void {
    this.#requested = {};
    this.#memory = freshMemory();
  }

  /** Keeps which other imports a list has shown; no list is read for it. */
  noteList(list: ImportList): void {
    this.#list = list;
  }

  /** Follows the reads of the import; asks for its processes beside them when that is due. */
  follow(request: Import, signal: AbortSignal): void {
    this.#read = request;
    if (request.state !== WATCHED_STATE) {
      this.stop();
      this.#watch = undefined;
    } else {
      this.#watch ??= { enteredAt: this.#settings.clock.now() };
      void this.#watchProcesses(signal);
    }
  }

  /** Whether more processes than ever stand at the goal version since this was last asked. */
  takeProgress(): boolean {
    const hasProgressed = this.#hasProgressed;
    this.#hasProgressed = false;
    return hasProgressed;
  }

  /** Asks for no more processes; what is under way is not heard any more. */
  stop(): void {
    this.#current?.abort();
    this.#current = undefined;
  }

  /** Asks once, before anything is cancelled or deleted, what holds the import up. */
  async ask(request: Import, signal: AbortSignal): Promise<void> {
    const { facts, notAsked } = await this.#ask(callsFor(lastPhase(request)), signal);
    if (signal.aborted) return;
    this.#findings = findingsOf({
      request,
      requested: this.#requested,
      list: this.#list,
      facts,
      memory: this.#memory,
      notAsked
    });
  }

  /**
   * A warning of required hosts without a live agent, a sentence each, before an import is created,
   * for which `leftMs` milliseconds are left; none where nothing is known.
   */
  async checkAgents(signal: AbortSignal, leftMs: number): Promise<readonly string[]> {
    const { processes } = this.#requested;
    if (!processes) return [];
    const budgetMs = Math.min(BUDGET_MS, leftMs / PART_BEFORE_CREATION);
    const { facts } = await this.#ask(['agents'], signal, budgetMs);
    const found = agentsBefore(facts, processes);
    return found.length === 0 ? [] : [...found.map(sentenceOf), ...WITHOUT_AGENTS];
  }

  async #watchProcesses(signal: AbortSignal): Promise<void> {
    const { clock, onNews } = this.#settings;
    if (!this.#watch || signal.aborted || this.dueAt > clock.now()) return;
    const current = new AbortController();
    this.#current = current;
    this.#watch = { ...this.#watch, askedAt: clock.now() };
    const either = AbortSignal.any([signal, current.signal]);
    const { facts } = await this.#ask(['status'], either);
    // Another one may have begun since this one was stopped.
    if (this.#current === current) this.#current = undefined;
    if (either.aborted || !facts.status) return;
    const { memory, news, hasProgressed } = remember(this.#memory, facts.status);
    this.#memory = memory;
    this.#hasProgressed ||= hasProgressed;
    onNews(news);
  }

  #ask(calls: readonly DiagnosisCall[], signal: AbortSignal, budgetMs?: number) {
    const { clock } = this.#settings;
    const permissions = this.#permissions;
    return ask(this.#api, calls, { clock, signal, budgetMs: budgetMs ?? BUDGET_MS, permissions });
  }
}

/** What bounds the calls of one diagnosis. */
interface Asking {
  readonly clock: Pick<Clock, 'now'>;
  readonly signal: AbortSignal;
  readonly budgetMs?: number;
  readonly permissions?: Permissions;
}

/**
 * Makes each of `calls` once, in `budgetMs` milliseconds for all of them together. It never throws;
 * aborted, it gives at once what it has. What was refused twice and never granted is not asked again.
 */
export async function ask(
  api: DiagnosisApi,
  calls: readonly DiagnosisCall[],
  { clock, signal, budgetMs = BUDGET_MS, permissions = new Map() }: Asking
): Promise<{ readonly facts: Facts; readonly notAsked: readonly NotAsked[] }> {
  const endsAt = clock.now() + budgetMs;
  const notAsked: NotAsked[] = [];
  let facts: Facts = {};
  for (const [index, call] of calls.entries()) {
    if (signal.aborted) break;
    const leftMs = endsAt - clock.now();
    const why = refusalOf(call, permissions) ?? (leftMs <= 0 ? 'no time was left' : undefined);
    if (why !== undefined) {
      notAsked.push({ call, reason: why });
      continue;
    }
    const limitMs = Math.max(leftMs / 2, leftMs - RESERVED_MS * (calls.length - 1 - index));
    try {
      facts = { ...facts, ...(await answerOf(api, call, { signal, limitMs })) };
      permissions.set(call, 'granted');
    } catch (error) {
      // The signal says that nothing more is wanted, not that Ops Manager did not answer.
      if (isOver(signal)) break;
      const reason = reasonOf(error);
      notAsked.push({ call, reason });
      const before = permissions.get(call) ?? [];
      if (error instanceof ApiError && error.kind !== 'transient' && before !== 'granted')
        permissions.set(call, [...before, reason]);
    }
  }
  return { facts, notAsked };
}

/** The words of a refusal for good; undefined of a call that may be made. */
function refusalOf(call: DiagnosisCall, permissions: Permissions): string | undefined {
  const answers = permissions.get(call) ?? [];
  return answers !== 'granted' && answers.length >= MOST_REFUSALS ? answers.at(-1) : undefined;
}

/** It may have been aborted since it was looked at. */
function isOver(signal: AbortSignal): boolean {
  return signal.aborted;
}

async function answerOf(
  api: DiagnosisApi,
  call: DiagnosisCall,
  options: CallOptions
): Promise<Facts> {
  switch (call) {
    case 'status':
      return { status: await api.readAutomationStatus(options) };
    case 'agents':
      return { agents: await api.listAgents(options) };
    case 'hosts':
      return { hosts: await api.listHosts(options) };
  }
}

/** A few words; what a defect says is none of the user’s business here. */
function reasonOf(error: unknown): string {
  if (!(error instanceof ApiError)) return 'it failed unexpectedly';
  const { status, errorCode, happened } = error;
  if (status === undefined || status < 400) return happened.replace(/\.$/, '');
  return [`HTTP ${status}`, errorCode].filter((part) => part !== undefined).join(' ');
}
