import { setTimeout as sleep } from 'node:timers/promises';
import parse from 'parse-duration';
import prettyMilliseconds from 'pretty-ms';

/** Time as the wait sees it; injected, so that a wait of hours is tested in milliseconds. */
export interface Clock {
  /** Monotonic, in milliseconds from an arbitrary start. */
  now(): number;
  /** Resolves after `ms` milliseconds; rejects with the signal's reason when aborted. */
  sleep(ms: number, signal: AbortSignal): Promise<void>;
}

/** The process's monotonic clock: no change of the date or of summer time moves it. */
export const systemClock: Clock = {
  now: () => performance.now(),
  async sleep(ms, signal) {
    try {
      // A timer counts whole milliseconds and must not ring before its time.
      await sleep(Math.ceil(ms), undefined, { signal });
    } catch (error) {
      signal.throwIfAborted();
      throw error;
    }
  }
};

// Dates of replies in milliseconds since 1970; NaN for anything else. Date.parse alone takes nearly
// everything for a date, and what names no zone for the runner's own time. What an offset takes out of
// the years of four digits is none either: nothing here could write it.
const FIRST_MS = Date.parse('0000-01-01T00:00:00Z');
const LAST_MS = Date.parse('9999-12-31T23:59:59.999Z');

function parsed(text: string): number {
  const ms = Date.parse(text);
  return ms >= FIRST_MS && ms <= LAST_MS ? ms : NaN;
}

/**
 * An HTTP date. RFC 9110, section 5.6.7: all forms are in GMT, also the old one that ends in its
 * year and does not say so. An offset that a server writes in its place counts.
 */
export function parseHttpDate(text: string): number {
  if (/^[A-Z][a-z]{2,8}, .*(?: GMT| UTC| [+-]\d{4})$/.test(text)) return parsed(text);
  return /^[A-Z][a-z]{2} [A-Z][a-z]{2} .* \d{4}$/.test(text) ? parsed(`${text} GMT`) : NaN;
}

/** A date as Ops Manager writes it into its JSON. Source: its API, "Dates": ISO 8601, in UTC. */
export function parseIsoDate(text: string): number {
  if (!/^\d{4}-\d\d-\d\dT/.test(text)) return NaN;
  return parsed(/(?:Z|[+-]\d\d:?\d\d)$/i.test(text) ? text : `${text}Z`);
}

/** A date of Ops Manager's (ISO 8601, UTC) as people read it, with its zone. */
export function formatDate(iso: string): string {
  return `${iso.slice(0, 10)} ${iso.slice(11, 19)} UTC`;
}

/**
 * A duration as workflows write it, `90s`, `45m`, `1h30m`, `1h 30m` or `2d`, in milliseconds;
 * undefined for anything else, a bare number too: it would be minutes to some and seconds to others.
 */
export function parseDuration(text: string): number | undefined {
  // The library takes nearly any text that has a number in it.
  if (!/^\d+(\.\d+)?[dhms]( ?\d+(\.\d+)?[dhms])*$/i.test(text)) return undefined;
  const seconds = parse(text, 's');
  return seconds === null ? undefined : Math.round(seconds * 1000);
}

/** A duration as people say it, to the second: `2m 5s`, `1h 30m`. */
export function formatDuration(ms: number): string {
  // 59.9 s must not read "59s", nor 0.4 s "400ms".
  const seconds = Math.round(ms / 1000);
  return seconds === 0 ? '0s' : prettyMilliseconds(seconds * 1000);
}

/** A length of time in a state, an outage or a wait: `under 1s`, `2m 5s`. */
export function lengthInWords(ms: number): string {
  return ms > 0 && ms < 1000 ? 'under 1s' : formatDuration(ms);
}
