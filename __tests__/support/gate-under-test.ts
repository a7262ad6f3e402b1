import { runGate, type GateObserver, type GateOptions } from '../../src/gate.ts';
import type { Arrival } from '../../src/import/import-request.ts';
import type { OpsManagerError } from '../../src/ops-manager/errors.ts';
import type { Result } from '../../src/outcome.ts';
import type { Waiting } from '../../src/wait/retry.ts';
import type { Progress } from '../../src/wait/wait.ts';
import type { Script } from '../../simulator/scripted-import.ts';
import { ScriptedOpsManager } from './scripted-ops-manager.ts';
import { NO_JITTER, VirtualClock } from './virtual-clock.ts';

export const SECOND = 1000;
export const MINUTE = 60 * SECOND;
export const HOUR = 60 * MINUTE;

/** Why an interrupted wait stops, as the real signals do it. */
export class Interrupt extends Error {}

/** Remembers what it was told. */
export class RecordingObserver implements GateObserver {
  readonly identified: string[] = [];
  readonly runningBefore: (readonly string[])[] = [];
  readonly provisional: Result[] = [];
  readonly givenUp: Result[] = [];
  readonly arrivals: Arrival[] = [];
  readonly progress: Progress[] = [];
  readonly outages: OpsManagerError[] = [];
  readonly recoveries: number[] = [];
  readonly retries: OpsManagerError[] = [];

  onIdentified(id: string): void {
    this.identified.push(id);
  }
  onCreating(running: readonly string[]): void {
    this.runningBefore.push(running);
  }
  onGivingUp(result: Result): void {
    this.givenUp.push(result);
  }
  onProvisional(result: Result): void {
    this.provisional.push(result);
  }
  onArrivals(_request: unknown, arrivals: readonly Arrival[]): void {
    this.arrivals.push(...arrivals);
  }
  onRead(_request: unknown, progress: Progress): void {
    this.progress.push(progress);
  }
  onOutage(error: OpsManagerError): void {
    this.outages.push(error);
  }
  onRecovery(outageMs: number): void {
    this.recoveries.push(outageMs);
  }
  onRetry(error: OpsManagerError): void {
    this.retries.push(error);
  }
}

const DEFAULTS: Omit<GateOptions, 'target'> = {
  goal: 'SUCCESS',
  timeoutMs: HOUR,
  stallTimeoutMs: undefined,
  pollIntervalMs: 10 * SECOND,
  maxOutageMs: 10 * MINUTE,
  cancelOnTimeout: true,
  cancelOnInterrupt: true,
  deleteFailed: false
};

/** The gate on a virtual clock, with the action's defaults, before a scripted Ops Manager. */
export class GateUnderTest {
  readonly clock = new VirtualClock();
  readonly opsManager = new ScriptedOpsManager(this.clock);
  readonly observer = new RecordingObserver();
  readonly interrupt = new AbortController();
  readonly waiting: Waiting = {
    clock: this.clock,
    random: NO_JITTER,
    signal: this.interrupt.signal
  };

  /** Sends the signal when `ms` have passed since the start. */
  interruptAt(ms: number): void {
    this.clock.at(ms, () => {
      this.interruptNow();
    });
  }

  interruptNow(): void {
    this.interrupt.abort(new Interrupt('SIGINT'));
  }

  run(options: Pick<GateOptions, 'target'> & Partial<GateOptions>): Promise<Result> {
    return runGate({ ...DEFAULTS, ...options }, this.opsManager, this.waiting, this.observer);
  }

  /** Waits for an import that goes as `script` says and starts now. */
  watch(script: Script, options: Partial<GateOptions> = {}): Promise<Result> {
    return this.run({ target: { kind: 'given', id: this.opsManager.add(script) }, ...options });
  }
}
