import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { Browser } from 'playwright-core';
import { MEASURE_CHART, type ChartMeasures } from './chart-measures.ts';
import { CHART_SAMPLES, course, ofStates, shownAs, type ChartSample } from './chart-samples.ts';
import { GitHubPage, MERMAIDS, startChromium, THEMES, WIDTHS } from './github-page.ts';

const TEXT_CONTRAST = 4.5;
const GRAPHICS_CONTRAST = 3;
const GAP_PX = 2;

let browser: Browser;
let pages: readonly GitHubPage[];

beforeAll(async () => {
  browser = await startChromium();
  pages = await Promise.all(MERMAIDS.map((mermaid) => GitHubPage.open(browser, mermaid)));
});

afterAll(async () => {
  await browser.close();
});

function expectRoomForText({ chart, title, ticks, headings, bars, barTexts }: ChartMeasures): void {
  for (const text of [title, ...ticks, ...headings]) {
    expect(text.left).toBeGreaterThanOrEqual(chart.left);
    expect(text.right).toBeLessThanOrEqual(chart.right);
  }
  const sorted = ticks.toSorted((a, b) => a.left - b.left);
  sorted.slice(1).forEach((tick, index) => {
    expect(tick.left - (sorted[index]?.right ?? 0)).toBeGreaterThan(GAP_PX);
  });
  headings.forEach((heading, index) => {
    expect(heading.right).toBeLessThan(bars[index]?.left ?? 0);
  });
  expect(barTexts.replace(/[\s\u200b]/g, '')).toBe('');
}

function expectVisible({ ticks, headings, bars }: ChartMeasures): void {
  for (const { contrast } of [...ticks, ...headings])
    expect(contrast).toBeGreaterThanOrEqual(TEXT_CONTRAST);
  for (const bar of bars) {
    expect(bar.contrast).toBeGreaterThanOrEqual(GRAPHICS_CONTRAST);
    // Its border adds a pixel on each side.
    expect(bar.width).toBeGreaterThanOrEqual(1);
  }
}

/** A row for each state, from the top, with its name and the bar that belongs to it. */
function expectRowsOf({ entries }: ChartSample, { headings, bars }: ChartMeasures): void {
  const shown = entries.slice(-30);
  expect(bars).toHaveLength(shown.length);
  expect(headings).toHaveLength(shown.length);
  shown.forEach(({ state }, index) => {
    // A long name is cut, and one that comes again has its number.
    const [name = ''] = headings[index]?.text.split(/ |…/) ?? [];
    expect(name).toBe(state.length > 25 ? state.slice(0, name.length) : state);
    expect(name.length).toBeGreaterThan(5);
  });
}

async function measuresOf(page: GitHubPage, sample: ChartSample): Promise<ChartMeasures> {
  await page.show(shownAs(sample));
  return page.measure<ChartMeasures>(MEASURE_CHART);
}

describe('a chart', () => {
  for (const [name, sample] of Object.entries(CHART_SAMPLES)) {
    it(`of an import that ${name} is legible in every Mermaid, width and theme`, async () => {
      for (const page of pages) {
        for (const theme of THEMES) {
          for (const widthPx of WIDTHS) {
            await page.look({ theme, widthPx });
            const measures = await measuresOf(page, sample);
            expectRowsOf(sample, measures);
            expectRoomForText(measures);
            expectVisible(measures);
            expect(measures.ticks.length).toBeGreaterThan(0);
          }
        }
      }
    });
  }

  it('has a row a state for two to thirty states', async () => {
    for (let count = 2; count <= 30; count += 1) {
      const [page] = pages;
      if (!page) throw new Error('No page is open');
      await page.look({ theme: 'dark', widthPx: 400 });
      const measures = await measuresOf(page, ofStates(count));
      expectRowsOf(ofStates(count), measures);
      expectRoomForText(measures);
    }
  });

  it('is true to the millisecond', async () => {
    const entries = course(
      [
        ['PENDING', 0],
        ['AWAIT_GOAL_STATE', 250],
        ['SUCCESS', 1000]
      ],
      1000
    );
    for (const page of pages) {
      await page.look({ theme: 'light', widthPx: 1280 });
      const [first, second] = (await measuresOf(page, { entries, stop: undefined })).bars;
      expect((second?.width ?? 0) / (first?.width ?? 1)).toBeCloseTo(3, 1);
    }
  });
});
