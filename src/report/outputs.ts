import * as core from '@actions/core';
import { importDurationMs } from '../import/import-request.ts';
import { isReached, messageOf, phaseOf, type Result } from '../outcome.ts';
import { defuse } from '../untrusted.ts';

/** The outputs of the action, by name. */
export function outputsOf(result: Result): Readonly<Record<string, string>> {
  const { outcome, request, cancellation, cleanup } = result;
  const importMs = request && importDurationMs(request);
  return {
    outcome: outcome.kind,
    'goal-reached': String(isReached(result)),
    state: request?.state ?? '',
    'last-phase': phaseOf(result) ?? '',
    history: JSON.stringify(request?.transitions ?? []),
    'request-id': result.requestId ?? '',
    cancellation: cancellation.kind,
    cleanup: cleanup.kind,
    'waited-seconds': String(Math.round(result.waitedMs / 1000)),
    'import-seconds': importMs === undefined ? '' : String(Math.round(importMs / 1000)),
    message: defuse(messageOf(result))
  };
}

/** Writes the outputs at once; of several writes, the last one counts. */
export function writeOutputs(result: Result): void {
  for (const [name, value] of Object.entries(outputsOf(result))) core.setOutput(name, value);
}
