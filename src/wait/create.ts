import { isInProgress, type ImportRequest } from '../import/import-request.ts';
import type { CallOptions, ImportApi } from '../ops-manager/client.ts';
import { isTransient, type OpsManagerError } from '../ops-manager/errors.ts';
import { LIST_PAUSE_MS, listed, LISTING_DELAY_MS, notFound } from './discover.ts';
import type { Patience } from './patience.ts';
import { retryUntil, type Waiting } from './retry.ts';

/**
 * The creation of one import. The create call answers without an id, so the import is the request
 * that was not listed before; and since an answer can be lost, only a list without a new request
 * permits another call.
 */
export class Creation {
  readonly #body: string;
  readonly #api: Pick<ImportApi, 'createImport' | 'listImports'>;
  #mayBeUnknown = false;

  constructor(body: string, api: Pick<ImportApi, 'createImport' | 'listImports'>) {
    this.#body = body;
    this.#api = api;
  }

  /** Whether Ops Manager may have created an import that this step has not found. */
  get mayBeUnknown(): boolean {
    return this.#mayBeUnknown;
  }

  /**
   * Creates the import and finds it. `onCreating` is told which imports are running just before.
   * @throws OpsManagerError; what `Patience.outcomeOf` understands.
   */
  async run(
    patience: Patience,
    onCreating: (running: readonly string[]) => void
  ): Promise<ImportRequest> {
    const before = await patience.call((options) => this.#api.listImports(options));
    const known = new Set(before.map(({ id }) => id));
    onCreating(before.filter(isInProgress).map(({ id }) => id));
    for (;;) {
      const lost = await this.#send(patience);
      const askedAt = patience.waitedMs;
      const created = await this.#find(known, patience);
      if (created) return created;
      if (!lost) {
        throw notFound(
          'Ops Manager accepted the import, but did not list it within 30 s. Look for it in Ops Manager, and cancel it there.'
        );
      }
      if (patience.leftMs <= 0) throw lost;
      await patience.pause((lost.retryAfterMs ?? 0) - (patience.waitedMs - askedAt));
    }
  }

  /** One create call; gives the error when its answer was lost. @throws what is final. */
  async #send(patience: Patience): Promise<OpsManagerError | undefined> {
    const { signal } = patience.waiting;
    signal.throwIfAborted();
    const mayBeUnknownBefore = this.#mayBeUnknown;
    this.#mayBeUnknown = true;
    try {
      await this.#api.createImport(this.#body, { signal, limitMs: Math.max(1, patience.leftMs) });
      return undefined;
    } catch (error) {
      if (signal.aborted) throw error;
      if (isTransient(error)) {
        patience.noteFailure(error);
        return error;
      }
      // A refusal says nothing of an earlier call whose answer was lost.
      this.#mayBeUnknown = mayBeUnknownBefore;
      throw error;
    }
  }

  async #find(known: ReadonlySet<string>, patience: Patience): Promise<ImportRequest | undefined> {
    const { clock } = patience.waiting;
    const lookUntil = clock.now() + LISTING_DELAY_MS;
    for (;;) {
      const requests = await patience.call((options) => this.#api.listImports(options));
      const found = requests.filter(({ id }) => !known.has(id));
      const [created, ...others] = found;
      if (created) this.#mayBeUnknown = false;
      if (others.length > 0) throw severalNew(found);
      if (created ?? (clock.now() >= lookUntil || patience.leftMs <= 0)) return created;
      await patience.pause(LIST_PAUSE_MS);
    }
  }
}

/**
 * The import that an interrupted creation left behind: the one in progress that was not running
 * before. Looks until `giveUpAt`.
 * @throws OpsManagerError when none shows, when there are several, when the list cannot be read.
 */
export async function findCreated(
  running: readonly string[],
  list: (options: CallOptions) => Promise<ImportRequest[]>,
  giveUpAt: number,
  waiting: Waiting
): Promise<ImportRequest> {
  const { clock, signal } = waiting;
  for (;;) {
    const requests = await retryUntil(giveUpAt, list, waiting);
    const found = requests.filter(
      (request) => isInProgress(request) && !running.includes(request.id)
    );
    if (found.length > 1) throw severalNew(found);
    if (found[0]) return found[0];
    if (giveUpAt - clock.now() <= LIST_PAUSE_MS) {
      throw notFound(
        'Ops Manager lists no new import: it was not created, has ended already, or is not listed yet. Look for it in Ops Manager.'
      );
    }
    await clock.sleep(LIST_PAUSE_MS, signal);
  }
}

function severalNew(found: readonly ImportRequest[]): OpsManagerError {
  return notFound(
    `${found.length} imports were created at the same time, and Ops Manager does not say which one is this step's: ${listed(found)}. None was cancelled. Set request-id to the one to wait for.`
  );
}
