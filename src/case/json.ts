/** An object as it came out of JSON text, with nothing known of its fields. */
export type Json = Readonly<Record<string, unknown>>;

/** Whether a value is a JSON object. */
export function isRecord(value: unknown): value is Json {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** Checks of what came out of a JSON text, built up from those of its parts. */

/** Tells whether a value has a shape. */
export type Check<T> = (value: unknown) => value is T;

export const TEXT = (value: unknown): value is string => typeof value === 'string';
export const FLAG: Check<boolean> = (value) => typeof value === 'boolean';
export const DATE = (value: unknown): value is string =>
  TEXT(value) && !Number.isNaN(Date.parse(value));
export const NOTHING: Check<undefined> = (value) => value === undefined;
export const NUMBER = (value: unknown): value is number => Number.isFinite(value);

export function maybe<T>(check: Check<T>): Check<T | undefined> {
  return (value) => value === undefined || check(value);
}

export function list<T>(check: Check<T>): Check<readonly T[]> {
  return (value) => Array.isArray(value) && value.every(check);
}

export function one<const T extends string>(...values: readonly T[]): Check<T> {
  return (value): value is T => values.some((each) => each === value);
}

/** Checks of all fields that a `T` has. */
type Checks<T> = { readonly [K in keyof Required<T>]: Check<T[K]> };

export function fields<T extends object>(checks: Checks<T>): Check<T> {
  const entries = Object.entries<Check<unknown>>(checks);
  return (value): value is T =>
    isRecord(value) && entries.every(([name, check]) => check(value[name]));
}

/** One of several shapes, which the field `by` tells apart; each by the checks of its other fields. */
export function kinds<T extends object, K extends keyof T & string>(
  by: K,
  shapes: { readonly [V in T[K] & string]: Checks<Omit<Extract<T, Readonly<Record<K, V>>>, K>> }
): Check<T> {
  const known = new Map<unknown, Check<object>>(
    Object.entries<Checks<object>>(shapes).map(([kind, checks]) => [kind, fields(checks)])
  );
  return (value): value is T => {
    const kind = isRecord(value) ? value[by] : undefined;
    return known.get(kind)?.(value) === true;
  };
}
