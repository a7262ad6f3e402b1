import { opened, type Case } from '../../src/case/case.ts';
import { finished } from '../../src/case/transitions.ts';
import { resumed } from '../../src/case/saved-case.ts';
import { verdict, type Terms } from '../../src/case/verdict.ts';
import { aftermathOf } from '../../src/report/aftermath.ts';
import { outputsOf } from '../../src/report/outputs.ts';
import type { Report } from '../../src/report/report.ts';
import { CaseCell, type Publication, type Publisher } from '../../src/wait/case-cell.ts';
import { passGate, patienceOf, type Gate } from '../../src/wait/gate.ts';
import { settle } from '../../src/wait/settle.ts';
import type { Judge, Statement } from './judge.ts';
import { Network, type Call } from './network.ts';
import type { RunnerDeed, StepPlan } from './plan.ts';
import { Process } from './process.ts';
import { mixed, Random } from './random.ts';
import type { World } from './world.ts';

const PLACE = { host: 'om', projectId: 'project', projectUrl: 'https://om/project' };
const QUIET_OBSERVER = {
  onRead: () => undefined,
  onOthersInProgress: () => undefined,
  onHostsWithoutAgent: () => undefined,
  onOutage: () => undefined,
  onOutageLasts: () => undefined,
  onRecovery: () => undefined,
  onRetry: () => undefined
};
// The runner kills so long after its first signal and after its second one.
const SECOND_SIGNAL_MS = 7_500;
const KILL_MS = 10_000;
const SAME_SIGNAL_MS = 500;

/** One step of the workflow: its main process, its post process, and what the runner keeps of it. */
export class Step {
  readonly plan: StepPlan;
  readonly index: number;
  readonly calls: Call[] = [];
  main: Process | undefined;
  post: Process | undefined;
  cell: CaseCell | undefined;
  /** As the runner has them. */
  savedText = '';
  outputs: Readonly<Record<string, string>> | undefined;
  /** Some publication did not get through. */
  wasUnwritable = false;
  readonly statements: Statement[] = [];
  mainEndedAt: number | undefined;
  postEndedAt: number | undefined;
  postBeganAt: number | undefined;
  /** When the wait ended without an answer, and when the first signal came. */
  endingAt: number | undefined;
  signalledAt: number | undefined;
  /** When its first create call was announced. */
  announcedAt: number | undefined;
  wasSuspended = false;
  areOutputsWritten = true;
  isOver = false;
  #deeds = 0;
  readonly #world: World;
  readonly #judge: Judge;

  constructor(plan: StepPlan, index: number, world: World, judge: Judge) {
    this.plan = plan;
    this.index = index;
    this.#world = world;
    this.#judge = judge;
  }

  get name(): string {
    return this.plan.name;
  }

  /** Whether the main process came to its end by itself. */
  get isFinished(): boolean {
    return this.main?.isDone === true;
  }

  startMain(): void {
    const { timeline } = this.#world;
    if (this.plan.runner.some(({ kind }) => kind === 'never started')) {
      this.#world.tell(this.name, 'is killed while Node is still starting');
      this.#afterMain(true);
      return;
    }
    const process = this.#process(3);
    this.main = process;
    this.#world.tell(this.name, 'begins');
    process.start(
      () => this.#runMain(process),
      (error) => {
        this.#judge.foundDefect(this, error);
      }
    );
    for (const deed of this.plan.runner) this.#plan(deed, process);
    timeline.at(timeline.now + 5 * 3_600_000, () => {
      if (process.isAlive) this.#judge.foundEndless(this);
    });
  }

  async #runMain(process: Process): Promise<void> {
    const { target, terms } = this.plan;
    const first =
      target.kind === 'given'
        ? opened('given', target.id)
        : opened(target.kind === 'create' ? 'created' : 'discovered');
    let waitedMs = (): number => 0;
    const publisher = this.#publisher(process, 'main', () => waitedMs());
    const cell = new CaseCell(first, terms, publisher);
    this.cell = cell;
    const gate: Gate = {
      api: this.#network(process),
      cell,
      options: this.plan,
      waiting: { clock: process.clock, random: this.#random(4), signal: process.interrupts.signal },
      signalled: process.signalled.signal,
      observer: QUIET_OBSERVER
    };
    const patience = patienceOf(gate);
    waitedMs = () => patience.waitedMs;
    cell.record((c) => c);
    await passGate(gate, patience);
    const { areOutputsWritten } = cell.record(finished(undefined));
    if (!process.isAlive) return;
    this.areOutputsWritten = areOutputsWritten;
    this.mainEndedAt = this.#world.timeline.now;
    this.#state(this.#report(cell.case, patience.waitedMs), 'main', true);
    this.#world.tell(this.name, `ends: ${this.statements.at(-1)?.words.join(' | ') ?? ''}`);
    this.#afterMain(false);
  }

