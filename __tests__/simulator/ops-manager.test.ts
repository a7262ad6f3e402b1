import { describe, expect, it } from '@jest/globals';
import { faultBetween, isFaultName } from '../../simulator/faults.ts';
import { IMPORT_ID } from '../../simulator/ops-manager.ts';
import { LOOSENESS, type Looseness, sampleSteps } from '../../simulator/scripted-import.ts';
import { ClientInFront, failureOf } from '../support/client.ts';
import { opsManager } from '../support/ops-manager.ts';
import { list, read } from '../support/replies.ts';
import { PIPELINE } from '../../src/case/states.ts';

const ENDED = { id: IMPORT_ID, startedMsAgo: 86_400_000, steps: sampleSteps('SUCCESS') };

describe('an import that is written loosely', () => {
  const alone = (Object.keys(LOOSENESS) as Looseness[]).map((how): Looseness[] => [how]);
  it.each<{ loosely: readonly Looseness[] }>(
    [...alone, ['null history', 'no project'] as const, ['one date', 'odd entries'] as const].map(
      (loosely) => ({ loosely })
    )
  )('with $loosely is at SUCCESS for whoever reads it or lists it', async ({ loosely }) => {
    await using there = await opsManager({ imports: [{ ...ENDED, loosely }] });
    await using front = new ClientInFront(there.url);
    const found = { id: IMPORT_ID, state: 'SUCCESS' };
    const request = await read(front);
    expect(request).toMatchObject(found);
    expect((await list(front)).imports).toMatchObject([found]);
    const states = request.transitions.map(({ state }) => state);
    const all = sampleSteps('SUCCESS').map(([state]) => state);
    expect(states).toEqual(all.slice(all.length - states.length));
  });
});

describe('a list', () => {
  it.each(['totalCount', 'next', 'both'] as const)(
    'in pages that say %s is read to its end, whatever else stands in it',
    async (says) => {
      const imports = Array.from({ length: 9 }, () => ({ steps: sampleSteps(undefined) }));
      const lists = { pageItems: 4, says, oddItems: [null, {}, { id: IMPORT_ID }] };
      await using there = await opsManager({ imports, lists });
      await using front = new ClientInFront(there.url);
      expect((await list(front)).imports).toHaveLength(9);
      expect(there.simulator.calls.filter(({ kind }) => kind === 'list')).toHaveLength(5);
    }
  );

  it('that knows no pages ends with the page that brings nothing new', async () => {
    const imports = Array.from({ length: 9 }, () => ({ steps: sampleSteps(undefined) }));
    const lists = { pageItems: 4, ignoresPages: true };
    await using there = await opsManager({ imports, lists });
    await using front = new ClientInFront(there.url);
    expect((await list(front)).imports).toHaveLength(4);
  });
});

it('every reply may come in an envelope', async () => {
  await using there = await opsManager({ isEnveloped: true });
  await using front = new ClientInFront(there.url);
  expect(await front.read()).toBe('PENDING');
  expect((await list(front)).imports).toHaveLength(1);
});

it.each([
  { name: '200 with its own 404', want: { kind: 'refused', status: 404 } },
  { name: '200 with its own 403', want: { kind: 'refused', status: 403 } },
  { name: '200 with its own 503', want: { kind: 'transient', status: 503 } },
  { name: '200 around a 404', want: { kind: 'refused', status: 404 } },
  { name: '200 around a 503', want: { kind: 'transient', status: 503 } },
  { name: '200 that says 404', want: { kind: 'transient', status: undefined } },
  { name: '401 without a challenge', want: { kind: 'refused', status: 401 } },
  { name: '401 as HTML', want: { kind: 'misconfigured', status: 401 } },
  { name: '403 as HTML', want: { kind: 'misconfigured', status: 403 } },
  { name: 'redirect', want: { kind: 'misconfigured', status: 302 } }
] as const)('“$name” lasts for a while and is then over', async ({ name, want }) => {
  let isOver = false;
  const faulty = faultBetween(name, 0, Infinity);
  await using there = await opsManager({
    fault: (...call) => !isOver && faulty(...call)
  });
  await using front = new ClientInFront(there.url);
  expect(await failureOf(read(front))).toMatchObject(want);
  isOver = true;
  expect(await front.read()).toBe('PENDING');
});

it('a fault is known by its name alone', () => {
  expect(isFaultName('403')).toBe(true);
  expect(isFaultName('toString')).toBe(false);
});

it('the sample import passes through every state that the action knows, in their order', () => {
  expect(sampleSteps('SUCCESS').map(([state]) => state)).toEqual(PIPELINE);
});
