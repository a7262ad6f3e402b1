import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { bundledLicenses, STATISTICS } from './bundled-packages.ts';

/**
 * Checks that dist/licenses.txt has the licence of every package that the last build bundled, and
 * of each part of one that others have made: undici holds three.
 */
const PARTS = ['undici/lib/llhttp', 'undici/lib/milo', 'undici/lib/web/fetch'];

const written = `\n${readFileSync(join(import.meta.dirname, '../dist/licenses.txt'), 'utf8')}`;
const bundled = bundledLicenses();
const names = new Set([...bundled.map(({ name }) => name), ...PARTS]);
const missing = [...names].filter((name) => !hasLicense(name));

if (bundled.length === 0) {
  console.error(`${STATISTICS} names no package: is it what ncc --stats-out wrote?`);
  process.exitCode = 1;
} else if (missing.length > 0) {
  console.error(`dist/licenses.txt lacks the licence of ${missing.join(', ')}.`);
  process.exitCode = 1;
} else {
  console.log(`dist/licenses.txt has all ${names.size} licences of what is bundled.`);
}

/** A section is a name, and the text as it came with the package, or one that names its licence. */
function hasLicense(name: string): boolean {
  const [, section = ''] = written.split(`\n${name}\n`);
  const { text } = bundled.find((each) => each.name === name) ?? { text: '' };
  return (
    text !== '' && section.startsWith(text) && /copyright|licen[cs]e/i.test(text.slice(0, 250))
  );
}
