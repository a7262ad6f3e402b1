import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

const PATH = join(import.meta.dirname, '../BENCHMARKS.md');

/** A Markdown table; the first column stands left and numbers right, unless told otherwise. */
export function table(
  head: readonly string[],
  rows: readonly (readonly string[])[],
  sides = ['left', ...head.slice(1).map(() => 'right')].join(' ')
): string {
  const rule = sides.split(' ').map((side) => (side === 'left' ? '---' : '---:'));
  return [head, rule, ...rows].map((cells) => `| ${cells.join(' | ')} |`).join('\n');
}

/** Replaces what stands between `<!-- name -->` and `<!-- /name -->` in BENCHMARKS.md. */
export function replaceSection(name: string, text: string): void {
  const [start, end] = [`<!-- ${name} -->`, `<!-- /${name} -->`];
  if (!existsSync(PATH)) throw new Error('There is no BENCHMARKS.md.');
  const [before, rest] = readFileSync(PATH, 'utf8').split(start);
  const after = rest?.split(end)[1];
  if (before === undefined || after === undefined)
    throw new Error(`BENCHMARKS.md has no ${start} … ${end}`);
  const fenced = `<!-- prettier-ignore-start -->\n\n${text}\n\n<!-- prettier-ignore-end -->`;
  writeFileSync(PATH, `${before}${start}\n\n${fenced}\n\n${end}${after}`);
}
