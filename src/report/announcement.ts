import { formatDuration } from '../duration.ts';
import type { GoalState } from '../case/states.ts';
import type { Target } from '../wait/step.ts';
import { logLine, logWarning } from './log.ts';

/** What the first line of the log tells. */
export interface Announced {
  readonly apiUrl: URL;
  readonly projectUrl: string;
  readonly target: Target;
  readonly goal: GoalState;
  readonly timeoutMs: number;
  /** What works but should not stay as it is. */
  readonly warnings: readonly string[];
}

/** The first line of the log, and warnings about the inputs. */
export function announce({
  apiUrl,
  projectUrl,
  target,
  goal,
  timeoutMs,
  warnings
}: Announced): void {
  const which = {
    given: `import ${target.kind === 'given' ? target.id : ''}`,
    discover: 'the import in progress',
    create: 'a new import'
  }[target.kind];
  logLine(
    `Waiting up to ${formatDuration(timeoutMs)} for ${which} on ${apiUrl.host} to reach ${goal}. Project: ${projectUrl}`
  );
  for (const warning of warnings) logWarning(titleOf(warning), warning);
}

/** What a warning about an input is about: its words before the colon. */
function titleOf(warning: string): string {
  return warning.split(':')[0] ?? warning;
}
