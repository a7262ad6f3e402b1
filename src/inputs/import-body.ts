import { isRecord, type Json } from '../case/json.ts';
import { LIMIT_NAMES, type Requested } from '../case/import.ts';
import { JsonMistake, scanJson, type Leaf } from './json.ts';
import { InputProblem, secretsOfUris } from './form.ts';

const HOST_PORT = /^(\[[0-9a-f:.]+\]|[^\s:/@[\]]+):(\d{1,5})$/i;
const SHORTEST_LIMIT_SEC = 60;
const LONGEST_LIMIT_SEC = 86_400;
const LONGEST_QUOTATION = 100;
const MOST_NAMES = 5;

/** Source: Ops Manager, "Create Import Deployment Request". */
const KNOWN_KEYS = [
  ...['seedHostport', 'requiredProcesses', 'timeouts', 'authMechanism', 'username', 'password'],
  ...['adminDb', 'pemKeyFilePath', 'pemKeyFilePassword', 'adminKerberosKeytab', 'adminLdapGroupDn'],
  ...['saslServiceName', 'caFilePath', 'clusterCaFilePath', 'clientCertificateMode']
];
const LIMIT_KEYS = Object.values(LIMIT_NAMES).filter((name) => name !== undefined);

const SECRET_NAME =
  /pass(?:word|phrase|wd|code)?$|password|passphrase|pwd|secret|token|bearer|private|credential|authorization|cookie|keyfile|(?:api|access|account|encryption|master|shared|signing|ssh|storage)key/;

/** The body of a create call, and what it asks for. */
export interface ImportBody {
  /** The JSON text, byte for byte, a byte order mark aside. */
  readonly body: string;
  readonly requested: Requested;
}

/**
 * The body of Ops Manager's create call: passed through as it is, after a check of what would
 * certainly be refused, or fail later. `mask` is given every secret in it before anything is said;
 * `hintOnMissing` says why a secret may be missing.
 * @throws InputProblem
 */
export function parseImportBody(
  text: string,
  mask: (secret: string) => void,
  hintOnMissing = (): string => ''
): ImportBody {
  const leaves = scan(text, mask);
  const json: unknown = JSON.parse(text);
  if (!isRecord(json)) throw new InputProblem(noObject(json));
  const problems = [
    ...keyProblems(json),
    ...limitProblems(json['timeouts']),
    ...missingPasswords(json).map((problem) => `${problem}${hintOnMissing()}`),
    ...leaves.filter(isExpression).map(expressionProblem)
  ];
  if (problems.length > 0) throw new InputProblem(problems.join(' '));
  return { body: text, requested: requestedIn(json) };
}

/** Masks what is secret in a text as far as it is JSON. @throws InputProblem at a mistake */
function scan(text: string, mask: (secret: string) => void): readonly Leaf[] {
  const leaves: Leaf[] = [];
  try {
    scanJson(text, (leaf) => {
      secretsIn(leaf).forEach(mask);
      leaves.push(leaf);
    });
  } catch (error) {
    if (!(error instanceof JsonMistake)) throw error;
    throw new InputProblem(`it cannot be read as JSON: ${error.message}`);
  }
  return leaves;
}

/** A secret's own name or that of what it stands in says what it is; a URI shows it. */
function secretsIn({ names, value, raw }: Leaf): readonly string[] {
  const isNamed = names.some(isSecretName);
  if (typeof value === 'string') {
    const isSecret = isNamed || value.includes('PRIVATE KEY-----');
    return isSecret ? [value] : secretsOfUris(value);
  }
  // A number of one to three digits is hardly a password, and stands in every text.
  const isTelling = typeof value === 'number' && raw.length > 3;
  return isNamed && isTelling ? [...new Set([raw, String(value)])] : [];
}

function isSecretName(name: string): boolean {
  const plain = plainName(name);
  return SECRET_NAME.test(plain) && !plain.endsWith('path');
}

/** Names that differ in nothing else are taken for the same by those who write them. */
function plainName(name: string): string {
  return name.toLowerCase().replace(/[-_]/g, '');
}

function noObject(json: unknown): string {
  if (typeof json !== 'string') {
    return 'it is JSON, but no object. Give the body of Ops Manager’s create call, which begins with {.';
  }
  return json.trimStart().startsWith('{')
    ? 'it is JSON quoted twice: a text that holds the JSON. Leave out one toJSON(…), or the quotation marks around it.'
    : 'it is a JSON text in quotation marks, but no object. Give the body of Ops Manager’s create call, which begins with {.';
}

/** What is wrong with the required keys, and with those that are nearly known ones. */
function keyProblems(json: Json): readonly string[] {
  const mistaken = [
    ...nearlyKnown(json, KNOWN_KEYS),
    ...nearlyKnown(isRecord(json['timeouts']) ? json['timeouts'] : {}, LIMIT_KEYS)
  ];
  const isMistaken = (name: string): boolean => mistaken.some(({ known }) => known === name);
  const required = [
    ...(isMistaken('seedHostport') ? [] : seedHostProblems(json['seedHostport'])),
    ...(isMistaken('requiredProcesses') ? [] : processProblems(json['requiredProcesses']))
  ];
  const isAbsent = ['seedHostport', 'requiredProcesses'].some(
    (name) => !(name in json) && !isMistaken(name)
  );
  return [
    ...mistaken.map(
      ({ name, known }) => `${quoted(name)} is no key of it: did you mean ${quoted(known)}?`
    ),
    ...required,
    ...(isAbsent ? unknownKeys(json, mistaken) : [])
  ];
}

