import { randomBytes } from 'node:crypto';
import { ScriptedImport, type Script } from '../../simulator/scripted-import.ts';
import type { CallOptions, ImportApi, ImportList } from '../../src/case/import-api.ts';
import type { Import } from '../../src/case/import.ts';
import { hang, replies, type Fault } from './faults.ts';
import type { VirtualClock } from './virtual-clock.ts';

export const PROJECT = '5e66185d917b220fbd8bb4d1';
const REQUEST_TIMEOUT_MS = 30_000;

type CallKind = 'read' | 'list' | 'create' | 'cancel' | 'delete';

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
  /** The imports that create calls made. */
  readonly created: string[] = [];
  /** The state that the last good read gave of each import, or a list that told more. */
  readonly served = new Map<string, string>();
  readonly #told = new Map<string, number>();
  readonly #clock: VirtualClock;
  readonly #counts = new Map<CallKind, number>();
  faults: Faults = () => undefined;
  /** How far the node behind that answers this call, in milliseconds. */
  lagMs: (call: Call) => number = () => 0;
  /** How long an answer takes, in milliseconds. */
  latencyMs = 0;
  /** How far Ops Manager's clock is ahead, in milliseconds. */
  clockIsAheadMs = 0;
  /** How far the `Date` of replies is ahead of that, as where a proxy writes it, in milliseconds. */
  dateIsAheadMs = 0;
  /** Whether replies have a `Date`. */
  hasDate = true;
  /** What a read's reply is, for those who show it. */
  reply: (request: Omit<Import, 'reply'>) => string = () => '{}';
  /** How an import goes that is created by a call. */
  onCreate: Script = { steps: [['PENDING', 0]] };

  constructor(clock: VirtualClock) {
    this.#clock = clock;
  }

  /** Adds an import that starts now; gives its id. */
  add(script: Script): string {
    const id = script.id ?? randomBytes(12).toString('hex');
    this.imports.push(new ScriptedImport({ ...script, id }, this.#now));
    return id;
  }

  remove(id: string): void {
    const index = this.imports.findIndex((candidate) => candidate.id === id);
    if (index >= 0) this.imports.splice(index, 1);
  }

  stateOf(id: string): string | undefined {
    return this.#find(id)?.state(this.#now);
  }

  /** The imports that Ops Manager is still at work on. */
  get running(): readonly string[] {
    return this.imports.filter((each) => each.isInProgress(this.#now)).map(({ id }) => id);
  }

  callsOf(kind: CallKind): readonly Call[] {
    return this.calls.filter((call) => call.kind === kind);
  }

  async readImport(id: string, options: CallOptions): Promise<Import> {
    if (id === '') throw new TypeError('A read of no import');
    const request = await this.#answer('read', options, (at) => {
      const known = this.#known(id);
      if (known.transitions(at).length === 0) throw unknown().error;
      return this.#requestOf(known, at);
    });
    this.served.set(id, request.state);
    this.#told.set(id, request.transitions.length);
    return request;
  }

  async listImports(options: CallOptions): Promise<ImportList> {
    const list = await this.#answer('list', options, (at) => ({
      imports: this.imports
        .filter((each) => each.isListed(at))
        .map((each) => this.#requestOf(each, at)),
      readAt: this.#date
    }));
    for (const { id, state, transitions } of list.imports) {
      if (transitions.length <= (this.#told.get(id) ?? 0)) continue;
      this.served.set(id, state);
      this.#told.set(id, transitions.length);
    }
    return list;
  }

  createImport(_body: string, options: CallOptions): Promise<void> {
    return this.#answer('create', options, () => void this.created.push(this.add(this.onCreate)));
  }

  cancelImport(id: string, options: CallOptions): Promise<void> {
    return this.#answer('cancel', options, () => {
      if (this.#known(id).cancel(this.#now)) return;
      throw replies(409, 'The import cannot be cancelled').error;
    });
  }

  deleteImport(id: string, options: CallOptions): Promise<void> {
    return this.#answer('delete', options, () => {
      if (this.#known(id).state(this.#now) !== 'FAILED') {
        throw replies(409, 'Only a failed import can be deleted').error;
      }
      this.remove(id);
    });
  }

  /** `act` is given the time that the answering node is at. */
  async #answer<T>(kind: CallKind, options: CallOptions, act: (at: number) => T): Promise<T> {
    options.signal.throwIfAborted();
    const nth = (this.#counts.get(kind) ?? 0) + 1;
    this.#counts.set(kind, nth);
    const call = { kind, nth, atMs: this.#clock.elapsedMs, limitMs: options.limitMs };
    this.calls.push(call);
    const fault = this.faults(call);
    const limitMs = Math.max(1, Math.min(REQUEST_TIMEOUT_MS, options.limitMs ?? Infinity));
    const takesMs = fault?.takesMs ?? this.latencyMs;
    const now = (): number => this.#now - this.lagMs(call);
    if (fault?.arrives) act(now());
    if (fault?.arrivesAfterMs !== undefined)
      this.#clock.at(call.atMs + fault.arrivesAfterMs, () => act(now()));
    await this.#clock.pass(Math.min(takesMs, limitMs), options.signal);
    if (takesMs > limitMs) throw hang().error;
    if (fault) throw fault.error;
    return act(now());
  }

  /** By Ops Manager's clock, which dates everything. */
  get #now(): number {
    return this.#clock.now() + this.clockIsAheadMs;
  }

  /** The `Date` of a reply has whole seconds. */
  get #date(): string | undefined {
    if (!this.hasDate) return undefined;
    return new Date(Math.floor((this.#now + this.dateIsAheadMs) / 1000) * 1000).toISOString();
  }

  #find(id: string): ScriptedImport | undefined {
    return this.imports.find((candidate) => candidate.id === id);
  }

  #known(id: string): ScriptedImport {
    const found = this.#find(id);
    if (!found) throw unknown().error;
    return found;
  }

  #requestOf(scripted: ScriptedImport, at: number): Import {
    const request = {
      id: scripted.id,
      state: scripted.state(at),
      transitions: scripted.transitions(at),
      readAt: this.#date
    };
    return { ...request, reply: this.reply(request) };
  }
}

function unknown(): Fault {
  return replies(404, 'No such import', 'RESOURCE_NOT_FOUND');
}
