import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { summaryOf } from '../../src/report/summary.ts';
import { runSample, SAMPLES, type Sample } from '../support/sample-results.ts';
import { GitHubPage, startChromium, type Theme } from './github-page.ts';

/**
 * Draws the job summary of every outcome as GitHub shows it, light and dark, into `summaries/`, and
 * renews the pictures of the README in `docs/`: `npm run summaries`, or `npm run summaries -- NAME`
 * for some. It needs Chromium, which
 * `.ci/install-chromium` installs.
 */

const ROOT = join(import.meta.dirname, '..', '..');
const IN_README: Readonly<Record<string, string>> = {
  reached: 'summary-reached.png',
  'failed in AWAIT_SEED_HOST_CONNECTED': 'summary-failed.png'
};
const THEMES: readonly Theme[] = ['light', 'dark'];

const only = process.argv[2] ?? '';
for (const folder of ['summaries', 'docs']) await mkdir(join(ROOT, folder), { recursive: true });
const browser = await startChromium();
try {
  for (const theme of THEMES) {
    const page = await GitHubPage.open(browser, theme);
    for (const [name, sample] of Object.entries<Sample>(SAMPLES)) {
      if (name.includes(only)) await draw(page, name, sample, theme);
    }
  }
} finally {
  await browser.close();
}

async function draw(page: GitHubPage, name: string, sample: Sample, theme: Theme): Promise<void> {
  const { result, facts } = await runSample(sample);
  const summary = await page.show(summaryOf(result, facts));
  const file = `${name.replaceAll(/\W+/g, '-')}-${theme}.png`;
  await summary.screenshot({ path: join(ROOT, 'summaries', file) });
  const inReadme = IN_README[name];
  if (inReadme !== undefined && theme === 'light')
    await summary.screenshot({ path: join(ROOT, 'docs', inReadme) });
}
