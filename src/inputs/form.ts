import { Redaction } from '../redaction.ts';
import { clean, cut } from '../untrusted.ts';
import type { Reporting } from './reporting.ts';
import type { MaskingSource } from './source.ts';

const LONGEST_QUOTATION = 200;

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

/** What was read of a `T`: where something was wrong, some of it is undefined. */
type Read<T> = { readonly [Key in keyof T]: T[Key] | undefined };

/**
 * Reads inputs and collects what is wrong, so that one run of the workflow shows all of it. What is
 * wrong is undefined: whoever can do without it never calls `finish`.
 */
export class Form {
  readonly source: MaskingSource;
  readonly #problems: {
    readonly input: string;
    readonly problem: InputProblem;
    /** What was given, where that is one text. */
    readonly text: string;
  }[] = [];

  constructor(source: MaskingSource) {
    this.source = source;
  }

  /** What is wrong so far, redacted. */
  get problems(): readonly WrongInput[] {
    // A key may have been put into the wrong input.
    const redaction = new Redaction(this.source.secrets);
    return this.#problems.map(({ input, problem, text }) => {
      // Before it is cut: half a secret is one, too.
      const given = cut(clean(redaction.redact(text)), LONGEST_QUOTATION);
      return {
        input,
        text: redaction.redact(problem.tell(given === '' ? 'nothing' : `“${given}”`))
      };
    });
  }

  problem(input: string, told: string): void {
    this.#problems.push({ input, problem: new InputProblem(told), text: '' });
  }

  /** The result of `parse`; undefined when it throws an InputProblem, which is noted. */
  check<T>(input: string, parse: () => T, text = ''): T | undefined {
    try {
      return parse();
    } catch (error) {
      if (!(error instanceof InputProblem)) throw error;
      this.#problems.push({ input, problem: error, text });
      return undefined;
    }
  }

  /** Undefined when it is left out, too. */
  optional<T>(name: string, parse: (text: string) => T): T | undefined {
    return this.withDefault(name, undefined, parse);
  }

  withDefault<T, D>(name: string, otherwise: D, parse: (text: string) => T): T | D | undefined {
    const text = this.source.get(name);
    return text === '' ? otherwise : this.check(name, () => parse(text), text);
  }

  required<T>(name: string, parse: (text: string) => T): T | undefined {
    if (this.source.get(name) === '') {
      this.problem(
        name,
        `it is required. Check that the secret or variable behind it is set.${this.source.hintOnMissing()}`
      );
    }
    return this.optional(name, parse);
  }

  /** All that was read, when nothing was wrong. @throws InputError with every problem at once. */
  finish<T extends Reporting>(read: Read<T>, reporting: Reporting): T {
    if (this.#problems.length > 0) throw new InputError(this.problems, reporting);
    // What is undefined now was left out, and may be.
    return read as T;
  }
}
