import { type Case, type FinalStatus, forgotten, opened } from '../../src/case/case.ts';
import { stepFinished } from '../../src/case/transitions.ts';
import type { ApiError, ImportApi } from '../../src/case/import-api.ts';
import type { BriefList, Import } from '../../src/case/import.ts';
import { restored } from '../../src/case/saved-case.ts';
import { type Terms, verdict } from '../../src/case/verdict.ts';
import { aftermathOf } from '../../src/report/aftermath.ts';
import type { Report } from '../../src/report/report.ts';
import { sentencesOf } from '../../src/report/words.ts';
import { CaseCell, type Publication, type Publisher } from '../../src/wait/case-cell.ts';
import { passGate } from '../../src/wait/gate.ts';
import type { Diagnosis } from '../../src/diagnosis/diagnosis.ts';
import type { Limit } from '../../src/wait/patience.ts';
import { settle } from '../../src/wait/settle.ts';
import {
  newStep,
  type Standing,
  type Step,
  type StepObserver,
  type Target
} from '../../src/wait/step.ts';
import type { Clock } from '../../src/time.ts';
import { outputsOf } from '../../src/report/outputs.ts';
import type { Script } from '../../simulator/scripted-import.ts';
import { PROJECT, ScriptedOpsManager } from './scripted-ops-manager.ts';
import { NO_JITTER, VirtualClock } from './virtual-clock.ts';

export const SECOND = 1000;
export const MINUTE = 60 * SECOND;
export const HOUR = 60 * MINUTE;

/** Why an interrupted wait stops, as the real signals do it. */
class Interrupt extends Error {
  override readonly name = 'Interrupt';
}

/** What a change of the case made known. */
interface Published {
  readonly atMs: number;
  readonly case: Case;
  readonly report: Report;
  readonly outputs: Readonly<Record<string, string>>;
  readonly savedCase: string;
}

/** What the post step leaves behind. */
export interface AfterStep {
  readonly report: Report;
  readonly aftermath: { readonly title: string; readonly sentences: readonly string[] };
}

/** Remembers what it was told, and tells another one. */
class RecordingObserver implements StepObserver {
  also: StepObserver | undefined;
  readonly standings: Standing[] = [];
  readonly rollouts: (string | undefined)[] = [];
  readonly othersInProgress: BriefList[] = [];
  readonly hostsWithoutAgent: (readonly string[])[] = [];
  readonly outages: ApiError[] = [];
  /** What would end the step, told while an outage lasts, with how long it has lasted. */
  readonly limits: (Limit & { readonly lengthMs: number })[] = [];
  readonly recoveries: number[] = [];
  readonly retries: ApiError[] = [];

  onRead(request: Import, standing: Standing, rollout: () => string | undefined): void {
    this.standings.push(standing);
    this.rollouts.push(rollout());
    this.also?.onRead(request, standing, rollout);
  }
  onHostsWithoutAgent(warning: readonly string[]): void {
    this.hostsWithoutAgent.push(warning);
    this.also?.onHostsWithoutAgent(warning);
  }
  onOthersInProgress(found: BriefList): void {
    this.othersInProgress.push(found);
    this.also?.onOthersInProgress(found);
  }
  onOutage(error: ApiError, lengthMs: number): void {
    this.outages.push(error);
    this.also?.onOutage(error, lengthMs);
  }
  onOutageLasts(lengthMs: number, limit: Limit, cause: ApiError): void {
    this.limits.push({ ...limit, lengthMs });
    this.also?.onOutageLasts(lengthMs, limit, cause);
  }
  onRecovery(outageMs: number): void {
    this.recoveries.push(outageMs);
    this.also?.onRecovery(outageMs);
  }
  onRetry(error: ApiError): void {
    this.retries.push(error);
    this.also?.onRetry(error);
  }
}

export type Options = Omit<Step['options'], 'target'> & Terms;
export type TestOptions = { readonly target: Target } & Partial<Options>;

