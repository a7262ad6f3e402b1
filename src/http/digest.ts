import { createHash } from 'node:crypto';

/**
 * The parameters that go into a digest, after quotes and lists have been undone. Those of the
 * challenge have one character a byte, as headers are read.
 */
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
  const hash = (...parts: readonly (string | Buffer)[]): string =>
    parts.reduce((sum, part) => sum.update(part), createHash(hashOf(algorithm))).digest('hex');
  // A header is read byte for byte, whatever its encoding, and so it is hashed.
  const realm = Buffer.from(input.realm, 'latin1');
  const nonce = Buffer.from(input.nonce, 'latin1');
  const key = hash(`${input.username}:`, realm, `:${input.password}`);
  const ha1 = algorithm.endsWith('-sess') ? hash(`${key}:`, nonce, `:${input.cnonce}`) : key;
  const ha2 = hash(`${input.method}:${input.uri}`);
  return input.qop
    ? hash(`${ha1}:`, nonce, `:${input.qop.nc}:${input.qop.cnonce}:auth:${ha2}`)
    : hash(`${ha1}:`, nonce, `:${ha2}`);
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
