import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { marked } from 'marked';
import { chromium, type Browser, type Locator, type Page } from 'playwright-core';

const require = createRequire(import.meta.url);
const CHROMIUM = process.env['CHROMIUM'] ?? '/usr/bin/chromium';

/** GitHub's look of a page. */
export type Theme = 'light' | 'dark';

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
  readonly #theme: Theme;

  private constructor(page: Page, theme: Theme) {
    this.#page = page;
    this.#theme = theme;
  }

  static async open(browser: Browser, theme: Theme): Promise<GitHubPage> {
    const context = await browser.newContext({
      viewport: { width: 900, height: 400 },
      timezoneId: 'Pacific/Auckland',
      offline: true
    });
    const page = await context.newPage();
    await page.setContent(emptyPage(theme));
    await page.addScriptTag({ path: require.resolve('mermaid/dist/mermaid.min.js') });
    return new GitHubPage(page, theme);
  }

  /** Gives what is now on the page. @throws Error when a chart does not render. */
  async show(markdown: string): Promise<Locator> {
    const html = marked.parse(markdown, { gfm: true, async: false });
    const mermaid = { startOnLoad: false, theme: this.#theme === 'dark' ? 'dark' : 'default' };
    await this.#page.evaluate(`(${SHOW})(${JSON.stringify(html)}, ${JSON.stringify(mermaid)})`);
    return this.#page.locator('.markdown-body');
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
}

function emptyPage(theme: Theme): string {
  const path = require.resolve(`github-markdown-css/github-markdown-${theme}.css`);
  return `<!doctype html><meta charset="utf-8"><style>${readFileSync(path, 'utf8')}
    body { margin: 0; background: ${theme === 'dark' ? '#0d1117' : '#ffffff'}; }
    .markdown-body { padding: 8px 16px; width: 868px; }
    .chart { padding: 8px 0 16px; }
  </style><article class="markdown-body"></article>`;
}

/** Runs in the page; it is text because the types of a browser are not those of Node. */
const SHOW = `async (html, settings) => {
  const article = document.querySelector('.markdown-body');
  article.innerHTML = html;
  mermaid.initialize(settings);
  for (const [index, block] of article.querySelectorAll('code.language-mermaid').entries()) {
    const chart = document.createElement('div');
    chart.className = 'chart';
    block.parentElement.replaceWith(chart);
    const { svg } = await mermaid.render('chart-' + index, block.textContent, chart);
    chart.innerHTML = svg;
  }
}`;
