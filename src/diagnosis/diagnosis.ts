import type { ImportList } from '../case/import-api.ts';
import { type Import, lastPhase, type Requested } from '../case/import.ts';
import type { Phase } from '../case/states.ts';
import {
  ask,
  BUDGET_MS,
  type DiagnosisApi,
  type DiagnosisCall,
  type Permissions,
  refusalOf
} from './facts.ts';
import { type Finding, worst } from './finding.ts';
import { agentsBefore, callsFor, findingsOf, sentenceOf } from './findings.ts';
import { countInWords, freshMemory, type ProcessMemory, remember } from './memory.ts';
import type { Clock } from '../time.ts';

/** The part of the time left that the agents’ list may take before an import is created. */
const PART_BEFORE_CREATION = 8;
/** The processes are asked for while the import stands there: they arrive one by one. */
const WATCHED_STATE: Phase = 'AWAIT_GOAL_STATE';
const PAUSE_MS = 60_000;
/** The pause’s part of the stall timeout: a process that arrives is seen well before its end. */
const PART_OF_STALL = 4;

const WITHOUT_AGENTS = [
  'The import needs a MongoDB Agent on each required host that runs and reaches Ops Manager.',
  'Where a host has another name there, ignore this.'
];

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
