import type { ImportList } from '../../src/case/import-api.ts';
import type { Import, Transition } from '../../src/case/import.ts';

export const IMPORT = '68f5f0a0c2b3a41d2f6e7a01';
export const START = Date.parse('2025-10-20T10:00:00Z');

/** A date some seconds after the imports of the tests begin. */
export function after(seconds: number): string {
  return new Date(START + seconds * 1000).toISOString();
}

/** A history: each state with the second at which it was entered. */
export function history(...entered: readonly (readonly [string, number])[]): Transition[] {
  return entered.map(([state, seconds]) => ({ state, transitionedAt: after(seconds) }));
}

/** An import in `state`; without a history its clock is silent. */
export function importIn(
  state: string,
  transitions: readonly Transition[] = [],
  readAt?: string
): Import {
  return { id: IMPORT, state, transitions, readAt, reply: '{}' };
}

/** An import with an id of its own that began at a second, in `state` since then. */
export function importAt(id: string, second: number, state = 'PENDING'): Import {
  return { ...importIn(state, history([state, second])), id };
}

/** A list that was read at a second; `undefined` for one without a date. */
export function listAt(second: number | undefined, ...imports: Import[]): ImportList {
  return { imports, readAt: second === undefined ? undefined : after(second) };
}

/** An id of 24 hexadecimal characters. */
export function idOf(number: number): string {
  return number.toString(16).padStart(24, '0');
}
