import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import type { Case } from '../../src/case/case.ts';
import { cancelAnnounced, waitEnded } from '../../src/case/transitions.ts';
import { isInProgress } from '../../src/case/import.ts';
import { restored, saved } from '../../src/case/saved-case.ts';
import { isAmbiguous, isAnswered, mayAsk, verdict, type Terms } from '../../src/case/verdict.ts';
import { CaseCell } from '../../src/wait/case-cell.ts';
import { settle } from '../../src/wait/settle.ts';
import {
  ACCEPTED,
  ADOPTED,
  AMBIGUOUS,
  ASKED,
  CALLED,
  CREATED,
  CREATING,
  DISCOVERING,
  ENDINGS,
  followed,
  FOUND,
  GIVEN,
  LOST,
  missingFor,
  OUTSIDER,
  readIn,
  REFUSED,
  SEVERAL,
  UNANSWERED
} from '../support/cases.ts';
import * as faults from '../support/faults.ts';
import { SECOND } from '../support/gate-under-test.ts';
import { IMPORT } from '../support/imports.ts';
import { ScriptedOpsManager, type Call } from '../support/scripted-ops-manager.ts';
import { NO_JITTER, VirtualClock } from '../support/virtual-clock.ts';

const READ = readIn('PENDING')(GIVEN);

/** Every kind of case that a step can end with. */
const SHAPES: Readonly<Record<string, Case>> = {
  given: GIVEN,
  read: READ,
  reached: followed(READ, readIn('SUCCESS')),
  failed: followed(READ, readIn('FAILED')),
  'asking now': followed(READ, cancelAnnounced),
  accepted: followed(READ, ...ASKED),
  refused: followed(READ, ...REFUSED),
  unanswered: followed(READ, ...UNANSWERED),
  confirmed: followed(READ, ...ASKED, readIn('CANCELLED')),
  missing: followed(READ, ...missingFor(60_000, false)),
  gone: followed(READ, ...missingFor(60_000, true)),
  discovering: DISCOVERING,
  found: FOUND,
  several: SEVERAL,
  adopted: ADOPTED,
  'to be created': CREATING,
  'being created': CALLED,
  'call lost': LOST,
  'call accepted': ACCEPTED,
  created: CREATED,
  'created and reached': followed(CREATED, readIn('SUCCESS')),
  ambiguous: AMBIGUOUS,
  outsider: OUTSIDER
};

const terms: fc.Arbitrary<Terms> = fc.record({
  goal: fc.constantFrom('SUCCESS', 'AWAIT_GOAL_STATE'),
  cancelOnTimeout: fc.boolean(),
  cancelOnInterrupt: fc.boolean(),
  deleteFailed: fc.boolean()
});

const fault = fc.constantFrom(
  () => undefined,
  () => undefined,
  faults.reset,
  faults.lostAnswer,
  faults.hang,
  faults.malformed,
  faults.foreignPage,
  () => faults.unavailable(),
  () => faults.unavailable(20),
  () => faults.replies(403),
  () => faults.replies(404),
  () => faults.replies(409)
);

const world = fc.record({
  shape: fc.constantFrom(...Object.keys(SHAPES)),
  ending: fc.constantFrom(undefined, ...Object.values(ENDINGS)),
  isHandedOver: fc.boolean(),
  terms,
  /** What becomes of each call: of the kind, by its number, again and again. */
  read: fc.array(fault, { minLength: 1, maxLength: 6 }),
  list: fc.array(fault, { minLength: 1, maxLength: 4 }),
  cancel: fc.array(fault, { minLength: 1, maxLength: 4 }),
  end: fc.constantFrom(undefined, 'SUCCESS', 'FAILED', 'CANCELLED'),
  endAtMs: fc.nat({ max: 130_000 }),
  cancelTakesMs: fc.constantFrom(0, 2 * SECOND, Infinity),
  latencyMs: fc.constantFrom(0, 100, 300, 2000),
  isListed: fc.boolean(),
  signalAtMs: fc.option(fc.nat({ max: 125_000 }))
});
type World = typeof world extends fc.Arbitrary<infer T> ? T : never;

