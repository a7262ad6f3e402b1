import type { Proxy } from '../http/settings.ts';
import { Redaction } from '../redaction.ts';
import { parseDuration } from '../time.ts';
import { clean, cut } from '../untrusted.ts';

const LONGEST_QUOTATION = 200;
// A timer of Node's cannot count further than 2^31 ms, about 24.8 days.
const LONGEST_DURATION_MS = 24 * 24 * 60 * 60 * 1000;

/** Where inputs come from. */
export interface InputSource {
  /** An input's trimmed text, empty when left out. */
  readonly get: (name: string) => string;
  /** Masks a secret in the log. */
  readonly mask: (secret: string) => void;
  readonly env: Readonly<Record<string, string | undefined>>;
}

/** A source that remembers what it masked. */
interface MaskingSource extends InputSource {
  readonly secrets: readonly string[];
  /** Why a secret is empty, as a sentence after a blank, where GitHub gives none to this run. */
  readonly hintOnMissing: () => string;
}

/** The GitHub that runs this workflow, and how it is spoken to. */
export interface GitHub {
  readonly apiUrl: URL;
  /** The one on the way to it; Ops Manager may be behind another, or behind none. */
  readonly proxy: Proxy | undefined;
  /** The page of this workflow run; undefined outside GitHub Actions. */
  readonly runUrl: string | undefined;
  readonly userAgent: string;
  /** What must not be shown anywhere. */
  readonly secrets: readonly string[];
}

/** Where and how a step reports. */
export interface Reporting {
  readonly jobSummary: boolean;
  readonly commitStatus: { readonly context: string; readonly token: string } | undefined;
  readonly gitHub: GitHub;
}

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

