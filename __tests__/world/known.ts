import { creationOf, type Case } from '../../src/case/case.ts';
import { candidatesOf, othersOf } from '../../src/case/creation.ts';
import type { Ending } from '../../src/case/ending.ts';
import { restored } from '../../src/case/saved-case.ts';
import { isAmbiguous, isGone, isMissing } from '../../src/case/verdict.ts';
import type { Report } from '../../src/report/report.ts';

/** What a step says that it knows, as far as the judge holds it against the truth. */
export interface Known {
  /** How it came to its import. */
  readonly way: 'given' | 'found' | 'adopted' | 'created';
  readonly id: string | undefined;
  /** The state that it read last, and first. */
  readonly state: string | undefined;
  readonly firstState: string | undefined;
  readonly ending: Ending | undefined;
  /** Several may be the one that it created. */
  readonly isAmbiguous: boolean;
  /** Several were in progress where one was looked for. */
  readonly areSeveral: boolean;
  /** Those that may be the one that it created, and what else is new. */
  readonly candidates: readonly string[];
  readonly others: readonly string[];
  /** What may be its own beside the one that it watches. */
  readonly strays: readonly string[];
  readonly isGone: boolean;
  readonly isMissing: boolean;
  /** Whether it may have been asked to cancel, without an answer. */
  readonly isUnanswered: boolean;
  /** How its create calls ended. */
  readonly calls: readonly string[];
}

/** What the case of a report holds. */
export function knownOf({ case: c }: Report): Known {
  const creation = creationOf(c);
  const isSeveral = c.ending?.kind === 'error' && c.ending.cause.kind === 'several';
  return {
    way: c.origin === 'found' && c.isAdopted ? 'adopted' : c.origin,
    id: c.id,
    state: c.read?.state,
    firstState: c.firstState,
    ending: c.ending,
    isAmbiguous: isAmbiguous(c),
    areSeveral: isSeveral,
    candidates: creation ? candidatesOf(creation).map(({ id }) => id) : [],
    others: creation ? othersOf(creation).map(({ id }) => id) : [],
    strays: [],
    isGone: isGone(c),
    isMissing: isMissing(c),
    isUnanswered: c.cancel.isUnanswered || c.cancel.isOpen,
    calls: creation?.calls.map(({ end }) => end) ?? []
  };
}

/** What arrives with a saved text; undefined where it cannot be read. */
export function savedOf(
  text: string
): { readonly calls: number; readonly ending: Ending['kind'] | undefined } | undefined {
  const c = restored(text, 0)?.case;
  return c && { calls: creationOf(c)?.calls.length ?? 0, ending: c.ending?.kind };
}

export function hasCreation(c: Case): boolean {
  return creationOf(c) !== undefined;
}
