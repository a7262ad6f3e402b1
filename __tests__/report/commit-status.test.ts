import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, describe, expect, it } from '@jest/globals';
import { CommitStatus, commitStatusAt, finalStatus } from '../../src/report/commit-status.ts';
import {
  headCommit,
  NotTaken,
  type HeadCommit,
  type SendStatus
} from '../../src/report/github-api.ts';
import { systemClock } from '../../src/time.ts';
import { logOf } from '../support/captured-log.ts';
import { GitHubApi, type Answer } from '../support/github-api.ts';
import { history, importIn } from '../support/imports.ts';
import { VirtualClock } from '../support/virtual-clock.ts';

const LAST = finalStatus('failed', 'Import failed in PENDING');
const PENDING = importIn('PENDING', history(['PENDING', 0]));
const NEXT = importIn(
  'AWAIT_HOSTS_DISCOVERED',
  history(['PENDING', 0], ['AWAIT_HOSTS_DISCOVERED', 9])
);

function refusal(status: number, body: string): Answer {
  return { status, headers: {}, body };
}

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
  let api: GitHubApi | undefined;

  afterEach(async () => {
    await api?.[Symbol.asyncDispose]();
  });

  /** A status before an API that answers so. */
  async function statusBefore(
    answerTo: (nth: number) => Answer,
    commit: HeadCommit | string = { repository: 'example/deployments', sha: '1234567890' },
    isPostStepThere = () => false
  ) {
    await api?.[Symbol.asyncDispose]();
    const github = await GitHubApi.start(answerTo);
    api = github;
    const settings = {
      context: 'ops-manager/import',
      token: 'token-of-the-job',
      commit,
      runUrl: 'https://example.com/run',
      proxy: undefined,
      userAgent: 'test',
      secrets: ['token-of-the-job'],
      apiUrl: new URL(github.url)
    };
    return { github, status: commitStatusAt(settings, isPostStepThere) };
  }

  it('is delivered', async () => {
    const { github, status } = await statusBefore(() => 201);
    expect(await status.finish(LAST, AbortSignal.timeout(5_000))).toBe('delivered');
    expect(github.statuses).toMatchObject([
      { state: 'failure', description: 'Import failed in PENDING', context: 'ops-manager/import' }
    ]);
  });

  it('is sent although a pending one hangs, and counts as undelivered: that one may come later', async () => {
    const { github, status } = await statusBefore((nth) => (nth === 1 ? 'hang' : 201));
    const log = await logOf(async () => {
      status.onState(PENDING);
      expect(await status.finish(LAST, AbortSignal.timeout(5_000))).toBe('undelivered');
    });
    expect(github.statuses.map(({ state }) => state)).toEqual(['pending', 'failure']);
    expect(log.annotations).toEqual([]);
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
      expect(await status.finish(LAST, AbortSignal.timeout(5_000))).toBe('delivered');
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
    expect(await status.finish(LAST, AbortSignal.timeout(5_000))).toBe('delivered');
    expect(github.statuses).toHaveLength(2);
  });

  it('that a rate limit keeps back is not blamed on a permission', async () => {
    const limited = { status: 403, headers: { 'retry-after': '60' } };
    const { status } = await statusBefore(() => limited);
    const log = await logOf(async () => {
      status.onState(PENDING);
      expect(await status.finish(LAST, AbortSignal.timeout(2_000))).toBe('undelivered');
    });
    expect(log.annotations[0]?.message).toContain('no more requests of this token');
  });

  it.each<[Answer, string]>([
    [401, 'Check github-token.'],
    [403, 'statuses: write'],
    [404, 'may see this repository'],
    [422, 'Check the name in commit-status'],
    [refusal(422, '{"message":"Validation Failed","errors":[{"message":"no"}]}'), 'Failed: no”'],
    [refusal(422, '{"message":"Validation Failed","errors":["no",2]}'), 'Failed: no”'],
    [refusal(422, '{"message":"Validation Failed","errors":{}}'), '“Validation Failed”'],
    [refusal(403, '<html>Forbidden here</html>'), 'look at what stands between']
  ])(
    'that GitHub refuses (%i) is done with, and a warning that says what to do: %s',
    async (answer, hint) => {
      const { github, status } = await statusBefore(() => answer);
      const log = await logOf(async () => {
        expect(await status.finish(LAST, AbortSignal.timeout(5_000))).toBe('refused');
      });
      expect(github.statuses).toHaveLength(1);
      expect(log.annotations).toMatchObject([
        { level: 'warning', title: 'Commit status not published' }
      ]);
      expect(log.annotations[0]?.message).toContain(hint);
    }
  );

  it('that the environment does not let be sent is done with, and a warning that says so', async () => {
    const { github, status } = await statusBefore(() => 201, 'GITHUB_REPOSITORY is not set');
    const log = await logOf(async () => {
      expect(await status.finish(LAST, AbortSignal.timeout(5_000))).toBe('refused');
    });
    expect(github.statuses).toEqual([]);
    expect(log.annotations[0]?.message).toContain('GITHUB_REPOSITORY is not set.');
  });

  it('that GitHub does not let connect is sent again', async () => {
    const { github, status } = await statusBefore(() => 201);
    await github[Symbol.asyncDispose]();
    const log = await logOf(async () => {
      expect(await status.finish(LAST, AbortSignal.timeout(1_000))).toBe('undelivered');
    });
    expect(log.annotations).toHaveLength(1);
  });

  it('that is not answered in time is not delivered, and is a warning', async () => {
    const { status } = await statusBefore(() => 'hang');
    const log = await logOf(async () => {
      expect(await status.finish(LAST, AbortSignal.timeout(1_000))).toBe('undelivered');
    });
    expect(log.annotations).toMatchObject([{ level: 'warning' }]);
    expect(log.annotations[0]?.message).toContain('No whole answer from 127.0.0.1');
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

  it.each<{ name: string; answer: Answer }>([
    { name: 'a redirect', answer: { status: 301, headers: { location: 'https://login.example' } } },
    { name: 'a portal’s page', answer: { status: 200, headers: {} } },
    { name: 'an empty success', answer: 204 },
    { name: 'a failure', answer: 503 }
  ])('is not delivered by $name, nor refused, but sent again', async ({ answer }) => {
    const { github, status } = await statusBefore((nth) => (nth === 1 ? answer : 201));
    expect(await status.finish(LAST, AbortSignal.timeout(5_000))).toBe('delivered');
    expect(github.statuses).toHaveLength(2);
    const { status: another } = await statusBefore(() => answer);
    const log = await logOf(async () => {
      expect(await another.finish(LAST, AbortSignal.timeout(300))).toBe('undelivered');
    });
    expect(log.annotations[0]?.message).toContain('answered HTTP');
  });

  it('is left to a post step that is there, and so is each pending one', async () => {
    const { github, status } = await statusBefore(
      () => 201,
      undefined,
      () => true
    );
    const log = await logOf(async () => {
      status.onState(PENDING);
      expect(await status.finish(LAST, AbortSignal.timeout(5_000))).toBe('left to post step');
    });
    expect(github.statuses).toEqual([]);
    expect(log.annotations).toEqual([]);
  });

  it('shows nothing of a secret, and little, of what GitHub answers', async () => {
    const body = `token-of-the-job ${'x'.repeat(500_000)}`;
    const { status } = await statusBefore(() => ({ status: 502, headers: {}, body }));
    const log = await logOf(async () => {
      await status.finish(LAST, AbortSignal.timeout(300));
    });
    expect(log.annotations[0]?.message).toContain('502: “*** xxx');
    expect(log.annotations[0]?.message.length).toBeLessThan(1_000);
  });

  it('reads no page without an end', async () => {
    const { status } = await statusBefore(() => ({ status: 502, headers: {}, body: 'endless' }));
    const log = await logOf(async () => {
      expect(await status.finish(LAST, AbortSignal.timeout(1_500))).toBe('undelivered');
    });
    expect(log.annotations[0]?.message).toContain('more than can be read');
  });

  it('that found no connection is told by what it met, not as an answer that is late', async () => {
    const { github, status } = await statusBefore(() => 201);
    await github[Symbol.asyncDispose]();
    const log = await logOf(async () => {
      await status.finish(LAST, AbortSignal.timeout(800));
    });
    expect(log.annotations[0]?.message).toContain('ECONNREFUSED');
    expect(log.annotations[0]?.message).not.toContain('in time');
  });
});

