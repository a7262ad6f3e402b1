import { foreign, forbidden, notFound, redirect, transient, unauthorized } from './errors.ts';
import type { FaultKind } from './plan.ts';
import type { Random } from './random.ts';

/** How one call fares, in milliseconds from its sending. */
export interface Fate {
  /** Undefined where Ops Manager never gets it. */
  readonly arrivesAfterMs: number | undefined;
  /** Without it the call ends at its limit. */
  readonly answersAfterMs: number | undefined;
  /** What comes instead of the answer. */
  readonly error: Error | undefined;
  /** Whether it arrives although its sender has given it up. */
  readonly survives: boolean;
}

const LATEST_MS = 58_000;

/** The fate of a call of so many milliseconds' limit that meets a fault, or none. */
export function fateOf(
  fault: FaultKind | undefined,
  latencyMs: number,
  limitMs: number,
  random: Random
): Fate {
  const survives = random.chance(0.5);
  const good: Fate = {
    arrivesAfterMs: latencyMs / 2,
    answersAfterMs: latencyMs,
    error: undefined,
    survives
  };
  const lost = (error: Error): Fate => ({
    ...good,
    arrivesAfterMs: undefined,
    error
  });
  const reset = transient('Reset', 'The connection was reset.');
  switch (fault) {
    case undefined:
      return good;
    case 'reset':
      return lost(reset);
    case 'unavailable': {
      const retryAfterMs = random.chance(0.3) ? random.acrossScales(500, 90_000) : undefined;
      return lost(transient('HTTP 503', 'Ops Manager answered 503.', retryAfterMs));
    }
    case 'silence':
      return { ...good, arrivesAfterMs: undefined, answersAfterMs: undefined };
    case 'lost answer':
      return { ...good, error: reset };
    case 'silent answer':
      return { ...good, answersAfterMs: undefined };
    case 'garbled':
      return {
        ...good,
        error: transient('Malformed reply', 'The reply is no JSON.')
      };
    case 'late':
      return late(good, limitMs, reset, random);
    case 'foreign':
      return lost(foreign());
    case 'redirect':
      return lost(redirect());
    case 'unauthorized':
      return lost(unauthorized());
    case 'forbidden':
      return lost(forbidden());
    case 'not found':
    case 'nothing found':
      return lost(notFound('it'));
    case 'slow': {
      const slowMs = random.acrossScales(500, 60_000);
      return {
        ...good,
        arrivesAfterMs: slowMs * random.next(),
        answersAfterMs: slowMs
      };
    }
    case 'throws':
      return { ...good, error: new TypeError('A library throws this.') };
  }
}

/** The call is given up and arrives then, before or after lists may have said that nothing came. */
function late(good: Fate, limitMs: number, error: Error, random: Random): Fate {
  const isSilent = random.chance(0.5);
  const afterMs = random.chance(0.5)
    ? random.acrossScales(10, 30_000)
    : random.between(25_000, LATEST_MS);
  const endsAfterMs = isSilent ? limitMs : (good.answersAfterMs ?? 0);
  return {
    arrivesAfterMs: endsAfterMs + afterMs,
    answersAfterMs: isSilent ? undefined : good.answersAfterMs,
    error,
    survives: true
  };
}
