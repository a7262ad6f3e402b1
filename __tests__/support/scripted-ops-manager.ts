import { randomBytes } from 'node:crypto';
import { ScriptedImport, type Script } from '../../simulator/scripted-import.ts';
import type { ImportRequest } from '../../src/import/import-request.ts';
import type { CallOptions, ImportApi } from '../../src/ops-manager/client.ts';
import { hang, replies, type Fault } from './faults.ts';
import type { VirtualClock } from './virtual-clock.ts';

export const PROJECT = '5e66185d917b220fbd8bb4d1';
const REQUEST_TIMEOUT_MS = 30_000;

export type CallKind = 'read' | 'list' | 'create' | 'cancel' | 'delete';

/** A call that was made, dated in milliseconds from the clock's start. */
export interface Call {
  readonly kind: CallKind;
  readonly atMs: number;
  /** From 1, among the calls of its kind. */
  readonly nth: number;
  readonly limitMs: number | undefined;
}

/** What goes wrong, decided for each call. */
export type Faults = (call: Call) => Fault | undefined;

/** Ops Manager's import API without a network: scripted imports over a virtual clock. */
export class ScriptedOpsManager implements ImportApi {
  readonly calls: Call[] = [];
  readonly imports: ScriptedImport[] = [];
  readonly #clock: VirtualClock;
  readonly #counts = new Map<CallKind, number>();
  faults: Faults = () => undefined;
  /** How long an answer takes, in milliseconds. */
  latencyMs = 0;
  /** What a read's reply is, for those who show it. */
  reply: () => unknown = () => ({});
  /** How an import goes that is created by a call. */
  onCreate: Script = { steps: [['PENDING', 0]] };

  constructor(clock: VirtualClock) {
    this.#clock = clock;
  }

  /** Adds an import that starts now; gives its id. */
  add(script: Script): string {
    const added = new ScriptedImport(
      { id: randomBytes(12).toString('hex'), ...script },
      this.#clock.now()
    );
    this.imports.push(added);
    return added.id;
  }

  remove(id: string): void {
    const index = this.imports.findIndex((candidate) => candidate.id === id);
    this.imports.splice(index, 1);
  }

  stateOf(id: string): string | undefined {
    return this.#find(id)?.state(this.#clock.now());
  }

  /** The imports that Ops Manager is still at work on. */
  get running(): readonly string[] {
    const now = this.#clock.now();
    return this.imports.filter((each) => each.isInProgress(now)).map(({ id }) => id);
  }

  callsOf(kind: CallKind): readonly Call[] {
    return this.calls.filter((call) => call.kind === kind);
  }

  readImport(id: string, options: CallOptions): Promise<ImportRequest> {
    return this.#answer('read', options, () => this.#requestOf(this.#known(id)));
  }

  listImports(options: CallOptions): Promise<ImportRequest[]> {
    const now = (): number => this.#clock.now();
    return this.#answer('list', options, () =>
      this.imports.filter((each) => each.isListed(now())).map((each) => this.#requestOf(each))
    );
  }

  createImport(_body: string, options: CallOptions): Promise<void> {
    return this.#answer('create', options, () => void this.add(this.onCreate));
  }

  cancelImport(id: string, options: CallOptions): Promise<void> {
    return this.#answer('cancel', options, () => {
      if (this.#known(id).cancel(this.#clock.now())) return;
      throw replies(409, 'The import cannot be cancelled.').error;
    });
  }

  deleteImport(id: string, options: CallOptions): Promise<void> {
    return this.#answer('delete', options, () => {
      if (this.#known(id).state(this.#clock.now()) !== 'FAILED') {
        throw replies(409, 'Only a failed import can be deleted.').error;
      }
      this.remove(id);
    });
  }

  async #answer<T>(kind: CallKind, options: CallOptions, act: () => T): Promise<T> {
    options.signal.throwIfAborted();
    const nth = (this.#counts.get(kind) ?? 0) + 1;
    this.#counts.set(kind, nth);
    const call = { kind, nth, atMs: this.#clock.elapsedMs, limitMs: options.limitMs };
    this.calls.push(call);
    const fault = this.faults(call);
    const limitMs = Math.max(1, Math.min(REQUEST_TIMEOUT_MS, options.limitMs ?? Infinity));
    const takesMs = fault?.takesMs ?? this.latencyMs;
    if (fault?.arrives) act();
    await this.#clock.pass(Math.min(takesMs, limitMs), options.signal);
    if (takesMs > limitMs) throw hang().error;
    if (fault) throw fault.error;
    return act();
  }

  #find(id: string): ScriptedImport | undefined {
    return this.imports.find((candidate) => candidate.id === id);
  }

  #known(id: string): ScriptedImport {
    const found = this.#find(id);
    if (!found) throw replies(404, 'No such import.', 'RESOURCE_NOT_FOUND').error;
    return found;
  }

  #requestOf(scripted: ScriptedImport): ImportRequest {
    const now = this.#clock.now();
    return {
      id: scripted.id,
      projectId: PROJECT,
      state: scripted.state(now),
      transitions: scripted.transitions(now),
      readAt: new Date(now).toISOString(),
      reply: this.reply()
    };
  }
}
