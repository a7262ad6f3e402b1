import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import ts from 'typescript';
import { parse } from 'yaml';
import { updated, type Action } from '../scripts/readme-tables.ts';
import { isPhase, PIPELINE } from '../src/case/states.ts';
import type { Verdict } from '../src/case/verdict.ts';

const root = join(import.meta.dirname, '..');
const PAGES = [
  'README.md',
  'CONTRIBUTING.md',
  'CHANGELOG.md',
  'SECURITY.md',
  'BENCHMARKS.md',
  'SUPPORT.md',
  'CODE_OF_CONDUCT.md',
  ...readdirSync(join(root, 'docs'))
    .filter((name) => name.endsWith('.md'))
    .map((name) => `docs/${name}`)
];

const FORMS = [
  '.github/PULL_REQUEST_TEMPLATE.md',
  ...readdirSync(join(root, '.github/ISSUE_TEMPLATE')).map(
    (name) => `.github/ISSUE_TEMPLATE/${name}`
  )
];

// The compiler asks for a line here when the code knows one more.
const OUTCOMES: Readonly<Record<Verdict['outcome']['kind'], true>> = {
  reached: true,
  failed: true,
  cancelled: true,
  'timed-out': true,
  stalled: true,
  interrupted: true,
  unreachable: true,
  error: true
};
const CANCELLATIONS: Readonly<Record<Verdict['cancellation']['kind'], true>> = {
  'not-needed': true,
  skipped: true,
  confirmed: true,
  requested: true,
  refused: true,
  failed: true
};
const CLEANUPS: Readonly<Record<Verdict['cleanup']['kind'], true>> = {
  'not-needed': true,
  skipped: true,
  deleted: true,
  failed: true
};

/** Where a workflow takes this action, whoever has it; with the version. */
const USES = /uses: [\w-]+\/await-ops-manager-import@(\S+)/g;
/** A page of this project on GitHub. */
const HOME = /^https:\/\/github\.com\/[\w-]+\/await-ops-manager-import\/(.*)$/gm;
const USED = /^[\w-]+\/await-ops-manager-import@/;

const action = parse(text('action.yml')) as Action;

function text(path: string): string {
  return readFileSync(join(root, path), 'utf8');
}

/** A page without what stands in code blocks. */
function prose(path: string): string {
  return text(path).replace(/^```.*?^```/gms, '');
}

/** The first cells of the table whose first column is headed `head`, without backticks. */
function firstColumn(page: string, head: string): string[] {
  const [, rows = ''] =
    new RegExp(`^\\| ${head} .*\\n\\|[ :|-]+\\n((?:\\|.*\\n)+)`, 'm').exec(page) ?? [];
  return Array.from(rows.matchAll(/^\| (.*?) *\|/gm), ([, cell = '']) => cell.replaceAll('`', ''));
}

/** What a description lists as "one of a, b and c". */
function oneOf(description = ''): string[] {
  return /one of ([\w\s,-]+)/.exec(description)?.[1]?.split(/, | and /) ?? [];
}

describe('the tables of the README', () => {
  const readme = text('README.md');

  it('are those of action.yml and of the pipeline', () => {
    expect(updated(readme, action, PIPELINE)).toBe(readme);
  });

  it('have a group for each input, and refuse one that has none', () => {
    const description = 'An input that somebody has just added.';
    const more = { ...action, inputs: { ...action.inputs, newcomer: { description } } };
    expect(() => updated(readme, more, PIPELINE)).toThrow('newcomer is in no group');
    const { timeout, ...fewer } = action.inputs;
    expect(timeout).toBeDefined();
    expect(() => updated(readme, { ...action, inputs: fewer }, PIPELINE)).toThrow(
      'timeout is no input'
    );
  });

  it('follow a new state of the pipeline', () => {
    const longer = updated(readme, action, [...PIPELINE, 'NEWCOMER']);
    expect(longer).not.toBe(readme);
    expect(longer).toContain('`SUCCESS` → `NEWCOMER`');
  });
});

describe('the states', () => {
  it('are the goals that action.yml names', () => {
    const named = action.inputs['goal-state']?.description.match(/\b[A-Z][A-Z_]{4,}\b/g);
    expect(named).toEqual(PIPELINE);
  });

  it('in progress are the phases that the page on diagnosis names', () => {
    const phases = firstColumn(text('docs/diagnosis.md'), 'the import stood in');
    expect(phases).toEqual(PIPELINE.filter(isPhase));
  });
});

