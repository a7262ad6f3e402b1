import { describe, expect, it } from '@jest/globals';
import type { Import } from '../../src/case/import.ts';
import { GUIDES } from '../../src/report/advice.ts';
import type { Report } from '../../src/report/report.ts';
import { reportInMarkdown, summaryOf } from '../../src/report/summary.ts';
import { wordsOf } from '../../src/report/words.ts';
import { isPhase, PIPELINE } from '../../src/case/states.ts';
import type { Outage } from '../../src/wait/patience.ts';
import { inWords } from '../../src/diagnosis/findings.ts';
import { ALL_REPORTS } from '../support/all-reports.ts';
import { textOf } from '../support/rendered-text.ts';
import { played, SAMPLES } from '../support/sample-results.ts';

const MIB = 1024 * 1024;
type Name = keyof typeof SAMPLES;
const NAMES = (Object.keys(SAMPLES) as Name[]).filter((name) => name !== 'hostile server');
const PROJECT =
  '[`5e66185d917b220fbd8bb4d1`](https://ops-manager.example.com:8443/v2/5e66185d917b220fbd8bb4d1) on ops\\-manager\\.example\\.com\\:8443';

async function summaryFor(name: Name): Promise<string> {
  const { report } = await played(name);
  return summaryOf(report);
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
  it('is the sign of the outcome and the title, which a phone may break at underscores', async () => {
    expect((await summaryFor('failed in AWAIT_GOAL_STATE')).split('\n')[0]).toBe(
      '## ❌ Import failed in AWAIT\\_<wbr>GOAL\\_<wbr>STATE'
    );
    expect((await summaryFor('stalled')).split('\n')[0]).toMatch(/^## ⏸️ Stalled for 20m in /);
    expect((await summaryFor('reached')).split('\n')[0]).toBe('## ✅ Import reached SUCCESS');
  });

  it.each(NAMES)('has what is dangerous in a box, at once after the title: %s', async (name) => {
    const { report } = await played(name);
    const { alarm } = wordsOf(report);
    const [, box = ''] = summaryOf(report).split('\n\n');
    if (alarm === '') expect(box).not.toContain('CAUTION');
    else expect(textOf(box)).toBe(`> [!CAUTION]\n> ${alarm}`);
  });
});

/** The boxes of a summary: kind and paragraphs. */
function boxesOf(markdown: string): readonly (readonly string[])[] {
  return markdown
    .split('\n\n')
    .filter((part) => part.startsWith('> [!'))
    .map((box) => textOf(box).replace(/^> ?/gm, '').split(/\n+/));
}

describe('the cause', () => {
  it.each(NAMES)('stands in one box under the heading, in bold: %s', async (name) => {
    const { report } = await played(name);
    const { alarm, cause, standing } = wordsOf(report);
    const { outcome } = report.verdict;
    const isCalm = outcome.kind === 'reached' && !outcome.late;
    const summary = summaryOf(report);
    expect(boxesOf(summary)).toEqual([
      ...(alarm === '' ? [] : [['[!CAUTION]', alarm]]),
      ...(cause === ''
        ? []
        : [['[!WARNING]', `**${cause}**`, ...(standing === '' ? [] : [standing])]])
    ]);
    if (isCalm) expect(cause).toBe('');
    const parts = summary.split('\n\n').map((part) => part.startsWith('> [!'));
    expect(parts.lastIndexOf(true)).toBeLessThanOrEqual(alarm === '' ? 1 : 2);
  });

  const causes: readonly (readonly [Name, RegExp])[] = [
    ['timed out, an error', /^rs0_3 on mongodb3\.example\.com .*File Permissions Error/],
    ['error before any read', /HTTP 401 USER_UNAUTHORIZED/],
    ['unreachable', /ECONNRESET/],
    ['certificate not accepted', /^The certificate of ops-manager\.example\.com:8443 was not/],
    ['failed in PENDING', /^The import was in PENDING \(waiting to start\) for 4m, since /],
    ['stalled', /^The import was in AWAIT_HOSTS_DISCOVERED /],
    ['interrupted', /the workflow was cancelled, a time limit ran out, or a cancel step named/],
    ['several in progress', /^The project has 2 imports in progress: /],
    ['had been cancelled', /perhaps by an earlier attempt of this run\.$/]
  ];
  it.each(causes)('is the finding, what was said, or the phase: %s', async (name, want) => {
    expect(wordsOf((await played(name)).report).cause).toMatch(want);
  });

  it.each(NAMES)('says neither outcome nor fate of the heading again: %s', async (name) => {
    const { report } = await played(name);
    const { whole } = wordsOf(report);
    const summary = textOf(summaryOf(report));
    for (const sentence of [...whole.outcome, ...whole.fate])
      expect(summary).not.toContain(sentence);
  });

  it.each(NAMES)('has no sentence twice below it: %s', async (name) => {
    const { report } = await played(name);
    const lines = textOf(summaryOf(report))
      .split('\n')
      .map((line) => line.replace(/^[->* ]+|\*+$/g, ''))
      .filter((line) => line.endsWith('.'));
    const items = inWords(report.findings).map(({ item }) => item);
    const once = lines.filter((line) => !items.includes(line));
    expect(once.filter((line, index) => once.indexOf(line) !== index)).toEqual([]);
  });
});

