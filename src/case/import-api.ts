import type { Import } from './import.ts';

/** What every call takes. */
export interface CallOptions {
  readonly signal: AbortSignal;
  /** A limit for this call below the client's own, in milliseconds from connect to last byte. */
  readonly limitMs?: number;
}

/** The project's import requests, as one good answer listed them. */
export interface ImportList {
  /** Each id once; an item whose history cannot be read has no transitions. */
  readonly imports: readonly Import[];
  /** When Ops Manager answered, by its own clock (ISO 8601); undefined without a `Date` header. */
  readonly readAt: string | undefined;
}

/**
 * The calls of Ops Manager's import API; each is one attempt. Each throws `ApiError`, or the
 * signal's reason when aborted. Source: Ops Manager 8.0, "Automation: Import Deployment".
 */
export interface ImportApi {
  readImport(id: string, options: CallOptions): Promise<Import>;
  listImports(options: CallOptions): Promise<ImportList>;
  createImport(body: string, options: CallOptions): Promise<void>;
  cancelImport(id: string, options: CallOptions): Promise<void>;
  deleteImport(id: string, options: CallOptions): Promise<void>;
}

/** What a failed call means for those who wait. */
export type ApiErrorKind =
  /** Ops Manager itself said no. */
  | 'refused'
  /** The same call may succeed later. */
  | 'transient'
  /** Not Ops Manager's word: the configuration is wrong, as long as it has never worked. */
  | 'misconfigured';

/** A failure in words that were found where it was met: the cause, what happened, what to do. */
export interface Trouble {
  /** A few words. */
  readonly title: string;
  /** One sentence. */
  readonly happened: string;
  /** One sentence, or empty. */
  readonly advice: string;
}

/** A call that failed; its message says what happened and what to do. */
export class ApiError extends Error {
  readonly kind: ApiErrorKind;
  /** The cause in a few words, e.g. “Ops Manager refused the API key”. */
  readonly title: string;
  /** One sentence: what happened. */
  readonly happened: string;
  /** One sentence: what to do; empty when nothing is. */
  readonly advice: string;
  readonly status: number | undefined;
  readonly errorCode: string | undefined;
  /** What the server asked to wait, in milliseconds. */
  readonly retryAfterMs: number | undefined;
  /** The key was neither accepted nor refused: each nonce was called stale. */
  readonly isStale: boolean;

  constructor(
    kind: ApiErrorKind,
    words: { readonly title: string; readonly happened: string; readonly advice?: string },
    data: {
      readonly status?: number | undefined;
      readonly errorCode?: string | undefined;
      readonly retryAfterMs?: number | undefined;
      readonly isStale?: boolean;
      readonly cause?: unknown;
    } = {}
  ) {
    const { title, happened, advice = '' } = words;
    super(`${happened} ${advice}`.trim(), { cause: data.cause });
    this.name = 'ApiError';
    this.kind = kind;
    this.title = title;
    this.happened = happened;
    this.advice = advice;
    this.status = data.status;
    this.errorCode = data.errorCode;
    this.retryAfterMs = data.retryAfterMs;
    this.isStale = data.isStale ?? false;
  }

  /** What of it a case can keep. */
  get trouble(): Trouble {
    const { title, happened, advice } = this;
    return { title, happened, advice };
  }
}

/** Whether Ops Manager itself said that there is no such import; one node may lag behind others. */
export function isNotFound(error: unknown): error is ApiError {
  return error instanceof ApiError && error.kind === 'refused' && error.status === 404;
}
