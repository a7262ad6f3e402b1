import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { Browser, Locator } from 'playwright-core';
import type { Import, Transition } from '../../src/case/import.ts';
import { summaryOf } from '../../src/report/summary.ts';
import { defuse } from '../../src/untrusted.ts';
import { otherSummaries } from '../support/other-summaries.ts';
import { HOSTILE_TEXT, played, SAMPLES } from '../support/sample-results.ts';
import { MEASURE_CHART, type ChartMeasures } from './chart-measures.ts';
import { GitHubPage, startChromium } from './github-page.ts';

let browser: Browser;
let page: GitHubPage;

beforeAll(async () => {
  browser = await startChromium();
  page = await GitHubPage.open(browser, 'mermaid');
  await page.look({ theme: 'light', widthPx: 1280 });
});

afterAll(async () => {
  await browser.close();
});

type Played = Awaited<ReturnType<typeof played>>;

async function show({ report }: Played): Promise<Locator> {
  return page.show(summaryOf(report));
}

const TAGS =
  'h2 h3 p strong table thead tbody tr th td code wbr span div a ul li details summary pre p'.split(
    ' '
  );
const OURS =
  /^https:\/\/(www\.mongodb\.com\/docs\/ops-manager\/|ops-manager\.example\.com:8443\/v2\/)/;

/** What sticks out to the right; GitHub lets tables and code be scrolled. */
const WIDER_THAN_A_PHONE = `[...document.querySelectorAll('.markdown-body :is(h2, h3, p, li, .markdown-alert)')]
  .filter((element) => element.scrollWidth > element.clientWidth + 1)
  .map((element) => element.textContent)`;

/** What a summary has of its own, and nothing else. */
async function expectNoForeignMarkup(shown: Locator): Promise<void> {
  const { tags, links } = await page.elements();
  expect(tags.filter((tag) => !TAGS.includes(tag))).toEqual([]);
  // A fold for the chart of a success, one for the reply; a block for it, and those for calls by hand.
  for (const [tag, most] of [
    ['h2', 1],
    ['details', 2],
    ['pre', 3]
  ] as const)
    expect(tags.filter((each) => each === tag).length).toBeLessThanOrEqual(most);
  expect(links.filter((link) => !OURS.test(link))).toEqual([]);
  expect(await shown.locator('.chart script, .chart a, .chart image').count()).toBe(0);
}

/** One row for each state, with its name as far as there is room. */
async function expectChartOf(shown: Locator, states: readonly string[]): Promise<void> {
  expect(await shown.locator('.chart svg').count()).toBe(1);
  const { headings, bars } = await page.measure<ChartMeasures>(MEASURE_CHART);
  expect(bars).toHaveLength(states.length);
  states.forEach((state, index) => {
    const [name] = headings[index]?.text.split(' ') ?? [];
    expect(name).toBe(state.length > 25 ? `${state.slice(0, 24)}…` : state);
  });
}

describe('a summary on GitHub', () => {
  for (const name of Object.keys(SAMPLES) as (keyof typeof SAMPLES)[]) {
    it(`of an import that is ${name} has its own markup only, and a chart if there is something to see`, async () => {
      const sampled = await played(name);
      const shown = await show(sampled);
      await expectNoForeignMarkup(shown);
      const states = sampled.report.case.read?.transitions.map(({ state }) => state) ?? [];
      if (states.length > 1) await expectChartOf(shown, states);
      else expect(await shown.locator('svg').count()).toBe(0);
    });
  }

  it.each([...otherSummaries()])('has its own markup only: %s', async (_name, markdown) => {
    await expectNoForeignMarkup(await page.show(markdown));
  });

  it.each([...Object.keys(SAMPLES), ...otherSummaries().keys()])(
    'is no wider than a phone, tables aside: %s',
    async (name) => {
      const other = otherSummaries().get(name);
      const { report } = await played(
        (other === undefined ? name : 'reached') as keyof typeof SAMPLES
      );
      await page.look({ theme: 'light', widthPx: 400 });
      try {
        await page.show(other ?? summaryOf(report));
        expect(await page.measure(WIDER_THAN_A_PHONE)).toEqual([]);
      } finally {
        await page.look({ theme: 'light', widthPx: 1280 });
      }
    }
  );

  it('shows the text of a hostile server as it is', async () => {
    const text = await (await show(await played('hostile server'))).innerText();
    const [line = ''] = HOSTILE_TEXT.split('\n');
    expect(text.split(line).length).toBeGreaterThan(2);
    expect(text).toContain(defuse(HOSTILE_TEXT).slice(0, 60));
  });
});