describe('what holds the import up', () => {
  it('stands above the facts, the timeline and the checks', async () => {
    const summary = await summaryFor('timed out, an error');
    const places = ['> [!WARNING]', '### What holds', '### The import', '### Timeline'].map(
      (text) => summary.indexOf(text)
    );
    expect(Math.min(...places)).toBeGreaterThan(0);
    expect(places).toEqual(places.toSorted((a, b) => a - b));
  });

  it('is a list of all findings, worst first', async () => {
    const { report } = await played('timed out, an error');
    const summary = textOf(summaryOf(report));
    const items = inWords(report.findings).map(({ item }) => item);
    expect(items.length).toBeGreaterThan(1);
    expect(summary).toContain(
      `### What holds the import up\n\n${items.map((item) => `- ${item}`).join('\n')}\n`
    );
  });

  it('is in the box alone where it is one', async () => {
    const summary = textOf(await summaryFor('timed out, a node behind'));
    expect(summary).toContain('> **rs0_2 on mongodb2.example.com is at version 4 of 5');
    expect(summary).not.toContain('### What holds the import up');
  });

  it('is no table', async () => {
    for (const name of NAMES) expect(await summaryFor(name)).not.toMatch(/^\| Process/m);
  });
});

describe('what can be done by hand', () => {
  const commands: readonly (readonly [Name, string, RegExp])[] = [
    ['timed out, cancellation refused', 'POST', /\/507f1f77bcf86cd799439011\/cancel'$/],
    ['timed out, left running', 'POST', /\/507f1f77bcf86cd799439011\/cancel'$/],
    ['failed in PENDING', 'DELETE', /\/507f1f77bcf86cd799439011'$/],
    ['failed and not deleted', 'DELETE', /\/507f1f77bcf86cd799439011'$/],
    ['never listed', 'GET', /\/5e66185d917b220fbd8bb4d1'$/]
  ];
  it.each(commands)('has its command, without a key: %s', async (name, method, want) => {
    const [, command = ''] = /````sh\n([^]*?)\n````/.exec(await summaryFor(name)) ?? [];
    expect(command).toMatch(/^curl --digest .*--user "\$PUBLIC_KEY:\$PRIVATE_KEY"/);
    expect(command).toContain(
      `--request ${method} \\\n  'https://ops-manager.example.com:8443/api/public/v1.0/automation/importDeployment/5e66185d917b220fbd8bb4d1`
    );
    expect(command).toMatch(want);
  });

  it('names each of several that may run', async () => {
    const summary = await summaryFor('ambiguous');
    expect(summary.match(/\/cancel'$/gm)).toHaveLength(2);
  });

  it.each([
    'reached',
    'failed and deleted',
    'timed out, cancellation confirmed',
    'cancelled'
  ] as const)('is nothing where nothing is left: %s', async (name) => {
    expect(await summaryFor(name)).not.toContain('curl');
  });
});

describe('the list of facts', () => {
  it('names the import, its project in Ops Manager and the times', async () => {
    expect(factsOf(await summaryFor('reached with outages'))).toEqual({
      Import: '`507f1f77bcf86cd799439011`',
      Project: PROJECT,
      Waited: expect.stringMatching(/^15m( \d+s)?$/),
      'Import took': '15m'
    });
  });

  it('names seed host and required processes of an import that the step created', async () => {
    expect(factsOf(await summaryFor('created and reached'))).toMatchObject({
      'Seed host': 'db1\\.example\\.com\\:27017',
      'Required processes': 'db2\\.example\\.com\\:27017'
    });
  });

  it('leaves out what is not known, and how long an import took that goes on', async () => {
    expect(Object.keys(factsOf(await summaryFor('error before any read')))).toEqual([
      'Import',
      'Project'
    ]);
    expect(factsOf(await summaryFor('timed out, left running'))).not.toHaveProperty('Import took');
  });

  it('has no names of output values', async () => {
    for (const { report } of ALL_REPORTS)
      expect(summaryOf(report)).not.toMatch(/not-needed|timed-out|Cancellation:|Clean-up:/);
    expect(await summaryFor('failed and deleted')).toContain('its record deleted');
  });
});

describe('the timeline', () => {
  it('shows the trouble of a step that failed, and none of one that passed', async () => {
    expect(await summaryFor('timed out, cancellation confirmed')).toContain('⏱️ <code>AWAIT');
    expect(await summaryFor('reached')).not.toContain(':crit');
  });

  it('is one fold where all is well, chart and table in it', async () => {
    const summary = await summaryFor('reached');
    const [, fold = ''] =
      /<details><summary>Timeline<\/summary>\n\n([^]*?)\n\n<\/details>/.exec(summary) ?? [];
    expect(fold).toMatch(/^```mermaid\n[^]*```\n\n\| State \|/);
    expect(summary.replace(fold, '')).not.toMatch(/mermaid|\| State \|/);
    expect(await summaryFor('failed in PENDING')).toContain('### Timeline\n\n```mermaid');
  });

  it('is left out when nothing was read', async () => {
    expect(await summaryFor('error before any read')).not.toContain('Timeline');
  });
});

describe('what to check', () => {
  it.each(PIPELINE.filter(isPhase))('is listed for %s, with the documentation', async (phase) => {
    const summary = await summaryFor(`failed in ${phase}`);
    const { checks, pages } = GUIDES[phase];
    expect(summary).toContain(`### What to check in \`${phase}\``);
    for (const check of checks) expect(summary).toContain(`- ${check}`);
    for (const page of pages) expect(summary).toContain(page);
  });

  const without: readonly Name[] = [
    'reached',
    'cancelled',
    'interrupted',
    'failed with an error',
    'timed out, nobody behind',
    'timed out, never read',
    'unreachable',
    'error while waiting',
    'error before any read',
    'hostile server'
  ];
  it.each(without)(
    'is left out of %s, where a finding, an answer or a person stopped it',
    async (name) => {
      expect(await summaryFor(name)).not.toContain('What to check');
    }
  );
});

describe('outages', () => {
  it('are listed with when they began, how long they lasted and why', async () => {
    const summary = await summaryFor('reached with outages');
    const items = summary.slice(summary.indexOf('### Outages')).split('\n').slice(2, 4);
    expect(items.map(textOf)).toEqual([
      expect.stringMatching(
        /^- \*\*2m( \ds)?\*\*, 3m( \ds)? into the wait: No answer .* read ECONNRESET\.$/
      ),
      expect.stringMatching(/^- \*\*3\ds\*\*, 9m( \ds)? into the wait: .* answered HTTP 503\.$/)
    ]);
  });

  it('are the newest of many, which are counted', async () => {
    const { report } = await played('reached');
    const outages = Array.from({ length: 20 }, (_, index): Outage => ({
      startedMs: (30 + index) * 60_000,
      lengthMs: 30_000,
      reason: 'No answer.'
    }));
    const summary = summaryOf({ ...report, outages, outageCount: 45 });
    expect(summary).toContain('### Outages\n\nThe newest 20 of 45:\n\n- **30s**, 30m into');
    expect(summaryOf({ ...report, outages, outageCount: 20 })).toContain(
      '### Outages\n\n- **30s**, 30m into'
    );
  });

  it('are not mentioned when there were none', async () => {
    expect(await summaryFor('reached')).not.toContain('Outages');
  });
});

describe('the fold', () => {
  it('has the requests, the version and the reply as it was', async () => {
    const summary = await summaryFor('reached with outages');
    const fold = summary.slice(summary.lastIndexOf('<details>'));
    expect(fold).toMatch(
      /^<details><summary>Requests and replies<\/summary>\n\n\d+ HTTP requests, \d+ of them without a usable answer\. Ops Manager 8/
    );
    expect(fold).toContain('\n````json\n{\n');
    expect(fold).toContain('"groupId": "5e66185d917b220fbd8bb4d1"');
    expect(summary.trimEnd().endsWith('</details>')).toBe(true);
  });

  it('speaks of no failed requests when there were none', async () => {
    expect(await summaryFor('reached')).toMatch(/\n\n\d+ HTTP requests\. /);
  });
});

describe('the report for an issue or a message', () => {
  it.each(NAMES)('is the summary without charts and folds: %s', async (name) => {
    const { report } = await played(name);
    const markdown = reportInMarkdown(report);
    expect(markdown).not.toMatch(/mermaid|<details>/);
    const summary = summaryOf(report);
    for (const part of markdown.trim().split('\n\n')) expect(summary).toContain(part);
    const [heading] = summary.split('\n');
    expect(markdown.startsWith(`${heading ?? ''}\n`)).toBe(true);
  });
});

describe('a summary of what is far too much', () => {
  const transitions = Array.from({ length: 20_000 }, (_, index) => ({
    state: 'A'.repeat(64),
    transitionedAt: new Date(Date.UTC(2025, 0) + index * 1000).toISOString()
  }));
  const outages = Array.from({ length: 10_000 }, (_, index): Outage => ({
    startedMs: index * 1000,
    lengthMs: 500,
    reason: '|'.repeat(2000)
  }));
  const marked8MB = '😀</details>`|<'.repeat(MIB / 2);
  const trouble = { title: marked8MB, happened: marked8MB, advice: marked8MB };
  const cases: readonly {
    readonly name: string;
    readonly request?: Partial<Import>;
    readonly rest?: Partial<Report>;
  }[] = [
    { name: 'a reply of 8 MB', request: { reply: 'x'.repeat(8 * MIB) } },
    { name: '20,000 transitions', request: { transitions } },
    { name: '10,000 outages', rest: { outages } },
    { name: 'all of it', request: { transitions, reply: marked8MB }, rest: { outages } },
    {
      name: 'an error of 8 MB',
      rest: {
        verdict: {
          outcome: { kind: 'error', cause: { kind: 'api', trouble } },
          cancellation: { kind: 'skipped' },
          cleanup: { kind: 'not-needed' }
        }
      }
    }
  ];
  it.each(cases)('is below 1 MiB: $name', async ({ request, rest }) => {
    const summary = summaryOf(await reportWith(request, rest));
    expect(Buffer.byteLength(summary)).toBeLessThan(MIB);
    expect(summary).toMatch(/^## (⏱️|❌) /);
    expect(summary.match(/^<details>/gm)?.length ?? 0).toBeLessThanOrEqual(1);
    expect(
      Buffer.byteLength(reportInMarkdown(await reportWith(request, rest)))
    ).toBeLessThanOrEqual(60 * 1024);
  });

  it('says where the transitions are that it leaves out', async () => {
    const summary = summaryOf(await reportWith({ transitions }));
    expect(rowsOf(summary, 'Timeline')).toHaveLength(101);
    expect(summary).toContain('19900 earlier transitions are in the output `history`.');
  });
});

/** The report on an import that was left running, with something else in it. */
async function reportWith(
  request: Partial<Import> = {},
  rest: Partial<Report> = {}
): Promise<Report> {
  const { report } = await played('timed out, left running');
  const { read } = report.case;
  if (!read) throw new Error('The sample has been read');
  return { ...report, ...rest, case: { ...report.case, read: { ...read, ...request } } };
}
