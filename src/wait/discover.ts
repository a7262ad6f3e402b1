import { formatDate } from '../date.ts';
import { enteredAt, isInProgress, type ImportRequest } from '../import/import-request.ts';
import type { ImportApi } from '../ops-manager/client.ts';
import { OpsManagerError } from '../ops-manager/errors.ts';
import type { Patience } from './patience.ts';

/** Ops Manager answers a create call before it lists the new request. */
export const LISTING_DELAY_MS = 30_000;
export const LIST_PAUSE_MS = 2_000;
const LISTED_AT_MOST = 10;

/**
 * The project's one import in progress; a finished one is never picked, for yesterday's success
 * must not open today's gate. While there is none it looks again for 30 s.
 * @throws OpsManagerError with the imports to choose from; what `Patience.outcomeOf` understands.
 */
export async function discoverImport(
  api: Pick<ImportApi, 'listImports'>,
  patience: Patience
): Promise<ImportRequest> {
  const { clock } = patience.waiting;
  const lookUntil = clock.now() + LISTING_DELAY_MS;
  for (;;) {
    const requests = await patience.call((options) => api.listImports(options));
    const running = requests.filter(isInProgress);
    const [only, ...others] = running;
    if (only && others.length === 0) return only;
    if (only) {
      throw notFound(
        `The project has ${running.length} imports in progress: ${listed(running)}. Set request-id to the one to wait for.`
      );
    }
    if (clock.now() >= lookUntil || patience.leftMs <= 0) {
      const ended =
        requests.length === 0
          ? 'It has no imports at all'
          : `The newest that ended: ${listed(requests)}`;
      throw notFound(
        `The project has no import in progress. ${ended}. Create the import first, or check project-id.`
      );
    }
    await patience.pause(LIST_PAUSE_MS);
  }
}

/** Imports with id, state and since when, newest first. */
export function listed(requests: readonly ImportRequest[]): string {
  const newestFirst = requests.toSorted((a, b) => changedAt(b) - changedAt(a));
  const lines = newestFirst.slice(0, LISTED_AT_MOST).map((request) => {
    const since = enteredAt(request);
    return `${request.id} ${request.state}${since === undefined ? '' : ` since ${formatDate(since)}`}`;
  });
  const more = requests.length - lines.length;
  return [...lines, ...(more > 0 ? [`${more} more`] : [])].join(', ');
}

/** A look at the project's imports that did not lead to one; final. */
export function notFound(message: string): OpsManagerError {
  return new OpsManagerError(message, { trouble: 'not-found', transient: false });
}

function changedAt(request: ImportRequest): number {
  return Date.parse(request.transitions.at(-1)?.transitionedAt ?? '1970-01-01T00:00:00Z');
}
