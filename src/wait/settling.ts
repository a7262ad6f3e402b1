import type { ApiError, ImportApi } from '../case/import-api.ts';
import type { CaseCell } from './case-cell.ts';
import type { Waiting } from './retry.ts';

/** What settling works with; `waiting.signal` is a real signal, after which seconds are left. */
export interface Settling {
  readonly api: ImportApi;
  readonly cell: CaseCell;
  readonly waiting: Waiting;
  /** Told of each failed attempt; must not throw. */
  readonly onRetry: (error: ApiError) => void;
}
