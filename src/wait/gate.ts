import { ended, faltered, worked } from '../case/transitions.ts';
import type { Ending } from '../case/ending.ts';
import type { ApiError, ImportApi } from '../case/import-api.ts';
import type { Finding } from '../diagnosis/finding.ts';
import type { BriefList, Import } from '../case/import.ts';
import { verdict } from '../case/verdict.ts';
import type { CaseCell } from './case-cell.ts';
import { cleanUp } from './clean-up.ts';
import type { Diagnosis, Rollout } from '../diagnosis/diagnosis.ts';
import { identify } from './identify.ts';
import { Patience, type OutageObserver } from './patience.ts';
import type { Waiting } from './retry.ts';
import { settle } from './settle.ts';
import { waitForGoal, type Standing } from './wait.ts';

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
export interface GateOptions {
  readonly target: Target;
  readonly timeoutMs: number;
  readonly stallTimeoutMs: number | undefined;
  readonly pollIntervalMs: number;
  readonly requestTimeoutMs: number;
  readonly maxOutageMs: number;
}

/** Told of what the case does not tell; must not throw. */
export interface GateObserver extends OutageObserver {
  /** After each good read that is not behind what was known. */
  onRead(request: Import, standing: Standing, rollout: () => Rollout | undefined): void;
  /** Others run in the project while an import is about to be created. */
  onOthersInProgress(found: BriefList): void;
  /** An import is about to be created whose hosts have no live agent. */
  onHostsWithoutAgent(hosts: readonly Finding[]): void;
}

/** What waiting for one import works with. */
export interface Gate {
  readonly api: ImportApi;
  readonly cell: CaseCell;
  readonly options: GateOptions;
  /** Its signal is aborted by whatever interrupts the wait; the reason's message says what. */
  readonly waiting: Waiting;
  /** Aborted by a real signal, after which seconds are left to settle. */
  readonly signalled: AbortSignal;
  readonly observer: GateObserver;
  /** Undefined where the user turned it off. */
  readonly diagnosis?: Diagnosis | undefined;
}

/**
 * The whole way of a step: waits for one import until it has ended or patience has, and leaves
 * nothing running that the user did not choose. Its result is the case. What it throws is a defect.
 */
export async function passGate(gate: Gate, patience: Patience): Promise<void> {
  const ending = await waitForAnswer(gate, patience);
  if (ending) gate.cell.record(ended(ending));
  gate.diagnosis?.stop();
  await diagnoseEnding(gate);
  const settling = {
    api: gate.api,
    cell: gate.cell,
    waiting: { ...gate.waiting, signal: gate.signalled },
    onRetry: (error: ApiError) => {
      gate.observer.onRetry(error);
    }
  };
  await settle(settling);
  await cleanUp(settling);
}

/** The patience of a gate; it tells how long the step has waited. */
export function patienceOf({ cell, options, waiting, observer }: Gate): Patience {
  return new Patience({
    limits: options,
    waiting,
    observer,
    hasWorked: () => cell.case.hasWorked,
    onFailure: () => {
      cell.record(faltered);
    },
    onRefusal: () => {
      cell.record(worked);
    }
  });
}

/** Before anything is cancelled or deleted: afterwards the evidence may be gone. */
async function diagnoseEnding({ cell, diagnosis, signalled }: Gate): Promise<void> {
  const { read } = cell.case;
  const { outcome } = verdict(cell.case, cell.terms);
  const isSilent = outcome.kind === 'timed-out' && outcome.trouble !== undefined;
  const isAboutImport =
    outcome.kind === 'failed' || outcome.kind === 'timed-out' || outcome.kind === 'stalled';
  if (!diagnosis || !read || !isAboutImport || isSilent) return;
  await diagnosis.ask(read, signalled);
}

async function waitForAnswer(gate: Gate, patience: Patience): Promise<Ending | undefined> {
  try {
    const identified = await identify(gate, patience);
    if ('ending' in identified) return identified.ending;
    return await waitForGoal(gate, patience, identified.relistAt);
  } catch (error) {
    return patience.endingOf(error);
  }
}
