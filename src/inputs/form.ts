import { Redaction } from '../redaction.ts';
import { given, parsePositiveDuration } from './fields.ts';
import { InputError, InputProblem } from './problem.ts';
import type { MaskingSource } from './source.ts';

/** Reads inputs and collects what is wrong, so that one run of the workflow shows all of it. */
export class Form {
  readonly source: MaskingSource;
  readonly #problems: {
    readonly name: string;
    readonly what: string;
    /** What was given, where that is one text. */
    readonly text: string;
  }[] = [];

  constructor(source: MaskingSource) {
    this.source = source;
  }

  problem(name: string, what: string, text = ''): void {
    this.#problems.push({ name, what, text });
  }

  /** The result of `parse`. A problem is noted; its result is never used, as `finish` throws. */
  check<T>(name: string, parse: () => T, text?: string): T {
    try {
      return parse();
    } catch (error) {
      if (!(error instanceof InputProblem)) throw error;
      this.problem(name, error.message, text);
      return undefined as T;
    }
  }

  /** Undefined when it is left out. */
  optional<T>(name: string, parse: (text: string) => T): T | undefined {
    const text = this.source.get(name);
    return text === '' ? undefined : this.check(name, () => parse(text), text);
  }

  /** Undefined also when it is wrong, which is no problem of this form. */
  lenient<T>(name: string, parse: (text: string) => T): T | undefined {
    const text = this.source.get(name);
    if (text === '') return undefined;
    try {
      return parse(text);
    } catch (error) {
      if (!(error instanceof InputProblem)) throw error;
      return undefined;
    }
  }

  required<T>(name: string, parse: (text: string) => T): T {
    const text = this.source.get(name);
    const parseGiven = (): T => {
      if (text === '')
        throw new InputProblem(
          'it is required. Check that the secret or variable behind it is set.'
        );
      return parse(text);
    };
    return this.check(name, parseGiven, text);
  }

  duration(name: string, otherwise: string, shortestMs?: number): number {
    const text = this.source.get(name) || otherwise;
    return this.check(name, () => parsePositiveDuration(text, shortestMs), text);
  }

  /** @throws InputError when something was wrong. */
  finish(): void {
    if (this.#problems.length === 0) return;
    // A key may have been put into the wrong input.
    const redaction = new Redaction(this.source.secrets);
    throw new InputError(
      this.#problems.map(({ name, what, text }) => {
        // Before it is cut: half a secret is one, too.
        const shown = what.replace(given(text), () => given(redaction.redact(text)));
        return `${name}: ${redaction.redact(shown)}`;
      })
    );
  }
}
