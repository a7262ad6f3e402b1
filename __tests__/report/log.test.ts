import { describe, expect, it } from '@jest/globals';
import { formatDuration } from '../../src/duration.ts';
import { logLine, logResult, nextBeatMs, WaitLog } from '../../src/report/log.ts';
import { describe as describeInWords } from '../../src/outcome.ts';
import { logOf } from '../support/captured-log.ts';
import { runSample, SAMPLES, SILENT, type Sample } from '../support/sample-results.ts';

const SECOND = 1000;
const MINUTE = 60 * SECOND;
const BLANK = ' '.repeat('2025-10-20 10:00:00 UTC'.length);

/** The lines of a wait and of its end. */
async function linesOf(sample: Sample): Promise<readonly string[]> {
  const log = await logOf(async () => {
    const wait = new WaitLog();
    const { result } = await runSample(sample, {
      ...SILENT,
      onArrivals: wait.onArrivals.bind(wait),
      onRead: wait.onRead.bind(wait),
      onOutage: wait.onOutage.bind(wait),
      onRecovery: wait.onRecovery.bind(wait),
      onGivingUp: wait.onGivingUp.bind(wait)
    });
    logResult(result);
  });
  return log.lines;
}

describe('the log of a wait', () => {
  it('of the sample import fits on one screen', async () => {
    const lines = await linesOf(SAMPLES.reached);
    expect(lines.length).toBeLessThanOrEqual(25);
    expect(lines.filter((line) => line.includes('took'))).toEqual([
      '2025-10-20 10:02:00 UTC  AWAIT_SEED_HOST_CONNECTED  PENDING took 2m',
      '2025-10-20 10:05:00 UTC  AWAIT_HOSTS_DISCOVERED     AWAIT_SEED_HOST_CONNECTED took 3m',
      '2025-10-20 10:08:00 UTC  AWAIT_AUTOMATION_IMPORTED  AWAIT_HOSTS_DISCOVERED took 3m',
      '2025-10-20 10:12:00 UTC  AWAIT_GOAL_STATE           AWAIT_AUTOMATION_IMPORTED took 4m',
      '2025-10-20 10:15:00 UTC  SUCCESS                    AWAIT_GOAL_STATE took 3m'
    ]);
  });

  it.each(Object.keys(SAMPLES).filter((name) => name !== 'hostile server'))(
    'has a date or its blank before each line, and no line twice: %s',
    async (name) => {
      const lines = await linesOf(SAMPLES[name as keyof typeof SAMPLES]);
      expect(new Set(lines).size).toBe(lines.length);
      const ofWait = lines.slice(0, -1).filter((line) => !line.startsWith('Warning: '));
      for (const line of ofWait)
        expect(line).toMatch(/^(\d{4}-\d\d-\d\d \d\d:\d\d:\d\d UTC| {23}) {2}\S/);
    }
  );

  it('of twenty hours has a heartbeat each minute for ten minutes, then every ten', async () => {
    const lines = await linesOf(SAMPLES['reached after 20 hours']);
    const beats = lines.filter((line) => line.includes(' PENDING ') && line.endsWith(' left'));
    // 2h 40m in the state: 1 to 10 minutes, then 20, 30 … 150 minutes.
    expect(beats).toHaveLength(10 + 14);
    expect(beats.map((line) => / for (\w+)/.exec(line)?.[1]).slice(0, 3)).toEqual([
      '1m',
      '2m',
      '3m'
    ]);
    expect(beats[0]).toMatch(/ PENDING {20}for 1m( \d+s)?, 23h 5\dm( \d+s)? left$/);
  });

  it('has one line for each outage and one for each recovery', async () => {
    const lines = await linesOf(SAMPLES['reached with outages']);
    const outages = lines.filter((line) => /Trying again|answers again/.test(line));
    expect(outages).toEqual([
      `${BLANK}  No answer from om.example.com:8443: read ECONNRESET. Check that Ops Manager is up and that this runner can reach it. Trying again.`,
      expect.stringMatching(/^ {23} {2}Ops Manager answers again after 2m( \d+s)?\.$/),
      `${BLANK}  Ops Manager answered HTTP 503. Look at Ops Manager and its load balancer if this goes on. Trying again.`,
      expect.stringMatching(/^ {23} {2}Ops Manager answers again after 3\ds\.$/)
    ]);
  });

  it('says when it gives up, and why', async () => {
    const lines = await linesOf(SAMPLES['timed out, cancellation confirmed']);
    expect(lines.at(-2)).toBe(
      `${BLANK}  Import timed out in AWAIT_GOAL_STATE: cancelling the import.`
    );
    const left = await linesOf(SAMPLES['timed out, left running']);
    expect(left.join('\n')).not.toContain('cancelling');
  });

  it('warns once of a state that this version does not know', async () => {
    const { steps } = SAMPLES['reached past an unknown state'].script;
    const again = [...steps.slice(0, -1), ['AWAIT_BACKUP_ATTACHED', 14 * MINUTE] as const];
    const lines = await linesOf({ script: { steps: [...again, ['SUCCESS', 15 * MINUTE]] } });
    const warnings = lines.filter((line) => line.startsWith('Warning: '));
    expect(warnings).toEqual([expect.stringContaining('AWAIT_BACKUP_ATTACHED')]);
    expect((await linesOf(SAMPLES.reached)).join('\n')).not.toContain('Warning');
  });

  it('counts the attempts that failed', async () => {
    const wait = new WaitLog();
    let retries = 0;
    await logOf(async () => {
      const observer = { ...SILENT, onRetry: wait.onRetry.bind(wait) };
      retries = (await runSample(SAMPLES['reached with outages'], observer)).facts.retries;
    });
    expect(retries).toBeGreaterThan(2);
    expect(wait.retries).toBe(retries);
  });

  it('lets no server give a command to the runner', async () => {
    const log = await logOf(async () => {
      const { result } = await runSample(SAMPLES['hostile server']);
      logResult(result);
      logLine('::add-mask::SUCCESS');
      logLine('  ##[group]no');
    });
    expect(log.annotations).toHaveLength(1);
    expect(log.lines.join('\n')).toContain(':add-mask::SUCCESS');
    expect(log.lines.join('\n')).not.toContain('##[');
  });
});

