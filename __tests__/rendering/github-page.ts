import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { chromium, type Browser, type Locator, type Page } from 'playwright-core';
import { githubHtml } from './github-markdown.ts';

const require = createRequire(import.meta.url);
const CHROMIUM = process.env['CHROMIUM'] ?? '/usr/bin/chromium';

/** GitHub's look of a page. */
export type Theme = 'light' | 'dark';
export const THEMES = ['light', 'dark'] as const satisfies readonly Theme[];

/** A wide window and a phone, in pixels. */
export type Width = 1280 | 400;
export const WIDTHS = [1280, 400] as const satisfies readonly Width[];

/** The oldest Mermaid that still counts, and the newest: nobody knows which of them GitHub has. */
export type Mermaid = 'mermaid-10' | 'mermaid';
export const MERMAIDS = ['mermaid-10', 'mermaid'] as const satisfies readonly Mermaid[];

/** How a page looks. */
export interface Look {
  readonly theme: Theme;
  readonly widthPx: Width;
}

/** Debian's Chromium, kept to itself: it asks no server for anything. */
export async function startChromium(): Promise<Browser> {
  return chromium.launch({
    executablePath: CHROMIUM,
    args: [
      '--no-sandbox',
      '--disable-gpu',
      '--disable-quic',
      '--no-first-run',
      '--disable-background-networking',
      '--disable-component-update',
      '--disable-sync'
    ]
  });
}

/**
 * A page that shows job summaries as GitHub does: GitHub-flavoured Markdown, charts drawn by Mermaid
 * about as wide as GitHub's frame, in the zone of somebody far from UTC.
 */
export class GitHubPage {
  readonly #page: Page;
  #look: Look = { theme: 'light', widthPx: 1280 };

  private constructor(page: Page) {
    this.#page = page;
  }

  static async open(browser: Browser, mermaid: Mermaid): Promise<GitHubPage> {
    const context = await browser.newContext({ timezoneId: 'Pacific/Auckland', offline: true });
    const page = await context.newPage();
    await page.setContent(EMPTY_PAGE);
    await page.addScriptTag({ path: require.resolve(`${mermaid}/dist/mermaid.min.js`) });
    return new GitHubPage(page);
  }

  async look(look: Look): Promise<void> {
    this.#look = look;
    await this.#page.setViewportSize({ width: look.widthPx, height: 400 });
    await this.#page.evaluate(`document.body.dataset.theme = ${JSON.stringify(look.theme)}`);
  }

  /** Gives what is now on the page. @throws Error when a chart does not render. */
  async show(markdown: string): Promise<Locator> {
    const theme = this.#look.theme === 'dark' ? 'dark' : 'default';
    const mermaid = JSON.stringify({ startOnLoad: false, theme });
    await this.#page.evaluate(`(${SHOW})(${JSON.stringify(githubHtml(markdown))}, ${mermaid})`);
    return this.#page.locator('.markdown-body');
  }

  /** What a program in the page gives; it is text because the types of a browser are not Node's. */
  async measure<Measured>(program: string): Promise<Measured> {
    return this.#page.evaluate(program);
  }

  /** The kinds of elements on the page, charts aside, and where its links lead. */
  async elements(): Promise<{
    readonly tags: readonly string[];
    readonly links: readonly string[];
  }> {
    return this.#page.evaluate(`({
      tags: [...document.querySelectorAll('.markdown-body :not(.chart, .chart *)')].map((e) => e.localName),
      links: [...document.links].map((link) => link.href)
    })`);
  }

  /** A picture of the summary, down to the end of its chart if `isCropped`. */
  async screenshot(path: string, isCropped = false): Promise<void> {
    const summary = this.#page.locator('.markdown-body');
    const chart = this.#page.locator('.markdown-body .chart');
    const box = await summary.boundingBox();
    const end = isCropped ? await chart.boundingBox() : null;
    if (!box || !end) await summary.screenshot({ path });
    else {
      const clip = { ...box, height: end.y + end.height - box.y };
      await this.#page.screenshot({ path, clip, fullPage: true });
    }
  }
}

/** A stylesheet of GitHub's for one theme only. */
function stylesOf(theme: Theme): string {
  const path = require.resolve(`github-markdown-css/github-markdown-${theme}.css`);
  return `body[data-theme=${theme}] { ${readFileSync(path, 'utf8')} }`;
}

// GitHub shows a summary in a frame of its own; on a phone little more than 330 pixels are left.
const EMPTY_PAGE = `<!doctype html><meta charset="utf-8"><style>
  ${THEMES.map(stylesOf).join('\n')}
  body { margin: 0; }
  body[data-theme=light] { background: #ffffff; }
  body[data-theme=dark] { background: #0d1117; }
  .markdown-body { padding: 8px 32px; max-width: 868px; }
  .chart { padding: 8px 0 16px; }
</style><body data-theme="light"><article class="markdown-body"></article>`;

const SHOW = `async (html, settings) => {
  const article = document.querySelector('.markdown-body');
  article.innerHTML = html;
  mermaid.initialize(settings);
  for (const [index, block] of article.querySelectorAll('pre[lang=mermaid] > code').entries()) {
    const chart = document.createElement('div');
    chart.className = 'chart';
    block.parentElement.replaceWith(chart);
    const { svg } = await mermaid.render('chart-' + index, block.textContent, chart);
    chart.innerHTML = svg;
  }
}`;
