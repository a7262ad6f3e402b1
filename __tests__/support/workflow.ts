import { readInputs, type Inputs } from '../../src/inputs.ts';
import { InputError, lineOf } from '../../src/inputs/form.ts';

/** Inputs, and environment variables in capitals, as a workflow gives them. */
export type Given = Readonly<Record<string, string>>;

/** What every step has to be given; which import is wanted comes beside it. */
export const ENOUGH: Given = {
  'base-url': 'https://ops-manager.example.com:8443',
  'project-id': '5e66185d917b220fbd8bb4d1',
  'public-key': 'ABCDEFGH',
  'private-key': '11111111-2222-3333-4444-555555555555'
};

/** What reading the inputs gave, what was masked, and in which order things happened. */
interface Reading {
  readonly inputs: Inputs | undefined;
  readonly problems: readonly string[];
  readonly message: string;
  readonly masked: readonly string[];
}

/**
 * Reads the inputs of a step that has `given` beside what is enough; it waits for the import in
 * progress if that does not say for which.
 */
export function read(given: Given = {}, env: Given = {}): Reading {
  const target = 'import-request' in given ? {} : { 'request-id': 'in-progress' };
  const all = { ...ENOUGH, ...target, ...given };
  const masked: string[] = [];
  const source = {
    get: (name: string) => (all[name as keyof typeof all] ?? '').trim(),
    mask: (secret: string) => masked.push(secret),
    env
  };
  try {
    return { inputs: readInputs(source), problems: [], message: '', masked };
  } catch (error) {
    if (!(error instanceof InputError)) throw error;
    return {
      inputs: undefined,
      problems: error.problems.map(lineOf),
      message: error.message,
      masked
    };
  }
}
