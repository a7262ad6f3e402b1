import {
  ApiError,
  type CallOptions,
  type ImportApi,
  type ImportList
} from '../../src/case/import-api.ts';
import { beganAtMs, isInProgress, type Import } from '../../src/case/import.ts';
import { notFound, transient } from './errors.ts';
import { fateOf } from './fate.ts';
import type { Answer, OpsManagerModel } from './ops-manager-model.ts';
import { OPERATIONS, type FaultKind, type NodePlan, type Operation, type Plan } from './plan.ts';
import type { Process } from './process.ts';
import { mixed, Random } from './random.ts';
import type { Timeline } from './timeline.ts';

/** What a list told of an import. */
export interface Shown {
  readonly state: string;
  readonly isRunning: boolean;
  /** Its first date, in milliseconds since 1970. */
  readonly beganAt: number | undefined;
}

/** A call of a step's, as the world saw it. Times are the world's, if not said otherwise. */
export interface Call {
  readonly operation: Operation;
  readonly id: string | undefined;
  readonly process: Process;
  readonly sentAt: number;
  /** By the process's clock. */
  readonly sentClock: number;
  readonly limitMs: number;
  arrivedAt: number | undefined;
  /** When the answer came, or the time was over; a suspended process notices later. */
  endedAt: number | undefined;
  /** By the process's clock, when it noticed. */
  endedClock: number | undefined;
  /** When its process heard of that, on the world’s timeline: later, where it was suspended. */
  heardAt: number | undefined;
  /** What the step heard. */
  end: 'open' | 'good' | 'refused' | 'not found' | 'failed' | 'cut';
  /** The state that a good read told. */
  state: string | undefined;
  /** What a good list or read told, by id. */
  shown: ReadonlyMap<string, Shown>;
  /** The date of the reply, in milliseconds since 1970. */
  date: number | undefined;
  /** The import that a create call made. */
  made: string | undefined;
  fault: FaultKind | undefined;
}

/** Whoever wants to know of calls. */
export interface CallWatcher {
  /** Gives whether the process lives on. */
  onSend(call: Call): boolean;
  onArrival(call: Call, took: boolean): void;
  onEnd(call: Call): void;
}

export interface NetworkOptions {
  readonly plan: Plan;
  readonly startedAt: number;
  readonly timeline: Timeline;
  readonly manager: OpsManagerModel;
  readonly process: Process;
  readonly stepIndex: number;
  readonly stepName: string;
  readonly requestTimeoutMs: number;
  /** Whether what answers there is another Ops Manager, or another project. */
  readonly isElsewhere: boolean;
  readonly calls: Call[];
  readonly watcher: CallWatcher;
}

type Serve<T> = (node: NodePlan, now: number, random: Random, call: Call) => Answer<T>;

/** Ops Manager as one process of a step reaches it: the port, over a network that may do anything. */
export class Network implements ImportApi {
  readonly #options: NetworkOptions;

  constructor(options: NetworkOptions) {
    this.#options = options;
  }

