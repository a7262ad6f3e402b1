import {
  ApiError,
  type CallOptions,
  type ImportApi,
  type ImportList
} from '../../src/case/import-api.ts';
import { isInProgress, type Import } from '../../src/case/import.ts';
import { notFound, refused, type Answer, type OpsManagerModel } from './ops-manager-model.ts';
import { OPERATIONS, type Fault, type NodePlan, type Operation, type Plan } from './plan.ts';
import type { Process } from './process.ts';
import { mixed, Random } from './random.ts';
import type { Timeline } from './timeline.ts';

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
  endedAt: number | undefined;
  endedClock: number | undefined;
  /** What the step heard. */
  end: 'open' | 'good' | 'refused' | 'not found' | 'failed' | 'cut';
  /** The state that a good read told. */
  state: string | undefined;
  /** The ids that a good list told. */
  ids: readonly string[] | undefined;
  /** Whether one of them was in progress. */
  hasRunning: boolean;
  /** The import that a create call made. */
  made: string | undefined;
  fault: Fault['kind'] | undefined;
}

/** Whoever wants to know of calls. */
export interface CallWatcher {
  /** Gives whether the process lives on. */
  onSend(call: Call): boolean;
  onArrival(call: Call, took: boolean): void;
  onEnd(call: Call): void;
}

/** How one call fares. */
interface Fate {
  readonly arrivesAfterMs: number | undefined;
  /** Without it the call ends at its limit. */
  readonly answersAfterMs: number | undefined;
  readonly error: ApiError | undefined;
  readonly survivesAbort: boolean;
  readonly fault: Fault['kind'] | undefined;
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
  readonly calls: Call[];
  readonly watcher: CallWatcher;
}

/** Ops Manager as one process of a step reaches it: the port, over a network that may do anything. */
export class Network implements ImportApi {
  readonly #options: NetworkOptions;

  constructor(options: NetworkOptions) {
    this.#options = options;
  }

