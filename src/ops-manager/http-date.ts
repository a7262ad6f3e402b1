/**
 * An HTTP date in milliseconds since 1970; NaN for anything else. RFC 9110, section 5.6.7: all forms
 * are in GMT, also the old one that ends in its year and does not say so. An offset that a server
 * writes in its place counts.
 */
export function parseHttpDate(text: string): number {
  // Date.parse takes nearly everything for a date, and what names no zone for the runner’s own time.
  if (/^[A-Z][a-z]{2,8}, .*(?: GMT| UTC| [+-]\d{4})$/.test(text)) return Date.parse(text);
  return /^[A-Z][a-z]{2} [A-Z][a-z]{2} .* \d{4}$/.test(text) ? Date.parse(`${text} GMT`) : NaN;
}
