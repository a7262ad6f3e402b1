import type { Reporting } from './reporting.ts';

/**
 * What is wrong with one input, what is expected, and how to mend it; never with a secret's value.
 * Where it says what was given it is a function of that, as the form shows it: cut and redacted.
 */
export class InputProblem extends Error {
  readonly tell: (given: string) => string;

  constructor(told: string | ((given: string) => string)) {
    const tell = typeof told === 'string' ? () => told : told;
    super(tell('what was given'));
    this.name = 'InputProblem';
    this.tell = tell;
  }
}

/** One input, or one variable of the environment, that is wrong. */
export interface WrongInput {
  readonly input: string;
  /** Whole sentences in which the input is “it”. */
  readonly text: string;
}

/** All that is wrong with the inputs, in one error, and where to say so as far as that can be read. */
export class InputError extends Error {
  readonly problems: readonly WrongInput[];
  readonly reporting: Reporting;

  constructor(problems: readonly WrongInput[], reporting: Reporting) {
    super(problems.map(lineOf).join(' '));
    this.name = 'InputError';
    this.problems = problems;
    this.reporting = reporting;
  }
}

/** A wrong input as a line of a list. */
export function lineOf({ input, text }: WrongInput): string {
  return `${input}: ${text}`;
}
