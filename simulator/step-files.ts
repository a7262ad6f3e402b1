import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseFileCommands } from './file-commands.ts';

type Values = Readonly<Record<string, string>>;

/** Where a step writes its results. */
export interface StepPaths {
  readonly output: string;
  readonly state: string;
  readonly summary: string;
}

/** What stood there when the step was gone. */
interface Collected {
  readonly outputs: Values;
  readonly state: Values;
  readonly summary: string;
  /** Errors of the runner, which fail the step. */
  readonly problems: readonly string[];
}

/** Over it GitHub drops the whole summary. */
const MAX_SUMMARY_BYTES = 1024 * 1024;

/** The files in which a step leaves its results. */
export class StepFiles {
  readonly #folder = mkdtempSync(join(tmpdir(), 'step-'));
  readonly #paths: StepPaths;

  /** `instead` are paths that the step is told in place of the runner's own. */
  constructor(instead: Partial<StepPaths> = {}) {
    const own = (name: string): string => {
      const path = join(this.#folder, name);
      writeFileSync(path, '');
      return path;
    };
    const paths = { output: own('output'), state: own('state'), summary: own('summary') };
    this.#paths = { ...paths, ...instead };
  }

  get env(): Values {
    const { output, state, summary } = this.#paths;
    return { GITHUB_OUTPUT: output, GITHUB_STATE: state, GITHUB_STEP_SUMMARY: summary };
  }

  /** The outputs so far; the last may be half written. */
  outputs(): Values {
    return parseFileCommands(this.#read('output')).values;
  }

  /** What is saved for the post step so far, as a background step’s post step may find it. */
  state(): Values {
    return parseFileCommands(this.#read('state')).values;
  }

  /** Reads the results of an ended step as the runner does, and removes the files. */
  collect(): Collected {
    const output = parseFileCommands(this.#read('output'));
    const state = parseFileCommands(this.#read('state'));
    const summary = this.#read('summary');
    const isTooLong = Buffer.byteLength(summary) > MAX_SUMMARY_BYTES;
    rmSync(this.#folder, { recursive: true, force: true });
    const problems = Object.entries({ output, state }).flatMap(([name, { problem }]) =>
      problem === undefined
        ? []
        : [`Unable to process file command '${name}' successfully.`, problem]
    );
    return {
      outputs: output.values,
      state: state.values,
      summary: isTooLong ? '' : summary,
      problems
    };
  }

  /** What stands in a file; nothing, if it is none. */
  #read(name: keyof StepPaths): string {
    const path = this.#paths[name];
    // A read of a device such as /dev/full would never end.
    const isFile = statSync(path, { throwIfNoEntry: false })?.isFile() === true;
    return isFile ? readFileSync(path, 'utf8') : '';
  }
}
