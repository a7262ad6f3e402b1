import type { Case } from '../../src/case/case.ts';
import type { Report } from '../../src/report/report.ts';
import type { Publication } from '../../src/wait/case-cell.ts';
import { outputsOf } from '../../src/report/outputs.ts';
import type { Judge, Statement } from './judge.ts';
import { GitHub, type StatusCall } from './git-hub.ts';
import { hasCreation, knownOf, savedOf } from './known.ts';
import { Network, type Call } from './network.ts';
import type { PostInputs, StepPlan } from './plan.ts';
import { Process } from './process.ts';
import { isSettledText, runMain, runPost, wordsIn, wordsOf, type Ground } from './production.ts';
import { mixed, Random } from './random.ts';
import { Runner } from './runner.ts';
import type { World } from './world.ts';

/** A process of a step, and when. Times are the world's. */
export interface Run {
  readonly by: 'main' | 'post';
  readonly process: Process;
  readonly beganAt: number;
  /** When it had said its last word but for the commit status. */
  concludedAt: number | undefined;
  endedAt: number | undefined;
  signalledAt: number | undefined;
}

/** One step of the workflow: its main process, its post process, and what the runner keeps of it. */
export class Step {
  readonly plan: StepPlan;
  readonly index: number;
  readonly calls: Call[] = [];
  readonly statements: Statement[] = [];
  readonly statusCalls: StatusCall[] = [];
  main: Run | undefined;
  post: Run | undefined;
  /** When the runner came to its post step. */
  postAt: number | undefined;
  /** As the runner has them. */
  savedText = '';
  outputs: Readonly<Record<string, string>> | undefined;
  /** Some publication did not get through. */
  wasUnwritable = false;
  /** What its main step learnt from then on, its post step does not know. */
  forgottenFrom = Infinity;
  /** When the wait ended without an answer. */
  endingAt: number | undefined;
  /** When its first create call was announced. */
  announcedAt: number | undefined;
  /** What was published last, and the case that it should tell of. */
  lastReport: Report | undefined;
  presentCase: (() => Case) | undefined;
  /** What arrived at the post step of what was saved. */
  arrivedText: string | undefined;
  hasMark = false;
  publications = 0;
  readonly #world: World;
  readonly #judge: Judge;
  readonly #runner: Runner;
  #unsavedSince: number | undefined;

  constructor(plan: StepPlan, index: number, world: World, judge: Judge) {
    this.plan = plan;
    this.index = index;
    this.#world = world;
    this.#judge = judge;
    this.#runner = new Runner(this, world, judge);
  }

  get name(): string {
    return this.plan.name;
  }

  get isAlive(): boolean {
    return this.main?.process.isAlive === true || this.post?.process.isAlive === true;
  }

