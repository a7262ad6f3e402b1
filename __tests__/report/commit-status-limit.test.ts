import { afterEach, beforeEach, describe, expect, it, jest } from '@jest/globals';
import { GitHubApi } from '../support/github-api.ts';
import { runSample, SAMPLES } from '../support/sample-results.ts';

const NOT_FAKED = [
  'Date',
  'hrtime',
  'nextTick',
  'performance',
  'queueMicrotask',
  'setImmediate',
  'clearImmediate',
  'setInterval',
  'clearInterval'
] as const;

/** The time that the last status may take, with an API that never answers. */
describe('the last commit status', () => {
  let api: GitHubApi;
  let said: string;

  beforeEach(async () => {
    api = await GitHubApi.start(() => 'hang');
    // `@actions/github` reads its environment once, when it is loaded.
    Object.assign(process.env, {
      GITHUB_API_URL: api.url,
      GITHUB_REPOSITORY: 'example/deployments',
      GITHUB_SHA: '1234567890123456789012345678901234567890'
    });
    jest.resetModules();
    said = '';
    jest.spyOn(process.stdout, 'write').mockImplementation((text) => {
      said += String(text);
      return true;
    });
    jest.useFakeTimers({ doNotFake: [...NOT_FAKED] });
  });

  afterEach(async () => {
    jest.useRealTimers();
    jest.restoreAllMocks();
    await api[Symbol.asyncDispose]();
  });

  /** Starts it; tells whether it has given up after so many milliseconds. */
  async function finishing(signal: AbortSignal): Promise<(ms: number) => Promise<boolean>> {
    const { CommitStatus } = await import('../../src/report/commit-status.ts');
    const { result } = await runSample(SAMPLES.reached);
    const status = new CommitStatus({ context: 'ops-manager/import', token: 'token' }, undefined);
    let isOver = false;
    void status.finish(result, signal).then(() => {
      isOver = true;
    });
    await settled(() => api.statuses.length === 1);
    return async (ms) => {
      await jest.advanceTimersByTimeAsync(ms);
      if (isOver || !said.includes('no answer in time')) await turns(20);
      return isOver;
    };
  }

  it('is given five seconds', async () => {
    const isOverAfter = await finishing(new AbortController().signal);
    expect(await isOverAfter(4_900)).toBe(false);
    expect(await isOverAfter(100)).toBe(true);
    expect(said).toContain(
      '::warning::The commit status could not be published: no answer in time.'
    );
  });

  it('is given one second after a signal', async () => {
    const isOverAfter = await finishing(AbortSignal.abort());
    expect(await isOverAfter(900)).toBe(false);
    expect(await isOverAfter(100)).toBe(true);
  });

  it('is given one second more when the signal comes while it is published', async () => {
    const interrupt = new AbortController();
    const isOverAfter = await finishing(interrupt.signal);
    expect(await isOverAfter(2_000)).toBe(false);
    interrupt.abort();
    expect(await isOverAfter(900)).toBe(false);
    expect(await isOverAfter(100)).toBe(true);
  });
});

async function turns(count: number): Promise<void> {
  for (let turn = 0; turn < count; turn += 1) await new Promise(setImmediate);
}

async function settled(isSo: () => boolean): Promise<void> {
  while (!isSo()) await turns(1);
}
