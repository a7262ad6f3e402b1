import type { ImportApi, ImportList } from '../case/import-api.ts';
import type { BriefList, Import } from '../case/import.ts';
import { wasListed } from '../case/transitions.ts';
import type { Diagnosis } from '../diagnosis/diagnosis.ts';
import type { CaseCell } from './case-cell.ts';
import { Patience, type OutageObserver } from './patience.ts';
import type { Timing } from './retry.ts';

/** Which import to wait for. */
export type Target =
  | { readonly kind: 'given'; readonly id: string }
  /** The project's one import in progress. */
  | { readonly kind: 'discover' }
  /** `body` is the JSON text of Ops Manager's create call. */
  | {
      readonly kind: 'create';
      readonly body: string;
      readonly ifInProgress: 'create' | 'adopt' | 'fail';
    };

/** How to wait; durations in milliseconds. */
interface StepOptions {
  readonly target: Target;
  readonly timeoutMs: number;
  readonly stallTimeoutMs: number | undefined;
  readonly pollIntervalMs: number;
  readonly requestTimeoutMs: number;
  readonly maxOutageMs: number;
}

/** Where a wait stands, in milliseconds. */
export interface Standing {
  /** How long the import has been in its state, also before this step first saw it there. */
  readonly inStateMs: number;
  readonly untilTimeoutMs: number;
  /** Infinity without a stall timeout. */
  readonly untilStallMs: number;
}

/** Told of what the case does not tell; must not throw. */
export interface StepObserver extends OutageObserver {
  /** After each good read that is not behind what was known. */
  onRead(read: Import, standing: Standing, rollout: () => string | undefined): void;
  /** Others run in the project while an import is about to be created. */
  onOthersInProgress(found: BriefList): void;
  /** An import is about to be created whose hosts have no live agent. */
  onHostsWithoutAgent(warning: readonly string[]): void;
}

/** What a step is given to work with. */
interface StepParts {
  readonly api: ImportApi;
  readonly cell: CaseCell;
  readonly options: StepOptions;
  /** Its signal is aborted by whatever interrupts the wait; the reason's message says what. */
  readonly timing: Timing;
  /** Aborted by a real signal, after which seconds are left to settle. */
  readonly signalled: AbortSignal;
  readonly observer: StepObserver;
  /** Undefined where the user turned it off. */
  readonly diagnosis?: Diagnosis | undefined;
  /** Whether this step's post step has begun, while this one still runs. */
  readonly isPostStepThere: () => boolean;
}

/** What a step works with. */
export interface Step extends StepParts {
  /** How long it bears with Ops Manager; it tells how long the step has waited. */
  readonly patience: Patience;
}

/** A step that begins now. */
export function newStep(parts: StepParts): Step {
  return { ...parts, patience: new Patience(parts) };
}

/** Between two lists of which one is waited for. */
export const LIST_PAUSE_MS = 2_000;

/** A list, and when it was asked for by the holder's clock. */
export interface AskedList extends ImportList {
  readonly askedAt: number;
}

/**
 * A good list of the project's imports, recorded. Where it meets Ops Manager's own 404, the outage
 * counts from `missingSince`. @throws what `Patience.endingOf` understands.
 */
export async function readList(step: Step, missingSince?: number): Promise<AskedList> {
  const { api, patience, timing } = step;
  const list = await patience.call(
    'list',
    async (options) => ({ askedAt: timing.clock.now(), ...(await api.listImports(options)) }),
    missingSince
  );
  noteList(step, list, list.askedAt);
  return list;
}

/** Records a good list. */
export function noteList(
  { cell, diagnosis, timing }: Step,
  list: ImportList,
  askedAt: number
): void {
  cell.record(wasListed(list, timing.clock.now(), askedAt));
  diagnosis?.noteList(list);
}