async function settled(given: World) {
  const clock = new VirtualClock();
  const opsManager = new ScriptedOpsManager(clock);
  opsManager.latencyMs = given.latencyMs;
  const shape = SHAPES[given.shape] ?? GIVEN;
  const wasIn = shape.read && !isInProgress(shape.read) ? shape.read.state : undefined;
  const end = given.end ? [[given.end, given.endAtMs] as const] : [];
  opsManager.add({
    id: IMPORT,
    // What had ended before has ended.
    steps: [['PENDING', 0], ...(wasIn === undefined ? end : [[wasIn, 0] as const])],
    cancelTakesMs: given.cancelTakesMs,
    listedAfterMs: given.isListed ? 0 : Infinity
  });
  if (shape.cancel.isAccepted) opsManager.imports[0]?.cancel(clock.now());
  opsManager.faults = ({ kind, nth }: Call) =>
    kind === 'read' || kind === 'list' || kind === 'cancel'
      ? given[kind][(nth - 1) % given[kind].length]?.()
      : undefined;
  const signal = new AbortController();
  const last = given.ending ? waitEnded(given.ending)(shape) : shape;
  const handed = restored(saved(last, given.terms), clock.now())?.case;
  const first = given.isHandedOver && handed ? handed : last;
  const texts: string[] = [];
  const publisher = {
    publish: (_before: Case, _after: Case, text: string) => {
      texts.push(text);
      return { isSaved: true, areOutputsWritten: true };
    }
  };
  const cell = new CaseCell(first, given.terms, publisher);
  if (given.signalAtMs !== null)
    clock.at(given.signalAtMs, () => {
      signal.abort(new Error('The signal SIGINT'));
    });
  const timing = { clock, random: NO_JITTER, signal: signal.signal };
  await settle({ api: opsManager, cell, timing, onRetry: () => undefined });
  return { clock, opsManager, first, last: cell.case, texts };
}

const RUNS = { numRuns: 300 };