  /** `onEnd`: the job goes on, with the next step or with the post steps. */
  startMain(onEnd: () => void): void {
    const { plan } = this;
    if (plan.runner.some(({ kind }) => kind === 'never started')) {
      this.#world.tell(this.name, 'is killed while Node is still starting');
      onEnd();
      return;
    }
    this.main = this.#start('main', onEnd, async (run) => {
      await runMain(this.#ground(run));
    });
    this.#runner.watch(this.main, plan.runner, onEnd);
    if (plan.post.beside) this.#runner.goOnBeside(this.main, plan.post.beside, onEnd);
  }

  startPost(onEnd: () => void): void {
    const { post } = this.plan;
    this.postAt = this.#world.timeline.now;
    const wasCutShort = this.main?.process.isDone !== true;
    const text = wasCutShort
      ? this.savedText.slice(0, Math.floor(post.arrives * this.savedText.length))
      : this.savedText;
    this.arrivedText = text;
    this.forgottenFrom = this.#forgottenFrom(text);
    if (isSettledText(text)) {
      onEnd();
      return;
    }
    this.hasMark = post.beside?.isMarkPossible !== false && text === this.savedText;
    this.post = this.#start('post', onEnd, async (run) => {
      await runPost(this.#ground(run), text);
    });
    this.#runner.watch(this.post, post.runner, onEnd);
  }

  #start(by: Run['by'], onEnd: () => void, work: (run: Run) => Promise<void>): Run {
    const { timeline, plan } = this.#world;
    const random = new Random(mixed(plan.seed, by === 'main' ? 3 : 5, this.index));
    const process = new Process(timeline, random.between(0, 10_000_000));
    const run: Run = {
      by,
      process,
      beganAt: timeline.now,
      concludedAt: undefined,
      endedAt: undefined,
      signalledAt: undefined
    };
    this.#world.tell(this.name, by === 'main' ? 'begins' : 'post step begins');
    process.start(
      async () => {
        await work(run);
        if (!process.isAlive) return;
        run.endedAt = timeline.now;
        onEnd();
      },
      (error) => {
        this.#judge.foundDefect(this, error);
      }
    );
    return run;
  }

  #ground(run: Run): Ground {
    const { plan } = this.#world;
    const random = new Random(mixed(plan.seed, run.by === 'main' ? 4 : 6, this.index));
    return {
      plan: this.plan,
      process: run.process,
      api: this.#network(run),
      random: () => random.next(),
      publish: (after, text, report) => this.#publish(run, after, text, report),
      watch: (present) => {
        if (run.by === 'main') this.presentCase = present;
      },
      conclude: (report) => {
        if (!run.process.isAlive) return;
        run.concludedAt = this.#world.timeline.now;
        this.#say(report, run);
      },
      gitHub: this.#gitHub(run),
      isPostStepThere: () => run.by === 'main' && this.hasMark
    };
  }

  #forgottenFrom(arrivedText: string): number {
    if (arrivedText !== this.savedText) return -Infinity;
    return this.#unsavedSince ?? (this.plan.post.beside ? this.#world.timeline.now : Infinity);
  }

  #publish(run: Run, after: Case, text: string, report: Report): Publication {
    if (run.by === 'post') return { isSaved: true, areOutputsWritten: true };
    this.publications += 1;
    if (hasCreation(after)) this.announcedAt ??= this.#world.timeline.now;
    const isSaved = this.#write(run, 'state', () => {
      this.savedText = text;
      this.#unsavedSince = undefined;
    });
    if (this.savedText !== text) this.#unsavedSince ??= this.#world.timeline.now;
    const outputs = outputsOf(report);
    const areOutputsWritten = this.#write(run, 'outputs', () => {
      this.outputs = outputs;
    });
    this.#judge.onPublication(this, { text, outputs, report });
    if (run.process.isAlive) {
      if (after.ending) this.endingAt ??= this.#world.timeline.now;
      this.lastReport = report;
      if (areOutputsWritten) this.#say(report, run, wordsIn(outputs));
    }
    return { isSaved, areOutputsWritten };
  }

  #write(run: Run, what: 'state' | 'outputs', act: () => void): boolean {
    if (!this.#runner.letsLive(run)) return true;
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

  /** The last word, unless it is what was published meanwhile. */
  #say(report: Report, { by }: Run, published?: readonly string[]): void {
    const isFinal = published === undefined;
    const statement: Statement = {
      by,
      isFinal,
      report,
      known: knownOf(report),
      words: published ?? wordsOf(report, by),
      at: this.#world.timeline.now
    };
    const said = statement.words.join(' | ');
    if (isFinal)
      this.#world.tell(this.name, `${by === 'main' ? 'ends' : 'post step ends'}: ${said}`);
    else if (this.statements.at(-1)?.words.join(' | ') !== said)
      this.#world.tell(this.name, `says: ${said}`);
    this.statements.push(statement);
    this.#judge.onStatement(this, statement);
  }

  #gitHub(run: Run): GitHub | undefined {
    const { plan, startedAt, timeline } = this.#world;
    if (!plan.gitHub.isUsed) return undefined;
    return new GitHub({
      plan: plan.gitHub,
      seed: mixed(plan.seed, this.index),
      timeline,
      startedAt,
      calls: this.statusCalls,
      onSend: (call) => {
        if (!this.#runner.letsLive(run)) return false;
        this.#judge.onStatus(this, call);
        return true;
      },
      onEnd: ({ state, end }) => {
        this.#world.count(`status: ${end}`);
        this.#world.tell(this.name, `status ${state}: ${end}`);
      }
    });
  }

  #network(run: Run): Network {
    const { plan, startedAt, timeline, manager } = this.#world;
    return new Network({
      plan,
      startedAt,
      timeline,
      manager,
      process: run.process,
      stepIndex: this.index,
      stepName: this.name,
      requestTimeoutMs: this.plan.requestTimeoutMs,
      isElsewhere: run.by === 'post' && isElsewhere(this.plan.post.inputs, this.arrivedText),
      calls: this.calls,
      watcher: {
        onSend: (call) => {
          if (!this.#runner.letsLive(run)) return false;
          this.#judge.onSend(this, call);
          return true;
        },
        onArrival: (call, took) => {
          if (call.operation === 'read' || call.operation === 'list') return;
          const effect = took ? '' : ', which Ops Manager refuses';
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
}

/** Where the main step was is saved; with nothing saved there is nothing but the inputs. */
function isElsewhere({ areElsewhere }: PostInputs, savedText = ''): boolean {
  return areElsewhere && !savedOf(savedText);
}

function describe({ operation, id }: Call): string {
  return id === undefined ? operation : `${operation} ${id.slice(-6)}`;
}

function heard({ operation, state, shown, end, fault }: Call): string {
  const why = fault === undefined ? '' : ` (${fault})`;
  if (end !== 'good') return why;
  if (state !== undefined) return ` ${state}${why}`;
  if (operation !== 'list') return why;
  const each = [...shown].map(
    ([id, { isRunning }]) => `${id.slice(-6)}${isRunning ? '' : ' (ended)'}`
  );
  return ` [${each.join(', ')}]${why}`;
}
