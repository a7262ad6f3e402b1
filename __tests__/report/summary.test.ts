// @ts-nocheck
import { describe, expect, it } from '@jest/globals';
import type { ImportRequest } from '../../src/import/import-request.ts';
import { guideTo } from '../../src/import/phases.ts';
import type { Outage } from '../../src/wait/patience.ts';
import { summaryOf, type SummaryFacts } from '../../src/report/summary.ts';
import { runSample, SAMPLES } from '../support/sample-results.ts';

const MIB = 1024 * 1024;
type Name = keyof typeof SAMPLES;

async function summaryFor(name: Name): Promise<string> {
  const { report, facts } = await runSample(SAMPLES[name]);
  return summaryOf(report, facts);
}

/** The cells of a table under a heading, or of the first table. */
function rowsOf(markdown: string, heading?: string): string[][] {
  const from = heading === undefined ? 0 : markdown.indexOf(`### ${heading}\n`);
  if (from < 0) return [];
  const table = /(?:^\|.*\|\n)+/m.exec(markdown.slice(from))?.[0] ?? '';
  const [head = '', , ...rows] = table.trim().split('\n');
  return [head, ...rows].map((line) =>
    line
      .split(/(?<!\\)\|/)
      .slice(1, -1)
      .map((cell) => cell.trim())
  );
}

/** The list of facts by name. */
function factsOf(markdown: string): Record<string, string> {
  const list = /(?:^- .*\n)+/m.exec(markdown)?.[0] ?? '';
  const facts = Array.from(list.matchAll(/^- \*\*(.+):\*\* (.*)$/gm));
  return Object.fromEntries(facts.map(([, name, value]) => [name, value])) as Record<
    string,
    string
  >;
}

describe('the headline', () => {
  const cases: readonly (readonly [Name, string])[] = [
    ['reached', '## ✅ Import reached SUCCESS'],
    ['reached late', '## ✅ Import reached SUCCESS late'],
    ['failed in AWAIT_GOAL_STATE', '## ❌ Import failed in AWAIT\\_GOAL\\_STATE'],
    ['cancelled', '## 🚫 Import was cancelled in AWAIT\\_AUTOMATION\\_IMPORTED'],
    ['timed out, cancellation confirmed', '## ⏱️ Import timed out in AWAIT\\_GOAL\\_STATE'],
    ['stalled', '## ⏸️ Import stalled in AWAIT\\_HOSTS\\_DISCOVERED'],
    ['interrupted', '## ✋ Wait interrupted in AWAIT\\_AUTOMATION\\_IMPORTED'],
    ['unreachable', '## 🔌 Ops Manager unreachable'],
    ['error while waiting', '## ❌ Wait ended by an error in AWAIT\\_HOSTS\\_DISCOVERED'],
    ['error before any read', '## ❌ Cannot wait for the import']
  ];
  it.each(cases)('of a step that %s is %s', async (name, want) => {
    expect((await summaryFor(name)).split('\n')[0]).toBe(want);
  });
});

describe('the list of facts', () => {
  it('names the import, its project in Ops Manager, the goal, the times and the version', async () => {
    expect(factsOf(await summaryFor('reached with outages'))).toEqual({
      Import: '`507f1f77bcf86cd799439011`',
      Project:
        '[`5e66185d917b220fbd8bb4d1`](https://ops-manager.example.com:8443/v2/5e66185d917b220fbd8bb4d1)',
      Goal: '`SUCCESS`',
      'Last state': '`SUCCESS`',
      Waited: expect.stringMatching(/^15m( \d+s)?$/),
      'Import took': '15m',
      Cancellation: 'not-needed',
      'Clean-up': 'not-needed',
      'Ops Manager': '8\\.0\\.13\\.500\\.20250909T1801Z',
      'HTTP requests': expect.stringMatching(/^1\d\d, of which 1\d failed$/)
    });
  });

  it('speaks of no failed requests when there were none', async () => {
    expect(factsOf(await summaryFor('reached'))['HTTP requests']).toMatch(/^\d+$/);
  });

  const fates: readonly (readonly [Name, string, string])[] = [
    ['timed out, cancellation confirmed', 'confirmed', '`CANCELLED`'],
    ['timed out, cancellation requested', 'requested', '`AWAIT_GOAL_STATE`'],
    ['timed out, cancellation refused', 'refused', '`AWAIT_GOAL_STATE`'],
    ['timed out, cancellation failed', 'failed', '`AWAIT_GOAL_STATE`'],
    ['timed out, left running', 'skipped', '`AWAIT_GOAL_STATE`'],
    ['error before any read', 'not-needed', 'none was read']
  ];
  it.each(fates)('of %s has the cancellation %s and the state %s', async (name, kind, state) => {
    expect(factsOf(await summaryFor(name))).toMatchObject({
      Cancellation: kind,
      'Last state': state
    });
  });

  it('calls an import that goes on not ended', async () => {
    expect(factsOf(await summaryFor('stalled'))['Import took']).toMatch(/^25m/);
    expect(factsOf(await summaryFor('unreachable'))['Import took']).toBe('not ended');
  });

  it('leaves out what is not known', async () => {
    const { result } = await runSample(SAMPLES['error before any read']);
    const unknown: SummaryFacts = {
      projectId: undefined,
      projectUrl: undefined,
      version: undefined,
      requests: 0,
      retries: 0
    };
    const facts = factsOf(summaryOf({ ...result, requestId: undefined }, unknown));
    expect(Object.keys(facts)).toEqual([
      'Goal',
      'Last state',
      'Waited',
      'Cancellation',
      'Clean-up',
      'HTTP requests'
    ]);
  });
});