describe('settling any case, with a signal at any moment', () => {
  it('keeps its budgets', async () => {
    await fc.assert(
      fc.asyncProperty(world, async (given) => {
        const { clock } = await settled(given);
        const atMs = given.signalAtMs ?? Infinity;
        const latest = atMs <= clock.elapsedMs ? Math.min(120_000, atMs) + 5_000 : 120_000;
        expect(clock.elapsedMs).toBeLessThanOrEqual(latest);
      }),
      RUNS
    );
  });

  it('asks only where the policy permits it and the import is this step’s', async () => {
    await fc.assert(
      fc.asyncProperty(world, async (given) => {
        const { opsManager, first, last } = await settled(given);
        fc.pre(opsManager.callsOf('cancel').length > 0);
        expect(mayAsk(last, given.terms)).toBe(true);
        expect(last.id).toBe(IMPORT);
        expect(isAmbiguous(last)).toBe(false);
        expect(isAnswered(first, given.terms)).toBe(false);
      }),
      RUNS
    );
  });

  it('looks before it asks: a good read, or none within the time of the look', async () => {
    await fc.assert(
      fc.asyncProperty(world, async (given) => {
        const { opsManager } = await settled({ ...given, signalAtMs: null });
        const [cancel] = opsManager.callsOf('cancel');
        fc.pre(cancel !== undefined);
        const before = opsManager.calls.slice(0, opsManager.calls.indexOf(cancel));
        expect(before.some(({ kind }) => kind === 'read' || kind === 'list')).toBe(true);
      }),
      RUNS
    );
  });

  it('does not ask again for what was accepted', async () => {
    await fc.assert(
      fc.asyncProperty(world, async (given) => {
        const { opsManager, first, last } = await settled(given);
        if (first.cancel.isAccepted) expect(opsManager.callsOf('cancel')).toEqual([]);
        if (last.cancel.isAccepted)
          expect(verdict(last, given.terms).cancellation.kind).not.toMatch(/refused|failed/);
      }),
      RUNS
    );
  });

  it('leaves the ending that ended the wait', async () => {
    await fc.assert(
      fc.asyncProperty(world, async (given) => {
        const { first, last } = await settled(given);
        expect(last.ending).toEqual(first.ending);
        const { outcome } = verdict(last, given.terms);
        const want = first.ending?.kind;
        if (want && !['reached', 'failed', 'cancelled'].includes(outcome.kind))
          expect(outcome.kind).toBe(want);
      }),
      RUNS
    );
  });

  it('says nothing that Ops Manager has not said', async () => {
    await fc.assert(
      fc.asyncProperty(world, async (given) => {
        const { opsManager, first, last } = await settled(given);
        const { outcome, cancellation } = verdict(last, given.terms);
        const served = opsManager.served.get(IMPORT) ?? first.read?.state;
        if (cancellation.kind === 'confirmed') expect(served).toBe('CANCELLED');
        if (outcome.kind === 'failed') expect(served).toBe('FAILED');
        if (outcome.kind === 'reached') expect(['SUCCESS', 'AWAIT_GOAL_STATE']).toContain(served);
      }),
      RUNS
    );
  });

  it('publishes each change once, and no more of them than things happen', async () => {
    await fc.assert(
      fc.asyncProperty(world, async (given) => {
        const { opsManager, texts } = await settled(given);
        texts.slice(1).forEach((text, index) => {
          expect(text).not.toBe(texts[index]);
        });
        expect(texts.length).toBeLessThanOrEqual(2 * opsManager.calls.length + 1);
      }),
      { numRuns: 200 }
    );
  });

  it('can be begun again, and then has nothing left to ask', async () => {
    const quiet = { read: [() => undefined], list: [() => undefined], cancel: [() => undefined] };
    await fc.assert(
      fc.asyncProperty(world, async (given) => {
        const calm = { ...given, ...quiet, signalAtMs: null, cancelTakesMs: 0, isListed: true };
        const { opsManager, last } = await settled(calm);
        const { kind } = verdict(last, given.terms).cancellation;
        if (kind === 'confirmed') expect(opsManager.running).toEqual([]);
        // With good answers nothing of this step's own is left unsettled but what is not known.
        if (['requested', 'refused', 'failed'].includes(kind))
          expect(['ambiguous', 'outsider', 'to be created']).toContain(given.shape);
      }),
      { numRuns: 200 }
    );
  });
});

describe('settling what a signal interrupts', () => {
  it('at any millisecond of asking and reading back still confirms the cancellation', async () => {
    for (let signalAtMs = 0; signalAtMs <= 4 * SECOND; signalAtMs += 50) {
      const { clock, opsManager, last } = await settled({
        shape: 'read',
        ending: ENDINGS.timedOut,
        isHandedOver: false,
        terms: {
          goal: 'SUCCESS',
          cancelOnTimeout: true,
          cancelOnInterrupt: false,
          deleteFailed: false
        },
        read: [() => undefined],
        list: [() => undefined],
        cancel: [() => undefined],
        end: undefined,
        endAtMs: 0,
        cancelTakesMs: 2 * SECOND,
        latencyMs: 300,
        isListed: true,
        signalAtMs
      });
      expect(opsManager.running).toEqual([]);
      expect(
        verdict(last, {
          goal: 'SUCCESS',
          cancelOnTimeout: true,
          cancelOnInterrupt: false,
          deleteFailed: false
        })
      ).toMatchObject({
        outcome: { kind: 'timed-out' },
        cancellation: { kind: 'confirmed' }
      });
      expect(clock.elapsedMs).toBeLessThanOrEqual(signalAtMs + 5 * SECOND);
    }
  });
});
