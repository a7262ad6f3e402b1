import { InputProblem } from './problem.ts';

const SECRET_NAME = /pass(word|phrase)?|pwd|secret|token|private|credential/i;
const HOST_PORT = /^(\[[0-9a-f:.]+\]|[^\s:/@[\]]+):(\d{1,5})$/i;
const SHORTEST_TIMEOUT_SEC = 60;
const LONGEST_TIMEOUT_SEC = 86_400;

type Json = Readonly<Record<string, unknown>>;

/**
 * The body of Ops Manager's create call: passed through as it is, after a check of what would
 * certainly be refused. `maskSecret` is given every password in it before anything is reported.
 * Source: Ops Manager, "Create Import Deployment Request".
 * @throws InputProblem
 */
export function parseImportBody(text: string, maskSecret: (secret: string) => void): string {
  const body = parseObject(text);
  secretsIn(body).forEach(maskSecret);
  const problems = [
    ...seedHostProblems(body['seedHostport']),
    ...processProblems(body['requiredProcesses']),
    ...timeoutProblems(body['timeouts'])
  ];
  if (problems.length > 0) throw new InputProblem(problems.join('; '));
  return text;
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

function secretsIn(value: unknown, isSecret = false): string[] {
  if (typeof value === 'string') return isSecret && value !== '' ? [value] : [];
  if (typeof value !== 'object' || value === null) return [];
  return Object.entries(value).flatMap(([name, item]) =>
    secretsIn(item, isSecret || SECRET_NAME.test(name))
  );
}

function isHostPort(value: unknown): boolean {
  const port = typeof value === 'string' ? HOST_PORT.exec(value)?.[2] : undefined;
  return port !== undefined && Number(port) >= 1 && Number(port) <= 65_535;
}

function seedHostProblems(seedHost: unknown): string[] {
  if (isHostPort(seedHost)) return [];
  return ['seedHostport must be host:port, such as mongodb1.example.com:27017'];
}

function processProblems(processes: unknown): string[] {
  if (Array.isArray(processes) && processes.length > 0 && processes.every(isHostPort)) return [];
  return ['requiredProcesses must be a list of at least one host:port'];
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
