import { SecretMasker } from './secret-masker.ts';

/** A warning or an error of the step. */
export interface Annotation {
  readonly level: 'error' | 'warning' | 'notice';
  readonly title: string;
  readonly message: string;
}

/** A workflow command in the log. */
export interface Command {
  readonly name: string;
  readonly value: string;
}

/** GitHub keeps so many annotations of each level, and so many characters of each. */
const MAX_ANNOTATIONS = 10;
const MAX_MESSAGE_LENGTH = 4096;

/** The commands that the runner knows; anything else of their form is text. */
const COMMANDS: ReadonlySet<string> = new Set([
  'add-mask',
  'add-matcher',
  'add-path',
  'debug',
  'echo',
  'endgroup',
  'error',
  'group',
  'internal-set-repo-path',
  'notice',
  'remove-matcher',
  'save-state',
  'set-env',
  'set-output',
  'stop-commands',
  'warning'
]);

/**
 * Reads a log line by line and obeys its workflow commands as GitHub's runner does: `::name::` at
 * the start of a line, also after blanks, and `##[name]` anywhere in it.
 */
export class LogReader {
  /** What GitHub shows. */
  readonly lines: string[] = [];
  readonly annotations: Annotation[] = [];
  readonly commands: Command[] = [];
  readonly masker = new SecretMasker();
  readonly #onLine: ((line: string) => void) | undefined;
  /** The begun line of each stream. */
  readonly #rests = { stdout: '', stderr: '' };

  constructor(onLine?: (line: string) => void) {
    this.#onLine = onLine;
  }

  /** Reads on in one of the two streams, each of which has lines of its own. */
  write(text: string, stream: 'stdout' | 'stderr' = 'stdout'): void {
    // A lone CR ends a line, too; whether the last one is alone is not known yet.
    const lines = (this.#rests[stream] + text).split(/\r\n|\r(?!$)|\n/);
    this.#rests[stream] = lines.pop() ?? '';
    for (const line of lines) this.#line(line);
  }

  end(): void {
    for (const stream of ['stdout', 'stderr'] as const) {
      const line = this.#rests[stream].replace(/\r$/, '');
      this.#rests[stream] = '';
      if (line !== '') this.#line(line);
    }
  }

  /** Shows an error that the runner itself has with the step. */
  error(message: string): void {
    this.#annotate('error', '', message);
  }

  #line(line: string): void {
    // The blanks of .NET: U+0085 is one, U+FEFF is none.
    const [, name = '', properties = '', value = ''] =
      known(/^(?:(?!\ufeff)[\s\u0085])*::([^\s:]+)(?: (.*?))?::(.*)$/s.exec(line)) ??
      known(/##\[([^\s\]]+)(?: ([^\]]*))?\](.*)$/s.exec(line)) ??
      [];
    if (name === '') this.#show(line);
    else this.#obey(name.toLowerCase(), properties, unescape(value));
  }

  #obey(name: string, properties: string, value: string): void {
    this.commands.push({ name, value });
    switch (name) {
      case 'add-mask':
        this.masker.add(value);
        return;
      case 'error':
      case 'warning':
      case 'notice':
        this.#annotate(name, unescape(/title=([^,]*)/.exec(properties)?.[1] ?? ''), value);
        return;
      default:
      // What else a step may say, such as `debug`, is not shown.
    }
  }

  #annotate(level: Annotation['level'], title: string, text: string): void {
    const message = this.masker.mask(text).slice(0, MAX_MESSAGE_LENGTH);
    const alike = this.annotations.filter((annotation) => annotation.level === level);
    if (alike.length < MAX_ANNOTATIONS) {
      this.annotations.push({ level, title: this.masker.mask(title), message });
    }
    this.#show(`${level.slice(0, 1).toUpperCase()}${level.slice(1)}: ${text}`);
  }

  #show(line: string): void {
    const masked = this.masker.mask(line);
    this.lines.push(masked);
    this.#onLine?.(masked);
  }
}

function known(match: RegExpExecArray | null): RegExpExecArray | undefined {
  return match !== null && COMMANDS.has(match[1]?.toLowerCase() ?? '') ? match : undefined;
}

function unescape(text: string): string {
  const characters: Readonly<Record<string, string>> = {
    '%25': '%',
    '%0D': '\r',
    '%0A': '\n',
    '%3A': ':',
    '%2C': ','
  };
  return text.replace(/%(25|0D|0A|3A|2C)/g, (sequence) => characters[sequence] ?? sequence);
}
