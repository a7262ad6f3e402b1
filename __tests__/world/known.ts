import { type Case, creationOf, type Ending, mayBeCancelled } from '../../src/case/case.ts';
import { candidatesOf, othersOf } from '../../src/case/creation.ts';
import { restored } from '../../src/case/saved-case.ts';
import {
  isAmbiguous,
  isGone,
  isKnownWhich,
  isMissing,
  isOurs,
  type NotNeeded
} from '../../src/case/verdict.ts';
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
  /** Why nothing had to be cancelled. */
  readonly why: NotNeeded | undefined;
  /** Whether there is no doubt that the import is its own. */
  readonly isOurs: boolean;
  /** Several may be the one that it created: they were read, or are still to be. */
  readonly isAmbiguous: boolean;
  readonly isUndecided: boolean;
  /** Those that may be the one that it created, and what else is new. */
  readonly candidates: readonly string[];
  readonly others: readonly string[];
  /** Those in progress that a post step names which cannot know what its main step did. */
  readonly inProgress: readonly string[];
  readonly isGone: boolean;
  readonly isMissing: boolean;
  /** Whether it may have been asked to cancel, without an answer. */
  readonly isUnanswered: boolean;
  /** Nothing came of what the main step saved. */
  readonly isForgotten: boolean;
  /** How its create calls ended. */
  readonly calls: readonly string[];
}

/** What the case of a report holds. */
export function knownOf({ case: c, verdict: { cancellation } }: Report): Known {
  const creation = creationOf(c);
  const ids = (some: readonly { readonly id: string }[]): string[] => some.map(({ id }) => id);
  return {
    way: c.origin === 'found' && c.isAdopted ? 'adopted' : c.origin,
    id: c.id,
    state: c.read?.state,
    firstState: c.firstState,
    ending: c.ending,
    why: cancellation.kind === 'not-needed' ? cancellation.why : undefined,
    isOurs: isOurs(c),
    isAmbiguous: isAmbiguous(c),
    isUndecided: !isKnownWhich(c) && !isAmbiguous(c),
    candidates: creation ? ids(candidatesOf(creation)) : [],
    others: creation ? ids(othersOf(creation)) : [],
    inProgress: ids(c.resumed?.inProgress?.imports ?? []),
    isGone: isGone(c),
    isMissing: isMissing(c),
    isUnanswered: mayBeCancelled(c) && !c.cancel.isAccepted,
    isForgotten: c.resumed?.isForgotten === true,
    calls: creation?.calls.map(({ end }) => end) ?? []
  };
}

/** What arrives with a saved text. */
export interface Saved {
  /** Whether it may have been asked to cancel, and accepted. */
  readonly wasAsked: boolean;
  readonly way: Case['origin'];
  readonly calls: number;
  readonly ending: Ending['kind'] | undefined;
  readonly id: string | undefined;
  readonly state: string | undefined;
}

/** What can be read of a saved text; undefined where nothing can. */
export function savedOf(text: string): Saved | undefined {
  const c = restored(text, 0)?.case;
  if (!c) return undefined;
  // As it was written, whatever is made of it.
  const { case: raw } = JSON.parse(text) as { case: Pick<Case, 'id' | 'read'> };
  const calls = creationOf(c)?.calls.length ?? 0;
  return {
    wasAsked: mayBeCancelled(c),
    way: c.origin,
    calls,
    ending: c.ending?.kind,
    id: raw.id,
    state: raw.read?.state
  };
}

export function hasCreation(c: Case): boolean {
  return (creationOf(c)?.calls.length ?? 0) > 0;
}
