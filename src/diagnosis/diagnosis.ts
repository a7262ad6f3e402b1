import { hostsWithoutAgent, type HostsWithoutAgent } from './agent-silence.ts';
import type { DiagnosisApi } from './facts.ts';
import type { Finding } from './finding.ts';
import { findingsOf, othersInProgress, callsFor, type OtherImport } from './findings.ts';
import type { ImportList } from '../case/import-api.ts';
import { lastPhase, type Import } from '../case/import.ts';
import type { GoalCount, News } from './process-memory.ts';
import type { Requested } from '../case/requested.ts';
import type { Clock } from '../clock.ts';
import { diagnose, type Refusals } from './diagnose.ts';
import { Looks, type Look } from './looks.ts';

/** What a diagnosis needs from outside. */
export interface DiagnosisSettings {
  readonly clock: Pick<Clock, 'now'>;
  readonly stallTimeoutMs: number | undefined;
  readonly requested: Requested;
  /** Told what changed between two looks; must not throw. */
  readonly onNews: (news: readonly News[]) => void;
}

/** How far the processes were at the last look, and the findings by what it showed, worst first. */
export interface Rollout {
  readonly count: GoalCount;
  readonly findings: readonly Finding[];
}

/**
 * What holds the import up: the looks beside the wait, and what was found at its end. Best effort:
 * nothing here throws, and nothing changes what becomes of the import.
 */
export class Diagnosis {
  readonly #api: DiagnosisApi;
  readonly #settings: DiagnosisSettings;
  #requested: Requested;
  #looks: Looks;
  #refusals: Refusals = new Map();
  #others: readonly OtherImport[] = [];
  #read: Import | undefined;
  #hasProgressed = false;
  #findings: readonly Finding[] = [];

  constructor(api: DiagnosisApi, settings: DiagnosisSettings) {
    this.#api = api;
    this.#settings = settings;
    this.#requested = settings.requested;
    this.#looks = this.#newLooks();
  }

  /** What was found at the end of the wait, worst first. */
  get findings(): readonly Finding[] {
    return this.#findings;
  }

  /** When the next look is due, by the clock. */
  get dueAt(): number {
    return this.#looks.dueAt ?? Infinity;
  }

  /** What the last look has shown, for a heartbeat; undefined where there was none. */
  get rollout(): Rollout | undefined {
    const { memory } = this.#looks;
    const { count, status } = memory;
    if (!count || !status || !this.#read) return undefined;
    const evidence = { request: this.#read, requested: this.#requested, memory };
    return { count, findings: findingsOf({ ...evidence, facts: { status } }) };
  }

  /** The import is not this step’s own: what it was asked to do is not known. */
  noteAdopted(): void {
    this.#requested = {};
    this.#looks = this.#newLooks();
  }

  /** Keeps which other imports a list has shown; no list is read for it. */
  noteList({ imports }: ImportList, id: string | undefined): void {
    this.#others = othersInProgress(imports, id);
  }

  /** Follows the reads of the import; begins a look beside them when one is due. */
  follow(request: Import, signal: AbortSignal): void {
    this.#read = request;
    this.#looks.see(request.state);
    void this.#looks.start(signal);
  }

  /** Whether more processes than ever stand at the goal version since this was last asked. */
  takeProgress(): boolean {
    const hasProgressed = this.#hasProgressed;
    this.#hasProgressed = false;
    return hasProgressed;
  }

  /** Ends the looks: the wait is over. */
  stop(): void {
    this.#looks.stop();
  }

  /** Asks once, before anything is cancelled or deleted, what holds the import up. */
  async ask(request: Import, signal: AbortSignal): Promise<void> {
    const { clock } = this.#settings;
    const requested = this.#requested;
    const refusedBefore = new Map([...this.#refusals, ...this.#looks.refusals]);
    const calls = callsFor(lastPhase(request));
    const { facts, notAsked } = await diagnose(this.#api, calls, { clock, signal, refusedBefore });
    if (signal.aborted) return;
    const otherImports = this.#others.filter(({ id }) => id !== request.id);
    const { memory } = this.#looks;
    this.#findings = findingsOf({ request, requested, otherImports, facts, memory, notAsked });
  }

  /** Required hosts without a live agent, before an import is created; undefined if none is known. */
  async checkAgents(signal: AbortSignal): Promise<HostsWithoutAgent | undefined> {
    const { clock, requested } = this.#settings;
    const { facts, refusals } = await diagnose(this.#api, ['agents'], { clock, signal });
    this.#refusals = refusals;
    if (!facts.agents || !requested.processes) return undefined;
    return hostsWithoutAgent(requested.processes, facts.agents);
  }

  #newLooks(): Looks {
    const { clock, stallTimeoutMs, onNews } = this.#settings;
    const onLook = (look: Look): void => {
      this.#hasProgressed ||= look.hasProgressed;
      onNews(look.news);
    };
    const required = this.#requested.processes;
    return new Looks(this.#api, { clock, stallTimeoutMs, required, onLook });
  }
}
