/** What is wrong with one input and how to mend it; never with a secret's value. */
export class InputProblem extends Error {
  constructor(message: string) {
    super(message);
    this.name = 'InputProblem';
  }
}

/** All that is wrong with the inputs, in one error. */
export class InputError extends Error {
  readonly problems: readonly string[];

  constructor(problems: readonly string[]) {
    const count =
      problems.length === 1 ? 'One input is wrong' : `${problems.length} inputs are wrong`;
    super(`${count}. ${problems.join(' ')}`);
    this.name = 'InputError';
    this.problems = problems;
  }
}
