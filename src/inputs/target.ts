import { parseIfInProgress, parseObjectId, type IfInProgress } from './fields.ts';
import { readJson } from './files.ts';
import type { Form } from './form.ts';
import { parseImportBody, secretsIn, type ImportBody } from './import-body.ts';

/** Which import to wait for, with what reports say of one that is created; the wait’s `Target`. */
export type TargetInputs =
  | { readonly kind: 'given'; readonly id: string }
  /** The project's one import in progress. */
  | { readonly kind: 'discover' }
  /** A new one. */
  | ({ readonly kind: 'create'; readonly ifInProgress: IfInProgress } & ImportBody);

/** As far as a post step has to know it: nothing that was saved says more. */
export type PostTarget =
  | { readonly kind: 'given'; readonly id: string }
  | { readonly kind: 'discover' }
  | { readonly kind: 'create' };

// A create call never begins with less left than this.
const SHORTEST_CREATION_MS = 5_000;

/** `timeoutMs` is undefined where the timeout itself is wrong. */
export function readTarget(form: Form, timeoutMs: number | undefined): TargetInputs {
  const { get, mask } = form.source;
  if (get('request-id') !== '' && get('import-request') !== '') {
    form.problem(
      'request-id and import-request',
      'give one of them: the import to wait for, or the one to create.'
    );
  }
  const id = form.optional('request-id', parseObjectId);
  const ifInProgress = form.optional('if-in-progress', parseIfInProgress) ?? 'create';
  const body = form.optional('import-request', (text) => parseImportBody(readJson(text), mask));
  if (
    get('import-request') !== '' &&
    timeoutMs !== undefined &&
    timeoutMs <= SHORTEST_CREATION_MS
  ) {
    form.problem('timeout', 'with import-request it must be more than 5s.');
  }
  if (body !== undefined) return { kind: 'create', ifInProgress, ...body };
  return id === undefined ? { kind: 'discover' } : { kind: 'given', id };
}

/** Masks what is secret in `import-request` if it can still be read, and needs nothing of it. */
export function readPostTarget(form: Form): PostTarget {
  const { get, mask } = form.source;
  form.lenient('import-request', (text) => {
    secretsIn(readJson(text)).forEach(mask);
  });
  if (get('import-request') !== '') return { kind: 'create' };
  const id = form.optional('request-id', parseObjectId);
  return id === undefined ? { kind: 'discover' } : { kind: 'given', id };
}
