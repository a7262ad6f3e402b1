import fc from 'fast-check';

/**
 * Any text of whole characters. fast-check's own unit for it is slow to begin: it writes a table of
 * all 1.1 million of them.
 */
export function anyText(lengths: fc.ArrayConstraints = {}): fc.Arbitrary<string> {
  const below = fc.integer({ min: 0, max: 0xd7ff });
  const above = fc.integer({ min: 0xe000, max: 0x10ffff });
  return fc
    .array(fc.oneof(fc.integer({ min: 0, max: 0xff }), below, above), lengths)
    .map((points) => String.fromCodePoint(...points));
}
