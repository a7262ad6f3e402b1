/** The few types of ASN.1 that certificates are written in, as DER has them (X.690). */

/** What stands in another thing, behind its tag and its length. */
export function tagged(tag: number, ...parts: readonly Buffer[]): Buffer {
  const content = Buffer.concat(parts);
  const { length } = content;
  const inBytes = length < 0x100 ? [0x81, length] : [0x82, length >> 8, length & 0xff];
  return Buffer.concat([Buffer.of(tag, ...(length < 0x80 ? [length] : inBytes)), content]);
}

export const TRUE = tagged(1, Buffer.of(0xff));

/** A number that begins with a byte from 1 to 127, and goes on with others. */
export function number(first: number, rest = Buffer.of()): Buffer {
  return tagged(2, Buffer.of(first), rest);
}

export function bits(value: Buffer): Buffer {
  return tagged(3, Buffer.of(0), value);
}

export function bytes(value: Buffer): Buffer {
  return tagged(4, value);
}

export function oid(first: number, second: number, ...rest: readonly number[]): Buffer {
  const digits = (value: number): number[] =>
    value < 0x80 ? [value] : [...digits(value >> 7).map((digit) => digit | 0x80), value & 0x7f];
  return tagged(6, Buffer.from([40 * first + second, ...rest.flatMap(digits)]));
}

export function text(value: string): Buffer {
  return tagged(0x0c, Buffer.from(value));
}

/** A date in milliseconds since 1970. */
export function date(timeMs: number): Buffer {
  const [, digits = ''] = /^20(.*)\./.exec(new Date(timeMs).toISOString()) ?? [];
  return tagged(0x17, Buffer.from(`${digits.replaceAll(/[-T:]/g, '')}Z`));
}

export function sequence(...parts: readonly Buffer[]): Buffer {
  return tagged(0x30, ...parts);
}

export function set(...parts: readonly Buffer[]): Buffer {
  return tagged(0x31, ...parts);
}

/** What is told apart by its number alone. */
export function explicit(index: number, value: Buffer): Buffer {
  return tagged(0xa0 + index, value);
}