describe('the next heartbeat', () => {
  const cases = [
    { inStateMs: 0, want: '1m' },
    { inStateMs: 59 * SECOND, want: '1m' },
    { inStateMs: MINUTE, want: '2m' },
    { inStateMs: 9.5 * MINUTE, want: '10m' },
    { inStateMs: 10 * MINUTE, want: '20m' },
    { inStateMs: 19.9 * MINUTE, want: '20m' },
    { inStateMs: 600 * MINUTE, want: '10h 10m' }
  ];
  it.each(cases)('after $inStateMs ms is at $want', ({ inStateMs, want }) => {
    expect(formatDuration(nextBeatMs(inStateMs))).toBe(want);
  });
});

describe('the end of the step', () => {
  const levels = { reached: undefined, 'reached late': 'warning' } as const;

  it.each(Object.keys(SAMPLES))(
    'is one annotation with what happened and what to do: %s',
    async (name) => {
      const { result } = await runSample(SAMPLES[name as keyof typeof SAMPLES]);
      const { annotations, lines } = await logOf(() => {
        logResult(result);
      });
      const passed = result.outcome.kind === 'reached';
      const level = name === 'reached late' ? levels[name] : passed ? undefined : 'error';
      const { happened, caveat, advice } = describeInWords(result);
      const wanted = [caveat === '' ? undefined : 'warning', level].filter((item) => item);
      expect(annotations.map((annotation) => annotation.level)).toEqual(wanted);
      expect(lines).toHaveLength(caveat === '' ? 1 : 2);
      if (name === 'hostile server') return;
      const text = `${happened} ${advice}`.trim();
      expect(lines.at(-1)?.replace(/^(Error|Warning): /, '')).toBe(text);
      if (level) expect(annotations.at(-1)?.message).toBe(text);
      if (caveat !== '') expect(annotations[0]).toMatchObject({ title: '', message: caveat });
    }
  );
});
