import { existsSync, readFileSync } from 'node:fs';
import { InputProblem } from './problem.ts';

/** PEM text as it is, anything else as the path of a file. @throws InputProblem */
export function readPem(text: string): string {
  return text.includes('-----BEGIN') ? text : readTextFile(text, 'PEM text');
}

/** A JSON object's text as it is, anything else as the path of a file. @throws InputProblem */
export function readJson(text: string): string {
  return /^\s*\{/.test(text) ? text.replace(/^\ufeff/, '') : readTextFile(text, 'JSON text');
}

/** A file in UTF-8, without its byte order mark; `otherwise` is what else the input may be. */
function readTextFile(path: string, otherwise: string): string {
  // What is neither text nor a path may be a secret, so it is not repeated.
  if (path.includes('\n') || path.length > 1024)
    throw new InputProblem(`it is neither ${otherwise} nor a path.`);
  if (!existsSync(path)) {
    throw new InputProblem(
      `it is not ${otherwise}, and there is no file of that name. Paths are relative to the workspace; is the repository checked out?`
    );
  }
  return decode(readBytes(path));
}

function readBytes(path: string): Uint8Array {
  try {
    return readFileSync(path);
  } catch (error) {
    throw new InputProblem(
      `its file cannot be read (${String((error as { code?: unknown }).code)}).`
    );
  }
}

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
