import type { Case } from '../case/case.ts';
import { saved } from '../case/saved-case.ts';
import type { Terms } from '../case/verdict.ts';

/** What became of a publication; a step that is about to create must know. */
export interface Publication {
  readonly isSaved: boolean;
  readonly areOutputsWritten: boolean;
}

/**
 * Makes a change of the case known: outputs, saved state, log, commit status. Best effort; must not
 * throw.
 */
export interface Publisher {
  publish(before: Case, after: Case, savedCase: string): Publication;
}

/**
 * Holds the one case of a step. Nobody keeps a copy of the case across an `await`, so that a wait
 * that is aborted loses nothing.
 */
export class CaseCell {
  readonly terms: Terms;
  readonly #publisher: Publisher;
  #case: Case;
  #published: string;
  #publication: Publication = { isSaved: true, areOutputsWritten: true };

  constructor(first: Case, terms: Terms, publisher: Publisher) {
    this.#case = first;
    this.terms = terms;
    this.#publisher = publisher;
    this.#published = '';
  }

  /** The present case. */
  get case(): Case {
    return this.#case;
  }

  /** Replaces the case, and publishes it unless it says nothing new. */
  record(transition: (c: Case) => Case): Publication {
    const before = this.#case;
    const after = transition(before);
    this.#case = after;
    const text = saved(after, this.terms);
    if (text === this.#published) return this.#publication;
    this.#published = text;
    this.#publication = this.#publisher.publish(before, after, text);
    return this.#publication;
  }
}
