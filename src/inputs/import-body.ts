import { InputProblem } from './problem.ts';

const SECRET_NAME = /pass(word|phrase)?|pwd|secret|token|private|credential/i;
const HOST_PORT = /^(\[[0-9a-f:.]+\]|[^\s:/@[\]]+):(\d{1,5})$/i;
const SHORTEST_TIMEOUT_SEC = 60;
const LONGEST_TIMEOUT_SEC = 86_400;

type Json = Readonly<Record<string, unknown>>;

/** The body of a create call, with what reports say of it. */
export interface ImportBody {
  /** The JSON text, byte for byte, a byte order mark aside. */
  readonly body: string;
  /** host:port */
  readonly seedHost: string;
  /** Each as host:port. */
  readonly requiredProcesses: readonly string[];
}

/**
 * The body of Ops Manager's create call: passed through as it is, after a check of what would
 * certainly be refused. `maskSecret` is given every password in it before anything is reported.
 * Source: Ops Manager, "Create Import Deployment Request".
 * @throws InputProblem
 */
export function parseImportBody(text: string, maskSecret: (secret: string) => void): ImportBody {
  const json = parseObject(text);
  secretsOf(json).forEach(maskSecret);
  const { seedHostport: seedHost, requiredProcesses, timeouts } = json;
  const problems = timeoutProblems(timeouts);
  if (!isProcessList(requiredProcesses)) {
    problems.unshift('requiredProcesses must be a list of at least one host:port');
  }
  if (!isHostPort(seedHost)) {
    problems.unshift('seedHostport must be host:port, such as mongodb1.example.com:27017');
  }
  if (problems.length > 0 || !isHostPort(seedHost) || !isProcessList(requiredProcesses)) {
    throw new InputProblem(problems.join('; '));
  }
  return { body: text, seedHost, requiredProcesses };
}

/** Every password in a body; none in what is not JSON. */
export function secretsIn(text: string): readonly string[] {
  try {
    return secretsOf(JSON.parse(text) as unknown);
  } catch {
    return [];
  }
}

function parseObject(text: string): Json {
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch {
    // The parser's own message quotes the text, and there may be a password in it.
    throw new InputProblem(
      'it is not JSON. Give the body of Ops Manager’s create call as JSON text, or the path of a JSON file.'
    );
  }
  if (typeof json !== 'object' || json === null || Array.isArray(json)) {
    throw new InputProblem('it is not a JSON object. Give the body of Ops Manager’s create call.');
  }
  return json as Json;
}

function secretsOf(value: unknown, isSecret = false): string[] {
  if (typeof value === 'string') return isSecret && value !== '' ? [value] : [];
  if (typeof value === 'number') return isSecret && isTelling(value) ? [String(value)] : [];
  if (typeof value !== 'object' || value === null) return [];
  return Object.entries(value).flatMap(([name, item]) =>
    secretsOf(item, isSecret || SECRET_NAME.test(name))
  );
}

/** A number of one to three digits is hardly a password, and stands in every text. */
function isTelling(value: number): boolean {
  return String(value).length >= 4;
}

function isHostPort(value: unknown): value is string {
  const port = typeof value === 'string' ? HOST_PORT.exec(value)?.[2] : undefined;
  return port !== undefined && Number(port) >= 1 && Number(port) <= 65_535;
}

function isProcessList(value: unknown): value is readonly string[] {
  return Array.isArray(value) && value.length > 0 && value.every(isHostPort);
}

function timeoutProblems(timeouts: unknown): string[] {
  if (timeouts === undefined) return [];
  if (typeof timeouts !== 'object' || timeouts === null || Array.isArray(timeouts)) {
    return ['timeouts must be an object'];
  }
  return Object.entries(timeouts)
    .filter(([, seconds]) => !isPhaseTimeout(seconds))
    .map(
      ([name]) =>
        `timeouts.${name} must be a number of seconds from ${SHORTEST_TIMEOUT_SEC} to ${LONGEST_TIMEOUT_SEC}`
    );
}

function isPhaseTimeout(seconds: unknown): boolean {
  return (
    typeof seconds === 'number' && seconds >= SHORTEST_TIMEOUT_SEC && seconds <= LONGEST_TIMEOUT_SEC
  );
}
