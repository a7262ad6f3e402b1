import type { Case } from '../case/case.ts';
import type { Requested } from '../case/requested.ts';
import type { Terms, Verdict } from '../case/verdict.ts';
import type { Finding } from '../diagnosis/finding.ts';
import type { Outage } from '../wait/patience.ts';
import type { ByHand } from './by-hand.ts';

/** Everything that a step has to say; every report is made from it. */
export interface Report {
  readonly by: 'main' | 'post';
  readonly case: Case;
  readonly terms: Terms;
  readonly verdict: Verdict;
  readonly waitedMs: number;
  readonly outages: readonly Outage[];
  /** What was found to hold the import up, worst first. */
  readonly findings: readonly Finding[];
  readonly place: Place;
  /** What the step tried to create; undefined where it did not. */
  readonly requested: Requested | undefined;
  /** The main step has seen that its post step began, which settles the same import. */
  readonly isPostStepThere: boolean;
  /** The post step was handed other inputs than main, so that it could ask nothing. */
  readonly hasForeignInputs: boolean;
}

/** Where the import lives. */
export interface Place {
  /** Ops Manager's host and port. */
  readonly host: string;
  /** Its address with the API's path, without a trailing slash. */
  readonly apiUrl: string;
  readonly projectId: string;
  /** The project's page in Ops Manager. */
  readonly projectUrl: string;
}

/** What is said of one thing: of the outcome, or of what became of the import. */
export interface Said {
  /** A few words, for titles; empty where there is nothing to say. */
  readonly short: string;
  /** The few words as sentences, for those who see no title. */
  readonly whole: readonly string[];
  /** The sentence that is dangerous: an import that may still be running; empty where none is. */
  readonly alarm: string;
  /** What there is to say beside them, the cause first. */
  readonly happened: readonly string[];
  readonly advice: readonly string[];
  /** What a person can do with a call of Ops Manager's API. */
  readonly byHand: readonly ByHand[];
}

/** Nothing to say. */
export const NOTHING: Said = {
  short: '',
  whole: [],
  alarm: '',
  happened: [],
  advice: [],
  byHand: []
};

/** Whether the step passes: only if Ops Manager said that the goal was reached. */
export function isReached({ verdict }: Report): boolean {
  return verdict.outcome.kind === 'reached';
}