describe('the timeline', () => {
  it('shows the trouble of a step that failed, and none of one that passed', async () => {
    expect(await summaryFor('timed out, cancellation confirmed')).toContain('⏱️ <code>AWAIT');
    expect(await summaryFor('reached')).not.toContain(':crit');
  });

  it('is left out when nothing was read', async () => {
    expect(await summaryFor('error before any read')).not.toContain('Timeline');
  });
});

describe('what to check', () => {
  const phases = [
    'PENDING',
    'AWAIT_SEED_HOST_CONNECTED',
    'AWAIT_HOSTS_DISCOVERED',
    'AWAIT_AUTOMATION_IMPORTED',
    'AWAIT_GOAL_STATE'
  ] as const;
  it.each(phases)('is listed for %s, with the documentation', async (phase) => {
    const summary = await summaryFor(`failed in ${phase}`);
    const guide = guideTo(phase);
    expect(summary).toContain(`### What to check in \`${phase}\``);
    for (const check of guide?.checks ?? []) expect(summary).toContain(`- ${check}`);
    for (const { title, url } of guide?.pages ?? [])
      expect(summary).toContain(`[${title}](${url})`);
  });

  const without: readonly Name[] = [
    'reached',
    'cancelled',
    'unreachable',
    'error while waiting',
    'error before any read',
    'hostile server'
  ];
  it.each(without)(
    'is left out of %s, where it is not the phase that is in trouble',
    async (name) => {
      expect(await summaryFor(name)).not.toContain('What to check');
    }
  );
});

describe('outages', () => {
  it('are listed with when they began, how long they lasted and why', async () => {
    const rows = rowsOf(await summaryFor('reached with outages'), 'Outages');
    expect(rows[0]).toEqual(['Began&nbsp;after', 'Length', 'Reason']);
    expect(rows.slice(1).map(([began, length]) => [began, length])).toEqual([
      [expect.stringMatching(/^3m( \ds)?$/), expect.stringMatching(/^2m( \ds)?$/)],
      [expect.stringMatching(/^9m( \ds)?$/), expect.stringMatching(/^3\ds$/)]
    ]);
    expect(rows[1]?.[2]).toContain('read ECONNRESET');
  });

  it('are not mentioned when there were none', async () => {
    expect(await summaryFor('reached')).not.toContain('Outages');
  });
});

describe('the reply', () => {
  it('is shown as it was, in a fold', async () => {
    const summary = await summaryFor('reached');
    expect(summary).toMatch(
      /<details><summary>Last reply of Ops Manager<\/summary>\n\n````json\n\{\n/
    );
    expect(summary.trimEnd().endsWith('</details>')).toBe(true);
    expect(summary).toContain('"groupId": "5e66185d917b220fbd8bb4d1"');
  });
});

describe('a summary of what is far too much', () => {
  const long = 'x'.repeat(8 * MIB);
  const marked8MB = '😀</details>`|<'.repeat(MIB / 2);
  const transitions = Array.from({ length: 100_000 }, (_, index) => ({
    state: 'A'.repeat(64),
    transitionedAt: new Date(Date.UTC(2025, 0) + index * 1000).toISOString()
  }));
  const outages = Array.from({ length: 10_000 }, (_, index): Outage => ({
    startedMs: index * 1000,
    lengthMs: 500,
    reason: '|'.repeat(2000)
  }));
  const cases: readonly {
    readonly name: string;
    readonly request?: Partial<ImportRequest>;
    readonly outages?: readonly Outage[];
    readonly error?: string;
  }[] = [
    { name: 'a reply of 8 MB', request: { reply: { note: long } } },
    { name: 'a reply of 8 MB of markup', request: { reply: { note: marked8MB } } },
    { name: '100,000 transitions', request: { transitions, reply: transitions } },
    { name: '10,000 outages', outages },
    { name: 'all of it', request: { transitions, reply: { note: marked8MB } }, outages },
    { name: 'an error of 8 MB', error: marked8MB }
  ];
  it.each(cases)('is below 1 MiB: $name', async ({ request = {}, outages: many, error }) => {
    const { report, facts } = await runSample(SAMPLES['timed out, left running']);
    if (!result.request) throw new Error('The sample has been read');
    const summary = summaryOf(
      {
        ...result,
        ...(error !== undefined && { outcome: { kind: 'error', error: new Error(error) } }),
        request: { ...result.request, ...request },
        outages: many ?? []
      },
      facts
    );
    expect(Buffer.byteLength(summary)).toBeLessThan(MIB);
    if (request.reply !== undefined) expect(summary).toContain('\n…\n````');
    expect(summary).toContain(error === undefined ? '## ⏱️ Import timed out' : '## ❌ ');
    expect(summary.match(/^<details>/gm)?.length ?? 0).toBeLessThanOrEqual(1);
  });

  it('says where the transitions are that it leaves out', async () => {
    const { report, facts } = await runSample(SAMPLES['timed out, left running']);
    if (!result.request) throw new Error('The sample has been read');
    const summary = summaryOf({ ...result, request: { ...result.request, transitions } }, facts);
    expect(rowsOf(summary, 'Timeline')).toHaveLength(101);
    expect(summary).toContain('99900 earlier transitions are in the output `history`.');
  });
});
