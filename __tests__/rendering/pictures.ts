import { mkdir, rm, writeFile } from 'node:fs/promises';
import { join, relative } from 'node:path';
import { alertBox } from '../../src/report/markdown.ts';
import { summaryOf } from '../../src/report/summary.ts';
import { otherSummaries } from '../support/other-summaries.ts';
import { HOSTILE_TEXT, runSample, SAMPLES, type Sample } from '../support/sample-results.ts';
import { CHART_SAMPLES, shownAs } from './chart-samples.ts';
import { GitHubPage, MERMAIDS, startChromium, THEMES, WIDTHS } from './github-page.ts';

/**
 * Draws the job summary of every outcome as GitHub shows it, and every chart, in a wide window and on
 * a phone, light and dark, with the oldest Mermaid and the newest, into `summaries/`, with an index page; and renews the
 * pictures of the README in `docs/`: `npm run summaries`, or `npm run summaries -- NAME` for some. It
 * needs Chromium and cmark-gfm, which `.ci/install-chromium` installs.
 */

const ROOT = join(import.meta.dirname, '..', '..');
const FOLDER = join(ROOT, 'summaries');
const IN_README: Readonly<Record<string, string>> = {
  reached: 'summary-reached',
  'failed with an error': 'summary-failed'
};

const only = process.argv[2] ?? '';
if (only === '') await rm(FOLDER, { recursive: true, force: true });
for (const folder of [FOLDER, join(ROOT, 'docs')]) await mkdir(folder, { recursive: true });

const pictures = new Map<string, string>();
for (const [name, sample] of Object.entries<Sample>(SAMPLES)) {
  const { report } = await runSample(sample);
  pictures.set(name, summaryOf(report));
}
for (const [name, summary] of otherSummaries()) pictures.set(name, summary);
for (const [name, sample] of Object.entries(CHART_SAMPLES))
  pictures.set(`chart ${name}`, shownAs(sample));
const ALERTS = ['CAUTION', 'WARNING', 'IMPORTANT', 'NOTE'] as const;
const TEXTS = ['The import may still be running.', HOSTILE_TEXT];
pictures.set('alert boxes', ALERTS.map((kind) => alertBox(kind, TEXTS)).join('\n\n'));

/** The files of each picture, in all looks. */
const files = new Map<string, string[]>();
const browser = await startChromium();
try {
  for (const mermaid of MERMAIDS) {
    const page = await GitHubPage.open(browser, mermaid);
    for (const theme of THEMES) {
      for (const widthPx of WIDTHS) {
        await page.look({ theme, widthPx });
        for (const [name, markdown] of pictures) {
          // The Markdown is the same, and nearly all of the charts.
          const isShown = mermaid === 'mermaid' || name.startsWith('chart ');
          if (!name.includes(only) || !isShown) continue;
          await page.show(markdown);
          const words = [name, widthPx, theme, ...(mermaid === 'mermaid' ? [] : [mermaid])];
          const file = `${words.join(' ').replaceAll(/\W+/g, '-')}.png`;
          await page.screenshot(join(FOLDER, file));
          files.set(name, [...(files.get(name) ?? []), file]);
          const inReadme = IN_README[name];
          if (inReadme === undefined || widthPx !== 1280 || mermaid !== 'mermaid') continue;
          const suffix = theme === 'dark' ? '-dark' : '';
          await page.screenshot(join(ROOT, 'docs', `${inReadme}${suffix}.png`), true);
        }
      }
    }
  }
} finally {
  await browser.close();
}
if (only === '') await writeFile(join(FOLDER, 'index.html'), indexPage());
const drawn = [...files.values()].flat().length;
console.log(`${drawn} pictures are in ${relative(process.cwd(), FOLDER)}/.`);

/** All pictures by name, each name with all its looks beside each other. */
function indexPage(): string {
  const sections = [...files].map(([name, all]) => {
    const shown = all.map((file) => `<a href="${file}"><img src="${file}" alt="${file}"></a>`);
    return `<h2>${name}</h2>\n<p>${shown.join('\n')}</p>`;
  });
  return `<!doctype html><meta charset="utf-8"><title>Job summaries</title>
<style>
  body { font-family: sans-serif; background: #888; }
  img { width: 24%; vertical-align: top; }
</style>
<h1>Job summaries</h1>
${sections.join('\n')}
`;
}
