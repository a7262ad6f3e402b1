import { closeSync, constants, fstatSync, openSync, readSync, statSync } from 'node:fs';
import { InputProblem } from './form.ts';

const LARGEST_FILE_BYTES = 1024 * 1024;
// GitHub caps the webhook that the event comes from at 25 MB; one of a pull request has some 30 KB.
const LARGEST_EVENT_BYTES = 4 * 1024 * 1024;

/** What an input may be given as, beside the path of a file. */
interface Form {
  readonly name: string;
  readonly isText: (text: string) => boolean;
  readonly beginning: string;
}

const PEM: Form = {
  name: 'PEM text',
  isText: (text) => text.includes('-----BEGIN'),
  beginning: '-----BEGIN'
};
const JSON_TEXT: Form = {
  name: 'JSON text',
  // What is a list or a quoted text is no path, either, and is told what it is.
  isText: (text) => /^[\s\ufeff]*[{["']/.test(text),
  beginning: '{'
};

/** PEM text as it is, anything else as the path of a file. @throws InputProblem */
export function readPem(text: string): string {
  return readTextOrFile(text, PEM);
}

/** JSON text as it is, anything else as the path of a file. @throws InputProblem */
export function readJson(text: string): string {
  return readTextOrFile(text, JSON_TEXT);
}

/** The event of a workflow run; undefined when its file cannot be read. */
export function readEvent(path: string): unknown {
  try {
    return JSON.parse(decode(readBytes(path, LARGEST_EVENT_BYTES))) as unknown;
  } catch {
    return undefined;
  }
}

function readTextOrFile(text: string, form: Form): string {
  if (form.isText(text)) return text.replace(/^\ufeff/, '');
  rejectOtherTexts(text, form);
  const bytes = readBytes(text, LARGEST_FILE_BYTES, form);
  const kind = convertible(bytes);
  if (kind !== undefined) throw new InputProblem((given) => `its file ${given} is ${kind}`);
  return decode(bytes);
}

/** What is neither text nor a path may be a secret, so it is not repeated. */
function rejectOtherTexts(text: string, { name, beginning }: Form): void {
  if (/^(LS0tLS1CRUdJTi|ey[JAogIw0-9])[\w+/\s-]{20,}={0,2}$/.test(text)) {
    throw new InputProblem(`it is ${name} in Base64. Give the text itself: base64 -d decodes it.`);
  }
  if (text === 'Object' || text === 'Array') {
    throw new InputProblem(
      (given) =>
        `it is ${given}, which is what GitHub makes of an expression that gives no text. Write \${{ toJSON(…) }} around it.`
    );
  }
  if (/[\r\n\0]/.test(text) || text.length > 1024) {
    throw new InputProblem(
      `it is neither ${name}, which starts with ${beginning}, nor the path of a file.`
    );
  }
}

/** A regular file, read once: its bytes, `largest` at most. @throws InputProblem */
function readBytes(path: string, largest: number, form = PEM): Uint8Array {
  try {
    // Looked at before it is opened, as opening a device may do something.
    const kind = statSync(path);
    if (!kind.isFile()) throw new InputProblem(noFile(kind));
    return readRegular(path, largest);
  } catch (error) {
    if (error instanceof InputProblem) throw error;
    throw new InputProblem(unreadable(String((error as { code?: unknown }).code), path, form));
  }
}

function readRegular(path: string, largest: number): Uint8Array {
  // A pipe that has taken the file's place since would hold up `open` for ever.
  // Windows has neither such pipes nor the flag, which counts as 0 there.
  const file = openSync(path, constants.O_RDONLY | constants.O_NONBLOCK);
  try {
    const kind = fstatSync(file);
    if (!kind.isFile()) throw new InputProblem(noFile(kind));
    const bytes = new Uint8Array(largest + 1);
    let length = 0;
    for (let read = -1; read !== 0 && length <= largest; length += read) {
      read = readSync(file, bytes, length, bytes.length - length, null);
    }
    if (length <= largest) return bytes.subarray(0, length);
    throw new InputProblem(
      (given) => `its file ${given} has more than 1 MiB. Is it the right file?`
    );
  } finally {
    closeSync(file);
  }
}

function noFile(kind: { isDirectory(): boolean }): (given: string) => string {
  const what = kind.isDirectory() ? 'a folder' : 'a device or a pipe';
  return (given) => `${given} is ${what}. Give the path of a regular file.`;
}

function unreadable(code: string, path: string, form: Form): (given: string) => string {
  if (code !== 'ENOENT' && code !== 'ENOTDIR') {
    return (given) =>
      `its file ${given} cannot be read (${code}). Check the path and its permissions.`;
  }
  const hint = /^~|[$%]/.test(path)
    ? 'Neither ~ nor a shell’s variables are replaced in inputs: write ${{ github.workspace }} or the whole path.'
    : 'Paths are relative to the workspace: is the repository checked out, and the file in it?';
  return (given) =>
    `there is no file ${given}, and it is no ${form.name}, which starts with ${form.beginning}. ${hint}`;
}

/** Text in UTF-8, without its byte order mark. @throws InputProblem */
function decode(bytes: Uint8Array): string {
  const first = Buffer.from(bytes.subarray(0, 2)).toString('hex');
  // A NUL is in no JSON and in no PEM text, but in nearly every other byte of UTF-16.
  if (first === 'fffe' || first === 'feff' || bytes.includes(0)) {
    throw new InputProblem('its file is in UTF-16 or binary. Save it as UTF-8.');
  }
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch {
    throw new InputProblem(
      'its file is not in UTF-8 but in another encoding, such as Latin-1. Save it as UTF-8.'
    );
  }
}

/** What a file is that should be in PEM form, and how to convert it; undefined if it is not known. */
function convertible(bytes: Uint8Array): string | undefined {
  const start = Buffer.from(bytes.subarray(0, 32)).toString('hex');
  if (start.startsWith('feedfeed')) {
    return 'a Java key store. Convert it: keytool -importkeystore -srckeystore FILE -destkeystore FILE.p12 -deststoretype PKCS12, and then openssl pkcs12 -in FILE.p12 -nodes -out FILE.pem';
  }
  const content = contentOfSequence(bytes, start);
  if (content === undefined) return undefined;
  if (content.startsWith('020103')) {
    return 'PKCS#12. Take the certificates out with openssl pkcs12 -in FILE -nokeys -out cert.pem, and the key with openssl pkcs12 -in FILE -nocerts -out key.pem (-legacy for an old one)';
  }
  if (content.startsWith('06')) {
    return 'PKCS#7. Take the certificates out: openssl pkcs7 -inform DER -print_certs -in FILE -out cert.pem';
  }
  // Of these only a certificate begins with a sequence that begins with a tagged version.
  const isCertificate = /^30(?:..|81..|82....|83.{6})a003/.test(content);
  const [command, name] = isCertificate ? ['x509', 'cert'] : ['pkey', 'key'];
  return `in DER form. Convert it: openssl ${command} -inform DER -in FILE -out ${name}.pem`;
}

/** What DER’s SEQUENCE of a whole file holds, its beginning in hex; undefined for any other file. */
function contentOfSequence(bytes: Uint8Array, start: string): string | undefined {
  const [tag, first = 0] = bytes;
  const more = first < 0x80 ? 0 : first - 0x80;
  if (tag !== 0x30 || more > 4) return undefined;
  const length = more === 0 ? first : parseInt(start.slice(4, 4 + 2 * more), 16);
  return length + 2 + more === bytes.length ? start.slice(4 + 2 * more) : undefined;
}
