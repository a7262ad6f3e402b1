import { type IfInProgress, parseIfInProgress, parseObjectId } from './fields.ts';
import { readJson } from './files.ts';
import type { Form } from './form.ts';
import { type ImportBody, parseImportBody } from './import-body.ts';
import { hintOnMissingSecrets } from './source.ts';

/** Which import to wait for, with what a created one is asked to do; the wait’s `Target`. */
export type TargetInputs =
  | { readonly kind: 'given'; readonly id: string }
  /** The project's one import in progress. */
  | { readonly kind: 'discover' }
  /** A new one. */
  | ({ readonly kind: 'create'; readonly ifInProgress: IfInProgress } & ImportBody);

const DISCOVER = 'in-progress';
// A create call never begins with less left than this.
const SHORTEST_CREATION_MS = 5_000;
// An import that was found is the step's only after a list 30 s after the first.
const SHORTEST_DISCOVERY_MS = 30_000;

/** `timeoutMs` is undefined where the timeout itself is wrong. */
export function readTarget(form: Form, timeoutMs: number | undefined): TargetInputs | undefined {
  const isGiven = (name: string): boolean => form.source.get(name) !== '';
  const [hasId, hasBody] = [isGiven('request-id'), isGiven('import-request')];
  if (hasId && hasBody) {
    form.problem(
      'request-id',
      'it is given together with import-request. Give one of them: the import to wait for, or the one to create.'
    );
  } else if (!hasId && !hasBody) {
    form.problem(
      'request-id',
      `neither it nor import-request is given. Check the expression behind it: a misspelt step id gives an empty text. Give an import’s id, or ${DISCOVER} for the project’s one import in progress; or import-request, to create one.${hintOnMissingSecrets(form.source.env)}`
    );
  }
  const given = form.optional('request-id', parseRequestId);
  const ifInProgress = form.withDefault('if-in-progress', 'create', parseIfInProgress);
  const body = readBody(form);
  const least = (ms: number, what: string): void => {
    if (timeoutMs === undefined || timeoutMs > ms) return;
    form.problem('timeout', `with ${what} it must be more than ${ms / 1000}s.`);
  };
  if (hasBody) least(SHORTEST_CREATION_MS, 'import-request');
  if (given?.kind === 'discover') least(SHORTEST_DISCOVERY_MS, `request-id: ${DISCOVER}`);
  if (body === undefined || ifInProgress === undefined) return given;
  return { kind: 'create', ifInProgress, ...body };
}

/** Masks what is secret in `import-request`, also where it is wrong. */
export function readBody(form: Form): ImportBody | undefined {
  const { mask, env } = form.source;
  return form.optional('import-request', (text) =>
    parseImportBody(readJson(text), mask, () => hintOnMissingSecrets(env))
  );
}

function parseRequestId(text: string): Exclude<TargetInputs, { kind: 'create' }> {
  if (text.toLowerCase() === DISCOVER) return { kind: 'discover' };
  const where = `The step that created the import has it as its output request-id. For the project’s one import in progress write ${DISCOVER}.`;
  return { kind: 'given', id: parseObjectId(text, where) };
}
