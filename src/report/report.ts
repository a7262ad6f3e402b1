import type { Case } from '../case/case.ts';
import type { Requested } from '../case/requested.ts';
import type { Finding } from '../diagnosis/finding.ts';
import type { Terms, Verdict } from '../case/verdict.ts';
import type { Outage } from '../wait/patience.ts';

/** Everything that a step has to say; every report is made from it. */
export interface Report {
  readonly case: Case;
  readonly terms: Terms;
  readonly verdict: Verdict;
  readonly waitedMs: number;
  readonly outages: readonly Outage[];
  /** What was found to hold the import up, worst first. */
  readonly findings: readonly Finding[];
  readonly place: Place;
  /** What the step tried to create; undefined where it did not. */
  readonly request: Requested | undefined;
}

/** Where the import lives. */
export interface Place {
  /** Ops Manager's host and port. */
  readonly host: string;
  readonly projectId: string;
  /** The project's page in Ops Manager. */
  readonly projectUrl: string;
}

/** Whether the step passes: only if Ops Manager said that the goal was reached. */
export function isReached({ verdict }: Report): boolean {
  return verdict.outcome.kind === 'reached';
}
