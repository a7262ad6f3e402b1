import { creationOf, type Case } from '../case/case.ts';
import type { Json } from '../case/json.ts';
import { saved } from '../case/saved-case.ts';
import { placeOf } from '../case/states.ts';
import { isKnownWhich, isOurs, type Terms } from '../case/verdict.ts';

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

/** What a server can repeat with each read is published so often, and then only with what matters. */
const CHANGES_AT_MOST = 200;

/**
 * Holds the one case of a step. Nobody keeps a copy of the case across an `await`, so that a wait
 * that is aborted loses nothing.
 */
export class CaseCell {
  readonly terms: Terms;
  readonly #publisher: Publisher;
  readonly #context: Json | undefined;
  #case: Case;
  #changes = 0;
  /** The case that was published last. */
  #published: Case;
  #last: { readonly text: string; readonly publication: Publication } | undefined;
  /** The states of the pipeline that were published. */
  readonly #states = new Set<string | undefined>();

  /** `context`: what the doors hand over to the post step beside the case. */
  constructor(first: Case, terms: Terms, publisher: Publisher, context?: Json) {
    this.#case = first;
    this.#published = first;
    this.terms = terms;
    this.#publisher = publisher;
    this.#context = context;
  }

  /** The present case. */
  get case(): Case {
    return this.#case;
  }

  /** Replaces the case, and publishes it unless it says nothing new. */
  record(transition: (c: Case) => Case): Publication {
    const before = this.#published;
    const after = transition(this.#case);
    this.#case = after;
    const text = saved(after, this.terms, this.#context);
    const last = this.#last;
    if (last && (text === last.text || !this.#isWorthIt(before, after))) return last.publication;
    this.#changes += 1;
    this.#published = after;
    const publication = this.#publisher.publish(before, after, text);
    this.#last = { text, publication };
    return publication;
  }

  #isWorthIt(before: Case, after: Case): boolean {
    const state = after.read?.state;
    const isNewState = placeOf(state) !== undefined && !this.#states.has(state);
    this.#states.add(state);
    return this.#changes < CHANGES_AT_MOST || isNewState || isDeed(before, after);
  }
}

/** Whether something was asked, created or ended, or is known of whose the import is. */
function isDeed(before: Case, after: Case): boolean {
  const [was, is] = [before, after].map((c) =>
    JSON.stringify([
      c.origin,
      c.id,
      isOurs(c),
      isKnownWhich(c),
      c.cancel,
      creationOf(c)?.calls,
      creationOf(c)?.isClosed,
      c.ending,
      c.deletion,
      c.status,
      c.isFinished
    ])
  );
  return was !== is;
}