describe('the values of outputs', () => {
  it.each([
    { output: 'outcome', kinds: OUTCOMES, page: 'README.md', head: 'outcome' },
    {
      output: 'cancellation',
      kinds: CANCELLATIONS,
      page: 'docs/settling.md',
      head: 'cancellation'
    },
    { output: 'cleanup', kinds: CLEANUPS, page: 'docs/settling.md', head: 'cleanup' }
  ])('of $output are all explained', ({ output, kinds, page, head }) => {
    const names = Object.keys(kinds);
    expect(oneOf(action.outputs[output]?.description)).toEqual(names);
    expect(firstColumn(text(page), head)).toEqual(names);
  });
});

describe('the pages', () => {
  it.each(PAGES)('of %s link to what is there', (page) => {
    const links = Array.from(
      text(page).matchAll(/\]\(([^)\s]+)\)|(?:src|srcset)="([^"]+)"/g),
      ([, link, picture]) => link ?? picture ?? ''
    ).filter((link) => !/^https?:/.test(link));
    expect(links.filter((link) => !leadsSomewhere(page, link))).toEqual([]);
  });

  // What stands elsewhere can only be held by its form here, where there may be no network.
  it.each([...PAGES, ...FORMS])('of %s link elsewhere by https alone, and home truly', (page) => {
    const links = text(page).match(/\bhttps?:\/\/[^\s)<>"'`|\]]*[^\s)<>"'`|\].,]/g) ?? [];
    expect(links.filter((link) => !isWellFormed(link))).toEqual([]);
    const homes = Array.from(links.join('\n').matchAll(HOME), ([, path = '']) => path);
    expect(homes.filter((path) => !isAtHome(path))).toEqual([]);
  });

  it('are told from links that lead nowhere', () => {
    expect(['https://example.com:0x', 'http://docs.github.com'].map(isWellFormed)).toEqual([
      false,
      false
    ]);
    const paths = ['blob/v1/NO.md', 'blob/v1/README.md#no', 'issues/new?template=no.yml', 'wikis'];
    expect(paths.map(isAtHome)).toEqual(paths.map(() => false));
  });

  it.each([...PAGES, 'action.yml'])('of %s have one kind of apostrophe', (page) => {
    expect(prose(page).match(/.*\w'\w.*/g)).toBeNull();
  });

  it('name no command that there is not', () => {
    const { scripts } = JSON.parse(text('package.json')) as { scripts: Record<string, string> };
    const all = [...PAGES, ...FORMS].map(text).join('\n');
    const named = Array.from(all.matchAll(/npm run ([\w:]+)/g), ([, name = '']) => name);
    const files = Array.from(all.matchAll(/(?<![\w/])\.ci\/([\w-]+)/g), ([path]) => path);
    expect([named.length, files.length].every((count) => count > 3)).toBe(true);
    expect(named.filter((name) => !Object.hasOwn(scripts, name))).toEqual([]);
    expect(files.filter((path) => !existsSync(join(root, path)))).toEqual([]);
  });

  it('name in the map what is in src, and nothing else', () => {
    const named = text('CONTRIBUTING.md').match(/^src\/\S+/gm) ?? [];
    const there = readdirSync(join(root, 'src'), { withFileTypes: true }).map((entry) =>
      entry.isDirectory() ? `src/${entry.name}/` : `src/${entry.name}`
    );
    expect([...named].sort()).toEqual([...there].sort());
  });

  it('say truly where the parts of the house are', () => {
    const places = Array.from(text('CONTRIBUTING.md').matchAll(/`(\w+)` \(`(src\/[^`]+)`\)/g));
    expect(places.length).toBeGreaterThan(5);
    for (const [, name = '', path = ''] of places) {
      expect(text(path)).toMatch(new RegExp(`^export .*\\b${name}\\b`, 'm'));
    }
  });

  it('are of one version, that of package.json, which the changelog has with its link', () => {
    const { version } = JSON.parse(text('package.json')) as { version: string };
    const lock = JSON.parse(text('package-lock.json')) as { version: string };
    expect(lock.version).toBe(version);
    const pins = ['README.md', ...PAGES.filter((page) => page.startsWith('docs/'))].flatMap(
      (page) => Array.from(text(page).matchAll(USES), ([, pin = '']) => pin)
    );
    expect(pins.length).toBeGreaterThan(10);
    expect(new Set(pins)).toEqual(new Set([`v${version}`]));
    const changelog = text('CHANGELOG.md');
    const released = Array.from(
      changelog.matchAll(/^## \[(\d.*?)\] - /gm),
      ([, name = '']) => name
    );
    expect(released[0]).toBe(version);
    const links = Array.from(changelog.matchAll(/^\[(.*)\]: https:/gm), ([, name = '']) => name);
    expect(links).toEqual(['Unreleased', ...released]);
    const [major = ''] = version.split('.');
    expect(text('SECURITY.md')).toContain(`the major version ${major}. \`v${major}\` always`);
  });

  it('use no input that the action does not have', () => {
    const workflows = PAGES.flatMap((page) =>
      Array.from(text(page).matchAll(/^```yaml\n(.*?)^```/gms), ([, yaml = '']) => yaml)
    ).filter((yaml) => new RegExp(USES).test(yaml));
    expect(workflows.length).toBeGreaterThan(10);
    for (const workflow of workflows) {
      const given = inputsIn(parse(workflow));
      expect(given.filter((name) => !Object.hasOwn(action.inputs, name))).toEqual([]);
      expect(given).toEqual(expect.arrayContaining(['base-url', 'project-id', 'private-key']));
      const ways = given.filter((name) => ['request-id', 'import-request'].includes(name));
      expect(ways.length).toBe(given.filter((name) => name === 'base-url').length);
    }
  });

  it('quote only figures that were measured', () => {
    const [, measured = ''] = text('docs/retries.md').split(/<!-- \/?measured -->/);
    const figures = measured.match(/\d+(?:\.\d+)?/g) ?? [];
    expect(figures.length).toBeGreaterThan(5);
    const benchmarks = new Set(text('BENCHMARKS.md').match(/\d+(?:\.\d+)?/g));
    expect(figures.filter((figure) => !benchmarks.has(figure))).toEqual([]);
  });
});

describe('what the action says', () => {
  const sentences = sourceFiles('src').flatMap(textsIn);

  it('is what the page on troubleshooting quotes', () => {
    const quotes = firstColumnQuotes(text('docs/troubleshooting.md'));
    expect(quotes.length).toBeGreaterThan(10);
    expect(quotes.filter((quote) => !sentences.some((said) => said.includes(quote)))).toEqual([]);
  });

  it('in a title is found on the page on troubleshooting', () => {
    const titles = ['src/report', 'src/ops-manager', 'src/wait'].flatMap(sourceFiles);
    const said = titles.flatMap(titlesIn);
    expect(said.length).toBeGreaterThan(50);
    const page = text('docs/troubleshooting.md').toLowerCase();
    const isThere = (part: string): boolean => page.includes(part.toLowerCase());
    expect(said.filter((parts) => !parts.some(isThere))).toEqual([]);
  });

  it('has one kind of apostrophe', () => {
    expect(sentences.filter((said) => /\w'\w/.test(said))).toEqual([]);
  });

  it('has none of the words that people do not use', () => {
    const words = /\bmend|on every way out|through thick and thin|looks after it|stood still for/i;
    const documents = PAGES.flatMap((page) => prose(page).split('\n'));
    expect([...sentences, ...documents].filter((said) => words.test(said))).toEqual([]);
  });
});

/** The names of the inputs that the steps of this action in a workflow give, however deep they stand. */
function inputsIn(yaml: unknown): string[] {
  if (typeof yaml !== 'object' || yaml === null) return [];
  const { uses, with: given } = yaml as { readonly uses?: unknown; readonly with?: object };
  const own = typeof uses === 'string' && USED.test(uses) ? Object.keys(given ?? {}) : [];
  return [...own, ...Object.values(yaml).flatMap(inputsIn)];
}

/** Whether a file and, in a page, a heading is there for a link. */
function leadsSomewhere(page: string, link: string): boolean {
  const [path = '', anchor] = link.split('#');
  const target = path === '' ? page : join(dirname(page), path);
  if (!existsSync(join(root, target))) return false;
  if (anchor === undefined) return true;
  const headings = prose(target).matchAll(/^#+ (.*)$/gm);
  return Array.from(headings, ([, heading = '']) => anchorOf(heading)).includes(anchor);
}

/** Of the examples, those of Ops Manager and of proxies may be plain. */
function isWellFormed(link: string): boolean {
  if (!URL.canParse(link)) return false;
  const { protocol, hostname } = new URL(link);
  return protocol === 'https:' || /(?:^|\.)example\.com$|^proxy$|^127\.0\.0\.1$/.test(hostname);
}

/** Whether a page of this project on GitHub is there: a file, a form, or one that GitHub makes. */
function isAtHome(path: string): boolean {
  const [, file = ''] = /^blob\/[^/]+\/(.*)$/.exec(path) ?? [];
  if (file !== '') return leadsSomewhere('README.md', file);
  const [, form] = /^issues\/new\?template=(.*)$/.exec(path) ?? [];
  if (form !== undefined) return existsSync(join(root, '.github/ISSUE_TEMPLATE', form));
  const [, flow] = /^actions\/workflows\/(\w+\.yml)(?:\/badge\.svg)?$/.exec(path) ?? [];
  if (flow !== undefined) return existsSync(join(root, '.github/workflows', flow));
  return /^(?:releases|compare|issues|discussions|security)(?:\/|$)/.test(path);
}

/** The anchor that GitHub gives a heading. */
function anchorOf(heading: string): string {
  return heading
    .toLowerCase()
    .replace(/[^\p{L}\p{N} _-]/gu, '')
    .replaceAll(' ', '-');
}

/** What stands in backticks in the first column. */
function firstColumnQuotes(page: string): string[] {
  return Array.from(page.matchAll(/^\| (`.*?) *\|/gm), ([, cell = '']) =>
    Array.from(cell.matchAll(/`([^`]+)`/g), ([, quote = '']) => quote)
  ).flat();
}

function sourceFiles(folder: string): string[] {
  return readdirSync(join(root, folder), { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith('.ts'))
    .map((name) => join(folder, name));
}

/** The titles in a source file, each as its words that stand together. */
function titlesIn(path: string): (readonly string[])[] {
  const titles: (readonly string[])[] = [];
  const take = (node: ts.Node): void => {
    if (ts.isStringLiteralLike(node)) titles.push([node.text]);
    else if (ts.isTemplateExpression(node))
      titles.push([node.head.text, ...node.templateSpans.map(({ literal }) => literal.text)]);
    else ts.forEachChild(node, take);
  };
  const visit = (node: ts.Node): void => {
    const title = titleAt(node);
    if (title) take(title);
    ts.forEachChild(node, visit);
  };
  visit(ts.createSourceFile(path, text(path), ts.ScriptTarget.Latest, true));
  return titles
    .map((parts) => parts.map(withoutEnds).filter((part) => part.length > 5 && !NAME.test(part)))
    .filter((parts) => parts.length > 0);
}

/** A name in the code is no title. */
const NAME = /[a-z][A-Z]/;

/** Without punctuation before and behind. */
function withoutEnds(part: string): string {
  return part.replace(/^[^\p{L}\p{N}]+|[^\p{L}\p{N})]+$/gu, '');
}

/** What becomes a title: of an error, an outcome, an annotation; not of a page of Ops Manager’s. */
function titleAt(node: ts.Node): ts.Node | undefined {
  if (ts.isCallExpression(node))
    return /^(?:logWarning|logError|calm)$/.test(node.expression.getText())
      ? node.arguments[0]
      : undefined;
  const isNamed =
    (ts.isPropertyAssignment(node) || ts.isVariableDeclaration(node)) &&
    /^(?:title|short)$/.test(node.name.getText());
  return isNamed && !/\burl:/.test(node.parent.getText()) ? node.initializer : undefined;
}

/** The texts in a source file: its literals and what stands between the values of its templates. */
function textsIn(path: string): string[] {
  const texts: string[] = [];
  const visit = (node: ts.Node): void => {
    if (ts.isStringLiteralLike(node) || ts.isTemplateLiteralToken(node)) texts.push(node.text);
    ts.forEachChild(node, visit);
  };
  visit(ts.createSourceFile(path, text(path), ts.ScriptTarget.Latest));
  return texts;
}
