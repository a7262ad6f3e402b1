import * as core from '@actions/core';
import { isSettled, type Outcome, type Result } from '../outcome.ts';

/** What the main step leaves for the post step. */
export interface SavedState {
  /** The import's fate is known and nothing is left to do. */
  readonly isSettled: boolean;
  /** How the main step was ending; undefined if it had not begun to. */
  readonly outcome: Outcome['kind'] | undefined;
  readonly requestId: string | undefined;
  /** The imports that ran before this step created its own; undefined if it created none. */
  readonly runningBefore: readonly string[] | undefined;
}

export function saveRequestId(id: string): void {
  core.saveState('request-id', id);
}

export function saveRunningBefore(ids: readonly string[]): void {
  core.saveState('running-before', JSON.stringify(ids));
}

/** Saves how the step is ending; of several saves, the last one counts. */
export function saveResult(result: Result, isFinal: boolean): void {
  core.saveState('outcome', result.outcome.kind);
  core.saveState('is-settled', String(isFinal && isSettled(result)));
}

export function readSavedState(): SavedState {
  const outcome = core.getState('outcome');
  const requestId = core.getState('request-id');
  const running = core.getState('running-before');
  return {
    isSettled: core.getState('is-settled') === 'true',
    outcome: outcome === '' ? undefined : (outcome as Outcome['kind']),
    requestId: requestId === '' ? undefined : requestId,
    runningBefore: running === '' ? undefined : (JSON.parse(running) as readonly string[])
  };
}
