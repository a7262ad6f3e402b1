import { isInterrupted } from '../case/verdict.ts';
import type { Report } from './report.ts';

/** What became of the import when the step ended. */
export interface Fate {
  /** For titles; empty when the outcome says it. */
  readonly short: string;
  /** One sentence, when an import may still be running. */
  readonly alarm: string;
  /** Sentences otherwise. */
  readonly sentences: readonly string[];
  /** What to do about it. */
  readonly advice: readonly string[];
}

/** Where the outcome says it all. */
export const NO_FATE: Fate = { short: '', alarm: '', sentences: [], advice: [] };
export const CREATE_AGAIN = 'Create the import again if it is still wanted.';

/** The input that says whether an import is cancelled that has no answer. */
export function policyOf({ case: c }: Report): string {
  return isInterrupted(c) ? 'cancel-on-interrupt' : 'cancel-on-timeout';
}
