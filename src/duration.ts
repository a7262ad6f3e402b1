import parse from 'parse-duration';
import prettyMilliseconds from 'pretty-ms';

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