const DEFAULTS: Options = {
  goal: 'SUCCESS',
  timeoutMs: HOUR,
  stallTimeoutMs: undefined,
  pollIntervalMs: 10 * SECOND,
  requestTimeoutMs: 30 * SECOND,
  maxOutageMs: 10 * MINUTE,
  cancelOnTimeout: true,
  cancelOnInterrupt: true,
  deleteFailed: false
};

/** A target that creates an import. */
export const CREATE = { kind: 'create', body: '{}', ifInProgress: 'create' } as const;

/** What a killed step still waits for never comes. */
class Life {
  #isOver = false;
  #end: () => void = () => undefined;
  readonly ended = new Promise<void>((resolve) => {
    this.#end = resolve;
  });

  get isOver(): boolean {
    return this.#isOver;
  }

  kill(): void {
    this.#isOver = true;
    this.#end();
  }

  async bound<T>(work: Promise<T>): Promise<T> {
    try {
      const result = await work;
      return this.#isOver ? await this.#never() : result;
    } catch (error) {
      if (this.#isOver) await this.#never();
      throw error;
    }
  }

  #never(): Promise<never> {
    return new Promise(() => undefined);
  }
}

/** The gate on a virtual clock, with the action's defaults, before a scripted Ops Manager. */
export class GateUnderTest {
  readonly clock: VirtualClock;
  readonly opsManager: ScriptedOpsManager;
  readonly observer = new RecordingObserver();
  readonly interrupt = new AbortController();
  readonly signalled = new AbortController();
  readonly published: Published[] = [];
  /** Told of each change of the case. */
  onChange: (before: Case, after: Case) => void = () => undefined;
  diagnosis: Diagnosis | undefined;
  isPostStepThere = false;
  canSave = true;
  canWriteOutputs = true;
  /** What the runner hands over to the post step. */
  savedCase: string | undefined;
  readonly #life = new Life();
  #report: (c: Case) => Report = () => {
    throw new Error('The gate has not run yet');
  };
  #options: TestOptions | undefined;

  /** A second gate may stand before the same Ops Manager. */
  constructor(beside?: GateUnderTest) {
    this.clock = beside?.clock ?? new VirtualClock();
    this.opsManager = beside?.opsManager ?? new ScriptedOpsManager(this.clock);
  }

  /** Sends the signal when `ms` have passed since the start. */
  interruptAt(ms: number): void {
    this.clock.at(ms, () => {
      this.interruptNow();
    });
  }

  interruptNow(): void {
    const interrupt = new Interrupt('The signal SIGINT');
    this.interrupt.abort(interrupt);
    this.signalled.abort(interrupt);
  }

  /** The log is dead from then on: an interrupt, but no signal. */
  loseLogAt(ms: number): void {
    this.clock.at(ms, () => {
      this.interrupt.abort(new Interrupt('A log that nobody reads any more'));
    });
  }

  /** Nothing of the step runs any more from then on, and nothing of it is published. */
  killAt(ms: number): void {
    this.clock.at(ms, () => {
      this.#life.kill();
    });
  }

  /** The main step, to its end. */
  async run(options: TestOptions): Promise<Report> {
    const terms: Terms = { ...DEFAULTS, ...options };
    const { target } = options;
    const observer = this.observer;
    const cell = new CaseCell(opened(target), terms, this.#publisher());
    const step = newStep({
      api: alive(this.opsManager, this.#life),
      cell,
      options: { ...DEFAULTS, ...options },
      timing: {
        clock: this.#clockOf(this.#life),
        random: NO_JITTER,
        signal: this.interrupt.signal
      },
      signalled: this.signalled.signal,
      observer,
      diagnosis: this.diagnosis,
      isPostStepThere: () => this.isPostStepThere
    });
    const { patience } = step;
    this.#options = options;
    this.#report = (c) => {
      const { waitedMs, outages, outageCount } = patience;
      return reportOn(c, terms, target, { waitedMs, outages, outageCount });
    };
    cell.record((c) => c);
    await passGate(step);
    cell.record(stepFinished(undefined));
    return this.#report(cell.case);
  }

  /** The main step until it is killed; a later post step starts from what it left behind. */
  async runUntilKilled(options: TestOptions): Promise<void> {
    await Promise.race([this.run(options), this.#life.ended]);
  }

  /** Waits for an import that goes as `script` says and starts now. */
  watch(script: Script, options: Partial<Options> = {}): Promise<Report> {
    return this.run({ target: { kind: 'given', id: this.opsManager.add(script) }, ...options });
  }

  /** The post step of a step that ran, or that was killed before it did; undefined if settled. */
  async postStep(options = this.#options): Promise<AfterStep | undefined> {
    if (!options) throw new Error('Of which step?');
    const terms: Terms = { ...DEFAULTS, ...options };
    const { target } = options;
    const text = this.savedCase;
    if (text !== undefined && isSettledText(text)) return undefined;
    const at = this.clock.now();
    const first = restored(text ?? '', at)?.case ?? forgotten(target, at);
    const publisher = { publish: () => ({ isSaved: true, areOutputsWritten: true }) };
    const cell = new CaseCell(first, terms, publisher);
    const timing = { clock: this.clock, random: NO_JITTER, signal: new AbortController().signal };
    await settle({ api: this.opsManager, cell, timing, onRetry: () => undefined });
    const report = reportOn(cell.case, terms, target, { waitedMs: 0, outages: [] });
    const said = aftermathOf(report);
    return { report, aftermath: { title: said.short, sentences: sentencesOf(said) } };
  }

  #publisher(): Publisher {
    return {
      publish: (before, after, savedCase): Publication => {
        if (this.#life.isOver) throw new Error('A killed step publishes nothing');
        const report = this.#report(after);
        const atMs = this.clock.elapsedMs;
        if (this.canSave) this.savedCase = savedCase;
        if (this.canWriteOutputs) {
          const outputs = outputsOf(report);
          this.published.push({ atMs, case: after, report, outputs, savedCase });
        }
        this.onChange(before, after);
        return { isSaved: this.canSave, areOutputsWritten: this.canWriteOutputs };
      }
    };
  }

  #clockOf(life: Life): Clock {
    return {
      now: () => this.clock.now(),
      sleep: (ms, signal) => life.bound(this.clock.sleep(ms, signal))
    };
  }
}

/** Outcome, cancellation and clean-up. */
export function kindsOf({ verdict: { outcome, cancellation, cleanup } }: Report): string[] {
  return [outcome.kind, cancellation.kind, cleanup.kind];
}

/** A report on a case, as the steps make it. */
export function reportOn(
  c: Case,
  terms: Terms,
  target: Target,
  waited: Pick<Report, 'waitedMs' | 'outages'> & Partial<Report> = { waitedMs: 0, outages: [] }
): Report {
  return {
    isPostStepThere: false,
    hasForeignInputs: false,
    traffic: { version: '8.0.13', requests: 7, retries: 1 },
    ...waited,
    case: c,
    terms,
    verdict: verdict(c, terms),
    findings: [],
    place: {
      host: 'ops-manager.example.com:8443',
      apiUrl: 'https://ops-manager.example.com:8443/api/public/v1.0',
      projectId: PROJECT,
      projectUrl: `https://ops-manager.example.com:8443/v2/${PROJECT}`
    },
    requested:
      target.kind === 'create'
        ? { seedHost: 'db1.example.com:27017', processes: ['db2.example.com:27017'] }
        : undefined
  };
}

function alive(api: ImportApi, life: Life): ImportApi {
  return {
    readImport: (id, options) => life.bound(api.readImport(id, options)),
    listImports: (options) => life.bound(api.listImports(options)),
    createImport: (body, options) => life.bound(api.createImport(body, options)),
    cancelImport: (id, options) => life.bound(api.cancelImport(id, options)),
    deleteImport: (id, options) => life.bound(api.deleteImport(id, options))
  };
}

/** What the post step's door looks at. */
export function isSettledText(text: string): boolean {
  try {
    return (JSON.parse(text) as { isSettled?: unknown }).isSettled === true;
  } catch {
    return false;
  }
}

/** A status that is not delivered yet. */
export function statusOf(state: FinalStatus['state'], description = 'As it ended'): FinalStatus {
  return { state, description, isDelivered: false };
}
