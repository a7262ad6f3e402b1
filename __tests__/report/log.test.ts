import { describe, expect, it } from '@jest/globals';
import { announce, logDebug, logLine, logWarning, WaitLog } from '../../src/report/log.ts';
import { createAnnounced, createAnswered } from '../../src/case/create-calls.ts';
import { CALLED, CREATING, followed, TROUBLE } from '../support/cases.ts';
import { unavailable, type Fault } from '../support/faults.ts';
import { history, importIn } from '../support/imports.ts';
import type { Call } from '../support/scripted-ops-manager.ts';
import { logOf } from '../support/captured-log.ts';
import { runSample, SAMPLES, type Sample } from '../support/sample-results.ts';

const SECOND = 1000;
const MINUTE = 60 * SECOND;
const DATED = '2025-10-20 12:00:00 UTC';

/** The lines of a wait. */
async function linesOf(sample: Sample): Promise<readonly string[]> {
  const log = await logOf(async () => {
    // What the runner dates itself is dated by a clock that stands.
    await runSample(sample, new WaitLog(() => new Date('2025-10-20T12:00:00Z')));
  });
  return log.lines;
}

describe('the first line of the log', () => {
  const announced = {
    apiUrl: new URL('http://om.example.com:8080/api/public/v1.0'),
    projectUrl: 'http://om.example.com:8080/v2/5e66185d917b220fbd8bb4d1',
    target: { kind: 'discover' },
    goal: 'SUCCESS',
    timeoutMs: 90_000,
    cancelOnTimeout: true,
    warnings: ['base-url is plain HTTP: answers can be forged on the way.']
  } as const;

  it('has host, project page, import, goal and what becomes of it, before what warns', async () => {
    const log = await logOf(() => {
      announce(announced);
    });
    expect(log.lines[0]).toBe(
      'Waiting up to 1m 30s for the import in progress on om.example.com:8080 to reach SUCCESS (after 1m 30s it is cancelled: cancel-on-timeout). Project: http://om.example.com:8080/v2/5e66185d917b220fbd8bb4d1'
    );
    expect(log.annotations).toMatchObject([{ level: 'warning', title: 'base-url is plain HTTP' }]);
  });

  it('says that the import is left running where the user chose so', async () => {
    const { lines } = await logOf(() => {
      announce({ ...announced, cancelOnTimeout: false, warnings: [] });
    });
    expect(lines[0]).toContain('after 1m 30s it is left running: cancel-on-timeout is false');
  });
});

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
    'has a date or its blank before each line: %s',
    async (name) => {
      const lines = await linesOf(SAMPLES[name as keyof typeof SAMPLES]);
      const ofWait = lines.filter((line) => !line.startsWith('Warning: '));
      for (const line of ofWait)
        expect(line).toMatch(/^(\d{4}-\d\d-\d\d \d\d:\d\d:\d\d UTC| {23}) {2}\S/);
    }
  );

  it('of twenty hours has a heartbeat each minute for ten minutes, then every ten', async () => {
    const lines = await linesOf(SAMPLES['reached after 20 hours']);
    const beats = lines.filter(
      (line) => line.includes(' PENDING ') && line.includes(' timeout in ')
    );
    // 2h 40m in the state: 1 to 10 minutes, then 20, 30 … 150 minutes.
    expect(beats).toHaveLength(10 + 14);
    expect(beats.map((line) => / for (\w+)/.exec(line)?.[1]).slice(0, 3)).toEqual([
      '1m',
      '2m',
      '3m'
    ]);
    expect(beats[0]).toMatch(/ PENDING {20}for 1m( \d+s)?, timeout in 23h 5\dm( \d+s)?$/);
  });

  it('has one dated line for each outage, a heartbeat in it and one line for each recovery', async () => {
    const lines = await linesOf(SAMPLES['reached with outages']);
    const outages = lines.filter((line) => /Trying again|answers again|No usable/.test(line));
    expect(outages).toEqual([
      `${DATED}  No answer from om.example.com:8443: read ECONNRESET. Check that Ops Manager is up and that this runner can reach it. Trying again.`,
      expect.stringMatching(
        /No usable answer \(.*:8443 does not answer\) since \d{4}-.* UTC \(1m( \d+s)?\), max-outage in [89]m/
      ),
      expect.stringMatching(
        /^2025-10-20 12:00:00 UTC {2}Ops Manager answers again after 2m( \d+s)?\.$/
      ),
      `${DATED}  ops-manager.example.com:8443 answered HTTP 503. Look at Ops Manager and its load balancer if this goes on. Trying again.`,
      expect.stringMatching(/Ops Manager answers again after 3\ds\.$/)
    ]);
  });

  it('has heartbeats also while it waits for as long as the server has asked', async () => {
    let reads = 0;
    const faults = ({ kind }: Call): Fault | undefined => {
      if (kind === 'read') reads += 1;
      return reads === 2 ? unavailable(5 * 60) : undefined;
    };
    const lines = await linesOf({ ...SAMPLES.reached, faults });
    const beats = lines.flatMap((line) => /No usable answer.* since .*/.exec(line) ?? []);
    expect(beats.map((beat) => /\(\d+m\), .*$/.exec(beat)?.[0])).toEqual(
      [1, 2, 3, 4].map((minutes) => `(${minutes}m), max-outage in ${10 - minutes}m.`)
    );
  });

  it('names in the heartbeat of an outage the timeout, if that comes first', async () => {
    let reads = 0;
    const faults = ({ kind }: Call): Fault | undefined => {
      if (kind === 'read') reads += 1;
      return reads === 2 ? unavailable(5 * 60) : undefined;
    };
    const lines = await linesOf({
      ...SAMPLES.reached,
      faults,
      options: { timeoutMs: 4 * MINUTE }
    });
    const beats = lines.flatMap((line) => /No usable answer.* since .*/.exec(line) ?? []);
    expect(beats).toHaveLength(3);
    for (const beat of beats) expect(beat).toMatch(/ \([123]m\), timeout in ([12]m )?\d+s\.$/);
  });

  it('names in a heartbeat what ends the step first', async () => {
    const lines = await linesOf({ ...SAMPLES.stalled, options: { stallTimeoutMs: 20 * MINUTE } });
    const beats = lines.filter((line) => / for \w+/.test(line) && / in \d+/.test(line));
    expect(beats.length).toBeGreaterThan(5);
    for (const beat of beats) expect(beat).toMatch(/stall-timeout in \d+/);
  });

  it('says when it asks for the cancellation, and that it was accepted', async () => {
    const text = (await linesOf(SAMPLES['timed out, cancellation confirmed'])).join('\n');
    expect(text).toMatch(
      /Asking Ops Manager to cancel.*\n.*accepted the cancellation.*\n.*CANCELLED/
    );
    const left = await linesOf(SAMPLES['timed out, left running']);
    expect(left.join('\n')).not.toMatch(/cancel/);
  });

  it('says what it creates, and which import it watches', async () => {
    const text = (await linesOf(SAMPLES['created and reached'])).join('\n');
    expect(text).toMatch(/Creating the import\.\n.*Watching import [0-9a-f]{24}\./);
  });

  it('says why it creates again', async () => {
    const log = new WaitLog(() => new Date('2025-10-20T12:00:00Z'));
    const lost = followed(CALLED, createAnswered('lost', 200, TROUBLE));
    const told = await logOf(() => {
      log.onChange(CREATING, CALLED);
      log.onChange(lost, followed(lost, createAnnounced(30_000, 31_500)));
    });
    expect(told.lines).toEqual([
      `${DATED}  Creating the import.`,
      `${DATED}  Creating the import again: the last call had no good answer, and no list has shown what it made. ${TROUBLE.happened}`
    ]);
  });

  it('says so of an import that a node does not find, and of one that it deletes', async () => {
    expect((await linesOf(SAMPLES.deleted)).join('\n')).toContain('does not find the import');
    expect((await linesOf(SAMPLES['failed and deleted'])).join('\n')).toContain(
      'Deleting the record'
    );
  });

  it.each([
    { ids: ['a'], title: 'Another import is in progress' },
    { ids: ['a', 'b'], title: '2 other imports are in progress' }
  ])('warns once when a new import is created: $title', async ({ ids, title }) => {
    const others = ids.map((id) => ({ id: id.repeat(24), steps: [['PENDING', 0]] as const }));
    const log = await logOf(async () => {
      await runSample({ ...SAMPLES['created and reached'], others }, new WaitLog());
    });
    expect(log.annotations).toMatchObject([{ level: 'warning', title }]);
    for (const { id } of others) expect(log.annotations[0]?.message).toContain(id);
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
    const log = new WaitLog();
    let retries = 0;
    await logOf(async () => {
      retries = (await runSample(SAMPLES['reached with outages'], log)).report.traffic.retries;
    });
    expect(retries).toBeGreaterThan(2);
    expect(log.retries).toBe(retries);
  });

  it('is not filled by a history that changes at each read', async () => {
    const steps = Array.from(
      { length: 400 },
      (_, index) => [`STATE_${index}`, index * SECOND] as const
    );
    const lines = await linesOf({ script: { steps }, options: { timeoutMs: 10 * MINUTE } });
    expect(lines.length).toBeLessThan(300);
  });

  it('lets no server give a command to the runner', async () => {
    const log = await logOf(async () => {
      await runSample(SAMPLES['hostile server'], new WaitLog());
      logLine('::add-mask::SUCCESS');
      logLine('  ##[group]no');
      logDebug('::error::no');
      logWarning('::a', '::error::b', '##[group]c');
    });
    const warnings = log.annotations.filter(({ title }) => title !== 'Unknown state');
    expect(warnings).toMatchObject([{ level: 'warning' }]);
    expect(log.lines.join('\n')).toContain(':add-mask::SUCCESS');
    expect(log.lines.join('\n')).not.toContain('##[');
    const names = log.commands.map(({ name }) => name);
    expect(new Set(names)).toEqual(new Set(['warning', 'debug']));
  });
});

describe('a heartbeat', () => {
  const read = importIn('PENDING', history(['PENDING', 0]));
  it.each([
    { inStateMs: 0, nextMs: MINUTE },
    { inStateMs: 59 * SECOND, nextMs: MINUTE },
    { inStateMs: MINUTE, nextMs: 2 * MINUTE },
    { inStateMs: 9.5 * MINUTE, nextMs: 10 * MINUTE },
    { inStateMs: 10 * MINUTE, nextMs: 20 * MINUTE },
    { inStateMs: 19.9 * MINUTE, nextMs: 20 * MINUTE },
    { inStateMs: 600 * MINUTE, nextMs: 610 * MINUTE }
  ])('that was due at $inStateMs ms is followed by one at $nextMs', async (given) => {
    const log = new WaitLog();
    const linesAt = async (inStateMs: number): Promise<number> => {
      const standing = { inStateMs, untilTimeoutMs: MINUTE, untilStallMs: Infinity };
      const said = await logOf(() => {
        log.onRead(read, standing, () => undefined);
      });
      return said.lines.length;
    };
    await linesAt(given.inStateMs);
    expect([await linesAt(given.nextMs - 1), await linesAt(given.nextMs)]).toEqual([0, 1]);
  });
});