  readImport(id: string, options: CallOptions): Promise<Import> {
    const { manager } = this.#options;
    return this.#call('read', id, options, (node, now, random, call) => {
      const answer = manager.read(id, node, now, random);
      if ('value' in answer) {
        call.state = answer.value.state;
        told(call, [answer.value], answer.value.readAt);
      }
      return answer;
    });
  }

  listImports(options: CallOptions): Promise<ImportList> {
    const { manager } = this.#options;
    return this.#call('list', undefined, options, (node, now, random, call) => {
      const answer = manager.list(node, now, random);
      if ('value' in answer) told(call, answer.value.imports, answer.value.readAt);
      return answer;
    });
  }

  createImport(_body: string, options: CallOptions): Promise<void> {
    const { manager, stepName } = this.#options;
    return this.#call('create', undefined, options, (_node, now, _random, call) => {
      call.made = manager.create(stepName, now).id;
      return { value: undefined };
    });
  }

  cancelImport(id: string, options: CallOptions): Promise<void> {
    const { manager, stepName } = this.#options;
    return this.#call('cancel', id, options, (node, now) =>
      manager.cancel(id, stepName, node, now)
    );
  }

  deleteImport(id: string, options: CallOptions): Promise<void> {
    const { manager, stepName } = this.#options;
    return this.#call('delete', id, options, (node, now) =>
      manager.delete(id, stepName, node, now)
    );
  }

  async #call<T>(
    operation: Operation,
    id: string | undefined,
    { signal, limitMs = Infinity }: CallOptions,
    serve: Serve<T>
  ): Promise<T> {
    const { process, timeline, calls, watcher, requestTimeoutMs } = this.#options;
    signal.throwIfAborted();
    const call: Call = {
      operation,
      id,
      process,
      sentAt: timeline.now,
      sentClock: process.clockNow,
      limitMs: Math.min(limitMs, requestTimeoutMs),
      arrivedAt: undefined,
      endedAt: undefined,
      endedClock: undefined,
      heardAt: undefined,
      end: 'open',
      state: undefined,
      shown: new Map(),
      date: undefined,
      made: undefined,
      fault: undefined
    };
    if (!process.isAlive || !watcher.onSend(call)) return process.wait<T>(signal, () => undefined);
    const random = this.#randomFor(operation);
    calls.push(call);
    const { value, error } = await this.#carry(call, signal, random, serve);
    if (error !== undefined) throw error;
    return value as T;
  }

  #carry<T>(
    call: Call,
    signal: AbortSignal,
    random: Random,
    serve: Serve<T>
  ): Promise<{ value?: T; error?: Error }> {
    const { process, timeline, manager, watcher, plan, isElsewhere } = this.#options;
    const { node, index } = manager.node(random);
    call.fault = this.#faultFor(call.operation, index, random);
    const latencyMs = plan.manager.latencyMs * (0.5 + random.next());
    const fate = fateOf(call.fault, latencyMs, call.limitMs, random);
    let served: Answer<T> | undefined;
    if (fate.arrivesAfterMs !== undefined) {
      timeline.at(timeline.now + fate.arrivesAfterMs, () => {
        const isGivenUp = call.end === 'cut' || !process.isAlive;
        if (isGivenUp && !fate.survives) return;
        call.arrivedAt = timeline.now;
        served = isElsewhere
          ? { error: notFound(call.id ?? '') }
          : serve(node, timeline.now, random, call);
        watcher.onArrival(call, 'value' in served);
      });
    }
    const answered = process.wait<{ value?: T; error?: Error }>(signal, (resolve) => {
      const end = (answer: { value?: T; error?: Error }): void => {
        call.endedAt ??= timeline.now;
        resolve(answer);
      };
      const { answersAfterMs, error } = fate;
      if (answersAfterMs !== undefined && answersAfterMs < call.limitMs) {
        timeline.at(timeline.now + answersAfterMs, () => {
          end(error ? { error } : (served ?? { error: transient('Reset', 'It was reset.') }));
        });
      } else {
        timeline.at(timeline.now + Math.max(0, call.limitMs), () => {
          end({
            error: transient('Timed out', 'Ops Manager did not answer in time.')
          });
        });
      }
    });
    const heard = (how: Call['end']): void => {
      call.end = how;
      call.endedAt ??= timeline.now;
      call.endedClock = process.clockNow;
      call.heardAt = timeline.now;
      watcher.onEnd(call);
    };
    return answered.then(
      (answer) => {
        heard(answer.error === undefined ? 'good' : endOf(answer.error));
        return answer;
      },
      (error: unknown) => {
        heard('cut');
        return { error: error as Error };
      }
    );
  }

  #faultFor(operation: Operation, node: number, random: Random): FaultKind | undefined {
    const { plan, startedAt, timeline } = this.#options;
    const now = timeline.now - startedAt;
    if (now >= plan.faultsEndAt) return undefined;
    return plan.faults.find(
      (fault) =>
        now >= fault.from &&
        now < fault.to &&
        (fault.node ?? node) === node &&
        fault.operations.includes(operation) &&
        random.chance(fault.rate)
    )?.kind;
  }

  #randomFor(operation: Operation): Random {
    const { plan, calls, stepIndex } = this.#options;
    const count = calls.filter((each) => each.operation === operation).length;
    return new Random(mixed(plan.seed, 2, stepIndex, OPERATIONS.indexOf(operation), count));
  }
}

function told(call: Call, imports: readonly Import[], date: string | undefined): void {
  call.date = date === undefined ? undefined : Date.parse(date);
  call.shown = new Map(
    imports.map((each) => [
      each.id,
      { state: each.state, isRunning: isInProgress(each), beganAt: beganAtMs(each) }
    ])
  );
}

function endOf(error: unknown): Call['end'] {
  if (!(error instanceof ApiError) || error.kind !== 'refused') return 'failed';
  return error.status === 404 ? 'not found' : 'refused';
}
