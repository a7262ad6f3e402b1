import { InputError, lineOf, type WrongInput } from '../../src/inputs/problem.ts';
import { readInputs } from '../../src/inputs.ts';
import { aftermathSummary } from '../../src/report/aftermath.ts';
import { wrongInputsSummary } from '../../src/report/conclusion.ts';
import { reportFor, type Shape } from './all-reports.ts';

/** Seven inputs that are wrong. */
export const WRONG_INPUTS: Readonly<Record<string, string>> = {
  'base-url': 'https://admin:secret@ops-manager.example.com:8443/?x=1',
  'project-id': 'my project',
  'request-id': '507f1f77bcf86cd79943901',
  'public-key': 'abcdefgh',
  'private-key': '',
  'goal-state': 'DONE',
  timeout: '1 hour',
  'poll-interval': '100ms'
};

/** What is wrong with inputs, a line each. @throws Error when nothing is. */
export function problemsOf(inputs: Readonly<Record<string, string>>): readonly string[] {
  return wrongIn(inputs).map(lineOf);
}

function wrongIn(inputs: Readonly<Record<string, string>>): readonly WrongInput[] {
  try {
    readInputs({ get: (name) => inputs[name] ?? '', mask: () => undefined, env: {} });
  } catch (error) {
    if (error instanceof InputError) return error.problems;
    throw error;
  }
  throw new Error('Nothing is wrong with these inputs');
}

const AFTERMATHS: readonly Shape[] = [
  'reached',
  'failed',
  'cancelled by someone',
  'confirmed',
  'accepted',
  'refused',
  'gone',
  'not found yet',
  'several',
  'call accepted',
  'call lost, none appeared',
  'ambiguous',
  'somebody else’s'
];

/** The summaries that are not those of a wait, by name. */
export function otherSummaries(): ReadonlyMap<string, string> {
  return new Map([
    ['wrong inputs', wrongInputsSummary(wrongIn(WRONG_INPUTS))],
    ['one wrong input', wrongInputsSummary(wrongIn(WRONG_INPUTS).slice(0, 1))],
    ...AFTERMATHS.map(
      (shape) => [`after the step, ${shape}`, aftermathSummary(reportFor(shape, 'killed'))] as const
    )
  ]);
}
