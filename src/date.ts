/** A date of Ops Manager's (ISO 8601, UTC) as people read it, with its zone. */
export function formatDate(iso: string): string {
  return `${iso.slice(0, 10)} ${iso.slice(11, 19)} UTC`;
}
