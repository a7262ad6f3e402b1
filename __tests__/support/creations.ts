import { expect } from '@jest/globals';
import { creationOf, opened } from '../../src/case/case.ts';
import { creationBegan } from '../../src/case/create-calls.ts';
import {
  candidatesOf,
  othersOf,
  withList,
  type CreateCall,
  type Creation
} from '../../src/case/creation.ts';
import type { ImportList } from '../../src/case/import-api.ts';
import type { Import } from '../../src/case/import.ts';
import { followed, type Transition } from './cases.ts';
import { listAt, START } from './imports.ts';

/** Creations, with their calls and lists by the second. */

export const at = (second: number): number => START + second * 1000;

/** What a creation is after transitions of its case. */
export function creationAfter(
  creation: Creation | undefined,
  ...transitions: readonly Transition[]
): Creation {
  const c = opened({ kind: 'create' });
  const after = followed(c.origin === 'created' ? { ...c, creation } : c, ...transitions);
  const next = creationOf(after);
  if (!next) throw new Error('There is no creation');
  return next;
}

/** One that is about to make its first call; the list before was asked for at `askedAt`. */
export function creationBefore(list: ImportList, askedAt: number): Creation {
  return creationAfter(undefined, creationBegan(list, askedAt));
}

export function call(
  end: CreateCall['end'],
  sent?: number,
  endedAt?: number,
  limitMs = 30_000
): CreateCall {
  return {
    end,
    sentAt: sent === undefined ? undefined : at(sent),
    endedAt: endedAt === undefined ? undefined : at(endedAt),
    limitMs
  };
}

/** A creation that listed nothing at second 100 and called from 101 to 103; its clock says the same. */
export function creation(given: Partial<Creation> = {}): Creation {
  const began = creationBefore(listAt(100), 100_000);
  return { ...began, calls: [call('accepted', 101, 103)], closesAt: 133_000, ...given };
}

export function idsOf(requests: readonly { readonly id: string }[]): string[] {
  return requests.map(({ id }) => id);
}

/** With a list that was asked for at a second. */
export function listed(given: Creation, second: number, ...imports: Import[]): Creation {
  return withList(given, listAt(second, ...imports), second * 1000, second * 1000);
}

/** Whether a new import that began at a second is a candidate. */
export function isCandidate(given: Creation, each: Import): boolean {
  const next = listed({ ...given, closesAt: undefined, isClosed: false }, 500, each);
  expect([...candidatesOf(next), ...othersOf(next)]).toHaveLength(1);
  return candidatesOf(next).length === 1;
}
