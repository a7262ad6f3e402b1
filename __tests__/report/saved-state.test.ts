import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import type { Cancellation, Result } from '../../src/outcome.ts';
import {
  readSavedState,
  saveRequestId,
  saveResult,
  saveRunningBefore
} from '../../src/report/saved-state.ts';
import { IMPORT, importIn } from '../support/import-requests.ts';

/** Hands the state over as the runner does: what the main step wrote becomes variables. */
class StateFile {
  readonly #folder = mkdtempSync(join(tmpdir(), 'state-'));
  readonly #path = join(this.#folder, 'state');
  readonly #before = { ...process.env };

  constructor() {
    writeFileSync(this.#path, '');
    process.env['GITHUB_STATE'] = this.#path;
  }

  handOver(): void {
    const entries = readFileSync(this.#path, 'utf8').matchAll(/^(.+)<<(.+)\n([\s\S]*?)\n\2$/gm);
    for (const [, name = '', , value = ''] of entries) process.env[`STATE_${name}`] = value;
  }

  remove(): void {
    process.env = this.#before;
    rmSync(this.#folder, { recursive: true });
  }
}

function resultWith(cancellation: Cancellation): Result {
  return {
    outcome: { kind: 'interrupted', by: 'SIGINT' },
    goal: 'SUCCESS',
    requestId: IMPORT,
    request: importIn('PENDING'),
    cancellation,
    cleanup: { kind: 'not-needed' },
    waitedMs: 0,
    outages: []
  };
}

describe('the saved state', () => {
  let file: StateFile;
  beforeEach(() => {
    file = new StateFile();
  });
  afterEach(() => {
    file.remove();
  });

  it('says nothing of a step that was killed before it knew anything', () => {
    file.handOver();
    expect(readSavedState()).toEqual({
      isSettled: false,
      outcome: undefined,
      requestId: undefined,
      runningBefore: undefined
    });
  });

  it('has the import, and how the step was ending', () => {
    saveRequestId(IMPORT);
    saveResult(resultWith({ kind: 'failed', why: 'no answer' }), false);
    file.handOver();
    expect(readSavedState()).toEqual({
      isSettled: false,
      outcome: 'interrupted',
      requestId: IMPORT,
      runningBefore: undefined
    });
  });

  it.each([{ ids: [] }, { ids: [IMPORT] }, { ids: [IMPORT, '5e66185d917b220fbd8bb4d1'] }])(
    'has the imports that ran before one was created: $ids',
    ({ ids }) => {
      saveRunningBefore(ids);
      file.handOver();
      expect(readSavedState().runningBefore).toEqual(ids);
    }
  );

  it.each([
    { cancellation: { kind: 'not-needed' }, settled: true },
    { cancellation: { kind: 'skipped' }, settled: true },
    { cancellation: { kind: 'confirmed' }, settled: true },
    { cancellation: { kind: 'requested' }, settled: false },
    { cancellation: { kind: 'refused', why: 'no' }, settled: false },
    { cancellation: { kind: 'failed', why: 'no' }, settled: false }
  ] as const)(
    'is settled with a final $cancellation.kind: $settled',
    ({ cancellation, settled }) => {
      saveResult(resultWith(cancellation), true);
      file.handOver();
      expect(readSavedState().isSettled).toBe(settled);
    }
  );

  it('is never settled by a result that is not the last', () => {
    saveResult(resultWith({ kind: 'confirmed' }), false);
    file.handOver();
    expect(readSavedState().isSettled).toBe(false);
  });

  it('is what was saved last', () => {
    saveResult(resultWith({ kind: 'failed', why: 'no answer' }), false);
    saveResult(resultWith({ kind: 'confirmed' }), true);
    file.handOver();
    expect(readSavedState().isSettled).toBe(true);
  });
});