  #afterMain(wasKilled: boolean): void {
    const { timeline } = this.#world;
    this.mainEndedAt ??= timeline.now;
    const { postAfterMs, cutSavedAt } = this.plan;
    if (postAfterMs === undefined) {
      this.isOver = true;
      return;
    }
    if (cutSavedAt !== undefined && wasKilled)
      this.savedText = this.savedText.slice(
        0,
        Math.max(1, Math.floor(cutSavedAt * this.savedText.length))
      );
    timeline.at(timeline.now + postAfterMs, () => {
      this.#startPost();
    });
  }

  #startPost(): void {
    if (isSettledText(this.savedText)) {
      this.isOver = true;
      return;
    }
    const process = this.#process(5);
    this.post = process;
    this.postBeganAt = this.#world.timeline.now;
    this.#world.tell(this.name, 'post step begins');
    process.start(
      () => this.#runPost(process),
      (error) => {
        this.#judge.foundDefect(this, error);
      }
    );
    for (const deed of this.plan.postRunner) this.#plan(deed, process);
  }

  async #runPost(process: Process): Promise<void> {
    // The post step never deletes.
    const terms = { ...this.plan.terms, deleteFailed: false };
    const first = resumed(this.savedText, this.plan.target, process.clockNow);
    const cell = new CaseCell(
      first,
      terms,
      this.#publisher(process, 'post', () => 0)
    );
    this.cell = cell;
    const waiting = {
      clock: process.clock,
      random: this.#random(6),
      signal: process.signalled.signal
    };
    await settle({ api: this.#network(process), cell, waiting, onRetry: () => undefined });
    if (!process.isAlive) return;
    this.postEndedAt = this.#world.timeline.now;
    this.#state(this.#report(cell.case, 0, terms), 'post', true);
    this.#world.tell(
      this.name,
      `post step ends: ${this.statements.at(-1)?.words.join(' | ') ?? ''}`
    );
    this.isOver = true;
  }

  #publisher(process: Process, by: Statement['by'], waitedMs: () => number): Publisher {
    return {
      publish: (_before, after, text): Publication => {
        if (by === 'post') return { isSaved: true, areOutputsWritten: true };
        if (after.creation) this.announcedAt ??= this.#world.timeline.now;
        const isSaved = this.#write(process, 'state', () => {
          this.savedText = text;
        });
        const report = this.#report(after, waitedMs());
        const areOutputsWritten = this.#write(process, 'outputs', () => {
          this.outputs = outputsOf(report);
        });
        if (process.isAlive) {
          if (after.ending) this.endingAt ??= this.#world.timeline.now;
          if (areOutputsWritten) this.#state(report, by, false);
        }
        return { isSaved, areOutputsWritten };
      }
    };
  }

  #write(process: Process, what: 'state' | 'outputs', act: () => void): boolean {
    if (!this.#livesOn(process)) return true;
    const now = this.#world.sinceStart;
    const isUnwritable = this.plan.runner.some(
      (deed) =>
        deed.kind === 'unwritable' &&
        (deed.what === what || deed.what === 'both') &&
        now >= deed.from &&
        now < deed.to
    );
    if (isUnwritable) {
      this.wasUnwritable = true;
      this.#world.tell(this.name, `cannot write its ${what}`);
    } else act();
    return !isUnwritable;
  }

  #state(report: Report, by: Statement['by'], isFinal: boolean): void {
    const outputs = by === 'main' ? outputsOf(report) : undefined;
    const words =
      by === 'main'
        ? [outputs?.['title'] ?? '', outputs?.['message'] ?? '']
        : [aftermathOf(report).title, ...aftermathOf(report).sentences];
    const statement: Statement = { by, isFinal, report, words, at: this.#world.timeline.now };
    const said = words.join(' | ');
    if (!isFinal && this.statements.at(-1)?.words.join(' | ') !== said)
      this.#world.tell(this.name, `says: ${said}`);
    this.statements.push(statement);
    this.#judge.onStatement(this, statement);
  }

  #report(c: Case, waitedMs: number, terms: Terms = this.plan.terms): Report {
    const { target } = this.plan;
    return {
      case: c,
      terms,
      verdict: verdict(c, terms),
      waitedMs,
      outages: [],
      findings: [],
      place: PLACE,
      request:
        target.kind === 'create'
          ? { seedHost: 'db:27017', requiredProcesses: ['db:27017'] }
          : undefined
    };
  }

  #network(process: Process): Network {
    const { plan, startedAt, timeline, manager } = this.#world;
    return new Network({
      plan,
      startedAt,
      timeline,
      manager,
      process,
      stepIndex: this.index,
      stepName: this.name,
      requestTimeoutMs: this.plan.requestTimeoutMs,
      calls: this.calls,
      watcher: {
        onSend: (call) => {
          if (!this.#livesOn(process)) return false;
          this.#judge.onSend(this, call);
          return true;
        },
        onArrival: (call, took) => {
          const effect = took ? '' : ', which Ops Manager refuses';
          if (call.operation !== 'read' && call.operation !== 'list')
            this.#world.tell('Ops Manager', `has ${describe(call)}${effect}`);
        },
        onEnd: (call) => {
          this.#world.count(`${call.operation} ${call.end}`);
          if (call.fault) this.#world.count(`fault: ${call.fault}`);
          this.#world.tell(this.name, `${describe(call)}: ${call.end}${heard(call)}`);
        }
      }
    });
  }

  #plan(deed: RunnerDeed, process: Process): void {
    const { timeline } = this.#world;
    if (!('at' in deed)) return;
    timeline.at(timeline.now + deed.at, () => {
      if (!process.isAlive) return;
      this.#world.count(`runner: ${deed.kind}`);
      this.#world.tell('runner', `${deed.kind} for the ${this.name}`);
      switch (deed.kind) {
        case 'signal':
          this.#signal(process, deed.secondAfterMs);
          return;
        case 'kill':
          this.#kill(process);
          return;
        case 'dead log':
          process.loseLog();
          return;
        case 'suspend':
          this.wasSuspended = true;
          process.suspend(deed.ms, deed.clockStands);
      }
    });
  }

  #signal(process: Process, secondAfterMs: number | undefined): void {
    const { timeline } = this.#world;
    this.signalledAt ??= timeline.now;
    process.signal('SIGTERM');
    const again = (ms: number): void => {
      timeline.at(timeline.now + ms, () => {
        this.#kill(process);
      });
    };
    // One that comes within half a second is the same one.
    if (secondAfterMs !== undefined && secondAfterMs > SAME_SIGNAL_MS) again(secondAfterMs);
    again(SECOND_SIGNAL_MS);
    again(KILL_MS);
  }

  #kill(process: Process): void {
    if (!process.isAlive) return;
    process.kill();
    this.#world.tell(this.name, process === this.main ? 'is killed' : 'post step is killed');
    if (process === this.main) {
      this.#judge.onKill(this);
      this.#afterMain(true);
    } else {
      this.isOver = true;
    }
  }

  /** Counts what the process does; the runner may kill it in the middle of any of it. */
  #livesOn(process: Process): boolean {
    if (!process.isAlive) return false;
    this.#deeds += 1;
    const deeds = process === this.main ? this.plan.runner : this.plan.postRunner;
    const isKilled = deeds.some((deed) => deed.kind === 'kill at' && deed.count === this.#deeds);
    if (isKilled) {
      this.#world.count('runner: kill at');
      this.#kill(process);
    }
    return process.isAlive;
  }

  #process(salt: number): Process {
    this.#deeds = 0;
    const random = new Random(mixed(this.#world.plan.seed, salt, this.index));
    return new Process(this.#world.timeline, random.between(0, 10_000_000));
  }

  #random(salt: number): () => number {
    const random = new Random(mixed(this.#world.plan.seed, salt, this.index));
    return () => random.next();
  }
}

function isSettledText(text: string): boolean {
  try {
    return (JSON.parse(text) as { isSettled?: unknown }).isSettled === true;
  } catch {
    return false;
  }
}

function describe({ operation, id }: Call): string {
  return id === undefined ? operation : `${operation} ${id.slice(-6)}`;
}

function heard({ state, ids, end, fault }: Call): string {
  const why = fault === undefined ? '' : ` (${fault})`;
  if (end !== 'good') return why;
  if (state !== undefined) return ` ${state}${why}`;
  return ids === undefined ? why : ` [${ids.map((id) => id.slice(-6)).join(', ')}]${why}`;
}
