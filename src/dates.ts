/**
 * Dates of replies in milliseconds since 1970; NaN for anything else. Date.parse alone takes nearly
 * everything for a date, and what names no zone for the runner's own time.
 */

/**
 * An HTTP date. RFC 9110, section 5.6.7: all forms are in GMT, also the old one that ends in its
 * year and does not say so. An offset that a server writes in its place counts.
 */
export function parseHttpDate(text: string): number {
  if (/^[A-Z][a-z]{2,8}, .*(?: GMT| UTC| [+-]\d{4})$/.test(text)) return Date.parse(text);
  return /^[A-Z][a-z]{2} [A-Z][a-z]{2} .* \d{4}$/.test(text) ? Date.parse(`${text} GMT`) : NaN;
}

/** A date as Ops Manager writes it into its JSON. Source: its API, "Dates": ISO 8601, in UTC. */
export function parseIsoDate(text: string): number {
  if (!/^\d{4}-\d\d-\d\dT/.test(text)) return NaN;
  return Date.parse(/(?:Z|[+-]\d\d:?\d\d)$/i.test(text) ? text : `${text}Z`);
}

/** A date of Ops Manager's (ISO 8601, UTC) as people read it, with its zone. */
export function formatDate(iso: string): string {
  return `${iso.slice(0, 10)} ${iso.slice(11, 19)} UTC`;
}
