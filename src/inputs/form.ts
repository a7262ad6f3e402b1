import { Redaction } from '../redaction.ts';
import { parsePositiveDuration } from './fields.ts';
import { InputError, InputProblem } from './problem.ts';
import type { MaskingSource } from './source.ts';

/** Reads inputs and collects what is wrong, so that one run of the workflow shows all of it. */
export class Form {
  readonly source: MaskingSource;
  readonly #problems: { readonly name: string; readonly what: string }[] = [];

  constructor(source: MaskingSource) {
    this.source = source;
  }

  problem(name: string, what: string): void {
    this.#problems.push({ name, what });
  }

  /** The result of `parse`. A problem is noted; its result is never used, as `finish` throws. */
  check<T>(name: string, parse: () => T): T {
    try {
      return parse();
    } catch (error) {
      if (!(error instanceof InputProblem)) throw error;
      this.problem(name, error.message);
      return undefined as T;
    }
  }

  /** Undefined when it is left out. */
  optional<T>(name: string, parse: (text: string) => T): T | undefined {
    const text = this.source.get(name);
    return text === '' ? undefined : this.check(name, () => parse(text));
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
    return this.check(name, () => {
      const text = this.source.get(name);
      if (text === '')
        throw new InputProblem(
          'it is required. Check that the secret or variable behind it is set.'
        );
      return parse(text);
    });
  }

  duration(name: string, otherwise: string, shortestMs?: number): number {
    const text = this.source.get(name) || otherwise;
    return this.check(name, () => parsePositiveDuration(text, shortestMs));
  }

  /** @throws InputError when something was wrong. */
  finish(): void {
    if (this.#problems.length === 0) return;
    // A key may have been put into the wrong input.
    const redaction = new Redaction(this.source.secrets);
    throw new InputError(
      this.#problems.map(({ name, what }) => `${name}: ${redaction.redact(what)}`)
    );
  }
}
