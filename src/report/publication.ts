import type { Case } from '../case/case.ts';
import type { Publication, Publisher } from '../wait/case-cell.ts';
import type { CommitStatus } from './commit-status.ts';
import { logDebug } from './log.ts';
import { outputsOf } from './outputs.ts';
import type { Report } from './report.ts';
import { writeOutputs, writeState } from './runner-files.ts';
import type { WaitLog } from './wait-log.ts';

/** The name of the one value that the main step saves for the post step. */
export const STATE_KEY = 'case';

/**
 * The one publication: whenever the case changes, the state for the post step, the outputs, the log
 * and the commit status follow. Best effort: nothing of it can stop the wait.
 */
export class StepPublisher implements Publisher {
  readonly #reportOn: (c: Case) => Report;
  readonly #log: WaitLog;
  readonly #status: CommitStatus | undefined;

  constructor(reportOn: (c: Case) => Report, log: WaitLog, status: CommitStatus | undefined) {
    this.#reportOn = reportOn;
    this.#log = log;
    this.#status = status;
  }

  publish(before: Case, after: Case, savedCase: string): Publication {
    const publication = {
      isSaved: succeeds(() => {
        writeState(STATE_KEY, savedCase);
      }),
      areOutputsWritten: succeeds(() => {
        writeOutputs(outputsOf(this.#reportOn(after)));
      })
    };
    succeeds(() => {
      this.#log.onChange(before, after);
    });
    succeeds(() => {
      if (after.read) this.#status?.onState(after.read);
    });
    return publication;
  }
}

/** Whether something could be done; trouble with it is a line of debug logging. */
export function succeeds(act: () => void): boolean {
  try {
    act();
    return true;
  } catch (error) {
    try {
      logDebug(`Could not publish: ${String(error)}`);
    } catch {
      // Then nobody can be told.
    }
    return false;
  }
}