/** `timeout is wrong`, or how many are. */
export function titleFor(problems: readonly WrongInput[]): string {
  const names = new Set(problems.map(({ input }) => input));
  const [name = 'An input'] = names;
  return names.size > 1 ? `${names.size} inputs are wrong` : `${name} is wrong`;
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

  /** Notes what is wrong with an input besides its own text. */
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

  /** `otherwise` when it is left out. */
  withDefault<T, D>(name: string, otherwise: D, parse: (text: string) => T): T | D | undefined {
    const text = this.source.get(name);
    return text === '' ? otherwise : this.check(name, () => parse(text), text);
  }

  /** A problem when it is left out. */
  required<T>(name: string, parse: (text: string) => T): T | undefined {
    if (this.source.get(name) === '') {
      this.problem(
        name,
        `it is required. Check that the secret or variable behind it is set.${this.source.hintOnMissing()}`
      );
    }
    return this.optional(name, parse);
  }

  /** `true` or `false`. */
  flag(name: string, otherwise: boolean): boolean | undefined {
    return this.withDefault(name, otherwise, parseBoolean);
  }

  /** A positive one, in milliseconds. */
  duration(name: string, otherwiseMs: number, shortestMs = 1): number | undefined {
    return this.withDefault(name, otherwiseMs, (text) => parsePositiveDuration(text, shortestMs));
  }

  /** The same where there need be none; what says that it shall be off is told how. */
  optionalDuration(name: string): number | undefined {
    return this.optional(name, (text) => {
      if (/^(?:off|no|none|never|false)$/i.test(text)) {
        throw new InputProblem((given) => `${given} is not a duration. ${LEAVE_IT_OUT}`);
      }
      return parsePositiveDuration(text, 1, ` ${LEAVE_IT_OUT}`);
    });
  }

  /** All that was read, when nothing was wrong. @throws InputError with every problem at once. */
  finish<T extends Reporting>(read: Read<T>, reporting: Reporting): T {
    if (this.#problems.length > 0) throw new InputError(this.problems, reporting);
    // What is undefined now was left out, and may be.
    return read as T;
  }
}

const LEAVE_IT_OUT = 'Leave it out to turn it off.';

/** The booleans of YAML 1.2's core schema, as the toolkit takes them. */
function parseBoolean(text: string): boolean {
  if (/^(true|True|TRUE)$/.test(text)) return true;
  if (/^(false|False|FALSE)$/.test(text)) return false;
  throw new InputProblem((given) => `${given} is not true or false. Write true or false.`);
}

/** `orElse` is what may be done in place of giving a positive one. */
function parsePositiveDuration(text: string, shortestMs: number, orElse = ''): number {
  const ms = signedDuration(text);
  if (ms === undefined) throw new InputProblem(noDuration(text));
  if (ms < shortestMs) {
    const least =
      shortestMs === 1 ? 'must be positive, such as 90s' : `must be at least ${shortestMs / 1000}s`;
    throw new InputProblem((given) => `${given} ${least}.${orElse}`);
  }
  if (ms > LONGEST_DURATION_MS) {
    throw new InputProblem((given) => `${given} is too long: it must be at most 24d.`);
  }
  return ms;
}

/** One that is not positive is told as that, and not as none at all: `0`, `-5m`. */
function signedDuration(text: string): number | undefined {
  if (/^-?0+(?:\.0+)?$/.test(text)) return 0;
  const ms = parseDuration(text.replace(/^-/, ''));
  return ms !== undefined && text.startsWith('-') ? -ms : ms;
}

function noDuration(text: string): (given: string) => string {
  // In workflows a bare number means minutes, and in most programs seconds.
  const [, whole = '', bare = ''] =
    /^((?:\d+[dhms] ?)*)(\d+(?:\.\d+)?)$/i.exec(text.slice(0, 40)) ?? [];
  if (bare !== '') return () => `${bare} of what? Write ${whole}${bare}s or ${whole}${bare}m.`;
  const inShort = text
    .slice(0, 40)
    .toLowerCase()
    .replace(/ ?(?:and|,) ?/g, ' ')
    .replace(/(?<=\d) ?(d|h|m|s)(?:ays?|ours?|rs?|in(?:ute)?s?|ec(?:ond)?s?)?(?![a-z])/g, '$1');
  const example = parseDuration(inShort) === undefined ? 'it as 90s, 45m, 1h30m or 2d' : inShort;
  return (given) => `${given} is not a duration. Write ${example}.`;
}

/** An Ops Manager's private key has this form, and a public one never. */
export const PRIVATE_KEY = /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;
/** What is a secret by its form: Ops Manager's private keys, PEM's, and GitHub's tokens. */
const SECRET_FORMS =
  /(?<![0-9a-z-])[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}(?![0-9a-z-])|-----BEGIN [A-Z ]{0,20}PRIVATE KEY-----[^-]+|(?<!\w)(?:gh[a-z]|github_pat)_\w{16,}/gi;

/**
 * Masks what is a secret by its name, before anything else, and what is one by its form in any
 * input that is read: it may stand in the wrong one, and what is reported may quote an input.
 */
export function withMaskedSecrets(
  source: InputSource,
  hintOnMissing: (env: InputSource['env']) => string
): MaskingSource {
  const secrets: string[] = [];
  const known = new Set(['']);
  const mask = (secret: string): void => {
    if (known.has(secret)) return;
    known.add(secret);
    secrets.push(secret);
    source.mask(secret);
  };
  const { env } = source;
  const get = (name: string): string => {
    const text = source.get(name);
    // A file's name, or JSON, whose secrets have names.
    if (name !== 'import-request') (text.match(SECRET_FORMS) ?? []).forEach(mask);
    return text;
  };
  mask(get('private-key'));
  mask(get('client-key-passphrase'));
  mask(get('github-token'));
  const clientKey = get('client-key');
  // The path of a key is shown where there is no such file.
  if (!looksLikePath(clientKey)) mask(clientKey);
  secretsOfAddress(get('base-url')).forEach(mask);
  for (const name of ['HTTP_PROXY', 'HTTPS_PROXY', 'http_proxy', 'https_proxy'])
    secretsOfAddress(env[name] ?? '').forEach(mask);
  return { ...source, get, mask, secrets, hintOnMissing: () => hintOnMissing(env) };
}

/**
 * The user info of each URI in a text, whole and its password, as it is written and as it is meant;
 * at the beginning of the text the scheme may be left out.
 */
export function secretsOfUris(text: string): readonly string[] {
  const [before = ''] = /^[^\s/?#@:]*:[^\s/?#]*@/.exec(text) ?? [];
  return [
    ...(before === '' ? [] : secretsOfUserInfo(before.slice(0, -1))),
    ...Array.from(text.matchAll(/:\/\/([^\s/?#]*)@/g), ([, userInfo = '']) =>
      secretsOfUserInfo(userInfo)
    ).flat()
  ];
}

/** The scheme may be left out there, and a password may have a “/”, “?” or “#” that it should not. */
function secretsOfAddress(text: string): readonly string[] {
  const userInfo = text.trim().replace(/^\w+:\/\//, '');
  const end = userInfo.lastIndexOf('@');
  // A user name alone is no secret.
  return end < 0 || !userInfo.slice(0, end).includes(':')
    ? []
    : secretsOfUserInfo(userInfo.slice(0, end));
}

function secretsOfUserInfo(userInfo: string): readonly string[] {
  // A name with an @ in it is one, as in user@example.com:password.
  const [, password = ''] = /^[^:]*:(.*)$/s.exec(userInfo) ?? [];
  return [userInfo, password]
    .flatMap((text) => [text, decoded(text)])
    .filter((text) => text !== '');
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}

/** Whether a text can hardly be anything but a path, and so need not be hidden. */
function looksLikePath(text: string): boolean {
  return /^[\w ~@+\-/\\:]*\.[\w ~@+\-/\\:.]*$/.test(text) && text.length <= 200;
}
