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

/**
 * Reads a log line by line and obeys its workflow commands as GitHub's runner does: `::name::` at
 * the start of a line, also after blanks, and `##[name]` anywhere in it.
 */
export class LogReader {
  /** What GitHub shows. */
  readonly lines: string[] = [];
  readonly annotations: Annotation[] = [];
  readonly commands: Command[] = [];
  readonly #onLine: ((line: string) => void) | undefined;
  readonly #secrets = new Set<string>();
  #rest = '';

  constructor(onLine?: (line: string) => void) {
    this.#onLine = onLine;
  }

  write(text: string): void {
    const lines = (this.#rest + text).split(/\r\n|\r|\n/);
    this.#rest = lines.pop() ?? '';
    for (const line of lines) this.#line(line);
  }

  end(): void {
    if (this.#rest !== '') this.#line(this.#rest);
    this.#rest = '';
  }

  #line(line: string): void {
    const [, name, properties = '', value = ''] =
      /^\s*::([^\s:]+)(?: (.*?))?::(.*)$/.exec(line) ??
      /##\[([^\s\]]+)(?: ([^\]]*))?\](.*)$/.exec(line) ??
      [];
    if (name === undefined) this.#show(line);
    else this.#obey(name, properties, unescape(value));
  }

  #obey(name: string, properties: string, value: string): void {
    this.commands.push({ name, value });
    switch (name) {
      case 'add-mask':
        for (const secret of [value, ...value.split('\n')])
          if (secret.trim() !== '') this.#secrets.add(secret);
        return;
      case 'error':
      case 'warning':
      case 'notice': {
        const title = this.#mask(unescape(/title=([^,]*)/.exec(properties)?.[1] ?? ''));
        this.annotations.push({ level: name, title, message: this.#mask(value) });
        this.#show(`${name.slice(0, 1).toUpperCase()}${name.slice(1)}: ${value}`);
        return;
      }
      default:
      // What else a step may say, such as `debug`, is not shown.
    }
  }

  #show(line: string): void {
    const masked = this.#mask(line);
    this.lines.push(masked);
    this.#onLine?.(masked);
  }

  #mask(text: string): string {
    return [...this.#secrets].reduce((masked, secret) => masked.replaceAll(secret, '***'), text);
  }
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