describe('a pending commit status', () => {
  it('is none for an import that has ended', async () => {
    const sent: unknown[] = [];
    const send = async (status: unknown): Promise<void> => {
      await Promise.resolve(sent.push(status));
    };
    const status = new CommitStatus({ send, clock: systemClock, isPostStepThere: () => false });
    status.onState(importIn('SUCCESS', history(['SUCCESS', 0])));
    await Promise.resolve();
    expect(sent).toEqual([]);
  });

  it('that is under way is cut before the last one is sent', async () => {
    const events: string[] = [];
    const send: SendStatus = async ({ state }, signal) => {
      events.push(`${state} begins`);
      if (state !== 'pending') return;
      await new Promise<void>((resolve) => {
        signal.addEventListener('abort', () => {
          events.push('pending is cut');
          resolve();
        });
      });
      throw new NotTaken('unanswered', 'cut', '');
    };
    const clock = new VirtualClock();
    const status = new CommitStatus({ send, clock, isPostStepThere: () => false });
    status.onState(PENDING);
    expect(await status.finish(LAST, new AbortController().signal)).toBe('undelivered');
    expect(events).toEqual(['pending begins', 'pending is cut', 'failure begins']);
    expect(clock.elapsedMs).toBe(1_000);
  });
});

describe('the commit that statuses go on', () => {
  const folder = mkdtempSync(join(tmpdir(), 'event-'));
  const event = (name: string, text: string): string => {
    writeFileSync(join(folder, name), text);
    return join(folder, name);
  };
  afterAll(() => {
    rmSync(folder, { recursive: true });
  });
  const env = { GITHUB_REPOSITORY: 'example/deployments', GITHUB_SHA: 'abc' };

  it.each([
    { name: 'the run’s', more: {}, sha: 'abc' },
    {
      name: 'a pull request’s head',
      more: { path: '{"pull_request":{"head":{"sha":"def"}}}' },
      sha: 'def'
    },
    {
      name: 'the run’s, for another event',
      more: { path: '{"head_commit":{"id":"def"}}' },
      sha: 'abc'
    }
  ])('is $name', ({ more: { path }, sha }) => {
    const GITHUB_EVENT_PATH = path === undefined ? '' : event('event.json', path);
    expect(headCommit({ ...env, GITHUB_EVENT_PATH })).toEqual({
      repository: 'example/deployments',
      sha
    });
  });

  it.each([
    { more: { GITHUB_REPOSITORY: '' }, want: 'GITHUB_REPOSITORY is not set to owner/name' },
    { more: { GITHUB_SHA: '' }, want: 'GITHUB_SHA is not set' },
    { more: { GITHUB_EVENT_PATH: '/nowhere' }, want: 'the file GITHUB_EVENT_PATH cannot be read' }
  ])('is none, and it is said why: $want', ({ more, want }) => {
    expect(headCommit({ ...env, ...more })).toBe(want);
  });
});