// What Mermaid's grammar for Gantt charts knows, and what begins a line of other charts.
const WORDS =
  'GANTT DATEFORMAT INCLUSIVEENDDATES TOPAXIS AXISFORMAT TICKINTERVAL INCLUDES EXCLUDES TODAYMARKER WEEKDAY WEEKEND TITLE SECTION ACCTITLE ACCDESCR ACCDESCRIPTION CLICK CALL HREF DONE ACTIVE CRIT MILESTONE VERT AFTER UNTIL END GRAPH FLOWCHART SUBGRAPH CLASS STYLE DEFAULT CONSTRUCTOR PROTOTYPE TOSTRING __PROTO__'
    .split(' ')
    .map((word) => (word.startsWith('_') ? `X${word}` : word));

describe('a chart', () => {
  for (const word of WORDS) {
    it(`survives the state ${word}`, async () => {
      const shown = await show(await withStates(['PENDING', word, `${word}_ME`, `CALL_${word}`]));
      await expectChartOf(shown, ['PENDING', word, `${word}_ME`, `CALL_${word}`]);
    });
  }

  it('shows the last thirty of very many states', async () => {
    const states = Array.from({ length: 500 }, (_, index) => `STATE_${index}`);
    await expectChartOf(await show(await withStates(states)), states.slice(-30));
  });

  const dates = {
    'a year apart': ['0999-01-01T00:00:00.000Z', '0999-12-31T23:59:59.000Z'],
    'a second apart': ['2025-10-20T10:00:00.000Z', '2025-10-20T10:00:01.000Z'],
    'on both sides of a change to summer time': [
      '2025-09-27T13:30:00.000Z',
      '2025-09-27T14:30:00.000Z'
    ]
  };
  for (const [about, [first = '', second = '']] of Object.entries(dates)) {
    it(`is drawn for dates ${about}`, async () => {
      const sampled = await withTransitions([
        { state: 'PENDING', transitionedAt: first },
        { state: 'AWAIT_GOAL_STATE', transitionedAt: second }
      ]);
      await expectChartOf(await show(sampled), ['PENDING', 'AWAIT_GOAL_STATE']);
    });
  }

  const without = {
    'a year that Mermaid cannot read': ['2025-10-20T10:00:00.000Z', '+010000-01-01T00:00:00.000Z'],
    'a time of decades': ['0001-01-01T00:00:00.000Z', '9999-12-31T23:59:59.000Z']
  };
  for (const [about, [first = '', second = '']] of Object.entries(without)) {
    it(`is left out for ${about}, and the table is there`, async () => {
      const shown = await show(
        await withTransitions([
          { state: 'PENDING', transitionedAt: first },
          { state: 'AWAIT_GOAL_STATE', transitionedAt: second }
        ])
      );
      expect(await shown.locator('svg').count()).toBe(0);
      expect(await shown.locator('table').count()).toBe(1);
    });
  }
});

async function withStates(states: readonly string[]): Promise<Played> {
  const start = Date.parse('2025-10-20T10:00:00.000Z');
  return withTransitions(
    states.map((state, index) => ({
      state,
      transitionedAt: new Date(start + index * 60_000).toISOString()
    }))
  );
}

/** A report whose import went this way and is still on it. */
async function withTransitions(transitions: readonly Transition[]): Promise<Played> {
  const { report } = await played('timed out, left running');
  const { read } = report.case;
  if (!read) throw new Error('The sample has been read');
  const last = transitions.at(-1);
  const changed: Import = {
    ...read,
    state: last?.state ?? '',
    transitions,
    readAt: last?.transitionedAt
  };
  return { report: { ...report, case: { ...report.case, read: changed } } };
}