  readImport(id: string, options: CallOptions): Promise<Import> {
    const { manager } = this.#options;
    return this.#call('read', id, options, (node, now, call) => {
      const answer = manager.read(id, node, now);
      if ('value' in answer) call.state = answer.value.state;
      return answer;
    });
  }

  listImports(options: CallOptions): Promise<ImportList> {
    const { manager } = this.#options;
    return this.#call('list', undefined, options, (node, now, call) => {
      const answer = manager.list(node, now);
      if ('value' in answer) {
        call.ids = answer.value.imports.map(({ id }) => id);
        call.hasRunning = answer.value.imports.some(isInProgress);
      }
      return answer;
    });
  }

  createImport(_body: string, options: CallOptions): Promise<void> {
    const { manager, stepName } = this.#options;
    return this.#call('create', undefined, options, (_node, now, call) => {
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
    serve: (node: NodePlan, now: number, call: Call) => Answer<T>
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
      end: 'open',
      state: undefined,
      ids: undefined,
      hasRunning: false,
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
    serve: (node: NodePlan, now: number, call: Call) => Answer<T>
  ): Promise<{ value?: T; error?: Error }> {
    const { process, timeline, manager, watcher } = this.#options;
    const fate = this.#fateOf(call, random);
    const node = manager.node(random);
    call.fault = fate.fault;
    let served: Answer<T> | undefined;
    const end = (how: Call['end']): void => {
      call.end = how;
      call.endedAt = timeline.now;
      call.endedClock = process.clockNow;
      watcher.onEnd(call);
    };
    if (fate.arrivesAfterMs !== undefined) {
      timeline.at(timeline.now + fate.arrivesAfterMs, () => {
        const isGivenUp = call.end === 'cut' || !process.isAlive;
        if (isGivenUp && !fate.survivesAbort && fate.fault !== 'late') return;
        call.arrivedAt = timeline.now;
        served = serve(node, timeline.now, call);
        watcher.onArrival(call, 'value' in served);
      });
    }
    const answered = process.wait<{ value?: T; error?: Error }>(signal, (resolve) => {
      const fail = (error: ApiError): void => {
        resolve({ error });
      };
      if (fate.answersAfterMs !== undefined && fate.answersAfterMs < call.limitMs) {
        timeline.at(timeline.now + fate.answersAfterMs, () => {
          if (fate.error) fail(fate.error);
          else if (!served) fail(transient('Reset', 'The connection was reset.'));
          else resolve(served);
        });
      } else {
        timeline.at(timeline.now + Math.max(0, call.limitMs), () => {
          fail(transient('Timed out', 'Ops Manager did not answer in time.'));
        });
      }
    });
    return answered.then(
      (answer) => {
        end(answer.error === undefined ? 'good' : endOf(answer.error));
        return answer;
      },
      (error: unknown) => {
        end('cut');
        return { error: error as Error };
      }
    );
  }

  #fateOf(call: Call, random: Random): Fate {
    const { plan } = this.#options;
    const latencyMs = plan.manager.latencyMs * (0.5 + random.next());
    const fault = this.#faultFor(call.operation, random);
    const survivesAbort = random.chance(0.5);
    const usual = { arrivesAfterMs: latencyMs / 2, answersAfterMs: latencyMs, survivesAbort };
    const lost = { ...usual, arrivesAfterMs: undefined };
    const reset = transient('Reset', 'The connection was reset.');
    switch (fault) {
      case undefined:
        return { ...usual, error: undefined, fault };
      case 'reset':
        return { ...lost, error: reset, fault };
      case 'unavailable': {
        const retryAfterMs = random.chance(0.3) ? random.acrossScales(500, 90_000) : undefined;
        return {
          ...lost,
          error: transient('HTTP 503', 'Ops Manager answered 503.', retryAfterMs),
          fault
        };
      }
      case 'silence':
        return { ...lost, answersAfterMs: undefined, error: undefined, fault };
      case 'lost answer':
        return { ...usual, error: reset, fault };
      case 'silent answer':
        return { ...usual, answersAfterMs: undefined, error: undefined, fault };
      case 'garbled':
        return { ...usual, error: transient('Malformed reply', 'The reply is no JSON.'), fault };
      case 'late': {
        const isSilent = random.chance(0.5);
        const endsAfterMs = isSilent ? call.limitMs : latencyMs;
        return {
          // Before or after lists may have said that nothing has come.
          arrivesAfterMs:
            endsAfterMs +
            (random.chance(0.5) ? random.acrossScales(10, 30_000) : random.between(25_000, 58_000)),
          answersAfterMs: isSilent ? undefined : latencyMs,
          error: reset,
          survivesAbort,
          fault
        };
      }
      case 'foreign':
        return { ...lost, error: foreign(), fault };
      case 'refused':
        return {
          ...lost,
          error: refused(403, 'IP_NOT_ALLOWED', 'does not know this address'),
          fault
        };
      case 'not found':
        return { ...lost, error: notFound(call.id ?? ''), fault };
      case 'slow': {
        const slowMs = random.acrossScales(500, 60_000);
        return {
          arrivesAfterMs: slowMs * random.next(),
          answersAfterMs: slowMs,
          error: undefined,
          survivesAbort,
          fault
        };
      }
    }
  }

  #faultFor(operation: Operation, random: Random): Fault['kind'] | undefined {
    const { plan, startedAt, timeline } = this.#options;
    const now = timeline.now - startedAt;
    if (now >= plan.faultsEndAt) return undefined;
    return plan.faults.find(
      ({ operations, from, to, rate }) =>
        now >= from && now < to && operations.includes(operation) && random.chance(rate)
    )?.kind;
  }

  #randomFor(operation: Operation): Random {
    const { plan, calls, stepIndex } = this.#options;
    const count = calls.filter((each) => each.operation === operation).length;
    return new Random(mixed(plan.seed, 2, stepIndex, OPERATIONS.indexOf(operation), count));
  }
}

function endOf(error: unknown): Call['end'] {
  if (!(error instanceof ApiError) || error.kind !== 'refused') return 'failed';
  return error.status === 404 ? 'not found' : 'refused';
}

function transient(title: string, happened: string, retryAfterMs?: number): ApiError {
  return new ApiError('transient', { title, happened }, { retryAfterMs });
}

function foreign(): ApiError {
  const happened = 'A page that is not Ops Manager’s came instead.';
  return new ApiError('misconfigured', { title: 'Foreign page', happened }, { status: 404 });
}
