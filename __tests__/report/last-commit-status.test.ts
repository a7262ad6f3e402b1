import { afterEach, beforeEach, describe, expect, it, jest } from '@jest/globals';
import { finalStatus } from '../../src/report/commit-status.ts';
import { logOf } from '../support/captured-log.ts';
import { GitHubApi, type Answer } from '../support/github-api.ts';
import { history, importIn } from '../support/imports.ts';

const LAST = finalStatus('failed', 'Import failed in PENDING');
const PENDING = importIn('PENDING', history(['PENDING', 0]));
const NEXT = importIn(
  'AWAIT_HOSTS_DISCOVERED',
  history(['PENDING', 0], ['AWAIT_HOSTS_DISCOVERED', 9])
);

describe('the state of the last commit status', () => {
  it.each([
    ['reached', 'success'],
    ['failed', 'failure'],
    ['cancelled', 'failure'],
    ['timed-out', 'failure'],
    ['stalled', 'failure'],
    ['interrupted', 'error'],
    ['unreachable', 'error'],
    ['error', 'error']
  ] as const)('after %s is %s', (outcome, state) => {
    expect(finalStatus(outcome, 'Title')).toEqual({
      state,
      description: 'Title',
      isDelivered: false
    });
  });
});

describe('the last commit status', () => {
  const before = { ...process.env };
  let api: GitHubApi | undefined;

  beforeEach(() => {
    // `@actions/github` reads its environment once, when it is loaded.
    jest.resetModules();
  });
  afterEach(async () => {
    process.env = { ...before };
    await api?.[Symbol.asyncDispose]();
  });

  /** A status before an API that answers so. */
  async function statusBefore(answerTo: (nth: number) => Answer) {
    const github = await GitHubApi.start(answerTo);
    api = github;
    Object.assign(process.env, {
      GITHUB_API_URL: github.url,
      GITHUB_REPOSITORY: 'example/deployments',
      GITHUB_SHA: '1234567890123456789012345678901234567890'
    });
    const { CommitStatus } = await import('../../src/report/commit-status.ts');
    const settings = { context: 'ops-manager/import', token: 'token' };
    return { github, status: new CommitStatus(settings, 'https://example.com/run') };
  }

  it('is delivered', async () => {
    const { github, status } = await statusBefore(() => 201);
    expect(await status.finish(LAST, AbortSignal.timeout(5_000))).toBe(true);
    expect(github.statuses).toMatchObject([
      { state: 'failure', description: 'Import failed in PENDING', context: 'ops-manager/import' }
    ]);
  });

  it('is sent although a pending one hangs, and comes after it', async () => {
    const { github, status } = await statusBefore((nth) => (nth === 1 ? 'hang' : 201));
    await logOf(async () => {
      status.onState(PENDING);
      expect(await status.finish(LAST, AbortSignal.timeout(5_000))).toBe(true);
    });
    expect(github.statuses.map(({ state }) => state)).toEqual(['pending', 'failure']);
  });

  it('is not followed by a pending one that was not sent before it', async () => {
    const { github, status } = await statusBefore(() => 201);
    await logOf(async () => {
      status.onState(PENDING);
      status.onState(NEXT);
      await status.finish(LAST, AbortSignal.timeout(5_000));
    });
    expect(github.statuses.at(-1)?.state).toBe('failure');
  });

  it('is sent again when GitHub has trouble', async () => {
    const { github, status } = await statusBefore((nth) => (nth === 1 ? 502 : 201));
    const log = await logOf(async () => {
      expect(await status.finish(LAST, AbortSignal.timeout(5_000))).toBe(true);
    });
    expect(github.statuses).toHaveLength(2);
    expect(log.annotations).toEqual([]);
  });

  it.each<{ name: string; answer: Answer }>([
    { name: 'HTTP 408', answer: 408 },
    { name: 'HTTP 429', answer: 429 },
    {
      name: 'HTTP 403 for too many at once',
      answer: { status: 403, headers: { 'retry-after': '1' } }
    },
    {
      name: 'HTTP 403 for too many in an hour',
      answer: { status: 403, headers: { 'x-ratelimit-remaining': '0' } }
    }
  ])('is sent again after $name', async ({ answer }) => {
    const { github, status } = await statusBefore((nth) => (nth === 1 ? answer : 201));
    expect(await status.finish(LAST, AbortSignal.timeout(5_000))).toBe(true);
    expect(github.statuses).toHaveLength(2);
  });

  it('that a rate limit keeps back is not blamed on a permission', async () => {
    const limited = { status: 403, headers: { 'retry-after': '60' } };
    const { status } = await statusBefore(() => limited);
    const log = await logOf(async () => {
      status.onState(PENDING);
      expect(await status.finish(LAST, AbortSignal.timeout(2_000))).toBe(false);
    });
    expect(log.annotations[0]?.message).toContain('no more requests of this token');
  });

  it.each([
    [401, 'Check github-token.'],
    [403, 'statuses: write'],
    [404, 'may see this repository'],
    [422, 'Check the name in commit-status']
  ])(
    'that GitHub refuses (%i) is done with, and a warning that says what to do: %s',
    async (answer, hint) => {
      const { github, status } = await statusBefore(() => answer);
      const log = await logOf(async () => {
        expect(await status.finish(LAST, AbortSignal.timeout(5_000))).toBe(true);
      });
      expect(github.statuses).toHaveLength(1);
      expect(log.annotations).toMatchObject([
        { level: 'warning', title: 'Commit status not published' }
      ]);
      expect(log.annotations[0]?.message).toContain(hint);
    }
  );

  it('that the environment does not let be sent is done with, and a warning that says so', async () => {
    const { github, status } = await statusBefore(() => 201);
    process.env['GITHUB_REPOSITORY'] = '';
    const log = await logOf(async () => {
      expect(await status.finish(LAST, AbortSignal.timeout(5_000))).toBe(true);
    });
    expect(github.statuses).toEqual([]);
    expect(log.annotations[0]?.message).toContain('GITHUB_REPOSITORY');
    expect(log.annotations[0]?.message).not.toContain('no answer in time');
  });

  it('that GitHub does not let connect is sent again', async () => {
    const { github, status } = await statusBefore(() => 201);
    await github[Symbol.asyncDispose]();
    const log = await logOf(async () => {
      expect(await status.finish(LAST, AbortSignal.timeout(1_000))).toBe(false);
    });
    expect(log.annotations).toHaveLength(1);
  });

  it('that is not answered in time is not delivered, and is a warning', async () => {
    const { status } = await statusBefore(() => 'hang');
    const log = await logOf(async () => {
      expect(await status.finish(LAST, AbortSignal.timeout(1_000))).toBe(false);
    });
    expect(log.annotations).toMatchObject([{ level: 'warning' }]);
    expect(log.annotations[0]?.message).toContain('no answer in time');
  });

  it('is no longer than GitHub takes', async () => {
    const { github, status } = await statusBefore(() => 201);
    const long = finalStatus('error', 'x'.repeat(500));
    await status.finish(long, AbortSignal.timeout(5_000));
    expect(github.statuses[0]?.description).toHaveLength(140);
  });

  it('is one warning with those before it, whatever becomes of them', async () => {
    const { status } = await statusBefore(() => 403);
    const log = await logOf(async () => {
      status.onState(PENDING);
      status.onState(NEXT);
      await status.finish(LAST, AbortSignal.timeout(5_000));
    });
    expect(log.annotations).toHaveLength(1);
  });
});

describe('a pending commit status', () => {
  it('is none for an import that has ended', async () => {
    const { CommitStatus } = await import('../../src/report/commit-status.ts');
    const status = new CommitStatus({ context: 'c', token: 't' }, undefined);
    const log = await logOf(async () => {
      status.onState(importIn('SUCCESS', history(['SUCCESS', 0])));
      await Promise.resolve();
    });
    expect(log.lines).toEqual([]);
  });
});