function nearlyKnown(json: Json, known: readonly string[]) {
  return Object.keys(json)
    .filter((name) => !known.includes(name))
    .flatMap((name) => {
      const near = known.find((each) => plainName(each) === plainName(name));
      return near === undefined || near in json ? [] : [{ name, known: near }];
    });
}

/** Those that were not told to be mistaken already. */
function unknownKeys(
  json: Json,
  mistaken: readonly { readonly name: string }[]
): readonly string[] {
  const told = [...KNOWN_KEYS, ...mistaken.map(({ name }) => name)];
  const names = Object.keys(json).filter((name) => !told.includes(name));
  const shown = names.filter((name) => name.length <= LONGEST_QUOTATION).slice(0, MOST_NAMES);
  if (shown.length === 0) return [];
  const others = names.length > shown.length ? ` and ${names.length - shown.length} more` : '';
  return [
    `It has keys that Ops Manager does not document: ${shown.map(quoted).join(', ')}${others}.`
  ];
}

function seedHostProblems(value: unknown): readonly string[] {
  return isHostPort(value)
    ? []
    : [`seedHostport ${isOrIsMissing(value)}: ${mustBeHostPort(value)}`];
}

function processProblems(value: unknown): readonly string[] {
  if (Array.isArray(value) && value.length > 0) {
    return value
      .map((item: unknown, index) => ({ item, index }))
      .filter(({ item }) => !isHostPort(item))
      .slice(0, MOST_NAMES)
      .map(
        ({ item, index }) =>
          `requiredProcesses[${index}] ${isOrIsMissing(item)}: ${mustBeHostPort(item)}`
      );
  }
  return [
    `requiredProcesses ${isOrIsMissing(value)}: it must be a list of at least one host:port, such as ["mongodb1.example.com:27017"].`
  ];
}

function mustBeHostPort(value: unknown): string {
  const isUri = typeof value === 'string' && value.includes('://');
  return isUri
    ? 'it must be host:port alone, without mongodb:// and without a user.'
    : 'it must be host:port, such as mongodb1.example.com:27017.';
}

function isOrIsMissing(value: unknown): string {
  if (value === undefined) return 'is missing';
  if (typeof value === 'string') {
    // What is longer is cut nowhere, as it may hold a secret.
    return value.length > LONGEST_QUOTATION ? 'is a long text' : `is ${quoted(value)}`;
  }
  if (Array.isArray(value)) return value.length === 0 ? 'is an empty list' : 'is a list';
  return isRecord(value) ? 'is an object' : `is ${JSON.stringify(value)}`;
}

function isHostPort(value: unknown): value is string {
  const port = typeof value === 'string' ? HOST_PORT.exec(value)?.[2] : undefined;
  return port !== undefined && Number(port) >= 1 && Number(port) <= 65_535;
}

function limitProblems(limits: unknown): readonly string[] {
  if (limits === undefined) return [];
  if (!isRecord(limits)) return [`timeouts ${isOrIsMissing(limits)}: it must be an object.`];
  return Object.entries(limits)
    .filter(([, seconds]) => !isLimit(seconds))
    .map(
      ([name, value]) =>
        `${quoted(`timeouts.${name}`)} ${isOrIsMissing(value)}: it must be a number of seconds from ${SHORTEST_LIMIT_SEC} to ${LONGEST_LIMIT_SEC}, without quotes.`
    );
}

function isLimit(seconds: unknown): seconds is number {
  return (
    typeof seconds === 'number' && seconds >= SHORTEST_LIMIT_SEC && seconds <= LONGEST_LIMIT_SEC
  );
}

/** An import without a password that it needs is created, and fails only later. */
function missingPasswords(json: Json): readonly string[] {
  const { authMechanism, username, password, pemKeyFilePassword } = json;
  const mechanism = typeof authMechanism === 'string' ? authMechanism.toUpperCase() : '';
  const needs =
    mechanism === '' && (username ?? '') !== ''
      ? 'a username without authMechanism'
      : ['MONGODB_CR', 'PLAIN'].includes(mechanism) && `authMechanism ${mechanism}`;
  const isMissing = (value: unknown): boolean => value === null || value === '';
  return [
    ...(needs !== false && isMissing(password)
      ? [
          `password is ${password === null ? 'null' : 'empty'}, and ${needs} needs one. Is the secret behind it set?`
        ]
      : []),
    ...(pemKeyFilePassword === null
      ? [
          'pemKeyFilePassword is null. Is the secret behind it set? If the key has no password, leave it out.'
        ]
      : [])
  ];
}

/** Nobody evaluates an expression in a file. */
function isExpression({ value }: Leaf): boolean {
  return typeof value === 'string' && /^\$\{\{[^}]*\}\}$/.test(value);
}

function expressionProblem({ names }: Leaf): string {
  return `${quoted(names.at(-1) ?? 'an item')} is an expression that nobody evaluates, since GitHub does so in workflows and not in files. Give the JSON in the workflow itself.`;
}

function quoted(text: string): string {
  return `“${text}”`;
}

/** Of a checked body; nothing of its credentials is taken over. */
function requestedIn(json: Json): Requested {
  const { seedHostport, requiredProcesses, timeouts } = json;
  const limits = Object.entries(LIMIT_NAMES)
    .map(
      ([phase, name]) =>
        [phase, isRecord(timeouts) && name !== undefined && timeouts[name]] as const
    )
    .filter(([, seconds]) => isLimit(seconds));
  return {
    seedHost: seedHostport as string,
    processes: requiredProcesses as readonly string[],
    limitsSec: Object.fromEntries(limits)
  };
}
