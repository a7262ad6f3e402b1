import { createHash } from 'node:crypto';

/** The parameters that go into a digest, after quotes and lists have been undone. */
export interface DigestInput {
  readonly algorithm: string;
  readonly username: string;
  readonly password: string;
  readonly realm: string;
  readonly nonce: string;
  readonly method: string;
  readonly uri: string;
  /** Absent in the form of RFC 2069, which knows no `qop`. */
  readonly qop?: { readonly nc: string; readonly cnonce: string } | undefined;
  readonly cnonce: string;
}

/** The `response` parameter. RFC 7616, section 3.4.1; RFC 2617, section 3.2.2.1 without a qop. */
export function digestResponse(input: DigestInput): string {
  const algorithm = input.algorithm.toLowerCase();
  const hash = (text: string): string => createHash(hashOf(algorithm)).update(text).digest('hex');
  const key = hash(`${input.username}:${input.realm}:${input.password}`);
  const ha1 = algorithm.endsWith('-sess') ? hash(`${key}:${input.nonce}:${input.cnonce}`) : key;
  const ha2 = hash(`${input.method}:${input.uri}`);
  return input.qop
    ? hash(`${ha1}:${input.nonce}:${input.qop.nc}:${input.qop.cnonce}:auth:${ha2}`)
    : hash(`${ha1}:${input.nonce}:${ha2}`);
}

/** The hash behind an algorithm of RFC 7616, as Node names it. */
export function hashOf(algorithm: string): 'sha256' | 'md5' {
  return algorithm.toLowerCase().startsWith('sha-256') ? 'sha256' : 'md5';
}

/** Whether this Node computes the hash: in FIPS mode it refuses MD5. */
export function canHash(hash: string): boolean {
  try {
    createHash(hash);
    return true;
  } catch {
    return false;
  }
}
